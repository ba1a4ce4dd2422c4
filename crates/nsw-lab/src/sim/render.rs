//! Journeys and conversations as text: flat, one line a step, for people who do not know vSphere.

use std::fmt;

use nsw_core::{Drop, Frame, Refusal, Step, StepText, Tables};

use super::bridge::{BridgeKind, Forwarding};
use super::converse::{Conversation, Direction, Fault, Leg, LegVerdict, Verdict};
use super::death::{Death, RefusedCopy};
use super::endpoint::Acceptance;
use super::journey::{Arrival, At, BridgeVisit, Hop, Journey, Onward, Storm};

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, leg) in self.legs.iter().enumerate() {
            write_leg(f, self, number + 1, leg)?;
        }
        for direction in self.directions.iter().flatten() {
            write_direction(f, direction)?;
        }
        let Self { from_name, to_name, .. } = self;
        match self.verdict {
            Verdict::Reachable | Verdict::OneWay | Verdict::Unreachable => Ok(()),
            Verdict::NoRoute => writeln!(
                f,
                "{from_name} -> {to_name}: not sent, they have no IP network in common and a lab has no routers"
            ),
            Verdict::NoAddress { whose } => {
                let name = if whose == self.from { from_name } else { to_name };
                writeln!(f, "{from_name} -> {to_name}: not sent, {name} has no IP address")
            }
            Verdict::Itself => writeln!(f, "{from_name} -> {to_name}: the same adapter"),
        }
    }
}

impl fmt::Display for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for hop in &self.hops {
            write_hop(f, self, hop)?;
        }
        match self.storm {
            Some(Storm::Loop { .. }) => {
                writeln!(f, "LOOP: a copy came back; in a real network it goes round for ever")
            }
            Some(Storm::TooManyCopies) => writeln!(f, "STORM: too many copies, the rest was not followed"),
            None => Ok(()),
        }
    }
}

/// One line, for where there is one line only. Journeys and conversations give the policy a line of its own.
impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "died at {}: {} ({})", self.place, self.cause.code(), self.explanation())
    }
}

impl Death {
    /// The setting that decided, or what the cause means if there is none.
    pub fn explanation(&self) -> &str {
        self.policy.as_ref().map_or(self.cause.summary(), |policy| &policy.text)
    }
}

impl RefusedCopy {
    /// The setting that decided, or what the reason means if there is none.
    pub fn explanation(&self) -> &str {
        self.policy.as_ref().map_or(self.reason.summary(), |policy| &policy.text)
    }
}

fn write_leg(f: &mut fmt::Formatter<'_>, talk: &Conversation, number: usize, leg: &Leg) -> fmt::Result {
    let (from, to) = if leg.kind.is_question() {
        (&talk.from_name, &talk.to_name)
    } else {
        (&talk.to_name, &talk.from_name)
    };
    let Some(journey) = &leg.journey else {
        write!(f, "{number} {}: not sent", leg.kind.name())?;
        return match &leg.verdict {
            LegVerdict::Died(death) => writeln!(f, ", {}", death.cause.summary()),
            LegVerdict::Arrived { .. } | LegVerdict::NotSent => writeln!(f),
        };
    };
    writeln!(f, "{number} {}  {from} -> {}", leg.kind.name(), Destination { frame: &journey.frame, to })?;
    journey.to_string().lines().try_for_each(|line| writeln!(f, "  {line}"))?;
    match &leg.verdict {
        LegVerdict::Arrived { copies: 1 } => writeln!(f, "  arrived at {to}"),
        LegVerdict::Arrived { copies } => writeln!(f, "  arrived at {to}, {copies} copies: duplicates"),
        LegVerdict::Died(death) => {
            writeln!(f, "  died at {}: {}", death.place, death.cause.code())?;
            writeln!(f, "    {}", death.explanation())?;
            write_refusals(f, death)
        }
        LegVerdict::NotSent => Ok(()),
    }
}

fn write_direction(f: &mut fmt::Formatter<'_>, direction: &Direction) -> fmt::Result {
    write!(f, "{} -> {}: ", direction.from_name, direction.to_name)?;
    let Some(Fault { kind, was_sent, death }) = &direction.fault else { return writeln!(f, "arrives") };
    let died = if *was_sent { "died" } else { "was not sent, and would have died" };
    writeln!(f, "the {} {died}", kind.name())?;
    writeln!(f, "  at {}: {}", death.place, death.cause.code())?;
    writeln!(f, "    {}", death.explanation())?;
    write_refusals(f, death)
}

