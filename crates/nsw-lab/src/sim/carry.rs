//! A frame on its way: from device to device, breadth first, until every copy has ended.
//!
//! **Invariant:** bounded. A copy that comes unchanged by a port it came by before is in a loop and is not followed;
//! and no journey has more than [`MAX_HOPS`] hops and [`MAX_ARRIVALS`] arrivals.

use std::collections::VecDeque;
use std::sync::Arc;

use nsw_core::{Beacon, Delivery, Drop, Frame, Outcome, PortId, Reason, Step, TagAction, decide};

use super::bridge::{BridgeId, Learned};
use super::endpoint::EndpointId;
use super::journey::{
    Arrival, At, BridgeVisit, Exit, Hop, Journey, MAX_ARRIVALS, MAX_HOPS, Onward, Storm, SwitchVisit,
};
use super::packet;
use super::world::{Far, Memory, SwitchId, World};

impl World {
    /// Lets an end point send these bytes. What bridges and vSwitches remember of them stays remembered.
    pub fn send(&mut self, from: EndpointId, frame: Vec<u8>) -> Journey {
        let mut memory = std::mem::take(&mut self.memory);
        let journey = self.carry_from(&mut memory, from, frame);
        self.memory = memory;
        journey
    }

    pub(super) fn carry_from(&self, memory: &mut Memory, from: EndpointId, frame: Vec<u8>) -> Journey {
        let endpoint = self.endpoint(from);
        self.carry(memory, endpoint.name.clone(), endpoint.attached, frame)
    }

    /// Carries a frame that comes into a device by the port `entry`.
    pub(super) fn carry(&self, memory: &mut Memory, from: String, entry: Far, frame: Vec<u8>) -> Journey {
        let frame: Arc<[u8]> = frame.into();
        let journey =
            Journey { from, frame: Arc::clone(&frame), hops: Vec::new(), arrivals: Vec::new(), storm: None };
        let mut carrier = Carrier { world: self, memory, journey, queue: VecDeque::new() };
        carrier.queue.push_back(Parcel { entry, frame, came_from: None });
        while let Some(parcel) = carrier.queue.pop_front() {
            carrier.visit(parcel);
        }
        carrier.journey
    }
}

/// A copy on a cable.
struct Parcel {
    entry: Far,
    frame: Arc<[u8]>,
    came_from: Option<usize>,
}

struct Carrier<'w> {
    world: &'w World,
    memory: &'w mut Memory,
    journey: Journey,
    queue: VecDeque<Parcel>,
}

