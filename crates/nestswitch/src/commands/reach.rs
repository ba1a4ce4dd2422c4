//! `nsw reach`: who reaches whom in a lab file, from `nsw_lab::doctor::reach`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use nsw_lab::doctor::reach::{Obstacle, Reachability, Summary};
use nsw_lab::graph::matrix::draw;
use nsw_lab::graph::{Matrix, paint};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::sim::{EndpointId, Verdict, World};
use serde_json::{Value, json};

use super::graph::write_picture;
use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::patience::Patience;
use super::trace::read_lab;
use crate::cli::ReachArgs;

/// A larger lab is summed up, as its table would fit on no screen.
const MAX_TABLE: usize = 24;
/// End points whose pairs are listed one by one as JSON: a million of them.
const MAX_LISTED: usize = 1000;
/// Obstacles that are listed; the rest is counted.
const MAX_OBSTACLES: usize = 20;

/// Obstacles that stand below a picture.
const OBSTACLES_DRAWN: usize = 6;

pub(crate) fn run(args: &ReachArgs, as_json: bool) -> Outcome {
    if let Some(path) = &args.output {
        is_a_picture(path, as_json)?;
    }
    let working = Patience::with("nsw reach");
    let lab = read_lab(&args.file)?;
    let world = World::new(&lab).map_err(Failure::new)?;
    let ends: Vec<EndpointId> =
        world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect();
    if as_json && !args.summary && ends.len() > MAX_LISTED {
        return Err(Failure::with_hint(
            format!("{} end points are too many to list each pair as JSON", ends.len()),
            "`--summary` counts them, and names what is in the way",
        ));
    }
    let reachability = Reachability::of(&world);
    drop(working);
    let summary = reachability.summary();
    let words = catalogue(&args.speech);
    if let Some(path) = &args.output {
        let below = (args.summary, obstacles(&words, summary, OBSTACLES_DRAWN));
        write_picture(path, &paint(&draw(&Matrix::of(&lab, &world, &reachability, below, &words))))?;
    } else if as_json {
        let pairs = (!args.summary).then(|| pairs_json(&world, &reachability, &ends));
        print_json(&summary_json(summary, pairs))?;
    } else {
        if !args.summary && ends.len() <= MAX_TABLE {
            line(table(&world, &reachability, &ends))?;
            line(format_args!("\n{}\n", words.say(&Message::ReachLegend {})))?;
        }
        line(in_words(&words, summary).trim_end())?;
    }
    let apart = summary.verdicts.keys().any(|verdict| is_trouble(verdict));
    Ok(if apart { Answer::No } else { Answer::Yes })
}

/// Is it a fault? To have no IP network in common is none.
fn is_trouble(verdict: &str) -> bool {
    [Verdict::OneWay, Verdict::Unreachable].iter().any(|trouble| trouble.code() == verdict)
}

/// Rows begin, columns answer.
fn table(world: &World, reachability: &Reachability, ends: &[EndpointId]) -> String {
    let name = |id: &EndpointId| world.endpoint(*id).name.as_str();
    let width = ends.iter().map(|id| name(id).len()).max().unwrap_or(0);
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(text, "{:>width$}", "");
    for number in 1..=ends.len() {
        let _ = write!(text, " {number:>2}");
    }
    for (number, from) in (1..).zip(ends) {
        let _ = write!(text, "\n{:>width$}", name(from));
        for to in ends {
            let _ = write!(text, " {:>2}", mark(reachability.verdict(*from, *to)));
        }
        let _ = write!(text, "  {number}");
    }
    text
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reachable => "x",
        Verdict::OneWay => ">",
        Verdict::Unreachable => "-",
        Verdict::NoRoute | Verdict::NoAddress { .. } => ".",
        Verdict::Itself => "",
    }
}

