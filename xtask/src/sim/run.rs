//! One lab from its seed, step by step, with every law checked after each.
//!
//! A step is an event, then traffic: frames from and to end points drawn anew, and a ping. Then two questions are asked of
//! copies of the world. *Opening*: with promiscuous mode or forged transmits at Accept somewhere, who could ping each
//! other before still can. *Undoing*: after a change that is taken back, when links and beacons have settled and nothing is
//! remembered, the same frames end where they ended before, and the same pings succeed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use nsw_core::{Frame, Mac};
use nsw_lab::sim::{At, EndpointId, FrameSpec, Journey, Verdict, World};
use nsw_lab::spec;

use super::draw::Draw;
use super::event::{self, Catalog, Event, Off};
use super::fixes;
use super::lab::{self, Size};
use super::laws::{self, Held, Ledger, Violation, hold};

/// Everything that a run depends on, and with it everything that a failure is repeated from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    pub(crate) size: Size,
    /// A seed for each step.
    pub(crate) steps: Vec<u64>,
}

impl Plan {
    pub(crate) fn new(seed: u64, steps: u64) -> Self {
        let steps = (0..steps).map(|step| Draw::seed_of_step(seed, step)).collect();
        Self { seed, size: Size::FULL, steps }
    }
}

/// What a run without a failure comes to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Done {
    /// Of everything that happened; the same for the same seed, built by the same toolchain.
    pub(crate) digest: u64,
    pub(crate) journeys: u64,
    /// Pings that succeeded.
    pub(crate) reached: u64,
    pub(crate) pings: u64,
}

/// A law that did not hold, and after which step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Failure {
    pub(crate) step: usize,
    pub(crate) violation: Violation,
    pub(crate) events: Vec<String>,
}

/// Falsifies a journey before it is checked; for tests of the checks.
pub(crate) type Tamper = fn(&mut Journey);

pub(crate) fn untouched(_: &mut Journey) {}

/// Runs a plan to its end, or to the first law that does not hold; calls `tick` after each step.
pub(crate) fn run(plan: &Plan, tamper: Tamper, tick: &mut dyn FnMut()) -> Result<Done, Failure> {
    let at_once = |violation| Failure { step: 0, violation, events: Vec::new() };
    let text = lab::text(plan.seed, plan.size);
    let drawn = spec::parse("seeded.yaml", &text)
        .map_err(|problems| format!("{problems:?}"))
        .and_then(|parsed| Ok((World::new(&parsed.lab).map_err(|error| error.to_string())?, parsed.lab)));
    let (world, lab) = drawn.map_err(|what| at_once(Violation { law: "lab", what }))?;
    fixes::check(plan.seed, &text, &lab, &world).map_err(at_once)?;
    let catalog = Catalog::of(&world);
    let mut runner = Runner {
        catalog,
        world,
        off: Off::new(),
        ledger: Ledger::default(),
        tamper,
        hasher: DefaultHasher::new(),
        done: Done { digest: 0, journeys: 0, reached: 0, pings: 0 },
    };
    let mut events = Vec::new();
    for (step, seed) in plan.steps.iter().enumerate() {
        let mut draw = Draw::new(*seed);
        let event = Event::draw(&mut draw, &runner.catalog);
        events.push(event.to_string());
        if let Err(violation) = runner.step(&mut draw, &event) {
            return Err(Failure { step, violation, events });
        }
        tick();
    }
    runner.done.digest = runner.hasher.finish();
    Ok(runner.done)
}

struct Runner {
    catalog: Catalog,
    world: World,
    off: Off,
    ledger: Ledger,
    tamper: Tamper,
    hasher: DefaultHasher,
    done: Done,
}

/// Pairs of end points that the questions after a step are asked of.
const PAIRS: usize = 3;

impl Runner {
    fn step(&mut self, draw: &mut Draw, event: &Event) -> Held {
        let pairs: Vec<(EndpointId, EndpointId)> =
            (0..PAIRS).map(|_| (self.catalog.endpoint(draw), self.catalog.endpoint(draw))).collect();
        self.undoing(event, &pairs)?;
        event.happen(&mut self.world, &mut self.off).map_err(|error| broken(&error))?;
        event.to_string().hash(&mut self.hasher);
        for mut journey in self.world.take_sent() {
            self.check(&mut journey)?;
        }
        for _ in 0..2 {
            self.send(draw)?;
        }
        for (from, to) in &pairs {
            self.ping(*from, *to)?;
        }
        self.opening(draw, &pairs)
    }

    fn send(&mut self, draw: &mut Draw) -> Held {
        let (from, to) = (self.catalog.endpoint(draw), self.catalog.endpoint(draw));
        let frame = frame(draw, &self.world, from, to);
        let mut journey = self.world.send(from, frame.bytes());
        self.check(&mut journey)
    }

