//! Teams over time a second time: rules T-6 to T-12 by their letter, from a log of what happened.
//!
//! As in `model.rs`, nothing is shared with the code that is held against it: uplinks go by their names, links are a
//! history of changes, and a path is judged by reading its log of rounds from the end.

use std::collections::{BTreeMap, BTreeSet};

use nsw_core::{
    Client, ConnectedPort, FailureDetection, LoadBalancing, Mac, PortGroup, PortId, Switch, VSwitch, VlanMode,
};

const UP_DELAY_NS: u64 = 100_000_000;
const SECOND_NS: u64 = 1_000_000_000;

/// Everything about the teams of one switch that does not stand in its configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Teams {
    pub(crate) now_ns: u64,
    /// Uplinks whose path is broken.
    pub(crate) broken: BTreeSet<String>,
    links: BTreeMap<String, Link>,
    /// The rounds of each path that is probed, since it has been.
    paths: BTreeMap<(u16, String), Vec<Round>>,
    silent: BTreeSet<(u16, String)>,
    next_round_ns: Option<u64>,
    /// Of port groups without failback.
    seats: BTreeMap<String, Seating>,
    /// Where each port's address was last seen to stand.
    standing: BTreeMap<PortId, Standing>,
    /// When ports are still to be announced, in the order of sending.
    due: Vec<(u64, PortId)>,
    pub(crate) announced: Vec<Announced>,
}

/// An announcement: when, by which uplink, for which address, with which tag.
pub(crate) type Announced = (u64, String, Mac, u16);

/// VLAN and uplink of a port, if it has one that is its own.
type Standing = (u16, Option<String>);

#[derive(Clone, Copy, Debug)]
struct Link {
    up: bool,
    counts_from_ns: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Round {
    /// No other uplink was probed in this VLAN.
    Alone,
    /// It heard somebody, and somebody heard it; or not.
    Judged { hears: bool, is_heard: bool },
}

#[derive(Clone, Debug)]
struct Seating {
    /// What the seats are made for: another order or another set of uplinks begins anew.
    made_for: (Vec<String>, Vec<String>, bool, Vec<String>),
    /// The holder of each; `None` if it has none, and whether it had one.
    holders: Vec<(Option<String>, bool)>,
}

/// The teaming policy of a port group, inheritance resolved.
struct Policy {
    active: Vec<String>,
    standby: Vec<String>,
    load_balancing: LoadBalancing,
    failback: bool,
    notify: bool,
    /// The VLAN in which paths are probed.
    probed: Option<u16>,
}

impl Policy {
    fn of(config: &VSwitch, group: &PortGroup) -> Self {
        let (own, inherited) = (&group.teaming, &config.teaming);
        let order = own.nic_order.clone().or_else(|| inherited.nic_order.clone());
        let (active, standby) = match order {
            Some(order) => (order.active, order.standby),
            None => (config.uplinks.clone(), Vec::new()),
        };
        let load_balancing = own.load_balancing.or(inherited.load_balancing).unwrap_or(LoadBalancing::PortId);
        let ip_hash = load_balancing == LoadBalancing::IpHash;
        let detection = own.failure_detection.or(inherited.failure_detection);
        let vlan = group.vlan.id();
        let probed = detection == Some(FailureDetection::BeaconProbing) && !ip_hash && vlan != 4095;
        Self {
            active,
            standby,
            load_balancing,
            failback: own.failback.or(inherited.failback).unwrap_or(true),
            notify: own.notify_switches.or(inherited.notify_switches).unwrap_or(true) && !ip_hash,
            probed: probed.then_some(vlan),
        }
    }

    fn members(&self) -> Vec<String> {
        [self.active.clone(), self.standby.clone()].concat()
    }

    /// One seat, for the first in the order that works.
    fn single(&self) -> bool {
        self.load_balancing == LoadBalancing::ExplicitFailover || self.active.is_empty()
    }

    /// Rule T-6: each seat its own uplink's if that works, else the next standby's that works.
    fn seated_afresh(&self, working: &[String]) -> Vec<Option<String>> {
        if self.single() {
            return vec![self.members().into_iter().find(|name| working.contains(name))];
        }
        let mut spare: Vec<&String> = self.standby.iter().filter(|name| working.contains(name)).collect();
        let mut seats = Vec::new();
        for name in &self.active {
            if working.contains(name) {
                seats.push(Some(name.clone()));
            } else if spare.is_empty() {
                seats.push(None);
            } else {
                seats.push(Some(spare.remove(0).clone()));
            }
        }
        seats
    }
}

impl Teams {
    pub(crate) fn probe_anything(config: &VSwitch) -> bool {
        config.port_groups.iter().any(|group| Policy::of(config, group).probed.is_some())
    }

