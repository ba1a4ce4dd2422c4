//! Whole labs on the real kernel, by the real binary: what a user types, and what comes of it.
//!
//! Every test has a runtime folder of its own and labs under names of its own, so tests run side by side. They run as
//! root, and where it matters also as an ordinary user in a user namespace. A test that this system does not allow says
//! so and passes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod agreement;
mod convergence;
mod demo;
mod esxcli;
mod every_fix;
mod faults;
mod fix;
mod fixture;
mod kernel;
mod mtu;
mod ports;
mod records;
mod requests;
mod scenarios;
mod teams;
mod three_levels;
mod words;
