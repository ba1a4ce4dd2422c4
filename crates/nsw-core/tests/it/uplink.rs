//! The way out: what leaves, and what keeps a frame from leaving. Rules F-5, F-6, N-1 and N-2.

use expect_test::expect;
use nsw_core::{Frame, MIN_FRAME_LEN, Mac, NoTrace, Outcome, State, Tag, TagAction, decide};

use crate::fixture::{FrameSpec, World, check};

#[test]
fn without_uplinks_a_switch_is_internal() {
    check(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web02
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn with_every_uplink_down_local_switching_goes_on() {
    check(
        "
        switch vSwitch0
          uplink vmnic0  down
          uplink vmnic1  absent
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 0
            refuse web01: NO_UPLINK (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, default of vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn the_missing_uplink_outranks_other_refusals_as_the_reason() {
    check(
        "
        switch vSwitch0
          port-group Web  active none
            vnic closed  00:50:56:00:00:02  guest-mac 00:50:56:00:00:99
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            refuse closed: PORT_BLOCKED_MAC_CHANGE (MAC address changes = Reject, default of vSwitch0, inherited by port group Web)
            refuse web01: NO_UPLINK (failover order = no usable uplink, set on port group Web)
            drop NO_UPLINK: the frame should leave by an uplink and no usable one is there (failover order = no usable uplink, set on port group Web)
        "#]],
    );
}

#[test]
fn a_payload_larger_than_the_mtu_does_not_leave() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  vlan 10
            vnic web01  00:50:56:00:00:01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  payload 1500
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  payload 1501
        set switch mtu 9000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  payload 9000
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            refuse vmnic0: MTU (MTU = 1500, default of vSwitch0)
            drop MTU: the payload is larger than the vSwitch's MTU (MTU = 1500, default of vSwitch0)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 10
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 10
            leave by uplink vmnic0, tagged 10
        "#]],
    );
}

#[test]
fn the_vlan_tag_does_not_count_against_the_mtu() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Trunk  vlan 4095
            vnic router  00:50:56:00:00:01
        frame router  src 00:50:56:00:00:01  dst 00:50:56:00:00:09  tag 20  payload 1500
        ",
        &expect![[r#"
            enters vSwitch0 by router, port group Trunk
            tagged 20: VLAN 20
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:09 is registered on no port of VLAN 20
            leave by uplink vmnic0
        "#]],
    );
}

#[test]
fn the_mtu_limits_the_wire_and_not_the_inside() {
    check(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 9000
        frame web01  src 00:50:56:00:00:01  dst ff:ff:ff:ff:ff:ff  payload 9000
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination is broadcast
            deliver to web02
            refuse vmnic0: MTU (MTU = 1500, default of vSwitch0)
        "#]],
    );
}

// From a guest nothing, a priority or the VLAN of a trunk comes before the payload; on the wire the tag is one of the 60 bytes.
#[test]
fn a_short_frame_is_padded_to_60_bytes_where_it_leaves_by_an_uplink_and_nowhere_else() {
    let switch = World::switch(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Plain
            vnic est      00:50:56:00:00:01
            vnic est-too  00:50:56:00:00:02
          port-group Ten  vlan 10
            vnic vst      00:50:56:00:00:03
            vnic vst-too  00:50:56:00:00:04
          port-group Trunk  vlan 4095
            vnic vgt      00:50:56:00:00:05
        ",
    );
    let tables = switch.compile();
    let mut seen = Vec::new();
    for (sender, last, tag) in [
        ("est", 1, None),
        ("est", 1, Some(Tag::new(0, 5))),
        ("vst", 3, None),
        ("vst", 3, Some(Tag::new(0, 5))),
        ("vgt", 5, None),
        ("vgt", 5, Some(Tag::new(10, 0))),
    ] {
        let spec = FrameSpec { tag, ..FrameSpec::new(Mac::new([0, 0x50, 0x56, 0, 0, last]), Mac::BROADCAST) };
        let (whole, ingress) = (spec.bytes(), switch.port_named(sender).unwrap().id);
        for len in 18..=whole.len() {
            let mut out = Outcome::default();
            let frame = Frame::parse(&whole[..len]).unwrap();
            decide(&tables, &mut State::default(), ingress, &frame, 0, &mut NoTrace, &mut out);
            assert!(out.deliveries.iter().any(|copy| copy.port.is_uplink()), "{sender}");
            for copy in &out.deliveries {
                let tagged = match copy.tag {
                    TagAction::Keep | TagAction::Replace(_) => len,
                    TagAction::Push(_) => len + 4,
                    TagAction::Pop => len - 4,
                };
                let least = if copy.port.is_uplink() { MIN_FRAME_LEN } else { 0 };
                assert_eq!(tagged + copy.padding(len), tagged.max(least), "{sender}, {len} bytes, {copy:?}");
                if copy.port.is_uplink() {
                    seen.push(std::mem::discriminant(&copy.tag));
                }
            }
        }
    }
    for action in
        [TagAction::Keep, TagAction::Pop, TagAction::Push(Tag::new(0, 0)), TagAction::Replace(Tag::new(0, 0))]
    {
        assert!(seen.contains(&std::mem::discriminant(&action)), "no frame left with {action:?}");
    }
}
