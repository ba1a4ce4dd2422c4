//! The last frames that did not reach everybody who wanted them, each with its reason.
//!
//! Two kinds are kept: frames that reached nobody, and frames that were delivered although a port that asks for
//! promiscuous mode went without. The second is what a nested host's owner looks for: a reply for an inner VM leaves by
//! the uplink, so nothing was dropped, and yet it never arrives. There can be many of them, so their rate is bounded.
//!
//! **Invariant:** the engine's thread never waits here. If a reader holds the ring, the record is lost and its number
//! is not: the reader sees the gap.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};
use std::time::SystemTime;

use nsw_core::{Outcome, PortId, Reason, Refusal, VlanId};

/// Records that are kept.
const CAPACITY: usize = 4096;
/// First bytes of a frame that are kept.
pub const HEAD_LEN: usize = 128;
/// Refusals that are kept of one frame.
const MAX_REFUSALS: usize = 4;
/// Records a second of frames that were delivered elsewhere.
const MAX_DELIVERED_PER_SECOND: u32 = 256;

/// One frame that reached nobody, or not everybody who asked for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DropRecord {
    /// Counts the engine's records from 1.
    pub sequence: u64,
    /// When it was decided.
    pub time: SystemTime,
    /// The port that it came by.
    pub ingress: PortId,
    /// The VLAN it was found to be in; `None` if it was dropped before that.
    pub vlan: Option<VlanId>,
    /// It was delivered to others.
    pub delivered: bool,
    /// Why it was dropped; of a delivered frame, why the port below went without.
    pub reason: Reason,
    /// The port whose state or policy decided.
    pub port: PortId,
    /// Bytes of the frame as it came, before any segmentation.
    pub len: usize,
    pub(super) refusals: [Option<Refusal>; MAX_REFUSALS],
    pub(super) head: [u8; HEAD_LEN],
}

impl DropRecord {
    /// The first bytes of the frame, at most [`HEAD_LEN`].
    pub fn head(&self) -> &[u8] {
        &self.head[..self.len.min(HEAD_LEN)]
    }

    /// The ports that went without, the first four.
    pub fn refusals(&self) -> impl Iterator<Item = Refusal> {
        self.refusals.iter().flatten().copied()
    }
}

/// What [`super::user::UserEngine::drops`] returns.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Drops {
    /// The records after the one that was named, oldest first.
    pub records: Vec<DropRecord>,
    /// How many records after the one that was named are no longer, or never were, to be had.
    pub missed: u64,
    /// The number of the last record; name it to get what follows.
    pub last: u64,
}

#[derive(Debug)]
pub(super) struct DropRing {
    /// The last number that was given away.
    sequence: AtomicU64,
    records: Mutex<Records>,
}

/// Grows to its capacity, then the oldest record gives way.
#[derive(Debug, Default)]
struct Records {
    ring: Vec<DropRecord>,
    oldest: usize,
}

impl Records {
    fn push(&mut self, record: DropRecord) {
        if self.ring.len() < CAPACITY {
            return self.ring.push(record);
        }
        self.ring[self.oldest] = record;
        self.oldest = (self.oldest + 1) % CAPACITY;
    }

    fn since(&self, since: u64) -> Vec<DropRecord> {
        let (newer, older) = self.ring.split_at(self.oldest);
        older.iter().chain(newer).filter(|record| record.sequence > since).cloned().collect()
    }
}

impl DropRing {
    pub(super) fn new() -> Self {
        let records = Records { ring: Vec::with_capacity(CAPACITY), oldest: 0 };
        Self { sequence: AtomicU64::new(0), records: Mutex::new(records) }
    }

    pub(super) fn since(&self, since: u64) -> Drops {
        let guard = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let records = guard.since(since);
        let last = self.sequence.load(Ordering::Relaxed);
        drop(guard);
        let missed = last.saturating_sub(since).saturating_sub(records.len() as u64);
        Drops { records, missed, last }
    }

    /// Counts records that nobody kept, so that readers see the gap.
    pub(super) fn skip(&self, records: u64) {
        self.sequence.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn push(&self, record: impl FnOnce(u64) -> DropRecord) {
        let sequence = self.sequence.load(Ordering::Relaxed) + 1;
        self.sequence.store(sequence, Ordering::Relaxed);
        match self.records.try_lock() {
            Ok(mut records) => records.push(record(sequence)),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().push(record(sequence)),
            Err(TryLockError::WouldBlock) => {}
        }
    }
}

/// Decides which frames are recorded. Belongs to the engine's thread.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    second: u64,
    delivered_this_second: u32,
}

impl Recorder {
    /// Records the frame if its outcome is worth it.
    pub(super) fn record(
        &mut self,
        ring: &DropRing,
        ingress: PortId,
        frame: &[u8],
        now_ns: u64,
        outcome: &Outcome,
    ) {
        let (reason, port) = match outcome.drop {
            Some(drop) => (drop.reason, drop.port),
            None => match asked_in_vain(outcome) {
                Some(refusal) if self.may_record_delivered(now_ns) => (refusal.reason, refusal.port),
                _ => return,
            },
        };
        ring.push(|sequence| {
            let mut refusals = outcome.refusals.iter().copied();
            let mut head = [0; HEAD_LEN];
            let kept = frame.len().min(HEAD_LEN);
            head[..kept].copy_from_slice(&frame[..kept]);
            DropRecord {
                sequence,
                time: SystemTime::now(),
                ingress,
                vlan: outcome.vlan,
                delivered: outcome.drop.is_none(),
                reason,
                port,
                len: frame.len(),
                refusals: std::array::from_fn(|_| refusals.next()),
                head,
            }
        });
    }

    fn may_record_delivered(&mut self, now_ns: u64) -> bool {
        let second = now_ns / 1_000_000_000;
        if second != self.second {
            (self.second, self.delivered_this_second) = (second, 0);
        }
        self.delivered_this_second = self.delivered_this_second.saturating_add(1);
        self.delivered_this_second <= MAX_DELIVERED_PER_SECOND
    }
}

fn asked_in_vain(outcome: &Outcome) -> Option<Refusal> {
    outcome.refusals.iter().copied().find(|refusal| refusal.reason == Reason::PromiscuousNotGranted)
}
