//! `nsw fix`: every fix in full, or one written into the lab file.
//!
//! The file is replaced as a whole: written beside, synced, renamed. What is written was read again before, and is the lab
//! that was tried. With `--live`, the running lab is changed first and pinged, and the file written only if that worked.

#[cfg(target_os = "linux")]
mod live;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::fix::{self, Fix, Fixes};
use nsw_lab::doctor::report::{Reporter, Shown};
use nsw_lab::doctor::why::{Diagnosis, Question, Verdict};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::sim::World;
use nsw_lab::topology::Lab;
use serde_json::json;

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::patience::Patience;
use super::trace::{read_lab_file, read_parsed};
use super::why::{fix_json, fixes_json, print_fixes, wants_fixes};
use crate::cli::FixArgs;

pub(crate) fn run(args: &FixArgs, as_json: bool) -> Outcome {
    let working = Patience::with("nsw fix");
    let parsed = read_parsed(&args.file)?;
    let text = read_lab_file(&args.file)?;
    let world = World::new(&parsed.lab).map_err(Failure::new)?;
    let question = Question::new(&parsed.lab, &world, &args.from, &args.to)?;
    let question = question.of_size(args.size.unwrap_or(0).into());
    let diagnosis = question.answer();
    let found = wants_fixes(&diagnosis).then(|| fix::fixes(&question, args.platform));
    drop(working);
    let catalogue = catalogue(&args.speech);
    let file = args.file.to_string_lossy();
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &parsed.locations };
    let Some(found) = found else { return nothing_to_change(&reporter, &diagnosis, as_json) };
    let shown = Shown { lab: &parsed.lab, text: &text, platform: args.platform, count: found.fixes.len() };
    if let Some(number) = args.apply {
        let fix = numbered(&found.fixes, number, &catalogue)?;
        let edited = edit::apply(&text, &parsed.lab, &fix.changes).map_err(Failure::new)?;
        let between = between(&edited, &parsed.lab, &fix.changes)?;
        let texts = [&text, &between, &edited].map(String::as_str);
        let pinged = match args.live {
            true => Some(try_live(&catalogue, &file, texts, &parsed.lab, &question)?),
            false => None,
        };
        let works = pinged.as_ref().is_none_or(|(_, works)| *works);
        if works {
            replace(&args.file, &edited)?;
        }
        if as_json {
            let pinged = pinged.as_ref().map(|(said, _)| said);
            print_json(&json!({ "fix": fix_json(&reporter, fix), "written": works, "ping": pinged }))?;
        } else {
            line(edit::diff(&file, &text, &edited).trim_end())?;
            if let Some((said, _)) = &pinged {
                line(said)?;
            }
            let (file, number, count) = (&file.to_string(), &number, &fix.changes.len());
            line(match works {
                true => catalogue.say(&Message::Applied { file, number, count }),
                false => catalogue.say(&Message::TakenBack { file }),
            })?;
        }
        return Ok(if works { Answer::Yes } else { Answer::No });
    }
    if as_json {
        print_json(&fixes_json(&reporter, &found))?;
    } else if found.fixes.is_empty() {
        print_fixes(&reporter, &diagnosis, &found, args.platform, [&args.from, &args.to])?;
    } else if let Some(number) = args.show {
        let fix = numbered(&found.fixes, number, &catalogue)?;
        line(reporter.fix(number, fix, &shown).trim_end())?;
    } else {
        for (number, fix) in (1..).zip(&found.fixes) {
            line(reporter.fix(number, fix, &shown))?;
        }
    }
    Ok(if found.fixes.is_empty() { Answer::No } else { Answer::Yes })
}

/// There is nothing that a change could mend. A fix that was applied is not there a second time, and nothing is wrong then.
fn nothing_to_change(reporter: &Reporter<'_>, diagnosis: &Diagnosis, as_json: bool) -> Outcome {
    let works = diagnosis.verdict == Verdict::Reachable;
    if as_json {
        print_json(&fixes_json(reporter, &Fixes::default()))?;
    } else {
        line(reporter.diagnosis(diagnosis).trim_end())?;
        if works {
            line("")?;
            line(reporter.catalogue.say(&Message::FixNotNeeded {}))?;
        }
    }
    Ok(if works { Answer::Yes } else { Answer::No })
}

/// The file that a running lab goes through on its way to the edited one; mostly that one itself.
fn between(edited: &str, lab: &Lab, changes: &[Change]) -> Result<String, Failure> {
    let after = Change::apply_all(changes, lab).map_err(Failure::new)?;
    edit::apply(edited, &after, &Change::before(changes, &after)).map_err(Failure::new)
}

/// What a real ping says with the fix in the running lab, and whether it was answered; if not, the lab is as before.
#[cfg(target_os = "linux")]
fn try_live(
    words: &Catalogue,
    file: &str,
    [text, between, edited]: [&str; 3],
    lab: &Lab,
    question: &Question,
) -> Result<(String, bool), Failure> {
    live::Live::find(file, text, lab, question)?.try_out(words, text, [between, edited])
}

#[cfg(not(target_os = "linux"))]
fn try_live(_: &Catalogue, _: &str, _: [&str; 3], _: &Lab, _: &Question) -> Result<(String, bool), Failure> {
    Err(Failure::new("labs run live on Linux only"))
}

fn numbered<'f>(fixes: &'f [Fix], number: usize, catalogue: &Catalogue) -> Result<&'f Fix, Failure> {
    number.checked_sub(1).and_then(|place| fixes.get(place)).ok_or_else(|| {
        Failure::new(catalogue.say(&Message::FixNoSuch { number: &number, count: &fixes.len() }))
    })
}

/// Whoever reads the file sees the old text or the new one, also if the machine stops in between.
fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    let file = fs::canonicalize(file)?; // A link stays a link.
    let mut beside = file.clone().into_os_string();
    beside.push(".new");
    let mut written = fs::File::create(&beside)?;
    let mode = fs::metadata(&file)?.permissions();
    let done = written
        .write_all(text.as_bytes())
        .and_then(|()| written.set_permissions(mode))
        .and_then(|()| written.sync_all())
        .and_then(|()| fs::rename(&beside, &file));
    done.map_err(|error| {
        let _ = fs::remove_file(&beside);
        Failure::new(format!("cannot write {}: {error}", file.display()))
    })
}
