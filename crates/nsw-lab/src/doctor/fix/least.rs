//! The smallest part of a plan that works: parts are tried in the order of their size, so that no proper part of what is
//! returned was seen to work.

use super::super::change::Change;
use super::super::unknown;
use super::super::why::Question;

/// Changes of a plan that are told apart; of a longer one, changes are left out one by one.
const MAX_CHANGES: usize = 12;

/// The first part that works; `None` if not even the whole does, or if nothing need be done.
pub(super) fn part(question: &Question, plan: &[Change]) -> Option<Vec<Change>> {
    smallest(plan, |part| works(question, part))
}

/// The first part with which they talk whatever is not known.
pub(super) fn sure_part(question: &Question, plan: &[Change]) -> Option<Vec<Change>> {
    smallest(plan, |part| settles(question, part))
}

/// Do they talk with these changes, whatever is not known?
pub(super) fn settles(question: &Question, changes: &[Change]) -> bool {
    let with = question.with(changes);
    with.is_some_and(|with| with.talks() && unknown::that_matter(&with).is_empty())
}

fn works(question: &Question, changes: &[Change]) -> bool {
    question.with(changes).is_some_and(|changed| changed.talks())
}

fn smallest(plan: &[Change], does: impl Fn(&[Change]) -> bool) -> Option<Vec<Change>> {
    let plan = one_by_one(plan, &does);
    if plan.len() > MAX_CHANGES {
        return does(&plan).then_some(plan);
    }
    let mut parts: Vec<u32> = (1..1 << plan.len()).collect();
    parts.sort_by_key(|part| part.count_ones());
    let chosen = |part: u32| -> Vec<Change> {
        (0..).zip(&plan).filter(|(bit, _)| part >> bit & 1 == 1).map(|(_, change)| change.clone()).collect()
    };
    parts.into_iter().map(chosen).find(|part| does(part))
}

/// Leaves out each change that is not needed beside the others, until each is; of most plans that is all there is to do.
/// What makes room for another, as a port group does for what is connected to it, is not needed once the other is gone.
fn one_by_one(plan: &[Change], does: impl Fn(&[Change]) -> bool) -> Vec<Change> {
    let mut left = plan.to_vec();
    loop {
        let before = left.len();
        for change in plan {
            let without: Vec<Change> = left.iter().filter(|other| *other != change).cloned().collect();
            if without.len() < left.len() && does(&without) {
                left = without;
            }
        }
        if left.len() == before {
            return left;
        }
    }
}