fn write_refusals(f: &mut fmt::Formatter<'_>, death: &Death) -> fmt::Result {
    for refusal in &death.refusals {
        writeln!(f, "  because {}: {}", refusal.place, refusal.reason)?;
        writeln!(f, "    {}", refusal.explanation())?;
    }
    for place in &death.not_asking {
        writeln!(f, "  because {place}")?;
        writeln!(f, "    its guest does not ask for promiscuous mode")?;
    }
    Ok(())
}

/// Whom a frame is addressed to: a group by its name, else the end point it is meant for.
struct Destination<'a> {
    frame: &'a [u8],
    to: &'a str,
}

impl fmt::Display for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Frame::parse(self.frame).map(|frame| frame.dst()) {
            Ok(dst) if dst.is_broadcast() => f.write_str("broadcast"),
            Ok(dst) if dst.is_group() => write!(f, "group {dst}"),
            _ => f.write_str(self.to),
        }
    }
}

fn write_hop(f: &mut fmt::Formatter<'_>, journey: &Journey, hop: &Hop) -> fmt::Result {
    match &hop.at {
        At::VSwitch(visit) => {
            let tables = &visit.tables;
            writeln!(f, "{} / {}", visit.host, tables.name())?;
            visit.steps.iter().try_for_each(|step| write_step(f, tables, *step))?;
        }
        At::Bridge(visit) => write_bridge(f, visit)?,
    }
    for exit in &hop.exits {
        match exit.onward {
            Onward::Arrival(arrival) => write_arrival(f, &journey.arrivals[arrival])?,
            Onward::Nowhere => writeln!(f, "  {} is not connected to anything", exit.port)?,
            Onward::Hop(_) | Onward::NotFollowed => {}
        }
    }
    Ok(())
}

/// A step as the core says it; what a reason means and which policy decided get lines of their own, because the three
/// together are wider than a terminal.
fn write_step(f: &mut fmt::Formatter<'_>, tables: &Tables, step: Step) -> fmt::Result {
    let text = StepText { step, tables }.to_string();
    let (Step::Drop(Drop { port, reason }) | Step::Refuse(Refusal { port, reason })) = step else {
        return writeln!(f, "  {text}");
    };
    let policy = tables.policy_line(port, reason).map(|line| line.to_string());
    let in_brackets = policy.as_ref().map(|policy| format!(" ({policy})")).unwrap_or_default();
    let text = text.strip_suffix(&in_brackets).unwrap_or(&text);
    let meaning = format!(": {}", reason.summary());
    match text.strip_suffix(&meaning) {
        Some(head) => writeln!(f, "  {head}\n    {}", reason.summary())?,
        None => writeln!(f, "  {text}")?,
    }
    policy.map_or(Ok(()), |policy| writeln!(f, "    {policy}"))
}

fn write_bridge(f: &mut fmt::Formatter<'_>, visit: &BridgeVisit) -> fmt::Result {
    let BridgeVisit { name, ingress_name, .. } = visit;
    match visit.kind {
        BridgeKind::Segment => writeln!(f, "segment {name}")?,
        BridgeKind::Guest => writeln!(f, "bridge in {name}")?,
    }
    write!(f, "  comes from {ingress_name}: ")?;
    match &visit.forwarding {
        Forwarding::Flood => writeln!(f, "to every other port"),
        Forwarding::Known { port } => writeln!(f, "to {port}, where the destination was learned"),
        Forwarding::BackWhereItCameFrom => {
            writeln!(f, "ends here, the destination was learned on the same port")
        }
        Forwarding::LinkLocal => writeln!(f, "ends here, a bridge does not forward link-local groups"),
        Forwarding::Malformed => writeln!(f, "ends here, the bytes are no whole Ethernet frame"),
    }
}

/// Who got a copy stands in the steps already; who got one and could do nothing with it does not.
fn write_arrival(f: &mut fmt::Formatter<'_>, arrival: &Arrival) -> fmt::Result {
    let Arrival { name, .. } = arrival;
    match arrival.acceptance {
        Acceptance::Own | Acceptance::Group | Acceptance::Sniffed => Ok(()),
        Acceptance::OtherAddress => writeln!(f, "  {name} ignores it: not its address"),
        Acceptance::OtherVlan => writeln!(f, "  {name} ignores it: not its VLAN"),
    }
}
