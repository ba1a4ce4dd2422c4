//! Every small world: one switch with one uplink and two ports, and every combination of what can be set.
//!
//! The three security settings, each own or inherited at the port group and set or not at the vSwitch, times the VLAN modes
//! of the two ports, times what their guests ask for, times the tag of the frame. Random worlds may miss a corner; here
//! there is none left. The first port stands on port group A, whose policy varies, the second on B, which inherits.

use nsw_core::{
    Action, Adapter, Defaults, Frame, GuestRequest, Mac, NoTrace, Outcome, PortGroup, PortId, Security,
    State, Switch, Tag, VSwitch, VlanMode, decide,
};

use crate::fixture::FrameSpec;
use crate::model::{self, Latches, Memory, Verdict};

const LEVEL: [Option<Action>; 3] = [None, Some(Action::Accept), Some(Action::Reject)];
const VLANS: [u16; 4] = [0, 10, 20, 4095];
const TAGS: [Option<u16>; 4] = [None, Some(0), Some(10), Some(20)];

const FIRST: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 1]);
const SECOND: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 2]);
const CHANGED: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 3]);
const NOBODY: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 4]);
const GROUP: Mac = Mac::new([0x01, 0, 0x5e, 0, 0, 7]);

#[test]
fn every_small_world_is_decided_as_the_specification_says() {
    let frames = frames();
    let mut decisions = 0_u32;
    for security in every_security() {
        for (first, second) in every_pair(&VLANS) {
            let (switch, ids) = switch(security, first, second);
            for guest in every_guest() {
                let mut switch = switch.clone();
                switch.set_guest_request(ids[1], guest).unwrap();
                decisions += check_every_frame(&switch, &ids, &frames);
            }
        }
    }
    // 729 policies, 16 pairs of VLAN modes, 4 guests, 3 ports, 40 frames.
    assert_eq!(decisions, 729 * 16 * 4 * 3 * 40);
}

#[test]
fn every_setting_comes_from_the_nearest_level_that_sets_it() {
    for defaults in [Defaults::V7, Defaults::Legacy] {
        for (group, vswitch) in every_security() {
            let mut config = VSwitch::named("vSwitch0");
            config.defaults = defaults;
            config.security = vswitch;
            config.port_groups.push(PortGroup { security: group, ..PortGroup::named("A", VlanMode::Est) });
            let computed = Switch::new(config, 1).unwrap().compile().security("A").unwrap();
            group.zip(vswitch).zip(defaults.security()).zip(computed).map(
                |(((group, vswitch), default), computed)| {
                    assert_eq!(computed.value, group.or(vswitch).unwrap_or(default));
                },
            );
        }
    }
}

fn check_every_frame(switch: &Switch, ids: &[PortId; 3], frames: &[(FrameSpec, Vec<u8>)]) -> u32 {
    let mut latches = Latches::default();
    latches.observe(switch);
    let tables = switch.compile();
    let mut out = Outcome::default();
    let mut decisions = 0;
    for ingress in ids {
        for (spec, bytes) in frames {
            let frame = Frame::parse(bytes).unwrap();
            decide(&tables, &mut State::default(), *ingress, &frame, 0, &mut NoTrace, &mut out);
            let expected = model::decide(switch, &latches, &mut Memory::default(), *ingress, spec, 0);
            assert_eq!(Verdict::of(&out, spec), expected, "{ingress} {spec:?}\n{switch:#?}");
            decisions += 1;
        }
    }
    decisions
}

/// What somebody configured at one level.
type Configured = Security<Option<Action>>;

/// The security of port group A and of the vSwitch: 27 times 27.
fn every_security() -> Vec<(Configured, Configured)> {
    let mut one = Vec::new();
    for promiscuous in LEVEL {
        for mac_changes in LEVEL {
            for forged_transmits in LEVEL {
                one.push(Security { promiscuous, mac_changes, forged_transmits });
            }
        }
    }
    every_pair(&one)
}

fn every_pair<T: Copy>(values: &[T]) -> Vec<(T, T)> {
    values.iter().flat_map(|first| values.iter().map(|second| (*first, *second))).collect()
}

/// With and without a changed MAC, with and without the request for promiscuous mode.
fn every_guest() -> Vec<GuestRequest> {
    [FIRST, CHANGED]
        .into_iter()
        .flat_map(|mac| {
            let listening = GuestRequest { groups: vec![GROUP], ..GuestRequest::unicast(mac) };
            [GuestRequest::promiscuous(mac), listening]
        })
        .collect()
}

fn frames() -> Vec<(FrameSpec, Vec<u8>)> {
    let mut frames = Vec::new();
    for src in [FIRST, NOBODY] {
        for dst in [SECOND, CHANGED, NOBODY, GROUP, Mac::BROADCAST] {
            for vid in TAGS {
                let tag = vid.map(|vid| Tag::new(vid, 3));
                let frame = FrameSpec { tag, ..FrameSpec::new(src, dst) };
                frames.push((frame, frame.bytes()));
            }
        }
    }
    frames
}

fn switch((group, vswitch): (Configured, Configured), first: u16, second: u16) -> (Switch, [PortId; 3]) {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks.push("vmnic0".to_string());
    config.security = vswitch;
    let vlan = |id| VlanMode::from_id(id).unwrap();
    config.port_groups.push(PortGroup { security: group, ..PortGroup::named("A", vlan(first)) });
    config.port_groups.push(PortGroup::named("B", vlan(second)));
    let mut switch = Switch::new(config, 1).unwrap();
    let uplink = switch.connect(Adapter::uplink("vmnic0", NOBODY)).unwrap();
    let a = switch.connect(Adapter::vnic("a", "A", FIRST)).unwrap();
    let b = switch.connect(Adapter::vnic("b", "B", SECOND)).unwrap();
    switch.set_guest_request(b, GuestRequest::promiscuous(SECOND)).unwrap();
    (switch, [uplink, a, b])
}
