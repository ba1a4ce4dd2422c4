//! Verdicts counted from group to group, whoever makes the groups.
//!
//! Pairs are counted as [`Reachability`] knows them: by kind, and those on one root or asked one by one by class. So the cost
//! grows with the kinds, not with the end points.

use std::collections::BTreeMap;

use super::super::kinds::{ClassId, KindId};
use super::Reachability;
use crate::sim::{EndpointId, Verdict};

/// How many ordered pairs have which outcome; nobody is paired with itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The reply comes.
    pub reachable: u64,
    /// The question arrives, the reply does not.
    pub one_way: u64,
    /// The question does not arrive.
    pub unreachable: u64,
    /// No IP network in common: not asked.
    pub no_network: u64,
}

impl Tally {
    /// Counts so many pairs of this verdict.
    pub const fn add(&mut self, verdict: Verdict, pairs: u64) {
        if let Some(count) = self.count(verdict) {
            *count += pairs;
        }
    }

    /// So many pairs of this verdict were counted and are not.
    const fn take(&mut self, verdict: Verdict, pairs: u64) {
        if let Some(count) = self.count(verdict) {
            *count -= pairs;
        }
    }

    const fn count(&mut self, verdict: Verdict) -> Option<&mut u64> {
        match verdict {
            Verdict::Reachable => Some(&mut self.reachable),
            Verdict::OneWay => Some(&mut self.one_way),
            Verdict::Unreachable => Some(&mut self.unreachable),
            Verdict::NoRoute | Verdict::NoAddress { .. } => Some(&mut self.no_network),
            Verdict::Itself => None,
        }
    }

    /// Pairs that have an IP network in common.
    pub const fn asked(&self) -> u64 {
        self.reachable + self.one_way + self.unreachable
    }
}

/// End points of one class in one group.
#[derive(Clone, Copy)]
struct Part {
    group: usize,
    class: ClassId,
    count: u64,
}

impl Reachability {
    /// By group of those who ask, and group of those who answer: what comes of it. End points without a group are left out.
    pub fn between(
        &self,
        groups: usize,
        ends: impl Iterator<Item = EndpointId>,
        group_of: impl Fn(EndpointId) -> Option<usize>,
    ) -> Vec<Vec<Tally>> {
        let mut counts: BTreeMap<(usize, ClassId), u64> = BTreeMap::new();
        for id in ends {
            if let Some(group) = group_of(id) {
                *counts.entry((group, self.kinds.class_of[id.index()])).or_default() += 1;
            }
        }
        let parts: Vec<Part> =
            counts.into_iter().map(|((group, class), count)| Part { group, class, count }).collect();
        let mut tallies = vec![vec![Tally::default(); groups]; groups];
        self.count_as_if_apart(&parts, &mut tallies);
        for (from, to) in self.not_apart(&parts) {
            let tally = &mut tallies[from.group][to.group];
            tally.take(self.of_kinds(from.class, to.class), from.count * to.count);
            let with_itself = from.class == to.class && from.group == to.group;
            let pairs = from.count * to.count - if with_itself { from.count } else { 0 };
            tally.add(self.of_classes(from.class, to.class), pairs);
        }
        tallies
    }

    /// Counts all pairs by their kinds, as if no two were on one root.
    fn count_as_if_apart(&self, parts: &[Part], tallies: &mut [Vec<Tally>]) {
        let mut of_kind: BTreeMap<(usize, KindId), Part> = BTreeMap::new();
        for part in parts {
            let kind = self.kinds.classes[part.class].kind;
            of_kind.entry((part.group, kind)).or_insert(Part { count: 0, ..*part }).count += part.count;
        }
        for from in of_kind.values() {
            for to in of_kind.values() {
                let verdict = self.of_kinds(from.class, to.class);
                tallies[from.group][to.group].add(verdict, from.count * to.count);
            }
        }
    }

    /// Pairs of parts whose kinds alone do not say what comes of it: on one root, or asked one by one.
    fn not_apart<'p>(&self, parts: &'p [Part]) -> Vec<(&'p Part, &'p Part)> {
        let mut on_root: BTreeMap<usize, Vec<&Part>> = BTreeMap::new();
        let mut of_class: BTreeMap<ClassId, Vec<&Part>> = BTreeMap::new();
        for part in parts {
            on_root.entry(self.kinds.classes[part.class].root).or_default().push(part);
            of_class.entry(part.class).or_default().push(part);
        }
        let each = |from: &[&'p Part], to: &[&'p Part]| {
            from.iter().flat_map(|from| to.iter().map(|to| (*from, *to))).collect::<Vec<_>>()
        };
        let mut pairs: Vec<_> = on_root.values().flat_map(|parts| each(parts, parts)).collect();
        let root = |class: ClassId| self.kinds.classes[class].root;
        for (from, to) in self.singly.keys().filter(|(from, to)| root(*from) != root(*to)) {
            if let (Some(from), Some(to)) = (of_class.get(from), of_class.get(to)) {
                pairs.extend(each(from, to));
            }
        }
        pairs
    }
}
