//! Symptoms that need something to happen: a setting is changed, a guest stops asking, a link fails and returns, a VM
//! moves. The event is tried on a copy of the world, and what it changes is what speaks for a cause.
//!
//! After an uplink has failed, both ends are let speak; after it has returned, the world announces what the vSwitch has
//! registered, as *notify switches* says. The addresses behind a nested host are not among them.

use std::collections::HashSet;
use std::time::Duration;

use nsw_core::{Client, ConnectedPort, GuestRequest, Mac, PortId, UP_DELAY_NS};

use super::observe::{arrival, frame};
use super::pairs::Pairs;
use super::{Cure, Seen, Sheet, What};
use crate::sim::{
    At, Conversation, Death, Endpoint, EndpointId, EndpointKind, LegVerdict, Place, SimError, SwitchId,
    Verdict, World,
};
use crate::topology::{Guest, Host, Lab, Vm};

/// A group that nobody joins for an address: multicast DNS.
const A_GROUP: Mac = Mac::new([0x01, 0x00, 0x5e, 0x00, 0x00, 0xfb]);
/// After which an uplink that is up again is used again.
const SETTLED: Duration = Duration::from_nanos(2 * UP_DELAY_NS);
/// Hosts that a VM is moved to, and moves in all, at most.
const MAX_TARGETS: usize = 8;
const MAX_MOVES: usize = 64;
/// Bytes of payload of the frames that are sent.
const SMALL: usize = 46;

/// Duplicate replies: what has to be taken away so that there is one?
pub(super) fn duplicates(sheet: &mut Sheet<'_>, pairs: &Pairs) -> Result<(), SimError> {
    let world = sheet.world;
    let mut shown = Vec::new();
    for (from, to) in pairs.ordered() {
        let talk = world.converse(from, to);
        if let Some(place) = loop_in(&talk) {
            sheet.note(What::Loop { place }, None, from, to, || vec![Seen::Loop]);
        } else if copies(&talk) > 1 {
            shown.push((from, to, copies(&talk)));
        }
    }
    for (host, vswitch) in teams(world) {
        let place = Place { host: Some(host.clone()), device: vswitch.clone(), port_group: None, port: None };
        let mut checked = world.clone();
        checked.edit(&host, &vswitch, |config| {
            (config.options.reverse_path_promiscuous, config.options.strict_latch) = (Some(true), false);
            Ok(())
        })?;
        let what = What::FloodedByTeam { place: place.clone() };
        note_cured(sheet, &mut shown, &checked, &what, Cure::Option);
        let mut guarded = world.clone();
        guarded.edit(&host, &vswitch, |config| {
            config.beyond.forged_source_guard = Some(true);
            config.port_groups.iter_mut().for_each(|group| group.beyond.forged_source_guard = None);
            Ok(())
        })?;
        let what = What::ForgedReflection { place: place.clone() };
        note_cured(sheet, &mut shown, &guarded, &what, Cure::Guard);
        let mut single = world.clone();
        for uplink in uplinks(world, &host, &vswitch).into_iter().skip(1) {
            single.set_link(&host, &uplink, false)?;
        }
        note_cured(sheet, &mut shown, &single, &What::TwoWays { place }, Cure::OneUplink);
    }
    Ok(())
}

/// Notes the pairs that have no duplicates in the other world, and takes them off the list.
fn note_cured(
    sheet: &mut Sheet<'_>,
    shown: &mut Vec<(EndpointId, EndpointId, usize)>,
    other: &World,
    what: &What,
    cure: Cure,
) {
    shown.retain(|(from, to, copies_before)| {
        let talk = other.converse(*from, *to);
        let cured = talk.verdict == Verdict::Reachable && copies(&talk) == 1;
        if cured {
            sheet.note(what.clone(), None, *from, *to, || {
                vec![Seen::Copies { copies: *copies_before }, Seen::OneBy(cure)]
            });
        }
        !cured
    });
}

/// The most copies that any frame of a conversation arrived in.
fn copies(talk: &Conversation) -> usize {
    let arrived = talk.legs.iter().map(|leg| match leg.verdict {
        LegVerdict::Arrived { copies } => copies,
        LegVerdict::Died(_) | LegVerdict::NotSent => 0,
    });
    arrived.max().unwrap_or(0)
}

/// A device at which a copy of the conversation's frames came back unchanged.
fn loop_in(talk: &Conversation) -> Option<Place> {
    let journey =
        talk.legs.iter().filter_map(|leg| leg.journey.as_ref()).find(|journey| journey.storm.is_some())?;
    let place = |at: &At| match at {
        At::VSwitch(visit) => Place {
            host: Some(visit.host.clone()),
            device: visit.tables.name().to_owned(),
            port_group: None,
            port: None,
        },
        At::Bridge(visit) => Place { host: None, device: visit.name.clone(), port_group: None, port: None },
    };
    journey.hops.last().map(|hop| place(&hop.at))
}

