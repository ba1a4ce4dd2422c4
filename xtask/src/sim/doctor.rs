//! The doctor's short ways over random labs, held against asking about every single pair.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nsw_core::{Action, Mac, Security, ethertype};
use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::exposure::Exposure;
use nsw_lab::doctor::reach::{Obstacle, Reachability};
use nsw_lab::doctor::tighten::Tightening;
use nsw_lab::sim::reach::reach;
use nsw_lab::sim::{Endpoint, EndpointId, FrameSpec, SimError, Verdict, World};
use nsw_lab::spec;
use nsw_lab::topology::Lab;

use super::lab::{self, Size};
use crate::generate::{self, Shape};

/// Labs in which something went wrong once stand among the first ones.
const SEEDS: [u64; 32] = [
    42, 178, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29,
];

/// Hosts with so many VMs that some of them are alike.
const CROWDED: Size = Size { vms: 9, groups: 2, uplinks: 2, depth: 2, ..Size::FULL };

fn world(seed: u64) -> World {
    world_of(seed, Size::FULL)
}

fn world_of(seed: u64, size: Size) -> World {
    let text = lab::text(seed, size);
    World::new(&spec::parse("drawn.yaml", &text).expect("a drawn lab is in order").lab).unwrap()
}

fn broadcast(from: &Endpoint, src: Mac) -> Vec<u8> {
    broadcast_in(from.vlan, src)
}

fn broadcast_in(vlan: u16, src: Mac) -> Vec<u8> {
    FrameSpec { src, dst: Mac::BROADCAST, vlan, ethertype: ethertype::RARP, payload_len: 46 }.bytes()
}

/// An IPv4 packet as far as teams look at it: its addresses stand where they belong.
fn unicast(from: &Endpoint, to: &Endpoint) -> Vec<u8> {
    let spec = FrameSpec {
        src: from.mac,
        dst: to.mac,
        vlan: from.vlan,
        ethertype: ethertype::IPV4,
        payload_len: 46,
    };
    let mut bytes = spec.bytes();
    let header = bytes.len() - 46;
    for (at, end) in [(header + 12, from), (header + 16, to)] {
        if let Some(IpAddr::V4(ip)) = end.addresses.first().map(|address| address.ip) {
            bytes[at..at + 4].copy_from_slice(&ip.octets());
        }
    }
    bytes
}

/// Everybody has spoken.
fn settled(seed: u64) -> World {
    let mut world = world(seed);
    for id in world.endpoint_ids() {
        let from = world.endpoint(id).clone();
        world.send(id, broadcast(&from, from.mac));
    }
    world
}

fn share_a_network(a: &Endpoint, b: &Endpoint) -> bool {
    let pairs = a.addresses.iter().flat_map(|a| b.addresses.iter().map(move |b| (a, b)));
    pairs.into_iter().any(|(a, b)| a.contains(b.ip) && b.contains(a.ip))
}

fn pairs(world: &World) -> Vec<(EndpointId, EndpointId)> {
    let ids: Vec<EndpointId> = world.endpoint_ids().collect();
    let all = ids.iter().flat_map(|a| ids.iter().map(move |b| (*a, *b)));
    all.filter(|(a, b)| a != b)
        .filter(|(a, b)| share_a_network(world.endpoint(*a), world.endpoint(*b)))
        .collect()
}

// Every frame between two that talk is sent. Whoever else got it reads one of the two; and nobody is said to read
// whom it never got a frame of.
#[test]
fn exposure_has_every_copy_that_the_simulator_delivers_and_no_other() {
    let mut reads = 0;
    for seed in SEEDS {
        let settled = settled(seed);
        let exposure = Exposure::of(&settled);
        let mut witnessed = BTreeSet::new();
        for (from, to) in pairs(&settled) {
            let (a, b) = (settled.endpoint(from), settled.endpoint(to));
            let journey = settled.clone().send(from, unicast(a, b));
            for arrival in journey.arrivals.iter().filter(|arrival| ![from, to].contains(&arrival.endpoint)) {
                let reader = &arrival.name;
                let known = exposure.is_read(reader, &a.name) || exposure.is_read(reader, &b.name);
                assert!(known, "seed {seed}: {reader} got a frame from {} to {}", a.name, b.name);
                witnessed.insert((reader.clone(), a.name.clone()));
                witnessed.insert((reader.clone(), b.name.clone()));
            }
        }
        for (who, whom) in exposure.reads().filter(|(who, _)| !who.is_host) {
            for reader in &who.members {
                for read in whom.members.iter().filter(|read| *read != reader) {
                    let pair = (reader.to_string(), read.to_string());
                    assert!(witnessed.contains(&pair), "seed {seed}: {pair:?} was never seen");
                    reads += 1;
                }
            }
        }
    }
    assert!(reads > 1000, "{reads} pairs in all: these labs expose nothing");
}

