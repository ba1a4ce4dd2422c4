//! The simulator: a lab file, somebody who sends, and the text of what comes of it.

mod answers;
mod classic;
mod deaths;
mod inject;
mod laws;
mod levels;
mod memory;
mod pings;
mod team_time;
mod teams;
mod vlans;
mod words;

use expect_test::Expect;
use nsw_core::{Action, Cause, Frame, Security, Tag};
use nsw_lab::sim::{Acceptance, At, FrameSpec, Journey, World};
use nsw_lab::spec;

/// The world of a lab file.
fn world(text: &str) -> World {
    World::new(&spec::parse("test.yaml", text).unwrap().lab).unwrap()
}

/// The world of a file in `examples/`.
fn example(name: &str) -> World {
    let path = format!("{}/../../examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    world(&std::fs::read_to_string(path).unwrap())
}

/// `A/i/R` and the like: promiscuous mode, MAC address changes, forged transmits; `i` inherits.
fn policy(text: &str) -> Security<Option<Action>> {
    let action = |letter| match letter {
        "A" => Some(Action::Accept),
        "R" => Some(Action::Reject),
        _ => None,
    };
    let [promiscuous, mac_changes, forged_transmits] =
        text.split('/').map(action).collect::<Vec<_>>().try_into().unwrap();
    Security { promiscuous, mac_changes, forged_transmits }
}

/// Lets `from` ping `to`, and compares everything that is told about it.
fn check(world: &World, from: &str, to: &str, expected: &Expect) {
    expected.assert_eq(&ping(world, from, to));
}

/// The same, and compares what comes after the legs only: what becomes of it in either direction.
fn check_end(world: &World, from: &str, to: &str, expected: &Expect) {
    let text = ping(world, from, to);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.iter().position(|line| line.contains(" -> ") && line.contains(": "));
    expected.assert_eq(&lines[end.unwrap_or(lines.len())..].join("\n"));
}

fn ping(world: &World, from: &str, to: &str) -> String {
    world.converse(world.find(from).unwrap(), world.find(to).unwrap()).to_string()
}

fn verdict(world: &World, from: &str, to: &str) -> &'static str {
    world.converse(world.find(from).unwrap(), world.find(to).unwrap()).verdict.code()
}

/// Lets an end point send one frame, to another, to `broadcast` or to a MAC, and compares where its copies end.
fn check_frame(world: &mut World, from: &str, to: &str, expected: &Expect) {
    let sender = world.find(from).unwrap();
    let endpoint = world.endpoint(sender);
    let to = world.find(to).map_or_else(|_| to.to_owned(), |to| world.endpoint(to).mac.to_string());
    let frame: FrameSpec = format!("src={} dst={to} vlan={}", endpoint.mac, endpoint.vlan).parse().unwrap();
    let journey = world.send(sender, frame.bytes());
    expected.assert_eq(&ends(&journey));
}

/// Every end of a frame's copies, and every uplink of a host that one left by.
fn ends(journey: &Journey) -> String {
    let mut lines = Vec::new();
    for (number, hop) in journey.hops.iter().enumerate() {
        if let At::VSwitch(visit) = &hop.at {
            let uplinks = visit.outcome.deliveries.iter().filter(|delivery| delivery.cause == Cause::Uplink);
            lines.extend(
                uplinks.map(|out| format!("leaves {} by {}", visit.host, visit.tables.port_name(out.port))),
            );
            lines.extend(visit.outcome.drop.map(|drop| format!("{} drops it: {}", visit.host, drop.reason)));
        }
        for arrival in journey.arrivals.iter().filter(|arrival| arrival.hop == number) {
            let how = match arrival.acceptance {
                Acceptance::Own | Acceptance::Group => "takes",
                Acceptance::Sniffed => "overhears",
                Acceptance::OtherAddress | Acceptance::OtherVlan => "ignores",
            };
            let tag = Frame::parse(&arrival.frame).unwrap().tag().map(Tag::vid);
            let tag = tag.map(|vid| format!(", tagged {vid}")).unwrap_or_default();
            lines.push(format!("{} {how} it{tag}", arrival.name));
        }
    }
    lines.extend(journey.storm.map(|storm| format!("{storm:?}")));
    lines.join("\n")
}
