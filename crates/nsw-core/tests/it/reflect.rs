//! A team hears its own frames again. Stage A looks at sources, stage B at the uplink a frame came by. Rules R-5 to R-9.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn stage_a_drops_our_own_broadcast_that_a_physical_switch_sent_back() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame vmnic1  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:00:00:01  dst 01:00:5e:00:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)
        "#]],
    );
}

#[test]
fn stage_a_leaves_unicast_alone_unless_told() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        set option reverse-path-all on
        frame vmnic0  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)
        "#]],
    );
}

// The blind spot: the address of a nested VM is registered nowhere, so its reflection looks like news.
#[test]
fn stage_a_is_blind_to_forged_sources() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination is broadcast
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1
        "#]],
    );
}

#[test]
fn stage_a_looks_only_at_the_vlan_of_the_frame() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
          port-group Db  vlan 11
            vnic db01  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  tag 11
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            tagged 11: VLAN 11
            destination is broadcast
            deliver to db01, tag removed
        "#]],
    );
}

#[test]
fn with_one_uplink_stage_a_can_be_switched_off() {
    check(
        "
        switch vSwitch0
          option reverse-path-single-uplink off
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
        "#]],
    );
}

#[test]
fn without_single_uplink_stage_a_works_with_two_uplinks_that_are_up() {
    check(
        "
        switch vSwitch0
          option reverse-path-single-uplink off
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        link vmnic1 down
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
        "#]],
    );
}

#[test]
fn reverse_path_check_off_lets_reflections_in() {
    check(
        "
        switch vSwitch0
          option reverse-path-check off
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic0
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
        "#]],
    );
}

#[test]
fn neither_stage_works_with_ip_hash() {
    check(
        "
        switch vSwitch0  load-balancing ip-hash
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        frame vmnic1  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to web01

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            deliver to web01
        "#]],
    );
}

// web01 is in slot 2, so the team gives it vmnic0.
#[test]
fn stage_b_delivers_only_what_came_by_the_ports_own_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic1  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic1  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        show port web01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)

            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:01
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive open, send open
            team uplink: vmnic0
        "#]],
    );
}

#[test]
fn stage_b_follows_the_failover() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  load-balancing explicit
            vnic web01  00:50:56:00:00:01
        link vmnic0 down
        frame vmnic1  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn stage_b_blocks_what_comes_by_an_unused_uplink() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic0
            vnic web01  00:50:56:00:00:01
          port-group Isolated  active none
            vnic isolated  00:50:56:00:00:02
        frame vmnic1  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            refuse isolated: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Isolated)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn stage_b_can_be_switched_off() {
    check(
        "
        switch vSwitch0
          option reverse-filter off
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame vmnic1  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

// Last octets: 01 picks vmnic1, 02 picks vmnic0. A group frame is judged by the port's own address.
#[test]
fn with_source_mac_hash_stage_b_hashes_the_receiving_address() {
    check(
        "
        switch vSwitch0  load-balancing source-mac
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic1  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            deliver to web02
        "#]],
    );
}

// A nested VM's address hashes differently from the vNIC's; its replies come by the uplink that its own frames took.
#[test]
fn with_source_mac_hash_the_address_of_an_inner_vm_counts() {
    check(
        "
        switch vSwitch0  load-balancing source-mac
          option reverse-path-promiscuous on
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:08  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:08
        frame vmnic1  src 00:50:56:00:00:09  dst 00:50:56:aa:00:08
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:08 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:08 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination 00:50:56:aa:00:08 is registered on no port of VLAN 0
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn a_promiscuous_port_is_exempt_from_stage_b() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1
        "#]],
    );
}

#[test]
fn a_port_that_asks_in_vain_is_not_exempt_from_stage_b() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn reverse_path_promiscuous_ends_the_exemption() {
    check(
        "
        switch vSwitch0
          option reverse-path-promiscuous on
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn reverse_path_promiscuous_waits_until_the_mode_is_granted_anew() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        set option reverse-path-promiscuous on
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        set port-group Nested  promiscuous reject
        set port-group Nested  promiscuous accept
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn the_guest_can_make_the_latch_close_too() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        set option reverse-path-promiscuous on
        guest nested-1
        guest nested-1  asks promiscuous
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn without_strict_latch_the_option_works_at_once() {
    check(
        "
        switch vSwitch0
          option strict-latch off
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        set option reverse-path-promiscuous on
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        set option reverse-path-promiscuous off
        frame vmnic1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse nested-1: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)

            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1
        "#]],
    );
}

// With force-copy-to-all the mode is granted as the adapter connects, before its guest says anything.
#[test]
fn the_latch_is_taken_when_connecting_grants_the_mode() {
    check(
        "
        switch vSwitch0
          option force-copy-to-all on
          option reverse-path-promiscuous on
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept
            vnic web01  00:50:56:00:00:01  down
        link web01 up
        frame vmnic1  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            destination is broadcast
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn frames_of_guests_are_never_judged_by_either_stage() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic1
            vnic web01  00:50:56:00:00:01
          port-group Db  active vmnic0
            vnic db01  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to db01
            leave by uplink vmnic1
        "#]],
    );
}
