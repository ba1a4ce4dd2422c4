//! Teams over time: the up-delay, failback, beacon probing, notify switches. Rules T-6 to T-12.

use std::collections::BTreeMap;

use expect_test::expect;
use nsw_core::{
    Adapter, Beacon, FailureDetection, Frame, Mac, PortGroup, PortId, Switch, VSwitch, VlanId, VlanMode,
};

use crate::fixture::check;
use crate::running::Running;

// Net.TeamPolicyUpDelay. A second loss begins the delay anew.
#[test]
fn an_uplink_that_comes_up_counts_after_the_up_delay() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0  standby vmnic1
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic0 up
        after 99 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic0 down
        link vmnic0 up
        after 99 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        after 1 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

// Slots 3 and 4 fall on vmnic1 and vmnic0; only the port of the failed uplink moves.
#[test]
fn a_standby_takes_the_seat_of_the_one_that_failed() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0,vmnic1  standby vmnic2
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic2
        "#]],
    );
}

#[test]
fn without_failback_the_standby_keeps_the_seat() {
    check(
        "
        switch vSwitch0  failback off
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0  standby vmnic1
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic0 up
        after 10 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic1 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

// Web keeps the standby, Db goes back.
#[test]
fn a_port_group_overrides_failback() {
    check(
        "
        switch vSwitch0  active vmnic0  standby vmnic1
          uplink vmnic0
          uplink vmnic1
          port-group Web  failback off
            vnic web01  00:50:56:00:00:01
          port-group Db
            vnic db01  00:50:56:00:00:02
        link vmnic0 down
        link vmnic0 up
        after 1 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame db01  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        set port-group Web  failback on
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by db01, port group Db
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

// Without a standby the seat of vmnic0 is lost: both ports fall on vmnic1, and later on vmnic0.
#[test]
fn without_failback_a_recovered_uplink_waits_for_another_to_fail() {
    check(
        "
        switch vSwitch0  failback off
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        link vmnic0 up
        after 1 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        link vmnic1 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn without_failback_the_first_to_recover_carries_when_all_had_failed() {
    check(
        "
        switch vSwitch0  failback off
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  load-balancing explicit
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        link vmnic1 down
        link vmnic2 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic1 up
        after 100 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        link vmnic0 up
        after 100 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1
        "#]],
    );
}

#[test]
fn another_failover_order_seats_the_team_anew() {
    check(
        "
        switch vSwitch0  failback off
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0  standby vmnic1
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        link vmnic0 up
        after 1 s
        set port-group Web  active vmnic0  standby vmnic2
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

// The link of vmnic1 stays up. The round of second 0 was heard; those of seconds 1, 2 and 3 are missed, which is known at second 4.
#[test]
fn a_path_that_misses_three_beacons_is_left() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0,vmnic1,vmnic2
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        path vmnic1 broken
        after 3999 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        after 1 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        path vmnic1 whole
        after 2 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic2

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

// Shotgun: nobody can tell which of the two is broken. An answer may come by either; what came by none of the team may not.
#[test]
fn of_two_paths_that_miss_beacons_both_are_used() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  vlan 10  active vmnic0  standby vmnic1
            vnic web01  00:50:56:00:00:01
        path vmnic0 broken
        after 4 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01  tag 10
        frame vmnic1  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01  tag 10
        frame vmnic2  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01  tag 10
        show port web01
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            beacons are silent on every path: leave by each uplink
            leave by uplink vmnic0, tagged 10
            leave by uplink vmnic1, tagged 10

            enters vSwitch0 by uplink vmnic0
            tagged 10: VLAN 10
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01, tag removed

            enters vSwitch0 by uplink vmnic1
            tagged 10: VLAN 10
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01, tag removed

            enters vSwitch0 by uplink vmnic2
            tagged 10: VLAN 10
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Web)

            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:01
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive open, send open
            team uplink: none

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic1, tagged 10
        "#]],
    );
}

#[test]
fn too_large_a_frame_leaves_by_none_of_two_silent_paths() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        path vmnic0 broken
        after 4 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09  payload 1501
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            beacons are silent on every path: leave by each uplink
            refuse vmnic0: MTU (MTU = 1500, default of vSwitch0)
            refuse vmnic1: MTU (MTU = 1500, default of vSwitch0)
            drop MTU: the payload is larger than the vSwitch's MTU (MTU = 1500, default of vSwitch0)
        "#]],
    );
}

// vmnic2 is unused. After the port group goes by links, none.
#[test]
fn beacons_are_sent_each_second_by_each_uplink_of_the_team_in_its_vlan() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  vlan 10  active vmnic0  standby vmnic1  failure-detection beacon  notify-switches off
            vnic web01  00:50:56:00:00:01
        after 1500 ms
        show sent
        set port-group Web  failure-detection inherit
        after 3 s
        show sent
        ",
        &expect![[r#"
            at 0 ms beacon from 00:50:56:ff:00:00 by vmnic0, VLAN 10
            at 1000 ms beacon from 00:50:56:ff:00:00 by vmnic0, VLAN 10
            at 1000 ms beacon from 00:50:56:ff:00:01 by vmnic1, VLAN 10

        "#]],
    );
}

#[test]
fn no_beacon_with_ip_hash_nor_where_the_guest_tags() {
    check(
        "
        switch vSwitch0  failure-detection beacon  notify-switches off
          uplink vmnic0
          uplink vmnic1
          port-group Hash  load-balancing ip-hash
            vnic web01  00:50:56:00:00:01
          port-group Trunk  vlan 4095
            vnic web02  00:50:56:00:00:02
        after 10 s
        show sent
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web02, port group Trunk
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1
        "#]],
    );
}

// Even where stage A would call it a reflection: the VMkernel adapter has the address of vmnic0.
#[test]
fn a_beacon_of_our_own_ends_at_the_switch() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          uplink vmnic1
          port-group Management
            vmkernel vmk0  00:50:56:ff:00:00
        frame vmnic1  src 00:50:56:ff:00:00  dst ff:ff:ff:ff:ff:ff  beacon
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic1
            untagged: VLAN 0
            drop BEACON: a beacon by which this switch probes its uplinks has come to its end
        "#]],
    );
}

// A nested host's beacon, from its adapter here and from outside.
#[test]
fn a_beacon_of_another_switch_is_a_broadcast() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          port-group Web
            vnic nested-1  00:50:56:00:00:01
            vnic nested-2  00:50:56:00:00:02
        frame nested-1  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  beacon
        frame vmnic0  src 00:50:56:ff:00:09  dst ff:ff:ff:ff:ff:ff  beacon
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to nested-2
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            deliver to nested-1
            deliver to nested-2
        "#]],
    );
}

