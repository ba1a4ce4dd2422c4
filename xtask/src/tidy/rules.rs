//! Every rule that is cited stands in `docs/semantics.md`, and every test named there or in `docs/promises.md` exists.

use std::collections::BTreeMap;

use super::{Finding, cells, code_spans, numbered};
use crate::repo::Repo;

const SEMANTICS: &str = "docs/semantics.md";
const PROMISES: &str = "docs/promises.md";
const CI: &str = ".ci/run";
/// Forwarding, policies, security, promiscuous, VLAN, multicast, teaming, MTU, counters, shaping, beyond vSphere.
const GROUPS: &str = "FPSRVMTNOHX";
const RULE_CELLS: usize = 7;
const PROMISE_CELLS: usize = 3;
const PENDING: &str = "pending";

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let Some(semantics) = repo.text(SEMANTICS) else {
        return vec![Finding::new(SEMANTICS, 0, "not found: the rules stand here")];
    };
    let (rules, mut findings) = rules(semantics);
    for (path, text) in repo.ending(".rs").chain(repo.ending(".md")) {
        if path.starts_with("xtask/") {
            continue; // Its tests are about rules that do not exist.
        }
        for (line, text) in numbered(text) {
            for id in ids(text).filter(|id| !rules.contains_key(id)) {
                let what = format!("{id} is no rule: correct the number, or add a row to {SEMANTICS}");
                findings.push(Finding::new(path, line, what));
            }
        }
    }
    findings.extend(check_tests(repo, semantics));
    findings
}

fn rules(semantics: &str) -> (BTreeMap<&str, usize>, Vec<Finding>) {
    let mut rules = BTreeMap::new();
    let mut findings = Vec::new();
    for (line, text) in numbered(semantics) {
        let Some(row) = cells(text).filter(|row| ids(row[0]).next() == Some(row[0])) else { continue };
        if row.len() != RULE_CELLS {
            let what = format!("{} has {} cells, a rule has {RULE_CELLS}", row[0], row.len());
            findings.push(Finding::new(SEMANTICS, line, what));
        }
        if let Some(first) = rules.insert(row[0], line) {
            let what = format!("{} stands in line {first} already: give this rule a new number", row[0]);
            findings.push(Finding::new(SEMANTICS, line, what));
        }
    }
    (rules, findings)
}

/// The last cell of rules and promises names test functions, or says `pending`; of a promise it may be the benchmark
/// behind it, or a command that is a step of the CI.
fn check_tests(repo: &Repo, semantics: &str) -> Vec<Finding> {
    let promises = repo.text(PROMISES).unwrap_or_default();
    let promises = rows(PROMISES, promises).filter(|(_, _, row)| is_promise(row));
    let rules = rows(SEMANTICS, semantics).filter(|(_, _, row)| is_rule(row));
    rules.chain(promises).flat_map(|(path, line, row)| check_row(repo, path, line, &row)).collect()
}

fn check_row(repo: &Repo, path: &str, line: usize, row: &[&str]) -> Vec<Finding> {
    let empty = |cell: &&str| cell.is_empty() || **cell == *"-";
    if path == SEMANTICS && row.iter().any(empty) {
        let what = format!("{}: a cell is empty: fill it, or say why there is nothing, as `- fixed`", row[0]);
        return vec![Finding::new(path, line, what)];
    }
    let cell = row.last().copied().unwrap_or_default();
    let named: Vec<&str> = code_spans(cell).collect();
    // A measured number is a folder; that the link leads to one is checked with all links.
    let measured = path == PROMISES && cell.contains("](benchmarks/");
    if named.is_empty() && !measured && cell != PENDING {
        let what = format!("{}: name a test function in backticks, or say {PENDING}", row[0]);
        return vec![Finding::new(path, line, what)];
    }
    let missing = named.into_iter().filter(|name| !is_function(repo, name) && !is_step_of_ci(repo, name));
    let what = |name| format!("{}: there is no `fn {name}`: correct the name, or say {PENDING}", row[0]);
    missing.map(|name| Finding::new(path, line, what(name))).collect()
}

fn is_step_of_ci(repo: &Repo, command: &str) -> bool {
    let steps = repo.text(CI).unwrap_or_default().lines().filter(|line| line.starts_with("step "));
    command.starts_with("cargo xtask ") && steps.into_iter().any(|step| step.contains(command))
}

fn rows<'a>(path: &'a str, text: &'a str) -> impl Iterator<Item = (&'a str, usize, Vec<&'a str>)> {
    numbered(text).filter_map(move |(line, text)| Some((path, line, cells(text)?)))
}

fn is_rule(row: &[&str]) -> bool {
    row.len() == RULE_CELLS && ids(row[0]).next().is_some()
}

