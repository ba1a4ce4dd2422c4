//! Who reaches whom, as a picture: a row for each who asks, a column for each who answers, hosts as boxes around their rows.
//!
//! A small lab has a row for each end point. Of a larger one the end points of a segment, and those of all port groups of
//! one name, share a row; where they do not all fare alike, the cell says how many of a hundred pairs reach each other.
//!
//! **Invariant:** nothing is decided here. Every cell is what [`Reachability`] says; a test counts the pairs.

mod draw;

use std::collections::HashMap;

use super::scene::Look;
use crate::doctor::reach::{Reachability, Tally};
use crate::messages::{Catalogue, Message};
use crate::sim::{Endpoint, EndpointId, EndpointKind, World};
use crate::topology::{Address, Lab};

pub use draw::draw;

/// So many end points have a row each.
pub const ENDS_DRAWN: usize = 24;
/// So many rows a summary has; what is smaller shares the last one.
const ROWS_DRAWN: usize = 24;

/// Who reaches whom, as it is drawn.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// One line that says what is seen.
    pub title: String,
    /// How to read it.
    pub about: String,
    /// The rows, box by box. Columns have the same order.
    pub bands: Vec<Band>,
    /// By row, then by column.
    pub cells: Vec<Vec<Cell>>,
    /// What the signs mean, each with how often it is so.
    pub key: Vec<(Outcome, String)>,
    /// What is in the way, in words.
    pub obstacles: Vec<String>,
}

/// A box around rows.
#[derive(Clone, Debug)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// The word for what it is.
    pub kind: String,
    /// How it looks.
    pub look: Look,
    /// Its rows.
    pub entries: Vec<Entry>,
}

/// A row, and the column of the same number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What is said by the way.
    pub note: String,
}

/// Where a row and a column meet.
#[derive(Clone, Debug)]
pub struct Cell {
    /// What comes of it.
    pub outcome: Outcome,
    /// What a pointer that rests on it is told.
    pub about: String,
}

/// What comes of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The reply comes.
    Reaches,
    /// The question arrives, the reply does not.
    OneWay,
    /// The question does not arrive.
    Apart,
    /// So many of a hundred pairs reach each other; rounded down, but 1 if any does.
    Some(u64),
    /// No IP network in common.
    NoNetwork,
    /// There is no pair.
    Nobody,
}

impl Outcome {
    /// What pairs have in common.
    fn of(tally: Tally) -> Self {
        match (tally.asked(), tally.no_network) {
            (0, 0) => Self::Nobody,
            (0, _) => Self::NoNetwork,
            (asked, _) if tally.reachable == asked => Self::Reaches,
            (asked, _) if tally.one_way == asked => Self::OneWay,
            (asked, _) if tally.unreachable == asked => Self::Apart,
            (asked, _) => Self::Some((tally.reachable * 100 / asked).max(u64::from(tally.reachable > 0))),
        }
    }
}

/// A box before it has its rows: its place in the order, and what stands on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Frame {
    Segment(usize),
    Host(usize),
    AllSegments,
    AllHosts,
    AllNestedHosts,
    Others,
}

/// A row before it is numbered.
struct Row {
    frame: Frame,
    entry: Entry,
    ends: Vec<EndpointId>,
}

impl Matrix {
    /// The matrix of a lab, in the words of this catalogue; a summary if it is asked for, or larger than is read with pleasure.
    /// `world` and `reachability` must be the lab's. `obstacles` are what is in the way, a line each.
    pub fn of(
        lab: &Lab,
        world: &World,
        reachability: &Reachability,
        (summed_up, obstacles): (bool, Vec<String>),
        words: &Catalogue,
    ) -> Self {
        let ends: Vec<EndpointId> =
            world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect();
        let survey = Survey::of(lab, world, words);
        let mut rows = if summed_up || ends.len() > ENDS_DRAWN {
            survey.summary(&ends)
        } else {
            ends.iter().map(|id| survey.single(*id)).collect()
        };
        // Stable: within a box, the order of the lab.
        rows.sort_by(|one, other| one.frame.cmp(&other.frame));
        let row_of: HashMap<EndpointId, usize> = rows
            .iter()
            .enumerate()
            .flat_map(|(number, row)| row.ends.iter().map(move |id| (*id, number)))
            .collect();
        let tallies = reachability.between(rows.len(), ends.into_iter(), |id| row_of.get(&id).copied());
        let cells = rows.iter().zip(&tallies).map(|(from, tallies)| {
            let cell = |(to, tally): (&Row, &Tally)| {
                let about = about(&from.entry.name, &to.entry.name, *tally);
                Cell { outcome: Outcome::of(*tally), about }
            };
            rows.iter().zip(tallies).map(cell).collect()
        });
        let cells: Vec<Vec<Cell>> = cells.collect();
        let key = key(&cells, &tallies, words);
        Self {
            title: words.say(&Message::MatrixTitle { lab: &lab.name.as_str() }),
            about: words.say(&Message::MatrixAbout {}),
            bands: survey.bands(rows),
            cells,
            key,
            obstacles,
        }
    }
}

