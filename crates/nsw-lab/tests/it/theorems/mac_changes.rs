//! Theorem 2: what MAC address changes are good for. Worlds that differ in nothing else are held against each other.

use std::collections::HashMap;

use nsw_core::{Action, Mac, Security};

use super::{
    Bench, CHANGED, Halves, INITIAL, Level, WAYS, Way, converse, every_level, every_security, halves,
};

type Found = HashMap<[Level; 2], Halves>;

/// The halves of every world of one host in another: settings and way of either level.
fn every_world(mac: Mac) -> Found {
    let level = every_level(&every_security(), &WAYS, &[0]);
    let mut found = HashMap::new();
    let worlds = Bench::new(1, 0, mac).every(&[&level, &level], &mut |world, path| {
        found.insert(path.levels.try_into().unwrap(), halves(&converse(world, "deep", "station")));
    });
    assert_eq!(worlds, (8 * 6) * (8 * 6));
    assert_eq!(found.len(), (8 * 6) * (8 * 6));
    found
}

/// The same world with MAC address changes at Accept on one level.
fn accepting(found: &Found, world: &[Level; 2], place: usize) -> Halves {
    let mut other = *world;
    other[place].security.mac_changes.group = Some(Action::Accept);
    found[&other]
}

#[test]
fn mac_address_changes_never_matter_to_a_guest_that_changes_nothing() {
    let found = every_world(INITIAL);
    for (world, halves) in &found {
        for place in [0, 1] {
            assert_eq!(*halves, accepting(&found, world, place), "{world:#?}");
        }
    }
}

#[test]
fn mac_address_changes_never_matter_around_the_level_of_the_guest_that_changes_its_mac() {
    let found = every_world(CHANGED);
    for (world, halves) in &found {
        assert_eq!(*halves, accepting(&found, world, 0), "{world:#?}");
    }
}

#[test]
fn a_refused_change_takes_all_that_comes_back_and_what_is_forged_of_what_goes_out() {
    let found = every_world(CHANGED);
    for (world, halves) in &found {
        let [_, home] = world;
        let Security { mac_changes, forged_transmits, .. } = home.security;
        if mac_changes.accepts() {
            continue;
        }
        let accepted = accepting(&found, world, 1);
        let may_forge = forged_transmits.accepts() || home.way == Way::Prefix;
        assert_eq!(*halves, Halves { out: accepted.out && may_forge, back: false }, "{world:#?}");
    }
}

/// A list of single addresses must name the new one: an outer level that names the old one alone is as good as closed.
#[test]
fn a_change_that_is_accepted_costs_nothing_but_the_place_on_a_list_of_addresses() {
    let (before, after) = (every_world(INITIAL), every_world(CHANGED));
    for (world, before) in &before {
        let after = &after[world];
        let [outer, home] = world;
        if home.security.mac_changes.accepts() && outer.way != Way::Exact {
            assert_eq!(before, after, "{world:#?}");
        }
        if home.security.mac_changes.accepts() && outer.way == Way::Exact {
            let Security { promiscuous, forged_transmits, .. } = outer.security;
            assert_eq!(*before, Halves { out: true, back: true }, "{world:#?}");
            let unlisted = Halves { out: forged_transmits.accepts(), back: promiscuous.accepts() };
            assert_eq!(*after, unlisted, "{world:#?}");
        }
    }
}
