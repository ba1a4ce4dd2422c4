//! Every direct dependency has a line in `docs/dependencies.md` that says why, and no line outlives its dependency.

use std::collections::BTreeSet;

use super::{Finding, cells, code_spans, numbered};
use crate::repo::Repo;

const REASONS: &str = "docs/dependencies.md";

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let reasons = repo.text(REASONS).unwrap_or_default();
    let explained: BTreeSet<&str> = rows(reasons).map(|(_, name)| name).collect();
    let own: BTreeSet<&str> = repo.ending("Cargo.toml").filter_map(|(_, text)| package_name(text)).collect();
    let mut used = BTreeSet::new();
    let mut findings = Vec::new();
    for (path, text) in repo.ending("Cargo.toml") {
        for (line, name) in dependencies(text).into_iter().filter(|(_, name)| !own.contains(name)) {
            used.insert(name);
            if !explained.contains(name) {
                let what = format!("{name} has no line in {REASONS}: say there why it is worth having");
                findings.push(Finding::new(path, line, what));
            }
        }
    }
    for (line, name) in rows(reasons).filter(|(_, name)| !used.contains(name)) {
        findings.push(Finding::new(
            REASONS,
            line,
            format!("{name} is no direct dependency: remove the line"),
        ));
    }
    findings
}

fn rows(reasons: &str) -> impl Iterator<Item = (usize, &str)> {
    numbered(reasons).filter_map(|(line, text)| {
        let row = cells(text)?;
        Some((line, code_spans(row[0]).next()?))
    })
}

fn package_name(manifest: &str) -> Option<&str> {
    manifest.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
}

/// Line and name of each entry of the tables whose name ends in `dependencies`.
fn dependencies(manifest: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut found = Vec::new();
    for (line, text) in numbered(manifest) {
        if let Some(table) = text.trim().strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            inside = table.ends_with("dependencies") && !table.starts_with("workspace");
            continue;
        }
        let starts_entry = text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.contains('=');
        if inside && starts_entry {
            let name = text.split(['.', '=', ' ']).next().unwrap_or_default();
            found.push((line, name));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn every_dependency_needs_a_line_and_every_line_a_dependency() {
        let files = [
            (
                "crates/a/Cargo.toml",
                "[package]\nname = \"a\"\n\n[dependencies]\nlibc = \"0.2\"\nb.workspace = true\n",
            ),
            (
                "crates/b/Cargo.toml",
                "[package]\nname = \"b\"\n\n[dev-dependencies]\nproptest = { version = \"1\" }\n",
            ),
            (REASONS, "| crate | why |\n|---|---|\n| `libc` | constants |\n| `rand` | once |\n"),
        ];
        assert_eq!(
            found(check, &files),
            [
                "crates/b/Cargo.toml:5: proptest has no line in docs/dependencies.md: say there why it is worth having",
                "docs/dependencies.md:4: rand is no direct dependency: remove the line",
            ]
        );
    }
}
