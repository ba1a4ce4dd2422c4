//! Nanoseconds a decision: what one frame costs, with few and with many addresses registered. The work is the same; with
//! many of them the tables no longer fit into a cache, and that shows.
//!
//! `cargo bench -p nsw-core`. Unicast cases walk over many destinations, so that the look-up is not always in cache.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up may panic")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nsw_core::{
    Action, Adapter, AllowedMac, Beyond, Frame, Learning, Mac, MacLearning, NoTrace, Outcome, PortGroup,
    PortId, Shaping, State, Switch, Tables, VSwitch, VlanMode, decide,
};

const REGISTERED: [u32; 3] = [10, 1_000, 100_000];
const RECEIVERS: [u32; 3] = [8, 64, 512];

/// Frames that a unicast case walks over.
const FRAMES: u32 = 4_096;

struct Bed {
    tables: Tables,
    ids: Vec<PortId>,
}

impl Bed {
    /// One uplink, and `ports` guests in one VLAN.
    fn new(ports: u32) -> Self {
        Self::with(VSwitch::named("vSwitch0"), ports)
    }

    /// The same with everything on that is decided by what came before: learning without flooding, the filter, the guard
    /// and a shaper that nobody reaches; and an allow-list.
    fn extended(ports: u32) -> Self {
        let mut config = VSwitch::named("vSwitch0");
        config.security.forged_transmits = Some(Action::Accept);
        let fast = u64::MAX;
        config.shaping = Some(Shaping { average_bps: fast, peak_bps: fast, burst_bytes: fast });
        config.beyond = Beyond {
            mac_learning: Some(MacLearning::On(Learning { unicast_flooding: false, ..Learning::default() })),
            allowed_macs: Some(vec![AllowedMac::Oui([0x02, 0x99, 0x00])]),
            sink: Some(false),
            learning_filter: Some(true),
            forged_source_guard: Some(true),
        };
        Self::with(config, ports)
    }

    fn with(mut config: VSwitch, ports: u32) -> Self {
        config.uplinks.push("vmnic0".to_string());
        config.port_groups.push(PortGroup::named("Web", VlanMode::from_id(10).unwrap()));
        let mut switch = Switch::new(config, 1).unwrap();
        switch.connect(Adapter::uplink("vmnic0", station(u32::MAX))).unwrap();
        let connect = |n: u32| switch.connect(Adapter::vnic(n.to_string(), "Web", station(n))).unwrap();
        let ids = (0..ports).map(connect).collect();
        Self { tables: switch.compile(), ids }
    }

    /// Frames from guest after guest, each to the address that `dst` gives for its place.
    fn frames(&self, src: impl Fn(u32) -> Mac, dst: impl Fn(u32) -> Mac) -> Vec<(PortId, Vec<u8>)> {
        let ports = u32::try_from(self.ids.len()).unwrap();
        let one = |n: u32| {
            // A step that is prime to every size visits the ports in an order that no cache expects.
            let place = n.wrapping_mul(7_919) % ports;
            (self.ids[place as usize], frame(src(place), dst((place + 1) % ports)))
        };
        (0..FRAMES).map(one).collect()
    }

    fn run(&self, frames: &[(PortId, Vec<u8>)]) -> impl FnMut() -> usize {
        let mut out = Outcome::with_capacity(self.tables.slots());
        let mut state = State::default();
        state.prepare(&self.tables);
        let (mut next, mut now_ns) = (0, 0);
        move || {
            let (ingress, bytes) = &frames[next];
            next = (next + 1) % frames.len();
            now_ns += 1_000;
            let frame = Frame::parse(bytes).unwrap();
            decide(&self.tables, &mut state, *ingress, black_box(&frame), now_ns, &mut NoTrace, &mut out);
            black_box(&out).deliveries.len()
        }
    }
}

fn station(n: u32) -> Mac {
    let [a, b, c, d] = n.to_be_bytes();
    Mac::new([0x02, 0x50, a, b, c, d])
}

fn stranger(n: u32) -> Mac {
    let [a, b, c, d] = n.to_be_bytes();
    Mac::new([0x02, 0x51, a, b, c, d])
}

fn frame(src: Mac, dst: Mac) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(60);
    bytes.extend(dst.octets());
    bytes.extend(src.octets());
    bytes.extend([0x08, 0x00]);
    bytes.resize(60, 0);
    bytes
}

fn unicast(criterion: &mut Criterion) {
    for ports in REGISTERED {
        let bed = Bed::new(ports);
        let cases = [
            ("known unicast", bed.frames(station, station)),
            ("unknown unicast", bed.frames(station, stranger)),
            ("forged drop", bed.frames(stranger, station)),
        ];
        for (name, frames) in &cases {
            let mut group = criterion.benchmark_group(*name);
            group.throughput(Throughput::Elements(1));
            let id = BenchmarkId::new("registered", ports);
            group.bench_function(id, |bencher| bencher.iter(bed.run(frames)));
        }
    }
}

/// What a nested host's VMs cost when their addresses are learned: each port's guest sends from one that is not its own.
fn beyond(criterion: &mut Criterion) {
    for ports in REGISTERED {
        let bed = Bed::extended(ports);
        let cases = [
            ("everything on: known unicast", bed.frames(station, station)),
            ("everything on: learned unicast", bed.frames(stranger, stranger)),
            ("everything on: unknown unicast", bed.frames(stranger, |n| stranger(n | 0x8000_0000))),
        ];
        for (name, frames) in &cases {
            let mut group = criterion.benchmark_group(*name);
            group.throughput(Throughput::Elements(1));
            let id = BenchmarkId::new("registered", ports);
            group.bench_function(id, |bencher| bencher.iter(bed.run(frames)));
        }
    }
}

fn broadcast(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("broadcast");
    group.throughput(Throughput::Elements(1));
    for receivers in RECEIVERS {
        let bed = Bed::new(receivers + 1);
        let frames = bed.frames(station, |_| Mac::BROADCAST);
        let id = BenchmarkId::new("receivers", receivers);
        group.bench_function(id, |bencher| bencher.iter(bed.run(&frames)));
    }
}

criterion_group!(benches, unicast, broadcast, beyond);
criterion_main!(benches);
