//! `nsw host`: one host by itself, without a lab around it.

mod port;

use std::ffi::OsStr;
use std::path::Path;

use hyper::Method;

use super::lab::print_host;
use super::output::{Answer, Failure, Outcome, json, line};
use crate::cli::HostCommand;
use crate::engine::EngineName;
use crate::host::api::StopRequest;
use crate::host::client::Client;
use crate::host::document::HostDocument;
use crate::host::status::{Changes, HostStatus};
use crate::host::store;

pub(crate) fn run(command: &HostCommand, as_json: bool) -> Outcome {
    match command {
        HostCommand::New { config, name, uplink } => new(config, name.as_deref(), uplink, as_json),
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

/// Writes a host's first configuration, and says how to go on.
fn new(config: &Path, name: Option<&str>, uplinks: &[String], as_json: bool) -> Outcome {
    let stem = config.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let document = HostDocument::fresh(name.unwrap_or(stem), uplinks);
    store::create(config, &document).map_err(Failure::new)?;
    if as_json {
        json(&document)?;
        return Ok(Answer::Yes);
    }
    let path = config.display();
    line(format_args!("{path}: host {}, vSwitch0 with port group VM Network", document.name))?;
    line(format_args!("run it:  nsw host run --config {path} --socket PATH"))?;
    Ok(Answer::Yes)
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
