//! Who reads whose traffic: frames between every two classes are sent, and it is looked at who else got them.
//!
//! For each class, its first member talks to one member of each class on the same root, and to two remote ends, on
//! different roots, of each group of ends that differ neither in what of their addresses matters nor in how their frames
//! come out to a segment. What a remote end's frames meet on its own root is charged to that end, and asked when it is its
//! turn; beyond, nothing tells members of such a group apart. Two, because one of them stands on the root whose readers
//! are charged to it.
//!
//! A frame is followed on the roots of its ends. Where a segment floods it, it is followed through the whole lab too, but
//! not for every sender: on third roots all that matters is how it comes out to the segment and whom it is for. So one
//! flood stands for all like it, and another one is followed only for the roots that every one before left out.
//!
//! Of labs that are compared with each other, what passes between roots that are the same in all of them
//! ([`super::same`]) is the same on those roots too. So of two ends there only what a segment floods is sent, since that
//! comes to the others as well, and only the others are looked at. A segment floods no address that it has learned.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nsw_core::AllowedMac;

use super::kinds::{Class, ClassId, Hashed, Kinds};
use super::pretend::Exit;
use super::same::Roots;
use crate::sim::{EndpointId, Known, Scope, Settled, SwitchId, Trail, Upward, World};

/// Who got frames that were for others.
#[derive(Default)]
pub(super) struct Overhearing {
    /// Reader and read, by class.
    pub(super) ends: BTreeSet<(ClassId, ClassId)>,
    /// Nested host, and the class that it reads.
    pub(super) hosts: BTreeSet<(String, ClassId)>,
}

/// What was asked of roots that are the same in all labs that are compared, so that it holds in each of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Overheard {
    frames: Hashed<[EndpointId; 2], Arc<Frame>>,
    /// Of announcements.
    exits: Hashed<EndpointId, Option<Exit>>,
}

/// What came of a frame on the roots of its ends.
#[derive(Clone, Debug)]
struct Frame {
    near: Copies,
    exit: Option<Exit>,
    is_flooded: bool,
}

/// Copies for others: who got them, and whom of the two ends they are charged to.
#[derive(Clone, Debug, Default)]
struct Copies {
    ends: Vec<(EndpointId, EndpointId)>,
    hosts: Vec<(SwitchId, EndpointId)>,
}

impl Overhearing {
    pub(super) fn of(
        world: &World,
        kinds: &Kinds,
        settled: &Settled,
        roots: &Roots,
        before: &mut Overheard,
    ) -> Self {
        let remote = Remote::of(world, kinds, settled, roots, before);
        let (flooded, found) = (Hashed::default(), Self::default());
        let mut listening = Listening { world, kinds, settled, roots, before, remote, flooded, found };
        // First those who are the same in all labs, so that in all of them the same is known of them.
        if roots.same().contains(&true) {
            listening.listen_to(true);
        }
        listening.listen_to(false);
        listening.found
    }
}

struct Listening<'w> {
    world: &'w World,
    kinds: &'w Kinds,
    settled: &'w Settled,
    roots: &'w Roots,
    before: &'w mut Overheard,
    remote: Remote,
    /// Floods that were followed through the whole lab already: the roots that none of them could say anything about.
    flooded: Hashed<Flood, BTreeSet<usize>>,
    found: Overhearing,
}

