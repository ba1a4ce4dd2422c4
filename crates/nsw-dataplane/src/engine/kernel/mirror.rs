//! The tables of a switch as the program reads them: an [`Image`] written out into keys and values.
//!
//! Ports are named by *seat* here instead of by slot. A seat belongs to a device and what is remembered of it, and stays
//! when a restarted daemon numbers its ports anew; see `seats.rs`.
//!
//! **Invariant:** nothing is resolved here that `compile` left open. What the program cannot hold is refused, never
//! rounded.

use std::collections::HashMap;

use nsw_core::decide::{LARGEST_FRAME, SAVED_PER_BYTE};
use nsw_core::image::{GroupImage, Image, MembersImage, PortImage, ReverseFilter, Unknown};
use nsw_core::{
    AllowedMac, AtLimit, Client, LoadBalancing, Mac, PromiscuousScope, Reason, Shaping, VlanId, VlanMode,
};

use super::error::Beyond;
use super::layout::{
    self, GROUPS, Group, LIST_ENTRIES, ListEntry, ListKey, Members, NO_REASON, Plain, Port, SEATS,
    SEATS_AN_ENTRY, STATIONS, Settings, Station, TRUNK, UPLINKS, byte, mac_bits,
};

/// The most that a burst may be, in bytes: with more, savings would not fit 64 bits.
const MAX_BURST_BYTES: u64 = 1 << 30;
const SECOND_NS: u64 = 1_000_000_000;

/// What a seat adds to the port that sits there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Place {
    pub(super) seat: u32,
    /// The device; 0 if nobody attached one.
    pub(super) ifindex: u32,
    /// The device is one end of a veth pair, and the other is in another namespace.
    pub(super) peer: bool,
    pub(super) connection: u32,
    pub(super) memory: u32,
}

/// One bank's worth of tables. What is not in a map is zero or absent in the kernel's.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Content {
    pub(super) settings: Settings,
    pub(super) ports: HashMap<u32, Port>,
    pub(super) groups: HashMap<u32, Group>,
    pub(super) members: HashMap<u32, Members>,
    pub(super) stations: HashMap<u32, Station>,
    /// The bank in the keys is 0.
    pub(super) lists: HashMap<ListKey, ListEntry>,
}

impl Content {
    /// Tables without a port: every frame meets `PORT_DOWN`.
    pub(super) fn empty() -> Self {
        Self {
            settings: Settings::ZERO,
            ports: HashMap::new(),
            groups: HashMap::new(),
            members: HashMap::new(),
            stations: HashMap::new(),
            lists: HashMap::new(),
        }
    }

    /// What `image` says, with every slot's seat as `place` tells it.
    pub(super) fn of(image: &Image<'_>, place: impl Fn(u32) -> Place) -> Result<Self, Beyond> {
        if image.ports.len() > SEATS {
            return Err(Beyond::Ports(SEATS));
        }
        if image.groups.len() > GROUPS {
            return Err(Beyond::Groups(GROUPS));
        }
        let mut writer = Writer { content: Self::empty(), place: &place };
        writer.content.settings = settings(image);
        for port in &image.ports {
            writer.port(image, port);
        }
        for (group, number) in image.groups.iter().zip(1..) {
            writer.group(group, number)?;
        }
        for (mac, slots) in &image.owners {
            writer.owners(image, *mac, slots);
        }
        for source in image.beacon_sources {
            let source = key(layout::LIST_BEACON_SOURCES, 0, mac_bits(*source), 0);
            writer.content.lists.insert(source, ListEntry::ZERO);
        }
        for (vlan, members) in &image.members {
            writer.members(vlan.map_or(TRUNK, VlanId::get), members);
        }
        // Both banks share the room.
        if writer.content.lists.len() > LIST_ENTRIES / 2 {
            return Err(Beyond::Lists(LIST_ENTRIES / 2));
        }
        Ok(writer.content)
    }
}

struct Writer<'a, P> {
    content: Content,
    place: &'a P,
}

