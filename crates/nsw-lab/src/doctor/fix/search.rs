//! From the first death to a plan: cure what died, look again, until the two talk.
//!
//! **Invariant:** bounded by [`MAX_TRIALS`] and [`MAX_STEPS`], whatever the lab; the same lab gives the same plans.

use super::super::change::Change;
use super::super::why::{Fault, Question};
use super::cures;
use super::manner::Manner;
use crate::sim::{DeathCause, Verdict};

/// Labs that are tried in one manner.
const MAX_TRIALS: usize = 64;
/// Cures in one plan, each for one death.
const MAX_STEPS: usize = 10;
/// Plans that are kept of one manner.
const MAX_PLANS: usize = 8;

/// Every plan in this manner.
pub(super) fn plans(question: &Question, manner: Manner) -> Vec<Vec<Change>> {
    let mut search = Search { manner, trials: 0, found: Vec::new() };
    search.go_on(question, &[], &mut Vec::new());
    search.found
}

struct Search {
    manner: Manner,
    trials: usize,
    found: Vec<Vec<Change>>,
}

impl Search {
    fn go_on(&mut self, question: &Question, plan: &[Change], deaths: &mut Vec<Death>) {
        self.trials += 1;
        let conversation = question.converse();
        if conversation.verdict == Verdict::Reachable {
            self.found.push(plan.to_vec());
            return;
        }
        let faults = question.faults(&conversation);
        let Some(fault) = faults.first() else { return };
        let death = Death::of(fault);
        if deaths.len() >= MAX_STEPS || deaths.contains(&death) {
            return; // The last cure was none.
        }
        deaths.push(death);
        for cure in cures::of(question, fault, self.manner) {
            if self.trials >= MAX_TRIALS || self.found.len() >= MAX_PLANS {
                break;
            }
            if let Some(next) = question.with(&cure) {
                self.go_on(&next, &[plan, &cure].concat(), deaths);
            }
        }
        deaths.pop();
    }
}

/// What tells one death from another.
#[derive(PartialEq)]
struct Death {
    from: String,
    device: String,
    host: Option<String>,
    port: Option<String>,
    cause: DeathCause,
    group: bool,
}

impl Death {
    fn of(fault: &Fault) -> Self {
        let place = &fault.at.place;
        Self {
            from: fault.from.clone(),
            device: place.device.clone(),
            host: place.host.clone(),
            port: place.port.clone(),
            cause: fault.at.cause,
            group: fault.kind.is_to_a_group(),
        }
    }
}
