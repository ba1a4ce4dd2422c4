//! The engine in the kernel: an eBPF program on each port's device, over the tables that `compile` made.
//!
//! ```text
//!  Tables --image--> mirror --differences--> bank 0 | bank 1     the one that counts is changed by one write
//!                                               \      |
//!  frame --> device --> program: decide ---------+-----+--> redirect to the receivers' devices
//!                          |-> counters, drop ring, what is learned
//! ```
//!
//! The program repeats [`nsw_core::decide()`] stage by stage and has no rule of its own; a test holds its every outcome
//! against Rust's. What it cannot hold exactly is refused when tables are installed ([`Beyond`]), so that the caller can
//! use the user engine instead.
//!
//! With a directory, maps and links are pinned there, and the switch goes on when the process does not: who opens the
//! directory later adopts it. Decision: `docs/decisions/0011-the-kernel-engine.md`.
//!
//! **Invariants:** a frame meets the tables of one install, never half of two. The host's own stack sees no frame that
//! comes in by a port's device. All devices of an engine stand in one namespace.

mod banks;
mod device;
mod ears;
mod error;
mod haste;
mod layout;
mod maps;
mod mirror;
mod pins;
mod probe;
mod program;
mod seats;
mod watch;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aya::maps::RingBuf;
use nsw_core::{Beacon, Counter, LearningCounts, PortId, Tables};

use self::banks::Banks;
use self::ears::Ears;
use self::haste::Haste;
use self::layout::{Counters as CpuCounters, Originated, Plain};
use self::maps::Maps;
use self::mirror::Content;
use self::pins::Pins;
use self::program::{Link, Program, chain};
use self::seats::Seats;
use self::watch::{Reader, Watched, Watcher};
use super::EngineEvent;
use super::counters::{Counters, PortCount};
use super::drops::Drops;
use crate::netns::Namespace;
use crate::sys::packet;

pub use self::error::{Beyond, KernelError};
pub use self::probe::Probed;

/// A switch in the kernel. Dropping it ends the switch, unless it is pinned and serves a device.
#[derive(Debug)]
pub struct KernelEngine {
    inner: Mutex<Inner>,
    reader: Arc<Reader>,
    watched: Watched,
    replaced: usize,
    _watcher: Watcher,
}

#[derive(Debug)]
struct Inner {
    program: Program,
    maps: Maps,
    banks: Banks,
    seats: Seats,
    ears: Ears,
    links: HashMap<u32, Link>,
    pins: Option<Pins>,
    namespace: Namespace,
    /// What was installed last.
    tables: Option<Arc<Tables>>,
    /// Adopted tables count until whoever adopted them has attached and installed everything anew.
    resuming: bool,
    /// Drops that nobody recorded, as far as the engine's ring has been told of them.
    skipped: u64,
    /// For frames of the switch's own.
    socket: OwnedFd,
}

impl KernelEngine {
    /// Starts the engine of the vSwitch `name`, whose devices stand in `namespace`. Until tables are installed it drops
    /// every frame. `on_event` is called by a thread of the engine's and must not block.
    ///
    /// # Errors
    /// A [`KernelError`] if the kernel does not take the program: it is too old, or we may not.
    pub fn start(
        name: &str,
        namespace: &Namespace,
        on_event: impl FnMut(EngineEvent) + Send + 'static,
    ) -> Result<Self, KernelError> {
        Self::new(name, namespace, None, on_event)
    }

    /// The same, pinned under `directory`, which belongs to this vSwitch alone. What was pinned there before is adopted:
    /// it goes on as it is until [`KernelEngine::resume`]. Where [`KernelEngine::outlives_the_process`] says no, only counters
    /// and what was learned are found again. If the directory is not on a BPF file system, one is mounted
    /// there.
    ///
    /// # Errors
    /// A [`KernelError`]; nothing that was pinned is lost then.
    pub fn open(
        name: &str,
        namespace: &Namespace,
        directory: &Path,
        on_event: impl FnMut(EngineEvent) + Send + 'static,
    ) -> Result<Self, KernelError> {
        Self::new(name, namespace, Some(directory), on_event)
    }

