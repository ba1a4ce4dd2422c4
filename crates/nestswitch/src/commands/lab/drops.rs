//! `nsw lab drops`: which frames died, where, and which policy line decided.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::commands::output::{Answer, Failure, Outcome, json, line};
use crate::host::client::segment;
use crate::host::status::{DropPage, DropStatus, PortName, RefusalStatus};
use crate::lab::folder::LabFolder;
use crate::lab::status::LabStatus;
use crate::lab::wait;

/// How often `--follow` asks.
const ASK_EVERY: Duration = Duration::from_millis(300);

pub(super) fn run(folder: &LabFolder, host: Option<&str>, follow: bool, as_json: bool) -> Outcome {
    let lab: LabStatus = folder.client().get("/v1/lab")?;
    let hosts: Vec<String> = lab
        .hosts
        .into_iter()
        .map(|known| known.name)
        .filter(|name| host.is_none_or(|host| host == name))
        .collect();
    if hosts.is_empty() {
        return Err(Failure::with_hint("no such host in this lab", "`nsw lab status` lists the hosts"));
    }
    let mut reader = Reader::new(folder.clone(), hosts);
    loop {
        let fresh = reader.read();
        for (host, drop) in &fresh {
            if as_json {
                json(&serde_json::json!({ "host": host, "drop": drop }))?;
            } else {
                line(sentence(host, drop))?;
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

/// One record as a sentence: what, where, why.
pub(crate) fn sentence(host: &str, drop: &DropStatus) -> String {
    let mut text = format!("{} | {host} / {} / {}", drop.summary, drop.vswitch, place(&drop.ingress));
    let why = |refusal: &RefusalStatus| {
        let policy = refusal.policy.as_ref().map_or_else(String::new, |policy| format!(" ({policy})"));
        format!("{}{policy}", refusal.reason)
    };
    if let Some(reason) = &drop.drop {
        text += &format!(" | {}", why(reason));
    }
    let others = drop.refusals.iter().filter(|refusal| Some(*refusal) != drop.drop.as_ref());
    for refusal in others {
        text += &format!(" | refused to {}: {}", place(&refusal.at), why(refusal));
    }
    text
}

fn place(port: &PortName) -> String {
    match &port.port_group {
        Some(group) => format!("{group} / {}", port.port),
        None => format!("uplink {}", port.port),
    }
}
