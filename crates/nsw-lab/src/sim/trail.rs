//! Where a frame and its copies came, and nothing else of their way: what is left of a [`Journey`](super::journey::Journey)
//! when frames are sent by the thousand.

use std::sync::Arc;

use nsw_core::{Frame, PortId};

use super::bridge::{BridgeId, vlan_of};
use super::endpoint::{Acceptance, EndpointId};
use super::world::{Far, SwitchId, World};

/// The way of a frame.
#[derive(Clone, Debug)]
pub(crate) struct Trail {
    /// The devices that it came to, in the order of breadth.
    pub(super) stops: Vec<Stop>,
    /// The end points whose adapters it came to, whether or not it was for them.
    pub(crate) arrivals: Vec<Landing>,
}

/// A visit of a copy at one device.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// The stop it came from; `None` for the first.
    pub(super) came_from: Option<usize>,
    /// The device, and the port it came by.
    pub(super) entry: Far,
    /// The bytes as they came in.
    pub(super) frame: Arc<[u8]>,
    pub(super) did: Did,
}

/// What a device did with a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Did {
    Nothing,
    /// It was given to one port or more.
    Deliver,
    /// A learning bridge did not know where it was for.
    Flood,
}

/// A copy at the adapter of an end point.
#[derive(Clone, Debug)]
pub(crate) struct Landing {
    /// Who.
    pub(crate) endpoint: EndpointId,
    /// The last device.
    pub(super) stop: usize,
    /// The bytes that arrived.
    pub(super) frame: Arc<[u8]>,
    /// How it is taken.
    pub(crate) acceptance: Acceptance,
}

impl Trail {
    /// The segment that the frame came out to from the host where it was sent, and its VLAN there.
    pub(crate) fn exit(&self, world: &World) -> Option<(Arc<str>, u16)> {
        self.stops.iter().find_map(|stop| {
            let bridge = &world.bridges[stop.bridge()?.0];
            let vlan = Frame::parse(&stop.frame).as_ref().map_or(0, vlan_of);
            Some((Arc::clone(&bridge.name), vlan))
        })
    }

    /// The end points that took a copy as meant for them.
    pub(crate) fn heard_by(&self) -> impl Iterator<Item = EndpointId> {
        self.arrivals.iter().filter(|landing| landing.acceptance.is_for_it()).map(|landing| landing.endpoint)
    }

    /// What `endpoint` took as meant for it.
    pub(super) fn heard(&self, endpoint: EndpointId) -> Option<&Arc<[u8]>> {
        let mut heard = self.arrivals.iter().filter(|landing| landing.acceptance.is_for_it());
        heard.find(|landing| landing.endpoint == endpoint).map(|landing| &landing.frame)
    }

    /// Did a segment not know where it was for?
    pub(crate) fn is_flooded(&self) -> bool {
        self.stops.iter().any(|stop| stop.did == Did::Flood)
    }

    /// Did the first device give it to anybody?
    pub(crate) fn got_in(&self) -> bool {
        self.stops.first().is_some_and(|stop| stop.did != Did::Nothing)
    }

    /// The vSwitches of nested hosts that a copy came into, by an uplink.
    pub(crate) fn nested_hosts(&self) -> impl Iterator<Item = SwitchId> {
        self.stops.iter().filter_map(|stop| self.nested(stop))
    }

    /// The devices in turn: a vSwitch, or else the name of a segment.
    pub(crate) fn devices<'w>(&self, world: &'w World) -> impl Iterator<Item = (Option<SwitchId>, &'w str)> {
        self.stops.iter().filter_map(|stop| match stop.entry {
            Far::Switch(id, _) => Some((Some(id), &*world.switches[id.0].host)),
            Far::Bridge(id, _) => Some((None, &*world.bridges[id.0].name)),
            Far::Endpoint(_) | Far::Nowhere => None,
        })
    }

    /// How many adapters were given a copy for which nobody behind them had a use: of end points, and of nested hosts.
    pub(crate) fn needless_copies(&self) -> usize {
        let ends = self.arrivals.iter().filter(|landing| !landing.acceptance.is_for_it()).count();
        let welcome = self.arrivals.iter().filter(|landing| landing.acceptance.is_for_it());
        let wanted =
            wanted(self.stops.iter().map(|stop| stop.came_from), welcome.map(|landing| landing.stop));
        let unwanted = self.stops.iter().zip(wanted).filter(|(_, wanted)| !wanted);
        ends + unwanted.filter(|(stop, _)| self.nested(stop).is_some()).count()
    }

    /// The vSwitch of a nested host, if the copy came into one here.
    fn nested(&self, stop: &Stop) -> Option<SwitchId> {
        let (id, ingress) = stop.switch()?;
        let outer = &self.stops[stop.came_from?];
        (ingress.is_uplink() && outer.switch().is_some()).then_some(id)
    }
}

/// By device in turn: did a copy, from there on, come to somebody that it was for? Of each device is said where it came from,
/// and of each welcome copy which device was its last.
pub(super) fn wanted(
    came_from: impl DoubleEndedIterator<Item = Option<usize>> + ExactSizeIterator,
    welcome: impl Iterator<Item = usize>,
) -> Vec<bool> {
    let mut wanted = vec![false; came_from.len()];
    welcome.for_each(|last| wanted[last] = true);
    for (number, parent) in came_from.enumerate().rev() {
        if let Some(parent) = parent {
            wanted[parent] |= wanted[number];
        }
    }
    wanted
}

impl Stop {
    fn switch(&self) -> Option<(SwitchId, PortId)> {
        if let Far::Switch(id, ingress) = self.entry { Some((id, ingress)) } else { None }
    }

    fn bridge(&self) -> Option<BridgeId> {
        if let Far::Bridge(id, _) = self.entry { Some(id) } else { None }
    }
}
