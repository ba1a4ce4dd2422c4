//! `nsw why --symptom WORDS FILE [END [END]]`: what is behind a symptom in this lab, most likely first.

use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::symptom::{Lead, Leads, Patient, Symptom, SymptomError};
use nsw_lab::messages::Catalogue;
use nsw_lab::spec::Parsed;
use serde_json::{Value, json};

use crate::cli::WhyArgs;
use crate::commands::language::catalogue;
use crate::commands::output::{Answer, Failure, Outcome, json as print_json, line};
use crate::commands::patience::Patience;
use crate::commands::trace::read_parsed;

pub(super) fn run(words: &str, args: &WhyArgs, as_json: bool) -> Outcome {
    if words == "list" {
        return list(&catalogue(&args.speech), as_json);
    }
    let symptom = Symptom::find(words).map_err(|error| {
        let hint = error.hint.clone().unwrap_or_else(|| "`nsw why --symptom list` lists them".to_owned());
        Failure::with_hint(error, hint)
    })?;
    let Some(path) = &args.file else {
        return Err(Failure::with_hint("in which lab?", "say `nsw why --symptom WORDS FILE`"));
    };
    let working = Patience::with("nsw why --symptom");
    let Parsed { lab, locations, .. } = read_parsed(path)?;
    let file = path.to_string_lossy();
    let ends: Vec<&str> = [&args.from, &args.to].into_iter().flatten().map(String::as_str).collect();
    let patient = Patient { lab: &lab, locations: &locations, file: &file };
    let leads = patient.examine(symptom, &ends).map_err(|error| match error {
        SymptomError::TooLarge { .. } => {
            Failure::with_hint(error, "name two of them, as in `nsw why --symptom WORDS FILE FROM TO`")
        }
        _ => Failure::new(error),
    })?;
    drop(working);
    let catalogue = catalogue(&args.speech);
    let reporter = Reporter { catalogue: &catalogue, file: &file, locations: &locations };
    if as_json {
        print_json(&leads_json(&reporter, &leads))?;
    } else {
        line(reporter.leads(&leads).trim_end())?;
    }
    Ok(if leads.causes.is_empty() { Answer::Yes } else { Answer::No })
}

fn list(catalogue: &Catalogue, as_json: bool) -> Outcome {
    let phrases = Symptom::ALL.map(|symptom| catalogue.symptom(symptom));
    if as_json {
        print_json(&phrases)?;
    } else {
        phrases.iter().try_for_each(line)?;
    }
    Ok(Answer::Yes)
}

fn leads_json(reporter: &Reporter<'_>, leads: &Leads) -> Value {
    json!({
        "symptom": leads.symptom.phrase(),
        "pairs-tried": leads.tried,
        "ends-left-out": leads.left_out,
        "causes": leads.causes.iter().map(|lead| lead_json(reporter, lead)).collect::<Vec<_>>(),
    })
}

fn lead_json(reporter: &Reporter<'_>, lead: &Lead) -> Value {
    let place = lead.what.place();
    json!({
        "what": lead.what.words(reporter.catalogue),
        "reason": lead.what.reason(),
        "host": place.host,
        "device": place.device,
        "port-group": place.port_group,
        "port": place.port,
        "setting": reporter.lead_setting(lead),
        "line": lead.position.map(|position| position.line),
        "seen": reporter.seen(&lead.seen).join("; "),
        "pairs": lead.pairs,
        "test": {
            "on": reporter.test_on(&lead.test),
            "command": lead.test.command,
            "shows": reporter.catalogue.say(&lead.test.shows),
            "trace": lead.test.trace,
        },
    })
}
