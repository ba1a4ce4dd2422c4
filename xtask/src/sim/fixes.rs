//! What must hold of what the doctor proposes, in whatever lab.
//!
//! * **fixes**: a proposed fix makes the two ends talk in the whole lab, and nobody else stops; no proper part of it makes
//!   them talk; written into the lab file it is the lab that was tried; and what it is said to open is what the lab with it
//!   exposes and the lab without it does not, each asked as a whole.
//!
//! It is asked of a few pairs that do not talk in the lab as it was drawn, before anything happens.

use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::exposure::Exposure;
use nsw_lab::doctor::fix::{self, Fix};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::{self, Question};
use nsw_lab::sim::{EndpointId, Verdict, World};
use nsw_lab::topology::Lab;

use super::draw::Draw;
use super::laws::{Held, hold};

/// Pairs of a lab that are asked about.
const PAIRS: usize = 2;
/// Fixes of a pair that are looked at.
const FIXES: usize = 4;

pub(crate) fn check(seed: u64, text: &str, lab: &Lab, world: &World) -> Held {
    let mut draw = Draw::new(seed);
    let ids: Vec<EndpointId> = world.endpoint_ids().collect();
    let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
    let (talking, other): (Vec<_>, Vec<_>) = pairs
        .map(|(from, to)| (from, to, world.converse(from, to).verdict))
        .partition(|(.., verdict)| *verdict == Verdict::Reachable);
    let silent: Vec<_> = other
        .into_iter()
        .filter(|(.., verdict)| matches!(verdict, Verdict::OneWay | Verdict::Unreachable))
        .collect();
    for _ in 0..PAIRS.min(silent.len()) {
        let (from, to, _) = *draw.pick(&silent);
        let ends = [from, to].map(|id| world.endpoint(id).name.as_str());
        let question = Question::new(lab, world, ends[0], ends[1]);
        let question = question.map_err(|error| broken(&error.to_string()))?;
        let found = fix::fixes(&question, Platform::Nestswitch);
        for fix in found.fixes.iter().take(FIXES) {
            check_fix(text, lab, ends, fix, found.settle)?;
            let changed = with(lab, &fix.changes).ok_or_else(|| broken("a fix that cannot be made"))?;
            for (a, b, _) in &talking {
                hold("fixes", changed.converse(*a, *b).verdict == Verdict::Reachable, || {
                    let cut = [a, b].map(|id| &world.endpoint(*id).name);
                    format!("{fix:?} for {ends:?} cuts off {cut:?}")
                })?;
            }
        }
        // Of one of them, for it takes longer than the rest.
        if !found.fixes.is_empty() {
            check_opened(question.around(), Draw::new(!seed).pick(&found.fixes))?;
        }
    }
    Ok(())
}

/// What it is said to open is what the lab with it exposes, and the lab without it does not.
fn check_opened(around: &Lab, fix: &Fix) -> Held {
    let exposed = |changes: &[Change]| with(around, changes).map(|world| Exposure::at_worst(&world));
    let opened = exposed(&fix.changes).zip(exposed(&[])).map(|(after, before)| after.newly(&before));
    hold("fixes", opened.as_ref() == Some(&fix.opened.widening), || format!("{fix:?} opens {opened:?}"))
}

/// With `surely`, they must talk whatever the lab does not say.
fn check_fix(text: &str, lab: &Lab, ends: [&str; 2], fix: &Fix, surely: bool) -> Held {
    let parts = (0..1u32 << fix.changes.len()).map(|part| {
        let chosen = (0..).zip(&fix.changes).filter(move |(bit, _)| part >> bit & 1 == 1);
        chosen.map(|(_, change)| change.clone()).collect::<Vec<Change>>()
    });
    for part in parts {
        let is_whole = part.len() == fix.changes.len();
        let talks = if surely { surely_talks } else { talks };
        hold("fixes", talks(lab, &part, ends) == is_whole, || {
            format!("of {fix:?} for {ends:?}, with {part:?} they talk: {}", !is_whole)
        })?;
    }
    let edited = edit::apply(text, lab, &fix.changes);
    hold("fixes", edited.is_ok(), || format!("{fix:?} cannot be written: {edited:?}"))
}

fn talks(lab: &Lab, changes: &[Change], [from, to]: [&str; 2]) -> bool {
    with(lab, changes).is_some_and(|world| match (world.find(from), world.find(to)) {
        (Ok(from), Ok(to)) => world.converse(from, to).verdict == Verdict::Reachable,
        _ => false,
    })
}

fn surely_talks(lab: &Lab, changes: &[Change], [from, to]: [&str; 2]) -> bool {
    let Ok(lab) = Change::apply_all(changes, lab) else { return false };
    let question = World::new(&lab).ok().and_then(|world| Question::new(&lab, &world, from, to).ok());
    question.is_some_and(|question| question.answer().verdict == why::Verdict::Reachable)
}

fn with(lab: &Lab, changes: &[Change]) -> Option<World> {
    World::new(&Change::apply_all(changes, lab).ok()?).ok()
}

fn broken(what: &str) -> super::laws::Violation {
    super::laws::Violation { law: "fixes", what: what.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use nsw_lab::doctor::reach::Reachability;
    use nsw_lab::spec;

    use super::*;
    use crate::generate::{self, Shape};

    /// An inventory of which only a part is looked at when a fix is tried; here the fix is tried in all of it.
    #[test]
    fn a_fix_in_an_inventory_cuts_nobody_off_in_the_whole_of_it() {
        let mut tried = 0;
        for seed in 1..=4 {
            let shape = Shape { hosts: 6, nested: 6, vlans: 3, faults: 80, seed, ..Shape::of(120) };
            let lab = spec::parse("lab.yaml", &generate::text(shape)).unwrap().lab;
            let world = World::new(&lab).unwrap();
            let before = Reachability::of(&world);
            let mut met = HashSet::new();
            let ids: Vec<EndpointId> = world.endpoint_ids().collect();
            for (from, to) in ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to))) {
                let is_silent = matches!(before.verdict(from, to), Verdict::OneWay | Verdict::Unreachable);
                // One of each two hosts.
                if !is_silent || !met.insert([from, to].map(|id| world.endpoint(id).host.clone())) {
                    continue;
                }
                let ends = [from, to].map(|id| world.endpoint(id).name.as_str());
                let question = Question::new(&lab, &world, ends[0], ends[1]).unwrap();
                let exposed = Exposure::at_worst(&World::new(question.around()).unwrap());
                for fix in fix::fixes(&question, Platform::Nestswitch).fixes.iter().take(FIXES) {
                    let after = Reachability::of(&with(&lab, &fix.changes).unwrap());
                    assert_eq!(after.verdict(from, to), Verdict::Reachable, "{fix:?} for {ends:?}");
                    assert_eq!(before.lost(&after, 1), [], "{fix:?} for {ends:?}");
                    // As if nothing had been asked of the lab before.
                    let opened = Exposure::at_worst(&with(question.around(), &fix.changes).unwrap());
                    assert_eq!(fix.opened.widening, opened.newly(&exposed), "{fix:?} for {ends:?}");
                    tried += 1;
                }
                if met.len() > 5 {
                    break;
                }
            }
        }
        assert!(tried > 20, "only {tried} fixes");
    }
}
