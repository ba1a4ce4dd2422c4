//! The simulator and the live lab agree, for every example and every ordered pair of end points: reachable or not, and
//! where not, which frame died at which port of which vSwitch and why.
//!
//! Every conversation starts cold on both sides: both ends forget their neighbours first. No end takes part in two
//! conversations at a time, so nobody learns an address, or asks for one, for the sake of another conversation.
//!
//! **Exact** are the verdict, and the set of records in the drop rings of all hosts that belong to the conversation's four
//! frames: host, vSwitch, ingress port, every port that went without, every reason. What the simulator's switches
//! would have recorded is there live, and nothing else is.
//!
//! **Not exact, and why.** How often: the kernel repeats an ARP request as it likes. A frame that died without a
//! record, because it was delivered to the wrong port or ignored by the guest: of it the verdict alone is compared. And
//! the segment's bridge is warm, the simulator's cold: between two conversations nobody can tell it to forget. In the
//! examples that makes no difference, since whoever is flooded to in vain records nothing of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use nsw_core::{Action, Reason, Security};
use nsw_lab::sim::{Conversation, EndpointId, Verdict, World};
use nsw_lab::spec;
use serde_json::Value;

use crate::fixture::{Lab, Nsw, PATIENCE, a_few_at_a_time, example, within};
use crate::or_skip;
use crate::records::{self, Records};

#[test]
fn the_examples_live_and_simulated_agree() {
    check_examples(&or_skip!(Nsw::as_anybody()));
}

#[test]
fn the_examples_in_the_kernel_and_simulated_agree() {
    check_examples(&or_skip!(Nsw::with_engines(&["--engine=kernel"])));
}

fn check_examples(nsw: &Nsw) {
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".yaml") && name != "nested.yaml")
        .collect();
    files.sort();
    a_few_at_a_time(files, |file| {
        let name = file.trim_end_matches(".yaml");
        let both = Both::up(nsw, &example(&file, name));
        both.check(name);
    });
}

/// The rounds of the demo, on its lab: the policies are changed while it runs.
#[test]
fn every_policy_of_the_demo_live_and_simulated_agrees() {
    check_policies(&or_skip!(Nsw::as_anybody()));
}

#[test]
fn every_policy_of_the_demo_in_the_kernel_and_simulated_agrees() {
    check_policies(&or_skip!(Nsw::with_engines(&["--engine=kernel"])));
}

#[test]
fn every_policy_of_the_demo_with_the_outer_host_in_the_kernel_and_simulated_agrees() {
    check_policies(&or_skip!(Nsw::with_engines(&["--engine=physical=kernel"])));
}

#[test]
fn every_policy_of_the_demo_with_the_nested_host_in_the_kernel_and_simulated_agrees() {
    check_policies(&or_skip!(Nsw::with_engines(&["--engine=nested-1=kernel"])));
}

fn check_policies(nsw: &Nsw) {
    let (yes, no) = (Some(Action::Accept), Some(Action::Reject));
    let security =
        |promiscuous, mac_changes, forged_transmits| Security { promiscuous, mac_changes, forged_transmits };
    let closed = security(no, no, no);
    let rounds = [
        ("closed", closed, security(None, None, None)),
        ("method-1", security(yes, no, yes), security(None, None, None)),
        ("method-2", closed, security(yes, None, yes)),
        ("forged-only", closed, security(None, None, yes)),
        ("promiscuous-only", closed, security(yes, None, None)),
        ("mac-changes-only", closed, security(None, yes, None)),
    ];
    a_few_at_a_time(rounds, |(round, vswitch, group)| {
        let mut both = Both::up(nsw, &example("nested.yaml", round));
        both.set("physical", "vSwitch0", None, vswitch);
        both.set("physical", "vSwitch0", Some("Nested"), group);
        both.check(round);
    });
}

/// One lab, live and in the simulator.
pub(crate) struct Both<'a> {
    lab: Lab<'a>,
    pub(crate) world: World,
}

impl<'a> Both<'a> {
    pub(crate) fn up(nsw: &'a Nsw, text: &str) -> Self {
        let world = World::new(&spec::parse("lab.yaml", text).unwrap().lab).unwrap();
        let both = Self { lab: nsw.up(text), world };
        wait_until_ports_agree(&both.world, &both.lab);
        both
    }

