//! The dataplane on the real kernel: namespaces, devices, processes. Every test makes what it needs and leaves nothing.
//!
//! A test that this system does not allow says so and passes: without root they need a user namespace, as in
//! `unshare -Urn cargo test -p nsw-dataplane`; TAP devices need an open `/dev/net/tun`.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod bulk;
mod fixture;
mod forward;
mod inject;
mod install;
mod kernel;
mod observe;
mod process;
mod vlan;
