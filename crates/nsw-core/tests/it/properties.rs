//! What holds for every switch, every guest and every frame.
//!
//! The first property is the strongest: `decide` says what the naive model says. The others are laws that both must
//! keep, stated on their own because they are what people rely on. Seeds are fixed, so a run is repeatable; set
//! `PROPTEST_RNG_SEED` for another run and `PROPTEST_CASES` for a longer one. A world that failed prints its seed and
//! itself as a fixture, to be pasted into the tests of its stage; its seed is kept in `properties.regressions`.
//!
//! A case is a world in which frames are sent, twelve of them. One without adapters is drawn anew and counts for nothing.

use std::cell::Cell;

use nsw_core::{
    Action, Beyond, Cause, Counter, FailureDetection, Frame, MacLearning, NoTrace, Outcome, PortId, Reason,
    Switch, Tables, Tag, VSwitch, VlanMode, decide,
};
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{
    Config, FailurePersistence, FileFailurePersistence, RngSeed, TestCaseError, TestRunner,
};

use crate::fixture::decide_aloud;
use crate::model::{self, Verdict, tag_after};
use crate::world::{FRAMES_A_WORLD, Moment, World};

/// How often `decide` and the naive model are asked about a world of their own, `docs/promises.md` says too.
const AGREEMENT_WORLDS: u32 = 100_000;
const LAW_WORLDS: u32 = 20_000;
const OPENING_WORLDS: u32 = 20_000;

/// Longer than the longest world needs.
const TAPE_LEN: usize = 700;

#[test]
fn decide_says_what_the_specification_says() {
    let compared = Cell::new(0);
    let worlds = for_every_moment(AGREEMENT_WORLDS, |moment| {
        compared.set(compared.get() + 1);
        let outcome = outcome(moment.tables, &moment);
        let Moment { switch, latches, memory, ingress, frame, now_ns, .. } = moment;
        let expected = model::decide(switch, latches, memory, ingress, frame, now_ns);
        same(&Verdict::of(&outcome, frame), &expected)
    });
    let frames = u64::from(worlds) * u64::from(FRAMES_A_WORLD);
    assert!(compared.get() >= frames, "{} frames compared, promised are {frames}", compared.get());
}

#[test]
fn the_laws_of_forwarding_hold() {
    for_every_moment(LAW_WORLDS, |moment| {
        let outcome = outcome(moment.tables, &moment);
        never_back_out_of_the_ingress_port(&moment, &outcome)?;
        never_from_uplink_to_uplink(&moment, &outcome)?;
        at_most_one_copy_and_one_refusal_a_port(&outcome)?;
        deliveries_or_exactly_one_drop(&outcome)?;
        every_copy_stays_in_its_vlan(&moment, &outcome)?;
        one_uplink_or_shotgun(&moment, &outcome)?;
        counters_add_up(&moment, &outcome)?;
        what_is_off_does_nothing(&moment, &outcome)?;
        deciding_again_says_the_same(&moment, &outcome)
    });
}

/// Opening promiscuous mode adds copies and exempts ports from the reverse filter, or leaves the filter as it was. A
/// port that is granted the mode already keeps what it latched, so for it nothing changes. What does take deliveries
/// away is closing the mode and opening it *anew* after `Net.ReversePathFwdCheckPromisc` was set: see
/// `reflect::reverse_path_promiscuous_waits_until_the_mode_is_granted_anew`. What a port was given as a sink or by
/// flooding it is now given as a promiscuous copy; so the law is about copies and not their causes. It says nothing about
/// learning filters: a port that is granted the mode may be the one that a filter spares the others for.
#[test]
fn opening_promiscuous_mode_takes_no_delivery_away() {
    for_every_moment(OPENING_WORLDS / 2, |moment| {
        if any_setting(moment.switch, |beyond| beyond.learning_filter == Some(true)) {
            return Ok(());
        }
        let before = outcome(moment.tables, &moment);
        for opened in changed(moment.switch, |security| security.promiscuous = Some(Action::Accept)) {
            let after = outcome(&opened.compile(), &moment);
            contains(&after, &before)?;
        }
        Ok(())
    });
}

