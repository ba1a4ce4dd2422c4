//! Theorem 1 over the ways to deliver unknown unicast, the VLAN modes, the security settings, and the guest's MAC.

use nsw_core::Action::{Accept, Reject};
use nsw_core::Security;

use nsw_lab::sim::World;

use super::{
    Bench, CHANGED, INITIAL, Level, Path, Setting, WAYS, Way, check, check_from, every_level, every_security,
};

const STATION: [u16; 2] = [0, 10];
const OUTER: [u16; 3] = [0, 10, 4095];
const HOME: [u16; 2] = [0, 10];

fn every_world(depth: usize, levels: &[&[Level]], check: fn(&World, &Path<'_>)) -> u32 {
    let mut worlds = 0;
    for station_vlan in STATION {
        for mac in [INITIAL, CHANGED] {
            worlds +=
                Bench::new(depth, station_vlan, mac).every(levels, &mut |world, path| check(world, path));
        }
    }
    worlds
}

#[test]
fn one_host_in_another_whatever_delivers() {
    let outer = every_level(&every_security(), &WAYS, &OUTER);
    let home = every_level(&every_security(), &WAYS, &HOME);
    // Two VLANs of the station, two MACs of the guest.
    assert_eq!(every_world(1, &[&outer, &home], check), 4 * (8 * 6 * 3) * (8 * 6 * 2));
}

// MAC address changes stay at Reject on the outer levels: that they make no difference there is in the other tests.
#[test]
fn a_host_in_a_host_in_a_host_whatever_delivers() {
    let security = |promiscuous, mac_changes, forged_transmits| Security {
        promiscuous: Setting::own(promiscuous),
        mac_changes: Setting::own(mac_changes),
        forged_transmits: Setting::own(forged_transmits),
    };
    let mut open = Vec::new();
    for promiscuous in [Accept, Reject] {
        open.extend([Accept, Reject].map(|forged| security(promiscuous, Reject, forged)));
    }
    let outer = every_level(&open, &WAYS, &OUTER);
    let home = every_level(
        &[Accept, Reject].map(|changes| security(Reject, changes, Reject)),
        &[Way::Nothing],
        &HOME,
    );
    assert_eq!(
        every_world(2, &[&outer, &outer, &home], station_begins),
        4 * (4 * 6 * 3) * (4 * 6 * 3) * (2 * 2)
    );
}

fn station_begins(world: &World, path: &Path<'_>) {
    check_from("station", "deep", world, path);
}
