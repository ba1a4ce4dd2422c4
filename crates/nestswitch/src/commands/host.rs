//! `nsw host`: one host by itself, without a lab around it.

mod port;

use std::path::Path;

use super::lab::print_host;
use super::output::{Answer, Failure, Outcome, json};
use crate::cli::HostCommand;
use crate::host::client::Client;
use crate::host::status::HostStatus;

pub(crate) fn run(command: &HostCommand, as_json: bool) -> Outcome {
    match command {
        HostCommand::Run { config, socket } => run_host(config, socket),
        HostCommand::Status { socket } => {
            let status: HostStatus = Client::new(socket).get("/v1/status")?;
            if as_json {
                json(&status)?;
            } else {
                print_host(&status, 0, true)?;
            }
            Ok(Answer::Yes)
        }
        HostCommand::Port(command) => port::run(command, as_json),
    }
}

#[cfg(target_os = "linux")]
fn run_host(config: &Path, socket: &Path) -> Outcome {
    crate::host::daemon::run(config, socket).map_err(Failure::new)?;
    Ok(Answer::Yes)
}

#[cfg(not(target_os = "linux"))]
fn run_host(_config: &Path, _socket: &Path) -> Outcome {
    Err(Failure::new("a host runs on Linux only"))
}
