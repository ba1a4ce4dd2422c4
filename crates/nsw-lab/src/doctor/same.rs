//! Which roots are as they were in the lab that was asked first, so that what was asked there of them alone still holds.
//!
//! A fix changes one host. What passes between vSwitches of a root that it leaves alone, and how frames come out of it, is
//! what it was: the vSwitches are the very same ([`World::shares`]), and so are the kinds of all who are on it and what
//! devices remember of them. Where something about one of them is in no kind, or a vSwitch remembers anything of frames,
//! a root is not said to be the same.

use std::collections::HashSet;

use super::kinds::{Hashed, Kinds};
use crate::sim::{EndpointId, SwitchId, World};

/// The lab that was asked first.
#[derive(Clone, Debug)]
struct First {
    world: World,
    roots: HashSet<Vec<u32>>,
}

/// What is remembered of the lab that was asked first, to know its roots again.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    first: Option<First>,
}

/// The roots of a lab.
#[derive(Clone, Debug)]
pub(super) struct Roots {
    /// Of each its vSwitches.
    pub(super) switches: Vec<Vec<SwitchId>>,
    /// Of each the classes on it.
    pub(super) classes: Vec<Vec<usize>>,
    /// Of each: is it as it was?
    same: Vec<bool>,
    /// This is the first lab: what is asked of it is to be kept.
    pub(super) is_first: bool,
}

impl Roots {
    /// The roots of a lab that is compared with no other.
    pub(super) fn of(world: &World, kinds: &Kinds) -> Self {
        let mut roots = Self {
            switches: vec![Vec::new(); kinds.roots],
            classes: vec![Vec::new(); kinds.roots],
            same: vec![false; kinds.roots],
            is_first: false,
        };
        for id in world.switch_ids() {
            roots.switches[kinds.stems[id.index()].root].push(id);
        }
        for (id, class) in kinds.classes.iter().enumerate() {
            roots.classes[class.root].push(id);
        }
        roots
    }

    /// The roots of a lab, compared with those of the first one, which this one is if there is none.
    pub(super) fn compared(world: &World, kinds: &Kinds, base: &mut Base) -> Self {
        let mut roots = Self::of(world, kinds);
        let rows: Vec<Option<Vec<u32>>> =
            (0..kinds.roots).map(|root| roots.row(world, kinds, root)).collect();
        roots.is_first = base.first.is_none();
        let first = base.first.get_or_insert_with(|| First {
            world: world.clone(),
            roots: rows.iter().flatten().cloned().collect(),
        });
        for (root, row) in rows.iter().enumerate() {
            let shared = |id: &SwitchId| world.shares(&first.world, *id);
            roots.same[root] = row.as_ref().is_some_and(|row| first.roots.contains(row))
                && roots.switches[root].iter().all(shared);
        }
        roots
    }

    pub(super) fn is_same(&self, root: usize) -> bool {
        self.same[root]
    }

    /// The vSwitches of all that are not the same.
    pub(super) fn changed(&self) -> impl Iterator<Item = SwitchId> {
        let changed = self.switches.iter().zip(&self.same).filter(|(_, same)| !**same);
        changed.flat_map(|(switches, _)| switches.iter().copied())
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
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    pub(super) fn meets(&self, others: &Self) -> bool {
        self.0.iter().zip(&others.0).any(|(own, others)| own & others != 0)
    }
}

/// Who has an IP network in common with whom, by the number of the networks that each is in.
pub(super) struct Sharing {
    /// Of each number somebody who has it.
    who: Hashed<u32, EndpointId>,
    known: Hashed<u32, Bits>,
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
    pub(super) fn with(&mut self, world: &World, networks: u32) -> &Bits {
        let who = &self.who;
        self.known.entry(networks).or_insert_with(|| {
            let mut found = Bits::default();
            let Some(own) = who.get(&networks) else { return found };
            for (number, other) in who {
                let share = match own == other {
                    true => !world.endpoint(*own).addresses.is_empty(),
                    false => world.common_network(*other, *own).is_ok(),
                };
                if share {
                    found.insert(*number);
                }
            }
            found
        })
    }
}
