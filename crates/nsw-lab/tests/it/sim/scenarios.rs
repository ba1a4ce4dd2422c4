//! The acceptance scenarios of the specification on one physical switch, by number: where do the copies of a frame end?

use expect_test::expect;
use nsw_core::{GuestRequest, Mac, PromiscuousScope};
use nsw_lab::sim::{FrameSpec, World};

use super::{check_end, check_frame, ends, policy, verdict, world};

/// Two nested hosts H1 and H2 with one VM each; V, W and the sniffer S beside them; X outside. All in VLAN 10.
const T1: &str = "
lab: t1
segments:
  office:
    stations:
      X: { address: 192.0.2.50/24, mac: 00:1b:21:00:00:50, vlan: 10 }
hosts:
  PH:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          PG-N: { vlan: 10 }
          PG-V: { vlan: 10 }
    vms:
      V: { port-group: PG-V, address: 192.0.2.21/24, mac: 00:50:56:00:00:21 }
      W: { port-group: PG-V, address: 192.0.2.22/24, mac: 00:50:56:00:00:22 }
      S: { port-group: PG-V, address: 192.0.2.29/24, mac: 00:50:56:00:00:29, promiscuous: true }
      H1:
        port-group: PG-N
        mac: 00:50:56:01:00:01
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0]
              port-groups: { VM Network: {} }
          vmkernel:
            vmk0: { port-group: VM Network, address: 192.0.2.101/24 }
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
          vmkernel:
            vmk0: { port-group: VM Network, address: 192.0.2.102/24 }
          vms:
            N2: { port-group: VM Network, address: 192.0.2.32/24, mac: 00:50:56:aa:00:02 }
";

const NEW_MAC: &str = "00:50:56:00:00:99";

/// T1 with these settings on the port group of the nested hosts.
fn nested(setting: &str) -> World {
    let mut world = world(T1);
    world.set_security("PH", "vSwitch0", Some("PG-N"), policy(setting)).unwrap();
    world
}

/// T1 with these settings on the port group of V, whose guest has changed its MAC.
fn changed(setting: &str) -> World {
    let mut world = world(T1);
    world.set_security("PH", "vSwitch0", Some("PG-V"), policy(setting)).unwrap();
    let request = GuestRequest::unicast(NEW_MAC.parse::<Mac>().unwrap());
    world.set_guest("PH", "V.eth0", request).unwrap();
    world
}

