//! A lab in which some hosts have changed, wired: what the change leaves alone is shared with the lab before.
//!
//! A physical host that differs is wired by itself and put into the places of the one before. That needs the same vSwitches
//! and end points in the same number, and the same cables; where anything else has changed, the whole lab is wired anew.
//!
//! **Invariant:** what comes of it is [`World::new`] of the lab after, and [`World::shares`] is true of every vSwitch on
//! whose physical host nothing has changed.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::bridge::{BridgeId, BridgePort};
use super::endpoint::EndpointId;
use super::world::{Far, SimError, SwitchId, World};
use crate::topology::{Host, Lab};

impl World {
    /// `after`, wired. This world is `before`, wired.
    pub(crate) fn rewired(&self, before: &Lab, after: &Lab) -> Result<Self, SimError> {
        self.with_hosts(before, after).map_or_else(|| Self::new(after), Ok)
    }

    /// This world if everybody sniffs, as `sniffing` is `before` if everybody does.
    pub(crate) fn sniffing_like(&self, before: &Self, sniffing: &Self) -> Self {
        let mut world = self.clone();
        if self.switches.len() == before.switches.len() && self.endpoints.len() == before.endpoints.len() {
            take_over(&mut world.switches, &before.switches, &sniffing.switches);
            take_over(&mut world.endpoints, &before.endpoints, &sniffing.endpoints);
        }
        world.everybody_sniffs();
        world
    }

    /// Is this vSwitch the very same in both, with all that is connected to it?
    pub(crate) fn shares(&self, other: &Self, id: SwitchId) -> bool {
        let pair = self.switches.get(id.0).zip(other.switches.get(id.0));
        pair.is_some_and(|(own, others)| Arc::ptr_eq(own, others))
    }

    fn with_hosts(&self, before: &Lab, after: &Lab) -> Option<Self> {
        if before.segments != after.segments || before.hosts.len() != after.hosts.len() {
            return None;
        }
        let mut world = self.clone();
        for (old, new) in before.hosts.iter().zip(&after.hosts).filter(|(old, new)| old != new) {
            let alone =
                Lab { name: String::new(), segments: after.segments.clone(), hosts: vec![new.clone()] };
            world.put(Self::new(&alone).ok()?, &Places::of(self, old)?)?;
        }
        Some(world)
    }

    /// Puts a lab of one host into these places; `None` if it does not fit.
    fn put(&mut self, part: Self, places: &Places) -> Option<()> {
        let stations = part.endpoints.iter().take_while(|endpoint| endpoint.host.is_none()).count();
        let same_switches = part.switches.len() == places.switches.len()
            && part.switches.iter().zip(&self.switches[places.switches.clone()]).all(|(new, old)| {
                new.host == old.host && new.switch.config().name == old.switch.config().name
            });
        let same_ends = part.endpoints.len() - stations == places.endpoints.len();
        let cables = cables(&part, &(0..part.switches.len()))?;
        let same_cables = cables.len() == places.cables.len()
            && cables.iter().zip(&places.cables).all(|(new, old)| {
                new.0 == old.0
                    && part.bridges[new.0.0].ports[new.1].name == self.bridges[old.0.0].ports[old.1].name
            });
        if !same_switches || !same_ends || !same_cables || part.bridges.len() != self.bridges.len() {
            return None;
        }
        let moved = |far: Far| match far {
            Far::Endpoint(EndpointId(id)) if id >= stations => {
                Some(Far::Endpoint(EndpointId(id - stations + places.endpoints.start)))
            }
            Far::Switch(SwitchId(id), port) => Some(Far::Switch(SwitchId(id + places.switches.start), port)),
            Far::Bridge(bridge, port) => {
                let place = cables.iter().position(|cable| *cable == (bridge, port))?;
                let (bridge, port) = places.cables[place];
                Some(Far::Bridge(bridge, port))
            }
            Far::Endpoint(_) | Far::Nowhere => Some(far),
        };
        for (cable, (bridge, port)) in cables.iter().zip(&places.cables) {
            let far = moved(part.bridges[cable.0.0].ports[cable.1].far)?;
            self.bridges[bridge.0].ports[*port].far = far;
        }
        for (mut switch, place) in part.switches.into_iter().zip(places.switches.clone()) {
            let entry = Arc::make_mut(&mut switch);
            entry.far = entry.far.iter().map(|far| moved(*far)).collect::<Option<Vec<Far>>>()?;
            self.switches[place] = switch;
        }
        let ends = part.endpoints.into_iter().skip(stations);
        for (mut endpoint, place) in ends.zip(places.endpoints.clone()) {
            let end = Arc::make_mut(&mut endpoint);
            end.attached = moved(end.attached)?;
            self.endpoints[place] = endpoint;
        }
        Some(())
    }
}

/// Puts what has become of it in the place of everything that is the very same as before.
fn take_over<T>(own: &mut [Arc<T>], before: &[Arc<T>], became: &[Arc<T>]) {
    for ((own, before), became) in own.iter_mut().zip(before).zip(became) {
        if Arc::ptr_eq(own, before) {
            *own = Arc::clone(became);
        }
    }
}

