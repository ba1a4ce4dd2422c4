//! What holds in every lab of `examples/`, under every setting of its outermost port group for nested hosts.

use nsw_core::{Action, Security};
use nsw_lab::sim::reach::reach;
use nsw_lab::sim::{DeathCause, LegVerdict, Verdict, World};

use super::example;

const EXAMPLES: [&str; 8] = [
    "nested",
    "nested-method1",
    "nested-method2",
    "two-nested-hosts",
    "three-levels",
    "vlan-trunk",
    "cloned-host",
    "teaming",
];

fn settings() -> impl Iterator<Item = Security<Option<Action>>> {
    let action = |accept: bool| Some(if accept { Action::Accept } else { Action::Reject });
    (0..8).map(move |bits| Security {
        promiscuous: action(bits & 1 != 0),
        mac_changes: action(bits & 2 != 0),
        forged_transmits: action(bits & 4 != 0),
    })
}

fn with(name: &str, setting: Security<Option<Action>>) -> World {
    let mut world = example(name);
    world.set_security("physical", "vSwitch0", Some("Nested"), setting).unwrap();
    world
}

#[test]
fn the_verdict_is_reachable_exactly_if_all_four_frames_arrived() {
    for name in EXAMPLES {
        for setting in settings() {
            let world = with(name, setting);
            for pair in reach(&world) {
                let talk = world.converse(pair.from, pair.to);
                let arrived =
                    talk.legs.iter().filter(|leg| matches!(leg.verdict, LegVerdict::Arrived { .. }));
                assert_eq!(talk.verdict == Verdict::Reachable, arrived.count() == 4, "{name}\n{talk}");
            }
        }
    }
}

// A death without a reason of a device, a path or a registration would be a hole in the explanation.
#[test]
fn every_death_is_explained() {
    for name in EXAMPLES {
        for setting in settings() {
            let world = with(name, setting);
            for pair in reach(&world) {
                let talk = world.converse(pair.from, pair.to);
                let faults =
                    talk.directions.iter().flatten().filter_map(|direction| direction.fault.as_ref());
                for fault in faults {
                    let vague = [DeathCause::NoPath, DeathCause::NoAnswer, DeathCause::Storm];
                    assert!(!vague.contains(&fault.death.cause), "{name}\n{talk}");
                    assert!(fault.death.hop.is_some(), "{name}\n{talk}");
                }
            }
        }
    }
}

// Accept instead of Reject never takes a connection away, in a lab whose guests change no MAC.
#[test]
fn opening_a_setting_never_takes_a_connection_away() {
    let open = |setting: Security<Option<Action>>| setting.map(|action| action == Some(Action::Accept));
    for name in EXAMPLES {
        let reached = |setting| -> Vec<bool> {
            let pairs = reach(&with(name, setting));
            pairs.iter().map(|pair| pair.verdict == Verdict::Reachable).collect()
        };
        let results: Vec<_> = settings().map(|setting| (open(setting), reached(setting))).collect();
        for (less, before) in &results {
            for (more, after) in &results {
                let wider = (!less.promiscuous || more.promiscuous)
                    && (!less.mac_changes || more.mac_changes)
                    && (!less.forged_transmits || more.forged_transmits);
                let kept = before.iter().zip(after).all(|(before, after)| !before || *after);
                assert!(!wider || kept, "{name}: {less:?} to {more:?}");
            }
        }
    }
}
