//! The audit as SARIF 2.1.0, for code scanning: findings, and the exceptions that have expired or are not needed.
//!
//! Only what the audit has to say stands here, as structures of our own: the generated types of the whole standard bring a
//! code generator along. A test holds the output against what the standard requires.
//! Reference: OASIS SARIF 2.1.0, sections 3.13 (log), 3.27 (result), 3.35 (suppression), 3.49 (rule).

use std::fmt::Write as _;

use nsw_lab::doctor::audit::rule::{EXCEPTION_EXPIRED, EXCEPTION_UNNEEDED};
use nsw_lab::doctor::audit::{Exception, Finding, RULES, Rule, Severity};
use nsw_lab::messages::Message as Words;
use nsw_lab::spec::Position;
use serde::Serialize;

use super::Report;
use crate::commands::output::{Failure, json as print_json};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
struct Run {
    tool: Tool,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
}

/// The same finding in another version of the file: by rule and object, not by line.
#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "ruleAndObject/v1")]
    rule_and_object: String,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let open = report.weighed.open.iter().map(|finding| result_of(report, finding, None));
    let excused = report.weighed.excused.iter();
    let excused = excused.map(|(finding, exception)| result_of(report, finding, Some(exception)));
    let complaints = report.complaints();
    let complaints = complaints.iter().map(|complaint| {
        let Exception { object, position, .. } = complaint.exception;
        let file = report.exceptions_file.unwrap_or_default();
        result(complaint.rule, complaint.sentence.clone(), location(file, Some(*position), object.clone()))
    });
    let results = open.chain(excused).chain(complaints).collect();
    let driver = Driver {
        name: "nestswitch",
        semantic_version: env!("CARGO_PKG_VERSION"),
        information_uri: env!("CARGO_PKG_REPOSITORY"),
        rules: rules().map(|rule| descriptor(report, rule)).collect(),
    };
    print_json(&Log { schema: SCHEMA, version: "2.1.0", runs: [Run { tool: Tool { driver }, results }] })
}

/// Every rule that a result may cite, in the order that its index counts.
fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain([&EXCEPTION_EXPIRED, &EXCEPTION_UNNEEDED])
}

fn descriptor(report: &Report<'_>, rule: &'static Rule) -> Descriptor {
    let words = report.catalogue;
    Descriptor {
        id: rule.id,
        short_description: Message { text: words.rule_title(rule) },
        full_description: Message { text: words.rule_rationale(rule) },
        help: Message { text: words.rule_remedy(rule) },
        default_configuration: Configuration { level: level(rule.severity) },
        properties: Properties { tags: rule.references.iter().map(ToString::to_string).collect() },
    }
}

fn result_of(report: &Report<'_>, finding: &Finding, exception: Option<&Exception>) -> SarifResult {
    let object = finding.object.to_string();
    let message = format!("{object}: {}", finding.sentence(report.catalogue));
    let mut result = result(finding.rule, message, location(report.file, finding.position, object));
    result.suppressions = exception.map(|exception| suppression(report, exception)).into_iter().collect();
    result
}

fn result(rule: &'static Rule, message: String, location: Location) -> SarifResult {
    let [LogicalLocation { fully_qualified_name: object }] = &location.logical_locations;
    SarifResult {
        rule_id: rule.id,
        rule_index: rules().position(|other| other == rule).unwrap_or_default(),
        level: level(rule.severity),
        message: Message { text: message },
        partial_fingerprints: Fingerprints { rule_and_object: format!("{} {object}", rule.id) },
        locations: [location],
        suppressions: Vec::new(),
    }
}

fn suppression(report: &Report<'_>, exception: &Exception) -> Suppression {
    let (day, owner, reason) = (&exception.expires.to_string(), &exception.owner, &exception.reason);
    let justification = report.catalogue.say(&Words::AuditExcusedBy { day, owner, reason });
    Suppression { kind: "external", status: "accepted", justification }
}

fn location(file: &str, position: Option<Position>, object: String) -> Location {
    let region = |position: Position| Region { start_line: position.line, start_column: position.column };
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(file) },
            region: position.map(region),
        },
        logical_locations: [LogicalLocation { fully_qualified_name: object }],
    }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// The path as a relative reference: what a URI has no letters for is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        let byte = if byte == b'\\' { b'/' } else { byte };
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
