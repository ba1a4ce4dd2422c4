//! `nsw trace`: a conversation or a frame through a lab file, in the simulator.

use std::io::Write as _;
use std::path::Path;

use nsw_core::{Drop, PortId, Reason, Refusal, StepText, Tables};
use nsw_lab::sim::{At, Conversation, FrameSpec, Hop, Journey, Leg, LegVerdict, Verdict, World};
use nsw_lab::spec::{Parsed, Problem};
use nsw_lab::topology::Lab;
use serde_json::{Value, json};

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, finding, json as print_json, line};
use crate::cli::{Speech, TraceArgs};

pub(crate) fn run(args: &TraceArgs, as_json: bool) -> Outcome {
    let world = World::new(&read_lab(&args.file)?).map_err(Failure::new)?;
    match (&args.from, &args.to, &args.at, &args.frame) {
        (Some(from), Some(to), _, _) => conversation(&world, [from, to], &args.speech, as_json),
        (_, _, Some(at), Some(frame)) => one_frame(&world, [at, frame], &args.speech, as_json),
        _ => Err(Failure::with_hint(
            "nothing to trace",
            "for a conversation say --from web01 --to laptop, \
             for one frame --at physical/nested-1.vmnic0 --frame 'src=00:50:56:aa:00:07 dst=broadcast'",
        )),
    }
}

/// Reads and checks a lab file; errors and warnings about it go to stderr.
pub(crate) fn read_lab(file: &Path) -> Result<Lab, Failure> {
    read_parsed(file).map(|parsed| parsed.lab)
}

/// The same, with the places of everything.
pub(crate) fn read_parsed(file: &Path) -> Result<Parsed, Failure> {
    let text = read_lab_file(file)?;
    let parsed = nsw_lab::spec::parse(&file.to_string_lossy(), &text).map_err(|errors| {
        say(errors.problems());
        Failure::new(&errors)
    })?;
    say(&parsed.warnings);
    Ok(parsed)
}

/// The text of a lab file.
pub(crate) fn read_lab_file(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::with_hint(
            format!("there is no lab file {}", file.display()),
            "name one, as in `nsw lab check examples/nested.yaml`; docs/lab-file.md says how to write your own",
        ),
        std::io::ErrorKind::InvalidData => {
            Failure::new(format!("cannot read {}: it is no text in UTF-8", file.display()))
        }
        _ => Failure::new(format!("cannot read {}: {error}", file.display())),
    })
}

pub(super) fn say(problems: &[Problem]) {
    let mut stderr = anstream::stderr();
    for problem in problems {
        let _ = writeln!(stderr, "{}\n", finding(problem));
    }
}

fn conversation(world: &World, [from, to]: [&str; 2], speech: &Speech, as_json: bool) -> Outcome {
    let from = world.find(from)?;
    let to = world.find(to)?;
    let conversation = world.converse(from, to);
    if as_json {
        print_json(&conversation_json(&conversation))?;
    } else {
        line(conversation.tell(&catalogue(speech)).trim_end())?;
    }
    Ok(if conversation.verdict == Verdict::Reachable { Answer::Yes } else { Answer::No })
}

fn one_frame(world: &World, [at, frame]: [&str; 2], speech: &Speech, as_json: bool) -> Outcome {
    let (host, port) = at.split_once('/').ok_or_else(|| {
        Failure::with_hint(format!("`{at}` is no port"), "write HOST/PORT, as physical/nested-1.vmnic0")
    })?;
    let frame: FrameSpec = frame.parse().map_err(Failure::new)?;
    let journey = world.at(host, port).map_err(Failure::new)?.frame(&frame);
    if as_json {
        print_json(&journey_json(&journey))?;
    } else {
        line(journey.tell(&catalogue(speech)).trim_end())?;
    }
    let delivered = journey.hops.first().is_some_and(|hop| !hop.exits.is_empty());
    Ok(if delivered { Answer::Yes } else { Answer::No })
}

fn conversation_json(conversation: &Conversation) -> Value {
    json!({
        "from": conversation.from_name,
        "to": conversation.to_name,
        "verdict": conversation.verdict.code(),
        "legs": conversation.legs.iter().map(leg_json).collect::<Vec<_>>(),
    })
}

fn leg_json(leg: &Leg) -> Value {
    let verdict = match &leg.verdict {
        LegVerdict::Arrived { copies } => json!({ "arrived": true, "copies": copies }),
        LegVerdict::Died(death) => json!({
            "arrived": false,
            "died": death.to_string(),
            "host": death.place.host,
            "device": death.place.device,
            "port-group": death.place.port_group,
            "port": death.place.port,
            "reason": death.cause.code(),
            "policy": death.policy.as_ref().map(|policy| &policy.text),
            "refusals": death.refusals.iter().map(|refused| json!({
                "port": refused.place.port,
                "port-group": refused.place.port_group,
                "reason": refused.reason.code(),
                "policy": refused.policy.as_ref().map(|policy| &policy.text),
            })).collect::<Vec<_>>(),
        }),
        LegVerdict::NotSent => json!({ "arrived": false, "sent": false }),
    };
    json!({
        "leg": leg.kind.name(),
        "verdict": verdict,
        "journey": leg.journey.as_ref().map(journey_json),
    })
}

fn journey_json(journey: &Journey) -> Value {
    json!({ "from": journey.from, "hops": journey.hops.iter().map(hop_json).collect::<Vec<_>>() })
}

fn hop_json(hop: &Hop) -> Value {
    match &hop.at {
        At::VSwitch(visit) => {
            let tables = &*visit.tables;
            let steps = visit.steps.iter().map(|step| StepText { step: *step, tables }.to_string());
            json!({
                "host": visit.host,
                "vswitch": tables.name(),
                "ingress": tables.port_name(visit.ingress),
                "vlan": visit.outcome.vlan.map(nsw_core::VlanId::get),
                "steps": steps.collect::<Vec<_>>(),
                "deliveries": visit.outcome.deliveries.iter().map(|delivery| json!({
                    "port": tables.port_name(delivery.port),
                    "cause": delivery.cause.name(),
                })).collect::<Vec<_>>(),
                "refusals": visit.outcome.refusals.iter()
                    .map(|&Refusal { port, reason }| refusal_json(tables, port, reason)).collect::<Vec<_>>(),
                "drop": visit.outcome.drop.map(|Drop { port, reason }| refusal_json(tables, port, reason)),
            })
        }
        At::Bridge(visit) => json!({
            "segment": visit.name,
            "ingress": visit.ingress_name,
            "egress": hop.exits.iter().map(|exit| &exit.port).collect::<Vec<_>>(),
        }),
    }
}

fn refusal_json(tables: &Tables, port: PortId, reason: Reason) -> Value {
    json!({
        "port": tables.port_name(port),
        "reason": reason.code(),
        "policy": tables.policy_line(port, reason).map(|line| line.to_string()),
    })
}
