//! A guest: a process in a network and PID namespace of its own, which ends with whoever started it.
//!
//! VMs, a host's VMkernel and end stations are all guests. Killing one kills everything in it and nothing else.

use nsw_dataplane::link::{self, LinkError};
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

/// Lets the guest in this namespace forward between these adapters, as a software bridge does: it learns, has no
/// spanning tree, and is itself silent. An adapter in a bridge is in promiscuous mode. Those that are in it already stay.
pub(crate) fn bridge<'a>(
    namespace: &Namespace,
    adapters: impl Iterator<Item = &'a str>,
) -> Result<(), LinkError> {
    const BRIDGE: &str = "br0";
    link::create_bridge(namespace, BRIDGE)?;
    link::disable_ipv6(namespace, BRIDGE)?;
    for adapter in adapters {
        link::disable_ipv6(namespace, adapter)?;
        link::enslave(namespace, adapter, BRIDGE)?;
        link::set_up(namespace, adapter, true)?;
    }
    link::set_up(namespace, BRIDGE, true)
}

fn wait_command(name: &str) -> std::io::Result<Vec<String>> {
    Ok(vec![program()?, "vm-init".to_owned(), name.to_owned()])
}

/// The path of this program, for starting it again.
pub(crate) fn program() -> std::io::Result<String> {
    Ok(std::env::current_exe()?.to_string_lossy().into_owned())
}
