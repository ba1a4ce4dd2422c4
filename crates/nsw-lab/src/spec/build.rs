//! From the file to the lab: what every word means, what every name refers to, and everything that is wrong.
//!
//! The walk goes through the file once, top down, and does not stop at a mistake: what cannot be read is reported and
//! replaced by a default, so that the rest is checked too. The result is used only if nothing was reported.

mod adapters;
mod beyond;
mod duplicates;
mod probing;
mod vswitch;

use self::beyond::AllowedEntry;
use self::duplicates::AdapterPlaces;
use super::at::{Entries, Span, Word};
use super::diagnostics::{Collector, Draft};
use super::file::{HostFile, LabFile, SegmentFile, StationFile, VmnicFile};
use super::locations::{Locations, Object};
use super::mint::Mint;
use super::registry::{Registry, Side};
use super::suggest;
use super::values::Reader;
use crate::sim;
use crate::topology::{Host, Lab, Pnic, Segment, Station};

/// Hosts in hosts, counted from the physical one.
const MAX_DEPTH: usize = 16;
/// Physical adapters of a host, as on ESXi. Beyond, they are not looked at.
const MAX_PNICS: usize = 32;

/// Reports problems to `problems`; the lab is good only if none of them is an error.
pub(crate) fn build(file: &LabFile, problems: &mut Collector) -> (Lab, Locations) {
    let name = lab_name(file, problems);
    let mut build = Build {
        mint: Mint::new(&name, file),
        segments: &file.segments,
        locations: Locations::default(),
        registry: Registry::default(),
        allowed: Vec::new(),
        adapters: AdapterPlaces::default(),
        problems,
    };
    let segments = file.segments.iter().map(|(name, segment)| build.segment(name, segment)).collect();
    let hosts = file.hosts.iter().map(|(name, host)| build.physical_host(name, host)).collect();
    let lab = Lab { name, segments, hosts };
    build.warn_of_allowed_neighbours(&lab);
    build.warn_of_shared_macs(&lab);
    build.warn_of_loops(&lab, file);
    (lab, build.locations)
}

fn lab_name(file: &LabFile, problems: &mut Collector) -> String {
    if file.hosts.is_empty() {
        let draft = Draft::new(Span::START, "the lab has no hosts");
        problems.error(draft.help("describe at least one under `hosts`"));
    }
    let Some(word) = &file.lab else {
        let draft = Draft::new(Span::START, "the lab has no name");
        problems.error(draft.help("give it one with the key `lab`, as in `lab: nested`"));
        return String::new();
    };
    Reader { owner: &format!("lab `{}`", word.value), problems }.hostname(word);
    word.value.clone()
}

/// The walk: what it has seen, and what it needs to look up.
struct Build<'a> {
    problems: &'a mut Collector,
    locations: Locations,
    registry: Registry,
    mint: Mint,
    /// Entries of allow-lists, to be held against the finished lab.
    allowed: Vec<AllowedEntry>,
    /// Where adapters have their addresses from.
    adapters: AdapterPlaces,
    segments: &'a Entries<SegmentFile>,
}

/// The host that is being built: what names on it refer to.
struct Site<'a> {
    host: &'a str,
    /// Hosts around it.
    depth: usize,
    pnics: &'a [Pnic],
    file: &'a HostFile,
}

