//! The way through the engine of frames that were gathered from one port: decide about each, count, then write the copies.
//!
//! Writing comes last since the kernel writes many copies in a row faster than one after each decision (`gather.rs`). Copies
//! are written in the order of their frames.
//!
//! **Invariants:** nothing is allocated for a frame. What happens to it is [`nsw_core::decide()`]'s answer and nothing
//! else; a copy that a device does not take is a failure of the device, not a decision.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use nsw_core::{
    Beacon, Counter, Delivery, Drop, Frame, LearningCounts, NoTrace, Outcome, PortId, Reason, State, Tables,
    decide,
};

use super::counters::{PortCounters, SharedCounters};
use super::drops::{DropRing, Recorder};
use crate::port::{FrameBuffer, Port};

/// A port that the engine serves.
#[derive(Debug)]
pub(super) struct Attached {
    pub(super) id: PortId,
    pub(super) port: Port,
    pub(super) counters: Arc<PortCounters>,
    /// The device is gone; the port waits to be detached.
    pub(super) gone: bool,
    /// How often in a row the device announced something and had nothing.
    pub(super) idle_alarms: u32,
}

/// The attached ports, by slot.
#[derive(Debug, Default)]
pub(super) struct Ports(Vec<Option<Attached>>);

impl Ports {
    pub(super) fn get(&self, id: PortId) -> Option<&Attached> {
        self.0.get(id.slot())?.as_ref().filter(|attached| attached.id == id)
    }

    pub(super) fn get_mut(&mut self, id: PortId) -> Option<&mut Attached> {
        self.0.get_mut(id.slot())?.as_mut().filter(|attached| attached.id == id)
    }

    /// The place of a port, free or not.
    pub(super) fn place(&mut self, id: PortId) -> &mut Option<Attached> {
        if self.0.len() <= id.slot() {
            self.0.resize_with(id.slot() + 1, || None);
        }
        &mut self.0[id.slot()]
    }
}

/// Ports that are closed at the same time when all are.
const CLOSED_AT_ONCE: usize = 64;

/// The kernel waits with each device that goes, 15 ms for a TAP device, and does so with many together.
impl std::ops::Drop for Ports {
    fn drop(&mut self) {
        let mut ports: Vec<Attached> = std::mem::take(&mut self.0).into_iter().flatten().collect();
        let share = ports.len().div_ceil(CLOSED_AT_ONCE);
        thread::scope(|scope| {
            while ports.len() > 1 {
                let part = ports.split_off(ports.len().saturating_sub(share));
                // Where no thread is to be had, they are closed here.
                let _ = thread::Builder::new().spawn_scoped(scope, move || drop(part));
            }
        });
    }
}

/// Copies that wait to be written, beyond which no further frame is decided about before.
const COPIES: usize = 256;

/// Everything that deciding about frames needs and that outlives one.
#[derive(Debug)]
pub(super) struct Forwarder {
    pub(super) tables: Option<Arc<Tables>>,
    state: State,
    outcome: Outcome,
    recorder: Recorder,
    /// What is still to be written, each with the place of its frame among those that were gathered.
    copies: Vec<(usize, Delivery)>,
}

/// Where the engine writes what others read.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) counters: SharedCounters,
    pub(super) drops: DropRing,
    /// Beacons that came to their end since somebody asked, each with the uplink that it was heard on. Only those of
    /// uplinks of the switch are kept, so a flood of others takes no memory.
    pub(super) beacons: Mutex<BTreeSet<(PortId, Beacon)>>,
}

impl Forwarder {
    pub(super) fn new() -> Self {
        Self {
            tables: None,
            state: State::new(random_seed()),
            outcome: Outcome::default(),
            recorder: Recorder::default(),
            copies: Vec::new(),
        }
    }

    /// From the next frame on, `tables` decide.
    pub(super) fn install(&mut self, tables: Arc<Tables>) {
        self.outcome = Outcome::with_capacity(tables.slots());
        self.copies.reserve(COPIES + tables.slots());
        self.state.prepare(&tables);
        self.tables = Some(tables);
    }

