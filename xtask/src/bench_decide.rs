//! Nanoseconds a decision: the benchmark of `nsw-core` in rounds, so that each figure is a median of measurements that stand
//! apart in time, with all others in between. A machine that was busy for a while then shows in the spread, not in one row.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use indicatif::ProgressBar;
use serde_json::Value;

use crate::bench_live::{load, machine};
use crate::{shell, target_folder};

/// Seconds before and during the measurement of one case in one round.
const TIMES: [&str; 6] = ["--warm-up-time", "0.2", "--measurement-time", "0.5", "--sample-size", "15"];

pub(crate) struct Plan {
    pub(crate) rounds: usize,
    /// Where the results go; nowhere if `None`.
    pub(crate) into: Option<PathBuf>,
}

impl Plan {
    /// # Errors
    /// Says which word is none.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut plan = Self { rounds: 5, into: None };
        for pair in words.chunks(2) {
            match *pair {
                ["--rounds", rounds] => {
                    let number = rounds.parse().ok().filter(|rounds| *rounds > 0);
                    plan.rounds =
                        number.ok_or_else(|| format!("bench-decide: `{rounds}` is no number of rounds"))?;
                }
                ["--into", folder] => plan.into = Some(folder.into()),
                [word, ..] => return Err(format!("bench-decide: `{word}` is no option, or lacks its value")),
                [] => {}
            }
        }
        Ok(plan)
    }
}

/// Medians in nanoseconds, a round each, by case and by the number that the case is measured with.
type Cases = BTreeMap<Case, Vec<f64>>;

/// As in `known unicast`, `registered`, 10.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Debug)]
struct Case {
    parameter: String,
    name: String,
    number: u32,
}

impl Case {
    fn read(full_id: &str) -> Option<Self> {
        let mut parts = full_id.rsplitn(3, '/');
        let (number, parameter, name) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { parameter: parameter.to_owned(), name: name.to_owned(), number: number.parse().ok()? })
    }
}

/// Measures and prints the tables.
pub(crate) fn run(root: &Path, plan: &Plan) -> io::Result<()> {
    let home = target_folder(root).join("bench-decide");
    let bench = |options: &[&str]| -> io::Result<()> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["bench", "--quiet", "--package", "nsw-core", "--bench", "decide"]).args(options);
        shell::checked(cargo.env("CRITERION_HOME", &home).current_dir(root))
    };
    bench(&["--no-run"])?;
    let bar = ProgressBar::new(u64::try_from(plan.rounds).unwrap_or(0)).with_message("decide");
    let mut cases = Cases::new();
    let mut loads = String::new();
    for round in 1..=plan.rounds {
        // What an earlier run left behind is not measured now.
        if home.exists() {
            std::fs::remove_dir_all(&home)?;
        }
        let before = load();
        bench(&[&["--"], &TIMES[..]].concat())?;
        collect(&home, &mut cases)?;
        let _ = writeln!(loads, "round {round}: load {before} before, {} after", load());
        bar.inc(1);
    }
    bar.finish_and_clear();
    let tables = tables(&cases);
    print!("{loads}\n{tables}");
    if let Some(folder) = &plan.into {
        let command =
            format!("cargo xtask bench-decide --rounds {} --into {}", plan.rounds, folder.display());
        let head = format!("{}\n{command}", machine());
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("decide.txt"), format!("{head}\n\n{loads}\n{}", raw(&cases)))?;
        let readme = format!(
            "# `decide`, nanoseconds a frame\n\nMedians of {} rounds, least and largest in brackets; one core. \
             A round measures every case once. Raw: [decide.txt](decide.txt).\n\n```text\n{head}\n{loads}```\n\n{tables}",
            plan.rounds
        );
        std::fs::write(folder.join("README.md"), readme)?;
    }
    Ok(())
}

