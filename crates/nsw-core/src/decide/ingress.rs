//! The port that a frame comes by: is there one, is it up, may it send at all; and three protocols that end here.
//!
//! Reference: `docs/semantics.md`, rules F-2, M-4, M-5 and T-9.

use crate::addr::Mac;
use crate::frame::{Frame, ethertype};
use crate::port::PortId;
use crate::reason::Reason;
use crate::tables::{PortEntry, Tables};
use crate::trace::{Step, Trace};

pub(super) fn enter<'a>(
    tables: &'a Tables,
    ingress: PortId,
    trace: &mut impl Trace,
) -> Result<&'a PortEntry, Reason> {
    trace.step(Step::Enter { port: ingress });
    let port = tables.port(ingress).filter(|port| port.link_up).ok_or(Reason::PortDown)?;
    port.tx_closed.map_or(Ok(port), Err)
}

/// `Net.BlockGuestBPDU`: a guest's spanning tree frame would make a physical switch shut the uplink's port.
pub(super) fn refuse_guest_bpdu(tables: &Tables, frame: &Frame<'_>) -> Result<(), Reason> {
    let refused = tables.block_guest_bpdu.value && frame.dst() == Mac::BRIDGE_GROUP;
    if refused { Err(Reason::GuestBpdu) } else { Ok(()) }
}

/// A beacon of this switch's own has done its work when it is heard by another of its uplinks. Those of other switches,
/// and so of nested hosts, are broadcasts like any other: their receivers may be here.
pub(super) fn consume_beacon(tables: &Tables, frame: &Frame<'_>) -> Result<(), Reason> {
    let own = frame.ethertype() == ethertype::BEACON && tables.beacon_sources.contains(&frame.src());
    if own { Err(Reason::Beacon) } else { Ok(()) }
}

pub(super) fn consume_link_local(tables: &Tables, frame: &Frame<'_>) -> Result<(), Reason> {
    let consumed = tables.options.consume_link_local && frame.dst().is_link_local_group();
    if consumed { Err(Reason::LinkLocal) } else { Ok(()) }
}
