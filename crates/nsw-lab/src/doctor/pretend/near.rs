//! Who hears a broadcast on the sender's own root, and how it comes out to a segment; asked once for all that are alike.
//!
//! A frame goes from `s` to `h` through what is above each of them, and of the address it is sent under a vSwitch there
//! reads the bits that matter of any address, on which of its ports it is registered, and where it was seen. So whether
//! `h` hears `s` under the address of `x` is a function of
//!
//! * the [kind](super::super::kinds) of `s`, and whether its port group lets it change its address; of a nested host's
//!   door the port, what is above it and the tag;
//! * the kind of `h`, and which of the vSwitches above it are above `s` too;
//! * of the address of `x` what matters of a MAC, and on the vSwitches above `s` or `h` each port that it is registered on:
//!   that of `s` or of `h`, one that leads to them, or a third one, of which its behaviour counts; and if it was seen
//!   there, the kind of `x` and its place.
//!
//! No number of a root is among them: what one host answers holds for every host built alike, whoever else is on it.
//! An address that is registered twice is like no other, and so is who sends through a vSwitch that remembers anything of
//! frames, since it matters how much of which port. Where a guest bridges, nothing of this holds and nothing is asked here.
//!
//! Nor is a number of a lab among them, but where something is like no other: so the answers of one lab hold in the next,
//! in which a fix has changed one host.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use nsw_core::PortId;

use super::super::kinds::{Class, ClassId, Hashed, Kinds, Met, port_number};
use super::super::same::{Bits, Roots};
use super::super::sender::Sender;
use super::BeyondSame;
use crate::sim::{EndpointId, Known, SwitchId, World};

/// A segment, and the VLAN of a frame there.
pub(in super::super) type Exit = (Arc<str>, u16);

/// All the ways in which a frame comes out.
pub(super) type Exits = Arc<BTreeSet<Exit>>;

/// What was answered so far, in whatever labs.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Answers {
    met: Met,
    /// By sender, third and address.
    heard: Hashed<[u32; 3], bool>,
    /// By sender and address.
    exits: Hashed<[u32; 2], Exits>,
    labs: u32,
    /// Who hears what comes from far away, in the lab that was asked first.
    pub(super) beyond: Option<BeyondSame>,
    /// By sender: does the vSwitch honour whatever address its guest programs?
    honours: Hashed<u32, bool>,
}

/// What is asked of one lab.
pub(super) struct Near<'a> {
    answers: &'a mut Answers,
    /// The number of the lab.
    lab: u32,
    /// Does a guest first program the address?
    programmed: bool,
    /// The number of each port that was asked for, since it is asked for again and again.
    ports: Hashed<(SwitchId, PortId), u32>,
    /// The present sender.
    sender: u32,
    /// What came of what it sent, by the owner of the address.
    sent: Hashed<EndpointId, Sent>,
}

/// A sender, and the classes on its root that somebody else than itself is of.
pub(super) struct Way<'s> {
    pub(super) sender: &'s Sender,
    key: u32,
    pub(super) thirds: Vec<Third>,
    /// What came of it under addresses of others elsewhere, by what matters of a MAC: in which networks those are who hear
    /// it, and how it comes out.
    pub(super) elsewhere: Hashed<u32, Arc<(Bits, Exits)>>,
}

#[derive(Clone, Copy)]
pub(super) struct Third {
    pub(super) class: ClassId,
    key: u32,
}

/// What came of sending it.
pub(super) struct Sent {
    pub(super) heard: HashSet<EndpointId>,
    pub(super) exits: Exits,
}

impl<'a> Near<'a> {
    pub(super) fn new(answers: &'a mut Answers, programmed: bool) -> Self {
        answers.labs += 1;
        Self {
            lab: answers.labs,
            answers,
            programmed,
            ports: Hashed::default(),
            sender: 0,
            sent: Hashed::default(),
        }
    }

