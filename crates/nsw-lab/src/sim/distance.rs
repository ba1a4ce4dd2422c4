//! How far is it from a device to an end point, by the cables alone? No frame and no policy is looked at.
//!
//! This is what makes one of many copies *the* frame on its way: the copy that came nearest. The one rule of the road
//! is that a vSwitch does not connect its uplinks with each other, so what came by an uplink can only go inwards.

use super::bridge::BridgeId;
use super::endpoint::EndpointId;
use super::journey::{At, Journey};
use super::world::{Far, SwitchId, World};
use nsw_core::PortId;

/// A port of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExitPort {
    Switch(SwitchId, PortId),
    Bridge(BridgeId, usize),
}

/// The distances from every device to one end point, in devices still to come.
pub(super) struct Distances<'w> {
    world: &'w World,
    target: EndpointId,
    /// The vSwitches that a way from a hop to the target can lead through.
    considered: Vec<SwitchId>,
    /// By vSwitch: entered by a port inside, entered by an uplink.
    switches: Vec<[Option<usize>; 2]>,
    bridges: Vec<Option<usize>>,
}

impl<'w> Distances<'w> {
    /// From every device that the journey came to.
    pub(super) fn to(world: &'w World, journey: &Journey, target: EndpointId) -> Self {
        let switches = vec![[None; 2]; world.switches.len()];
        let bridges = vec![None; world.bridges.len()];
        let considered = considered(world, journey, target);
        let mut distances = Self { world, target, considered, switches, bridges };
        while distances.relax() {}
        distances
    }

    /// From a device that a copy came into by the port `entry`: how many devices are still to come, and the ports that
    /// lead there. `None` if no cable does.
    pub(super) fn onward(&self, entry: Far) -> Option<(usize, Vec<ExitPort>)> {
        let exits: Vec<(usize, ExitPort)> =
            self.exits(entry).into_iter().filter_map(|(port, far)| Some((self.beyond(far)?, port))).collect();
        let nearest = exits.iter().map(|(distance, _)| *distance).min()?;
        let ports = exits.into_iter().filter(|(distance, _)| *distance == nearest).map(|(_, port)| port);
        Some((nearest, ports.collect()))
    }

    /// The ports that a frame which came in by `entry` may leave by at all, and what they lead to.
    fn exits(&self, entry: Far) -> Vec<(ExitPort, Far)> {
        match entry {
            Far::Switch(id, ingress) => self
                .switch_exits(id, ingress.is_uplink())
                .filter(|(port, _)| *port != ExitPort::Switch(id, ingress))
                .collect(),
            Far::Bridge(id, ingress) => {
                self.bridge_exits(id).filter(|(port, _)| *port != ExitPort::Bridge(id, ingress)).collect()
            }
            Far::Endpoint(_) | Far::Nowhere => Vec::new(),
        }
    }

    fn switch_exits(&self, id: SwitchId, by_uplink: bool) -> impl Iterator<Item = (ExitPort, Far)> {
        let entry = &self.world.switches[id.0];
        let ports = entry.switch.ports().map(|port| port.id);
        ports
            .filter(move |port| !(by_uplink && port.is_uplink()))
            .map(move |port| (ExitPort::Switch(id, port), self.world.far(id, port)))
    }

    fn bridge_exits(&self, id: BridgeId) -> impl Iterator<Item = (ExitPort, Far)> {
        let ports = self.world.bridges[id.0].ports.iter().enumerate();
        ports.map(move |(port, end)| (ExitPort::Bridge(id, port), end.far))
    }

    /// The devices still to come after leaving towards `far`.
    fn beyond(&self, far: Far) -> Option<usize> {
        match far {
            Far::Endpoint(id) => (id == self.target).then_some(0),
            Far::Switch(id, port) => {
                self.switches[id.0][usize::from(port.is_uplink())].map(|distance| distance + 1)
            }
            Far::Bridge(id, _) => self.bridges[id.0].map(|distance| distance + 1),
            Far::Nowhere => None,
        }
    }

    /// One round over all devices; true if some distance became known or shorter.
    fn relax(&mut self) -> bool {
        let mut changed = false;
        for id in self.considered.clone() {
            for by_uplink in [false, true] {
                let nearest = self.switch_exits(id, by_uplink).filter_map(|(_, far)| self.beyond(far)).min();
                changed |= shorten(&mut self.switches[id.0][usize::from(by_uplink)], nearest);
            }
        }
        for place in 0..self.bridges.len() {
            let nearest = self.bridge_exits(BridgeId(place)).filter_map(|(_, far)| self.beyond(far)).min();
            changed |= shorten(&mut self.bridges[place], nearest);
        }
        changed
    }
}

/// A way goes up from a hop and down to the target, unless a guest bridges: then it may go anywhere.
fn considered(world: &World, journey: &Journey, target: EndpointId) -> Vec<SwitchId> {
    if !world.keeps_to_the_road() {
        return world.switch_ids().collect();
    }
    let visited = journey.hops.iter().filter_map(|hop| match &hop.at {
        At::VSwitch(visit) => Some(visit.switch),
        At::Bridge(_) => None,
    });
    let mut visited: Vec<SwitchId> = visited.collect();
    visited.sort_unstable();
    visited.dedup();
    let mut considered = world.above_end(target);
    visited.into_iter().for_each(|switch| considered.extend(world.above(switch)));
    considered.sort_unstable();
    considered.dedup();
    considered
}

fn shorten(known: &mut Option<usize>, found: Option<usize>) -> bool {
    let shorter = found.is_some_and(|found| known.is_none_or(|known| found < known));
    if shorter {
        *known = found;
    }
    shorter
}
