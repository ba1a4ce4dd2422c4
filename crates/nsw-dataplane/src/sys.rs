//! All unsafe code of the project: system calls that no safe wrapper covers, one file for each kind.
//!
//! **Invariant:** every function here is safe to call with any arguments. What makes that true stands at each block.

#![allow(
    unsafe_code,
    reason = "the one place where it may stand; each block says why it is needed and why it is sound"
)]

pub(crate) mod bpf;
pub(crate) mod packet;
pub(crate) mod process;
pub(crate) mod tun;

use std::io;

use rustix::thread::UnshareFlags;

/// Gives the calling thread a network namespace of its own.
pub(crate) fn unshare_network() -> io::Result<()> {
    unshare(UnshareFlags::NEWNET)
}

fn unshare(flags: UnshareFlags) -> io::Result<()> {
    debug_assert!(!flags.contains(UnshareFlags::FILES));
    // JUSTIFICATION: rustix has no safe form, for the sake of one flag.
    // SAFETY: the flags never contain FILES, the one that would hide descriptors from other threads.
    unsafe { rustix::thread::unshare_unsafe(flags) }.map_err(io::Error::from)
}

/// Turns the result of a libc call into an [`io::Result`].
fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
