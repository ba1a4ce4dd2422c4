//! What a fix opens: who can newly read whose traffic, who can newly send as whom, how many needless copies a frame costs,
//! and what a hardening guide would newly object to.
//!
//! Exposure is taken *at worst*: if every guest asked for all that the policy may grant. A fix is made once and stays; who
//! will run a sniffer next year is not known.
//!
//! **Invariant:** what is said to be new was looked for before and after in the same way, and what was not looked for cannot
//! be new (`same.rs`).

use std::sync::Arc;

use super::audit::{self, Finding, Severity};
use super::change::Change;
use super::exposure::{Compared, Widening, copies_once_settled};
use super::same::Touched;
use super::why::Question;
use super::wired::Wired;
use crate::sim::{Settled, World};
use crate::spec::Locations;
use crate::topology::Lab;

/// A lab as it is, to compare fixes with.
#[derive(Clone, Debug)]
pub struct Before {
    wired: Wired,
    exposure: Compared,
    copies: [usize; 2],
    ends: [String; 2],
    findings: Arc<[Finding]>,
}

/// What a fix opens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Who newly reads whom, and who can newly send as whom.
    pub widening: Widening,
    /// Adapters that are given a unicast frame though it is not for them: before and after, the larger number of the two
    /// directions.
    pub copies: [usize; 2],
    /// What a hardening guide newly objects to.
    pub findings: Vec<Finding>,
}

impl Before {
    /// The lab around a question, to be compared with what comes of these changes; others are taken as well, but take
    /// longer.
    pub fn of<'c>(question: &Question, fixes: impl IntoIterator<Item = &'c [Change]>) -> Option<Self> {
        Self::on(Wired::of(&question.around)?, question, fixes)
    }

    pub(super) fn on<'c>(
        wired: Wired,
        question: &Question,
        fixes: impl IntoIterator<Item = &'c [Change]>,
    ) -> Option<Self> {
        let mut sniffing = wired.world.clone();
        sniffing.everybody_sniffs();
        let ends = question.ends().map(|end| end.name.clone());
        let mut touched = Touched::default();
        for changes in fixes {
            // The hosts of both ends are in the lab of the question, which is the smaller one.
            touched.add(&question.lab, &Change::apply_all(changes, &question.lab).ok()?);
        }
        let exposure = Compared::of(sniffing, &touched);
        let copies = copies_between(&wired.world, exposure.settled(), &ends)?;
        let findings = audit::audit(&question.around, &Locations::default()).into();
        Some(Self { wired, exposure, copies, ends, findings })
    }
}

impl Opened {
    /// What these changes open; `None` if they cannot be made.
    pub fn by(before: &mut Before, changes: &[Change]) -> Option<Self> {
        let after = before.wired.with(changes)?;
        Self::in_lab(before, &after)
    }

    /// What the changes open that have made this lab.
    pub(super) fn in_lab(before: &mut Before, after: &Wired) -> Option<Self> {
        let sniffing = after.world.sniffing_like(&before.wired.world, before.exposure.world());
        let most = |copies: [usize; 2]| copies.into_iter().max().unwrap_or(0);
        let settled = sniffing.settle();
        // Who sniffs decides nothing about what devices remember.
        let copies = copies_between(&after.world, &settled, &before.ends)?;
        Some(Self {
            widening: before.exposure.newly(&sniffing, settled),
            copies: [most(before.copies), most(copies)],
            findings: new_findings(&before.findings, &after.lab),
        })
    }

    /// For comparing: the less, the better. Reading and impersonating count alike, then severe findings, then copies.
    pub fn weight(&self) -> (u64, usize, usize, usize) {
        let pairs = self.widening.read_pairs() + self.widening.sender_pairs();
        let severe = self.findings.iter().filter(|finding| finding.rule.severity == Severity::High).count();
        (pairs, severe, self.findings.len(), self.copies[1])
    }
}

/// A finding of the same rule about the same object is not new, whatever its value.
fn new_findings(known: &[Finding], after: &Lab) -> Vec<Finding> {
    let is_known = |finding: &Finding| {
        known.iter().any(|old| {
            old.rule.id == finding.rule.id && old.object == finding.object && old.origin == finding.origin
        })
    };
    audit::audit(after, &Locations::default()).into_iter().filter(|finding| !is_known(finding)).collect()
}

/// The ids under which guides know the rule of a finding, our own first.
pub fn ids(finding: &Finding) -> String {
    let theirs = finding.rule.references.iter().map(|reference| reference.id);
    [finding.rule.id].into_iter().chain(theirs.take(1)).collect::<Vec<_>>().join(", ")
}

fn copies_between(world: &World, settled: &Settled, [from, to]: &[String; 2]) -> Option<[usize; 2]> {
    let (from, to) = (world.find(from).ok()?, world.find(to).ok()?);
    Some([(from, to), (to, from)].map(|(from, to)| copies_once_settled(world, settled, from, to)))
}
