//! A frame on its way: from device to device, breadth first, until every copy has ended.
//!
//! **Invariant:** bounded. A copy that comes unchanged by a port it came by before is in a loop and is not followed;
//! and no journey has more than [`MAX_HOPS`] hops and [`MAX_ARRIVALS`] arrivals.

use std::collections::VecDeque;
use std::sync::Arc;

use nsw_core::{Beacon, Delivery, Drop, Frame, Outcome, PortId, Reason, Step, TagAction, decide};

use super::bridge::{BridgeId, Forward};
use super::endpoint::EndpointId;
use super::journey::{
    Arrival, At, BridgeVisit, Exit, Hop, Journey, MAX_ARRIVALS, MAX_HOPS, Onward, Storm, SwitchVisit,
};
use super::packet;
use super::trail::{Did, Landing, Stop, Trail};
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
        let full = Full { hops: Vec::new(), arrivals: Vec::new() };
        let (Carrier { storm, .. }, full) = self.carried(memory, entry, &frame, full);
        Journey { from, frame, hops: full.hops, arrivals: full.arrivals, storm }
    }

    /// The same, of which only where copies came is wanted.
    pub(super) fn follow(&self, memory: &mut Memory, entry: Far, frame: Vec<u8>) -> Trail {
        let (Carrier { stops, arrivals, .. }, Nothing) = self.carried(memory, entry, &frame.into(), Nothing);
        Trail { stops, arrivals }
    }

    fn carried<'w, R: Record>(
        &'w self,
        memory: &'w mut Memory,
        entry: Far,
        frame: &Arc<[u8]>,
        mut record: R,
    ) -> (Carrier<'w>, R) {
        let mut carrier = Carrier {
            world: self,
            memory,
            stops: Vec::new(),
            arrivals: Vec::new(),
            storm: None,
            queue: VecDeque::new(),
            outcome: Outcome::default(),
        };
        carrier.queue.push_back(Parcel { entry, frame: Arc::clone(frame), came_from: None });
        while let Some(parcel) = carrier.queue.pop_front() {
            carrier.visit(parcel, &mut record);
        }
        (carrier, record)
    }
}

/// What is written down of a frame on its way, besides where its copies came.
trait Record {
    /// Is it told how vSwitches decide?
    const STEPS: bool;

    fn hop(&mut self, hop: impl FnOnce() -> Hop);
    /// A copy left a device, the hop of this number.
    fn exit(&mut self, hop: usize, exit: impl FnOnce() -> Exit);
    fn arrival(&mut self, arrival: impl FnOnce() -> Arrival);
}

/// All of it, for people to read.
struct Full {
    hops: Vec<Hop>,
    arrivals: Vec<Arrival>,
}

/// Frames are sent by the thousand to see what comes where.
struct Nothing;

impl Record for Full {
    const STEPS: bool = true;

    fn hop(&mut self, hop: impl FnOnce() -> Hop) {
        self.hops.push(hop());
    }

    fn exit(&mut self, hop: usize, exit: impl FnOnce() -> Exit) {
        self.hops[hop].exits.push(exit());
    }

    fn arrival(&mut self, arrival: impl FnOnce() -> Arrival) {
        self.arrivals.push(arrival());
    }
}

impl Record for Nothing {
    const STEPS: bool = false;

    fn hop(&mut self, _: impl FnOnce() -> Hop) {}

    fn exit(&mut self, _: usize, _: impl FnOnce() -> Exit) {}

    fn arrival(&mut self, _: impl FnOnce() -> Arrival) {}
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
    stops: Vec<Stop>,
    arrivals: Vec<Landing>,
    storm: Option<Storm>,
    queue: VecDeque<Parcel>,
    /// Of the last decision; its room is used again.
    outcome: Outcome,
}

