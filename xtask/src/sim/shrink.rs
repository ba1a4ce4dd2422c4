//! From a failing plan to a small one that fails for the same law: fewer steps, then a smaller lab, and again.

use super::lab::Size;
use super::run::{Failure, Plan, Tamper, run};

/// Runs that shrinking may take.
const MOST_RUNS: u32 = 2000;

/// The smallest plan found that breaks the same law, and how it fails.
pub(crate) fn shrink(plan: &Plan, failure: &Failure, tamper: Tamper) -> (Plan, Failure) {
    let mut search = Search { plan: plan.clone(), failure: failure.clone(), tamper, runs: 0 };
    search.fewer_steps();
    while search.smaller_lab() {
        search.fewer_steps();
    }
    (search.plan, search.failure)
}

struct Search {
    plan: Plan,
    failure: Failure,
    tamper: Tamper,
    runs: u32,
}

impl Search {
    /// Takes the plan if it breaks the same law.
    fn takes(&mut self, plan: Plan) -> bool {
        self.runs += 1;
        if self.runs > MOST_RUNS {
            return false;
        }
        match run(&plan, self.tamper, &mut || ()) {
            Err(failure) if failure.violation.law == self.failure.violation.law => {
                (self.plan, self.failure) = (plan, failure);
                self.cut();
                true
            }
            _ => false,
        }
    }

    /// What comes after the failure has no part in it.
    fn cut(&mut self) {
        self.plan.steps.truncate(self.failure.step + 1);
    }

    /// Leaves out steps, many at a time at first.
    fn fewer_steps(&mut self) {
        self.cut();
        let mut chunk = self.plan.steps.len() / 2;
        while chunk > 0 {
            let mut from = 0;
            while from + chunk <= self.plan.steps.len() {
                let mut plan = self.plan.clone();
                plan.steps.drain(from..from + chunk);
                if !self.takes(plan) {
                    from += chunk;
                }
            }
            chunk /= 2;
        }
    }

    fn smaller_lab(&mut self) -> bool {
        let sizes: Vec<Size> = self.plan.size.smaller().collect();
        sizes.into_iter().any(|size| self.takes(Plan { size, ..self.plan.clone() }))
    }
}