/// A row of the table of promises, neither its header nor the line below.
fn is_promise(row: &[&str]) -> bool {
    row.len() == PROMISE_CELLS && row[0] != "promise" && !row[0].starts_with('-')
}

fn is_function(repo: &Repo, name: &str) -> bool {
    let declared = format!("fn {name}(");
    repo.ending(".rs").any(|(_, text)| text.contains(&declared))
}

/// The rule ids in a line: a group's letter, a dash and a number, not part of a longer word.
fn ids(line: &str) -> impl Iterator<Item = &str> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    line.match_indices('-').filter_map(move |(dash, _)| {
        let start = dash.checked_sub(1)?;
        let letter = line.get(start..dash)?;
        let digits = line[dash + 1..].bytes().take_while(u8::is_ascii_digit).count();
        let end = dash + 1 + digits;
        let whole = !line[..start].ends_with(is_word) && !line[end..].starts_with(is_word);
        let is_id = GROUPS.contains(letter) && digits > 0 && digits < 3 && whole;
        is_id.then(|| &line[start..end])
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn ids_are_found_in_prose_and_not_in_other_words() {
        let text = "rules F-1 to F-9, R-5; not VLAN-1, T-1000, PG-N, N-, F-1a, nested-1";
        assert_eq!(ids(text).collect::<Vec<_>>(), ["F-1", "F-9", "R-5"]);
    }

    #[test]
    fn a_cited_rule_must_stand_in_the_table() {
        let files = [
            (SEMANTICS, "| F-1 | s | e | o | r | 1 | pending |\n"),
            ("crates/nsw-core/src/decide.rs", "//! Rules F-1 and F-2.\n"),
        ];
        let expected = "crates/nsw-core/src/decide.rs:1: F-2 is no rule: correct the number, or add a row to docs/semantics.md";
        assert_eq!(found(check, &files), [expected]);
    }

    #[test]
    fn a_promise_may_stand_on_a_benchmark_and_a_rule_may_not() {
        let files = [
            (
                PROMISES,
                "| promise | number | test |\n|---|---|---|\n| fast | 1 | [run](benchmarks/run/README.md) |\n",
            ),
            (SEMANTICS, "| F-1 | s | e | o | r | 1 | [run](benchmarks/run/README.md) |\n"),
        ];
        let expected = ["docs/semantics.md:1: F-1: name a test function in backticks, or say pending"];
        assert_eq!(found(check, &files), expected);
    }

    #[test]
    fn a_cell_of_a_rule_is_filled_or_says_why_not() {
        let table = "| F-1 | s | e | | r | 1 | pending |\n| F-2 | s | e | - | r | 1 | pending |\n\
                     | F-3 | s | e | - fixed | r | 1 | pending |\n";
        let expected = ["1: F-1", "2: F-2"].map(|row| {
            format!("{SEMANTICS}:{row}: a cell is empty: fill it, or say why there is nothing, as `- fixed`")
        });
        assert_eq!(found(check, &[(SEMANTICS, table)]), expected);
    }

    #[test]
    fn a_named_test_must_exist_and_other_words_are_found() {
        let files = [
            (SEMANTICS, "| F-1 | s | e | o | r | 1 | `a`, `b` |\n| F-2 | s | e | o | r | 1 | none |\n"),
            ("crates/nsw-core/tests/it/f.rs", "#[test]\nfn a() {}\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "docs/semantics.md:1: F-1: there is no `fn b`: correct the name, or say pending",
                "docs/semantics.md:2: F-2: name a test function in backticks, or say pending",
            ]
        );
    }

    #[test]
    fn a_promise_names_its_test_too() {
        let table =
            "| promise | number | test |\n|---|---|---|\n| Fast | 1 s | `gone` |\n| Small | 1 | pending |\n";
        assert_eq!(
            found(check, &[(SEMANTICS, ""), (PROMISES, table)]),
            ["docs/promises.md:3: Fast: there is no `fn gone`: correct the name, or say pending"]
        );
    }

    #[test]
    fn a_promise_may_name_a_step_of_the_ci() {
        let table = "| promise | number | test |\n|---|---|---|\n| A | 1 | `cargo xtask a` |\n| B | 1 | `cargo xtask b` |\n";
        let files =
            [(SEMANTICS, ""), (PROMISES, table), (CI, "step 'a' cargo xtask a --fast\n# cargo xtask b\n")];
        assert_eq!(
            found(check, &files),
            ["docs/promises.md:4: B: there is no `fn cargo xtask b`: correct the name, or say pending"]
        );
    }

    #[test]
    fn a_number_is_given_once() {
        let twice = "| F-1 | s | e | o | r | 1 | pending |\n| F-1 | s | e | o | r | 1 | pending |\n";
        assert_eq!(
            found(check, &[(SEMANTICS, twice)]),
            ["docs/semantics.md:2: F-1 stands in line 1 already: give this rule a new number"]
        );
    }
}
