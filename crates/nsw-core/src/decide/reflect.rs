//! A vSwitch with two uplinks hears its own broadcasts again. Two separate filters keep them from the guests.
//!
//! *Stage A*, `Net.ReversePathFwdCheck`, looks at a frame on its way in by an uplink: a group frame whose source is
//! registered here is one of ours. It is blind to forged sources, and so to everything that a nested host's VMs send.
//! *Stage B*, the reverse teaming filter, looks at each copy on its way to a port: it is delivered only if it came by
//! the uplink that the port's own frames take. Ports in promiscuous mode are exempt unless
//! `Net.ReversePathFwdCheckPromisc` was set when the mode was granted.
//!
//! **Invariant:** a frame from a guest is never judged here.
//! Reference: `docs/semantics.md`, rules.

use super::receivers;
use crate::addr::VlanId;
use crate::frame::Frame;
use crate::policy::LoadBalancing;
use crate::port::Client;
use crate::reason::Reason;
use crate::tables::{PortEntry, ReverseFilter, Slot, Tables};

/// Stage A.
pub(super) fn refuse_own_frame(tables: &Tables, vlan: VlanId, frame: &Frame<'_>) -> Result<(), Reason> {
    let options = tables.options;
    let looks_at = frame.dst().is_group() || options.reverse_path_all;
    let teamed = tables.live_uplinks > 1 || options.reverse_path_single_uplink;
    if !(options.reverse_path_check && looks_at && teamed) {
        return Ok(());
    }
    let own = receivers::owners(tables, frame.src())
        .any(|port| port.vlan.contains(vlan) && !uses_ip_hash(tables, port));
    if own { Err(Reason::ReversePath) } else { Ok(()) }
}

/// Any link is legal with IP hash, so neither stage applies to its ports.
fn uses_ip_hash(tables: &Tables, port: &PortEntry) -> bool {
    port.group.is_some_and(|group| tables.groups[group].load_balancing.value == LoadBalancing::IpHash)
}

/// Stage B: why `port` may not have a copy of a frame that came by `ingress`.
pub(super) fn reverse_filter(
    tables: &Tables,
    ingress: &PortEntry,
    port: &PortEntry,
    frame: &Frame<'_>,
) -> Option<Reason> {
    if ingress.client != Client::Uplink {
        return None;
    }
    let expected = match port.reverse {
        ReverseFilter::Off => return None,
        ReverseFilter::Assigned => port.assigned,
        ReverseFilter::MacHash => hashed_uplink(tables, port, frame),
        ReverseFilter::Team => team_uplink(tables, port, ingress.id.slot_number()),
    };
    let came_by = Some(ingress.id.slot_number());
    if expected == came_by { None } else { Some(Reason::ReverseTeam) }
}

/// Rule T-10 seen from the other side: `uplink`, if it is one that the port's frames leave by.
fn team_uplink(tables: &Tables, port: &PortEntry, uplink: Slot) -> Option<Slot> {
    let usable = &tables.groups.get(port.group?)?.usable;
    usable.contains(&uplink).then_some(uplink)
}

/// Rule T-3 seen from the other side: the uplink that frames *from* the receiving address would take.
fn hashed_uplink(tables: &Tables, port: &PortEntry, frame: &Frame<'_>) -> Option<Slot> {
    let address = if frame.dst().is_group() { port.mac } else { frame.dst() };
    tables.groups.get(port.group?)?.uplink_for(usize::from(address.octets()[5]))
}
