//! Why nothing is proposed, where it is known: what keeps the two apart is not a switch's to change.

use nsw_core::Reason;

use super::super::why::Diagnosis;
use super::Reporter;
use super::lines::Lines;
use crate::messages::Message;
use crate::sim::DeathCause;

impl Reporter<'_> {
    /// What to know where no fix was found; `None` if there is nothing to say beyond that.
    pub fn no_fix(&self, diagnosis: &Diagnosis) -> Option<String> {
        let message = match diagnosis.faults.first()?.at.cause {
            DeathCause::Reason(Reason::VlanMismatch) | DeathCause::OtherVlan => Message::FixNoneVlan {},
            _ => return None,
        };
        let mut out = Lines::default();
        out.put(0, 2, &self.say(&message));
        Some(out.0)
    }
}
