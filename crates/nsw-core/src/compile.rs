//! From a switch and its connected ports to [`Tables`]: inheritance is resolved here, and nowhere else.
//!
//! The order follows what depends on what: uplinks, port groups with their teams, ports, receivers by VLAN.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::addr::{Mac, VlanId, VlanMode};
use crate::beyond::{AllowedMac, MacLearning};
use crate::model::{Options, PortGroup, RefusedMacChange, VSwitch};
use crate::policy::{Action, LoadBalancing, Resolved, Security};
use crate::port::{Client, ConnectedPort, GuestRequest};
use crate::reason::Reason;
use crate::tables::{
    GroupEntry, Map, Members, Owners, PortDetails, PortEntry, ReverseFilter, Slot, Tables, Unknown,
};
use crate::team::{Carriers, Seats, Silent, Team};

/// Exact multicast addresses that an adapter's filter holds (rule M-2).
const MAX_EXACT_GROUPS: usize = 32;

impl Tables {
    pub(crate) fn compile(
        config: &VSwitch,
        ports: &[Option<ConnectedPort>],
        seats: &Seats,
        silent: &Silent,
    ) -> Self {
        let compile_group = |group| {
            let team = Team::of(config, group);
            let carriers = seats.carriers(group, &team, ports, silent);
            compile_group(config, group, &team, carriers)
        };
        let groups: Vec<GroupEntry> = config.port_groups.iter().map(compile_group).collect();
        let uplinks = crate::team::uplinks(ports);
        let beacon_sources = if groups.iter().any(|group| group.probed.is_some()) {
            uplinks.iter().map(|port| port.adapter.mac).collect()
        } else {
            Vec::new()
        };
        let compiled = |port: &Option<ConnectedPort>| {
            port.as_ref().map(|port| compile_port(config, &groups, port)).unzip()
        };
        let (entries, details) = ports.iter().map(compiled).unzip();
        let mut tables = Self {
            name: config.name.clone(),
            mtu: config.mtu,
            options: config.options,
            block_guest_bpdu: config.block_guest_bpdu(),
            ports: entries,
            details,
            groups,
            owners: Owners::default(),
            vlans: Map::default(),
            trunk: Members::default(),
            live_uplinks: uplinks.iter().filter(|port| port.link_up).count(),
            beacon_sources,
            remembers: false,
            guards: false,
            shapes: false,
        };
        tables.remembers = tables.ports.iter().flatten().any(|port| port.remembers);
        tables.shapes = tables.groups.iter().any(|group| group.shaping.value.is_some());
        tables.guards = tables.ports.iter().flatten().any(|port| port.guarded);
        for port in ports.iter().flatten() {
            tables.register(port);
        }
        tables
    }

    /// Enters a port in the lists of those who receive. A port without link is registered nowhere (rule F-8).
    fn register(&mut self, port: &ConnectedPort) {
        let slot = port.id.slot_number();
        let Some(entry) = self.ports[port.id.slot()].as_ref().filter(|entry| entry.link_up) else { return };
        if entry.client == Client::Uplink {
            return;
        }
        let Some(details) = self.details[port.id.slot()].as_ref() else { return };
        let (mac, vlan) = (entry.mac, entry.vlan);
        let wanted = details.vlan_filter.clone();
        let (promiscuous, filtered) = (entry.promiscuous, entry.filtered);
        let receives = Receives::of(details, &port.guest.groups);
        let unknown = entry.group.and_then(|group| wants_unknown(&self.groups[group]));
        let asks_in_vain = details.asks_promiscuous && !promiscuous;
        self.owners.register(mac, slot);
        for allowed in entry.group.map_or(&[][..], |group| &self.groups[group].allowed) {
            match allowed {
                AllowedMac::Exact(allowed) if *allowed != mac => {
                    self.owners.register(*allowed, slot);
                }
                AllowedMac::Exact(_) | AllowedMac::Oui(_) => {}
            }
        }
        let allowed = entry.group.map_or(&[][..], |group| &self.groups[group].allowed);
        let prefixes: Vec<AllowedMac> =
            allowed.iter().filter(|allowed| matches!(allowed, AllowedMac::Oui(_))).copied().collect();
        let enter = |members: &mut Members| {
            members.all.push(slot);
            if asks_in_vain {
                members.asking.push(slot);
            }
            if promiscuous {
                if filtered { members.filtered.push(slot) } else { members.promiscuous.push(slot) }
            }
            members.unknown.extend(unknown.map(|why| (slot, why)));
            members.any_unknown |= matches!(unknown, Some(Unknown::Flooded | Unknown::Sink));
            if unknown == Some(Unknown::Prefix) {
                prefixes.iter().for_each(|prefix| {
                    if !members.prefixes.contains(prefix) {
                        members.prefixes.push(*prefix);
                    }
                });
            }
            match receives {
                Receives::AllMulticast => members.all_multicast.push(slot),
                Receives::Hashed(mask) => members.hashed.push((slot, mask)),
                Receives::Groups => listen(&mut members.joined, &port.guest.groups, slot),
            }
        };
        match (vlan, wanted) {
            (VlanMode::Vgt, None) => enter(&mut self.trunk),
            (VlanMode::Vgt, Some(wanted)) => {
                wanted.iter().for_each(|vlan| enter(self.vlans.entry(*vlan).or_default()));
            }
            (VlanMode::Est, _) => enter(self.vlans.entry(VlanId::UNTAGGED).or_default()),
            (VlanMode::Vst(vlan), _) => enter(self.vlans.entry(vlan).or_default()),
        }
    }
}

