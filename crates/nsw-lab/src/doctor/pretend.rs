//! Who can send as whom: broadcasts under other addresses are sent, and it is looked at who hears them.
//!
//! Who hears a broadcast from one sender depends on the address it is sent under only by what of a MAC matters
//! ([`super::kinds::Class::mac`]), and by where that address is registered. Registered on a port that the frame passes, it
//! is no forged one there; so whoever is on the sender's root, or has an address that is registered there, is tried by
//! itself. Registered on another root, its own group frames are not taken from outside there; so owners of such addresses
//! are tried on different roots, and all count; where there is one such root only, everybody on it is tried by itself.
//!
//! On the sender's own root hearers are looked at one by one. Beyond a segment all that matters is how the frame comes out
//! to it; so for each such way one frame stands for all, but on the roots of its sender and of the owner of the address.
//!
//! A nested host is a sender like any other, by each of its doors ([`super::sender`]).
//!
//! Of labs that are compared with each other, nobody is asked who is on a root that is the same in all of them
//! ([`super::same`]). Such a one can newly be heard only where a broadcast is that comes from a segment, whoever sent it;
//! so that is tried (`outside.rs`).

mod beyond;
mod near;
mod outside;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use nsw_core::Mac;

use self::beyond::{Beyond, BeyondSame};
pub(super) use self::near::{Answers, Exit, apart};
use self::near::{Exits, Near, Sent, Third, Way};
pub(super) use self::outside::{Heard, hear_more};
use super::exposure::is_guest;
use super::kinds::{Class, ClassId, Hashed, Kinds};
use super::same::{Bits, Roots, Sharing};
use super::sender::{NestedHost, Sender};
use crate::sim::{EndpointId, Scope, Settled, Trail, World};

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
            beyond: answers.beyond.as_ref().map_or_else(Hashed::default, |known| known.in_next(roots)),
            near: Near::new(answers, programmed),
            sharing: Sharing::of(kinds),
        };
        let victims = Victims::of(kinds);
        let mut senders = BTreeMap::new();
        for (class, Class { members, root, .. }) in kinds.classes.iter().enumerate() {
            if roots.is_same(*root) {
                continue;
            }
            let sender = members.first().copied().map(Sender::End);
            let as_whom = trial.as_whom(sender.as_slice(), &victims);
            if !as_whom.is_nobody() {
                senders.insert(class, as_whom);
            }
        }
        let hosts = NestedHost::on(roots, world, kinds, settled).into_iter();
        let hosts = hosts.map(|host| (trial.as_whom(&host.doors, &victims), host));
        let hosts = hosts.filter(|(as_whom, _)| !as_whom.is_nobody());
        let hosts = hosts.map(|(as_whom, host)| (host, as_whom)).collect();
        let Trial { beyond, .. } = trial;
        answers.beyond.get_or_insert_with(|| BeyondSame::of(roots, &beyond));
        Self { senders, hosts }
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
    /// Who hears what on the sender's root.
    near: Near<'w>,
    /// By how a frame comes out to a segment: who hears it beyond.
    beyond: Hashed<Exit, Beyond>,
    sharing: Sharing,
}

