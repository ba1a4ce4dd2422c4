//! Which VLAN is a frame in, and which tag does each copy carry? Rules V-1 to V-9.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn virtual_switch_tagging_adds_the_tag_on_the_way_out() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn virtual_switch_tagging_removes_the_tag_on_the_way_in() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01, tag removed
        "#]],
    );
}

#[test]
fn external_switch_tagging_is_untagged_both_ways() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 0
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn guest_tagging_keeps_the_tag_both_ways() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01
        frame router  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  tag 20
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            tagged 20: VLAN 20
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 20
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination 00:50:56:00:00:01 is registered on router
            deliver to router
        "#]],
    );
}

#[test]
fn untagged_frames_of_a_tagging_guest_are_in_vlan_0() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01
          port-group Web  vlan 0
            vnic web01  00:50:56:00:00:02
        frame router  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web01
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn the_vlan_and_not_the_port_group_is_the_layer_2_domain() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group A  vlan 10
            vnic a1  00:50:56:00:00:01
          port-group B  vlan 10
            vnic b1  00:50:56:00:00:02
        frame a1  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by a1, port group A
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on b1
            deliver to b1
        "#]],
    );
}

#[test]
fn a_mac_registered_in_another_vlan_is_unknown_in_this_one() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group A  vlan 10
            vnic a1  00:50:56:00:00:01
          port-group B  vlan 11
            vnic b1  00:50:56:00:00:02
        frame a1  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by a1, port group A
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn from_an_uplink_the_wrong_vlan_is_the_reason_given() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group A  vlan 10
            vnic a1  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 11
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 11: VLAN 11
            destination 00:50:56:00:00:01 is registered on no port of VLAN 11
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on no port of VLAN 0
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for
        "#]],
    );
}

// The standard switch drops what would become a doubly tagged frame.
#[test]
fn a_guest_may_not_tag_where_the_switch_tags() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 20
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            tagged 20, which does not fit a port of VLAN 10
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 10, set on port group Web)

            enters vSwitch0 by web01, port group Web
            tagged 10, which does not fit a port of VLAN 10
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 10, set on port group Web)
        "#]],
    );
}

#[test]
fn a_guest_may_not_tag_where_the_physical_switch_tags() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 0
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            tagged 20, which does not fit a port of VLAN 0 (untagged)
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 0, set on port group Web)
        "#]],
    );
}

#[test]
fn the_reserved_vlan_4095_is_in_no_vlan_even_from_a_trunk() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01
        frame router  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 4095
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 4095
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            tagged 4095, which does not fit a port of VLAN 4095 (guest tagging)
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 4095, set on port group Trunk)

            enters vSwitch0 by uplink vmnic0
            tagged 4095, which does not fit a port of VLAN 4095 (guest tagging)
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for
        "#]],
    );
}

#[test]
fn a_priority_tag_counts_as_untagged_and_its_priority_goes_into_the_outer_tag() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 0/5
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            tagged 0: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web02, tag removed
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn a_priority_tag_of_an_external_tagging_port_is_taken_off() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 0
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 0/5
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 0/5
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            tagged 0: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            leave by uplink vmnic0, tag removed

            enters vSwitch0 by uplink vmnic0
            tagged 0: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01, tag removed
        "#]],
    );
}

// V-6: the tag that carries a priority is taken off on the way out. Were the frame let in, what stands behind would say VLAN 20
// on the wire, and a guest in no VLAN could send into each. Where guests tag, and from outside, a second tag is payload.
#[test]
fn a_service_tag_is_payload_and_no_vlan() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Untagged  vlan 0
            vnic web01  00:50:56:00:00:01
          port-group Ten  vlan 10
            vnic web02  00:50:56:00:00:02
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:03
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09  service-tag 20
        frame router  src 00:50:56:00:00:03  dst 00:50:56:00:00:09  tag 10  service-tag 20
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  service-tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by web02, port group Ten
            untagged: VLAN 10
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by router, port group Trunk
            tagged 10: VLAN 10
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
            deliver to router
        "#]],
    );
}

