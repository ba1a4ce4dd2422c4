//! The port that a frame comes by: may anything come in here at all? Rules F-2, M-4 and M-5.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn a_port_without_link_takes_no_frame() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01  down
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            drop PORT_DOWN: the port is disconnected or its link is down
        "#]],
    );
}

#[test]
fn a_port_number_that_nobody_has_is_a_port_that_is_down() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame 16777217  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters by port 16777217, which does not exist
            drop PORT_DOWN: the port is disconnected or its link is down
        "#]],
    );
}

// A slot is used again after a disconnect, but an uplink's number is not a guest's.
#[test]
fn the_number_of_a_port_does_not_survive_in_the_next_kind_of_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        disconnect vmnic0
        vnic web02  00:50:56:00:00:02
        frame 2164260864  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame 16777216  src 00:50:56:00:00:02  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters by port 2164260864, which does not exist
            drop PORT_DOWN: the port is disconnected or its link is down

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn an_uplink_without_link_takes_no_frame() {
    check(
        "
        switch vSwitch0
          uplink vmnic0  down
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            drop PORT_DOWN: the port is disconnected or its link is down
        "#]],
    );
}

#[test]
fn the_link_that_comes_back_is_a_port_again() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01  down
            vnic web02  00:50:56:00:00:02
        link web01 up
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

// Since ESXi 8.0 `Net.BlockGuestBPDU` is on: a physical switch with BPDU guard would shut the port of the uplink.
#[test]
fn a_guest_may_not_send_spanning_tree_frames() {
    check(
        "
        switch vSwitch0  defaults 8.0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop GUEST_BPDU: a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on (Net.BlockGuestBPDU = 1, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn with_block_guest_bpdu_off_spanning_tree_frames_leave_like_any_group() {
    check(
        "
        switch vSwitch0
          option block-guest-bpdu off
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:00
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_forged_spanning_tree_frame_is_forged_first() {
    check(
        "
        switch vSwitch0  defaults 8.0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:77  dst 01:80:c2:00:00:00
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:77 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn only_the_bridge_group_itself_is_blocked_for_guests() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:0e
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:0e
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn spanning_tree_frames_from_the_wire_are_multicast_that_nobody_joined() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 01:80:c2:00:00:00
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is multicast group 01:80:c2:00:00:00
            drop GROUP_NOT_JOINED: no port listens to the multicast group
        "#]],
    );
}

#[test]
fn link_local_groups_from_the_wire_end_here_when_asked_to() {
    check(
        "
        switch vSwitch0
          option consume-link-local on
          uplink vmnic0
          port-group Web  promiscuous accept
            vnic web01  00:50:56:00:00:01  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 01:80:c2:00:00:0e
        frame vmnic0  src 00:50:56:00:00:09  dst 01:80:c2:00:00:10
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop LINK_LOCAL: frames to link-local groups end at this switch (consume link-local groups = on, set on vSwitch0)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is multicast group 01:80:c2:00:00:10
            copy to web01, in promiscuous mode
        "#]],
    );
}

#[test]
fn link_local_groups_of_a_guest_are_forwarded_even_then() {
    check(
        "
        switch vSwitch0
          option consume-link-local on
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:0e
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:0e
            leave by uplink vmnic0
        "#]],
    );
}
