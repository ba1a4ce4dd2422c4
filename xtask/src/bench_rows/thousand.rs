//! A switch of 1,000 ports: what making their devices takes, what adding them, a change of policy, and stopping.
//!
//! Making a thousand namespaces and devices is the kernel's work and nearly the same for everybody; it is said apart from
//! what is ours, which is everything from there on until each port is in force.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use nsw_core::{Action, Security};
use nsw_dataplane::netns::Namespace;

use super::bed::{self, Contender, Guest, Ours, Setup, peers};
use super::{OURS_AND_BRIDGE, Sheet, spread};

const PORTS: usize = 1000;
const CHANGES: usize = 20;
/// So far apart that one change has nothing to do with the last one, as when somebody edits a policy.
const APART: Duration = Duration::from_millis(50);

pub(super) fn measure(sheet: &mut Sheet) -> io::Result<()> {
    for contender in OURS_AND_BRIDGE {
        let line = of(contender)?;
        sheet.say(&format!("1,000 ports; {}; {line}", contender.name()));
    }
    Ok(())
}

fn of(contender: Contender) -> io::Result<String> {
    let switch = Namespace::create()?;
    let (guests, spaces) = timed(|| (0..PORTS).map(Guest::new).collect::<io::Result<Vec<_>>>())?;
    let mut line = format!("namespaces {} ms", ms(spaces));
    let ours = if contender == Contender::Bridge {
        let (devices, made) = timed(|| peers::veths(&switch, &guests))?;
        let ((), added) = timed(|| peers::enslave(&switch, &devices))?;
        let _ = write!(line, "; devices {} ms; added in {} ms", ms(made), ms(added));
        None
    } else {
        let (devices, made) = timed(|| bed::devices(contender, &switch, &guests))?;
        let setup = Setup { guests: PORTS, ..Setup::default() };
        let (mut ours, added) = timed(|| Ours::start(&switch, &guests, setup, devices))?;
        let _ = write!(line, "; devices {} ms; added in {} ms", ms(made), ms(added));
        let _ = write!(line, "; a change of policy {} ms", spread(policy(&mut ours, APART)?, 2));
        let _ = write!(line, ", one upon the other {} ms", spread(policy(&mut ours, Duration::ZERO)?, 2));
        Some(ours)
    };
    let (_, stopped) = timed(|| {
        drop(ours);
        Ok(())
    })?;
    let (_, gone) = timed(|| {
        drop((guests, switch));
        Ok(())
    })?;
    let _ = write!(line, "; stopped in {} ms; namespaces given up in {} ms", ms(stopped), ms(gone));
    Ok(line)
}

/// Milliseconds for each of some changes: forged transmits for the whole switch, on and off, this long after each other.
fn policy(ours: &mut Ours, apart: Duration) -> io::Result<Vec<f64>> {
    let change = |round: usize| {
        std::thread::park_timeout(apart);
        let mut config = ours.switch.config().clone();
        let action = Some(if round.is_multiple_of(2) { Action::Accept } else { Action::Reject });
        config.security = Security { forged_transmits: action, ..config.security };
        let ((), took) = timed(|| {
            ours.switch.reconfigure(config).map_err(io::Error::other)?;
            ours.install()
        })?;
        Ok(took.as_secs_f64() * 1e3)
    };
    (0..CHANGES).map(change).collect()
}

fn timed<T>(work: impl FnOnce() -> io::Result<T>) -> io::Result<(T, Duration)> {
    let begun = Instant::now();
    work().map(|done| (done, begun.elapsed()))
}

fn ms(time: Duration) -> u128 {
    time.as_millis()
}
