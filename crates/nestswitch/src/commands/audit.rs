//! `nsw audit`: a lab file against hardening rules, less what is excused.
//!
//! The words and the files are read here, the findings are `nsw-lab`'s, each form of the output has a file of its own.
//! The clock is asked here and nowhere else, and only if nobody said what day it is.

mod json;
mod junit;
mod sarif;
mod text;

use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use nsw_lab::doctor::audit::exceptions::{self, Exceptions};
use nsw_lab::doctor::audit::rule::{EXCEPTION_EXPIRED, EXCEPTION_UNNEEDED};
use nsw_lab::doctor::audit::{Exception, Finding, Rule, Severity, Weighed, audit};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::spec::Parsed;

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, line};
use super::patience::Patience;
use super::trace::{read_parsed, say};
use crate::cli::{AtLeast, AuditArgs, AuditFormat};

/// What was found, for every form of the output.
struct Report<'a> {
    catalogue: &'a Catalogue,
    /// The lab file, as the user named it.
    file: &'a str,
    /// The exceptions file, likewise.
    exceptions_file: Option<&'a str>,
    weighed: &'a Weighed,
    /// Findings of rules below this are left out.
    least: Severity,
    /// Every finding's object, also of those that are left out: hints for exceptions that miss theirs.
    all: &'a [Finding],
}

pub(crate) fn run(args: &AuditArgs, as_json: bool) -> Outcome {
    if args.rules {
        let catalogue = catalogue(&args.speech);
        return if as_json { json::rules(&catalogue) } else { text::rules(&catalogue) };
    }
    let today = today(args.today.as_deref())?;
    let file = args.file.to_string_lossy();
    let working = Patience::with("nsw audit");
    let Parsed { lab, locations, .. } = read_parsed(&args.file)?;
    let exceptions = args.exceptions.as_deref().map(read_exceptions).transpose()?.unwrap_or_default();
    let all = audit(&lab, &locations);
    drop(working);
    let mut weighed = exceptions.weigh(all.clone(), today);
    let least = severity(args.at_least);
    weighed.open.retain(|finding| finding.rule.severity >= least);
    weighed.excused.retain(|(finding, _)| finding.rule.severity >= least);
    let exceptions_file = args.exceptions.as_deref().map(Path::to_string_lossy);
    let exceptions_file = exceptions_file.as_deref();
    let catalogue = &catalogue(&args.speech);
    let report = Report { catalogue, file: &file, exceptions_file, weighed: &weighed, least, all: &all };
    match args.format {
        _ if as_json => json::print(&report)?,
        AuditFormat::Json => json::print(&report)?,
        AuditFormat::Text => text::print(&report)?,
        AuditFormat::Sarif => sarif::print(&report)?,
        AuditFormat::Junit => junit::print(&report)?,
    }
    Ok(if weighed.is_clean() { Answer::Yes } else { Answer::No })
}

fn read_exceptions(path: &Path) -> Result<Exceptions, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::with_hint(
            format!("cannot read the exceptions file {}: {error}", path.display()),
            "`nsw schema exceptions` prints what such a file may say",
        )
    })?;
    exceptions::parse(&path.to_string_lossy(), &text).map_err(|errors| {
        say(errors.problems());
        Failure::new(&errors)
    })
}

fn today(said: Option<&str>) -> Result<Date, Failure> {
    let Some(text) = said else { return Ok(TimeZone::UTC.to_datetime(Timestamp::now()).date()) };
    exceptions::parse_date(text).ok_or_else(|| {
        Failure::with_hint(format!("`{text}` is no day"), "write year, month and day, as 2027-03-31")
    })
}

fn severity(least: AtLeast) -> Severity {
    match least {
        AtLeast::Low => Severity::Low,
        AtLeast::Medium => Severity::Medium,
        AtLeast::High => Severity::High,
    }
}

/// A complaint about an exception: the rule, the exception, the sentence.
struct Complaint<'a> {
    rule: &'static Rule,
    exception: &'a Exception,
    sentence: String,
}

impl<'a> Report<'a> {
    /// The exceptions that have expired or are not needed.
    fn complaints(&self) -> Vec<Complaint<'a>> {
        let weighed: &'a Weighed = self.weighed;
        let expired = weighed.expired.iter().map(|exception| Complaint {
            rule: &EXCEPTION_EXPIRED,
            exception,
            sentence: self.catalogue.say(&Message::AuditExpired {
                rule: &exception.rule.id,
                object: &exception.object,
                day: &exception.expires.to_string(),
            }),
        });
        let unneeded = weighed.unneeded.iter().map(|exception| Complaint {
            rule: &EXCEPTION_UNNEEDED,
            exception,
            sentence: self.unneeded(exception),
        });
        expired.chain(unneeded).collect()
    }

    fn unneeded(&self, exception: &Exception) -> String {
        let of_rule = self.all.iter().filter(|finding| finding.rule == exception.rule);
        let meant = exception.meant(of_rule.map(|finding| &finding.object));
        let (rule, object) = (&exception.rule.id, &exception.object);
        match &meant {
            Some(meant) => self.catalogue.say(&Message::AuditUnneededHint { rule, object, meant }),
            None => self.catalogue.say(&Message::AuditUnneeded { rule, object }),
        }
    }
}

/// Prints a text that ends with its own line break.
fn print_text(text: &str) -> Result<(), Failure> {
    line(text.trim_end())
}
