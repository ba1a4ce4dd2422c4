//! One fix in full: its changes, what they open, the diff of the lab file, the commands, and how to undo it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Reporter;
use super::lines::Lines;
use crate::doctor::change::Change;
use crate::doctor::commands::{Direction, Recipe, recipes};
use crate::doctor::edit;
use crate::doctor::exposure::Block;
use crate::doctor::fix::Fix;
use crate::doctor::opened::{Opened, ids};
use crate::doctor::platform::Platform;
use crate::messages::Message;
use crate::topology::Lab;

/// Readers or senders, and whom it is about.
type Told = (Vec<Arc<str>>, BTreeSet<Arc<str>>);

/// What a fix is shown with.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The lab as it is.
    pub lab: &'a Lab,
    /// The text of its file.
    pub text: &'a str,
    /// For what product commands are given.
    pub platform: Platform,
    /// How many fixes there are.
    pub count: usize,
}

impl Reporter<'_> {
    /// One fix in full; `number` counts from 1.
    pub fn fix(&self, number: usize, fix: &Fix, shown: &Shown<'_>) -> String {
        let mut out = Lines::default();
        let (manner, count) = (&self.manner(fix), &shown.count);
        out.put(0, 2, &self.say(&Message::FixNumber { number: &number, count, manner }));
        for change in &fix.changes {
            self.labelled(&mut out, &Message::LabelChange {}, &self.change(change));
        }
        self.opens(&mut out, fix);
        self.diff(&mut out, fix, shown);
        self.commands(&mut out, number, fix, shown);
        self.undo(&mut out, fix, shown);
        out.0
    }

    fn opens(&self, out: &mut Lines, fix: &Fix) {
        let Opened { widening, copies: [before, after], findings } = &fix.opened;
        let reads = match widening.reads.is_empty() {
            true => self.say(&Message::OpensNoReads {}),
            false => self.blocks(&widening.reads),
        };
        self.labelled(out, &Message::LabelReads {}, &reads);
        let sends = match widening.sends_as.is_empty() {
            true => self.say(&Message::OpensNoSends {}),
            false => self.blocks(&widening.sends_as),
        };
        self.labelled(out, &Message::LabelSends {}, &sends);
        self.labelled(out, &Message::LabelCopies {}, &self.say(&Message::OpensCopies { before, after }));
        let findings: Vec<String> =
            findings.iter().map(|finding| format!("{} ({})", finding.object, ids(finding))).collect();
        let findings = match findings.is_empty() {
            true => self.say(&Message::OpensNoFindings {}),
            false => self.say(&Message::OpensFindings { findings: &findings.join("; ") }),
        };
        self.labelled(out, &Message::LabelGuides {}, &findings);
    }

    /// Blocks with the same readers or senders are told together.
    fn blocks(&self, blocks: &[Block]) -> String {
        let mut told: Vec<Told> = Vec::new();
        for block in blocks {
            match told.iter_mut().find(|(who, _)| *who == block.who) {
                Some((_, whom)) => whom.extend(block.whom.iter().cloned()),
                None => told.push((block.who.clone(), block.whom.iter().cloned().collect())),
            }
        }
        let one = |(who, whom): &Told| {
            let whom: Vec<Arc<str>> = whom.iter().cloned().collect();
            format!("{} -> {}", self.names(who), self.names(&whom))
        };
        told.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn names(&self, names: &[Arc<str>]) -> String {
        const SHOWN: usize = 8;
        let shown = names.iter().take(SHOWN).map(|name| &**name).collect::<Vec<_>>().join(", ");
        match names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            Some(more) => self.say(&Message::OpensMore { names: &shown, more: &more }),
            None => shown,
        }
    }

    fn diff(&self, out: &mut Lines, fix: &Fix, shown: &Shown<'_>) {
        match edit::apply(shown.text, shown.lab, &fix.changes) {
            Ok(edited) => {
                self.labelled(out, &Message::LabelDiff {}, "");
                edit::diff(self.file, shown.text, &edited).lines().for_each(|line| out.verbatim(4, line));
            }
            Err(error) => {
                let why = &error.to_string();
                self.labelled(out, &Message::LabelDiff {}, &self.say(&Message::DiffRefused { why }));
            }
        }
    }

    fn commands(&self, out: &mut Lines, number: usize, fix: &Fix, shown: &Shown<'_>) {
        let Some(target) = fix.applied(shown.lab) else { return };
        self.recipes(out, &recipes(&fix.changes, &target, shown.platform, Direction::Do));
        if shown.platform == Platform::Nestswitch {
            let file = &self.file;
            out.put(2, 2, &self.say(&Message::RecipeInFile { number: &number, file }));
        }
        for change in fix.changes.iter().filter(|change| is_elsewhere(change)) {
            out.put(2, 2, &self.say(&Message::RecipeElsewhere { change: &self.change(change) }));
        }
    }

    fn undo(&self, out: &mut Lines, fix: &Fix, shown: &Shown<'_>) {
        self.labelled(out, &Message::LabelUndo {}, &self.say(&Message::UndoDiff {}));
        self.recipes(out, &recipes(&fix.changes, shown.lab, shown.platform, Direction::Undo));
    }

    fn recipes(&self, out: &mut Lines, recipes: &[Recipe]) {
        for recipe in recipes {
            let tool = &recipe.tool.name();
            out.put(
                2,
                2,
                &match &recipe.on {
                    Some(host) => self.say(&Message::RecipeOn { tool, host }),
                    None => self.say(&Message::Recipe { tool }),
                },
            );
            recipe.lines.iter().for_each(|line| out.verbatim(4, line));
        }
    }
}

/// No tool of a host does it.
fn is_elsewhere(change: &Change) -> bool {
    matches!(
        change,
        Change::KeepMac { .. }
            | Change::GuestVlan { .. }
            | Change::Cable { .. }
            | Change::VnicMac { .. }
            | Change::VmkernelMac { .. }
    )
}
