//! `nsw why`: why two ends of a lab file do not talk, and what to do, from `nsw_lab::doctor`.

mod symptom;

use nsw_lab::doctor::fix::{self, Fixes};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::why::{Question, Verdict};
use nsw_lab::messages::Catalogue;
use nsw_lab::sim::World;
use nsw_lab::spec::Parsed;

use super::language::language;
use super::output::{Answer, Failure, Outcome, line};
use super::trace::read_parsed;
use crate::cli::WhyArgs;

pub(crate) fn run(args: &WhyArgs, as_json: bool) -> Outcome {
    if let Some(words) = &args.symptom {
        return symptom::run(words, args, as_json);
    }
    let (Some(file), Some(from), Some(to)) = (&args.file, &args.from, &args.to) else {
        return Err(Failure::with_hint("between whom?", "say `nsw why FILE FROM TO`"));
    };
    let Parsed { lab, locations, .. } = read_parsed(file)?;
    let world = World::new(&lab).map_err(Failure::new)?;
    let question = Question::new(&lab, &world, from, to).map_err(Failure::new)?;
    let diagnosis = question.answer();
    let wants_fixes = matches!(diagnosis.verdict, Verdict::Unreachable | Verdict::Ambiguous);
    let found = if wants_fixes { fix::fixes(&question, args.platform) } else { Fixes::default() };
    let catalogue = Catalogue::new(language(args.lang));
    let file = file.to_string_lossy();
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &locations };
    let _ = as_json;
    line(reporter.diagnosis(&diagnosis).trim_end())?;
    if wants_fixes {
        let platform = Some(args.platform).filter(|platform| *platform != Platform::Nestswitch);
        line("")?;
        line(reporter.fixes(&found, platform, [from, to]).trim_end())?;
    }
    Ok(if diagnosis.verdict == Verdict::Reachable { Answer::Yes } else { Answer::No })
}
