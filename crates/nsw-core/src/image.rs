//! Compiled tables as plain data, for an engine that keeps a copy of them where [`crate::decide()`] cannot run.
//!
//! An [`Image`] says what `compile` made, and nothing that a frame would have to be known for. Whoever mirrors it
//! interprets it as the stages in `decide/` do, in their order; it has no policy of its own to resolve.
//!
//! **Invariant:** read only, and complete: two tables with equal images decide alike, if the same is remembered.

use alloc::vec::Vec;

use crate::addr::{Mac, VlanId, VlanMode};
use crate::beyond::{AllowedMac, Learning, Shaping};
use crate::decide::memory_limit;
use crate::model::Options;
use crate::policy::LoadBalancing;
use crate::port::{Client, PortId};
use crate::reason::Reason;
use crate::tables::{Map, Members, PortEntry, Tables};

pub use crate::tables::{ReverseFilter, Unknown};

/// Everything that the tables of one switch hold and that a decision reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Image<'a> {
    /// Largest payload in bytes that may leave by an uplink.
    pub mtu: u16,
    /// The vSwitch's options.
    pub options: Options,
    /// `Net.BlockGuestBPDU` in force; in `options` it may be left to the release.
    pub block_guest_bpdu: bool,
    /// Uplinks that are connected and up.
    pub live_uplinks: usize,
    /// Some port wants sources remembered.
    pub remembers: bool,
    /// Some port is guarded against reflections of what it forges.
    pub guards: bool,
    /// The addresses that the switch's own beacons come from; none if no team is probed.
    pub beacon_sources: &'a [Mac],
    /// The connected ports, by slot.
    pub ports: Vec<PortImage>,
    /// The port groups; [`PortImage::group`] is a place in this list.
    pub groups: Vec<GroupImage<'a>>,
    /// Every registered address with the slots of its ports, in no order.
    pub owners: Vec<(Mac, &'a [u32])>,
    /// The receivers by VLAN, in no order; `None` has those that are members of every VLAN.
    pub members: Vec<(Option<VlanId>, MembersImage<'a>)>,
}

/// One connected port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PortImage {
    /// Its number; [`PortId::slot`] is its place.
    pub id: PortId,
    /// What kind of adapter it serves.
    pub client: Client,
    /// Is there a link?
    pub link_up: bool,
    /// Distinct from that of an earlier port of the same number.
    pub connection: u64,
    /// Index of its port group; `None` for an uplink.
    pub group: Option<usize>,
    /// Its VLAN.
    pub vlan: VlanMode,
    /// The effective MAC.
    pub mac: Mac,
    /// May it send from any address?
    pub forged_transmits: bool,
    /// Why nothing is delivered to it, if so.
    pub rx_closed: Option<Reason>,
    /// Why nothing is taken from it, if so.
    pub tx_closed: Option<Reason>,
    /// In promiscuous mode.
    pub promiscuous: bool,
    /// How frames from an uplink are held against its team.
    pub reverse: ReverseFilter,
    /// The slot of the uplink that its frames take, where that does not depend on the frame.
    pub assigned: Option<u32>,
    /// How long a source of its frames is remembered, in nanoseconds; `None` if none is.
    pub memory_ns: Option<u64>,
    /// How many addresses are remembered of it at most.
    pub memory_limit: u32,
    /// In promiscuous mode, with a learning filter.
    pub filtered: bool,
    /// Guarded against reflections of what it forges.
    pub guarded: bool,
}

/// One port group, resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GroupImage<'a> {
    /// How an uplink is picked.
    pub load_balancing: LoadBalancing,
    /// The slots of the uplinks that carry its frames, in order.
    pub usable: &'a [u32],
    /// Each of them is given every frame.
    pub shotgun: bool,
    /// The VLAN in which its paths are probed with beacons, so that whoever executes these tables must tell of those that
    /// it hears; `None` if they are not.
    pub probed: Option<VlanId>,
    /// Shaping of what its ports send.
    pub shaping: Option<Shaping>,
    /// MAC learning.
    pub learning: Option<Learning>,
    /// The allow-list of its ports.
    pub allowed: &'a [AllowedMac],
}

