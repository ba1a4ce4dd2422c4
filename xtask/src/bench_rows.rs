//! `cargo xtask bench-live ROW`: one measure of the live switch, against its peers in the same run.
//!
//! Rounds are interleaved, since a shared machine changes speed by the second: every contender once, then every one again.
//! What is said is the median over rounds with its spread, and the median of the ratios to the bridge round by round. The
//! raw lines carry the load of the machine and how far its two cores are from each other (a cache line's round trip), which
//! on some machines changes by the second and changes every result that crosses cores.
//!
//! Needs root, `iperf3`, `nft`, `ip`, `ethtool`.

mod bed;
mod thousand;

use std::fmt::Write as _;
use std::io;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nsw_dataplane::traffic::{Generator, received};
use serde_json::Value;

use self::bed::{Bed, Contender, Policies, Setup, Spare};
use crate::bench_live::{load, machine, spread};

/// The rows, each with what it is.
pub(crate) const ROWS: &str = "\
  rate           64-byte frames a second between two guests
  cost           64-byte frames between two guests, nanoseconds of the sender's CPU a frame
  tcp            bulk TCP, 1 and 4 streams, Gbit/s
  tcp-off        the same with the guests' offloads off
  latency        request and response over UDP, microseconds, median and 99th percentile
  fanout         broadcast to 8, 32 and 128 guests, nanoseconds a copy
  fanout-cost    the same in nanoseconds of the sender's CPU
  cpu            seconds of the machine's CPUs for each GB of bulk TCP, 1 stream, and how many of them were busy
  ports          64-byte frames a second with 2, 32, 128 and 512 guests
  macs           64-byte frames a second with 0, 10, 1,000 and 100,000 more addresses registered
  policies       64-byte frames a second with every policy at Reject, at Accept, and with everything beyond
  thousand       1,000 ports: milliseconds to make their devices, to add them, for one change of policy, and to stop
  promiscuous    64-byte frames a second between two guests beside 0, 1, 8, 32 promiscuous ones
";
const ALL: [Contender; 8] = [
    Contender::Bridge,
    Contender::BridgeNft,
    Contender::Macvlan,
    Contender::Redirect,
    Contender::Vde,
    Contender::Ovs,
    Contender::User,
    Contender::Kernel,
];
const OURS_AND_BRIDGE: [Contender; 3] = [Contender::Bridge, Contender::User, Contender::Kernel];

const OURS: [Contender; 2] = [Contender::Kernel, Contender::User];

/// How it is measured.
pub(crate) struct Plan {
    pub(crate) row: String,
    pub(crate) rounds: usize,
    pub(crate) seconds: f64,
    /// The contenders, by their words, comma-separated; all that the row has if `None`.
    pub(crate) with: Option<String>,
    /// Where the results go; nowhere if `None`.
    pub(crate) into: Option<PathBuf>,
}

/// Figures of one measure, by contender and round.
struct Sheet {
    text: String,
    raw: String,
    rounds: usize,
    with: Option<String>,
}

