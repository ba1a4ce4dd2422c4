//! `nsw demo`: the fault of a nested lab and both cures, live.
//!
//! The same story is played on real frames where that is possible, and in the simulator elsewhere. What it prints comes
//! from the live switches' counters and drop rings, or from the simulator's decisions; nothing is written beforehand.

#[cfg(target_os = "linux")]
mod live;
mod simulated;
mod story;
mod text;

use nsw_lab::messages::{Catalogue, Message};

use self::story::Stage;
use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json, line};
use crate::cli::DemoArgs;
use crate::engine::EngineWish;

/// The lab of the demo, the first example.
const LAB: &str = include_str!("../../../../examples/nested.yaml");

pub(crate) fn run(args: &DemoArgs, as_json: bool) -> Outcome {
    let words = catalogue(&args.speech);
    let stage: Box<dyn Stage> =
        if args.simulate { simulated_stage()? } else { best_stage(&args.engines.wishes, &words)? };
    play(stage, &words, as_json)
}

/// Plays the story round by round, printing each as it is over.
fn play(mut stage: Box<dyn Stage>, words: &Catalogue, as_json: bool) -> Outcome {
    if !as_json {
        line(text::opening(words, &stage.place()))?;
    }
    let mut rounds = Vec::new();
    for round in story::ROUNDS {
        let report = stage.play(round)?;
        if !as_json {
            line(text::round(words, rounds.len() + 1, &report))?;
        }
        rounds.push(report);
    }
    let as_told = story::goes_as_told(&rounds);
    if as_json {
        json(
            &serde_json::json!({ "played": story::english(&stage.place()), "rounds": rounds, "as-told": as_told }),
        )?;
    } else {
        line(text::closing(words, &rounds))?;
    }
    Ok(if as_told { Answer::Yes } else { Answer::No })
}

fn simulated_stage() -> Result<Box<dyn Stage>, Failure> {
    Ok(Box::new(simulated::Simulated::new(LAB)?))
}

#[cfg(target_os = "linux")]
fn best_stage(wishes: &[EngineWish], words: &Catalogue) -> Result<Box<dyn Stage>, Failure> {
    match super::lab::start::live_is_possible() {
        Ok(()) => Ok(Box::new(live::Live::new(LAB, wishes)?)),
        Err(why) => {
            anstream::eprintln!("{}", words.say(&Message::DemoNotLive { why: &why.to_string() }));
            simulated_stage()
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn best_stage(_wishes: &[EngineWish], words: &Catalogue) -> Result<Box<dyn Stage>, Failure> {
    let why = &words.say(&Message::DemoNotLinux {});
    anstream::eprintln!("{}", words.say(&Message::DemoNotLive { why }));
    simulated_stage()
}
