//! They talk, or do not, for what the lab file does not say: a change that takes the choice away.

use super::{addresses_behind, whose};
use crate::doctor::change::{Change, Scope, modest_learning};
use crate::doctor::unknown::Unknown;
use crate::doctor::why::Question;
use crate::topology::Lab;

/// Each of these may settle it.
pub(in super::super) fn of(question: &Question, unknown: &Unknown) -> Vec<Vec<Change>> {
    match unknown {
        // What a guest asks of its adapter is its own.
        Unknown::Asks { .. } => Vec::new(),
        Unknown::HeardLast { .. } => whose::cures(question),
        Unknown::LearnedBefore { .. } => learn_more(question),
        Unknown::Uplink { host, vswitch, talks_by, not_by } => one_way(
            question,
            &Scope { host: host.clone(), vswitch: vswitch.clone(), port_group: None },
            [talks_by, not_by],
        ),
    }
}

/// Room for everybody, so that nobody is too late.
fn learn_more(question: &Question) -> Vec<Vec<Change>> {
    let levels = question.levels().concat();
    let learn = |level| {
        let learning = modest_learning(addresses_behind(question, level));
        vec![Change::Learn { at: level.at.clone(), learning }]
    };
    levels.iter().filter(|level| level.is_host).map(learn).collect()
}

/// Only uplinks by which they talk are used; or the others are cabled to where those lead.
fn one_way(question: &Question, at: &Scope, [talks_by, not_by]: [&Vec<String>; 2]) -> Vec<Vec<Change>> {
    let levels = question.levels().concat();
    let here = levels.iter().filter(|level| level.at.whole_switch() == *at);
    let active = here.map(|level| vec![Change::Active { at: level.at.clone(), uplinks: talks_by.clone() }]);
    let whole = vec![Change::Active { at: at.clone(), uplinks: talks_by.clone() }];
    let segment = talks_by.first().and_then(|uplink| segment_of(&question.lab, &at.host, uplink));
    let cable = |segment: String| -> Vec<Change> {
        let one = |pnic: &String| Change::Cable {
            host: at.host.clone(),
            pnic: pnic.clone(),
            segment: segment.clone(),
        };
        not_by.iter().map(one).collect()
    };
    active.chain([whole]).chain(segment.map(cable)).collect()
}

fn segment_of(lab: &Lab, host: &str, pnic: &str) -> Option<String> {
    lab.host(host)?.pnics.iter().find(|found| found.name == pnic)?.segment.clone()
}