#[test]
fn scenarios_1_to_6_the_table_of_connected_adapters() {
    let mut world = world(T1);
    check_frame(&mut world, "V", "W", &expect!["W/eth0 takes it"]);
    check_frame(
        &mut world,
        "V",
        "X",
        &expect![[r#"
        leaves PH by vmnic0
        X takes it, tagged 10"#]],
    );
    check_frame(&mut world, "X", "V", &expect!["V/eth0 takes it"]);
    check_frame(&mut world, "X", "00:50:56:00:00:77", &expect!["PH drops it: DEST_NOT_REGISTERED"]);
    check_frame(
        &mut world,
        "V",
        "broadcast",
        &expect![[r#"
        leaves PH by vmnic0
        W/eth0 takes it
        S/eth0 takes it
        H1/vmk0 takes it
        N1/eth0 takes it
        H2/vmk0 takes it
        N2/eth0 takes it
        X takes it, tagged 10"#]],
    );
    check_frame(
        &mut world,
        "X",
        "broadcast",
        &expect![[r#"
        V/eth0 takes it
        W/eth0 takes it
        S/eth0 takes it
        H1/vmk0 takes it
        N1/eth0 takes it
        H2/vmk0 takes it
        N2/eth0 takes it"#]],
    );
}

#[test]
fn scenarios_7_and_8_reject_everywhere() {
    let mut world = world(T1);
    check_frame(
        &mut world,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        H1/vmk0 takes it
        PH drops it: FORGED_TRANSMIT"#]],
    );
    assert_eq!(verdict(&world, "H1/vmk0", "X"), "REACHABLE");
    assert_eq!(verdict(&world, "X", "H1/vmk0"), "REACHABLE");
}

#[test]
fn scenarios_9_and_10_promiscuous_mode_alone() {
    let mut world = nested("A/R/R");
    check_frame(
        &mut world,
        "X",
        "N1",
        &expect![[r#"
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );
    check_frame(
        &mut world,
        "N1",
        "X",
        &expect![[r#"
        leaves H1 by vmnic0
        PH drops it: FORGED_TRANSMIT"#]],
    );
}

#[test]
fn scenarios_11_and_12_forged_transmits_alone() {
    let mut world = nested("R/R/A");
    check_frame(
        &mut world,
        "N1",
        "broadcast",
        &expect![[r#"
        leaves H1 by vmnic0
        H1/vmk0 takes it
        leaves PH by vmnic0
        V/eth0 takes it
        W/eth0 takes it
        S/eth0 takes it
        H2/vmk0 takes it
        N2/eth0 takes it
        X takes it, tagged 10"#]],
    );
    check_frame(&mut world, "X", "N1", &expect!["PH drops it: DEST_NOT_REGISTERED"]);
}

#[test]
fn scenarios_13_to_15_both() {
    let mut world = nested("A/R/A");
    assert_eq!(verdict(&world, "N1", "X"), "REACHABLE");
    assert_eq!(verdict(&world, "X", "N1"), "REACHABLE");
    check_frame(
        &mut world,
        "N1",
        "N2",
        &expect![[r#"
        leaves H1 by vmnic0
        leaves PH by vmnic0
        N2/eth0 takes it
        X ignores it, tagged 10"#]],
    );
    check_frame(
        &mut world,
        "V",
        "N1",
        &expect![[r#"
        leaves PH by vmnic0
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );
}

// Scenario 17 has no copy for W in any of these: its guest does not ask.
#[test]
fn scenarios_16_and_17_a_copy_takes_a_guest_that_asks() {
    let mut world = nested("A/R/A");
    check_frame(
        &mut world,
        "V",
        "W",
        &expect![[r#"
        W/eth0 takes it
        H1 drops it: DEST_NOT_REGISTERED
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );
    check_frame(
        &mut world,
        "V",
        "X",
        &expect![[r#"
        leaves PH by vmnic0
        H1 drops it: DEST_NOT_REGISTERED
        H2 drops it: DEST_NOT_REGISTERED
        X takes it, tagged 10"#]],
    );
}

// An option for those who read the documents the other way: being accepted is enough.
#[test]
fn scenario_17_with_the_option_to_copy_to_all() {
    let mut world = nested("A/R/A");
    let edit = world.edit("PH", "vSwitch0", |config| {
        config.options.force_copy_to_all = true;
        Ok(())
    });
    edit.unwrap();
    world.set_security("PH", "vSwitch0", Some("PG-V"), policy("A/R/R")).unwrap();
    check_frame(
        &mut world,
        "V",
        "X",
        &expect![[r#"
        leaves PH by vmnic0
        W/eth0 ignores it
        S/eth0 overhears it
        H1 drops it: DEST_NOT_REGISTERED
        H2 drops it: DEST_NOT_REGISTERED
        X takes it, tagged 10"#]],
    );
}

// V and W are in another port group than the nested hosts.
#[test]
fn scenario_16_with_promiscuous_mode_limited_to_the_port_group() {
    let mut world = nested("A/R/A");
    let edit = world.edit("PH", "vSwitch0", |config| {
        config.options.promiscuous_scope = PromiscuousScope::PortGroup;
        Ok(())
    });
    edit.unwrap();
    check_frame(&mut world, "V", "W", &expect!["W/eth0 takes it"]);
    assert_eq!(verdict(&world, "N1", "X"), "REACHABLE");
    check_end(
        &world,
        "V",
        "N1",
        &expect![[r#"
            V/eth0 -> N1/eth0: the echo request died
              at PH / vSwitch0 / PG-N / H1.vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
            N1/eth0 -> V/eth0: arrives"#]],
    );
}

#[test]
fn scenarios_18_to_21_every_setting_is_inherited_by_itself() {
    let mut world = nested("R/i/R");
    world.set_security("PH", "vSwitch0", None, policy("A/A/A")).unwrap();
    check_frame(&mut world, "X", "N1", &expect!["S/eth0 overhears it"]);
    check_frame(
        &mut world,
        "N1",
        "X",
        &expect![[r#"
        leaves H1 by vmnic0
        PH drops it: FORGED_TRANSMIT"#]],
    );

    let mut world = nested("A/i/A");
    assert_eq!(verdict(&world, "N1", "X"), "REACHABLE");
    check_frame(
        &mut world,
        "X",
        "N1",
        &expect![[r#"
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );

    let mut world = nested("i/i/i");
    world.set_security("PH", "vSwitch0", None, policy("A/R/A")).unwrap();
    check_frame(
        &mut world,
        "X",
        "N1",
        &expect![[r#"
        S/eth0 overhears it
        N1/eth0 takes it
        H2 drops it: DEST_NOT_REGISTERED"#]],
    );

    check_end(
        &nested("A/i/i"),
        "X",
        "N1",
        &expect![[r#"
            X -> N1/eth0: arrives
            N1/eth0 -> X: the ARP reply died
              at PH / vSwitch0 / PG-N / H1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, default of vSwitch0, inherited by port group PG-N"#]],
    );
}

#[test]
fn scenarios_23_and_24_a_refused_mac_address_change() {
    let mut world = changed("R/R/R");
    check_frame(&mut world, "X", NEW_MAC, &expect!["PH drops it: DEST_NOT_REGISTERED"]);
    check_frame(&mut world, "V", "X", &expect!["PH drops it: FORGED_TRANSMIT"]);
    check_end(
        &world,
        "V",
        "X",
        &expect![[r#"
            V/eth0 -> X: the ARP request died
              at PH / vSwitch0 / PG-V / V.eth0: FORGED_TRANSMIT
                forged transmits = Reject, set on port group PG-V
            X -> V/eth0: the echo reply was not sent, and would have died
              at PH / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination"#]],
    );
    check_end(
        &world,
        "X",
        "V",
        &expect![[r#"
            X -> V/eth0: the ARP request died
              at PH / vSwitch0 / PG-V / V.eth0: PORT_BLOCKED_MAC_CHANGE
                MAC address changes = Reject, set on port group PG-V
            V/eth0 -> X: the echo reply was not sent, and would have died
              at PH / vSwitch0 / PG-V / V.eth0: FORGED_TRANSMIT
                forged transmits = Reject, set on port group PG-V"#]],
    );

    let mut world = changed("A/R/A");
    check_frame(&mut world, "X", NEW_MAC, &expect!["S/eth0 overhears it"]);
    check_frame(
        &mut world,
        "V",
        "X",
        &expect![[r#"
        leaves PH by vmnic0
        S/eth0 overhears it
        X takes it, tagged 10"#]],
    );
    check_end(
        &world,
        "V",
        "X",
        &expect![[r#"
            V/eth0 -> X: arrives
            X -> V/eth0: the ARP reply died
              at PH / vSwitch0 / PG-V / V.eth0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination"#]],
    );
}

#[test]
fn scenarios_25_to_27_an_accepted_mac_address_change() {
    let mut world = changed("R/A/R");
    check_frame(
        &mut world,
        "V",
        "X",
        &expect![[r#"
        leaves PH by vmnic0
        X takes it, tagged 10"#]],
    );
    check_frame(&mut world, "X", NEW_MAC, &expect!["V/eth0 takes it"]);
    check_frame(&mut world, "X", "00:50:56:00:00:21", &expect!["PH drops it: DEST_NOT_REGISTERED"]);
    assert_eq!(verdict(&world, "V", "X"), "REACHABLE");
}

#[test]
fn scenario_29_mac_address_changes_make_no_difference_to_a_nested_vm() {
    assert_eq!(ping_text("A/A/A"), ping_text("A/R/A"));
}

fn ping_text(setting: &str) -> String {
    super::ping(&nested(setting), "N1", "X")
}

// The switch knows the address, on the port of the other nested host.
#[test]
fn scenario_50_a_cloned_host_with_the_address_of_its_template() {
    let mut world = super::example("cloned-host");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check_end(
        &world,
        "laptop",
        "nested-2/vmk0",
        &expect![[r#"
            laptop -> nested-2/vmk0: the echo request died
              at physical / vSwitch0 / Nested / nested-2.vmnic0: REGISTERED_ELSEWHERE
                the destination is registered on another port, which got the frame
            nested-2/vmk0 -> laptop: arrives"#]],
    );
    check_end(
        &world,
        "app01",
        "nested-2/vmk0",
        &expect![[r#"
            app01/eth0 -> nested-2/vmk0: the echo request died
              at physical / vSwitch0 / Nested / nested-2.vmnic0: REGISTERED_ELSEWHERE
                the destination is registered on another port, which got the frame
            nested-2/vmk0 -> app01/eth0: arrives"#]],
    );
    check_end(
        &world,
        "nested-1",
        "nested-2",
        &expect![[r#"
            nested-1/vmk0 -> nested-2/vmk0: the ARP request died
              at nested-2 / vSwitch0 / vmnic0: REVERSE_PATH
                Net.ReversePathFwdCheck = 1, default of vSwitch0
            nested-2/vmk0 -> nested-1/vmk0: the echo reply was not sent, and would have died
              at nested-2 / vSwitch0 / Management Network / vmk0: HAIRPIN
                the destination is on the port that the frame came by"#]],
    );
}

#[test]
fn scenario_28_a_guest_that_sends_from_an_address_it_did_not_program() {
    let mut world = world(T1);
    world.set_security("PH", "vSwitch0", Some("PG-V"), policy("R/A/R")).unwrap();
    let frame: FrameSpec = "src=00:50:56:00:00:99 dst=00:1b:21:00:00:50".parse().unwrap();
    expect!["PH drops it: FORGED_TRANSMIT"]
        .assert_eq(&ends(&world.at("PH", "V.eth0").unwrap().frame(&frame)));
}

// S listens on a trunk, on VLAN 10 and on VLAN 0.
#[test]
fn scenario_36_promiscuous_mode_sees_the_vlans_of_its_port_group() {
    for (id, expected) in [
        (
            4095,
            expect![[r#"
        leaves PH by vmnic0
        S/eth0 overhears it, tagged 10
        X takes it, tagged 10"#]],
        ),
        (
            10,
            expect![[r#"
        leaves PH by vmnic0
        S/eth0 overhears it
        X takes it, tagged 10"#]],
        ),
        (
            0,
            expect![[r#"
        leaves PH by vmnic0
        X takes it, tagged 10"#]],
        ),
    ] {
        let text = T1.replace("S: { port-group: PG-V", "S: { port-group: PG-S").replace(
            "PG-V: { vlan: 10 }",
            &format!(
                "PG-V: {{ vlan: 10 }}\n          PG-S: {{ vlan: {id}, security: {{ promiscuous: accept }} }}"
            ),
        );
        check_frame(&mut world(&text), "V", "X", &expected);
    }
}

// Whatever bytes an adapter sends: the simulation ends, and every copy is one frame less or more by a tag.
#[test]
fn no_bytes_are_too_strange() {
    let mut world = nested("A/R/A");
    for id in world.endpoint_ids() {
        for len in 0..64 {
            for fill in [0x00, 0x81, 0xff] {
                let mut bytes = vec![fill; len];
                bytes.iter_mut().skip(12).step_by(2).for_each(|byte| *byte = 0x81);
                bytes.iter_mut().skip(13).step_by(2).for_each(|byte| *byte = 0x00);
                let journey = world.send(id, bytes);
                assert!(journey.storm.is_none());
                let lengths = journey.arrivals.iter().map(|arrival| arrival.frame.len());
                assert!(lengths.clone().all(|arrived| arrived.abs_diff(len) <= 4));
            }
        }
    }
}