/// The receivers of one VLAN: slots, ascending in each list.
#[derive(Clone, Copy, Debug)]
pub struct MembersImage<'a> {
    /// All of them.
    pub all: &'a [u32],
    /// In promiscuous mode, without a learning filter.
    pub promiscuous: &'a [u32],
    /// Listening to every group.
    pub all_multicast: &'a [u32],
    /// Listening to those groups whose bit is set, counted by the top six bits of the little-endian CRC-32 of the address.
    pub hashed: &'a [(u32, u64)],
    /// Asking for promiscuous mode in vain.
    pub asking: &'a [u32],
    /// In promiscuous mode with a learning filter.
    pub filtered: &'a [u32],
    /// Given unicast that nobody owns.
    pub unknown: &'a [(u32, Unknown)],
    joined: &'a Map<Mac, Vec<u32>>,
}

impl<'a> MembersImage<'a> {
    /// The groups that somebody joined, each with the slots that did, in no order.
    pub fn joined(&self) -> impl Iterator<Item = (Mac, &'a [u32])> + use<'a> {
        self.joined.iter().map(|(group, slots)| (*group, slots.as_slice()))
    }

    fn of(members: &'a Members) -> Self {
        Self {
            all: &members.all,
            promiscuous: &members.promiscuous,
            all_multicast: &members.all_multicast,
            hashed: &members.hashed,
            asking: &members.asking,
            filtered: &members.filtered,
            unknown: &members.unknown,
            joined: &members.joined,
        }
    }
}

impl PartialEq for MembersImage<'_> {
    fn eq(&self, other: &Self) -> bool {
        let lists =
            |m: &Self| (m.all, m.promiscuous, m.all_multicast, m.hashed, m.asking, m.filtered, m.unknown);
        lists(self) == lists(other) && self.joined == other.joined
    }
}

impl Eq for MembersImage<'_> {}

impl Tables {
    /// These tables as plain data.
    pub fn image(&self) -> Image<'_> {
        let of_vlans = self.vlans.iter().map(|(vlan, members)| (Some(*vlan), MembersImage::of(members)));
        Image {
            mtu: self.mtu,
            options: self.options,
            block_guest_bpdu: self.block_guest_bpdu.value,
            live_uplinks: self.live_uplinks,
            remembers: self.remembers,
            guards: self.guards,
            beacon_sources: &self.beacon_sources,
            ports: self.ports.iter().flatten().map(|port| self.port_image(port)).collect(),
            groups: self
                .groups
                .iter()
                .map(|group| GroupImage {
                    load_balancing: group.load_balancing.value,
                    usable: &group.usable,
                    shotgun: group.shotgun,
                    probed: group.probed,
                    shaping: group.shaping.value,
                    learning: group.learning.value,
                    allowed: &group.allowed,
                })
                .collect(),
            owners: self.owners.iter().collect(),
            members: of_vlans.chain([(None, MembersImage::of(&self.trunk))]).collect(),
        }
    }

    fn port_image(&self, port: &PortEntry) -> PortImage {
        PortImage {
            id: port.id,
            client: port.client,
            link_up: port.link_up,
            connection: self.details(port.id).map_or(0, |details| details.connection),
            group: port.group,
            vlan: port.vlan,
            mac: port.mac,
            forged_transmits: port.forged_transmits.accepts(),
            rx_closed: port.rx_closed,
            tx_closed: port.tx_closed,
            promiscuous: port.promiscuous,
            reverse: port.reverse,
            assigned: port.assigned,
            memory_ns: self.memory_ns(port.id),
            memory_limit: memory_limit(self, port),
            filtered: port.filtered,
            guarded: port.guarded,
        }
    }
}
