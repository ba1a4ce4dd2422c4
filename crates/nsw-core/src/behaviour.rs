//! What a port does to frames, whoever it is: two ports with one [`Behaviour`] are told apart by [`crate::decide()`] only
//! by their addresses, their names and their place in the list of ports.
//!
//! Whoever wants to know what becomes of a million pairs asks about each kind of pair once. That is exact only if a kind
//! holds everything that deciding reads; so it is made here, beside the tables, field by field.
//!
//! **Invariant:** the entries of the tables are taken apart without `..`: a field that is added to them does not compile
//! until somebody has decided whether it belongs here.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::addr::{Mac, VlanId, VlanMode};
use crate::beyond::{AllowedMac, Learning, Shaping};
use crate::model::Options;
use crate::policy::{Action, LoadBalancing};
use crate::port::{Client, PortId};
use crate::reason::Reason;
use crate::tables::{GroupEntry, PortDetails, PortEntry, ReverseFilter, Slot, Tables};

/// All that deciding reads of a port, but for its number, its name and its addresses.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Behaviour {
    client: Client,
    link_up: bool,
    vlan: VlanMode,
    vlan_filter: Option<Box<[VlanId]>>,
    /// The effective MAC is the one that the guest programmed.
    honours_guest: bool,
    forged_transmits: Action,
    rx_closed: Option<Reason>,
    tx_closed: Option<Reason>,
    asks_promiscuous: bool,
    promiscuous: bool,
    all_multicast: bool,
    reverse: ReverseFilter,
    assigned: Option<Slot>,
    remembers: bool,
    filtered: bool,
    guarded: bool,
    group: Option<GroupBehaviour>,
}

/// The same of its port group. The name is part of it: what one port group may see of another is a rule.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct GroupBehaviour {
    name: String,
    load_balancing: LoadBalancing,
    usable: Vec<Slot>,
    shotgun: bool,
    shaping: Option<Shaping>,
    learning: Option<Learning>,
    allowed: Vec<AllowedMac>,
    sink: bool,
}

/// All that deciding reads of a vSwitch itself.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SwitchBehaviour {
    mtu: u16,
    options: Options,
    /// What the options leave to the release.
    block_guest_bpdu: bool,
    live_uplinks: usize,
}

impl Behaviour {
    /// How many usable uplinks the port group's team has, if it picks one by a hash of what the frame carries.
    pub fn hashed_over(&self) -> Option<(LoadBalancing, usize)> {
        let group = self.group.as_ref()?;
        match group.load_balancing {
            hashing @ (LoadBalancing::SourceMac | LoadBalancing::IpHash) => {
                Some((hashing, group.usable.len()))
            }
            LoadBalancing::PortId | LoadBalancing::ExplicitFailover => None,
        }
    }

    /// The prefixes of the allow-list: with them it matters how an address begins.
    pub fn prefixes(&self) -> impl Iterator<Item = AllowedMac> {
        let allowed = self.group.iter().flat_map(|group| &group.allowed);
        allowed.copied().filter(|allowed| matches!(allowed, AllowedMac::Oui(_)))
    }

    /// May the port refuse a copy that it should get, so that the order of ports decides which refusal is told?
    pub fn may_refuse(&self) -> bool {
        self.rx_closed.is_some() || self.reverse != ReverseFilter::Off
    }
}

impl Tables {
    /// What a port does to frames; `None` if there is none.
    pub fn behaviour(&self, id: PortId) -> Option<Behaviour> {
        let (port, details) = (self.port(id)?, self.details(id)?);
        Some(behaviour(port, details, port.group.and_then(|group| self.groups.get(group))))
    }

    /// What the vSwitch itself does to frames.
    pub fn switch_behaviour(&self) -> SwitchBehaviour {
        SwitchBehaviour {
            mtu: self.mtu,
            options: self.options,
            block_guest_bpdu: self.block_guest_bpdu.value,
            live_uplinks: self.live_uplinks,
        }
    }

    /// The registered addresses, each with a port that it is registered on; an address may be there more than once.
    pub fn registered(&self) -> impl Iterator<Item = (Mac, PortId)> {
        let owned = self.owners.iter().flat_map(|(mac, owners)| owners.iter().map(move |slot| (mac, *slot)));
        owned.filter_map(|(mac, slot)| Some((mac, self.entry(slot)?.id)))
    }

    /// The ports that an address is registered on, by slot.
    pub fn registered_on(&self, mac: Mac) -> impl Iterator<Item = PortId> {
        self.owners.of(mac).iter().filter_map(|slot| self.entry(*slot)).map(|port| port.id)
    }
}

fn behaviour(port: &PortEntry, details: &PortDetails, group: Option<&GroupEntry>) -> Behaviour {
    let PortEntry {
        id: _,
        client,
        link_up,
        group: _,
        vlan,
        mac,
        forged_transmits,
        rx_closed,
        tx_closed,
        promiscuous,
        reverse,
        assigned,
        remembers,
        filtered,
        guarded,
    } = port;
    let PortDetails {
        name: _,
        connection: _,
        requested_mac,
        asks_promiscuous,
        all_multicast,
        group_count: _,
        vlan_filter,
    } = details;
    Behaviour {
        client: *client,
        link_up: *link_up,
        vlan: *vlan,
        vlan_filter: vlan_filter.clone(),
        honours_guest: mac == requested_mac,
        forged_transmits: *forged_transmits,
        rx_closed: *rx_closed,
        tx_closed: *tx_closed,
        asks_promiscuous: *asks_promiscuous,
        promiscuous: *promiscuous,
        all_multicast: *all_multicast,
        reverse: *reverse,
        assigned: *assigned,
        remembers: *remembers,
        filtered: *filtered,
        guarded: *guarded,
        group: group.map(group_behaviour),
    }
}

fn group_behaviour(group: &GroupEntry) -> GroupBehaviour {
    // Security, VLAN, filter and guard stand in the port already, resolved.
    let GroupEntry {
        name,
        vlan: _,
        security: _,
        load_balancing,
        nic_order_origin: _,
        usable,
        shotgun,
        probed: _,
        notifies: _,
        shaping,
        learning,
        allowed,
        sink,
        learning_filter: _,
        guard: _,
    } = group;
    GroupBehaviour {
        name: name.clone(),
        load_balancing: load_balancing.value,
        usable: usable.clone(),
        shotgun: *shotgun,
        shaping: shaping.value,
        learning: learning.value,
        allowed: allowed.clone(),
        sink: *sink,
    }
}
