//! The 60 acceptance scenarios of the specification, as far as one switch can decide them.
//!
//! T1 is the physical host: one uplink, nested hosts H1 and H2 on port group PG-N, VMs V and W on PG-V, all in VLAN 10
//! and all settings at Reject. T2 is the same with two uplinks; by originating port id H1 and V use U1, H2 and W use U2.
//! N1 and N2 are VMs inside H1 and H2, X is a host outside. A scenario that crosses nested hosts is told here switch by
//! switch; that the steps fit together is for the simulator to show.
//!
//! Expected texts hold the fates of each frame: where it went, and what was refused. The steps before are in the tests of
//! the stages.

use expect_test::{Expect, expect};

use crate::fixture::World;

const T1: &str = "
    switch PH
      uplink U1
      port-group PG-N  vlan 10
        vnic h1  00:50:56:00:00:11  asks promiscuous
        vnic h2  00:50:56:00:00:12  asks promiscuous
      port-group PG-V  vlan 10
        vnic v  00:50:56:00:00:01
        vnic w  00:50:56:00:00:02
";

const T2: &str = "
    switch PH
      uplink U1
      uplink U2
      port-group PG-N  vlan 10
        vnic h1  00:50:56:00:00:11  asks promiscuous
        vnic h2  00:50:56:00:00:12  asks promiscuous
      port-group PG-V  vlan 10
        vnic v  00:50:56:00:00:01
        vnic w  00:50:56:00:00:02
";

/// The switch inside the nested host H1.
const INSIDE_H1: &str = "
    switch H1
      uplink vmnic0
      port-group VMs
        vnic n1  00:50:56:aa:00:01
";

/// The switch inside H1 when H1 has two adapters on PG-N; n1 uses the first.
const INSIDE_H1_TEAMED: &str = "
    switch H1
      uplink h1a
      uplink h1b
      port-group VMs
        vnic n1  00:50:56:aa:00:01
";

/// Who has which address.
const NAMES: &[(&str, &str)] = &[
    ("ALL", "ff:ff:ff:ff:ff:ff"),
    ("V", "00:50:56:00:00:01"),
    ("W", "00:50:56:00:00:02"),
    ("S", "00:50:56:00:00:03"),
    ("Z", "00:50:56:00:00:99"),
    ("H1", "00:50:56:00:00:11"),
    ("H2", "00:50:56:00:00:12"),
    ("N1", "00:50:56:aa:00:01"),
    ("N2", "00:50:56:aa:00:02"),
    ("N3", "00:50:56:aa:00:03"),
    ("Q1", "00:50:56:bb:00:01"),
    ("B", "00:50:56:cc:00:01"),
    ("X", "00:50:56:ff:00:09"),
    ("UNKNOWN", "00:50:56:ff:00:0a"),
    ("STP", "01:80:c2:00:00:00"),
    ("G33", "01:00:5e:00:00:21"),
    ("G34", "01:00:5e:00:00:22"),
];

/// Scenarios that need what the core cannot do yet, and what that is.
const ABSENT: &[(usize, &str)] = &[(49, "a guest that forwards frames: the simulator's")];

/// Parts of scenarios below that need what the core cannot do yet, and what that is.
const INCOMPLETE: &[(usize, &str)] = &[(46, "RARP after a change of uplink")];

#[test]
fn every_scenario_is_here_or_is_listed_with_the_reason() {
    let here = include_str!("scenarios.rs");
    for number in 1..=60 {
        let tested = here.contains(&format!("\nfn s{number:02}_"));
        let absent = ABSENT.iter().any(|(other, _)| *other == number);
        assert!(tested != absent, "scenario {number}");
        let incomplete = INCOMPLETE.iter().any(|(other, _)| *other == number);
        assert!(tested || !incomplete, "scenario {number} has a part missing and is absent");
    }
}

/// Plays a script on a topology. In it `frame v  V > X` stands for source and destination by name.
fn play(topology: &str, script: &str, expect: &Expect) {
    let steps = World::output(&format!("{topology}{}", addressed(script)));
    let fates = ["deliver ", "copy ", "flood ", "leave ", "refuse ", "drop "];
    let lines =
        steps.lines().filter(|line| line.is_empty() || fates.iter().any(|fate| line.starts_with(fate)));
    expect.assert_eq(&lines.map(|line| format!("{line}\n")).collect::<String>());
}

