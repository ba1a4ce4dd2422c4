//! What can be seen of a frame in a live lab, and what a scenario lets expect of it.
//!
//! * **Heard**: the copies at the adapter of every end point, each with its tag.
//! * **Recorded**: what the drop rings of all hosts hold of it: where it came by and with which tag, why it reached nobody,
//!   and every port that went without. A ring holds frames that reached nobody, and those that a port was refused that asks
//!   for every frame.
//! * **Counted**: what came in, copies by cause, refusals and drops by reason, at every port of every switch.
//!
//! What is heard and recorded is known by its mark, and exact: so many, and nothing else anywhere. Counters know no marks, and
//! now and then a kernel on the way has something to say besides: they have counted the frame at least. What a guest does
//! with a copy at its adapter is the kernel's matter, and not looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use nsw_core::Reason;
use nsw_lab::scenario::{Arrived, Fate, Visit};
use serde_json::Value;

/// How often each thing was seen.
type Seen = BTreeMap<String, u64>;

/// All that was seen of one frame.
#[derive(Debug, Default)]
pub(super) struct Sightings {
    /// Heard or recorded, with the frame's mark.
    marked: Seen,
    counted: Seen,
}

/// The frames that came to end points, whichever they are.
#[derive(Debug, Default)]
pub(super) struct Heard(Vec<(String, Vec<u8>)>);

impl Heard {
    pub(super) fn note(&mut self, end: &str, frame: Vec<u8>) {
        self.0.push((end.to_owned(), frame));
    }
}

impl Sightings {
    /// What a scenario's expectation comes to. `tag_of` says which tag a copy still has where its end point is heard.
    pub(super) fn expected(fates: &[Fate], tag_of: impl Fn(&Arrived) -> Option<u16>) -> Self {
        let mut all = Self::default();
        for fate in fates {
            match fate {
                Fate::Visit(visit) => all.expect_visit(visit),
                Fate::End(arrived) => see(&mut all.marked, heard(&arrived.end, tag_of(arrived))),
                Fate::Storm(_) => panic!("a lab that storms does not start"),
            }
        }
        all
    }

    fn expect_visit(&mut self, visit: &Visit) {
        let Visit { at, by, tag, out, refused, drop, drop_at } = visit;
        see(&mut self.counted, format!("{at}/{by} in"));
        for (port, cause) in out {
            let cause = cause.split_once(' ').map_or(cause.as_str(), |(cause, _tag)| cause);
            see(&mut self.counted, format!("{at}/{port} out {cause}"));
        }
        for (port, reason) in refused {
            see(&mut self.counted, format!("{at}/{port} refused {reason}"));
        }
        if let Some(reason) = drop {
            see(&mut self.counted, format!("{at}/{by} dropped {reason}"));
        }
        if drop.is_some() || refused.values().any(|reason| reason == Reason::PromiscuousNotGranted.code()) {
            let drop = drop.as_ref().map(|reason| (drop_at.as_ref().unwrap_or(by).clone(), reason.clone()));
            see(&mut self.marked, recorded(at, by, *tag, drop, refused));
        }
    }

    /// What was seen of the frame with this mark, and what was counted since `before`.
    pub(super) fn found(
        all_heard: &Heard,
        records: &str,
        status: &Value,
        mark: &[u8],
        before: &BTreeMap<String, u64>,
    ) -> Self {
        let mut found = Self::default();
        for (end, frame) in all_heard.0.iter().filter(|(_, frame)| is_marked(frame, mark)) {
            see(&mut found.marked, heard(end, tag_of(frame)));
        }
        for record in serde_json::Deserializer::from_str(records).into_iter::<Value>().map(Result::unwrap) {
            let head = bytes_of(text(&record["drop"]["head"]));
            if is_marked(&head, mark) {
                see(&mut found.marked, live_record(&record, tag_of(&head)));
            }
        }
        let since = |line: &String, count: u64| count - before.get(line).copied().unwrap_or(0);
        let counted = counters(status).into_iter().map(|(line, count)| (since(&line, count), line));
        found.counted.extend(counted.filter(|(count, _)| *count > 0).map(|(count, line)| (line, count)));
        found
    }

