//! Does a test notice if a line of the decision says something else? cargo-mutants changes `decide` and its stages one place at
//! a time and runs the tests of `nsw-core`. What survives stands in `crates/nsw-core/mutants.md`, each with the reason why
//! no test can tell; what survives and does not stand there is a finding, and so is a row that no longer survives.
//!
//! Two passes: quick tests for every mutant, then all that `tests/it` and `tests/no_alloc.rs` have for those that
//! survived. Not part of the gate.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::target_folder;

const LIST: &str = "crates/nsw-core/mutants.md";
const FILES: [&str; 3] =
    ["crates/nsw-core/src/decide.rs", "crates/nsw-core/src/decide/*.rs", "crates/nsw-core/src/outcome.rs"];
/// Fewer than one mutant in so many may survive.
const ONE_IN: usize = 20;
const NO_TOOL: &str = "mutants needs cargo-mutants:\n  cargo install --locked cargo-mutants";

struct Pass {
    /// Random worlds of each property.
    worlds: &'static str,
    /// Seconds after which a test runs for ever.
    timeout_s: &'static str,
    extra: &'static [&'static str],
}

const QUICK: Pass = Pass { worlds: "200", timeout_s: "120", extra: &["--", "--", "--skip", "small_worlds"] };
/// Those that were caught are not asked again. What never ends did not pass the quick tests, so a busy machine gets its time.
const THOROUGH: Pass =
    Pass { worlds: "3000", timeout_s: "1200", extra: &["--iterate", "--cargo-arg=--test=no_alloc"] };

/// Runs what is asked, prints the result; is everything that survived known, and little enough?
/// `shard` is as in `1/4`: a part of the mutants, of which no row of the list can be said to be out of date.
pub(crate) fn command(root: &Path, shard: Option<&str>) -> Result<bool, String> {
    let version = Command::new(env!("CARGO")).args(["mutants", "--version"]).output();
    if !version.is_ok_and(|done| done.status.success()) {
        return Err(NO_TOOL.to_owned());
    }
    let list = std::fs::read_to_string(root.join(LIST)).map_err(|error| format!("{LIST}: {error}"))?;
    let first = pass(root, &QUICK, shard)?;
    let survivors =
        if first.survivors.is_empty() { Vec::new() } else { pass(root, &THOROUGH, shard)?.survivors };
    let judged = Judged::of(&first, &survivors, &list, shard.is_none());
    print!("{}", judged.text());
    Ok(judged.holds())
}

/// Mutants are built in a folder of their own, beside what is built otherwise.
fn pass(root: &Path, pass: &Pass, shard: Option<&str>) -> Result<Ran, String> {
    let target = target_folder(root).join("mutants");
    std::fs::create_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
    let mut run = Command::new(env!("CARGO"));
    run.args(["mutants", "--package", "nsw-core", "--profile", "mutants", "--cap-lints", "true"]);
    run.args(["--cargo-arg=--test=it", "--timeout", pass.timeout_s, "--output"]).arg(&target);
    run.args(FILES.iter().flat_map(|file| ["--file", file]));
    run.args(shard.iter().flat_map(|shard| ["--shard", shard])).args(pass.extra);
    run.env("CARGO_TARGET_DIR", &target).env("PROPTEST_CASES", pass.worlds).current_dir(root);
    // A world that fails is the aim here: not to be made small, and not to be kept.
    run.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
    let status = run.stdin(Stdio::null()).status().map_err(|error| format!("cannot run cargo: {error}"))?;
    // 2: some survived; 3: some ran for ever.
    if !matches!(status.code(), Some(0 | 2 | 3)) {
        return Err(format!("cargo mutants ended with {status}"));
    }
    let file = target.join("mutants.out/outcomes.json");
    let json = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ran::read(&json)
}

/// What became of the mutants of a pass.
struct Ran {
    caught: usize,
    /// The tests did not end, which somebody notices too.
    timeout: usize,
    /// They do not compile, and prove nothing.
    unviable: usize,
    /// By name, without the place in the file: lines move.
    survivors: Vec<String>,
}

impl Ran {
    fn read(json: &str) -> Result<Self, String> {
        let report: Value = serde_json::from_str(json).map_err(|error| format!("no report: {error}"))?;
        let outcomes = report["outcomes"].as_array().ok_or("the report of cargo mutants has no outcomes")?;
        let of = |summary: &'static str| outcomes.iter().filter(move |one| one["summary"] == summary);
        let name = |one: &Value| one["scenario"]["Mutant"]["name"].as_str().map(without_place);
        Ok(Self {
            caught: of("CaughtMutant").count(),
            timeout: of("Timeout").count(),
            unviable: of("Unviable").count(),
            survivors: of("MissedMutant").filter_map(name).collect(),
        })
    }
}