fn addressed(script: &str) -> String {
    let mut text = String::new();
    for line in script.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["frame", port, src, ">", dst, rest @ ..] => {
                text += &format!("frame {port} src {} dst {} {}\n", mac(src), mac(dst), rest.join(" "));
            }
            _ => text += &format!("{line}\n"),
        }
    }
    text
}

fn mac(name: &str) -> &'static str {
    NAMES.iter().find(|(other, _)| *other == name).unwrap_or_else(|| panic!("no address for {name}")).1
}

#[test]
fn s01_a_known_neighbour_is_reached_inside() {
    play(
        T1,
        "frame v  V > W",
        &expect![[r#"
        deliver to w
    "#]],
    );
}

#[test]
fn s02_an_unknown_address_leaves_tagged() {
    play(
        T1,
        "frame v  V > X",
        &expect![[r#"
        refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
        refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
        leave by uplink U1, tagged 10
    "#]],
    );
}

#[test]
fn s03_a_reply_arrives_untagged() {
    play(
        T1,
        "frame U1  X > V  tag 10",
        &expect![[r#"
        deliver to v, tag removed
    "#]],
    );
}

#[test]
fn s04_unicast_from_outside_to_nobody_is_dropped() {
    play(
        T1,
        "frame U1  X > UNKNOWN  tag 10",
        &expect![[r#"
        refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
        refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
        drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
    "#]],
    );
}

#[test]
fn s05_broadcast_reaches_everybody_and_leaves_once() {
    play(
        T1,
        "frame v  V > ALL",
        &expect![[r#"
        deliver to h1
        deliver to h2
        deliver to w
        leave by uplink U1, tagged 10
    "#]],
    );
}

#[test]
fn s06_broadcast_from_outside_does_not_leave_again() {
    play(
        T1,
        "frame U1  X > ALL  tag 10",
        &expect![[r#"
        deliver to h1, tag removed
        deliver to h2, tag removed
        deliver to v, tag removed
        deliver to w, tag removed
    "#]],
    );
}

#[test]
fn s07_a_nested_vm_is_cut_off_by_default() {
    play(
        T1,
        "frame h1  N1 > ALL",
        &expect![[r#"
        drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
    "#]],
    );
}

#[test]
fn s08_the_nested_hosts_own_address_works_by_default() {
    play(
        T1,
        "
        frame h1  H1 > X
        frame U1  X > H1  tag 10
        ",
        &expect![[r#"
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            deliver to h1, tag removed
        "#]],
    );
}

#[test]
fn s09_promiscuous_alone_lets_frames_in() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn s10_promiscuous_alone_lets_nothing_out() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept
        frame h1  N1 > X
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
        "#]],
    );
}

#[test]
fn s11_forged_alone_lets_frames_out() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept
        frame h1  N1 > ALL
        ",
        &expect![[r#"
            deliver to h2
            deliver to v
            deliver to w
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s12_forged_alone_lets_no_reply_in() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

// The request, the reply, and an echo each way.
#[test]
fn s13_both_together_make_nested_vms_work() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > ALL
        frame U1  X > N1  tag 10
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            deliver to h2
            deliver to v
            deliver to w
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed

            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn s14_nested_vms_of_two_hosts_meet_and_a_copy_leaves() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > N2
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s15_a_vm_reaches_a_nested_vm_and_a_copy_leaves() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame v  V > N1
        ",
        &expect![[r#"
            copy to h1, in promiscuous mode
            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s16_promiscuous_ports_see_the_vlan_unless_the_scope_is_the_port_group() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame v  V > W
        set option promiscuous-scope port-group
        frame v  V > W
        ",
        &expect![[r#"
            deliver to w
            copy to h1, in promiscuous mode
            copy to h2, in promiscuous mode

            deliver to w
        "#]],
    );
}

// H2 stands for a VM in PG-N that does not ask.
#[test]
fn s17_a_guest_that_does_not_ask_gets_no_copy() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        guest h2
        frame v  V > X
        set option force-copy-to-all on
        frame v  V > X
        ",
        &expect![[r#"
            copy to h1, in promiscuous mode
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode
            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s18_a_port_group_that_rejects_wins_over_an_accepting_vswitch() {
    play(
        T1,
        "
        set switch  promiscuous accept  mac-changes accept  forged-transmits accept
        set port-group PG-N  promiscuous reject  forged-transmits reject
        frame U1  X > N1  tag 10
        frame h1  N1 > X
        ",
        &expect![[r#"
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on port group PG-N)
        "#]],
    );
}

#[test]
fn s19_an_override_opens_one_port_group_only() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        vnic s  00:50:56:00:00:03  asks promiscuous
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            refuse s: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-V)
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed
            refuse s: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s20_opening_the_vswitch_opens_every_group_that_inherits() {
    play(
        T1,
        "
        set switch  promiscuous accept  forged-transmits accept
        vnic s  00:50:56:00:00:03  asks promiscuous
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            copy to s, in promiscuous mode
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed
            copy to s, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn s21_each_setting_is_inherited_by_itself() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept
        frame h1  N1 > X
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
        "#]],
    );
}

#[test]
fn s22_a_tool_that_replaces_the_whole_policy_resets_the_rest() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > X
        set port-group PG-N  promiscuous accept  mac-changes inherit  forged-transmits inherit
        frame h1  N1 > X
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10

            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
        "#]],
    );
}

#[test]
fn s23_a_refused_mac_change_closes_the_port() {
    play(
        T1,
        "
        guest v  guest-mac 00:50:56:00:00:99
        frame U1  X > V  tag 10
        frame U1  X > Z  tag 10
        frame v  Z > X
        set option refused-mac-change block
        frame v  V > X
        guest v
        frame v  V > X
        frame U1  X > V  tag 10
        ",
        &expect![[r#"
            refuse v: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of PH, inherited by port group PG-V)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of PH, inherited by port group PG-V)

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-V)

            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of PH, inherited by port group PG-V)

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            deliver to v, tag removed
        "#]],
    );
}

#[test]
fn s24_promiscuous_mode_does_not_rescue_a_refused_mac_change() {
    play(
        T1,
        "
        set port-group PG-V  promiscuous accept  forged-transmits accept
        guest v  guest-mac 00:50:56:00:00:99  asks promiscuous
        frame U1  X > Z  tag 10
        frame v  Z > X
        set option refused-mac-change block
        frame U1  X > Z  tag 10
        frame v  Z > X
        ",
        &expect![[r#"
            refuse v: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of PH, inherited by port group PG-V)
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of PH, inherited by port group PG-V)

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            refuse v: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of PH, inherited by port group PG-V)
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of PH, inherited by port group PG-V)

            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s25_an_accepted_mac_change_works_both_ways() {
    play(
        T1,
        "
        set port-group PG-V  mac-changes accept
        guest v  guest-mac 00:50:56:00:00:99
        frame v  Z > X
        frame U1  X > Z  tag 10
        ",
        &expect![[r#"
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            deliver to v, tag removed
        "#]],
    );
}

#[test]
fn s26_after_an_accepted_change_the_initial_mac_is_forged() {
    play(
        T1,
        "
        set port-group PG-V  mac-changes accept
        guest v  guest-mac 00:50:56:00:00:99
        frame v  V > X
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s27_after_an_accepted_change_the_initial_mac_is_nobodys() {
    play(
        T1,
        "
        set port-group PG-V  mac-changes accept
        guest v  guest-mac 00:50:56:00:00:99
        frame U1  X > V  tag 10
        ",
        &expect![[r#"
            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn s28_a_bridge_in_a_guest_forges_and_changes_nothing() {
    play(
        T1,
        "
        set port-group PG-V  mac-changes accept
        frame v  B > X
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s29_mac_address_changes_are_irrelevant_to_a_nested_host() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept  mac-changes accept
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        set port-group PG-N  mac-changes reject
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed

            copy to h2, in promiscuous mode
            leave by uplink U1, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn s30_at_level_2_the_inner_port_group_drops_first() {
    play(
        INSIDE_H1,
        "frame n1  Q1 > X",
        &expect![[r#"
        drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of H1, inherited by port group VMs)
    "#]],
    );
}

// Inside H1; the outer switch does what it does in scenario 13.
#[test]
fn s31_at_level_2_both_levels_open_let_it_pass() {
    play(
        INSIDE_H1,
        "
        set port-group VMs  promiscuous accept  forged-transmits accept
        guest n1  asks promiscuous
        frame n1  Q1 > X
        frame vmnic0  X > Q1
        ",
        &expect![[r#"
            leave by uplink vmnic0

            copy to n1, in promiscuous mode
        "#]],
    );
}

#[test]
fn s32_at_level_2_the_outer_switch_drops_what_the_inner_let_pass() {
    play(
        T1,
        "frame h1  Q1 > X",
        &expect![[r#"
        drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
    "#]],
    );
}

#[test]
fn s33_a_trunk_to_a_nested_host_keeps_the_inner_tag() {
    play(
        T1,
        "
        set port-group PG-N  vlan 4095  promiscuous accept  forged-transmits accept
        frame h1  N1 > X  tag 20
        frame U1  X > N1  tag 20
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            leave by uplink U1

            copy to h1, in promiscuous mode
            copy to h2, in promiscuous mode
        "#]],
    );
}

#[test]
fn s34_guest_tagging_is_not_promiscuous_mode() {
    play(
        T1,
        "
        set port-group PG-N  vlan 4095  forged-transmits accept
        frame U1  X > ALL  tag 20
        frame U1  X > N1  tag 20
        ",
        &expect![[r#"
            deliver to h1
            deliver to h2

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn s35_a_nested_host_may_not_tag_on_a_port_group_with_a_vlan() {
    play(
        T1,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > X  tag 20
        ",
        &expect![[r#"
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 10, set on port group PG-N)
        "#]],
    );
}

#[test]
fn s36_sniffers_see_the_vlans_of_their_port_groups() {
    play(
        "
        switch PH  promiscuous accept
          uplink U1
          port-group All  vlan 4095
            vnic s  00:50:56:00:00:03  asks promiscuous
          port-group Ten  vlan 10
            vnic s2  00:50:56:00:00:04  asks promiscuous
            vnic v  00:50:56:00:00:01
          port-group Zero  vlan 0
            vnic s3  00:50:56:00:00:05  asks promiscuous
        ",
        "frame v  V > X",
        &expect![[r#"
            copy to s2, in promiscuous mode
            copy to s, in promiscuous mode, tagged 10
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s37_two_port_groups_of_one_vlan_are_one_network() {
    play(
        "
        switch PH
          uplink U1
          port-group PG-A  vlan 10
            vnic v  00:50:56:00:00:01
          port-group PG-B  vlan 10
            vnic w  00:50:56:00:00:02
        ",
        "frame v  V > W",
        &expect![[r#"
            deliver to w
        "#]],
    );
}

#[test]
fn s38_two_vlans_are_two_networks() {
    play(
        "
        switch PH
          uplink U1
          port-group PG-A  vlan 10
            vnic v  00:50:56:00:00:01
          port-group PG-B  vlan 11
            vnic w  00:50:56:00:00:02
        ",
        "frame v  V > W",
        &expect![[r#"
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s39_our_own_broadcast_that_comes_back_is_dropped() {
    play(
        T2,
        "
        frame v  V > ALL
        frame U2  V > ALL  tag 10
        ",
        &expect![[r#"
            deliver to h1
            deliver to h2
            deliver to w
            leave by uplink U1, tagged 10

            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of PH)
        "#]],
    );
}

#[test]
fn s40_unicast_that_comes_by_the_wrong_uplink_is_refused() {
    play(
        T2,
        "frame U2  X > V  tag 10",
        &expect![[r#"
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s41_the_blind_spot_a_nested_broadcast_comes_back() {
    play(
        T2,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > ALL
        frame U2  N1 > ALL  tag 10
        ",
        &expect![[r#"
            deliver to h2
            deliver to v
            deliver to w
            leave by uplink U1, tagged 10

            deliver to h1, tag removed
            deliver to h2, tag removed
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            deliver to w, tag removed
        "#]],
    );
}

// H2 hears it all the same: U2 is its own uplink.
#[test]
fn s42_reverse_path_promiscuous_closes_the_blind_spot() {
    play(
        T2,
        "
        set option reverse-path-promiscuous on
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame U2  N1 > ALL  tag 10
        ",
        &expect![[r#"
            refuse h1: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)
            deliver to h2, tag removed
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            deliver to w, tag removed
        "#]],
    );
}

#[test]
fn s43_reverse_path_promiscuous_needs_promiscuous_mode_to_be_granted_anew() {
    play(
        T2,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        set option reverse-path-promiscuous on
        frame U2  N1 > ALL  tag 10
        set port-group PG-N  promiscuous reject
        set port-group PG-N  promiscuous accept
        frame U2  N1 > ALL  tag 10
        ",
        &expect![[r#"
            deliver to h1, tag removed
            deliver to h2, tag removed
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            deliver to w, tag removed

            refuse h1: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)
            deliver to h2, tag removed
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            deliver to w, tag removed
        "#]],
    );
}

#[test]
fn s44_two_nested_hosts_on_two_uplinks_hear_a_broadcast_twice() {
    play(
        T2,
        "
        set option reverse-path-promiscuous on
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame h1  N1 > ALL
        frame U2  N1 > ALL  tag 10
        ",
        &expect![[r#"
            deliver to h2
            deliver to v
            deliver to w
            leave by uplink U1, tagged 10

            refuse h1: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)
            deliver to h2, tag removed
            refuse v: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-V)
            deliver to w, tag removed
        "#]],
    );
}

#[test]
fn s44_with_the_guard_they_hear_it_once() {
    play(
        T2,
        "
        set option reverse-path-promiscuous on
        set port-group PG-N  promiscuous accept  forged-transmits accept  guard on
        frame h1  N1 > ALL
        frame U2  N1 > ALL  tag 10
        ",
        &expect![[r#"
            deliver to h2
            deliver to v
            deliver to w
            leave by uplink U1, tagged 10

            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on PH)
        "#]],
    );
}

#[test]
fn s45_a_frame_that_the_physical_switch_floods_arrives_twice() {
    play(
        T2,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        frame U1  X > N1  tag 10
        frame U2  X > N1  tag 10
        set port-group PG-N  promiscuous reject
        set option reverse-path-promiscuous on
        set port-group PG-N  promiscuous accept
        frame U1  X > N1  tag 10
        frame U2  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed

            copy to h1, in promiscuous mode, tag removed
            refuse h2: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)

            refuse h1: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)
            copy to h2, in promiscuous mode, tag removed
        "#]],
    );
}

// H2 is at home on U2 and sees the copy in both cases.
#[test]
fn s46_after_failback_the_physical_switch_still_sends_by_the_old_uplink() {
    play(
        T2,
        "
        set port-group PG-N  promiscuous accept  forged-transmits accept
        link U1 down
        frame h1  N1 > X
        link U1 up
        frame U2  X > N1  tag 10
        set port-group PG-N  promiscuous reject
        set option reverse-path-promiscuous on
        set port-group PG-N  promiscuous accept
        frame U2  X > N1  tag 10
        ",
        &expect![[r#"
            copy to h2, in promiscuous mode
            leave by uplink U2, tagged 10

            copy to h1, in promiscuous mode, tag removed
            copy to h2, in promiscuous mode, tag removed

            refuse h1: REVERSE_TEAM (reverse teaming filter = on, default of PH, inherited by port group PG-N)
            copy to h2, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn s47_a_nested_host_with_two_adapters_takes_the_copy_of_its_own_uplink() {
    play(
        INSIDE_H1_TEAMED,
        "
        frame h1a  X > N1
        frame h1b  X > N1
        ",
        &expect![[r#"
            deliver to n1

            refuse n1: REVERSE_TEAM (reverse teaming filter = on, default of H1, inherited by port group VMs)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of H1, inherited by port group VMs)
        "#]],
    );
}

#[test]
fn s48_a_nested_host_with_two_adapters_hears_no_broadcast_of_its_own() {
    play(
        INSIDE_H1_TEAMED,
        "
        frame n1  N1 > ALL
        frame h1b  N1 > ALL
        ",
        &expect![[r#"
            leave by uplink h1a

            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of H1)
        "#]],
    );
}

#[test]
fn s50_a_cloned_nested_host_loses_its_management_address() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept
        frame U1  X > H1  tag 10
        frame h2  H1 > X
        ",
        &expect![[r#"
            deliver to h1, tag removed

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10
        "#]],
    );
}

// H2 gets no copy of what is for N1. What N1 sends to X is flooded to it all the same: uplinks do not learn, so X is
// nobody's here.
#[test]
fn s51_with_mac_learning_a_nested_vm_is_delivered_to_its_host_alone() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept  learning on
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        frame h1  N1 > X
        ",
        &expect![[r#"
            flood to h2
            leave by uplink U1, tagged 10

            deliver to h1, which has learned it, tag removed

            flood to h2
            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s52_at_the_limit_with_drop_the_next_nested_vm_is_cut_off() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop
        frame h1  N1 > X
        frame h1  N3 > X
        ",
        &expect![[r#"
            flood to h2
            leave by uplink U1, tagged 10

            drop MAC_LIMIT: the port has learned as many addresses as it may, and drops the rest (MAC learning = at the limit, drop, set on port group PG-N)
        "#]],
    );
}

#[test]
fn s53_at_the_limit_with_allow_it_is_flooded() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept  learning on  learning-limit 1  learning-at-limit allow
        frame h1  N1 > X
        frame h1  N3 > X
        frame U1  X > N3  tag 10
        ",
        &expect![[r#"
            flood to h2
            leave by uplink U1, tagged 10

            flood to h2
            leave by uplink U1, tagged 10

            flood to h1, tag removed
            flood to h2, tag removed
        "#]],
    );
}

#[test]
fn s54_without_flooding_an_idle_nested_vm_is_cut_off_until_it_speaks() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept  learning on  learning-flooding off
        frame h1  N1 > X
        after 301 s
        frame U1  X > N1  tag 10
        frame h1  N1 > X
        frame U1  X > N1  tag 10
        ",
        &expect![[r#"
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            leave by uplink U1, tagged 10

            deliver to h1, which has learned it, tag removed
        "#]],
    );
}

#[test]
fn s55_mac_learning_needs_forged_transmits() {
    play(
        T1,
        "
        set port-group PG-N  learning on
        frame h1  N1 > X
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-N)
        "#]],
    );
}

// The sink is a port group's setting here; with H2 gone H1's is the only port of the group.
#[test]
fn s56_a_sink_is_given_what_is_unknown_and_nothing_else() {
    play(
        T1,
        "
        set port-group PG-N  forged-transmits accept  sink on
        disconnect h2
        frame U1  X > N1  tag 10
        frame v  V > W
        ",
        &expect![[r#"
            deliver to h1, a sink, tag removed

            deliver to w
        "#]],
    );
}

// 40 kB each 120 ms are 2.7 Mbit/s. V sends to W inside, where no MTU is in the way; out to X it is the same.
#[test]
fn s57_shaping_is_for_what_guests_send() {
    play(
        T1,
        "
        set port-group PG-V  shaping 1000000/1000000/1
        frame U1  X > V  tag 10  payload 40000
        frame U1  X > V  tag 10  payload 40000
        frame v  V > W  payload 40000
        frame v  V > W  payload 40000
        after 120 ms
        frame v  V > W  payload 40000
        after 120 ms
        frame v  V > W  payload 40000
        ",
        &expect![[r#"
            deliver to v, tag removed

            deliver to v, tag removed

            deliver to w

            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on port group PG-V)

            deliver to w

            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on port group PG-V)
        "#]],
    );
}

#[test]
fn s58_spanning_tree_frames_of_a_guest() {
    play(
        T1,
        "
        frame v  B > STP
        set port-group PG-V  forged-transmits accept
        frame v  B > STP
        set option block-guest-bpdu off
        frame v  B > STP
        ",
        &expect![[r#"
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of PH, inherited by port group PG-V)

            drop GUEST_BPDU: a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on (Net.BlockGuestBPDU = 1, default of PH, inherited by port group PG-V)

            leave by uplink U1, tagged 10
        "#]],
    );
}

#[test]
fn s59_with_every_uplink_down_the_inside_works() {
    play(
        T1,
        "
        link U1 down
        frame v  V > W
        frame v  V > X
        ",
        &expect![[r#"
            deliver to w

            refuse h1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse h2: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of PH, inherited by port group PG-N)
            refuse v: NO_UPLINK (failover order = no usable uplink, default of PH, inherited by port group PG-V)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of PH, inherited by port group PG-V)
        "#]],
    );
}

#[test]
fn s60_up_to_32_groups_are_exact() {
    play(
        T1,
        "
        guest v  joins-first 32
        frame w  W > G33
        guest v  joins-first 33
        frame w  W > G33
        frame w  W > G34
        ",
        &expect![[r#"
            leave by uplink U1, tagged 10

            deliver to v
            leave by uplink U1, tagged 10

            leave by uplink U1, tagged 10
        "#]],
    );
}
