//! What to change so that two ends talk: found by trying, kept only if it works, breaks nothing, and has no part too many.
//!
//! A **fix** is a list of [`Change`]s. Its making:
//!
//! 1. Look at the first frame that dies, and make the change that cures this death in one *manner* ([`manner`]), as an
//!    allow-list on the port group, or promiscuous mode on the vSwitch. Look again, until they talk (`search.rs`).
//!    So three closed levels, or a wrong VLAN and a closed policy, come out as one plan.
//! 2. Of the plan, the smallest part that works (`least.rs`), tried from nothing upwards.
//! 3. Every other pair that talks now must still talk (`bystanders.rs`).
//! 4. The fixes that are left are ranked by what they open (`opened.rs`), the least first.
//!
//! MAC address changes are opened only for a guest that has changed its MAC. What a platform cannot do is not tried.
//!
//! **Invariant:** every fix was seen to work in the simulator, in both directions, and none of its proper parts was.

mod bystanders;
mod cures;
mod least;
pub mod manner;
mod search;

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use self::bystanders::Others;
use self::manner::{By, Manner, On};
use super::change::Change;
use super::exposure::both;
use super::opened::{Before, Opened};
use super::platform::Platform;
use super::unknown::{self, Unknown};
use super::why::Question;
use super::wired::Wired;
use crate::topology::Lab;

/// A list of changes with which the two ends talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// In which manner.
    pub manner: Manner,
    /// What to change, in order.
    pub changes: Vec<Change>,
    /// What it opens.
    pub opened: Opened,
}

/// Plans that are tried where what is not known decides.
const MAX_SETTLED: usize = 64;

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Fixes {
    /// Those that work, least exposure first.
    pub fixes: Vec<Fix>,
    /// What the lab file does not say decides now, and with each of them not any more.
    pub settle: bool,
    /// How many other pairs talk now; each was tried with each fix.
    pub other_pairs: usize,
    /// Changes that would help, but stop somebody else: how many were left out for that.
    pub harmful: usize,
    /// The nested host that could route or translate for the end inside it, and whose own address was seen to talk.
    pub router: Option<String>,
}

/// The fixes that `platform` can carry out, least exposure first. None if the ends talk, or if there is nothing that a
/// change of the lab could do.
pub fn fixes(question: &Question, platform: Platform) -> Fixes {
    let unknowns = unknown::that_matter(question);
    let talks = question.talks();
    if talks && unknowns.is_empty() {
        return Fixes::default();
    }
    let mut plans: Vec<Fix> = Vec::new();
    let manners: Vec<Manner> =
        Manner::all().filter(|manner| !talks && manner.is_possible(platform)).collect();
    let (some, others) = manners.split_at(manners.len() / 2);
    let (mut found, more) = both(|| plans_in(question, some), || plans_in(question, others));
    found.extend(more);
    for fix in found {
        if !plans.iter().any(|known| known.changes == fix.changes) {
            plans.push(fix);
        }
    }
    // What decides and is not known must not decide any more.
    if !unknowns.is_empty() {
        plans.retain(|fix| least::settles(question, &fix.changes));
        let settled = settle(question, &unknowns);
        for changes in settled {
            if !plans.iter().any(|fix| fix.changes == changes) {
                plans.push(Fix { manner: Manner::OTHER, changes, opened: Opened::default() });
            }
        }
    }
    let found = plans.len();
    let Some(around) = Wired::of(&question.around) else { return Fixes::default() };
    let changes: Vec<Vec<Change>> = plans.iter().map(|plan| plan.changes.clone()).collect();
    let before = || Before::on(around.clone(), question, changes.iter().map(Vec::as_slice));
    let harmless = || {
        let mut others = Others::of(question, &around);
        let with = plans.into_iter().filter_map(|fix| Some((around.with(&fix.changes)?, fix)));
        let harmless: Vec<(Wired, Fix)> = with.filter(|(after, _)| others.still_talk(after)).collect();
        (harmless, others.len())
    };
    // Of several plans one is likely to harm nobody; of a single one it is not known whether there is anything to rank.
    let early = || if found < 2 { None } else { before() };
    let (early, (mut rated, other_pairs)) = both(early, harmless);
    let harmful = found - rated.len();
    if let Some(before) = early.or_else(|| if rated.is_empty() { None } else { before() }) {
        rate(&before, &mut rated);
    }
    let mut fixes: Vec<Fix> = rated.into_iter().map(|(_, fix)| fix).collect();
    fixes.sort_by_key(|fix| (fix.opened.weight(), fix.manner, fix.changes.len()));
    let settle = !unknowns.is_empty();
    Fixes { fixes, settle, other_pairs, harmful, router: manner::router(question) }
}

