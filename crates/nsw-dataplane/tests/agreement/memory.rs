//! What is remembered from frame to frame, for long: one switch, thousands of frames, and a clock that stops at the moments
//! that matter.
//!
//! A random world is over before a table is full or a shaper has earned anything. Here limits are small and steps of time
//! are those after which something is just not, or just, too old.

use std::sync::Arc;

use nsw_core::{
    Action, Adapter, AtLimit, Beyond, Frame, Learning, Mac, MacLearning, NoTrace, Outcome, PortGroup, PortId,
    Security, Shaping, State, Switch, VSwitch, VlanMode, decide,
};
use nsw_dataplane::engine::kernel::{KernelEngine, Probed};

use crate::fixture::FrameSpec;

const FRAMES: usize = 3000;
const MS: u64 = 1_000_000;

/// Draws that are the same for one seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap()]
    }
}

#[test]
fn what_is_learned_and_forgotten_is_the_same_over_thousands_of_frames() {
    let Some(engine) = crate::engine() else { return };
    for at_limit in [AtLimit::Allow, AtLimit::Drop] {
        let learning = Learning { limit: 3, at_limit, ageing_s: 2, unicast_flooding: false };
        run(&engine, 7, &[0, 0, MS, 300 * MS, 1000 * MS, 1999 * MS, 2000 * MS, 2001 * MS], |config| {
            config.beyond = Beyond {
                mac_learning: Some(MacLearning::On(learning)),
                forged_source_guard: Some(true),
                ..Beyond::default()
            };
        });
    }
}

#[test]
fn a_shaper_saves_and_spends_the_same_to_the_last_byte() {
    let Some(engine) = crate::engine() else { return };
    let shapings = [
        Shaping { average_bps: 1_000_003, peak_bps: 2_000_029, burst_bytes: 100_000 },
        Shaping { average_bps: 3_000_017, peak_bps: 1_000_003, burst_bytes: 1 },
        Shaping { average_bps: 1_000_000_000_000, peak_bps: 900_000_000, burst_bytes: 1 << 30 },
    ];
    for shaping in shapings {
        run(&engine, 11, &[0, 1, 999, 7 * MS, 11 * MS, 40 * MS, 3000 * MS], |config| {
            config.shaping = Some(shaping);
        });
    }
}

fn run(engine: &KernelEngine, seed: u64, steps: &[u64], configure: impl FnOnce(&mut VSwitch)) {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks = vec!["vmnic0".into()];
    config.port_groups = vec![PortGroup::named("A", VlanMode::Est)];
    config.security = Security { forged_transmits: Some(Action::Accept), ..Security::default() };
    configure(&mut config);
    let mut switch = Switch::new(config, 1).unwrap();
    let mut ports: Vec<PortId> = vec![switch.connect(Adapter::uplink("vmnic0", station(99))).unwrap()];
    for n in 0..3 {
        ports.push(switch.connect(Adapter::vnic(format!("vm{n}"), "A", station(n))).unwrap());
    }
    let tables = switch.compile();
    // Once without ports, so that nothing is remembered of another run.
    let empty = Switch::new(VSwitch::named("empty"), 1).unwrap().compile();
    engine.install(Arc::new(empty)).unwrap();
    engine.install(Arc::new(tables.clone())).unwrap();
    let mut state = State::default();
    state.prepare(&tables);
    let (mut draws, mut now_ns) = (Draws(seed), 1_000 * MS);
    let mut dropped = 0;
    for n in 0..FRAMES {
        now_ns += draws.one_of(steps);
        let ingress = draws.one_of(&ports);
        let address = |draws: &mut Draws| station(u8::try_from(draws.below(9)).unwrap());
        let (src, dst) = (address(&mut draws), address(&mut draws));
        let dst = if draws.below(4) == 0 { Mac::BROADCAST } else { dst };
        let mut frame = FrameSpec::new(src, dst);
        frame.payload_len = draws.one_of(&[46, 600, 1500, 40_000]);
        let bytes = frame.bytes();
        let mut out = Outcome::default();
        decide(&tables, &mut state, ingress, &Frame::parse(&bytes).unwrap(), now_ns, &mut NoTrace, &mut out);
        dropped += usize::from(out.drop.is_some());
        let Outcome { vlan, deliveries, refusals, drop } = out;
        let expected = crate::sorted(Probed { vlan, deliveries, refusals, drop });
        let probed = crate::sorted(engine.probe(ingress, &bytes, now_ns).unwrap());
        assert_eq!(probed, expected, "frame {n} of seed {seed}: {ingress} {src} {dst}");
        for id in ports.iter().filter(|id| tables.remembers(**id)) {
            let counts = Some(state.learning_counts(*id));
            assert_eq!(engine.learning(*id).unwrap(), counts, "{id} after frame {n} of seed {seed}");
        }
    }
    assert!(dropped > 0 && dropped < FRAMES, "both happened");
}

const fn station(last: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0, 1, last])
}
