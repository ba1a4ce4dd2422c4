//! The switch on one screen: what happens to one frame, and why.
//!
//! ```text
//!  frame -> ingress -> VLAN -> source -> own frame returning? -> owners, promiscuous ports -> uplink -> outcome
//!           port up?  member   forged?   (from an uplink only)    (every port at most once)   (unknown or group)
//! ```
//!
//! [`decide`] is the only place in the project where a frame's fate is settled. Each stage is a file of its own and
//! knows one rule; this file knows their order.
//!
//! **Invariants (laws that property tests hold):** never back out of the ingress port; never from uplink to uplink; at
//! most one copy a port; deliveries, or exactly one [`Drop`]; no frame leaves its VLAN. No allocation once the
//! [`Outcome`] has grown, no clock, loops bounded by the number of ports.
//! Reference: `docs/semantics.md`; the rules F-1 to F-9 are this file's.

mod ingress;
mod learn;
mod receivers;
mod reflect;
mod shaper;
mod source;
mod state;
mod uplink;
mod vlan;

use crate::addr::{Mac, VlanId};
use crate::frame::{Frame, Tag};
use crate::outcome::{Cause, Delivery, Drop, Outcome, Refusal, TagAction};
use crate::port::{Client, PortId};
use crate::reason::Reason;
use crate::tables::{PortEntry, Slot, Tables};
use crate::trace::{Step, Trace};

pub use self::learn::GUARD_NS;
pub(crate) use self::learn::limit as memory_limit;
pub use self::state::{LARGEST_FRAME, LearningCounts, MAX_REMEMBERED, SAVED_PER_BYTE, SWEEP_EVERY_NS, State};

/// Decides about `frame`, which came in by `ingress` at `now_ns`, and writes the answer into `out`.
///
/// `now_ns` is any clock in nanoseconds that does not run backwards. `trace` is told each step; pass
/// [`crate::NoTrace`] to hear nothing.
pub fn decide(
    tables: &Tables,
    state: &mut State,
    ingress: PortId,
    frame: &Frame<'_>,
    now_ns: u64,
    trace: &mut impl Trace,
    out: &mut Outcome,
) {
    out.clear();
    let mut memory = Memory { state, now_ns };
    match admit(tables, &mut memory, ingress, frame, trace, &mut out.vlan) {
        Ok(admitted) => Dispatch { tables, memory, frame, admitted, trace, out }.run(),
        Err(reason) => out.drop = Some(Drop { reason, port: ingress }),
    }
    if let Some(drop) = out.drop {
        trace.step(Step::Drop(drop));
    }
}

/// What is remembered, and what time it is.
struct Memory<'a> {
    state: &'a mut State,
    now_ns: u64,
}

/// A frame that its ingress port let in.
#[derive(Clone, Copy)]
struct Admitted<'a> {
    port: &'a PortEntry,
    vlan: VlanId,
}

/// Everything that the ingress side may object to, in the order of rule F-2.
fn admit<'a>(
    tables: &'a Tables,
    Memory { state, now_ns }: &mut Memory<'_>,
    ingress: PortId,
    frame: &Frame<'_>,
    trace: &mut impl Trace,
    found: &mut Option<VlanId>,
) -> Result<Admitted<'a>, Reason> {
    let port = ingress::enter(tables, ingress, trace)?;
    let vlan = vlan::classify(port, frame, trace)?;
    *found = Some(vlan);
    source::check_station(frame)?;
    if port.client == Client::Uplink {
        ingress::consume_beacon(tables, frame)?;
        reflect::refuse_own_frame(tables, vlan, frame)?;
        learn::refuse_forged_reflection(tables, state, vlan, frame, *now_ns)?;
        ingress::consume_link_local(tables, frame)?;
    } else {
        source::check_forged(tables, port, frame, trace)?;
        ingress::refuse_guest_bpdu(tables, frame)?;
        shaper::police(tables, state, port, frame, *now_ns)?;
        learn::note_source(tables, state, port, vlan, frame, *now_ns)?;
    }
    Ok(Admitted { port, vlan })
}

/// Who gets a frame that was let in.
struct Dispatch<'a, 'f, T> {
    tables: &'a Tables,
    memory: Memory<'a>,
    frame: &'a Frame<'f>,
    admitted: Admitted<'a>,
    trace: &'a mut T,
    out: &'a mut Outcome,
}

