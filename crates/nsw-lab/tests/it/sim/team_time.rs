//! Teams over time, across switches: failover and failback, what physical switches are told, beacons that find a path
//! broken further out.

use std::fmt::Write as _;
use std::time::Duration;

use expect_test::{Expect, expect};
use nsw_core::{Cause, FailureDetection, Frame, ethertype};
use nsw_lab::sim::{At, FrameSpec, World};

use super::{check_frame, example, verdict, world};

const MS: Duration = Duration::from_millis(1);

/// Two segments behind one another would be too kind: here three uplinks stand on one segment.
const THREE: &str = "
lab: three
segments:
  office:
    stations:
      X: { address: 192.0.2.50/24, mac: 00:1b:21:00:00:50 }
hosts:
  PH:
    vmnics:
      vmnic0: { segment: office }
      vmnic1: { segment: office }
      vmnic2: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1, vmnic2]
        teaming: { failure-detection: beacon }
        port-groups:
          VM Network: { teaming: { load-balancing: explicit } }
    vms:
      V: { port-group: VM Network, address: 192.0.2.21/24, mac: 00:50:56:00:00:21 }
";

/// The uplink that the first frame of a conversation leaves a host by.
fn leaves_by(world: &mut World, from: &str, host: &str) -> Vec<String> {
    let sender = world.find(from).unwrap();
    let spec: FrameSpec = format!("src={} dst=broadcast", world.endpoint(sender).mac).parse().unwrap();
    let journey = world.send(sender, spec.bytes());
    let visits = journey.hops.iter().filter_map(|hop| match &hop.at {
        At::VSwitch(visit) if visit.host == host => Some(visit),
        _ => None,
    });
    let first = visits.into_iter().next().unwrap();
    let out = first.outcome.deliveries.iter().filter(|delivery| delivery.cause == Cause::Uplink);
    out.map(|delivery| first.tables.port_name(delivery.port).to_owned()).collect()
}