    /// What was learned of each port whose sources are remembered, without what is too old at `now_ns`.
    pub(super) fn learning(&mut self, now_ns: u64) -> BTreeMap<PortId, LearningCounts> {
        let Some(tables) = &self.tables else { return BTreeMap::new() };
        let learners: Vec<PortId> = tables.port_ids().filter(|id| tables.remembers(*id)).collect();
        if !learners.is_empty() {
            self.state.sweep(tables, now_ns);
        }
        learners.into_iter().map(|id| (id, self.state.learning_counts(id))).collect()
    }

    /// Settles `frames`, which came in by `ingress` and were gathered until `now_ns`.
    pub(super) fn forward(
        &mut self,
        ports: &Ports,
        ingress: &Attached,
        frames: &[FrameBuffer],
        now_ns: u64,
        shared: &Shared,
    ) {
        for (place, buffer) in frames.iter().enumerate() {
            self.settle(ports, ingress, buffer, now_ns, shared);
            self.copies.extend(self.outcome.deliveries.iter().map(|delivery| (place, *delivery)));
            if self.copies.len() >= COPIES {
                self.write(ports, frames);
            }
        }
        self.write(ports, frames);
    }

    /// Decides about the frame in `buffer` and counts what becomes of it: before its copies are written, so that whoever has
    /// received one finds it counted.
    fn settle(
        &mut self,
        ports: &Ports,
        ingress: &Attached,
        buffer: &FrameBuffer,
        now_ns: u64,
        shared: &Shared,
    ) {
        let frame = buffer.frame();
        ingress.counters.bytes_in.add(frame.len() as u64);
        self.decide(ingress.id, buffer, now_ns);
        self.outcome.count(ingress.id, |port, counter| match ports.get(port) {
            Some(attached) => attached.counters.count(counter),
            None if matches!(counter, Counter::Out(_)) => shared.counters.unattached.add(1),
            None => {}
        });
        if self.outcome.drop.is_some_and(|drop| drop.reason == Reason::Beacon) {
            self.note_beacon(ingress.id, frame, shared);
        }
        self.recorder.record(&shared.drops, ingress.id, frame, now_ns, &self.outcome);
        // A capture of all frames belongs here: frame, header, ingress and outcome are at hand.
    }

    /// Writes what is still to be written of `frames`.
    fn write(&mut self, ports: &Ports, frames: &[FrameBuffer]) {
        for (place, delivery) in self.copies.drain(..) {
            let (Some(egress), Some(buffer)) = (ports.get(delivery.port), frames.get(place)) else {
                continue;
            };
            match egress.port.send(buffer, &delivery) {
                Ok(()) => egress.counters.bytes_out.add(buffer.frame().len() as u64),
                Err(_) => egress.counters.tx_failures.add(1),
            }
        }
    }

    fn note_beacon(&self, ingress: PortId, frame: &[u8], shared: &Shared) {
        let beacon = Frame::parse(frame).ok().and_then(|frame| Beacon::read(&frame));
        let ours = |beacon: &Beacon| {
            let known = |tables: &Arc<Tables>| tables.port_ids().any(|id| id == beacon.sender);
            beacon.sender.is_uplink() && self.tables.as_ref().is_some_and(known)
        };
        let Some(beacon) = beacon.filter(ours) else { return };
        shared.beacons.lock().unwrap_or_else(PoisonError::into_inner).insert((ingress, beacon));
    }

    fn decide(&mut self, ingress: PortId, buffer: &FrameBuffer, now_ns: u64) {
        let Self { tables, state, outcome, .. } = self;
        let dropped = |outcome: &mut Outcome, reason| {
            outcome.clear();
            outcome.drop = Some(Drop { reason, port: ingress });
        };
        let Some(tables) = tables else { return dropped(outcome, Reason::PortDown) };
        let Ok(mut frame) = Frame::parse(buffer.frame()) else { return dropped(outcome, Reason::Malformed) };
        let segment = buffer.header().segment_payload_len(buffer.frame(), frame.tag().is_some());
        if let Some(payload_len) = segment {
            frame = frame.segmented(payload_len);
        }
        decide(tables, state, ingress, &frame, now_ns, &mut NoTrace, outcome);
    }
}

/// A number that no guest can know: the standard library's own source of hash keys.
fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
