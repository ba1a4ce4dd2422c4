//! The audit for people: one finding after another in the order of the file, then what is excused, then a sum.

use nsw_lab::doctor::audit::{Finding, RULES, Rule, Severity};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::spec::Position;

use super::{Report, print_text};
use crate::commands::output::{Answer, Failure, Outcome, line};

/// Columns that a line of references may take.
const WIDTH: usize = 98;

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let words = report.catalogue;
    for finding in &report.weighed.open {
        line(head(report.file, finding.position, finding.rule, &finding.object.to_string()))?;
        line(format_args!("  {}", words.rule_title(finding.rule)))?;
        line(format_args!("  {}", finding.sentence(words)))?;
        line(references(finding.rule))?;
    }
    for complaint in report.complaints() {
        let exception = complaint.exception;
        let file = report.exceptions_file.unwrap_or_default();
        line(head(file, Some(exception.position), complaint.rule, &exception.object))?;
        line(format_args!("  {}", complaint.sentence))?;
        line(format_args!("  {}: {}\n", exception.owner, exception.reason))?;
    }
    for (finding, exception) in &report.weighed.excused {
        let Finding { rule, object, .. } = finding;
        let (day, rule) = (&exception.expires.to_string(), &rule.id);
        line(words.say(&Message::AuditExcused { day, rule, object: &object.to_string() }))?;
        line(format_args!("  {}: {}\n", exception.owner, exception.reason))?;
    }
    line(sum(report))
}

/// `FILE:LINE:COLUMN severity RULE object`, as compilers write it.
fn head(file: &str, position: Option<Position>, rule: &Rule, object: &str) -> String {
    let place = position.map(|position| format!(":{position}")).unwrap_or_default();
    format!("{file}{place} {} {} {object}", rule.severity, rule.id)
}

/// The public guides' ids, in lines that fit a terminal; an empty line if there are none, which ends the paragraph.
fn references(rule: &Rule) -> String {
    let mut lines = vec![String::new()];
    for reference in rule.references {
        let text = reference.to_string();
        match lines.last_mut() {
            Some(last) if !last.is_empty() && last.len() + 2 + text.len() <= WIDTH => {
                *last += &format!(", {text}");
            }
            Some(last) if last.is_empty() => *last = format!("  {text}"),
            _ => lines.push(format!("  {text}")),
        }
    }
    let end = if rule.references.is_empty() { "" } else { "\n" };
    lines.join(",\n") + end
}

fn sum(report: &Report<'_>) -> String {
    let weighed = report.weighed;
    let by_severity = Severity::ALL.into_iter().rev().filter_map(|severity| {
        let number = weighed.open.iter().filter(|finding| finding.rule.severity == severity).count();
        (number > 0).then(|| format!("{number} {severity}"))
    });
    let by_severity: Vec<String> = by_severity.collect();
    let (findings, detail) = (&weighed.open.len(), &by_severity.join(", "));
    let sum = match by_severity.is_empty() {
        true => report.catalogue.say(&Message::AuditSum { findings }),
        false => report.catalogue.say(&Message::AuditSumBySeverity { findings, detail }),
    };
    if report.exceptions_file.is_none() {
        return sum;
    }
    let (excused, expired) = (&weighed.excused.len(), &weighed.expired.len());
    let unneeded = &weighed.unneeded.len();
    report.catalogue.say(&Message::AuditSumExceptions { sum: &sum, excused, expired, unneeded })
}

pub(super) fn rules(words: &Catalogue) -> Outcome {
    let mut text = String::new();
    for rule in RULES {
        text += &format!("{} {} {}\n", rule.id, rule.severity, words.rule_title(rule));
        text += &format!("  {}\n  {}\n", words.rule_rationale(rule), words.rule_remedy(rule));
        text += &format!("{}\n", references(rule));
    }
    print_text(&text)?;
    Ok(Answer::Yes)
}
