//! What keeps the switch busy: bulk TCP and a flood of pings between two guests.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use serde_json::Value;

use super::host::Cable;

const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
/// Pings in one go: some seconds.
const PINGS: u64 = 20_000;

/// Running load.
pub(super) struct Load {
    server: Child,
    over: Arc<AtomicBool>,
    pings: JoinHandle<io::Result<(u64, u64)>>,
    bulk: JoinHandle<io::Result<Vec<f64>>>,
}

/// What the load itself saw.
pub(super) struct Report {
    pinged: u64,
    /// Pings that were not answered.
    pub(super) lost: u64,
    gbit_per_s: Vec<f64>,
}

impl Load {
    pub(super) fn start(from: &Cable, to: &Cable) -> io::Result<Self> {
        for (cable, address) in [from, to].into_iter().zip(ADDRESSES) {
            link::add_address(&cable.guest, "eth0", IpAddr::V4(address), 24).map_err(io::Error::other)?;
        }
        let mut server = Command::new("iperf3");
        server.arg("-s").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = to.guest.run(|| server.spawn())??;
        let over = Arc::new(AtomicBool::new(false));
        let (guest, stop) = (from.guest.clone(), Arc::clone(&over));
        let pings = thread::spawn(move || flood(&guest, &stop));
        let (guest, stop) = (from.guest.clone(), Arc::clone(&over));
        let bulk = thread::spawn(move || stream(&guest, &stop));
        Ok(Self { server, over, pings, bulk })
    }

    /// Lets what runs come to its end.
    pub(super) fn stop(mut self) -> io::Result<Report> {
        self.over.store(true, Ordering::Relaxed);
        let panicked = || io::Error::other("the load panicked");
        let (pinged, lost) = self.pings.join().map_err(|_| panicked())??;
        let gbit_per_s = self.bulk.join().map_err(|_| panicked())??;
        self.server.kill()?;
        self.server.wait()?;
        Ok(Report { pinged, lost, gbit_per_s })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runs = self.gbit_per_s.len().max(1);
        let mean = self.gbit_per_s.iter().sum::<f64>() / runs as f64;
        write!(f, "iperf3 {mean:.1} Gbit/s, ping -f {} echo requests", self.pinged)
    }
}

/// Floods until it is told to stop; how many were sent, and how many of them were not answered.
fn flood(guest: &Namespace, over: &AtomicBool) -> io::Result<(u64, u64)> {
    let (mut sent, mut lost) = (0, 0);
    while !over.load(Ordering::Relaxed) {
        let mut ping = Command::new("ping");
        ping.args(["-f", "-q", "-c", &PINGS.to_string(), &ADDRESSES[1].to_string()]);
        // It exits with 1 if nothing was answered, and says so.
        let done = guest.run(|| ping.stdin(Stdio::null()).output())??;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let numbers = text.lines().find_map(|line| {
            let (transmitted, rest) = line.split_once(" packets transmitted, ")?;
            let (received, _) = rest.split_once(" received")?;
            Some((transmitted.parse::<u64>().ok()?, received.parse::<u64>().ok()?))
        });
        let (transmitted, received) =
            numbers.ok_or_else(|| io::Error::other(format!("ping says {text:?}")))?;
        sent += transmitted;
        lost += transmitted.saturating_sub(received);
    }
    Ok((sent, lost))
}

/// One TCP stream after the other until it is told to stop; Gbit/s of each.
fn stream(guest: &Namespace, over: &AtomicBool) -> io::Result<Vec<f64>> {
    let mut figures = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let mut client = Command::new("iperf3");
        client.args(["-c", &ADDRESSES[1].to_string(), "-J", "-C", "cubic", "-t", "5"]);
        let report = guest.run(|| client.stdin(Stdio::null()).output())??;
        let report: Value = serde_json::from_slice(&report.stdout)?;
        match report["end"]["sum_received"]["bits_per_second"].as_f64() {
            Some(bits) => figures.push(bits / 1e9),
            // The server may not listen yet.
            None => thread::yield_now(),
        }
    }
    Ok(figures)
}

/// Frames that the kernel itself dropped so far since a queue before a network stack was full; no switch sees them.
pub(super) fn backlog_drops() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/net/softnet_stat")?;
    let second = |line: &str| u64::from_str_radix(line.split_whitespace().nth(1)?, 16).ok();
    Ok(text.lines().filter_map(second).sum())
}
