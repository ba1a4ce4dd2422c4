//! The audit as JSON.

use nsw_core::Origin;
use nsw_lab::doctor::audit::{Exception, Finding, RULES, Rule};
use nsw_lab::messages::Catalogue;
use serde_json::{Value, json};

use super::Report;
use crate::commands::output::{Answer, Failure, Outcome, json as print_json};

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let weighed = report.weighed;
    let excused = weighed.excused.iter().map(|(finding, exception)| {
        let mut value = finding_json(report, finding);
        value["exception"] = exception_json(exception);
        value
    });
    print_json(&json!({
        "file": report.file,
        "exceptions-file": report.exceptions_file,
        "clean": weighed.is_clean(),
        "findings": weighed.open.iter().map(|finding| finding_json(report, finding)).collect::<Vec<_>>(),
        "excused": excused.collect::<Vec<_>>(),
        "expired": weighed.expired.iter().map(exception_json).collect::<Vec<_>>(),
        "not-needed": weighed.unneeded.iter().map(exception_json).collect::<Vec<_>>(),
    }))
}

fn finding_json(report: &Report<'_>, finding: &Finding) -> Value {
    let Finding { rule, object, setting, value, origin, concerns, position } = finding;
    json!({
        "rule": rule.id,
        "severity": rule.severity.name(),
        "title": report.catalogue.rule_title(rule),
        "references": references(rule),
        "object": object.to_string(),
        "host": object.host,
        "vswitch": object.vswitch,
        "port-group": object.port_group,
        "adapter": object.adapter,
        "setting": setting,
        "value": value,
        "set-at": origin.map(|origin| match origin {
            Origin::PortGroup => "port-group",
            Origin::VSwitch => "vswitch",
            Origin::Default => "default",
        }),
        "concerns": concerns,
        "line": position.map(|position| position.line),
        "column": position.map(|position| position.column),
        "message": finding.sentence(report.catalogue),
    })
}

fn exception_json(exception: &Exception) -> Value {
    json!({
        "rule": exception.rule.id,
        "object": exception.object,
        "reason": exception.reason,
        "owner": exception.owner,
        "expires": exception.expires.to_string(),
        "line": exception.position.line,
    })
}

fn references(rule: &Rule) -> Vec<Value> {
    rule.references.iter().map(|reference| json!({ "guide": reference.guide, "id": reference.id })).collect()
}

pub(super) fn rules(catalogue: &Catalogue) -> Outcome {
    let rule = |rule: &&Rule| {
        json!({
            "id": rule.id,
            "severity": rule.severity.name(),
            "title": catalogue.rule_title(rule),
            "rationale": catalogue.rule_rationale(rule),
            "remedy": catalogue.rule_remedy(rule),
            "references": references(rule),
        })
    };
    print_json(&RULES.iter().map(rule).collect::<Vec<_>>())?;
    Ok(Answer::Yes)
}