impl<P: Fn(u32) -> Place> Writer<'_, P> {
    fn seat(&self, slot: u32) -> u32 {
        (self.place)(slot).seat
    }

    fn port(&mut self, image: &Image<'_>, port: &PortImage) {
        let place = (self.place)(slot(port));
        let group = port.group.map(|index| &image.groups[index]);
        let value = Port {
            mac: mac_bits(port.mac),
            memory_ns: port.memory_ns.unwrap_or(0),
            learn_ns: group
                .and_then(|group| group.learning)
                .map_or(0, |learning| u64::from(learning.ageing_s) * SECOND_NS),
            hashed: 0,
            id: port.id.number(),
            ifindex: place.ifindex,
            flags: port_flags(port, group, place),
            group: group_number(port.group),
            assigned: port.assigned.map_or(0, |slot| self.seat(slot) + 1),
            connection: place.connection,
            memory: place.memory,
            limit: port.memory_limit,
            vlan: vlan_bits(port.vlan),
            rx_closed: reason_bits(port.rx_closed),
            tx_closed: reason_bits(port.tx_closed),
            reverse: match port.reverse {
                ReverseFilter::Off => byte(layout::REVERSE_OFF),
                ReverseFilter::Assigned => byte(layout::REVERSE_ASSIGNED),
                ReverseFilter::MacHash => byte(layout::REVERSE_MAC_HASH),
                ReverseFilter::Team => byte(layout::REVERSE_ANY_OF_TEAM),
            },
            unknown: byte(layout::UNKNOWN_NONE),
            unused: 0,
        };
        self.content.ports.insert(place.seat, value);
    }

    fn group(&mut self, group: &GroupImage<'_>, number: u32) -> Result<(), Beyond> {
        if group.usable.len() > UPLINKS {
            return Err(Beyond::Uplinks(UPLINKS));
        }
        let mut value = Group {
            balancing: match group.load_balancing {
                _ if group.shotgun => layout::BALANCING_SHOTGUN,
                LoadBalancing::PortId | LoadBalancing::ExplicitFailover => layout::BALANCING_ASSIGNED,
                LoadBalancing::SourceMac => layout::BALANCING_SOURCE_MAC,
                LoadBalancing::IpHash => layout::BALANCING_IP_HASH,
            },
            usable_count: length(group.usable.len()),
            ..group.shaping.map_or(Ok(Group::ZERO), shaped)?
        };
        for (seat, slot) in value.usable.iter_mut().zip(group.usable) {
            *seat = self.seat(*slot);
        }
        self.content.groups.insert(number - 1, value);
        for allowed in group.allowed {
            let (kind, mac) = match allowed {
                AllowedMac::Exact(mac) => (layout::LIST_ALLOWED, mac_bits(*mac)),
                AllowedMac::Oui([a, b, c]) => {
                    (layout::LIST_ALLOWED_PREFIX, mac_bits(Mac::new([*a, *b, *c, 0, 0, 0])))
                }
            };
            self.content.lists.insert(key(kind, 0, mac, number), ListEntry::ZERO);
        }
        Ok(())
    }

    fn owners(&mut self, image: &Image<'_>, mac: Mac, slots: &[u32]) {
        let mac = mac_bits(mac);
        self.list(layout::LIST_OWNERS, 0, mac, slots);
        if let [owner] = slots {
            self.station(mac, self.seat(*owner));
        }
        // The group of a single owner is read off its port.
        if image.options.promiscuous_scope == PromiscuousScope::PortGroup && slots.len() > 1 {
            for slot in slots {
                let Ok(at) = image.ports.binary_search_by_key(slot, self::slot) else {
                    continue;
                };
                let group = group_number(image.ports[at].group);
                self.content.lists.insert(key(layout::LIST_OWNED_IN_GROUP, 0, mac, group), ListEntry::ZERO);
            }
        }
    }

    /// Of addresses that would stand in one place, the lowest does, in whichever order they come.
    fn station(&mut self, mac: u64, seat: u32) {
        let station = Station { mac, owner: seat + 1, unused: 0 };
        let place = self.content.stations.entry(station_of(mac)).or_insert(station);
        if mac < place.mac {
            *place = station;
        }
    }

    fn members(&mut self, place: u16, members: &MembersImage<'_>) {
        let hashed: Vec<u32> = members.hashed.iter().map(|(slot, _)| *slot).collect();
        let unknown: Vec<u32> = members.unknown.iter().map(|(slot, _)| *slot).collect();
        let lists = [
            (layout::LIST_ALL, members.all),
            (layout::LIST_PROMISCUOUS, members.promiscuous),
            (layout::LIST_ALL_MULTICAST, members.all_multicast),
            (layout::LIST_HASHED, &hashed),
            (layout::LIST_ASKING, members.asking),
            (layout::LIST_FILTERED, members.filtered),
            (layout::LIST_UNKNOWN, &unknown),
        ];
        let mut value = Members::ZERO;
        for (kind, slots) in lists {
            self.list(kind, place, 0, slots);
            value.count[kind as usize] = length(slots.len());
        }
        if !members.promiscuous.is_empty() {
            self.content.settings.flags |= layout::SETTING_PROMISCUOUS;
        }
        if value != Members::ZERO {
            self.content.members.insert(u32::from(place), value);
        }
        for slot in members.all_multicast {
            self.change(*slot, |port| port.flags |= layout::PORT_ALL_MULTICAST);
        }
        for (slot, mask) in members.hashed {
            self.change(*slot, |port| (port.flags, port.hashed) = (port.flags | layout::PORT_HASHED, *mask));
        }
        for (slot, unknown) in members.unknown {
            let unknown = match unknown {
                Unknown::Flooded => layout::UNKNOWN_FLOODED,
                Unknown::Sink => layout::UNKNOWN_SINK,
                Unknown::Prefix => layout::UNKNOWN_PREFIX,
            };
            self.change(*slot, |port| port.unknown = byte(unknown));
        }
        for (group, slots) in members.joined() {
            let mac = mac_bits(group);
            self.list(layout::LIST_JOINED, place, mac, slots);
            for slot in slots {
                let by_seat = key(layout::LIST_JOINED_BY_SEAT, 0, mac, self.seat(*slot));
                self.content.lists.insert(by_seat, ListEntry::ZERO);
            }
        }
    }

    fn list(&mut self, kind: u32, place: u16, mac: u64, slots: &[u32]) {
        for (piece, index) in slots.chunks(SEATS_AN_ENTRY).zip(0..) {
            // The length is told by the first, so that a list that grows at its end changes in two places.
            let count = if index == 0 { length(slots.len()) } else { 0 };
            let mut entry = ListEntry { count, here: length(piece.len()), ..ListEntry::ZERO };
            for (seat, slot) in entry.seats.iter_mut().zip(piece) {
                *seat = self.seat(*slot);
            }
            self.content.lists.insert(key(kind, place, mac, index), entry);
        }
    }

    fn change(&mut self, slot: u32, change: impl FnOnce(&mut Port)) {
        let seat = self.seat(slot);
        if let Some(port) = self.content.ports.get_mut(&seat) {
            change(port);
        }
    }
}

