//! The demo's rounds: as the lab of namespaces answers them, and as the lab with the VM does.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::guest::Guest;
use super::outer::Outer;

/// Settings of a round on the outer host, as the demo has them: promiscuous mode, MAC address changes, forged transmits;
/// on the vSwitch, and as overrides on the port group of the nested host.
const SETTINGS: [([bool; 3], [Option<bool>; 3]); 6] = [
    ([false; 3], [None; 3]),
    ([true, false, true], [None; 3]),
    ([false; 3], [Some(true), None, Some(true)]),
    ([false; 3], [None, None, Some(true)]),
    ([false; 3], [Some(true), None, None]),
    ([false; 3], [None, Some(true), None]),
];
const ADDRESSES: [(&str, &str); 3] =
    [("web01", "192.168.10.31"), ("laptop", "192.168.10.50"), ("nested-1", "192.168.10.12")];
const BYSTANDER_PORT: &str = "sniffer.eth0";

/// What came of a round.
pub(super) struct Round {
    number: usize,
    title: String,
    conversations: Vec<Conversation>,
    /// Was the bystander given frames that were not for it?
    bystander_hears: bool,
}

/// What came of pinging in one direction.
#[derive(PartialEq, Eq, Debug)]
struct Conversation {
    from: String,
    to: String,
    replies: u64,
    /// Frame, sender, place and reason of each kind of death on the outer host.
    deaths: BTreeSet<String>,
}

/// The rounds as `nsw demo` plays them, in a lab of namespaces.
pub(super) fn of_the_demo(nsw: &Path) -> io::Result<Vec<Round>> {
    let done = Command::new(nsw).args(["demo", "--json"]).output()?;
    let demo: Value = serde_json::from_slice(&done.stdout)
        .map_err(|_| io::Error::other(String::from_utf8_lossy(&done.stderr).into_owned()))?;
    if demo["played"] != "live, on real frames" || demo["as-told"] != true {
        return Err(io::Error::other(format!("the demo itself does not go as told: {demo}")));
    }
    let rounds = demo["rounds"].as_array().into_iter().flatten();
    Ok(rounds.enumerate().map(|(number, round)| demo_round(number, round)).collect())
}

fn demo_round(number: usize, round: &Value) -> Round {
    let conversations = round["pings"].as_array().into_iter().flatten().map(|ping| Conversation {
        from: text(&ping["from"]),
        to: text(&ping["to"]),
        replies: ping["report"]["received"].as_u64().unwrap_or(0),
        deaths: ping["deaths"].as_array().into_iter().flatten().map(demo_death).collect(),
    });
    Round {
        number,
        title: text(&round["title"]),
        conversations: conversations.collect(),
        bystander_hears: round["bystander-copies"].as_u64().unwrap_or(0) > 0,
    }
}

fn demo_death(death: &Value) -> String {
    let [frame, sender, place, reason] = ["frame", "sender", "place", "reason"].map(|key| text(&death[key]));
    format!("{frame} of {sender} at {place}: {reason}")
}

/// Plays the round that the demo played.
pub(super) fn play(outer: &Outer, guest: &mut Guest, told: &Round) -> io::Result<Round> {
    let (vswitch, group) = SETTINGS
        .get(told.number)
        .ok_or_else(|| io::Error::other("the demo has a round that is not known here"))?;
    outer.set_security(*vswitch, *group)?;
    let before = outer.promiscuous_copies(BYSTANDER_PORT)?;
    let mut conversations = Vec::new();
    for told in &told.conversations {
        conversations.push(converse(outer, guest, told)?);
    }
    let bystander_hears = outer.promiscuous_copies(BYSTANDER_PORT)? > before;
    Ok(Round { number: told.number, title: told.title.clone(), conversations, bystander_hears })
}

fn converse(outer: &Outer, guest: &mut Guest, told: &Conversation) -> io::Result<Conversation> {
    let (from, to) = (told.from.as_str(), told.to.as_str());
    // Where replies are expected, an emulated processor is given time for them.
    let timeout = if told.replies > 0 { "10000" } else { "1500" };
    // The other end forgets, too, so that the conversation begins anew.
    ping(outer, guest, to, from, &["--count", "0", "--fresh", "--timeout-ms", "0"])?;
    let seen = outer.drops()?.iter().filter_map(|record| record["drop"]["sequence"].as_u64()).max();
    let report = ping(outer, guest, from, to, &["--count", "3", "--fresh", "--timeout-ms", timeout])?;
    let fresh = outer.drops()?;
    let fresh = fresh.iter().filter(|record| record["drop"]["sequence"].as_u64() > seen);
    Ok(Conversation {
        from: told.from.clone(),
        to: told.to.clone(),
        replies: report["received"].as_u64().unwrap_or(0),
        deaths: fresh.filter_map(|record| death(record, [from, to])).collect(),
    })
}

fn ping(outer: &Outer, guest: &mut Guest, from: &str, to: &str, options: &[&str]) -> io::Result<Value> {
    let address = ADDRESSES.iter().find(|(name, _)| *name == to).map(|(_, address)| *address);
    let address = address.ok_or_else(|| io::Error::other(format!("{to} has no address here")))?;
    match from {
        "web01" => guest.ping(from, address, options),
        // The VMkernel of the host in the VM is not entered: what it knows of the laptop changes no answer.
        "nested-1" => Ok(Value::Null),
        _ => outer.ping(from, address, options),
    }
}

/// A record of the drop ring as a death of the conversation between `ends`, if it is one.
fn death(record: &Value, ends: [&str; 2]) -> Option<String> {
    let drop = &record["drop"];
    let summary = drop["summary"].as_str()?;
    let (frame, rest) = summary.split_once(", ")?;
    let words: Vec<&str> = rest.split_whitespace().collect();
    let name = |address: &str| ADDRESSES.iter().find(|(_, known)| *known == address).map(|(name, _)| *name);
    let (sender, target) = (name(words.first()?)?, name(words.last()?)?);
    let known = ["ARP request", "ARP reply", "echo request", "echo reply"].contains(&frame);
    if !known || !ends.contains(&sender) || !ends.contains(&target) {
        return None;
    }
    let (reason, at) = (drop["drop"]["reason"].as_str()?, &drop["drop"]["at"]);
    let group = at["port-group"].as_str().map_or("uplink ".to_owned(), |group| format!("{group} / "));
    let place =
        format!("{} / {} / {group}{}", text(&record["host"]), text(&drop["vswitch"]), text(&at["port"]));
    Some(format!("{frame} of {sender} at {place}: {reason}"))
}

/// Prints the round, and how it differs; true if it does not.
pub(super) fn compare(told: &Round, played: &Round) -> bool {
    say!("{}. {}", played.number + 1, played.title);
    for conversation in &played.conversations {
        say!(
            "   {:<22} {} of 3",
            format!("{} -> {}", conversation.from, conversation.to),
            conversation.replies
        );
        conversation.deaths.iter().for_each(|death| say!("     {death}"));
    }
    let mut same = true;
    for (told, played) in told.conversations.iter().zip(&played.conversations) {
        if told != played {
            say!("   differs: {told:?} in the lab of namespaces");
            same = false;
        }
    }
    if told.bystander_hears != played.bystander_hears {
        say!("   differs: the bystander hears in one lab only");
        same = false;
    }
    same
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
