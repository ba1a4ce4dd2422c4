//! What becomes of a copy, in the words of a scenario: a vSwitch decides about it, or an end point takes it.

use std::collections::BTreeMap;
use std::fmt;

use nsw_core::{Delivery, Frame, PortId, Refusal, Tag, TagAction};
use serde::Deserialize;

use crate::sim::journey::{Storm, SwitchVisit};
use crate::sim::{Acceptance, Arrival, At, Hop, Journey};

/// What becomes of one copy.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Fate {
    /// It comes to a vSwitch.
    Visit(Visit),
    /// It comes to an end point.
    End(Arrived),
    /// It goes round, or becomes too many.
    Storm(Stormed),
}

/// A vSwitch decides about a copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Visit {
    /// The host.
    pub at: String,
    /// The port that it comes by.
    pub by: String,
    /// The 802.1Q id that it carries then.
    #[serde(default)]
    pub tag: Option<u16>,
    /// Who is given it: the port, and why; `tagged 10` after it if the copy carries a tag.
    #[serde(default)]
    pub out: BTreeMap<String, String>,
    /// Who is refused it, and the reason.
    #[serde(default)]
    pub refused: BTreeMap<String, String>,
    /// The reason, if it reaches nobody.
    #[serde(default)]
    pub drop: Option<String>,
    /// The port that the reason is attributed to, if not the one that it came by.
    #[serde(default)]
    pub drop_at: Option<String>,
}

/// A copy is at an end point's adapter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Arrived {
    /// Whose.
    pub end: String,
    /// The 802.1Q id that it carries.
    #[serde(default)]
    pub tag: Option<u16>,
    /// What the end point does with it.
    #[serde(default)]
    pub how: How,
}

/// What an end point does with a copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It is for it.
    #[default]
    Takes,
    /// It is not for it, but it sniffs.
    Overhears,
    /// It is not for it.
    Ignores,
}

/// Copies were not followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Stormed {
    /// Why not.
    pub storm: StormKind,
}

/// Why copies were not followed any further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StormKind {
    /// A copy came back.
    Loop,
    /// They became too many.
    TooManyCopies,
}

/// All that became of a frame in the simulator.
pub fn fates(journey: &Journey) -> Vec<Fate> {
    let mut fates = Vec::new();
    for (number, hop) in journey.hops.iter().enumerate() {
        if let At::VSwitch(visit) = &hop.at {
            fates.push(Fate::Visit(visited(hop, visit)));
        }
        let here = journey.arrivals.iter().filter(|arrival| arrival.hop == number);
        fates.extend(here.map(|arrival| Fate::End(arrived(arrival))));
    }
    fates.extend(journey.storm.map(|storm| {
        let storm = match storm {
            Storm::Loop { .. } => StormKind::Loop,
            Storm::TooManyCopies => StormKind::TooManyCopies,
        };
        Fate::Storm(Stormed { storm })
    }));
    fates
}

fn visited(hop: &Hop, visit: &SwitchVisit) -> Visit {
    let name = |port: PortId| visit.tables.port_name(port).to_owned();
    let came = tag_of(&hop.frame);
    Visit::of(&visit.host, visit.ingress, came, &visit.outcome, name)
}

impl Visit {
    /// A decision in the words of a scenario. The frame came in by `ingress`, carrying the tag `came`.
    pub fn of(
        host: &str,
        ingress: PortId,
        came: Option<u16>,
        outcome: &nsw_core::Outcome,
        name: impl Fn(PortId) -> String,
    ) -> Self {
        let given = |copy: &Delivery| {
            let tag = tag_after(came, copy.tag).map(|tag| format!(" tagged {tag}")).unwrap_or_default();
            (name(copy.port), format!("{}{tag}", copy.cause.name()))
        };
        let refused = |copy: &Refusal| (name(copy.port), copy.reason.code().to_owned());
        Self {
            at: host.to_owned(),
            by: name(ingress),
            tag: came,
            out: outcome.deliveries.iter().map(given).collect(),
            refused: outcome.refusals.iter().map(refused).collect(),
            drop: outcome.drop.map(|drop| drop.reason.code().to_owned()),
            drop_at: outcome.drop.map(|drop| drop.port).filter(|port| *port != ingress).map(name),
        }
    }
}

fn arrived(arrival: &Arrival) -> Arrived {
    let how = match arrival.acceptance {
        Acceptance::Own | Acceptance::Group => How::Takes,
        Acceptance::Sniffed => How::Overhears,
        Acceptance::OtherAddress | Acceptance::OtherVlan => How::Ignores,
    };
    Arrived { end: arrival.name.clone(), tag: tag_of(&arrival.frame), how }
}

fn tag_of(bytes: &[u8]) -> Option<u16> {
    Frame::parse(bytes).ok().and_then(|frame| frame.tag()).map(Tag::vid)
}

fn tag_after(came: Option<u16>, action: TagAction) -> Option<u16> {
    match action {
        TagAction::Keep => came,
        TagAction::Pop => None,
        TagAction::Push(tag) | TagAction::Replace(tag) => Some(tag.vid()),
    }
}

/// As a scenario's file has it, so that what a test found can be read, and pasted, as data.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Visit(visit) => visit.fmt(f),
            Self::End(end) => end.fmt(f),
            Self::Storm(Stormed { storm: StormKind::Loop }) => f.write_str("{ storm: loop }"),
            Self::Storm(Stormed { storm: StormKind::TooManyCopies }) => {
                f.write_str("{ storm: too-many-copies }")
            }
        }
    }
}

impl fmt::Display for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ at: {}, by: {}", self.at, self.by)?;
        if let Some(tag) = self.tag {
            write!(f, ", tag: {tag}")?;
        }
        for (key, ports) in [("out", &self.out), ("refused", &self.refused)] {
            if !ports.is_empty() {
                let entries: Vec<String> = ports.iter().map(|(port, why)| format!("{port}: {why}")).collect();
                write!(f, ", {key}: {{ {} }}", entries.join(", "))?;
            }
        }
        if let Some(reason) = &self.drop {
            write!(f, ", drop: {reason}")?;
        }
        if let Some(port) = &self.drop_at {
            write!(f, ", drop-at: {port}")?;
        }
        f.write_str(" }")
    }
}

impl fmt::Display for Arrived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{ end: {}", self.end)?;
        if let Some(tag) = self.tag {
            write!(f, ", tag: {tag}")?;
        }
        f.write_str(match self.how {
            How::Takes => " }",
            How::Overhears => ", how: overhears }",
            How::Ignores => ", how: ignores }",
        })
    }
}