    /// To be called after every event.
    pub(crate) fn observe(&mut self, switch: &Switch) {
        let uplinks = uplinks(switch);
        self.links.retain(|name, _| uplinks.iter().any(|port| port.adapter.name == *name));
        for port in uplinks {
            let (name, up) = (port.adapter.name.clone(), port.link_up);
            let counts_from_ns = match self.links.get(&name) {
                None => 0,
                Some(link) if link.up => link.counts_from_ns,
                Some(_) => self.now_ns + UP_DELAY_NS,
            };
            self.links.insert(name, Link { up, counts_from_ns });
        }
        self.take_up_paths(switch.config());
        self.take_seats(switch.config());
        self.announce_moves(switch);
        self.send_announcements(switch);
        self.send_round();
    }

    /// Lets time go by, moment by moment.
    pub(crate) fn pass(&mut self, switch: &Switch, to_ns: u64) {
        loop {
            let now_ns = self.now_ns;
            let settling = self.links.values().filter(|link| link.up).map(|link| link.counts_from_ns);
            let due = self.due.iter().map(|(at, _)| *at);
            let moments = settling.filter(|at| *at > now_ns).chain(self.next_round_ns).chain(due);
            let Some(next) = moments.min().filter(|at| *at <= to_ns) else { break };
            self.now_ns = next;
            self.take_seats(switch.config());
            self.judge_round();
            self.take_seats(switch.config());
            self.take_up_paths(switch.config());
            self.take_seats(switch.config());
            self.announce_moves(switch);
            self.send_announcements(switch);
            self.send_round();
        }
        self.now_ns = to_ns;
    }

    /// Rule T-7.
    fn counts(&self, name: &str) -> bool {
        self.links.get(name).is_some_and(|link| link.up && link.counts_from_ns <= self.now_ns)
    }

    /// The members that work, and whether that is a guess (rules T-7, T-9, T-10).
    fn working(&self, policy: &Policy) -> (Vec<String>, bool) {
        let mut linked = policy.members();
        linked.retain(|name| self.counts(name));
        let Some(vlan) = policy.probed.filter(|_| linked.len() > 1) else { return (linked, false) };
        let silent = |name: &String| self.silent.contains(&(vlan, name.clone()));
        if linked.iter().all(silent) {
            return (linked, true);
        }
        linked.retain(|name| !silent(name));
        (linked, false)
    }

    /// The uplinks that carry a port group's frames, by name, and whether each of them carries every frame.
    pub(crate) fn carriers(&self, config: &VSwitch, group: &PortGroup) -> (Vec<String>, bool) {
        let policy = Policy::of(config, group);
        let (working, shotgun) = self.working(&policy);
        if shotgun {
            return (working, true);
        }
        let seats = if policy.failback {
            policy.seated_afresh(&working)
        } else {
            self.seats[&group.name].holders.iter().map(|(holder, _)| holder.clone()).collect()
        };
        (seats.into_iter().flatten().collect(), false)
    }

    /// Rule T-8.
    fn take_seats(&mut self, config: &VSwitch) {
        let mut seats = BTreeMap::new();
        for group in &config.port_groups {
            let policy = Policy::of(config, group);
            if policy.failback {
                continue;
            }
            let (working, _) = self.working(&policy);
            let connected: Vec<String> = self.links.keys().cloned().collect();
            let made_for = (policy.active.clone(), policy.standby.clone(), policy.single(), connected);
            let before = self.seats.get(&group.name).filter(|seating| seating.made_for == made_for);
            let holders = match before {
                None => {
                    let fresh = policy.seated_afresh(&working).into_iter();
                    fresh.map(|holder| (holder.clone(), holder.is_some())).collect()
                }
                Some(seating) => reseat(&policy, seating.holders.clone(), &working),
            };
            seats.insert(group.name.clone(), Seating { made_for, holders });
        }
        self.seats = seats;
    }

    // Beacons.

    /// The members whose links count, of each team that is probed, in its VLAN.
    fn take_up_paths(&mut self, config: &VSwitch) {
        let mut wanted = BTreeSet::new();
        for group in &config.port_groups {
            let policy = Policy::of(config, group);
            let Some(vlan) = policy.probed else { continue };
            wanted.extend(policy.members().into_iter().filter(|name| self.counts(name)).map(|n| (vlan, n)));
        }
        self.paths.retain(|path, _| wanted.contains(path));
        self.silent.retain(|path| wanted.contains(path));
        for path in wanted {
            self.paths.entry(path).or_default();
        }
        if self.paths.is_empty() {
            self.next_round_ns = None;
        } else if self.next_round_ns.is_none() {
            self.next_round_ns = Some(self.now_ns);
        }
    }

    fn send_round(&mut self) {
        if self.next_round_ns != Some(self.now_ns) {
            return;
        }
        self.next_round_ns = Some(self.now_ns + SECOND_NS);
        let probed: Vec<(u16, String)> = self.paths.keys().cloned().collect();
        let whole = |name: &String| !self.broken.contains(name) && self.links[name].up;
        for (path, log) in &mut self.paths {
            let (vlan, name) = path;
            let others: Vec<&String> =
                probed.iter().filter(|(v, n)| v == vlan && n != name).map(|(_, n)| n).collect();
            // On this wire who hears is heard.
            let heard = whole(name) && others.iter().any(|other| whole(other));
            log.push(if others.is_empty() {
                Round::Alone
            } else {
                Round::Judged { hears: heard, is_heard: heard }
            });
        }
    }

