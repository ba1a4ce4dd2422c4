//! Those who may send under other addresses: end points by their adapter, and nested hosts.
//!
//! The adapters of a nested host are ports of the vSwitch around it, its *doors*. By them it, or anything inside it, sends
//! what it likes and tags it as it likes: it is tried with every VLAN of the lab that a door takes. It keeps the addresses
//! of its own adapters, as hypervisors do. Those inside it are neither whom it pretends to be nor who is deceived.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use nsw_core::PortId;

use super::exposure::is_guest;
use super::kinds::{ClassId, Kinds, Met, port_number};
use super::pretend::apart;
use super::same::Roots;
use crate::sim::{EndpointId, Scope, Settled, SwitchId, Trail, Upward, World};

/// Somebody who sends, by one way.
#[derive(Clone, Debug)]
pub(super) enum Sender {
    /// An end point, by its adapter.
    End(EndpointId),
    /// A nested host, by one of its adapters.
    Host(Door),
}

/// A port that a nested host is behind, and a VLAN in which it sends.
#[derive(Clone, Debug)]
pub(super) struct Door {
    port: Port,
    vlan: u16,
    /// Those inside the nested host.
    inside: Arc<BTreeSet<ClassId>>,
}

/// A port of a vSwitch.
type Port = (SwitchId, PortId);

/// A nested host, whom it is around, and its doors.
#[derive(Clone, Debug)]
pub(super) struct NestedHost {
    pub(super) name: String,
    pub(super) inside: Arc<BTreeSet<ClassId>>,
    pub(super) doors: Vec<Sender>,
}

impl Sender {
    pub(super) fn root(&self, kinds: &Kinds) -> usize {
        match self {
            Self::End(id) => kinds.root_of(*id),
            Self::Host(door) => kinds.stems[door.port.0.index()].root,
        }
    }

    /// The vSwitches that its frames can come to on their way out.
    pub(super) fn above<'k>(&self, world: &World, kinds: &'k Kinds) -> &'k [SwitchId] {
        match self {
            Self::End(id) => kinds.above(world, *id),
            Self::Host(door) => &kinds.stems[door.port.0.index()].above,
        }
    }

    /// Is this end point the sender, or inside it?
    pub(super) fn is(&self, kinds: &Kinds, id: EndpointId) -> bool {
        match self {
            Self::End(own) => *own == id,
            Self::Host(door) => door.inside.contains(&kinds.class_of[id.index()]),
        }
    }

    /// The port by which it sends.
    pub(super) fn port(&self, world: &World) -> Option<Port> {
        match self {
            Self::End(id) => world.port_of(*id),
            Self::Host(door) => Some(door.port),
        }
    }

    /// Writes down all that tells it from other senders, but for where it stands.
    pub(super) fn row(&self, world: &World, kinds: &Kinds, met: &mut Met, lab: u32) -> Vec<u32> {
        match self {
            Self::End(id) => {
                let class = kinds.class_of[id.index()];
                // A kind says nothing of MAC address changes, which matter once the guest programs another address.
                let changes = world.port_of(*id).and_then(|(switch, port)| {
                    let tables = world.tables(switch);
                    tables.security(tables.port_group_name(port)?)
                });
                let changes = changes.map_or(2, |security| u32::from(security.mac_changes.value.accepts()));
                let is_guest = u32::from(is_guest(world, *id));
                vec![0, kinds.classes[class].kind.0, apart(met, lab, kinds, class), is_guest, changes]
            }
            Self::Host(Door { port: (switch, port), vlan, .. }) => {
                let shape = kinds.stems[switch.index()].shape;
                vec![1, shape, port_number(world, met, *switch, *port), u32::from(*vlan)]
            }
        }
    }

    /// Sends a broadcast under the address of `victim`.
    pub(super) fn broadcast_as(
        &self,
        victim: EndpointId,
        world: &World,
        settled: &Settled,
        scope: Option<Arc<Scope>>,
    ) -> Trail {
        let mac = world.endpoint(victim).mac;
        match self {
            Self::End(id) => {
                world.probe(settled, scope, *id, World::announcement_in(world.endpoint(*id).vlan, mac))
            }
            Self::Host(door) => {
                world.probe_at(settled, scope, door.port, World::announcement_in(door.vlan, mac))
            }
        }
    }
}

impl NestedHost {
    /// All that have a door on a root that may differ between the labs that are compared.
    pub(super) fn on(roots: &Roots, world: &World, kinds: &Kinds, settled: &Settled) -> Vec<Self> {
        let vlans = vlans(world);
        let mut doors: BTreeMap<&str, Vec<(Port, u16)>> = BTreeMap::new();
        for id in world.switch_ids() {
            for (_, end) in world.upward(id) {
                if let Upward::Outer(outer, port) = end
                    && !roots.is_same(kinds.stems[outer.index()].root)
                {
                    let taken = vlans.iter().filter(|vlan| takes(world, settled, (outer, port), **vlan));
                    let own = doors.entry(world.switch(id).0).or_default();
                    own.extend(taken.map(|vlan| ((outer, port), *vlan)));
                }
            }
        }
        let mut inside = inside(world, kinds);
        let host = |(name, doors): (&str, Vec<(Port, u16)>)| {
            let inside = Arc::new(inside.remove(name).unwrap_or_default());
            let door = |(port, vlan)| Sender::Host(Door { port, vlan, inside: Arc::clone(&inside) });
            let doors = doors.into_iter().map(door).collect();
            Self { name: name.to_owned(), doors, inside }
        };
        doors.into_iter().map(host).collect()
    }
}

/// No tag, and every VLAN id that stands in the lab.
pub(super) fn vlans(world: &World) -> BTreeSet<u16> {
    const TRUNK: u16 = 4095;
    let groups = world.switch_ids().flat_map(|id| &world.switch(id).1.config().port_groups);
    let groups = groups.map(|group| group.vlan.id()).filter(|id| *id != TRUNK);
    let ends = world.endpoint_ids().map(|id| world.endpoint(id).vlan);
    groups.chain(ends).chain([0]).collect()
}

/// Does anybody get what is sent into this port with this tag under the port's own address?
fn takes(world: &World, settled: &Settled, (switch, port): Port, vlan: u16) -> bool {
    let Some(connected) = world.switch(switch).1.port(port) else { return false };
    let frame = World::announcement_in(vlan, connected.adapter.mac);
    world.probe_at(settled, Some(Scope::switches(Vec::new())), (switch, port), frame).got_in()
}

/// By host: the classes on its vSwitches, and on those of hosts inside it.
fn inside<'w>(world: &'w World, kinds: &Kinds) -> BTreeMap<&'w str, BTreeSet<ClassId>> {
    let mut inside: BTreeMap<&str, BTreeSet<ClassId>> = BTreeMap::new();
    for (class, first) in (0..).zip(kinds.classes.iter().map(|class| class.members.first())) {
        let Some(first) = first else { continue };
        let around = kinds.above(world, *first).iter().map(|switch| world.switch(*switch).0);
        for host in world.endpoint(*first).host.as_deref().into_iter().chain(around) {
            inside.entry(host).or_default().insert(class);
        }
    }
    inside
}
