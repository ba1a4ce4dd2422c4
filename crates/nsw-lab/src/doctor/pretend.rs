//! Who can send as whom: broadcasts under other addresses are sent, and it is looked at who hears them.
//!
//! Who hears a broadcast from one sender depends on the address it is sent under only by what of a MAC matters
//! ([`super::kinds::Class::mac`]), and by where that address is registered. Registered on a port that the frame passes, it
//! is no forged one there; so whoever is on the sender's root, or has an address that is registered there, is tried by
//! itself. Registered on another root, its own group frames are not taken from outside there; so owners of such addresses
//! are tried on different roots, and all count; where there is one such root only, everybody on it is tried by itself.
//!
//! On the sender's own root hearers are looked at one by one. Beyond a segment all that matters is how the frame comes out
//! to it; it is sent through the whole lab once for each such way, and again until no root is left out of all.
//!
//! A nested host is a sender like any other, by each of its doors ([`super::sender`]).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::exposure::is_guest;
use super::kinds::{Class, ClassId, Kinds};
use super::sender::{NestedHost, Sender};
use crate::sim::{EndpointId, Journey, Scope, Settled, SwitchId, World};

pub(super) struct Pretending {
    /// By class of senders: as whom it can send.
    pub(super) senders: BTreeMap<ClassId, AsWhom>,
    /// Nested hosts that can send as somebody: as whom, those inside it left aside.
    pub(super) hosts: Vec<(NestedHost, AsWhom)>,
}

#[derive(Default)]
pub(super) struct AsWhom {
    /// Of each kind of addresses, a class that has such: everybody who has.
    pub(super) alike: BTreeSet<ClassId>,
    /// These classes by themselves.
    pub(super) alone: BTreeSet<ClassId>,
}

impl Pretending {
    /// `programmed`: a guest may first program the address into its adapter.
    pub(super) fn of(world: &World, kinds: &Kinds, settled: &Settled, programmed: bool) -> Self {
        let mut switches = vec![Vec::new(); kinds.roots];
        for id in world.switch_ids() {
            switches[kinds.stems[id.index()].root].push(id);
        }
        let mut trial = Trial {
            world: world.clone(),
            kinds,
            settled,
            switches,
            programmed,
            beyond: HashMap::new(),
            share: HashMap::new(),
        };
        let victims = Victims::of(kinds);
        let mut senders = BTreeMap::new();
        for (class, Class { members, .. }) in kinds.classes.iter().enumerate() {
            let sender = members.first().copied().map(Sender::End);
            let as_whom = trial.as_whom(sender.as_slice(), &victims);
            if !as_whom.is_nobody() {
                senders.insert(class, as_whom);
            }
        }
        let hosts = NestedHost::all(world, kinds, settled).into_iter();
        let hosts = hosts.map(|host| (trial.as_whom(&host.doors, &victims), host));
        let hosts = hosts.filter(|(as_whom, _)| !as_whom.is_nobody());
        Self { senders, hosts: hosts.map(|(as_whom, host)| (host, as_whom)).collect() }
    }
}

impl AsWhom {
    fn is_nobody(&self) -> bool {
        self.alike.is_empty() && self.alone.is_empty()
    }
}

/// Whose addresses are tried, and who has such.
struct Victims {
    /// By what matters of a MAC: up to three owners on different roots, so that two are left to each sender.
    macs: BTreeMap<u32, Vec<ClassId>>,
    /// By what matters of all addresses: one owner.
    addresses: BTreeMap<u32, ClassId>,
    /// By root.
    neighbours: Vec<Vec<ClassId>>,
    /// Those whose address is registered on other roots too.
    elsewhere: Vec<ClassId>,
}

impl Victims {
    fn of(kinds: &Kinds) -> Self {
        let mut victims = Self {
            macs: BTreeMap::new(),
            addresses: BTreeMap::new(),
            neighbours: vec![Vec::new(); kinds.roots],
            elsewhere: Vec::new(),
        };
        for (id, class) in kinds.classes.iter().enumerate() {
            victims.addresses.entry(class.addresses).or_insert(id);
            victims.neighbours[class.root].push(id);
            if !class.elsewhere.is_empty() {
                victims.elsewhere.push(id);
            }
            let known = victims.macs.entry(class.mac).or_default();
            if known.len() < 3 && known.iter().all(|known| kinds.classes[*known].root != class.root) {
                known.push(id);
            }
        }
        victims
    }
}

struct Trial<'w> {
    /// Changed for a moment while a guest programs an address.
    world: World,
    kinds: &'w Kinds,
    settled: &'w Settled,
    /// By root.
    switches: Vec<Vec<SwitchId>>,
    programmed: bool,
    /// By how a frame comes out to a segment: who hears it beyond.
    beyond: HashMap<(String, u16), Beyond>,
    /// By what matters of the addresses of two: have they an IP network in common?
    share: HashMap<(u32, u32), bool>,
}

/// Who hears a broadcast beyond a segment.
#[derive(Default)]
struct Beyond {
    /// What matters of their addresses, with one who has such.
    hearers: BTreeMap<u32, EndpointId>,
    /// Roots that no frame so far could say anything about; `None` before the first.
    left_out: Option<BTreeSet<usize>>,
}

