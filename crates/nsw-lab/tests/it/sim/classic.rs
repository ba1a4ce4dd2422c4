//! The classic lab: what each of the two cures on the outer host does, alone and together.

use expect_test::expect;

use super::{check, check_end, check_frame, example, policy, verdict};

#[test]
fn with_reject_everywhere_an_inner_vm_is_cut_off() {
    check(
        &example("nested"),
        "web01",
        "laptop",
        &expect![[r#"
            1 ARP request  web01/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web01.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:23:5f:9e is the effective MAC
                destination is broadcast
                deliver to vmk0
                deliver to web02.eth0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:23:5f:9e is not the effective MAC 00:50:56:01:00:01
                drop FORGED_TRANSMIT
                  the source is not the effective MAC and forged transmits are rejected
                  forged transmits = Reject, set on vSwitch0, inherited by port group Nested
              died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on vSwitch0, inherited by port group Nested
            2 ARP reply: not sent
            3 echo request: not sent
            4 echo reply: not sent
            web01/eth0 -> laptop: the ARP request died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on vSwitch0, inherited by port group Nested
            laptop -> web01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
        "#]],
    );
}

#[test]
fn method_1_opens_the_outer_vswitch() {
    check(
        &example("nested-method1"),
        "web01",
        "laptop",
        &expect![[r#"
        1 ARP request  web01/eth0 -> broadcast
          nested-1 / vSwitch0
            enters vSwitch0 by web01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:07:2b:a3 is the effective MAC
            destination is broadcast
            deliver to vmk0
            deliver to web02.eth0
            leave by uplink vmnic0
          physical / vSwitch0
            enters vSwitch0 by nested-1.vmnic0, port group Nested
            untagged: VLAN 0
            source 00:50:56:07:2b:a3 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
            destination is broadcast
            deliver to vmk0
            deliver to app01.eth0
            deliver to app02.eth0
            deliver to sniffer.eth0
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to every other port
          arrived at laptop
        2 ARP reply  laptop -> web01/eth0
          segment office
            comes from laptop: to physical/vmnic0, where the destination was learned
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:07:2b:a3 is registered on no port of VLAN 0
            copy to sniffer.eth0, in promiscuous mode
            copy to nested-1.vmnic0, in promiscuous mode
          nested-1 / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:07:2b:a3 is registered on web01.eth0
            deliver to web01.eth0
          arrived at web01/eth0
        3 echo request  web01/eth0 -> laptop
          nested-1 / vSwitch0
            enters vSwitch0 by web01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:07:2b:a3 is the effective MAC
            destination 02:e0:4c:c9:b4:fa is registered on no port of VLAN 0
            leave by uplink vmnic0
          physical / vSwitch0
            enters vSwitch0 by nested-1.vmnic0, port group Nested
            untagged: VLAN 0
            source 00:50:56:07:2b:a3 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
            destination 02:e0:4c:c9:b4:fa is registered on no port of VLAN 0
            copy to sniffer.eth0, in promiscuous mode
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to laptop, where the destination was learned
          arrived at laptop
        4 echo reply  laptop -> web01/eth0
          segment office
            comes from laptop: to physical/vmnic0, where the destination was learned
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:07:2b:a3 is registered on no port of VLAN 0
            copy to sniffer.eth0, in promiscuous mode
            copy to nested-1.vmnic0, in promiscuous mode
          nested-1 / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:07:2b:a3 is registered on web01.eth0
            deliver to web01.eth0
          arrived at web01/eth0
        web01/eth0 -> laptop: arrives
        laptop -> web01/eth0: arrives
    "#]],
    );
}

#[test]
fn method_2_opens_the_port_group_of_the_nested_host() {
    check(
        &example("nested-method2"),
        "laptop",
        "web01",
        &expect![[r#"
            1 ARP request  laptop -> broadcast
              segment office
                comes from laptop: to every other port
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination is broadcast
                deliver to vmk0
                deliver to app01.eth0
                deliver to app02.eth0
                deliver to sniffer.eth0
                deliver to nested-1.vmnic0
              nested-1 / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination is broadcast
                deliver to vmk0
                deliver to web01.eth0
                deliver to web02.eth0
              arrived at web01/eth0
            2 ARP reply  web01/eth0 -> laptop
              nested-1 / vSwitch0
                enters vSwitch0 by web01.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:18:bf:68 is the effective MAC
                destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:18:bf:68 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
                refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
                  promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to laptop, where the destination was learned
              arrived at laptop
            3 echo request  laptop -> web01/eth0
              segment office
                comes from laptop: to physical/vmnic0, where the destination was learned
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:18:bf:68 is registered on no port of VLAN 0
                copy to nested-1.vmnic0, in promiscuous mode
                refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
                  promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
              nested-1 / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:18:bf:68 is registered on web01.eth0
                deliver to web01.eth0
              arrived at web01/eth0
            4 echo reply  web01/eth0 -> laptop
              nested-1 / vSwitch0
                enters vSwitch0 by web01.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:18:bf:68 is the effective MAC
                destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:18:bf:68 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
                refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
                  promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to laptop, where the destination was learned
              arrived at laptop
            laptop -> web01/eth0: arrives
            web01/eth0 -> laptop: arrives
        "#]],
    );
}

#[test]
fn forged_transmits_alone_let_the_question_out_and_no_answer_in() {
    let mut world = example("nested");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("i/i/A")).unwrap();
    check(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            1 ARP request  web01/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web01.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:23:5f:9e is the effective MAC
                destination is broadcast
                deliver to vmk0
                deliver to web02.eth0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:23:5f:9e is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination is broadcast
                deliver to vmk0
                deliver to app01.eth0
                deliver to app02.eth0
                deliver to sniffer.eth0
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to every other port
              arrived at laptop
            2 ARP reply  laptop -> web01/eth0
              segment office
                comes from laptop: to physical/vmnic0, where the destination was learned
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:23:5f:9e is registered on no port of VLAN 0
                refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
                  promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
                refuse nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                  promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
                drop DEST_NOT_REGISTERED
                  no port of this switch is registered for the destination
              died at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
            3 echo request: not sent
            4 echo reply: not sent
            web01/eth0 -> laptop: arrives
            laptop -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
        "#]],
    );
    check_end(
        &world,
        "laptop",
        "web01",
        &expect![[r#"
            laptop -> web01/eth0: the echo request died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
            web01/eth0 -> laptop: arrives"#]],
    );
}

#[test]
fn promiscuous_mode_alone_lets_the_question_in_and_no_answer_out() {
    let mut world = example("nested");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("A/i/i")).unwrap();
    check_end(
        &world,
        "laptop",
        "web01",
        &expect![[r#"
            laptop -> web01/eth0: arrives
            web01/eth0 -> laptop: the ARP reply died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on vSwitch0, inherited by port group Nested"#]],
    );
    check_end(
        &world,
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: the ARP request died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on vSwitch0, inherited by port group Nested
            laptop -> web01/eth0: arrives"#]],
    );
}

// A fresh install gives vmk0 the MAC of vmnic0, and that one the outer switch knows.
#[test]
fn the_management_address_of_a_nested_host_answers_with_reject_everywhere() {
    let world = example("nested");
    for other in ["laptop", "app01", "physical/vmk0", "web01"] {
        assert_eq!(verdict(&world, "nested-1/vmk0", other), "REACHABLE", "{other}");
        assert_eq!(verdict(&world, other, "nested-1/vmk0"), "REACHABLE", "{other}");
    }
}

#[test]
fn inner_vms_reach_each_other_with_reject_everywhere() {
    assert_eq!(verdict(&example("nested"), "web01", "web02"), "REACHABLE");
}

#[test]
fn mac_address_changes_do_not_matter_to_a_nested_host() {
    for open in ["A/A/A", "A/R/A"] {
        let mut world = example("nested");
        world.set_security("physical", "vSwitch0", Some("Nested"), policy(open)).unwrap();
        assert_eq!(verdict(&world, "web01", "laptop"), "REACHABLE", "{open}");
    }
    let mut world = example("nested");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/A/R")).unwrap();
    assert_eq!(verdict(&world, "web01", "laptop"), "UNREACHABLE");
}

// The copy that leaves the host is on its way too; the one that would have arrived is the one that was refused.
#[test]
fn a_neighbour_on_the_outer_switch_misses_the_inner_vm_by_promiscuous_mode() {
    let mut world = example("nested");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("i/i/A")).unwrap();
    check_end(
        &world,
        "web01",
        "app01",
        &expect![[r#"
            web01/eth0 -> app01/eth0: arrives
            app01/eth0 -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested"#]],
    );
}

#[test]
fn method_1_has_an_eavesdropper_and_method_2_has_none() {
    let bystanders = |name: &str| {
        let world = example(name);
        let talk = world.converse(world.find("web01").unwrap(), world.find("laptop").unwrap());
        let text = talk.bystanders().into_iter().map(|one| format!("{} {}", one.name, one.copies));
        text.collect::<Vec<_>>().join("\n")
    };
    expect!["sniffer/eth0 3"].assert_eq(&bystanders("nested-method1"));
    expect![[""]].assert_eq(&bystanders("nested-method2"));
    expect!["nested-2.vmnic0 3"].assert_eq(&bystanders("two-nested-hosts"));
}

#[test]
fn two_nested_hosts_talk_through_an_open_port_group() {
    let world = example("two-nested-hosts");
    for (from, to) in [("web01", "db01"), ("db01", "web01"), ("db01", "laptop"), ("app01", "web01")] {
        assert_eq!(verdict(&world, from, to), "REACHABLE", "{from} to {to}");
    }
    check_frame(
        &mut example("two-nested-hosts"),
        "web01",
        "db01",
        &expect![[r#"
        leaves nested-1 by vmnic0
        leaves physical by vmnic0
        db01/eth0 takes it
        laptop ignores it"#]],
    );
}

#[test]
fn two_nested_hosts_with_forged_transmits_alone_lose_the_answer_between_them() {
    let mut world = example("two-nested-hosts");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check_end(
        &world,
        "web01",
        "db01",
        &expect![[r#"
            web01/eth0 -> db01/eth0: the echo request was not sent, and would have died
              at physical / vSwitch0 / Nested / nested-2.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested
            db01/eth0 -> web01/eth0: the ARP reply died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
}
