//! Who else is there: the others whom a fix must not cut off, as few as show the same.
//!
//! A small lab is looked at as a whole. Of a large one, these stay: the hosts of the two ends, of the rest one end point of
//! each *look* with the hosts around it, and one station for each (segment, VLAN, network). Two end points have one look if
//! the hosts around them are cabled and configured alike and they differ in names, addresses and numbers only.
//!
//! That is enough because a fix changes the hosts of the two ends, or what they are cabled to, and nothing else. Only
//! pairs with one end there can notice it, and what comes of a ping between two roots is a function of what is above
//! each end ([theorem 5](https://github.com/nestswitch/nestswitch/blob/main/docs/theorems.md)), which is what a look holds.
//!
//! Where a number or an address can matter, nobody is left out: hosts with a MAC address that stands twice in the lab,
//! with a guest that bridges, with an allow-list of single addresses, with a limit of ports, or with a team whose uplinks
//! lead to different places are kept as a whole.

use std::collections::HashSet;
use std::net::IpAddr;

use foldhash::fast::FixedState;
use nsw_core::{AllowedMac, Mac, VSwitch, VlanId};

use super::kinds::Hashed;
use super::path::way_to;
use crate::sim::Endpoint;
use crate::topology::{Address, Guest, Host, Lab, Segment, Station, Vm, Vmkernel, Vnic};

/// End points of a lab that is looked at as a whole.
const SMALL: usize = 64;

/// The lab as a fix for these two ends can touch it.
pub(super) fn around(lab: &Lab, ends: [&Endpoint; 2]) -> Lab {
    if count(lab) <= SMALL {
        return lab.clone();
    }
    let twice = macs_that_stand_twice(lab);
    let mut looks = Looks { prefixes: prefixes(lab), ..Looks::default() };
    let mut hosts: Vec<Host> = Vec::new();
    for host in &lab.hosts {
        let is_of_an_end =
            ends.iter().any(|end| end.host.as_ref().is_some_and(|name| way_to(host, name).is_some()));
        let stays = is_of_an_end
            || is_special(host, &|nic| cable_of(host, nic))
            || !twice.is_empty() && macs_of(host).iter().any(|mac| twice.contains(mac));
        // What a fix may change stands for nobody else, so only the others are looked at.
        hosts.extend(if stays { Some(host.clone()) } else { looks.new_of(host, None) });
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

/// Does a number or an address of somebody inside matter? `cable` says where an adapter of the host leads to.
fn is_special<'h>(host: &'h Host, cable: &dyn Fn(&str) -> Option<&'h str>) -> bool {
    let splits = |vswitch: &VSwitch| {
        let mut cables = vswitch.uplinks.iter().map(|uplink| cable(uplink));
        cables.next().is_some_and(|first| cables.any(|other| other != first))
    };
    let counts = |vswitch: &VSwitch| vswitch.ports.is_some() || names_an_address(vswitch);
    host.vswitches.iter().any(|vswitch| splits(vswitch) || counts(vswitch))
        || host.vms.iter().any(|vm| match &vm.guest {
            Guest::Os => false,
            Guest::Bridge => true,
            Guest::Host(inner) => is_special(inner, &|name| {
                vm.nics.iter().find(|nic| nic.name == name).map(|nic| nic.port_group.as_str())
            }),
        })
}

/// Does an allow-list on it name a single address?
fn names_an_address(vswitch: &VSwitch) -> bool {
    allowed(vswitch).any(|allowed| matches!(allowed, AllowedMac::Exact(_)))
}

/// The entries of its allow-lists.
fn allowed(vswitch: &VSwitch) -> impl Iterator<Item = AllowedMac> {
    let groups = vswitch.port_groups.iter().map(|group| &group.beyond);
    groups.chain([&vswitch.beyond]).flat_map(|beyond| beyond.allowed_macs.iter().flatten()).copied()
}

/// What allow-lists of the lab ask of more than one address; a fix adds single addresses only.
fn prefixes(lab: &Lab) -> Vec<AllowedMac> {
    let vswitches = lab.all_hosts().into_iter().flat_map(|(_, host)| &host.vswitches);
    let mut prefixes: Vec<AllowedMac> = Vec::new();
    for entry in vswitches.flat_map(allowed).filter(|entry| matches!(entry, AllowedMac::Oui(_))) {
        if !prefixes.contains(&entry) {
            prefixes.push(entry);
        }
    }
    prefixes
}

fn cable_of<'h>(host: &'h Host, name: &str) -> Option<&'h str> {
    host.pnics.iter().find(|pnic| pnic.name == name)?.segment.as_deref()
}

/// Looks of end points that are there already.
#[derive(Default)]
struct Looks<'h> {
    /// Each once; its place is its number.
    frames: Vec<Frame<'h>>,
    seen: HashSet<(usize, Kind<'h>), FixedState>,
    /// What allow-lists ask of an address.
    prefixes: Vec<AllowedMac>,
}

/// A host without what is connected to it, in the hosts around it.
#[derive(PartialEq)]
struct Frame<'h> {
    /// The frame of the host around it, and the adapters by which it is connected there.
    outer: Option<(usize, Vec<Kind<'h>>)>,
    cables: Vec<(&'h str, Option<&'h str>)>,
    vswitches: &'h [VSwitch],
}

