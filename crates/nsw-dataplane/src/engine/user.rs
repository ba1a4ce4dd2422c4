//! The portable engine: one thread for each vSwitch, woken by epoll, reading and writing its ports' descriptors.
//!
//! ```text
//!  attach, detach, install --> channel + eventfd --> | thread: epoll -> a batch from each ready port |
//!                              answer when done  <-- |         commands between two batches          |
//!  counters, drops <---------- shared, relaxed ----- |                                               |
//! ```
//!
//! What a port has waiting is read, then decided about frame by frame, then written (`gather.rs` says why); a long frame is
//! written before the next is read. Every command is done when its method returns; after [`UserEngine::install`] no frame
//! meets the old tables.
//!
//! **Invariant:** the thread never waits for anything but epoll.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use nsw_core::{Beacon, LearningCounts, PortId, Tables};
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::event::{EventfdFlags, eventfd};
use rustix::io::Errno;
use rustix::time::{ClockId, Timespec, clock_gettime};

use super::EngineEvent;
use super::counters::{Counters, PortCounters, SharedCounters};
use super::drops::{DropRing, Drops};
use super::forward::{Attached, Forwarder, Ports, Shared};
use super::gather::Gathered;
use crate::port::Port;

/// Frames taken from one port before the others have their turn.
const BATCH: usize = 64;
/// What epoll tells for the eventfd; a port number has 32 bits.
const WAKE: u64 = u64::MAX;
/// How often a port whose device went down is asked whether the device is still there; the kernel does not tell.
const SUSPECT_PERIOD: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };
/// A device that announces errors this often, and then has none, is given up.
const MAX_IDLE_ALARMS: u32 = 64;

/// A running engine. Dropping it stops it and releases its ports.
#[derive(Debug)]
pub struct UserEngine {
    commands: Sender<Command>,
    wake: Arc<OwnedFd>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

enum Command {
    Attach(PortId, Box<Port>, Arc<PortCounters>, SyncSender<io::Result<()>>),
    Detach(PortId, SyncSender<Option<Port>>),
    Install(Arc<Tables>, SyncSender<()>),
    Inject(PortId, Vec<u8>, SyncSender<bool>),
    Learning(SyncSender<BTreeMap<PortId, LearningCounts>>),
    Stop,
}

impl UserEngine {
    /// Starts the engine of the vSwitch `name`. Until tables are installed it drops every frame. `on_event` is called
    /// by the engine's thread and must not block.
    ///
    /// # Errors
    /// If the system has no descriptor or thread left.
    pub fn start(name: &str, on_event: impl FnMut(EngineEvent) + Send + 'static) -> io::Result<Self> {
        let wake = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &*wake, EventData::new_u64(WAKE), EventFlags::IN)?;
        let shared = Arc::new(Shared {
            counters: SharedCounters::default(),
            drops: DropRing::new(),
            beacons: Mutex::default(),
        });
        let (commands, inbox) = mpsc::channel();
        let worker = Worker {
            epoll,
            wake: Arc::clone(&wake),
            inbox,
            ports: Ports::default(),
            forwarder: Forwarder::new(),
            gathered: Gathered::new(),
            shared: Arc::clone(&shared),
            suspects: Vec::new(),
            on_event: Box::new(on_event),
        };
        let thread = thread::Builder::new().name(format!("nsw {name}")).spawn(move || worker.run())?;
        Ok(Self { commands, wake, shared, thread: Some(thread) })
    }

    /// Connects a port. It takes part as soon as tables that know it are installed, so attach first.
    ///
    /// # Errors
    /// `AlreadyExists` if the slot is taken; `BrokenPipe` if the engine has stopped.
    pub fn attach(&self, id: PortId, port: Port) -> io::Result<()> {
        let counters = self.shared.counters.register(id);
        let attached = self.ask(|reply| Command::Attach(id, Box::new(port), counters, reply)).flatten();
        if attached.is_err() {
            self.shared.counters.forget(id);
        }
        attached
    }

    /// Disconnects a port and returns it. Its counters go with it.
    ///
    /// # Errors
    /// `BrokenPipe` if the engine has stopped.
    pub fn detach(&self, id: PortId) -> io::Result<Option<Port>> {
        let port = self.ask(|reply| Command::Detach(id, reply))?;
        self.shared.counters.forget(id);
        Ok(port)
    }

