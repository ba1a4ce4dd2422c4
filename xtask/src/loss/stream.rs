//! Numbered frames: sent one by one, and kept account of where they arrive.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nsw_core::Mac;
use nsw_dataplane::port::Port;

use super::host::Cable;

/// Nobody listens to this protocol.
const ETHERTYPE: [u8; 2] = [0x88, 0xb5];
/// No room in the device's queue.
const ENOBUFS: i32 = 105;
const MARK: &[u8; 8] = b"nsw-loss";
const EVERY: Duration = Duration::from_millis(1);
const PAUSE: Duration = Duration::from_millis(20);

/// What a numbered frame is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Kind {
    /// Allowed always.
    Steady,
    /// Forged, while that is accepted.
    Accepted,
    /// Forged, while that is rejected.
    Rejected,
    /// Allowed always, the end of a phase.
    Mark,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Steady, Self::Accepted, Self::Rejected, Self::Mark];

    fn is_forged(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected)
    }
}

/// Sends from one guest to another.
pub(super) struct Sender {
    port: Port,
    from: Mac,
    to: Mac,
}

impl Sender {
    pub(super) fn new(from: &Cable, to: &Cable) -> io::Result<Self> {
        let port = Port::packet_for_own(&from.guest, "eth0").map_err(io::Error::other)?;
        Ok(Self { port, from: from.mac, to: to.mac })
    }

    /// Sends one frame. It waits while the device's queue is full: what was not taken was not sent.
    pub(super) fn send(&self, kind: Kind, number: u64) -> io::Result<()> {
        let mut from = self.from.octets();
        if kind.is_forged() {
            from[4] ^= 0xff;
        }
        let mut frame = Vec::with_capacity(60);
        frame.extend(self.to.octets());
        frame.extend(from);
        frame.extend(ETHERTYPE);
        frame.extend(MARK);
        frame.push(kind as u8);
        frame.extend(number.to_be_bytes());
        frame.resize(60, 0);
        loop {
            match self.port.write_frame(&frame) {
                Err(error)
                    if error.kind() == io::ErrorKind::WouldBlock || error.raw_os_error() == Some(ENOBUFS) =>
                {
                    thread::park_timeout(EVERY);
                }
                done => return done,
            }
        }
    }
}

/// A sender with a thread of its own: a frame every millisecond, until it is stopped.
pub(super) struct Steady {
    over: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<u64>>,
}

impl Steady {
    pub(super) fn start(sender: Sender) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let thread = thread::spawn(move || {
            let mut number = 0;
            while !stop.load(Ordering::Relaxed) {
                sender.send(Kind::Steady, number)?;
                number += 1;
                thread::park_timeout(EVERY);
            }
            Ok(number)
        });
        Self { over, thread }
    }

    /// Returns how many frames were sent.
    pub(super) fn stop(self) -> io::Result<u64> {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| io::Error::other("the sender panicked"))?
    }
}

/// What has arrived.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    numbers: HashMap<Kind, Numbers>,
    /// Frames with a number that had arrived before.
    pub(super) twice: u64,
}

/// Numbers from 0 on, each seen or not.
#[derive(Debug, Default)]
struct Numbers {
    seen: Vec<bool>,
    count: u64,
}

impl Arrived {
    /// How many different numbers of a kind.
    pub(super) fn numbers(&self, kind: Kind) -> u64 {
        self.numbers.get(&kind).map_or(0, |numbers| numbers.count)
    }

    fn note(&mut self, kind: Kind, number: u64) {
        let Ok(at) = usize::try_from(number) else { return };
        let numbers = self.numbers.entry(kind).or_default();
        if numbers.seen.len() <= at {
            numbers.seen.resize(at + 1, false);
        }
        if std::mem::replace(&mut numbers.seen[at], true) {
            self.twice += 1;
        } else {
            numbers.count += 1;
        }
    }
}

/// Reads what arrives, in a thread of its own.
pub(super) struct Receiver {
    arrived: Arc<(Mutex<Arrived>, Condvar)>,
    last_mark: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    thread: JoinHandle<io::Result<()>>,
}

impl Receiver {
    pub(super) fn start(at: &Cable) -> io::Result<Self> {
        let port = Port::packet_for_own(&at.guest, "eth0").map_err(io::Error::other)?;
        let arrived = Arc::new((Mutex::new(Arrived::default()), Condvar::new()));
        let (last_mark, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (to, marks, stop) = (Arc::clone(&arrived), Arc::clone(&last_mark), Arc::clone(&over));
        let thread = thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                let Some(frame) = port.read_frame(PAUSE)? else { continue };
                let Some((kind, number)) = read(&frame) else { continue };
                let (arrived, changed) = &*to;
                arrived.lock().unwrap_or_else(PoisonError::into_inner).note(kind, number);
                if kind == Kind::Mark {
                    marks.store(number, Ordering::Relaxed);
                }
                changed.notify_all();
            }
            Ok(())
        });
        Ok(Self { arrived, last_mark, over, thread })
    }

    /// Waits until the mark with this number is there; false if it is not in time.
    pub(super) fn wait_for_mark(&self, number: u64, patience: Duration) -> bool {
        self.wait(patience, |_| self.last_mark.load(Ordering::Relaxed) >= number)
    }

    /// What arrived until the end, which is when all the steady frames are there, or nobody waits any longer.
    pub(super) fn stop(self, steady: u64, patience: Duration) -> io::Result<Arrived> {
        self.wait(patience, |arrived| arrived.numbers(Kind::Steady) >= steady);
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| io::Error::other("the receiver panicked"))??;
        let mut arrived = self.arrived.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *arrived))
    }

    fn wait(&self, patience: Duration, there: impl Fn(&Arrived) -> bool) -> bool {
        let deadline = Instant::now() + patience;
        let (arrived, changed) = &*self.arrived;
        let mut arrived = arrived.lock().unwrap_or_else(PoisonError::into_inner);
        while !there(&arrived) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            arrived = changed.wait_timeout(arrived, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

fn read(frame: &[u8]) -> Option<(Kind, u64)> {
    let payload = frame.get(14..)?.strip_prefix(MARK)?;
    let (kind, number) = payload.split_first()?;
    let kind = Kind::ALL.into_iter().find(|known| *known as u8 == *kind)?;
    Some((kind, u64::from_be_bytes(number.get(..8)?.try_into().ok()?)))
}