fn about(from: &str, to: &str, tally: Tally) -> String {
    let counts = [
        ("REACHABLE", tally.reachable),
        ("ONE_WAY", tally.one_way),
        ("UNREACHABLE", tally.unreachable),
        ("NO_ROUTE", tally.no_network),
    ];
    let counted: Vec<_> = counts.into_iter().filter(|(_, pairs)| *pairs > 0).collect();
    let said: Vec<String> = match counted[..] {
        [(code, 1)] => vec![code.to_owned()],
        _ => counted.into_iter().map(|(code, pairs)| format!("{pairs} {code}")).collect(),
    };
    format!("{from} -> {to}: {}", said.join(", "))
}

/// Every sign that is seen, and how many pairs are of its kind.
fn key(cells: &[Vec<Cell>], tallies: &[Vec<Tally>], words: &Catalogue) -> Vec<(Outcome, String)> {
    let sum = |of: fn(&Tally) -> u64| tallies.iter().flatten().map(of).sum::<u64>();
    let some = cells.iter().flatten().map(|cell| cell.outcome).find(|one| matches!(one, Outcome::Some(_)));
    let reachable = sum(|tally| tally.reachable);
    let one_way = sum(|tally| tally.one_way);
    let apart = sum(|tally| tally.unreachable);
    let no_network = sum(|tally| tally.no_network);
    let lines = [
        (Outcome::Reaches, reachable, words.say(&Message::MatrixReaches { pairs: &reachable })),
        (Outcome::OneWay, one_way, words.say(&Message::MatrixOneWay { pairs: &one_way })),
        (Outcome::Apart, apart, words.say(&Message::MatrixApart { pairs: &apart })),
        (Outcome::NoNetwork, no_network, words.say(&Message::MatrixNoNetwork { pairs: &no_network })),
    ];
    let said = lines.into_iter().filter(|(_, pairs, _)| *pairs > 0).map(|(outcome, _, text)| (outcome, text));
    said.chain(some.map(|outcome| (outcome, words.say(&Message::MatrixSome {})))).collect()
}

/// What rows and boxes are made from.
struct Survey<'a> {
    lab: &'a Lab,
    world: &'a World,
    words: &'a Catalogue,
    /// By name: the place in the lab, and the depth.
    hosts: HashMap<&'a str, (usize, usize)>,
    /// By name of the station: the place of its segment.
    segments: HashMap<&'a str, usize>,
}

impl<'a> Survey<'a> {
    fn of(lab: &'a Lab, world: &'a World, words: &'a Catalogue) -> Self {
        let hosts = lab.all_hosts().into_iter().enumerate();
        let hosts = hosts.map(|(place, (depth, host))| (host.name.as_str(), (place, depth))).collect();
        let segments = lab.segments.iter().enumerate().flat_map(|(place, segment)| {
            segment.stations.iter().map(move |station| (station.name.as_str(), place))
        });
        Self { lab, world, words, hosts, segments: segments.collect() }
    }

    fn segment_of(&self, end: &Endpoint) -> usize {
        self.segments.get(end.owner.as_str()).copied().unwrap_or(0)
    }

    /// The place and the depth of the host.
    fn host_of(&self, end: &Endpoint) -> (usize, usize) {
        end.host.as_deref().and_then(|host| self.hosts.get(host)).copied().unwrap_or((0, 0))
    }

    /// A row for one end point.
    fn single(&self, id: EndpointId) -> Row {
        let end = self.world.endpoint(id);
        let frame = match end.kind {
            EndpointKind::Station => Frame::Segment(self.segment_of(end)),
            EndpointKind::Vnic | EndpointKind::Vmkernel => Frame::Host(self.host_of(end).0),
        };
        let note = end.addresses.first().map(|Address { ip, .. }| ip.to_string()).unwrap_or_default();
        Row { frame, entry: Entry { name: end.name.clone(), note }, ends: vec![id] }
    }