impl Carrier<'_> {
    fn visit(&mut self, parcel: Parcel, record: &mut impl Record) {
        match parcel.entry {
            Far::Switch(id, ingress) => self.visit_switch(id, ingress, parcel, record),
            Far::Bridge(id, ingress) => self.visit_bridge(id, ingress, parcel, record),
            Far::Endpoint(_) | Far::Nowhere => {}
        }
    }

    fn visit_switch<R: Record>(&mut self, id: SwitchId, ingress: PortId, parcel: Parcel, record: &mut R) {
        let world = self.world;
        let entry = &world.switches[id.0];
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.clear();
        let steps = self.decide::<R>(id, ingress, &parcel.frame, &mut outcome);
        let Parcel { frame, came_from, .. } = &parcel;
        record.hop(|| {
            let (host, tables) = (entry.host.clone(), Arc::clone(&entry.tables));
            let outcome = outcome.clone();
            let visit = SwitchVisit { host, switch: id, tables, ingress, steps, outcome };
            Hop { came_from: *came_from, frame: Arc::clone(frame), at: At::VSwitch(visit), exits: Vec::new() }
        });
        let did = if outcome.deliveries.is_empty() { Did::Nothing } else { Did::Deliver };
        let number = self.stop(parcel, did);
        for delivery in &outcome.deliveries {
            if self.follows(world.far(id, delivery.port)) {
                let copy = on_wire(&self.stops[number].frame, *delivery);
                let onward = self.pass_on(number, world.far_end(id, delivery.port), copy, record);
                let port = || entry.tables.port_name(delivery.port).to_owned();
                record.exit(number, || Exit { port: port(), onward });
            }
        }
        self.outcome = outcome;
    }

    fn decide<R: Record>(
        &mut self,
        id: SwitchId,
        ingress: PortId,
        bytes: &[u8],
        outcome: &mut Outcome,
    ) -> Vec<Step> {
        let tables = &self.world.switches[id.0].tables;
        let mut steps = Vec::new();
        let mut trace = |step: Step| {
            if R::STEPS {
                steps.push(step);
            }
        };
        match Frame::parse(bytes) {
            Ok(frame) => {
                let (state, now_ns) = self.memory.state(id, tables);
                decide(tables, state, ingress, &frame, now_ns, &mut trace, outcome);
                if outcome.drop.is_some_and(|drop| drop.reason == Reason::Beacon) {
                    let beacon = Beacon::read(&frame).map(|beacon| (id, ingress, beacon));
                    self.memory.heard.extend(beacon);
                }
            }
            Err(_) => {
                let drop = Drop { reason: Reason::Malformed, port: ingress };
                outcome.drop = Some(drop);
                trace(Step::Drop(drop));
            }
        }
        steps
    }

    fn visit_bridge(&mut self, id: BridgeId, ingress: usize, parcel: Parcel, record: &mut impl Record) {
        let bridge = &self.world.bridges[id.0];
        let forward = match &self.memory.before {
            Some(before) => bridge.forward(&before.learned[id.0], ingress, &parcel.frame),
            None => bridge.learn_and_forward(&mut self.memory.learned[id.0], ingress, &parcel.frame),
        };
        let Parcel { frame, came_from, .. } = &parcel;
        record.hop(|| {
            let visit = BridgeVisit {
                bridge: id,
                kind: bridge.kind,
                name: bridge.name.to_string(),
                ingress,
                ingress_name: bridge.port_name(ingress),
                forwarding: bridge.told(forward),
            };
            Hop { came_from: *came_from, frame: Arc::clone(frame), at: At::Bridge(visit), exits: Vec::new() }
        });
        let did = match forward {
            Forward::Flood => Did::Flood,
            Forward::Known(_) => Did::Deliver,
            Forward::BackWhereItCameFrom | Forward::LinkLocal | Forward::Malformed => Did::Nothing,
        };
        let number = self.stop(parcel, did);
        for port in bridge.leaves_by(forward, ingress) {
            let far = bridge.ports[port].far;
            if self.follows(far) {
                let copy = Arc::clone(&self.stops[number].frame);
                let onward = self.pass_on(number, self.world.through(far), copy, record);
                record.exit(number, || Exit { port: bridge.port_name(port), onward });
            }
        }
    }

    /// Writes down where the copy is now, and says under which number.
    fn stop(&mut self, Parcel { entry, frame, came_from }: Parcel, did: Did) -> usize {
        self.stops.push(Stop { came_from, entry, frame, did });
        self.stops.len() - 1
    }

    fn follows(&self, far: Far) -> bool {
        self.memory.scope.as_ref().is_none_or(|scope| scope.follows(far))
    }

    fn pass_on(&mut self, hop: usize, far: Far, frame: Arc<[u8]>, record: &mut impl Record) -> Onward {
        match far {
            Far::Nowhere => Onward::Nowhere,
            Far::Endpoint(_) if self.arrivals.len() >= MAX_ARRIVALS => {
                self.storm = self.storm.or(Some(Storm::TooManyCopies));
                Onward::NotFollowed
            }
            Far::Endpoint(id) => {
                let endpoint = self.world.endpoint(id);
                let acceptance = endpoint.accepts(&frame);
                let bytes = Arc::clone(&frame);
                self.arrivals.push(Landing { endpoint: id, stop: hop, frame: bytes, acceptance });
                record.arrival(|| Arrival {
                    endpoint: id,
                    name: endpoint.name.clone(),
                    hop,
                    frame,
                    acceptance,
                });
                Onward::Arrival(self.arrivals.len() - 1)
            }
            entry @ (Far::Switch(..) | Far::Bridge(..)) => self.queue_hop(hop, entry, frame),
        }
    }

    fn queue_hop(&mut self, hop: usize, entry: Far, frame: Arc<[u8]>) -> Onward {
        let number = self.stops.len() + self.queue.len();
        let storm = if self.came_before(hop, entry, &frame) {
            Some(Storm::Loop { hop })
        } else if number >= MAX_HOPS {
            Some(Storm::TooManyCopies)
        } else {
            None
        };
        if storm.is_some() {
            self.storm = self.storm.or(storm);
            return Onward::NotFollowed;
        }
        self.queue.push_back(Parcel { entry, frame, came_from: Some(hop) });
        Onward::Hop(number)
    }

    fn came_before(&self, hop: usize, entry: Far, frame: &[u8]) -> bool {
        let mut next = Some(hop);
        while let Some(stop) = next.map(|hop| &self.stops[hop]) {
            if stop.entry == entry && *stop.frame == *frame {
                return true;
            }
            next = stop.came_from;
        }
        false
    }
}

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
