//! The less common places where a frame ends, and what is said of them.

use expect_test::expect;
use nsw_core::{GuestRequest, Mac};

use super::{check, check_end, example, world};

#[test]
fn end_points_of_different_networks_have_no_route() {
    let world = world(
        "
lab: routes
segments:
  office:
    stations:
      here: { address: 192.0.2.1/24 }
      there: { address: 198.51.100.1/24 }
      nameless: {}
hosts:
  physical: {}
",
    );
    check(
        &world,
        "here",
        "there",
        &expect![[r#"
        here -> there: not sent, they have no IP network in common and a lab has no routers
    "#]],
    );
    check(
        &world,
        "here",
        "nameless",
        &expect![[r#"
            here -> nameless: not sent, nameless has no IP address
        "#]],
    );
    check(
        &world,
        "here",
        "here",
        &expect![[r#"
        here -> here: the same adapter
    "#]],
    );
}

#[test]
fn no_cable_leads_to_another_segment() {
    let world = world(
        "
lab: islands
segments:
  office:
    stations:
      here: { address: 192.0.2.1/24 }
  dmz:
    stations:
      there: { address: 192.0.2.2/24 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
      vmnic1: { segment: dmz }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups: { VM Network: {} }
      vSwitch1:
        uplinks: [vmnic1]
        port-groups: { DMZ: {} }
    vms:
      app01: { port-group: VM Network, address: 192.0.2.3/24 }
      app02: { port-group: DMZ, address: 192.0.2.4/24 }
",
    );
    check(
        &world,
        "here",
        "there",
        &expect![[r#"
            1 ARP request  here -> broadcast
              segment office
                comes from here: to every other port
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination is broadcast
                deliver to app01.eth0
              died at segment office / here: NO_PATH
                no cable leads from there to the destination
            2 ARP reply: not sent
            3 echo request: not sent
            4 echo reply: not sent
            here -> there: the ARP request died
              at segment office / here: NO_PATH
                no cable leads from there to the destination
            there -> here: the echo reply was not sent, and would have died
              at segment dmz / there: NO_PATH
                no cable leads from there to the destination
        "#]],
    );
    check_end(
        &world,
        "app01",
        "app02",
        &expect![[r#"
            app01/eth0 -> app02/eth0: the ARP request died
              at physical / vSwitch0 / VM Network / app01.eth0: NO_PATH
                no cable leads from there to the destination
            app02/eth0 -> app01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch1 / DMZ / app02.eth0: NO_PATH
                no cable leads from there to the destination"#]],
    );
    check_end(
        &world,
        "app02",
        "there",
        &expect![[r#"
        app02/eth0 -> there: arrives
        there -> app02/eth0: arrives"#]],
    );
}

#[test]
fn a_disconnected_adapter() {
    let mut world = example("nested-method2");
    world.set_link("physical", "nested-1.vmnic0", false).unwrap();
    check_end(
        &world,
        "laptop",
        "web01",
        &expect![[r#"
            laptop -> web01/eth0: the ARP request died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: PORT_DOWN
                the port is disconnected or its link is down
            web01/eth0 -> laptop: the echo reply was not sent, and would have died
              at nested-1 / vSwitch0 / VM Network / web01.eth0: NO_UPLINK
                failover order = no usable uplink, default of vSwitch0, inherited by port group VM Network"#]],
    );
    check_end(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: the ARP request died
              at nested-1 / vSwitch0 / VM Network / web01.eth0: NO_UPLINK
                failover order = no usable uplink, default of vSwitch0, inherited by port group VM Network
            laptop -> web01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination"#]],
    );
}

// The nested host's port is open, but nobody inside asks any more.
#[test]
fn an_adapter_that_does_not_ask_for_promiscuous_mode() {
    let mut world = example("nested-method2");
    let mac: Mac = "00:50:56:01:00:01".parse().unwrap();
    world.set_guest("physical", "nested-1.vmnic0", GuestRequest::unicast(mac)).unwrap();
    check_end(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: arrives
            laptop -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0
                its guest does not ask for promiscuous mode"#]],
    );
    check_end(
        &world,
        "web01",
        "app01",
        &expect![[r#"
            web01/eth0 -> app01/eth0: arrives
            app01/eth0 -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0
                its guest does not ask for promiscuous mode"#]],
    );
}
