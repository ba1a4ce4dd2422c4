//! Nanoseconds a decision: what one frame costs, with few and with many addresses registered, with a standard switch's
//! settings and with everything switched on. The work is the same; with many addresses the tables no longer fit into a
//! cache, and that shows. So a case is there as well in which all are registered and [`TALKERS`] talk: what it costs more with
//! many addresses is not in the caches, but in the way of looking up.
//!
//! `cargo bench -p nsw-core`. Unicast cases walk over many destinations, so that the look-up is not always in cache.

#![allow(missing_docs, reason = "criterion's macros make undocumented functions")]
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot be set up may panic")]

use std::hint::black_box;
use std::rc::Rc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use nsw_core::{
    Action, Adapter, AllowedMac, Beyond, Frame, Learning, Mac, MacLearning, NoTrace, Outcome, PortGroup,
    PortId, Shaping, State, Switch, Tables, VSwitch, VlanMode, decide,
};

const REGISTERED: [u32; 3] = [10, 1_000, 100_000];
const RECEIVERS: [u32; 3] = [8, 64, 512];

/// Frames that a unicast case walks over.
const FRAMES: u32 = 4_096;

/// Guests among which frames go where not all of them talk.
const TALKERS: u32 = 256;

/// A switch, and the ports of one of its VLANs; the guest of the first has the address `station(first)`.
struct Bed {
    tables: Rc<Tables>,
    first: u32,
    ids: Vec<PortId>,
}

impl Bed {
    /// One uplink, and `ports` guests in one VLAN.
    fn new(ports: u32) -> Self {
        Self::of(VSwitch::named("vSwitch0"), &[ports]).remove(0)
    }

    /// The same with everything on.
    fn extended(ports: u32) -> Self {
        Self::of(everything_on(), &[ports]).remove(0)
    }

    /// With everything on, a VLAN for each number of receivers that there are guests enough for, and the other guests
    /// in one more.
    fn neighbourhoods(registered: u32) -> Vec<Self> {
        let mut left = registered;
        let mut sizes = Vec::new();
        for size in RECEIVERS.map(|receivers| receivers + 1) {
            if size <= left {
                sizes.push(size);
                left -= size;
            }
        }
        let beds = sizes.len();
        sizes.push(left);
        Self::of(everything_on(), &sizes).into_iter().take(beds).collect()
    }

    fn of(mut config: VSwitch, sizes: &[u32]) -> Vec<Self> {
        let vlans = || (10..).zip(sizes);
        config.uplinks.push("vmnic0".to_string());
        config.port_groups = vlans()
            .map(|(vlan, _)| PortGroup::named(vlan.to_string(), VlanMode::from_id(vlan).unwrap()))
            .collect();
        let mut switch = Switch::new(config, 1).unwrap();
        switch.connect(Adapter::uplink("vmnic0", station(u32::MAX))).unwrap();
        let mut first = 0;
        let mut places = Vec::new();
        for (vlan, size) in vlans() {
            let connect =
                |n: u32| switch.connect(Adapter::vnic(n.to_string(), vlan.to_string(), station(n))).unwrap();
            let ids: Vec<PortId> = (first..first + size).map(connect).collect();
            places.push((first, ids));
            first += size;
        }
        let tables = Rc::new(switch.compile());
        places.into_iter().map(|(first, ids)| Self { tables: Rc::clone(&tables), first, ids }).collect()
    }

    /// Frames from guest after guest, each to the address that `dst` gives for its place.
    fn frames(&self, src: impl Fn(u32) -> Mac, dst: impl Fn(u32) -> Mac) -> Vec<(PortId, Vec<u8>)> {
        self.frames_among(FRAMES, src, dst)
    }

    /// The same, and only so many of the guests talk to each other; they sit far apart.
    fn frames_among(
        &self,
        talkers: u32,
        src: impl Fn(u32) -> Mac,
        dst: impl Fn(u32) -> Mac,
    ) -> Vec<(PortId, Vec<u8>)> {
        let ports = u32::try_from(self.ids.len()).unwrap();
        // A step that is prime to every size visits the ports in an order that no cache expects.
        let place = |n: u32| (n % talkers).wrapping_mul(7_919) % ports;
        let one = |n: u32| {
            let (place, next) = (place(n), place(n + 1));
            let frame = frame(src(self.first + place), dst(self.first + next));
            (self.ids[place as usize], frame)
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

/// Everything that is decided by what came before: learning without flooding, the filter, the guard and a shaper that
/// nobody reaches; and an allow-list.
fn everything_on() -> VSwitch {
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
    config
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
            ("known unicast, 256 talk", bed.frames_among(TALKERS, station, station)),
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
            ("everything on: known unicast, 256 talk", bed.frames_among(TALKERS, station, station)),
            ("everything on: learned unicast", bed.frames(stranger, stranger)),
            ("everything on: learned unicast, 256 talk", bed.frames_among(TALKERS, stranger, stranger)),
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

/// The copies are the work; who else is registered does not matter.
fn broadcast_beyond(criterion: &mut Criterion) {
    for registered in REGISTERED {
        for bed in Bed::neighbourhoods(registered) {
            let frames = bed.frames(station, |_| Mac::BROADCAST);
            let name = format!("everything on: broadcast to {} ports", bed.ids.len() - 1);
            let mut group = criterion.benchmark_group(name);
            group.throughput(Throughput::Elements(1));
            let id = BenchmarkId::new("registered", registered);
            group.bench_function(id, |bencher| bencher.iter(bed.run(&frames)));
        }
    }
}

criterion_group!(benches, unicast, broadcast, beyond, broadcast_beyond);
criterion_main!(benches);
