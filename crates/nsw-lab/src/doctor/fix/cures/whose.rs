//! One address on two adapters: one of them gets another. And the other way round: the only VM in a nested host gets the
//! address that the outer switch knows.

use nsw_core::Mac;

use super::Site;
use crate::doctor::change::Change;
use crate::doctor::path::Level;
use crate::doctor::why::Question;
use crate::topology::{Guest, Host};

/// Somebody else has the address of an end.
pub(super) fn cures(question: &Question) -> Vec<Vec<Change>> {
    let macs = question.ends().map(|end| end.mac);
    let mut cures = Vec::new();
    for (_, host) in question.lab.all_hosts() {
        let fresh = host.pnics.first().map(|pnic| pnic.mac);
        for vmk in host.vmkernels.iter().filter(|vmk| macs.contains(&vmk.mac)) {
            for mac in fresh.into_iter().filter(|mac| *mac != vmk.mac) {
                let (host, vmk) = (host.name.clone(), vmk.name.clone());
                cures.push(vec![Change::VmkernelMac { host, vmk, mac }]);
            }
        }
        for vm in &host.vms {
            for nic in vm.nics.iter().filter(|nic| macs.contains(&nic.mac)) {
                let mac = free_mac(question, nic.mac);
                cures.push(vec![Change::VnicMac { vm: vm.name.clone(), nic: nic.name.clone(), mac }]);
            }
        }
    }
    cures
}

/// The end inside the nested host of this level takes the address of its adapter, if it is the only one that could.
pub(super) fn the_address_of(site: &Site<'_>, level: &Level) -> Vec<Vec<Change>> {
    let Some(host) = site.question.lab.host(&level.owner) else { return Vec::new() };
    let shared = host.descend().iter().any(|(_, host)| host.vmkernels.iter().any(|vmk| vmk.mac == level.mac));
    let Some((vm, nic)) = only_adapter(host).filter(|_| !shared) else { return Vec::new() };
    vec![vec![Change::VnicMac { vm, nic, mac: level.mac }]]
}

/// The adapter of the only VM in a host without nested hosts and VMkernel adapters besides.
fn only_adapter(host: &Host) -> Option<(String, String)> {
    let [vm] = host.vms.as_slice() else { return None };
    let [nic] = vm.nics.as_slice() else { return None };
    (vm.guest == Guest::Os && nic.guest_mac.is_none()).then(|| (vm.name.clone(), nic.name.clone()))
}

/// The next address after `mac` that nobody has.
fn free_mac(question: &Question, mac: Mac) -> Mac {
    let taken = |mac: &Mac| {
        let hosts = question.lab.all_hosts();
        let of_host = |host: &Host| {
            host.pnics.iter().any(|pnic| pnic.mac == *mac)
                || host.vmkernels.iter().any(|vmk| vmk.mac == *mac)
                || host.vms.iter().flat_map(|vm| &vm.nics).any(|nic| nic.mac == *mac)
        };
        hosts.iter().any(|(_, host)| of_host(host))
            || question.lab.segments.iter().flat_map(|segment| &segment.stations).any(|s| s.mac == *mac)
    };
    let next = |step: u8| {
        let [a, b, c, d, e, f] = mac.octets();
        Mac::new([a, b, c, d, e, f.wrapping_add(step)])
    };
    (1..=u8::MAX).map(next).find(|mac| !taken(mac)).unwrap_or(mac)
}