    fn new(
        name: &str,
        namespace: &Namespace,
        directory: Option<&Path>,
        on_event: impl FnMut(EngineEvent) + Send + 'static,
    ) -> Result<Self, KernelError> {
        let (pins, replaced) = match directory.map(Pins::open).transpose()? {
            Some((pins, found)) => (Some(pins), found.replaced),
            None => (None, 0),
        };
        let mut program = Program::load(pins.as_ref())?;
        let maps = Maps::of(program.ebpf())?;
        let ring = program.ebpf_mut().take_map(maps::RING);
        let ring = ring.ok_or_else(|| KernelError::Load("it has no drop ring".to_owned()))?;
        let ring = RingBuf::try_from(ring).map_err(|error| KernelError::Load(chain(&error)))?;
        let banks = Banks::open(&maps)?;
        let used = banks.contents().flat_map(|content| content.ports.values());
        let used = used.map(|port| port.connection.max(port.memory)).max().unwrap_or(0);
        let reader = Arc::new(Reader::new(ring));
        let watched = Watched::default();
        let watcher = Watcher::start(name, namespace, Arc::clone(&reader), Arc::clone(&watched), on_event)?;
        let mut inner = Inner {
            ears: Ears::open(&maps)?,
            program,
            maps,
            banks,
            seats: Seats::new(used),
            links: HashMap::new(),
            pins,
            namespace: namespace.clone(),
            tables: None,
            resuming: false,
            skipped: 0,
            socket: namespace.run(packet::open)??,
        };
        inner.adopt()?;
        inner.skipped = inner.skipped_by_the_program()?;
        Ok(Self { inner: Mutex::new(inner), reader, watched, replaced, _watcher: watcher })
    }

    /// Does this kernel keep a pinned switch going without the process? It does since 6.6.
    pub fn outlives_the_process() -> bool {
        program::has_links()
    }

    /// How many devices were adopted and not attached yet.
    pub fn adopted(&self) -> usize {
        self.inner().seats.unclaimed().len()
    }

    /// How many pinned layouts of another version were found and removed.
    pub fn replaced_layouts(&self) -> usize {
        self.replaced
    }

    /// Says that everything that is to go on has been attached and installed. What was adopted and is not wanted any more
    /// is detached, and the tables that were installed last count from now on. Without anything adopted it does nothing.
    ///
    /// # Errors
    /// A [`KernelError`]; the adopted tables then count still.
    pub fn resume(&self) -> Result<(), KernelError> {
        let mut inner = self.inner();
        if !inner.resuming {
            return Ok(());
        }
        inner.resuming = false;
        if inner.tables.is_some()
            && let Err(error) = inner.publish()
        {
            inner.resuming = true;
            return Err(error);
        }
        for seat in inner.seats.unclaimed() {
            inner.detach_seat(seat)?;
        }
        Ok(())
    }

    /// Connects a port to a device, which is taken from whoever else might use it: the host's own stack no longer sees
    /// what it receives. The port takes part as soon as tables that know it are installed.
    ///
    /// # Errors
    /// [`KernelError::InUse`] if the device belongs to somebody, [`KernelError::Attached`] if the port has one.
    pub fn attach(&self, id: PortId, device: &str) -> Result<(), KernelError> {
        self.attach_all(&[(id, device)]).pop().map_or(Ok(()), |(_, error)| Err(error))
    }

