//! The doctor's short ways over random labs, held against asking about every single pair.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use nsw_core::{Mac, ethertype};
use nsw_lab::doctor::exposure::Exposure;
use nsw_lab::doctor::reach::{Obstacle, Reachability};
use nsw_lab::sim::reach::reach;
use nsw_lab::sim::{Endpoint, EndpointId, FrameSpec, World};
use nsw_lab::spec;

use super::lab::{self, Size};

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
    let ethertype = ethertype::RARP;
    FrameSpec { src, dst: Mac::BROADCAST, vlan: from.vlan, ethertype, payload_len: 46 }.bytes()
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