/// An adapter without its name, its addresses and its number.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Kind<'h> {
    port_group: &'h str,
    is_kernel: bool,
    /// As which uplink of a nested host.
    uplink: Option<&'h str>,
    promiscuous: bool,
    changed_mac: bool,
    /// As a fresh `vmk0` has it.
    has_mac_of_adapter: bool,
    /// Those of the prefixes in allow-lists that its address has.
    allowed: Vec<AllowedMac>,
    vlan: u16,
    vlan_filter: Option<&'h [VlanId]>,
    networks: Vec<(IpAddr, u8)>,
}

impl<'h> Looks<'h> {
    /// The host with those only that have a look that was not seen before; `None` if there is nobody.
    fn new_of(&mut self, host: &'h Host, outer: Option<(usize, Vec<Kind<'h>>)>) -> Option<Host> {
        let cables = host.pnics.iter().map(|pnic| (pnic.name.as_str(), pnic.segment.as_deref())).collect();
        let frame = self.number(Frame { outer, cables, vswitches: &host.vswitches });
        let Self { seen, prefixes, .. } = self;
        let is_new = |vmk: &&'h Vmkernel| seen.insert((frame, Kind::of_vmkernel(vmk, host, prefixes)));
        let vmkernels: Vec<Vmkernel> = host.vmkernels.iter().filter(is_new).cloned().collect();
        let vms: Vec<Vm> = host.vms.iter().filter_map(|vm| self.new_in(vm, frame)).collect();
        let nobody = vmkernels.is_empty() && vms.is_empty();
        let Host { name, pnics, vswitches, .. } = host;
        (!nobody).then(|| Host {
            name: name.clone(),
            pnics: pnics.clone(),
            vswitches: vswitches.clone(),
            vmkernels,
            vms,
        })
    }

    fn new_in(&mut self, vm: &'h Vm, frame: usize) -> Option<Vm> {
        let kinds: Vec<Kind<'h>> = vm.nics.iter().map(|nic| Kind::of_vnic(vm, nic, &self.prefixes)).collect();
        match &vm.guest {
            Guest::Host(inner) => {
                let inner = self.new_of(inner, Some((frame, kinds)))?;
                Some(Vm { name: vm.name.clone(), nics: vm.nics.clone(), guest: Guest::Host(Box::new(inner)) })
            }
            Guest::Os | Guest::Bridge => {
                let new = kinds.into_iter().filter(|kind| self.seen.insert((frame, kind.clone()))).count();
                (new > 0).then(|| vm.clone())
            }
        }
    }

    fn number(&mut self, frame: Frame<'h>) -> usize {
        self.frames.iter().position(|known| *known == frame).unwrap_or_else(|| {
            self.frames.push(frame);
            self.frames.len() - 1
        })
    }
}

impl<'h> Kind<'h> {
    fn of_vmkernel(vmk: &'h Vmkernel, host: &Host, prefixes: &[AllowedMac]) -> Self {
        Self {
            port_group: &vmk.port_group,
            is_kernel: true,
            uplink: None,
            promiscuous: false,
            changed_mac: false,
            has_mac_of_adapter: host.pnics.iter().any(|pnic| pnic.mac == vmk.mac),
            allowed: that_match(prefixes, vmk.mac),
            vlan: 0,
            vlan_filter: None,
            networks: networks(&vmk.addresses),
        }
    }

    fn of_vnic(vm: &'h Vm, nic: &'h Vnic, prefixes: &[AllowedMac]) -> Self {
        Self {
            port_group: &nic.port_group,
            is_kernel: false,
            uplink: matches!(vm.guest, Guest::Host(_)).then_some(nic.name.as_str()),
            promiscuous: nic.promiscuous,
            changed_mac: nic.guest_mac.is_some_and(|mac| mac != nic.mac),
            has_mac_of_adapter: false,
            allowed: that_match(prefixes, nic.guest_mac.unwrap_or(nic.mac)),
            vlan: nic.vlan,
            vlan_filter: nic.vlan_filter.as_deref(),
            networks: networks(&nic.addresses),
        }
    }
}

fn that_match(prefixes: &[AllowedMac], mac: Mac) -> Vec<AllowedMac> {
    prefixes.iter().copied().filter(|prefix| prefix.matches(mac)).collect()
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
        // A fresh `vmk0` has the address of an adapter of its own host, which says nothing.
        let is_own = |mac: &Mac| host.pnics.iter().any(|pnic| pnic.mac == *mac);
        macs.extend(host.vmkernels.iter().map(|vmk| vmk.mac).filter(|mac| !is_own(mac)));
        macs.extend(host.vms.iter().flat_map(|vm| &vm.nics).map(|nic| nic.guest_mac.unwrap_or(nic.mac)));
    }
    macs
}

fn macs_that_stand_twice(lab: &Lab) -> HashSet<Mac, FixedState> {
    let stations = lab.segments.iter().flat_map(|segment| &segment.stations).map(|station| station.mac);
    let mut uses: Hashed<Mac, usize> = Hashed::default();
    for mac in lab.hosts.iter().flat_map(macs_of).chain(stations) {
        *uses.entry(mac).or_default() += 1;
    }
    uses.into_iter().filter(|(_, uses)| *uses > 1).map(|(mac, _)| mac).collect()
}
