//! Engines: what moves frames between ports as [`nsw_core::decide()`] says.
//!
//! There are two: [`user::UserEngine`], a thread for each vSwitch, and [`kernel::KernelEngine`], a program in the kernel.
//! What every engine counts and keeps for those who ask stands here.

mod counters;
mod drops;
mod forward;
mod gather;
pub mod kernel;
pub mod user;

pub use counters::{Counters, PortCount};
pub use drops::{DropRecord, Drops, HEAD_LEN};

use nsw_core::PortId;

/// Something that an engine noticed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineEvent {
    /// The port's device was deleted or taken away. The engine no longer serves the port; detach it.
    PortGone(PortId),
}