    /// The same with many ports, of which each costs much less. Returns those that could not be connected, each with the
    /// reason that [`KernelEngine::attach`] would have had.
    pub fn attach_all(&self, ports: &[(PortId, &str)]) -> Vec<(PortId, KernelError)> {
        let inner = &mut *self.inner();
        let namespace = inner.namespace.clone();
        let attached = namespace.run(|| inner.attach_all(ports));
        let (served, failed) = attached.unwrap_or_else(|error| {
            let kind = error.kind();
            (Vec::new(), ports.iter().map(|(id, _)| (*id, std::io::Error::from(kind).into())).collect())
        });
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).extend(served);
        failed
    }

    /// Disconnects a port. Its counters go with it, and its device is left as it is. Returns whether it was connected.
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn detach(&self, id: PortId) -> Result<bool, KernelError> {
        self.detach_all(&[id]).map(|count| count > 0)
    }

    /// The same with many ports, of which each costs much less. Returns how many were connected.
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn detach_all(&self, ids: &[PortId]) -> Result<usize, KernelError> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, port| !ids.contains(port));
        self.inner().detach_all(ids)
    }

    /// Replaces the tables as a whole. When it returns, every further frame is decided by the new ones; after adoption,
    /// from [`KernelEngine::resume`] on.
    ///
    /// # Errors
    /// [`KernelError::Beyond`] if the program cannot hold them; the old ones then count still.
    pub fn install(&self, tables: Arc<Tables>) -> Result<(), KernelError> {
        let mut inner = self.inner();
        let before = inner.tables.replace(tables);
        let installed = inner.publish();
        if installed.is_err() {
            inner.tables = before;
        }
        installed
    }

    /// Writes a frame of the switch's own out of a port, as it is: nothing is decided about it. Returns whether the device
    /// took it. It counts as [`PortCount::originated`].
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn inject(&self, id: PortId, frame: &[u8]) -> Result<bool, KernelError> {
        self.inner().inject(id, frame)
    }

    /// The beacons of this switch that were heard since this was asked last, each with the uplink that heard it.
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn take_beacons(&self) -> Result<BTreeSet<(PortId, Beacon)>, KernelError> {
        let inner = self.inner();
        inner.ears.take(&inner.maps)
    }

    /// The counters of all attached ports, at this moment.
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn counters(&self) -> Result<Counters, KernelError> {
        let mut inner = self.inner();
        let learns = |content: &Content| content.settings.flags & layout::SETTING_REMEMBERS != 0;
        if inner.banks.current().is_some_and(learns) {
            inner.program.sweep()?;
        }
        inner.counters()
    }

    /// What is remembered of a port, too old addresses among it; `None` if nothing wants its sources remembered.
    ///
    /// # Errors
    /// A [`KernelError`].
    pub fn learning(&self, id: PortId) -> Result<Option<LearningCounts>, KernelError> {
        let inner = self.inner();
        inner.seats.of(id).map_or(Ok(None), |seat| inner.learning(seat))
    }

    /// The records after number `since`, as far as they are still kept. Start with 0.
    pub fn drops(&self, since: u64) -> Drops {
        self.reader.drain();
        let mut inner = self.inner();
        if let Ok(skipped) = inner.skipped_by_the_program() {
            self.reader.drops.skip(skipped.saturating_sub(inner.skipped));
            inner.skipped = skipped;
        }
        self.reader.drops.since(since)
    }

    /// Ends the switch and removes everything of it from the kernel, pinned or not.
    ///
    /// # Errors
    /// A [`KernelError`]; what could not be removed is named.
    pub fn detach_datapath(self) -> Result<(), KernelError> {
        let mut inner = self.inner();
        for (_, _, device) in inner.seats.attached() {
            device::release(&inner.namespace, device);
        }
        let removed = inner.pins.take().map_or(Ok(()), |pins| pins.remove());
        inner.unlink();
        removed
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        match &self.pins {
            None => self.unlink(),
            Some(pins) if !self.seats.serve_anybody() => {
                if let Err(error) = pins.remove() {
                    tracing::warn!(%error, "tables that nobody uses stay behind");
                }
            }
            Some(_) => {}
        }
    }
}

impl Inner {
    /// Takes over what is pinned: each device that is there still goes on without a frame lost, with this program.
    fn adopt(&mut self) -> Result<(), KernelError> {
        let Some(pins) = &self.pins else { return Ok(()) };
        let mut served: HashMap<u32, u32> = HashMap::new();
        for ifindex in self.maps.devices.keys()? {
            if let Some(seat) = self.maps.devices.get(&ifindex)? {
                served.insert(seat, ifindex);
            }
        }
        for seat in pins.linked_seats()? {
            let path = pins.link(seat);
            let attached = crate::sys::bpf::link_device(&path).ok().flatten();
            match (attached, served.get(&seat)) {
                (Some(ifindex), Some(expected)) if ifindex == *expected => {
                    served.remove(&seat);
                    self.links.insert(seat, self.program.take_over(&path)?);
                    let port = self.banks.current().and_then(|content| content.ports.get(&seat));
                    let numbers = port.map_or((0, 0), |port| (port.connection, port.memory));
                    let remembers = port.is_some_and(|port| port.memory_ns != 0);
                    self.seats.adopt(seat, ifindex, numbers, remembers);
                }
                // The device is gone, or was never entered: whoever made it was stopped between two steps.
                _ => pins.remove_link(seat)?,
            }
        }
        for ifindex in served.values() {
            self.maps.forget(*ifindex)?;
        }
        self.resuming = !self.links.is_empty();
        Ok(())
    }

