//! What deciding about one frame remembers for the next: addresses that were seen, and what shapers have saved up.
//!
//! A standard switch remembers no addresses; nothing here is touched unless a setting beyond it is on. The state never
//! outlives what it speaks of: an entry counts only while its port is connected and its group still has the setting.
//!
//! **Invariant:** bounded, and made large enough when tables are installed, so that deciding allocates nothing.

use alloc::vec::Vec;
use core::hash::BuildHasher as _;

use foldhash::SharedSeed;
use foldhash::fast::SeedableRandomState;
use hashbrown::HashTable;

use crate::addr::{Mac, VlanId};
use crate::beyond::Shaping;
use crate::port::PortId;
use crate::tables::Tables;

/// Addresses that are remembered at most, over all ports.
pub const MAX_REMEMBERED: usize = 65_536;
/// Between two sweeps for addresses that are too old.
const SWEEP_EVERY_NS: u64 = 1_000_000_000;

/// What deciding remembers. One engine, or one simulated switch, has one.
#[derive(Clone, Debug)]
pub struct State {
    seen: HashTable<Seen>,
    hasher: SeedableRandomState,
    /// How many entries each slot has.
    counts: Vec<u32>,
    /// Addresses that went from one port to another.
    moves: u64,
    swept_ns: u64,
    buckets: Vec<Bucket>,
}

/// An address that a guest sent from.
#[derive(Clone, Copy, Debug)]
struct Seen {
    vlan: VlanId,
    mac: Mac,
    port: PortId,
    at_ns: u64,
}

/// Where and when an address was seen last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sighting {
    /// The port.
    pub(crate) port: PortId,
    /// How long ago, in nanoseconds.
    pub(crate) age_ns: u64,
}

/// A shaper's savings, in bytes. It starts full.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    average: u64,
    peak: u64,
    at_ns: u64,
    shaping: Option<Shaping>,
}

const EMPTY: Bucket = Bucket { average: 0, peak: 0, at_ns: 0, shaping: None };

impl Default for State {
    fn default() -> Self {
        Self::new(0)
    }
}

impl State {
    /// A state that remembers nothing yet. Guests choose the addresses that are remembered: give a `seed` that they do
    /// not know.
    pub fn new(seed: u64) -> Self {
        Self {
            seen: HashTable::new(),
            hasher: SeedableRandomState::with_seed(seed, SharedSeed::global_fixed()),
            counts: Vec::new(),
            moves: 0,
            swept_ns: 0,
            buckets: Vec::new(),
        }
    }

    /// Makes room for what `tables` may want remembered. Call it before deciding with them.
    pub fn prepare(&mut self, tables: &Tables) {
        let slots = tables.slots().max(self.counts.len());
        self.counts.resize(slots, 0);
        self.buckets.resize(slots, EMPTY);
        if tables.remembers {
            let more = MAX_REMEMBERED.saturating_sub(self.seen.len());
            let hasher = &self.hasher;
            self.seen.reserve(more, |seen| hasher.hash_one((seen.vlan, seen.mac)));
        }
    }

    /// How many addresses are remembered, too old ones among them.
    pub fn remembered(&self) -> usize {
        self.seen.len()
    }

    /// How often a remembered address went from one port to another.
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// Where `mac` was seen last in `vlan`, if that is remembered.
    pub(crate) fn sighting(&self, vlan: VlanId, mac: Mac, now_ns: u64) -> Option<Sighting> {
        let seen = self.seen.find(self.hash(vlan, mac), |seen| (seen.vlan, seen.mac) == (vlan, mac))?;
        Some(Sighting { port: seen.port, age_ns: now_ns.saturating_sub(seen.at_ns) })
    }