/// Measures and prints.
pub(crate) fn run(plan: &Plan) -> io::Result<()> {
    let is_known = |word: &&str| ALL.iter().any(|contender| contender.word() == *word);
    if let Some(unknown) =
        plan.with.as_deref().and_then(|words| words.split(',').find(|word| !is_known(word)))
    {
        let known = ALL.map(Contender::word).join(", ");
        return Err(io::Error::other(format!("`{unknown}` is none of {known}")));
    }
    let mut sheet =
        Sheet { text: String::new(), raw: String::new(), rounds: plan.rounds, with: plan.with.clone() };
    let time = Duration::from_secs_f64(plan.seconds);
    match plan.row.as_str() {
        "rate" => sheet.measure("64-byte frames/s", &ALL, two(), |bed| rate(bed, time))?,
        "cost" => sheet.measure("64-byte frames, CPU ns a frame", &ALL, two(), |bed| cost(bed, time))?,
        "cpu" => {
            let what = ["bulk TCP, CPU s a GB", "processors busy", "Gbit/s"];
            sheet.measure_together(what, &ALL, two(), |bed| cpu_per_gb(bed, plan.seconds))?;
        }
        "macs" => {
            for addresses in [0, 10, 1000, 100_000] {
                let setup = Setup { addresses, ..two() };
                let what = format!("64-byte frames/s, {addresses} more addresses");
                sheet.measure(&what, &OURS, setup, |bed| rate(bed, time))?;
            }
        }
        "policies" => {
            for policies in [Policies::Reject, Policies::Accept, Policies::Everything] {
                let setup = Setup { policies, ..two() };
                let what = format!("64-byte frames/s, {policies:?}");
                sheet.measure(&what, &OURS_AND_BRIDGE, setup, |bed| rate(bed, time))?;
            }
        }
        "tcp" => tcp(&mut sheet, plan, "on")?,
        "tcp-off" => tcp(&mut sheet, plan, "off")?,
        "latency" => {
            sheet.measure("UDP round trip, median us", &ALL, two(), |bed| latency(bed, time, 50))?;
            sheet.measure("UDP round trip, 99th percentile us", &ALL, two(), |bed| latency(bed, time, 99))?;
        }
        "fanout" | "fanout-cost" => {
            let on_cpu = plan.row == "fanout-cost";
            for copies in [8, 32, 128] {
                let setup = Setup { guests: copies + 1, ..two() };
                let what = format!("broadcast to {copies}, ns a copy");
                sheet.measure(&what, &OURS_AND_BRIDGE, setup, |bed| fan_out(bed, time, on_cpu))?;
            }
        }
        "ports" => {
            for guests in [2, 32, 128, 512] {
                let setup = Setup { guests, ..two() };
                let what = format!("64-byte frames/s, {guests} ports");
                sheet.measure(&what, &OURS_AND_BRIDGE, setup, |bed| rate(bed, time))?;
            }
        }
        "thousand" => thousand::measure(&mut sheet)?,
        "promiscuous" => promiscuous(&mut sheet, time)?,
        other => return Err(io::Error::other(format!("no row `{other}`; there are\n{ROWS}"))),
    }
    if let Some(folder) = &plan.into {
        std::fs::create_dir_all(folder)?;
        let file = folder.join(format!("{}.txt", plan.row));
        std::fs::write(file, format!("{}\n{}\n{}", machine(), sheet.text, sheet.raw))?;
    }
    Ok(())
}

fn two() -> Setup {
    Setup { guests: 2, ..Setup::default() }
}

impl Sheet {
    /// One measure of every contender in turn, round by round.
    fn measure(
        &mut self,
        what: &str,
        contenders: &[Contender],
        setup: Setup,
        take: impl Fn(&Bed) -> io::Result<f64>,
    ) -> io::Result<()> {
        self.measure_together([what], contenders, setup, |bed| take(bed).map(|figure| [figure]))
    }

    /// Several figures that are taken at once, so that they are of the same moment.
    fn measure_together<const N: usize>(
        &mut self,
        what: [&str; N],
        contenders: &[Contender],
        setup: Setup,
        take: impl Fn(&Bed) -> io::Result<[f64; N]>,
    ) -> io::Result<()> {
        let wanted = |contender: &&Contender| match &self.with {
            Some(words) => words.split(',').any(|word| word == contender.word()),
            None => true,
        };
        let contenders: Vec<Contender> = contenders.iter().filter(wanted).copied().collect();
        let beds: Vec<Bed> =
            contenders.iter().map(|contender| Bed::new(*contender, setup)).collect::<io::Result<_>>()?;
        let mut rounds = vec![Vec::new(); contenders.len()];
        for round in 0..self.rounds {
            for ((contender, bed), figures) in contenders.iter().zip(&beds).zip(&mut rounds) {
                let before = core_distance_ns();
                let taken = take(bed)?;
                let after = core_distance_ns();
                for (what, figure) in what.iter().zip(taken) {
                    let _ = writeln!(
                        self.raw,
                        "{what}; round {round}; {}; {}; cores {before}/{after} ns; load {}",
                        contender.name(),
                        rounded(figure),
                        load()
                    );
                }
                figures.push(taken);
            }
        }
        for (number, what) in what.iter().enumerate() {
            let figures = rounds.iter().map(|taken| taken.iter().map(|figures| figures[number]).collect());
            self.compare(what, &contenders, &figures.collect::<Vec<_>>());
        }
        Ok(())
    }

    /// Says the figures of each contender, and how they compare with those of the first.
    fn compare(&mut self, what: &str, contenders: &[Contender], figures: &[Vec<f64>]) {
        self.say(&format!("{what}; median [min-max] of {} rounds, ratio to the first", self.rounds));
        let base = figures.first().cloned().unwrap_or_default();
        for (contender, figures) in contenders.iter().zip(figures) {
            let ratios = figures.iter().zip(&base).map(|(figure, base)| figure / base).collect();
            let digits = if figures.iter().all(|figure| *figure < 10.0) { 2 } else { 1 };
            self.say(&format!(
                "  {:<32} {}  ratio {}",
                contender.name(),
                spread(figures.clone(), digits),
                spread(ratios, 2)
            ));
        }
    }

