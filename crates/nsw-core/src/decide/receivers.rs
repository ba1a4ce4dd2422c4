//! The ports whose accepted filter passes a destination: owners, group listeners, promiscuous ports.
//!
//! A standard switch knows the addresses of the adapters connected to it and no others. Everything that a nested host's
//! VMs should receive is addressed to somebody it does not know, and reaches them only through a port in promiscuous
//! mode, which takes two: a guest that asks, and a policy that accepts.
//!
//! **Invariant:** a port is offered at most one copy. What a guest listens to itself comes to it as that, whether or not
//! it is in promiscuous mode; promiscuous mode adds only what it would not have got.
//! Reference: `docs/semantics.md`, rules F-3 to F-7, R-1 to R-4, M-1 to M-3.

use super::{Dispatch, Memory, learn};
use crate::addr::Mac;
use crate::beyond::AllowedMac;
use crate::model::PromiscuousScope;
use crate::outcome::Cause;
use crate::reason::Reason;
use crate::tables::{PortEntry, Tables, Unknown};
use crate::trace::{Step, Trace};

/// The ports registered for `address`, in whatever VLAN.
pub(super) fn owners(tables: &Tables, address: Mac) -> impl Iterator<Item = &PortEntry> {
    tables.owners.of(address).iter().filter_map(|slot| tables.entry(*slot))
}

impl<'a, T: Trace> Dispatch<'a, '_, T> {
    /// Offers the frame to every port registered for `dst` in its VLAN. Returns whether there is one.
    pub(super) fn offer_to_owners(&mut self, dst: Mac) -> bool {
        let vlan = self.admitted.vlan;
        let tables = self.tables;
        let mut known = false;
        for port in owners(tables, dst).filter(|port| port.vlan.contains(vlan)) {
            known = true;
            self.trace.step(Step::Registered { dst, port: port.id });
            let cause = if port.mac == dst { Cause::Own } else { Cause::Allowed };
            self.offer(port.id.slot_number(), cause);
        }
        known
    }

    /// Offers the frame to the port that has learned `dst`, and returns that port.
    pub(super) fn offer_to_learned(&mut self, dst: Mac) -> Option<&'a PortEntry> {
        let Memory { state, now_ns } = &self.memory;
        let learned = learn::learned_port(self.tables, state, self.admitted.vlan, dst, *now_ns);
        let port = learned?;
        self.trace.step(Step::Learned { dst, port: port.id });
        self.offer(port.id.slot_number(), Cause::Learned);
        learned
    }

    /// Rule X-4: of the promiscuous ports with a learning filter, the one that `dst` was seen on; all if it was seen on
    /// none. Returns the port that it was seen on.
    pub(super) fn copy_to_filtered(&mut self, dst: Mac) -> Option<&'a PortEntry> {
        let tables = self.tables;
        let Memory { state, now_ns } = &self.memory;
        let seen_on = learn::filtered_port(tables, state, self.admitted.vlan, dst, *now_ns);
        if let Some(port) = seen_on {
            if self.in_promiscuous_scope(port, dst, None) {
                self.offer(port.id.slot_number(), Cause::Promiscuous);
            }
            return seen_on;
        }
        for slot in tables.members(self.admitted.vlan).flat_map(|members| &members.filtered) {
            let Some(port) = tables.entry(*slot) else { continue };
            if self.in_promiscuous_scope(port, dst, None) {
                self.offer(*slot, Cause::Promiscuous);
            }
        }
        None
    }

    /// Offers a frame that nobody owns to those who are given such frames without promiscuous mode. `seen_on` is the port
    /// that alone of those with a learning filter was offered a promiscuous copy.
    pub(super) fn offer_unknown(&mut self, dst: Mac, seen_on: Option<&PortEntry>) {
        let tables = self.tables;
        let members = tables.members(self.admitted.vlan).filter(|members| members.may_want_unknown(dst));
        for (slot, why) in members.flat_map(|members| &members.unknown) {
            let Some(port) = tables.entry(*slot) else { continue };
            let spared = port.filtered && seen_on.is_some_and(|seen_on| seen_on.id != port.id);
            if port.promiscuous && !spared && self.in_promiscuous_scope(port, dst, None) {
                continue;
            }
            match why {
                Unknown::Flooded => self.offer(*slot, Cause::Flooded),
                Unknown::Sink => self.offer(*slot, Cause::Sink),
                Unknown::Prefix if tables.allowed(port).iter().any(|allowed| allowed.matches(dst)) => {
                    self.offer(*slot, Cause::Allowed);
                }
                Unknown::Prefix => {}
            }
        }
    }

    /// Copies a unicast frame to the ports in promiscuous mode, except those that own its destination or have
    /// `learned` it, which were offered it already.
    pub(super) fn copy_to_promiscuous(&mut self, dst: Mac, learned: Option<&PortEntry>) {
        let tables = self.tables;
        for slot in tables.members(self.admitted.vlan).flat_map(|members| &members.promiscuous) {
            let Some(port) = tables.entry(*slot) else { continue };
            let offered = owns(tables, port, dst) || learned.is_some_and(|learned| learned.id == port.id);
            if !offered && self.in_promiscuous_scope(port, dst, learned) {
                self.offer(*slot, Cause::Promiscuous);
            }
        }
    }

    /// Says for every port that asks for promiscuous mode in vain that it goes without a frame that nobody owns.
    pub(super) fn refuse_those_asking(&mut self) {
        let tables = self.tables;
        for slot in tables.members(self.admitted.vlan).flat_map(|members| &members.asking) {
            let Some(port) = tables.entry(*slot) else { continue };
            let given = self.out.deliveries.iter().any(|delivery| delivery.port == port.id);
            let told = self.out.refusals.iter().any(|refusal| refusal.port == port.id);
            if port.id != self.admitted.port.id && !given && !told {
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
            for slot in members.promiscuous.iter().chain(&members.filtered) {
                let Some(port) = tables.entry(*slot) else { continue };
                if !members.listens(*slot, dst) && self.in_promiscuous_scope(port, dst, None) {
                    self.offer(*slot, Cause::Promiscuous);
                }
            }
        }
    }

    /// Rule R-4. With scope *port group* a port sees what its own group sends, owns or has `learned`, and what comes from
    /// outside and nobody owns.
    fn in_promiscuous_scope(&self, port: &PortEntry, dst: Mac, learned: Option<&PortEntry>) -> bool {
        if self.tables.options.promiscuous_scope == PromiscuousScope::Vlan {
            return true;
        }
        let ingress = self.admitted.port;
        let vlan = self.admitted.vlan;
        let owners = owners(self.tables, dst).filter(|owner| owner.vlan.contains(vlan));
        let mut owners = owners.chain(learned).peekable();
        let from_outside_to_nobody = ingress.group.is_none() && owners.peek().is_none();
        from_outside_to_nobody || ingress.group == port.group || owners.any(|owner| owner.group == port.group)
    }
}

/// Is the destination the port's own, or one of its allow-list, so that it has been offered the frame already?
fn owns(tables: &Tables, port: &PortEntry, dst: Mac) -> bool {
    port.mac == dst || tables.allowed(port).contains(&AllowedMac::Exact(dst))
}