    /// Remembers that `mac` was seen on `port`. Returns false if the port has `limit` others already, or there is no
    /// room.
    pub(crate) fn remember(
        &mut self,
        tables: &Tables,
        (vlan, mac): (VlanId, Mac),
        port: PortId,
        limit: u32,
        now_ns: u64,
    ) -> bool {
        let hash = self.hash(vlan, mac);
        let same = |seen: &Seen| (seen.vlan, seen.mac, seen.port) == (vlan, mac, port);
        if let Some(seen) = self.seen.find_mut(hash, same) {
            seen.at_ns = now_ns;
            return true;
        }
        if self.is_full(port, limit) {
            self.sweep(tables, now_ns);
            if self.is_full(port, limit) {
                return false;
            }
        }
        match self.seen.find_mut(hash, |seen| (seen.vlan, seen.mac) == (vlan, mac)) {
            Some(seen) => {
                if let Some(count) = self.counts.get_mut(seen.port.slot()) {
                    *count = count.saturating_sub(1);
                }
                *seen = Seen { vlan, mac, port, at_ns: now_ns };
                self.moves += 1;
            }
            None => {
                let hasher = &self.hasher;
                let seen = Seen { vlan, mac, port, at_ns: now_ns };
                self.seen.insert_unique(hash, seen, |seen| hasher.hash_one((seen.vlan, seen.mac)));
            }
        }
        if let Some(count) = self.counts.get_mut(port.slot()) {
            *count += 1;
        }
        true
    }

    fn is_full(&self, port: PortId, limit: u32) -> bool {
        let count = self.counts.get(port.slot()).copied().unwrap_or(u32::MAX);
        count >= limit || self.seen.len() >= MAX_REMEMBERED
    }

    /// Forgets what is too old or whose port is gone; at most once a second, since it looks at every entry.
    fn sweep(&mut self, tables: &Tables, now_ns: u64) {
        if now_ns.saturating_sub(self.swept_ns) < SWEEP_EVERY_NS && self.swept_ns != 0 {
            return;
        }
        self.swept_ns = now_ns.max(1);
        let counts = &mut self.counts;
        self.seen.retain(|seen| {
            let kept = tables.memory_ns(seen.port).is_some_and(|age| now_ns.saturating_sub(seen.at_ns) < age);
            if !kept && let Some(count) = counts.get_mut(seen.port.slot()) {
                *count = count.saturating_sub(1);
            }
            kept
        });
    }

    fn hash(&self, vlan: VlanId, mac: Mac) -> u64 {
        self.hasher.hash_one((vlan, mac))
    }

    /// Takes `bytes` from the savings of `port`; returns false, and takes nothing, if they do not suffice (rule H-2).
    pub(crate) fn spend(&mut self, port: PortId, shaping: Shaping, bytes: u64, now_ns: u64) -> bool {
        let Some(bucket) = self.buckets.get_mut(port.slot()) else { return true };
        bucket.refill(shaping, now_ns);
        let enough = bucket.average >= bytes && bucket.peak >= bytes;
        if enough {
            bucket.average -= bytes;
            bucket.peak -= bytes;
        }
        enough
    }
}

impl Bucket {
    /// The largest frame that a guest may hand over in one piece, before segmentation.
    const LARGEST_FRAME: u64 = 65_550;

    fn refill(&mut self, shaping: Shaping, now_ns: u64) {
        let depth = shaping.burst_bytes.max(Self::LARGEST_FRAME);
        if self.shaping != Some(shaping) {
            *self = Self { average: depth, peak: Self::LARGEST_FRAME, at_ns: now_ns, shaping: Some(shaping) };
            return;
        }
        let elapsed = now_ns.saturating_sub(self.at_ns);
        let average = earned(shaping.average_bps, elapsed);
        // A share of a byte is not lost: time counts on until it has earned one.
        if average == 0 && elapsed < 1_000_000_000 {
            return;
        }
        self.average = self.average.saturating_add(average).min(depth);
        self.peak = self.peak.saturating_add(earned(shaping.peak_bps, elapsed)).min(Self::LARGEST_FRAME);
        self.at_ns = now_ns;
    }
}

/// Bytes that `bps` bits a second earn in `elapsed_ns`.
fn earned(bps: u64, elapsed_ns: u64) -> u64 {
    let bytes = u128::from(bps) * u128::from(elapsed_ns) / 8_000_000_000;
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