    /// Everything has come that was expected.
    pub(super) fn covers(&self, expected: &Self) -> bool {
        at_least(&self.marked, &expected.marked) && at_least(&self.counted, &expected.counted)
    }

    /// Everything has come that was expected, and of the frame itself nothing else.
    pub(super) fn fits(&self, expected: &Self) -> bool {
        self.marked == expected.marked && at_least(&self.counted, &expected.counted)
    }

    /// What differs; counters stand there too, for whoever looks for the cause.
    pub(super) fn difference(&self, expected: &Self) -> String {
        let mut text = String::new();
        for (found, wanted) in [(&self.marked, &expected.marked), (&self.counted, &expected.counted)] {
            let lines: BTreeSet<&String> = found.keys().chain(wanted.keys()).collect();
            for line in lines {
                let [found, wanted] = [found, wanted].map(|seen| seen.get(line).copied().unwrap_or(0));
                if found != wanted {
                    let _ = writeln!(text, "  {line}: expected {wanted}, found {found}");
                }
            }
        }
        text
    }
}

fn at_least(found: &Seen, wanted: &Seen) -> bool {
    wanted.iter().all(|(line, count)| found.get(line).is_some_and(|found| found >= count))
}

/// Every counter of every port, as it stands.
pub(super) fn counters(status: &Value) -> BTreeMap<String, u64> {
    let mut all = BTreeMap::new();
    for host in list(&status["hosts"]) {
        for port in list(&host["vswitches"]).iter().flat_map(|vswitch| list(&vswitch["ports"])) {
            let (place, counters) =
                (format!("{}/{}", text(&host["name"]), text(&port["name"])), &port["counters"]);
            all.insert(format!("{place} in"), counters["frames-in"].as_u64().unwrap());
            for what in ["out", "refused", "dropped"] {
                for (why, count) in counters[what].as_object().unwrap() {
                    all.insert(format!("{place} {what} {why}"), count.as_u64().unwrap());
                }
            }
        }
    }
    all
}

fn see(seen: &mut Seen, line: String) {
    *seen.entry(line).or_default() += 1;
}

fn heard(end: &str, tag: Option<u16>) -> String {
    format!("heard by {end}, {}", tagged(tag))
}

fn live_record(record: &Value, tag: Option<u16>) -> String {
    let drop = &record["drop"];
    let refusal =
        |refusal: &Value| (text(&refusal["at"]["port"]).to_owned(), text(&refusal["reason"]).to_owned());
    let why = Some(&drop["drop"]).filter(|why| !why.is_null()).map(refusal);
    let refused = list(&drop["refusals"]).iter().map(refusal).collect();
    recorded(text(&record["host"]), text(&drop["ingress"]["port"]), tag, why, &refused)
}

fn recorded(
    host: &str,
    ingress: &str,
    tag: Option<u16>,
    drop: Option<(String, String)>,
    refused: &BTreeMap<String, String>,
) -> String {
    let drop =
        drop.map_or_else(|| "delivered to others".to_owned(), |(port, reason)| format!("{port} {reason}"));
    let refused: Vec<String> = refused.iter().map(|(port, reason)| format!("{port} {reason}")).collect();
    format!("recorded at {host}/{ingress}, {}: {drop}; refused: {}", tagged(tag), refused.join(", "))
}

fn tagged(tag: Option<u16>) -> String {
    tag.map_or_else(|| "untagged".to_owned(), |tag| format!("tagged {tag}"))
}

fn tag_of(frame: &[u8]) -> Option<u16> {
    nsw_core::Frame::parse(frame).ok()?.tag().map(nsw_core::Tag::vid)
}

fn is_marked(frame: &[u8], mark: &[u8]) -> bool {
    frame.windows(mark.len()).any(|window| window == mark)
}

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap());
    digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