fn settings(image: &Image<'_>) -> Settings {
    let options = &image.options;
    let flags = [
        (options.promiscuous_scope == PromiscuousScope::PortGroup, layout::SETTING_SCOPE_PORT_GROUP),
        (options.reverse_path_check, layout::SETTING_REVERSE_PATH_CHECK),
        (options.reverse_path_all, layout::SETTING_REVERSE_PATH_ALL),
        (options.reverse_path_single_uplink, layout::SETTING_REVERSE_PATH_SINGLE_UPLINK),
        (image.block_guest_bpdu, layout::SETTING_BLOCK_GUEST_BPDU),
        (options.consume_link_local, layout::SETTING_CONSUME_LINK_LOCAL),
        (image.remembers, layout::SETTING_REMEMBERS),
        (image.guards, layout::SETTING_GUARDS),
    ];
    Settings {
        flags: gather(&flags),
        mtu: u32::from(image.mtu),
        live_uplinks: length(image.live_uplinks),
        generation: 0,
    }
}

fn port_flags(port: &PortImage, group: Option<&GroupImage<'_>>, place: Place) -> u32 {
    let drops = group.and_then(|group| group.learning).is_some_and(|l| l.at_limit == AtLimit::Drop);
    gather(&[
        (true, layout::PORT_CONNECTED),
        (port.link_up, layout::PORT_LINK_UP),
        (port.client == Client::Uplink, layout::PORT_UPLINK),
        (port.forged_transmits, layout::PORT_FORGED_TRANSMITS),
        (port.promiscuous, layout::PORT_PROMISCUOUS),
        (port.filtered, layout::PORT_FILTERED),
        (port.guarded, layout::PORT_GUARDED),
        (drops, layout::PORT_DROPS_AT_LIMIT),
        (group.is_some_and(|group| !group.allowed.is_empty()), layout::PORT_HAS_ALLOW_LIST),
        (group.is_some_and(|group| group.shaping.is_some()), layout::PORT_SHAPED),
        (group.is_some_and(|group| group.load_balancing == LoadBalancing::IpHash), layout::PORT_IP_HASH),
        (place.peer, layout::PORT_PEER),
    ])
}

fn gather(flags: &[(bool, u32)]) -> u32 {
    flags.iter().filter(|(on, _)| *on).fold(0, |all, (_, flag)| all | flag)
}

/// A group's shaper: what it may save, and how long nothing takes to become that.
fn shaped(shaping: Shaping) -> Result<Group, Beyond> {
    if shaping.burst_bytes > MAX_BURST_BYTES {
        return Err(Beyond::Burst(shaping.burst_bytes));
    }
    let largest = LARGEST_FRAME * SAVED_PER_BYTE;
    let depth = largest.max(shaping.burst_bytes * SAVED_PER_BYTE);
    Ok(Group {
        average_bps: shaping.average_bps,
        peak_bps: shaping.peak_bps,
        burst_bytes: shaping.burst_bytes,
        average_depth: depth,
        average_fill_ns: depth.checked_div(shaping.average_bps).unwrap_or(u64::MAX),
        peak_fill_ns: largest.checked_div(shaping.peak_bps).unwrap_or(u64::MAX),
        ..Group::ZERO
    })
}

fn key(kind: u32, place: u16, mac: u64, index: u32) -> ListKey {
    ListKey { mac, index, place, kind: byte(kind), bank: 0 }
}

/// Where an address stands if it can be found without a hash table.
fn station_of(mac: u64) -> u32 {
    u32::try_from((mac ^ mac >> STATIONS.ilog2()) % STATIONS as u64).unwrap_or(0)
}

fn slot(port: &PortImage) -> u32 {
    length(port.id.slot())
}

fn group_number(index: Option<usize>) -> u32 {
    index.map_or(0, |index| length(index) + 1)
}

fn vlan_bits(vlan: VlanMode) -> u16 {
    vlan.id()
}

fn reason_bits(reason: Option<Reason>) -> u8 {
    reason.map_or(NO_REASON, |reason| reason as u8)
}

/// Lengths and slots are below 2^20.
fn length(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