    /// From now on this sender is asked about.
    pub(super) fn way<'s>(
        &mut self,
        world: &World,
        kinds: &Kinds,
        sender: &'s Sender,
        roots: &Roots,
    ) -> Way<'s> {
        self.sent.clear();
        let root = sender.root(kinds);
        let above = sender.above(world, kinds);
        let (met, lab) = (&mut self.answers.met, self.lab);
        let mut row = vec![kinds.survey, u32::from(self.programmed)];
        row.extend(sender.row(world, kinds, met, lab));
        if above.iter().any(|switch| world.tables(*switch).keeps_state()) {
            row.push(lab);
            row.extend(
                sender
                    .port(world)
                    .into_iter()
                    .flat_map(|(switch, port)| [number(switch.index()), number(port.slot())]),
            );
        }
        let key = met.row(row);
        self.sender = key;
        let mut thirds = Vec::new();
        for class in &roots.classes[root] {
            let mut members = kinds.classes[*class].members.iter().copied();
            let Some(member) = members.find(|id| !sender.is(kinds, *id)) else { continue };
            let mut row = vec![kinds.classes[*class].kind.0, apart(met, lab, kinds, *class)];
            for switch in kinds.above(world, member) {
                // What a vSwitch remembers is nothing that two of them share.
                let apart = world.tables(*switch).keeps_state();
                let apart = apart.then(|| met.row(vec![lab, number(switch.index())]));
                row.extend([place(above, *switch), apart.unwrap_or(u32::MAX)]);
            }
            thirds.push(Third { class: *class, key: met.row(row) });
        }
        Way { sender, key, thirds, elsewhere: Hashed::default() }
    }

    /// Does a third of this class hear it? `None` if nobody like it was asked.
    pub(super) fn hears(
        &mut self,
        world: &World,
        kinds: &Kinds,
        way: &Way<'_>,
        third: Third,
        victim: EndpointId,
    ) -> Option<bool> {
        let Some(member) = member(kinds, way, third, victim) else { return Some(false) };
        let address = self.address(world, kinds, way.sender, Some(member), victim);
        let question = [way.key, third.key, address];
        if let Some(known) = self.answers.heard.get(&question) {
            return Some(*known);
        }
        let heard = self.sent.get(&victim)?.heard.contains(&member);
        self.answers.heard.insert(question, heard);
        Some(heard)
    }

    /// How it comes out; `None` if nobody like it was asked.
    pub(super) fn exits(
        &mut self,
        world: &World,
        kinds: &Kinds,
        way: &Way<'_>,
        victim: EndpointId,
    ) -> Option<Exits> {
        let question = [way.key, self.address(world, kinds, way.sender, None, victim)];
        if let Some(known) = self.answers.exits.get(&question) {
            return Some(Arc::clone(known));
        }
        let exits = Arc::clone(&self.sent.get(&victim)?.exits);
        self.answers.exits.insert(question, Arc::clone(&exits));
        Some(exits)
    }

    /// What came of it when the present sender sent it under this address.
    pub(super) fn remember(&mut self, victim: EndpointId, sent: Sent) {
        self.sent.insert(victim, sent);
    }

    /// Does the vSwitch honour whatever address the guest of the present sender programs? `None` if nobody like it tried.
    pub(super) fn honours(&self) -> Option<bool> {
        self.answers.honours.get(&self.sender).copied()
    }

    pub(super) fn remember_honours(&mut self, honours: bool) {
        self.answers.honours.insert(self.sender, honours);
    }

    /// What of an address matters on the way to `third`, or out.
    fn address(
        &mut self,
        world: &World,
        kinds: &Kinds,
        sender: &Sender,
        third: Option<EndpointId>,
        victim: EndpointId,
    ) -> u32 {
        let mac = world.endpoint(victim).mac;
        let class = kinds.class_of[victim.index()];
        let above = [sender.above(world, kinds), third.map_or(&[], |id| kinds.above(world, id))];
        let on_the_way = |switch: &SwitchId| above.iter().any(|above| above.contains(switch));
        let (met, ports) = (&mut self.answers.met, &mut self.ports);
        let mut row = vec![kinds.classes[class].mac, apart(met, self.lab, kinds, class)];
        for (switch, port) in kinds.registered.get(&mac).into_iter().flatten() {
            if on_the_way(switch) {
                let own = [sender.port(world), third.and_then(|id| world.port_of(id))];
                row.push(u32::MAX);
                row.extend(above.map(|above| place(above, *switch)));
                row.extend(own.map(|own| relation(kinds, own, (*switch, *port))));
                let number = || port_number(world, met, *switch, *port);
                row.push(*ports.entry((*switch, *port)).or_insert_with(number));
            }
        }
        for known in kinds.known.get(&mac).into_iter().flatten() {
            if let Known::At(switch, vlan) = known
                && on_the_way(switch)
            {
                row.extend([u32::MAX - 1, u32::from(*vlan), kinds.classes[class].kind.0]);
                row.extend(above.map(|above| place(above, *switch)));
                for switch in kinds.above(world, victim) {
                    row.extend(above.map(|above| place(above, *switch)));
                }
            }
        }
        met.row(row)
    }
}

/// The first of a class who is neither the sender nor the owner of the address.
fn member(kinds: &Kinds, way: &Way<'_>, third: Third, victim: EndpointId) -> Option<EndpointId> {
    let mut members = kinds.classes[third.class].members.iter().copied();
    members.find(|id| *id != victim && !way.sender.is(kinds, *id))
}

/// A class of which something is in no number is like no other, in this lab and in the next.
pub(in super::super) fn apart(met: &mut Met, lab: u32, kinds: &Kinds, class: ClassId) -> u32 {
    let Class { unlike_any, elsewhere, .. } = &kinds.classes[class];
    if !unlike_any && elsewhere.is_empty() { u32::MAX } else { met.row(vec![lab, number(class)]) }
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn place(above: &[SwitchId], switch: SwitchId) -> u32 {
    let place = above.iter().position(|above| *above == switch);
    place.map_or(u32::MAX, number)
}

/// One's own port, one of those that lead to it, or a third one.
fn relation(kinds: &Kinds, own: Option<(SwitchId, PortId)>, port: (SwitchId, PortId)) -> u32 {
    let way = own.and_then(|(switch, _)| kinds.stems[switch.index()].way(port));
    match way {
        _ if own == Some(port) => 0,
        Some(way) => number(way + 1),
        None => u32::MAX,
    }
}
