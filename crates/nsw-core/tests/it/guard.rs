//! The guard: a group frame that a guest forged here a moment ago does not come back by an uplink. Rule X-5.

use expect_test::expect;

use crate::fixture::check;

// The second copy of a broadcast of a nested host's VM, which stage A cannot know.
#[test]
fn a_forged_broadcast_that_comes_back_is_dropped() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on vSwitch0)
        "#]],
    );
}

#[test]
fn without_the_guard_it_is_delivered() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard off
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination is broadcast
            deliver to nested-1, tag removed
            deliver to nested-2, tag removed
        "#]],
    );
}

#[test]
fn the_guard_is_inherited_and_can_be_turned_off() {
    check(
        "
        switch vSwitch0  guard on
          uplink vmnic0
          port-group On  forged-transmits accept
            vnic a  00:50:56:00:00:01
          port-group Off  forged-transmits accept  guard off
            vnic b  00:50:56:00:00:02
        frame a  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame b  src 00:50:56:aa:00:02  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:aa:00:02  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by a, port group On
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to b
            leave by uplink vmnic0

            enters vSwitch0 by b, port group Off
            untagged: VLAN 0
            source 00:50:56:aa:00:02 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination is broadcast
            deliver to a
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on vSwitch0)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to a
            deliver to b
        "#]],
    );
}

#[test]
fn any_frame_from_the_address_arms_the_guard_and_multicast_is_guarded_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09
        frame vmnic1  src 00:50:56:aa:00:01  dst 01:00:5e:00:00:07  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            copy to nested-2, in promiscuous mode
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on vSwitch0)
        "#]],
    );
}

#[test]
fn the_guard_forgets_after_three_seconds() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        after 2999 ms
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        after 1 ms
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on vSwitch0)

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination is broadcast
            deliver to nested-1, tag removed
            deliver to nested-2, tag removed
        "#]],
    );
}

#[test]
fn unicast_is_not_guarded() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst 00:50:56:00:00:02  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination 00:50:56:00:00:02 is registered on nested-2
            deliver to nested-2, tag removed
            copy to nested-1, in promiscuous mode, tag removed
        "#]],
    );
}

#[test]
fn the_guard_looks_at_the_vlan() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 20
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 20: VLAN 20
            destination is broadcast
            drop NO_PORT_IN_VLAN: no other port of this switch is a member of the frame's VLAN
        "#]],
    );
}

// The address has moved: the guest is on another host now, and says so.
#[test]
fn rarp_and_gratuitous_arp_pass_the_guard() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10  rarp
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10  arp 10.0.0.7 10.0.0.7
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination is broadcast
            deliver to nested-1, tag removed
            deliver to nested-2, tag removed

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination is broadcast
            deliver to nested-1, tag removed
            deliver to nested-2, tag removed
        "#]],
    );
}

#[test]
fn an_ordinary_arp_request_does_not_pass_the_guard() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10  arp 10.0.0.7 10.0.0.8
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            drop FORGED_REFLECTION: a frame that a guest forged here a moment ago came back by an uplink (forged source guard = on, set on vSwitch0)
        "#]],
    );
}

#[test]
fn a_registered_address_is_for_the_first_stage_and_not_for_the_guard() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        show memory
        frame vmnic1  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            0 remembered, 0 moves

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)
        "#]],
    );
}

#[test]
fn a_frame_from_a_guest_is_not_guarded() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame nested-2  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by nested-2, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination is broadcast
            deliver to nested-1
            leave by uplink vmnic1, tagged 10

            1 remembered, 1 moves
        "#]],
    );
}

// The address has moved to a port that nobody guards.
#[test]
fn an_address_is_guarded_where_it_was_seen_last() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Guarded  forged-transmits accept  guard on
            vnic a  00:50:56:00:00:01
          port-group Learning  forged-transmits accept  learning on
            vnic b  00:50:56:00:00:02
        frame a  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame b  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by a, port group Guarded
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to b
            leave by uplink vmnic0

            enters vSwitch0 by b, port group Learning
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination is broadcast
            deliver to a
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to a
            deliver to b
        "#]],
    );
}

#[test]
fn a_port_that_is_gone_guards_nothing() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        disconnect nested-1
        frame vmnic1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination is broadcast
            deliver to nested-2, tag removed
        "#]],
    );
}

#[test]
fn a_port_that_neither_learns_nor_filters_is_not_given_what_the_guard_remembers() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  vlan 10  forged-transmits accept  promiscuous accept  guard on
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:aa:00:01  tag 10
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 10
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:aa:00:01 is registered on no port of VLAN 10
            copy to nested-1, in promiscuous mode, tag removed
            copy to nested-2, in promiscuous mode, tag removed
        "#]],
    );
}
