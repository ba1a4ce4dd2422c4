//! A lab in which everybody has spoken: bridges and vSwitches know every address that they can know.
//!
//! From a cold start a physical switch floods; that is true of every lab and lasts for a moment. What lasts is asked here:
//! each end point, in the order of the lab, has announced itself once by a broadcast. An address whose announcements die
//! on the way stays unknown, and is flooded for good.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use foldhash::fast::FixedState;
use nsw_core::{Mac, PortId, State, ethertype};

use super::bridge::{BridgeId, BridgeKind};
use super::endpoint::EndpointId;
use super::packet;
use super::scope::Scope;
use super::trail::Trail;
use super::world::{Far, Memory, SwitchId, World};

/// What devices remember once everybody has spoken. Probes look at it and leave it as it is.
#[derive(Clone, Debug)]
pub(crate) struct Settled {
    memory: Arc<Memory>,
}

/// Payload of an announcement in bytes, as of a short frame.
const ANNOUNCEMENT_LEN: usize = 46;

/// A device that knows an address, and the VLAN in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// A vSwitch has seen it.
    At(SwitchId, u16),
    /// The segment with this place in the lab has learned it.
    Outside(usize, u16),
}

impl Settled {
    /// Who knows which address.
    pub(crate) fn known(&self, world: &World) -> HashMap<Mac, Vec<Known>, FixedState> {
        let mut known: HashMap<Mac, Vec<Known>, FixedState> = HashMap::default();
        for id in world.switch_ids() {
            for (vlan, mac) in self.memory.states.get(&id).into_iter().flat_map(State::addresses) {
                known.entry(mac).or_default().push(Known::At(id, vlan.get()));
            }
        }
        for (segment, learned) in self.memory.learned.iter().enumerate() {
            for (vlan, mac) in learned.keys().copied() {
                known.entry(mac).or_default().push(Known::Outside(segment, vlan));
            }
        }
        known.values_mut().for_each(|known| known.sort_unstable());
        known
    }
}

impl World {
    /// Lets everybody announce itself, from a cold start.
    ///
    /// Only sources are learned, and only on the way out ([`super::scope`]); so the copies that go down need not be
    /// followed.
    pub(crate) fn settle(&self) -> Settled {
        let mut memory = self.cold();
        // Many are on one vSwitch.
        let mut scopes: HashMap<Option<SwitchId>, Option<Arc<Scope>>> = HashMap::new();
        for id in self.endpoint_ids() {
            let scope = || self.keeps_to_the_road().then(|| Scope::switches_only(self.above_end(id)));
            let switch = self.port_of(id).map(|(switch, _)| switch);
            memory.scope.clone_from(scopes.entry(switch).or_insert_with(scope));
            let endpoint = self.endpoint(id);
            self.follow(&mut memory, endpoint.attached, self.announcement(id, endpoint.mac));
        }
        memory.scope = None;
        Settled { memory: Arc::new(memory) }
    }

    /// Lets an end point send these bytes in the settled lab. Copies are followed within `scope`, if the lab keeps to the
    /// road.
    pub(crate) fn probe(
        &self,
        settled: &Settled,
        scope: Option<Arc<Scope>>,
        from: EndpointId,
        frame: Vec<u8>,
    ) -> Trail {
        self.follow(&mut self.after(settled, scope), self.endpoint(from).attached, frame)
    }

    /// The same for bytes that come into this port of a vSwitch, whoever is behind it.
    pub(crate) fn probe_at(
        &self,
        settled: &Settled,
        scope: Option<Arc<Scope>>,
        (switch, port): (SwitchId, PortId),
        frame: Vec<u8>,
    ) -> Trail {
        self.follow(&mut self.after(settled, scope), Far::Switch(switch, port), frame)
    }

    /// The same for bytes that somebody sends on this segment from outside of the lab.
    pub(crate) fn probe_from(
        &self,
        settled: &Settled,
        scope: Option<Arc<Scope>>,
        segment: usize,
        frame: Vec<u8>,
    ) -> Trail {
        let entry = Far::Bridge(BridgeId(segment), usize::MAX);
        self.follow(&mut self.after(settled, scope), entry, frame)
    }

    fn after(&self, settled: &Settled, scope: Option<Arc<Scope>>) -> Memory {
        Memory {
            before: Some(Arc::clone(&settled.memory)),
            scope: scope.filter(|_| self.keeps_to_the_road()),
            ..Memory::default()
        }
    }

    /// The places of the segments in the lab.
    pub(crate) fn segments(&self) -> impl Iterator<Item = usize> {
        let bridges = self.bridges.iter().enumerate();
        bridges.filter(|(_, bridge)| bridge.kind == BridgeKind::Segment).map(|(place, _)| place)
    }

    /// The broadcast by which `from` says that `mac` is where it is.
    pub(crate) fn announcement(&self, from: EndpointId, mac: Mac) -> Vec<u8> {
        Self::announcement_in(self.endpoint(from).vlan, mac)
    }

    /// The same with this tag, 0 for none.
    pub(crate) fn announcement_in(vlan: u16, mac: Mac) -> Vec<u8> {
        packet::ethernet(Mac::BROADCAST, mac, vlan, ethertype::RARP, &[0; ANNOUNCEMENT_LEN])
    }

    /// A unicast frame that `from` sends to `to`, whose MAC it knows.
    pub(crate) fn unicast(
        &self,
        from: EndpointId,
        to: EndpointId,
        (own, target): (IpAddr, IpAddr),
    ) -> Option<Vec<u8>> {
        packet::echo_request(self.endpoint(from), self.endpoint(to).mac, own, target, self.packet_len)
    }
}
