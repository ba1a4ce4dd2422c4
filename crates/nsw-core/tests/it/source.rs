//! May an adapter send from this address? Forged transmits, and addresses that nobody may have. Rules S-2 to S-4.

use expect_test::expect;

use crate::fixture::check;

// The classic fault of a nested lab: an inner VM reaches its neighbours on the same nested host and nobody beyond it.
#[test]
fn forged_transmits_reject_drops_the_inner_vm_of_a_nested_host() {
    check(
        "
        switch vSwitch0  forged-transmits reject
          uplink vmnic0
          port-group Nested
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn forged_transmits_accept_lets_every_source_pass() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_source_that_is_the_effective_mac_is_never_forged() {
    check(
        "
        switch vSwitch0  forged-transmits reject
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn forged_transmits_holds_for_vmkernel_adapters_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Management
            vmkernel vmk0  00:50:56:00:00:01
        frame vmk0  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by vmk0, port group Management
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Management)
        "#]],
    );
}

#[test]
fn no_source_is_forged_on_an_uplink() {
    check(
        "
        switch vSwitch0  forged-transmits reject
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

// A drop for its source says nothing about who would have received it.
#[test]
fn a_forged_frame_is_dropped_before_anybody_is_asked() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:02  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn a_group_is_no_source_even_where_forged_transmits_are_accepted() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 01:00:5e:00:00:07  dst ff:ff:ff:ff:ff:ff
        frame nested-1  src 00:00:00:00:00:00  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src ff:ff:ff:ff:ff:ff  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            drop INVALID_SOURCE: the source address is a group or zero

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            drop INVALID_SOURCE: the source address is a group or zero

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop INVALID_SOURCE: the source address is a group or zero
        "#]],
    );
}
