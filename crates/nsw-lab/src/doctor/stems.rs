//! What stands above a vSwitch: the vSwitches around it and the segments outside, written down once for all of its ports.
//!
//! **Invariant:** the row of a stem has no name and no number that is only a name: two hosts built alike have one shape.

use nsw_core::PortId;

use super::kinds::{Met, port_number};
use crate::sim::{EndpointId, SwitchId, Upward, World};

/// What stands above the ports of one vSwitch.
#[derive(Clone, Debug)]
pub(crate) struct Stem {
    /// The vSwitch itself, then those around it, in the order in which the shape has them.
    pub(crate) above: Vec<SwitchId>,
    /// The ports of outer vSwitches that lead here, in that order.
    outer_ports: Vec<(SwitchId, PortId)>,
    pub(crate) shape: u32,
    /// All vSwitches that are wired together without a segment between have one root.
    pub(crate) root: usize,
    /// An outer port listens to multicast groups by itself.
    pub(crate) listens: bool,
}

impl Stem {
    /// Which of the outer ports that lead here is this one?
    pub(super) fn way(&self, port: (SwitchId, PortId)) -> Option<usize> {
        self.outer_ports.iter().position(|outer| *outer == port)
    }

    /// How a port counts on which the address of an end point below is registered: as the end point's own, as one of those
    /// that lead to it, or as a third one.
    pub(super) fn registered_port(
        &self,
        world: &World,
        met: &mut Met,
        (own_switch, port): (SwitchId, PortId),
        at: SwitchId,
        id: EndpointId,
    ) -> [u32; 2] {
        let is_own = at == own_switch && world.port_of(id) == Some((at, port));
        match self.way((at, port)).and_then(|place| u32::try_from(place).ok()) {
            _ if is_own => [0, 0],
            Some(place) => [1, place],
            None => [2, port_number(world, met, at, port)],
        }
    }
}

/// The stem of every vSwitch, and how many roots there are.
pub(super) fn stems(world: &World, met: &mut Met) -> (Vec<Stem>, usize) {
    let (roots, count) = roots(world);
    let stem = |(id, root)| stem(world, met, id, root);
    (world.switch_ids().zip(roots).map(stem).collect(), count)
}

fn stem(world: &World, met: &mut Met, id: SwitchId, root: usize) -> Stem {
    let above = world.above(id);
    let mut stem = Stem { above, outer_ports: Vec::new(), shape: 0, root, listens: false };
    let mut row = Vec::new();
    for switch in &stem.above {
        row.push(u32::MAX);
        row.push(met.switch(world.tables(*switch).switch_behaviour()));
        for (uplink, end) in world.upward(*switch) {
            row.push(port_number(world, met, *switch, uplink));
            match end {
                Upward::Nowhere => row.push(0),
                Upward::Segment(name) => row.extend([1, met.name(name)]),
                Upward::Outer(outer, port) => {
                    let place = stem.above.iter().position(|switch| *switch == outer);
                    let place = place.and_then(|place| u32::try_from(place).ok()).unwrap_or(u32::MAX);
                    let connected = world.switch(outer).1.port(port);
                    let last = connected.map_or(0, |port| u32::from(port.adapter.mac.octets()[5]));
                    row.extend([
                        2,
                        place,
                        port_number(world, met, outer, port),
                        last % hashed(world, outer, port),
                    ]);
                    stem.listens |= connected.is_some_and(|port| !port.guest.groups.is_empty());
                    stem.outer_ports.push((outer, port));
                }
            }
        }
    }
    stem.shape = met.row(row);
    stem
}

/// The last octet of an outer port's own MAC picks the uplink of what comes to it, with source MAC hash (rule R-7).
fn hashed(world: &World, switch: SwitchId, port: PortId) -> u32 {
    let over = world.tables(switch).behaviour(port).and_then(|behaviour| behaviour.hashed_over());
    over.and_then(|(_, usable)| u32::try_from(usable).ok()).unwrap_or(1).max(1)
}

/// By vSwitch: the number of what it is wired to.
fn roots(world: &World) -> (Vec<usize>, usize) {
    let mut roots: Vec<Option<usize>> = world.switch_ids().map(|_| None).collect();
    let mut count = 0;
    // Outer vSwitches come before inner ones, so what is above has its root already, or nobody above has.
    for id in world.switch_ids() {
        let above = world.above(id);
        let known: Vec<usize> = above.iter().filter_map(|switch| roots[switch.index()]).collect();
        let root = known.first().copied().unwrap_or(count);
        count += usize::from(known.is_empty());
        for switch in above {
            roots[switch.index()].get_or_insert(root);
        }
        // A nested host may join what was apart.
        for other in known.into_iter().filter(|other| *other != root) {
            for joined in roots.iter_mut().filter(|joined| **joined == Some(other)) {
                *joined = Some(root);
            }
        }
    }
    (roots.into_iter().map(|root| root.unwrap_or(0)).collect(), count)
}
