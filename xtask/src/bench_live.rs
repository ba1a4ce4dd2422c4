//! `cargo xtask bench-live`: bulk TCP between two VMs of one host, against a Linux bridge with veth in the same run.
//!
//! Both stand in one lab: the VMs on a vSwitch with every policy at Reject, the peer as two stations on a segment,
//! which is a Linux bridge with veth pairs. Rounds are interleaved, since a shared machine changes speed by the minute;
//! what is said is the median over rounds, and the median of the ratios round by round.
//!
//! Needs root or user namespaces, and `iperf3`.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use indicatif::ProgressBar;
use serde_json::Value;

const LAB: &str = "\
lab: bench-live
segments:
  bridge:
    stations:
      br-a: { address: 10.77.1.1/24 }
      br-b: { address: 10.77.1.2/24 }
hosts:
  host:
    vswitches:
      vSwitch0:
        security: { promiscuous: reject, mac-changes: reject, forged-transmits: reject }
        port-groups: { VM Network: {} }
    vms:
      vm-a: { port-group: VM Network, address: 10.77.2.1/24 }
      vm-b: { port-group: VM Network, address: 10.77.2.2/24 }
";

/// Who is measured: the name in the table, the end that sends, the end that receives, and its address.
const CONTENDERS: [(&str, &str, &str, &str); 2] = [
    ("Linux bridge, veth", "br-a", "br-b", "10.77.1.2"),
    ("nestswitch, user engine, TAP", "vm-a", "vm-b", "10.77.2.2"),
];

/// How it is measured.
pub(crate) struct Plan {
    pub(crate) rounds: usize,
    pub(crate) seconds: usize,
    /// Where the results go; nowhere if `None`.
    pub(crate) into: Option<PathBuf>,
}

/// One measurement, in Gbit/s as the receiver counts.
struct Sample {
    streams: usize,
    round: usize,
    contender: usize,
    gbit_per_s: f64,
}

/// Measures and prints the table.
pub(crate) fn run(root: &Path, plan: &Plan) -> io::Result<()> {
    let nsw = crate::build_nsw(root, "release")?;
    let lab = Lab::up(&nsw)?;
    let total = plan.rounds * 2 * CONTENDERS.len();
    let bar = ProgressBar::new(u64::try_from(total).unwrap_or(0)).with_message("bulk TCP");
    let mut samples = Vec::new();
    let mut raw = String::new();
    for round in 0..plan.rounds {
        for streams in [1, 4] {
            for (contender, ends) in CONTENDERS.iter().enumerate() {
                let report = lab.iperf(*ends, streams, plan.seconds)?;
                let gbit_per_s = received(&report)?;
                samples.push(Sample { streams, round, contender, gbit_per_s });
                let _ = writeln!(
                    raw,
                    "round {round} streams {streams} {:<30} {gbit_per_s:6.2} Gbit/s, {} retransmits, load {}",
                    ends.0,
                    report["end"]["sum_sent"]["retransmits"],
                    load(),
                );
                bar.inc(1);
            }
        }
    }
    bar.finish_and_clear();
    let table = table(&samples, plan);
    print!("{table}");
    if let Some(folder) = &plan.into {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("tcp.txt"), format!("{}\n{table}\n{raw}", machine()))?;
    }
    Ok(())
}

/// A running lab; it goes down with this value.
struct Lab {
    nsw: PathBuf,
}

impl Lab {
    fn up(nsw: &Path) -> io::Result<Self> {
        let file = std::env::temp_dir().join("nestswitch-bench-live.yaml");
        std::fs::write(&file, LAB)?;
        let lab = Self { nsw: nsw.to_owned() };
        let status =
            Command::new(nsw).args(["lab", "up", "--detach"]).arg(&file).stdout(Stdio::null()).status()?;
        std::fs::remove_file(&file)?;
        if status.success() { Ok(lab) } else { Err(io::Error::other("the lab does not come up")) }
    }

