//! MAC learning: what is sent from a port is delivered to it. Rules X-1 and X-6.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn what_a_guest_sent_from_is_delivered_to_its_port_alone() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
        "#]],
    );
}

#[test]
fn off_at_the_port_group_wins_over_on_at_the_vswitch() {
    check(
        "
        switch vSwitch0  learning on
          uplink vmnic0
          port-group Nested  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01
          port-group Plain  forged-transmits accept  learning off
            vnic plain-1  00:50:56:00:00:02
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame plain-1  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:02
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by plain-1, port group Plain
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:02 is registered on no port of VLAN 0
            flood to nested-1

            1 remembered, 0 moves
        "#]],
    );
}

// The recipes of the field all set forged transmits to Accept beside learning: learning itself lets nobody forge.
#[test]
fn learning_does_not_let_a_guest_forge() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  forged-transmits reject  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on port group Nested)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2

            0 remembered, 0 moves
        "#]],
    );
}

#[test]
fn unknown_unicast_is_flooded_to_the_ports_that_learn_and_flood() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
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
            flood to nested-1
            flood to nested-2
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn without_flooding_unknown_unicast_reaches_no_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_promiscuous_port_is_given_one_copy_as_that_and_is_not_flooded() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  promiscuous accept
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
            flood to nested-2
        "#]],
    );
}

// A known destination is for its port; a copy for promiscuous ports stays what it was.
#[test]
fn a_promiscuous_port_sees_what_another_has_learned() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        set port-group Web  promiscuous accept
        guest web01  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to web01, in promiscuous mode
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
            copy to web01, in promiscuous mode
        "#]],
    );
}

// With this scope, who has learned an address counts as its owner.
#[test]
fn with_the_port_group_as_scope_only_the_learners_own_group_sees_a_learned_address() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  promiscuous accept
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        option promiscuous-scope port-group
        set port-group Web  promiscuous accept
        guest web01  asks promiscuous
        guest nested-2  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
            copy to nested-2, in promiscuous mode
        "#]],
    );
}

#[test]
fn who_asks_for_promiscuous_mode_in_vain_and_is_flooded_is_not_refused_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  asks promiscuous
        guest web01  asks promiscuous
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2
            refuse web01: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            refuse web01: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group Web)
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
        "#]],
    );
}

#[test]
fn a_refused_flood_is_one_refusal_even_where_promiscuous_mode_was_asked_in_vain() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  asks promiscuous  guest-mac 00:50:56:00:00:99
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            refuse nested-1: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Nested)
            flood to nested-2
        "#]],
    );
}

#[test]
fn a_destination_learned_on_the_ingress_port_is_not_sent_back() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:aa:00:01 was learned on nested-1
            drop HAIRPIN: the destination is on the port that the frame came by
        "#]],
    );
}

#[test]
fn an_address_that_shows_up_elsewhere_moves() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            1 remembered, 0 moves

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            1 remembered, 1 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-2
            deliver to nested-2, which has learned it
        "#]],
    );
}

#[test]
fn an_address_is_forgotten_when_its_age_is_reached() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 299 s
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        after 1 s
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn every_frame_from_an_address_makes_it_young_again() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-ageing 10  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 9 s
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 9 s
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
        "#]],
    );
}

#[test]
fn what_was_forgotten_and_comes_back_elsewhere_has_not_moved() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 301 s
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            1 remembered, 0 moves
        "#]],
    );
}

#[test]
fn at_the_limit_with_allow_a_frame_passes_unlearned() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit allow
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:03
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            1 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:03 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2
        "#]],
    );
}

#[test]
fn at_the_limit_with_drop_only_known_sources_pass() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop MAC_LIMIT: the port has learned as many addresses as it may, and drops the rest (MAC learning = at the limit, drop, set on port group Nested)

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn the_limit_is_each_ports_own() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            2 remembered, 0 moves
        "#]],
    );
}

#[test]
fn an_address_that_is_too_old_makes_room_at_the_limit() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 300 s
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2
        "#]],
    );
}

