//! `nsw lab drops`: which frames died, where, and which policy line decided.

use std::collections::BTreeMap;
use std::time::Duration;

use nsw_lab::messages::{Catalogue, Message};

use crate::commands::output::{Answer, Failure, Outcome, json, line};
use crate::host::client::segment;
use crate::host::status::{DropPage, DropStatus, PortName, RefusalStatus};
use crate::lab::folder::LabFolder;
use crate::lab::status::LabStatus;
use crate::lab::wait;
use crate::summary::{from_hexadecimal, summarise};

/// How often `--follow` asks.
const ASK_EVERY: Duration = Duration::from_millis(300);

pub(super) fn run(
    folder: &LabFolder,
    host: Option<&str>,
    follow: bool,
    words: &Catalogue,
    as_json: bool,
) -> Outcome {
    let lab: LabStatus = folder.client().get("/v1/lab")?;
    let hosts: Vec<String> = lab
        .hosts
        .into_iter()
        .map(|known| known.name)
        .filter(|name| host.is_none_or(|host| host == name))
        .collect();
    if let (true, Some(host)) = (hosts.is_empty(), host) {
        let text = format!("lab `{}` has no host `{host}`", folder.lab());
        return Err(Failure::with_hint(text, "`nsw lab status` lists the hosts"));
    }
    let mut reader = Reader::new(folder.clone(), hosts);
    loop {
        let fresh = reader.read();
        print(&fresh, words, as_json)?;
        if !follow {
            return Ok(if fresh.is_empty() { Answer::Yes } else { Answer::No });
        }
        wait::until(ASK_EVERY, || false);
    }
}

/// Prints what came at once. What is told in the same words is told once, where it came last.
pub(crate) fn print(fresh: &[(String, DropStatus)], words: &Catalogue, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return fresh
            .iter()
            .try_for_each(|(host, drop)| json(&serde_json::json!({ "host": host, "drop": drop })));
    }
    let mut told: BTreeMap<Sentence, (usize, usize)> = BTreeMap::new();
    for (place, (host, drop)) in fresh.iter().enumerate() {
        let (last, times) = told.entry(Sentence::of(words, host, drop)).or_default();
        (*last, *times) = (place, *times + 1);
    }
    let mut told: Vec<_> = told.into_iter().collect();
    told.sort_by_key(|(_, (last, _))| *last);
    told.iter().try_for_each(|(sentence, (_, times))| line(sentence.say(words, *times)))
}

/// Reads the drop rings of hosts, each record once.
pub(crate) struct Reader {
    folder: LabFolder,
    hosts: Vec<String>,
    next: BTreeMap<String, String>,
}

impl Reader {
    pub(crate) fn new(folder: LabFolder, hosts: Vec<String>) -> Self {
        Self { folder, hosts, next: BTreeMap::new() }
    }

    /// What came since the last call, oldest first. A host that does not answer has nothing to say.
    pub(crate) fn read(&mut self) -> Vec<(String, DropStatus)> {
        let mut fresh = Vec::new();
        for host in &self.hosts {
            let since =
                self.next.get(host).map_or_else(String::new, |since| format!("?since={}", segment(since)));
            let Ok(page) = self.folder.host_client(host).get::<DropPage>(&format!("/v1/drops{since}")) else {
                continue;
            };
            let next: Vec<String> =
                page.next.iter().map(|(vswitch, next)| format!("{vswitch}={next}")).collect();
            self.next.insert(host.clone(), next.join(","));
            fresh.extend(page.drops.into_iter().map(|drop| (host.clone(), drop)));
        }
        fresh.sort_by_key(|(_, drop)| drop.time_ns);
        fresh
    }
}

/// One record: what the frame was, where it came in, and a line for each port that went without it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sentence {
    frame: String,
    place: String,
    died: bool,
    lines: Vec<String>,
}

impl Sentence {
    fn of(words: &Catalogue, host: &str, drop: &DropStatus) -> Self {
        let DropStatus { head, vswitch, ingress, .. } = drop;
        let mut lines: Vec<String> = drop.drop.iter().map(|refusal| reason(words, refusal)).collect();
        for refusal in drop.refusals.iter().filter(|refusal| Some(*refusal) != drop.drop.as_ref()) {
            let (place, reason) = (&place(words, &refusal.at), &reason(words, refusal));
            lines.push(words.say(&Message::DropsNotTo { place, reason }));
        }
        Self {
            frame: summarise(&from_hexadecimal(head)).words(words),
            place: format!("{host} / {vswitch} / {}", place(words, ingress)),
            died: drop.drop.is_some(),
            lines,
        }
    }

    fn say(&self, words: &Catalogue, times: usize) -> String {
        let Self { frame, place, died, lines } = self;
        let frame = &match times {
            1 => frame.clone(),
            _ => words.say(&Message::DropsTimes { frame, count: &times }),
        };
        let head = match died {
            true => words.say(&Message::DropsDied { frame, place }),
            false => words.say(&Message::DropsWentOn { frame, place }),
        };
        [&[head], lines.as_slice()].concat().join("\n  ")
    }
}

fn reason(words: &Catalogue, RefusalStatus { reason, policy, .. }: &RefusalStatus) -> String {
    match policy {
        Some(policy) => words.say(&Message::DropsReason { reason, policy: &words.policy_called(policy) }),
        None => reason.clone(),
    }
}

fn place(words: &Catalogue, port: &PortName) -> String {
    match &port.port_group {
        // It came before the port was known.
        None if port.port.is_empty() => words.say(&Message::DropsNoPort {}),
        Some(group) => format!("{group} / {}", port.port),
        None => words.say(&Message::DemoUplink { name: &port.port }),
    }
}