impl Build<'_> {
    fn segment(&mut self, name: &Word, file: &SegmentFile) -> Segment {
        let owner = format!("segment `{}`", name.value);
        self.reader(&owner).hostname(name);
        self.locations.add(Object::Segment(name.value.clone()), name.span.into());
        let stations = file.stations.iter().map(|(name, station)| self.station(name, station)).collect();
        Segment { name: name.value.clone(), stations }
    }

    fn station(&mut self, name: &Word, file: &StationFile) -> Station {
        let owner = format!("station `{}`", name.value);
        self.reader(&owner).hostname(name);
        self.registry.name(self.problems, "station", name);
        self.locations.add(Object::Station(name.value.clone()), name.span.into());
        let stated = self.reader(&owner).mac("mac", file.mac.as_ref());
        let mac = stated.unwrap_or_else(|| self.mint.physical_adapter("station", &name.value));
        let allow = file.allow_duplicate_mac.as_ref();
        self.register_mac(&owner, mac, file.mac.as_ref().unwrap_or(name), allow, Side::Guest);
        Station {
            name: name.value.clone(),
            mac,
            vlan: self.reader(&owner).guest_vlan(file.vlan.as_ref()).unwrap_or(0),
            addresses: self.addresses(&owner, &file.address),
        }
    }

    fn physical_host(&mut self, name: &Word, file: &HostFile) -> Host {
        let owner = format!("host `{}`", name.value);
        self.reader(&owner).hostname(name);
        self.registry.name(self.problems, "host", name);
        self.locations.add(Object::Host(name.value.clone()), name.span.into());
        let vmnics = &file.vmnics;
        self.at_most(MAX_PNICS, &vmnics.0, |(name, _)| name, &owner, "physical adapters");
        let vmnics = vmnics.iter().take(MAX_PNICS);
        let pnics = vmnics.map(|(nic, file)| self.vmnic(&name.value, nic, file)).collect();
        self.host(name, file, pnics, 0)
    }

    fn vmnic(&mut self, host: &str, name: &Word, file: &VmnicFile) -> Pnic {
        let owner = format!("physical adapter `{}` of host `{host}`", name.value);
        self.reader(&owner).device(name);
        let object = Object::Pnic { host: host.to_owned(), name: name.value.clone() };
        self.locations.add(object, name.span.into());
        let stated = self.reader(&owner).mac("mac", file.mac.as_ref());
        let mac = stated.unwrap_or_else(|| self.mint.physical_adapter(host, &name.value));
        let side = Side::Physical(host.to_owned());
        let allow = file.allow_duplicate_mac.as_ref();
        self.register_mac(&owner, mac, file.mac.as_ref().unwrap_or(name), allow, side);
        Pnic { name: name.value.clone(), mac, segment: self.cable(&owner, name, file.segment.as_ref()) }
    }

    /// The segment that a physical adapter is cabled to.
    fn cable(&mut self, owner: &str, name: &Word, segment: Option<&Word>) -> Option<String> {
        let known = || self.segments.keys().map(|key| key.value.as_str());
        let Some(word) = segment else {
            let draft = Draft::new(name.span, format!("{owner} is cabled to no segment"));
            let help = suggest::hint("", known()).unwrap_or("describe one under `segments`".to_owned());
            self.problems.error(draft.help(format!("add the key `segment`; {help}")));
            return None;
        };
        if self.segments.get(&word.value).is_none() {
            let message = format!("{owner} is cabled to segment `{}`, which does not exist", word.value);
            self.problems
                .error(Draft::new(word.span, message).maybe_help(suggest::hint(&word.value, known())));
        }
        Some(word.value.clone())
    }

    fn host(&mut self, name: &Word, file: &HostFile, pnics: Vec<Pnic>, depth: usize) -> Host {
        let site = Site { host: &name.value, depth, pnics: &pnics, file };
        let vswitches = self.vswitches(&site);
        let vmkernels = self.vmkernels(&site);
        let vms = file.vms.iter().map(|(name, vm)| self.vm(&site, name, vm)).collect();
        let host = Host { name: name.value.clone(), pnics, vswitches, vmkernels, vms };
        self.check_ports(&host, file);
        host
    }

    /// A vSwitch with a fixed number of ports needs one for each uplink and each adapter.
    fn check_ports(&mut self, host: &Host, file: &HostFile) {
        for vswitch in &host.vswitches {
            let word = file.vswitches.get(&vswitch.name).and_then(|file| file.ports.as_ref());
            let (Some(ports), Some(word)) = (vswitch.ports, word) else { continue };
            let nics = host.vms.iter().flat_map(|vm| &vm.nics).map(|nic| &nic.port_group);
            let groups = host.vmkernels.iter().map(|adapter| &adapter.port_group).chain(nics);
            let adapters = groups.filter(|name| vswitch.port_group(name).is_some()).count();
            let needed = vswitch.uplinks.len() + adapters;
            if needed > usize::from(ports) {
                let message = format!(
                    "vSwitch `{}` of host `{}` has {ports} ports, and {needed} are needed",
                    vswitch.name, host.name
                );
                let help = "uplinks take a port each; without `ports` there are as many as are needed";
                self.problems.error(Draft::new(word.span, message).help(help));
            }
        }
    }

    /// What a guest's bridge does depends on everything around it, so the simulator is asked.
    fn warn_of_loops(&mut self, lab: &Lab, file: &LabFile) {
        for vm in sim::looping_vms(lab) {
            let Some(word) = bridge_word(&file.hosts, &vm) else { continue };
            let message = format!("VM `{vm}` bridges a loop: a broadcast goes round for ever");
            let help = "a standard switch does not stop loops, so `nsw lab up` does not start this lab; \
                        connect the adapters to networks that meet nowhere else";
            self.problems.warning(Draft::new(word.span, message).help(help));
        }
    }

    /// Reports a list that is too long, at its first superfluous item.
    fn at_most<T>(&mut self, max: usize, items: &[T], name: impl Fn(&T) -> &Word, owner: &str, what: &str) {
        if let Some(beyond) = items.get(max) {
            let message = format!("{owner} has {} {what}", items.len());
            self.problems
                .error(Draft::new(name(beyond).span, message).help(format!("at most {max} are possible")));
        }
    }

    fn reader<'b>(&'b mut self, owner: &'b str) -> Reader<'b> {
        Reader { owner, problems: self.problems }
    }
}

/// The word that makes a VM a bridge, on whatever level it stands.
fn bridge_word<'f>(hosts: &'f Entries<HostFile>, name: &str) -> Option<&'f Word> {
    hosts.iter().find_map(|(_, host)| bridge_word_in(host, name))
}

fn bridge_word_in<'f>(host: &'f HostFile, name: &str) -> Option<&'f Word> {
    host.vms.iter().find_map(|(vm, file)| {
        if vm.value == name {
            return file.bridge.as_ref();
        }
        file.host.as_ref().and_then(|inner| bridge_word_in(inner, name))
    })
}
