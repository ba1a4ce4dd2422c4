//! `nsw`: a virtual switch that behaves like a vSphere standard switch, for hypervisors inside virtual machines.
//!
//! This file only leads from the command line to a command, and from its answer to an exit code.

#![forbid(unsafe_code)]

mod cli;
mod commands;
mod engine;
#[cfg(target_os = "linux")]
mod guest;
mod host;
#[cfg(target_os = "linux")]
mod interrupt;
mod lab;
mod summary;
#[cfg(target_os = "linux")]
mod tagging;

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::{Cli, Command, EsxcliProgram};
use crate::commands::output::Outcome;

fn main() -> ExitCode {
    let outcome = if called_as_esxcli(std::env::args_os().next()) {
        let program = EsxcliProgram::parse();
        commands::esxcli::run(&program.esxcli, false)
    } else {
        let cli = Cli::parse();
        start_logging(cli.verbose);
        dispatch(&cli)
    };
    match outcome {
        Ok(answer) => answer.into(),
        Err(failure) => {
            failure.print();
            ExitCode::from(2)
        }
    }
}

fn called_as_esxcli(program: Option<OsString>) -> bool {
    program.is_some_and(|program| Path::new(&program).file_name().is_some_and(|name| name == "esxcli"))
}

fn start_logging(verbose: u8) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).init();
}

fn dispatch(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Demo(args) => commands::demo::run(args, cli.json),
        Command::Lab(command) => commands::lab::run(command, cli.json),
        Command::Reach(args) => commands::reach::run(args, cli.json),
        Command::Exposure(args) => commands::exposure::run(args, cli.json),
        Command::Tighten(args) => commands::tighten::run(args, cli.json),
        Command::Why(args) => commands::why::run(args, cli.json),
        Command::Fix(args) => commands::fix::run(args, cli.json),
        Command::Trace(args) => commands::trace::run(args, cli.json),
        Command::Audit(args) => commands::audit::run(args, cli.json),
        Command::Graph(args) => commands::graph::run(args, cli.json),
        Command::Esxcli(args) => commands::esxcli::run(args, cli.json),
        Command::Explain(args) => commands::explain::run(args, cli.json),
        Command::Host(command) => commands::host::run(command, cli.json),
        Command::Schema { file } => commands::print::schema(*file),
        Command::Openapi => commands::print::openapi(),
        Command::Completions { shell } => commands::print::completions(*shell),
        Command::Man { folder } => commands::print::man(folder),
        Command::VmInit { .. } => commands::vm_init::run(),
        Command::VmPing { address, count, fresh, timeout_ms } => {
            commands::vm_init::ping(*address, *count, *fresh, *timeout_ms)
        }
    }
}
