//! `nsw lab check`: everything that is wrong with a lab file, each with its place. They are the answer here,
//! so they go to stdout; the exit code is that of bad input, as everywhere else.

use std::path::Path;

use nsw_lab::spec::{Parsed, Problem, parse};
use nsw_lab::topology::Lab;
use serde_json::{Value, json};

use crate::commands::output::{Answer, Failure, Outcome, finding, json as print_json, line};
use crate::commands::trace::read_lab_file;

pub(super) fn run(file: &Path, as_json: bool) -> Outcome {
    let text = read_lab_file(file)?;
    match parse(&file.to_string_lossy(), &text) {
        Ok(Parsed { lab, warnings, .. }) => {
            if as_json {
                print_json(&json!({ "ok": true, "lab": summary(&lab), "problems": problems(&warnings) }))?;
            } else {
                print(&warnings)?;
                line(sentence(&lab))?;
            }
            Ok(Answer::Yes)
        }
        Err(errors) => {
            if as_json {
                print_json(&json!({ "ok": false, "lab": null, "problems": problems(errors.problems()) }))?;
            } else {
                print(errors.problems())?;
                line(&errors)?;
            }
            Ok(Answer::BadInput)
        }
    }
}

fn print(problems: &[Problem]) -> Result<(), Failure> {
    problems.iter().try_for_each(|problem| line(format_args!("{}\n", finding(problem))))
}

fn problems(problems: &[Problem]) -> Value {
    let one = |problem: &Problem| {
        json!({
            "severity": if problem.is_warning() { "warning" } else { "error" },
            "file": problem.file(),
            "line": problem.position.line,
            "column": problem.position.column,
            "message": problem.message,
            "hint": problem.help,
        })
    };
    problems.iter().map(one).collect()
}

/// How many hosts and VMs there are, and how many hosts are around the deepest one.
fn counts(lab: &Lab) -> (usize, usize, usize) {
    let hosts = lab.all_hosts();
    let depth = hosts.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    (hosts.len(), hosts.iter().map(|(_, host)| host.vms.len()).sum(), depth)
}

fn summary(lab: &Lab) -> Value {
    let (hosts, vms, depth) = counts(lab);
    json!({ "name": lab.name, "hosts": hosts, "vms": vms, "depth": depth })
}

fn sentence(lab: &Lab) -> String {
    let (hosts, vms, depth) = counts(lab);
    let plural = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let nested = if depth == 0 { "none nested".to_owned() } else { format!("nested {depth} deep") };
    format!("lab {} is in order: {} ({nested}), {}", lab.name, plural(hosts, "host"), plural(vms, "VM"))
}