    /// Sets a policy in both.
    pub(crate) fn set(
        &mut self,
        host: &str,
        vswitch: &str,
        port_group: Option<&str>,
        security: Security<Option<Action>>,
    ) {
        self.world.set_security(host, vswitch, port_group, security).unwrap();
        let standard = ["--lab", &self.lab.name, "--host", host, "network", "vswitch", "standard"];
        let mut words: Vec<String> = standard.map(str::to_owned).into();
        words.extend(match port_group {
            Some(group) => ["portgroup", "policy", "security", "set", "--use-vswitch", "-p", group]
                .map(str::to_owned)
                .to_vec(),
            None => ["policy", "security", "set", "-v", vswitch].map(str::to_owned).to_vec(),
        });
        let settings = [
            ("--allow-promiscuous", security.promiscuous),
            ("--allow-mac-change", security.mac_changes),
            ("--allow-forged-transmits", security.forged_transmits),
        ];
        for (option, action) in settings {
            words.extend(action.map(|action| format!("{option}={}", action.accepts())));
        }
        self.lab.nsw.run(["esxcli".to_owned()].into_iter().chain(words)).expect(0);
        wait_until_ports_agree(&self.world, &self.lab);
    }

    /// Lets everybody talk to everybody, in both directions, and compares.
    pub(crate) fn check(&self, what: &str) {
        let mut differences = String::new();
        let rounds = pairings(&self.speakers());
        assert!(!rounds.is_empty(), "{what}: nobody to talk to");
        for round in rounds {
            for directed in [round.clone(), round.iter().map(|(a, b)| (*b, *a)).collect()] {
                differences += &self.differences(&directed);
            }
        }
        assert!(differences.is_empty(), "{what}: the live lab and the simulator differ\n{differences}");
    }

    /// The end points that can be pinged by name.
    fn speakers(&self) -> Vec<EndpointId> {
        let has_ip =
            |id: &EndpointId| self.world.endpoint(*id).addresses.iter().any(|address| address.ip.is_ipv4());
        self.world.endpoint_ids().filter(has_ip).collect()
    }