impl Listening<'_> {
    /// All exchanges of two who are both the same in all labs, or all others; in both directions at once.
    fn listen_to(&mut self, same: bool) {
        let kinds = self.kinds;
        for (class, Class { members, .. }) in kinds.classes.iter().enumerate() {
            let Some(own) = members.first().copied() else { continue };
            let peers = self.remote.peers(kinds, class);
            for other in self.neighbours(class).chain(peers).collect::<Vec<_>>() {
                if self.are_same([own, other]) == same {
                    self.listen([own, other]);
                    self.listen([other, own]);
                }
            }
        }
    }

    /// Classes on the same root, not before this one.
    fn neighbours(&self, class: ClassId) -> impl Iterator<Item = EndpointId> {
        let kinds = self.kinds;
        let on_root = &self.roots.classes[kinds.classes[class].root];
        let not_before = on_root.iter().filter(move |other| **other >= class);
        let member =
            move |other: &ClassId| kinds.classes[*other].members.get(usize::from(*other == class)).copied();
        not_before.filter_map(member)
    }

    fn are_same(&self, ends: [EndpointId; 2]) -> bool {
        ends.iter().all(|end| self.is_same(*end))
    }

    fn is_same(&self, end: EndpointId) -> bool {
        self.roots.is_same(self.kinds.root_of(end))
    }

    /// One frame, within the two roots; where a segment floods it, once through the whole lab.
    fn listen(&mut self, ends: [EndpointId; 2]) {
        let [from, to] = ends;
        let Ok(addresses) = self.world.common_network(from, to) else { return };
        let are_same = self.are_same(ends);
        if are_same && self.is_learned(from, to) {
            return;
        }
        let bytes = || self.world.unicast(from, to, addresses);
        let known = self.before.frames.get(&ends).filter(|_| are_same).map(Arc::clone);
        let Some(frame) = known.or_else(|| Some(Arc::new(self.frame(bytes()?, ends)))) else { return };
        if are_same {
            self.before.frames.insert(ends, Arc::clone(&frame));
        } else {
            let counts = ends.map(|end| (self.kinds.root_of(end), self.may_say_new(end, ends)));
            self.count(&frame.near, |root| counts.contains(&(root, true)));
        }
        let flood = Flood::of(frame.exit.as_ref(), self, from, to);
        if frame.is_flooded
            && let Some(new) = self.new_roots(flood, ends)
            && let Some(bytes) = bytes()
        {
            let roots = self.roots;
            let scope = are_same.then(|| self.scope(roots.differing(), [self.kinds.root_of(from)]));
            let copies = self.copies(&self.probe(scope, from, bytes), ends);
            match new {
                New::Everywhere if !are_same => self.count(&copies, |_| true),
                New::Everywhere => self.count(&copies, |root| !roots.is_same(root)),
                New::On(new) => {
                    self.count(&copies, |root| !roots.is_same(root) || !are_same && new.contains(&root));
                }
            }
        }
    }

    /// Can the frame between these two say anything new on the root of this one of them? What the other one shows there
    /// is shown by everybody whom nothing tells from it from afar, and who is the same in all labs.
    fn may_say_new(&self, end: EndpointId, [from, to]: [EndpointId; 2]) -> bool {
        let other = if end == from { to } else { from };
        !self.is_same(end) || !self.remote.has_double(self.kinds, other, self.kinds.root_of(end))
    }

    /// On the roots of its ends.
    fn frame(&self, bytes: Vec<u8>, ends: [EndpointId; 2]) -> Frame {
        let [from, _] = ends;
        let scope = self.scope([], ends.map(|end| self.kinds.root_of(end)));
        let trail = self.probe(Some(scope), from, bytes);
        let is_flooded = trail.is_flooded();
        Frame { near: self.copies(&trail, ends), exit: trail.exit(self.world), is_flooded }
    }

    /// These vSwitches, and those of these roots.
    fn scope<const N: usize>(
        &self,
        switches: impl IntoIterator<Item = SwitchId>,
        roots: [usize; N],
    ) -> Arc<Scope> {
        let of_roots = roots.iter().flat_map(|root| &self.roots.switches[*root]).copied();
        Scope::switches(switches.into_iter().chain(of_roots).collect())
    }

    /// Has every segment that a frame between these two can come out to learned where it is for? Its VLAN is that of an
    /// announcement; which segment a team sends it to may differ with the address.
    fn is_learned(&self, from: EndpointId, to: EndpointId) -> bool {
        let like = self.kinds.classes[self.kinds.class_of[from.index()]].members.first();
        let Some(Some((_, vlan))) = like.and_then(|like| self.before.exits.get(like)) else { return true };
        let mac = self.world.endpoint(to).mac;
        let learned = self.kinds.known.get(&mac).map_or(&[][..], Vec::as_slice);
        let is_known = |segment: &str| {
            let place = self.world.place_of_segment(segment);
            place.is_some_and(|place| learned.contains(&Known::Outside(place, *vlan)))
        };
        let mut above = self.kinds.above(self.world, from).iter();
        let own = self.world.segment_of(from);
        own.iter().all(|segment| is_known(segment))
            && above.all(|switch| {
                self.world.upward(*switch).all(|(_, end)| match end {
                    Upward::Segment(segment) => is_known(segment),
                    Upward::Outer(..) | Upward::Nowhere => true,
                })
            })
    }

    /// Where would following this flood say anything new? It says nothing about the roots of its ends.
    fn new_roots(&mut self, flood: Flood, ends: [EndpointId; 2]) -> Option<New> {
        let near = ends.map(|end| self.kinds.root_of(end));
        match self.flooded.entry(flood) {
            Entry::Vacant(entry) => {
                entry.insert(near.into());
                Some(New::Everywhere)
            }
            Entry::Occupied(mut entry) => {
                let before = entry.get().clone();
                entry.get_mut().retain(|root| near.contains(root));
                (entry.get().len() < before.len()).then_some(New::On(before))
            }
        }
    }

    fn probe(&self, scope: Option<Arc<Scope>>, from: EndpointId, frame: Vec<u8>) -> Trail {
        self.world.probe(self.settled, scope, from, frame)
    }

    /// The copies that came to others.
    fn copies(&self, trail: &Trail, ends: [EndpointId; 2]) -> Copies {
        let mut copies = Copies::default();
        let [from, to] = ends;
        for reader in trail.arrivals.iter().map(|landing| landing.endpoint).filter(|id| !ends.contains(id)) {
            let charged = self.charged(self.kinds.root_of(reader), from, to);
            copies.ends.extend(charged.into_iter().map(|end| (reader, end)));
        }
        for switch in trail.nested_hosts() {
            if !self.is_inside(self.world.switch(switch).0, ends) {
                let charged = self.charged(self.kinds.stems[switch.index()].root, from, to);
                copies.hosts.extend(charged.into_iter().map(|end| (switch, end)));
            }
        }
        copies
    }

    /// Those of the copies that came to roots which count.
    fn count(&mut self, copies: &Copies, counts: impl Fn(usize) -> bool) {
        let kinds = self.kinds;
        let class = |id: EndpointId| kinds.class_of[id.index()];
        let ends = copies.ends.iter().filter(|(reader, _)| counts(kinds.root_of(*reader)));
        self.found.ends.extend(ends.map(|(reader, end)| (class(*reader), class(*end))));
        let hosts = copies.hosts.iter().filter(|(switch, _)| counts(kinds.stems[switch.index()].root));
        let host = |switch: SwitchId| self.world.switch(switch).0.to_owned();
        self.found.hosts.extend(hosts.map(|(switch, end)| (host(*switch), class(*end))));
    }

    /// The ends on whose side the reader stands; the receiver if on neither.
    fn charged(&self, root: usize, from: EndpointId, to: EndpointId) -> Vec<EndpointId> {
        let near = [from, to].into_iter().filter(|end| self.kinds.root_of(*end) == root);
        let near: Vec<EndpointId> = near.collect();
        if near.is_empty() { vec![to] } else { near }
    }

    fn is_inside(&self, host: &str, ends: [EndpointId; 2]) -> bool {
        let above =
            |id: EndpointId| self.kinds.above(self.world, id).iter().map(|id| self.world.switch(*id).0);
        ends.into_iter().any(|id| {
            self.world.endpoint(id).host.as_deref() == Some(host) || above(id).any(|above| above == host)
        })
    }
}

