//! Hundreds of damaged lab files, made from the examples: each is a lab or has errors with a line, and none panics.
//!
//! The damage is deterministic, so a failure names its file by kind and number. What is certainly no lab any more must
//! be refused; other damage may leave a lab, as a deleted VM does.

use miette::NarratableReportHandler;
use nsw_lab::spec;

use crate::examples::example;

/// How a text was damaged, and whether a lab may be left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Certainty {
    NoLab,
    MaybeLab,
}

struct Case {
    name: String,
    certainty: Certainty,
    text: String,
}

#[test]
fn damaged_files_are_refused_with_a_line_and_never_panic() {
    let sources = ["cloned-host.yaml", "nested-method2.yaml", "teaming.yaml", "vlan-trunk.yaml"];
    let cases: Vec<Case> = sources.iter().flat_map(|name| damage(name, &example(name))).collect();
    let certain = cases.iter().filter(|case| case.certainty == Certainty::NoLab).count();
    assert!(cases.len() >= 1000, "only {} files", cases.len());
    assert!(certain >= 400, "only {certain} files that are certainly wrong");
    cases.iter().for_each(check);
}

fn check(case: &Case) {
    let errors = match spec::parse(&case.name, &case.text) {
        Ok(_) => {
            assert_eq!(case.certainty, Certainty::MaybeLab, "{} was accepted:\n{}", case.name, case.text);
            return;
        }
        Err(errors) => errors,
    };
    let lines = u32::try_from(case.text.lines().count()).unwrap() + 1;
    assert!(!errors.problems().is_empty(), "{}: refused without a reason", case.name);
    for problem in errors.problems() {
        let line = problem.position.line;
        assert!((1..=lines).contains(&line), "{}: {problem} at line {line} of {lines}", case.name);
        assert!(!problem.to_string().is_empty(), "{}: an error without a message", case.name);
    }
    let rendered = NarratableReportHandler::new().render_report(&mut String::new(), &errors);
    assert!(rendered.is_ok(), "{}: the errors cannot be rendered", case.name);
}

fn damage(name: &str, text: &str) -> Vec<Case> {
    let lines: Vec<&str> = text.lines().collect();
    let content = || (0..lines.len()).filter(|&i| !lines[i].starts_with('#') && !lines[i].is_empty());
    let mut cases = Cases { name, made: Vec::new() };
    for i in content() {
        let indent = lines[i].len() - lines[i].trim_start().len();
        let pad = " ".repeat(indent);
        cases.maybe("deleted", i, join(&lines, i, None));
        cases.maybe("deeper", i, join(&lines, i, Some(format!(" {}", lines[i]))));
        cases.maybe("flatter", i, join(&lines, i, Some(lines[i].strip_prefix(' ').unwrap_or("").to_owned())));
        cases.maybe("words swapped", i, join(&lines, i, Some(lines[i].replace(['a', '1'], "5"))));
        cases.maybe("colons gone", i, join(&lines, i, Some(lines[i].replace(':', ""))));
        cases.never("duplicated", i, join(&lines, i, Some(duplicate(lines[i]))));
        cases.never("unknown key", i, join(&lines, i, Some(format!("{pad}no-such-key: 1\n{}", lines[i]))));
        cases.never("open quote", i, join(&lines, i, Some(format!("{}\n{pad}\"open: {{ [", lines[i]))));
        cases.never("control character", i, join(&lines, i, Some(format!("{}\u{1}\u{0}", lines[i]))));
    }
    for (i, (from, to)) in REPLACEMENTS.iter().enumerate().filter(|(_, (from, _))| text.contains(from)) {
        cases.never("replaced", i, text.replace(from, to));
    }
    for tenth in 1..10 {
        let end = text.len() * tenth / 10;
        cases.maybe("truncated", tenth, String::from_utf8_lossy(&text.as_bytes()[..end]).into_owned());
        let noise: String = noise(tenth).take(200).collect();
        cases.maybe("noise", tenth, format!("{}{noise}{}", &text[..end], &text[end..]));
    }
    for (i, depth) in [200, 5000, 100_000].into_iter().enumerate() {
        cases.never("deep list", i, format!("{text}deep: {}", "[".repeat(depth)));
        cases.never("deep mapping", i, format!("lab: x\nhosts: {}", "{ a: ".repeat(depth)));
    }
    cases.made
}

/// Every occurrence of the first, made the second, is certainly wrong.
const REPLACEMENTS: &[(&str, &str)] = &[
    ("lab:", "laboratory:"),
    ("lab:", "lab: [1]\nlabs:"),
    ("hosts:", "hosts: 99999999999999999999999999999999\nh:"),
    ("/24", ""),
    ("/24", "/33"),
    ("192.168", "192.999"),
    ("192.168.10.", "300.1.1."),
    ("vmnic0]", "vmnic9]"),
    ("[vmnic0]", "vmnic0"),
    ("segment: office", "segment: nowhere"),
    ("port-group: VM Network", "port-group: Elsewhere"),
    ("port-group: Nested", "port-group: [Nested]"),
    ("port-group:", "portgroup:"),
    ("port-groups:", "port-groups: []\n#"),
    ("00:50:56", "01:50:56"),
    ("00:50:56", "00:50"),
    ("vmk0", "vmk999999999999"),
    ("vSwitch0", "vSwitch0 with a name that is much too long for one"),
    ("address: 192", "address: -192"),
    ("accept", "perhaps"),
    ("reject", "{}"),
    ("vlan: trunk", "vlan: 99999999999999999999"),
    ("vlan: 20", "vlan: -20"),
    ("vlan: 20", "vlan: 2.5e1"),
    ("hosts:", "hosts: *unknown\nh:"),
    ("hosts:", "<<: {}\nhosts:"),
];

struct Cases<'a> {
    name: &'a str,
    made: Vec<Case>,
}

impl Cases<'_> {
    fn maybe(&mut self, kind: &str, number: usize, text: String) {
        self.add(Certainty::MaybeLab, kind, number, text);
    }

    fn never(&mut self, kind: &str, number: usize, text: String) {
        self.add(Certainty::NoLab, kind, number, text);
    }

    fn add(&mut self, certainty: Certainty, kind: &str, number: usize, text: String) {
        self.made.push(Case { name: format!("{} {kind} {number}", self.name), certainty, text });
    }
}

/// The text with line `i` gone or replaced.
fn join(lines: &[&str], i: usize, replacement: Option<String>) -> String {
    let own = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let replacement = replacement.map_or(String::new(), |new| new + "\n");
    own(&lines[..i]) + &replacement + &own(&lines[i + 1..])
}

/// The line twice; the first has its value here, so that the key stands twice in one mapping.
fn duplicate(line: &str) -> String {
    let key = line.split(": ").next().unwrap_or(line).trim_end_matches(':');
    format!("{key}: {{}}\n{line}")
}

/// Printable and other characters, the same for the same seed.
fn noise(seed: usize) -> impl Iterator<Item = char> {
    let mut state = u32::try_from(seed).unwrap();
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(state >> 23)
    })
}