    /// Returns the ports that are served now, by device, and those that are not, with the reason.
    #[expect(clippy::type_complexity, reason = "two lists of pairs")]
    fn attach_all(&mut self, ports: &[(PortId, &str)]) -> (Vec<(u32, PortId)>, Vec<(PortId, KernelError)>) {
        let _haste = Haste::for_devices(ports.len());
        let (mut served, mut failed) = (Vec::new(), Vec::new());
        let addressed = match crate::link::addressed(&self.namespace) {
            Ok(addressed) => addressed,
            Err(error) => {
                failed.extend(ports.first().map(|(id, _)| (*id, error.into())));
                return (served, failed);
            }
        };
        for (id, device) in ports {
            match self.attach(*id, device, &addressed) {
                Ok(ifindex) => served.push((ifindex, *id)),
                Err(error) => failed.push((*id, error)),
            }
        }
        // Tables that know a port already have no device for it.
        if self.any_is_known(served.iter().map(|(_, id)| *id))
            && let Err(error) = self.publish()
        {
            failed.extend(served.first().map(|(_, id)| (*id, error)));
        }
        (served, failed)
    }

    fn any_is_known(&self, ids: impl Iterator<Item = PortId>) -> bool {
        let Some(tables) = &self.tables else { return false };
        let known: HashSet<PortId> = tables.port_ids().collect();
        ids.into_iter().any(|id| known.contains(&id))
    }

    fn attach(&mut self, id: PortId, name: &str, addressed: &device::Addressed) -> Result<u32, KernelError> {
        if self.seats.of(id).is_some_and(|seat| self.seats.device(seat).is_some()) {
            return Err(KernelError::Attached(id));
        }
        let link = crate::link::Link::get(&self.namespace, name)?;
        let ifindex = link.index;
        let adopted = self.seats.adopted(ifindex).is_some();
        let device = device::claim(&self.namespace, &link, adopted, id.is_uplink(), addressed)?;
        let seat = self.seats.attach(id, device)?;
        if !adopted && let Err(error) = self.put_on(seat, ifindex, name) {
            let _ = self.maps.forget(ifindex);
            self.seats.leave(id);
            return Err(error);
        }
        Ok(ifindex)
    }

    fn put_on(&mut self, seat: u32, ifindex: u32, name: &str) -> Result<(), KernelError> {
        self.maps.counters.clear_each(&seat)?;
        self.maps.originated.set(&seat, &Originated::ZERO)?;
        self.maps.admit(ifindex, seat)?;
        let pin = self.pins.as_ref().map(|pins| pins.link(seat));
        let link = self.program.attach(&self.namespace, name, pin.as_deref())?;
        self.links.insert(seat, link);
        Ok(())
    }

    fn detach_all(&mut self, ids: &[PortId]) -> Result<usize, KernelError> {
        let seat_of = |id: &PortId| {
            self.seats.of(*id).filter(|seat| self.seats.device(*seat).is_some()).map(|seat| (*id, seat))
        };
        let connected: Vec<(PortId, u32)> = ids.iter().filter_map(seat_of).collect();
        let _haste = Haste::for_devices(connected.len());
        for (id, seat) in &connected {
            if let Some(device) = self.seats.device(*seat) {
                device::release(&self.namespace, device);
            }
            self.detach_seat(*seat)?;
            self.seats.leave(*id);
        }
        // Tables that still know a port would go on sending to its device.
        if self.any_is_known(connected.iter().map(|(id, _)| *id)) {
            self.publish()?;
        }
        Ok(connected.len())
    }

    /// Lets go of every link; what is not pinned leaves its device.
    fn unlink(&mut self) {
        let _haste = Haste::for_devices(self.links.len());
        self.links.clear();
    }

