//! The audit as JUnit XML: a test case for each finding and each exception, and one that passes for each rule without any.

use nsw_lab::doctor::audit::{Finding, RULES, Rule};
use nsw_lab::messages::Message;
use quick_junit::{NonSuccessKind, Report as Junit, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::{Report, print_text};
use crate::commands::output::Failure;

pub(super) fn print(report: &Report<'_>) -> Result<(), Failure> {
    let (weighed, words) = (report.weighed, report.catalogue);
    let mut suite = TestSuite::new(report.file);
    let found = |rule: &Rule| {
        let excused = weighed.excused.iter().map(|(finding, _)| finding);
        weighed.open.iter().chain(excused).any(|finding| finding.rule == rule)
    };
    for rule in RULES.iter().filter(|rule| rule.severity >= report.least && !found(rule)) {
        suite.add_test_case(case(rule, &words.say(&Message::AuditNoFinding {}), TestCaseStatus::success()));
    }
    for finding in &weighed.open {
        let rule = finding.rule;
        let sentences = [finding.sentence(words), words.rule_rationale(rule), words.rule_remedy(rule)];
        let place = place(report.file, finding);
        suite.add_test_case(failure(rule, &place, &words.rule_title(rule), sentences.join("\n")));
    }
    for (finding, exception) in &weighed.excused {
        let mut status = TestCaseStatus::skipped();
        let (day, owner, reason) = (&exception.expires.to_string(), &exception.owner, &exception.reason);
        status.set_message(words.say(&Message::AuditExcusedBy { day, owner, reason }));
        suite.add_test_case(case(finding.rule, &place(report.file, finding), status));
    }
    for complaint in report.complaints() {
        let exception = complaint.exception;
        let file = report.exceptions_file.unwrap_or_default();
        let place = format!("{} ({file}:{})", exception.object, exception.position.line);
        let text = format!("{}: {}", exception.owner, exception.reason);
        suite.add_test_case(failure(complaint.rule, &place, &complaint.sentence, text));
    }
    let mut junit = Junit::new("nsw audit");
    junit.add_test_suite(suite);
    let text = junit.to_string().map_err(|error: SerializeError| Failure::new(error))?;
    print_text(&text)
}

fn place(file: &str, finding: &Finding) -> String {
    match finding.position {
        Some(position) => format!("{} ({file}:{})", finding.object, position.line),
        None => finding.object.to_string(),
    }
}

fn failure(rule: &Rule, place: &str, message: &str, text: String) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(rule.severity.name()).set_message(message).set_description(text);
    case(rule, place, status)
}

fn case(rule: &Rule, place: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(place, status);
    case.set_classname(rule.id);
    case
}
