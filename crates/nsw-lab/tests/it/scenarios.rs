//! The acceptance scenarios of `tests/data/scenarios/`, held in two ways: each visit of a vSwitch by `decide` alone, and
//! the whole way of each frame by the simulator. The third way, live, is in `crates/nestswitch/tests/live`.
//!
//! `UPDATE_EXPECT=1` writes what the simulator found into the files; read it before you believe it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nsw_core::{Frame, NoTrace, Outcome, State, Tag, decide};
use nsw_lab::scenario::{Fate, FrameStep, Scenario, Stage, Step, Visit, fates};
use nsw_lab::sim::{FrameSpec, SwitchId};

const COUNT: u32 = 62;

#[test]
fn every_scenario_is_there_once() {
    let numbers: Vec<u32> = all().iter().map(|(_, scenario)| scenario.number).collect();
    assert_eq!(numbers, (1..=COUNT).collect::<Vec<_>>());
}

/// The whole way of each frame, and nothing besides.
#[test]
fn every_scenario_is_simulated_as_written() {
    for (path, scenario) in all() {
        let mut found = Vec::new();
        play(&scenario, |stage, frame| found.push(fates(&stage.send(frame).unwrap())));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            update(&path, &found);
            continue;
        }
        for (frame, found) in scenario.frames().zip(found) {
            assert!(frame.expect == found, "{}", difference(&scenario, frame, &found));
        }
    }
}

/// Each visit by itself: no simulator carries the frame there, and nothing is known of other switches.
#[test]
fn every_scenario_is_decided_as_written() {
    for (_, scenario) in all() {
        let mut states: BTreeMap<SwitchId, State> = BTreeMap::new();
        let mut now_ns = 0;
        let mut stage = Stage::new(&scenario, &topology(&scenario)).unwrap();
        for step in &scenario.steps {
            stage.happen(step).unwrap();
            match step {
                Step::WaitMs(ms) => now_ns += ms * 1_000_000,
                Step::Frame(frame) => {
                    let spec = stage.spec(frame).unwrap();
                    let visits = frame.expect.iter().filter_map(|fate| match fate {
                        Fate::Visit(visit) => Some(visit),
                        Fate::End(_) | Fate::Storm(_) => None,
                    });
                    let decided: Vec<Fate> =
                        visits.map(|visit| ask(&stage, &mut states, &spec, visit, now_ns)).collect();
                    let expected: Vec<&Fate> =
                        frame.expect.iter().filter(|fate| matches!(fate, Fate::Visit(_))).collect();
                    assert!(decided.iter().eq(expected), "{}", difference(&scenario, frame, &decided));
                }
                Step::Set(_) | Step::Guest(_) | Step::Link(_) => {}
            }
        }
    }
}

/// Lets `decide` answer for one vSwitch, whose memory is its own.
fn ask(
    stage: &Stage,
    states: &mut BTreeMap<SwitchId, State>,
    spec: &FrameSpec,
    visit: &Visit,
    now_ns: u64,
) -> Fate {
    let (id, ingress) = stage.world().port_named(&visit.at, &visit.by).unwrap();
    let tables = stage.world().switch(id).1.compile();
    let state = states.entry(id).or_default();
    state.prepare(&tables);
    let bytes = FrameSpec { vlan: visit.tag.unwrap_or(0), ..*spec }.bytes();
    let mut outcome = Outcome::default();
    let frame = Frame::parse(&bytes).unwrap();
    decide(&tables, state, ingress, &frame, now_ns, &mut NoTrace, &mut outcome);
    let name = |port| tables.port_name(port).to_owned();
    Fate::Visit(Visit::of(&visit.at, ingress, frame.tag().map(Tag::vid), &outcome, name))
}

fn play(scenario: &Scenario, mut frame: impl FnMut(&mut Stage, &FrameStep)) {
    let mut stage = Stage::new(scenario, &topology(scenario))
        .unwrap_or_else(|error| panic!("scenario {}: {error}", scenario.number));
    for step in &scenario.steps {
        stage.happen(step).unwrap_or_else(|error| panic!("scenario {}: {error}", scenario.number));
        if let Step::Frame(step) = step {
            frame(&mut stage, step);
        }
    }
}

fn difference(scenario: &Scenario, frame: &FrameStep, found: &[Fate]) -> String {
    let lines = |fates: &[Fate]| fates.iter().map(|fate| format!("  - {fate}\n")).collect::<String>();
    let Scenario { number, title, .. } = scenario;
    let expected = lines(&frame.expect);
    format!("scenario {number}, {title}: to {}\nexpected\n{expected}found\n{}", frame.to, lines(found))
}

fn all() -> Vec<(PathBuf, Scenario)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(data("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = Scenario::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, scenario)
    };
    paths.into_iter().map(read).collect()
}

fn topology(scenario: &Scenario) -> String {
    std::fs::read_to_string(data("topologies").join(format!("{}.yaml", scenario.topology))).unwrap()
}

fn data(folder: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "data", folder].iter().collect()
}

/// Writes what was found behind each `expect:` of the file.
fn update(path: &PathBuf, found: &[Vec<Fate>]) {
    let text = std::fs::read_to_string(path).unwrap();
    let mut found = found.iter();
    let (mut new, mut skipped_indent) = (String::new(), None);
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if skipped_indent.is_some_and(|outer| indent > outer) {
            continue;
        }
        skipped_indent = None;
        if line.trim_start().starts_with("expect:") {
            skipped_indent = Some(indent);
            new += &format!("{}expect:\n", " ".repeat(indent));
            let fates = found.next().unwrap();
            new.extend(fates.iter().map(|fate| format!("{}- {fate}\n", " ".repeat(indent + 2))));
        } else {
            new += line;
            new.push('\n');
        }
    }
    std::fs::write(path, new).unwrap();
}
