//! What a fix opens: who can newly read whose traffic, who can newly send as whom, how many needless copies a frame costs,
//! and what a hardening guide would newly object to.
//!
//! Exposure is taken *at worst*: if every guest asked for all that the policy may grant. A fix is made once and stays; who
//! will run a sniffer next year is not known.
//!
//! **Invariant:** what is said to be new was looked for before and after in the same way. Only what nobody needs to look for
//! again is taken from before (`Asked`).

use std::sync::Arc;

use super::audit::{self, Finding, Severity};
use super::change::Change;
use super::exposure::{Asked, Exposure, Widening, copies_once_settled};
use super::why::Question;
use crate::sim::World;
use crate::spec::Locations;
use crate::topology::Lab;

/// A lab as it is, to compare fixes with.
#[derive(Clone, Debug)]
pub struct Before {
    worlds: Worlds,
    exposure: Arc<Exposure>,
    copies: [usize; 2],
    ends: [String; 2],
    findings: Arc<[Finding]>,
    asked: Asked,
}

/// A lab, wired: as its guests are, and if everybody asked for promiscuous mode.
#[derive(Clone, Debug)]
struct Worlds {
    now: World,
    sniffing: World,
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
    /// The lab around a question.
    pub fn of(question: &Question) -> Option<Self> {
        let now = World::new(&question.around).ok()?;
        let mut sniffing = now.clone();
        sniffing.everybody_sniffs();
        let ends = question.ends().map(|end| end.name.clone());
        let copies = copies_between(&now, &ends)?;
        let mut asked = Asked::default();
        let exposure = Arc::new(Exposure::at_worst_after(&sniffing, &mut asked));
        let findings = audit::audit(&question.around, &Locations::default()).into();
        Some(Self { worlds: Worlds { now, sniffing }, exposure, copies, ends, findings, asked })
    }
}

impl Opened {
    /// What these changes open; `None` if they cannot be made.
    pub fn by(before: &mut Before, lab: &Lab, changes: &[Change]) -> Option<Self> {
        let after = Change::apply_all(changes, lab).ok()?;
        let now = before.worlds.now.rewired(lab, &after, |_| {}).ok()?;
        let sniffing = before.worlds.sniffing.rewired(lab, &after, World::everybody_sniffs).ok()?;
        let most = |copies: [usize; 2]| copies.into_iter().max().unwrap_or(0);
        Some(Self {
            widening: Exposure::at_worst_after(&sniffing, &mut before.asked).newly(&before.exposure),
            copies: [most(before.copies), most(copies_between(&now, &before.ends)?)],
            findings: new_findings(&before.findings, &after),
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

fn copies_between(world: &World, [from, to]: &[String; 2]) -> Option<[usize; 2]> {
    let (from, to, settled) = (world.find(from).ok()?, world.find(to).ok()?, world.settle());
    Some([(from, to), (to, from)].map(|(from, to)| copies_once_settled(world, &settled, from, to)))
}
