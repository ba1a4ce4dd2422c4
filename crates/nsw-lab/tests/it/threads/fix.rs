//! The least fix of a thread, and that it is one: the two ends talk with it, and with no part of it.

use nsw_core::Action;
use nsw_lab::doctor::change::{Change, Scope, SecurityElement};
use nsw_lab::doctor::exposure::{Exposure, Widening};
use nsw_lab::doctor::fix::{Fix, fixes};
use nsw_lab::doctor::opened::{Before, Opened};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::Question;
use nsw_lab::sim::World;
use nsw_lab::topology::Lab;

/// What a thread's head says of fixes: the least that nestswitch can do, and the least of a vSphere standard switch.
pub(super) fn findings(lab: &Lab, from: &str, to: &str) -> Vec<String> {
    let world = World::new(lab).unwrap();
    let question = Question::new(lab, &world, from, to).unwrap();
    if question.talks() {
        return Vec::new();
    }
    let of = |key: &str, platform| {
        let found = fixes(&question, platform);
        found.fixes.iter().for_each(|fix| check(&question, fix));
        let words = found.fixes.first().map_or("none".to_owned(), |fix| words(&fix.changes));
        format!("{key}: {words}")
    };
    vec![of("Least fix", Platform::Nestswitch), of("On vSphere", Platform::Vss)]
}

/// Does the thread's advice open more than the least fix of this platform? Both are measured as `nsw fix` measures.
pub(super) fn advice_opens_more(lab: &Lab, [from, to]: [&str; 2], advice: &str, platform: Platform) -> bool {
    let world = World::new(lab).unwrap();
    let question = Question::new(lab, &world, from, to).unwrap();
    let weight = |changes: &[Change]| {
        let mut before = Before::of(&question, [changes]).unwrap();
        Opened::by(&mut before, changes).unwrap().weight()
    };
    let least = fixes(&question, platform).fixes.into_iter().next().unwrap();
    weight(&settings(lab, advice)) > weight(&least.changes)
}

/// `promiscuous, forged-transmits on HOST / PLACE`: what is set to Accept, and on which vSwitch or port group.
fn settings(lab: &Lab, advice: &str) -> Vec<Change> {
    let (elements, place) = advice.split_once(" on ").unwrap();
    let (host, name) = place.split_once(" / ").unwrap();
    let at = match lab.host(host).unwrap().vswitch_of(name) {
        Some((_, vswitch)) => Scope::group(host, &vswitch.name, name),
        None => Scope { host: host.to_owned(), vswitch: name.to_owned(), port_group: None },
    };
    let element = |key: &str| SecurityElement::ALL.into_iter().find(|element| element.key() == key).unwrap();
    let accept = |key| Change::Security { at: at.clone(), element: element(key), action: Action::Accept };
    elements.split(", ").map(accept).collect()
}

fn check(question: &Question, fix: &Fix) {
    assert_eq!(fix.opened.widening, widening(question.around(), &fix.changes), "{:?}", fix.changes);
    assert!(talks(question, &fix.changes), "{:?} does not work", fix.changes);
    for left_out in 0..fix.changes.len() {
        let mut part = fix.changes.clone();
        part.remove(left_out);
        assert!(!talks(question, &part), "{:?} has a part too many: {left_out}", fix.changes);
    }
    // The threads' favourite mistake: MAC address changes are for a guest that changes its own.
    let opens =
        |change: &Change| matches!(change, Change::Security { element: SecurityElement::MacChanges, .. });
    if fix.changes.iter().any(opens) {
        let changed = |lab: &Lab| {
            let nics = lab.all_hosts().into_iter().flat_map(|(_, host)| &host.vms).flat_map(|vm| &vm.nics);
            nics.into_iter().any(|nic| nic.guest_mac.is_some_and(|mac| mac != nic.mac))
        };
        assert!(changed(&question.lab), "{:?} opens MAC address changes for nobody", fix.changes);
    }
}

/// What changes open, as if nothing had been asked before.
fn widening(lab: &Lab, changes: &[Change]) -> Widening {
    let after = Change::apply_all(changes, lab).unwrap();
    let [before, after] = [lab, &after].map(|lab| Exposure::at_worst(&World::new(lab).unwrap()));
    after.newly(&before)
}

fn talks(question: &Question, changes: &[Change]) -> bool {
    question.with(changes).is_some_and(|changed| changed.talks())
}

pub(crate) fn words(changes: &[Change]) -> String {
    changes.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn one(change: &Change) -> String {
    match change {
        Change::Security { at, element, action } => format!("{} {action} on {at}", element.key()),
        Change::Allow { at, mac } => format!("allow {mac} on {at}"),
        Change::Learn { at, learning } => format!("learn {} addresses on {at}", learning.limit),
        Change::Sink { at } => format!("sink on {at}"),
        Change::Vlan { host, port_group, id } => format!("VLAN {id} on {host} / {port_group}"),
        Change::AddPortGroup { host, name, .. } => format!("a port group {name} on {host}"),
        Change::Connect { vm, nic, port_group } => format!("{vm}.{nic} into {port_group}"),
        Change::VnicMac { vm, nic, mac } => format!("MAC {mac} for {vm}.{nic}"),
        Change::KeepMac { vm, nic } => format!("the guest of {vm}.{nic} keeps its MAC"),
        Change::VmkernelMac { host, vmk, mac } => format!("MAC {mac} for {vmk} of {host}"),
        Change::GuestVlan { vm, nic, id } => format!("VLAN {id} in the guest of {vm}.{nic}"),
        Change::AddUplink { host, vswitch, pnic } => format!("uplink {pnic} for {host} / {vswitch}"),
        Change::Cable { host, pnic, segment } => format!("{pnic} of {host} into {segment}"),
        Change::Mtu { host, vswitch, mtu } => format!("MTU {mtu} on {host} / {vswitch}"),
        Change::CheckPromiscuous { host, vswitch } => {
            format!("Net.ReversePathFwdCheckPromisc 1 on {host} / {vswitch}")
        }
        Change::Active { at, uplinks } => format!("active {} on {at}", uplinks.join(", ")),
    }
}