    fn detach_seat(&mut self, seat: u32) -> Result<(), KernelError> {
        if let Some(pins) = &self.pins {
            pins.remove_link(seat)?;
        }
        self.links.remove(&seat);
        if let Some(device) = self.seats.device(seat) {
            self.maps.forget(device.ifindex)?;
        }
        self.seats.free(seat);
        Ok(())
    }

    /// Writes the tables that were installed last into the bank that does not count, and lets it count.
    fn publish(&mut self) -> Result<(), KernelError> {
        let Some(tables) = self.tables.clone() else { return Ok(()) };
        let image = tables.image();
        let paths = ears::paths(&image)?;
        if self.resuming {
            // Only whether they could be; the seats are not all taken yet.
            Content::of(&image, |_| mirror::Place::default())?;
            return Ok(());
        }
        self.seats.follow(&image)?;
        self.ears.follow(&self.maps, paths)?;
        let content = Content::of(&image, |slot| self.seats.place(slot))?;
        let remembered =
            self.banks.contents().any(|content| content.settings.flags & layout::SETTING_REMEMBERS != 0);
        self.banks.install(&self.maps, content, !self.links.is_empty())?;
        if image.remembers || remembered { self.program.prepare() } else { Ok(()) }
    }

    fn inject(&self, id: PortId, frame: &[u8]) -> Result<bool, KernelError> {
        let Some(seat) = self.seats.of(id) else { return Ok(false) };
        let Some(device) = self.seats.device(seat) else { return Ok(false) };
        let taken = packet::send(&self.socket, device.ifindex, frame).is_ok();
        let mut count = self.maps.originated.get(&seat)?.unwrap_or(Originated::ZERO);
        if taken {
            count.frames += 1;
            count.bytes += frame.len() as u64;
        } else {
            count.failures += 1;
        }
        self.maps.originated.set(&seat, &count)?;
        Ok(taken)
    }

    fn counters(&self) -> Result<Counters, KernelError> {
        let mut ports = Vec::new();
        for (id, seat, _) in self.seats.attached() {
            let mut sum = CpuCounters::ZERO;
            for own in self.maps.counters.get_each(&seat)? {
                sum.add(&own);
            }
            let own = self.maps.originated.get(&seat)?.unwrap_or(Originated::ZERO);
            ports.push(PortCount {
                port: id,
                frames: sum.frames,
                bytes_in: sum.bytes_in,
                bytes_out: sum.bytes_out + own.bytes,
                originated: own.frames,
                learning: self.learning(seat)?,
                rx_failures: 0,
                tx_failures: sum.tx_failures + own.failures,
            });
        }
        let totals = self.maps.totals.get_each(&0)?;
        Ok(Counters { ports, unattached: totals.iter().map(|own| own.unattached).sum() })
    }

    fn learning(&self, seat: u32) -> Result<Option<LearningCounts>, KernelError> {
        let port = self.banks.current().and_then(|content| content.ports.get(&seat));
        let Some(port) = port.filter(|port| port.memory_ns != 0) else { return Ok(None) };
        // What stands there is of an earlier memory until the program remembers something.
        let counts = self.maps.seats.get(&seat)?.filter(|counts| counts.memory == port.memory);
        Ok(Some(counts.map_or_else(LearningCounts::default, |counts| LearningCounts {
            macs_learned: counts.remembered,
            moved: counts.moved,
            aged: counts.aged,
            not_learned_allowed: counts.allowed,
            not_learned_dropped: counts.dropped,
        })))
    }

    fn skipped_by_the_program(&self) -> Result<u64, KernelError> {
        Ok(self.maps.totals.get_each(&0)?.iter().map(|own| own.skipped).sum())
    }
}

impl CpuCounters {
    fn add(&mut self, other: &Self) {
        let pairs = self.frames.iter_mut().zip(&other.frames);
        pairs.for_each(|(sum, own): (&mut u64, &u64)| *sum = sum.wrapping_add(*own));
        self.bytes_in = self.bytes_in.wrapping_add(other.bytes_in);
        self.bytes_out = self.bytes_out.wrapping_add(other.bytes_out);
        self.tx_failures = self.tx_failures.wrapping_add(other.tx_failures);
    }
}

const _: () = assert!(Counter::COUNT == CpuCounters::ZERO.frames.len());
