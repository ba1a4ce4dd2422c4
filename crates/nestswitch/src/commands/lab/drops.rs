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
        for (host, drop) in &fresh {
            if as_json {
                json(&serde_json::json!({ "host": host, "drop": drop }))?;
            } else {
                line(sentence(words, host, drop))?;
            }
        }
        if !follow {
            return Ok(if fresh.is_empty() { Answer::Yes } else { Answer::No });
        }
        wait::until(ASK_EVERY, || false);
    }
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
pub(crate) fn sentence(words: &Catalogue, host: &str, drop: &DropStatus) -> String {
    let DropStatus { head, vswitch, ingress, .. } = drop;
    let frame = &summarise(&from_hexadecimal(head)).words(words);
    let at = &format!("{host} / {vswitch} / {}", place(words, ingress));
    let mut lines = vec![match &drop.drop {
        Some(_) => words.say(&Message::DropsDied { frame, place: at }),
        None => words.say(&Message::DropsWentOn { frame, place: at }),
    }];
    lines.extend(drop.drop.iter().map(|refusal| reason(words, refusal)));
    for refusal in drop.refusals.iter().filter(|refusal| Some(*refusal) != drop.drop.as_ref()) {
        let (place, reason) = (&place(words, &refusal.at), &reason(words, refusal));
        lines.push(words.say(&Message::DropsNotTo { place, reason }));
    }
    lines.join("\n  ")
}

fn reason(words: &Catalogue, RefusalStatus { reason, policy, .. }: &RefusalStatus) -> String {
    match policy {
        Some(policy) => words.say(&Message::DropsReason { reason, policy: &words.policy_called(policy) }),
        None => reason.clone(),
    }
}

fn place(words: &Catalogue, port: &PortName) -> String {
    match &port.port_group {
        Some(group) => format!("{group} / {}", port.port),
        None => words.say(&Message::DemoUplink { name: &port.port }),
    }
}
