//! Exceptions: findings that somebody answers for, with a reason and until a day.
//!
//! ```yaml
//! exceptions:
//!   - rule: NSW-PROMISCUOUS
//!     object: physical/vSwitch0/Nested
//!     reason: nested-1 has VMs of its own
//!     owner: lab team
//!     expires: 2027-03-31
//! ```
//!
//! An exception that nobody needs any more is a finding itself: it would excuse the next one, which nobody looked at. So
//! is one that has expired. What it excuses is named by rule and object, both as the audit prints them.
//!
//! **Invariant:** an exception excuses findings of its own rule at its own object, through its last day, and nothing else.

use jiff::civil::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::rule::{RULES, Rule};
use super::{Finding, Subject};
use crate::spec::at::{Span, Word};
use crate::spec::diagnostics::{Collector, Draft};
use crate::spec::{Diagnostics, Position, schema, suggest, yaml};

/// The exceptions of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exceptions(Vec<Exception>);

/// A finding that is excused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The rule.
    pub rule: &'static Rule,
    /// The object, as findings name it.
    pub object: String,
    /// Why it is as it is.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// Where it stands in its file.
    pub position: Position,
}

/// What became of findings and exceptions when they met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// Findings that nobody excuses; an expired exception does not.
    pub open: Vec<Finding>,
    /// Findings with the exception that excuses them.
    pub excused: Vec<(Finding, Exception)>,
    /// Exceptions whose last day has passed.
    pub expired: Vec<Exception>,
    /// Exceptions for a finding that does not occur.
    pub unneeded: Vec<Exception>,
}

impl Weighed {
    /// Nothing open, and every exception needed and in force.
    pub fn is_clean(&self) -> bool {
        self.open.is_empty() && self.expired.is_empty() && self.unneeded.is_empty()
    }
}

impl Exceptions {
    /// Holds the findings against the exceptions, on this day.
    pub fn weigh(&self, findings: Vec<Finding>, today: Date) -> Weighed {
        let mut weighed = Weighed::default();
        let about = |rule: &Rule, object: &str| {
            self.0.iter().position(|exception| exception.rule == rule && exception.object == object)
        };
        let mut needed = vec![false; self.0.len()];
        for finding in findings {
            let exception = about(finding.rule, &finding.object.to_string());
            exception.into_iter().for_each(|place| needed[place] = true);
            match exception.map(|place| &self.0[place]).filter(|exception| exception.expires >= today) {
                Some(exception) => weighed.excused.push((finding, exception.clone())),
                None => weighed.open.push(finding),
            }
        }
        for (exception, needed) in self.0.iter().zip(needed) {
            match (needed, exception.expires < today) {
                (false, _) => weighed.unneeded.push(exception.clone()),
                (true, true) => weighed.expired.push(exception.clone()),
                (true, false) => {}
            }
        }
        weighed
    }
}

impl Exception {
    /// The object that was probably meant, of those that the rule has a finding at.
    pub fn meant<'a>(&self, subjects: impl Iterator<Item = &'a Subject>) -> Option<String> {
        let names: Vec<String> = subjects.map(ToString::to_string).collect();
        suggest::nearest(&self.object, names.iter().map(String::as_str).take(suggest::MAX_COMPARED))
            .map(str::to_owned)
    }
}

/// Reads an exceptions file. `source_name` is the name of the file, for the messages.
///
/// # Errors
/// Everything that is wrong with it: shape, unknown rules, days that are none, keys without a value, exceptions twice.
pub fn parse(source_name: &str, text: &str) -> Result<Exceptions, Diagnostics> {
    let mut problems = Collector::new("exceptions file", source_name, text);
    let built = yaml::read::<ExceptionsFile>(text, &mut problems).map(|file| build(file, &mut problems));
    problems.finish(built).map(|(exceptions, _)| exceptions)
}

/// The JSON Schema of an exceptions file, indented, with a line break at its end.
pub fn schema_json() -> String {
    schema::json_of::<ExceptionsFile>()
}

/// Exceptions of an audit: findings that are excused, each with a reason, an owner and a last day.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "exceptions file", extend("required" = ["exceptions"]))]
struct ExceptionsFile {
    /// The exceptions.
    #[serde(deserialize_with = "crate::spec::at::or_empty")]
    exceptions: Vec<ExceptionFile>,
}

