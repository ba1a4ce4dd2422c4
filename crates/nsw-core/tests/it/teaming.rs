//! Which one of the uplinks: load balancing, standby, link failure. Rules T-1 to T-6.

use expect_test::expect;

use crate::fixture::check;

// Slots 2, 3 and 4 fall on vmnic0, vmnic1 and vmnic0.
#[test]
fn originating_port_id_spreads_ports_over_the_active_uplinks() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  forged-transmits accept
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic web03  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame web01  src 00:50:56:aa:00:08  dst 00:50:56:00:00:08
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        frame web03  src 00:50:56:00:00:03  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:08 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:08 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web03, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn source_mac_hash_looks_at_each_frame() {
    check(
        "
        switch vSwitch0  load-balancing source-mac
          uplink vmnic0
          uplink vmnic1
          port-group Nested  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:06  dst 00:50:56:00:00:09
        frame nested-1  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        show port nested-1
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:06 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:01
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive open, send open
            team uplink: none
        "#]],
    );
}

#[test]
fn ip_hash_takes_the_last_octets_of_both_addresses() {
    check(
        "
        switch vSwitch0  load-balancing ip-hash
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  ipv4 10.1.0.1 10.2.0.1
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  ipv4 10.1.0.1 10.2.0.2
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  ipv6 1 1
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  ipv6 1 2
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1
        "#]],
    );
}

#[test]
fn ip_hash_takes_two_words_of_what_is_not_ip() {
    check(
        "
        switch vSwitch0  load-balancing ip-hash
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  words 16777216 0
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  words 16777216 16777218
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            leave by uplink vmnic2
        "#]],
    );
}

#[test]
fn explicit_failover_order_uses_the_first_that_works() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  load-balancing explicit  active vmnic1,vmnic0  standby vmnic2
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        link vmnic1 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        link vmnic2 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic2

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse web01: NO_UPLINK (failover order = no usable uplink, set on port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, set on port group Web)
        "#]],
    );
}

#[test]
fn a_failed_uplink_is_taken_out_of_the_choice() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        link vmnic0 up
        after 100 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn a_standby_is_idle_until_an_active_uplink_fails() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0,vmnic1  standby vmnic2
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic2
        "#]],
    );
}

#[test]
fn each_failed_active_uplink_brings_in_one_standby() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          uplink vmnic2
          port-group Web  active vmnic0  standby vmnic1,vmnic2
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        link vmnic1 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic2
        "#]],
    );
}

#[test]
fn an_uplink_in_neither_list_is_unused() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic0
            vnic web01  00:50:56:00:00:01
        link vmnic0 down
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse web01: NO_UPLINK (failover order = no usable uplink, set on port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, set on port group Web)
        "#]],
    );
}

#[test]
fn an_order_without_active_uplinks_uses_the_first_standby() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Web  active none  standby vmnic1,vmnic0
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1
        "#]],
    );
}

#[test]
fn the_failover_order_of_a_port_group_replaces_the_inherited_one_as_a_whole() {
    check(
        "
        switch vSwitch0  active vmnic0  standby vmnic1
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic1
            vnic web01  00:50:56:00:00:01
          port-group Db
            vnic db01  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame db01  src 00:50:56:00:00:02  dst 00:50:56:00:00:09
        set port-group Web  failover-order inherit
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by db01, port group Db
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn load_balancing_is_inherited_by_itself() {
    check(
        "
        switch vSwitch0  load-balancing explicit
          uplink vmnic0
          uplink vmnic1
          port-group Web  active vmnic1,vmnic0
            vnic web01  00:50:56:00:00:01
          port-group Db  load-balancing source-mac
            vnic db01  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame db01  src 00:50:56:00:00:03  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1

            enters vSwitch0 by db01, port group Db
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic1
        "#]],
    );
}