    fn say(&mut self, line: &str) {
        say!("{line}");
        let _ = writeln!(self.text, "{line}");
    }
}

/// A figure with as many digits as mean something.
fn rounded(figure: f64) -> String {
    if figure < 10.0 { format!("{figure:.3}") } else { format!("{figure:.1}") }
}

/// A frame of 64 bytes with its checksum, which the device adds. Nobody listens to its protocol.
fn frame(to: [u8; 6], from: [u8; 6]) -> [u8; 60] {
    let mut frame = [0; 60];
    frame[..6].copy_from_slice(&to);
    frame[6..12].copy_from_slice(&from);
    frame[12..14].copy_from_slice(&[0x88, 0xb5]);
    frame
}

/// Frames a second that arrive at the second guest from the first.
fn rate(bed: &Bed, time: Duration) -> io::Result<f64> {
    let begun = Instant::now();
    Ok(between_two(bed, time)? as f64 / begun.elapsed().as_secs_f64())
}

/// Nanoseconds that the sending thread was on a CPU for each frame that arrived. A switch in the kernel does its work
/// there, in the sender's context, so that other work on the machine changes this less than the rate. What a process of
/// its own does is not in it.
fn cost(bed: &Bed, time: Duration) -> io::Result<f64> {
    let before = on_cpu_ns()?;
    let arrived = between_two(bed, time)?;
    Ok((on_cpu_ns()? - before) / arrived.max(1) as f64)
}

/// How long this thread has been on a CPU.
fn on_cpu_ns() -> io::Result<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = text.split(' ').next().and_then(|word| word.parse().ok());
    first.ok_or_else(|| io::Error::other("no times in /proc/thread-self/schedstat"))
}

/// Sends frames from the first guest to the second for as long as it is told; how many arrived.
fn between_two(bed: &Bed, time: Duration) -> io::Result<u64> {
    let [a, b] = [&bed.guests[0], &bed.guests[1]];
    // Both speak once, so that a bridge knows where they are.
    Generator::new(&b.namespace, "eth0")?
        .run(&frame(a.mac.octets(), b.mac.octets()), Duration::from_millis(1))?;
    let generator = Generator::new(&a.namespace, "eth0")?;
    let before = received(&b.namespace, "eth0")?;
    generator.run(&frame(b.mac.octets(), a.mac.octets()), time)?;
    Ok(received(&b.namespace, "eth0")? - before)
}

/// Nanoseconds a copy that arrives, of a broadcast to everybody: of the clock, or of the sender's CPU.
fn fan_out(bed: &Bed, time: Duration, on_cpu: bool) -> io::Result<f64> {
    let (sender, others) = bed.guests.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let arrived = || {
        let each = others.iter().map(|guest| received(&guest.namespace, "eth0"));
        each.sum::<io::Result<u64>>()
    };
    let before = arrived()?;
    let generator = Generator::new(&sender.namespace, "eth0")?;
    let (begun, cpu) = (Instant::now(), on_cpu_ns()?);
    generator.run(&frame([0xff; 6], sender.mac.octets()), time)?;
    let took = if on_cpu { on_cpu_ns()? - cpu } else { begun.elapsed().as_nanos() as f64 };
    let copies = arrived()? - before;
    Ok(took / copies.max(1) as f64)
}

fn tcp(sheet: &mut Sheet, plan: &Plan, offloads: &str) -> io::Result<()> {
    for streams in [1, 4] {
        let what = format!("TCP, {streams} streams, offloads {offloads}, Gbit/s");
        sheet.measure(&what, &ALL, two(), |bed| {
            if offloads == "off" {
                // macvlan has none of its own to switch off.
                for guest in &bed.guests {
                    let _ = guest.sh("ethtool -K eth0 tx off tso off gso off gro off");
                }
            }
            bulk(bed, streams, plan.seconds)
        })?;
    }
    Ok(())
}

