//! Who sits where: seats are to the program what slots are to the tables.
//!
//! A slot belongs to a port's number, and a restarted daemon may number its ports anew. A seat belongs to a device and
//! stays with it, and with it the counters, the shaper's savings and the addresses that were learned there. So every
//! install says anew which slot sits in which seat, in the same write that changes the tables.
//!
//! **Invariant:** who sits down where another sat inherits nothing: the numbers `connection` and `memory` of a seat are
//! never used twice.

use std::collections::{HashMap, HashSet};

use nsw_core::PortId;
use nsw_core::image::{Image, PortImage};

use super::error::Beyond;
use super::layout::SEATS;
use super::mirror::Place;

/// The device of a port.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Device {
    pub(super) name: String,
    pub(super) ifindex: u32,
    /// It is one end of a veth pair whose other end is in another namespace.
    pub(super) peer: bool,
    /// It serves an uplink.
    pub(super) uplink: bool,
}

#[derive(Debug, Default)]
struct Sitter {
    /// The port; `None` for a device that was adopted and not attached since.
    id: Option<PortId>,
    device: Option<Device>,
    /// The connection that the tables spoke of, once they did.
    connected: Option<u64>,
    /// The tables want sources remembered.
    remembers: bool,
    connection: u32,
    memory: u32,
}

/// The seats of one switch.
#[derive(Debug)]
pub(super) struct Seats {
    seats: Vec<Option<Sitter>>,
    by_id: HashMap<PortId, u32>,
    /// As the tables that were followed last have it.
    by_slot: HashMap<u32, u32>,
    next_number: u32,
}

impl Seats {
    /// Nobody sits. Numbers up to `used` belonged to others before.
    pub(super) fn new(used: u32) -> Self {
        Self {
            seats: Vec::new(),
            by_id: HashMap::new(),
            by_slot: HashMap::new(),
            next_number: used.wrapping_add(1).max(1),
        }
    }

    /// A device that was served before we came.
    pub(super) fn adopt(
        &mut self,
        seat: u32,
        ifindex: u32,
        (connection, memory): (u32, u32),
        remembers: bool,
    ) {
        let at = seat as usize;
        if self.seats.len() <= at {
            self.seats.resize_with(at + 1, || None);
        }
        let device = Device { name: String::new(), ifindex, peer: false, uplink: false };
        self.seats[at] =
            Some(Sitter { device: Some(device), connection, memory, remembers, ..Sitter::default() });
    }

    /// The seat of a device that was adopted and that nobody attached yet.
    pub(super) fn adopted(&self, ifindex: u32) -> Option<u32> {
        self.taken().find_map(|(seat, sitter)| {
            let same = sitter.device.as_ref().is_some_and(|device| device.ifindex == ifindex);
            (sitter.id.is_none() && same).then_some(seat)
        })
    }

    /// The seats of devices that were adopted and that nobody attached.
    pub(super) fn unclaimed(&self) -> Vec<u32> {
        self.taken().filter(|(_, sitter)| sitter.id.is_none()).map(|(seat, _)| seat).collect()
    }

    /// Has anybody a device, attached or adopted?
    pub(super) fn serve_anybody(&self) -> bool {
        self.taken().any(|(_, sitter)| sitter.id.is_none() || sitter.device.is_some())
    }

