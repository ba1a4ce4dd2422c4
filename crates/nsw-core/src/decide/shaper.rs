//! Traffic shaping: may this guest send so much now?
//!
//! A standard switch shapes what guests send, each port by itself, and nothing that they receive. ESXi delays what is
//! too much and drops what does not fit its queue; deciding has no queue, so what is too much is dropped at once: a
//! policer with the same two rates and the same burst.
//!
//! Reference: `docs/semantics.md`, rules H-1 and H-2.

use super::State;
use crate::frame::Frame;
use crate::reason::Reason;
use crate::tables::{PortEntry, Tables};

pub(super) fn police(
    tables: &Tables,
    state: &mut State,
    port: &PortEntry,
    frame: &Frame<'_>,
    now_ns: u64,
) -> Result<(), Reason> {
    let shaping = port.group.and_then(|group| tables.groups.get(group)?.shaping.value);
    let Some(shaping) = shaping else { return Ok(()) };
    let bytes = u64::try_from(frame.bytes().len()).unwrap_or(u64::MAX);
    if state.spend(port.id, shaping, bytes, now_ns) { Ok(()) } else { Err(Reason::Shaper) }
}