/// Enters a port as a listener of these groups, of each once.
fn listen(joined: &mut Map<Mac, Vec<Slot>>, groups: &[Mac], slot: Slot) {
    for group in groups {
        let listeners = joined.entry(*group).or_default();
        if listeners.last() != Some(&slot) {
            listeners.push(slot);
        }
    }
}

/// Rule V-8: the VLANs that a guest filters for, where it is the guest that tags; its port receives as a member of these
/// alone. Untagged frames always pass, and in promiscuous mode everything does. Its address stays registered in every VLAN:
/// unicast for it goes nowhere else, and what it does not want, its adapter drops.
fn vlan_filter(vlan: VlanMode, promiscuous: bool, guest: &GuestRequest) -> Option<Box<[VlanId]>> {
    let wanted = guest.vlans.as_ref().filter(|_| vlan == VlanMode::Vgt && !promiscuous)?;
    let mut wanted: Vec<VlanId> = wanted.iter().copied().chain([VlanId::UNTAGGED]).collect();
    wanted.sort_unstable();
    wanted.dedup();
    Some(wanted.into_boxed_slice())
}

/// Rules: is a port of this group given unicast that nobody owns, and as what?
fn wants_unknown(group: &GroupEntry) -> Option<Unknown> {
    if group.learning.value.is_some_and(|learning| learning.unicast_flooding) {
        Some(Unknown::Flooded)
    } else if group.sink {
        Some(Unknown::Sink)
    } else {
        group.allowed.iter().any(|allowed| matches!(allowed, AllowedMac::Oui(_))).then_some(Unknown::Prefix)
    }
}

/// The multicast that a guest listens to by itself: the one list of listeners in which its port stands.
enum Receives {
    AllMulticast,
    Hashed(u64),
    Groups,
}

impl Receives {
    fn of(details: &PortDetails, groups: &[Mac]) -> Self {
        if details.all_multicast {
            Self::AllMulticast
        } else if details.group_count > MAX_EXACT_GROUPS {
            Self::Hashed(groups.iter().fold(0, |mask, group| mask | 1 << group.filter_bucket()))
        } else {
            Self::Groups
        }
    }
}

/// How many addresses a guest listens to, each counted once.
fn distinct(groups: &[Mac]) -> usize {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    groups.len()
}

/// Promiscuous delivery needs both: the guest asks, and the policy accepts (rule R-3).
pub(crate) fn promiscuous_granted(config: &VSwitch, port: &ConnectedPort) -> bool {
    let asks = port.guest.promiscuous || config.options.force_copy_to_all;
    asks && port.adapter.client != Client::Uplink
        && config
            .port_group(&port.adapter.port_group)
            .is_some_and(|group| resolve_promiscuous(config, group).value.accepts())
}

fn resolve_promiscuous(config: &VSwitch, group: &PortGroup) -> Resolved<Action> {
    Resolved::inherit(
        group.security.promiscuous,
        config.security.promiscuous,
        config.defaults.security().promiscuous,
    )
}

fn compile_group(config: &VSwitch, group: &PortGroup, team: &Team, carriers: Carriers) -> GroupEntry {
    let defaults = config.defaults.security();
    let security: Security<Resolved<Action>> = group
        .security
        .zip(config.security)
        .zip(defaults)
        .map(|((group, vswitch), default)| Resolved::inherit(group, vswitch, default));
    GroupEntry {
        name: group.name.clone(),
        vlan: group.vlan,
        security,
        load_balancing: team.load_balancing,
        nic_order_origin: team.order.origin,
        usable: carriers.usable,
        shotgun: carriers.shotgun,
        probed: team.probed_vlan(),
        notifies: team.notifies(),
        shaping: Resolved::inherit(group.shaping, config.shaping.map(Some), None),
        learning: Resolved::inherit(group.beyond.mac_learning, config.beyond.mac_learning, MacLearning::Off)
            .map(|learning| match learning {
                MacLearning::Off => None,
                MacLearning::On(learning) => Some(learning),
            }),
        allowed: group
            .beyond
            .allowed_macs
            .clone()
            .or_else(|| config.beyond.allowed_macs.clone())
            .unwrap_or_default(),
        sink: group.beyond.sink.or(config.beyond.sink).unwrap_or(false),
        learning_filter: group.beyond.learning_filter.or(config.beyond.learning_filter).unwrap_or(false),
        guard: Resolved::inherit(group.beyond.forged_source_guard, config.beyond.forged_source_guard, false),
    }
}