    /// The seat of a port, with or without a device.
    pub(super) fn of(&self, id: PortId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn device(&self, seat: u32) -> Option<&Device> {
        self.sitter(seat)?.device.as_ref()
    }

    /// The attached ports with their seats and devices.
    pub(super) fn attached(&self) -> impl Iterator<Item = (PortId, u32, &Device)> {
        self.taken().filter_map(|(seat, sitter)| Some((sitter.id?, seat, sitter.device.as_ref()?)))
    }

    /// Gives a port its device, at the seat of that device if it was adopted. Returns the seat.
    pub(super) fn attach(&mut self, id: PortId, device: Device) -> Result<u32, Beyond> {
        if let Some(seat) = self.adopted(device.ifindex) {
            self.leave(id);
            self.by_id.insert(id, seat);
            if let Some(sitter) = self.sitter_mut(seat) {
                (sitter.id, sitter.device) = (Some(id), Some(device));
            }
            return Ok(seat);
        }
        let seat = match self.of(id) {
            Some(seat) => seat,
            None => self.sit(id)?,
        };
        if let Some(sitter) = self.sitter_mut(seat) {
            sitter.device = Some(device);
        }
        Ok(seat)
    }

    /// Takes the device away from a port, and the seat with it.
    pub(super) fn leave(&mut self, id: PortId) {
        if let Some(seat) = self.by_id.remove(&id) {
            self.free(seat);
        }
    }

    pub(super) fn free(&mut self, seat: u32) {
        if let Some(place) = self.seats.get_mut(seat as usize) {
            *place = None;
        }
    }

    /// Lets every port of the tables sit, and those go that are not in them and have no device.
    pub(super) fn follow(&mut self, image: &Image<'_>) -> Result<(), Beyond> {
        let wanted: HashSet<PortId> = image.ports.iter().map(|port| port.id).collect();
        let without_device = self.taken().filter(|(_, sitter)| sitter.device.is_none());
        let gone: Vec<PortId> =
            without_device.filter_map(|(_, sitter)| sitter.id).filter(|id| !wanted.contains(id)).collect();
        gone.into_iter().for_each(|id| self.leave(id));
        self.by_slot.clear();
        for port in &image.ports {
            let seat = match self.of(port.id) {
                Some(seat) => seat,
                None => self.sit(port.id)?,
            };
            self.by_slot.insert(slot(port.id), seat);
            self.renumber(seat, port);
        }
        Ok(())
    }

    /// New numbers for a seat whose port is another connection, or wants nothing remembered any more.
    fn renumber(&mut self, seat: u32, port: &PortImage) {
        let fresh = self.next_number;
        let Some(sitter) = self.sitter_mut(seat) else { return };
        let remembers = port.memory_ns.is_some();
        let another = sitter.connected.is_some_and(|before| before != port.connection);
        let forgets = sitter.remembers && !remembers;
        (sitter.connected, sitter.remembers) = (Some(port.connection), remembers);
        if another {
            sitter.connection = fresh;
        }
        if another || forgets {
            sitter.memory = fresh;
            self.next_number = fresh.wrapping_add(1).max(1);
        }
    }

    /// What a seat adds to the port of a slot.
    pub(super) fn place(&self, slot: u32) -> Place {
        let Some((seat, sitter)) =
            self.by_slot.get(&slot).and_then(|seat| Some((*seat, self.sitter(*seat)?)))
        else {
            return Place::default();
        };
        Place {
            seat,
            ifindex: sitter.device.as_ref().map_or(0, |device| device.ifindex),
            peer: sitter.device.as_ref().is_some_and(|device| device.peer),
            connection: sitter.connection,
            memory: sitter.memory,
        }
    }

    fn sit(&mut self, id: PortId) -> Result<u32, Beyond> {
        let at = self.seats.iter().position(Option::is_none).unwrap_or(self.seats.len());
        let seat = u32::try_from(at).ok().filter(|_| at < SEATS).ok_or(Beyond::Ports(SEATS))?;
        if at == self.seats.len() {
            self.seats.push(None);
        }
        let number = self.next_number;
        self.next_number = number.wrapping_add(1).max(1);
        self.seats[at] =
            Some(Sitter { id: Some(id), connection: number, memory: number, ..Sitter::default() });
        self.by_id.insert(id, seat);
        Ok(seat)
    }

    fn taken(&self) -> impl Iterator<Item = (u32, &Sitter)> {
        (0..).zip(&self.seats).filter_map(|(seat, sitter)| Some((seat, sitter.as_ref()?)))
    }

    fn sitter(&self, seat: u32) -> Option<&Sitter> {
        self.seats.get(seat as usize)?.as_ref()
    }

    fn sitter_mut(&mut self, seat: u32) -> Option<&mut Sitter> {
        self.seats.get_mut(seat as usize)?.as_mut()
    }
}

fn slot(id: PortId) -> u32 {
    u32::try_from(id.slot()).unwrap_or(u32::MAX)
}