impl Trial<'_> {
    /// As whom somebody can send who has these ways.
    fn as_whom(&mut self, ways: &[Sender], victims: &Victims) -> AsWhom {
        let mut as_whom = AsWhom::default();
        for sender in ways {
            as_whom.alike.extend(self.alike(sender, victims));
            as_whom.alone.extend(self.alone(sender, victims));
        }
        as_whom
    }

    /// Of each kind of addresses that it can send as, a class that has such.
    fn alike(&mut self, sender: &Sender, victims: &Victims) -> BTreeSet<ClassId> {
        let mut as_whom = BTreeSet::new();
        for (mac, owners) in &victims.macs {
            let mut hearers = BTreeMap::new();
            for owner in owners {
                if let Some(victim) = self.victim(sender, *owner) {
                    hearers.extend(self.hearers(sender, victim, false));
                }
            }
            for owner in victims.addresses.values().filter(|owner| self.kinds.classes[**owner].mac == *mac) {
                if self.anybody_cares(*owner, &hearers) {
                    as_whom.insert(*owner);
                }
            }
        }
        as_whom
    }

    /// Of those who are tried by themselves, the classes that it can send as.
    fn alone(&mut self, sender: &Sender, victims: &Victims) -> BTreeSet<ClassId> {
        let above = sender.above(&self.world, self.kinds);
        let registered_above =
            |id: &&ClassId| self.kinds.classes[**id].elsewhere.iter().any(|switch| above.contains(switch));
        let root = sender.root(self.kinds);
        let mut tried: BTreeSet<ClassId> = victims.neighbours[root].iter().copied().collect();
        tried.extend(victims.elsewhere.iter().filter(registered_above));
        if !self.world.keeps_to_the_road() {
            tried.extend(0..self.kinds.classes.len());
        }
        for owners in victims.macs.values() {
            let usable: Vec<&ClassId> =
                owners.iter().filter(|owner| self.victim(sender, **owner).is_some()).collect();
            if let [only] = usable[..] {
                let Class { root, mac, .. } = &self.kinds.classes[*only];
                let alike = victims.neighbours[*root].iter();
                tried.extend(alike.filter(|other| self.kinds.classes[**other].mac == *mac));
            }
        }
        let tried: Vec<(ClassId, EndpointId)> =
            tried.into_iter().filter_map(|id| Some((id, self.victim(sender, id)?))).collect();
        let heard = |(id, victim): (ClassId, EndpointId)| {
            let hearers = self.hearers(sender, victim, true);
            self.anybody_cares(id, &hearers).then_some(id)
        };
        tried.into_iter().filter_map(heard).collect()
    }

    /// A member of a class that is not the sender itself.
    fn victim(&self, sender: &Sender, class: ClassId) -> Option<EndpointId> {
        let mut members = self.kinds.classes[class].members.iter().copied();
        members.find(|victim| !sender.is(self.kinds, *victim))
    }

    /// Who hears a broadcast that `sender` sends under the address of `victim`; with `programmed` also what it hears from
    /// it once its guest has programmed that address.
    fn hearers(&mut self, sender: &Sender, victim: EndpointId, alone: bool) -> BTreeMap<u32, EndpointId> {
        let mut hearers = self.broadcast(sender, victim, alone);
        if let Sender::End(id) = *sender
            && self.programmed
            && is_guest(&self.world, id)
        {
            let own = self.world.endpoint(id).mac;
            self.world.program_mac(id, self.world.endpoint(victim).mac);
            hearers.extend(self.broadcast(sender, victim, alone));
            self.world.program_mac(id, own);
        }
        hearers
    }

    fn broadcast(&mut self, sender: &Sender, victim: EndpointId, alone: bool) -> BTreeMap<u32, EndpointId> {
        let root = sender.root(self.kinds);
        let near = Scope::switches(self.switches[root].clone());
        let journey = sender.broadcast_as(victim, &self.world, self.settled, Some(near));
        let mut hearers = self.count(&journey, sender, victim);
        let Some(exit) = journey.exit() else { return hearers };
        if alone && root != self.kinds.root_of(victim) {
            let journey = sender.broadcast_as(victim, &self.world, self.settled, None);
            hearers.extend(self.count(&journey, sender, victim));
        } else {
            let outside = [root, self.kinds.root_of(victim)].into_iter().collect();
            hearers.extend(self.beyond(exit, sender, victim, &outside));
        }
        hearers
    }

    fn beyond(
        &mut self,
        exit: (String, u16),
        sender: &Sender,
        victim: EndpointId,
        outside: &BTreeSet<usize>,
    ) -> BTreeMap<u32, EndpointId> {
        let mut beyond = self.beyond.remove(&exit).unwrap_or_default();
        let left_out = match &beyond.left_out {
            None => outside.clone(),
            Some(before) => before.intersection(outside).copied().collect(),
        };
        if beyond.left_out.as_ref() != Some(&left_out) {
            let journey = sender.broadcast_as(victim, &self.world, self.settled, None);
            beyond.hearers.extend(self.count(&journey, sender, victim));
            beyond.left_out = Some(left_out);
        }
        let hearers = beyond.hearers.clone();
        self.beyond.insert(exit, beyond);
        hearers
    }

    /// Those for whom it is, neither the sender nor the victim; by what matters of their addresses.
    fn count(&self, journey: &Journey, sender: &Sender, victim: EndpointId) -> BTreeMap<u32, EndpointId> {
        let taken = journey.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
        let thirds =
            taken.map(|arrival| arrival.endpoint).filter(|id| *id != victim && !sender.is(self.kinds, *id));
        thirds.map(|id| (self.kinds.classes[self.kinds.class_of[id.index()]].addresses, id)).collect()
    }

    /// Has one of the hearers an IP network in common with the owner of the address?
    fn anybody_cares(&mut self, owner: ClassId, hearers: &BTreeMap<u32, EndpointId>) -> bool {
        let class = &self.kinds.classes[owner];
        let Some(victim) = class.members.first().copied() else { return false };
        hearers.iter().any(|(addresses, hearer)| {
            let world = &self.world;
            *self
                .share
                .entry((*addresses, class.addresses))
                .or_insert_with(|| hearer == &victim || world.common_network(*hearer, victim).is_ok())
        })
    }
}
