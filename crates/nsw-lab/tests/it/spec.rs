//! What `parse` says about lab files that are wrong, check by check; and what it makes of those that are right.

mod adapters;
mod beyond;
mod duplicates;
mod limits;
mod meaning;
mod probing;
mod references;
mod shape;
mod words;

use std::fmt::Write;

use expect_test::{Expect, expect};
use miette::{Diagnostic, NarratableReportHandler};
use nsw_lab::spec::{self, Problem};

/// The errors of `text`, or its warnings if it is a lab.
#[track_caller]
fn check(text: &str, expected: &Expect) {
    let problems = match spec::parse("lab.yaml", text) {
        Ok(parsed) => parsed.warnings,
        Err(errors) => errors.problems().to_vec(),
    };
    expected.assert_eq(&problems.iter().map(|problem| render(problem, text)).collect::<String>());
}

fn render(problem: &Problem, text: &str) -> String {
    let mut out = String::new();
    let kind = if problem.is_warning() { "warning" } else { "error" };
    writeln!(out, "{kind} {}: {problem}", problem.position).unwrap();
    for label in problem.labels().into_iter().flatten() {
        let start = text[..label.offset()].rfind('\n').map_or(0, |i| i + 1);
        let line: String = text[start..].lines().next().unwrap_or("").chars().take(140).collect();
        let caret = "^".repeat(label.len().clamp(1, 140));
        let mark = format!("{}{caret} {}", " ".repeat(label.offset() - start), label.label().unwrap_or(""));
        writeln!(out, "  | {}\n  | {}", line.trim_end(), mark.trim_end()).unwrap();
    }
    if let Some(help) = &problem.help {
        writeln!(out, "  {help}").unwrap();
    }
    out
}

// The binary renders with miette; here a renderer without colours shows that name, place and help arrive there.
#[test]
fn errors_are_miette_diagnostics() {
    let errors =
        spec::parse("lab.yaml", "lab: x\nhosts: { h: { vmnics: { a: { segment: b } } } }\n").unwrap_err();
    let mut text = String::new();
    NarratableReportHandler::new().render_report(&mut text, &errors).unwrap();
    expect![[r#"
        lab file `lab.yaml` has an error
            Diagnostic severity: error

        Error: physical adapter `a` of host `h` is cabled to segment `b`, which does not exist
            Diagnostic severity: error

        Begin snippet for lab.yaml starting at line 1, column 1

        snippet line 1: lab: x
        snippet line 2: hosts: { h: { vmnics: { a: { segment: b } } } }
            label at line 2, column 39
    "#]]
    .assert_eq(&text);
}
