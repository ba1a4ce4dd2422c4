//! Counters of one engine, written by its thread and read by anybody.
//!
//! A port's counters are made when the port is attached and belong to that attachment: a port that reuses the slot of
//! another starts from zero.
//!
//! **Invariant:** only the engine's thread writes, so an addition is a load and a store, with no lock on the bus.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use nsw_core::{Counter, LearningCounts, PortId};

/// One counter with one writer.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, n: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of one attached port.
#[derive(Debug)]
pub(super) struct PortCounters {
    port: PortId,
    frames: [Count; Counter::COUNT],
    pub(super) bytes_in: Count,
    pub(super) bytes_out: Count,
    pub(super) originated: Count,
    pub(super) rx_failures: Count,
    pub(super) tx_failures: Count,
}

impl PortCounters {
    pub(super) fn new(port: PortId) -> Self {
        Self {
            port,
            frames: std::array::from_fn(|_| Count::default()),
            bytes_in: Count::default(),
            bytes_out: Count::default(),
            originated: Count::default(),
            rx_failures: Count::default(),
            tx_failures: Count::default(),
        }
    }

    pub(super) fn count(&self, counter: Counter) {
        if let Some(count) = self.frames.get(counter.index()) {
            count.add(1);
        }
    }

    fn read(&self) -> PortCount {
        PortCount {
            port: self.port,
            frames: std::array::from_fn(|i| self.frames[i].get()),
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            originated: self.originated.get(),
            learning: None,
            rx_failures: self.rx_failures.get(),
            tx_failures: self.tx_failures.get(),
        }
    }
}

/// The counters of one port at one moment. A segment that is still to be cut counts as one frame.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortCount {
    /// The port.
    pub port: PortId,
    /// Frames, in the order of [`Counter::index`].
    pub frames: [u64; Counter::COUNT],
    /// Bytes of the frames that came in.
    pub bytes_in: u64,
    /// Bytes of the frames that were written to the port.
    pub bytes_out: u64,
    /// Frames of the switch's own that the port sent: nobody's copies, so they stand in no frame counter.
    pub originated: u64,
    /// What was learned from its frames; `None` if nothing wants their sources remembered.
    pub learning: Option<LearningCounts>,
    /// Frames that the device announced and could not hand over.
    pub rx_failures: u64,
    /// Copies that the device did not take: its queue was full or its link was down. They count as delivered as well.
    pub tx_failures: u64,
}

impl PortCount {
    /// One of the frame counters.
    pub fn get(&self, counter: Counter) -> u64 {
        self.frames.get(counter.index()).copied().unwrap_or(0)
    }
}

/// The counters of all ports of one engine.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// One entry an attached port, in the order of attachment.
    pub ports: Vec<PortCount>,
    /// Copies for ports that the tables know and nobody attached.
    pub unattached: u64,
}

impl Counters {
    /// The counters of one port.
    pub fn port(&self, id: PortId) -> Option<&PortCount> {
        self.ports.iter().find(|port| port.port == id)
    }
}

/// What the engine's thread and its readers share. The lock is for the list; the thread never takes it.
#[derive(Debug, Default)]
pub(super) struct SharedCounters {
    ports: Mutex<Vec<Arc<PortCounters>>>,
    pub(super) unattached: Count,
}

impl SharedCounters {
    pub(super) fn register(&self, port: PortId) -> Arc<PortCounters> {
        let counters = Arc::new(PortCounters::new(port));
        self.lock().push(Arc::clone(&counters));
        counters
    }

    pub(super) fn forget(&self, port: PortId) {
        self.lock().retain(|counters| counters.port != port);
    }

    pub(super) fn read(&self) -> Counters {
        let ports = self.lock().iter().map(|counters| counters.read()).collect();
        Counters { ports, unattached: self.unattached.get() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Arc<PortCounters>>> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
