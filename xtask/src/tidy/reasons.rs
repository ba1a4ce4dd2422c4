//! Every drop reason has a page that fits a terminal, a rule that gives it, and a test that names it. What the simulator
//! says of frames that no vSwitch dropped has a page and a test.

use unicode_width::UnicodeWidthStr as _;

use super::{Finding, cells, has_word, numbered};
use crate::repo::Repo;

const SOURCE: &str = "crates/nsw-core/src/reason.rs";
const BESIDE: &str = "crates/nsw-lab/src/sim/death.rs";
const SEMANTICS: &str = "docs/semantics.md";
/// The pages of each language.
const PAGES: [&str; 2] = ["docs/reasons/", "docs/reasons/ja/"];
const MAX_LINES: usize = 60;
const MAX_COLUMNS: usize = 100;

pub(super) fn check(repo: &Repo) -> Vec<Finding> {
    let Some(source) = repo.text(SOURCE) else {
        return vec![Finding::new(SOURCE, 0, "not found: tidy reads the drop reasons here")];
    };
    let reasons: Vec<(usize, &str)> =
        numbered(source).filter_map(|(line, text)| Some((line, code_in(text)?))).collect();
    let mut findings = Vec::new();
    for (line, code) in &reasons {
        findings.extend(check_page_and_test(repo, SOURCE, *line, code));
        findings.extend(check_rule(repo, *line, code));
    }
    let beside: Vec<(usize, &str)> = numbered(repo.text(BESIDE).unwrap_or_default())
        .filter_map(|(line, text)| Some((line, code_of_arm(text)?)))
        .collect();
    for (line, code) in &beside {
        findings.extend(check_page_and_test(repo, BESIDE, *line, code));
    }
    let known: Vec<&str> = reasons.iter().chain(&beside).map(|(_, code)| *code).collect();
    for (path, text) in repo.texts().filter(|(path, _)| path.starts_with(PAGES[0])) {
        findings.extend(check_page(path, text, &known));
    }
    findings
}

/// The code in a line of the `reasons!` table, as in `Mtu = 14, "MTU", "...";`.
fn code_in(line: &str) -> Option<&str> {
    let (name_and_number, rest) = line.split_once(", \"")?;
    let (_, number) = name_and_number.split_once(" = ")?;
    number.parse::<u8>().ok()?;
    rest.split_once('"').map(|(code, _)| code)
}

/// The code in an arm of `DeathCause::code`, as in `Self::NoPath => "NO_PATH",`.
fn code_of_arm(line: &str) -> Option<&str> {
    let (_, code) = line.trim().strip_prefix("Self::")?.split_once(" => \"")?;
    let code = code.strip_suffix("\",")?;
    code.chars().all(|c| c.is_ascii_uppercase() || c == '_').then_some(code)
}

fn check_rule(repo: &Repo, line: usize, code: &str) -> Option<Finding> {
    let quoted = format!("`{code}`");
    let mut rows = repo.text(SEMANTICS).unwrap_or_default().lines().filter_map(cells);
    if rows.any(|row| row.len() == 7 && row[4].contains(&quoted)) {
        return None;
    }
    let what = format!("{code} is the reason of no rule: name it in a row of {SEMANTICS}");
    Some(Finding::new(SOURCE, line, what))
}

fn check_page_and_test(repo: &Repo, source: &str, line: usize, code: &str) -> Vec<Finding> {
    let missing = |what: String| Finding::new(source, line, what);
    let pages = PAGES.map(|folder| format!("{folder}{code}.md"));
    let unwritten = pages.iter().filter(|page| repo.text(page).is_none());
    let mut findings: Vec<Finding> =
        unwritten.map(|page| missing(format!("{code} has no page: write {page}"))).collect();
    let in_a_test = |(path, text): (&str, &str)| {
        path.starts_with("crates/") && path.contains("/tests/") && has_word(text, code)
    };
    if !repo.texts().any(in_a_test) {
        findings
            .push(missing(format!("no test under crates/*/tests names {code}: write one that ends in it")));
    }
    findings
}