    /// Replaces the tables as a whole. When it returns, every further frame is decided by the new ones.
    ///
    /// # Errors
    /// `BrokenPipe` if the engine has stopped.
    pub fn install(&self, tables: Arc<Tables>) -> io::Result<()> {
        self.ask(|reply| Command::Install(tables, reply))
    }

    /// Writes a frame of the switch's own out of a port, as it is: nothing is decided about it. Returns whether the device
    /// took it. It counts as [`PortCount::originated`](super::PortCount::originated).
    ///
    /// # Errors
    /// `BrokenPipe` if the engine has stopped.
    pub fn inject(&self, id: PortId, frame: &[u8]) -> io::Result<bool> {
        self.ask(|reply| Command::Inject(id, frame.to_vec(), reply))
    }

    /// The beacons of this switch that were heard since this was asked last, each with the uplink that heard it.
    pub fn take_beacons(&self) -> BTreeSet<(PortId, Beacon)> {
        std::mem::take(&mut *self.shared.beacons.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The counters of all attached ports, at this moment.
    pub fn counters(&self) -> Counters {
        // An engine that has stopped has learned nothing.
        let learning = self.ask(Command::Learning).unwrap_or_default();
        let mut counters = self.shared.counters.read();
        for port in &mut counters.ports {
            port.learning = learning.get(&port.port).copied();
        }
        counters
    }

    /// The records after number `since`, as far as they are still kept. Start with 0.
    pub fn drops(&self, since: u64) -> Drops {
        self.shared.drops.since(since)
    }

    fn ask<T>(&self, command: impl FnOnce(SyncSender<T>) -> Command) -> io::Result<T> {
        let stopped = || io::Error::new(io::ErrorKind::BrokenPipe, "the engine has stopped");
        let (reply, answer) = mpsc::sync_channel(1);
        self.commands.send(command(reply)).map_err(|_| stopped())?;
        self.ring();
        answer.recv().map_err(|_| stopped())
    }

    /// Wakes the thread. The counter of an eventfd overflows after 2^64 calls only, so writing cannot fail.
    fn ring(&self) {
        let _ = rustix::io::write(&*self.wake, &1_u64.to_ne_bytes());
    }
}

impl Drop for UserEngine {
    fn drop(&mut self) {
        if self.commands.send(Command::Stop).is_ok() {
            self.ring();
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    epoll: OwnedFd,
    wake: Arc<OwnedFd>,
    inbox: Receiver<Command>,
    ports: Ports,
    forwarder: Forwarder,
    gathered: Gathered,
    shared: Arc<Shared>,
    /// Ports whose device went down and sent nothing since.
    suspects: Vec<PortId>,
    on_event: Box<dyn FnMut(EngineEvent) + Send>,
}

/// What became of a batch.
enum Batch {
    /// The port has no frame left, or others have their turn.
    Done,
    /// The device went down. It may come up again; whoever observes it will know.
    Down,
    /// The device is gone.
    Gone,
}

impl Worker {
    fn run(mut self) {
        let mut events = Vec::with_capacity(64);
        let mut next_check = clock_gettime(ClockId::Monotonic);
        loop {
            events.clear();
            let timeout = (!self.suspects.is_empty()).then_some(&SUSPECT_PERIOD);
            match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), timeout) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return tracing::error!(%error, "the engine cannot wait for its ports"),
            }
            for event in &events {
                match event.data.u64() {
                    WAKE if !self.obey() => return,
                    WAKE => {}
                    port => self.serve(port, event.flags),
                }
            }
            if !self.suspects.is_empty() && clock_gettime(ClockId::Monotonic) >= next_check {
                self.check_suspects();
                next_check = clock_gettime(ClockId::Monotonic) + SUSPECT_PERIOD;
            }
        }
    }

    /// Does what it was told. Returns false when it is to stop.
    fn obey(&mut self) -> bool {
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        while let Ok(command) = self.inbox.try_recv() {
            // Whoever asked may have stopped waiting, which is no concern of ours.
            match command {
                Command::Attach(id, port, counters, reply) => {
                    let _ = reply.send(self.attach(id, *port, counters));
                }
                Command::Detach(id, reply) => {
                    let _ = reply.send(self.detach(id));
                }
                Command::Install(tables, reply) => {
                    self.forwarder.install(tables);
                    let _ = reply.send(());
                }
                Command::Inject(id, frame, reply) => {
                    let _ = reply.send(self.inject(id, &frame));
                }
                Command::Learning(reply) => {
                    let _ = reply.send(self.forwarder.learning(monotonic_ns()));
                }
                Command::Stop => return false,
            }
        }
        true
    }

    fn attach(&mut self, id: PortId, port: Port, counters: Arc<PortCounters>) -> io::Result<()> {
        let place = self.ports.place(id);
        if place.is_some() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let data = EventData::new_u64(u64::from(id.number()));
        epoll::add(&self.epoll, port.as_fd(), data, EventFlags::IN)?;
        *place = Some(Attached { id, port, counters, gone: false, idle_alarms: 0 });
        Ok(())
    }

    fn detach(&mut self, id: PortId) -> Option<Port> {
        self.ports.get(id)?;
        let attached = self.ports.place(id).take()?;
        if !attached.gone {
            let _ = epoll::delete(&self.epoll, attached.port.as_fd());
        }
        Some(attached.port)
    }

    fn inject(&self, id: PortId, frame: &[u8]) -> bool {
        let Some(attached) = self.ports.get(id).filter(|attached| !attached.gone) else { return false };
        let taken = attached.port.write_frame(frame).is_ok();
        if taken {
            attached.counters.originated.add(1);
            attached.counters.bytes_out.add(frame.len() as u64);
        } else {
            attached.counters.tx_failures.add(1);
        }
        taken
    }

    fn serve(&mut self, port: u64, flags: EventFlags) {
        let Ok(number) = u32::try_from(port) else { return };
        let id = PortId::from_number(number);
        let alarm = flags.intersects(EventFlags::ERR | EventFlags::HUP);
        let (batch, frames) = self.batch(id);
        let Some(attached) = self.ports.get_mut(id) else { return };
        attached.idle_alarms = if alarm && frames == 0 { attached.idle_alarms + 1 } else { 0 };
        if frames > 0 && !self.suspects.is_empty() {
            self.suspects.retain(|suspect| *suspect != id);
        }
        match batch {
            Batch::Done if attached.idle_alarms > MAX_IDLE_ALARMS => self.give_up(id),
            Batch::Done => {}
            Batch::Down if self.suspects.contains(&id) => {}
            Batch::Down => self.suspects.push(id),
            Batch::Gone => self.give_up(id),
        }
    }

    fn check_suspects(&mut self) {
        for id in std::mem::take(&mut self.suspects) {
            match self.ports.get(id) {
                Some(attached) if attached.port.is_orphaned() => self.give_up(id),
                Some(_) => self.suspects.push(id),
                None => {}
            }
        }
    }

    fn give_up(&mut self, id: PortId) {
        let Some(attached) = self.ports.get_mut(id).filter(|attached| !attached.gone) else { return };
        attached.gone = true;
        let _ = epoll::delete(&self.epoll, attached.port.as_fd());
        self.suspects.retain(|suspect| *suspect != id);
        (self.on_event)(EngineEvent::PortGone(id));
    }

    /// Forwards what the port has, up to a batch. Returns how many frames that were.
    fn batch(&mut self, id: PortId) -> (Batch, usize) {
        let Self { ports, forwarder, gathered, shared, .. } = self;
        let Some(ingress) = ports.get(id).filter(|ingress| !ingress.gone) else { return (Batch::Done, 0) };
        let mut settle = |gathered: &mut Gathered| {
            forwarder.forward(ports, ingress, gathered.frames(), monotonic_ns(), shared);
            gathered.clear();
        };
        let (mut end, mut frames) = (None, 0);
        for _ in 0..BATCH {
            let Err(error) = ingress.port.receive(gathered.room()) else {
                frames += 1;
                if gathered.keep() {
                    settle(gathered);
                }
                continue;
            };
            end = end_of_batch(ingress, &error);
            if end.is_some() {
                break;
            }
        }
        settle(gathered);
        (end.unwrap_or(Batch::Done), frames)
    }
}

/// What a failed read says about the port, or `None` if only this one read is lost.
fn end_of_batch(ingress: &Attached, error: &io::Error) -> Option<Batch> {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::AGAIN) => return Some(Batch::Done),
        Some(Errno::INTR) => {}
        Some(Errno::BADFD | Errno::BADF | Errno::NODEV | Errno::NXIO) => return Some(Batch::Gone),
        Some(Errno::NETDOWN) if ingress.port.is_orphaned() => return Some(Batch::Gone),
        Some(Errno::NETDOWN) => return Some(Batch::Down),
        _ => ingress.counters.rx_failures.add(1),
    }
    None
}

fn monotonic_ns() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    u64::try_from(now.tv_sec).unwrap_or(0) * 1_000_000_000 + u64::try_from(now.tv_nsec).unwrap_or(0)
}
