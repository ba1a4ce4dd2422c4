//! Symptoms that show as soon as frames are sent.

use nsw_core::Mac;

use super::pairs::Pairs;
use super::{Seen, Sheet};
use crate::sim::{Conversation, Death, EndpointId, EndpointKind, FrameSpec, Journey, Verdict, World};

/// Bytes of payload that always pass: the smallest frame.
const SMALL: usize = 46;
/// The payload that every network carries, and that of jumbo frames.
const LARGE: [usize; 2] = [1500, 9000];

/// Ping works one way.
pub(super) fn one_way(sheet: &mut Sheet<'_>, pairs: &Pairs) {
    for (from, to) in pairs.all.iter().copied() {
        let talk = sheet.world.converse(from, to);
        if talk.verdict == Verdict::OneWay {
            note_faults(sheet, &talk, |from, to| Seen::OtherWay { from: from.to_owned(), to: to.to_owned() });
        }
    }
}

/// Only the management address answers: a host does from here, a VM on it does not.
pub(super) fn only_management(sheet: &mut Sheet<'_>, pairs: &Pairs) {
    let world = sheet.world;
    for (from, to) in pairs.ordered() {
        let (asker, inner) = (world.endpoint(from), world.endpoint(to));
        let Some(host) = inner.host.as_ref().filter(|_| inner.kind == EndpointKind::Vnic) else { continue };
        if asker.host.as_ref() == Some(host) {
            continue;
        }
        let is_management = |id: &EndpointId| {
            world.endpoint(*id).kind == EndpointKind::Vmkernel && world.endpoint(*id).owner == *host
        };
        let answers = |id: &EndpointId| world.converse(from, *id).verdict == Verdict::Reachable;
        let Some(management) = world.endpoint_ids().filter(is_management).find(answers) else { continue };
        let talk = world.converse(from, to);
        if talk.verdict != Verdict::Reachable {
            let who = &world.endpoint(management).name;
            note_faults(sheet, &talk, |_, _| Seen::Answers { who: who.clone(), whom: asker.name.clone() });
        }
    }
}

fn note_faults(sheet: &mut Sheet<'_>, talk: &Conversation, seen: impl Fn(&str, &str) -> Seen) {
    for direction in talk.directions.iter().flatten() {
        if let Some(fault) = &direction.fault {
            let seen = seen(&direction.from_name, &direction.to_name);
            sheet.died(direction.from, direction.to, &fault.death, [seen]);
        }
    }
}

/// Only large packets fail: the smallest size that dies, of those that somebody would send.
pub(super) fn large_packets(sheet: &mut Sheet<'_>, pairs: &Pairs) {
    for (from, to) in pairs.ordered() {
        if sheet.world.converse(from, to).verdict != Verdict::Reachable {
            continue;
        }
        for len in LARGE.into_iter().filter(|len| *len <= largest(sheet.world, from)) {
            if let Err(death) = unicast(sheet.world, from, to, len) {
                sheet.died(from, to, &death, [Seen::Large { len }, Seen::Small { len: SMALL }]);
                break;
            }
        }
    }
}

/// The largest payload that an end may send: what its vSwitch is set to. A station outside sends whatever there is.
fn largest(world: &World, end: EndpointId) -> usize {
    match world.port_of(end) {
        Some((switch, _)) => usize::from(world.switch(switch).1.config().mtu),
        None => LARGE[LARGE.len() - 1],
    }
}

/// Broadcast works, unicast doesn't.
pub(super) fn only_broadcast(sheet: &mut Sheet<'_>, pairs: &Pairs) {
    for (from, to) in pairs.ordered() {
        if send(sheet.world, from, to, Mac::BROADCAST, SMALL).is_ok()
            && let Err(death) = unicast(sheet.world, from, to, SMALL)
        {
            let seen = Seen::Broadcast { from: sheet.name(from) };
            sheet.died(from, to, &death, [seen]);
        }
    }
}

/// DHCP gets no answer: a request to everybody, an answer to one. Servers are the stations outside, if there are any.
pub(super) fn no_dhcp(sheet: &mut Sheet<'_>, pairs: &Pairs) {
    let world = sheet.world;
    let is_station = |end: EndpointId| world.endpoint(end).kind == EndpointKind::Station;
    let outside = pairs.ordered().any(|(_, server)| is_station(server));
    for (client, server) in pairs.ordered().filter(|(client, _)| !is_station(*client)) {
        if outside && !is_station(server) {
            continue;
        }
        if let Err(death) = send(world, client, server, Mac::BROADCAST, SMALL) {
            sheet.died(client, server, &death, [Seen::ClientBroadcast]);
        } else if let Err(death) = unicast(world, server, client, SMALL) {
            let seen = Seen::AnswerIsUnicast { client: sheet.name(client) };
            sheet.died(server, client, &death, [seen]);
        }
    }
}

/// Sends one frame to the address of an end, from a cold start.
fn unicast(world: &World, from: EndpointId, to: EndpointId, len: usize) -> Result<(), Box<Death>> {
    send(world, from, to, world.endpoint(to).mac, len)
}

/// Sends one frame that `to` should get, from a cold start.
fn send(world: &World, from: EndpointId, to: EndpointId, dst: Mac, len: usize) -> Result<(), Box<Death>> {
    let mut cold = world.clone();
    cold.forget();
    arrival(&cold, &cold.clone().send(from, frame(world, from, dst, len).bytes()), to)
}

/// Did a frame come to whom it was for? If not, where it died.
pub(super) fn arrival(world: &World, journey: &Journey, to: EndpointId) -> Result<(), Box<Death>> {
    match journey.received_by(to).next() {
        Some(_) => Ok(()),
        None => Err(Box::new(Death::of(world, journey, to))),
    }
}

/// A frame as this end sends it.
pub(super) fn frame(world: &World, from: EndpointId, dst: Mac, payload_len: usize) -> FrameSpec {
    let sender = world.endpoint(from);
    FrameSpec { src: sender.mac, dst, vlan: sender.vlan, ethertype: nsw_core::ethertype::IPV4, payload_len }
}
