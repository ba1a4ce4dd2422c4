//! Which port groups does a conversation lead through? The levels around each end, by the cables alone.
//!
//! A **level** is an adapter with the port group that it is connected to: first the end's own adapter, then the adapter
//! of the nested host that it runs in, and so on outwards. Nothing here looks at a policy.
//!
//! An [`excerpt`] of a lab is what a conversation can touch. Hosts do not connect their uplinks with each other, so a
//! physical host with neither end inside, and no guest that bridges, sends nothing back of what it is given: without it,
//! the conversation takes the same steps. Within a physical host everything stays, because port numbers pick uplinks.

use nsw_core::Mac;

use super::change::Scope;
use crate::sim::{Endpoint, EndpointKind};
use crate::topology::{Guest, Host, Lab, Segment, Station};

/// An adapter on the way, and where it is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// Host, vSwitch and port group that the adapter is connected to.
    pub at: Scope,
    /// The name of its port, as `nested-1.vmnic0`.
    pub port: String,
    /// Whose adapter it is: the VM, or the host of a VMkernel adapter.
    pub owner: String,
    /// The adapter.
    pub adapter: String,
    /// Its initial MAC.
    pub mac: Mac,
    /// A host runs in the VM: the adapter is an uplink inside. Or the guest bridges: in either case others stand behind it.
    pub is_host: bool,
}

/// The levels around an end, its own first; none around a station.
pub fn levels(lab: &Lab, end: &Endpoint) -> Vec<Level> {
    let Some(name) = &end.host else { return Vec::new() };
    let Some(hosts) = lab.hosts.iter().find_map(|host| way_to(host, name)) else { return Vec::new() };
    let adapter = end.name.rsplit('/').next().unwrap_or_default();
    let mut found = Vec::new();
    let Some(home) = hosts.last() else { return found };
    let mut inside: Vec<&str> = Vec::new();
    if let Some(level) = own_level(home, end, adapter) {
        inside = uplinks_of(home, &level.at.vswitch);
        found.push(level);
    }
    for pair in hosts.windows(2).rev() {
        let [outer, inner] = pair else { continue };
        let Some(vm) = outer.vm(&inner.name) else { break };
        let mut next = Vec::new();
        for nic in vm.nics.iter().filter(|nic| inside.contains(&nic.name.as_str())) {
            let Some((_, vswitch)) = outer.vswitch_of(&nic.port_group) else { continue };
            next.extend(uplinks_of(outer, &vswitch.name));
            found.push(Level {
                at: Scope::group(&outer.name, &vswitch.name, &nic.port_group),
                port: format!("{}.{}", vm.name, nic.name),
                owner: vm.name.clone(),
                adapter: nic.name.clone(),
                mac: nic.mac,
                is_host: true,
            });
        }
        inside = next;
    }
    found
}

/// The lab without the physical hosts that have neither end inside, and nobody who forwards.
pub fn excerpt(lab: &Lab, ends: [&Endpoint; 2]) -> Lab {
    let forwards = |host: &Host| {
        let mut vms = host.descend().into_iter().flat_map(|(_, host)| &host.vms);
        vms.any(|vm| vm.guest == Guest::Bridge)
    };
    let inside = |host: &Host| {
        forwards(host)
            || ends.iter().any(|end| end.host.as_ref().is_some_and(|name| way_to(host, name).is_some()))
    };
    let stations = |segment: &Segment| -> Vec<Station> {
        let meant = |station: &&Station| ends.iter().any(|end| end.name == station.name);
        segment.stations.iter().filter(meant).cloned().collect()
    };
    Lab {
        name: lab.name.clone(),
        segments: lab
            .segments
            .iter()
            .map(|segment| Segment { name: segment.name.clone(), stations: stations(segment) })
            .collect(),
        hosts: lab.hosts.iter().filter(|host| inside(host)).cloned().collect(),
    }
}

fn own_level(home: &Host, end: &Endpoint, adapter: &str) -> Option<Level> {
    let (port, port_group, mac) = if end.kind == EndpointKind::Vmkernel {
        let vmk = home.vmkernels.iter().find(|vmk| vmk.name == adapter)?;
        (vmk.name.clone(), &vmk.port_group, vmk.mac)
    } else {
        let nic = home.vm(&end.owner)?.nics.iter().find(|nic| nic.name == adapter)?;
        (format!("{}.{}", end.owner, nic.name), &nic.port_group, nic.mac)
    };
    let (_, vswitch) = home.vswitch_of(port_group)?;
    Some(Level {
        at: Scope::group(&home.name, &vswitch.name, port_group),
        port,
        owner: end.owner.clone(),
        adapter: adapter.to_owned(),
        mac,
        is_host: false,
    })
}

fn uplinks_of<'h>(host: &'h Host, vswitch: &str) -> Vec<&'h str> {
    let found = host.vswitch(vswitch);
    found.map(|found| found.uplinks.iter().map(String::as_str).collect()).unwrap_or_default()
}

/// The hosts from `host` inwards to the one with this name.
pub(crate) fn way_to<'h>(host: &'h Host, name: &str) -> Option<Vec<&'h Host>> {
    if host.name == name {
        return Some(vec![host]);
    }
    host.vms.iter().find_map(|vm| match &vm.guest {
        Guest::Host(inner) => way_to(inner, name).map(|way| [vec![host], way].concat()),
        Guest::Os | Guest::Bridge => None,
    })
}
