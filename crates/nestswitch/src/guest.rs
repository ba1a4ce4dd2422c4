//! A guest: a process in a network and PID namespace of its own, which ends with whoever started it.
//!
//! VMs, a host's VMkernel and end stations are all guests. Killing one kills everything in it and nothing else.

use nsw_dataplane::netns::Namespace;
use nsw_dataplane::process::{Child, GuestSpec, spawn};

/// Why a guest did not start.
#[derive(Debug, thiserror::Error)]
#[error("cannot start `{command}`: {source}")]
pub(crate) struct GuestError {
    command: String,
    source: std::io::Error,
}

/// A running guest. Dropping it kills it.
pub(crate) struct Guest {
    child: Child,
}

impl Guest {
    /// Starts a guest with `boot` as its first process; one that only waits if `boot` is empty.
    pub(crate) fn start(name: &str, boot: &[String]) -> Result<Self, GuestError> {
        let failed = |source| GuestError {
            command: boot.first().map_or("nsw vm-init", String::as_str).to_owned(),
            source,
        };
        let argv = if boot.is_empty() { wait_command(name).map_err(failed)? } else { boot.to_vec() };
        let child = spawn(GuestSpec::new(name, argv)).map_err(failed)?;
        Ok(Self { child })
    }

    /// Its network namespace.
    pub(crate) fn namespace(&self) -> &Namespace {
        self.child.namespace()
    }

    /// Its first process, as this process sees it.
    pub(crate) fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Has its first process not ended?
    pub(crate) fn is_running(&self) -> bool {
        !self.child.has_ended()
    }
}

fn wait_command(name: &str) -> std::io::Result<Vec<String>> {
    Ok(vec![program()?, "vm-init".to_owned(), name.to_owned()])
}

/// The path of this program, for starting it again.
pub(crate) fn program() -> std::io::Result<String> {
    Ok(std::env::current_exe()?.to_string_lossy().into_owned())
}