fn compile_port(config: &VSwitch, groups: &[GroupEntry], port: &ConnectedPort) -> (PortEntry, PortDetails) {
    let index = groups.iter().position(|group| group.name == port.adapter.port_group);
    let group = index.map(|index| &groups[index]).filter(|_| port.adapter.client != Client::Uplink);
    let mac = MacVerdict::of(config.options.refused_mac_change, group, port);
    let promiscuous = promiscuous_granted(config, port);
    let filtered = promiscuous && group.is_some_and(|group| group.learning_filter);
    let guarded = group.is_some_and(|group| group.guard.value);
    let vlan = group.map_or(VlanMode::Vgt, |group| group.vlan);
    let entry = PortEntry {
        id: port.id,
        client: port.adapter.client,
        link_up: port.link_up,
        group: index.filter(|_| group.is_some()),
        vlan,
        mac: mac.effective,
        forged_transmits: group.map_or(Action::Accept, |group| group.security.forged_transmits.value),
        rx_closed: mac.rx_closed,
        tx_closed: mac.tx_closed,
        promiscuous,
        reverse: reverse_filter(config.options, group, port, promiscuous),
        assigned: group.and_then(|group| assigned_uplink(group, port)),
        remembers: filtered || guarded || group.is_some_and(|group| group.learning.value.is_some()),
        filtered,
        guarded,
    };
    let details = PortDetails {
        name: port.adapter.name.clone(),
        connection: port.connection,
        requested_mac: port.guest.mac,
        asks_promiscuous: group.is_some() && port.guest.promiscuous,
        all_multicast: port.guest.all_multicast,
        group_count: distinct(&port.guest.groups),
        vlan_filter: group.and_then(|_| vlan_filter(vlan, promiscuous, &port.guest)),
    };
    (entry, details)
}

/// Rules S-5 and S-6: which address the switch honours, and what a refused change closes.
struct MacVerdict {
    effective: Mac,
    rx_closed: Option<Reason>,
    tx_closed: Option<Reason>,
}

impl MacVerdict {
    fn of(refused: RefusedMacChange, group: Option<&GroupEntry>, port: &ConnectedPort) -> Self {
        let (initial, requested) = (port.adapter.mac, port.guest.mac);
        let accepted = group.is_none_or(|group| group.security.mac_changes.value.accepts());
        if requested == initial || accepted {
            return Self { effective: requested, rx_closed: None, tx_closed: None };
        }
        let closed = Some(Reason::PortBlockedMacChange);
        let tx_closed = if refused == RefusedMacChange::Block { closed } else { None };
        Self { effective: initial, rx_closed: closed, tx_closed }
    }
}

/// Rules: the reverse filter is off with IP hash, and for a promiscuous port unless the option was set. Where
/// every uplink is given every frame (rule T-10), an answer may come by any of them.
fn reverse_filter(
    options: Options,
    group: Option<&GroupEntry>,
    port: &ConnectedPort,
    promiscuous: bool,
) -> ReverseFilter {
    let exempt = promiscuous && !port.latched_reverse_path_promiscuous;
    match group.map(|group| group.load_balancing.value) {
        Some(LoadBalancing::PortId | LoadBalancing::SourceMac | LoadBalancing::ExplicitFailover)
            if options.reverse_filter && !exempt && group.is_some_and(|group| group.shotgun) =>
        {
            ReverseFilter::Team
        }
        Some(LoadBalancing::PortId | LoadBalancing::ExplicitFailover)
            if options.reverse_filter && !exempt =>
        {
            ReverseFilter::Assigned
        }
        Some(LoadBalancing::SourceMac) if options.reverse_filter && !exempt => ReverseFilter::MacHash,
        _ => ReverseFilter::Off,
    }
}

/// Rules T-2 and T-5: the uplink of a port where it does not depend on the frame, and there is only one.
fn assigned_uplink(group: &GroupEntry, port: &ConnectedPort) -> Option<Slot> {
    if group.shotgun {
        return None;
    }
    match group.load_balancing.value {
        LoadBalancing::PortId => group.uplink_for(port.id.slot()),
        LoadBalancing::ExplicitFailover => group.usable.first().copied(),
        LoadBalancing::SourceMac | LoadBalancing::IpHash => None,
    }
}
