//! Programs of the system: run, and an error that names the command if one fails.

use std::io;
use std::process::{Command, Stdio};

/// Runs a command and returns what it prints.
pub(crate) fn output(command: &mut Command) -> io::Result<String> {
    let done = command.stdin(Stdio::null()).output().map_err(|error| named(command, &error.to_string()))?;
    if done.status.success() {
        return String::from_utf8(done.stdout).map_err(io::Error::other);
    }
    Err(named(command, String::from_utf8_lossy(&done.stderr).trim()))
}

/// Runs a command for what it does.
pub(crate) fn checked(command: &mut Command) -> io::Result<()> {
    output(command).map(drop)
}

fn named(command: &Command, why: &str) -> io::Error {
    io::Error::other(format!("{command:?}: {why}"))
}
