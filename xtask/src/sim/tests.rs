//! Ten thousand steps, and proof that the checks can fail.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

use nsw_core::Cause;
use nsw_lab::sim::{At, Journey};

use super::run::{Plan, Tamper, run, untouched};
use super::shrink::shrink;
use super::{Options, story};

/// Pings, and those that succeeded, in 50 steps of each of these labs.
fn live(seeds: std::ops::Range<u64>) -> (u64, u64) {
    let (mut pings, mut reached) = (0, 0);
    for seed in seeds {
        let plan = Plan::new(seed, 50);
        match run(&plan, untouched, &mut || ()) {
            Ok(done) => {
                pings += done.pings;
                reached += done.reached;
            }
            Err(failure) => panic!("{}", story(&plan, &failure, untouched)),
        }
    }
    (pings, reached)
}

// Many short lives find more than one long life: each lab is another wiring.
#[test]
fn ten_thousand_steps_in_seeded_labs_break_no_law() {
    let (first, second) = std::thread::scope(|scope| {
        let first = scope.spawn(|| live(0..100));
        (live(100..200), first.join().unwrap())
    });
    // Labs in which nobody reaches anybody would hold every law.
    let (pings, reached) = (first.0 + second.0, first.1 + second.1);
    assert!(reached * 20 > pings, "{reached} of {pings} pings");
}

#[test]
fn a_run_is_a_function_of_its_seed() {
    for seed in 0..5 {
        let plan = Plan::new(seed, 50);
        let first = run(&plan, untouched, &mut || ()).unwrap();
        assert_eq!(first, run(&plan, untouched, &mut || ()).unwrap());
        assert_ne!(first, run(&Plan::new(seed + 1, 50), untouched, &mut || ()).unwrap());
    }
}

/// Falsifies journeys, and expects that law to be reported and the plan to become small.
fn caught(law: &str, tamper: Tamper) {
    let found = (0..20).map(|seed| Plan::new(seed, 30)).find_map(|plan| {
        let failure = run(&plan, tamper, &mut || ()).err()?;
        Some((plan, failure))
    });
    let (plan, failure) = found.expect("nothing noticed");
    assert_eq!(failure.violation.law, law, "{failure:?}");
    let (small, last) = shrink(&plan, &failure, tamper);
    assert_eq!(last.violation.law, law);
    assert!(small.steps.len() <= 3, "{} steps are left: {last:?}", small.steps.len());
    assert_ne!(small.size, plan.size, "the lab is as large as it was");
    let told = story(&plan, &failure, tamper);
    assert!(told.contains(&format!("--seed {}", plan.seed)) && told.contains("hosts:"), "{told}");
}

fn outcomes(journey: &mut Journey) -> impl Iterator<Item = (&mut nsw_core::Outcome, nsw_core::PortId)> {
    journey.hops.iter_mut().filter_map(|hop| match &mut hop.at {
        At::VSwitch(visit) => Some((&mut visit.outcome, visit.ingress)),
        At::Bridge(_) => None,
    })
}

#[test]
fn a_copy_that_is_delivered_twice_is_caught() {
    caught("one copy", |journey| {
        for hop in &mut journey.hops {
            let At::VSwitch(visit) = &mut hop.at else { continue };
            if let Some(first) =
                visit.outcome.deliveries.iter().position(|copy| copy.cause == Cause::Broadcast)
            {
                visit.outcome.deliveries.push(visit.outcome.deliveries[first]);
                hop.exits
                    .push(nsw_lab::sim::Exit { port: "again".into(), onward: nsw_lab::sim::Onward::Nowhere });
            }
        }
    });
}

#[test]
fn a_frame_that_vanishes_from_the_ledger_is_caught() {
    caught("ledger", |journey| outcomes(journey).for_each(|(outcome, _)| outcome.drop = None));
}

#[test]
fn a_copy_that_is_lost_between_devices_is_caught() {
    caught("ledger", |journey| {
        journey.arrivals.pop();
    });
}

#[test]
fn a_frame_that_changes_its_vlan_is_caught() {
    caught("vlan", |journey| {
        for (outcome, _) in outcomes(journey) {
            outcome.vlan = outcome.vlan.and_then(|vlan| nsw_core::VlanId::new(vlan.get() ^ 1));
        }
    });
}

#[test]
fn a_frame_from_uplink_to_uplink_is_caught() {
    caught("uplinks", |journey| {
        for (outcome, ingress) in outcomes(journey).filter(|(_, ingress)| ingress.is_uplink()) {
            let other = nsw_core::PortId::from_number(ingress.number() ^ 1);
            if let Some(first) = outcome.deliveries.first_mut() {
                first.port = other;
            }
        }
    });
}

#[test]
fn unicast_for_somebody_else_is_caught() {
    caught("unicast", |journey| {
        for copy in outcomes(journey).flat_map(|(outcome, _)| &mut outcome.deliveries) {
            if copy.cause == Cause::Promiscuous {
                copy.cause = Cause::Own;
            }
        }
    });
}

#[test]
fn a_loop_that_is_not_there_is_caught() {
    caught("ends", |journey| journey.storm = Some(nsw_lab::sim::journey::Storm::Loop { hop: 0 }));
}

#[test]
fn the_command_line_is_read_in_any_order_and_needs_a_seed() {
    assert_eq!(Options::parse(&["--labs", "2", "--seed", "7"]), Ok(Options { seed: 7, steps: 100, labs: 2 }));
    for wrong in [&["--labs", "2"][..], &["--seed"], &["--seed", "x"], &["--seed", "1", "--fast", "1"]] {
        assert!(Options::parse(wrong).is_err(), "{wrong:?}");
    }
}