impl Trial<'_> {
    /// As whom somebody can send who has these ways.
    fn as_whom(&mut self, ways: &[Sender], victims: &Victims) -> AsWhom {
        let mut as_whom = AsWhom::default();
        for sender in ways {
            let mut way = self.near.way(&self.world, self.kinds, sender, self.roots);
            as_whom.alike.extend(self.alike(&mut way, victims));
            as_whom.alone.extend(self.alone(&way, victims));
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
    fn alone(&mut self, way: &Way<'_>, victims: &Victims) -> BTreeSet<ClassId> {
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
        let known = way.elsewhere.get(&class.mac).filter(|_| is_far).map(Arc::clone);
        let near = known.unwrap_or_else(|| {
            let near = Arc::new((self.hearers_near(way, victim), self.exits(way, victim)));
            if is_far {
                way.elsewhere.insert(class.mac, Arc::clone(&near));
            }
            near
        });
        hearers.add(&near.0);
        for exit in &*near.1 {
            hearers.add(&self.hearers_beyond(exit, way.sender, victim));
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
    fn is_heard(&mut self, way: &Way<'_>, victim: EndpointId) -> bool {
        let owner = self.kinds.class_of[victim.index()];
        if self.is_heard_near(way, victim) {
            return true;
        }
        let cares = self.sharing.with(&self.world, self.kinds.classes[owner].networks);
        self.exits(way, victim).iter().any(|exit| cares.meets(&self.hearers_beyond(exit, way.sender, victim)))
    }

    fn is_heard_near(&mut self, way: &Way<'_>, victim: EndpointId) -> bool {
        let networks = self.kinds.classes[self.kinds.class_of[victim.index()]].networks;
        let cares = self.sharing.with(&self.world, networks);
        let mut thirds = way.thirds.iter();
        thirds.any(|third| {
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
        for trail in [plain].iter().chain(&programmed) {
            heard.extend(trail.heard_by());
            exits.extend(trail.exit(&self.world));
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
        if let Some(honours) = self.near.honours() {
            return honours;
        }
        let is_registered =
            |trial: &mut Self| trial.world.tables(switch).registered_on(mac).any(|owner| owner == port);
        let honours = self.with_programmed(id, mac, is_registered);
        self.near.remember_honours(honours);
        honours
    }

    fn broadcast(&mut self, sender: &Sender, victim: EndpointId, alone: bool) -> Bits {
        let root = sender.root(self.kinds);
        let near = Scope::switches(self.roots.switches[root].clone());
        let trail = sender.broadcast_as(victim, &self.world, self.settled, Some(near));
        let mut hearers = self.count(&trail, sender, victim);
        let Some(exit) = trail.exit(&self.world) else { return hearers };
        if alone && root != self.kinds.root_of(victim) {
            let trail = sender.broadcast_as(victim, &self.world, self.settled, None);
            hearers.add(&self.count(&trail, sender, victim));
        } else {
            hearers.add(&self.hearers_beyond(&exit, sender, victim));
        }
        hearers
    }

    /// Who hears it beyond a segment, to which it comes out like this, on roots other than those of sender and owner.
    fn hearers_beyond(&mut self, exit: &Exit, sender: &Sender, victim: EndpointId) -> Bits {
        let near = [sender.root(self.kinds), self.kinds.root_of(victim)];
        let known = self.beyond.entry(exit.clone()).or_insert_with(|| Beyond::of(self.kinds.roots));
        let new = known.new_but(near);
        if !new.is_empty() {
            let switches = new.iter().chain(near.first()).flat_map(|root| &self.roots.switches[*root]);
            let scope = Scope::switches(switches.copied().collect());
            let trail = self.as_it_comes_out(exit, sender, victim, scope);
            let mut found: Hashed<usize, Bits> =
                new.into_iter().map(|root| (root, Bits::default())).collect();
            for class in trail.heard_by().map(|id| &self.kinds.classes[self.kinds.class_of[id.index()]]) {
                if let Some(hearers) = found.get_mut(&class.root) {
                    hearers.insert(class.networks);
                }
            }
            if let Some(known) = self.beyond.get_mut(exit) {
                found.into_iter().for_each(|(root, hearers)| known.learn(root, hearers));
            }
        }
        self.beyond.get(exit).map(|known| known.but(near)).unwrap_or_default()
    }

    /// Within `scope`, as the guest is or with the address programmed, whichever comes out like this.
    fn as_it_comes_out(
        &mut self,
        exit: &Exit,
        sender: &Sender,
        victim: EndpointId,
        scope: Arc<Scope>,
    ) -> Trail {
        let plain = sender.broadcast_as(victim, &self.world, self.settled, Some(Arc::clone(&scope)));
        if plain.exit(&self.world).as_ref() == Some(exit) {
            return plain;
        }
        let probe = |trial: &mut Self| sender.broadcast_as(victim, &trial.world, trial.settled, Some(scope));
        self.programmed(sender, victim, probe).unwrap_or(plain)
    }

    /// The networks of those for whom it is, neither the sender nor the victim.
    fn count(&self, trail: &Trail, sender: &Sender, victim: EndpointId) -> Bits {
        let thirds = trail.heard_by().filter(|id| *id != victim && !sender.is(self.kinds, *id));
        let mut hearers = Bits::default();
        thirds.for_each(|id| hearers.insert(self.kinds.classes[self.kinds.class_of[id.index()]].networks));
        hearers
    }

    /// Has one of the hearers an IP network in common with the owner of the address?
    fn anybody_cares(&mut self, owner: ClassId, hearers: &Bits) -> bool {
        self.sharing.with(&self.world, self.kinds.classes[owner].networks).meets(hearers)
    }
}
