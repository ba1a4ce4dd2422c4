//! Two uplinks, two vNICs, and guests that forward: reflections, duplicates and loops (scenarios 39 to 49).

use expect_test::expect;
use nsw_lab::sim::{FrameSpec, World};

use super::{check_end, check_frame, ends, example, policy, verdict, world};

/// Two uplinks to the same segment. V is pinned to vmnic0 and W to vmnic1, H1 to vmnic0 and H2 to vmnic1.
const T2: &str = "
lab: t2
segments:
  office:
    stations:
      X: { address: 192.0.2.50/24, mac: 00:1b:21:00:00:50 }
hosts:
  PH:
    vmnics:
      vmnic0: { segment: office }
      vmnic1: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        port-groups:
          PG-N: {}
          PG-V: {}
    vms:
      V: { port-group: PG-V, address: 192.0.2.21/24, mac: 00:50:56:00:00:21 }
      W: { port-group: PG-V, address: 192.0.2.22/24, mac: 00:50:56:00:00:22 }
      H1:
        port-group: PG-N
        mac: 00:50:56:01:00:01
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0]
              port-groups: { VM Network: {} }
          vms:
            N1: { port-group: VM Network, address: 192.0.2.31/24, mac: 00:50:56:aa:00:01 }
      H2:
        port-group: PG-N
        mac: 00:50:56:01:00:02
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0]
              port-groups: { VM Network: {} }
          vms:
            N2: { port-group: VM Network, address: 192.0.2.32/24, mac: 00:50:56:aa:00:02 }
";

/// T2 with promiscuous mode and forged transmits accepted for the nested hosts; `Net.ReversePathFwdCheckPromisc` is
/// set before promiscuous mode is granted.
fn open(check_promiscuous: bool) -> World {
    let mut world = world(T2);
    set_check_promiscuous(&mut world, check_promiscuous);
    world.set_security("PH", "vSwitch0", Some("PG-N"), policy("A/R/A")).unwrap();
    world
}

fn set_check_promiscuous(world: &mut World, on: bool) {
    let edit = world.edit("PH", "vSwitch0", |config| {
        config.options.reverse_path_promiscuous = on;
        Ok(())
    });
    edit.unwrap();
}

