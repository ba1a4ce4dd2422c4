//! Who can read whose traffic, and who can send as whom: now, and at worst.
//!
//! *Traffic* is what two end points with an IP network in common send each other by unicast, whether or not it arrives, in
//! a lab in which everybody has spoken: what a physical switch floods before it has learned an address is the same in
//! every lab, and not counted.
//!
//! **A reads B** if some such frame from or for B comes to A's adapter, and A is neither end of it. A copy is charged to
//! the end on whose side it was taken: to the sender if the reader is wired to the sender's switches without a segment
//! between, to the receiver likewise, and else, where a segment floods, to the receiver, whose address is not known there.
//! So who reads B reads B's whole conversation; that its peers' words are part of it is not counted again for each peer.
//! A nested host reads what comes to its uplinks from and for others than those inside it.
//!
//! **A can send as B** if a broadcast that A sends under B's address comes to a third end point that has an IP network in
//! common with B. It is asked once for all addresses of which nothing but their value differs, so it may be said of a B
//! that nobody could be told apart from; it is never left out. A nested host sends as those who are not inside it, to third
//! ones who are not either, under whatever tag its port takes.
//!
//! **At worst** every guest asks for promiscuous mode, and for the address of whom it wants to be; the policy decides.
//! That is what the configuration permits, as opposed to what happens to run.
//!
//! **Invariant:** every copy is one that the simulator delivered. Nothing here reads a policy.
//! Reference: `docs/doctor.md`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::kinds::{Kinds, Met};
use super::overhear::{Overheard, Overhearing};
use super::pretend::{Answers, AsWhom, Heard, Pretending, hear_more};
use super::same::{Base, Roots, Touched};
use crate::sim::{EndpointId, EndpointKind, Settled, World};

/// Who can read whose traffic, and who can send as whom.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    groups: Vec<Group>,
    /// The group of everybody who has one.
    group_of: HashMap<Arc<str>, GroupId>,
    reads: BTreeSet<(GroupId, GroupId)>,
    /// By group of senders: the groups of addresses.
    sends_as: BTreeMap<GroupId, BTreeSet<AlikeId>>,
    /// Group of senders, and a group that it can send as whatever others alike are.
    sends_as_alone: BTreeSet<(GroupId, GroupId)>,
    /// By group of a nested host: the groups inside it, as which it sends anyway.
    inside: BTreeMap<GroupId, BTreeSet<GroupId>>,
    /// Groups of end points whose addresses differ by value only.
    alike: Vec<Vec<GroupId>>,
    alike_of: Vec<Option<AlikeId>>,
    /// Of each group: is it on a root that was asked only about what others have to do with it?
    is_aside: Vec<bool>,
    /// The nested hosts on such roots.
    hosts_aside: HashSet<String>,
}

/// What was asked of other labs, and holds in the next one as well.
#[derive(Clone, Debug, Default)]
struct Asked {
    met: Met,
    answers: Answers,
    overheard: Overheard,
    heard: Heard,
}

/// What a lab exposes at worst, to say of labs with changes what they expose besides. Of roots that no change touches it is
/// worked out only where somebody touched hears or reads.
#[derive(Clone, Debug)]
pub(super) struct Compared {
    /// Everybody sniffs.
    world: World,
    ground: Arc<Ground>,
    base: Arc<Base>,
    exposure: Arc<Exposure>,
    asked: Asked,
    /// Of all roots, if that had to be asked.
    whole: Arc<OnceLock<Exposure>>,
}

/// What all of it is asked of.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) settled: Settled,
    pub(super) kinds: Kinds,
    pub(super) roots: Roots,
    /// A guest may first program an address into its adapter.
    programmed: bool,
}

type GroupId = usize;
type AlikeId = usize;

/// Readers, or those who are read, that differ in nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Names of end points, or of one nested host.
    pub members: Vec<Arc<str>>,
    /// The host whose vSwitch they are connected to; `None` for stations.
    pub host: Option<String>,
    /// Their port group; `None` for stations and nested hosts.
    pub port_group: Option<String>,
    /// Is it a nested host, which reads and sends for all inside it?
    pub is_host: bool,
}

/// A relation between everybody in `who` and everybody in `whom`, but for oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Readers, or senders.
    pub who: Vec<Arc<str>>,
    /// Whose traffic, or as whom.
    pub whom: Vec<Arc<str>>,
}

/// What one lab exposes and another does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Widening {
    /// Who newly reads whom.
    pub reads: Vec<Block>,
    /// Who can newly send as whom.
    pub sends_as: Vec<Block>,
}