#[test]
fn a_tag_may_not_hide_behind_a_priority_tag() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Untagged  vlan 0
            vnic web01  00:50:56:00:00:01
          port-group Ten  vlan 10
            vnic web02  00:50:56:00:00:02
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  tag 0  then-tag 20
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09  tag 0  then-tag 20
        frame router  src 00:50:56:00:00:03  dst 00:50:56:00:00:09  tag 10  then-tag 20
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:02  tag 10  then-tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Untagged
            tagged 0 with another tag behind it, which does not fit a port of VLAN 0 (untagged)
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 0, set on port group Untagged)

            enters vSwitch0 by web02, port group Ten
            tagged 0 with another tag behind it, which does not fit a port of VLAN 10
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 10, set on port group Ten)

            enters vSwitch0 by router, port group Trunk
            tagged 10: VLAN 10
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02, tag removed
        "#]],
    );
}

// V-4: on a physical switch VLAN 1 is often the one without a tag. Here it is a VLAN like any other.
#[test]
fn vlan_1_is_no_native_vlan() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group One  vlan 1
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 1
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group One
            untagged: VLAN 1
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 1
            leave by uplink vmnic0, tagged 1

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on no port of VLAN 0
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for

            enters vSwitch0 by uplink vmnic0
            tagged 1: VLAN 1
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01, tag removed
        "#]],
    );
}

// Between two ports that carry tags as they are, nothing is changed: a priority tag is a tag.
#[test]
fn a_trunk_keeps_priority_tags() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01
            vnic other  00:50:56:00:00:02
        frame router  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 0/5
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 0/5
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            tagged 0: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to other
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            tagged 0: VLAN 0
            destination 00:50:56:00:00:01 is registered on router
            deliver to router
        "#]],
    );
}

#[test]
fn inside_the_switch_only_the_ports_that_tag_see_a_tag() {
    check(
        "
        switch vSwitch0
          port-group Web  vlan 20
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:03
          port-group Other  vlan 21
            vnic other  00:50:56:00:00:04
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        frame router  src 00:50:56:00:00:03  dst ff:ff:ff:ff:ff:ff  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 20
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web02
            deliver to router, tagged 20
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by router, port group Trunk
            tagged 20: VLAN 20
            source 00:50:56:00:00:03 is the effective MAC
            destination is broadcast
            deliver to web01, tag removed
            deliver to web02, tag removed
            refuse router: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Trunk)
        "#]],
    );
}

// Guest tagging is not promiscuous mode: it opens VLANs, not addresses.
#[test]
fn a_trunk_port_receives_its_own_unicast_and_groups_only() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 20
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination is broadcast
            deliver to nested-1

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 20
            refuse nested-1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group Trunk)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn a_frame_in_a_vlan_without_ports_reaches_nobody() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 30
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:02  tag 30
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 30: VLAN 30
            destination is broadcast
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN

            enters vSwitch0 by uplink vmnic0
            tagged 30: VLAN 30
            destination 00:50:56:00:00:02 is registered on no port of VLAN 30
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN
        "#]],
    );
}

// V-8: the guest's adapter lets VLAN 10 in and VLAN 20 not; what is untagged always passes.
#[test]
fn a_guest_that_filters_vlans_is_given_no_others() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01  vlans 10
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 10
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 20
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination is broadcast
            deliver to router

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination is broadcast
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to router

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination 00:50:56:00:00:01 is registered on router
            deliver to router
        "#]],
    );
}

#[test]
fn a_vlan_filter_is_for_what_comes_in_and_where_the_guest_tags() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01  vlans 10
          port-group Web  vlan 20
            vnic web01  00:50:56:00:00:02  vlans 10
        frame router  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  tag 20
        frame web01  src 00:50:56:00:00:02  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            tagged 20: VLAN 20
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web01
            deliver to web01, tag removed

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 20
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:01 is registered on router
            deliver to router, tagged 20
        "#]],
    );
}

#[test]
fn a_vlan_filter_ends_where_promiscuous_mode_is_granted() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic nested-1  00:50:56:00:00:01  asks promiscuous  vlans 10
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 20
        set port-group Trunk  promiscuous accept
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination is broadcast
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN

            enters vSwitch0 by uplink vmnic0
            tagged 20: VLAN 20
            destination is broadcast
            deliver to nested-1
        "#]],
    );
}
