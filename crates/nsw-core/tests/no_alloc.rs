//! Deciding allocates nothing once the outcome has grown: no frame waits for an allocator.
//!
//! A test binary of its own, because the counter replaces the global allocator.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use nsw_core::{
    Action, Adapter, AllowedMac, AtLimit, Beyond, Frame, GuestRequest, Learning, LoadBalancing, Mac,
    MacLearning, NoTrace, Outcome, PortGroup, PortId, Shaping, State, Switch, Tables, VSwitch, VlanId,
    VlanMode, decide,
};

const PORTS: u8 = 200;

fn station(last: u8) -> Mac {
    Mac::new([0x00, 0x50, 0x56, 0, 0, last])
}

/// Two uplinks; an ordinary, a promiscuous and a listening guest in turn; every load balancing policy.
fn switch() -> (Switch, Vec<PortId>) {
    connected(VSwitch::named("vSwitch0"))
}

/// The same with all that a standard switch does not have, and shaping; what is learned ages fast and has little room.
fn extended_switch() -> (Switch, Vec<PortId>) {
    let mut config = VSwitch::named("vSwitch0");
    config.security.forged_transmits = Some(Action::Accept);
    config.shaping = Some(Shaping { average_bps: 1_000_000, peak_bps: 2_000_000, burst_bytes: 70_000 });
    let learning = Learning { limit: 3, at_limit: AtLimit::Allow, ageing_s: 2, unicast_flooding: true };
    config.beyond = Beyond {
        mac_learning: Some(MacLearning::On(learning)),
        allowed_macs: Some(vec![AllowedMac::Exact(station(9)), AllowedMac::Oui([0, 0x50, 0x56])]),
        sink: Some(true),
        learning_filter: Some(true),
        forged_source_guard: Some(true),
    };
    connected(config)
}

fn connected(mut config: VSwitch) -> (Switch, Vec<PortId>) {
    config.uplinks = vec!["vmnic0".to_string(), "vmnic1".to_string()];
    config.security.promiscuous = Some(Action::Accept);
    let policies = [
        LoadBalancing::PortId,
        LoadBalancing::SourceMac,
        LoadBalancing::IpHash,
        LoadBalancing::ExplicitFailover,
    ];
    for (number, policy) in policies.into_iter().enumerate() {
        let vlan = VlanMode::Vst(VlanId::new(10).unwrap());
        let mut group = PortGroup::named(format!("group-{number}"), vlan);
        group.teaming.load_balancing = Some(policy);
        group.security.forged_transmits = (number == 0).then_some(Action::Accept);
        config.port_groups.push(group);
    }
    let mut switch = Switch::new(config, 1).unwrap();
    let mut ids = Vec::new();
    for n in 0..2 {
        ids.push(switch.connect(Adapter::uplink(format!("vmnic{n}"), station(250 + n))).unwrap());
    }
    for n in 0..PORTS {
        let adapter = Adapter::vnic(format!("vm-{n}"), format!("group-{}", n % 4), station(n + 1));
        let id = switch.connect(adapter).unwrap();
        let mut guest = GuestRequest::unicast(station(n + 1));
        guest.promiscuous = n % 3 == 1;
        guest.groups = if n % 3 == 2 { vec![Mac::new([0x01, 0, 0x5e, 0, 0, 7])] } else { Vec::new() };
        switch.set_guest_request(id, guest).unwrap();
        ids.push(id);
    }
    (switch, ids)
}

fn frame(src: Mac, dst: Mac, tag: Option<u16>) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(dst.octets());
    bytes.extend(src.octets());
    if let Some(vid) = tag {
        bytes.extend(0x8100_u16.to_be_bytes());
        bytes.extend(vid.to_be_bytes());
    }
    bytes.extend(0x0800_u16.to_be_bytes());
    bytes.resize(bytes.len() + 46, 0);
    bytes
}

