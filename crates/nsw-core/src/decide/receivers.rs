//! The ports whose accepted filter passes a destination: owners, group listeners, promiscuous ports.
//!
//! A standard switch knows the addresses of the adapters connected to it and no others. Everything that a nested host's
//! VMs should receive is addressed to somebody it does not know, and reaches them only through a port in promiscuous
//! mode, which takes two: a guest that asks, and a policy that accepts.
//!
//! **Invariant:** a port is offered at most one copy. What a guest listens to itself comes to it as that, whether or not
//! it is in promiscuous mode; promiscuous mode adds only what it would not have got.
//! Reference: `docs/semantics.md`, rules F-3 to F-7, R-1 to R-4, M-1 to M-3.

use super::Dispatch;
use crate::addr::Mac;
use crate::model::PromiscuousScope;
use crate::outcome::Cause;
use crate::reason::Reason;
use crate::tables::{PortEntry, Slot, Tables};
use crate::trace::{Step, Trace};

/// The ports registered for `address`, in whatever VLAN.
pub(super) fn owners(tables: &Tables, address: Mac) -> impl Iterator<Item = &PortEntry> {
    let slots = tables.owners.get(&address).map_or(&[][..], |owners| owners.slots());
    slots.iter().filter_map(|slot| tables.entry(*slot))
}

impl<T: Trace> Dispatch<'_, '_, T> {
    /// Offers the frame to every port registered for `dst` in its VLAN. Returns whether there is one.
    pub(super) fn offer_to_owners(&mut self, dst: Mac) -> bool {
        let vlan = self.admitted.vlan;
        let tables = self.tables;
        let mut known = false;
        for port in owners(tables, dst).filter(|port| port.vlan.contains(vlan)) {
            known = true;
            self.trace.step(Step::Registered { dst, port: port.id });
            self.offer(slot_of(port), Cause::Own);
        }
        known
    }

    /// Copies a unicast frame to the ports in promiscuous mode, except those that own its destination.
    pub(super) fn copy_to_promiscuous(&mut self, dst: Mac) {
        let tables = self.tables;
        for slot in tables.members(self.admitted.vlan).flat_map(|members| &members.promiscuous) {
            let Some(port) = tables.entry(*slot) else { continue };
            if port.mac != dst && self.in_promiscuous_scope(port, dst) {
                self.offer(*slot, Cause::Promiscuous);
            }
        }
    }

    /// Says for every port that asks for promiscuous mode in vain that it goes without a frame that nobody owns.
    pub(super) fn refuse_those_asking(&mut self) {
        let tables = self.tables;
        for slot in tables.members(self.admitted.vlan).flat_map(|members| &members.asking) {
            let Some(port) = tables.entry(*slot) else { continue };
            if port.id != self.admitted.port.id {
                self.refuse(port.id, Reason::PromiscuousNotGranted);
            }
        }
    }

    pub(super) fn offer_to_group(&mut self, dst: Mac) {
        let tables = self.tables;
        let vlan = self.admitted.vlan;
        if dst.is_broadcast() {
            for slot in tables.members(vlan).flat_map(|members| &members.all) {
                self.offer(*slot, Cause::Broadcast);
            }
            return;
        }
        let bucket = 1_u64 << dst.filter_bucket();
        for members in tables.members(vlan) {
            for slot in members.joined.get(&dst).into_iter().flatten() {
                self.offer(*slot, Cause::Group);
            }
            for (slot, mask) in &members.hashed {
                if mask & bucket != 0 {
                    self.offer(*slot, Cause::Group);
                }
            }
            for slot in &members.all_multicast {
                self.offer(*slot, Cause::Group);
            }
            for slot in &members.promiscuous {
                let Some(port) = tables.entry(*slot) else { continue };
                if !members.listens(*slot, dst) && self.in_promiscuous_scope(port, dst) {
                    self.offer(*slot, Cause::Promiscuous);
                }
            }
        }
    }

    /// Rule R-4. With scope *port group* a port sees what its own group sends or owns, and what nobody owns.
    fn in_promiscuous_scope(&self, port: &PortEntry, dst: Mac) -> bool {
        if self.tables.options.promiscuous_scope == PromiscuousScope::Vlan {
            return true;
        }
        let ingress = self.admitted.port;
        let vlan = self.admitted.vlan;
        let mut owners = owners(self.tables, dst).filter(|owner| owner.vlan.contains(vlan)).peekable();
        let from_outside_to_nobody = ingress.group.is_none() && owners.peek().is_none();
        from_outside_to_nobody || ingress.group == port.group || owners.any(|owner| owner.group == port.group)
    }
}

fn slot_of(port: &PortEntry) -> Slot {
    Slot::try_from(port.id.slot()).unwrap_or(Slot::MAX)
}
