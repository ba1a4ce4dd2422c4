//! The sink: a port that is given every unicast frame that nobody owns, and no other. Rule X-3.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn a_sink_is_given_unknown_unicast_and_the_uplink_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
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
            deliver to nested-1, a sink
            deliver to nested-2, a sink
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to nested-1, a sink
            deliver to nested-2, a sink
        "#]],
    );
}

#[test]
fn a_sink_is_given_nothing_that_somebody_owns() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
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
fn a_sink_is_given_no_groups_that_it_does_not_listen_to() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 01:00:5e:00:00:07
        frame vmnic0  src 00:50:56:ff:00:09  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is multicast group 01:00:5e:00:00:07
            drop GROUP_NOT_JOINED: no port listens to the multicast group

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
fn what_another_port_has_learned_is_not_for_the_sink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
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
            deliver to nested-1, a sink
            deliver to nested-2, a sink
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:03 was learned on web01
            deliver to web01, which has learned it
        "#]],
    );
}

#[test]
fn a_port_that_floods_and_is_a_sink_is_given_one_copy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on  learning on  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            flood to nested-1
            flood to nested-2
        "#]],
    );
}

#[test]
fn a_sink_that_learns_without_flooding_is_a_sink_still() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on  learning on  learning-flooding off
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to nested-1, a sink
            deliver to nested-2, a sink
        "#]],
    );
}

#[test]
fn a_sink_with_a_prefix_is_given_one_copy_as_a_sink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on  allow 00:50:56:*
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to nested-1, a sink
            deliver to nested-2, a sink
        "#]],
    );
}

#[test]
fn a_promiscuous_sink_is_given_one_copy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on  promiscuous accept
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
            deliver to nested-2, a sink
        "#]],
    );
}

#[test]
fn a_sink_that_asks_for_promiscuous_mode_in_vain_is_given_what_is_unknown() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
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
            deliver to nested-1, a sink
            deliver to nested-2, a sink
        "#]],
    );
}

#[test]
fn a_sink_stays_in_its_vlan() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on  vlan 10
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:01
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 10
            deliver to nested-1, a sink, tag removed
            deliver to nested-2, a sink, tag removed
        "#]],
    );
}

#[test]
fn a_sink_is_not_given_its_own_frames() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  sink on
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
          port-group Web
            vnic web01  00:50:56:00:00:03
        frame nested-1  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            deliver to nested-2, a sink
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_sink_can_be_turned_off_at_a_port_group() {
    check(
        "
        switch vSwitch0  sink on
          uplink vmnic0
          port-group Inherits
            vnic a  00:50:56:00:00:01
          port-group Off  sink off
            vnic b  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            deliver to a, a sink
        "#]],
    );
}

// A filter on one promiscuous port spares another copies; what that other is given as a sink it is given still.
#[test]
fn a_sink_is_a_sink_whatever_its_filter_spares_it() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept  promiscuous accept  learning-filter on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
          port-group Sink  promiscuous accept  learning-filter on  sink on
            vnic sink-1  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            copy to sink-1, in promiscuous mode
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
            deliver to sink-1, a sink
        "#]],
    );
}