#[test]
fn at_the_limit_an_address_of_another_port_does_not_move() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            2 remembered, 0 moves
        "#]],
    );
}

#[test]
fn an_address_that_moved_away_leaves_room_behind() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            2 remembered, 1 moves
        "#]],
    );
}

#[test]
fn a_lower_limit_forgets_nothing_and_lets_nothing_more_in() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 2  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        set port-group Nested  learning on  learning-limit 1  learning-at-limit drop
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:ff:00:09
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop MAC_LIMIT: the port has learned as many addresses as it may, and drops the rest (MAC learning = at the limit, drop, set on port group Nested)
        "#]],
    );
}

#[test]
fn a_learning_filter_does_not_keep_an_address_at_the_limit_longer_than_learning_does() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1  learning-at-limit drop  learning-ageing 10  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        after 11 s
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn disconnecting_the_port_forgets_its_addresses() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        disconnect nested-1
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-2
        "#]],
    );
}

// Port numbers are reused. What one adapter's guest sent from is no business of the next.
#[test]
fn an_adapter_that_gets_the_same_port_number_has_learned_nothing() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-flooding off  learning-limit 1  learning-at-limit drop
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        reconnect nested-1
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_port_without_link_has_learned_nothing_until_the_link_is_back() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        link nested-1 down
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        link nested-1 up
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-2

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it
        "#]],
    );
}

#[test]
fn a_port_group_that_goes_to_another_vlan_takes_no_learned_address_along() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  vlan 10
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        set port-group Nested  vlan 20
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 10
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            flood to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 10
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 20
            flood to nested-1, tag removed
            flood to nested-2, tag removed
        "#]],
    );
}

#[test]
fn learning_turned_off_forgets() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        set port-group Nested  learning off
        show memory
        set port-group Nested  learning on  learning-flooding off
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn an_address_is_learned_in_the_vlan_that_it_was_seen_in() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095  forged-transmits accept  learning on  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09  tag 10
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09  tag 20
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 10
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 20
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Trunk
            tagged 10: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Trunk
            tagged 20: VLAN 20
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 20
            leave by uplink vmnic0

            2 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination 00:50:56:aa:00:01 was learned on nested-2
            deliver to nested-2, which has learned it

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn nothing_is_learned_from_an_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:ff:00:09
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2
            leave by uplink vmnic0

            0 remembered, 0 moves
        "#]],
    );
}

// Rule X-6: whoever has an adapter with an address keeps it, whatever somebody else sends.
#[test]
fn a_registered_address_is_never_learned_on_another_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:00:00:03  dst 00:50:56:ff:00:09
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:03
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:00:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn an_address_on_an_allow_list_is_never_learned_on_another_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        set port-group Web  allow 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on web01
            deliver to web01, which allows it
        "#]],
    );
}

#[test]
fn an_adapter_that_is_registered_later_takes_the_address_over() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        set port-group Web  mac-changes accept
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        guest web01  guest-mac 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            flood to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn what_is_dropped_at_the_ingress_is_not_learned() {
    check(
        "
        switch vSwitch0  defaults 8.0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 01:80:c2:00:00:00
        link nested-1 down
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop GUEST_BPDU: a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on (Net.BlockGuestBPDU = 1, default of vSwitch0, inherited by port group Nested)

            enters vSwitch0 by nested-1, port group Nested
            drop PORT_DOWN: the port is disconnected or its link is down

            0 remembered, 0 moves
        "#]],
    );
}

// The reverse filter holds for what is flooded and learned as for any copy.
#[test]
fn a_copy_that_was_flooded_or_learned_passes_the_reverse_filter() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  forged-transmits accept  learning on
            vnic nested-1  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame vmnic1  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic1  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 was learned on nested-1
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

