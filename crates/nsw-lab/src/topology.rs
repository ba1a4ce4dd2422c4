//! A lab as it is meant: segments, hosts, switches, VMs, and hosts inside VMs to any depth.
//!
//! This is the domain model between the lab file (`spec`) and everything that uses a lab: the simulator, the live lab,
//! the trace. It is checked: every name resolves, no MAC stands twice on purpose unseen, every uplink has one owner.
//! Whoever holds a [`Lab`] need not check again.
//!
//! **Invariant:** a host knows its own switches and VMs only; that a VM *is* a host stands in [`Vm::guest`], and nothing
//! in the inner [`Host`] points outwards. The wiring between levels is by place: adapter `n` of the VM is the
//! physical adapter of the same name of the host inside.

use std::net::IpAddr;

use nsw_core::{Mac, VSwitch, VlanId};

/// A whole lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lab {
    /// Its name; two labs of different names run side by side.
    pub name: String,
    /// The physical networks: learning switches.
    pub segments: Vec<Segment>,
    /// The physical hosts.
    pub hosts: Vec<Host>,
}

/// A physical network: a learning switch with end stations on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its name, as `office`.
    pub name: String,
    /// End stations connected to it.
    pub stations: Vec<Station>,
}

/// An end station on a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Station {
    /// Its name, unique in the lab.
    pub name: String,
    /// Its MAC.
    pub mac: Mac,
    /// The VLAN it is in: 0 on an access port, 1 to 4094 if its port is a trunk and the station tags.
    pub vlan: u16,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// An IP address with its prefix length in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The address.
    pub ip: IpAddr,
    /// Bits of the network part, 0 to 32 or 0 to 128.
    pub prefix_len: u8,
}

/// A host, physical or nested: the two do not differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its name, unique in the lab. A nested host has the name of its VM.
    pub name: String,
    /// Its physical adapters. In a nested host they are the adapters of the VM it runs in.
    pub pnics: Vec<Pnic>,
    /// Its vSwitches; each with a portset of its place, counted from 1.
    pub vswitches: Vec<VSwitch>,
    /// Its VMkernel adapters.
    pub vmkernels: Vec<Vmkernel>,
    /// Its VMs.
    pub vms: Vec<Vm>,
}

/// A physical adapter of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pnic {
    /// Its name, as `vmnic0`.
    pub name: String,
    /// Its MAC.
    pub mac: Mac,
    /// The segment it is cabled to; `None` in a nested host, whose adapters are wired by the VM around it.
    pub segment: Option<String>,
}

/// A VMkernel adapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vmkernel {
    /// Its name, as `vmk0`.
    pub name: String,
    /// Its port group.
    pub port_group: String,
    /// Its MAC; on a fresh install `vmk0` has the MAC of the first physical adapter.
    pub mac: Mac,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// A VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vm {
    /// Its name, unique in the lab.
    pub name: String,
    /// Its network adapters.
    pub nics: Vec<Vnic>,
    /// What runs in it.
    pub guest: Guest,
}

/// A network adapter of a VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vnic {
    /// Its name in the guest, as `eth0`; `vmnic0` in a nested host.
    pub name: String,
    /// Its port group.
    pub port_group: String,
    /// Its initial MAC.
    pub mac: Mac,
    /// The MAC that the guest sets once it runs, if another.
    pub guest_mac: Option<Mac>,
    /// The guest puts the adapter into promiscuous mode, as a sniffer does.
    pub promiscuous: bool,
    /// The 802.1Q id that the guest tags with, 0 for none.
    pub vlan: u16,
    /// The VLANs that its adapter lets in where the guest tags; `None` is all.
    pub vlan_filter: Option<Vec<VlanId>>,
    /// Its addresses.
    pub addresses: Vec<Address>,
}

/// What runs in a VM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guest {
    /// An ordinary operating system.
    Os,
    /// An operating system that forwards between the VM's adapters, as a software bridge or a transparent firewall.
    Bridge,
    /// A host with VMs of its own.
    Host(Box<Host>),
}

impl Host {
    /// The vSwitch that has this port group, and its place. Port group names are unique on a host.
    pub fn vswitch_of(&self, port_group: &str) -> Option<(usize, &VSwitch)> {
        self.vswitches.iter().enumerate().find(|(_, vswitch)| vswitch.port_group(port_group).is_some())
    }

    /// The vSwitch with this name.
    pub fn vswitch(&self, name: &str) -> Option<&VSwitch> {
        self.vswitches.iter().find(|vswitch| vswitch.name == name)
    }

    /// The VM with this name, on this host only.
    pub fn vm(&self, name: &str) -> Option<&Vm> {
        self.vms.iter().find(|vm| vm.name == name)
    }

    /// This host and every host nested in it, outermost first, each with its depth (0 for this one).
    pub fn descend(&self) -> Vec<(usize, &Host)> {
        let mut found = vec![(0, self)];
        let mut next = 0;
        while let Some(&(depth, host)) = found.get(next) {
            found.extend(host.nested().map(|inner| (depth + 1, inner)));
            next += 1;
        }
        found
    }

    fn nested(&self) -> impl Iterator<Item = &Host> {
        self.vms.iter().filter_map(|vm| match &vm.guest {
            Guest::Host(host) => Some(&**host),
            Guest::Os | Guest::Bridge => None,
        })
    }
}

impl Lab {
    /// Every host of the lab, outermost first, each with its depth.
    pub fn all_hosts(&self) -> Vec<(usize, &Host)> {
        self.hosts.iter().flat_map(Host::descend).collect()
    }

    /// The host with this name, at whatever depth.
    pub fn host(&self, name: &str) -> Option<&Host> {
        self.all_hosts().into_iter().map(|(_, host)| host).find(|host| host.name == name)
    }
}