/// Where following a flood says something new.
enum New {
    Everywhere,
    /// On these roots, which those before left out.
    On(BTreeSet<usize>),
}

/// What tells floods apart on third roots: how the frame came out to a segment, and whom it is for. Who sent it decides
/// nothing there, unless its address is registered elsewhere too, or a guest bridges.
#[derive(PartialEq, Eq, Hash)]
struct Flood {
    exit: Option<Exit>,
    to: ClassId,
    from: Option<ClassId>,
}

impl Flood {
    fn of(
        exit: Option<&Exit>,
        Listening { world, kinds, .. }: &Listening<'_>,
        from: EndpointId,
        to: EndpointId,
    ) -> Self {
        let [from, to] = [from, to].map(|id| kinds.class_of[id.index()]);
        let apart = !kinds.classes[from].elsewhere.is_empty() || !world.keeps_to_the_road();
        Self { exit: exit.cloned(), to, from: apart.then_some(from) }
    }
}

/// What tells ends apart from afar: what of their addresses matters, what devices remember of them, how their frames come
/// out to a segment; and who is like nobody else.
type FromAfar = (u32, u32, Option<Exit>, Option<ClassId>);

/// Ends by what tells them apart from afar.
struct Remote {
    /// Of each group, those first who are on roots that are the same in all labs.
    groups: BTreeMap<FromAfar, Vec<ClassId>>,
    /// By class: see [`doubles`].
    doubles: Vec<[Option<usize>; 2]>,
}

