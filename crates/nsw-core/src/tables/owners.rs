//! The address table: on which ports an address is registered (rule F-1).
//!
//! Every unicast frame asks it, so an entry is twelve bytes: the address, and where it is. Nearly every address is at one
//! port; the few that are at several have a list elsewhere, and more than one is legitimate (rule F-7).

use alloc::vec::Vec;

use super::{Map, Slot};
use crate::addr::Mac;

/// Registered addresses and the slots of their ports, ascending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    places: Map<Mac, Place>,
    shared: Vec<Vec<Slot>>,
}

/// A slot; or, with the top bit, which no slot has, an index of [`Owners::shared`].
#[derive(Clone, Copy, Debug)]
struct Place(u32);

const SHARED: u32 = 1 << 31;

impl Owners {
    /// The slots of the ports that `mac` is registered on.
    pub(crate) fn of(&self, mac: Mac) -> &[Slot] {
        self.places.get(&mac).map_or(&[], |place| self.slots(place))
    }

    /// All registered addresses, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Mac, &[Slot])> {
        self.places.iter().map(|(mac, place)| (*mac, self.slots(place)))
    }

    /// Registers `mac` on one port more. Ports are registered one after the other, so an address that a port has twice is
    /// found at the end.
    pub(crate) fn register(&mut self, mac: Mac, slot: Slot) {
        let shared = &mut self.shared;
        let place = self.places.entry(mac).or_insert(Place(slot));
        if place.0 & SHARED != 0 {
            let slots = &mut shared[(place.0 & !SHARED) as usize];
            if slots.last() != Some(&slot) {
                slots.push(slot);
            }
        } else if place.0 != slot {
            let index = u32::try_from(shared.len()).unwrap_or(0);
            shared.push(alloc::vec![place.0, slot]);
            *place = Place(SHARED | index);
        }
    }

    fn slots<'a>(&'a self, place: &'a Place) -> &'a [Slot] {
        match self.shared.get((place.0 & !SHARED) as usize).filter(|_| place.0 & SHARED != 0) {
            Some(slots) => slots,
            None => core::slice::from_ref(&place.0),
        }
    }
}