impl Exposure {
    /// As the guests are now.
    pub fn of(world: &World) -> Self {
        Self::alone(world, false)
    }

    /// If every guest asked for all that the policy may grant.
    pub fn at_worst(world: &World) -> Self {
        let mut world = world.clone();
        world.everybody_sniffs();
        Self::alone(&world, true)
    }

    /// Now, and at worst; both at once.
    pub fn now_and_at_worst(world: &World) -> [Self; 2] {
        let (now, at_worst) = both(|| Self::of(world), || Self::at_worst(world));
        [now, at_worst]
    }

    fn alone(world: &World, programmed: bool) -> Self {
        let mut asked = Asked::default();
        let settled = world.settle();
        let kinds = Kinds::settled(world, &mut asked.met, &settled);
        let roots = Roots::of(world, &kinds);
        Self::asked(world, &Ground { settled, kinds, roots, programmed }, &mut asked)
    }

    fn asked(world: &World, ground: &Ground, asked: &mut Asked) -> Self {
        let Ground { settled, kinds, roots, programmed } = ground;
        let Asked { answers, overheard, .. } = asked;
        let mut exposure = Self::without_relations(world, kinds, roots);
        // Neither knows of the other, and they take about as long.
        let (reads, senders) = both(
            || Overhearing::of(world, kinds, settled, roots, overheard),
            || Pretending::of(world, kinds, settled, *programmed, roots, answers),
        );
        exposure.add_reads(reads);
        exposure.add_senders(&senders);
        exposure
    }

    /// The groups that read something or are read, or could send as somebody.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Who reads whom.
    pub fn reads(&self) -> impl Iterator<Item = (&Group, &Group)> {
        self.reads.iter().map(|(who, whom)| (&self.groups[*who], &self.groups[*whom]))
    }

    /// Who can send as whom: each group of senders with all groups of those it can send as.
    pub fn sends_as(&self) -> impl Iterator<Item = (&Group, Vec<&Group>)> {
        let senders = 0..self.groups.len();
        senders.map(|who| (who, self.as_whom(who))).filter(|(_, whom)| !whom.is_empty()).map(|(who, whom)| {
            (&self.groups[who], whom.into_iter().map(|group| &self.groups[group]).collect())
        })
    }

    fn as_whom(&self, who: GroupId) -> BTreeSet<GroupId> {
        let alike = self.sends_as.get(&who).into_iter().flatten().flat_map(|alike| &self.alike[*alike]);
        let alone = self.sends_as_alone.range((who, 0)..(who + 1, 0)).map(|(_, whom)| whom);
        alike.chain(alone).copied().filter(|whom| !self.is_inside(who, *whom)).collect()
    }

    fn is_inside(&self, host: GroupId, whom: GroupId) -> bool {
        self.inside.get(&host).is_some_and(|inside| inside.contains(&whom))
    }

    /// Does `reader`, an end point or a nested host, read the traffic of end point `whose`?
    pub fn is_read(&self, reader: &str, whose: &str) -> bool {
        let groups = self.group_of.get(reader).zip(self.group_of.get(whose));
        reader != whose && groups.is_some_and(|(who, whom)| self.reads.contains(&(*who, *whom)))
    }

    /// Can `sender`, an end point or a nested host, send as end point `whom`?
    pub fn can_send_as(&self, sender: &str, whom: &str) -> bool {
        let groups = self.group_of.get(sender).zip(self.group_of.get(whom));
        sender != whom && groups.is_some_and(|(who, whom)| self.sends(*who, *whom))
    }

    /// How many pairs of a reader and somebody it reads.
    pub fn read_pairs(&self) -> u64 {
        self.reads.iter().map(|(who, whom)| self.pairs(*who, *whom)).sum()
    }

    /// How many pairs of a sender and somebody it can send as.
    pub fn sender_pairs(&self) -> u64 {
        let blocks = (0..self.groups.len()).map(|who| (who, self.as_whom(who)));
        blocks.flat_map(|(who, whom)| whom.into_iter().map(move |whom| self.pairs(who, whom))).sum()
    }

    /// What this lab exposes and `before` does not. End points are known again by their names.
    pub fn newly(&self, before: &Self) -> Widening {
        self.newly_or_aside(before).unwrap_or_else(|widening| widening)
    }

