//! The keys that lead to an object of a lab in its file.

use crate::doctor::change::{Scope, host_of_vm};
use crate::topology::Lab;

pub(super) struct Paths<'l> {
    pub(super) lab: &'l Lab,
}

impl Paths<'_> {
    /// A nested host stands in its VM, that VM in its host, and so on outwards.
    fn host(&self, name: &str) -> Vec<String> {
        if self.lab.hosts.iter().any(|host| host.name == name) {
            return words(&["hosts", name]);
        }
        let mut path = self.vm(name);
        path.push("host".to_owned());
        path
    }

    fn vm(&self, name: &str) -> Vec<String> {
        match host_of_vm(self.lab, name) {
            Some(host) => [self.host(host), words(&["vms", name])].concat(),
            None => words(&["hosts", name]),
        }
    }

    /// In the short form the keys of the only adapter stand at the VM; [`super::tree::Tree`] looks which it is.
    pub(super) fn nic(&self, vm: &str, nic: &str) -> Vec<String> {
        [self.vm(vm), words(&["nics?", nic])].concat()
    }

    pub(super) fn vswitch(&self, host: &str, name: &str) -> Vec<String> {
        [self.host(host), words(&["vswitches", name])].concat()
    }

    pub(super) fn port_group(&self, host: &str, name: &str) -> Vec<String> {
        let on = self.lab.host(host).and_then(|found| found.vswitch_of(name));
        let vswitch = on.map_or("", |(_, vswitch)| vswitch.name.as_str());
        [self.vswitch(host, vswitch), words(&["port-groups", name])].concat()
    }

    pub(super) fn scope(&self, at: &Scope) -> Vec<String> {
        match &at.port_group {
            Some(name) => self.port_group(&at.host, name),
            None => self.vswitch(&at.host, &at.vswitch),
        }
    }

    pub(super) fn vmkernel(&self, host: &str, name: &str) -> Vec<String> {
        [self.host(host), words(&["vmkernel", name])].concat()
    }

    pub(super) fn vmnic(&self, host: &str, name: &str) -> Vec<String> {
        [self.host(host), words(&["vmnics", name])].concat()
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
