//! Two uplinks, two vNICs, and guests that forward: what is told of duplicates, loops and failed cables. Their frames are
//! scenarios 39 to 49 in `tests/data/scenarios`.

use expect_test::expect;
use nsw_lab::sim::{FrameSpec, World, looping_vms};
use nsw_lab::spec;
use nsw_lab::topology::Lab;

use super::{check_end, check_frame, example, policy, verdict, world};

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

/// T2 with promiscuous mode and forged transmits accepted for the nested hosts.
fn open() -> World {
    let mut world = world(T2);
    world.set_security("PH", "vSwitch0", Some("PG-N"), policy("A/R/A")).unwrap();
    world
}

#[test]
fn duplicates_are_told_in_the_conversation() {
    check_end(
        &open(),
        "X",
        "N1",
        &expect![[r#"
        X -> N1/eth0: arrives
        N1/eth0 -> X: arrives"#]],
    );
    let talk = super::ping(&open(), "X", "N1");
    expect!["  arrived at N1/eth0, 2 copies: duplicates"]
        .assert_eq(&talk.lines().filter(|line| line.contains("copies")).collect::<Vec<_>>().join("\n"));
}

/// A VM whose guest bridges two adapters; the settings of each one's port group follow.
fn bridging(first: &str, second: &str) -> Lab {
    let text = format!(
        "
lab: bridging
segments:
  office:
    stations:
      X: {{ address: 192.0.2.50/24 }}
hosts:
  PH:
    vmnics:
      vmnic0: {{ segment: office }}
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          First: {first}
          Second: {second}
    vms:
      B:
        bridge: true
        nics:
          eth0: {{ port-group: First }}
          eth1: {{ port-group: Second }}
"
    );
    spec::parse("test.yaml", &text).unwrap().lab
}

// What the bridge itself sends has the address of one adapter, and goes out by that one unforged: no policy stops it.
#[test]
fn a_guest_that_bridges_one_network_with_itself_makes_a_loop() {
    let open = "{ security: { forged-transmits: accept } }";
    let closed = "{ security: { forged-transmits: reject } }";
    assert_eq!(looping_vms(&bridging(open, open)), ["B"]);
    assert_eq!(looping_vms(&bridging(open, closed)), ["B"]);
    assert_eq!(looping_vms(&bridging(closed, closed)), ["B"]);
}

#[test]
fn a_guest_that_bridges_two_vlans_makes_no_loop() {
    let tagged = |vlan| format!("{{ vlan: {vlan}, security: {{ forged-transmits: accept }} }}");
    assert_eq!(looping_vms(&bridging(&tagged(10), &tagged(20))), Vec::<String>::new());
    assert_eq!(looping_vms(&bridging(&tagged(10), &tagged(10))), ["B"]);
}

#[test]
fn a_loop_is_noticed_the_first_time_round() {
    let open = "{ security: { forged-transmits: accept } }";
    let mut world = World::new(&bridging(open, open)).unwrap();
    let from = world.find("X").unwrap();
    let frame: FrameSpec = "src=00:1b:21:00:00:50 dst=broadcast".parse().unwrap();
    let journey = world.send(from, frame.bytes());
    expect!["LOOP: a copy came back; in a real network it goes round for ever"]
        .assert_eq(journey.to_string().lines().last().unwrap());
    assert!(journey.hops.len() < 100);
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
