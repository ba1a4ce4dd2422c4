//! A switch compiled for deciding: every policy resolved, every set of receivers listed.
//!
//! Tables never change. An event makes new ones (`compile.rs`), and they replace the old ones as a whole, so that no
//! frame meets half a policy. The public methods here answer what is *applied* to a port and which policy line is
//! behind a refusal.

mod owners;
mod port;

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::addr::{Mac, VlanId, VlanMode};
use crate::beyond::{AllowedMac, Learning, Shaping};
use crate::decide::GUARD_NS;
use crate::model::{DEFAULT_MTU, Options};
use crate::policy::{Action, LoadBalancing, Origin, Resolved, Security, Setting};
use crate::port::PortId;
use crate::reason::Reason;

pub(crate) use self::owners::Owners;
pub use self::port::ReverseFilter;
pub(crate) use self::port::{PortDetails, PortEntry};

/// The place of a port in [`Tables::ports`].
pub(crate) type Slot = u32;
pub(crate) type Map<K, V> = HashMap<K, V, FixedState>;

/// A switch, compiled. Made by [`crate::Switch::compile`], read by [`crate::decide()`].
#[derive(Clone, Debug)]
pub struct Tables {
    pub(crate) name: String,
    pub(crate) mtu: u16,
    pub(crate) options: Options,
    /// `Net.BlockGuestBPDU`; in `options` it may be left to the release.
    pub(crate) block_guest_bpdu: Resolved<bool>,
    pub(crate) ports: Vec<Option<PortEntry>>,
    /// By slot, as the ports; `None` where they are.
    pub(crate) details: Vec<Option<PortDetails>>,
    pub(crate) groups: Vec<GroupEntry>,
    /// The registered addresses of ports that are up (rule F-1).
    pub(crate) owners: Owners,
    /// Receivers with one VLAN, by VLAN.
    pub(crate) vlans: Map<VlanId, Members>,
    /// Receivers that are members of every VLAN.
    pub(crate) trunk: Members,
    /// Uplinks that are connected and up.
    pub(crate) live_uplinks: usize,
    /// The addresses that this switch's own beacons come from; none if no team is probed.
    pub(crate) beacon_sources: Vec<Mac>,
    /// Some port wants sources remembered.
    pub(crate) remembers: bool,
    /// Some port is guarded against reflections of what it forges.
    pub(crate) guards: bool,
    /// Some port group has a shaper.
    pub(crate) shapes: bool,
}

/// One port group, resolved.
#[derive(Clone, Debug)]
pub(crate) struct GroupEntry {
    pub(crate) name: String,
    pub(crate) vlan: VlanMode,
    pub(crate) security: Security<Resolved<Action>>,
    pub(crate) load_balancing: Resolved<LoadBalancing>,
    pub(crate) nic_order_origin: Origin,
    /// The uplinks that carry this group's frames, by seat (rules T-6 to T-8).
    pub(crate) usable: Vec<Slot>,
    /// Each of them is given every frame (rule T-10).
    pub(crate) shotgun: bool,
    /// The VLAN in which its paths are probed with beacons, if they are (rule T-9).
    pub(crate) probed: Option<VlanId>,
    /// Physical switches are told where its ports' addresses are (rule T-11).
    pub(crate) notifies: bool,
    pub(crate) shaping: Resolved<Option<Shaping>>,
    pub(crate) learning: Resolved<Option<Learning>>,
    pub(crate) allowed: Vec<AllowedMac>,
    pub(crate) sink: bool,
    pub(crate) learning_filter: bool,
    pub(crate) guard: Resolved<bool>,
}

impl GroupEntry {
    /// The usable uplink that `key`, a port number or a hash, falls on.
    pub(crate) fn uplink_for(&self, key: usize) -> Option<Slot> {
        self.usable.get(key.checked_rem(self.usable.len())?).copied()
    }
}

