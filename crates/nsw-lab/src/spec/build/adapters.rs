//! VMs, their adapters, and VMkernel adapters: what is connected to a host's switches.

use nsw_core::{Mac, VlanId};

use super::{Build, MAX_DEPTH, Site};
use crate::spec::at::{Word, Words};
use crate::spec::diagnostics::Draft;
use crate::spec::file::{HostFile, NicFile, VmFile, VmkernelFile};
use crate::spec::locations::Object;
use crate::spec::registry::{MacUse, Side};
use crate::spec::suggest;
use crate::topology::{Address, Guest, Host, Pnic, Vm, Vmkernel, Vnic};

/// Adapters of a VM, as in vSphere.
const MAX_NICS: usize = 10;

impl Build<'_> {
    pub(super) fn vmkernels(&mut self, site: &Site<'_>) -> Vec<Vmkernel> {
        site.file.vmkernel.iter().map(|(name, file)| self.vmkernel(site, name, file)).collect()
    }

    fn vmkernel(&mut self, site: &Site<'_>, name: &Word, file: &VmkernelFile) -> Vmkernel {
        let owner = format!("VMkernel adapter `{}` of host `{}`", name.value, site.host);
        self.reader(&owner).vmkernel_name(name);
        if site.pnics.iter().any(|pnic| pnic.name == name.value) {
            let message = format!("{owner} has the name of a physical adapter of the host");
            self.problems.error(Draft::new(name.span, message));
        }
        let object = Object::Vmkernel { host: site.host.to_owned(), name: name.value.clone() };
        self.locations.add(object, name.span.into());
        let stated = self.reader(&owner).mac("mac", file.mac.as_ref());
        let mac = stated.unwrap_or_else(|| self.vmkernel_mac(site, &name.value));
        let side = Side::Vmkernel(site.host.to_owned());
        let allow = file.allow_duplicate_mac.as_ref();
        let at = file.mac.as_ref().unwrap_or(name);
        self.register_mac(&owner, mac, at, allow, side);
        self.adapters.add(site.host, name.value.clone(), &owner, at, None);
        Vmkernel {
            name: name.value.clone(),
            port_group: self.connect(site, &owner, name, file.port_group.as_ref()),
            mac,
            addresses: self.addresses(&owner, &file.address),
        }
    }

    /// A fresh install gives `vmk0` the address of the first physical adapter.
    fn vmkernel_mac(&mut self, site: &Site<'_>, name: &str) -> Mac {
        match site.pnics.first() {
            Some(first) if name == "vmk0" => first.mac,
            _ => self.mint.virtual_adapter(site.host, name),
        }
    }

    pub(super) fn vm(&mut self, site: &Site<'_>, name: &Word, file: &VmFile) -> Vm {
        let owner = format!("VM `{}`", name.value);
        self.reader(&owner).hostname(name);
        self.registry.name(self.problems, "VM", name);
        self.locations.add(Object::Vm(name.value.clone()), name.span.into());
        let nested = file.host.is_some();
        let nics = self.nics_of(&owner, name, file);
        if file.bridge.as_ref().is_some_and(|word| word.value == "true") && !nested {
            nics.iter().for_each(|(nic, file)| self.check_bridged_nic(&owner, nic, file));
        }
        let nics: Vec<Vnic> =
            nics.iter().map(|(nic, file)| self.vnic(site, name, nic, file, nested)).collect();
        let bridge = self.reader(&owner).boolean("bridge", file.bridge.as_ref()) == Some(true);
        let guest = match &file.host {
            Some(host) => {
                self.check_host_is_no_bridge(&owner, bridge, file);
                self.nested_host(site, name, host, &nics)
            }
            None if bridge => Guest::Bridge,
            None => Guest::Os,
        };
        Vm { name: name.value.clone(), nics, guest }
    }

    /// The adapters, from the long form or the short one.
    fn nics_of(&mut self, owner: &str, name: &Word, file: &VmFile) -> Vec<(Word, NicFile)> {
        let only = if file.host.is_some() { "vmnic0" } else { "eth0" };
        let short = file.short_form();
        if let (Some(_), Some(word)) = (&file.nics, short.as_ref().and_then(NicFile::first_word)) {
            let message = format!("{owner} has `nics` and also keys of a single adapter");
            let help = "`port-group`, `address` and their like belong to each of the `nics`";
            self.problems.error(Draft::new(word.span, message).help(help));
        }
        let nics = match (&file.nics, short) {
            (Some(nics), _) => nics.0.clone(),
            (None, Some(nic)) => vec![(Word { value: only.to_owned(), span: name.span }, nic)],
            (None, None) => Vec::new(),
        };
        if nics.is_empty() {
            let nested = if file.host.is_some() { ", so the host in it has no physical adapter" } else { "" };
            let draft = Draft::new(name.span, format!("{owner} has no network adapter{nested}"));
            self.problems.warning(draft.help("`port-group` gives it one"));
        }
        self.at_most(MAX_NICS, &nics, |(nic, _)| nic, owner, "network adapters");
        nics
    }

    fn vnic(&mut self, site: &Site<'_>, vm: &Word, name: &Word, file: &NicFile, nested: bool) -> Vnic {
        let owner = format!("adapter `{}` of VM `{}`", name.value, vm.value);
        self.reader(&owner).device(name);
        self.locations.add(Object::Vnic { vm: vm.value.clone(), name: name.value.clone() }, name.span.into());
        if nested {
            let object = Object::Pnic { host: vm.value.clone(), name: name.value.clone() };
            self.locations.add(object, name.span.into());
            self.check_nested_nic(&owner, file);
        }
        let stated = self.reader(&owner).mac("mac", file.mac.as_ref());
        let mac = stated.unwrap_or_else(|| self.mint.virtual_adapter(&vm.value, &name.value));
        let side = if nested { Side::Physical(vm.value.clone()) } else { Side::Guest };
        let allow = file.allow_duplicate_mac.as_ref();
        let at = file.mac.as_ref().unwrap_or(name);
        self.register_mac(&owner, mac, at, allow, side);
        let port_group = self.connect(site, &owner, name, file.port_group.as_ref());
        let vlan_filter = self.vlan_filter(&owner, file);
        let mut reader = self.reader(&owner);
        let vnic = Vnic {
            name: name.value.clone(),
            mac,
            guest_mac: reader.mac("guest-mac", file.guest_mac.as_ref()),
            promiscuous: reader.boolean("promiscuous", file.promiscuous.as_ref()).unwrap_or(false),
            vlan: reader.guest_vlan(file.vlan.as_ref()).unwrap_or(0),
            vlan_filter,
            addresses: self.addresses(&owner, &file.address),
            port_group,
        };
        let port = format!("{}.{}", vm.value, name.value);
        self.adapters.add(site.host, port, &owner, at, vnic.guest_mac.zip(file.guest_mac.as_ref()));
        self.warn_of_lost_tag(site, &owner, &vnic, file);
        self.warn_of_useless_filter(site, &owner, &vnic, file);
        vnic
    }

    fn check_host_is_no_bridge(&mut self, owner: &str, bridge: bool, file: &VmFile) {
        if let Some(word) = file.bridge.as_ref().filter(|_| bridge) {
            let message = format!("{owner} cannot be a bridge: it is a host");
            let help = "the vSwitches under `host` forward between its adapters, or do not";
            self.problems.error(Draft::new(word.span, message).help(help));
        }
    }

    /// An adapter in a bridge belongs to the bridge: nobody talks from it, and it hears everything.
    fn check_bridged_nic(&mut self, owner: &str, name: &Word, file: &NicFile) {
        let words = [
            ("address", file.address.0.first()),
            ("vlan", file.vlan.as_ref()),
            ("vlan-filter", file.vlan_filter.as_ref().and_then(|words| words.first())),
            ("guest-mac", file.guest_mac.as_ref()),
            ("promiscuous", file.promiscuous.as_ref()),
        ];
        for (key, word) in words {
            if let Some(word) = word {
                let message = format!(
                    "adapter `{}` of {owner} cannot have `{key}`: the guest bridges its adapters",
                    name.value
                );
                let help = "an adapter in a bridge forwards and does nothing else";
                self.problems.error(Draft::new(word.span, message).help(help));
            }
        }
    }

    /// What a nested host does with its adapters, its own switch decides.
    fn check_nested_nic(&mut self, owner: &str, file: &NicFile) {
        let mut refuse = |key: &str, word: Option<&Word>, help: &str| {
            if let Some(word) = word {
                let message =
                    format!("{owner} cannot have `{key}`: it is a physical adapter of the host in the VM");
                self.problems.error(Draft::new(word.span, message).help(help));
            }
        };
        refuse("address", file.address.0.first(), "give the address to a VMkernel adapter under `host`");
        refuse(
            "promiscuous",
            file.promiscuous.as_ref(),
            "a host always asks for promiscuous mode on its uplinks",
        );
        refuse("guest-mac", file.guest_mac.as_ref(), "a host keeps the MAC addresses of its adapters");
        refuse("vlan", file.vlan.as_ref(), "the port groups under `host` tag");
        let filter = file.vlan_filter.as_ref().and_then(|words| words.first());
        refuse("vlan-filter", filter, "a host takes every VLAN on its uplinks");
    }

    fn vlan_filter(&mut self, owner: &str, file: &NicFile) -> Option<Vec<VlanId>> {
        let words = file.vlan_filter.as_ref()?;
        Some(words.iter().filter_map(|word| self.reader(owner).wanted_vlan(word)).collect())
    }

    fn warn_of_useless_filter(&mut self, site: &Site<'_>, owner: &str, vnic: &Vnic, file: &NicFile) {
        let Some(word) = file.vlan_filter.as_ref().and_then(|words| words.first()) else { return };
        let tagged = VlanId::new(VlanId::MAX).is_some_and(|vlan| site.lets_guest_tag(&vnic.port_group, vlan));
        if !tagged {
            let message = format!(
                "{owner} filters VLANs, and port group `{}` gives it what is untagged only",
                vnic.port_group
            );
            let help = "`vlan-filter` matters in a port group with VLAN 4095 (`trunk`) only";
            self.problems.warning(Draft::new(word.span, message).help(help));
        }
    }

    fn warn_of_lost_tag(&mut self, site: &Site<'_>, owner: &str, vnic: &Vnic, file: &NicFile) {
        let (Some(vlan), Some(word)) = (VlanId::new(vnic.vlan), &file.vlan) else { return };
        if !site.lets_guest_tag(&vnic.port_group, vlan) {
            let message = format!("{owner} tags, and port group `{}` drops what is tagged", vnic.port_group);
            let help = "a guest can tag in a port group with VLAN 4095 (`trunk`) only";
            self.problems.warning(Draft::new(word.span, message).help(help));
        }
    }

    fn nested_host(&mut self, site: &Site<'_>, name: &Word, file: &HostFile, nics: &[Vnic]) -> Guest {
        if let Some(vmnic) = file.vmnics.keys().next() {
            let message = format!("nested host `{}` cannot have `vmnics`", name.value);
            let help =
                "its physical adapters are the adapters of its VM; describe them under `nics` of the VM";
            self.problems.error(Draft::new(vmnic.span, message).help(help));
        }
        self.locations.add(Object::Host(name.value.clone()), name.span.into());
        let pnics: Vec<Pnic> =
            nics.iter().map(|nic| Pnic { name: nic.name.clone(), mac: nic.mac, segment: None }).collect();
        let depth = site.depth + 1;
        if depth > MAX_DEPTH {
            let message = format!("host `{}` is nested more than {MAX_DEPTH} deep", name.value);
            self.problems.error(Draft::new(name.span, message));
            let name = name.value.clone();
            let (vswitches, vmkernels, vms) = (Vec::new(), Vec::new(), Vec::new());
            return Guest::Host(Box::new(Host { name, pnics, vswitches, vmkernels, vms }));
        }
        Guest::Host(Box::new(self.host(name, file, pnics, depth)))
    }

    /// The port group that an adapter is connected to; `name` is the adapter, to point at.
    fn connect(&mut self, site: &Site<'_>, owner: &str, name: &Word, port_group: Option<&Word>) -> String {
        let known = || site.port_groups().map(|(name, _)| name.value.as_str());
        let Some(word) = port_group else {
            let draft = Draft::new(name.span, format!("{owner} is connected to no port group"));
            let there = suggest::hint("", known()).map_or(String::new(), |there| format!("; {there}"));
            self.problems.error(draft.help(format!("add the key `port-group`{there}")));
            return String::new();
        };
        if !known().any(|known| known == word.value) {
            let message = format!(
                "{owner} is connected to port group `{}`, which host `{}` does not have",
                word.value, site.host
            );
            let help = suggest::hint(&word.value, known());
            self.problems.error(Draft::new(word.span, message).maybe_help(help));
        }
        word.value.clone()
    }

    pub(super) fn addresses(&mut self, owner: &str, words: &Words) -> Vec<Address> {
        let mut addresses = Vec::new();
        for word in &words.0 {
            let Some(address) = self.reader(owner).address(word) else { continue };
            self.registry.address(self.problems, owner, address.ip, word.span);
            addresses.push(address);
        }
        addresses
    }

    /// `at` is where the file states the address, else the name of the adapter.
    pub(super) fn register_mac(
        &mut self,
        owner: &str,
        mac: Mac,
        at: &Word,
        allow: Option<&Word>,
        side: Side,
    ) {
        let allow = self.reader(owner).boolean("allow-duplicate-mac", allow).unwrap_or(false);
        let new = MacUse { owner: owner.to_owned(), span: at.span, allow, side };
        self.registry.mac(self.problems, mac, new);
    }
}
