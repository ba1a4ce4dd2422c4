//! The walk over the lab: each host, vSwitch, port group and adapter held against the rules.

use std::collections::HashMap;

use nsw_core::{
    Action, AllowedMac, AtLimit, Mac, MacLearning, Origin, PortGroup, Resolved, Security, VSwitch, VlanMode,
};

use super::rule::{self, Rule};
use super::{Finding, Subject};
use crate::spec::{Locations, Object};
use crate::topology::{Guest, Host, Lab, Vm};

/// The three elements of the security policy: their rule, their name and their key in the lab file.
const SECURITY: Security<(&Rule, &str, &str)> = Security {
    promiscuous: (&rule::PROMISCUOUS, "promiscuous mode", "security.promiscuous"),
    mac_changes: (&rule::MAC_CHANGES, "MAC address changes", "security.mac-changes"),
    forged_transmits: (&rule::FORGED, "forged transmits", "security.forged-transmits"),
};

/// VLANs that common physical switches keep for themselves; see [`rule::RESERVED_VLAN`].
const RESERVED: [std::ops::RangeInclusive<u16>; 2] = [1001..=1024, 3968..=4094];

pub(super) fn check(lab: &Lab, locations: &Locations) -> Vec<Finding> {
    let mut checks = Checks { locations, findings: Vec::new() };
    for (depth, host) in lab.all_hosts() {
        for vswitch in &host.vswitches {
            let site = Site { host, vswitch, is_physical: depth == 0 };
            checks.security(&site);
            checks.sharing(&site);
            checks.vlans(&site);
            checks.options(&site);
            checks.management(&site);
            checks.beyond(&site);
        }
    }
    checks.duplicates(lab);
    checks.findings
}

struct Checks<'a> {
    locations: &'a Locations,
    findings: Vec<Finding>,
}

/// A vSwitch on its host.
struct Site<'a> {
    host: &'a Host,
    vswitch: &'a VSwitch,
    is_physical: bool,
}

impl Site<'_> {
    fn subject(&self) -> Subject {
        Subject::vswitch(&self.host.name, &self.vswitch.name)
    }

    fn group(&self, group: &PortGroup) -> Subject {
        Subject::port_group(&self.host.name, &self.vswitch.name, &group.name)
    }

    fn policy(&self, group: &PortGroup) -> Security<Resolved<Action>> {
        let outer = self.vswitch.security.zip(self.vswitch.defaults.security());
        group.security.zip(outer).map(|(own, (vswitch, default))| Resolved::inherit(own, vswitch, default))
    }

    /// The VMs with an adapter in the port group.
    fn vms(&self, group: &PortGroup) -> impl Iterator<Item = &Vm> {
        let connected = |vm: &&Vm| vm.nics.iter().any(|nic| nic.port_group == group.name);
        self.host.vms.iter().filter(connected)
    }
}

