//! The live switch on Linux: namespaces, devices, ports, engines, and the processes that stand for VMs.
//!
//! ```text
//!  guest's device  --observe-->  what the guest asks of its adapter   (MAC, promiscuous, groups, link)
//!        |
//!      port  <------engine------>  port        the engine reads a frame, asks `nsw_core::decide`, writes the copies
//! ```
//!
//! This crate moves bytes and programs the kernel. It does not know what a lab is and has no rule about frames: every
//! decision is [`nsw_core::decide()`]'s. On other systems than Linux it is empty.
//!
//! **Invariants:** nothing here has a name in the file system or outlives the processes that hold it. Unsafe code stands
//! in `sys` only.

#![cfg(target_os = "linux")]
#![deny(unsafe_code)]

pub mod engine;
pub mod link;
mod netlink;
pub mod netns;
pub mod observe;
pub mod ping;
pub mod port;
pub mod process;
mod sys;
pub mod traffic;
mod vnet;
