//! Do code, documents and tests agree? A check is a function from the repository to findings; a finding says where, and
//! what to do about it.

mod dependencies;
mod links;
mod reasons;
mod rules;
mod scenarios;
mod source;

use std::fmt;

use crate::repo::Repo;

/// Something to put right.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Finding {
    path: String,
    /// Counted from 1; 0 if the file as a whole is meant.
    line: usize,
    text: String,
}

impl Finding {
    fn new(path: &str, line: usize, text: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, text: text.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line.max(1), self.text)
    }
}

/// All findings, by file and line.
pub(crate) fn check(repo: &Repo) -> Vec<Finding> {
    let checks =
        [reasons::check, rules::check, scenarios::check, dependencies::check, links::check, source::check];
    let mut findings: Vec<Finding> = checks.iter().flat_map(|check| check(repo)).collect();
    findings.sort();
    findings.dedup();
    findings
}

/// The lines of a text with their numbers, from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(i, line)| (i + 1, line))
}

/// The cells of a Markdown table row, without the outer bars; `None` if the line is none.
fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

/// What stands between backticks.
fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Does `word` stand in `text` as a whole word?
fn has_word(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(is_word) && !text[at + word.len()..].starts_with(is_word))
}

/// Shows what a check finds in a repository made of these files, one finding a line.
#[cfg(test)]
fn found(check: fn(&Repo) -> Vec<Finding>, files: &[(&str, &str)]) -> Vec<String> {
    let mut findings = check(&Repo::of(files));
    findings.sort();
    findings.iter().map(Finding::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_ends_where_letters_digits_and_underscores_end() {
        assert!(has_word("drop MTU, decided", "MTU"));
        assert!(!has_word("let MTU_MAX = 1", "MTU"));
        assert!(!has_word("forbid(unsafe_code)", "unsafe"));
    }

    #[test]
    fn a_table_row_has_cells_and_other_lines_have_none() {
        assert_eq!(cells("| F-1 | no learning | |"), Some(vec!["F-1", "no learning", ""]));
        assert_eq!(cells("F-1 | no"), None);
    }
}
