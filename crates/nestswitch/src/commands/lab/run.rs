//! `nsw lab exec` and `nsw lab ping`: something runs inside a VM of a lab.

use std::process::Command;

use nsw_lab::messages::Catalogue;

use crate::commands::output::{Answer, Failure, Outcome, json, line};
use crate::commands::vm_init::PingReport;
use crate::guest::program;
use crate::lab::enter::{EnterError, Finder};
use crate::lab::folder::{LabFolder, runtime_variable};

pub(super) fn exec(folder: &LabFolder, name: &str, command: &[String]) -> Outcome {
    let process =
        Finder::new(folder.clone()).and_then(|finder| finder.process_of(name)).map_err(not_found)?;
    let Some((program, arguments)) = command.split_first() else { return Ok(Answer::Yes) };
    let mut inside = Command::new(program);
    inside.args(arguments);
    let status = nsw_dataplane::process::enter(process, inside)
        .map_err(|error| Failure::new(format!("cannot run `{program}` in {name}: {error}")))?;
    // The command's own exit code is the answer.
    std::process::exit(status.code().unwrap_or(1));
}

pub(super) fn ping_command(
    folder: &LabFolder,
    [from, to]: [&String; 2],
    count: u16,
    words: &Catalogue,
    as_json: bool,
) -> Outcome {
    let report = ping(folder, from, to, count, Begin::AsItIs)?;
    if as_json {
        json(&report)?;
    } else {
        line(format_args!("{from} -> {to}: {}", super::describe(words, &report)))?;
    }
    Ok(if report.received > 0 { Answer::Yes } else { Answer::No })
}

/// How a ping begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begin {
    /// The sender forgets whom it knows first, and waits so long for all replies.
    Cold { timeout_ms: u64 },
    /// The sender knows whom it knows. The kernel may be waiting to ask for an address again, which it does once a
    /// second, and so does this.
    AsItIs,
}

/// Pings from one end point to another, or to an address.
pub(crate) fn ping(
    folder: &LabFolder,
    from: &str,
    to: &str,
    count: u16,
    begin: Begin,
) -> Result<PingReport, Failure> {
    let address = match to.parse::<std::net::Ipv4Addr>() {
        Ok(address) => address.to_string(),
        Err(_) => Finder::new(folder.clone()).and_then(|finder| finder.address_of(to)).map_err(not_found)?,
    };
    // A namespace is entered by a process of its own: a process that has threads cannot enter a user namespace.
    let program = program()?;
    let (variable, value) = runtime_variable();
    let mut command = Command::new(&program);
    command.env(variable, value).args(["lab", "exec", "--lab", folder.lab(), from, "--"]);
    command.args([program.as_str(), "vm-ping", &address, "--count", &count.to_string()]);
    let timeout_ms = match begin {
        Begin::Cold { timeout_ms } => {
            command.arg("--fresh");
            timeout_ms
        }
        Begin::AsItIs => 1200 + 100 * u64::from(count),
    };
    command.args(["--timeout-ms", &timeout_ms.to_string()]);
    let output = command.output()?;
    serde_json::from_slice(&output.stdout)
        .map_err(|_| Failure::new(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

fn not_found(error: EnterError) -> Failure {
    Failure::new(error)
}
