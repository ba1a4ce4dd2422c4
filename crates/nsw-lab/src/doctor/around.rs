//! Who else is there: the others whom a fix must not cut off, as few as show the same.
//!
//! A small lab is looked at as a whole. Of a large one, these stay: the hosts of the two ends, and of the rest one physical
//! host for each *shape* and one station for each (segment, VLAN, network). Two hosts have one shape if they are cabled
//! and configured alike and the same kinds of VMs are in them, whatever their names, addresses and numbers.
//!
//! That is enough because a fix changes the hosts of the two ends, or what they are cabled to, and nothing else. A host
//! outside meets it only in frames on a segment, and two of one shape send and take the same frames there but for the
//! addresses; so who talks with one of them before and after talks with the other.
//!
//! What it leaves out: hosts of one shape of which one shares a MAC address with somebody. Hosts with a MAC address that
//! stands twice in the lab are kept.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use nsw_core::{Mac, VSwitch};

use super::path::way_to;
use crate::sim::Endpoint;
use crate::topology::{Address, Guest, Host, Lab, Segment, Station};

/// End points of a lab that is looked at as a whole.
const SMALL: usize = 64;

/// The lab as a fix for these two ends can touch it.
pub(super) fn around(lab: &Lab, ends: [&Endpoint; 2]) -> Lab {
    if count(lab) <= SMALL {
        return lab.clone();
    }
    let twice = macs_that_stand_twice(lab);
    let mut shapes: Vec<Shape<'_>> = Vec::new();
    let mut hosts: Vec<Host> = Vec::new();
    for host in &lab.hosts {
        let is_of_an_end =
            ends.iter().any(|end| end.host.as_ref().is_some_and(|name| way_to(host, name).is_some()));
        if is_of_an_end || macs_of(host).iter().any(|mac| twice.contains(mac)) {
            hosts.push(host.clone());
            continue;
        }
        let shape = Shape::of(host);
        if !shapes.contains(&shape) {
            shapes.push(shape);
            hosts.push(host.clone());
        }
    }
    let segments = lab.segments.iter().map(|segment| thinned(segment, ends)).collect();
    Lab { name: lab.name.clone(), segments, hosts }
}

fn thinned(segment: &Segment, ends: [&Endpoint; 2]) -> Segment {
    let mut seen = HashSet::new();
    let mut stations: Vec<Station> = Vec::new();
    for station in &segment.stations {
        let is_new = seen.insert((station.vlan, networks(&station.addresses)));
        if is_new || ends.iter().any(|end| end.name == station.name) {
            stations.push(station.clone());
        }
    }
    Segment { name: segment.name.clone(), stations }
}

/// What a host looks like from outside, without names of VMs, addresses and how many of a kind there are.
#[derive(PartialEq)]
struct Shape<'h> {
    cables: Vec<(&'h str, Option<&'h str>)>,
    vswitches: &'h [VSwitch],
    kinds: HashSet<Kind<'h>>,
    nested: Vec<Shape<'h>>,
    forwards: bool,
}

#[derive(PartialEq, Eq, Hash)]
struct Kind<'h> {
    port_group: &'h str,
    is_kernel: bool,
    is_uplink: Option<&'h str>,
    promiscuous: bool,
    changed_mac: bool,
    vlan: u16,
    networks: Vec<(IpAddr, u8)>,
}

impl<'h> Shape<'h> {
    fn of(host: &'h Host) -> Self {
        let kernel = host.vmkernels.iter().map(|vmk| Kind {
            port_group: &vmk.port_group,
            is_kernel: true,
            is_uplink: None,
            promiscuous: false,
            changed_mac: false,
            vlan: 0,
            networks: networks(&vmk.addresses),
        });
        let guests = host.vms.iter().flat_map(|vm| {
            vm.nics.iter().map(|nic| Kind {
                port_group: &nic.port_group,
                is_kernel: false,
                is_uplink: matches!(vm.guest, Guest::Host(_)).then_some(nic.name.as_str()),
                promiscuous: nic.promiscuous,
                changed_mac: nic.guest_mac.is_some_and(|mac| mac != nic.mac),
                vlan: nic.vlan,
                networks: networks(&nic.addresses),
            })
        });
        let mut nested: Vec<Shape<'h>> = Vec::new();
        for vm in &host.vms {
            if let Guest::Host(inner) = &vm.guest {
                let shape = Self::of(inner);
                if !nested.contains(&shape) {
                    nested.push(shape);
                }
            }
        }
        Self {
            cables: host.pnics.iter().map(|pnic| (pnic.name.as_str(), pnic.segment.as_deref())).collect(),
            vswitches: &host.vswitches,
            kinds: kernel.chain(guests).collect(),
            nested,
            forwards: host.vms.iter().any(|vm| vm.guest == Guest::Bridge),
        }
    }
}

/// The networks that these addresses are in.
pub(super) fn networks(addresses: &[Address]) -> Vec<(IpAddr, u8)> {
    addresses.iter().map(|address| (network(*address), address.prefix_len)).collect()
}

fn network(address: Address) -> IpAddr {
    let prefix_len = u32::from(address.prefix_len);
    match address.ip {
        IpAddr::V4(ip) => {
            IpAddr::V4((ip.to_bits() & u32::MAX.checked_shl(32 - prefix_len).unwrap_or(0)).into())
        }
        IpAddr::V6(ip) => {
            IpAddr::V6((ip.to_bits() & u128::MAX.checked_shl(128 - prefix_len).unwrap_or(0)).into())
        }
    }
}

fn count(lab: &Lab) -> usize {
    let stations: usize = lab.segments.iter().map(|segment| segment.stations.len()).sum();
    let hosts = lab.all_hosts();
    stations + hosts.iter().map(|(_, host)| host.vms.len() + host.vmkernels.len()).sum::<usize>()
}

fn macs_of(host: &Host) -> Vec<Mac> {
    let mut macs = Vec::new();
    for (_, host) in host.descend() {
        let pnics: HashSet<Mac> = host.pnics.iter().map(|pnic| pnic.mac).collect();
        // A fresh `vmk0` has the address of an adapter of its own host, which says nothing.
        macs.extend(host.vmkernels.iter().map(|vmk| vmk.mac).filter(|mac| !pnics.contains(mac)));
        macs.extend(host.vms.iter().flat_map(|vm| &vm.nics).map(|nic| nic.guest_mac.unwrap_or(nic.mac)));
    }
    macs
}

fn macs_that_stand_twice(lab: &Lab) -> HashSet<Mac> {
    let stations = lab.segments.iter().flat_map(|segment| &segment.stations).map(|station| station.mac);
    let mut uses: HashMap<Mac, usize> = HashMap::new();
    for mac in lab.hosts.iter().flat_map(macs_of).chain(stations) {
        *uses.entry(mac).or_default() += 1;
    }
    uses.into_iter().filter(|(_, uses)| *uses > 1).map(|(mac, _)| mac).collect()
}
