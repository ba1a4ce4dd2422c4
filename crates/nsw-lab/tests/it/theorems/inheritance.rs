//! Theorem 1 over everything that can be inherited: each of the three settings unset, Accept or Reject at the port
//! group, over Accept or Reject at its vSwitch, on both of the two outer levels at once. The VM begins; that it is the
//! same when the station does is in `reachability.rs`.

use nsw_core::{Action, Mac};

use super::{Bench, CHANGED, INITIAL, Level, Setting, Way, check_from, every_level, every_security_of};

fn every_inheritance() -> Vec<Level> {
    let mut values = Vec::new();
    for group in [None, Some(Action::Accept), Some(Action::Reject)] {
        values.extend([Action::Accept, Action::Reject].map(|vswitch| Setting { group, vswitch }));
    }
    every_level(&every_security_of(&values), &[Way::Nothing], &[0])
}

fn every_world(depth: usize, mac: Mac) -> u32 {
    let (outer, home) = (
        every_inheritance(),
        every_level(&every_security_of(&[Setting::own(Action::Accept)]), &[Way::Nothing], &[0]),
    );
    let levels: [&[Level]; 3] = [&outer, &outer, &home];
    Bench::new(depth, 0, mac)
        .every(&levels[..=depth], &mut |world, path| check_from("deep", "station", world, path))
}

#[test]
fn one_host_in_another_whatever_is_inherited() {
    assert_eq!(every_world(1, INITIAL), 216 * 216);
}

#[test]
fn one_host_in_another_whatever_is_inherited_and_the_guest_changes_its_mac() {
    assert_eq!(every_world(1, CHANGED), 216 * 216);
}

#[test]
fn a_host_in_a_host_in_a_host_whatever_is_inherited() {
    assert_eq!(every_world(2, INITIAL), 216 * 216);
}