/// Gbit/s of iperf3 between the first two guests, as the receiver counts.
fn bulk(bed: &Bed, streams: usize, seconds: f64) -> io::Result<f64> {
    let [a, b] = [&bed.guests[0], &bed.guests[1]];
    let iperf = |args: &[String]| {
        let mut command = Command::new("iperf3");
        command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        command
    };
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let mut server = b.namespace.run(|| iperf(&words("-s -1")).spawn())??;
    let client = format!("-c {} -J -C cubic -P {streams} -t {}", b.address, seconds.ceil().max(1.0));
    let deadline = Instant::now() + Duration::from_secs(5);
    let figure = loop {
        let output = a.namespace.run(|| iperf(&words(&client)).output())??;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        match report["end"]["sum_received"]["bits_per_second"].as_f64() {
            Some(bits) => break Ok(bits / 1e9),
            // The server may not listen yet.
            None if Instant::now() < deadline => thread::yield_now(),
            None => break Err(io::Error::other(format!("iperf3: {}", report["error"]))),
        }
    };
    let _ = server.kill();
    server.wait()?;
    figure
}

/// Seconds that the machine's CPUs were busy for each GB that iperf3 moved, how many of them were, and the Gbit/s: everybody's
/// work is in it, so the machine must be quiet.
fn cpu_per_gb(bed: &Bed, seconds: f64) -> io::Result<[f64; 3]> {
    let (busy, begun) = (busy_s()?, Instant::now());
    let gbit_per_s = bulk(bed, 1, seconds)?;
    let (busy, took) = (busy_s()? - busy, begun.elapsed().as_secs_f64());
    let gbytes = gbit_per_s / 8.0 * seconds.ceil().max(1.0).min(took);
    Ok([busy / gbytes, busy / took, gbit_per_s])
}

/// How long the CPUs have been busy, in all.
fn busy_s() -> io::Result<f64> {
    const HZ: f64 = 100.0;
    let text = std::fs::read_to_string("/proc/stat")?;
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match ticks[..] {
        [user, nice, system, _idle, _iowait, irq, softirq, ..] => {
            Ok((user + nice + system + irq + softirq) / HZ)
        }
        _ => Err(io::Error::other("no times in /proc/stat")),
    }
}

/// The round trip of a 64-byte request and response in microseconds, at this percentile.
fn latency(bed: &Bed, time: Duration, percentile: usize) -> io::Result<f64> {
    let [a, b] = [&bed.guests[0], &bed.guests[1]];
    let server = b.namespace.run(|| UdpSocket::bind((b.address, 7)))??;
    let client = a.namespace.run(|| UdpSocket::bind((a.address, 0)))??;
    client.connect((b.address, 7))?;
    for socket in [&server, &client] {
        socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    }
    let answering = thread::spawn(move || {
        let mut buffer = [0; 64];
        while let Ok((len, from)) = server.recv_from(&mut buffer) {
            if len < 64 || server.send_to(&buffer[..len], from).is_err() {
                return;
            }
        }
    });
    let mut trips = Vec::new();
    let deadline = Instant::now() + time;
    while Instant::now() < deadline {
        let begun = Instant::now();
        client.send(&[0; 64])?;
        if client.recv(&mut [0; 64]).is_ok() {
            trips.push(begun.elapsed().as_nanos() as f64 / 1e3);
        }
    }
    client.send(&[0])?;
    let _ = answering.join();
    trips.sort_by(f64::total_cmp);
    let at = (trips.len() * percentile / 100).min(trips.len().saturating_sub(1));
    trips.get(at).copied().ok_or_else(|| io::Error::other("nobody answered"))
}

fn promiscuous(sheet: &mut Sheet, time: Duration) -> io::Result<()> {
    for spare in [Spare::Nothing, Spare::LearningFilter, Spare::MacLearning] {
        for promiscuous in [0, 1, 8, 32] {
            let setup = Setup { guests: 2 + promiscuous, promiscuous, spare, ..two() };
            let what = format!("64-byte frames/s beside {promiscuous} promiscuous guests, {spare:?}");
            sheet.measure(&what, &OURS, setup, |bed| rate(bed, time))?;
        }
    }
    Ok(())
}

/// How long a cache line takes from one core to another and back, in the mean of some milliseconds. On a machine that is
/// busy the two sides wait for their cores, and the number says so.
fn core_distance_ns() -> u64 {
    const FOR: Duration = Duration::from_millis(5);
    let (ball, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    let play = |side: u64| {
        let mut mine = side;
        while !over.load(Ordering::Relaxed) {
            if ball.load(Ordering::Acquire) == mine {
                ball.store(mine + 1, Ordering::Release);
                mine += 2;
            }
            std::hint::spin_loop();
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| play(0));
        scope.spawn(|| play(1));
        thread::park_timeout(FOR);
        over.store(true, Ordering::Relaxed);
    });
    let trips = ball.load(Ordering::Relaxed) / 2;
    u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX) / trips.max(1)
}
