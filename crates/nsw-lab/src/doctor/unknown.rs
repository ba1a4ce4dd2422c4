//! What a lab file does not say, and a conversation may depend on: each is tried in every way that there is.
//!
//! * Does a guest ask for promiscuous mode? A lab file says what it asks at the start; any guest may ask later.
//! * Whom has a physical switch, or a port that learns, heard before? Everybody may have spoken.
//! * Which uplink does a port's number pick? The number changes when a VM is switched off and on.
//!
//! **Invariant:** a fact is reported only if the simulator gave different outcomes for its values.

use nsw_core::{ConnectedPort, GuestRequest, LoadBalancing, Mac, NicOrder};

use super::path::Level;
use super::why::Question;
use crate::sim::{self, EndpointId, World};

/// Something that is not known and decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// They talk only if this guest asks for promiscuous mode, or only if it does not.
    Asks {
        /// The adapter.
        who: String,
        /// They talk if it asks.
        talks_if_so: bool,
    },
    /// They talk or not, depending on who of those with this address was heard last.
    HeardLast {
        /// The address.
        mac: Mac,
        /// Who else has it.
        other: String,
        /// They talk if the other was heard last.
        talks_if_so: bool,
    },
    /// They talk or not, depending on which addresses were learned before.
    LearnedBefore {
        /// They talk if everybody else has spoken before.
        talks_if_so: bool,
    },
    /// They talk or not, depending on the uplink that port numbers pick.
    Uplink {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
        /// The uplinks with which they talk.
        talks_by: Vec<String>,
        /// The uplinks with which they do not.
        not_by: Vec<String>,
    },
}

/// VMs that are let speak before; more of them would only repeat what these show.
const MAX_SPEAKERS: usize = 256;

/// What decides and is not known.
pub(super) fn that_matter(question: &Question) -> Vec<Unknown> {
    let talks = question.talks();
    let mut found: Vec<Unknown> = Vec::new();
    found.extend(requests(question, talks));
    found.extend(duplicates(question, talks));
    found.extend(learned_before(question, talks));
    found.extend(uplinks(question));
    found
}

/// Would they talk if the one without an address had one? `None` if neither has.
pub(super) fn with_an_address(question: &Question) -> Option<bool> {
    let [from, to] = question.ends();
    let (known, lacking) = match (from.addresses.first(), to.addresses.first()) {
        (Some(known), None) => (known, question.to),
        (None, Some(known)) => (known, question.from),
        _ => return None,
    };
    let mut world = question.world.clone();
    world.lend_address(lacking, super::neighbour::of(*known));
    Some(talks(&world, question))
}

fn requests(question: &Question, before: bool) -> impl Iterator<Item = Unknown> {
    let ends = [question.from, question.to].into_iter();
    ends.filter_map(move |end| {
        let (world, now) = other_request(question, end)?;
        let after = talks(&world, question);
        let who = question.world.endpoint(end).name.clone();
        (after != before).then_some(Unknown::Asks { who, talks_if_so: after != now })
    })
}

/// The world in which the guest of `end` asks for what it does not ask now, and whether it asks now.
fn other_request(question: &Question, end: EndpointId) -> Option<(World, bool)> {
    let (id, port) = question.world.port_of(end)?;
    let (host, switch) = question.world.switch(id);
    let ConnectedPort { adapter, guest, .. } = switch.port(port)?;
    let asks = guest.promiscuous;
    let request = GuestRequest { promiscuous: !asks, ..guest.clone() };
    let mut world = question.world.clone();
    world.set_guest(host, &adapter.name, request).ok()?;
    Some((world, asks))
}

/// Somebody else with the address of an end has spoken last.
fn duplicates(question: &Question, before: bool) -> Vec<Unknown> {
    let ends = [question.from, question.to];
    let mut found = Vec::new();
    for end in ends {
        let mac = question.world.endpoint(end).mac;
        let same = |id: &EndpointId| !ends.contains(id) && question.world.endpoint(*id).mac == mac;
        let Some(other) = question.world.endpoint_ids().find(same) else { continue };
        let mut world = question.world.clone();
        speak(&mut world, end);
        speak(&mut world, other);
        let after = world.converse_on(question.from, question.to).verdict == sim::Verdict::Reachable;
        if after != before {
            let other = question.world.endpoint(other).name.clone();
            found.push(Unknown::HeardLast { mac, other, talks_if_so: after });
        }
    }
    found
}

