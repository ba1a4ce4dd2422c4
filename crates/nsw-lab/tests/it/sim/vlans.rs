//! VLANs through nested hosts: who tags, and what a port group lets through.

use expect_test::expect;
use nsw_core::VlanMode;
use nsw_lab::sim::World;

use super::{check, check_end, check_frame, example, policy, verdict};

fn set_vlan(world: &mut World, host: &str, port_group: &str, id: u16) {
    let edit = world.edit(host, "vSwitch0", |config| {
        config.port_group_mut(port_group).unwrap().vlan = VlanMode::from_id(id).unwrap();
        Ok(())
    });
    edit.unwrap();
}

// Scenario 33.
#[test]
fn a_trunk_port_group_passes_the_tags_of_the_inner_switch() {
    let mut world = example("vlan-trunk");
    for (from, to) in [("web01", "laptop"), ("laptop", "web01"), ("web01", "app01"), ("tagger", "web01")] {
        assert_eq!(verdict(&world, from, to), "REACHABLE", "{from} to {to}");
    }
    check_frame(
        &mut world,
        "web01",
        "broadcast",
        &expect![[r#"
        leaves nested-1 by vmnic0
        leaves physical by vmnic0
        app01/eth0 takes it
        tagger/eth0 takes it, tagged 20
        laptop takes it, tagged 20
        printer ignores it, tagged 20"#]],
    );
}

#[test]
fn a_vlan_is_not_left() {
    check(
        &example("vlan-trunk"),
        "web01",
        "printer",
        &expect![[r#"
            1 ARP request  web01/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web01.eth0, port group Production
                untagged: VLAN 20
                source 00:50:56:30:7c:4d is the effective MAC
                destination is broadcast
                leave by uplink vmnic0, tagged 20
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                tagged 20: VLAN 20
                source 00:50:56:30:7c:4d is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination is broadcast
                deliver to app01.eth0, tag removed
                deliver to tagger.eth0
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to every other port
                printer ignores it: not its VLAN
              died at segment office / printer: OTHER_VLAN
                it came to the adapter in a VLAN that the guest does not listen to
            2 ARP reply: not sent
            3 echo request: not sent
            4 echo reply: not sent
            web01/eth0 -> printer: the ARP request died
              at segment office / printer: OTHER_VLAN
                it came to the adapter in a VLAN that the guest does not listen to
            printer -> web01/eth0: the echo reply was not sent, and would have died
              at nested-1 / vSwitch0 / vmnic0: VLAN_MISMATCH
                the frame's VLAN is not the VLAN of the port it came by or is meant for
        "#]],
    );
    check_end(
        &example("vlan-trunk"),
        "app01",
        "physical/vmk0",
        &expect![[r#"
            app01/eth0 -> physical/vmk0: the ARP request died
              at physical / vSwitch0 / Management Network / vmk0: VLAN_MISMATCH
                VLAN ID = 0, set on port group Management Network
            physical/vmk0 -> app01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch0 / Production / app01.eth0: VLAN_MISMATCH
                VLAN ID = 20, set on port group Production"#]],
    );
}

// Scenario 34.
#[test]
fn a_trunk_is_not_promiscuous_mode() {
    let mut world = example("vlan-trunk");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check_end(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: arrives
            laptop -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
}

// Scenario 35: the outer switch tags, and the inner switch tags as well.
#[test]
fn a_tag_within_a_tagging_port_group_is_dropped() {
    let mut world = example("vlan-trunk");
    set_vlan(&mut world, "physical", "Nested", 20);
    check_end(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: the ARP request died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: VLAN_MISMATCH
                VLAN ID = 20, set on port group Nested
            laptop -> web01/eth0: the echo reply was not sent, and would have died
              at nested-1 / vSwitch0 / vmnic0: VLAN_MISMATCH
                the frame's VLAN is not the VLAN of the port it came by or is meant for"#]],
    );
    check_end(
        &world,
        "laptop",
        "web01",
        &expect![[r#"
            laptop -> web01/eth0: the ARP request died
              at nested-1 / vSwitch0 / Production / web01.eth0: VLAN_MISMATCH
                VLAN ID = 20, set on port group Production
            web01/eth0 -> laptop: the echo reply was not sent, and would have died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: VLAN_MISMATCH
                VLAN ID = 20, set on port group Nested"#]],
    );
}

// Scenario 37: the VLAN is the layer 2 domain, not the port group; scenario 38: and it keeps neighbours apart.
#[test]
fn port_groups_of_one_vlan_are_one_network() {
    let mut world = example("nested");
    set_vlan(&mut world, "nested-1", "Management Network", 20);
    set_vlan(&mut world, "nested-1", "VM Network", 20);
    assert_eq!(verdict(&world, "nested-1/vmk0", "web01"), "REACHABLE");
    set_vlan(&mut world, "nested-1", "Management Network", 21);
    check_end(
        &world,
        "nested-1/vmk0",
        "web01",
        &expect![[r#"
            nested-1/vmk0 -> web01/eth0: the ARP request died
              at nested-1 / vSwitch0 / VM Network / web01.eth0: VLAN_MISMATCH
                VLAN ID = 20, set on port group VM Network
            web01/eth0 -> nested-1/vmk0: the echo reply was not sent, and would have died
              at nested-1 / vSwitch0 / Management Network / vmk0: VLAN_MISMATCH
                VLAN ID = 21, set on port group Management Network"#]],
    );
}
