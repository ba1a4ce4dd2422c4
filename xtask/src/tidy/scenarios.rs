//! The table of scenarios in `docs/semantics.md` and the data of the scenarios say the same: which there are, which rules decide
//! them, and why a live lab cannot tell, if so.

use std::collections::BTreeMap;

use nsw_lab::scenario::Scenario;

use super::{Finding, cells, numbered};
use crate::repo::Repo;

const SEMANTICS: &str = "docs/semantics.md";
const DATA: &str = "crates/nsw-lab/tests/data/scenarios/";
/// Number, setting, frame, expected, rules, core, simulator, live.
const SCENARIO_CELLS: usize = 8;

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut data: BTreeMap<String, Scenario> = BTreeMap::new();
    for (path, text) in repo.ending(".yaml").filter(|(path, _)| path.starts_with(DATA)) {
        match Scenario::parse(text) {
            Ok(scenario) => drop(data.insert(scenario.number.to_string(), scenario)),
            Err(error) => findings.push(Finding::new(path, 0, format!("is no scenario: {error}"))),
        }
    }
    let semantics = repo.text(SEMANTICS).unwrap_or_default();
    for (line, text) in numbered(semantics) {
        let is_row = |row: &Vec<&str>| row[0].parse::<u32>().is_ok();
        let Some(row) = cells(text).filter(is_row) else { continue };
        let mut found = |what: String| findings.push(Finding::new(SEMANTICS, line, what));
        let number = row[0];
        if row.len() != SCENARIO_CELLS {
            found(format!("scenario {number} has {} cells, not {SCENARIO_CELLS}", row.len()));
            continue;
        }
        let Some(scenario) = data.remove(number) else {
            found(format!("scenario {number} has no data in {DATA}, or stands here twice"));
            continue;
        };
        let live = scenario.not_live.as_ref().map_or_else(|| "yes".to_owned(), |why| format!("no: {why}"));
        let of_data = [scenario.rules.join(", "), "yes".to_owned(), "yes".to_owned(), live];
        for (cell, of_data) in row[4..].iter().zip(of_data) {
            if *cell != of_data {
                found(format!("scenario {number} says `{cell}`, its data `{of_data}`"));
            }
        }
    }
    let what = |number| format!("scenario {number} has data and no row");
    findings.extend(data.keys().map(|number| Finding::new(SEMANTICS, 0, what(number))));
    findings
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const NUMBER_7: &str = "scenario: 7\ntitle: t\ntopology: t1\nrules: [F-1]\nsteps: []\n";

    #[test]
    fn a_row_that_says_something_else_is_found() {
        let files = [
            (SEMANTICS, "| 7 | s | f | e | F-1, F-2 | yes | yes | no: too hot |\n"),
            ("crates/nsw-lab/tests/data/scenarios/07.yaml", NUMBER_7),
        ];
        let expected = [
            "docs/semantics.md:1: scenario 7 says `F-1, F-2`, its data `F-1`",
            "docs/semantics.md:1: scenario 7 says `no: too hot`, its data `yes`",
        ];
        assert_eq!(found(check, &files), expected);
    }

    #[test]
    fn a_row_and_its_data_need_each_other() {
        let files = [
            (SEMANTICS, "| 8 | s | f | e | F-1 | yes | yes | yes |\n"),
            ("crates/nsw-lab/tests/data/scenarios/07.yaml", NUMBER_7),
        ];
        let expected = [
            "docs/semantics.md:1: scenario 7 has data and no row",
            "docs/semantics.md:1: scenario 8 has no data in crates/nsw-lab/tests/data/scenarios/, or stands here twice",
        ];
        assert_eq!(found(check, &files), expected);
    }
}