/// A frame that forged transmits let pass fares the same whatever the setting is. One that it drops reaches nobody.
#[test]
fn opening_forged_transmits_only_adds_and_closing_only_takes_away() {
    for_every_moment(OPENING_WORLDS / 2, |moment| {
        let before = outcome(moment.tables, &moment);
        let was_forged = before.drop.is_some_and(|drop| drop.reason == Reason::ForgedTransmit);
        for opened in changed(moment.switch, |security| security.forged_transmits = Some(Action::Accept)) {
            let after = outcome(&opened.compile(), &moment);
            if !was_forged && after != before {
                return Err(format!("opened: {after:?}\nbefore: {before:?}"));
            }
        }
        for closed in changed(moment.switch, |security| security.forged_transmits = Some(Action::Reject)) {
            let after = outcome(&closed.compile(), &moment);
            let is_forged = after.drop.is_some_and(|drop| drop.reason == Reason::ForgedTransmit);
            if !is_forged && after != before {
                return Err(format!("closed: {after:?}\nbefore: {before:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn a_world_prints_itself_as_a_fixture_that_builds_the_same_switch() {
    for_every_world(300, |world| {
        let played = format!("{:?}", world.play(|_| Ok(()))?);
        let built = format!("{:?}", crate::fixture::World::switch(&world.to_string()));
        hold(built == played, &format!("{built}\n{played}"))
    });
}

fn never_back_out_of_the_ingress_port(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    let back = outcome.deliveries.iter().any(|delivery| delivery.port == moment.ingress);
    hold(!back, "a copy went back out of the ingress port")
}

fn never_from_uplink_to_uplink(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    let out = outcome.deliveries.iter().any(|delivery| delivery.port.is_uplink());
    hold(!(moment.ingress.is_uplink() && out), "a frame went from uplink to uplink")
}

/// More than one uplink only where the team probes its paths with beacons (rule T-10).
fn one_uplink_or_shotgun(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    let uplinks = outcome.deliveries.iter().filter(|delivery| delivery.cause == Cause::Uplink).count();
    let config = moment.switch.config();
    let port_group = moment.switch.port(moment.ingress).map(|port| &port.adapter.port_group);
    let detection = port_group
        .and_then(|name| config.port_group(name))
        .and_then(|group| group.teaming.failure_detection.or(config.teaming.failure_detection));
    let probes = detection == Some(FailureDetection::BeaconProbing);
    hold(uplinks <= 1 || probes, "a frame left by more than one uplink")
}

fn at_most_one_copy_and_one_refusal_a_port(outcome: &Outcome) -> Result<(), String> {
    let deliveries = outcome.deliveries.iter().map(|delivery| delivery.port);
    let refusals = outcome.refusals.iter().map(|refusal| refusal.port);
    let mut ports: Vec<PortId> = deliveries.chain(refusals).collect();
    let told = ports.len();
    ports.sort_unstable();
    ports.dedup();
    hold(ports.len() == told, "a port was given two answers")
}

fn deliveries_or_exactly_one_drop(outcome: &Outcome) -> Result<(), String> {
    hold(outcome.deliveries.is_empty() == outcome.drop.is_some(), "neither or both of deliveries and drop")
}

fn every_copy_stays_in_its_vlan(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    for delivery in &outcome.deliveries {
        let vlan = outcome.vlan.ok_or("a delivery without a VLAN")?;
        let mode = vlan_mode(moment.switch, delivery.port);
        let tag = tag_after(moment.frame.tag, delivery.tag);
        let fits = match mode {
            VlanMode::Vgt => tag.map_or(0, Tag::vid) == vlan.get(),
            VlanMode::Est | VlanMode::Vst(_) => tag.is_none() && mode.contains(vlan),
        };
        hold(fits, &format!("a frame of VLAN {vlan} came to a port of {mode} with tag {tag:?}"))?;
    }
    Ok(())
}

/// Frames in = frames that reached somebody + frames dropped, and every copy is counted once.
fn counters_add_up(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    let (mut frames, mut copies, mut refused, mut dropped) = (0, 0, 0, 0);
    let mut elsewhere = 0;
    outcome.count(moment.ingress, |port, counter| match counter {
        Counter::In => {
            frames += 1;
            elsewhere += usize::from(port != moment.ingress);
        }
        Counter::Dropped(_) => {
            dropped += 1;
            elsewhere += usize::from(port != moment.ingress);
        }
        Counter::Out(_) => copies += 1,
        Counter::Refused(_) => refused += 1,
    });
    let delivered = usize::from(!outcome.deliveries.is_empty());
    let sums = copies == outcome.deliveries.len() && refused == outcome.refusals.len() && elsewhere == 0;
    hold(frames == 1 && frames == delivered + dropped && sums, "the counters do not add up")
}

/// On a standard switch, and wherever else a setting is off: no effect of it, and nothing remembered.
fn what_is_off_does_nothing(moment: &Moment<'_>, outcome: &Outcome) -> Result<(), String> {
    let any = |of: &dyn Fn(&Beyond) -> bool| any_setting(moment.switch, of);
    let learns = any(&|beyond| matches!(beyond.mac_learning, Some(MacLearning::On(_))));
    let allows = any(&|beyond| beyond.allowed_macs.as_ref().is_some_and(|allowed| !allowed.is_empty()));
    let (sinks, filters) =
        (any(&|beyond| beyond.sink == Some(true)), any(&|beyond| beyond.learning_filter == Some(true)));
    let guards = any(&|beyond| beyond.forged_source_guard == Some(true));
    let config = moment.switch.config();
    let shapes = config.shaping.is_some() || config.port_groups.iter().any(|group| group.shaping.is_some());
    for delivery in &outcome.deliveries {
        let may = match delivery.cause {
            Cause::Learned | Cause::Flooded => learns,
            Cause::Allowed => allows,
            Cause::Sink => sinks,
            Cause::Own | Cause::Broadcast | Cause::Group | Cause::Promiscuous | Cause::Uplink => true,
        };
        hold(may, &format!("a copy as {} where that is off", delivery.cause.name()))?;
    }
    let may = match outcome.drop.map(|drop| drop.reason) {
        Some(Reason::MacLimit) => learns,
        Some(Reason::ForgedReflection) => guards,
        Some(Reason::Shaper) => shapes,
        _ => true,
    };
    hold(may, "a drop by what is off")?;
    hold(learns || filters || guards || moment.state.remembered() == 0, "remembered what nobody wants")
}

/// Does any level have it? A setting is on nowhere unless some level turns it on.
fn any_setting(switch: &Switch, of: impl Fn(&Beyond) -> bool) -> bool {
    let config = switch.config();
    of(&config.beyond) || config.port_groups.iter().any(|group| of(&group.beyond))
}

fn deciding_again_says_the_same(moment: &Moment<'_>, first: &Outcome) -> Result<(), String> {
    let again = outcome(moment.tables, moment);
    let mut state = moment.state.clone();
    let (steps, traced) =
        decide_aloud(moment.switch, &mut state, moment.ingress, moment.frame, moment.now_ns);
    let fates = ["deliver ", "copy ", "flood ", "leave "];
    let told = steps.lines().filter(|line| fates.iter().any(|fate| line.starts_with(fate))).count();
    let same = again == *first && traced == *first && told == first.deliveries.len();
    hold(same, "another answer the second time, or with a trace")
}

/// The switches with one policy changed: that of the vSwitch, or of one port group.
pub(crate) fn changed(
    switch: &Switch,
    change: impl Fn(&mut nsw_core::Security<Option<Action>>),
) -> Vec<Switch> {
    let with = |edit: &dyn Fn(&mut VSwitch)| {
        let mut changed = switch.clone();
        let mut config = switch.config().clone();
        edit(&mut config);
        changed.reconfigure(config).unwrap();
        changed
    };
    let mut switches = vec![with(&|config| change(&mut config.security))];
    for group in 0..switch.config().port_groups.len() {
        switches.push(with(&|config| change(&mut config.port_groups[group].security)));
    }
    switches
}

fn contains(after: &Outcome, before: &Outcome) -> Result<(), String> {
    let copies = |outcome: &Outcome| -> Vec<_> {
        outcome.deliveries.iter().map(|delivery| (delivery.port, delivery.tag)).collect()
    };
    let after = copies(after);
    let lost: Vec<_> = copies(before).into_iter().filter(|copy| !after.contains(copy)).collect();
    hold(lost.is_empty(), &format!("taken away: {lost:?}"))
}

fn same(decided: &Verdict, expected: &Verdict) -> Result<(), String> {
    hold(decided == expected, &format!("decide: {decided:?}\nmodel:  {expected:?}"))
}

pub(crate) fn hold(holds: bool, otherwise: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise.to_string()) }
}

/// What `tables` make of the moment's frame; what is remembered of it is forgotten again.
pub(crate) fn outcome(tables: &Tables, moment: &Moment<'_>) -> Outcome {
    let bytes = moment.frame.bytes();
    let view = Frame::parse(&bytes).unwrap();
    let mut outcome = Outcome::default();
    let mut state = moment.state.clone();
    decide(tables, &mut state, moment.ingress, &view, moment.now_ns, &mut NoTrace, &mut outcome);
    outcome
}

fn vlan_mode(switch: &Switch, id: PortId) -> VlanMode {
    let port_group = &switch.port(id).unwrap().adapter.port_group;
    switch.config().port_group(port_group).map_or(VlanMode::Vgt, |group| group.vlan)
}

pub(crate) fn for_every_moment(worlds: u32, law: impl Fn(Moment<'_>) -> Result<(), String>) -> u32 {
    for_every_world(worlds, |world| world.play(&law).map(drop))
}

/// Returns how many worlds kept the law: `worlds`, or what `PROPTEST_CASES` says instead.
fn for_every_world(worlds: u32, law: impl Fn(&World) -> Result<(), String>) -> u32 {
    let default = Config::default();
    let seed = match default.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => 0x6e_7377,
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { worlds };
    // Unless `PROPTEST_DISABLE_FAILURE_PERSISTENCE` is set, as where the code is known to be wrong.
    let failures = default.failure_persistence.as_ref().map(|_| {
        Box::new(FileFailurePersistence::Direct("tests/it/properties.regressions"))
            as Box<dyn FailurePersistence>
    });
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: failures,
        max_global_rejects: cases,
        ..default
    };
    let result = TestRunner::new(config).run(&vec(any::<u8>(), 0..TAPE_LEN), |tape| {
        let world = World::read(&tape);
        if world.frames() == 0 {
            return Err(TestCaseError::reject("no adapter, so no frame"));
        }
        law(&world).map_err(|message| TestCaseError::fail(format!("{message}\n{world}")))
    });
    if let Err(error) = result {
        panic!("PROPTEST_RNG_SEED={seed}: {error}");
    }
    cases
}