    /// A row for each segment and for all port groups of one name; the smallest share one.
    fn summary(&self, ends: &[EndpointId]) -> Vec<Row> {
        let mut order: Vec<(Frame, String)> = Vec::new();
        let mut found: HashMap<(Frame, String), Vec<EndpointId>> = HashMap::new();
        for id in ends {
            let key = self.shared(*id);
            let members = found.entry(key.clone()).or_default();
            if members.is_empty() {
                order.push(key);
            }
            members.push(*id);
        }
        let mut rows: Vec<Row> = order
            .into_iter()
            .map(|key| {
                let ends = found.remove(&key).unwrap_or_default();
                let (frame, name) = key;
                Row { frame, entry: Entry { name, note: self.count(&ends) }, ends }
            })
            .collect();
        if rows.len() > ROWS_DRAWN {
            rows.sort_by_key(|row| std::cmp::Reverse(row.ends.len()));
            let rest = rows.split_off(ROWS_DRAWN - 1);
            let name = self.words.say(&Message::MatrixOthers { count: &rest.len() });
            let ends: Vec<EndpointId> = rest.into_iter().flat_map(|row| row.ends).collect();
            rows.push(Row { frame: Frame::Others, entry: Entry { name, note: self.count(&ends) }, ends });
        }
        rows
    }

    /// The box and the name of the row that an end point shares.
    fn shared(&self, id: EndpointId) -> (Frame, String) {
        let end = self.world.endpoint(id);
        match self.world.port_of(id) {
            Some((switch, port)) => {
                let frame = if self.host_of(end).1 > 0 { Frame::AllNestedHosts } else { Frame::AllHosts };
                let name = self.world.tables(switch).port_group_name(port).unwrap_or_default();
                (frame, name.to_owned())
            }
            None => {
                let segment = self.lab.segments.get(self.segment_of(end));
                (Frame::AllSegments, segment.map(|segment| segment.name.clone()).unwrap_or_default())
            }
        }
    }

    fn count(&self, ends: &[EndpointId]) -> String {
        let mut hosts: Vec<&str> =
            ends.iter().filter_map(|id| self.world.endpoint(*id).host.as_deref()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let count = &ends.len();
        match hosts[..] {
            [] => self.words.say(&Message::MatrixEnds { count }),
            [host] => self.words.say(&Message::MatrixEndsOnHost { count, host: &host }),
            _ => self.words.say(&Message::MatrixEndsOnHosts { count, hosts: &hosts.len() }),
        }
    }

    /// The rows in their boxes.
    fn bands(&self, rows: Vec<Row>) -> Vec<Band> {
        let mut bands: Vec<(Frame, Band)> = Vec::new();
        for Row { frame, entry, .. } in rows {
            match bands.last_mut() {
                Some((last, band)) if *last == frame => band.entries.push(entry),
                _ => {
                    let (name, kind, look) = self.box_of(&frame);
                    bands.push((frame, Band { name, kind, look, entries: vec![entry] }));
                }
            }
        }
        bands.into_iter().map(|(_, band)| band).collect()
    }

    fn box_of(&self, frame: &Frame) -> (String, String, Look) {
        let say = |message: Message<'_>| self.words.say(&message);
        let whole = |message: Message<'_>, look| (say(message), String::new(), look);
        match frame {
            Frame::Segment(place) => {
                let name = self.lab.segments.get(*place).map(|segment| segment.name.clone());
                (name.unwrap_or_default(), say(Message::PictureSegment {}), Look::Segment)
            }
            Frame::Host(place) => {
                let hosts = self.lab.all_hosts();
                let (depth, name) =
                    hosts.get(*place).map_or((0, String::new()), |(depth, host)| (*depth, host.name.clone()));
                if depth > 0 {
                    (name, say(Message::PictureNestedHost {}), Look::NestedHost)
                } else {
                    (name, say(Message::PictureHost {}), Look::Host)
                }
            }
            Frame::AllSegments => whole(Message::MatrixSegments {}, Look::Segment),
            Frame::AllHosts => whole(Message::MatrixHosts {}, Look::Host),
            Frame::AllNestedHosts => whole(Message::MatrixNestedHosts {}, Look::NestedHost),
            Frame::Others => whole(Message::MatrixRest {}, Look::Client),
        }
    }
}
