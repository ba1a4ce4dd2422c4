//! Beacons that the program hears: they end there, and whoever probes is told of those that it may have sent.

use std::collections::BTreeSet;

use nsw_core::{Beacon, Cause, Counter, FailureDetection, Mac, PortId, Reason, VlanId};

use super::fixture::Lab;
use crate::fixture::{eventually, frame};
use crate::need_kernel;

fn vlan(id: u16) -> VlanId {
    VlanId::new(id).unwrap()
}

/// `Ten` probes its paths in VLAN 10, over two uplinks.
fn probing() -> Lab {
    Lab::new(|config| {
        config.uplinks = vec!["vmnic0".into(), "vmnic1".into()];
        let group = config.port_group_mut("Ten").unwrap();
        group.teaming.failure_detection = Some(FailureDetection::BeaconProbing);
    })
}

#[test]
fn a_beacon_of_our_own_is_told_once_with_the_uplink_that_heard_it() {
    need_kernel!();
    let mut lab = probing();
    let (first, _wire0) = lab.uplink_named("vmnic0", 0);
    let (second, wire1) = lab.uplink_named("vmnic1", 1);
    let mac = Mac::new([0, 0x50, 0x56, 0xff, 0, 0]);
    let sent = |id: u16, sender| Beacon { vlan: vlan(id), sender };
    // In a VLAN that nobody probes; from a port that is none; then one that was waited for.
    for beacon in [sent(20, first), sent(10, PortId::from_number(7)), sent(10, first)] {
        wire1.write_frame(&beacon.frame(mac)).unwrap();
    }
    let dropped = Counter::Dropped(Reason::Beacon);
    eventually(|| (lab.count(second, dropped) == 3).then_some(()));
    assert_eq!(lab.engine.take_beacons().unwrap(), BTreeSet::from([(second, sent(10, first))]));
    assert_eq!(lab.engine.take_beacons().unwrap(), BTreeSet::new());
}

#[test]
fn a_beacon_of_another_switch_is_a_broadcast() {
    need_kernel!();
    let mut lab = probing();
    let (uplink, wire) = lab.uplink_named("vmnic0", 0);
    let vm = lab.vm("Ten");
    let other = Mac::new([0, 0x50, 0x56, 0xff, 0, 9]);
    wire.write_frame(&Beacon { vlan: vlan(10), sender: uplink }.frame(other)).unwrap();
    // Behind it, so that it was decided about when this has arrived.
    wire.write_frame(&frame(vm.mac, other, Some(10))).unwrap();
    eventually(|| (lab.count(vm.id, Counter::Out(Cause::Own)) == 1).then_some(()));
    assert_eq!(lab.count(vm.id, Counter::Out(Cause::Broadcast)), 1);
    assert_eq!(lab.count(uplink, Counter::Dropped(Reason::Beacon)), 0);
    assert_eq!(lab.engine.take_beacons().unwrap(), BTreeSet::new());
}
