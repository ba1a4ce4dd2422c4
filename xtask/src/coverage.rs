//! How much of `nsw-core` its own tests execute: lines and regions on stable, lines and branches on nightly, which alone can
//! count branches. What other crates' tests reach besides is not counted.
//!
//! Not part of the gate: instrumented code is slow, and the figures change little. They stand in `crates/nsw-core/README.md`.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Below this share of lines the command says no.
const LEAST_LINES_PERCENT: f64 = 95.0;
/// Instrumented worlds are slow, and a few thousand execute what all do. `PROPTEST_CASES` overrides it.
const WORLDS: &str = "5000";

const NO_TOOL: &str = "\
coverage needs cargo-llvm-cov, and llvm-tools of the toolchain:
  cargo install --locked cargo-llvm-cov
  rustup component add llvm-tools";
const NO_NIGHTLY: &str = "\
coverage --branches needs a nightly toolchain, stable counts no branches:
  rustup toolchain install nightly --profile minimal --component llvm-tools";

/// Runs the tests, prints a row a file; does enough of it run?
pub(crate) fn command(root: &Path, branches: bool) -> Result<bool, String> {
    require(cargo(branches).arg("--version"), if branches { NO_NIGHTLY } else { NO_TOOL })?;
    require(cargo(branches).args(["llvm-cov", "--version"]), NO_TOOL)?;
    let mut run = cargo(branches);
    run.args(["llvm-cov", "--quiet", "--package", "nsw-core", "--json", "--summary-only"]).current_dir(root);
    if branches {
        run.arg("--branch");
    }
    if std::env::var_os("PROPTEST_CASES").is_none() {
        run.env("PROPTEST_CASES", WORLDS);
    }
    tell!("coverage: tests of nsw-core, instrumented; takes minutes");
    let done = run.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let done = done.map_err(|error| format!("cannot run cargo llvm-cov: {error}"))?;
    if !done.status.success() {
        return Err(format!("cargo llvm-cov failed\n{NO_TOOL}"));
    }
    // What the test harness prints stands before the one line of JSON.
    let printed = String::from_utf8_lossy(&done.stdout);
    let json = printed.lines().find(|line| line.starts_with("{\"data\"")).unwrap_or_default();
    let report = Report::read(json, &format!("{}/", root.display()), branches)?;
    print!("{}", report.text());
    Ok(report.total.lines.percent() >= LEAST_LINES_PERCENT)
}

/// Cargo of the toolchain that can count what is asked.
fn cargo(branches: bool) -> Command {
    if !branches {
        return Command::new(env!("CARGO"));
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["run", "nightly", "cargo"]);
    rustup
}

fn require(probe: &mut Command, otherwise: &str) -> Result<(), String> {
    let ran = probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if ran.is_ok_and(|status| status.success()) { Ok(()) } else { Err(otherwise.to_owned()) }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Share {
    covered: u64,
    count: u64,
}

impl Share {
    fn read(summary: &Value, of: &str) -> Option<Self> {
        let number = |key: &str| summary.get(of)?.get(key)?.as_u64();
        Some(Self { covered: number("covered")?, count: number("count")? })
    }

    #[allow(clippy::cast_precision_loss, reason = "far fewer lines than an f64 counts exactly")]
    fn percent(self) -> f64 {
        if self.count == 0 { 100.0 } else { 100.0 * self.covered as f64 / self.count as f64 }
    }

    fn text(self) -> String {
        format!("{}/{} {:5.1} %", self.covered, self.count, self.percent())
    }
}

struct Row {
    file: String,
    lines: Share,
    /// Regions, or branches.
    finer: Share,
}

impl Row {
    fn read(file: &str, summary: &Value, finer: &str) -> Option<Self> {
        let (lines, finer) = (Share::read(summary, "lines")?, Share::read(summary, finer)?);
        Some(Self { file: file.to_owned(), lines, finer })
    }
}

struct Report {
    finer: &'static str,
    files: Vec<Row>,
    total: Row,
}

impl Report {
    fn read(json: &str, root: &str, branches: bool) -> Result<Self, String> {
        let report: Value = serde_json::from_str(json).map_err(|error| format!("no report: {error}"))?;
        let finer = if branches { "branches" } else { "regions" };
        let data = &report["data"][0];
        let file = |entry: &Value| {
            let name = entry["filename"].as_str()?;
            Row::read(name.strip_prefix(root).unwrap_or(name), &entry["summary"], finer)
        };
        let files: Option<Vec<Row>> =
            data["files"].as_array().and_then(|files| files.iter().map(file).collect());
        let total = Row::read("total", &data["totals"], finer);
        let (Some(files), Some(total)) = (files, total) else {
            return Err(format!("the report of cargo llvm-cov has no lines or no {finer}"));
        };
        Ok(Self { finer, files, total })
    }

    fn text(&self) -> String {
        let mut text = format!("{:<44} {:>18} {:>18}\n", "file", "lines", self.finer);
        for row in self.files.iter().chain([&self.total]) {
            text += &format!("{:<44} {:>18} {:>18}\n", row.file, row.lines.text(), row.finer.text());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"data":[{"files":[{"filename":"/r/crates/nsw-core/src/a.rs","summary":{
        "lines":{"count":8,"covered":7},"regions":{"count":4,"covered":1},"branches":{"count":0,"covered":0}}}],
        "totals":{"lines":{"count":8,"covered":7},"regions":{"count":4,"covered":1},"branches":{"count":0,"covered":0}}}]}"#;

    #[test]
    fn a_report_is_a_row_a_file_and_a_total() {
        let report = Report::read(JSON, "/r/", false).unwrap();
        let rows: Vec<String> =
            report.text().lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let expected = [
            "file lines regions",
            "crates/nsw-core/src/a.rs 7/8 87.5 % 1/4 25.0 %",
            "total 7/8 87.5 % 1/4 25.0 %",
        ];
        assert_eq!(rows, expected);
    }

    #[test]
    fn no_branches_at_all_are_all_covered_and_no_report_is_an_error() {
        assert_eq!(Report::read(JSON, "/r/", true).unwrap().total.finer.text(), "0/0 100.0 %");
        assert!(
            Report::read("{}", "/r/", false).is_err_and(|error| error.contains("no lines or no regions"))
        );
        assert!(Report::read("", "/r/", false).is_err());
    }
}
