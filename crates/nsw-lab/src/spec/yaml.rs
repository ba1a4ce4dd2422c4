//! From text to shape: reads the YAML, within limits, and says in plain words what cannot be read.
//!
//! YAML's traps are closed here. A key that stands twice is an error; aliases are few, merge keys are refused; `yes`
//! and `no` stay words. Where the text is not YAML at all, nothing more can be said about it than the first error.

use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Error, Options};

use super::at::Span;
use super::diagnostics::{Collector, Draft};
use super::file::LabFile;
use super::suggest;

/// Bytes of a lab file.
const MAX_LEN: usize = 1 << 20;
/// Mappings and lists in each other. A nested host takes four of them.
const MAX_NESTING: usize = 128;

/// The file, or `None` if its shape is wrong; then the problems say why.
pub(crate) fn read(text: &str, problems: &mut Collector) -> Option<LabFile> {
    let start = Span { line: 1, column: 1, ..Span::default() };
    if text.len() > MAX_LEN {
        let draft = Draft::new(start, format!("the lab file has {} bytes", text.len()));
        problems.error(draft.help(format!("at most {MAX_LEN} are read")));
        return None;
    }
    match serde_saphyr::from_str_with_options::<Option<LabFile>>(text, options()) {
        Ok(file) => Some(file.unwrap_or_default()),
        Err(error) => {
            let span = error.location().map_or(start, Span::from);
            problems.error(describe(error.without_snippet(), span));
            None
        }
    }
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_NESTING,
            max_nodes: 100_000,
            max_aliases: 1_000,
            max_anchors: 100,
            max_documents: 1,
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

fn describe(error: &Error, span: Span) -> Draft {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            Draft::new(span, format!("unknown key `{field}`"))
                .maybe_help(suggest::hint(field, expected.iter().copied()).or_else(|| all_keys(expected)))
        }
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_ref().map_or(String::new(), |key| format!(" `{key}`"));
            Draft::new(span, format!("the key{key} stands twice in the same place"))
        }
        Error::SerdeInvalidType { unexpected, expected, .. } => {
            Draft::new(span, format!("expected {expected}, found {unexpected}"))
        }
        Error::MergeKeyNotAllowed { .. } => Draft::new(span, "merge keys (`<<`) are not part of a lab file"),
        Error::AliasError { error, .. } => describe(error, span),
        other => Draft::new(span, other.render_with_formatter(&serde_saphyr::UserMessageFormatter)),
    }
}

fn all_keys(expected: &[&str]) -> Option<String> {
    (!expected.is_empty()).then(|| format!("the keys here are `{}`", expected.join("`, `")))
}