fn check_page(path: &str, text: &str, known: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let folders = PAGES.iter().rev();
    let name = folders.filter_map(|folder| path.strip_prefix(folder)).next().unwrap_or(path);
    let code = name.trim_end_matches(".md");
    if !known.contains(&code) {
        findings.push(Finding::new(
            path,
            0,
            format!("{SOURCE} has no reason {code}: remove or rename the page"),
        ));
    }
    if text.lines().next() != Some(&format!("# {code}")) {
        findings.push(Finding::new(path, 1, format!("begin the page with `# {code}`")));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        findings.push(Finding::new(path, lines, format!("{lines} lines; a page has at most {MAX_LINES}")));
    }
    for (line, text) in numbered(text) {
        let columns = text.width();
        if columns > MAX_COLUMNS {
            let what = format!("{columns} columns; `nsw explain` prints it raw, so keep to {MAX_COLUMNS}");
            findings.push(Finding::new(path, line, what));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::*;

    const MTU: (&str, &str) = (SOURCE, "reasons! {\n    Mtu = 14, \"MTU\", \"too large\";\n}\n");
    const ROW: (&str, &str) = (SEMANTICS, "| N-1 | limit | us | `mtu` | `MTU` | 1 | pending |\n");
    const PAGE: (&str, &str) = ("docs/reasons/MTU.md", "# MTU\n");
    const JAPANESE: (&str, &str) = ("docs/reasons/ja/MTU.md", "# MTU\n");
    const TEST: (&str, &str) = ("crates/nsw-core/tests/it/mtu.rs", "drop MTU: too large\n");

    #[test]
    fn a_reason_with_row_page_and_test_is_in_order() {
        assert!(found(check, &[MTU, ROW, TEST, PAGE, JAPANESE]).is_empty());
    }

    #[test]
    fn a_reason_without_row_pages_and_test_is_found_four_times() {
        assert_eq!(
            found(check, &[MTU]),
            [
                "crates/nsw-core/src/reason.rs:2: MTU has no page: write docs/reasons/MTU.md",
                "crates/nsw-core/src/reason.rs:2: MTU has no page: write docs/reasons/ja/MTU.md",
                "crates/nsw-core/src/reason.rs:2: MTU is the reason of no rule: name it in a row of docs/semantics.md",
                "crates/nsw-core/src/reason.rs:2: no test under crates/*/tests names MTU: write one that ends in it",
            ]
        );
    }

    #[test]
    fn a_cause_beside_the_switch_has_page_and_test_but_no_rule() {
        let cause = (BESIDE, "    Self::NoPath => \"NO_PATH\",\n    Self::NoPath => \"no cable\",\n");
        assert_eq!(
            found(check, &[MTU, ROW, TEST, PAGE, JAPANESE, cause]),
            [
                "crates/nsw-lab/src/sim/death.rs:1: NO_PATH has no page: write docs/reasons/NO_PATH.md",
                "crates/nsw-lab/src/sim/death.rs:1: NO_PATH has no page: write docs/reasons/ja/NO_PATH.md",
                "crates/nsw-lab/src/sim/death.rs:1: no test under crates/*/tests names NO_PATH: write one that ends in it",
            ]
        );
    }

    #[test]
    fn a_page_without_reason_and_a_line_too_wide_are_found() {
        let wide = format!("# OLD\n{}\n", "x".repeat(101));
        let files = [MTU, ROW, TEST, PAGE, JAPANESE, ("docs/reasons/OLD.md", wide.as_str())];
        assert_eq!(
            found(check, &files),
            [
                "docs/reasons/OLD.md:1: crates/nsw-core/src/reason.rs has no reason OLD: remove or rename the page",
                "docs/reasons/OLD.md:2: 101 columns; `nsw explain` prints it raw, so keep to 100",
            ]
        );
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        let wide = format!("# MTU\n{}\n", "大".repeat(51));
        assert_eq!(
            found(check, &[MTU, ROW, TEST, PAGE, ("docs/reasons/ja/MTU.md", wide.as_str())]),
            ["docs/reasons/ja/MTU.md:2: 102 columns; `nsw explain` prints it raw, so keep to 100"]
        );
    }
}