impl Carrier<'_> {
    fn visit(&mut self, parcel: Parcel) {
        let number = self.journey.hops.len();
        let (at, copies) = match parcel.entry {
            Far::Switch(id, ingress) => self.visit_switch(id, ingress, &parcel.frame),
            Far::Bridge(id, ingress) => self.visit_bridge(id, ingress, &parcel.frame),
            Far::Endpoint(_) | Far::Nowhere => return,
        };
        let Parcel { frame, came_from, .. } = parcel;
        self.journey.hops.push(Hop { came_from, frame, at, exits: Vec::new() });
        for (port, far, bytes) in copies {
            let onward = self.pass_on(number, far, bytes);
            if !self.memory.is_terse {
                self.journey.hops[number].exits.push(Exit { port, onward });
            }
        }
    }

    fn visit_switch(&mut self, id: SwitchId, ingress: PortId, bytes: &Arc<[u8]>) -> (At, Vec<Copy>) {
        let entry = &self.world.switches[id.0];
        let is_terse = self.memory.is_terse;
        let mut steps = Vec::new();
        let mut outcome = Outcome::default();
        match Frame::parse(bytes) {
            Ok(frame) => {
                let (state, now_ns) = self.memory.state(id, &entry.tables);
                if is_terse {
                    decide(&entry.tables, state, ingress, &frame, now_ns, &mut |_: Step| {}, &mut outcome);
                } else {
                    let mut trace = |step: Step| steps.push(step);
                    decide(&entry.tables, state, ingress, &frame, now_ns, &mut trace, &mut outcome);
                }
                if outcome.drop.is_some_and(|drop| drop.reason == Reason::Beacon) {
                    let beacon = Beacon::read(&frame).map(|beacon| (id, ingress, beacon));
                    self.memory.heard.extend(beacon);
                }
            }
            Err(_) => {
                let drop = Drop { reason: Reason::Malformed, port: ingress };
                outcome.drop = Some(drop);
                steps.push(Step::Drop(drop));
            }
        }
        let copy = |delivery: &Delivery| {
            let port = self.named(|| entry.tables.port_name(delivery.port).to_owned());
            (port, self.world.far_end(id, delivery.port), on_wire(bytes, *delivery))
        };
        let followed =
            outcome.deliveries.iter().filter(|delivery| self.follows(self.world.far(id, delivery.port)));
        let copies = followed.map(copy).collect();
        let (host, tables) = (entry.host.clone(), entry.tables.clone());
        (At::VSwitch(SwitchVisit { host, switch: id, tables, ingress, steps, outcome }), copies)
    }

    fn visit_bridge(&mut self, id: BridgeId, ingress: usize, bytes: &Arc<[u8]>) -> (At, Vec<Copy>) {
        let bridge = &self.world.bridges[id.0];
        let learned: &mut Learned = &mut self.memory.learned[id.0];
        let (forwarding, ports) = bridge.forward(learned, ingress, bytes);
        let copies = ports
            .into_iter()
            .filter(|port| {
                self.memory.scope.as_ref().is_none_or(|scope| scope.follows(bridge.ports[*port].far))
            })
            .map(|port| {
                (
                    self.named(|| bridge.port_name(port)),
                    self.world.through(bridge.ports[port].far),
                    Arc::clone(bytes),
                )
            })
            .collect();
        let visit = BridgeVisit {
            bridge: id,
            kind: bridge.kind,
            name: bridge.name.clone(),
            ingress,
            ingress_name: self.named(|| bridge.port_name(ingress)),
            forwarding,
        };
        (At::Bridge(visit), copies)
    }

    /// A name, where names are written down.
    fn named(&self, name: impl FnOnce() -> String) -> String {
        if self.memory.is_terse { String::new() } else { name() }
    }

    fn follows(&self, far: Far) -> bool {
        self.memory.scope.as_ref().is_none_or(|scope| scope.follows(far))
    }

    fn pass_on(&mut self, hop: usize, far: Far, frame: Arc<[u8]>) -> Onward {
        match far {
            Far::Nowhere => Onward::Nowhere,
            Far::Endpoint(_) if self.journey.arrivals.len() >= MAX_ARRIVALS => {
                self.journey.storm = self.journey.storm.or(Some(Storm::TooManyCopies));
                Onward::NotFollowed
            }
            Far::Endpoint(id) => {
                let endpoint = self.world.endpoint(id);
                let acceptance = endpoint.accepts(&frame);
                let name = self.named(|| endpoint.name.clone());
                self.journey.arrivals.push(Arrival { endpoint: id, name, hop, frame, acceptance });
                Onward::Arrival(self.journey.arrivals.len() - 1)
            }
            entry @ (Far::Switch(..) | Far::Bridge(..)) => self.queue_hop(hop, entry, frame),
        }
    }

    fn queue_hop(&mut self, hop: usize, entry: Far, frame: Arc<[u8]>) -> Onward {
        let number = self.journey.hops.len() + self.queue.len();
        let storm = if self.came_before(hop, entry, &frame) {
            Some(Storm::Loop { hop })
        } else if number >= MAX_HOPS {
            Some(Storm::TooManyCopies)
        } else {
            None
        };
        if storm.is_some() {
            self.journey.storm = self.journey.storm.or(storm);
            return Onward::NotFollowed;
        }
        self.queue.push_back(Parcel { entry, frame, came_from: Some(hop) });
        Onward::Hop(number)
    }

    fn came_before(&self, hop: usize, entry: Far, frame: &[u8]) -> bool {
        let mut next = Some(hop);
        while let Some(hop) = next.map(|hop| &self.journey.hops[hop]) {
            if hop.at.entry() == entry && *hop.frame == *frame {
                return true;
            }
            next = hop.came_from;
        }
        false
    }
}

/// Port name, what it leads to, bytes.
type Copy = (String, Far, Arc<[u8]>);

impl At {
    pub(super) fn entry(&self) -> Far {
        match self {
            Self::VSwitch(visit) => Far::Switch(visit.switch, visit.ingress),
            Self::Bridge(visit) => Far::Bridge(visit.bridge, visit.ingress),
        }
    }
}

/// The bytes of a copy, as the far end is given them.
fn on_wire(bytes: &Arc<[u8]>, delivery: Delivery) -> Arc<[u8]> {
    let padding = delivery.padding(bytes.len());
    if delivery.tag == TagAction::Keep && padding == 0 {
        return Arc::clone(bytes);
    }
    let mut copy = retag(bytes, delivery.tag);
    copy.resize(copy.len() + padding, 0);
    copy.into()
}

fn retag(bytes: &[u8], action: TagAction) -> Vec<u8> {
    match action {
        TagAction::Keep => bytes.to_vec(),
        TagAction::Pop => packet::without_tag(bytes),
        TagAction::Push(tag) => packet::with_tag(bytes, tag),
        TagAction::Replace(tag) => packet::with_tag(&packet::without_tag(bytes), tag),
    }
}