impl Remote {
    fn of(world: &World, kinds: &Kinds, settled: &Settled, roots: &Roots, before: &mut Overheard) -> Self {
        let mut groups: BTreeMap<_, Vec<ClassId>> = BTreeMap::new();
        for (id, class) in kinds.classes.iter().enumerate() {
            let Some(first) = class.members.first().copied() else { continue };
            let is_same = roots.is_same(class.root);
            let known = before.exits.get(&first).filter(|_| is_same).cloned();
            let exit = known.unwrap_or_else(|| {
                let frame = world.announcement(first, world.endpoint(first).mac);
                let scope = Scope::switches(kinds.above(world, first).to_vec());
                world.probe(settled, Some(scope), first, frame).exit(world)
            });
            if is_same {
                before.exits.insert(first, exit.clone());
            }
            let apart = (!class.elsewhere.is_empty() || !world.keeps_to_the_road()).then_some(id);
            groups.entry((class.addresses, class.memory, exit, apart)).or_default().push(id);
        }
        let is_same = |id: &ClassId| roots.is_same(kinds.classes[*id].root);
        groups.values_mut().for_each(|group: &mut Vec<ClassId>| group.sort_by_key(|id| !is_same(id)));
        let doubles = doubles(world, kinds, roots, groups.iter());
        Self { groups, doubles }
    }

    /// Is there somebody whom nothing tells from `end` from afar, on a root that is the same in all labs and not this one?
    fn has_double(&self, kinds: &Kinds, end: EndpointId, but: usize) -> bool {
        self.doubles[kinds.class_of[end.index()]].iter().flatten().any(|root| *root != but)
    }

    /// Of each group two members on different roots, neither on the root of `class`; where there is a choice, on roots
    /// that are the same in all labs, so that they are the same ones in each.
    fn peers(&self, kinds: &Kinds, class: ClassId) -> Vec<EndpointId> {
        let own = kinds.classes[class].root;
        let mut peers = Vec::new();
        for group in self.groups.values() {
            let mut root = own;
            let mut found = 0;
            for other in group.iter().map(|id| &kinds.classes[*id]) {
                if other.root != own && other.root != root {
                    peers.extend(other.members.first());
                    root = other.root;
                    found += 1;
                }
                if found == 2 {
                    break;
                }
            }
        }
        peers
    }
}

/// By class: on which roots that are the same in all labs those are who look like it from there, up to two. What a vSwitch
/// elsewhere remembers of an address, or an allow-list there says of it, is nothing that is seen from there.
fn doubles<'g>(
    world: &World,
    kinds: &Kinds,
    roots: &Roots,
    groups: impl Iterator<Item = (&'g FromAfar, &'g Vec<ClassId>)>,
) -> Vec<[Option<usize>; 2]> {
    let same = world.switch_ids().filter(|id| roots.is_same(kinds.stems[id.index()].root));
    let ports = same.flat_map(|id| world.switch(id).1.ports().map(move |port| (id, port.id)));
    let behaviours = ports.filter_map(|(id, port)| world.tables(id).behaviour(port));
    let mut listed: Vec<AllowedMac> = Vec::new();
    for entry in behaviours.flat_map(|behaviour| behaviour.prefixes().collect::<Vec<_>>()) {
        if !listed.contains(&entry) {
            listed.push(entry);
        }
    }
    let mut alike: BTreeMap<_, Vec<ClassId>> = BTreeMap::new();
    for ((.., exit, apart), classes) in groups {
        for id in classes {
            let class = &kinds.classes[*id];
            let Some(mac) = class.members.first().map(|first| world.endpoint(*first).mac) else { continue };
            let listed: Vec<bool> = listed.iter().map(|entry| entry.matches(mac)).collect();
            let known = kinds.known.get(&mac).into_iter().flatten();
            let outside: Vec<&Known> = known.filter(|known| matches!(known, Known::Outside(..))).collect();
            let key = (class.hashed, class.networks, exit, *apart, listed, outside);
            alike.entry(key).or_default().push(*id);
        }
    }
    let mut doubles = vec![[None; 2]; kinds.classes.len()];
    for classes in alike.values() {
        let mut same = classes.iter().map(|id| kinds.classes[*id].root).filter(|root| roots.is_same(*root));
        let first = same.next();
        let found = [first, same.find(|root| Some(*root) != first)];
        classes.iter().for_each(|id| doubles[*id] = found);
    }
    doubles
}