#[test]
fn whoever_is_heard_under_another_address_can_send_as_its_owner() {
    let mut heard = 0;
    for seed in SEEDS {
        let settled = settled(seed);
        let exposure = Exposure::of(&settled);
        for sender in settled.endpoint_ids() {
            for victim in settled.endpoint_ids().filter(|victim| *victim != sender) {
                let (a, b) = (settled.endpoint(sender), settled.endpoint(victim));
                let journey = settled.clone().send(sender, broadcast(a, b.mac));
                let thirds = journey.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
                let mut thirds =
                    thirds.map(|arrival| arrival.endpoint).filter(|id| ![sender, victim].contains(id));
                if let Some(third) = thirds.find(|third| share_a_network(settled.endpoint(*third), b)) {
                    let third = &settled.endpoint(third).name;
                    let known = exposure.can_send_as(&a.name, &b.name);
                    assert!(known, "seed {seed}: {third} hears {} as {}", a.name, b.name);
                    heard += 1;
                }
            }
        }
    }
    assert!(heard > 1000, "{heard} in all: nobody can pretend anything in these labs");
}

/// A port that a nested host is behind: its name, and the host and the name of the port.
struct Door {
    nested: String,
    host: String,
    port: String,
}

fn doors(world: &World) -> Vec<Door> {
    let uplinks: BTreeSet<(String, String)> = world
        .switch_ids()
        .flat_map(|id| {
            let (host, switch) = world.switch(id);
            switch.config().uplinks.iter().map(move |uplink| (host.to_owned(), uplink.clone()))
        })
        .collect();
    let mut doors = Vec::new();
    for (host, switch) in world.switch_ids().map(|id| world.switch(id)) {
        for port in switch.ports().map(|port| &port.adapter.name) {
            let Some((vm, nic)) = port.split_once('.') else { continue };
            if uplinks.contains(&(vm.to_owned(), nic.to_owned())) {
                doors.push(Door { nested: vm.to_owned(), host: host.to_owned(), port: port.clone() });
            }
        }
    }
    doors
}

// A nested host sends what it likes and tags it as it likes. Whoever is deceived is outside of it, and so is the owner of
// the address.
#[test]
fn a_nested_host_that_is_heard_under_another_address_can_send_as_its_owner() {
    let mut heard = 0;
    for seed in SEEDS {
        let text = lab::text(seed, Size::FULL);
        let lab = spec::parse("drawn.yaml", &text).expect("a drawn lab is in order").lab;
        let settled = settled(seed);
        let exposure = Exposure::of(&settled);
        for Door { nested, host, port } in doors(&settled) {
            let inside: Vec<&str> =
                lab.host(&nested).unwrap().descend().iter().map(|(_, host)| host.name.as_str()).collect();
            let is_inside = |id: &EndpointId| {
                settled.endpoint(*id).host.as_deref().is_some_and(|host| inside.contains(&host))
            };
            for victim in settled.endpoint_ids() {
                let owner = settled.endpoint(victim);
                let known = exposure.can_send_as(&nested, &owner.name);
                if is_inside(&victim) {
                    continue;
                }
                for vlan in [0, 10, 20] {
                    let journey =
                        settled.at(&host, &port).unwrap().bytes_later(broadcast_in(vlan, owner.mac));
                    let taken = journey.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
                    let mut thirds = taken.map(|arrival| arrival.endpoint);
                    let cares = |id: &EndpointId| share_a_network(settled.endpoint(*id), owner);
                    if let Some(third) = thirds.find(|id| *id != victim && !is_inside(id) && cares(id)) {
                        let third = &settled.endpoint(third).name;
                        assert!(
                            known,
                            "seed {seed}: {third} hears {nested} as {} in VLAN {vlan}",
                            owner.name
                        );
                        heard += 1;
                    }
                }
            }
        }
    }
    assert!(heard > 300, "{heard} in all: no nested host can pretend anything in these labs");
}

