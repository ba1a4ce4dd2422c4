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

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::kinds::{ClassId, Hashed, Kinds};
use super::pretend::Exit;
use super::same::Roots;
use crate::sim::{At, EndpointId, Forwarding, Journey, Scope, Settled, SwitchId, World};

/// Who got frames that were for others.
#[derive(Default)]
pub(super) struct Overhearing {
    /// Reader and read, by class.
    pub(super) ends: BTreeSet<(ClassId, ClassId)>,
    /// Nested host, and the class that it reads.
    pub(super) hosts: BTreeSet<(String, ClassId)>,
}

/// What was overheard in the lab that was asked first, on whichever roots.
#[derive(Clone, Debug, Default)]
pub(super) struct Overheard {
    frames: Hashed<[EndpointId; 2], Arc<Frame>>,
    exits: Hashed<EndpointId, Option<Exit>>,
}

/// Who got a frame that was for somebody else.
#[derive(Clone, Debug)]
struct Frame {
    near: Copies,
    exit: Option<Exit>,
    is_flooded: bool,
    /// Everywhere, if it was followed.
    far: Option<Copies>,
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
        let mut listening = Listening { world, kinds, settled, roots, before, flooded, found };
        for class in 0..kinds.classes.len() {
            for other in listening.neighbours(class) {
                listening.exchange(class, other);
            }
            for peer in remote.peers(kinds, class) {
                listening.exchange(class, peer);
            }
        }
        listening.found
    }
}

struct Listening<'w> {
    world: &'w World,
    kinds: &'w Kinds,
    settled: &'w Settled,
    roots: &'w Roots,
    before: &'w mut Overheard,
    /// Floods that were followed through the whole lab already: the roots that none of them could say anything about.
    flooded: Hashed<Flood, BTreeSet<usize>>,
    found: Overhearing,
}

