//! Layer 2 security: may this adapter send a frame with this source MAC?
//!
//! A port group's security policy has three elements. This module decides *forged transmits*, the one that looks at a
//! frame on its way in. *Promiscuous mode* and *MAC address changes* act on who receives; they are resolved when the
//! tables are compiled.
//!
//! The source is compared with the **effective** MAC, the one that the switch honours now. That is why a nested host
//! needs Accept: its inner VMs' frames leave by the outer vNIC under their own addresses.
//!
//! **Invariant:** of the frame, only the source address is read here.
//! Reference: `docs/semantics.md`, rules S-2 to S-4.

use crate::frame::Frame;
use crate::reason::Reason;
use crate::tables::{PortEntry, Tables};
use crate::trace::{Step, Trace};

pub(super) fn check_station(frame: &Frame<'_>) -> Result<(), Reason> {
    if frame.src().is_station() { Ok(()) } else { Err(Reason::InvalidSource) }
}

pub(super) fn check_forged(
    tables: &Tables,
    port: &PortEntry,
    frame: &Frame<'_>,
    trace: &mut impl Trace,
) -> Result<(), Reason> {
    let src = frame.src();
    let forged = src != port.mac;
    trace.step(Step::Source { port: port.id, src, effective: port.mac, accepted: port.forged_transmits });
    if !forged || port.forged_transmits.accepts() {
        return Ok(());
    }
    // Rule X-2: the allow-list names addresses that this port may send from, whatever the policy.
    let allowed = tables.allowed(port).iter().any(|allowed| allowed.matches(src));
    if allowed { Ok(()) } else { Err(Reason::ForgedTransmit) }
}