/// Works only while tcpdump runs: guests that are granted promiscuous mode, if they ask; and groups that no adapter knows.
pub(super) fn sniffing(sheet: &mut Sheet<'_>, pairs: &Pairs) -> Result<(), SimError> {
    let world = sheet.world;
    let own: HashSet<_> = world.endpoint_ids().filter_map(|end| world.port_of(end)).collect();
    for id in world.switch_ids() {
        let (host, switch) = world.switch(id);
        for port in switch.ports().filter(|port| port.adapter.client == Client::Vnic) {
            let granted = world.tables(id).applied(port.id).is_some_and(|applied| applied.promiscuous);
            if granted && !own.contains(&(id, port.id)) {
                let mut silent = world.clone();
                let request = GuestRequest { promiscuous: false, ..port.guest.clone() };
                silent.set_guest(host, &port.adapter.name, request)?;
                note_lost(sheet, pairs, &silent, &What::NotAsking { place: place_of(world, id, port) });
            }
        }
    }
    for (from, to) in pairs.ordered() {
        unheard_group(sheet, from, to)?;
    }
    Ok(())
}

/// Notes the pairs that talk in this world and not in the other.
fn note_lost(sheet: &mut Sheet<'_>, pairs: &Pairs, other: &World, what: &What) {
    let world = sheet.world;
    for (from, to) in pairs.all.iter().copied() {
        if world.converse(from, to).verdict != Verdict::Reachable {
            continue;
        }
        let talk = other.converse(from, to);
        let fault = talk.directions.iter().flatten().find_map(|direction| direction.fault.as_ref());
        if let Some(fault) = fault {
            let (place, cause) = (fault.death.place.clone(), fault.death.cause);
            sheet.note(what.clone(), None, from, to, || {
                vec![Seen::DiesUnasked { place, cause }, Seen::TalkIfAsked]
            });
        }
    }
}

/// A group frame that comes to a VM in promiscuous mode only, where its port group would grant that.
fn unheard_group(sheet: &mut Sheet<'_>, from: EndpointId, to: EndpointId) -> Result<(), SimError> {
    let world = sheet.world;
    let receiver = world.endpoint(to);
    let Some((id, port)) = world.port_of(to).filter(|_| receiver.kind == EndpointKind::Vnic) else {
        return Ok(());
    };
    let (host, switch) = world.switch(id);
    let Some(port) = switch.port(port) else { return Ok(()) };
    if heard(world, from, to).is_ok() {
        return Ok(());
    }
    let mut sniffing = world.clone();
    sniffing.set_guest(host, &port.adapter.name, GuestRequest { promiscuous: true, ..port.guest.clone() })?;
    if heard(&sniffing, from, to).is_ok() {
        let what = What::GroupUnheard { place: place_of(world, id, port) };
        sheet.note(what, None, from, to, || vec![Seen::OnlySniffed { group: A_GROUP }]);
    }
    Ok(())
}

fn heard(world: &World, from: EndpointId, to: EndpointId) -> Result<(), Box<Death>> {
    let mut cold = world.clone();
    cold.forget();
    let journey = cold.send(from, frame(world, from, A_GROUP, SMALL).bytes());
    arrival(world, &journey, to)
}

/// Works until vMotion or failback.
pub(super) fn moves(sheet: &mut Sheet<'_>, pairs: &Pairs) -> Result<(), SimError> {
    let world = sheet.world;
    for (host, vswitch) in teams(world) {
        for uplink in uplinks(world, &host, &vswitch) {
            for (from, to) in pairs.ordered() {
                failback(sheet, (&host, &uplink), from, to)?;
            }
        }
    }
    for (from, vm, to) in possible_moves(sheet.patient.lab, world, pairs) {
        let (moved, vm, target) = after_move(sheet.patient.lab, from, vm, to);
        let Ok(elsewhere) = World::new(&moved) else { continue };
        for (from, to) in pairs.ordered() {
            moved_away(sheet, &elsewhere, (&vm, &target), from, to);
        }
    }
    Ok(())
}

/// An uplink fails, both ends go on talking, it returns: does `to` still get what `from` sends, before it speaks again?
fn failback(
    sheet: &mut Sheet<'_>,
    (host, uplink): (&str, &str),
    from: EndpointId,
    to: EndpointId,
) -> Result<(), SimError> {
    let mut world = sheet.world.clone();
    world.forget();
    // Who is to be reached speaks first, so that bridges know where it is.
    let talks = |world: &mut World| speak(world, to, from).is_ok() && speak(world, from, to).is_ok();
    if !talks(&mut world) {
        return Ok(());
    }
    world.set_link(host, uplink, false)?;
    if !talks(&mut world) {
        // What is dead from the failure on is another symptom.
        return Ok(());
    }
    world.set_link(host, uplink, true)?;
    world.advance(SETTLED);
    if let Err(death) = speak(&mut world, from, to) {
        let until = sheet.name(to);
        let seen = Seen::Failback { uplink: uplink.to_owned(), host: host.to_owned(), until };
        sheet.died(from, to, &death, [seen]);
    }
    Ok(())
}