fn in_words(words: &Catalogue, summary: &Summary) -> String {
    let mut text = String::new();
    let pairs: u64 = summary.verdicts.values().sum();
    let (ends, asked) = (&summary.end_points, &summary.asked);
    let _ = writeln!(text, "{}", words.say(&Message::ReachAsked { ends, pairs: &pairs, asked }));
    for (verdict, pairs) in &summary.verdicts {
        let _ = writeln!(text, "{pairs:>14}  {verdict}");
    }
    let mut lines = obstacles(words, summary, MAX_OBSTACLES).into_iter();
    if let Some(title) = lines.next() {
        let _ = writeln!(text, "\n{title}");
    }
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// What is in the way: a line that says so, a line for each of the `most` that keep most pairs apart, and how many more there
/// are. Nothing if nothing is.
fn obstacles(words: &Catalogue, summary: &Summary, most: usize) -> Vec<String> {
    let groups = grouped(summary);
    let line = |(obstacle, pairs, hosts): &(&Obstacle, u64, usize)| {
        format!("{pairs:>14}  {}", obstacle_line(words, obstacle, *hosts))
    };
    let mut lines: Vec<String> = groups.iter().take(most).map(line).collect();
    if !lines.is_empty() {
        lines.insert(0, words.say(&Message::ReachObstacles {}));
    }
    if groups.len() > most {
        let more = &(groups.len() - most);
        lines.push(format!("{:>14}  {}", "", words.say(&Message::ReachMoreObstacles { more })));
    }
    lines
}

/// A matrix has no edges that Graphviz or Mermaid could lay out.
fn is_a_picture(path: &Path, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return Err(Failure::with_hint("--json is no picture", "leave one of --json and --output out"));
    }
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("svg") => Ok(()),
        None if path == Path::new("-") => Ok(()),
        _ => Err(Failure::with_hint(
            format!("`{}` is no name of a picture that is written here", path.display()),
            "name the file .svg, or - for stdout; `rsvg-convert` makes a PNG of an SVG",
        )),
    }
}

/// Obstacles of one reason at port groups of one name, whatever their host; most pairs first.
fn grouped(summary: &Summary) -> Vec<(&Obstacle, u64, usize)> {
    type Key<'a> = (&'a str, &'a str, bool, &'a str, Option<&'a str>);
    let mut groups: BTreeMap<Key<'_>, (&Obstacle, u64, usize)> = BTreeMap::new();
    for (obstacle, pairs) in &summary.obstacles {
        let Obstacle { reason, frame, host, device, port_group } = obstacle;
        let key = (*reason, *frame, host.is_some(), device.as_str(), port_group.as_deref());
        let group = groups.entry(key).or_insert((obstacle, 0, 0));
        group.1 += pairs;
        group.2 += 1;
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|(_, pairs, _)| std::cmp::Reverse(*pairs));
    groups
}

fn obstacle_line(words: &Catalogue, obstacle: &Obstacle, hosts: usize) -> String {
    let Obstacle { reason, frame, host, device, port_group } = obstacle;
    let mut place = match (host, hosts) {
        (Some(host), 1) => format!("{host} / {device}"),
        (Some(_), count) => format!("{} / {device}", words.say(&Message::CountHosts { count: &count })),
        (None, _) => words.device(None, device),
    };
    if let Some(port_group) = port_group {
        let _ = write!(place, " / {port_group}");
    }
    let frame = &words.frame_called(frame);
    words.say(&Message::ReachObstacle { reason, place: &place, frame })
}

fn summary_json(summary: &Summary, pairs: Option<Value>) -> Value {
    let obstacle = |(obstacle, pairs): (&Obstacle, &u64)| {
        json!({
            "reason": obstacle.reason,
            "frame": obstacle.frame,
            "host": obstacle.host,
            "device": obstacle.device,
            "port-group": obstacle.port_group,
            "pairs": pairs,
        })
    };
    let mut value = json!({
        "end-points": summary.end_points,
        "asked": summary.asked,
        "verdicts": summary.verdicts,
        "obstacles": summary.obstacles.iter().map(obstacle).collect::<Vec<_>>(),
    });
    if let Some(pairs) = pairs {
        value["pairs"] = pairs;
    }
    value
}

fn pairs_json(world: &World, reachability: &Reachability, ends: &[EndpointId]) -> Value {
    let pairs = ends.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to)));
    let pair = |(from, to): (EndpointId, EndpointId)| {
        json!({
            "from": world.endpoint(from).name,
            "to": world.endpoint(to).name,
            "verdict": reachability.verdict(from, to).code(),
        })
    };
    pairs.filter(|(from, to)| from != to).map(pair).collect()
}
