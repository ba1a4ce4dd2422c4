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

use super::learn;
use crate::addr::{Mac, VlanId};
use crate::beyond::{AtLimit, Shaping};
use crate::port::PortId;
use crate::tables::Tables;

/// Addresses that are remembered at most, over all ports.
pub const MAX_REMEMBERED: usize = 65_536;
/// Between two sweeps for addresses that are too old.
pub const SWEEP_EVERY_NS: u64 = 1_000_000_000;

/// What deciding remembers. One engine, or one simulated switch, has one.
#[derive(Clone, Debug)]
pub struct State {
    seen: HashTable<Seen>,
    hasher: SeedableRandomState,
    /// How many entries each slot has.
    counts: Vec<u32>,
    /// The connection of each slot that its entries and savings speak of.
    connections: Vec<Option<u64>>,
    /// What became of the addresses of each slot.
    tallies: Vec<Tally>,
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

/// What a port has learned, and what it has not, since it was connected or something first wanted its sources remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LearningCounts {
    /// Addresses that are remembered of it now. Too old ones are among them until somebody needs room, sees them again, or
    /// calls [`State::sweep`].
    pub macs_learned: u32,
    /// Addresses that were remembered of another port and then seen at this one.
    pub moved: u64,
    /// Addresses that were forgotten because nobody had sent from them for too long.
    pub aged: u64,
    /// Frames that passed although their source was over the limit.
    pub not_learned_allowed: u64,
    /// Frames that were dropped because their source was over the limit.
    pub not_learned_dropped: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    moved: u64,
    aged: u64,
    allowed: u64,
    dropped: u64,
}

/// Where and when an address was seen last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sighting {
    /// The port.
    pub(crate) port: PortId,
    /// How long ago, in nanoseconds.
    pub(crate) age_ns: u64,
}

/// A shaper's savings. It starts full. One bit a second earns one in every nanosecond, so that no share of a byte is lost
/// however often it is asked.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    average: u128,
    peak: u128,
    at_ns: u64,
    shaping: Option<Shaping>,
}