/// The receivers of one VLAN, each list by ascending slot. A port stands in one of the lists of listeners at most
/// (`all_multicast`, `hashed`, `joined`), and beside that in `promiscuous` if it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members {
    pub(crate) all: Vec<Slot>,
    pub(crate) promiscuous: Vec<Slot>,
    pub(crate) all_multicast: Vec<Slot>,
    /// More than 32 groups: a 64-bucket hash decides (rule M-2).
    pub(crate) hashed: Vec<(Slot, u64)>,
    pub(crate) joined: Map<Mac, Vec<Slot>>,
    /// Ask for promiscuous mode and are not granted it.
    pub(crate) asking: Vec<Slot>,
    /// In promiscuous mode with a learning filter; these do not stand in `promiscuous`.
    pub(crate) filtered: Vec<Slot>,
    /// Are given unicast that nobody owns: they learn and flood, are sinks, or allow a prefix. Each port once.
    pub(crate) unknown: Vec<(Slot, Unknown)>,
    /// Some of those are given it whatever address it is for.
    pub(crate) any_unknown: bool,
    /// The prefixes that the others allow, each once.
    pub(crate) prefixes: Vec<AllowedMac>,
}

/// Why a port is given unicast that nobody owns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unknown {
    /// It learns and floods.
    Flooded,
    /// It is a sink.
    Sink,
    /// Its allow-list has prefixes, and the destination must match one.
    Prefix,
}

impl Members {
    /// May unicast for `dst` that nobody owns be for one of [`Members::unknown`]? Spares most frames the walk over them.
    pub(crate) fn may_want_unknown(&self, dst: Mac) -> bool {
        self.any_unknown || self.prefixes.iter().any(|prefix| prefix.matches(dst))
    }

    /// Does the port in `slot` listen to `group` by itself, whether or not it is in promiscuous mode?
    pub(crate) fn listens(&self, slot: Slot, group: Mac) -> bool {
        let joined = || self.joined.get(&group).is_some_and(|slots| slots.binary_search(&slot).is_ok());
        let hashed = || {
            let at = self.hashed.binary_search_by_key(&slot, |(slot, _)| *slot);
            at.is_ok_and(|at| self.hashed[at].1 >> group.filter_bucket() & 1 == 1)
        };
        joined() || hashed() || self.all_multicast.binary_search(&slot).is_ok()
    }
}

/// What is applied to a port: the fourth answer, after configured, inherited and computed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The effective MAC, the address the switch honours.
    pub mac: Mac,
    /// The address that the guest programmed; another one than `mac` if a change was refused.
    pub requested_mac: Mac,
    /// The guest asks for promiscuous mode.
    pub asks_promiscuous: bool,
    /// ... and is granted it.
    pub promiscuous: bool,
    /// The guest is given every multicast frame.
    pub all_multicast: bool,
    /// How many multicast groups it listens to.
    pub groups: usize,
    /// Why nothing is delivered to it, if so.
    pub rx_closed: Option<Reason>,
    /// Why nothing is taken from it, if so.
    pub tx_closed: Option<Reason>,
    /// The uplink that its frames take, where that does not depend on the frame.
    pub team_uplink: Option<PortId>,
}

/// One MAC address at several adapters that hear each other's frames (rule F-7): legitimate for a few, a mistake for
/// most, as after cloning a nested host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DuplicateMac {
    /// The address, the effective one of each.
    pub mac: Mac,
    /// Their ports, by slot.
    pub ports: Vec<PortId>,
}

/// The policy line behind a reason: which setting, its value, and where it was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyLine<'a> {
    /// The setting.
    pub setting: Setting,
    /// Its value as people read it.
    pub value: PolicyValue,
    /// Where it was set.
    pub origin: Origin,
    /// The vSwitch.
    pub vswitch: &'a str,
    /// The port group of the port that decided; `None` for an uplink.
    pub port_group: Option<&'a str>,
}

/// The value of a setting, as people read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PolicyValue {
    /// A word, as `Reject`.
    Word(&'static str),
    /// A number: a VLAN id or an MTU.
    Number(u16),
}

impl fmt::Display for PolicyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

impl fmt::Display for PolicyLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { setting, value, vswitch, .. } = self;
        write!(f, "{} = {value}, ", setting.name())?;
        match (self.origin, self.port_group) {
            (Origin::PortGroup, Some(group)) => write!(f, "set on port group {group}"),
            (Origin::VSwitch, Some(group)) => write!(f, "set on {vswitch}, inherited by port group {group}"),
            (Origin::Default, Some(group)) => {
                write!(f, "default of {vswitch}, inherited by port group {group}")
            }
            (Origin::Default, None) => write!(f, "default of {vswitch}"),
            (Origin::PortGroup | Origin::VSwitch, None) => write!(f, "set on {vswitch}"),
        }
    }
}

