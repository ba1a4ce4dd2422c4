//! `nsw exposure`: who can read whose traffic and who can send as whom, from `nsw_lab::doctor::exposure`.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Table, presets};
use nsw_lab::doctor::exposure::{Exposure, Group};
use nsw_lab::messages::{Catalogue, Message};
use nsw_lab::sim::World;
use serde_json::{Value, json};

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::patience::Patience;
use super::trace::read_lab;
use crate::cli::ExposureArgs;

/// Names that are listed; the rest is counted.
const MAX_NAMES: usize = 12;

pub(crate) fn run(args: &ExposureArgs, as_json: bool) -> Outcome {
    let working = Patience::with("nsw exposure");
    let lab = read_lab(&args.file)?;
    let world = World::new(&lab).map_err(Failure::new)?;
    let [now, at_worst] = Exposure::now_and_at_worst(&world);
    drop(working);
    let words = catalogue(&args.speech);
    match &args.vm {
        Some(vm) => {
            let name = world.endpoint(world.find(vm)?).name.clone();
            let ends = [Concerning::of(&now, &name), Concerning::of(&at_worst, &name)];
            if as_json {
                let [now, at_worst] = ends.map(|concerning| concerning.json());
                print_json(&json!({ "of": name, "now": now, "at-worst": at_worst }))?;
            } else {
                line(&name)?;
                ends[0].print(&words, &Message::ExposureNow {})?;
                ends[1].print(&words, &Message::ExposureAtWorst {})?;
            }
        }
        None if as_json => {
            print_json(&json!({ "now": exposure_json(&now), "at-worst": exposure_json(&at_worst) }))?;
        }
        None => print(&words, &now, &at_worst)?,
    }
    let exposed = at_worst.read_pairs() + at_worst.sender_pairs() > 0;
    Ok(if exposed { Answer::No } else { Answer::Yes })
}

fn print(words: &Catalogue, now: &Exposure, at_worst: &Exposure) -> Result<(), Failure> {
    let at_worst_column = Message::ExposureAtWorst {};
    let header = [
        Message::ExposurePortGroup {},
        Message::ExposureOn {},
        Message::ExposureReadsNow {},
        at_worst_column,
        Message::ExposureSendsNow {},
        at_worst_column,
    ];
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header.map(|column| words.say(&column)));
    for (row, hosts) in rows(words, now, at_worst) {
        let Row { place, columns } = row;
        let on = match hosts.iter().collect::<Vec<_>>()[..] {
            [host] => host.clone(),
            _ => words.say(&Message::CountHosts { count: &hosts.len() }),
        };
        let [a, b, c, d] = columns;
        table.add_row([place, on, a, b, c, d]);
    }
    table.lines().try_for_each(|row| line(row.trim_end()))?;
    line(format_args!("\n{}", words.say(&Message::ExposureLegend {})))?;
    let (reads, sends) = (&now.read_pairs(), &now.sender_pairs());
    line(words.say(&Message::ExposurePairsNow { reads, sends }))?;
    let (reads, sends) = (&at_worst.read_pairs(), &at_worst.sender_pairs());
    line(words.say(&Message::ExposurePairsAtWorst { reads, sends }))
}

/// A port group, on however many hosts it looks like this.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    place: String,
    columns: [String; 4],
}

/// A port group on a host, a nested host, or the stations of a segment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    NestedHost { name: String },
    Stations { host: Option<String> },
    PortGroup { host: Option<String>, name: String },
}

impl Place {
    fn of(group: &Group) -> Self {
        let host = group.host.clone();
        match (&group.port_group, group.is_host) {
            (_, true) => {
                let name = group.members.first().map(ToString::to_string);
                Self::NestedHost { name: name.unwrap_or_default() }
            }
            (Some(name), _) => Self::PortGroup { host, name: name.clone() },
            (None, _) => Self::Stations { host },
        }
    }

    /// The host, and what stands for it in the first column.
    fn words(self, words: &Catalogue) -> (String, String) {
        let outside = || words.say(&Message::ExposureOutside {});
        match self {
            Self::NestedHost { name } => (name, words.say(&Message::ExposureNestedHosts {})),
            Self::Stations { host } => {
                (host.unwrap_or_else(outside), words.say(&Message::ExposureStations {}))
            }
            Self::PortGroup { host, name } => (host.unwrap_or_else(outside), name),
        }
    }
}

