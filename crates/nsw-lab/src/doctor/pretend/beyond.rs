//! Who hears a broadcast beyond a segment to which it comes out, root by root.

use super::super::kinds::Hashed;
use super::super::same::{Bits, Roots};
use super::Exit;

/// In which networks those are who hear it, of each root that a frame said anything about.
#[derive(Clone, Debug, Default)]
pub(super) struct Beyond {
    by_root: Vec<Option<Bits>>,
    /// How many roots nothing is known of.
    unknown: usize,
    /// All of them together.
    all: Bits,
    /// By network: on how many roots.
    roots: Vec<usize>,
}

impl Beyond {
    /// Nothing is known of this many roots.
    pub(super) fn of(roots: usize) -> Self {
        Self { by_root: vec![None; roots], unknown: roots, ..Self::default() }
    }

    /// The roots of which nothing is known, but for these.
    pub(super) fn new_but(&self, near: [usize; 2]) -> Vec<usize> {
        let of_near = apart(&near).iter().filter(|root| self.by_root[**root].is_none()).count();
        if self.unknown == of_near {
            return Vec::new();
        }
        let unknown = self.by_root.iter().enumerate().filter(|(_, known)| known.is_none());
        unknown.map(|(root, _)| root).filter(|root| !near.contains(root)).collect()
    }

    /// Writes down who hears it on a root of which nothing was known.
    pub(super) fn learn(&mut self, root: usize, hearers: Bits) {
        self.all.add(&hearers);
        for network in hearers.numbers() {
            if self.roots.len() <= network {
                self.roots.resize(network + 1, 0);
            }
            self.roots[network] += 1;
        }
        self.unknown -= usize::from(self.by_root[root].is_none());
        self.by_root[root] = Some(hearers);
    }

    /// Who hears it, but for those on these roots.
    pub(super) fn but(&self, near: [usize; 2]) -> Bits {
        let of_near: Vec<&Bits> =
            apart(&near).iter().filter_map(|root| self.by_root[*root].as_ref()).collect();
        let mut hearers = self.all.clone();
        for network in of_near.iter().flat_map(|bits| bits.numbers()) {
            let here = of_near.iter().filter(|bits| bits.has(network)).count();
            if self.roots[network] == here {
                hearers.remove(network);
            }
        }
        hearers
    }
}

/// The two, or the one if they are the same.
fn apart(near: &[usize; 2]) -> &[usize] {
    let [one, other] = near;
    if one == other { &near[..1] } else { near }
}

/// What is known of roots that are the same in all labs that are compared.
#[derive(Clone, Debug, Default)]
pub(super) struct BeyondSame {
    roots: Vec<bool>,
    beyond: Hashed<Exit, Beyond>,
}

impl BeyondSame {
    pub(super) fn of(roots: &Roots, beyond: &Hashed<Exit, Beyond>) -> Self {
        if !roots.same().contains(&true) {
            return Self::default();
        }
        let same = |known: &Beyond| {
            let mut same = Beyond::of(known.by_root.len());
            for (root, hearers) in known.by_root.iter().enumerate().filter(|(root, _)| roots.is_same(*root)) {
                hearers.iter().for_each(|hearers| same.learn(root, hearers.clone()));
            }
            same
        };
        let beyond = beyond.iter().map(|(exit, known)| (exit.clone(), same(known))).collect();
        Self { roots: roots.same().to_vec(), beyond }
    }

    /// What is known of a lab with these roots before anything was sent in it.
    pub(super) fn in_next(&self, roots: &Roots) -> Hashed<Exit, Beyond> {
        if self.roots == roots.same() { self.beyond.clone() } else { Hashed::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bits(networks: &[u32]) -> Bits {
        let mut bits = Bits::default();
        networks.iter().for_each(|network| bits.insert(*network));
        bits
    }

    #[test]
    fn hearers_are_those_on_other_roots() {
        let mut known = Beyond::of(4);
        assert_eq!(known.new_but([0, 3]), [1, 2]);
        known.learn(1, bits(&[0, 70]));
        known.learn(2, bits(&[70]));
        assert_eq!(known.new_but([0, 3]), [0; 0]);
        assert_eq!(known.new_but([0, 1]), [3]);
        assert_eq!(known.but([0, 3]), bits(&[0, 70]));
        assert_eq!(known.but([1, 1]), known.but([1, 3]));
        assert!(known.but([1, 3]).has(70) && !known.but([1, 3]).has(0));
        assert!(!known.but([1, 2]).has(70));
    }
}
