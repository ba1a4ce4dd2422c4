//! `nsw host`: one host by itself, without a lab around it.

mod port;

use std::path::Path;

use hyper::Method;

use super::lab::print_host;
use super::output::{Answer, Failure, Outcome, json};
use crate::cli::HostCommand;
use crate::engine::EngineName;
use crate::host::api::StopRequest;
use crate::host::client::Client;
use crate::host::status::{Changes, HostStatus};

pub(crate) fn run(command: &HostCommand, as_json: bool) -> Outcome {
    match command {
        HostCommand::Run { config, socket, engine, ephemeral } => {
            run_host(config, socket, *engine, *ephemeral)
        }
        HostCommand::Stop { socket, detach_datapath } => {
            let how = StopRequest { detach_datapath: *detach_datapath };
            let _: Changes = Client::new(socket).send(Method::POST, "/v1/stop", &how)?;
            Ok(Answer::Yes)
        }
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
fn run_host(config: &Path, socket: &Path, engine: EngineName, ephemeral: bool) -> Outcome {
    let options = crate::host::daemon::Options { engine, ephemeral };
    crate::host::daemon::run(config, socket, options).map_err(Failure::new)?;
    Ok(Answer::Yes)
}

#[cfg(not(target_os = "linux"))]
fn run_host(_config: &Path, _socket: &Path, _engine: EngineName, _ephemeral: bool) -> Outcome {
    Err(Failure::new("a host runs on Linux only"))
}