/// Every port sends to a neighbour, to nobody, to all and to a group; from its own address and from another.
fn frames(ids: &[PortId]) -> Vec<(PortId, Vec<u8>)> {
    let mut frames = Vec::new();
    for (id, last) in ids.iter().zip(0_u8..) {
        let tag = id.is_uplink().then_some(10);
        let own = station(last.wrapping_sub(1));
        let outside = Mac::new([0, 0x50, 0x56, 0xff, 0, last]);
        let group = Mac::new([0x01, 0, 0x5e, 0, 0, 7]);
        for dst in [station(7), outside, Mac::BROADCAST, group] {
            frames.push((*id, frame(own, dst, tag)));
            frames.push((*id, frame(outside, dst, tag)));
        }
    }
    frames
}

fn decide_all(tables: &Tables, frames: &[(PortId, Vec<u8>)], out: &mut Outcome) -> usize {
    decide_at(0, &mut State::default(), tables, frames, out)
}

fn decide_at(
    now_ns: u64,
    state: &mut State,
    tables: &Tables,
    frames: &[(PortId, Vec<u8>)],
    out: &mut Outcome,
) -> usize {
    let mut copies = 0;
    for (ingress, bytes) in frames {
        let Ok(frame) = Frame::parse(bytes) else { continue };
        decide(tables, state, *ingress, &frame, now_ns, &mut NoTrace, out);
        copies += out.deliveries.len();
    }
    copies
}

#[test]
fn deciding_allocates_nothing_into_an_outcome_with_room() {
    let (switch, ids) = switch();
    let tables = switch.compile();
    let frames = frames(&ids);
    let mut out = Outcome::with_capacity(tables.slots());
    let mut copies = 0;
    let counted = allocation_counter::measure(|| copies = decide_all(&tables, &frames, &mut out));
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert!(copies > frames.len(), "the frames must reach somebody for the count to mean anything");
}

#[test]
fn an_outcome_grows_once_and_then_allocates_nothing() {
    let (switch, ids) = switch();
    let tables = switch.compile();
    let frames = frames(&ids);
    let mut out = Outcome::default();
    let first = allocation_counter::measure(|| {
        decide_all(&tables, &frames, &mut out);
    });
    let second = allocation_counter::measure(|| {
        decide_all(&tables, &frames, &mut out);
    });
    assert!(first.count_total > 0, "the counter counts");
    assert_eq!(second.count_total, 0, "{second:?}");
}

/// The memory of a prepared state fills up, moves, ages and is swept; none of it asks for more room.
#[test]
fn with_everything_switched_on_a_prepared_state_allocates_nothing() {
    let (switch, ids) = extended_switch();
    let tables = switch.compile();
    let mut rounds: Vec<Vec<(PortId, Vec<u8>)>> = vec![frames(&ids)];
    for round in 0..40 {
        rounds.push(strangers(&ids, round));
    }
    let mut out = Outcome::with_capacity(tables.slots());
    let mut state = State::new(7);
    state.prepare(&tables);
    let (mut copies, mut most) = (0, 0);
    let counted = allocation_counter::measure(|| {
        for (round, frames) in (0_u64..).zip(&rounds) {
            copies += decide_at(round * 700_000_000, &mut state, &tables, frames, &mut out);
            most = most.max(state.remembered());
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert!(copies > rounds.len(), "the frames must reach somebody for the count to mean anything");
    assert!(most > 500 && state.moves() > 100, "{most} remembered, {} moves", state.moves());
}

/// Every guest sends from some of a few hundred addresses, others in each round.
fn strangers(ids: &[PortId], round: u8) -> Vec<(PortId, Vec<u8>)> {
    let mut frames = Vec::new();
    for (id, place) in ids.iter().zip(0_u8..) {
        for n in 0..4 {
            let src = Mac::new([0, 0x50, 0x56, 0xee, n, place.wrapping_add(round / 2)]);
            let dst = Mac::new([0, 0x50, 0x56, 0xee, n, place.wrapping_mul(7)]);
            frames.push((*id, frame(src, dst, id.is_uplink().then_some(10))));
        }
    }
    frames
}