    /// The same; `Err` if of some of it was not asked in the lab before.
    fn newly_or_aside(&self, before: &Self) -> Result<Widening, Widening> {
        let known: Vec<_> = self.groups.iter().map(|group| before.split(group)).collect();
        let mut widening = Widening::default();
        let mut is_sure = true;
        for (who, whom) in &self.reads {
            for (before_who, readers) in &known[*who] {
                for (before_whom, read) in &known[*whom] {
                    let pair = before_who.zip(*before_whom);
                    if pair.is_none_or(|pair| !before.reads.contains(&pair)) {
                        is_sure &= !self.is_aside[*who] || !self.is_aside[*whom];
                        widening.reads.extend(Block::of(readers, read));
                    }
                }
            }
        }
        for who in 0..self.groups.len() {
            let as_whom = self.as_whom(who);
            for (before_who, senders) in known[who].iter().filter(|_| !as_whom.is_empty()) {
                let mut whom = Vec::new();
                for (before_whom, names) in as_whom.iter().flat_map(|group| &known[*group]) {
                    let pair = before_who.zip(*before_whom);
                    if pair.is_none_or(|(who, whom)| !before.sends(who, whom)) {
                        whom.extend(names.iter().cloned());
                    }
                }
                widening.sends_as.extend(Block::of(senders, &whom));
            }
        }
        if is_sure { Ok(widening) } else { Err(widening) }
    }

    fn sends(&self, who: GroupId, whom: GroupId) -> bool {
        let alike = self.alike_of.get(whom).copied().flatten();
        let is_alike = |alike| self.sends_as.get(&who).is_some_and(|known| known.contains(&alike));
        !self.is_inside(who, whom)
            && (self.sends_as_alone.contains(&(who, whom)) || alike.is_some_and(is_alike))
    }

    fn pairs(&self, who: GroupId, whom: GroupId) -> u64 {
        let len = |group: GroupId| self.groups[group].members.len() as u64;
        len(who) * len(whom) - if who == whom { len(who) } else { 0 }
    }

    /// The members of a group of another exposure, by their group here.
    fn split(&self, group: &Group) -> Vec<(Option<GroupId>, Vec<Arc<str>>)> {
        let mut parts: BTreeMap<Option<GroupId>, Vec<Arc<str>>> = BTreeMap::new();
        for name in &group.members {
            parts.entry(self.group_of.get(name).copied()).or_default().push(Arc::clone(name));
        }
        parts.into_iter().collect()
    }

    /// One group a class; those of nested hosts are added when they read something or can send as somebody.
    fn without_relations(world: &World, kinds: &Kinds, roots: &Roots) -> Self {
        let mut exposure = Self::default();
        let aside = world.switch_ids().filter(|id| roots.is_same(kinds.stems[id.index()].root));
        exposure.hosts_aside = aside.map(|id| world.switch(id).0.to_owned()).collect();
        let mut alike: HashMap<u32, AlikeId> = HashMap::new();
        for class in &kinds.classes {
            let id = *alike.entry(class.addresses).or_insert_with(|| {
                exposure.alike.push(Vec::new());
                exposure.alike.len() - 1
            });
            let members = class.members.iter().map(|id| world.endpoint(*id).name.as_str().into()).collect();
            let first = class.members.first().copied();
            let port = first.and_then(|id| world.port_of(id));
            let group = Group {
                members,
                host: first.and_then(|id| world.endpoint(id).host.clone()),
                port_group: port
                    .and_then(|(switch, port)| world.tables(switch).port_group_name(port).map(str::to_owned)),
                is_host: false,
            };
            exposure.alike[id].push(exposure.groups.len());
            exposure.alike_of.push(Some(id));
            exposure.is_aside.push(roots.is_same(class.root));
            exposure.add_group(group);
        }
        exposure
    }

    fn add_group(&mut self, group: Group) -> GroupId {
        let id = self.groups.len();
        self.group_of.extend(group.members.iter().map(|name| (Arc::clone(name), id)));
        self.groups.push(group);
        id
    }

    fn add_reads(&mut self, overheard: Overhearing) {
        self.reads = overheard.ends;
        for (host, whom) in overheard.hosts {
            let who = self.host_group(&host);
            self.reads.insert((who, whom));
        }
    }

    fn host_group(&mut self, host: &str) -> GroupId {
        if let Some(known) = self.group_of.get(host) {
            return *known;
        }
        self.alike_of.push(None);
        self.is_aside.push(self.hosts_aside.contains(host));
        let members = vec![host.into()];
        self.add_group(Group { members, host: None, port_group: None, is_host: true })
    }

    fn add_senders(&mut self, pretending: &Pretending) {
        for (who, as_whom) in &pretending.senders {
            self.add_sender(*who, as_whom);
        }
        for (host, as_whom) in &pretending.hosts {
            let who = self.host_group(&host.name);
            self.inside.insert(who, (*host.inside).clone());
            self.add_sender(who, as_whom);
        }
    }

