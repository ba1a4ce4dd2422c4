//! One port of compiled tables, in two parts: what frames read, and what only questions about the port read.
//!
//! A frame reads the entries of the port that it came by and of those that it goes to. With thousands of ports none of
//! them is in a cache, so an entry is one line of it; names, lists and numbers that nobody decides by stand elsewhere.

use alloc::boxed::Box;
use alloc::string::String;

use crate::addr::{Mac, VlanId, VlanMode};
use crate::policy::Action;
use crate::port::{Client, PortId};
use crate::reason::Reason;
use crate::tables::Slot;

/// Everything about a port that deciding reads and that does not depend on the frame.
#[derive(Clone, Debug)]
#[repr(align(64))]
pub(crate) struct PortEntry {
    pub(crate) id: PortId,
    pub(crate) client: Client,
    pub(crate) link_up: bool,
    /// Index of its port group; `None` for an uplink.
    pub(crate) group: Option<usize>,
    pub(crate) vlan: VlanMode,
    /// The effective MAC: the address the switch honours for this port.
    pub(crate) mac: Mac,
    pub(crate) forged_transmits: Action,
    /// Why nothing is delivered to it, if so.
    pub(crate) rx_closed: Option<Reason>,
    /// Why nothing is taken from it, if so.
    pub(crate) tx_closed: Option<Reason>,
    pub(crate) promiscuous: bool,
    pub(crate) reverse: ReverseFilter,
    pub(crate) assigned: Option<Slot>,
    /// Sources of its frames are remembered, for whatever setting.
    pub(crate) remembers: bool,
    /// In promiscuous mode, with a learning filter.
    pub(crate) filtered: bool,
    pub(crate) guarded: bool,
}

const _: () = assert!(size_of::<Option<PortEntry>>() == 64, "a port is one line of a cache");

/// The rest: what is shown, and what `compile` needed.
#[derive(Clone, Debug)]
pub(crate) struct PortDetails {
    pub(crate) name: String,
    /// Distinct from that of an earlier port of the same number.
    pub(crate) connection: u64,
    pub(crate) requested_mac: Mac,
    pub(crate) asks_promiscuous: bool,
    pub(crate) all_multicast: bool,
    pub(crate) group_count: usize,
    /// The VLANs that the guest wants, sorted, if it filters and its port has more of them (rule V-8).
    pub(crate) vlan_filter: Option<Box<[VlanId]>>,
}

/// How a frame from an uplink is held against the team of the receiving port (rule R-7).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ReverseFilter {
    /// Any uplink will do.
    Off,
    /// Only the uplink that the port's own frames take.
    Assigned,
    /// The uplink that the source MAC hash of the receiving address picks.
    MacHash,
    /// Any uplink that carries the port's own frames: each does, with beacons silent everywhere (rule T-10).
    Team,
}