/// Criterion keeps each case in folders of its own, at any depth.
fn collect(folder: &Path, cases: &mut Cases) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.ends_with("new") {
            let json = |name| -> io::Result<Value> {
                Ok(serde_json::from_str(&std::fs::read_to_string(path.join(name))?)?)
            };
            let (case, estimates) = (json("benchmark.json")?, json("estimates.json")?);
            let found = case["full_id"].as_str().and_then(Case::read);
            let median = estimates["median"]["point_estimate"].as_f64();
            let (Some(case), Some(median)) = (found, median) else {
                return Err(io::Error::other(format!("{}: no case with a median", path.display())));
            };
            cases.entry(case).or_default().push(median);
        } else if path.is_dir() {
            collect(&path, cases)?;
        }
    }
    Ok(())
}

/// A table for each parameter: a row a case, a column a number.
fn tables(cases: &Cases) -> String {
    let mut parameters: Vec<&str> = cases.keys().map(|case| case.parameter.as_str()).collect();
    parameters.dedup();
    let table = |parameter: &&str| {
        let of = |case: &&Case| case.parameter == **parameter;
        let mut numbers: Vec<u32> = cases.keys().filter(of).map(|case| case.number).collect();
        let mut names: Vec<&str> = cases.keys().filter(of).map(|case| case.name.as_str()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        names.dedup();
        let heads: Vec<String> = numbers.iter().map(u32::to_string).collect();
        let mut text =
            format!("| {parameter} | {} |\n|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
        for name in names {
            let cell = |number: &u32| {
                let case =
                    Case { parameter: (*parameter).to_owned(), name: name.to_owned(), number: *number };
                cases.get(&case).map_or_else(|| "-".to_owned(), |medians| figure(medians))
            };
            let _ =
                writeln!(text, "| {name} | {} |", numbers.iter().map(cell).collect::<Vec<_>>().join(" | "));
        }
        text
    };
    parameters.iter().map(table).collect::<Vec<_>>().join("\n")
}

/// The median of the rounds, with the least and the largest.
fn figure(medians: &[f64]) -> String {
    let mut sorted = medians.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(least), Some(middle), Some(most)) => format!("{middle:.0} ns [{least:.0}-{most:.0}]"),
        _ => "-".to_owned(),
    }
}

fn raw(cases: &Cases) -> String {
    let mut text = String::new();
    for (Case { parameter, name, number }, medians) in cases {
        let rounds: Vec<String> = medians.iter().map(|median| format!("{median:.1}")).collect();
        let _ = writeln!(text, "{name}/{parameter}/{number}: {} ns", rounds.join(" "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_from_criterions_id() {
        let case = Case::read("everything on: known unicast/registered/1000").unwrap();
        assert_eq!(
            (case.name.as_str(), case.parameter.as_str(), case.number),
            ("everything on: known unicast", "registered", 1000)
        );
        assert_eq!(Case::read("known unicast"), None);
    }

    #[test]
    fn a_table_has_a_row_a_case_and_a_dash_where_nothing_was_measured() {
        let mut cases = Cases::new();
        for (id, medians) in [("a/registered/1000", [9.0, 7.0, 8.4]), ("b/registered/10", [1.0, 1.0, 3.0])] {
            cases.insert(Case::read(id).unwrap(), medians.to_vec());
        }
        let expected =
            "| registered | 10 | 1000 |\n|---|---|---|\n| a | - | 8 ns [7-9] |\n| b | 1 ns [1-3] | - |\n";
        assert_eq!(tables(&cases), expected);
    }

    #[test]
    fn a_word_that_is_no_option_is_named() {
        assert!(
            Plan::parse(&["--rounds", "0"]).is_err_and(|error| error.contains("`0` is no number of rounds"))
        );
        assert!(Plan::parse(&["--round", "3"]).is_err_and(|error| error.contains("`--round`")));
        assert!(Plan::parse(&["--into"]).is_err_and(|error| error.contains("lacks its value")));
    }
}