    fn exec(&self, end: &str) -> Command {
        let mut command = Command::new(&self.nsw);
        command.args(["lab", "exec", "--lab", "bench-live", end, "--", "iperf3"]);
        command
    }

    /// One run of iperf3; the receiver serves one test and ends.
    fn iperf(
        &self,
        contender: (&str, &str, &str, &str),
        streams: usize,
        seconds: usize,
    ) -> io::Result<Value> {
        let (_, sender, receiver, address) = contender;
        let mut server = self.exec(receiver).args(["-s", "-1"]).stdout(Stdio::null()).spawn()?;
        let report = self.client(sender, address, streams, seconds);
        if report.is_err() {
            server.kill()?;
        }
        server.wait()?;
        report
    }

    /// The sender; it tries again while the receiver does not listen yet.
    fn client(&self, sender: &str, address: &str, streams: usize, seconds: usize) -> io::Result<Value> {
        let (streams, seconds) = (streams.to_string(), seconds.to_string());
        for _ in 0..200 {
            let output = self
                .exec(sender)
                .args(["-c", address, "-J", "-C", "cubic", "-O", "1", "-t", &seconds, "-P", &streams])
                .output()?;
            let report: Value = serde_json::from_slice(&output.stdout)?;
            match report["error"].as_str() {
                None => return Ok(report),
                Some(error) if error.contains("refused") => {}
                Some(error) => return Err(io::Error::other(error.to_owned())),
            }
        }
        Err(io::Error::other("the receiver does not listen"))
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        let down = Command::new(&self.nsw)
            .args(["lab", "down", "--lab", "bench-live"])
            .stdout(Stdio::null())
            .status();
        if !down.is_ok_and(|status| status.success()) {
            tell!("the lab did not go down; `nsw lab down --lab bench-live` takes it down");
        }
    }
}

fn received(report: &Value) -> io::Result<f64> {
    let bits = report["end"]["sum_received"]["bits_per_second"].as_f64();
    bits.map(|bits| bits / 1e9).ok_or_else(|| io::Error::other("iperf3 reports no received bits"))
}

fn table(samples: &[Sample], plan: &Plan) -> String {
    let mut text = format!(
        "bulk TCP, Gbit/s received, median [min-max] of {} interleaved rounds of {} s\n",
        plan.rounds, plan.seconds
    );
    for streams in [1, 4] {
        let of = |contender: usize| -> Vec<f64> {
            let mine =
                samples.iter().filter(|sample| (sample.streams, sample.contender) == (streams, contender));
            mine.map(|sample| sample.gbit_per_s).collect()
        };
        for (contender, (name, ..)) in CONTENDERS.iter().enumerate() {
            let _ = writeln!(text, "{streams} streams  {name:<30} {}", spread(of(contender), 2));
        }
        let ratios: Vec<f64> = (0..plan.rounds)
            .filter_map(|round| {
                let at = |contender: usize| {
                    let found = samples.iter().find(|sample| {
                        (sample.streams, sample.round, sample.contender) == (streams, round, contender)
                    });
                    found.map(|sample| sample.gbit_per_s)
                };
                Some(at(1)? / at(0)?)
            })
            .collect();
        let _ = writeln!(text, "{streams} streams  {:<30} {}", "ratio, round by round", spread(ratios, 2));
    }
    text
}

/// Median, smallest and largest, with so many digits.
pub(crate) fn spread(mut values: Vec<f64>, digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    match (values.first(), values.get(values.len() / 2), values.last()) {
        (Some(min), Some(median), Some(max)) => format!("{median:.digits$} [{min:.digits$}-{max:.digits$}]"),
        _ => "none".to_owned(),
    }
}

/// How busy the machine was in the last minute.
pub(crate) fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or("?").to_owned()
}

/// Processors and kernel, for the head of raw results.
pub(crate) fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name\t: ")).unwrap_or("unknown");
    let cpus = cpu.lines().filter(|line| line.starts_with("processor")).count();
    format!("{cpus} x {model}, Linux {}", read("/proc/sys/kernel/osrelease"))
}
