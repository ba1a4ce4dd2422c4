//! Seeded whole labs: `cargo xtask sim`. A random nested lab evolves step by step under a simulated clock, and laws that
//! no setting may break are checked after each step.
//!
//! It stands in xtask, where the command and the test of the gate share it and `nsw` does not carry it. Labs are drawn in
//! `lab.rs`, events in `event.rs`, the laws are in `laws.rs` and `fixes.rs`, a run in `run.rs`; a failure becomes small in `shrink.rs`.
//!
//! Not drawn: guests that bridge two adapters (loops have tests of their own), and changes of
//! `reverse-path-check-promiscuous`, which by rule R-9 leave a trace when undone.
//!
//! **Invariant:** a run is a function of its seed: same seed, same lab, same events, same digest.

#[cfg(test)]
mod doctor;
pub(crate) mod draw;
mod event;
mod fixes;
mod lab;
mod laws;
mod run;
mod shrink;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use run::{Failure, Plan, Tamper, run, untouched};

/// What the command line asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Options {
    /// The seed of the first lab; each lab after it has the next.
    seed: u64,
    /// Of each lab.
    steps: u64,
    labs: u64,
}

impl Options {
    /// Reads `--seed N [--steps M] [--labs K]`, in any order; the seed must be there.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let (mut seed, mut steps, mut labs) = (None, 100, 100);
        for pair in words.chunks(2) {
            let [key, value] = pair else { return Err(format!("{} needs a number", pair[0])) };
            let number = value.parse().map_err(|_| format!("{key} needs a number, not `{value}`"))?;
            match *key {
                "--seed" => seed = Some(number),
                "--steps" => steps = number,
                "--labs" => labs = number,
                _ => return Err(format!("sim has no option `{key}`")),
            }
        }
        let seed = seed.ok_or("sim needs --seed N: a run that cannot be repeated proves little")?;
        Ok(Self { seed, steps, labs })
    }
}

/// Runs the labs; exit code 1 and the whole story on stdout if a law does not hold.
pub(crate) fn command(options: Options) -> ExitCode {
    let bar = progress(options.labs.saturating_mul(options.steps));
    let (mut journeys, mut pings, mut reached) = (0, 0, 0);
    for lab in 0..options.labs {
        let plan = Plan::new(options.seed.wrapping_add(lab), options.steps);
        match run(&plan, untouched, &mut || tick(&bar)) {
            Ok(done) => {
                journeys += done.journeys;
                pings += done.pings;
                reached += done.reached;
                if options.labs == 1 {
                    say!("digest {:016x}", done.digest);
                }
            }
            Err(failure) => {
                bar.set_message("shrinking");
                let told = story(&plan, &failure, untouched);
                bar.finish_and_clear();
                say!("{told}");
                return ExitCode::from(1);
            }
        }
    }
    bar.finish_and_clear();
    let Options { labs, steps, .. } = options;
    say!("{labs} labs, {steps} steps each, {journeys} journeys, {reached} of {pings} pings: every law held");
    ExitCode::SUCCESS
}

/// How a plan fails, as small as it could be made, with everything that is needed to see it again.
fn story(plan: &Plan, failure: &Failure, tamper: Tamper) -> String {
    let (small, last) = shrink::shrink(plan, failure, tamper);
    let mut told = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(told, "law `{}` does not hold after step {}", failure.violation.law, failure.step + 1);
    let _ =
        writeln!(told, "repeat: cargo xtask sim --seed {} --labs 1 --steps {}", plan.seed, failure.step + 1);
    let _ = writeln!(told, "shrunk to {} of {} steps:", small.steps.len(), failure.step + 1);
    for (number, event) in last.events.iter().enumerate() {
        let _ = writeln!(told, "{:>4}  {event}", number + 1);
    }
    let _ = writeln!(told, "{}: {}", last.violation.law, last.violation.what);
    let _ = write!(told, "in this lab:\n\n{}", lab::text(small.seed, small.size));
    told
}

/// Drawn on stderr, and only once a second has passed.
fn progress(steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} steps, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn tick(bar: &ProgressBar) {
    bar.inc(1);
    if bar.is_hidden() && bar.elapsed() > Duration::from_secs(1) {
        bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
    }
}
