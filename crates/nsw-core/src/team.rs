//! Who of a team carries: which uplinks a port group's frames may leave by, as links and beacons stand.
//!
//! A failover order has *seats*: one for each active uplink, and a single one for explicit failover order or where no
//! active uplink is listed. Whoever holds a seat carries. With failback a seat is its uplink's whenever that works, and a
//! standby's until then; the holders follow from what works now. Without failback it matters who was there first: a
//! holder stays until it fails, and an uplink that lost its seat waits for somebody else to fail. That memory is
//! [`Seats`], kept by the switch and updated with each of its events.
//!
//! What *works* is told from outside: a link that is up and has been so for long enough, and where beacons are used, a
//! path that others are heard on. [`crate::TeamMonitor`] watches the clock for both; here is no time.
//!
//! **Invariant:** every uplink holds one seat at most. Without failback a working holder is never unseated.
//! Reference: `docs/semantics.md`, rules T-1, T-5 to T-8 and T-10.

mod beacon;
mod monitor;
mod notice;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::addr::{VlanId, VlanMode};
use crate::model::{PortGroup, VSwitch};
use crate::policy::{FailureDetection, LoadBalancing, NicOrder, Resolved};
use crate::port::{Client, ConnectedPort, PortId};
use crate::tables::Slot;

pub use self::beacon::{BEACON_INTERVAL_NS, BEACON_THRESHOLD, Beacon, MAX_BEACON_VLANS};
pub use self::monitor::{TeamMonitor, UP_DELAY_NS};
pub use self::notice::{NOTICES_PER_EVENT, NOTICES_PER_SECOND};

/// What beacon probing comes to in a port group (rule T-9).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Probing {
    /// The team goes by links; nobody asked for more.
    Off,
    /// Asked for, and of no use with IP hash: physical switches take the team for one cable.
    NotWithIpHash,
    /// Asked for, and of no use where guests tag: their VLANs are not known.
    NotWithGuestTagging,
    /// On, with fewer than three uplinks: of two paths that miss beacons nobody can tell which is broken (rule T-10).
    CannotTell,
    /// On.
    On,
}

impl VSwitch {
    /// What beacon probing comes to in `group`, one of this vSwitch's.
    pub fn probing(&self, group: &PortGroup) -> Probing {
        Team::of(self, group).probing()
    }
}

/// Paths, each an uplink in a VLAN, on which beacons go missing.
pub(crate) type Silent = BTreeSet<(VlanId, PortId)>;

/// The team of one port group as it is configured, inheritance resolved.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Team {
    pub(crate) order: Resolved<NicOrder>,
    pub(crate) load_balancing: Resolved<LoadBalancing>,
    failback: bool,
    detection: FailureDetection,
    notify_switches: bool,
    vlan: VlanMode,
}

/// The uplinks of a team that carry now.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Carriers {
    pub(crate) usable: Vec<Slot>,
    /// Nobody can tell which of them works: each is given every frame (rule T-10).
    pub(crate) shotgun: bool,
}

impl Team {
    pub(crate) fn of(config: &VSwitch, group: &PortGroup) -> Self {
        let (own, inherited) = (&group.teaming, &config.teaming);
        let all = NicOrder { active: config.uplinks.clone(), standby: Vec::new() };
        let pick = |own: Option<bool>, inherited: Option<bool>| own.or(inherited).unwrap_or(true);
        Self {
            order: Resolved::inherit(own.nic_order.clone(), inherited.nic_order.clone(), all),
            load_balancing: Resolved::inherit(
                own.load_balancing,
                inherited.load_balancing,
                LoadBalancing::default(),
            ),
            failback: pick(own.failback, inherited.failback),
            detection: own.failure_detection.or(inherited.failure_detection).unwrap_or_default(),
            notify_switches: pick(own.notify_switches, inherited.notify_switches),
            vlan: group.vlan,
        }
    }

    fn probing(&self) -> Probing {
        if self.detection == FailureDetection::LinkStatus {
            Probing::Off
        } else if self.load_balancing.value == LoadBalancing::IpHash {
            Probing::NotWithIpHash
        } else if self.vlan == VlanMode::Vgt {
            Probing::NotWithGuestTagging
        } else if self.names().count() < 3 {
            Probing::CannotTell
        } else {
            Probing::On
        }
    }

    /// The VLAN in which the team's paths are probed; `None` if it goes by links alone.
    pub(crate) fn probed_vlan(&self) -> Option<VlanId> {
        let probed = matches!(self.probing(), Probing::On | Probing::CannotTell);
        match self.vlan {
            VlanMode::Vst(vlan) if probed => Some(vlan),
            _ => probed.then_some(VlanId::UNTAGGED),
        }
    }

    /// Are physical switches told where an address is? With IP hash it is on every cable of the team at once.
    pub(crate) fn notifies(&self) -> bool {
        self.notify_switches && self.load_balancing.value != LoadBalancing::IpHash
    }

