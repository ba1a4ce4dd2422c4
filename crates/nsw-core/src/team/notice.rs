//! Notify switches: telling the physical network by which uplink an address is reached now.
//!
//! A physical switch learns where an address is from the frames that come from it. When the switch moves a port to
//! another uplink, the physical switches would go on sending to the old one until the guest speaks; so the switch speaks
//! in its place, a RARP from the guest's own address. It knows only the addresses of adapters that are connected to it:
//! those of a nested host's VMs stay where the physical switches last heard them.
//!
//! A port is announced when it is connected or its link comes up, and when its uplink or VLAN changes. How often, and how
//! fast, is our choice within what is documented (about five, at most eight a VM).
//!
//! **Invariant:** at most [`NOTICES_PER_EVENT`] frames for an event of a port, a second apart, and
//! [`NOTICES_PER_SECOND`] in a second for a switch.
//! Reference: `docs/semantics.md`, rules T-11 and T-12.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::beacon::{header, padded};
use crate::addr::{Mac, VlanId, VlanMode};
use crate::frame::ethertype;
use crate::port::{Client, PortId};
use crate::tables::{PortEntry, Slot, Tables};

/// How often a port is announced after one event.
pub const NOTICES_PER_EVENT: u8 = 5;
/// How many announcements a switch sends in a second at most; `Net.NetMaxRarpsPerInterval` is 128.
pub const NOTICES_PER_SECOND: u32 = 128;

const SECOND_NS: u64 = 1_000_000_000;

/// Which ports are to be announced, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Notices {
    known: BTreeMap<PortId, Standing>,
    pending: BTreeMap<PortId, Pending>,
    second: Second,
}

/// Where an address stands: what a physical switch would have to be told if it changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Standing {
    connection: u64,
    vlan: VlanMode,
    uplink: Option<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Pending {
    left: u8,
    at_ns: u64,
}

/// The running second, and what was sent in it.
#[derive(Clone, Copy, Debug, Default)]
struct Second {
    since_ns: u64,
    sent: u32,
}

impl Notices {
    /// Notes where the addresses stand; what changed is announced from `now_ns` on, if `announce`.
    pub(super) fn follow(&mut self, tables: &Tables, announce: bool, now_ns: u64) {
        let known: BTreeMap<PortId, Standing> =
            tables.ports.iter().flatten().filter_map(|port| standing(tables, port)).collect();
        self.pending.retain(|port, _| known.get(port).is_some_and(|standing| standing.uplink.is_some()));
        for (port, standing) in &known {
            let moved = self.known.get(port) != Some(standing);
            if announce && moved && standing.uplink.is_some() {
                self.pending.insert(*port, Pending { left: NOTICES_PER_EVENT, at_ns: now_ns });
            }
        }
        self.known = known;
    }

    pub(super) fn next_ns(&self) -> Option<u64> {
        self.pending.values().map(|pending| pending.at_ns).min()
    }

    /// Sends what is due, as far as the second has room.
    pub(super) fn send(&mut self, tables: &Tables, now_ns: u64, send: &mut dyn FnMut(PortId, &[u8])) {
        if now_ns.saturating_sub(self.second.since_ns) >= SECOND_NS {
            self.second = Second { since_ns: now_ns, sent: 0 };
        }
        let next_second_ns = self.second.since_ns + SECOND_NS;
        let mut due: Vec<(PortId, Pending)> =
            self.pending.iter().map(|(id, pending)| (*id, *pending)).collect();
        due.retain(|(_, pending)| pending.at_ns <= now_ns);
        // Where the second is too short for all, those that were announced least come first.
        due.sort_by_key(|(_, pending)| Reverse(pending.left));
        for (id, Pending { left, .. }) in due {
            if self.second.sent >= NOTICES_PER_SECOND {
                self.pending.insert(id, Pending { left, at_ns: next_second_ns });
                continue;
            }
            let notice = self.known.get(&id).and_then(|standing| notice(tables, id, standing.uplink?));
            if let Some((uplink, frame)) = notice {
                self.second.sent += 1;
                send(uplink, &frame);
            }
            if left > 1 {
                self.pending.insert(id, Pending { left: left - 1, at_ns: now_ns + SECOND_NS });
            } else {
                self.pending.remove(&id);
            }
        }
    }
}

/// Where a port's address stands; `None` if nobody is told about it.
fn standing(tables: &Tables, port: &PortEntry) -> Option<(PortId, Standing)> {
    let group = tables.groups.get(port.group?)?;
    let told = group.notifies && port.link_up && port.rx_closed.is_none() && port.client != Client::Uplink;
    let uplink = tables.uplink_of_address(port);
    let connection = tables.details(port.id)?.connection;
    told.then_some((port.id, Standing { connection, vlan: port.vlan, uplink }))
}

/// The frame that announces a port by its uplink.
fn notice(tables: &Tables, port: PortId, uplink: Slot) -> Option<(PortId, Vec<u8>)> {
    let port = tables.port(port)?;
    let uplink = tables.entry(uplink)?.id;
    Some((uplink, rarp(port.mac, port.vlan)))
}

/// A RARP request for `mac` from itself. It carries the tag of the port's VLAN; of a guest that tags by itself the VLANs
/// are not known, and it is sent without.
fn rarp(mac: Mac, vlan: VlanMode) -> Vec<u8> {
    const ETHERNET_IPV4: [u8; 6] = [0, 1, 0x08, 0, 6, 4];
    const REQUEST_REVERSE: [u8; 2] = [0, 3];
    let vlan = match vlan {
        VlanMode::Vst(vlan) => vlan,
        _ => VlanId::UNTAGGED,
    };
    let mut frame = header(Mac::BROADCAST, mac, vlan, ethertype::RARP);
    frame.extend(ETHERNET_IPV4);
    frame.extend(REQUEST_REVERSE);
    for _sender_and_target in 0..2 {
        frame.extend(mac.octets());
        frame.extend([0; 4]);
    }
    padded(frame)
}