// Forged transmits at Reject at the port group of a nested host, and no allow-list: it can be nobody else.
#[test]
fn a_nested_host_behind_forged_transmits_at_reject_sends_as_nobody() {
    let lab = |forged: &str| {
        format!(
            "lab: two
hosts:
  outer:
    vmnics: {{ vmnic0: {{ segment: lan }} }}
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          Nested: {{ security: {{ promiscuous: accept, forged-transmits: {forged}, mac-changes: reject }} }}
          Other: {{ security: {{ promiscuous: reject, forged-transmits: reject, mac-changes: reject }} }}
    vms:
      beside: {{ port-group: Other, address: 192.168.10.1/24 }}
      nested:
        nics: {{ vmnic0: {{ port-group: Nested }} }}
        host:
          vswitches:
            vSwitch0: {{ uplinks: [vmnic0], port-groups: {{ VMs: {{}} }} }}
          vms:
            inner: {{ port-group: VMs, address: 192.168.10.2/24 }}
segments:
  lan: {{ stations: {{ laptop: {{ address: 192.168.10.3/24 }} }} }}
"
        )
    };
    let exposure = |forged: &str| {
        let lab = spec::parse("two.yaml", &lab(forged)).expect("the lab is in order").lab;
        Exposure::at_worst(&World::new(&lab).unwrap())
    };
    let (open, closed) = (exposure("accept"), exposure("reject"));
    for whom in ["beside/eth0", "laptop"] {
        assert!(open.can_send_as("nested", whom), "{whom}");
        assert!(!closed.can_send_as("nested", whom), "{whom}");
    }
    assert!(!open.can_send_as("nested", "inner/eth0"), "it sends for its own VMs anyway");
}

// A guest that asks for more is given no more than the policy allows: at worst is never less than now.
#[test]
fn at_worst_exposes_what_is_exposed_now() {
    for seed in SEEDS {
        let world = world(seed);
        let lost = Exposure::of(&world).newly(&Exposure::at_worst(&world));
        assert!(lost.sends_as.is_empty(), "seed {seed}: {:?}", lost.sends_as);
        assert!(lost.reads.is_empty(), "seed {seed}: {:?}", lost.reads);
    }
}

// What keeps away from everything that concerns neither of the two says the same as what follows every copy.
#[test]
fn a_conversation_followed_within_its_devices_is_the_conversation() {
    for seed in SEEDS {
        let world = world(seed);
        for found in reach(&world) {
            let whole = world.converse(found.from, found.to);
            assert_eq!(found.verdict, whole.verdict, "seed {seed}: {} to {}", whole.from_name, whole.to_name);
        }
    }
}

// Kinds and classes say of every pair what the simulator says of it, where its frames die included.
#[test]
fn reachability_by_kinds_is_that_of_every_pair() {
    let (mut held, mut asked) = (0, 0);
    let labs = SEEDS.into_iter().map(|seed| (seed, Size::FULL));
    for (seed, size) in labs.chain((0..16).map(|seed| (seed, CROWDED))) {
        let world = world_of(seed, size);
        let reachability = Reachability::of(&world);
        let (mut verdicts, mut obstacles) = (BTreeMap::new(), BTreeMap::new());
        for found in reach(&world) {
            let whole = world.converse(found.from, found.to);
            let (from, to) = (&whole.from_name, &whole.to_name);
            assert_eq!(
                reachability.verdict(found.from, found.to),
                whole.verdict,
                "seed {seed}: {from} to {to}"
            );
            *verdicts.entry(whole.verdict.code()).or_insert(0) += 1;
            if let Some(obstacle) = Obstacle::of(&whole) {
                *obstacles.entry(obstacle).or_insert(0) += 1;
            }
            held += u64::from(size == CROWDED);
        }
        let summary = reachability.summary();
        assert_eq!(summary.verdicts, verdicts, "seed {seed}");
        assert_eq!(summary.obstacles, obstacles, "seed {seed}");
        asked += if size == CROWDED { summary.asked } else { 0 };
    }
    assert!(asked < held, "{asked} conversations for {held} pairs: nothing was saved");
}

// All that can be closed, closed at once, held against every pair; with exposure measured, and as in a large lab.
#[test]
fn what_is_tightened_loses_nobody_and_exposes_nothing_new() {
    let closed = SEEDS.into_iter().take(3).map(|seed| check_tightening(seed, &Tightening::of)).sum::<usize>();
    assert!(closed > 0, "nothing could be closed in these labs");
}

