//! What is wrong with a lab file, all of it at once, each with the place and a hint.
//!
//! A [`Problem`] is one message about one object; [`Diagnostics`] is what `parse` gives back instead of a lab. Both are
//! miette diagnostics, so the binary prints them with the lines of the file and a caret; nothing here prints.
//!
//! **Invariant:** at most [`MAX_PROBLEMS`] are kept; a file of garbage costs no more than a file with a mistake.

use std::fmt;
use std::sync::Arc;

use miette::{LabeledSpan, NamedSource, Severity, SourceSpan};

use super::at::Span;

/// Problems that are kept and reported; more of them are only counted.
const MAX_PROBLEMS: usize = 100;

/// A place in the lab file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

impl From<Span> for Position {
    fn from(span: Span) -> Self {
        Self { line: span.line, column: span.column }
    }
}

/// One error or warning about a lab file.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What is wrong; it names the object.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where the file says so.
    pub position: Position,
    severity: Severity,
    labels: Vec<LabeledSpan>,
    text: Source,
}

/// The name and the text of the file, shared by all its problems.
type Source = Arc<NamedSource<String>>;

impl Problem {
    /// Does it only warn? Then there is a lab all the same.
    pub fn is_warning(&self) -> bool {
        self.severity == Severity::Warning
    }

    /// The file that it is about.
    pub fn file(&self) -> &str {
        self.text.name()
    }
}

impl miette::Diagnostic for Problem {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        Some(&*self.text)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

/// Why a lab file is no lab, or another file of ours not what it should be: all its errors, in the order of the file.
#[derive(Clone, Debug, thiserror::Error, miette::Diagnostic)]
#[error("{what} `{file}` has {}", errors(.problems.len() + .left_out))]
pub struct Diagnostics {
    what: &'static str,
    file: String,
    #[related]
    problems: Vec<Problem>,
    left_out: usize,
}

fn errors(count: usize) -> String {
    if count == 1 { "an error".to_owned() } else { format!("{count} errors") }
}

impl Diagnostics {
    /// The errors in the order of the file; the first hundred if there are more.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// A problem that is being described: a message and its place, then what else helps.
pub(crate) struct Draft {
    message: String,
    span: Span,
    label: Option<&'static str>,
    help: Option<String>,
    other: Option<(Span, &'static str)>,
}

impl Draft {
    /// A problem with this message at this place.
    pub(crate) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { message: message.into(), span, label: None, help: None, other: None }
    }

    /// What to say at the caret.
    pub(crate) fn label(mut self, label: &'static str) -> Self {
        self.label = Some(label);
        self
    }

    /// What to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// What to do about it, if anything comes to mind.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help = help;
        self
    }

    /// A second place that belongs to it.
    pub(crate) fn other(mut self, span: Span, label: &'static str) -> Self {
        self.other = Some((span, label));
        self
    }
}

/// Collects the problems of one file.
pub(crate) struct Collector {
    what: &'static str,
    source: Source,
    errors: Vec<Problem>,
    warnings: Vec<Problem>,
    left_out: usize,
}

impl Collector {
    /// For the file of this name and text; `what` it is called in messages.
    pub(crate) fn new(what: &'static str, file: &str, text: &str) -> Self {
        let source = Arc::new(NamedSource::new(file, printable(text)).with_language("yaml"));
        Self { what, source, errors: Vec::new(), warnings: Vec::new(), left_out: 0 }
    }

    /// What the file is called in messages.
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    pub(crate) fn error(&mut self, draft: Draft) {
        if self.errors.len() < MAX_PROBLEMS {
            let problem = self.problem(draft, Severity::Error);
            self.errors.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    pub(crate) fn warning(&mut self, draft: Draft) {
        if self.warnings.len() < MAX_PROBLEMS {
            let problem = self.problem(draft, Severity::Warning);
            self.warnings.push(problem);
        }
    }

    /// What was built and the warnings if there is no error, else the errors.
    pub(crate) fn finish<T>(mut self, built: Option<T>) -> Result<(T, Vec<Problem>), Diagnostics> {
        self.errors.sort_by_key(|problem| problem.position);
        self.warnings.sort_by_key(|problem| problem.position);
        match built {
            Some(built) if self.errors.is_empty() => Ok((built, self.warnings)),
            _ => Err(Diagnostics {
                what: self.what,
                file: self.source.name().to_owned(),
                problems: self.errors,
                left_out: self.left_out,
            }),
        }
    }

    fn problem(&self, draft: Draft, severity: Severity) -> Problem {
        let Draft { message, span, label, help, other } = draft;
        let mut labels = vec![LabeledSpan::new_primary_with_span(label.map(str::to_owned), self.clamp(span))];
        labels.extend(
            other.map(|(span, label)| LabeledSpan::new_with_span(Some(label.to_owned()), self.clamp(span))),
        );
        // Names come from the file, and a quoted one may hold anything, such as a terminal's escape sequences.
        let escape = |text: String| match text.contains(char::is_control) {
            true => text.escape_debug().to_string(),
            false => text,
        };
        let (message, help) = (escape(message), help.map(escape));
        Problem { message, help, position: span.into(), severity, labels, text: Arc::clone(&self.source) }
    }

    /// A span inside the text, for a renderer refuses others, and inside its line, for it would underline half the file.
    fn clamp(&self, span: Span) -> SourceSpan {
        let text = self.source.inner().as_str();
        let mut offset = span.offset.unwrap_or_else(|| offset_of(text, span.into())).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line_len = text[offset..].find(['\n', '\r']).unwrap_or(text.len() - offset);
        (offset, span.len.min(line_len)).into()
    }
}

/// The byte at which a place begins; the parser does not give it for every error.
fn offset_of(text: &str, position: Position) -> usize {
    let line_start = match position.line {
        0 | 1 => 0,
        line => text
            .match_indices('\n')
            .nth(usize::try_from(line - 2).unwrap_or(usize::MAX))
            .map_or(text.len(), |(i, _)| i + 1),
    };
    let column = usize::try_from(position.column.saturating_sub(1)).unwrap_or(usize::MAX);
    text[line_start..].char_indices().nth(column).map_or(text.len(), |(i, _)| line_start + i)
}

/// The text for a terminal: no control characters but tabs and line ends, and every byte in its place.
fn printable(text: &str) -> String {
    let harmless = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        c if c.is_control() && c.len_utf8() == 1 => ' ',
        c if c.is_control() => '\u{a0}',
        c => c,
    };
    text.chars().map(harmless).collect()
}
