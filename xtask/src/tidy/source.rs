//! What no line of this repository contains, and how long a source file may be.

use super::{Finding, has_word, numbered};
use crate::repo::Repo;

const MAX_LINES: usize = 600;
/// Text that others wrote, or that must be kept byte by byte.
const VERBATIM: [&str; 4] = ["LICENSE", "Cargo.lock", "fuzz/corpus/", "/tests/data/"];
/// Words that mean that something was put off.
const PUT_OFF: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("X", "XX")];
/// Folders that exist on one machine only.
const MACHINE: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/tmp/", "wt-")];
/// File names that say nothing about what is inside.
const VAGUE: [&str; 6] = ["utils.rs", "util.rs", "common.rs", "helper.rs", "helpers.rs", "manager.rs"];

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repo.texts().filter(|(path, _)| !VERBATIM.iter().any(|part| path.contains(part))) {
        check_text(path, text, &mut findings);
        if path.ends_with(".rs") {
            check_rust(path, text, &mut findings);
        }
    }
    findings
}

fn check_text(path: &str, text: &str, findings: &mut Vec<Finding>) {
    for (line, text) in numbered(text) {
        let mut find = |what: String| findings.push(Finding::new(path, line, what));
        if text.contains('\t') {
            find("a tab: use spaces".to_owned());
        }
        // An expected text in a test may well end a line with a space.
        if text.ends_with([' ', '\r']) && !path.contains("/tests/") {
            find("a space at the end of the line: remove it".to_owned());
        }
        if let Some(word) = PUT_OFF.iter().find(|word| has_word(text, word)) {
            find(format!("{word}: do it, or write an issue and say in the text what is missing"));
        }
        if let Some(folder) = MACHINE.iter().find(|folder| text.contains(*folder)) {
            find(format!("{folder} is a folder of somebody's machine: use a relative path"));
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        findings.push(Finding::new(path, text.lines().count(), "no newline at the end of the file: add one"));
    }
}

fn check_rust(path: &str, text: &str, findings: &mut Vec<Finding>) {
    let lines = text.lines().count();
    if path.starts_with("crates/") && path.contains("/src/") && lines > MAX_LINES {
        findings.push(Finding::new(
            path,
            lines,
            format!("{lines} lines: split the file, {MAX_LINES} is the limit"),
        ));
    }
    if VAGUE.iter().any(|name| path.ends_with(&format!("/{name}"))) {
        findings.push(Finding::new(path, 0, "name the file after what it is about"));
    }
    for (line, text) in numbered(text) {
        let code = without_strings_and_comment(text);
        if has_word(&code, "unsafe")
            && !path.starts_with("crates/nsw-dataplane/src/sys")
            && !path.starts_with("xtask/")
        {
            findings.push(Finding::new(
                path,
                line,
                "unsafe code stands in crates/nsw-dataplane/src/sys only: move it there",
            ));
        }
        if code.trim_start().starts_with(concat!("#[ig", "nore")) {
            findings.push(Finding::new(
                path,
                line,
                "a test that is not run tests nothing: repair or remove it",
            ));
        }
    }
}

/// What of a line is code, near enough: strings that span lines are taken for code.
fn without_strings_and_comment(line: &str) -> String {
    let outside_strings: String = line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
    outside_strings.split("//").next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn what_was_put_off_and_what_is_of_one_machine_is_found() {
        let text = format!("a\tb\nc \n// {} later\nsee {}me/notes\nend", PUT_OFF[0], MACHINE[1]);
        assert_eq!(
            found(check, &[("docs/a.md", &text)]),
            [
                "docs/a.md:1: a tab: use spaces".to_owned(),
                "docs/a.md:2: a space at the end of the line: remove it".to_owned(),
                format!(
                    "docs/a.md:3: {}: do it, or write an issue and say in the text what is missing",
                    PUT_OFF[0]
                ),
                format!("docs/a.md:4: {} is a folder of somebody's machine: use a relative path", MACHINE[1]),
                "docs/a.md:5: no newline at the end of the file: add one".to_owned(),
            ]
        );
    }

    #[test]
    fn unsafe_code_stands_in_one_place() {
        let files = [
            ("crates/nsw-dataplane/src/sys/tun.rs", "unsafe { ioctl() }\n"),
            (
                "crates/nsw-lab/src/a.rs",
                "#![forbid(unsafe_code)]\n// unsafe is not here\nreason = \"no unsafe code\"\n",
            ),
            ("crates/nsw-lab/src/b.rs", "let x = unsafe { f() };\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "crates/nsw-lab/src/b.rs:1: unsafe code stands in crates/nsw-dataplane/src/sys only: move it there"
            ]
        );
    }

    #[test]
    fn a_long_source_file_is_found_and_a_long_test_is_not() {
        let long = "//\n".repeat(601);
        assert_eq!(
            found(check, &[("crates/a/src/lib.rs", &long), ("crates/a/tests/it/main.rs", &long)]),
            ["crates/a/src/lib.rs:601: 601 lines: split the file, 600 is the limit"]
        );
    }
}
