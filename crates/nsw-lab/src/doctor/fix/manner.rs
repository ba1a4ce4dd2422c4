//! The manners in which a closed policy can be cured, and where.

use super::super::platform::Platform;
use super::Question;
use crate::sim::{EndpointKind, Verdict};

/// How a fix cures what a policy closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Manner {
    /// By which setting.
    pub by: By,
    /// On which object.
    pub on: On,
}

/// By which setting frames of a nested VM are let out and in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum By {
    /// The VM has the address that the outer switch knows.
    Address,
    /// An allow-list.
    AllowList,
    /// MAC learning with a limit, and forged transmits.
    Learning,
    /// A sink port, and forged transmits.
    Sink,
    /// Promiscuous mode to come in, an allow-list to go out.
    PromiscuousAllowList,
    /// Promiscuous mode and forged transmits.
    Promiscuous,
}

/// On which object the setting is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum On {
    /// A port group of its own for the nested host.
    Dedicated,
    /// The port group that the nested host is connected to.
    PortGroup,
    /// The vSwitch, so that every port group without an override inherits it.
    VSwitch,
}

impl Manner {
    /// Of changes that touch no policy.
    pub(super) const OTHER: Self = Self { by: By::Promiscuous, on: On::PortGroup };

    /// All that are tried.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        const ALL: [By; 6] =
            [By::Address, By::AllowList, By::Learning, By::Sink, By::PromiscuousAllowList, By::Promiscuous];
        let everywhere = |by: &By| [On::Dedicated, On::PortGroup, On::VSwitch].map(|on| Self { by: *by, on });
        ALL.iter().flat_map(everywhere).filter(|manner| manner.makes_sense())
    }

    /// On a whole vSwitch only what products are told to do there.
    fn makes_sense(self) -> bool {
        match self.by {
            By::Address => self.on == On::PortGroup,
            By::Promiscuous => true,
            By::AllowList | By::Learning | By::Sink | By::PromiscuousAllowList => self.on != On::VSwitch,
        }
    }

    pub(super) fn is_possible(self, platform: Platform) -> bool {
        match self.by {
            By::AllowList | By::PromiscuousAllowList => platform.has_allow_lists(),
            By::Learning => platform.has_mac_learning(),
            By::Sink => platform.has_sinks(),
            By::Address | By::Promiscuous => true,
        }
    }
}

/// The VMkernel adapter of the innermost nested host around one end, if it talks with the other end: then a router or an
/// address translator there would get through. That it routes cannot be tried, for a lab file has no routers.
pub(super) fn router(question: &Question) -> Option<String> {
    let levels = question.levels();
    let pairs = [(&levels[0], question.to), (&levels[1], question.from)];
    pairs.into_iter().find_map(|(levels, other)| {
        let host = &levels.iter().find(|level| level.is_host)?.owner;
        let own = question.world.endpoint_ids().find(|id| {
            let end = question.world.endpoint(*id);
            end.kind == EndpointKind::Vmkernel && end.owner == *host
        })?;
        let talks = question.world.converse(own, other).verdict == Verdict::Reachable;
        (talks && own != question.from && own != question.to)
            .then(|| question.world.endpoint(own).name.clone())
    })
}