/// `a.rs:84:5: replace x` is `a.rs: replace x`.
fn without_place(name: &str) -> String {
    let mut parts = name.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(file), Some(_), Some(_), Some(what)) => format!("{file}:{what}"),
        _ => name.to_owned(),
    }
}

struct Judged {
    /// That compile.
    viable: usize,
    timeout: usize,
    unviable: usize,
    survived: usize,
    findings: Vec<String>,
}

impl Judged {
    fn of(first: &Ran, survivors: &[String], list: &str, whole: bool) -> Self {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        // A bar ends a cell, so the list writes `\|`.
        let list = list.replace("\\|", "|");
        for mutant in list.lines().filter_map(mutant_of_row) {
            *known.entry(mutant).or_default() += 1;
        }
        let mut findings = Vec::new();
        for survivor in survivors {
            match known.get_mut(survivor.as_str()).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => findings.push(format!("survives, and is not in {LIST}: {survivor}")),
            }
        }
        if whole {
            let gone = known.iter().filter(|(_, left)| **left > 0);
            findings.extend(gone.map(|(mutant, _)| format!("{LIST} lists what does not survive: {mutant}")));
        }
        let viable = first.caught + first.timeout + first.survivors.len();
        let survived = survivors.len();
        // Of a part, the share says nothing.
        if whole && survived * ONE_IN >= viable.max(1) {
            findings.push(format!("{survived} of {viable} survive; fewer than one in {ONE_IN} may"));
        }
        Self { viable, timeout: first.timeout, unviable: first.unviable, survived, findings }
    }

    fn holds(&self) -> bool {
        self.findings.is_empty()
    }

    fn text(&self) -> String {
        let Self { viable, timeout, unviable, survived, findings } = self;
        let mut text = format!(
            "{viable} mutants: {} caught, {timeout} of them by never ending; {survived} survive. {unviable} more do not compile.\n",
            viable - survived
        );
        for finding in findings {
            text += &format!("{finding}\n");
        }
        text
    }
}

/// The mutant of a row of the list, in backticks in its first cell. A row must give a reason, or it is none.
fn mutant_of_row(line: &str) -> Option<&str> {
    let (mutant, why) = line.strip_prefix("| `")?.strip_suffix('|')?.split_once("` |")?;
    (!why.trim().is_empty()).then_some(mutant)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{"outcomes":[{"scenario":"Baseline","summary":"Success"},
        {"scenario":{"Mutant":{"name":"a.rs:1:2: replace < with == in f"}},"summary":"MissedMutant"},
        {"scenario":{"Mutant":{"name":"a.rs:3:2: replace f with ()"}},"summary":"CaughtMutant"},
        {"scenario":{"Mutant":{"name":"a.rs:4:2: replace g with ()"}},"summary":"Timeout"},
        {"scenario":{"Mutant":{"name":"a.rs:5:2: replace h with ()"}},"summary":"Unviable"}]}"#;

    fn many(survivor: &str) -> Ran {
        Ran { caught: 99, timeout: 0, unviable: 0, survivors: vec![survivor.to_owned()] }
    }

    #[test]
    fn a_mutant_is_known_by_what_it_changes_and_not_by_its_line() {
        let ran = Ran::read(JSON).unwrap();
        assert_eq!(ran.survivors, ["a.rs: replace < with == in f"]);
        assert_eq!((ran.caught, ran.timeout, ran.unviable), (1, 1, 1));
    }

    #[test]
    fn what_survives_must_be_listed_with_a_reason_as_often_as_it_survives() {
        let ran = many("a.rs: x");
        let judge = |list: &str| Judged::of(&ran, &ran.survivors, list, true).findings;
        assert!(judge("| mutant | why |\n|---|---|\n| `a.rs: x` | equal |\n").is_empty());
        let unlisted = ["survives, and is not in crates/nsw-core/mutants.md: a.rs: x"];
        assert_eq!(judge(""), unlisted);
        assert_eq!(judge("| `a.rs: x` | |\n"), unlisted);
        let twice = ["crates/nsw-core/mutants.md lists what does not survive: a.rs: x"];
        assert_eq!(judge("| `a.rs: x` | equal |\n| `a.rs: x` | equal |\n"), twice);
    }

    #[test]
    fn one_in_twenty_is_too_many() {
        let ran = Ran { caught: 19, ..many("a.rs: x") };
        let judged = Judged::of(&ran, &ran.survivors, "| `a.rs: x` | equal |\n", true);
        assert_eq!(judged.findings, ["1 of 20 survive; fewer than one in 20 may"]);
    }
}