fn rows(words: &Catalogue, now: &Exposure, at_worst: &Exposure) -> BTreeMap<Row, BTreeSet<String>> {
    let mut rows: BTreeMap<Row, BTreeSet<String>> = BTreeMap::new();
    let columns = [read(now), read(at_worst), sent_as(now), sent_as(at_worst)];
    let groups = now.groups().iter().chain(at_worst.groups());
    let places: BTreeSet<Place> = groups.map(Place::of).chain(columns[1].keys().cloned()).collect();
    for place in places {
        let whom = [0, 1, 2, 3].map(|column: usize| whom(words, &place, columns[column].get(&place)));
        let (host, place) = place.words(words);
        rows.entry(Row { place, columns: whom }).or_default().insert(host);
    }
    rows
}

/// By place: the places that are read from there, each with how many pairs.
fn read(exposure: &Exposure) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut read: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (who, whom) in exposure.reads().filter(|(who, whom)| who != whom || who.members.len() > 1) {
        read.entry(Place::of(who)).or_default().insert(Place::of(whom));
    }
    read
}

fn sent_as(exposure: &Exposure) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut sent: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (who, whom) in exposure.sends_as() {
        let others = whom.into_iter().filter(|whom| *whom != who || who.members.len() > 1);
        sent.entry(Place::of(who)).or_default().extend(others.map(Place::of));
    }
    sent
}

fn whom(words: &Catalogue, own: &Place, others: Option<&BTreeSet<Place>>) -> String {
    words.say(&match others {
        None => Message::ExposureNobody {},
        Some(others) if others.is_empty() => Message::ExposureNobody {},
        Some(others) if others.len() == 1 && others.contains(own) => Message::ExposureGroup {},
        Some(_) => Message::ExposureEverything {},
    })
}

/// What concerns one end point.
#[derive(Default)]
struct Concerning {
    read_by: BTreeSet<String>,
    reads: BTreeSet<String>,
    impersonated_by: BTreeSet<String>,
    impersonates: BTreeSet<String>,
}

impl Concerning {
    fn of(exposure: &Exposure, name: &str) -> Self {
        let mut concerning = Self::default();
        let is_in = |group: &Group| group.members.iter().any(|member| &**member == name);
        let others = |group: &Group| {
            let names = group.members.iter().map(ToString::to_string);
            names.filter(|other| other != name).collect::<Vec<_>>()
        };
        for (who, whom) in exposure.reads() {
            if is_in(whom) {
                concerning.read_by.extend(others(who));
            }
            if is_in(who) {
                concerning.reads.extend(others(whom));
            }
        }
        for (who, whom) in exposure.sends_as() {
            if whom.iter().any(|whom| is_in(whom)) {
                concerning.impersonated_by.extend(others(who));
            }
            if is_in(who) {
                concerning.impersonates.extend(whom.iter().flat_map(|whom| others(whom)));
            }
        }
        concerning
    }

    fn print(&self, words: &Catalogue, when: &Message<'_>) -> Result<(), Failure> {
        line(format_args!("  {}", words.say(when)))?;
        let [read_by, reads, impersonated_by, impersonates] =
            [&self.read_by, &self.reads, &self.impersonated_by, &self.impersonates]
                .map(|names| listed(words, names));
        let sentences = [
            Message::ExposureReadBy { names: &read_by },
            Message::ExposureReads { names: &reads },
            Message::ExposureImpersonatedBy { names: &impersonated_by },
            Message::ExposureSendsAs { names: &impersonates },
        ];
        sentences.iter().try_for_each(|sentence| line(format_args!("    {}", words.say(sentence))))
    }

    fn json(&self) -> Value {
        json!({
            "read-by": self.read_by,
            "reads": self.reads,
            "impersonated-by": self.impersonated_by,
            "can-send-as": self.impersonates,
        })
    }
}

/// Names, the first few of them.
fn listed(words: &Catalogue, names: &BTreeSet<String>) -> String {
    let first: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
    let names_shown = &first.join(", ");
    match names.len() {
        0 => words.say(&Message::ExposureNobody {}),
        count if count > MAX_NAMES => {
            words.say(&Message::OpensMore { names: names_shown, more: &(count - MAX_NAMES) })
        }
        _ => names_shown.clone(),
    }
}

fn exposure_json(exposure: &Exposure) -> Value {
    let group = |group: &Group| {
        json!({
            "host": group.host,
            "port-group": group.port_group,
            "nested-host": group.is_host,
            "members": group.members.iter().map(|name| &**name).collect::<Vec<_>>(),
        })
    };
    json!({
        "read-pairs": exposure.read_pairs(),
        "sender-pairs": exposure.sender_pairs(),
        "reads": exposure.reads().map(|(who, whom)| json!({ "who": group(who), "whom": group(whom) }))
            .collect::<Vec<_>>(),
        "sends-as": exposure.sends_as().map(|(who, whom)| json!({
            "who": group(who),
            "whom": whom.into_iter().map(group).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}
