//! What runs inside a VM: its first process, and the pings that are sent from in there.

use serde::{Deserialize, Serialize};

/// What came of pinging an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PingReport {
    /// Echo requests that were given to the kernel.
    pub(crate) sent: u32,
    /// Different requests that were answered.
    pub(crate) received: u32,
    /// Answers beyond the first to the same request.
    pub(crate) duplicates: u32,
    /// The median round trip, in microseconds; `None` without an answer.
    pub(crate) median_us: Option<u64>,
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{ping, run};

#[cfg(not(target_os = "linux"))]
pub(crate) fn run() -> super::output::Outcome {
    Err(super::output::Failure::new("VMs run on Linux only"))
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn ping(
    _address: std::net::Ipv4Addr,
    _count: u16,
    _fresh: bool,
    _timeout_ms: u64,
) -> super::output::Outcome {
    Err(super::output::Failure::new("VMs run on Linux only"))
}

#[cfg(target_os = "linux")]
mod linux {
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use nsw_dataplane::link;
    use nsw_dataplane::netns::Namespace;
    use rustix::process::{WaitOptions, wait};
    use tokio::signal::unix::{SignalKind, signal};

    use super::PingReport;
    use crate::commands::output::{Answer, Failure, Outcome, line};

    /// Between two echo requests.
    const PING_INTERVAL: Duration = Duration::from_millis(100);

    /// Waits until it is told to stop, and collects processes that lost their parent, as the first process must.
    pub(crate) fn run() -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        runtime.block_on(async {
            let mut ended = signal(SignalKind::child())?;
            let mut terminated = signal(SignalKind::terminate())?;
            loop {
                tokio::select! {
                    _ = ended.recv() => while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {},
                    _ = terminated.recv() => return Ok(Answer::Yes),
                }
            }
        })
    }

    /// Pings from the namespace that this process is in, and prints a [`PingReport`] as JSON.
    pub(crate) fn ping(address: Ipv4Addr, count: u16, fresh: bool, timeout_ms: u64) -> Outcome {
        let here = Namespace::current()?;
        if fresh {
            link::flush_neighbours(&here).map_err(Failure::new)?;
        }
        let timeout = Duration::from_millis(timeout_ms);
        let report =
            nsw_dataplane::ping::ping(&here, address, count, PING_INTERVAL, timeout).map_err(Failure::new)?;
        let mut rtts = report.rtts.clone();
        rtts.sort_unstable();
        let median = rtts.get(rtts.len() / 2);
        let report = PingReport {
            sent: report.sent,
            received: report.received,
            duplicates: report.duplicates,
            median_us: median.map(|rtt| u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX)),
        };
        line(serde_json::to_string(&report)?)?;
        Ok(if report.received > 0 { Answer::Yes } else { Answer::No })
    }
}
