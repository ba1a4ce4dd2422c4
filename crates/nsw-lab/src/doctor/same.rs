//! Which roots are the same in all labs that are compared, so that nothing which passes there alone can be new in one.
//!
//! A fix changes one host. What passes between vSwitches of a root that it leaves alone, and how frames come out of it, is
//! what it was: the vSwitches are the very same ([`World::shares`]), and so are the kinds of all who are on it and what
//! devices remember of them. Where something about one of them is in no kind, or a vSwitch remembers anything of frames,
//! a root is not said to be the same.

use std::collections::HashSet;
use std::sync::Arc;

use super::kinds::{Hashed, Kinds};
use crate::sim::{EndpointId, SwitchId, World};
use crate::topology::Lab;

/// The roots of a lab.
#[derive(Clone, Debug)]
pub(super) struct Roots {
    /// Of each its vSwitches.
    pub(super) switches: Vec<Vec<SwitchId>>,
    /// Of each the classes on it.
    pub(super) classes: Vec<Vec<usize>>,
    /// Of each: is it the same in all labs that are compared?
    same: Vec<bool>,
}

/// The rows of the roots that are the same in all labs that are compared.
pub(super) type Base = HashSet<Vec<u32>>;

impl Roots {
    /// The roots of a lab that is compared with no other.
    pub(super) fn of(world: &World, kinds: &Kinds) -> Self {
        let mut roots = Self {
            switches: vec![Vec::new(); kinds.roots],
            classes: vec![Vec::new(); kinds.roots],
            same: vec![false; kinds.roots],
        };
        for id in world.switch_ids() {
            roots.switches[kinds.stems[id.index()].root].push(id);
        }
        for (id, class) in kinds.classes.iter().enumerate() {
            roots.classes[class.root].push(id);
        }
        roots
    }

    /// The roots of a lab that is to be compared with others, in which the vSwitches of these hosts differ.
    pub(super) fn compared(world: &World, kinds: &Kinds, touched: &Touched) -> (Self, Base) {
        let mut roots = Self::of(world, kinds);
        let mut base = Base::new();
        for root in 0..kinds.roots {
            let is_touched = roots.switches[root].iter().any(|id| touched.is(world.switch(*id).0));
            let row = roots.row(world, kinds, root).filter(|_| !is_touched);
            roots.same[root] = row.is_some();
            base.extend(row);
        }
        (roots, base)
    }

    /// The roots of a lab that is compared with `before`; `None` if more of them differ than were said to.
    pub(super) fn after(world: &World, kinds: &Kinds, (before, base): (&World, &Base)) -> Option<Self> {
        let mut roots = Self::of(world, kinds);
        for root in 0..kinds.roots {
            let is_shared = roots.switches[root].iter().all(|id| world.shares(before, *id));
            let row = || roots.row(world, kinds, root);
            roots.same[root] = is_shared && row().is_some_and(|row| base.contains(&row));
        }
        let found = roots.same.iter().filter(|same| **same).count();
        (found == base.len()).then_some(roots)
    }

    /// Is it the same in all labs? Nothing is, if it is compared with no other.
    pub(super) fn is_same(&self, root: usize) -> bool {
        self.same[root]
    }

    /// Of each: is it the same in all labs?
    pub(super) fn same(&self) -> &[bool] {
        &self.same
    }

    /// The vSwitches of all that may differ.
    pub(super) fn differing(&self) -> impl Iterator<Item = SwitchId> {
        let differing = self.switches.iter().zip(&self.same).filter(|(_, same)| !**same);
        differing.flat_map(|(switches, _)| switches.iter().copied())
    }

    /// Who is on a root, and what of them is in numbers; `None` if not all of it is.
    fn row(&self, world: &World, kinds: &Kinds, root: usize) -> Option<Vec<u32>> {
        let remembers = |id: &SwitchId| world.tables(*id).keeps_state();
        if !world.keeps_to_the_road() || self.switches[root].iter().any(remembers) {
            return None;
        }
        let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let mut row = vec![kinds.survey];
        row.extend(self.switches[root].iter().map(|id| number(id.index())));
        for class in self.classes[root].iter().map(|id| &kinds.classes[*id]) {
            if class.unlike_any || !class.elsewhere.is_empty() {
                return None;
            }
            row.extend([u32::MAX, class.kind.0, class.memory, class.mac, class.addresses]);
            row.extend(class.members.iter().map(|id| number(id.index())));
        }
        Some(row)
    }
}

/// The hosts of a lab that changes can touch.
#[derive(Clone, Debug, Default)]
pub(super) struct Touched {
    /// By name, those inside them too.
    hosts: HashSet<String>,
    /// More than hosts may be touched.
    all: bool,
}

impl Touched {
    /// Adds those which differ between these labs.
    pub(super) fn add(&mut self, before: &Lab, after: &Lab) {
        self.all |= before.segments != after.segments || before.hosts.len() != after.hosts.len();
        for (old, new) in before.hosts.iter().zip(&after.hosts).filter(|(old, new)| old != new) {
            let inside = [old, new].into_iter().flat_map(|host| host.descend());
            self.hosts.extend(inside.map(|(_, host)| host.name.clone()));
        }
    }

    fn is(&self, host: &str) -> bool {
        self.all || self.hosts.contains(host)
    }
}

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn insert(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }

    pub(super) fn add(&mut self, others: &Self) {
        if self.0.len() < others.0.len() {
            self.0.resize(others.0.len(), 0);
        }
        self.0.iter_mut().zip(&others.0).for_each(|(own, others)| *own |= others);
    }

    pub(super) fn contains(&self, number: u32) -> bool {
        self.has(number as usize)
    }

    pub(super) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(super) fn remove(&mut self, number: usize) {
        if let Some(word) = self.0.get_mut(number / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// All of them, in order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        let words = self.0.iter().enumerate();
        words.flat_map(|(place, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                (left != 0).then(|| {
                    left &= left - 1;
                    place * 64 + bit
                })
            })
        })
    }

    pub(super) fn meets(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).any(|(own, others)| own & others != 0)
    }
}

/// Who has an IP network in common with whom, by the number of the networks that each is in.
pub(super) struct Sharing {
    /// Of each number somebody who has it.
    who: Hashed<u32, EndpointId>,
    known: Hashed<u32, Arc<Bits>>,
}

impl Sharing {
    pub(super) fn of(kinds: &Kinds) -> Self {
        let mut who = Hashed::default();
        for class in &kinds.classes {
            if let Some(first) = class.members.first() {
                who.entry(class.networks).or_insert(*first);
            }
        }
        Self { who, known: Hashed::default() }
    }

    /// The numbers of all who share a network with those of this number.
    pub(super) fn with(&mut self, world: &World, networks: u32) -> Arc<Bits> {
        let who = &self.who;
        let known = self.known.entry(networks).or_insert_with(|| {
            let mut found = Bits::default();
            let Some(own) = who.get(&networks) else { return found.into() };
            for (number, other) in who {
                let share = match own == other {
                    true => !world.endpoint(*own).addresses.is_empty(),
                    false => world.common_network(*other, *own).is_ok(),
                };
                if share {
                    found.insert(*number);
                }
            }
            found.into()
        });
        Arc::clone(known)
    }
}