/// Plans in these manners, nothing of them in excess.
fn plans_in(question: &Question, manners: &[Manner]) -> Vec<Fix> {
    let of_manner = |manner: &Manner| {
        let plans = search::plans(question, *manner).into_iter();
        let needed = plans.filter_map(|plan| least::part(question, &plan));
        let fix = |changes| Fix { manner: *manner, changes, opened: Opened::default() };
        needed.map(fix).collect::<Vec<Fix>>()
    };
    manners.iter().flat_map(of_manner).collect()
}

/// Works out what each opens, on as many processors as there are: no fix knows of another.
fn rate(before: &Before, fixes: &mut [(Wired, Fix)]) {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let share = fixes.len().div_ceil(threads).max(1);
    let rate = |fixes: &mut [(Wired, Fix)]| {
        let mut before = before.clone();
        for (after, fix) in fixes {
            fix.opened = Opened::in_lab(&mut before, after).unwrap_or_default();
        }
    };
    thread::scope(|scope| {
        let mut shares = fixes.chunks_mut(share);
        let own = shares.next();
        shares.for_each(|fixes| drop(scope.spawn(|| rate(fixes))));
        own.into_iter().for_each(rate);
    });
}

/// What makes them talk whatever is not known: a cure for each fact that decides, as long as one does.
fn settle(question: &Question, unknowns: &[Unknown]) -> Vec<Vec<Change>> {
    let mut found: Vec<Vec<Change>> = Vec::new();
    let mut tried = vec![Vec::new()];
    for unknown in unknowns {
        let cures = cures::sure::of(question, unknown);
        let longer =
            |plan: &Vec<Change>| cures.iter().map(|cure| [&plan[..], cure].concat()).collect::<Vec<_>>();
        tried = tried.iter().flat_map(longer).take(MAX_SETTLED).collect();
    }
    for plan in tried {
        let part = least::sure_part(question, &plan);
        found.extend(part.filter(|part| !found.contains(part)));
    }
    found
}

impl Fix {
    /// By which setting it cures what a policy closes; `None` if it changes none. A plan is made in one manner, and what
    /// is needed of it may be less: where promiscuous mode is granted already, no learning is needed besides.
    pub fn by(&self) -> Option<By> {
        let any = |is: fn(&Change) -> bool| self.changes.iter().any(is);
        let security = any(|change| matches!(change, Change::Security { .. }));
        if any(|change| matches!(change, Change::Learn { .. })) {
            Some(By::Learning)
        } else if any(|change| matches!(change, Change::Sink { .. })) {
            Some(By::Sink)
        } else if any(|change| matches!(change, Change::Allow { .. })) {
            Some(if security { By::PromiscuousAllowList } else { By::AllowList })
        } else if security {
            Some(By::Promiscuous)
        } else if self.manner.by == By::Address && any(|change| matches!(change, Change::VnicMac { .. })) {
            Some(By::Address)
        } else {
            None
        }
    }

    /// On which objects it is made: where a nested host is alone on its port group, that one is its own already.
    pub fn on(&self) -> On {
        let adds = |change: &Change| matches!(change, Change::AddPortGroup { .. });
        let whole = |change: &Change| change.scope().is_some_and(|at| at.port_group.is_none());
        if self.changes.iter().any(adds) {
            On::Dedicated
        } else if self.changes.iter().any(whole) {
            On::VSwitch
        } else {
            On::PortGroup
        }
    }

    /// The lab with this fix.
    pub fn applied(&self, lab: &Lab) -> Option<Lab> {
        Change::apply_all(&self.changes, lab).ok()
    }
}

impl Question {
    /// The same question in the lab with these changes; `None` if they cannot be made.
    pub fn with(&self, changes: &[Change]) -> Option<Self> {
        self.in_lab(Change::apply_all(changes, &self.lab).ok()?)
    }

    /// The same question in this lab, which has the same ends.
    fn in_lab(&self, lab: Lab) -> Option<Self> {
        let [from, to] = self.ends();
        let question = Self::on(lab, Arc::clone(&self.around), &from.name, &to.name).ok()?;
        Some(question.of_size(self.world.packet_len()))
    }
}