    /// Holds the conversations at the same time, and returns what differs, as text.
    pub(crate) fn differences(&self, pairs: &[(EndpointId, EndpointId)]) -> String {
        let conversations: Vec<Conversation> =
            pairs.iter().map(|(from, to)| self.world.converse(*from, *to)).collect();
        let talks: Vec<&Conversation> =
            conversations.iter().filter(|talk| talk.verdict != Verdict::NoRoute).collect();
        let owners =
            |talk: &Conversation| [talk.from, talk.to].map(|id| self.world.endpoint(id).owner.clone());
        // Everybody first forgets everybody, so that nobody forgets in the middle of a conversation. Twice: who still
        // asked for somebody may have taught him in between.
        for _ in 0..2 {
            self.forget_neighbours(talks.iter().flat_map(|talk| owners(talk)));
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
        let reached: Vec<bool> = thread::scope(|scope| {
            let pings: Vec<_> = talks
                .iter()
                .map(|talk| {
                    let [from, _] = owners(talk);
                    let (_, to) = talk.addresses.unwrap();
                    let expected = talk.verdict == Verdict::Reachable;
                    scope.spawn(move || self.ping(&from, to, expected))
                })
                .collect();
            pings.into_iter().map(|ping| ping.join().unwrap()).collect()
        });
        let expected: Vec<Records> = talks.iter().map(|talk| records::of_simulated_rings(talk)).collect();
        let found = self.live_records(&talks, since, &expected);
        let mut text = String::new();
        for (((talk, reached), expected), found) in talks.into_iter().zip(reached).zip(expected).zip(found) {
            if reached == (talk.verdict == Verdict::Reachable) && found == expected {
                continue;
            }
            let _ =
                writeln!(text, "{} -> {}: {:?}, live {reached}", talk.from_name, talk.to_name, talk.verdict);
            text.extend(expected.difference(&found).map(|line| format!("  only simulated: {line}\n")));
            text.extend(found.difference(&expected).map(|line| format!("  only live: {line}\n")));
        }
        text
    }

    fn forget_neighbours(&self, names: impl Iterator<Item = String>) {
        thread::scope(|scope| {
            for name in names {
                let forget = [self.program(), "vm-ping", "127.0.0.1", "--count", "0", "--fresh"];
                scope.spawn(move || self.lab.exec(&name, &forget));
            }
        });
    }

    fn program(&self) -> &str {
        self.lab.nsw.program().to_str().unwrap()
    }

    fn ping(&self, from: &str, to: IpAddr, expected: bool) -> bool {
        let patience = if expected { "10000" } else { "400" };
        let ping = [self.program(), "vm-ping", &to.to_string(), "--count", "1", "--timeout-ms", patience];
        self.lab.exec(from, &ping).json()["received"] == 1
    }

    /// What `nsw lab drops` tells of each conversation. The record of a frame is there a moment after the frame, so it
    /// is read until everything has come that is expected.
    fn live_records(&self, talks: &[&Conversation], since: u128, expected: &[Records]) -> Vec<Records> {
        let mut found = Vec::new();
        within(Duration::from_secs(2), || {
            let text = self.lab.lab("drops", &["--json"]).stdout;
            let all = serde_json::Deserializer::from_str(&text).into_iter::<Value>().map(Result::unwrap);
            let new = all.filter(|record| u128::from(record["drop"]["time-ns"].as_u64().unwrap()) >= since);
            let new: Vec<Value> = new.collect();
            found = talks.iter().map(|talk| records::of_live_rings(talk, &new)).collect();
            found.iter().zip(expected).all(|(found, expected)| found.is_superset(expected)).then_some(())
        });
        found
    }
}

/// Guests do what the lab file says when they boot, and the switch sees it a moment later.
#[track_caller]
pub(crate) fn wait_until_ports_agree(world: &World, lab: &Lab<'_>) {
    let simulated = simulated_ports(world);
    let mut live = String::new();
    let agree = within(PATIENCE, || {
        live = live_ports(lab);
        (live == simulated).then_some(())
    });
    assert!(agree.is_some(), "ports differ\nsimulated:\n{simulated}live:\n{live}");
}

fn simulated_ports(world: &World) -> String {
    let mut lines = BTreeSet::new();
    for (host, switch) in world.switch_ids().map(|id| world.switch(id)) {
        let tables = switch.compile();
        for port in switch.ports() {
            let applied = tables.applied(port.id).unwrap();
            lines.insert(format!(
                "{host} {} {} {} {:?} {} {:?} {}\n",
                port.adapter.name,
                applied.requested_mac,
                applied.mac,
                [applied.asks_promiscuous, applied.promiscuous, port.link_up],
                tables.port_group_name(port.id).unwrap_or("-"),
                applied.rx_closed.map(Reason::code),
                applied.team_uplink.map_or("-", |uplink| tables.port_name(uplink)),
            ));
        }
    }
    lines.into_iter().collect()
}

fn live_ports(lab: &Lab<'_>) -> String {
    let mut lines = BTreeSet::new();
    let status = lab.status();
    for host in status["hosts"].as_array().unwrap() {
        let switches = host["vswitches"].as_array().unwrap();
        for port in switches.iter().flat_map(|vswitch| vswitch["ports"].as_array().unwrap()) {
            let text = |key: &str| port[key].as_str().unwrap_or("-");
            let flag = |key: &str| port[key].as_bool().unwrap();
            lines.insert(format!(
                "{} {} {} {} {:?} {} {:?} {}\n",
                host["name"].as_str().unwrap(),
                text("name"),
                text("requested-mac"),
                text("effective-mac"),
                [flag("asks-promiscuous"), flag("promiscuous"), flag("link-up")],
                text("port-group"),
                port["rx-closed"].as_str(),
                text("team-uplink"),
            ));
        }
    }
    lines.into_iter().collect()
}

/// Every pair once, in rounds in which nobody stands twice: one stays, the others go round.
fn pairings(all: &[EndpointId]) -> Vec<Vec<(EndpointId, EndpointId)>> {
    let mut seats: Vec<Option<EndpointId>> = all.iter().copied().map(Some).collect();
    if seats.len() % 2 == 1 {
        seats.push(None);
    }
    let mut rounds = Vec::new();
    for _ in 1..seats.len() {
        let (near, far) = seats.split_at(seats.len() / 2);
        rounds.push(near.iter().zip(far.iter().rev()).filter_map(|(a, b)| Some(((*a)?, (*b)?))).collect());
        seats[1..].rotate_right(1);
    }
    rounds
}
