//! From text to shape: reads the YAML of a lab file or of another file of ours, within limits, and says in plain words what cannot be read.
//!
//! YAML's traps are closed here. A key that stands twice is an error; aliases are few, merge keys are refused; `yes`
//! and `no` stay words.
//!
//! The parser stops at the first entry that does not fit the shape. To report them all, such an entry is blanked out
//! and the rest read again. Where the text is no YAML, the first error is all there is to
//! say.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, MessageFormatter, Options, UserMessageFormatter};

use super::at::Span;
use super::diagnostics::{Collector, Draft};
use super::suggest;

/// Bytes of a file: an inventory of a hundred thousand VMs has some ten million.
const MAX_LEN: usize = 1 << 24;
/// Mappings and lists in each other. A nested host takes four of them.
const MAX_NESTING: usize = 128;
/// Entries of a wrong shape that are looked for.
const MAX_ROUNDS: usize = 20;

/// The file, or `None` if its shape is wrong; then the problems say why.
pub(crate) fn read<T: DeserializeOwned + Default>(text: &str, problems: &mut Collector) -> Option<T> {
    if text.len() > MAX_LEN {
        let draft = Draft::new(Span::START, format!("the {} has {} bytes", problems.what(), text.len()));
        problems.error(draft.help(format!("at most {MAX_LEN} are read")));
        return None;
    }
    let error = match serde_saphyr::from_str_with_options::<Option<T>>(text, options()) {
        Ok(file) => return Some(file.unwrap_or_default()),
        Err(error) => error,
    };
    report(&error, problems);
    report_further::<T>(text, error, problems);
    None
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_NESTING,
            // A value has a byte at least, and two events at most; what aliases repeat is limited below.
            max_nodes: MAX_LEN,
            max_events: 2 * MAX_LEN,
            max_aliases: 1_000,
            max_anchors: 100,
            max_documents: 2, // so that a second one is refused as such
            flow_nesting_limit: MAX_NESTING,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    }
}

/// Blanks out what is wrong and looks on, for as long as the next error is one of shape and further down.
fn report_further<T: DeserializeOwned>(text: &str, mut error: Error, problems: &mut Collector) {
    let mut lines: Vec<Cow<'_, str>> = text.split('\n').map(Cow::Borrowed).collect();
    let mut last_line = 0;
    for _ in 0..MAX_ROUNDS {
        let line = line_of(&error);
        if !is_of_shape(&error) || line <= last_line {
            return;
        }
        last_line = line;
        blank_entry(&mut lines, line - 1);
        match serde_saphyr::from_str_with_options::<Option<T>>(&lines.join("\n"), options()) {
            Err(next) if is_of_shape(&next) && line_of(&next) > last_line => {
                report(&next, problems);
                error = next;
            }
            _ => return,
        }
    }
}

fn is_of_shape(error: &Error) -> bool {
    matches!(
        error.without_snippet(),
        Error::SerdeUnknownField { .. } | Error::DuplicateMappingKey { .. } | Error::Unexpected { .. }
    )
}

/// The line of an error, from 1; 0 if it has none.
fn line_of(error: &Error) -> usize {
    error.location().and_then(|location| usize::try_from(location.line()).ok()).unwrap_or(0)
}

/// Makes spaces of the line at this index and of what is below it: deeper lines, and the other items of a list. Every
/// byte after them keeps its place.
fn blank_entry(lines: &mut [Cow<'_, str>], index: usize) {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let Some(first) = lines.get(index) else { return };
    let outer = indent(first);
    let below =
        lines[index + 1..].iter().take_while(|line| line.trim().is_empty() || indent(line) > outer).count();
    for line in &mut lines[index..=index + below] {
        *line = Cow::Owned(" ".repeat(line.len()));
    }
}

fn report(error: &Error, problems: &mut Collector) {
    let span = error.location().map_or(Span::START, Span::from);
    let draft = describe(error.without_snippet(), span, problems.what());
    problems.error(draft);
}

fn describe(error: &Error, span: Span, what: &str) -> Draft {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            Draft::new(span, format!("unknown key `{field}`"))
                .maybe_help(suggest::near(field, expected.iter().copied()).or_else(|| all_keys(expected)))
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_ref().map_or(String::new(), |key| format!(" `{key}`"));
            Draft::new(span, format!("the key{key} stands twice in the same mapping"))
        }
        Error::Unexpected { expected, .. } => {
            Draft::new(span, format!("expected {}", in_plain_words(expected)))
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            Draft::new(span, format!("expected {expected}, found {unexpected}"))
        }
        Error::MergeKeyNotAllowed { .. } => {
            Draft::new(span, format!("merge keys (`<<`) are not part of a {what}"))
        }
        Error::NullIntoString { .. } => Draft::new(span, "expected a name or a value, found nothing"),
        Error::MultipleDocuments { .. } => Draft::new(span, format!("a {what} is one YAML document")),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. } => {
            Draft::new(span, format!("the {what} is too large or too deep"))
                .help("it is one YAML document with at most 128 levels and 1000 aliases")
        }
        Error::AliasError { error, .. } => describe(error, span, what),
        other => Draft::new(span, UserMessageFormatter.format_message(other)),
    }
}

/// What the parser calls by YAML's terms.
fn in_plain_words(expected: &str) -> &str {
    match expected {
        "mapping start" => "keys with values here",
        "sequence start" => "a list here, as in [vmnic0, vmnic1]",
        "string scalar" => "a single value here",
        other => other,
    }
}

fn all_keys(expected: &[&str]) -> Option<String> {
    (!expected.is_empty()).then(|| format!("the keys here are `{}`", expected.join("`, `")))
}
