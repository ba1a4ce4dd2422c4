//! Does a setting matter to a ping? Asked of those only whom it can concern: the end points behind a port that it is in
//! force for, with everybody on their root and with one end point of each kind elsewhere.
//!
//! A ping between two meets ports that lead to one of them and no other ones, and copies for third ports decide nothing
//! ([theorem 5](https://github.com/nestswitch/nestswitch/blob/main/docs/theorems.md)). So whoever is not behind such a
//! port is not asked. Where that argument does not hold, the answer is *doubtful*, and all of the lab has to be asked.
//!
//! Where an address is no longer learned, its frames are flooded. So the announcement of each of them must come as far
//! as it did.

use std::collections::BTreeMap;

use nsw_core::PortId;

use super::super::change::{Change, Scope as At, SecurityElement};
use super::super::kinds::{ClassId, KindId};
use super::super::reach::Reachability;
use crate::sim::{EndpointId, Scope, Settled, SwitchId, Upward, Verdict, World};

/// What a change does to those near it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Effect {
    /// Nobody misses anything.
    None,
    /// Somebody does.
    Harm,
    /// It cannot be said without asking everybody.
    Doubtful,
}

/// A lab in which settings are tried one after the other; those that do no harm stay.
pub(super) struct Near<'r> {
    world: World,
    before: &'r Reachability,
    settled: &'r Settled,
    on_root: BTreeMap<usize, Vec<ClassId>>,
    /// Of each kind a class, and one on another root if there is one.
    of_kind: BTreeMap<KindId, Vec<ClassId>>,
}

impl<'r> Near<'r> {
    pub(super) fn new(world: World, before: &'r Reachability, settled: &'r Settled) -> Self {
        let mut on_root: BTreeMap<usize, Vec<ClassId>> = BTreeMap::new();
        let mut of_kind: BTreeMap<KindId, Vec<ClassId>> = BTreeMap::new();
        let classes = &before.kinds().classes;
        for (id, class) in classes.iter().enumerate() {
            on_root.entry(class.root).or_default().push(id);
            let known = of_kind.entry(class.kind).or_default();
            if known.is_empty() || known.len() == 1 && classes[known[0]].root != class.root {
                known.push(id);
            }
        }
        Self { world, before, settled, on_root, of_kind }
    }

    /// Tries it, and lets it stand if it does nothing.
    pub(super) fn try_out(&mut self, change: &Change) -> Effect {
        let Change::Security { at, element, action } = change else { return Effect::Doubtful };
        let concerned = self.concerned(at);
        if !self.world.keeps_to_the_road()
            || *element == SecurityElement::MacChanges && self.changed_mac(&concerned)
        {
            return Effect::Doubtful;
        }
        let mut changed = self.world.clone();
        let edited = changed.edit(&at.host, &at.vswitch, |config| {
            let security = match &at.port_group {
                None => Some(&mut config.security),
                Some(name) => config.port_group_mut(name).map(|group| &mut group.security),
            };
            security.into_iter().for_each(|security| element.set(security, Some(*action)));
            Ok(())
        });
        if edited.is_err() {
            return Effect::Doubtful;
        }
        let harms = concerned.iter().any(|class| self.misses(*class, &changed));
        if harms {
            return Effect::Harm;
        }
        self.world = changed;
        Effect::None
    }

    /// How many ports a setting is in force for.
    pub(super) fn ports(&self, at: &At) -> usize {
        let Ok(id) = self.world.switch_named(&at.host, &at.vswitch) else { return 0 };
        let tables = self.world.tables(id);
        let ports = self.world.switch(id).1.ports().filter(|port| !port.id.is_uplink());
        ports
            .filter(|port| {
                at.port_group.is_none() || tables.port_group_name(port.id) == at.port_group.as_deref()
            })
            .count()
    }

    /// The classes behind a port that the setting can be in force for.
    fn concerned(&self, at: &At) -> Vec<ClassId> {
        let Ok(id) = self.world.switch_named(&at.host, &at.vswitch) else { return Vec::new() };
        let kinds = self.before.kinds();
        let on_root = self.on_root.get(&kinds.stems[id.index()].root).into_iter().flatten().copied();
        let in_force = |(switch, port): (SwitchId, PortId)| {
            let group = || self.world.tables(switch).port_group_name(port);
            switch == id && (at.port_group.is_none() || group() == at.port_group.as_deref())
        };
        let is_behind = |class: &ClassId| {
            let first = kinds.classes[*class].members.first();
            first.is_some_and(|end| self.ports_around(*end).any(in_force))
        };
        on_root.filter(is_behind).collect()
    }

    /// Its own port, and those of outer vSwitches that lead to it.
    fn ports_around(&self, end: EndpointId) -> impl Iterator<Item = (SwitchId, PortId)> {
        let above = self.before.kinds().above(&self.world, end).iter();
        let outer = above.flat_map(|switch| self.world.upward(*switch)).filter_map(|(_, up)| match up {
            Upward::Outer(switch, port) => Some((switch, port)),
            Upward::Segment(_) | Upward::Nowhere => None,
        });
        self.world.port_of(end).into_iter().chain(outer)
    }

    /// Has a guest among them changed its MAC? Then it matters who else has that one.
    fn changed_mac(&self, classes: &[ClassId]) -> bool {
        let members = classes.iter().flat_map(|class| &self.before.kinds().classes[*class].members);
        members.copied().any(|id| {
            let port =
                self.world.port_of(id).and_then(|(switch, port)| self.world.switch(switch).1.port(port));
            port.is_some_and(|port| port.adapter.mac != self.world.endpoint(id).mac)
        })
    }

    fn misses(&self, class: ClassId, changed: &World) -> bool {
        let kinds = self.before.kinds();
        let Some(own) = kinds.classes[class].members.first().copied() else { return false };
        if self.heard_at(own, &self.world) != self.heard_at(own, changed) {
            return true;
        }
        let root = kinds.classes[class].root;
        let near = self.on_root.get(&root).into_iter().flatten();
        let far = self
            .of_kind
            .values()
            .filter_map(|of_kind| of_kind.iter().find(|other| kinds.classes[**other].root != root));
        near.chain(far).any(|other| {
            let member = kinds.classes[*other].members.get(usize::from(*other == class)).copied();
            member.is_some_and(|other| self.loses(own, other, changed) || self.loses(other, own, changed))
        })
    }

    fn loses(&self, from: EndpointId, to: EndpointId, changed: &World) -> bool {
        self.before.verdict(from, to) == Verdict::Reachable && !changed.reaches_within(from, to)
    }

    /// The devices that hear it announce its address, on its way out.
    fn heard_at(&self, id: EndpointId, world: &World) -> Vec<(Option<SwitchId>, String)> {
        let scope = Scope::switches(self.before.kinds().above(world, id).to_vec());
        let frame = world.announcement(id, world.endpoint(id).mac);
        let trail = world.probe(self.settled, Some(scope), id, frame);
        trail.devices(world).map(|(switch, name)| (switch, name.to_owned())).collect()
    }
}
