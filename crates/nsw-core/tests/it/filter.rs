//! The learning filter: a promiscuous port is spared copies of unicast that is for somebody else. Rule X-4.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn known_unicast_is_not_copied_to_filtered_ports() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on nested-1
            deliver to nested-1
        "#]],
    );
}

#[test]
fn unknown_unicast_that_was_seen_nowhere_goes_to_all() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            copy to nested-2, in promiscuous mode
        "#]],
    );
}

#[test]
fn unknown_unicast_goes_only_to_the_filtered_port_it_was_seen_on() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
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
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn who_sent_it_is_given_nothing_back_and_the_others_neither() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
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
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn what_another_port_has_learned_is_not_copied_to_filtered_ports() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        set port-group Web  learning on  forged-transmits accept
        frame web01  src 00:50:56:aa:00:03  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:03
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:03 is not the effective MAC 00:50:56:00:00:03; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:03 was learned on web01
            deliver to web01, which has learned it
        "#]],
    );
}

#[test]
fn group_frames_are_not_filtered() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 01:00:5e:00:00:07
        frame vmnic0  src 00:50:56:ff:00:09  dst ff:ff:ff:ff:ff:ff
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
            destination is multicast group 01:00:5e:00:00:07
            copy to nested-1, in promiscuous mode
            copy to nested-2, in promiscuous mode

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
fn a_promiscuous_port_without_a_filter_sees_all_as_ever() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        set port-group Web  promiscuous accept
        guest web01  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to web01, in promiscuous mode
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to web01, in promiscuous mode
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on nested-1
            deliver to nested-1
            copy to web01, in promiscuous mode
        "#]],
    );
}

#[test]
fn a_filter_forgets_after_five_minutes() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
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
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            copy to nested-2, in promiscuous mode
        "#]],
    );
}

#[test]
fn an_address_that_moves_is_copied_to_its_new_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame nested-2  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode

            1 remembered, 1 moves
        "#]],
    );
}

#[test]
fn a_port_that_lost_its_link_spares_the_others_nothing() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        link nested-1 down
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
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
        "#]],
    );
}

#[test]
fn a_port_that_lost_promiscuous_mode_spares_the_others_nothing() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        guest nested-1
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
        "#]],
    );
}

// A filter only takes copies away: it gives none that the scope does not permit.
#[test]
fn a_filter_gives_no_copy_beyond_the_promiscuous_scope() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        option promiscuous-scope port-group
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
        "#]],
    );
}

#[test]
fn a_filter_does_nothing_on_a_port_that_is_not_promiscuous() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
        guest nested-1
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        show memory
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-2, in promiscuous mode
        "#]],
    );
}
