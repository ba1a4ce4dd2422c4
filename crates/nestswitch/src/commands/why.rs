//! `nsw why`: why two ends of a lab file do not talk, and what to do, from `nsw_lab::doctor`.

mod symptom;

use nsw_lab::doctor::fix::{self, Fix, Fixes};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::why::{Cause, Diagnosis, Fault, Question, Verdict};
use nsw_lab::sim::{LegVerdict, World};
use nsw_lab::spec::Parsed;
use serde_json::{Value, json};

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::patience::Patience;
use super::trace::read_parsed;
use crate::cli::WhyArgs;

pub(crate) fn run(args: &WhyArgs, as_json: bool) -> Outcome {
    if let Some(words) = &args.symptom {
        return symptom::run(words, args, as_json);
    }
    let (Some(file), Some(from), Some(to)) = (&args.file, &args.from, &args.to) else {
        return Err(Failure::with_hint("between whom?", "say `nsw why FILE FROM TO`"));
    };
    let working = Patience::with("nsw why");
    let Parsed { lab, locations, .. } = read_parsed(file)?;
    let world = World::new(&lab).map_err(Failure::new)?;
    let question = Question::new(&lab, &world, from, to)?.of_size(args.size.unwrap_or(0).into());
    let diagnosis = question.answer();
    drop(working);
    let catalogue = catalogue(&args.speech);
    let file = file.to_string_lossy();
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &locations };
    if !as_json {
        // Who waits for the fixes reads this meanwhile.
        line(reporter.diagnosis(&diagnosis).trim_end())?;
    }
    let wanted = wants_fixes(&diagnosis);
    let working = Patience::with("nsw why looks for what to change");
    let found = if wanted { fix::fixes(&question, args.platform) } else { Fixes::default() };
    drop(working);
    if as_json {
        print_json(&diagnosis_json(&reporter, &diagnosis, &found))?;
    } else if wanted {
        line("")?;
        let size = args.size.map(|size| format!(" --size {size}")).unwrap_or_default();
        print_fixes(&reporter, &diagnosis, &found, args.platform, [from, &format!("{to}{size}")])?;
    }
    Ok(if diagnosis.verdict == Verdict::Reachable { Answer::Yes } else { Answer::No })
}

/// Is there anything that a change could mend?
pub(super) fn wants_fixes(diagnosis: &Diagnosis) -> bool {
    !diagnosis.faults.is_empty() || diagnosis.verdict == Verdict::Ambiguous
}

/// Prints the fixes in short, and where there is none, what to know about that.
pub(super) fn print_fixes(
    reporter: &Reporter<'_>,
    diagnosis: &Diagnosis,
    found: &Fixes,
    platform: Platform,
    ends: [&str; 2],
) -> Result<(), Failure> {
    let platform = Some(platform).filter(|platform| *platform != Platform::Nestswitch);
    line(reporter.fixes(found, platform, ends).trim_end())?;
    match reporter.no_fix(diagnosis).filter(|_| found.fixes.is_empty()) {
        Some(why_none) => line(why_none.trim_end()),
        None => Ok(()),
    }
}

fn diagnosis_json(reporter: &Reporter<'_>, diagnosis: &Diagnosis, found: &Fixes) -> Value {
    let talk = &diagnosis.conversation;
    let leg = |leg: &nsw_lab::sim::Leg| {
        let copies = match leg.verdict {
            LegVerdict::Arrived { copies } => copies,
            LegVerdict::Died(_) | LegVerdict::NotSent => 0,
        };
        json!({ "frame": leg.kind.name(), "sent": leg.journey.is_some(), "copies": copies })
    };
    json!({
        "from": talk.from_name,
        "to": talk.to_name,
        "verdict": diagnosis.verdict.code(),
        "legs": talk.legs.iter().map(leg).collect::<Vec<_>>(),
        "faults": diagnosis.faults.iter().map(|fault| fault_json(reporter, fault)).collect::<Vec<_>>(),
        "depends-on": diagnosis.unknowns.iter().map(|unknown| reporter.unknown(unknown)).collect::<Vec<_>>(),
        "lacking": diagnosis.lacking.as_ref().map(|lacking| reporter.lacking(lacking, [&talk.from_name, &talk.to_name])),
        "fixes": fixes_json(reporter, found),
    })
}

fn fault_json(reporter: &Reporter<'_>, fault: &Fault) -> Value {
    json!({
        "frame": fault.kind.name(),
        "sent": fault.was_sent,
        "from": fault.from,
        "to": fault.to,
        "depth": fault.depth,
        "at": cause_json(reporter, &fault.at),
        "because": fault.because.iter().map(|cause| cause_json(reporter, cause)).collect::<Vec<_>>(),
        "facts": fault.facts.iter().map(|fact| reporter.fact(fact)).collect::<Vec<_>>(),
    })
}

fn cause_json(reporter: &Reporter<'_>, cause: &Cause) -> Value {
    json!({
        "host": cause.place.host,
        "device": cause.place.device,
        "port-group": cause.place.port_group,
        "port": cause.place.port,
        "reason": cause.cause.code(),
        "setting": cause.policy.as_ref().map(|policy| policy.setting.name()),
        "value": cause.policy.as_ref().map(|policy| policy.value.to_string()),
        "own": cause.policy.as_ref().map(|policy| policy.origin == nsw_core::Origin::PortGroup),
        "line": cause.line(reporter.locations).map(|position| position.line),
    })
}

pub(super) fn fixes_json(reporter: &Reporter<'_>, found: &Fixes) -> Value {
    json!({
        "other-pairs-tried": found.other_pairs,
        "left-out-as-harmful": found.harmful,
        "router-in": found.router,
        "found": found.fixes.iter().map(|fix| fix_json(reporter, fix)).collect::<Vec<_>>(),
    })
}

pub(super) fn fix_json(reporter: &Reporter<'_>, fix: &Fix) -> Value {
    json!({
        "manner": reporter.manner(fix),
        "changes": fix.changes.iter().map(|change| reporter.change(change)).collect::<Vec<_>>(),
    })
}
