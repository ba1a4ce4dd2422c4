//! A thread that reads what the program tells of drops, and notices when a device is gone.
//!
//! The ring is also read when somebody asks for drops, so that what happened before the question is in the answer.

use std::borrow::BorrowMut;
use std::collections::{HashMap, HashSet};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use aya::maps::{MapData, RingBuf};
use netlink_sys::protocols::NETLINK_ROUTE;
use netlink_sys::{Socket, SocketAddr};
use nsw_core::{PortId, Reason, Refusal, VlanId};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};

use super::layout::{self, Plain, Record};
use crate::engine::EngineEvent;
use crate::engine::drops::{DropRecord, DropRing};
use crate::link::Link;
use crate::netns::Namespace;

/// The group of device changes, as a bit.
const RTMGRP_LINK: u32 = 1;

/// Reads the program's ring into the engine's.
pub(super) struct Reader {
    ring: Mutex<RingBuf<MapData>>,
    pub(super) drops: DropRing,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("drops", &self.drops).finish_non_exhaustive()
    }
}

impl Reader {
    pub(super) fn new(ring: RingBuf<MapData>) -> Self {
        Self { ring: Mutex::new(ring), drops: DropRing::new() }
    }

    /// Takes everything that is there.
    pub(super) fn drain(&self) {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        let now = (SystemTime::now(), monotonic_ns());
        while let Some(item) = ring.borrow_mut().next() {
            let record = Record::take(&mut &item[..]);
            drop(item);
            if let Some(reason) = reason(u32::from(record.reason)) {
                self.drops.push(|sequence| kept(&record, reason, sequence, now));
            }
        }
    }

    fn fd(&self) -> io::Result<OwnedFd> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner).as_fd().try_clone_to_owned()
    }
}

fn kept(record: &Record, reason: Reason, sequence: u64, (now, now_ns): (SystemTime, u64)) -> DropRecord {
    let ago = Duration::from_nanos(now_ns.saturating_sub(record.at_ns));
    let refusals = record.refusals.map(|refused| {
        Some(Refusal { port: PortId::from_number(refused.port), reason: self::reason(refused.reason)? })
    });
    let count = record.refusal_count as usize;
    DropRecord {
        sequence,
        time: now.checked_sub(ago).unwrap_or(now),
        ingress: PortId::from_number(record.ingress),
        vlan: VlanId::new(record.vlan),
        delivered: record.delivered != 0,
        reason,
        port: PortId::from_number(record.port),
        len: record.len as usize,
        refusals: std::array::from_fn(|at| refusals[at].filter(|_| at < count)),
        head: whole_head(record),
    }
}

/// The first bytes as they were on the wire: a tag that the kernel keeps beside them is put back.
fn whole_head(record: &Record) -> [u8; layout::HEAD] {
    const ADDRESSES: usize = 12;
    if record.tag == 0 {
        return record.head;
    }
    let mut head = [0; layout::HEAD];
    head[..ADDRESSES].copy_from_slice(&record.head[..ADDRESSES]);
    head[ADDRESSES..ADDRESSES + 4].copy_from_slice(&record.tag.to_be_bytes());
    head[ADDRESSES + 4..].copy_from_slice(&record.head[ADDRESSES..layout::HEAD - 4]);
    head
}

fn reason(number: u32) -> Option<Reason> {
    Reason::ALL.get(number as usize).copied()
}

fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}

/// The attached ports, by the index of their device.
pub(super) type Watched = Arc<Mutex<HashMap<u32, PortId>>>;