/// Everybody else has spoken before; asked only where a port learns, for nothing else remembers what could decide.
fn learned_before(question: &Question, before: bool) -> Option<Unknown> {
    let learns = |level: &Level| {
        let config = question.world.switch_named(&level.at.host, &level.at.vswitch).ok()?;
        let (_, switch) = question.world.switch(config);
        let group = switch.config().port_group(level.at.port_group.as_ref()?)?;
        group.beyond.mac_learning.or(switch.config().beyond.mac_learning)
    };
    let levels = question.levels();
    let mut all = levels.iter().flatten().filter_map(learns);
    all.find(|learning| matches!(learning, nsw_core::MacLearning::On(_)))?;
    let mut world = question.world.clone();
    let others = world.endpoint_ids().filter(|id| ![question.from, question.to].contains(id));
    for id in others.take(MAX_SPEAKERS) {
        speak(&mut world, id);
    }
    let after = world.converse_on(question.from, question.to).verdict == sim::Verdict::Reachable;
    (after != before).then_some(Unknown::LearnedBefore { talks_if_so: after })
}

/// Each usable uplink by itself, where the port's number picks one.
fn uplinks(question: &Question) -> Vec<Unknown> {
    let levels = question.levels();
    let mut found: Vec<Unknown> = Vec::new();
    for level in levels.iter().flatten() {
        let (host, vswitch) = (&level.at.host, &level.at.vswitch);
        let known = |unknown: &Unknown| matches!(unknown, Unknown::Uplink { host: h, vswitch: v, .. } if h == host && v == vswitch);
        let Some(candidates) = picked_by_number(question, level).filter(|_| !found.iter().any(known)) else {
            continue;
        };
        let (talks_by, not_by): (Vec<String>, Vec<String>) = candidates.into_iter().partition(|uplink| {
            only_by(question, level, uplink).is_some_and(|world| talks(&world, question))
        });
        if !talks_by.is_empty() && !not_by.is_empty() {
            found.push(Unknown::Uplink { host: host.clone(), vswitch: vswitch.clone(), talks_by, not_by });
        }
    }
    found
}

/// The active uplinks of a level, if there are several and the port's number picks one.
fn picked_by_number(question: &Question, level: &Level) -> Option<Vec<String>> {
    let id = question.world.switch_named(&level.at.host, &level.at.vswitch).ok()?;
    let (_, switch) = question.world.switch(id);
    let config = switch.config();
    let group = config.port_group(level.at.port_group.as_ref()?)?;
    let balancing = group.teaming.load_balancing.or(config.teaming.load_balancing).unwrap_or_default();
    let order = group.teaming.nic_order.as_ref().or(config.teaming.nic_order.as_ref());
    let active = order.map_or(&config.uplinks, |order| &order.active);
    let up = |name: &&String| switch.port_named(name).is_some_and(|port| port.link_up);
    let active: Vec<String> = active.iter().filter(up).cloned().collect();
    (balancing == LoadBalancing::PortId && active.len() > 1).then_some(active)
}

fn only_by(question: &Question, level: &Level, uplink: &str) -> Option<World> {
    let mut world = question.world.clone();
    let order = NicOrder { active: vec![uplink.to_owned()], standby: Vec::new() };
    let edited = world.edit(&level.at.host, &level.at.vswitch, |config| {
        let group = level.at.port_group.as_ref().and_then(|name| config.port_group_mut(name));
        if let Some(group) = group {
            group.teaming.nic_order = Some(order);
        }
        Ok(())
    });
    edited.ok().map(|()| world)
}

fn talks(world: &World, question: &Question) -> bool {
    world.converse(question.from, question.to).verdict == sim::Verdict::Reachable
}

/// The end announces itself to everybody.
fn speak(world: &mut World, id: EndpointId) {
    let end = world.endpoint(id);
    let frame = sim::FrameSpec {
        src: end.mac,
        dst: Mac::BROADCAST,
        vlan: end.vlan,
        ethertype: nsw_core::ethertype::ARP,
        payload_len: 28,
    };
    world.send(id, frame.bytes());
}