impl Checks<'_> {
    fn security(&mut self, site: &Site<'_>) {
        let of_vswitch = site.vswitch.security.zip(site.vswitch.defaults.security()).zip(SECURITY);
        for ((set, default), (rule, setting, key)) in elements(of_vswitch) {
            let value = Resolved::inherit(None, set, default);
            if value.value.accepts() {
                let inherits = |group: &&PortGroup| {
                    elements(group.security.zip(SECURITY))
                        .iter()
                        .any(|(own, (of, ..))| *of == rule && own.is_none())
                };
                let heirs = site.vswitch.port_groups.iter().filter(inherits);
                let concerns = heirs.map(|group| group.name.clone()).collect();
                self.add(rule, site.subject(), setting, value, concerns, key);
            }
        }
        for group in &site.vswitch.port_groups {
            for (own, (rule, setting, key)) in elements(group.security.zip(SECURITY)) {
                let Some(action) = own else { continue };
                let rule = if action.accepts() { rule } else { &rule::OVERRIDE };
                let value = Resolved { value: action, origin: Origin::PortGroup };
                self.add(rule, site.group(group), setting, value, Vec::new(), key);
            }
        }
    }

    /// A port group that is open, for a nested host or a guest that bridges, and has others in it.
    fn sharing(&mut self, site: &Site<'_>) {
        for group in &site.vswitch.port_groups {
            let policy = site.policy(group);
            let open = [
                ("promiscuous mode", policy.promiscuous, "security.promiscuous"),
                ("forged transmits", policy.forged_transmits, "security.forged-transmits"),
            ];
            let Some((setting, value, key)) = open.into_iter().find(|(_, value, _)| value.value.accepts())
            else {
                continue;
            };
            let (others, forwarding): (Vec<&Vm>, Vec<&Vm>) =
                site.vms(group).partition(|vm| matches!(vm.guest, Guest::Os));
            if !forwarding.is_empty() && !others.is_empty() {
                let concerns = others.iter().map(|vm| vm.name.clone()).collect();
                self.add(&rule::SHARED, site.group(group), setting, value, concerns, key);
            }
        }
    }

    fn vlans(&mut self, site: &Site<'_>) {
        let cabled = site.is_physical && !site.vswitch.uplinks.is_empty();
        for group in &site.vswitch.port_groups {
            let (rule, origin) = match group.vlan {
                VlanMode::Vgt => (&rule::VGT, Origin::PortGroup),
                VlanMode::Est if cabled => (&rule::UNTAGGED, Origin::Default),
                VlanMode::Vst(vlan) if vlan.get() == 1 => (&rule::NATIVE_VLAN, Origin::PortGroup),
                VlanMode::Vst(vlan) if RESERVED.iter().any(|range| range.contains(&vlan.get())) => {
                    (&rule::RESERVED_VLAN, Origin::PortGroup)
                }
                VlanMode::Est | VlanMode::Vst(_) => continue,
            };
            let value = Resolved { value: group.vlan.id(), origin };
            self.add(rule, site.group(group), "VLAN ID", value, Vec::new(), "vlan");
        }
    }

    fn options(&mut self, site: &Site<'_>) {
        let options = &site.vswitch.options;
        let off = Resolved { value: "off", origin: Origin::VSwitch };
        // Up to 7.x it is 0 where nobody set it, so that every such vSwitch would have a finding that says nothing about it.
        if options.block_guest_bpdu == Some(false) {
            let key = "options.block-guest-bpdu";
            self.add(&rule::BPDU, site.subject(), "Net.BlockGuestBPDU", off, Vec::new(), key);
        }
        if !options.reverse_path_check {
            let key = "options.reverse-path-check";
            self.add(&rule::RPF, site.subject(), "Net.ReversePathFwdCheck", off, Vec::new(), key);
        }
        let is_open = |group: &&PortGroup| site.policy(group).promiscuous.value.accepts();
        let open: Vec<String> =
            site.vswitch.port_groups.iter().filter(is_open).map(|group| group.name.clone()).collect();
        if site.vswitch.uplinks.len() > 1
            && !site.vswitch.reverse_path_promiscuous().value
            && !open.is_empty()
        {
            let key = "options.reverse-path-check-promiscuous";
            let stands = self.locations.key(&object(&site.subject()), key).is_some();
            let origin = if stands { Origin::VSwitch } else { Origin::Default };
            let off = Resolved { value: "off", origin };
            let setting = "Net.ReversePathFwdCheckPromisc";
            self.add(&rule::RPF_PROMISCUOUS, site.subject(), setting, off, open, key);
        }
    }

    /// VMkernel adapters whose VLAN on this vSwitch is one that VMs have too: the VLAN is the layer 2 domain.
    fn management(&mut self, site: &Site<'_>) {
        for vmk in &site.host.vmkernels {
            let Some(own) = site.vswitch.port_group(&vmk.port_group) else { continue };
            let shares = |group: &&PortGroup| group.vlan == own.vlan || group.vlan == VlanMode::Vgt;
            let groups = site.vswitch.port_groups.iter().filter(shares);
            let mut concerns: Vec<String> =
                groups.flat_map(|group| site.vms(group)).map(|vm| vm.name.clone()).collect();
            concerns.dedup();
            if !concerns.is_empty() {
                let subject = site.group(own).adapter(&vmk.name);
                let origin = if own.vlan == VlanMode::Est { Origin::Default } else { Origin::PortGroup };
                let value = Resolved { value: own.vlan.id(), origin };
                self.add(&rule::MANAGEMENT, subject, "VLAN ID", value, concerns, "vlan");
            }
        }
    }

    fn beyond(&mut self, site: &Site<'_>) {
        let vswitch = (site.subject(), &site.vswitch.beyond, Origin::VSwitch);
        let groups = site.vswitch.port_groups.iter();
        let groups = groups.map(|group| (site.group(group), &group.beyond, Origin::PortGroup));
        for (subject, beyond, origin) in std::iter::once(vswitch).chain(groups) {
            if beyond.sink == Some(true) {
                let on = Resolved { value: "on", origin };
                self.add(&rule::SINK, subject.clone(), "sink", on, Vec::new(), "beyond.sink");
            }
            let is_prefix = |entry: &&AllowedMac| matches!(entry, AllowedMac::Oui(_));
            if let Some(prefix) = beyond.allowed_macs.iter().flatten().find(is_prefix) {
                let value = Resolved { value: prefix, origin };
                let key = "beyond.allowed-macs";
                self.add(&rule::ALLOWED_PREFIX, subject.clone(), "an allowed MAC", value, Vec::new(), key);
            }
            if let Some(MacLearning::On(learning)) = beyond.mac_learning
                && learning.at_limit == AtLimit::Allow
            {
                let limit = Resolved { value: learning.limit, origin };
                let key = "beyond.mac-learning";
                self.add(&rule::LEARNING, subject, "MAC learning's limit", limit, Vec::new(), key);
            }
        }
    }

    /// Addresses that stand twice on purpose. A nested vmk0 that has its own host's adapter's address is as it should be.
    fn duplicates(&mut self, lab: &Lab) {
        let mut owners: HashMap<Mac, Vec<(Subject, Object)>> = HashMap::new();
        let hosts = lab.all_hosts();
        for (_, host) in &hosts {
            let own = |mac: Mac| host.pnics.iter().any(|pnic| pnic.mac == mac);
            for vmk in host.vmkernels.iter().filter(|vmk| !own(vmk.mac)) {
                let object = Object::Vmkernel { host: host.name.clone(), name: vmk.name.clone() };
                owners.entry(vmk.mac).or_default().push((at(host, &vmk.port_group, &vmk.name), object));
            }
            for (vm, nic) in host.vms.iter().flat_map(|vm| vm.nics.iter().map(move |nic| (vm, nic))) {
                let object = Object::Vnic { vm: vm.name.clone(), name: nic.name.clone() };
                let name = format!("{}.{}", vm.name, nic.name);
                let mac = nic.guest_mac.unwrap_or(nic.mac);
                owners.entry(mac).or_default().push((at(host, &nic.port_group, &name), object));
            }
        }
        let mut shared: Vec<_> = owners.into_iter().filter(|(_, owners)| owners.len() > 1).collect();
        shared.sort_by_key(|(mac, _)| *mac);
        for (mac, owners) in shared {
            let others = owners.iter().skip(1).map(|(subject, _)| subject.to_string()).collect();
            let (subject, object) = &owners[0];
            self.findings.push(Finding {
                rule: &rule::DUPLICATE_MAC,
                object: subject.clone(),
                setting: "MAC address",
                value: mac.to_string(),
                origin: None,
                concerns: others,
                position: self.locations.object(object),
            });
        }
    }

    fn add(
        &mut self,
        rule: &'static Rule,
        subject: Subject,
        setting: &'static str,
        value: Resolved<impl ToString + Copy>,
        concerns: Vec<String>,
        key: &'static str,
    ) {
        let holder = match value.origin {
            Origin::VSwitch => Object::vswitch(&subject.host, subject.vswitch.as_deref().unwrap_or_default()),
            Origin::PortGroup | Origin::Default => object(&subject),
        };
        let position = self.locations.key(&holder, key).or_else(|| self.locations.object(&object(&subject)));
        self.findings.push(Finding {
            rule,
            object: subject,
            setting,
            value: value.value.to_string(),
            origin: Some(value.origin),
            concerns,
            position,
        });
    }
}

/// The three elements one after another.
fn elements<T>(policy: Security<T>) -> [T; 3] {
    [policy.promiscuous, policy.mac_changes, policy.forged_transmits]
}

/// What the lab file calls the subject; of an adapter, its port group.
fn object(subject: &Subject) -> Object {
    match (&subject.port_group, &subject.vswitch) {
        (Some(group), _) => Object::port_group(&subject.host, group),
        (None, Some(vswitch)) => Object::vswitch(&subject.host, vswitch),
        (None, None) => Object::Host(subject.host.clone()),
    }
}

fn at(host: &Host, port_group: &str, adapter: &str) -> Subject {
    let vswitch = host.vswitch_of(port_group).map_or("", |(_, vswitch)| vswitch.name.as_str());
    Subject::port_group(&host.name, vswitch, port_group).adapter(adapter)
}
