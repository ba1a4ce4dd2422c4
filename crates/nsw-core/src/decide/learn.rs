//! Addresses that guests send from: what is remembered of them, and whom that serves.
//!
//! Three settings beyond a standard switch use one memory. *MAC learning* delivers to the port where an address was
//! seen. The *learning filter* keeps copies from a promiscuous port that are for an address elsewhere. The *guard* knows
//! a forged group frame again that comes back by an uplink.
//!
//! **Invariant:** a registered address is never remembered: nobody can take away what belongs to a connected adapter.
//! Reference: `docs/semantics.md`, rules.

use super::{State, receivers};
use crate::addr::{Mac, VlanId};
use crate::beyond::{AtLimit, Learning};
use crate::frame::{Frame, ethertype};
use crate::reason::Reason;
use crate::tables::{PortEntry, Tables};

/// How long the guard knows a source again (rule X-5).
pub const GUARD_NS: u64 = 3_000_000_000;
/// Addresses that are remembered of a port that does not learn.
const UNLEARNED_LIMIT: u32 = 4096;

/// Remembers the source of a guest's frame, if anything wants it remembered.
pub(super) fn note_source(
    tables: &Tables,
    state: &mut State,
    port: &PortEntry,
    vlan: VlanId,
    frame: &Frame<'_>,
    now_ns: u64,
) -> Result<(), Reason> {
    let src = frame.src();
    // Whoever may send is registered under its own address; most frames need no look-up for that.
    if !port.remembers || src == port.mac || receivers::owners(tables, src).next().is_some() {
        return Ok(());
    }
    let remembered = state.remember(tables, (vlan, src), port.id, limit(tables, port), now_ns);
    match tables.learning(port) {
        Some(Learning { at_limit, .. }) if !remembered => {
            state.count_not_learned(port.id, at_limit);
            if at_limit == AtLimit::Drop { Err(Reason::MacLimit) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

/// How many addresses may be remembered of a port.
pub(crate) fn limit(tables: &Tables, port: &PortEntry) -> u32 {
    tables.learning(port).map_or(UNLEARNED_LIMIT, |learning| learning.limit)
}

/// The port that has learned `mac`, and still does.
pub(super) fn learned_port<'a>(
    tables: &'a Tables,
    state: &State,
    vlan: VlanId,
    mac: Mac,
    now_ns: u64,
) -> Option<&'a PortEntry> {
    if !tables.remembers {
        return None;
    }
    let sighting = state.sighting(vlan, mac, now_ns)?;
    let port = tables.port(sighting.port)?;
    let learning = tables.learning(port)?;
    let fresh = sighting.age_ns < u64::from(learning.ageing_s) * 1_000_000_000;
    (fresh && port.link_up && port.vlan.contains(vlan)).then_some(port)
}

/// The port with a learning filter on which `mac` was seen, in promiscuous mode still.
pub(super) fn filtered_port<'a>(
    tables: &'a Tables,
    state: &State,
    vlan: VlanId,
    mac: Mac,
    now_ns: u64,
) -> Option<&'a PortEntry> {
    if !tables.remembers {
        return None;
    }
    let sighting = state.sighting(vlan, mac, now_ns)?;
    let port = tables.port(sighting.port)?;
    let fresh = tables.memory_ns(port.id).is_some_and(|age| sighting.age_ns < age);
    (fresh && port.filtered && port.link_up && port.vlan.contains(vlan)).then_some(port)
}

/// The guard: a group frame from an uplink whose source a guest forged here a moment ago. What announces that an
/// address has moved passes, since the guest may have moved away (rule X-5).
pub(super) fn refuse_forged_reflection(
    tables: &Tables,
    state: &State,
    vlan: VlanId,
    frame: &Frame<'_>,
    now_ns: u64,
) -> Result<(), Reason> {
    if !tables.guards || !frame.dst().is_group() || announces_a_move(frame) {
        return Ok(());
    }
    let guarded = state
        .sighting(vlan, frame.src(), now_ns)
        .filter(|sighting| sighting.age_ns < GUARD_NS)
        .and_then(|sighting| tables.port(sighting.port))
        .is_some_and(|port| port.guarded);
    if guarded { Err(Reason::ForgedReflection) } else { Ok(()) }
}

/// RARP, or an ARP whose sender and target are one: the address is where this frame comes from now.
fn announces_a_move(frame: &Frame<'_>) -> bool {
    match frame.ethertype() {
        ethertype::RARP => true,
        ethertype::ARP => matches!((frame.payload().get(14..18), frame.payload().get(24..28)),
            (Some(sender), Some(target)) if sender == target),
        _ => false,
    }
}
