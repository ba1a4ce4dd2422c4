//! What may cure one death: for each cause the changes that could help at the place where the frame died.
//!
//! Nothing is promised here. A cure that does not help is noticed when the conversation is held again; one that is not
//! needed is left out later. So this may be generous where it is cheap, and must only not forget what helps.

use nsw_core::{Action, Mac, Reason};

use super::super::change::{Change, Scope, SecurityElement, modest_learning};
use super::super::path::Level;
use super::super::why::{Fact, Fault, Question};
use super::manner::{By, Manner, On};
use crate::sim::DeathCause;

mod bridge;
mod cable;
pub(super) mod sure;
mod vlan;
mod whose;

/// Each of these lists of changes may cure the death.
pub(super) fn of(question: &Question, fault: &Fault, manner: Manner) -> Vec<Vec<Change>> {
    let levels = question.levels().concat();
    let site = Site { question, fault, manner, levels: &levels };
    let DeathCause::Reason(reason) = fault.at.cause else { return site.beside_the_switch() };
    match reason {
        Reason::ForgedTransmit => site.let_out(),
        Reason::DestNotRegistered | Reason::GroupNotJoined | Reason::PromiscuousNotGranted => site.let_in(),
        Reason::PortBlockedMacChange => site.honour_the_mac(),
        Reason::VlanMismatch | Reason::NoPortInVlan => vlan::cures(&site),
        // For want of a guest that takes it, a frame for one behind it wants to leave.
        Reason::NoUplink => [site.let_in_by_a_bridge(), cable::cures(&site)].concat(),
        Reason::ReverseTeam => cable::only_this_uplink(&site),
        Reason::Mtu => site.widen(),
        Reason::MacLimit => site.learn_more(),
        Reason::Hairpin | Reason::ReversePath => whose::cures(question),
        // Nobody's policy, or one that a fix should not touch: a broken frame, a dead link, a loop, a limit on purpose.
        Reason::Malformed
        | Reason::PortDown
        | Reason::InvalidSource
        | Reason::GuestBpdu
        | Reason::LinkLocal
        | Reason::ForgedReflection
        | Reason::Shaper
        | Reason::Beacon => Vec::new(),
    }
}

/// A death, and what is around it.
struct Site<'q> {
    question: &'q Question,
    fault: &'q Fault,
    manner: Manner,
    levels: &'q [Level],
}