#[test]
fn what_is_tightened_in_a_large_lab_loses_nobody_and_exposes_nothing_new() {
    let closed = SEEDS.into_iter().map(|seed| check_tightening(seed, &Tightening::unmeasured)).sum::<usize>();
    assert!(closed > 20, "{closed} in all: hardly anything could be closed in these labs");
}

fn check_tightening(seed: u64, tighten: &dyn Fn(&Lab) -> Result<Tightening, SimError>) -> usize {
    let text = lab::text(seed, Size::FULL);
    let lab = spec::parse("drawn.yaml", &text).expect("a drawn lab is in order").lab;
    let found = tighten(&lab).unwrap();
    let [before, after] = [World::new(&lab).unwrap(), World::new(&found.applied(&lab)).unwrap()];
    for (was, is) in reach(&before).into_iter().zip(reach(&after)) {
        let pair = (&before.endpoint(was.from).name, &before.endpoint(was.to).name);
        assert!(
            was.verdict != Verdict::Reachable || is.verdict == Verdict::Reachable,
            "seed {seed}: {pair:?} talk no longer"
        );
    }
    let widened = Exposure::at_worst(&after).newly(&Exposure::at_worst(&before));
    assert!(widened.is_empty(), "seed {seed}: {widened:?}");
    found.closings.len()
}

// Nothing is left open that could be closed by itself beside what was closed.
#[test]
fn what_stays_open_in_a_large_lab_is_needed_there() {
    for seed in SEEDS.into_iter().take(6) {
        let text = lab::text(seed, Size::FULL);
        let lab = spec::parse("drawn.yaml", &text).expect("a drawn lab is in order").lab;
        let tightened = Tightening::unmeasured(&lab).unwrap().applied(&lab);
        let again = Tightening::unmeasured(&tightened).unwrap();
        assert!(again.closings.is_empty(), "seed {seed}: {:?}", again.changes());
    }
}

// Who is lost is seen without looking at every pair.
#[test]
fn whoever_is_lost_by_a_closed_policy_is_found() {
    let mut lost = 0;
    for seed in SEEDS {
        let before = world_of(seed, CROWDED);
        let mut after = before.clone();
        let places: Vec<(String, String)> = after
            .switch_ids()
            .map(|id| after.switch(id))
            .map(|(host, switch)| (host.to_owned(), switch.config().name.clone()))
            .collect();
        let closed = Security {
            promiscuous: Some(Action::Reject),
            mac_changes: None,
            forged_transmits: Some(Action::Reject),
        };
        for (host, vswitch) in places.iter().take(1) {
            after.set_security(host, vswitch, None, closed).unwrap();
        }
        let found = Reachability::of(&before).lost(&Reachability::of(&after), usize::MAX);
        let is_lost = |from, to| {
            before.converse(from, to).verdict == Verdict::Reachable
                && after.converse(from, to).verdict != Verdict::Reachable
        };
        assert!(found.iter().all(|(from, to)| is_lost(*from, *to)), "seed {seed}: somebody is not lost");
        let any = pairs(&before).into_iter().any(|(from, to)| is_lost(from, to));
        assert_eq!(any, !found.is_empty(), "seed {seed}");
        lost += found.len();
    }
    assert!(lost > 10, "{lost} pairs in all: nobody is lost in these labs");
}

// Hundreds of settings are written into the text at once; it means the lab that was tried, as it does one by one.
#[test]
fn many_settings_are_written_at_once() {
    let shape = Shape { faults: 60, ..Shape::of(1500) };
    let text = generate::text(shape);
    let lab = spec::parse("inventory.yaml", &text).unwrap().lab;
    let found = Tightening::unmeasured(&lab).unwrap();
    assert!(found.closings.len() > 10, "{}", found.closings.len());
    let edited = edit::apply(&text, &lab, &found.changes()).unwrap();
    assert_eq!(spec::parse("inventory.yaml", &edited).unwrap().lab, found.applied(&lab));
    let one_by_one = found.changes().chunks(1).fold((text, lab), |(text, lab), change| {
        (edit::apply(&text, &lab, change).unwrap(), Change::apply_all(change, &lab).unwrap())
    });
    assert_eq!(spec::parse("inventory.yaml", &one_by_one.0).unwrap().lab, one_by_one.1);
}
