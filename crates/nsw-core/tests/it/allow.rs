//! The allow-list: addresses that a port may send from and is given, beside its own. Rule X-2.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn a_guest_may_send_from_an_allowed_address_and_is_given_what_is_for_it() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  forged-transmits reject  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; the allow-list has it
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on port group Nested)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}

#[test]
fn a_prefix_allows_sending_and_is_given_only_what_nobody_owns() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  forged-transmits reject  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:0a  dst 00:0c:29:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; the allow-list has it
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            deliver to nested-2, which allows it
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to nested-1, which allows it
            deliver to nested-2, which allows it

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:0c:29:00:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn what_matches_a_prefix_is_unknown_and_leaves_by_the_uplink_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to nested-1, which allows it
            deliver to nested-2, which allows it
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn an_exact_address_is_known_and_stays_inside() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}

// The list is the port group's: each of its ports is registered for every address on it.
#[test]
fn every_port_of_the_group_is_given_an_allowed_address() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:00:00:02  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
        "#]],
    );
}

#[test]
fn an_address_that_is_listed_twice_is_one_copy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:aa:00:01,00:50:56:aa:00:01,00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}

#[test]
fn a_ports_own_address_on_its_list_stays_its_own() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:00:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on nested-1
            deliver to nested-1
            destination 00:50:56:00:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}

#[test]
fn the_list_of_a_port_group_replaces_the_inherited_one() {
    check(
        "
        switch vSwitch0  allow 00:50:56:aa:00:01
          uplink vmnic0
          port-group Inherits
            vnic a  00:50:56:00:00:01
          port-group Own  allow 00:50:56:aa:00:02
            vnic b  00:50:56:00:00:02
          port-group None  allow none
            vnic c  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:02
        frame b  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame c  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on a
            deliver to a, which allows it

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:02 is registered on b
            deliver to b, which allows it

            enters vSwitch0 by b, port group Own
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Own)

            enters vSwitch0 by c, port group None
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:03
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group None)
        "#]],
    );
}

#[test]
fn our_own_allowed_address_that_comes_back_is_dropped_as_a_registered_one() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            deliver to web01
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)
        "#]],
    );
}

#[test]
fn an_address_that_only_matches_a_prefix_is_not_ours_when_it_comes_back() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1
            deliver to nested-2
            deliver to web01
        "#]],
    );
}

#[test]
fn an_allowed_address_on_the_ingress_port_alone_is_not_sent_back() {
    check(
        "
        switch vSwitch0
          port-group Nested  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:00:00:01  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on nested-1
            drop HAIRPIN: the destination is on the port that the frame came by
        "#]],
    );
}

#[test]
fn an_address_that_is_allowed_in_another_vlan_is_unknown_in_this_one() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  vlan 10  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for
        "#]],
    );
}

#[test]
fn a_promiscuous_port_is_given_an_allowed_address_as_that() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  asks promiscuous
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on nested-1
            deliver to nested-1, which allows it
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}

#[test]
fn a_prefix_gives_a_promiscuous_port_no_second_copy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  asks promiscuous
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            deliver to nested-2, which allows it
        "#]],
    );
}

#[test]
fn a_closed_port_is_refused_what_it_allows() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  allow 00:50:56:aa:00:01
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  guest-mac 00:50:56:00:00:99
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on nested-1
            refuse nested-1: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Nested)
            destination 00:50:56:aa:00:01 is registered on nested-2
            deliver to nested-2, which allows it
        "#]],
    );
}
