//! Traffic shaping: what a guest may send. Rules H-1 and H-2.

use expect_test::expect;

use nsw_core::{
    Adapter, Frame, Mac, NoTrace, Outcome, PortGroup, Shaping, State, Switch, VSwitch, VlanMode, decide,
};

use crate::fixture::{FrameSpec, check};

#[test]
fn what_exceeds_the_burst_is_dropped_until_the_average_has_earned_it() {
    check(
        "
        switch vSwitch0  shaping 8000000/100000000/100000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 6 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 25 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 65 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

// The peak holds while a burst lasts: savings alone do not let a guest send faster.
#[test]
fn savings_are_spent_at_the_peak_rate_at_most() {
    check(
        "
        switch vSwitch0  shaping 8000/80000000/1000000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 1 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 6 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn an_idle_guest_saves_no_more_than_the_burst() {
    check(
        "
        switch vSwitch0  shaping 8000000/8000000000/130000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 301 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 1 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 1 ms
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)
        "#]],
    );
}

// A burst smaller than the largest frame would stop a guest for good: each bucket holds that much at least.
#[test]
fn the_largest_frame_passes_a_burst_that_is_smaller() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/1
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        after 66 s
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn each_port_is_shaped_by_itself() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web02  src 00:50:56:00:00:02  dst 00:50:56:00:00:01  payload 65000
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web02, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:02 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn shaping_can_be_turned_off_at_a_port_group() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
        ",
        &expect![[r#"
            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn a_port_group_that_shapes_alone() {
    check(
        "
        switch vSwitch0  
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        set port-group Web  shaping 8000/8000/70000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
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
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on port group Web)

            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn what_a_port_receives_is_not_shaped() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01  payload 65000
        frame vmnic0  src 00:50:56:ff:00:09  dst 00:50:56:00:00:01  payload 65000
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
        frame free  src 00:50:56:00:00:03  dst 00:50:56:00:00:01  payload 65000
        ",
        &expect![[r#"
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01

            enters vSwitch0 by free, port group Free
            untagged: VLAN 0
            source 00:50:56:00:00:03 is the effective MAC
            destination 00:50:56:00:00:01 is registered on web01
            deliver to web01
        "#]],
    );
}

#[test]
fn a_frame_that_is_dropped_before_costs_nothing() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:aa:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:aa:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01
            drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02
        "#]],
    );
}

#[test]
fn a_shaper_that_is_changed_starts_full() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        set switch  shaping 8000/8000/70001
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn an_adapter_that_gets_the_same_port_number_starts_with_savings_of_its_own() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        reconnect web01
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
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
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)
        "#]],
    );
}

#[test]
fn what_the_shaper_drops_is_not_learned() {
    check(
        "
        switch vSwitch0  shaping 8000/8000/70000
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
          port-group Free  shaping off
            vnic free  00:50:56:00:00:03
        set port-group Web  learning on  forged-transmits accept
        frame web01  src 00:50:56:00:00:01  dst 00:50:56:00:00:02  payload 65000
        frame web01  src 00:50:56:aa:00:01  dst 00:50:56:ff:00:09  payload 65000
        show memory
        ",
        &expect![[r#"
            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:00:00:01 is the effective MAC
            destination 00:50:56:00:00:02 is registered on web02
            deliver to web02

            enters vSwitch0 by web01, port group Web
            untagged: VLAN 0
            source 00:50:56:aa:00:01 is not the effective MAC 00:50:56:00:00:01; forged transmits = Accept
            drop SHAPER: the guest sent more than traffic shaping permits (traffic shaping = on, set on vSwitch0, inherited by port group Web)

            0 remembered, 0 moves
        "#]],
    );
}

// The API counts bits a second and bytes, esxcli kilobits of 1000 and kibibits of 1024 bits, the kernel bytes.
#[test]
fn each_interface_counts_in_units_of_its_own() {
    let api = Shaping { average_bps: 100_000_000, peak_bps: 200_000_000, burst_bytes: 104_857_600 };
    assert_eq!(Shaping::from_esxcli(100_000, 200_000, 819_200), api);
    assert_eq!(Shaping::from_kernel(12_500_000, 25_000_000, 104_857_600), api);
    // 102400 is the default in the dialog, in KB. Handed to esxcli as it stands it is an eighth of that.
    assert_eq!(Shaping::from_esxcli(100_000, 100_000, 102_400).burst_bytes, 13_107_200);
    let most = Shaping::from_esxcli(u64::MAX, u64::MAX, u64::MAX);
    assert_eq!((most.average_bps, most.burst_bytes), (u64::MAX, u64::MAX));
}

// Asked far too often, the shaper must not round each answer: what passes in a minute is the average and the burst.
#[test]
fn the_average_holds_however_often_a_guest_tries() {
    for (pause_ns, average_bps) in [(15_000, 1_000_000), (12_345, 999_999), (1, 8_000_000_001)] {
        let shaping = Shaping { average_bps, peak_bps: 10 * average_bps, burst_bytes: 100_000 };
        let tries = 200_000;
        let passed = passed_bytes(shaping, pause_ns, tries);
        let earned = u128::from(average_bps) * u128::from(pause_ns * (tries - 1)) / 8_000_000_000;
        let expected = (earned + 100_000).min(u128::from(tries) * u128::from(SMALL));
        let (most, least) = (expected, expected - u128::from(SMALL));
        assert!((least..=most).contains(&u128::from(passed)), "{passed} of {expected} bytes");
    }
}

// Both rates are unbounded numbers that somebody types; time is a clock of its own. Nothing overflows.
#[test]
fn the_largest_numbers_shape_nothing() {
    let shaping = Shaping { average_bps: u64::MAX, peak_bps: u64::MAX, burst_bytes: u64::MAX };
    assert_eq!(passed_bytes(shaping, u64::MAX / 10, 10), 10 * SMALL);
}

/// The size of a frame without payload.
const SMALL: u64 = 60;

/// What of `tries` small frames, `pause_ns` apart, passes the shaper.
fn passed_bytes(shaping: Shaping, pause_ns: u64, tries: u64) -> u64 {
    let mut config = VSwitch::named("vSwitch0");
    config.shaping = Some(shaping);
    config.port_groups.push(PortGroup::named("Web", VlanMode::Est));
    let mut switch = Switch::new(config, 1).unwrap();
    let (first, second) = (Mac::new([0, 0x50, 0x56, 0, 0, 1]), Mac::new([0, 0x50, 0x56, 0, 0, 2]));
    let ingress = switch.connect(Adapter::vnic("web01", "Web", first)).unwrap();
    switch.connect(Adapter::vnic("web02", "Web", second)).unwrap();
    let tables = switch.compile();
    let mut state = State::default();
    state.prepare(&tables);
    let bytes = FrameSpec::new(first, second).bytes();
    let frame = Frame::parse(&bytes).unwrap();
    let mut outcome = Outcome::default();
    let mut passed = 0;
    for n in 0..tries {
        decide(&tables, &mut state, ingress, &frame, n * pause_ns, &mut NoTrace, &mut outcome);
        passed += if outcome.drop.is_none() { SMALL } else { 0 };
    }
    passed
}
