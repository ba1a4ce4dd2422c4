//! `cargo xtask loss`: is a frame ever lost that policy allows, or delivered that it forbids, while everything changes?
//!
//! One host with the kernel engine, pinned, in a network namespace of its own; its guests stand behind ports that were
//! added, so they outlive the host's process:
//!
//! ```text
//!  a ---- numbered frames, one a millisecond, always allowed ----> b
//!  f ---- numbered frames with a foreign source, in phases ------> b     f is alone in port group `Flip`
//!  c <--- iperf3 and ping -f, as load --------------------------> d
//! ```
//!
//! The policy of `Flip` is changed, and when the host has acknowledged it a phase begins: some forged frames, then one that
//! is allowed under either policy. When that one has arrived, the phase is over. A forged frame bears what the policy said
//! when it was sent, so one that arrives though it was forbidden is found whenever it arrives. Meanwhile the host's process
//! is killed and started again, and ports are added and removed. Every number that a must have got through, and every
//! number that must not, is accounted for at the end.
//!
//! Needs root, `curl`, `iperf3`, `ping`.

mod host;
mod load;
mod stream;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use self::host::{Cable, Host};
use self::load::Load;
use self::stream::{Kind, Receiver, Sender, Steady};

/// Forged frames in a phase.
const FORGED: u64 = 5;
/// How long a frame that is allowed may take before it counts as lost. The machine is loaded on purpose.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much is changed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) flips: usize,
    pub(crate) kills: usize,
    pub(crate) ports: usize,
}

impl Default for Plan {
    fn default() -> Self {
        Self { flips: 1000, kills: 10, ports: 50 }
    }
}

/// What the phases had to do with forged frames.
#[derive(Clone, Copy, Debug, Default)]
struct Phases {
    accepted: u64,
    rejected: u64,
    /// Phases whose last, allowed frame did not arrive.
    unfinished: u64,
}

/// Plays it and prints what was counted; false if a frame went where it must not or did not go where it must.
pub(crate) fn run(root: &Path, plan: Plan) -> io::Result<bool> {
    let nsw = crate::build_nsw(root, "dev")?;
    let mut host = Host::start(&nsw)?;
    let cables = ["a", "b", "c", "d", "f"].iter().zip(1_u8..);
    let cables =
        cables.map(|(name, number)| Cable::lay(&host, name, number)).collect::<io::Result<Vec<_>>>()?;
    let [a, b, c, d, f] = &cables[..] else { return Err(io::ErrorKind::InvalidInput.into()) };
    for cable in [a, b, c, d] {
        host.add_port(cable, "VM Network")?;
    }
    host.add_port(f, "Flip")?;

    let receiver = Receiver::start(b)?;
    let flip = Sender::new(f, b)?;
    let begun = Instant::now();
    let softnet = load::backlog_drops()?;
    let load = Load::start(c, d)?;
    let steady = Steady::start(Sender::new(a, b)?);

    let bar = ProgressBar::new(plan.flips as u64).with_message("changes of policy");
    bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}").map_err(io::Error::other)?);
    let mut phases = Phases::default();
    let mut changes = Vec::new();
    let mut extra: Option<Cable> = None;
    let mut swapped = 0;
    for round in 0..plan.flips {
        let accept = round % 2 == 0;
        let asked = Instant::now();
        host.set_forged_transmits("Flip", accept)?;
        changes.push(asked.elapsed());
        phase(&flip, &receiver, accept, &mut phases)?;
        if due(round, plan.flips, plan.kills) {
            host.kill()?;
            phase(&flip, &receiver, accept, &mut phases)?;
            host.run()?;
            phase(&flip, &receiver, accept, &mut phases)?;
        }
        if due(round, plan.flips, 2 * plan.ports) {
            extra = match extra.take() {
                None => {
                    let cable = Cable::lay(&host, "x", 9)?;
                    host.add_port(&cable, "VM Network")?;
                    Some(cable)
                }
                Some(cable) => {
                    host.remove_port(&cable)?;
                    None
                }
            };
            swapped += 1;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let sent = steady.stop()?;
    let load = load.stop()?;
    let arrived = receiver.stop(sent, PATIENCE)?;

    changes.sort();
    say!(
        "{} changes of policy (median {:.1} ms), {} kills, {swapped} ports added or removed, in {} s",
        plan.flips,
        changes.get(changes.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1e3,
        plan.kills,
        begun.elapsed().as_secs()
    );
    say!("load: {load}; dropped by full queues of the kernel: {}", load::backlog_drops()? - softnet);
    let lost = sent.saturating_sub(arrived.numbers(Kind::Steady));
    let forged_lost = phases.accepted.saturating_sub(arrived.numbers(Kind::Accepted));
    let leaked = arrived.numbers(Kind::Rejected);
    say!("allowed, a to b:          {sent} sent, {lost} lost, {} twice", arrived.twice);
    say!("forged, while accepted:   {} sent, {forged_lost} lost", phases.accepted);
    say!("forged, while rejected:   {} sent, {leaked} delivered", phases.rejected);
    say!("phases without their end: {}", phases.unfinished);
    say!("ping -f: {} lost", load.lost);
    Ok([lost, arrived.twice, forged_lost, leaked, phases.unfinished, load.lost]
        .iter()
        .all(|count| *count == 0))
}

/// Is one of `times` events due in this round, of `rounds`?
fn due(round: usize, rounds: usize, times: usize) -> bool {
    (round + 1) * times / rounds.max(1) > round * times / rounds.max(1)
}

/// Some forged frames under the policy as it is, and one that shows that they have gone whatever way they go.
fn phase(flip: &Sender, receiver: &Receiver, accept: bool, phases: &mut Phases) -> io::Result<()> {
    let (kind, count) =
        if accept { (Kind::Accepted, &mut phases.accepted) } else { (Kind::Rejected, &mut phases.rejected) };
    for _ in 0..FORGED {
        flip.send(kind, *count)?;
        *count += 1;
    }
    let mark = phases.accepted + phases.rejected;
    flip.send(Kind::Mark, mark)?;
    if !receiver.wait_for_mark(mark, PATIENCE) {
        phases.unfinished += 1;
    }
    Ok(())
}
