//! `nsw lab ...`: what a user does with a lab.

mod check;
mod drops;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
pub(crate) mod start;
mod status;

use std::path::Path;

use hyper::Method;
use nsw_lab::messages::{Catalogue, Message};

#[cfg(target_os = "linux")]
pub(crate) use self::drops::Reader;
#[cfg(target_os = "linux")]
pub(crate) use self::run::{Begin, ping};
pub(crate) use self::status::print_host;
use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json, line};
use super::trace::read_lab_file;
use super::vm_init::PingReport;
use crate::cli::LabCommand;
use crate::host::status::Changes;
use crate::lab::folder::LabFolder;
use crate::lab::status::LabFile;

pub(crate) fn run(command: &LabCommand, as_json: bool) -> Outcome {
    match command {
        LabCommand::Check { file } => check::run(file, as_json),
        LabCommand::Status { lab, ports } => {
            status::run(&LabFolder::find(lab.lab.as_deref())?, *ports, as_json)
        }
        LabCommand::List => list(as_json),
        LabCommand::Drops { lab, host, follow, speech } => {
            let folder = LabFolder::find(lab.lab.as_deref())?;
            drops::run(&folder, host.as_deref(), *follow, &catalogue(speech), as_json)
        }
        LabCommand::Down { lab } => down(&LabFolder::find(lab.lab.as_deref())?),
        LabCommand::Up { .. }
        | LabCommand::Exec { .. }
        | LabCommand::Ping { .. }
        | LabCommand::Supervise { .. } => run_live(command, as_json),
    }
}

#[cfg(target_os = "linux")]
fn run_live(command: &LabCommand, as_json: bool) -> Outcome {
    match command {
        LabCommand::Up { file, detach, dry_run, engines, speech } => {
            start::up(file, *detach, *dry_run, &engines.wishes, &catalogue(speech), as_json)
        }
        LabCommand::Exec { lab, name, command } => {
            run::exec(&LabFolder::find(lab.lab.as_deref())?, name, command)
        }
        LabCommand::Ping { lab, from, to, count, speech } => {
            let folder = LabFolder::find(lab.lab.as_deref())?;
            run::ping_command(&folder, [from, to], *count, &catalogue(speech), as_json)
        }
        LabCommand::Supervise { file, attached, engines } => {
            start::supervise(file, *attached, &engines.wishes)
        }
        _ => Ok(Answer::Yes),
    }
}

#[cfg(not(target_os = "linux"))]
fn run_live(_command: &LabCommand, _as_json: bool) -> Outcome {
    Err(Failure::with_hint(
        "labs run live on Linux only",
        "`nsw trace` follows frames through a lab file anywhere",
    ))
}

fn list(as_json: bool) -> Outcome {
    let running = LabFolder::running();
    let names: Vec<&str> = running.iter().map(LabFolder::lab).collect();
    if as_json {
        json(&names)?;
    } else {
        names.iter().try_for_each(line)?;
    }
    Ok(Answer::Yes)
}

fn down(folder: &LabFolder) -> Outcome {
    let client = folder.client();
    let _: Changes = client.send(Method::DELETE, "/v1/lab", &())?;
    crate::lab::wait::until_gone(folder)
        .map_err(|text| Failure::new(format!("lab `{}`: {text}", folder.lab())))?;
    line(format_args!("lab {} is down", folder.lab()))?;
    Ok(Answer::Yes)
}

/// A ping report in words.
pub(crate) fn describe(words: &Catalogue, report: &PingReport) -> String {
    let mut text = words.say(&Message::DemoReplies { received: &report.received, sent: &report.sent });
    if let Some(us) = &report.median_us {
        text = words.say(&Message::DemoMedian { replies: &text, us });
    }
    if report.duplicates > 0 {
        text = words.say(&Message::DemoDuplicates { replies: &text, count: &report.duplicates });
    }
    text
}

/// The content of a lab file, for the supervisor.
fn lab_file(file: &Path, dry_run: bool) -> Result<LabFile, Failure> {
    Ok(LabFile { name: file.to_string_lossy().into_owned(), text: read_lab_file(file)?, dry_run })
}