// X-1: the counters are the distributed switch's: what is learned now, and what was not.
#[test]
fn a_port_tells_what_it_has_learned_and_what_not() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 1
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame nested-1  src 00:50:56:aa:00:02  dst ff:ff:ff:ff:ff:ff
        frame nested-1  src 00:50:56:aa:00:03  dst ff:ff:ff:ff:ff:ff
        show learning nested-1
        set port-group Nested  learning-at-limit drop
        frame nested-1  src 00:50:56:aa:00:02  dst ff:ff:ff:ff:ff:ff
        show learning nested-1
        reconnect nested-1
        show learning nested-1
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            leave by uplink vmnic0

            1 learned, 0 moved here, 0 too old; not learned: 2 allowed, 0 dropped

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop MAC_LIMIT: the port has learned as many addresses as it may, and drops the rest (MAC learning = at the limit, drop, set on port group Nested)

            1 learned, 0 moved here, 0 too old; not learned: 2 allowed, 1 dropped

            0 learned, 0 moved here, 0 too old; not learned: 0 allowed, 0 dropped
        "#]],
    );
}

// X-1: where an address moved to, and where it was forgotten because it was too old.
#[test]
fn a_port_tells_what_moved_to_it_and_what_grew_too_old() {
    check(
        "
        switch vSwitch0
          port-group Nested  forged-transmits accept  learning on  learning-ageing 10
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:00:00:02
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:00:00:02
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:00:00:01
        show learning nested-1
        show learning nested-2
        after 10 s
        frame nested-2  src 00:50:56:aa:00:02  dst 00:50:56:00:00:01
        show learning nested-1
        show learning nested-2
        set port-group Nested  learning off
        set port-group Nested  learning on
        show learning nested-2
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:02 is registered on nested-2
            deliver to nested-2

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:02 is registered on nested-2
            deliver to nested-2

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:00:00:01 is registered on nested-1
            deliver to nested-1

            1 learned, 0 moved here, 0 too old; not learned: 0 allowed, 0 dropped

            1 learned, 1 moved here, 0 too old; not learned: 0 allowed, 0 dropped

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:00:00:01 is registered on nested-1
            deliver to nested-1

            0 learned, 0 moved here, 1 too old; not learned: 0 allowed, 0 dropped

            2 learned, 1 moved here, 0 too old; not learned: 0 allowed, 0 dropped

            0 learned, 0 moved here, 0 too old; not learned: 0 allowed, 0 dropped
        "#]],
    );
}

/// Looking for what is too old looks at every entry, so a guest that makes up addresses may not ask for it with each frame.
#[test]
fn what_is_too_old_is_looked_for_once_in_a_second_at_most() {
    check(
        "
        switch vSwitch0
          port-group Nested  forged-transmits accept  learning on  learning-limit 2  learning-at-limit drop  learning-ageing 2
            vnic nested-1  00:50:56:00:00:01
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:00:00:03
        after 500 ms
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:00:00:03
        after 1600 ms
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:00:00:03
        show learning nested-1
        after 500 ms
        frame nested-1  src 00:50:56:aa:00:04  dst 00:50:56:00:00:03
        show learning nested-1
        after 500 ms
        frame nested-1  src 00:50:56:aa:00:05  dst 00:50:56:00:00:03
        show learning nested-1
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            2 learned, 0 moved here, 1 too old; not learned: 0 allowed, 0 dropped

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:04 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop MAC_LIMIT: the port has learned as many addresses as it may, and drops the rest (MAC learning = at the limit, drop, set on port group Nested)

            2 learned, 0 moved here, 1 too old; not learned: 0 allowed, 1 dropped

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:05 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            2 learned, 0 moved here, 2 too old; not learned: 0 allowed, 1 dropped
        "#]],
    );
}

/// A larger table holds what the smaller one held: what was learned before is found in it.
#[test]
fn what_was_learned_is_still_known_when_room_is_made_for_more() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  learning on  learning-limit 3  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:02  dst 00:50:56:00:00:03
        set port-group Nested  learning-limit 4096
        frame nested-1  src 00:50:56:aa:00:03  dst 00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:02
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:03
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:02 was learned on nested-1
            deliver to nested-1, which has learned it

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:03 was learned on nested-1
            deliver to nested-1, which has learned it

            3 remembered, 0 moves
        "#]],
    );
}