impl<T: Trace> Dispatch<'_, '_, T> {
    fn run(&mut self) {
        let dst = self.frame.dst();
        if dst.is_group() {
            self.trace.step(Step::Group { dst });
            self.offer_to_group(dst);
            self.send_to_uplink();
        } else if self.offer_to_owners(dst) {
            self.copy_to_promiscuous(dst, None);
        } else if let Some(learned) = self.offer_to_learned(dst) {
            self.copy_to_promiscuous(dst, Some(learned));
        } else {
            self.trace.step(Step::NotRegistered { dst, vlan: self.admitted.vlan });
            self.copy_to_promiscuous(dst, None);
            let seen_on = self.copy_to_filtered(dst);
            self.offer_unknown(dst, seen_on);
            self.refuse_those_asking();
            self.send_to_uplink();
        }
        if self.out.deliveries.is_empty() {
            self.out.drop = Some(self.primary_reason(dst));
        }
    }

    /// Offers one copy to a port whose filter passes the destination. The one door to every port but the uplinks.
    fn offer(&mut self, slot: Slot, cause: Cause) {
        let Some(port) = self.tables.entry(slot) else { return };
        if port.id == self.admitted.port.id {
            return;
        }
        match self.objection(port) {
            Some(reason) => self.refuse(port.id, reason),
            None => self.deliver(port, cause),
        }
    }

    fn objection(&self, port: &PortEntry) -> Option<Reason> {
        port.rx_closed.or_else(|| reflect::reverse_filter(self.tables, self.admitted.port, port, self.frame))
    }

    fn deliver(&mut self, port: &PortEntry, cause: Cause) {
        let tag = vlan::tag_action(self.frame.tag(), self.admitted.vlan, self.admitted.port.vlan, port.vlan);
        let delivery = Delivery { port: port.id, tag, cause };
        self.trace.step(Step::Deliver(delivery));
        self.out.deliveries.push(delivery);
    }

    fn refuse(&mut self, port: PortId, reason: Reason) {
        let refusal = Refusal { port, reason };
        self.trace.step(Step::Refuse(refusal));
        self.out.refusals.push(refusal);
    }

    /// Rule F-9: the one reason of a frame that reached nobody. First what kept it from the uplink it should have
    /// left by, then what kept it from the first port that wanted it, then why no port wanted it.
    fn primary_reason(&self, dst: Mac) -> Drop {
        let ingress = self.admitted.port.id;
        let wanted = |refusal: &&Refusal| refusal.reason != Reason::PromiscuousNotGranted;
        let outbound = |refusal: &&Refusal| refusal.port.is_uplink() || refusal.reason == Reason::NoUplink;
        let refusals = || self.out.refusals.iter().filter(wanted);
        let first =
            refusals().find(outbound).or_else(|| refusals().min_by_key(|refusal| refusal.port.slot()));
        match first {
            Some(refusal) => Drop { reason: refusal.reason, port: refusal.port },
            None => Drop { reason: self.nobody_wants(dst), port: ingress },
        }
    }

    fn nobody_wants(&self, dst: Mac) -> Reason {
        let vlan = self.admitted.vlan;
        let ingress = self.admitted.port.id;
        let owners = || receivers::owners(self.tables, dst);
        let anybody = || self.tables.members(vlan).flat_map(|m| &m.all).any(|slot| !self.is_ingress(*slot));
        let Memory { state, now_ns } = &self.memory;
        let learned = || learn::learned_port(self.tables, state, vlan, dst, *now_ns);
        let here = owners().any(|port| port.id == ingress && port.vlan.contains(vlan));
        if here || learned().is_some_and(|port| port.id == ingress) {
            Reason::Hairpin
        } else if owners().any(|port| !port.vlan.contains(vlan)) {
            Reason::VlanMismatch
        } else if !anybody() {
            Reason::NoPortInVlan
        } else if dst.is_group() {
            Reason::GroupNotJoined
        } else {
            Reason::DestNotRegistered
        }
    }

    fn is_ingress(&self, slot: Slot) -> bool {
        self.admitted.port.id.slot() == slot as usize
    }
}

/// The tag that a copy of a frame in `vlan` carries on a port that wants tags. The frame `came` by a port where the switch
/// tags: without a tag, or with one that says a priority and no VLAN.
fn tag_on_wire(came: Option<Tag>, vlan: VlanId) -> TagAction {
    match came {
        None => TagAction::Push(Tag::new(vlan.get(), 0)),
        Some(came) => TagAction::Replace(Tag::new(vlan.get(), came.pcp())),
    }
}
