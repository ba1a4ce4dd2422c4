//! What a command ends with, and how it prints.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use miette::{GraphicalReportHandler, GraphicalTheme};
use nsw_lab::doctor::why::AskError;
use nsw_lab::sim::LookupError;
use serde::Serialize;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// How wide the lines of a finding may be.
const WIDTH: usize = 100;

/// How a command ended, for its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Exit code 0.
    Yes,
    /// Exit code 1: the answer is no, or there are findings.
    No,
    /// Exit code 2: the input is wrong, and the answer says where.
    BadInput,
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::SUCCESS,
            Answer::No => Self::from(1),
            Answer::BadInput => Self::from(2),
        }
    }
}

/// Why a command could not do its work: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    text: String,
    hint: Option<String>,
}

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self { text: text.to_string(), hint: None }
    }

    /// A failure with this text and a hint.
    pub(crate) fn with_hint(text: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self { text: text.to_string(), hint: Some(hint.to_string()) }
    }

    /// Prints it to stderr. Whoever closed stderr does not want to know.
    pub(crate) fn print(&self) {
        let mut stderr = anstream::stderr();
        let _ = writeln!(stderr, "{ERROR}error:{ERROR:#} {}", self.text);
        if let Some(hint) = &self.hint {
            let _ = writeln!(stderr, "{HINT}hint:{HINT:#} {hint}");
        }
    }
}

macro_rules! failure_from {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(error)
            }
        })*
    };
}

failure_from!(
    io::Error,
    serde_json::Error,
    miette::Report,
    AskError,
    LookupError,
    crate::host::client::ClientError,
    crate::host::store::StoreError,
    crate::lab::folder::FindError,
);

/// What every command returns.
pub(crate) type Outcome = Result<Answer, Failure>;

/// Prints a line to stdout; a closed pipe ends the output, not the program.
pub(crate) fn line(text: impl fmt::Display) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    match writeln!(stdout, "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(Failure::from),
    }
}

/// Prints a value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    line(serde_json::to_string_pretty(value)?)
}

/// A finding about a file: the line, a caret, a hint.
pub(crate) fn finding(problem: &dyn miette::Diagnostic) -> String {
    let mut text = String::new();
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode()).with_width(WIDTH);
    match handler.render_report(&mut text, problem) {
        Ok(()) => text.trim_end().to_owned(),
        Err(fmt::Error) => problem.to_string(),
    }
}