#[test]
fn scenario_39_a_broadcast_that_comes_back_is_heard_once() {
    check_frame(
        &mut world(T2),
        "V",
        "broadcast",
        &expect![[r#"
        leaves PH by vmnic0
        W/eth0 takes it
        N1/eth0 takes it
        N2/eth0 takes it
        X takes it
        PH drops it: REVERSE_PATH"#]],
    );
}

#[test]
fn scenario_40_a_frame_by_the_other_uplink_is_dropped() {
    let world = world(T2);
    let frame: FrameSpec = "src=00:1b:21:00:00:50 dst=00:50:56:00:00:21".parse().unwrap();
    let by = |uplink: &str| ends(&world.at("PH", uplink).unwrap().frame(&frame));
    expect!["V/eth0 takes it"].assert_eq(&by("vmnic0"));
    expect!["PH drops it: REVERSE_TEAM"].assert_eq(&by("vmnic1"));
}

#[test]
fn scenarios_41_to_44_the_blind_spot_of_the_reverse_filter() {
    check_frame(
        &mut open(false),
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        V/eth0 takes it
        W/eth0 takes it
        N2/eth0 takes it
        X takes it
        W/eth0 takes it
        H1 drops it: REVERSE_PATH
        N2/eth0 takes it"#]],
    );
    check_frame(
        &mut open(true),
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        V/eth0 takes it
        W/eth0 takes it
        N2/eth0 takes it
        X takes it
        W/eth0 takes it
        N2/eth0 takes it"#]],
    );

    let mut not_latched = open(false);
    set_check_promiscuous(&mut not_latched, true);
    check_frame(
        &mut not_latched,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        V/eth0 takes it
        W/eth0 takes it
        N2/eth0 takes it
        X takes it
        W/eth0 takes it
        H1 drops it: REVERSE_PATH
        N2/eth0 takes it"#]],
    );
}

#[test]
fn scenario_45_a_flooded_frame_comes_twice() {
    check_frame(
        &mut open(false),
        "X",
        "N1",
        &expect![[r#"
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );
    check_frame(
        &mut open(true),
        "X",
        "N1",
        &expect![[r#"
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );
}

#[test]
fn duplicates_are_told_in_the_conversation() {
    check_end(
        &open(false),
        "X",
        "N1",
        &expect![[r#"
        X -> N1/eth0: arrives
        N1/eth0 -> X: arrives"#]],
    );
    let talk = super::ping(&open(false), "X", "N1");
    expect!["  arrived at N1/eth0, 2 copies: duplicates"]
        .assert_eq(&talk.lines().filter(|line| line.contains("copies")).collect::<Vec<_>>().join("\n"));
}

#[test]
fn scenario_46_an_address_that_the_physical_switch_still_has_on_the_failed_uplink() {
    let mut world = open(true);
    world.set_link("PH", "vmnic0", false).unwrap();
    check_frame(
        &mut world,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic1
        V/eth0 takes it
        W/eth0 takes it
        N2/eth0 takes it
        X takes it
        PH drops it: PORT_DOWN"#]],
    );
    world.set_link("PH", "vmnic0", true).unwrap();
    check_frame(&mut world, "X", "N1", &expect!["H2 drops it: DEST_NOT_REGISTERED"]);
    check_frame(
        &mut world,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        V/eth0 takes it
        W/eth0 takes it
        N2/eth0 takes it
        X takes it
        W/eth0 takes it
        N2/eth0 takes it"#]],
    );
    check_frame(&mut world, "X", "N1", &expect!["N1/eth0 takes it"]);
}

/// A nested host with two adapters on one port group.
const TWO_ADAPTERS: &str = "
lab: two-adapters
segments:
  office:
    stations:
      X: { address: 192.0.2.50/24, mac: 00:1b:21:00:00:50 }
hosts:
  PH:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          PG-N:
            security: { promiscuous: accept, forged-transmits: accept }
    vms:
      H1:
        nics:
          vmnic0: { port-group: PG-N, mac: 00:50:56:01:00:01 }
          vmnic1: { port-group: PG-N, mac: 00:50:56:01:00:02 }
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0, vmnic1]
              port-groups: { VM Network: {} }
          vms:
            N1: { port-group: VM Network, address: 192.0.2.31/24, mac: 00:50:56:aa:00:01 }
      B:
        nics:
          eth0: { port-group: PG-N, mac: 00:50:56:00:00:41, address: 192.0.2.41/24 }
          eth1: { port-group: PG-N, mac: 00:50:56:00:00:42 }
";

#[test]
fn scenarios_47_and_48_a_nested_team_neither_doubles_nor_loops() {
    let mut world = world(TWO_ADAPTERS);
    check_frame(
        &mut world,
        "X",
        "N1",
        &expect![[r#"
        N1/eth0 takes it
        H1 drops it: REVERSE_TEAM"#]],
    );
    check_frame(
        &mut world,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        B/eth0 takes it
        B/eth1 takes it
        H1 drops it: REVERSE_PATH
        X takes it"#]],
    );
    assert_eq!(verdict(&world, "N1", "X"), "REACHABLE");
}

#[test]
fn scenario_49_a_guest_that_bridges_two_adapters_makes_a_loop() {
    let mut world = world(TWO_ADAPTERS);
    world.bridge_guest("B").unwrap();
    let from = world.find("X").unwrap();
    let frame: FrameSpec = "src=00:1b:21:00:00:50 dst=broadcast".parse().unwrap();
    let journey = world.send(from, frame.bytes());
    expect!["LOOP: a copy came back; in a real network it goes round for ever"]
        .assert_eq(journey.to_string().lines().last().unwrap());
    assert!(journey.hops.len() < 100, "a loop is noticed the first time round");
}

#[test]
fn a_failed_cable_moves_its_traffic_to_the_other() {
    let mut world = example("teaming");
    check_frame(
        &mut world,
        "app01",
        "laptop",
        &expect![[r#"
        leaves physical by vmnic1
        nested-1 drops it: DEST_NOT_REGISTERED
        laptop takes it
        nested-1 drops it: DEST_NOT_REGISTERED"#]],
    );
    world.set_link("physical", "vmnic1", false).unwrap();
    assert_eq!(verdict(&world, "app01", "laptop"), "REACHABLE");
    world.set_link("physical", "vmnic0", false).unwrap();
    check_end(
        &world,
        "app01",
        "laptop",
        &expect![[r#"
            app01/eth0 -> laptop: the ARP request died
              at physical / vSwitch0 / VM Network / app01.eth0: NO_UPLINK
                failover order = no usable uplink, set on port group VM Network
            laptop -> app01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch0 / vmnic0: PORT_DOWN
                the port is disconnected or its link is down"#]],
    );
    assert_eq!(verdict(&world, "app01", "nested-1/vmk0"), "REACHABLE");
}
