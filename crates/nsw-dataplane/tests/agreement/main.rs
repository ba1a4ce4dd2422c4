//! The program in the kernel against `nsw_core::decide()`: random switches, what happens to them, and frames.
//!
//! The worlds are those that `decide` itself is held against the specification with. The program is run on each frame
//! without sending anything, and must come to the same deliveries, with the same tags and causes, the same refusals and
//! the same primary reason; and it must remember the same, which later frames show. Seeds are fixed; set
//! `PROPTEST_RNG_SEED` for another run and `PROPTEST_CASES` for a longer one. A world that fails prints itself as a
//! fixture for the tests of nsw-core.
//!
//! Without root outside of user namespaces the kernel takes no program: the tests then say so and pass.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "a test fails by a panic; what is shared is used in part"
)]

#[path = "../../../nsw-core/tests/it/fixture.rs"]
mod fixture;
#[path = "../../../nsw-core/tests/it/model.rs"]
mod model;
#[path = "../../../nsw-core/tests/it/running.rs"]
mod running;
#[path = "../../../nsw-core/tests/it/team_model.rs"]
mod team_model;
#[path = "../../../nsw-core/tests/it/world.rs"]
mod world;

mod memory;

use std::sync::Arc;

use nsw_core::{
    Adapter, Delivery, Frame, Mac, NoTrace, Outcome, PortGroup, PortId, Refusal, State, Switch, Tables,
    VSwitch, VlanMode, decide,
};
use nsw_dataplane::engine::kernel::{Beyond, KernelEngine, KernelError, Probed};
use nsw_dataplane::netns::Namespace;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use crate::fixture::FrameSpec;
use crate::world::{Moment, World};

/// Twelve frames each.
const WORLDS: u32 = 2000;
/// Longer than the longest world needs.
const TAPE_LEN: usize = 700;

#[test]
fn the_program_decides_as_decide_does() {
    let Some(engine) = engine() else { return };
    let default = Config::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Fixed(seed) => RngSeed::Fixed(seed),
        RngSeed::Random => RngSeed::Fixed(0x6e_7377),
    };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { WORLDS };
    let config = Config { cases, rng_seed, failure_persistence: None, ..default };
    let result = TestRunner::new(config).run(&vec(any::<u8>(), 0..TAPE_LEN), |tape| {
        let world = World::read(&tape);
        agree(&engine, &world).map_err(|message| TestCaseError::fail(format!("{message}\n{world}")))
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Plays the world on both sides. The program starts with empty tables, so that it remembers nothing of the last world.
fn agree(engine: &KernelEngine, world: &World) -> Result<(), String> {
    let empty = Switch::new(VSwitch::named("empty"), 1).unwrap().compile();
    engine.install(Arc::new(empty)).unwrap();
    let mut installed = None;
    world.play(|moment: Moment<'_>| {
        if installed != Some(moment.generation) {
            engine.install(Arc::new(moment.tables.clone())).map_err(|error| error.to_string())?;
            installed = Some(moment.generation);
        }
        let bytes = moment.frame.bytes();
        let expected = decided(moment.tables, &mut moment.state.clone(), &moment, &bytes);
        let probed =
            engine.probe(moment.ingress, &bytes, moment.now_ns).map_err(|error| error.to_string())?;
        let probed = sorted(probed);
        if probed == expected {
            return Ok(());
        }
        Err(format!(
            "decide:  {expected:?}\nprogram: {probed:?}\nat the frame from {:?}: {:?}",
            moment.ingress,
            bytes.get(..40)
        ))
    })?;
    Ok(())
}

fn decided(tables: &Tables, state: &mut State, moment: &Moment<'_>, bytes: &[u8]) -> Probed {
    let mut outcome = Outcome::default();
    let frame = Frame::parse(bytes).unwrap();
    decide(tables, state, moment.ingress, &frame, moment.now_ns, &mut NoTrace, &mut outcome);
    let Outcome { vlan, deliveries, refusals, drop } = outcome;
    sorted(Probed { vlan, deliveries, refusals, drop })
}

/// Copies are sent one after the other, in no order that anybody is promised.
fn sorted(mut probed: Probed) -> Probed {
    probed.deliveries.sort_by_key(|Delivery { port, .. }| *port);
    probed.refusals.sort_by_key(|Refusal { port, .. }| *port);
    probed
}

#[test]
fn bytes_too_short_for_their_tag_are_malformed() {
    let Some(engine) = engine() else { return };
    for len in 14..18 {
        let mut bytes = vec![0_u8; len];
        bytes[12..14].copy_from_slice(&[0x81, 0]);
        assert!(Frame::parse(&bytes).is_err());
        let probed = engine.probe(nsw_core::PortId::from_number(1), &bytes, 0).unwrap();
        assert_eq!(probed.drop.map(|drop| drop.reason), Some(nsw_core::Reason::Malformed), "{len} bytes");
    }
}

#[test]
fn what_the_program_cannot_hold_is_refused_and_the_old_tables_count() {
    let Some(engine) = engine() else { return };
    let mut config = VSwitch::named("vSwitch0");
    config.shaping = Some(nsw_core::Shaping { average_bps: 1, peak_bps: 1, burst_bytes: 1 << 40 });
    config.port_groups.push(nsw_core::PortGroup::named("A", nsw_core::VlanMode::Est));
    let tables = Switch::new(config, 1).unwrap().compile();
    let error = engine.install(Arc::new(tables)).unwrap_err();
    assert!(matches!(error, KernelError::Beyond(Beyond::Burst(_))), "{error}");
}

// Addresses that differ only where the program does not look when it looks for an owner at once.
#[test]
fn addresses_that_would_stand_in_one_place_have_their_own_owners() {
    let Some(engine) = engine() else { return };
    let addresses = [0x56, 0x46, 0x66].map(|third| Mac::new([0, 0x50, third, 0, 0, 1]));
    let mut config = VSwitch::named("vSwitch0");
    config.port_groups.push(PortGroup::named("A", VlanMode::Est));
    let mut switch = Switch::new(config, 1).unwrap();
    let ports = addresses.map(|mac| switch.connect(Adapter::vnic(mac.to_string(), "A", mac)).unwrap());
    engine.install(Arc::new(switch.compile())).unwrap();
    for (to, port) in addresses.iter().zip(ports) {
        let (from, ingress) = addresses.iter().zip(ports).find(|(mac, _)| *mac != to).unwrap();
        let bytes = FrameSpec::new(*from, *to).bytes();
        let probed = engine.probe(ingress, &bytes, 0).unwrap();
        let receivers: Vec<PortId> = probed.deliveries.iter().map(|delivery| delivery.port).collect();
        assert_eq!(receivers, [port], "{from} to {to}");
    }
}

fn engine() -> Option<KernelEngine> {
    let namespace = Namespace::current().unwrap();
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let first = map.split_whitespace().eq(["0", "0", "4294967295"]);
    match KernelEngine::start("agreement", &namespace, |_| {}) {
        Ok(engine) => Some(engine),
        Err(error) if !first || !nsw_dataplane::process::is_root_like() => {
            eprintln!("skipped: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}
