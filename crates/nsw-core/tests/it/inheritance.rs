//! Configured, inherited, computed, applied: four answers about a policy, and the line that is behind a refusal.
//! Rules P-1 to P-4.

use expect_test::expect;

use nsw_core::{Defaults, Origin, Switch, VSwitch};

use crate::fixture::check;

#[test]
fn what_nobody_set_is_the_default_of_the_release() {
    check(
        "
        switch vSwitch0  defaults 7.0+
          port-group Web
        show security Web
        set switch defaults 6.x
        show security Web
        ",
        &expect![[r#"
            promiscuous mode: Reject from Default
            MAC address changes: Reject from Default
            forged transmits: Reject from Default

            promiscuous mode: Reject from Default
            MAC address changes: Accept from Default
            forged transmits: Accept from Default
        "#]],
    );
}

#[test]
fn each_setting_is_inherited_by_itself() {
    check(
        "
        switch vSwitch0  forged-transmits accept
          port-group Web  promiscuous accept
        show security Web
        ",
        &expect![[r#"
            promiscuous mode: Accept from PortGroup
            MAC address changes: Reject from Default
            forged transmits: Accept from VSwitch
        "#]],
    );
}

#[test]
fn a_port_group_overrides_in_both_directions() {
    check(
        "
        switch vSwitch0  promiscuous accept  mac-changes reject  forged-transmits accept
          port-group Web  promiscuous reject  mac-changes accept  forged-transmits reject
        show security Web
        set port-group Web  promiscuous inherit
        show security Web
        ",
        &expect![[r#"
            promiscuous mode: Reject from PortGroup
            MAC address changes: Accept from PortGroup
            forged transmits: Reject from PortGroup

            promiscuous mode: Accept from VSwitch
            MAC address changes: Accept from PortGroup
            forged transmits: Reject from PortGroup
        "#]],
    );
}

#[test]
fn a_forged_drop_names_the_port_group_that_set_it() {
    check(
        "
        switch vSwitch0  forged-transmits accept
          port-group Nested  forged-transmits reject
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on port group Nested)
        "#]],
    );
}

#[test]
fn a_forged_drop_names_the_vswitch_that_set_it() {
    check(
        "
        switch vSwitch0  forged-transmits reject
          port-group Nested
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn a_forged_drop_names_the_default() {
    check(
        "
        switch vSwitch0
          port-group Nested
            vnic nested-1  00:50:56:00:00:01
        frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn accept_at_the_vswitch_opens_every_group_that_inherits() {
    check(
        "
        switch vSwitch0  promiscuous accept
          uplink vmnic0
          port-group Inherits
            vnic one  00:50:56:00:00:01  asks promiscuous
          port-group Rejects  promiscuous reject
            vnic two  00:50:56:00:00:02  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to one, in promiscuous mode
            refuse two: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group Rejects)
        "#]],
    );
}

#[test]
fn accept_at_one_port_group_opens_no_other() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Accepts  promiscuous accept
            vnic one  00:50:56:00:00:01  asks promiscuous
          port-group Inherits
            vnic two  00:50:56:00:00:02  asks promiscuous
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:aa:00:07
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:aa:00:07 is registered on no port of VLAN 0
            copy to one, in promiscuous mode
            refuse two: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group Inherits)
        "#]],
    );
}

// The trap of a tool that replaces a whole policy: what it does not mention is inherited from then on.
#[test]
fn an_override_that_is_reset_is_inherited_again() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Nested  promiscuous accept  mac-changes reject  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
        frame nested-1  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        set port-group Nested  promiscuous accept  mac-changes inherit  forged-transmits inherit
        frame nested-1  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by nested-1, port group Nested
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Nested)
        "#]],
    );
}

#[test]
fn applied_tells_what_was_asked_from_what_was_granted() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  asks promiscuous  guest-mac 00:50:56:00:00:99  all-multicast  joins 01:00:5e:00:00:07
        show port web01
        set port-group Web  promiscuous accept  mac-changes accept
        show port web01
        show port vmnic0
        ",
        &expect![[r#"
            MAC 00:50:56:00:00:01, requested 00:50:56:00:00:99
            promiscuous mode: asked true, granted false
            all multicast: true, groups: 1
            receive PORT_BLOCKED_MAC_CHANGE, send open
            team uplink: vmnic0

            MAC 00:50:56:00:00:99, requested 00:50:56:00:00:99
            promiscuous mode: asked true, granted true
            all multicast: true, groups: 1
            receive open, send open
            team uplink: vmnic0

            MAC 00:50:56:ff:00:00, requested 00:50:56:ff:00:00
            promiscuous mode: asked false, granted false
            all multicast: false, groups: 0
            receive open, send open
            team uplink: none
        "#]],
    );
}

#[test]
fn the_legacy_defaults_accept_changed_and_forged_addresses() {
    check(
        "
        switch vSwitch0  defaults 6.x
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        frame web01  src 00:50:56:aa:00:07  dst 00:50:56:00:00:09
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:99
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:00:00:99; forged transmits = Accept
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            leave by uplink vmnic0

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:99 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn every_setting_behind_a_refusal_is_named() {
    check(
        "
        switch vSwitch0  mtu 1400  mac-changes reject
          uplink vmnic0
          uplink vmnic1  absent
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic closed  00:50:56:00:00:02  guest-mac 00:50:56:00:00:99
          port-group Stuck  active vmnic1
            vnic stuck  00:50:56:00:00:03
          port-group Tagged  vlan 10
            vnic tagged  00:50:56:00:00:04
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  payload 1401
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        frame stuck  src 00:50:56:00:00:03  dst 00:50:56:00:00:09
        frame tagged  src 00:50:56:00:00:04  dst 00:50:56:00:00:09  tag 11
        frame vmnic0  src 00:50:56:00:00:09  dst 00:50:56:00:00:03
        frame vmnic0  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on closed
            refuse closed: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, set on vSwitch0, inherited by port group Web)
            drop PORT_BLOCKED_MAC_CHANGE: the guest changed its MAC address and MAC address changes are rejected (MAC address changes = Reject, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse vmnic0: MTU (MTU = 1400, set on vSwitch0)
            drop MTU: the payload is larger than the vSwitch's MTU (MTU = 1400, set on vSwitch0)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:00
            leave by uplink vmnic0

            enters vSwitch0 by stuck, port group Stuck
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse stuck: NO_UPLINK (failover order = no usable uplink, set on port group Stuck)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, set on port group Stuck)

            enters vSwitch0 by tagged, port group Tagged
            tagged 11, which does not fit a port of VLAN 10
            drop VLAN_MISMATCH: the frame's VLAN is not the VLAN of the port it came by or is meant for (VLAN ID = 10, set on port group Tagged)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:03 is registered on stuck
            refuse stuck: REVERSE_TEAM (reverse teaming filter = on, default of vSwitch0, inherited by port group Stuck)
            drop REVERSE_TEAM: the frame came by another uplink than the team assigns to the port (reverse teaming filter = on, default of vSwitch0, inherited by port group Stuck)

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            drop REVERSE_PATH: a frame of this switch's own came back by an uplink (Net.ReversePathFwdCheck = 1, default of vSwitch0)
        "#]],
    );
}

// An upgrade changes what stands where nobody set anything, and nothing else.
#[test]
fn a_stored_value_is_never_rewritten() {
    check(
        "
        switch vSwitch0  defaults 6.x  forged-transmits accept
          port-group Web  mac-changes accept
          port-group Inherits
        set switch defaults 7.0+  promiscuous accept
        show security Web
        show security Inherits
        set switch defaults 6.x  promiscuous inherit  forged-transmits reject
        show security Web
        show security Inherits
        ",
        &expect![[r#"
            promiscuous mode: Accept from VSwitch
            MAC address changes: Accept from PortGroup
            forged transmits: Accept from VSwitch

            promiscuous mode: Accept from VSwitch
            MAC address changes: Reject from Default
            forged transmits: Accept from VSwitch

            promiscuous mode: Reject from Default
            MAC address changes: Accept from PortGroup
            forged transmits: Reject from VSwitch

            promiscuous mode: Reject from Default
            MAC address changes: Accept from Default
            forged transmits: Reject from VSwitch
        "#]],
    );
}

#[test]
fn a_stored_option_is_never_rewritten_by_the_defaults_of_another_release() {
    for defaults in Defaults::ALL {
        let mut config = VSwitch::named("vSwitch0");
        config.options.block_guest_bpdu = Some(false);
        config.options.reverse_path_promiscuous = Some(true);
        let stored = config.clone();
        config.defaults = defaults;
        let switch = Switch::new(config, 1).unwrap();
        let config = switch.config();
        assert_eq!((config.options, config.security), (stored.options, stored.security));
        assert!(!config.block_guest_bpdu().value && config.reverse_path_promiscuous().value);
        assert_eq!(config.block_guest_bpdu().origin, Origin::VSwitch);
    }
}

#[test]
fn the_options_that_nobody_set_follow_the_release() {
    let of = |defaults| {
        let config = VSwitch { defaults, ..VSwitch::named("vSwitch0") };
        let [bpdu, promiscuous] = [config.block_guest_bpdu(), config.reverse_path_promiscuous()];
        assert_eq!([bpdu.origin, promiscuous.origin], [Origin::Default; 2]);
        (bpdu.value, promiscuous.value)
    };
    assert_eq!(Defaults::ALL.map(of), [(false, false), (false, false), (true, false), (true, true)]);
}

// P-3: the same frame, by release.
#[test]
fn a_guests_spanning_tree_frame_leaves_up_to_7_and_is_dropped_since_8() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        set switch  defaults 8.0
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        set option block-guest-bpdu off
        frame web01  src 00:50:56:00:00:01  dst 01:80:c2:00:00:00
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:00
            leave by uplink vmnic0

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop GUEST_BPDU: a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on (Net.BlockGuestBPDU = 1, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is multicast group 01:80:c2:00:00:00
            leave by uplink vmnic0
        "#]],
    );
}
