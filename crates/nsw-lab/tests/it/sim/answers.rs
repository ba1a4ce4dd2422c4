//! Who is meant by a name, and how an end point answers.

use expect_test::expect;
use nsw_lab::sim::reach::reach;

use super::{check, example, world};

#[test]
fn an_end_point_has_many_names() {
    let world = example("nested");
    for text in ["web01", "web01/eth0", "192.168.10.31"] {
        assert_eq!(world.endpoint(world.find(text).unwrap()).name, "web01/eth0");
    }
    let mac = world.endpoint(world.find("web01").unwrap()).mac.to_string();
    assert_eq!(world.endpoint(world.find(&mac).unwrap()).name, "web01/eth0");
    assert_eq!(world.endpoint(world.find("nested-1").unwrap()).name, "nested-1/vmk0");
    assert_eq!(world.endpoint(world.find("laptop").unwrap()).name, "laptop");
}

#[test]
fn a_name_that_is_nobody_or_two_is_refused() {
    let error = |name: &str, text: &str| example(name).find(text).unwrap_err().to_string();
    expect!["nobody in this lab is called `web03` (did you mean `web01`?); there are laptop, physical/vmk0, app01/eth0, app02/eth0, sniffer/eth0, nested-1/vmk0, web01/eth0, web02/eth0"].assert_eq(&error("nested", "web03"));
    expect!["`00:50:56:01:00:01` is more than one in this lab: nested-1/vmk0, nested-2/vmk0"]
        .assert_eq(&error("cloned-host", "00:50:56:01:00:01"));
}

#[test]
fn ipv6_asks_by_neighbour_discovery() {
    let world = world(
        "
lab: six
segments:
  office:
    stations:
      laptop: { address: '2001:db8::50/64', mac: 00:1b:21:00:00:50 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups: { VM Network: {} }
    vms:
      app01: { port-group: VM Network, address: '2001:db8::21/64', mac: 00:50:56:00:00:21 }
      app02: { port-group: VM Network, address: '2001:db8::22/64', mac: 00:50:56:00:00:22 }
",
    );
    check(
        &world,
        "laptop",
        "app01",
        &expect![[r#"
        1 neighbour solicitation  laptop -> group 33:33:ff:00:00:21
          segment office
            comes from laptop: to every other port
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is multicast group 33:33:ff:00:00:21
            deliver to app01.eth0
          arrived at app01/eth0
        2 neighbour advertisement  app01/eth0 -> laptop
          physical / vSwitch0
            enters vSwitch0 by app01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:00:00:21 is the effective MAC
            destination 00:1b:21:00:00:50 is registered on no port of VLAN 0
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to laptop, where the destination was learned
          arrived at laptop
        3 echo request  laptop -> app01/eth0
          segment office
            comes from laptop: to physical/vmnic0, where the destination was learned
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:21 is registered on app01.eth0
            deliver to app01.eth0
          arrived at app01/eth0
        4 echo reply  app01/eth0 -> laptop
          physical / vSwitch0
            enters vSwitch0 by app01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:00:00:21 is the effective MAC
            destination 00:1b:21:00:00:50 is registered on no port of VLAN 0
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to laptop, where the destination was learned
          arrived at laptop
        laptop -> app01/eth0: arrives
        app01/eth0 -> laptop: arrives
    "#]],
    );
}

#[test]
fn everybody_to_everybody() {
    let world = example("nested");
    let mut text = String::new();
    for pair in reach(&world).iter().filter(|pair| pair.verdict.code() != "REACHABLE") {
        let name = |id| &world.endpoint(id).name;
        text += &format!("{} -> {}: {}\n", name(pair.from), name(pair.to), pair.verdict.code());
    }
    expect![[r#"
        laptop -> web01/eth0: UNREACHABLE
        laptop -> web02/eth0: UNREACHABLE
        physical/vmk0 -> web01/eth0: UNREACHABLE
        physical/vmk0 -> web02/eth0: UNREACHABLE
        app01/eth0 -> web01/eth0: UNREACHABLE
        app01/eth0 -> web02/eth0: UNREACHABLE
        app02/eth0 -> web01/eth0: UNREACHABLE
        app02/eth0 -> web02/eth0: UNREACHABLE
        sniffer/eth0 -> web01/eth0: UNREACHABLE
        sniffer/eth0 -> web02/eth0: UNREACHABLE
        web01/eth0 -> laptop: UNREACHABLE
        web01/eth0 -> physical/vmk0: UNREACHABLE
        web01/eth0 -> app01/eth0: UNREACHABLE
        web01/eth0 -> app02/eth0: UNREACHABLE
        web01/eth0 -> sniffer/eth0: UNREACHABLE
        web02/eth0 -> laptop: UNREACHABLE
        web02/eth0 -> physical/vmk0: UNREACHABLE
        web02/eth0 -> app01/eth0: UNREACHABLE
        web02/eth0 -> app02/eth0: UNREACHABLE
        web02/eth0 -> sniffer/eth0: UNREACHABLE
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_conversation_starts_cold_however_often() {
    let world = example("nested-method1");
    assert_eq!(super::ping(&world, "web01", "laptop"), super::ping(&world, "web01", "laptop"));
}
