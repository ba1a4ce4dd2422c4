//! The table of scenarios in `docs/semantics.md` and the data of the scenarios say the same: which there are, which rules decide
//! them, and why a live lab cannot tell, if so. A rule lists the scenarios that it decides.

use std::collections::BTreeMap;

use nsw_lab::scenario::Scenario;

use super::{Finding, cells, numbered};
use crate::repo::Repo;

const SEMANTICS: &str = "docs/semantics.md";
const DATA: &str = "crates/nsw-lab/tests/data/scenarios/";
/// Number, setting, frame, expected, rules, core, simulator, live.
const SCENARIO_CELLS: usize = 8;
/// Id, statement, evidence, option, reason, scenarios, test.
const RULE_CELLS: usize = 7;

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
    let mut numbers = Vec::new();
    for (line, text) in numbered(semantics) {
        let is_row = |row: &Vec<&str>| row[0].parse::<u32>().is_ok();
        let Some(row) = cells(text).filter(is_row) else { continue };
        let mut found = |what: String| findings.push(Finding::new(SEMANTICS, line, what));
        let number = row[0];
        numbers.push(number.parse::<u32>().unwrap_or_default());
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
        for rule in scenario.rules.iter().filter(|rule| !lists(semantics, rule, number)) {
            found(format!("scenario {number} is decided by {rule}, whose row does not list it"));
        }
    }
    let gaps = numbers.windows(2).filter(|pair| pair[0] + 1 != pair[1]);
    findings.extend(gaps.map(|pair| {
        Finding::new(
            SEMANTICS,
            0,
            format!("scenario {} does not follow {}: one is missing", pair[1], pair[0]),
        )
    }));
    let what = |number| format!("scenario {number} has data and no row");
    findings.extend(data.keys().map(|number| Finding::new(SEMANTICS, 0, what(number))));
    findings
}

/// Does the row of `rule` list the scenario, as in `1-4, 8` or `all`?
fn lists(semantics: &str, rule: &str, number: &str) -> bool {
    let number = number.parse::<u32>().unwrap_or_default();
    let mut rows =
        semantics.lines().filter_map(cells).filter(|row| row.len() == RULE_CELLS && row[0] == rule);
    rows.any(|row| row[5].starts_with("all") || row[5].split(", ").any(|part| is_in(part, number)))
}

/// Is the number in `4`, or in `1-4`?
fn is_in(range: &str, number: u32) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    matches!((first.parse::<u32>(), last.parse::<u32>()), (Ok(first), Ok(last)) if (first..=last).contains(&number))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const NUMBER_7: &str = "scenario: 7\ntitle: t\ntopology: t1\nrules: [F-1]\nsteps: []\n";

    #[test]
    fn a_row_that_says_something_else_is_found() {
        let files = [
            (
                SEMANTICS,
                "| F-1 | s | e | o | r | 5-7 | t |\n| 7 | s | f | e | F-1, F-2 | yes | yes | no: too hot |\n",
            ),
            ("crates/nsw-lab/tests/data/scenarios/07.yaml", NUMBER_7),
        ];
        let expected = [
            "docs/semantics.md:2: scenario 7 says `F-1, F-2`, its data `F-1`",
            "docs/semantics.md:2: scenario 7 says `no: too hot`, its data `yes`",
        ];
        assert_eq!(found(check, &files), expected);
    }

    #[test]
    fn a_rule_lists_its_scenarios_and_no_number_is_left_out() {
        let table = "| F-1 | s | e | o | r | 1-6, 8 | t |\n| 7 | s | f | e | F-1 | yes | yes | yes |\n";
        let data = ("crates/nsw-lab/tests/data/scenarios/07.yaml", NUMBER_7);
        let expected = "docs/semantics.md:2: scenario 7 is decided by F-1, whose row does not list it";
        assert_eq!(found(check, &[(SEMANTICS, table), data]), [expected]);

        let gap = "| F-1 | s | e | o | r | 7, 9 | t |\n| 7 | s | f | e | F-1 | yes | yes | yes |\n\
                   | 9 | s | f | e | F-1 | yes | yes | yes |\n";
        let ninth = NUMBER_7.replace("scenario: 7", "scenario: 9");
        let files = [(SEMANTICS, gap), data, ("crates/nsw-lab/tests/data/scenarios/09.yaml", ninth.as_str())];
        assert_eq!(
            found(check, &files),
            ["docs/semantics.md:1: scenario 9 does not follow 7: one is missing"]
        );
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
