//! The doctor: a lab file, two ends, and the answer.

mod ambiguous;
mod enumerated;
mod fixes;
mod messages;
mod size;
mod why;

use expect_test::Expect;
use nsw_lab::doctor::fix;
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::report::{Reporter, WIDTH};
use nsw_lab::doctor::why::Question;
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::sim::World;
use nsw_lab::spec;

/// The question about a lab file.
fn question(text: &str, from: &str, to: &str) -> Question {
    let lab = spec::parse("lab.yaml", text).unwrap().lab;
    Question::new(&lab, &World::new(&lab).unwrap(), from, to).unwrap()
}

/// Everything that `nsw why` says, with a file named lab.yaml.
fn answer(text: &str, from: &str, to: &str, platform: Platform) -> String {
    let parsed = spec::parse("lab.yaml", text).unwrap();
    let question = question(text, from, to);
    let catalogue = Catalogue::new(Language::En);
    let reporter = Reporter { catalogue: &catalogue, file: "lab.yaml", locations: &parsed.locations };
    let diagnosis = reporter.diagnosis(&question.answer());
    let found = fix::fixes(&question, platform);
    format!("{diagnosis}\n{}", reporter.fixes(&found, Some(platform), [from, to]))
}

#[track_caller]
fn check(text: &str, from: &str, to: &str, expected: &Expect) {
    let answer = answer(text, from, to, Platform::Nestswitch);
    let wide = answer.lines().find(|line| line.chars().count() > WIDTH && !line.contains("nsw fix"));
    assert_eq!(wide, None, "a line is too wide");
    expected.assert_eq(&answer);
}
