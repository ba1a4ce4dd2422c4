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
    pub name: Arc<str>,
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

/// The same, with ports by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forward {
    Flood,
    Known(usize),
    BackWhereItCameFrom,
    LinkLocal,
    Malformed,
}

/// The addresses that one bridge has learned, with their VLAN and port.
pub(super) type Learned = HashMap<(u16, Mac), usize, FixedState>;

impl Bridge {
    /// Learns the source and decides.
    pub(super) fn learn_and_forward(&self, learned: &mut Learned, ingress: usize, bytes: &[u8]) -> Forward {
        if let Ok(frame) = Frame::parse(bytes)
            && frame.src().is_station()
        {
            learned.insert((vlan_of(&frame), frame.src()), ingress);
        }
        self.forward(learned, ingress, bytes)
    }

    /// Decides by what is learned; that of the source it would have learned itself counts, too.
    pub(super) fn forward(&self, learned: &Learned, ingress: usize, bytes: &[u8]) -> Forward {
        let Ok(frame) = Frame::parse(bytes) else { return Forward::Malformed };
        let (src, dst) = (frame.src(), frame.dst());
        if dst.is_link_local_group() && dst != Mac::BRIDGE_GROUP {
            return Forward::LinkLocal;
        }
        let place = || {
            if src == dst && src.is_station() {
                Some(ingress)
            } else {
                learned.get(&(vlan_of(&frame), dst)).copied()
            }
        };
        match place().filter(|_| !dst.is_group()) {
            Some(port) if port == ingress => Forward::BackWhereItCameFrom,
            Some(port) => Forward::Known(port),
            None => Forward::Flood,
        }
    }

    /// The ports that a frame leaves by.
    pub(super) fn leaves_by(&self, forward: Forward, ingress: usize) -> impl Iterator<Item = usize> + use<> {
        let ports = match forward {
            Forward::Flood => 0..self.ports.len(),
            Forward::Known(port) => port..port + 1,
            Forward::BackWhereItCameFrom | Forward::LinkLocal | Forward::Malformed => 0..0,
        };
        ports.filter(move |port| *port != ingress)
    }

    /// What it did, with names.
    pub(super) fn told(&self, forward: Forward) -> Forwarding {
        match forward {
            Forward::Flood => Forwarding::Flood,
            Forward::Known(port) => Forwarding::Known { port: self.port_name(port) },
            Forward::BackWhereItCameFrom => Forwarding::BackWhereItCameFrom,
            Forward::LinkLocal => Forwarding::LinkLocal,
            Forward::Malformed => Forwarding::Malformed,
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