    /// Active and standby uplinks, in failover order.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.order.value.active.iter().chain(&self.order.value.standby)
    }

    /// The members whose links count, in failover order.
    pub(crate) fn linked<'p>(&self, uplinks: &[&'p ConnectedPort]) -> Vec<&'p ConnectedPort> {
        let linked = |name: &String| {
            let mut found = uplinks.iter().filter(|port| port.link_up && port.settled);
            found.find(|port| port.adapter.name == *name).copied()
        };
        self.names().filter_map(linked).collect()
    }

    /// The members that work, in failover order; and whether that is a guess, since every path is silent.
    fn working<'p>(&self, uplinks: &[&'p ConnectedPort], silent: &Silent) -> (Vec<&'p ConnectedPort>, bool) {
        let linked = self.linked(uplinks);
        let Some(vlan) = self.probed_vlan().filter(|_| linked.len() > 1) else { return (linked, false) };
        let heard: Vec<&ConnectedPort> =
            linked.iter().filter(|port| !silent.contains(&(vlan, port.id))).copied().collect();
        if heard.is_empty() { (linked, true) } else { (heard, false) }
    }

    /// An order of one seat, which the first that works holds.
    fn is_single(&self) -> bool {
        self.load_balancing.value == LoadBalancing::ExplicitFailover || self.order.value.active.is_empty()
    }

    /// Who holds the seats if nothing is remembered: each its own uplink, else the next standby that works (rule T-6).
    fn seated_afresh(&self, working: &[&ConnectedPort]) -> Vec<Option<Slot>> {
        let slot = |name: &String| {
            let found = working.iter().find(|port| port.adapter.name == *name);
            found.map(|port| port.id.slot_number())
        };
        if self.is_single() {
            return alloc::vec![self.names().find_map(slot)];
        }
        let mut standbys = self.order.value.standby.iter().filter_map(slot);
        self.order.value.active.iter().map(|name| slot(name).or_else(|| standbys.next())).collect()
    }
}

/// Who held the seats of each port group without failback. The others need no memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seats(BTreeMap<String, Held>);

/// The seats of one port group.
#[derive(Clone, Debug)]
struct Held {
    made_for: MadeFor,
    seats: Vec<Seat>,
}

/// What seats belong to: with another order, or another set of uplinks, they are taken anew.
#[derive(Clone, PartialEq, Eq, Debug)]
struct MadeFor {
    order: NicOrder,
    single: bool,
    connections: Vec<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Seat {
    /// Nobody has held it so far.
    Vacant,
    Held(Slot),
    /// Its holder failed, and nobody could replace it.
    Lost,
}

impl Seats {
    /// Brings the seats up to date; to be called after every event.
    pub(crate) fn update(&mut self, config: &VSwitch, ports: &[Option<ConnectedPort>], silent: &Silent) {
        let uplinks = uplinks(ports);
        let connections: Vec<u64> = uplinks.iter().map(|port| port.connection).collect();
        let mut held = BTreeMap::new();
        for group in &config.port_groups {
            let team = Team::of(config, group);
            if team.failback {
                continue;
            }
            let (working, _) = team.working(&uplinks, silent);
            let made_for = MadeFor {
                order: team.order.value.clone(),
                single: team.is_single(),
                connections: connections.clone(),
            };
            let before = self.0.remove(&group.name);
            let seats = match before {
                Some(before) if before.made_for == made_for => reseat(&team, before.seats, &working),
                _ => team
                    .seated_afresh(&working)
                    .into_iter()
                    .map(|slot| slot.map_or(Seat::Vacant, Seat::Held))
                    .collect(),
            };
            held.insert(group.name.clone(), Held { made_for, seats });
        }
        self.0 = held;
    }

    /// The uplinks that carry a group's frames.
    pub(crate) fn carriers(
        &self,
        group: &PortGroup,
        team: &Team,
        ports: &[Option<ConnectedPort>],
        silent: &Silent,
    ) -> Carriers {
        let (working, shotgun) = team.working(&uplinks(ports), silent);
        if shotgun {
            let usable = working.iter().map(|port| port.id.slot_number()).collect();
            return Carriers { usable, shotgun };
        }
        let usable = match self.0.get(&group.name) {
            Some(held) => held.seats.iter().filter_map(Seat::holder).collect(),
            None => team.seated_afresh(&working).into_iter().flatten().collect(),
        };
        Carriers { usable, shotgun }
    }
}

impl Seat {
    fn holder(&self) -> Option<Slot> {
        match self {
            Self::Held(slot) => Some(*slot),
            Self::Vacant | Self::Lost => None,
        }
    }
}

/// Rule T-8: a holder that fails is replaced by the first in the failover order that works and has no seat. One that
/// works stays, whoever has recovered meanwhile.
fn reseat(team: &Team, mut seats: Vec<Seat>, working: &[&ConnectedPort]) -> Vec<Seat> {
    let works = |slot: Slot| working.iter().any(|port| port.id.slot_number() == slot);
    let free = |seats: &[Seat]| {
        let slots = working.iter().map(|port| port.id.slot_number());
        slots.into_iter().find(|slot| !seats.contains(&Seat::Held(*slot)))
    };
    for at in 0..seats.len() {
        let next = match seats[at] {
            Seat::Held(slot) if works(slot) => continue,
            Seat::Held(_) => free(&seats).map_or(Seat::Lost, Seat::Held),
            Seat::Vacant => vacant_seat(team, at, &seats, working),
            Seat::Lost => continue,
        };
        seats[at] = next;
    }
    if seats.iter().all(|seat| seat.holder().is_none())
        && let Some(slot) = free(&seats)
        && let Some(seat) = seats.first_mut()
    {
        *seat = Seat::Held(slot);
    }
    seats
}

/// A seat that nobody has held goes to its own uplink once that works for the first time, else to a standby.
fn vacant_seat(team: &Team, at: usize, seats: &[Seat], working: &[&ConnectedPort]) -> Seat {
    let fresh = team.seated_afresh(working).get(at).copied().flatten();
    fresh.map(Seat::Held).filter(|seat| !seats.contains(seat)).unwrap_or(Seat::Vacant)
}

/// The connected uplinks, by slot.
pub(crate) fn uplinks(ports: &[Option<ConnectedPort>]) -> Vec<&ConnectedPort> {
    ports.iter().flatten().filter(|port| port.adapter.client == Client::Uplink).collect()
}
