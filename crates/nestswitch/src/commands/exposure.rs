//! `nsw exposure`: who can read whose traffic and who can send as whom, from `nsw_lab::doctor::exposure`.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{Table, presets};
use nsw_lab::doctor::exposure::{Exposure, Group};
use nsw_lab::sim::World;
use serde_json::{Value, json};

use super::output::{Answer, Failure, Outcome, json as print_json, line};
use super::trace::read_lab;
use crate::cli::ExposureArgs;

/// The row of readers and senders that are hosts.
const NESTED_HOSTS: &str = "(nested hosts)";
/// Names that are listed; the rest is counted.
const MAX_NAMES: usize = 12;

pub(crate) fn run(args: &ExposureArgs, as_json: bool) -> Outcome {
    let world = World::new(&read_lab(&args.file)?).map_err(Failure::new)?;
    let [now, at_worst] = [Exposure::of(&world), Exposure::at_worst(&world)];
    match &args.vm {
        Some(vm) => {
            let name = world.endpoint(world.find(vm).map_err(Failure::new)?).name.clone();
            let ends = [Concerning::of(&now, &name), Concerning::of(&at_worst, &name)];
            if as_json {
                let [now, at_worst] = ends.map(|concerning| concerning.json());
                print_json(&json!({ "of": name, "now": now, "at-worst": at_worst }))?;
            } else {
                line(&name)?;
                ends[0].print("now")?;
                ends[1].print("at worst")?;
            }
        }
        None if as_json => {
            print_json(&json!({ "now": exposure_json(&now), "at-worst": exposure_json(&at_worst) }))?;
        }
        None => print(&now, &at_worst)?,
    }
    let exposed = at_worst.read_pairs() + at_worst.sender_pairs() > 0;
    Ok(if exposed { Answer::No } else { Answer::Yes })
}

fn print(now: &Exposure, at_worst: &Exposure) -> Result<(), Failure> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["port group", "on", "reads now", "at worst", "can send as now", "at worst"]);
    for (row, hosts) in rows(now, at_worst) {
        let Row { place, columns } = row;
        let on = match hosts.iter().collect::<Vec<_>>()[..] {
            [host] => host.clone(),
            _ => format!("{} hosts", hosts.len()),
        };
        let [a, b, c, d] = columns;
        table.add_row([place, on, a, b, c, d]);
    }
    table.lines().try_for_each(|row| line(row.trim_end()))?;
    line("\nnobody; group: those of its own port group on its host; everything: others too")?;
    line(format_args!(
        "now: {} pairs of a reader and whom it reads, {} of a sender and as whom",
        now.read_pairs(),
        now.sender_pairs()
    ))?;
    line(format_args!(
        "at worst: {} pairs of a reader and whom it reads, {} of a sender and as whom",
        at_worst.read_pairs(),
        at_worst.sender_pairs()
    ))
}

/// A port group, on however many hosts it looks like this.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    place: String,
    columns: [String; 4],
}

/// A port group on a host, or a nested host.
type Place = (String, String);

fn rows(now: &Exposure, at_worst: &Exposure) -> BTreeMap<Row, BTreeSet<String>> {
    let mut rows: BTreeMap<Row, BTreeSet<String>> = BTreeMap::new();
    let columns = [read(now), read(at_worst), sent_as(now), sent_as(at_worst)];
    let places: BTreeSet<Place> =
        now.groups().iter().chain(at_worst.groups()).map(place).chain(columns[1].keys().cloned()).collect();
    for place in places {
        let words = [0, 1, 2, 3].map(|column: usize| word(&place, columns[column].get(&place)));
        rows.entry(Row { place: place.1, columns: words }).or_default().insert(place.0);
    }
    rows
}

fn place(group: &Group) -> Place {
    let host = group.host.clone().unwrap_or_else(|| "outside".to_owned());
    let name = match (&group.port_group, group.is_host) {
        (_, true) => NESTED_HOSTS.to_owned(),
        (Some(port_group), _) => port_group.clone(),
        (None, _) => "(stations)".to_owned(),
    };
    let host = if group.is_host { group.members.first().map_or(host, ToString::to_string) } else { host };
    (host, name)
}

/// By place: the places that are read from there, each with how many pairs.
fn read(exposure: &Exposure) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut read: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (who, whom) in exposure.reads().filter(|(who, whom)| who != whom || who.members.len() > 1) {
        read.entry(place(who)).or_default().insert(place(whom));
    }
    read
}

fn sent_as(exposure: &Exposure) -> BTreeMap<Place, BTreeSet<Place>> {
    let mut sent: BTreeMap<Place, BTreeSet<Place>> = BTreeMap::new();
    for (who, whom) in exposure.sends_as() {
        let others = whom.into_iter().filter(|whom| *whom != who || who.members.len() > 1);
        sent.entry(place(who)).or_default().extend(others.map(place));
    }
    sent
}

fn word(own: &Place, others: Option<&BTreeSet<Place>>) -> String {
    let word = match others {
        None => "nobody",
        Some(others) if others.is_empty() => "nobody",
        Some(others) if others.len() == 1 && others.contains(own) => "group",
        Some(_) => "everything",
    };
    word.to_owned()
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

    fn lines(&self) -> [(&'static str, &BTreeSet<String>); 4] {
        [
            ("is read by", &self.read_by),
            ("reads", &self.reads),
            ("can be impersonated by", &self.impersonated_by),
            ("can send as", &self.impersonates),
        ]
    }

    fn print(&self, when: &str) -> Result<(), Failure> {
        line(format_args!("  {when}"))?;
        let listed = |names: &BTreeSet<String>| match names.len() {
            0 => "nobody".to_owned(),
            count => {
                let first: Vec<&str> = names.iter().take(MAX_NAMES).map(String::as_str).collect();
                let more = count.saturating_sub(MAX_NAMES);
                first.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
            }
        };
        self.lines().iter().try_for_each(|(what, names)| line(format_args!("    {what} {}", listed(names))))
    }

    fn json(&self) -> Value {
        let keys = ["read-by", "reads", "impersonated-by", "can-send-as"];
        keys.into_iter().zip(self.lines()).map(|(key, (_, names))| (key.to_owned(), json!(names))).collect()
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
