//! What came of one frame: the hops it took, and the end points that it reached. Plain data.
//!
//! A hop keeps the tables that were in force when it was taken, so that a journey stays true when the world changes.

use std::sync::Arc;

use nsw_core::{Outcome, PortId, Step, Tables};

use super::bridge::{BridgeId, BridgeKind, Forwarding};
use super::endpoint::{Acceptance, EndpointId};
use super::world::SwitchId;

/// Devices that one frame and all its copies visit at most; what exceeds it is a storm.
pub const MAX_HOPS: usize = 4096;

/// End points that one frame and all its copies come to at most; what exceeds it is a storm.
pub const MAX_ARRIVALS: usize = 65536;

/// A frame with all its copies, from where it was sent to wherever they ended.
#[derive(Clone, Debug)]
pub struct Journey {
    /// Who or what sent it: an end point, or the port it was put into.
    pub from: String,
    /// The bytes as they were sent.
    pub frame: Arc<[u8]>,
    /// The devices that it came to, in the order of breadth: all copies take one hop, then all take the next.
    pub hops: Vec<Hop>,
    /// The end points whose adapters it came to, whether or not it was for them.
    pub arrivals: Vec<Arrival>,
    /// Copies came back, or became too many; some were not followed.
    pub storm: Option<Storm>,
}

/// Why a journey was cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storm {
    /// A copy came by a port that it had come by before, unchanged: in a real network it goes round for ever.
    Loop {
        /// The hop whose copy came back.
        hop: usize,
    },
    /// More than [`MAX_HOPS`] hops or [`MAX_ARRIVALS`] arrivals.
    TooManyCopies,
}

/// A visit of a copy at one device.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The hop it came from; `None` for the first.
    pub came_from: Option<usize>,
    /// The bytes as they came in.
    pub frame: Arc<[u8]>,
    /// The device, and what it did.
    pub at: At,
    /// Where each copy went; in the order of `Outcome::deliveries` for a vSwitch.
    pub exits: Vec<Exit>,
}

/// A device, and what it did with a frame.
#[derive(Clone, Debug)]
pub enum At {
    /// A vSwitch decided.
    VSwitch(SwitchVisit),
    /// A learning bridge forwarded.
    Bridge(BridgeVisit),
}

/// A frame at a vSwitch.
#[derive(Clone, Debug)]
pub struct SwitchVisit {
    /// The host.
    pub host: String,
    /// The vSwitch.
    pub switch: SwitchId,
    /// Its tables at that moment; they know every name.
    pub tables: Arc<Tables>,
    /// The port that the frame came by.
    pub ingress: PortId,
    /// How it was decided.
    pub steps: Vec<Step>,
    /// What was decided.
    pub outcome: Outcome,
}

/// A frame at a learning bridge.
#[derive(Clone, Debug)]
pub struct BridgeVisit {
    /// The bridge.
    pub bridge: BridgeId,
    /// A segment, or a guest.
    pub kind: BridgeKind,
    /// Its name.
    pub name: String,
    /// The port that the frame came by.
    pub ingress: usize,
    /// That port's name.
    pub ingress_name: String,
    /// What it did.
    pub forwarding: Forwarding,
}

/// A copy that left a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The port it left by.
    pub port: String,
    /// Where it went.
    pub onward: Onward,
}

/// Where a copy went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// To another device: the index of that hop.
    Hop(usize),
    /// To an end point: the index of that arrival.
    Arrival(usize),
    /// Out of a port that nothing is connected to.
    Nowhere,
    /// Not followed: see [`Journey::storm`].
    NotFollowed,
}

/// A copy at the adapter of an end point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Who.
    pub endpoint: EndpointId,
    /// Its name.
    pub name: String,
    /// The last device; an index into [`Journey::hops`].
    pub hop: usize,
    /// The bytes that arrived.
    pub frame: Arc<[u8]>,
    /// How it is taken.
    pub acceptance: Acceptance,
}

impl Journey {
    /// The copies that `endpoint` took as meant for it.
    pub fn received_by(&self, endpoint: EndpointId) -> impl Iterator<Item = &Arrival> {
        self.arrivals
            .iter()
            .filter(move |arrival| arrival.endpoint == endpoint && arrival.acceptance.is_for_it())
    }
}