impl Tables {
    /// The vSwitch's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of a port; empty if there is none.
    pub fn port_name(&self, id: PortId) -> &str {
        self.details(id).map_or("", |details| &details.name)
    }

    /// The name of a port's port group; `None` for an uplink.
    pub fn port_group_name(&self, id: PortId) -> Option<&str> {
        self.port(id)?.group.map(|group| self.groups[group].name.as_str())
    }

    /// The VLAN setting of a port; `None` if there is no such port.
    pub fn vlan_mode(&self, id: PortId) -> Option<VlanMode> {
        self.port(id).map(|port| port.vlan)
    }

    /// Is `mac` on the allow-list of a port?
    pub fn allows(&self, id: PortId, mac: Mac) -> bool {
        self.port(id).is_some_and(|port| self.allowed(port).iter().any(|allowed| allowed.matches(mac)))
    }

    /// The connected ports, by slot.
    pub fn port_ids(&self) -> impl Iterator<Item = PortId> {
        self.ports.iter().flatten().map(|port| port.id)
    }

    /// How many slots the switch has, connected or not: one more than the largest slot of a port.
    pub fn slots(&self) -> usize {
        self.ports.len()
    }

    /// The computed security policy of a port group, each element with its origin.
    pub fn security(&self, port_group: &str) -> Option<Security<Resolved<Action>>> {
        self.groups.iter().find(|group| group.name == port_group).map(|group| group.security)
    }

    /// What is applied to a port; `None` if there is none.
    pub fn applied(&self, id: PortId) -> Option<Applied> {
        let (port, details) = (self.port(id)?, self.details(id)?);
        Some(Applied {
            mac: port.mac,
            requested_mac: details.requested_mac,
            asks_promiscuous: details.asks_promiscuous,
            promiscuous: port.promiscuous,
            all_multicast: details.all_multicast,
            groups: details.group_count,
            rx_closed: port.rx_closed,
            tx_closed: port.tx_closed,
            team_uplink: port.assigned.and_then(|slot| self.entry(slot)).map(|uplink| uplink.id),
        })
    }

    /// Does deciding remember anything from one frame for the next: an address, or what a shaper has saved?
    pub fn keeps_state(&self) -> bool {
        self.remembers || self.shapes
    }

    /// Are sources of its frames remembered, for whatever setting?
    pub fn remembers(&self, id: PortId) -> bool {
        self.port(id).is_some_and(|port| port.remembers)
    }

    /// How a port learns; `None` if it does not.
    pub fn learns(&self, id: PortId) -> Option<Learning> {
        self.port(id).and_then(|port| self.learning(port))
    }

    /// The addresses that several adapters have in one VLAN. Entries of an allow-list are no adapters.
    pub fn duplicate_macs(&self) -> Vec<DuplicateMac> {
        let mut found: Vec<DuplicateMac> = Vec::new();
        for (mac, owners) in self.owners.iter().filter(|(_, owners)| owners.len() > 1) {
            let own: Vec<&PortEntry> =
                owners.iter().filter_map(|slot| self.entry(*slot)).filter(|port| port.mac == mac).collect();
            let meets = |port: &&&PortEntry| {
                own.iter().any(|other| other.id != port.id && other.vlan.meets(port.vlan))
            };
            let ports: Vec<PortId> = own.iter().filter(meets).map(|port| port.id).collect();
            if !ports.is_empty() {
                found.push(DuplicateMac { mac, ports });
            }
        }
        found.sort_unstable_by_key(|duplicate| duplicate.mac);
        found
    }

