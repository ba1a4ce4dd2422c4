//! The demo on real frames: a lab comes up, its policies change while it runs, and its drop rings tell.

use std::collections::BTreeMap;
use std::net::IpAddr;

use hyper::Method;
use nsw_lab::messages::Message;
use nsw_lab::sim::Place;

use super::story::{
    BYSTANDER_PORT, DeathReport, INNER_VM, NESTED_GROUP, NESTED_HOST, NESTED_PORT, OUTER_HOST, OUTSIDE,
    PingOutcome, Refused, Round, RoundReport, Stage, VSWITCH, tally,
};
use crate::commands::lab::start::RunningLab;
use crate::commands::lab::{Begin, Reader, ping};
use crate::commands::output::Failure;
use crate::engine::EngineWish;
use crate::host::api::SecurityChange;
use crate::host::client::{Client, segment};
use crate::host::document::ActionDocument;
use crate::host::status::{Changes, DropStatus, HostStatus, PortName};
use crate::lab::folder::LabFolder;
use crate::lab::status::LabStatus;
use crate::lab::wait;
use crate::summary::{Leg, from_hexadecimal, summarise};

/// How many echo requests a direction gets.
const PINGS: u16 = 3;

pub(super) struct Live {
    folder: LabFolder,
    reader: Reader,
    names: BTreeMap<IpAddr, String>,
    lab: RunningLab,
}

impl Live {
    /// Brings the lab up under a name of its own, so that it is in nobody's way.
    pub(super) fn new(lab: &str, wishes: &[EngineWish]) -> Result<Self, Failure> {
        LabFolder::remove_dead_demos();
        let name = format!("demo-{}", std::process::id());
        let folder = LabFolder::of(&name);
        let text = lab.replacen("lab: nested", &format!("lab: {name}"), 1);
        let file = std::env::temp_dir().join(format!("nestswitch-{name}.yaml"));
        std::fs::write(&file, text)?;
        let started = RunningLab::start(&folder, &file, true, wishes);
        std::fs::remove_file(&file)?;
        let lab = started?;
        let status: LabStatus = folder.client().get("/v1/lab")?;
        let reader = Reader::new(folder.clone(), status.hosts.iter().map(|host| host.name.clone()).collect());
        wait_until_requests_are_seen(&folder)?;
        Ok(Self { names: names(&status), folder, reader, lab })
    }

    fn set(&self, round: &Round) -> Result<(), Failure> {
        let host = self.folder.host_client(OUTER_HOST);
        let action = |accept: bool| if accept { ActionDocument::Accept } else { ActionDocument::Reject };
        let [promiscuous, mac_changes, forged_transmits] = round.vswitch.map(|accept| Some(action(accept)));
        let vswitch = SecurityChange { reset: false, promiscuous, mac_changes, forged_transmits };
        let _: Changes =
            host.send(Method::PATCH, &format!("/v1/vswitches/{}/security", segment(VSWITCH)), &vswitch)?;
        let [promiscuous, mac_changes, forged_transmits] = round.group.map(|accept| accept.map(action));
        let group = SecurityChange { reset: true, promiscuous, mac_changes, forged_transmits };
        let _: Changes =
            host.send(Method::PATCH, &format!("/v1/portgroups/{}/security", segment(NESTED_GROUP)), &group)?;
        Ok(())
    }

    /// Pings once. Where replies are `expected`, a slow machine is given time for them; where not, nobody waits for
    /// what will not come.
    fn ping(&mut self, from: &str, to: &str, expected: bool) -> Result<PingOutcome, Failure> {
        let timeout_ms = if expected { 3000 } else { 400 };
        // Both ends forget each other, and what still waits for an address, so that the conversation begins anew.
        self.unless_interrupted(ping(&self.folder, to, from, 0, Begin::Cold { timeout_ms: 0 }))?;
        self.reader.read();
        let report =
            self.unless_interrupted(ping(&self.folder, from, to, PINGS, Begin::Cold { timeout_ms }))?;
        let deaths = self
            .reader
            .read()
            .iter()
            .filter_map(|(host, drop)| self.death(host, drop, [from, to]))
            .collect::<Vec<_>>();
        Ok(PingOutcome { from: from.to_owned(), to: to.to_owned(), report, deaths: tally(deaths) })
    }