/// What a shaper charges for one byte: eight bits for a second, in nanoseconds.
pub const SAVED_PER_BYTE: u64 = 8_000_000_000;
const BYTE: u128 = SAVED_PER_BYTE as u128;
/// The largest frame, in bytes, that a guest may hand over in one piece, before segmentation. Every shaper saves for one.
pub const LARGEST_FRAME: u64 = 65_550;
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
            connections: Vec::new(),
            tallies: Vec::new(),
            moves: 0,
            swept_ns: 0,
            buckets: Vec::new(),
        }
    }

    /// Makes room for what `tables` may want remembered, and forgets what they have no port or no setting for any more.
    /// Call it before deciding with them.
    pub fn prepare(&mut self, tables: &Tables) {
        let slots = tables.slots().max(self.counts.len());
        self.counts.resize(slots, 0);
        self.connections.resize(slots, None);
        self.buckets.resize(slots, EMPTY);
        self.tallies.resize(slots, Tally::default());
        self.forget_the_gone(tables);
        self.swept_ns = 0;
        if tables.remembers {
            let wanted = tables.ports.iter().flatten().filter(|port| port.remembers);
            let wanted =
                wanted.map(|port| learn::limit(tables, port).max(self.counts[port.id.slot()]) as usize);
            let most = wanted.fold(0, usize::saturating_add).min(MAX_REMEMBERED);
            let more = most.saturating_sub(self.seen.len());
            let hasher = &self.hasher;
            self.seen.reserve(more, |seen| hasher.hash_one((seen.vlan, seen.mac)));
        }
    }

    /// Forgets what speaks of ports that are disconnected, even if another has their number now, or that have no setting
    /// any more that needs it.
    fn forget_the_gone(&mut self, tables: &Tables) {
        let connection = |slot: usize| Some(tables.details.get(slot)?.as_ref()?.connection);
        let mut connections = core::mem::take(&mut self.connections);
        self.forget(|seen| {
            let slot = seen.port.slot();
            connections[slot] != connection(slot) || tables.memory_ns(seen.port).is_none()
        });
        for (slot, known) in connections.iter_mut().enumerate() {
            if *known != connection(slot) {
                *known = connection(slot);
                self.buckets[slot] = EMPTY;
                self.tallies[slot] = Tally::default();
            }
            if !tables.ports.get(slot).and_then(Option::as_ref).is_some_and(|port| port.remembers) {
                self.tallies[slot] = Tally::default();
            }
        }
        self.connections = connections;
    }

    /// How many addresses are remembered, too old ones among them.
    pub fn remembered(&self) -> usize {
        self.seen.len()
    }

    /// The addresses that are remembered, each with its VLAN, in no order.
    pub fn addresses(&self) -> impl Iterator<Item = (VlanId, Mac)> {
        self.seen.iter().map(|seen| (seen.vlan, seen.mac))
    }

    /// How often a remembered address went from one port to another.
    pub fn moves(&self) -> u64 {
        self.moves
    }

    /// What a port has learned, and what it has not.
    pub fn learning_counts(&self, port: PortId) -> LearningCounts {
        let Tally { moved, aged, allowed, dropped } =
            self.tallies.get(port.slot()).copied().unwrap_or_default();
        LearningCounts {
            macs_learned: self.counts.get(port.slot()).copied().unwrap_or(0),
            moved,
            aged,
            not_learned_allowed: allowed,
            not_learned_dropped: dropped,
        }
    }

    pub(super) fn count_not_learned(&mut self, port: PortId, at_limit: AtLimit) {
        let Some(counts) = self.tallies.get_mut(port.slot()) else { return };
        match at_limit {
            AtLimit::Allow => counts.allowed += 1,
            AtLimit::Drop => counts.dropped += 1,
        }
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
        if let Some(seen) = self.seen.find_mut(hash, same)
            && is_fresh(tables, seen, now_ns)
        {
            seen.at_ns = now_ns;
            return true;
        }
        self.forget_if_old(tables, hash, (vlan, mac), now_ns);
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
                if let Some(tally) = self.tallies.get_mut(port.slot()) {
                    tally.moved += 1;
                }
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

    fn forget_if_old(&mut self, tables: &Tables, hash: u64, key: (VlanId, Mac), now_ns: u64) {
        let Ok(entry) = self.seen.find_entry(hash, |seen| (seen.vlan, seen.mac) == key) else { return };
        if !is_fresh(tables, entry.get(), now_ns) {
            let (seen, _) = entry.remove();
            if let Some(count) = self.counts.get_mut(seen.port.slot()) {
                *count = count.saturating_sub(1);
            }
            if let Some(tally) = self.tallies.get_mut(seen.port.slot()) {
                tally.aged += 1;
            }
        }
    }

    fn is_full(&self, port: PortId, limit: u32) -> bool {
        let count = self.counts.get(port.slot()).copied().unwrap_or(u32::MAX);
        count >= limit || self.seen.len() >= MAX_REMEMBERED
    }

    /// Forgets what is too old by the tables that were prepared for; at most once a second, since it looks at every entry.
    pub fn sweep(&mut self, tables: &Tables, now_ns: u64) {
        if now_ns.saturating_sub(self.swept_ns) < SWEEP_EVERY_NS && self.swept_ns != 0 {
            return;
        }
        self.swept_ns = now_ns.max(1);
        let mut tallies = core::mem::take(&mut self.tallies);
        self.forget(|seen| {
            let old = !is_fresh(tables, seen, now_ns);
            if let Some(tally) = tallies.get_mut(seen.port.slot()).filter(|_| old) {
                tally.aged += 1;
            }
            old
        });
        self.tallies = tallies;
    }

    fn forget(&mut self, mut forgotten: impl FnMut(&Seen) -> bool) {
        let counts = &mut self.counts;
        self.seen.retain(|seen| {
            let kept = !forgotten(seen);
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
        let price = u128::from(bytes) * BYTE;
        let enough = bucket.average >= price && bucket.peak >= price;
        if enough {
            bucket.average -= price;
            bucket.peak -= price;
        }
        enough
    }
}

fn is_fresh(tables: &Tables, seen: &Seen, now_ns: u64) -> bool {
    tables.memory_ns(seen.port).is_some_and(|age| now_ns.saturating_sub(seen.at_ns) < age)
}

impl Bucket {
    fn refill(&mut self, shaping: Shaping, now_ns: u64) {
        let largest = u128::from(LARGEST_FRAME) * BYTE;
        let depth = largest.max(u128::from(shaping.burst_bytes) * BYTE);
        if self.shaping != Some(shaping) {
            *self = Self { average: depth, peak: largest, at_ns: now_ns, shaping: Some(shaping) };
            return;
        }
        let elapsed = u128::from(now_ns.saturating_sub(self.at_ns));
        let earn = |saved: u128, bps: u64| saved.saturating_add(u128::from(bps) * elapsed);
        self.average = earn(self.average, shaping.average_bps).min(depth);
        self.peak = earn(self.peak, shaping.peak_bps).min(largest);
        self.at_ns = now_ns;
    }
}