    /// Which policy line made `port` the reason's cause; `None` where no setting is behind it.
    pub fn policy_line(&self, port: PortId, reason: Reason) -> Option<PolicyLine<'_>> {
        let entry = self.port(port)?;
        let group = entry.group.map(|group| &self.groups[group]);
        let from_group = |setting, value, origin| {
            Some(PolicyLine {
                setting,
                value,
                origin,
                vswitch: &self.name,
                port_group: group.map(|group| group.name.as_str()),
            })
        };
        let word = PolicyValue::Word;
        // An option has no place of its own to be set at: what differs from the default was set on the vSwitch.
        let set = |default: bool| if default { Origin::Default } else { Origin::VSwitch };
        let defaults = Options::default();
        let option = |setting, value, default| from_group(setting, word(value), set(default));
        let reject =
            |setting, resolved: Resolved<Action>| from_group(setting, word("Reject"), resolved.origin);
        match reason {
            Reason::ForgedTransmit => reject(Setting::ForgedTransmits, group?.security.forged_transmits),
            Reason::PromiscuousNotGranted => reject(Setting::PromiscuousMode, group?.security.promiscuous),
            Reason::PortBlockedMacChange => reject(Setting::MacAddressChanges, group?.security.mac_changes),
            Reason::VlanMismatch => {
                from_group(Setting::VlanId, PolicyValue::Number(group?.vlan.id()), Origin::PortGroup)
            }
            Reason::NoUplink => {
                from_group(Setting::NicOrder, word("no usable uplink"), group?.nic_order_origin)
            }
            Reason::Mtu => {
                from_group(Setting::Mtu, PolicyValue::Number(self.mtu), set(self.mtu == DEFAULT_MTU))
            }
            Reason::GuestBpdu => from_group(Setting::BlockGuestBpdu, word("1"), self.block_guest_bpdu.origin),
            Reason::ReversePath => option(Setting::ReversePathCheck, "1", defaults.reverse_path_check),
            Reason::ReverseTeam => option(Setting::ReverseFilter, "on", defaults.reverse_filter),
            Reason::LinkLocal => option(Setting::ConsumeLinkLocal, "on", defaults.consume_link_local),
            Reason::Shaper => {
                from_group(Setting::TrafficShaping, PolicyValue::Word("on"), group?.shaping.origin)
            }
            Reason::MacLimit => from_group(
                Setting::MacLearning,
                PolicyValue::Word("at the limit, drop"),
                group?.learning.origin,
            ),
            Reason::ForgedReflection => option(Setting::ForgedSourceGuard, "on", false),
            Reason::Malformed
            | Reason::PortDown
            | Reason::InvalidSource
            | Reason::DestNotRegistered
            | Reason::GroupNotJoined
            | Reason::NoPortInVlan
            | Reason::Hairpin
            | Reason::Beacon => None,
        }
    }

    /// The one uplink that frames from the port's own address leave by; `None` where it is not one.
    pub(crate) fn uplink_of_address(&self, port: &PortEntry) -> Option<Slot> {
        let group = self.groups.get(port.group?)?;
        match group.load_balancing.value {
            _ if group.shotgun => None,
            LoadBalancing::PortId | LoadBalancing::ExplicitFailover => port.assigned,
            LoadBalancing::SourceMac => group.uplink_for(usize::from(port.mac.octets()[5])),
            LoadBalancing::IpHash => None,
        }
    }

    /// The learning settings of a port, if it learns.
    pub(crate) fn learning(&self, port: &PortEntry) -> Option<Learning> {
        self.groups.get(port.group?)?.learning.value
    }

    /// The allow-list of a port.
    pub(crate) fn allowed(&self, port: &PortEntry) -> &[AllowedMac] {
        port.group.and_then(|group| self.groups.get(group)).map_or(&[], |group| &group.allowed)
    }

    /// How long, in nanoseconds, an address seen on a port is remembered: as long as it learns, or for its filter as long
    /// as learning does by default, and as long as the guard needs it. `None` if nothing wants it remembered.
    pub(crate) fn memory_ns(&self, port: PortId) -> Option<u64> {
        const FILTER_S: u32 = 300;
        let port = self.port(port).filter(|port| port.remembers)?;
        let learning = self.learning(port).map(|learning| learning.ageing_s);
        let filter = port.filtered.then_some(FILTER_S);
        let wanted = learning.or(filter).map(|seconds| u64::from(seconds) * 1_000_000_000);
        wanted.max(port.guarded.then_some(GUARD_NS))
    }

    pub(crate) fn port(&self, id: PortId) -> Option<&PortEntry> {
        self.ports.get(id.slot())?.as_ref().filter(|port| port.id == id)
    }

    pub(crate) fn details(&self, id: PortId) -> Option<&PortDetails> {
        self.port(id).and_then(|_| self.details.get(id.slot())?.as_ref())
    }

    pub(crate) fn entry(&self, slot: Slot) -> Option<&PortEntry> {
        self.ports.get(slot as usize)?.as_ref()
    }

    /// The receivers of a VLAN: those of that VLAN only, then those of every VLAN.
    pub(crate) fn members(&self, vlan: VlanId) -> impl Iterator<Item = &Members> {
        self.vlans.get(&vlan).into_iter().chain(core::iter::once(&self.trunk))
    }
}
