//! Who reaches whom: every ordered pair of end points at once, each as [`World::converse`] would have it.
//!
//! Two pairs of the same kinds have the same outcome (`kinds.rs` has the argument), so one of each is asked: across
//! roots one pair for two kinds, on one root one pair for two classes. Pairs that share an address with a port
//! elsewhere are asked one by one.
//!
//! *Why* a pair fails depends on more than *that* it fails: a switch that hands a frame to somebody else gives no reason
//! for dropping it. So where a frame died is asked again for every class on the side on which it died.
//!
//! **Invariant:** exact. Counts and reasons are those of asking about every pair; tests hold them against that.
//! Reference: `docs/theorems.md`, theorem 5.

mod lost;
mod tally;

use std::collections::{BTreeMap, HashMap};

use super::kinds::{Class, ClassId, KindId, Kinds, Met};
use crate::sim::{Conversation, Death, EndpointId, Fault, LegKind, Verdict, World};

pub use tally::Tally;

/// Who reaches whom in a lab.
#[derive(Clone, Debug)]
pub struct Reachability {
    kinds: Kinds,
    /// Kinds on different roots.
    across: HashMap<(KindId, KindId), Verdict>,
    /// Classes on one root, and those whose address is registered elsewhere.
    singly: HashMap<(ClassId, ClassId), Verdict>,
    summary: Summary,
}

/// How many pairs have which verdict, and what keeps those apart that do not reach each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// End points with an IP address; only they are counted.
    pub end_points: u64,
    /// Ordered pairs by verdict.
    pub verdicts: BTreeMap<&'static str, u64>,
    /// Ordered pairs that do not reach each other, by what is in their way.
    pub obstacles: BTreeMap<Obstacle, u64>,
    /// How many conversations were held to know all that.
    pub asked: u64,
}

/// What is in the way of a pair: the first frame of its conversation that dies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The stable code of the reason.
    pub reason: &'static str,
    /// Which frame.
    pub frame: &'static str,
    /// The host; `None` outside of hosts.
    pub host: Option<String>,
    /// The vSwitch, or the segment.
    pub device: String,
    /// The port group of the port that decided; `None` for uplinks and outside of hosts.
    pub port_group: Option<String>,
}

impl Reachability {
    /// Asks about every pair of kinds.
    pub fn of(world: &World) -> Self {
        let mut met = Met::default();
        let kinds = Kinds::of(world, &mut met);
        let mut inquiry = Inquiry::new(world, &kinds);
        inquiry.ask_singly();
        inquiry.ask_on_roots();
        inquiry.ask_across();
        inquiry.count_the_rest();
        let Inquiry { across, singly, summary, .. } = inquiry;
        Self { across, singly, summary, kinds }
    }

    /// What comes of it if `from` pings `to`, which both have an IP address.
    pub fn verdict(&self, from: EndpointId, to: EndpointId) -> Verdict {
        if from == to {
            return Verdict::Itself;
        }
        let [a, b] = [from, to].map(|id| self.kinds.class_of[id.index()]);
        self.of_classes(a, b)
    }

    /// The same of two members, different ones, of these classes.
    fn of_classes(&self, a: ClassId, b: ClassId) -> Verdict {
        let singly = self.singly.get(&(a, b)).copied();
        let same_root = self.kinds.classes[a].root == self.kinds.classes[b].root;
        // What was not asked has no IP network in common.
        singly.unwrap_or_else(|| if same_root { Verdict::NoRoute } else { self.of_kinds(a, b) })
    }

    /// The same if they are on different roots and were not asked by themselves.
    fn of_kinds(&self, a: ClassId, b: ClassId) -> Verdict {
        let kinds = (self.kinds.classes[a].kind, self.kinds.classes[b].kind);
        self.across.get(&kinds).copied().unwrap_or(Verdict::NoRoute)
    }

    /// Counts over all pairs.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Pairs that reach each other here and do not in `after`, up to `limit`; end points are known again by their place in
    /// the lab, so both must have the same ones. Pairs that differ in nothing are named once.
    pub fn lost(&self, after: &Self, limit: usize) -> Vec<(EndpointId, EndpointId)> {
        lost::pairs(self, after, limit)
    }

    pub(super) fn kinds(&self) -> &Kinds {
        &self.kinds
    }
}

/// What keeps the two apart: the fault of the frame that was sent and died, or else of the first that would have.
pub fn first_fault(conversation: &Conversation) -> Option<&Fault> {
    let faults = || conversation.directions.iter().flatten().filter_map(|direction| direction.fault.as_ref());
    faults().find(|fault| fault.was_sent).or_else(|| faults().next())
}