#[test]
fn a_single_uplink_is_not_held_against_itself() {
    check(
        "
        switch vSwitch0  failure-detection beacon
          uplink vmnic0
          uplink vmnic1  down
          port-group Web
            vnic web01  00:50:56:00:00:01
        after 10 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:ff:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_port_is_announced_five_times_when_it_is_connected() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        after 10 s
        show sent
        link web01 down
        link web01 up
        show sent
        ",
        &expect![[r#"
            at 0 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 1000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 2000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 3000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 4000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10

            at 10000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
        "#]],
    );
}

// The address that the guest runs with, not those that it forges. The other port stays where it is.
#[test]
fn a_change_of_uplink_is_announced_by_the_new_one() {
    check(
        "
        switch vSwitch0  forged-transmits accept  mac-changes accept
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  vlan 10  active vmnic0,vmnic1  standby vmnic2
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        guest web02  guest-mac 00:50:56:00:00:99
        after 10 s
        frame web02  src 00:50:56:aa:00:07  dst 00:50:56:ff:00:09
        show sent
        link vmnic0 down
        after 500 ms
        show sent
        link vmnic0 up
        after 10 s
        show sent
        ",
        &expect![[r#"
            enters vSwitch0 by web02, port group Web
            untagged: VLAN 10
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:99; forged transmits = Accept
            destination 00:50:56:ff:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10

            at 0 ms RARP from 00:50:56:00:00:01 by vmnic1, VLAN 10
            at 0 ms RARP from 00:50:56:00:00:02 by vmnic0, VLAN 10
            at 1000 ms RARP from 00:50:56:00:00:01 by vmnic1, VLAN 10
            at 1000 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 2000 ms RARP from 00:50:56:00:00:01 by vmnic1, VLAN 10
            at 2000 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 3000 ms RARP from 00:50:56:00:00:01 by vmnic1, VLAN 10
            at 3000 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 4000 ms RARP from 00:50:56:00:00:01 by vmnic1, VLAN 10
            at 4000 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10

            at 10000 ms RARP from 00:50:56:00:00:99 by vmnic2, VLAN 10

            at 10600 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 11600 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 12600 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 13600 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
            at 14600 ms RARP from 00:50:56:00:00:99 by vmnic0, VLAN 10
        "#]],
    );
}

#[test]
fn a_change_of_vlan_is_announced() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        after 10 s
        show sent
        set port-group Web  vlan 20
        show sent
        ",
        &expect![[r#"
            at 0 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 1000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 2000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 3000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10
            at 4000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 10

            at 10000 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 20
        "#]],
    );
}

// A port group overrides in both directions.
#[test]
fn nobody_is_told_with_ip_hash_or_notify_switches_off() {
    check(
        "
        switch vSwitch0  notify-switches off
          uplink vmnic0
          uplink vmnic1
          port-group Off
            vnic web01  00:50:56:00:00:01
          port-group Hash  load-balancing ip-hash  notify-switches on
            vnic web02  00:50:56:00:00:02
          port-group On  load-balancing source-mac  notify-switches on
            vnic web03  00:50:56:00:00:03
        show sent
        ",
        &expect![[r#"
            at 0 ms RARP from 00:50:56:00:00:03 by vmnic1, VLAN 0
        "#]],
    );
}

#[test]
fn a_port_whose_mac_change_was_refused_is_not_announced() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        show sent
        guest web01  guest-mac 00:50:56:00:00:99
        after 2 s
        show sent
        ",
        &expect![[r#"
            at 0 ms RARP from 00:50:56:00:00:01 by vmnic0, VLAN 0

        "#]],
    );
}

// RARP: hardware Ethernet, protocol IPv4, request reverse; sender and target are the address, both without IP addresses.
#[test]
fn an_announcement_is_a_rarp_request_from_the_address_for_itself() {
    let sent = first_sent(VlanMode::from_id(10).unwrap(), |_| {});
    let mac = [0, 0x50, 0x56, 0, 0, 1];
    let expected = [
        &[0xff; 6][..],
        &mac,
        &[0x81, 0, 0, 10, 0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3],
        &mac,
        &[0; 4],
        &mac,
        &[0; 18],
    ];
    assert_eq!(sent, expected.concat());
}

#[test]
fn a_beacon_names_its_sender_and_nothing_else_is_read_as_one() {
    let sent = first_sent(VlanMode::Est, |config| {
        config.teaming.failure_detection = Some(FailureDetection::BeaconProbing);
        config.teaming.notify_switches = Some(false);
    });
    let head = [&[0xff; 6][..], &[0, 0x50, 0x56, 0xff, 0, 0], &[0x89, 0x22], b"nsw\x01", &[0x81, 0, 0, 0]];
    assert_eq!((&sent[..22], sent.len()), (&head.concat()[..], 60));
    let read = |bytes: &[u8]| Beacon::read(&Frame::parse(bytes).unwrap());
    let sender = PortId::from_number(0x8100_0000);
    assert_eq!(read(&sent), Some(Beacon { vlan: VlanId::UNTAGGED, sender }));
    for (at, byte) in [(12, 0x88), (14, b'N'), (17, 2)] {
        let mut other = sent.clone();
        other[at] = byte;
        assert_eq!(read(&other), None, "with {byte:#x} at {at}");
    }
    assert_eq!(read(&sent[..21]), None, "cut off");
}

fn first_sent(vlan: VlanMode, configure: impl FnOnce(&mut VSwitch)) -> Vec<u8> {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks.push("vmnic0".into());
    config.port_groups.push(PortGroup::named("Web", vlan));
    configure(&mut config);
    let mut running = Running::new(Switch::new(config, 1).unwrap());
    running
        .event(|switch, _, _| {
            switch.connect(Adapter::uplink("vmnic0", Mac::new([0, 0x50, 0x56, 0xff, 0, 0])))?;
            switch.connect(Adapter::vnic("web01", "Web", Mac::new([0, 0x50, 0x56, 0, 0, 1])))
        })
        .unwrap();
    running.sent.swap_remove(0).2
}

// Net.NetMaxRarpsPerInterval: 300 ports at once take three seconds for the first round, and none is starved by another.
#[test]
fn announcements_keep_to_128_in_a_second() {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks.push("vmnic0".into());
    config.port_groups.push(PortGroup::named("Web", VlanMode::Est));
    let mut running = Running::new(Switch::new(config, 1).unwrap());
    running
        .event(|switch, _, _| {
            switch.connect(Adapter::uplink("vmnic0", Mac::new([0, 0x50, 0x56, 0xff, 0, 0])))?;
            for n in 0..300_u16 {
                let [high, low] = n.to_be_bytes();
                let mac = Mac::new([0, 0x50, 0x56, 0, high, low]);
                switch.connect(Adapter::vnic(format!("vm{n}"), "Web", mac))?;
            }
            Ok(())
        })
        .unwrap();
    let mut seconds = Vec::new();
    let mut told: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
    for second in 0..20_u64 {
        running.pass(second * 1_000_000_000 + 999_999_999);
        seconds.push(running.sent.len());
        for (_, _, frame) in running.sent.drain(..) {
            *told.entry(frame[6..12].to_vec()).or_default() += 1;
        }
        if second == 2 {
            assert_eq!(told.len(), 300, "everybody once before anybody for the last time");
        }
    }
    assert!(seconds.iter().all(|sent| *sent <= 128), "{seconds:?}");
    assert!(told.len() == 300 && told.values().all(|times| *times == 5), "{told:?}");
}
