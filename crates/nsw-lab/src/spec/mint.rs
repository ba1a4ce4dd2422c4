//! MAC addresses for adapters that the file gives none.
//!
//! A derived address depends on the names of the lab and of the adapter's owner, and on nothing else: not on the order
//! of the file, not on the host that a VM stands on. So an edit elsewhere does not change it, and neighbour tables and
//! captures stay comparable. VM and VMkernel adapters are in 00:50:56:00:00:00 to 00:50:56:3f:ff:ff, the range that
//! vSphere leaves to manual assignment; physical adapters and stations are in the locally administered 02:....
//!
//! **Invariant:** no derived address is one that the file states. Of two adapters that would get the same address (one
//! chance in four million a pair), the later in the file gets another.

use std::collections::HashSet;

use nsw_core::Mac;

use super::at::{Entries, Word};
use super::file::{HostFile, LabFile, VmFile};

/// Derives addresses for one lab.
pub(crate) struct Mint {
    lab: String,
    taken: HashSet<Mac>,
}

impl Mint {
    /// For this lab; `file` gives the addresses that are not free.
    pub(crate) fn new(lab: &str, file: &LabFile) -> Self {
        let mut taken = HashSet::new();
        let stations = file.segments.iter().flat_map(|(_, segment)| segment.stations.iter());
        stations.for_each(|(_, station)| take(&mut taken, station.mac.as_ref()));
        file.hosts.iter().for_each(|(_, host)| take_host(&mut taken, host));
        Self { lab: lab.to_owned(), taken }
    }

    /// For an adapter of a VM or a VMkernel adapter.
    pub(crate) fn virtual_adapter(&mut self, owner: &str, adapter: &str) -> Mac {
        self.free(owner, adapter, |[_, _, _, a, b, c]| Mac::new([0x00, 0x50, 0x56, a & 0x3f, b, c]))
    }

    /// For a physical adapter or a station.
    pub(crate) fn physical_adapter(&mut self, owner: &str, adapter: &str) -> Mac {
        self.free(owner, adapter, |[_, a, b, c, d, e]| Mac::new([0x02, a, b, c, d, e]))
    }

    fn free(&mut self, owner: &str, adapter: &str, shape: impl Fn([u8; 6]) -> Mac) -> Mac {
        let mut seed = hash(&[&self.lab, owner, adapter]);
        // The ranges are larger than what a file of limited size can take; the bound only makes that evident.
        for _ in 0..1 << 20 {
            let [a, b, c, d, e, f, ..] = seed.to_be_bytes();
            let mac = shape([a, b, c, d, e, f]);
            if self.taken.insert(mac) {
                return mac;
            }
            seed = mix(seed.wrapping_add(1));
        }
        Mac::new([0x02, 0, 0, 0, 0, 0])
    }
}

fn take_host(taken: &mut HashSet<Mac>, host: &HostFile) {
    host.vmnics.iter().for_each(|(_, vmnic)| take(taken, vmnic.mac.as_ref()));
    host.vmkernel.iter().for_each(|(_, vmkernel)| take(taken, vmkernel.mac.as_ref()));
    host.vms.iter().for_each(|(_, vm)| take_vm(taken, vm));
}

fn take_vm(taken: &mut HashSet<Mac>, vm: &VmFile) {
    take(taken, vm.mac.as_ref());
    take(taken, vm.guest_mac.as_ref());
    for (_, nic) in vm.nics.iter().flat_map(Entries::iter) {
        take(taken, nic.mac.as_ref());
        take(taken, nic.guest_mac.as_ref());
    }
    vm.host.iter().for_each(|host| take_host(taken, host));
}

fn take(taken: &mut HashSet<Mac>, word: Option<&Word>) {
    taken.extend(word.and_then(|word| word.value.parse::<Mac>().ok()));
}

/// A hash that is the same in every build: FNV-1a over the parts, then mixed so that all bits depend on all.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    mix(bytes
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// The finalizer of splitmix64.
fn mix(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}