impl Obstacle {
    /// What is in the way of this conversation; `None` if it succeeds, or no frame can be sent.
    pub fn of(conversation: &Conversation) -> Option<Self> {
        first_fault(conversation).map(|Fault { kind, death, .. }| Self::at(*kind, death))
    }

    fn at(frame: LegKind, death: &Death) -> Self {
        Self {
            reason: death.cause.code(),
            frame: frame.name(),
            host: death.place.host.clone(),
            device: death.place.device.clone(),
            port_group: death.place.port_group.clone(),
        }
    }
}

struct Inquiry<'w> {
    world: &'w World,
    kinds: &'w Kinds,
    /// The classes of each kind that have addresses.
    of_kind: BTreeMap<KindId, Vec<ClassId>>,
    across: HashMap<(KindId, KindId), Verdict>,
    singly: HashMap<(ClassId, ClassId), Verdict>,
    /// The root of each vSwitch, by host and name.
    root_of_switch: HashMap<(&'w str, &'w str), usize>,
    summary: Summary,
}

impl<'w> Inquiry<'w> {
    fn new(world: &'w World, kinds: &'w Kinds) -> Self {
        let mut of_kind: BTreeMap<KindId, Vec<ClassId>> = BTreeMap::new();
        let mut summary = Summary::default();
        for (id, class) in kinds.classes.iter().enumerate() {
            if class.members.first().is_some_and(|id| !world.endpoint(*id).addresses.is_empty()) {
                of_kind.entry(class.kind).or_default().push(id);
                summary.end_points += class.len();
            }
        }
        let root_of_switch = world.switch_ids().map(|id| {
            let (host, switch) = world.switch(id);
            ((host, switch.config().name.as_str()), kinds.stems[id.index()].root)
        });
        let root_of_switch = root_of_switch.collect();
        let (across, singly) = (HashMap::new(), HashMap::new());
        Self { world, kinds, of_kind, across, singly, root_of_switch, summary }
    }

