//! Links from one Markdown file to another lead somewhere: the file is there, and so is the heading.

use super::{Finding, numbered};
use crate::repo::Repo;

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in repo.ending(".md") {
        let prose = prose(text);
        for (line, text) in &prose {
            for target in targets(text).filter(|target| !is_external(target)) {
                if let Some(what) = objection(repo, path, target) {
                    findings.push(Finding::new(path, *line, what));
                }
            }
            for name in reference_uses(text) {
                let definition = format!("[{name}]: ");
                if !prose.iter().any(|(_, text)| text.starts_with(&definition)) {
                    findings.push(Finding::new(
                        path,
                        *line,
                        format!("[{name}] is defined nowhere in this file"),
                    ));
                }
            }
        }
    }
    findings
}

/// The lines outside code blocks, without their inline code.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut kept = Vec::new();
    for (line, text) in numbered(text) {
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced && !text.starts_with("    ") {
            kept.push((line, text.split('`').step_by(2).collect::<Vec<_>>().join("`")));
        }
    }
    kept
}

/// What stands in `](...)`, and after `]: ` in a definition.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
    let inline = line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
    inline.chain(definition)
}

/// The names in `[text][name]`.
fn reference_uses(line: &str) -> impl Iterator<Item = &str> {
    line.split("][").skip(1).filter_map(|rest| Some(rest.split_once(']')?.0))
}

fn is_external(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

fn objection(repo: &Repo, from: &str, target: &str) -> Option<String> {
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { from.to_owned() } else { resolve(from, file) };
    if !repo.has(&path) {
        return Some(format!("the link leads to {path}, which is not there: correct or remove it"));
    }
    let text = repo.text(&path).filter(|_| path.ends_with(".md"))?;
    let missing = !heading.is_empty() && !headings(text).any(|slug| slug == heading);
    missing.then(|| format!("{path} has no heading #{heading}: correct the link"))
}

fn resolve(from: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors that code hosts make of headings: lower case, spaces to dashes, punctuation gone.
fn headings(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    #[test]
    fn links_to_files_folders_and_headings_resolve() {
        let files = [
            (
                "README.md",
                "[a](docs/a.md#the-end), [docs](docs/), [out](https://example.org), [r][ref]\n\n[ref]: docs/a.md\n",
            ),
            ("docs/a.md", "# Start\n\n## The end\n\n[back](../README.md) and `x[0](no)`\n"),
        ];
        assert!(found(check, &files).is_empty());
    }

    #[test]
    fn a_link_into_nothing_is_found() {
        let files = [("docs/a.md", "# A\n[b](b.md) [h](#nowhere)\n[text][undefined]\n")];
        assert_eq!(
            found(check, &files),
            [
                "docs/a.md:2: docs/a.md has no heading #nowhere: correct the link",
                "docs/a.md:2: the link leads to docs/b.md, which is not there: correct or remove it",
                "docs/a.md:3: [undefined] is defined nowhere in this file",
            ]
        );
    }
}
