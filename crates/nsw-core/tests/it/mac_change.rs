//! MAC address changes: an event, never inferred from frames, and what refusing it closes. Rules S-5 and S-6.

use expect_test::expect;

use crate::fixture::check;

#[test]
fn a_refused_change_closes_the_port_for_receiving() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame vmnic0  src 00:50:56:00:00:09  dst ff:ff:ff:ff:ff:ff
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:99
        show port web01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination is broadcast
            refuse web01: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:99 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:99
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive PORT_BLOCKED_MAC_CHANGE, send open
            team uplink: vmnic0
        "#]],
    );
}

#[test]
fn promiscuous_mode_does_not_rescue_a_port_closed_by_a_refused_change() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  promiscuous accept
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:99
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:99 is registered on no port of VLAN 0
            refuse web01: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn what_the_port_sends_is_judged_against_the_mac_that_was_granted() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        frame web01  src 00:50:56:00:00:99  dst 00:50:56:00:00:09
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        set port-group Web  forged-transmits accept
        frame web01  src 00:50:56:00:00:99  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:99 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:99 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn with_option_block_the_port_does_not_send_either() {
    check(
        "
        switch vSwitch0
          option refused-mac-change block
          uplink vmnic0
          port-group Web  forged-transmits accept
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        frame web01  src 00:50:56:00:00:99  dst 00:50:56:00:00:09
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        show port web01
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)

            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:99
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive PORT_BLOCKED_MAC_CHANGE, send PORT_BLOCKED_MAC_CHANGE
            team uplink: vmnic0
        "#]],
    );
}

#[test]
fn restoring_the_mac_opens_the_port() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        guest web01
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn accepting_changes_opens_the_port_under_the_new_mac() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        set port-group Web  mac-changes accept
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:99
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:99  dst 00:50:56:00:00:09
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        show port web01
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:99 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on no port of VLAN 0
            drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:99 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is not the effective MAC 00:50:56:00:00:99
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)

            MAC 00:50:56:00:00:99, requested 00:50:56:00:00:99
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive open, send open
            team uplink: vmnic0
        "#]],
    );
}

// The MAC stays known: its frames do not leave by the uplink in the hope of another owner.
#[test]
fn a_closed_port_still_owns_its_mac() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
            vnic web02  00:50:56:00:00:02
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            refuse web01: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

// A bridge, a nested vSwitch or CARP sends from other addresses and programs none: forged transmits alone decides.
#[test]
fn sending_from_another_mac_is_no_mac_change() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  mac-changes accept
            vnic bridge  00:50:56:00:00:01
        frame bridge  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:01
        ",
        &expect![[r#"
            enters vSwitch0 by bridge, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on bridge
            deliver to bridge
        "#]],
    );
}

#[test]
fn without_a_change_the_setting_makes_no_difference() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  promiscuous accept  forged-transmits accept  mac-changes reject
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        set port-group Nested  mac-changes accept
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to nested-1, in promiscuous mode
        "#]],
    );
}

// Why no law says that opening takes nothing away for this setting: the old address is given up for the new one.
#[test]
fn accepting_changes_can_take_deliveries_away() {
    check(
        "
        switch vSwitch0  mac-changes reject
          uplink vmnic0
          port-group Web  forged-transmits accept
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02  guest-mac 00:50:56:00:00:03
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:03
        frame web02  src 00:50:56:00:00:03  dst 00:50:56:00:00:03
        set switch  mac-changes accept
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:03
        frame web02  src 00:50:56:00:00:03  dst 00:50:56:00:00:03
        ",
        &expect![[r#"
            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:03 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is not the effective MAC 00:50:56:00:00:02; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is not the effective MAC 00:50:56:00:00:03; forged transmits = Accept
            destination 00:50:56:00:00:03 is registered on web02
            drop HAIRPIN: the destination is on the port that the frame came by

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:03 is registered on web02
            drop HAIRPIN: the destination is on the port that the frame came by
        "#]],
    );
}