    fn ping(&mut self, from: EndpointId, to: EndpointId) -> Held {
        let mut talk = self.world.converse(from, to);
        self.done.pings += 1;
        self.done.reached += u64::from(talk.verdict == Verdict::Reachable);
        talk.verdict.hash(&mut self.hasher);
        talk.legs
            .iter_mut()
            .filter_map(|leg| leg.journey.as_mut())
            .try_for_each(|journey| self.check(journey))
    }

    fn check(&mut self, journey: &mut Journey) -> Held {
        (self.tamper)(journey);
        self.done.journeys += 1;
        note(journey, &mut self.hasher);
        laws::check(&self.world, journey, &mut self.ledger)
    }

    fn opening(&self, draw: &mut Draw, pairs: &[(EndpointId, EndpointId)]) -> Held {
        let Some(opening) = event::opening(draw, &self.catalog, &self.world) else { return Ok(()) };
        let mut open = self.world.clone();
        opening.happen(&mut open, &mut Off::new()).map_err(|error| broken(&error))?;
        for (from, to) in pairs {
            let before = self.world.converse(*from, *to);
            let lost = before.verdict == Verdict::Reachable
                && open.converse(*from, *to).verdict != Verdict::Reachable;
            hold("opening", !lost, || {
                format!("{} reached {} until {opening}", before.from_name, before.to_name)
            })?;
        }
        Ok(())
    }

    fn undoing(&self, event: &Event, pairs: &[(EndpointId, EndpointId)]) -> Held {
        let Some(undo) = event.undoing(&self.world, &self.off) else { return Ok(()) };
        let (mut world, mut off) = (self.world.clone(), self.off.clone());
        event::settle(&mut world);
        let before = ends(&mut world, pairs);
        event.happen(&mut world, &mut off).map_err(|error| broken(&error))?;
        let _ = ends(&mut world, pairs);
        undo.happen(&mut world, &mut off).map_err(|error| broken(&error))?;
        event::settle(&mut world);
        let after = ends(&mut world, pairs);
        hold("undoing", before == after, || {
            let differs = before.iter().zip(&after).find(|(before, after)| before != after);
            format!("{event}, and back again: {differs:?}")
        })
    }
}

/// Where frames between these end points end, and which of them can ping each other, with nothing remembered at first.
fn ends(world: &mut World, pairs: &[(EndpointId, EndpointId)]) -> Vec<String> {
    world.forget();
    let mut ends = Vec::new();
    for (from, to) in pairs {
        let (src, vlan) = (world.endpoint(*from).mac, world.endpoint(*from).vlan);
        for dst in [Mac::BROADCAST, world.endpoint(*to).mac] {
            let spec = FrameSpec { src, dst, vlan, ethertype: 0x88b5, payload_len: 46 };
            let journey = world.send(*from, spec.bytes());
            ends.extend(
                journey.arrivals.iter().map(|arrival| format!("{} {:?}", arrival.name, arrival.acceptance)),
            );
            ends.push("that was all".to_owned());
        }
        let talk = world.converse(*from, *to);
        ends.push(format!("{} pings {}: {:?}", talk.from_name, talk.to_name, talk.verdict));
    }
    ends
}

fn frame(draw: &mut Draw, world: &World, from: EndpointId, to: EndpointId) -> FrameSpec {
    let sender = world.endpoint(from);
    let to = world.endpoint(to).mac;
    let stranger = Mac::new([0x02, 0xff, 0, 0, 0, u8::try_from(draw.below(4)).unwrap_or(0)]);
    let group = Mac::new([0x01, 0x00, 0x5e, 0, 0, 1]);
    let bridges = Mac::new([0x01, 0x80, 0xc2, 0, 0, 0]);
    FrameSpec {
        src: *draw.pick(&[sender.mac, sender.mac, sender.mac, sender.mac, stranger, group]),
        dst: *draw.pick(&[to, to, to, to, Mac::BROADCAST, Mac::BROADCAST, stranger, group, bridges]),
        vlan: *draw.pick(&[sender.vlan, sender.vlan, sender.vlan, 0, 10, 20, 4094]),
        ethertype: *draw.pick(&[0x0800, 0x0806, 0x86dd, 0x88b5]),
        payload_len: *draw.pick(&[0, 46, 46, 46, 1500, 1501, 9001]),
    }
}

fn note(journey: &Journey, hasher: &mut DefaultHasher) {
    journey.frame.hash(hasher);
    for hop in &journey.hops {
        hop.came_from.hash(hasher);
        if let At::VSwitch(visit) = &hop.at {
            visit.outcome.deliveries.hash(hasher);
            visit.outcome.refusals.hash(hasher);
            visit.outcome.drop.hash(hasher);
        }
        let src = Frame::parse(&hop.frame).map(|frame| frame.src()).ok();
        src.hash(hasher);
    }
    for arrival in &journey.arrivals {
        (&arrival.name, arrival.acceptance, &arrival.frame).hash(hasher);
    }
}

fn broken(error: &nsw_lab::sim::SimError) -> Violation {
    Violation { law: "event", what: error.to_string() }
}