impl Listening<'_> {
    /// Classes on the same root, not before this one: an exchange is asked in both directions at once.
    fn neighbours(&self, class: ClassId) -> Vec<EndpointId> {
        let kinds = self.kinds;
        let on_root = &self.roots.classes[kinds.classes[class].root];
        let not_before = on_root.iter().filter(|other| **other >= class);
        let member =
            |other: &ClassId| kinds.classes[*other].members.get(usize::from(*other == class)).copied();
        not_before.filter_map(member).collect()
    }

    fn exchange(&mut self, class: ClassId, other: EndpointId) {
        let Some(own) = self.kinds.classes[class].members.first().copied() else { return };
        self.listen(own, other);
        self.listen(other, own);
    }

    /// One frame, within the two roots; where a segment floods it, once through the whole lab.
    fn listen(&mut self, from: EndpointId, to: EndpointId) {
        let Ok(addresses) = self.world.common_network(from, to) else { return };
        let ends = [from, to];
        let near = ends.map(|end| self.kinds.root_of(end));
        let are_same = near.iter().all(|root| self.roots.is_same(*root));
        let known = self.before.frames.get(&ends).filter(|_| are_same).map(Arc::clone);
        let Some(bytes) = self.world.unicast(from, to, addresses) else { return };
        let is_to_be_kept = are_same && self.roots.is_first && known.is_none();
        let frame = known.unwrap_or_else(|| {
            let switches = near.iter().flat_map(|root| self.roots.switches[*root].iter().copied()).collect();
            let journey = self.probe(Some(Scope::switches(switches)), from, bytes.clone());
            let is_flooded = journey.hops.iter().any(is_flooded);
            Arc::new(Frame { near: self.copies(&journey, ends), exit: journey.exit(), is_flooded, far: None })
        });
        self.count(&frame.near, |_| true);
        let flood = Flood::of(frame.exit.as_ref(), self, from, to);
        let far = (frame.is_flooded && self.is_new(flood, near)).then(|| self.far(&frame, bytes, ends));
        if is_to_be_kept {
            let frame = Frame { far, ..(*frame).clone() };
            self.before.frames.insert(ends, Arc::new(frame));
        }
    }

    /// Through the whole lab; where it was followed before, through what has changed since.
    fn far(&mut self, frame: &Frame, bytes: Vec<u8>, ends: [EndpointId; 2]) -> Copies {
        let [from, _] = ends;
        if let Some(before) = &frame.far {
            let own = &self.roots.switches[self.kinds.root_of(from)];
            let switches = self.roots.changed().chain(own.iter().copied()).collect();
            let copies = self.copies(&self.probe(Some(Scope::switches(switches)), from, bytes), ends);
            let roots = self.roots;
            self.count(before, |root| roots.is_same(root));
            self.count(&copies, |root| !roots.is_same(root));
            return Copies::default();
        }
        let copies = self.copies(&self.probe(None, from, bytes), ends);
        self.count(&copies, |_| true);
        copies
    }

    /// Would following this flood say anything new? `near` are the roots of its ends, which it says nothing about.
    fn is_new(&mut self, flood: Flood, near: [usize; 2]) -> bool {
        match self.flooded.entry(flood) {
            Entry::Vacant(entry) => {
                entry.insert(near.into());
                true
            }
            Entry::Occupied(mut entry) => {
                let before = entry.get().len();
                entry.get_mut().retain(|root| near.contains(root));
                entry.get().len() < before
            }
        }
    }

    fn probe(&self, scope: Option<Arc<Scope>>, from: EndpointId, frame: Vec<u8>) -> Journey {
        self.world.probe(self.settled, scope, from, frame)
    }

    /// The copies that came to others.
    fn copies(&self, journey: &Journey, ends: [EndpointId; 2]) -> Copies {
        let mut copies = Copies::default();
        let [from, to] = ends;
        for reader in journey.arrivals.iter().map(|arrival| arrival.endpoint).filter(|id| !ends.contains(id))
        {
            let charged = self.charged(self.kinds.root_of(reader), from, to);
            copies.ends.extend(charged.into_iter().map(|end| (reader, end)));
        }
        for hop in &journey.hops {
            let At::VSwitch(visit) = &hop.at else { continue };
            let outer = hop.came_from.map(|outer| &journey.hops[outer].at);
            let into_nested = visit.ingress.is_uplink() && matches!(outer, Some(At::VSwitch(_)));
            if into_nested && !self.is_inside(&visit.host, ends) {
                let charged = self.charged(self.kinds.stems[visit.switch.index()].root, from, to);
                copies.hosts.extend(charged.into_iter().map(|end| (visit.switch, end)));
            }
        }
        copies
    }

    /// Those of the copies that came to roots which count.
    fn count(&mut self, copies: &Copies, counts: impl Fn(usize) -> bool) {
        let class = |id: EndpointId| self.kinds.class_of[id.index()];
        for (reader, end) in copies.ends.iter().filter(|(reader, _)| counts(self.kinds.root_of(*reader))) {
            self.found.ends.insert((class(*reader), class(*end)));
        }
        for (switch, end) in &copies.hosts {
            if counts(self.kinds.stems[switch.index()].root) {
                self.found.hosts.insert((self.world.switch(*switch).0.to_owned(), class(*end)));
            }
        }
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

fn is_flooded(hop: &crate::sim::Hop) -> bool {
    matches!(&hop.at, At::Bridge(visit) if visit.forwarding == Forwarding::Flood)
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
    groups: BTreeMap<FromAfar, Vec<ClassId>>,
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
                world.probe(settled, Some(scope), first, frame).exit()
            });
            if is_same && roots.is_first {
                before.exits.insert(first, exit.clone());
            }
            let apart = (!class.elsewhere.is_empty() || !world.keeps_to_the_road()).then_some(id);
            groups.entry((class.addresses, class.memory, exit, apart)).or_default().push(id);
        }
        Self { groups }
    }

    /// Of each group two members on different roots, neither on the root of `class`.
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
