//! `nsw why --symptom WORDS FILE [END [END]]`: what is behind a symptom in this lab, most likely first.

use nsw_lab::doctor::symptom::{Lead, Leads, Patient, Symptom, SymptomError};
use nsw_lab::spec::Parsed;
use serde_json::{Value, json};

use crate::cli::WhyArgs;
use crate::commands::output::{Answer, Failure, Outcome, json as print_json, line};
use crate::commands::trace::read_parsed;

pub(super) fn run(words: &str, args: &WhyArgs, as_json: bool) -> Outcome {
    if words == "list" {
        return list(as_json);
    }
    let symptom = Symptom::find(words).map_err(|error| {
        let hint = error.hint.clone().unwrap_or_else(|| "`nsw why --symptom list` lists them".to_owned());
        Failure::with_hint(error, hint)
    })?;
    let Some(path) = &args.file else {
        return Err(Failure::with_hint("in which lab?", "say `nsw why --symptom WORDS FILE`"));
    };
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
    if as_json {
        print_json(&leads_json(&leads))?;
    } else {
        print(&leads, &file)?;
    }
    Ok(if leads.causes.is_empty() { Answer::Yes } else { Answer::No })
}

fn list(as_json: bool) -> Outcome {
    let phrases = Symptom::ALL.map(Symptom::phrase);
    if as_json {
        print_json(&phrases)?;
    } else {
        phrases.iter().try_for_each(line)?;
    }
    Ok(Answer::Yes)
}

fn print(leads: &Leads, file: &str) -> Result<(), Failure> {
    let Leads { symptom, tried, left_out, causes } = leads;
    line(format_args!("{}: {} tried", symptom.phrase(), pairs(*tried)))?;
    if *left_out > 0 {
        line(format_args!("  {left_out} ends were left out; name one or two to look at them"))?;
    }
    if causes.is_empty() {
        line(
            "  nothing in this lab file makes it so; look at what a file does not say: a guest's firewall,",
        )?;
        line("  its addresses and routes, a cable, another device with the same address")?;
    }
    for (number, lead) in causes.iter().enumerate() {
        print_lead(lead, number, causes.len(), file)?;
    }
    Ok(())
}

fn print_lead(lead: &Lead, number: usize, count: usize, file: &str) -> Result<(), Failure> {
    let (from, to) = &lead.pairs[0];
    line(format_args!("\n{}. {}", number + 1, lead.what))?;
    if let Some(setting) = &lead.setting {
        line(format_args!("  {setting}"))?;
        if let Some(position) = lead.position {
            line(format_args!("  {file}, line {}", position.line))?;
        }
    }
    line(format_args!("  explains {}, as {from} -> {to}", pairs(lead.pairs.len())))?;
    labelled("seen", &lead.seen)?;
    line(format_args!("        {}", lead.test.trace))?;
    line(format_args!("  test: on {}", lead.test.on))?;
    line(format_args!("        {}", lead.test.command))?;
    labelled("if", lead.test.shows)?;
    if number + 1 < count {
        line(format_args!("  else: {}", number + 2))?;
    }
    Ok(())
}

/// A label, and clauses behind it, each in a line of its own.
fn labelled(label: &str, clauses: &str) -> Result<(), Failure> {
    let mut head = format!("  {:<6}", format!("{label}:"));
    for clause in clauses.split("; ") {
        line(format_args!("{head}{clause}"))?;
        head = " ".repeat(head.len());
    }
    Ok(())
}

/// `1 pair`, `2 pairs`.
fn pairs(number: usize) -> String {
    format!("{number} {}", if number == 1 { "pair" } else { "pairs" })
}

fn leads_json(leads: &Leads) -> Value {
    json!({
        "symptom": leads.symptom.phrase(),
        "pairs-tried": leads.tried,
        "ends-left-out": leads.left_out,
        "causes": leads.causes.iter().map(lead_json).collect::<Vec<_>>(),
    })
}

fn lead_json(lead: &Lead) -> Value {
    let place = lead.what.place();
    json!({
        "what": lead.what.to_string(),
        "reason": lead.what.reason(),
        "host": place.host,
        "device": place.device,
        "port-group": place.port_group,
        "port": place.port,
        "setting": lead.setting,
        "line": lead.position.map(|position| position.line),
        "seen": lead.seen,
        "pairs": lead.pairs,
        "test": {
            "on": lead.test.on,
            "command": lead.test.command,
            "shows": lead.test.shows,
            "trace": lead.test.trace,
        },
    })
}
