//! Is an address reachable from a namespace? ICMP echo by the namespace's own stack, ARP included.
//!
//! The socket is opened in the namespace; after that any thread may use it, so many probes can run side by side.
//!
//! Reference: RFC 792.

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::Timespec;
use socket2::{Domain, Protocol, Socket, Type};

use crate::netns::Namespace;

const ECHO_REQUEST: u8 = 8;
const HEADER_LEN: usize = 8;

/// Tells this process's probes apart, also when several run at once.
static NEXT_IDENTIFIER: AtomicU16 = AtomicU16::new(1);

/// What came of a series of echo requests.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PingReport {
    /// Requests that the stack took. One that it refused at once, as unreachable, does not count.
    pub sent: u32,
    /// Requests that were answered.
    pub received: u32,
    /// Further answers to requests that were answered already.
    pub duplicates: u32,
    /// How long each first answer took, in the order of arrival.
    pub rtts: Vec<Duration>,
}

impl PingReport {
    /// Was there any answer?
    pub fn is_reachable(&self) -> bool {
        self.received > 0
    }
}

/// Sends `count` echo requests from `namespace` to `destination`, one each `interval`, and waits at most `timeout` in
/// all. It returns as soon as every request is answered.
///
/// # Errors
/// If no raw socket can be had in the namespace. That nobody answers is no error.
pub fn ping(
    namespace: &Namespace,
    destination: Ipv4Addr,
    count: u16,
    interval: Duration,
    timeout: Duration,
) -> io::Result<PingReport> {
    let socket = namespace.run(|| Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)))??;
    socket.set_nonblocking(true)?;
    Probe::new(socket, destination, count).run(interval, timeout)
}

struct Probe {
    socket: Socket,
    destination: Ipv4Addr,
    identifier: u16,
    /// When each request was sent, and whether it was answered.
    requests: Vec<(Instant, bool)>,
    count: usize,
    report: PingReport,
}

impl Probe {
    fn new(socket: Socket, destination: Ipv4Addr, count: u16) -> Self {
        let count = usize::from(count);
        // Answers to a series that another process began before must not count as ours.
        let process = u16::try_from(std::process::id() & 0xffff).unwrap_or(0);
        let identifier =
            process.wrapping_mul(251).wrapping_add(NEXT_IDENTIFIER.fetch_add(1, Ordering::Relaxed));
        let requests = Vec::with_capacity(count);
        Self { socket, destination, identifier, requests, count, report: PingReport::default() }
    }

    fn run(mut self, interval: Duration, timeout: Duration) -> io::Result<PingReport> {
        let start = Instant::now();
        let deadline = start + timeout;
        let mut next = start;
        loop {
            let now = Instant::now();
            if self.requests.len() < self.count && now >= next {
                self.send(now);
                next += interval;
            }
            self.receive();
            let answered = self.report.received as usize == self.count;
            if now >= deadline || answered {
                return Ok(self.report);
            }
            let wake = if self.requests.len() < self.count { next.min(deadline) } else { deadline };
            self.wait(wake.saturating_duration_since(Instant::now()))?;
        }
    }

    fn send(&mut self, now: Instant) {
        let sequence = u16::try_from(self.requests.len()).unwrap_or(u16::MAX);
        self.requests.push((now, false));
        let to = SocketAddrV4::new(self.destination, 0).into();
        // No route, or a neighbour that is known not to answer: the answer to whether it is reachable, not an error.
        if self.socket.send_to(&echo_request(self.identifier, sequence), &to).is_ok() {
            self.report.sent += 1;
        }
    }

    fn receive(&mut self) {
        let mut packet = [0; 2048];
        loop {
            match (&self.socket).read(&mut packet) {
                Ok(len) => self.take(&packet[..len]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // What the network reports about an earlier request.
                Err(_) => {}
            }
        }
    }

    fn take(&mut self, packet: &[u8]) {
        let Some((source, identifier, sequence)) = echo_reply(packet) else { return };
        if source != self.destination || identifier != self.identifier {
            return;
        }
        let Some((sent, answered)) = self.requests.get_mut(usize::from(sequence)) else { return };
        if std::mem::replace(answered, true) {
            self.report.duplicates += 1;
        } else {
            self.report.received += 1;
            self.report.rtts.push(sent.elapsed());
        }
    }

    fn wait(&self, time: Duration) -> io::Result<()> {
        let timeout = Timespec::try_from(time).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut sources = [PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::IN)];
        match poll(&mut sources, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn echo_request(identifier: u16, sequence: u16) -> [u8; HEADER_LEN] {
    let [i0, i1] = identifier.to_be_bytes();
    let [s0, s1] = sequence.to_be_bytes();
    let mut message = [ECHO_REQUEST, 0, 0, 0, i0, i1, s0, s1];
    let sum =
        message.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum::<u32>();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    let checksum = !u16::try_from(folded).unwrap_or(u16::MAX);
    message[2..4].copy_from_slice(&checksum.to_be_bytes());
    message
}

/// Source, identifier and sequence number, if the IPv4 packet is an echo reply.
fn echo_reply(packet: &[u8]) -> Option<(Ipv4Addr, u16, u16)> {
    let header_len = usize::from(packet.first()? & 0x0f) * 4;
    let source: [u8; 4] = packet.get(12..16)?.try_into().ok()?;
    match packet.get(header_len..header_len + HEADER_LEN)? {
        [0, 0, _, _, i0, i1, s0, s1] => {
            let identifier = u16::from_be_bytes([*i0, *i1]);
            Some((source.into(), identifier, u16::from_be_bytes([*s0, *s1])))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echo_request_sums_to_all_ones() {
        let message = echo_request(0xabcd, 0xfffe);
        let sum: u32 =
            message.chunks_exact(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
        assert_eq!((sum & 0xffff) + (sum >> 16), 0xffff);
    }

    #[test]
    fn an_echo_reply_behind_an_ipv4_header_is_recognised() {
        let mut packet = vec![0x45, 0, 0, 28, 0, 0, 0, 0, 64, 1, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1];
        packet.extend([0, 0, 0, 0, 0x12, 0x34, 0, 7]);
        assert_eq!(echo_reply(&packet), Some((Ipv4Addr::new(10, 0, 0, 2), 0x1234, 7)));
        packet[20] = 3;
        assert_eq!(echo_reply(&packet), None);
        assert_eq!(echo_reply(&packet[..24]), None);
    }
}
