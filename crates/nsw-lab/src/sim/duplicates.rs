//! MAC addresses that several adapters of one vSwitch have in a VLAN in which they meet: each is given what is for it (rule F-7).
//!
//! Which address an adapter has in the end depends on what its guest sets and what the policy grants, so the tables are
//! asked, once the whole lab is wired.

use std::collections::HashSet;

use super::world::World;
use crate::topology::{Host, Lab};

/// An address at several adapters that meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedMac {
    /// The host.
    pub host: String,
    /// Its vSwitch.
    pub vswitch: String,
    /// The address.
    pub mac: nsw_core::Mac,
    /// The ports of the adapters, by name and in the order of their numbers.
    pub ports: Vec<String>,
}

/// The addresses that are shared, by vSwitch; none for a lab that cannot be built.
pub fn shared_macs(lab: &Lab) -> Vec<SharedMac> {
    if !lab.all_hosts().into_iter().any(|(_, host)| has_an_address_twice(host)) {
        return Vec::new();
    }
    let Ok(world) = World::new(lab) else { return Vec::new() };
    let of_switch = |id| {
        let ((host, switch), tables) = (world.switch(id), world.tables(id));
        let shared = |duplicate: nsw_core::DuplicateMac| SharedMac {
            host: host.to_owned(),
            vswitch: switch.config().name.clone(),
            mac: duplicate.mac,
            ports: duplicate.ports.iter().map(|port| tables.port_name(*port).to_owned()).collect(),
        };
        tables.duplicate_macs().into_iter().map(shared).collect::<Vec<_>>()
    };
    world.switch_ids().flat_map(of_switch).collect()
}

/// A hint only, so that most labs are not wired for it: the adapters may be on different vSwitches or VLANs.
fn has_an_address_twice(host: &Host) -> bool {
    let nics = host.vms.iter().flat_map(|vm| &vm.nics);
    let of_vms = nics.flat_map(|nic| [Some(nic.mac), nic.guest_mac.filter(|mac| *mac != nic.mac)]);
    let mut macs = host.vmkernels.iter().map(|adapter| adapter.mac).chain(of_vms.flatten());
    let mut seen = HashSet::new();
    macs.any(|mac| !seen.insert(mac))
}
