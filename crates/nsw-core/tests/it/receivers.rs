//! Who is given a frame: owners, group listeners, promiscuous ports. Rules F-3 to F-7, R-1 to R-4, M-1 to M-3.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn unicast_to_a_registered_mac_goes_to_its_port_and_not_to_the_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic web03  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn unicast_to_nobody_here_leaves_by_the_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
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
fn unicast_from_the_uplink_to_nobody_here_is_dropped() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:08
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:08 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn a_source_that_was_seen_is_not_learned() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

#[test]
fn broadcast_goes_to_every_port_of_the_vlan_and_one_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Db  vlan 11
            vnic db01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web02
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn broadcast_from_the_uplink_never_leaves_by_another() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          option reverse-filter off
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
            deliver to web02
        "#]],
    );
}

#[test]
fn broadcast_that_no_port_and_no_uplink_takes_is_dropped() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination is broadcast
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN
        "#]],
    );
}

#[test]
fn a_frame_to_oneself_goes_nowhere() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            drop HAIRPIN: the destination is on the port that the frame came by
        "#]],
    );
}

// Two NLB nodes may share an address; each port's own filter passes it.
#[test]
fn every_port_registered_for_an_address_gets_its_copy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:01
            vnic web03  00:50:56:00:00:03
        frame web03  src 00:50:56:00:00:03  dst 00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web03, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
            destination 00:50:56:00:00:01 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            destination 00:50:56:00:00:01 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn a_port_that_is_gone_is_registered_nowhere() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic web03  00:50:56:00:00:03
        link web02 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        disconnect web03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:03
        link web02 up
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:03 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn promiscuous_mode_needs_the_guest_and_the_policy() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Accepting  promiscuous accept
            vnic asks  00:50:56:00:00:01  asks promiscuous
            vnic does-not-ask  00:50:56:00:00:02
          port-group Rejecting  promiscuous reject
            vnic asks-in-vain  00:50:56:00:00:03  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to asks, in promiscuous mode
            refuse asks-in-vain: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group Rejecting)
        "#]],
    );
}

#[test]
fn without_a_policy_that_accepts_the_reason_names_the_request() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            refuse nested-1: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group Nested)
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

// What somebody owns would not have come to the asking port by right: nothing was taken from it.
#[test]
fn a_request_in_vain_is_no_news_where_the_frame_has_an_owner() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic sniffer  00:50:56:00:00:03  asks promiscuous
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn promiscuous_copies_come_on_top_and_the_owner_still_gets_its_own() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  promiscuous accept
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic sniffer  00:50:56:00:00:03  asks promiscuous
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
            copy to sniffer, in promiscuous mode

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            copy to sniffer, in promiscuous mode
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_promiscuous_port_never_sees_its_own_frames() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  promiscuous accept
            vnic sniffer  00:50:56:00:00:03  asks promiscuous
        frame sniffer  src 00:50:56:00:00:03  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by sniffer, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_promiscuous_owner_gets_one_copy_and_as_owner() {
    check(
        "
        switch vSwitch0
          port-group Web  promiscuous accept
            vnic web01  00:50:56:00:00:01
            vnic sniffer  00:50:56:00:00:03  asks promiscuous
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:03
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:03 is registered on sniffer
            deliver to sniffer
        "#]],
    );
}