impl Site<'_> {
    fn beside_the_switch(&self) -> Vec<Vec<Change>> {
        match self.fault.at.cause {
            DeathCause::OtherVlan => vlan::cures(self),
            DeathCause::NoPath => [cable::cures(self), vlan::cures(self)].concat(),
            DeathCause::BackWhereItCameFrom => [bridge::not_back(self), whose::cures(self.question)].concat(),
            DeathCause::RegisteredElsewhere | DeathCause::LearnedElsewhere | DeathCause::OtherAddress => {
                whose::cures(self.question)
            }
            _ => Vec::new(),
        }
    }

    /// The level whose port it died at, or whose port led on.
    fn level(&self, target: &str) -> Option<&Level> {
        let place = &self.fault.at.place;
        let here =
            |level: &&Level| Some(&level.at.host) == place.host.as_ref() && level.at.vswitch == place.device;
        let exact = self.levels.iter().filter(here).find(|level| Some(&level.port) == place.port.as_ref());
        let refused = self.fault.because.iter().filter_map(|cause| cause.place.port.as_ref());
        let refused: Vec<&String> = refused.collect();
        let led_on = self.levels.iter().filter(here).find(|level| refused.contains(&&level.port));
        let end = self.question.ends().into_iter().find(|end| end.name == target)?;
        let of_target = super::super::path::levels(&self.question.lab, end);
        let on_the_way = self.levels.iter().filter(here).find(|level| of_target.contains(level));
        exact.or(led_on).or(on_the_way)
    }

    /// A frame from an address that the port may not send from.
    fn let_out(&self) -> Vec<Vec<Change>> {
        let bridge = bridge::level(self);
        let Some(level) = self.level(&self.fault.from).filter(|level| level.is_host).or(bridge.as_ref())
        else {
            return self.honour_the_mac();
        };
        let Some(src) = self.source() else { return Vec::new() };
        match self.manner.by {
            By::Address => whose::the_address_of(self, level),
            By::AllowList | By::PromiscuousAllowList => self.at(level, |at| Change::Allow { at, mac: src }),
            By::Learning | By::Sink | By::Promiscuous => {
                self.at(level, |at| accept(at, SecurityElement::ForgedTransmits))
            }
        }
    }

    /// A frame that the outer switch has nobody for.
    fn let_in(&self) -> Vec<Vec<Change>> {
        match self.level(&self.fault.to).filter(|level| level.is_host) {
            Some(level) => self.let_in_at(level),
            None => [self.let_in_by_a_bridge(), self.honour_the_mac()].concat(),
        }
    }

    /// The same where a guest that bridges would hand it on.
    fn let_in_by_a_bridge(&self) -> Vec<Vec<Change>> {
        bridge::level(self).map(|level| self.let_in_at(&level)).unwrap_or_default()
    }

    fn let_in_at(&self, level: &Level) -> Vec<Vec<Change>> {
        let to_a_group = self.fault.kind.is_to_a_group();
        let mac = self.target_mac();
        match self.manner.by {
            By::Address => whose::the_address_of(self, level),
            By::AllowList if !to_a_group => self.at(level, |at| Change::Allow { at, mac }),
            By::Learning if !to_a_group => {
                let learning = modest_learning(addresses_behind(self.question, level));
                self.at(level, |at| Change::Learn { at, learning })
            }
            By::Sink if !to_a_group => self.at(level, |at| Change::Sink { at }),
            By::AllowList | By::Learning | By::Sink => Vec::new(),
            By::PromiscuousAllowList | By::Promiscuous => {
                self.at(level, |at| accept(at, SecurityElement::Promiscuous))
            }
        }
    }

    /// The guest of an end has changed its MAC, and that is refused.
    fn honour_the_mac(&self) -> Vec<Vec<Change>> {
        let ends = self.question.ends();
        let changed = self
            .levels
            .iter()
            .filter(|level| !level.is_host)
            .filter(|level| ends.iter().any(|end| end.owner == level.owner && end.mac != level.mac));
        changed
            .flat_map(|level| {
                let (vm, nic) = (level.owner.clone(), level.adapter.clone());
                [
                    vec![Change::KeepMac { vm, nic }],
                    vec![accept(level.at.clone(), SecurityElement::MacChanges)],
                ]
            })
            .collect()
    }

    /// The vSwitch carries what was sent, and no more.
    fn widen(&self) -> Vec<Vec<Change>> {
        let place = &self.fault.at.place;
        let (Some(host), Ok(mtu)) = (place.host.clone(), u16::try_from(self.question.world.packet_len()))
        else {
            return Vec::new();
        };
        vec![vec![Change::Mtu { host, vswitch: place.device.clone(), mtu }]]
    }

    fn learn_more(&self) -> Vec<Vec<Change>> {
        let Some(level) = self.level(&self.fault.from) else { return Vec::new() };
        let learning = modest_learning(addresses_behind(self.question, level));
        vec![vec![Change::Learn { at: level.at.clone(), learning }]]
    }

    /// The change on the object of the manner; nothing where the manner makes no difference to another one.
    fn at(&self, level: &Level, change: impl FnOnce(Scope) -> Change) -> Vec<Vec<Change>> {
        let cure = match self.manner.on {
            On::PortGroup => vec![change(level.at.clone())],
            On::VSwitch => vec![change(level.at.whole_switch())],
            On::Dedicated if is_alone(self.question, level) => vec![change(level.at.clone())],
            On::Dedicated => {
                let Some(like) = level.at.port_group.clone() else { return Vec::new() };
                let host = level.at.host.clone();
                let name = free_name(self.question, &host, &level.owner);
                let at = Scope::group(&host, &level.at.vswitch, &name);
                let (vm, nic) = (level.owner.clone(), level.adapter.clone());
                vec![
                    Change::AddPortGroup { host, name: name.clone(), like },
                    Change::Connect { vm, nic, port_group: name },
                    change(at),
                ]
            }
        };
        vec![cure]
    }

    fn source(&self) -> Option<Mac> {
        self.fault.facts.iter().find_map(|fact| match fact {
            Fact::Source { src, .. } => Some(*src),
            _ => None,
        })
    }

    fn target_mac(&self) -> Mac {
        let [from, to] = self.question.ends();
        if to.name == self.fault.to { to.mac } else { from.mac }
    }
}

fn accept(at: Scope, element: SecurityElement) -> Change {
    Change::Security { at, element, action: Action::Accept }
}

/// Is nobody else connected to the port group of this level?
fn is_alone(question: &Question, level: &Level) -> bool {
    let Some(host) = question.lab.host(&level.at.host) else { return true };
    let group = level.at.port_group.as_ref();
    let of_vms = host.vms.iter().flat_map(|vm| vm.nics.iter().map(move |nic| (&vm.name, nic)));
    let others = of_vms.filter(|(vm, nic)| Some(&nic.port_group) == group && **vm != level.owner);
    others.count() + host.vmkernels.iter().filter(|vmk| Some(&vmk.port_group) == group).count() == 0
}

/// A name that no port group of the host has, after the VM.
fn free_name(question: &Question, host: &str, vm: &str) -> String {
    let taken = |name: &str| question.lab.host(host).is_some_and(|host| host.vswitch_of(name).is_some());
    let plain = format!("{vm} only");
    (2..).map(|n| format!("{plain} {n}")).find(|name| !taken(name)).filter(|_| taken(&plain)).unwrap_or(plain)
}

/// A limit for the addresses inside a nested host: twice as many as there are, at least eight.
fn addresses_behind(question: &Question, level: &Level) -> u32 {
    let inside = question.lab.host(&level.owner).map_or(1, |host| {
        let hosts = host.descend();
        hosts.iter().map(|(_, host)| host.vms.len() + host.vmkernels.len()).sum()
    });
    u32::try_from(inside).unwrap_or(u32::MAX).saturating_mul(2).max(8).min(*nsw_core::Learning::LIMIT.end())
}