/// A finding that is excused.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "exception", extend("required" = ["rule", "object", "reason", "owner", "expires"]))]
struct ExceptionFile {
    /// The rule's id, as the audit prints it.
    #[schemars(schema_with = "rule_ids")]
    rule: Option<Word>,
    /// The object, as the audit prints it: host/vSwitch, host/vSwitch/port group, or with an adapter behind it.
    #[schemars(schema_with = "schema::text")]
    object: Option<Word>,
    /// Why it is as it is.
    #[schemars(schema_with = "schema::text")]
    reason: Option<Word>,
    /// Who answers for it.
    #[schemars(schema_with = "schema::text")]
    owner: Option<Word>,
    /// The last day on which it holds, as 2027-03-31.
    #[schemars(schema_with = "day")]
    expires: Option<Word>,
}

fn rule_ids(_: &mut SchemaGenerator) -> Schema {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    json_schema!({ "enum": ids })
}

fn day(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

fn build(file: ExceptionsFile, problems: &mut Collector) -> Exceptions {
    let mut exceptions: Vec<(Exception, Span)> = Vec::new();
    for entry in file.exceptions {
        let Some((exception, span)) = entry.read(problems) else { continue };
        let same = |(other, _): &&(Exception, Span)| {
            other.rule == exception.rule && other.object == exception.object
        };
        if let Some((_, first)) = exceptions.iter().find(same) {
            let message = format!("{} at `{}` is excused twice", exception.rule.id, exception.object);
            problems.error(Draft::new(span, message).label("again here").other(*first, "first here"));
        }
        exceptions.push((exception, span));
    }
    Exceptions(exceptions.into_iter().map(|(exception, _)| exception).collect())
}

impl ExceptionFile {
    /// The exception and its place, or `None` after reporting what it lacks.
    fn read(self, problems: &mut Collector) -> Option<(Exception, Span)> {
        let words = [&self.rule, &self.object, &self.reason, &self.owner, &self.expires];
        let span = words.into_iter().flatten().map(|word| word.span).next().unwrap_or(Span::START);
        let mut needed = |key: &str, word: Option<Word>| match word {
            Some(word) if !word.value.trim().is_empty() => Some(word),
            Some(word) => {
                problems.error(Draft::new(word.span, format!("the key `{key}` has no value")));
                None
            }
            None => {
                let draft = Draft::new(span, format!("an exception has no key `{key}`"));
                problems.error(draft.help("it has rule, object, reason, owner and expires"));
                None
            }
        };
        let (rule, object) = (needed("rule", self.rule), needed("object", self.object));
        let (reason, owner) = (needed("reason", self.reason), needed("owner", self.owner));
        let expires = needed("expires", self.expires);
        let rule = rule.and_then(|word| known_rule(&word, problems));
        let expires = expires.and_then(|word| date(&word, problems));
        let exception = Exception {
            rule: rule?,
            object: object?.value,
            reason: reason?.value,
            owner: owner?.value,
            expires: expires?,
            position: span.into(),
        };
        Some((exception, span))
    }
}

fn known_rule(word: &Word, problems: &mut Collector) -> Option<&'static Rule> {
    let found = Rule::find(&word.value);
    if found.is_none() {
        let near = suggest::near(&word.value, RULES.iter().map(|rule| rule.id));
        let help = near.unwrap_or_else(|| "`nsw audit --rules` lists them".to_owned());
        problems.error(Draft::new(word.span, format!("there is no rule `{}`", word.value)).help(help));
    }
    found
}

fn date(word: &Word, problems: &mut Collector) -> Option<Date> {
    let parsed = parse_date(&word.value);
    if parsed.is_none() {
        let draft = Draft::new(word.span, format!("`{}` is no day", word.value));
        problems.error(draft.help("write year, month and day, as 2027-03-31"));
    }
    parsed
}

/// A day as `2027-03-31`; other forms that a calendar could read are refused.
pub fn parse_date(text: &str) -> Option<Date> {
    let date: Date = text.parse().ok()?;
    (date.to_string() == text).then_some(date)
}
