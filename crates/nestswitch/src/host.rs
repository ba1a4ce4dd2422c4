//! One host: its configuration document, its live state, and the local API in front of it.
//!
//! A host knows its own switches, adapters and VMs. That a VM of it may be a host again shows only in the command that
//! the VM boots with.

pub(crate) mod api;
pub(crate) mod changes;
pub(crate) mod client;
#[cfg(target_os = "linux")]
pub(crate) mod daemon;
pub(crate) mod document;
#[cfg(target_os = "linux")]
pub(crate) mod live;
pub(crate) mod status;
pub(crate) mod store;