fn speak(world: &mut World, from: EndpointId, to: EndpointId) -> Result<(), Box<Death>> {
    let bytes = frame(world, from, world.endpoint(to).mac, SMALL).bytes();
    let journey = world.send(from, bytes);
    arrival(world, &journey, to)
}

/// A pair that talks here and not after a VM has moved.
fn moved_away(
    sheet: &mut Sheet<'_>,
    elsewhere: &World,
    (vm, target): (&str, &str),
    from: EndpointId,
    to: EndpointId,
) {
    if sheet.world.converse(from, to).verdict != Verdict::Reachable {
        return;
    }
    let ends = (elsewhere.find(&sheet.name(from)), elsewhere.find(&sheet.name(to)));
    let (Ok(other_from), Ok(other_to)) = ends else { return };
    let talk = elsewhere.converse(other_from, other_to);
    let fault = talk.directions.iter().flatten().find(|direction| direction.fault.is_some());
    if let Some((direction, fault)) = fault.and_then(|direction| Some((direction, direction.fault.as_ref()?)))
    {
        let (sender, receiver) = if direction.from == other_from { (from, to) } else { (to, from) };
        let seen = Seen::Moved { vm: vm.to_owned(), target: target.to_owned() };
        sheet.died(sender, receiver, &fault.death, [seen]);
    }
}

/// Which VM of which physical host could move to which other one, by their places in the lab: those that are an end of a
/// pair or have one inside, to hosts that have their port groups.
fn possible_moves(lab: &Lab, world: &World, pairs: &Pairs) -> Vec<(usize, usize, usize)> {
    let ends: HashSet<EndpointId> = pairs.ordered().map(|(from, _)| from).collect();
    let has_an_end = |vm: &Vm| ends.iter().any(|end| holds(vm, world.endpoint(*end)));
    let mut moves = Vec::new();
    for (from, host) in lab.hosts.iter().enumerate() {
        for (place, vm) in host.vms.iter().enumerate().filter(|(_, vm)| has_an_end(vm)) {
            let fits = |host: &Host| vm.nics.iter().all(|nic| host.vswitch_of(&nic.port_group).is_some());
            let targets = lab.hosts.iter().enumerate().filter(|(to, host)| *to != from && fits(host));
            moves.extend(targets.take(MAX_TARGETS).map(|(to, _)| (from, place, to)));
        }
    }
    moves.truncate(MAX_MOVES);
    moves
}

/// Is the end in this VM, at whatever depth?
fn holds(vm: &Vm, end: &Endpoint) -> bool {
    match &vm.guest {
        Guest::Os | Guest::Bridge => end.owner == vm.name,
        Guest::Host(inner) => {
            inner.descend().into_iter().any(|(_, host)| end.host.as_ref() == Some(&host.name))
        }
    }
}

/// The lab after a move, with the names of the VM and of the host that it moved to.
fn after_move(lab: &Lab, from: usize, place: usize, to: usize) -> (Lab, String, String) {
    let mut moved = lab.clone();
    let vm = moved.hosts[from].vms.remove(place);
    let names = (vm.name.clone(), moved.hosts[to].name.clone());
    moved.hosts[to].vms.push(vm);
    (moved, names.0, names.1)
}

/// The vSwitches with more than one uplink, each with its host.
fn teams(world: &World) -> Vec<(String, String)> {
    let is_team = |id: &SwitchId| world.switch(*id).1.config().uplinks.len() > 1;
    let name = |id: SwitchId| {
        let (host, switch) = world.switch(id);
        (host.to_owned(), switch.config().name.clone())
    };
    world.switch_ids().filter(is_team).map(name).collect()
}

fn uplinks(world: &World, host: &str, vswitch: &str) -> Vec<String> {
    let id = world.switch_named(host, vswitch);
    id.map(|id| world.switch(id).1.config().uplinks.clone()).unwrap_or_default()
}

fn place_of(world: &World, id: SwitchId, port: &ConnectedPort) -> Place {
    let tables = world.tables(id);
    let name = |id: PortId| tables.port_name(id).to_owned();
    Place {
        host: Some(world.switch(id).0.to_owned()),
        device: tables.name().to_owned(),
        port_group: tables.port_group_name(port.id).map(str::to_owned),
        port: Some(name(port.id)),
    }
}
