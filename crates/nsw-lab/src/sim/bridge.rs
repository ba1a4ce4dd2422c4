//! A learning bridge: the physical network outside, or a guest that bridges its adapters.
//!
//! It learns each source by VLAN and address, sends a known destination to its port and everything else to all ports
//! but the one it came by. It has no spanning tree: two bridges between the same networks make a loop, as they do on a
//! desk, and BPDUs are handed on like any group. So does a bridge of Linux, which it is in a live lab. Other link-local
//! groups it does not forward.
//!
//! **Invariant:** never back out of the ingress port.

use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::FixedState;
use nsw_core::{Frame, Mac, Tag};

use super::world::Far;

/// What a bridge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgeKind {
    /// A segment of the physical network.
    Segment,
    /// A guest that forwards between its adapters.
    Guest,
}

/// A learning bridge and what its ports lead to.
#[derive(Clone, Debug)]
pub struct Bridge {
    /// The segment's or VM's name.
    pub name: String,
    /// What it is.
    pub kind: BridgeKind,
    pub(super) ports: Vec<BridgePort>,
}

/// One port of a bridge.
#[derive(Clone, Debug)]
pub(super) struct BridgePort {
    pub(super) name: String,
    pub(super) far: Far,
}

/// The place of a bridge in its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BridgeId(pub(super) usize);

/// What a bridge did with a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forwarding {
    /// To every port but the one it came by.
    Flood,
    /// To the one port that the destination was learned on.
    Known {
        /// The port.
        port: String,
    },
    /// Nowhere: the destination was learned on the port that the frame came by.
    BackWhereItCameFrom,
    /// Nowhere: a bridge does not forward link-local groups, but for BPDUs that it has no use for.
    LinkLocal,
    /// Nowhere: the bytes are no whole Ethernet frame.
    Malformed,
}

/// The addresses that one bridge has learned.
#[derive(Clone, Debug, Default)]
pub(super) struct Learned {
    places: HashMap<(u16, Mac), usize, FixedState>,
    /// What it knew before, shared by many memories.
    before: Option<Arc<Learned>>,
}

impl Learned {
    /// A memory that begins with all that `before` has learned.
    pub(super) fn after(before: &Arc<Self>) -> Self {
        Self { places: HashMap::default(), before: Some(Arc::clone(before)) }
    }

    /// The addresses that it has learned itself, with their VLAN.
    pub(super) fn addresses(&self) -> impl Iterator<Item = (u16, Mac)> {
        self.places.keys().copied()
    }

    fn place(&self, vlan: u16, mac: Mac) -> Option<usize> {
        let before = || self.before.as_ref()?.place(vlan, mac);
        self.places.get(&(vlan, mac)).copied().or_else(before)
    }
}

impl Bridge {
    /// Learns the source and picks the ports that the frame leaves by.
    pub(super) fn forward(
        &self,
        learned: &mut Learned,
        ingress: usize,
        bytes: &[u8],
    ) -> (Forwarding, Vec<usize>) {
        let Ok(frame) = Frame::parse(bytes) else { return (Forwarding::Malformed, Vec::new()) };
        let vlan = vlan_of(&frame);
        if frame.src().is_station() {
            learned.places.insert((vlan, frame.src()), ingress);
        }
        if frame.dst().is_link_local_group() && frame.dst() != Mac::BRIDGE_GROUP {
            return (Forwarding::LinkLocal, Vec::new());
        }
        match learned.place(vlan, frame.dst()).filter(|_| !frame.dst().is_group()) {
            Some(port) if port == ingress => (Forwarding::BackWhereItCameFrom, Vec::new()),
            Some(port) => (Forwarding::Known { port: self.port_name(port) }, vec![port]),
            None => (Forwarding::Flood, (0..self.ports.len()).filter(|port| *port != ingress).collect()),
        }
    }

    /// The name of a port: that of the station or host on the other end.
    pub(super) fn port_name(&self, port: usize) -> String {
        self.ports.get(port).map(|port| port.name.clone()).unwrap_or_default()
    }
}

/// The VLAN of a frame on a wire: its tag's id, 0 without one.
pub(super) fn vlan_of(frame: &Frame<'_>) -> u16 {
    frame.tag().map_or(0, Tag::vid)
}
