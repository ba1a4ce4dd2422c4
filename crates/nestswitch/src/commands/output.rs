//! What a command ends with, and how it prints.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use serde::Serialize;

/// How a command ended, for its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Exit code 0.
    Yes,
    /// Exit code 1: the answer is no, or there are findings.
    No,
}

impl From<Answer> for ExitCode {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Yes => Self::SUCCESS,
            Answer::No => Self::from(1),
        }
    }
}

/// Why a command could not do its work: exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    report: miette::Report,
}

impl Failure {
    /// A failure with this text.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self { report: miette::miette!("{text}") }
    }

    /// A failure with this text and a hint.
    pub(crate) fn with_hint(text: impl fmt::Display, hint: impl fmt::Display) -> Self {
        Self { report: miette::miette!(help = format!("{hint}"), "{text}") }
    }

    /// Prints it to stderr.
    pub(crate) fn print(&self) {
        anstream::eprintln!("{:?}", self.report);
    }
}

impl From<miette::Report> for Failure {
    fn from(report: miette::Report) -> Self {
        Self { report }
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