#[test]
fn promiscuous_mode_shows_the_vlans_of_the_port_and_no_others() {
    check(
        "
        switch vSwitch0  promiscuous accept
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
            vnic s10  00:50:56:00:00:02  asks promiscuous
          port-group Untagged  vlan 0
            vnic s0  00:50:56:00:00:03  asks promiscuous
          port-group Trunk  vlan 4095
            vnic s4095  00:50:56:00:00:04  asks promiscuous
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            copy to s10, in promiscuous mode
            copy to s4095, in promiscuous mode, tagged 10
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn promiscuous_scope_vlan_crosses_port_groups() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  vlan 10  promiscuous accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:02
            vnic web02  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:02  dst 00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:02  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:03 is registered on web02
            deliver to web02
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 10
            copy to nested-1, in promiscuous mode
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn promiscuous_scope_port_group_shows_what_the_group_sends_or_owns() {
    check(
        "
        switch vSwitch0
          option promiscuous-scope port-group
          uplink vmnic0
          port-group Nested  vlan 10  promiscuous accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:03
            vnic web02  00:50:56:00:00:04
        frame nested-2  src 00:50:56:00:00:02  dst 00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:00:00:04
        frame web01  src 00:50:56:00:00:03  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 10
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:02 is registered on nested-2
            deliver to nested-2
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:04 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn promiscuous_scope_port_group_shows_what_comes_from_outside_for_nobody() {
    check(
        "
        switch vSwitch0
          option promiscuous-scope port-group
          uplink vmnic0
          port-group Nested  vlan 10  promiscuous accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07  tag 10
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:03  tag 10
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:02  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 10
            copy to nested-1, in promiscuous mode, tag removed

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:03 is registered on web01
            deliver to web01, tag removed

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:02 is registered on nested-2
            deliver to nested-2, tag removed
            copy to nested-1, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn promiscuous_scope_port_group_counts_owners_of_the_vlan_only() {
    check(
        "
        switch vSwitch0
          option promiscuous-scope port-group
          uplink vmnic0
          port-group Nested  vlan 10  promiscuous accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
          port-group Web  vlan 11
            vnic web01  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:02  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:02 is registered on no port of VLAN 10
            copy to nested-1, in promiscuous mode, tag removed
        "#]],
    );
}

// The scope narrows what promiscuous mode adds. What a guest listens to itself comes to it as ever.
#[test]
fn a_promiscuous_port_still_gets_the_groups_it_joined() {
    check(
        "
        switch vSwitch0
          option promiscuous-scope port-group
          port-group Nested  promiscuous accept
            vnic joined  00:50:56:00:00:01  asks promiscuous  joins 01:00:5e:00:00:07
            vnic hashed  00:50:56:00:00:02  asks promiscuous  joins-first 33
            vnic all  00:50:56:00:00:03  asks promiscuous  all-multicast
            vnic neither  00:50:56:00:00:04  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:05
        frame web01  src 00:50:56:00:00:05  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:05 is the effective MAC
            destination is multicast group 01:00:5e:00:00:07
            deliver to joined
            deliver to hashed
            deliver to all
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn a_group_that_a_promiscuous_guest_joined_is_delivered_as_a_group() {
    check(
        "
        switch vSwitch0
          port-group Nested  promiscuous accept
            vnic joined  00:50:56:00:00:01  asks promiscuous  joins 01:00:5e:00:00:07
            vnic neither  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:05
        frame web01  src 00:50:56:00:00:05  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:05 is the effective MAC
            destination is multicast group 01:00:5e:00:00:07
            deliver to joined
            copy to neither, in promiscuous mode
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn force_copy_to_all_copies_to_guests_that_did_not_ask() {
    check(
        "
        switch vSwitch0
          option force-copy-to-all on
          uplink vmnic0
          port-group Accepting  promiscuous accept
            vnic one  00:50:56:00:00:01
            vnic two  00:50:56:00:00:02
          port-group Rejecting
            vnic three  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to one, in promiscuous mode
            copy to two, in promiscuous mode
        "#]],
    );
}

#[test]
fn multicast_goes_to_those_who_joined_the_group_and_to_the_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic joined  00:50:56:00:00:02  joins 01:00:5e:00:00:07
            vnic other  00:50:56:00:00:03  joins 01:00:5e:00:00:08
            vnic all  00:50:56:00:00:04  all-multicast
        frame web01  src 00:50:56:00:00:01  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:00:07
            deliver to joined
            deliver to all
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn multicast_from_the_uplink_that_nobody_joined_is_dropped() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is multicast group 01:00:5e:00:00:07
            drop GROUP_NOT_JOINED: no port listens to the multicast group
        "#]],
    );
}

#[test]
fn joining_a_group_twice_gives_one_copy() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic twice  00:50:56:00:00:02  joins 01:00:5e:00:00:07  joins 01:00:5e:00:00:08  joins 01:00:5e:00:00:07
        frame web01  src 00:50:56:00:00:01  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:00:07
            deliver to twice
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn all_multicast_shows_no_unicast_of_others() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  promiscuous accept
            vnic all  00:50:56:00:00:01  all-multicast
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
        "#]],
    );
}

// The 33 groups fill 33 of 64 buckets: 01:00:5e:00:01:01 falls into one of them, 01:00:5e:00:01:14 into none.
#[test]
fn up_to_32_groups_are_exact_and_more_are_hashed() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic sender  00:50:56:00:00:01
            vnic exact  00:50:56:00:00:02  joins-first 32
            vnic hashed  00:50:56:00:00:03  joins-first 33
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:00:20
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:00:21
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:01:01
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:01:14
        ",
        &expect![[r#"
            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:00:20
            deliver to exact
            deliver to hashed
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:00:21
            deliver to hashed
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:01:01
            deliver to hashed
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:01:14
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

// An adapter holds addresses, not requests: the 33rd request for a group it has already makes no 33rd address.
#[test]
fn a_group_joined_twice_counts_once_towards_32() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic sender  00:50:56:00:00:01
            vnic exact  00:50:56:00:00:02  joins-first 32  joins 01:00:5e:00:00:01
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:01:01
        frame sender  src 00:50:56:00:00:01  dst 01:00:5e:00:00:20
        show port exact
        ",
        &expect![[r#"
            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:01:01
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by sender, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:00:5e:00:00:20
            deliver to exact
            refuse sender: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            MAC 00:50:56:00:00:02, requested 00:50:56:00:00:02
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 32
            receive open, send open
            team uplink: none
        "#]],
    );
}

// F-7: legitimate or not, it is told. Entries of an allow-list are no adapters, and other VLANs never meet.
#[test]
fn an_address_at_several_adapters_that_meet_is_told() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:01
            vnic web03  00:50:56:00:00:02
          port-group App  vlan 20  allow 00:50:56:00:00:03
            vnic app01  00:50:56:00:00:01
            vnic app02  00:50:56:00:00:02
            vnic app03  00:50:56:00:00:03
        show duplicates
        set port-group App  vlan 4095
        show duplicates
        ",
        &expect![[r#"
            00:50:56:00:00:01 at web01, web02

            00:50:56:00:00:01 at web01, web02, app01
            00:50:56:00:00:02 at web03, app02
        "#]],
    );
}
