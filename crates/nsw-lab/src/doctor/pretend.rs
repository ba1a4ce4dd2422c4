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

mod near;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use nsw_core::Mac;

pub(super) use self::near::{Answers, Exit, apart};
use self::near::{Exits, Near, Sent, Third, Way};
use super::exposure::is_guest;
use super::kinds::{Class, ClassId, Hashed, Kinds};
use super::same::{Bits, Roots, Sharing};
use super::sender::{NestedHost, Sender};
use crate::sim::{EndpointId, Journey, Scope, Settled, World};

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
    pub(super) fn of(
        world: &World,
        kinds: &Kinds,
        settled: &Settled,
        programmed: bool,
        roots: &Roots,
        answers: &mut Answers,
    ) -> Self {
        let mut trial = Trial {
            world: world.clone(),
            kinds,
            settled,
            roots,
            asks_for_addresses: programmed,
            honours: Hashed::default(),
            near: Near::new(answers, programmed),
            beyond: Hashed::default(),
            sharing: Sharing::of(kinds),
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
    /// By what matters of a MAC: one owner of each kind of addresses.
    addresses: Hashed<u32, BTreeMap<u32, ClassId>>,
    /// Those whose address is registered on other roots too.
    elsewhere: Vec<ClassId>,
}

impl Victims {
    fn of(kinds: &Kinds) -> Self {
        let mut victims = Self { macs: BTreeMap::new(), addresses: Hashed::default(), elsewhere: Vec::new() };
        for (id, class) in kinds.classes.iter().enumerate() {
            victims.addresses.entry(class.mac).or_default().entry(class.addresses).or_insert(id);
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
    roots: &'w Roots,
    /// Guests program other addresses, too.
    asks_for_addresses: bool,
    /// By guest: does the vSwitch honour whatever address it programs?
    honours: Hashed<EndpointId, bool>,
    /// Who hears what on the sender's root.
    near: Near<'w>,
    /// By how a frame comes out to a segment: who hears it beyond.
    beyond: Hashed<Exit, Beyond>,
    sharing: Sharing,
}

/// Who hears a broadcast beyond a segment.
#[derive(Default)]
struct Beyond {
    /// In which networks they are.
    hearers: Bits,
    /// Roots that no frame so far could say anything about; `None` before the first.
    left_out: Option<BTreeSet<usize>>,
}

impl Trial<'_> {
    /// As whom somebody can send who has these ways.
    fn as_whom(&mut self, ways: &[Sender], victims: &Victims) -> AsWhom {
        let mut as_whom = AsWhom::default();
        for sender in ways {
            let mut way = self.near.way(&self.world, self.kinds, sender, self.roots);
            as_whom.alike.extend(self.alike(&mut way, victims));
            as_whom.alone.extend(self.alone(&mut way, victims));
            self.near.keep(way, self.kinds, self.roots);
        }
        as_whom
    }

    /// Of each kind of addresses that it can send as, a class that has such.
    fn alike(&mut self, way: &mut Way<'_>, victims: &Victims) -> BTreeSet<ClassId> {
        let sender = way.sender;
        let mut as_whom = BTreeSet::new();
        for (mac, owners) in &victims.macs {
            let mut hearers = Bits::default();
            for owner in owners {
                if let Some(victim) = self.victim(sender, *owner) {
                    if self.world.keeps_to_the_road() {
                        self.add_hearers_of_kind(&mut hearers, way, victim);
                    } else {
                        hearers.add(&self.hearers(sender, victim, false));
                    }
                }
            }
            let of_kind = victims.addresses.get(mac).into_iter().flat_map(BTreeMap::values);
            as_whom.extend(of_kind.filter(|owner| self.anybody_cares(**owner, &hearers)));
        }
        as_whom
    }

    /// Of those who are tried by themselves, the classes that it can send as.
    fn alone(&mut self, way: &mut Way<'_>, victims: &Victims) -> BTreeSet<ClassId> {
        let sender = way.sender;
        let above = sender.above(&self.world, self.kinds);
        let registered_above =
            |id: &&ClassId| self.kinds.classes[**id].elsewhere.iter().any(|switch| above.contains(switch));
        let root = sender.root(self.kinds);
        let mut tried: BTreeSet<ClassId> = self.roots.classes[root].iter().copied().collect();
        tried.extend(victims.elsewhere.iter().filter(registered_above));
        if !self.world.keeps_to_the_road() {
            tried.extend(0..self.kinds.classes.len());
        }
        for owners in victims.macs.values() {
            let usable: Vec<&ClassId> =
                owners.iter().filter(|owner| self.victim(sender, **owner).is_some()).collect();
            if let [only] = usable[..] {
                let Class { root, mac, .. } = &self.kinds.classes[*only];
                let alike = self.roots.classes[*root].iter();
                tried.extend(alike.filter(|other| self.kinds.classes[**other].mac == *mac));
            }
        }
        let tried: Vec<(ClassId, EndpointId)> =
            tried.into_iter().filter_map(|id| Some((id, self.victim(sender, id)?))).collect();
        let heard = |(id, victim): (ClassId, EndpointId)| {
            if self.world.keeps_to_the_road() && self.kinds.root_of(victim) == root {
                return self.is_heard(way, victim).then_some(id);
            }
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

    /// Adds the networks of those who hear it, on the way's root and beyond.
    fn add_hearers_of_kind(&mut self, hearers: &mut Bits, way: &mut Way<'_>, victim: EndpointId) {
        let class = &self.kinds.classes[self.kinds.class_of[victim.index()]];
        // Its address is registered nowhere here, so that nothing of it matters but what matters of a MAC.
        let is_far = class.root != way.sender.root(self.kinds) && class.elsewhere.is_empty();
        let is_far = is_far && !class.unlike_any;
        let kept = way.kept.elsewhere.get(&class.mac).filter(|_| is_far).map(Arc::clone);
        let near = kept.unwrap_or_else(|| {
            let near = Arc::new((self.hearers_near(way, victim), self.exits(way, victim)));
            if is_far {
                way.kept.elsewhere.insert(class.mac, Arc::clone(&near));
            }
            near
        });
        hearers.add(&near.0);
        for exit in &*near.1 {
            self.follow_beyond(exit, way.sender, victim);
            hearers.add(&self.beyond[exit].hearers);
        }
    }

    fn hearers_near(&mut self, way: &Way<'_>, victim: EndpointId) -> Bits {
        let mut hearers = Bits::default();
        for third in &way.thirds {
            if self.hears(way, *third, victim) {
                hearers.insert(self.kinds.classes[third.class].networks);
            }
        }
        hearers
    }

    /// Does anybody hear it who has an IP network in common with the owner of the address, who is on the way's root?
    fn is_heard(&mut self, way: &mut Way<'_>, victim: EndpointId) -> bool {
        let owner = self.kinds.class_of[victim.index()];
        let kept = way.kept.here.get(&victim).cloned();
        let exits = kept.unwrap_or_else(|| {
            let exits = if self.is_heard_near(way, victim) { None } else { Some(self.exits(way, victim)) };
            way.kept.here.insert(victim, exits.clone());
            exits
        });
        let Some(exits) = exits else { return true };
        exits.iter().any(|exit| {
            self.follow_beyond(exit, way.sender, victim);
            let networks = self.kinds.classes[owner].networks;
            self.sharing.with(&self.world, networks).meets(&self.beyond[exit].hearers)
        })
    }

    fn is_heard_near(&mut self, way: &Way<'_>, victim: EndpointId) -> bool {
        let networks = self.kinds.classes[self.kinds.class_of[victim.index()]].networks;
        way.thirds.iter().any(|third| {
            let cares = self.sharing.with(&self.world, networks);
            cares.contains(self.kinds.classes[third.class].networks) && self.hears(way, *third, victim)
        })
    }

    fn hears(&mut self, way: &Way<'_>, third: Third, victim: EndpointId) -> bool {
        let known = self.near.hears(&self.world, self.kinds, way, third, victim);
        known.unwrap_or_else(|| {
            self.send(way, victim);
            self.near.hears(&self.world, self.kinds, way, third, victim).unwrap_or(false)
        })
    }

    fn exits(&mut self, way: &Way<'_>, victim: EndpointId) -> Exits {
        let known = self.near.exits(&self.world, self.kinds, way, victim);
        known.unwrap_or_else(|| {
            self.send(way, victim);
            self.near.exits(&self.world, self.kinds, way, victim).unwrap_or_default()
        })
    }

    /// Sends it on its root, as the guest is and with the address programmed, and remembers who hears it.
    fn send(&mut self, way: &Way<'_>, victim: EndpointId) {
        let sender = way.sender;
        let near = Scope::switches(self.roots.switches[sender.root(self.kinds)].clone());
        let probe = |trial: &mut Self| {
            sender.broadcast_as(victim, &trial.world, trial.settled, Some(Arc::clone(&near)))
        };
        let plain = probe(self);
        let programmed = self.programmed(sender, victim, probe);
        let (mut heard, mut exits) = (HashSet::new(), BTreeSet::new());
        for journey in [plain].iter().chain(&programmed) {
            let taken = journey.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
            heard.extend(taken.map(|arrival| arrival.endpoint));
            exits.extend(journey.exit());
        }
        self.near.remember(victim, Sent { heard, exits: Arc::new(exits) });
    }

    /// Who hears a broadcast that `sender` sends under the address of `victim`; with `programmed` also what it hears from
    /// it once its guest has programmed that address.
    fn hearers(&mut self, sender: &Sender, victim: EndpointId, alone: bool) -> Bits {
        let mut hearers = self.broadcast(sender, victim, alone);
        let more = self.programmed(sender, victim, |trial| trial.broadcast(sender, victim, alone));
        more.iter().for_each(|more| hearers.add(more));
        hearers
    }

    /// What is seen once the sender's guest has programmed the address of `victim`; `None` where nobody does, or where it
    /// could only close the port.
    fn programmed<T>(
        &mut self,
        sender: &Sender,
        victim: EndpointId,
        look: impl FnOnce(&mut Self) -> T,
    ) -> Option<T> {
        let Sender::End(id) = *sender else { return None };
        let mac = self.world.endpoint(victim).mac;
        if !self.asks_for_addresses || !is_guest(&self.world, id) || !self.honours(id, mac) {
            return None;
        }
        Some(self.with_programmed(id, mac, look))
    }

    /// What is seen while a guest has this address programmed.
    fn with_programmed<T>(&mut self, id: EndpointId, mac: Mac, look: impl FnOnce(&mut Self) -> T) -> T {
        let own = self.world.endpoint(id).mac;
        self.world.program_mac(id, mac);
        let seen = look(self);
        self.world.program_mac(id, own);
        seen
    }

    /// Would the vSwitch honour this address? A port honours any address or its initial one alone (rule S-5), so one
    /// other is tried.
    fn honours(&mut self, id: EndpointId, mac: Mac) -> bool {
        let Some((switch, port)) = self.world.port_of(id) else { return false };
        if self.world.switch(switch).1.port(port).is_some_and(|port| port.adapter.mac == mac) {
            return true;
        }
        if let Some(honours) = self.honours.get(&id) {
            return *honours;
        }
        let is_registered =
            |trial: &mut Self| trial.world.tables(switch).registered_on(mac).any(|owner| owner == port);
        let honours = self.with_programmed(id, mac, is_registered);
        self.honours.insert(id, honours);
        honours
    }

    fn broadcast(&mut self, sender: &Sender, victim: EndpointId, alone: bool) -> Bits {
        let root = sender.root(self.kinds);
        let near = Scope::switches(self.roots.switches[root].clone());
        let journey = sender.broadcast_as(victim, &self.world, self.settled, Some(near));
        let mut hearers = self.count(&journey, sender, victim);
        let Some(exit) = journey.exit() else { return hearers };
        if alone && root != self.kinds.root_of(victim) {
            let journey = sender.broadcast_as(victim, &self.world, self.settled, None);
            hearers.add(&self.count(&journey, sender, victim));
        } else {
            self.follow_beyond(&exit, sender, victim);
            hearers.add(&self.beyond[&exit].hearers);
        }
        hearers
    }

    /// Who hears it beyond a segment, to which it comes out like this? Sends it through the whole lab, unless that would
    /// say nothing new of them; and knows an answer then.
    fn follow_beyond(&mut self, exit: &Exit, sender: &Sender, victim: EndpointId) {
        let known = self.beyond.get(exit).and_then(|beyond| beyond.left_out.as_ref());
        if known.is_some_and(BTreeSet::is_empty) {
            return;
        }
        let outside = BTreeSet::from([sender.root(self.kinds), self.kinds.root_of(victim)]);
        let left_out = known.map_or_else(|| outside.clone(), |before| before & &outside);
        if known != Some(&left_out) {
            let journey = self.as_it_comes_out(exit, sender, victim);
            let more = self.count(&journey, sender, victim);
            self.beyond.entry(exit.clone()).or_default().hearers.add(&more);
        }
        self.beyond.entry(exit.clone()).or_default().left_out = Some(left_out);
    }

    /// Through the whole lab, as the guest is or with the address programmed, whichever comes out like this.
    fn as_it_comes_out(&mut self, exit: &Exit, sender: &Sender, victim: EndpointId) -> Journey {
        let plain = sender.broadcast_as(victim, &self.world, self.settled, None);
        if plain.exit().as_ref() == Some(exit) {
            return plain;
        }
        let probe = |trial: &mut Self| sender.broadcast_as(victim, &trial.world, trial.settled, None);
        self.programmed(sender, victim, probe).unwrap_or(plain)
    }

    /// The networks of those for whom it is, neither the sender nor the victim.
    fn count(&self, journey: &Journey, sender: &Sender, victim: EndpointId) -> Bits {
        let taken = journey.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
        let thirds =
            taken.map(|arrival| arrival.endpoint).filter(|id| *id != victim && !sender.is(self.kinds, *id));
        let mut hearers = Bits::default();
        thirds.for_each(|id| hearers.insert(self.kinds.classes[self.kinds.class_of[id.index()]].networks));
        hearers
    }

    /// Has one of the hearers an IP network in common with the owner of the address?
    fn anybody_cares(&mut self, owner: ClassId, hearers: &Bits) -> bool {
        self.sharing.with(&self.world, self.kinds.classes[owner].networks).meets(hearers)
    }
}
