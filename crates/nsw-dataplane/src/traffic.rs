//! Frames as fast as one thread can send them, and how many arrived: for benchmarks.
//!
//! Sixty-four copies of one frame go into each call, past the queueing discipline, so that what limits is the way and
//! not the sender. What arrived is read from the receiving device's own counter; no process has to read the frames.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use crate::link::Link;
use crate::netns::Namespace;
use crate::sys::packet;

/// A sender of copies of one frame.
#[derive(Debug)]
pub struct Generator {
    socket: OwnedFd,
}

impl Generator {
    /// A sender by `device` in `namespace`.
    ///
    /// # Errors
    /// The kernel's.
    pub fn new(namespace: &Namespace, device: &str) -> io::Result<Self> {
        let index = Link::get(namespace, device).map_err(io::Error::other)?.index;
        let socket = namespace.run(packet::open)??;
        packet::bypass_qdisc(&socket)?;
        packet::bind_for_sending(&socket, index)?;
        Ok(Self { socket })
    }

    /// Sends copies of `frame` for as long as it is told; returns how many the device took.
    ///
    /// # Errors
    /// The device's. One that is full is no error: those copies are not counted.
    pub fn run(&self, frame: &[u8], time: Duration) -> io::Result<u64> {
        let deadline = Instant::now() + time;
        let mut sent = 0;
        while Instant::now() < deadline {
            match packet::send_copies(&self.socket, frame) {
                Ok(taken) => sent += taken as u64,
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOBUFS | libc::EAGAIN)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }
}

/// The frames that `device` in `namespace` has received so far.
///
/// # Errors
/// If there is no such device.
pub fn received(namespace: &Namespace, device: &str) -> io::Result<u64> {
    let text = namespace.run(|| std::fs::read_to_string("/proc/thread-self/net/dev"))??;
    let line = text.lines().find_map(|line| line.trim().strip_prefix(device)?.strip_prefix(':'));
    let frames = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    frames.ok_or_else(|| io::Error::other(format!("no device {device}")))
}