    fn add_sender(&mut self, who: GroupId, as_whom: &AsWhom) {
        self.sends_as_alone.extend(as_whom.alone.iter().map(|whom| (who, *whom)));
        let alike = as_whom.alike.iter().filter_map(|class| self.alike_of.get(*class).copied().flatten());
        let alike: BTreeSet<AlikeId> = alike.collect();
        if !alike.is_empty() {
            self.sends_as.insert(who, alike);
        }
    }
}

impl Compared {
    /// Of a lab in which everybody sniffs; changes will touch these hosts.
    pub(super) fn of(sniffing: World, touched: &Touched) -> Self {
        let mut asked = Asked::default();
        let settled = sniffing.settle();
        let kinds = Kinds::settled(&sniffing, &mut asked.met, &settled);
        let (roots, base) = Roots::compared(&sniffing, &kinds, touched);
        let ground = Ground { settled, kinds, roots, programmed: true };
        let exposure = Exposure::asked(&sniffing, &ground, &mut asked).into();
        let (ground, base, whole) = (ground.into(), base.into(), Arc::default());
        Self { world: sniffing, ground, base, exposure, asked, whole }
    }

    pub(super) fn world(&self) -> &World {
        &self.world
    }

    pub(super) fn settled(&self) -> &Settled {
        &self.ground.settled
    }

    /// What the lab after a change exposes and this one does not.
    pub(super) fn newly(&mut self, sniffing: &World, settled: Settled) -> Widening {
        let widening = self.newly_of_touched(sniffing, settled);
        widening.unwrap_or_else(|| {
            let before = self.whole.get_or_init(|| Exposure::alone(&self.world, true));
            Exposure::alone(sniffing, true).newly(before)
        })
    }

    /// The same; `None` if those whom no change touches have to be asked too.
    fn newly_of_touched(&mut self, sniffing: &World, settled: Settled) -> Option<Widening> {
        let kinds = Kinds::settled(sniffing, &mut self.asked.met, &settled);
        let roots = Roots::after(sniffing, &kinds, (&self.world, &self.base))?;
        let ground = Ground { settled, kinds, roots, programmed: true };
        if hear_more((&self.world, &self.ground), (sniffing, &ground), &mut self.asked.heard) {
            return None;
        }
        Exposure::asked(sniffing, &ground, &mut self.asked).newly_or_aside(&self.exposure).ok()
    }
}

impl Block {
    fn of(who: &[Arc<str>], whom: &[Arc<str>]) -> Option<Self> {
        let block = Self { who: who.to_vec(), whom: whom.to_vec() };
        (block.pairs() > 0).then_some(block)
    }

    /// How many pairs of two different.
    pub fn pairs(&self) -> u64 {
        let whom: std::collections::HashSet<&Arc<str>> = self.whom.iter().collect();
        let both = self.who.iter().filter(|name| whom.contains(name)).count();
        (self.who.len() * self.whom.len()) as u64 - both as u64
    }
}

impl Widening {
    /// Nothing more than before?
    pub fn is_empty(&self) -> bool {
        self.reads.is_empty() && self.sends_as.is_empty()
    }

    /// How many pairs of a reader and somebody whom it newly reads.
    pub fn read_pairs(&self) -> u64 {
        self.reads.iter().map(Block::pairs).sum()
    }

    /// How many pairs of a sender and somebody as whom it can newly send.
    pub fn sender_pairs(&self) -> u64 {
        self.sends_as.iter().map(Block::pairs).sum()
    }
}

/// Does both at once.
pub(super) fn both<A: Send, B: Send>(first: impl FnOnce() -> A + Send, second: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let first = scope.spawn(first);
        let second = second();
        (first.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), second)
    })
}

/// How many adapters are given a copy of a unicast frame from `from` to `to`, though it is not for them, in a lab in which
/// everybody has spoken. Adapters of nested hosts count; 0 if the two have no IP network in common.
pub fn copies(world: &World, from: EndpointId, to: EndpointId) -> usize {
    copies_once_settled(world, &world.settle(), from, to)
}

/// The same, by what devices remember.
pub(super) fn copies_once_settled(
    world: &World,
    settled: &Settled,
    from: EndpointId,
    to: EndpointId,
) -> usize {
    let Ok(addresses) = world.common_network(from, to) else { return 0 };
    let Some(frame) = world.unicast(from, to, addresses) else { return 0 };
    world.probe(settled, None, from, frame).needless_copies()
}

/// Guests that can be asked to be somebody else: those of ordinary VMs.
pub(super) fn is_guest(world: &World, id: EndpointId) -> bool {
    world.endpoint(id).kind == EndpointKind::Vnic
}