    fn class(&self, id: ClassId) -> &'w Class {
        &self.kinds.classes[id]
    }

    /// Two members of two classes, different ones if it is the same class.
    fn pair(&self, a: ClassId, b: ClassId) -> Option<(EndpointId, EndpointId)> {
        let from = self.class(a).members.first()?;
        let to = self.class(b).members.get(usize::from(a == b))?;
        Some((*from, *to))
    }

    fn converse(&mut self, (from, to): (EndpointId, EndpointId)) -> Option<Conversation> {
        self.world.common_network(from, to).ok()?;
        self.summary.asked += 1;
        Some(self.world.converse_within(from, to))
    }

    fn count(&mut self, conversation: &Conversation, pairs: u64) {
        *self.summary.verdicts.entry(conversation.verdict.code()).or_default() += pairs;
        if let Some(obstacle) = Obstacle::of(conversation) {
            *self.summary.obstacles.entry(obstacle).or_default() += pairs;
        }
    }

    fn ask_about(&mut self, a: ClassId, b: ClassId) {
        if self.singly.contains_key(&(a, b)) {
            return;
        }
        let Some(conversation) = self.pair(a, b).and_then(|pair| self.converse(pair)) else { return };
        self.singly.insert((a, b), conversation.verdict);
        self.count(&conversation, self.pairs(a, b));
    }

    fn pairs(&self, a: ClassId, b: ClassId) -> u64 {
        self.class(a).len() * self.class(b).len() - if a == b { self.class(a).len() } else { 0 }
    }

    /// Those whose address is registered elsewhere too, with everybody who is there.
    fn ask_singly(&mut self) {
        let with_addresses: Vec<ClassId> = self.of_kind.values().flatten().copied().collect();
        for a in with_addresses.iter().copied() {
            if self.class(a).elsewhere.is_empty() {
                continue;
            }
            for b in with_addresses.iter().copied().filter(|b| *b != a) {
                if self.meets_elsewhere(a, b) {
                    self.ask_about(a, b);
                    self.ask_about(b, a);
                }
            }
        }
    }

    /// Is one of the two registered on a vSwitch above the other?
    fn meets_elsewhere(&self, a: ClassId, b: ClassId) -> bool {
        let above = |id: ClassId| {
            let first = self.class(id).members.first();
            first.map_or(&[][..], |id| self.kinds.above(self.world, *id))
        };
        let meets = |a: ClassId, b: ClassId| {
            let elsewhere = &self.class(a).elsewhere;
            !elsewhere.is_empty() && above(b).iter().any(|switch| elsewhere.contains(switch))
        };
        meets(a, b) || meets(b, a)
    }

    fn ask_on_roots(&mut self) {
        let mut on_root: BTreeMap<usize, Vec<ClassId>> = BTreeMap::new();
        for id in self.of_kind.values().flatten() {
            on_root.entry(self.class(*id).root).or_default().push(*id);
        }
        for classes in on_root.values() {
            for a in classes {
                for b in classes {
                    self.ask_about(*a, *b);
                }
            }
        }
    }

    fn ask_across(&mut self) {
        let sides: Vec<Side> = self.of_kind.iter().map(|(kind, classes)| self.side(*kind, classes)).collect();
        for from in &sides {
            for to in &sides {
                self.ask_kinds(from, to);
            }
        }
    }

    fn side(&self, kind: KindId, classes: &[ClassId]) -> Side {
        let mut by_root: BTreeMap<usize, u64> = BTreeMap::new();
        for id in classes {
            *by_root.entry(self.class(*id).root).or_default() += self.class(*id).len();
        }
        let alone = classes.iter().any(|id| !self.class(*id).elsewhere.is_empty());
        Side { kind, classes: classes.to_vec(), total: by_root.values().sum(), by_root, alone }
    }

    fn ask_kinds(&mut self, from: &Side, to: &Side) {
        let Some((a, b)) = self.two_apart(from, to) else { return };
        let Some(conversation) = self.pair(a, b).and_then(|pair| self.converse(pair)) else { return };
        self.across.insert((from.kind, to.kind), conversation.verdict);
        let pairs = self.pairs_apart(from, to);
        match first_fault(&conversation).and_then(|fault| self.root_of(&fault.death)) {
            Some(root) => self.count_by_side(from, to, root == self.class(a).root, &conversation),
            None => self.count(&conversation, pairs),
        }
    }

    /// The root on which a frame died; `None` outside of hosts.
    fn root_of(&self, death: &Death) -> Option<usize> {
        let host = death.place.host.as_deref()?;
        self.root_of_switch.get(&(host, death.place.device.as_str())).copied()
    }

    /// A class of each kind, on different roots, that are not asked singly.
    fn two_apart(&self, from: &Side, to: &Side) -> Option<(ClassId, ClassId)> {
        from.classes.iter().find_map(|a| Some((*a, self.apart_from(*a, to)?)))
    }

    fn apart_from(&self, a: ClassId, side: &Side) -> Option<ClassId> {
        let root = self.class(a).root;
        let singly = self.kinds.classes[a].elsewhere.is_empty() && !side.alone;
        side.classes
            .iter()
            .copied()
            .find(|b| self.class(*b).root != root && (singly || !self.meets_elsewhere(a, *b)))
    }

    /// Ordered pairs on different roots that are not asked singly.
    fn pairs_apart(&self, from: &Side, to: &Side) -> u64 {
        if from.alone || to.alone {
            // One of the two is a single end point.
            let each = from.classes.iter().flat_map(|a| to.classes.iter().map(move |b| (*a, *b)));
            let apart = each.filter(|(a, b)| self.class(*a).root != self.class(*b).root);
            return apart.filter(|(a, b)| !self.meets_elsewhere(*a, *b)).map(|(a, b)| self.pairs(a, b)).sum();
        }
        let together: u64 = from.by_root.iter().map(|(root, count)| count * to.on_root(*root)).sum();
        from.total * to.total - together
    }

    /// The frame died on the side of one of the two: each class of that side has a place, and perhaps a reason, of its own.
    fn count_by_side(&mut self, from: &Side, to: &Side, died_near_asker: bool, conversation: &Conversation) {
        let (near, far) = if died_near_asker { (from, to) } else { (to, from) };
        for class in &near.classes {
            let Some(other) = self.apart_from(*class, far) else { continue };
            let pairs = if near.alone || far.alone {
                let single = Side { classes: vec![*class], ..self.side(near.kind, &[*class]) };
                self.pairs_apart(&single, far)
            } else {
                self.class(*class).len() * (far.total - far.on_root(self.class(*class).root))
            };
            let pair = if died_near_asker { (*class, other) } else { (other, *class) };
            let again = self.pair(pair.0, pair.1).and_then(|pair| self.converse(pair));
            self.count(again.as_ref().unwrap_or(conversation), pairs);
        }
    }

    /// Who was not asked has no IP network in common.
    fn count_the_rest(&mut self) {
        let all = self.summary.end_points * self.summary.end_points.saturating_sub(1);
        let asked: u64 = self.summary.verdicts.values().sum();
        if all > asked {
            self.summary.verdicts.insert(Verdict::NoRoute.code(), all - asked);
        }
    }
}

/// All end points of one kind.
#[derive(Clone, Debug)]
struct Side {
    kind: KindId,
    classes: Vec<ClassId>,
    total: u64,
    by_root: BTreeMap<usize, u64>,
    /// It is one end point, whose address is registered elsewhere too.
    alone: bool,
}

impl Side {
    fn on_root(&self, root: usize) -> u64 {
        self.by_root.get(&root).copied().unwrap_or(0)
    }
}