    /// Silent is a path that missed the last three rounds, since it was last alone.
    fn judge_round(&mut self) {
        if self.next_round_ns != Some(self.now_ns) {
            return;
        }
        let missed = |log: &[Round], of: fn(bool, bool) -> bool| {
            log.iter()
                .rev()
                .take_while(
                    |round| matches!(round, Round::Judged { hears, is_heard } if !of(*hears, *is_heard)),
                )
                .count()
        };
        let silent = self.paths.iter().filter(|(_, log)| {
            missed(log, |hears, _| hears) >= 3 || missed(log, |_, is_heard| is_heard) >= 3
        });
        self.silent = silent.map(|(path, _)| path.clone()).collect();
    }

    // Notify switches.

    /// Rule T-11: where a port's address stands, for those that are told about.
    fn standing_of(&self, switch: &Switch, port: &ConnectedPort) -> Option<Standing> {
        let config = switch.config();
        let group = config.port_group(&port.adapter.port_group)?;
        let policy = Policy::of(config, group);
        let mac_changes = group.security.mac_changes.or(config.security.mac_changes);
        let accepted = mac_changes.unwrap_or(config.defaults.security().mac_changes).accepts();
        let closed = port.guest.mac != port.adapter.mac && !accepted;
        if !port.link_up || closed || !policy.notify {
            return None;
        }
        let (carriers, shotgun) = self.carriers(config, group);
        let key = match policy.load_balancing {
            LoadBalancing::PortId => port.id.slot(),
            LoadBalancing::SourceMac => usize::from(port.guest.mac.octets()[5]),
            _ => 0,
        };
        let alone = !shotgun && !carriers.is_empty();
        Some((group.vlan.id(), alone.then(|| carriers[key % carriers.len()].clone())))
    }

    fn announce_moves(&mut self, switch: &Switch) {
        let vports = switch.ports().filter(|port| port.adapter.client != Client::Uplink);
        let standing: BTreeMap<PortId, Standing> =
            vports.filter_map(|port| Some((port.id, self.standing_of(switch, port)?))).collect();
        self.due.retain(|(_, port)| standing.get(port).is_some_and(|(_, uplink)| uplink.is_some()));
        for (port, now) in &standing {
            if now.1.is_some() && self.standing.get(port) != Some(now) {
                self.due.retain(|(_, other)| other != port);
                self.due.extend((0..5).map(|n| (self.now_ns + n * SECOND_NS, *port)));
            }
        }
        self.standing = standing;
    }

    fn send_announcements(&mut self, switch: &Switch) {
        let (due, later) = self.due.iter().copied().partition(|(at, _)| *at <= self.now_ns);
        self.due = later;
        let due: Vec<(u64, PortId)> = due;
        for (_, id) in due {
            let port = switch.port(id).unwrap();
            let group = switch.config().port_group(&port.adapter.port_group).unwrap();
            let tag = match group.vlan {
                VlanMode::Vst(vlan) => vlan.get(),
                _ => 0,
            };
            let uplink = self.standing[&id].1.clone().unwrap();
            self.announced.push((self.now_ns, uplink, port.guest.mac, tag));
        }
    }
}

fn reseat(
    policy: &Policy,
    mut holders: Vec<(Option<String>, bool)>,
    working: &[String],
) -> Vec<(Option<String>, bool)> {
    let seated = |holders: &[(Option<String>, bool)], name: &String| {
        holders.iter().any(|(holder, _)| holder.as_ref() == Some(name))
    };
    let next = |holders: &[(Option<String>, bool)]| {
        let mut members = policy.members().into_iter();
        members.find(|name| working.contains(name) && !seated(holders, name))
    };
    for at in 0..holders.len() {
        match holders[at].clone() {
            (Some(holder), _) if working.contains(&holder) => {}
            (Some(_), _) => holders[at] = (next(&holders), true),
            (None, true) => {}
            (None, false) => {
                // Nobody has held it so far, so nobody has failed in it.
                let fresh = policy.seated_afresh(working)[at].clone();
                if let Some(name) = fresh.filter(|name| !seated(&holders, name)) {
                    holders[at] = (Some(name), true);
                }
            }
        }
    }
    if let Some(name) = next(&holders).filter(|_| holders.iter().all(|(holder, _)| holder.is_none())) {
        holders[0] = (Some(name), true);
    }
    holders
}

fn uplinks(switch: &Switch) -> Vec<&ConnectedPort> {
    switch.ports().filter(|port| port.adapter.client == Client::Uplink).collect()
}
