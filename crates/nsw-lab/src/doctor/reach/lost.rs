//! Who reaches whom in one lab, and no longer in another one with the same end points.
//!
//! End points that differ neither here nor there are one *cell*, of which two are looked at: they also talk with each other.
//! On one root every two cells are compared, and so are those that were asked one by one. Across roots the outcome is one
//! of two kinds, here as there; so kinds are compared, and cells are looked for only where something was lost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::kinds::{ClassId, KindId};
use super::Reachability;
use crate::sim::{EndpointId, Verdict};

/// End points of one class here and of one class there, two at most.
#[derive(Default)]
struct Cell {
    ends: Vec<EndpointId>,
    classes: [ClassId; 2],
    roots: [usize; 2],
}

pub(super) fn pairs(
    before: &Reachability,
    after: &Reachability,
    limit: usize,
) -> Vec<(EndpointId, EndpointId)> {
    let mut search =
        Search { labs: [before, after], cells: cells(before, after), lost: BTreeSet::new(), limit };
    search.on_roots();
    search.asked_singly();
    search.across();
    search.lost.into_iter().take(limit).collect()
}

fn cells(before: &Reachability, after: &Reachability) -> Vec<Cell> {
    let mut cells: BTreeMap<[ClassId; 2], Cell> = BTreeMap::new();
    for class in &before.kinds.classes {
        for id in &class.members {
            let classes = [before, after].map(|lab| lab.kinds.class_of[id.index()]);
            let cell = cells.entry(classes).or_default();
            if cell.ends.len() < 2 {
                cell.ends.push(*id);
            }
            cell.classes = classes;
            cell.roots = [before, after].map(|lab| lab.kinds.root_of(*id));
        }
    }
    cells.into_values().collect()
}

struct Search<'r> {
    labs: [&'r Reachability; 2],
    cells: Vec<Cell>,
    lost: BTreeSet<(EndpointId, EndpointId)>,
    limit: usize,
}

impl Search<'_> {
    fn compare(&mut self, from: usize, to: usize) {
        let pair = match (self.cells[from].ends.as_slice(), self.cells[to].ends.as_slice()) {
            ([a, b, ..], _) if from == to => (*a, *b),
            ([a, ..], [b, ..]) if from != to => (*a, *b),
            _ => return,
        };
        let [before, after] = self.labs.map(|lab| lab.verdict(pair.0, pair.1));
        if before == Verdict::Reachable && after != Verdict::Reachable {
            self.lost.insert(pair);
        }
    }

    /// By what `key` says of a cell, here and there.
    fn grouped<K: Ord>(&self, key: impl Fn(&Cell) -> K) -> BTreeMap<K, Vec<usize>> {
        let mut groups: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        for (place, cell) in self.cells.iter().enumerate() {
            groups.entry(key(cell)).or_default().push(place);
        }
        groups
    }

    fn on_roots(&mut self) {
        for lab in 0..2 {
            for together in self.grouped(|cell| cell.roots[lab]).into_values() {
                for from in &together {
                    for to in &together {
                        self.compare(*from, *to);
                    }
                }
            }
        }
    }

    fn asked_singly(&mut self) {
        for lab in 0..2 {
            let of_class = self.grouped(|cell| cell.classes[lab]);
            let classes = &self.labs[lab].kinds.classes;
            let singly: Vec<(ClassId, ClassId)> = self.labs[lab].singly.keys().copied().collect();
            for (a, b) in singly.into_iter().filter(|(a, b)| classes[*a].root != classes[*b].root) {
                for from in of_class.get(&a).into_iter().flatten() {
                    for to in of_class.get(&b).into_iter().flatten() {
                        self.compare(*from, *to);
                    }
                }
            }
        }
    }

    fn across(&mut self) {
        let kind = |lab: usize, cell: &Cell| self.labs[lab].kinds.classes[cell.classes[lab]].kind;
        let groups = self.grouped(|cell| [kind(0, cell), kind(1, cell)]);
        let reaches = |lab: usize, from: KindId, to: KindId| {
            let across: &HashMap<(KindId, KindId), Verdict> = &self.labs[lab].across;
            across.get(&(from, to)) == Some(&Verdict::Reachable)
        };
        let mut suspects = Vec::new();
        for (from, from_cells) in &groups {
            for (to, to_cells) in &groups {
                if reaches(0, from[0], to[0]) && !reaches(1, from[1], to[1]) {
                    suspects.push((from_cells, to_cells));
                }
            }
        }
        for (from_cells, to_cells) in suspects {
            for from in from_cells {
                for to in to_cells {
                    self.compare(*from, *to);
                    if self.lost.len() >= self.limit {
                        return;
                    }
                }
            }
        }
    }
}