/// Who announced what since this was asked last, and what became of it.
fn check_announced(world: &mut World, expected: &Expect) {
    let mut text = String::new();
    for journey in world.take_sent() {
        let frame = Frame::parse(&journey.frame).unwrap();
        if frame.ethertype() != ethertype::RARP {
            continue;
        }
        let ends = super::ends(&journey).replace('\n', "; ");
        writeln!(text, "{} announces {}: {ends}", journey.from, frame.src()).unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn a_port_fails_over_at_once_and_back_after_the_delay() {
    let mut world = example("teaming");
    assert_eq!(leaves_by(&mut world, "app01", "physical"), ["vmnic1"]);
    world.set_link("physical", "vmnic1", false).unwrap();
    assert_eq!(leaves_by(&mut world, "app01", "physical"), ["vmnic0"]);
    world.set_link("physical", "vmnic1", true).unwrap();
    world.advance(99 * MS);
    assert_eq!(leaves_by(&mut world, "app01", "physical"), ["vmnic0"]);
    world.advance(MS);
    assert_eq!(leaves_by(&mut world, "app01", "physical"), ["vmnic1"]);
}

// vmk0 and nested-1 move, and the laptop reaches vmk0 by its new way without a word from it. Of web01, which moved with
// nested-1, the physical switch hears nothing.
#[test]
fn the_physical_switch_is_told_of_registered_addresses_and_not_of_nested_ones() {
    let mut world = example("teaming");
    for sender in ["physical/vmk0", "web01"] {
        leaves_by(&mut world, sender, "physical");
    }
    check_announced(&mut world, &expect![""]);
    world.set_link("physical", "vmnic0", false).unwrap();
    check_announced(
        &mut world,
        &expect![[r#"
        physical/vSwitch0 announces 02:2b:a8:48:3f:c0: laptop takes it; physical drops it: PORT_DOWN
        physical/vSwitch0 announces 00:50:56:01:00:01: laptop takes it; physical drops it: PORT_DOWN
    "#]],
    );
    check_frame(
        &mut world,
        "laptop",
        "physical/vmk0",
        &expect![[r#"
        physical/vmk0 takes it
        nested-1 drops it: DEST_NOT_REGISTERED"#]],
    );
    check_frame(&mut world, "laptop", "web01", &expect!["physical drops it: PORT_DOWN"]);
}

// Of its own VMs the nested host speaks itself, and on the outer switch what it sends is forged.
#[test]
fn what_a_nested_host_announces_is_forged_on_the_outer_switch() {
    let cases = [
        (
            "i/i/i",
            &expect![[r#"
        nested-1/vSwitch0 announces 00:50:56:23:5f:9e: physical drops it: FORGED_TRANSMIT
    "#]],
        ),
        (
            "A/i/A",
            &expect![[r#"
        nested-1/vSwitch0 announces 00:50:56:23:5f:9e: leaves physical by vmnic0; physical/vmk0 takes it; app01/eth0 takes it; app02/eth0 takes it; sniffer/eth0 takes it; laptop takes it
    "#]],
        ),
    ];
    for (policy, expected) in cases {
        let mut world = example("nested");
        world.set_security("physical", "vSwitch0", Some("Nested"), super::policy(policy)).unwrap();
        world.take_sent();
        world.set_link("nested-1", "web01.eth0", false).unwrap();
        world.set_link("nested-1", "web01.eth0", true).unwrap();
        check_announced(&mut world, expected);
    }
}

#[test]
fn beacons_find_the_path_that_is_broken_though_its_link_is_up() {
    let mut world = world(THREE);
    world.advance(10_000 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0"]);
    assert_eq!(verdict(&world, "V", "X"), "REACHABLE");
    world.set_path("PH", "vmnic0", false).unwrap();
    assert_eq!(verdict(&world, "V", "X"), "UNREACHABLE", "the link is up, so nobody knows");
    world.advance(2_999 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0"]);
    world.advance(1_001 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic1"]);
    assert_eq!(verdict(&world, "V", "X"), "REACHABLE");
    world.set_path("PH", "vmnic0", true).unwrap();
    world.advance(2_000 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0"]);
}

// Two of three links are down; the path of the last but one breaks. Both are used, and X answers by the one that works.
#[test]
fn two_uplinks_that_do_not_hear_each_other_are_both_used() {
    let mut world = world(THREE);
    world.set_link("PH", "vmnic2", false).unwrap();
    world.set_path("PH", "vmnic0", false).unwrap();
    world.advance(5_000 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0", "vmnic1"]);
    assert_eq!(verdict(&world, "V", "X"), "REACHABLE");
    // When the path is whole again the team knows it within two seconds, and until then frames from outside come twice.
    world.set_path("PH", "vmnic0", true).unwrap();
    check_frame(
        &mut world,
        "X",
        "broadcast",
        &expect![[r#"
        V/eth0 takes it
        V/eth0 takes it
        PH drops it: PORT_DOWN"#]],
    );
    world.advance(2_000 * MS);
    check_frame(
        &mut world,
        "X",
        "broadcast",
        &expect![[r#"
        V/eth0 takes it
        PH drops it: REVERSE_TEAM
        PH drops it: PORT_DOWN"#]],
    );
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0"]);
}

#[test]
fn by_link_alone_nobody_notices() {
    let mut world = world(THREE);
    world
        .edit("PH", "vSwitch0", |config| {
            config.teaming.failure_detection = Some(FailureDetection::LinkStatus);
            Ok(())
        })
        .unwrap();
    world.set_path("PH", "vmnic0", false).unwrap();
    world.advance(60_000 * MS);
    assert_eq!(leaves_by(&mut world, "V", "PH"), ["vmnic0"]);
    let beacons = world.take_sent().iter().filter(|journey| journey.frame[12..14] == [0x89, 0x22]).count();
    assert_eq!(beacons, 0);
}
