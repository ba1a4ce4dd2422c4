//! A host in a host in a host: the innermost VM is reached only if every level around it is open, live and simulated.

use std::thread;

use nsw_core::{Action, Security};
use nsw_lab::sim::Verdict;

use crate::agreement::Both;
use crate::fixture::{Nsw, example};
use crate::or_skip;

/// Accept (true) or not, on the port group of the host inside: promiscuous mode, forged transmits.
type Level = (bool, bool);

const LEVELS: [Level; 4] = [(false, false), (true, false), (false, true), (true, true)];

#[test]
fn the_innermost_vm_is_reached_only_if_every_level_is_open() {
    let nsw = or_skip!(Nsw::as_anybody());
    thread::scope(|scope| {
        for (number, outer) in LEVELS.into_iter().enumerate() {
            let nsw = &nsw;
            scope.spawn(move || check_under(nsw, &format!("levels-{number}"), outer));
        }
    });
}

fn check_under(nsw: &Nsw, name: &str, outer: Level) {
    let mut both = Both::up(nsw, &example("three-levels.yaml", name));
    both.set("physical", "vSwitch0", Some("Nested"), security(outer));
    for inner in LEVELS {
        both.set("nested-1", "vSwitch0", Some("Nested"), security(inner));
        let [deep, laptop] = ["deep01", "laptop"].map(|name| both.world.find(name).unwrap());
        for pair in [(deep, laptop), (laptop, deep)] {
            let reachable = both.world.converse(pair.0, pair.1).verdict == Verdict::Reachable;
            assert_eq!(reachable, (outer, inner) == ((true, true), (true, true)), "{outer:?} {inner:?}");
            assert_eq!(both.differences(&[pair]), "", "{outer:?} {inner:?}");
        }
    }
}

fn security((promiscuous, forged_transmits): Level) -> Security<Option<Action>> {
    let accept = |open: bool| open.then_some(Action::Accept);
    Security {
        promiscuous: accept(promiscuous),
        mac_changes: None,
        forged_transmits: accept(forged_transmits),
    }
}
