//! Conversations in the topology of the acceptance scenarios: what their frames add up to, and what people are told. The
//! frames themselves are in `tests/data/scenarios`.

use expect_test::expect;
use nsw_core::{GuestRequest, Mac, PromiscuousScope};
use nsw_lab::sim::World;

use super::{check_end, policy, verdict, world};

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
fn a_nested_host_itself_is_reached_with_reject_everywhere() {
    let world = world(T1);
    assert_eq!(verdict(&world, "H1/vmk0", "X"), "REACHABLE");
    assert_eq!(verdict(&world, "X", "H1/vmk0"), "REACHABLE");
}

#[test]
fn promiscuous_mode_and_forged_transmits_together_reach_a_nested_vm() {
    let world = nested("A/R/A");
    assert_eq!(verdict(&world, "N1", "X"), "REACHABLE");
    assert_eq!(verdict(&world, "X", "N1"), "REACHABLE");
}

// V and W are in another port group than the nested hosts.
#[test]
fn promiscuous_mode_limited_to_the_port_group_cuts_off_vms_of_another() {
    let mut world = nested("A/R/A");
    let edit = world.edit("PH", "vSwitch0", |config| {
        config.options.promiscuous_scope = PromiscuousScope::PortGroup;
        Ok(())
    });
    edit.unwrap();
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
fn a_setting_that_is_left_out_is_told_as_inherited() {
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
fn after_a_refused_mac_address_change_both_directions_die() {
    let world = changed("R/R/R");
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

    let world = changed("A/R/A");
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
fn after_an_accepted_mac_address_change_the_vm_is_reached() {
    assert_eq!(verdict(&changed("R/A/R"), "V", "X"), "REACHABLE");
}

#[test]
fn mac_address_changes_make_no_difference_to_a_nested_vm() {
    assert_eq!(ping_text("A/A/A"), ping_text("A/R/A"));
}

fn ping_text(setting: &str) -> String {
    super::ping(&nested(setting), "N1", "X")
}

// The switch knows the address, on the port of the other nested host.
#[test]
fn a_cloned_host_with_the_address_of_its_template() {
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