/// The thread. Dropping it stops it.
#[derive(Debug)]
pub(super) struct Watcher {
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Watcher {
    pub(super) fn start(
        name: &str,
        namespace: &Namespace,
        reader: Arc<Reader>,
        watched: Watched,
        on_event: impl FnMut(EngineEvent) + Send + 'static,
    ) -> io::Result<Self> {
        let stop = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let announcements = namespace.run(listen)??;
        let worker = Worker {
            stop: Arc::clone(&stop),
            ring: reader.fd()?,
            announcements,
            reader,
            namespace: namespace.clone(),
            watched,
            on_event: Box::new(on_event),
        };
        let thread = std::thread::Builder::new().name(format!("nsw {name}")).spawn(move || worker.run())?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = rustix::io::write(&*self.stop, &1_u64.to_ne_bytes());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    stop: Arc<OwnedFd>,
    ring: OwnedFd,
    announcements: Socket,
    reader: Arc<Reader>,
    namespace: Namespace,
    watched: Watched,
    on_event: Box<dyn FnMut(EngineEvent) + Send>,
}

impl Worker {
    fn run(mut self) {
        loop {
            let mut fds = [
                PollFd::new(&*self.stop, PollFlags::IN),
                PollFd::new(&self.ring, PollFlags::IN),
                PollFd::new(&self.announcements, PollFlags::IN),
            ];
            match poll(&mut fds, None) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return tracing::error!(%error, "the engine no longer hears of drops"),
            }
            let [stop, ring, announced] = fds.map(|fd| !fd.revents().is_empty());
            if stop {
                return;
            }
            if ring {
                self.reader.drain();
            }
            if announced {
                self.look_for_the_gone();
            }
        }
    }

    /// An announcement is only the hint to look: none that is lost or coalesced can mislead.
    fn look_for_the_gone(&mut self) {
        let watched: Vec<(u32, PortId)> = {
            let hints = self.hints();
            let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
            let hinted = |ifindex: &u32| hints.as_ref().is_none_or(|hints| hints.contains(ifindex));
            watched
                .iter()
                .filter(|(ifindex, _)| hinted(ifindex))
                .map(|(ifindex, port)| (*ifindex, *port))
                .collect()
        };
        for (ifindex, port) in watched {
            if matches!(Link::by_index(&self.namespace, ifindex), Ok(None)) {
                let known =
                    self.watched.lock().unwrap_or_else(PoisonError::into_inner).remove(&ifindex).is_some();
                if known {
                    (self.on_event)(EngineEvent::PortGone(port));
                }
            }
        }
    }

    /// The devices that are said to be deleted; `None` if announcements were lost. With thousands of ports it matters that
    /// those are not looked at of which something else is said.
    fn hints(&self) -> Option<HashSet<u32>> {
        let mut deleted = HashSet::new();
        let mut buffer = [0_u8; 16384];
        loop {
            match rustix::io::read(&self.announcements, &mut buffer) {
                Ok(len @ 1..) => deleted.extend(deleted_devices(&buffer[..len])),
                Err(Errno::INTR) => {}
                Err(Errno::NOBUFS) => return None,
                Ok(0) | Err(_) => return Some(deleted),
            }
        }
    }
}

/// The indices in the messages of a datagram that say that a device was deleted.
fn deleted_devices(mut datagram: &[u8]) -> Vec<u32> {
    const RTM_DELLINK: u16 = 17;
    const INDEX_AT: usize = 20;
    let mut deleted = Vec::new();
    while let Some(len) = datagram.first_chunk().map(|len| u32::from_ne_bytes(*len) as usize) {
        let Some(message) = datagram.get(..len).filter(|message| message.len() > INDEX_AT) else { break };
        let kind = u16::from_ne_bytes([message[4], message[5]]);
        let index = message[INDEX_AT..].first_chunk().map(|index| u32::from_ne_bytes(*index));
        deleted.extend(index.filter(|_| kind == RTM_DELLINK));
        datagram = datagram.get(len.next_multiple_of(4)..).unwrap_or_default();
    }
    deleted
}

fn listen() -> io::Result<Socket> {
    let mut socket = Socket::new(NETLINK_ROUTE)?;
    socket.bind(&SocketAddr::new(0, RTMGRP_LINK))?;
    socket.set_non_blocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u16, index: u32) -> Vec<u8> {
        let mut message = vec![0_u8; 32];
        message[..4].copy_from_slice(&32_u32.to_ne_bytes());
        message[4..6].copy_from_slice(&kind.to_ne_bytes());
        message[20..24].copy_from_slice(&index.to_ne_bytes());
        message
    }

    #[test]
    fn only_deleted_devices_are_looked_at() {
        let datagram = [message(16, 3), message(17, 4), message(17, 9)].concat();
        assert_eq!(deleted_devices(&datagram), [4, 9]);
        assert_eq!(deleted_devices(&datagram[..40]), []);
        assert_eq!(deleted_devices(&[0; 64]), []);
    }
}