/// What of a world is on one physical host.
struct Places {
    switches: Range<usize>,
    endpoints: Range<usize>,
    /// Ports of segments, in the order in which they were cabled.
    cables: Vec<(BridgeId, usize)>,
}

impl Places {
    fn of(world: &World, host: &Host) -> Option<Self> {
        let names: HashSet<&str> = host.descend().into_iter().map(|(_, host)| host.name.as_str()).collect();
        let switches = range(world.switches.iter().map(|switch| names.contains(switch.host.as_str())))?;
        let is_inside = |host: &Option<String>| host.as_deref().is_some_and(|host| names.contains(host));
        let endpoints = range(world.endpoints.iter().map(|endpoint| is_inside(&endpoint.host)))?;
        let cables = cables(world, &switches)?;
        Some(Self { switches, endpoints, cables })
    }
}

/// The places that are meant, if they are one after the other.
fn range(meant: impl Iterator<Item = bool>) -> Option<Range<usize>> {
    let places: Vec<usize> = meant.enumerate().filter(|(_, meant)| *meant).map(|(place, _)| place).collect();
    let (first, last) = (*places.first()?, *places.last()?);
    (last - first + 1 == places.len()).then_some(first..last + 1)
}

/// The ports of segments that lead to these vSwitches; `None` where a guest bridges, which has ports of its own.
fn cables(world: &World, switches: &Range<usize>) -> Option<Vec<(BridgeId, usize)>> {
    let is_meant = |port: &BridgePort| matches!(port.far, Far::Switch(id, _) if switches.contains(&id.0));
    world.keeps_to_the_road().then(|| {
        let bridges = world.bridges.iter().enumerate();
        let ports = bridges.flat_map(|(bridge, found)| {
            let ports = found.ports.iter().enumerate().filter(|(_, port)| is_meant(port));
            ports.map(move |(port, _)| (BridgeId(bridge), port))
        });
        ports.collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;

    const LAB: &str = "
lab: two-hosts
segments:
  office: { stations: { laptop: { address: 10.0.0.9/24 } } }
  spare: {}
hosts:
  one:
    vmnics: { vmnic0: { segment: office } }
    vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { VMs: {}, Nested: {} } } }
    vms:
      app01: { port-group: VMs, address: 10.0.0.1/24 }
      inner:
        nics: { vmnic0: { port-group: Nested } }
        host:
          vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { VMs: {} } } }
          vms: { web01: { port-group: VMs, address: 10.0.0.2/24 } }
  two:
    vmnics: { vmnic0: { segment: office } }
    vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { VMs: {} } } }
    vms: { app02: { port-group: VMs, address: 10.0.0.3/24 } }
";

    fn lab(text: &str) -> Lab {
        spec::parse("lab.yaml", text).unwrap().lab
    }

    /// Changes the lab and wires it in both ways; says of how many vSwitches the world before is shared.
    fn shared_after(old: &str, new: &str) -> usize {
        assert!(LAB.contains(old));
        let (before, after) = (lab(LAB), lab(&LAB.replace(old, new)));
        let world = World::new(&before).unwrap();
        let rewired = world.rewired(&before, &after).unwrap();
        let mut anew = World::new(&after).unwrap();
        assert_eq!(format!("{rewired:#?}"), format!("{anew:#?}"), "{old} -> {new}");
        let shared = |rewired: &World, world: &World| {
            world.switch_ids().filter(|id| rewired.shares(world, *id)).count()
        };
        let mut sniffing = world.clone();
        sniffing.everybody_sniffs();
        let sniffing_too = rewired.sniffing_like(&world, &sniffing);
        anew.everybody_sniffs();
        assert_eq!(format!("{sniffing_too:#?}"), format!("{anew:#?}"), "{old} -> {new}");
        assert_eq!(shared(&sniffing_too, &sniffing), shared(&rewired, &world), "{old} -> {new}");
        shared(&rewired, &world)
    }

    #[test]
    fn a_lab_with_a_host_changed_is_the_lab_wired_anew() {
        let accept = "Nested: { security: { promiscuous: accept } }";
        assert_eq!(shared_after("Nested: {}", "Nested: {}"), 3, "nothing changed");
        assert_eq!(shared_after("Nested: {}", accept), 1, "a policy of the first host");
        let changed = "web01: { port-group: VMs, guest-mac: 00:50:56:00:00:77,";
        assert_eq!(shared_after("web01: { port-group: VMs,", changed), 1);
        let moved = "app01: { port-group: Nested, address: 10.0.0.1/24 }";
        assert_eq!(shared_after("app01: { port-group: VMs, address: 10.0.0.1/24 }", moved), 1);
    }

    #[test]
    fn what_does_not_fit_is_wired_anew_as_a_whole() {
        let elsewhere = "  two:\n    vmnics: { vmnic0: { segment: spare } }";
        assert_eq!(shared_after("  two:\n    vmnics: { vmnic0: { segment: office } }", elsewhere), 0);
        assert_eq!(shared_after("laptop: { address: 10.0.0.9/24 }", "laptop: { address: 10.0.0.8/24 }"), 0);
        let more = "app02: { port-group: VMs, address: 10.0.0.3/24 }, app03: { port-group: VMs }";
        assert_eq!(shared_after("app02: { port-group: VMs, address: 10.0.0.3/24 }", more), 0);
    }
}
