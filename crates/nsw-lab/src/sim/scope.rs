//! How far a frame is followed, where only some of its copies matter; and which devices stand above an end point.
//!
//! A vSwitch hands on what comes by an uplink to its inside only. So a copy goes *up*, from a vSwitch to the one around it,
//! until it leaves the physical host, passes one segment, and from there on goes *down* into hosts and never out again.
//! What it meets on its way from `a` to `b` are therefore the vSwitches above `a`, the segments these are cabled to, and
//! the vSwitches above `b`; copies that go elsewhere neither come back nor change what those remember. Not to follow
//! them saves a large lab's worth of work for each frame and changes nothing at either end. Guests that bridge their
//! adapters break the rule of the road; where there is one, everything is followed.

use std::sync::Arc;

use super::bridge::BridgeKind;
use super::converse::Conversation;
use super::endpoint::EndpointId;
use super::talk;
use super::world::{Far, Memory, SwitchId, World};

/// The devices and end points that copies are followed to. Segments are followed always.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    /// Sorted.
    switches: Vec<SwitchId>,
    ends: Ends,
}

/// The end points that copies are followed to.
#[derive(Clone, Copy, Debug)]
enum Ends {
    All,
    None,
    Two([EndpointId; 2]),
}

impl Scope {
    /// These vSwitches, and every end point.
    pub(crate) fn switches(switches: Vec<SwitchId>) -> Arc<Self> {
        Self::of(switches, Ends::All)
    }

    /// These vSwitches, and no end point.
    pub(super) fn switches_only(switches: Vec<SwitchId>) -> Arc<Self> {
        Self::of(switches, Ends::None)
    }

    fn of(mut switches: Vec<SwitchId>, ends: Ends) -> Arc<Self> {
        switches.sort_unstable();
        switches.dedup();
        Arc::new(Self { switches, ends })
    }

    pub(super) fn follows(&self, far: Far) -> bool {
        match (far, self.ends) {
            (Far::Endpoint(_), Ends::All) => true,
            (Far::Endpoint(_), Ends::None) | (Far::Nowhere, _) => false,
            (Far::Endpoint(id), Ends::Two(ends)) => ends.contains(&id),
            (Far::Switch(id, _), _) => self.switches.binary_search(&id).is_ok(),
            (Far::Bridge(..), _) => true,
        }
    }
}

/// Where an uplink leads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Upward<'w> {
    /// No cable, or nobody at its end.
    Nowhere,
    /// To a segment.
    Segment(&'w str),
    /// To a port of the vSwitch around.
    Outer(SwitchId, nsw_core::PortId),
}

impl World {
    /// The vSwitch and those around it, innermost first: the ones that its frames can come to on their way out.
    pub(crate) fn above(&self, id: SwitchId) -> Vec<SwitchId> {
        let mut above = vec![id];
        let mut next = 0;
        while let Some(&id) = above.get(next) {
            next += 1;
            for (_, far) in self.uplinks(id) {
                if let Far::Switch(outer, _) = far
                    && !above.contains(&outer)
                {
                    above.push(outer);
                }
            }
        }
        above
    }

    /// The uplinks of a vSwitch by slot, each with what it leads to.
    pub(super) fn uplinks(&self, id: SwitchId) -> impl Iterator<Item = (nsw_core::PortId, Far)> {
        let ports = self.switches[id.0].switch.ports().map(|port| port.id);
        ports.filter(|port| port.is_uplink()).map(move |port| (port, self.far(id, port)))
    }

    /// The uplinks of a vSwitch by slot, each with where it leads.
    pub(crate) fn upward(&self, id: SwitchId) -> impl Iterator<Item = (nsw_core::PortId, Upward<'_>)> {
        self.uplinks(id).map(|(port, far)| {
            let end = match far {
                Far::Switch(outer, port) => Upward::Outer(outer, port),
                Far::Bridge(bridge, _) => Upward::Segment(&self.bridges[bridge.0].name),
                Far::Endpoint(_) | Far::Nowhere => Upward::Nowhere,
            };
            (port, end)
        })
    }

    /// The segment that a station is on.
    pub(crate) fn segment_of(&self, id: EndpointId) -> Option<String> {
        match self.endpoint(id).attached {
            Far::Bridge(bridge, _) => Some(self.bridges[bridge.0].name.to_string()),
            Far::Endpoint(_) | Far::Switch(..) | Far::Nowhere => None,
        }
    }

    /// The place in the lab of the segment of this name.
    pub(crate) fn place_of_segment(&self, name: &str) -> Option<usize> {
        self.bridges.iter().position(|bridge| bridge.kind == BridgeKind::Segment && *bridge.name == *name)
    }

    /// The vSwitches above an end point; none for a station.
    pub(crate) fn above_end(&self, id: EndpointId) -> Vec<SwitchId> {
        self.port_of(id).map_or_else(Vec::new, |(switch, _)| self.above(switch))
    }

    /// Does a frame that went down never go up again?
    pub(crate) fn keeps_to_the_road(&self) -> bool {
        self.bridges.iter().all(|bridge| bridge.kind == BridgeKind::Segment)
    }

    /// What [`World::converse`] says, without following copies that concern neither of the two.
    pub(crate) fn converse_within(&self, from: EndpointId, to: EndpointId) -> Conversation {
        self.converse_with(self.memory_between(from, to), from, to)
    }

    /// Does [`World::converse_within`] say that they reach each other? Of their ways nothing is written down.
    pub(crate) fn reaches_within(&self, from: EndpointId, to: EndpointId) -> bool {
        let addresses = self.common_network(from, to).ok().filter(|_| from != to);
        addresses.is_some_and(|addresses| {
            talk::is_answered(self, self.memory_between(from, to), [from, to], addresses)
        })
    }

    fn memory_between(&self, from: EndpointId, to: EndpointId) -> Memory {
        let mut memory = self.cold();
        memory.scope = self.keeps_to_the_road().then(|| {
            let mut switches = self.above_end(from);
            switches.extend(self.above_end(to));
            Scope::of(switches, Ends::Two([from, to]))
        });
        memory
    }
}
