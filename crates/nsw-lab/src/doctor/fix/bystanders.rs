//! Who talks now, and must still talk with a fix.
//!
//! Of end points that differ in nothing but their address, two stand for all: both, because they also talk with each
//! other. Of the pairs, those count of which one end is inside a host that the fix may change, for the others do not meet
//! it. In a small lab every pair is tried.

use std::collections::HashMap;

use super::super::around::networks;
use super::super::kinds::{Hashed, KindId, Kinds, Met};
use super::super::path::way_to;
use super::super::why::Question;
use super::super::wired::Wired;
use crate::sim::{Endpoint, EndpointId, EndpointKind, World};
use crate::topology::Lab;

/// The other pairs of the lab that talk.
pub(super) struct Others {
    pairs: Vec<(EndpointId, EndpointId)>,
    asked: Asked,
}

/// What was asked, in whatever labs: a pair of kinds on different roots fares the same in all of them.
#[derive(Default)]
struct Asked {
    met: Met,
    talk: Hashed<(KindId, KindId), bool>,
}

/// End points of a lab in which every pair is tried.
const SMALL: usize = 64;

impl Others {
    pub(super) fn of(question: &Question, Wired { lab, world }: &Wired) -> Self {
        let mut asked = Asked::default();
        let kinds = Kinds::of(world, &mut asked.met);
        let ids = representatives(world);
        let near = |id: EndpointId| is_near(lab, question, world.endpoint(id));
        let is_small = world.endpoint_ids().count() <= SMALL;
        let near: Vec<bool> = ids.iter().map(|id| is_small || near(*id)).collect();
        let mut pairs = Vec::new();
        for (from, from_is_near) in ids.iter().zip(&near) {
            for (to, to_is_near) in ids.iter().zip(&near) {
                if (*from_is_near || *to_is_near) && from != to && asked.talk(world, &kinds, *from, *to) {
                    pairs.push((*from, *to));
                }
            }
        }
        Self { pairs, asked }
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    pub(super) fn still_talk(&mut self, Wired { world, .. }: &Wired) -> bool {
        let kinds = Kinds::of(world, &mut self.asked.met);
        self.pairs.iter().all(|(from, to)| self.asked.talk(world, &kinds, *from, *to))
    }
}

impl Asked {
    /// Two with nothing but segments between them are asked once of their kinds, here and in labs to come; not where
    /// something about one of them is in no kind.
    fn talk(&mut self, world: &World, kinds: &Kinds, from: EndpointId, to: EndpointId) -> bool {
        if world.common_network(from, to).is_err() {
            return false;
        }
        let ask = || world.reaches_within(from, to);
        let classes = [from, to].map(|id| &kinds.classes[kinds.class_of[id.index()]]);
        let [a, b] = classes;
        if a.root == b.root || classes.iter().any(|class| class.unlike_any || !class.elsewhere.is_empty()) {
            return ask();
        }
        *self.talk.entry((a.kind, b.kind)).or_insert_with(ask)
    }
}

/// Everybody in a small world; in a large one, two of each kind.
fn representatives(world: &World) -> Vec<EndpointId> {
    let with_address = world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty());
    let ids: Vec<EndpointId> = with_address.collect();
    if ids.len() <= SMALL {
        return ids;
    }
    let mut seen: HashMap<_, usize> = HashMap::new();
    let is_new = |id: &EndpointId| {
        let end = world.endpoint(*id);
        let port = world.port_of(*id);
        let applied = port.and_then(|(switch, port)| world.tables(switch).applied(port));
        let group = port.and_then(|(switch, port)| world.tables(switch).port_group_name(port));
        let honoured = applied.as_ref().is_none_or(|applied| applied.mac == end.mac);
        let uplink = applied.and_then(|applied| applied.team_uplink);
        let kind = (end.kind == EndpointKind::Vmkernel, end.vlan, end.promiscuous, honoured);
        let key = (port.map(|(switch, _)| switch), group, uplink, kind, networks(&end.addresses));
        let count = seen.entry(key).or_default();
        *count += 1;
        *count <= 2
    };
    ids.into_iter().filter(is_new).collect()
}

/// Is it inside a physical host of one of the two ends, or one of them?
fn is_near(lab: &Lab, question: &Question, end: &Endpoint) -> bool {
    question.ends().iter().any(|asked| {
        let (Some(name), Some(own)) = (&asked.host, &end.host) else { return asked.name == end.name };
        let outer = lab.hosts.iter().find(|host| way_to(host, name).is_some());
        outer.is_some_and(|outer| way_to(outer, own).is_some())
    })
}