    /// The result, unless Ctrl-C came; it ends the pings too, and that is no news then.
    fn unless_interrupted<T>(&self, result: Result<T, Failure>) -> Result<T, Failure> {
        if self.lab.interrupted() { Err(Failure::new("interrupted")) } else { result }
    }

    /// The record as a death of the conversation between `ends`; `None` if it is about something else.
    fn death(&self, host: &str, drop: &DropStatus, ends: [&str; 2]) -> Option<DeathReport> {
        let (leg, sender, target) = summarise(&from_hexadecimal(&drop.head)).leg?;
        let (sender, target) = (self.names.get(&sender)?, self.names.get(&target)?);
        let ours = ends.contains(&sender.as_str()) && ends.contains(&target.as_str());
        let reason = drop.drop.as_ref().filter(|_| ours)?;
        let refused =
            drop.refusals.iter().filter(|refusal| refusal.at.port == NESTED_PORT && refusal.at != reason.at);
        Some(DeathReport {
            frame: Leg::name(leg).to_owned(),
            sender: sender.clone(),
            place: place(host, &drop.vswitch, &reason.at),
            reason: reason.reason.clone(),
            policy: reason.policy.clone(),
            refused: refused
                .map(|refusal| Refused { reason: refusal.reason.clone(), policy: refusal.policy.clone() })
                .collect(),
            count: 1,
        })
    }

    fn bystander_copies(&self) -> Result<u64, Failure> {
        let status: HostStatus = self.folder.host_client(OUTER_HOST).get("/v1/status")?;
        let ports = status.vswitches.iter().flat_map(|vswitch| &vswitch.ports);
        let copies = ports
            .filter(|port| port.name == BYSTANDER_PORT)
            .map(|port| port.counters.out.get("promiscuous").copied().unwrap_or(0));
        Ok(copies.sum())
    }
}

impl Stage for Live {
    fn place(&self) -> Message<'static> {
        Message::DemoLive {}
    }

    fn play(&mut self, round: &Round) -> Result<RoundReport, Failure> {
        self.set(round)?;
        let before = self.bystander_copies()?;
        let pings = vec![
            self.ping(INNER_VM, OUTSIDE, round.reachable)?,
            self.ping(OUTSIDE, INNER_VM, round.reachable)?,
            self.ping(OUTSIDE, NESTED_HOST, true)?,
        ];
        let bystander_copies = self.bystander_copies()?.saturating_sub(before);
        Ok(RoundReport { title: round.title, reachable: round.reachable, pings, bystander_copies })
    }
}

/// The nested host and the sniffer ask for promiscuous mode as they boot; the story begins when the switch knows.
fn wait_until_requests_are_seen(folder: &LabFolder) -> Result<(), Failure> {
    let host: Client = folder.host_client(OUTER_HOST);
    let asks = |name: &str, status: &HostStatus| {
        status
            .vswitches
            .iter()
            .flat_map(|vswitch| &vswitch.ports)
            .any(|port| port.name == name && port.asks_promiscuous)
    };
    let seen = wait::until(std::time::Duration::from_secs(10), || {
        host.get::<HostStatus>("/v1/status")
            .is_ok_and(|status| asks(NESTED_PORT, &status) && asks(BYSTANDER_PORT, &status))
    });
    if seen {
        Ok(())
    } else {
        Err(Failure::new("the nested host did not ask for promiscuous mode within 10 s"))
    }
}

fn names(status: &LabStatus) -> BTreeMap<IpAddr, String> {
    let stations = status.segments.iter().flat_map(|segment| &segment.stations);
    let ends = stations.chain(status.hosts.iter().flat_map(|host| &host.ends));
    ends.flat_map(|end| {
        end.addresses.iter().filter_map(|address| Some((address.parse().ok()?, end.name.clone())))
    })
    .collect()
}

fn place(host: &str, vswitch: &str, at: &PortName) -> Place {
    Place {
        host: Some(host.to_owned()),
        device: vswitch.to_owned(),
        port_group: at.port_group.clone(),
        port: Some(at.port.clone()),
    }
}
