//! On which paths the program listens for beacons, and which it heard.
//!
//! A beacon ends in the program, and whoever judges the paths must hear of it (rule T-9). The drop ring would lose some when
//! many frames are dropped, so each path that may be heard has an entry of its own: the program marks it, and it is
//! unmarked when it is read.
//!
//! **Invariant:** entries are made here only. A flood of beacons that nobody waits for takes no room and displaces none.

use std::collections::{BTreeSet, HashSet};

use nsw_core::image::Image;
use nsw_core::{Beacon, Client, PortId, VlanId};

use super::error::{Beyond, KernelError};
use super::layout::{PATHS, Path};
use super::maps::Maps;

const UNHEARD: u32 = 0;

/// The paths that have an entry.
#[derive(Debug)]
pub(super) struct Ears(HashSet<Path>);

impl Ears {
    /// As the map has them now.
    pub(super) fn open(maps: &Maps) -> Result<Self, KernelError> {
        Ok(Self(maps.heard.keys()?.into_iter().collect()))
    }

    /// Listens on `paths` and on no others.
    pub(super) fn follow(&mut self, maps: &Maps, paths: HashSet<Path>) -> Result<(), KernelError> {
        for path in paths.difference(&self.0) {
            maps.heard.set(path, &UNHEARD)?;
        }
        for path in self.0.difference(&paths) {
            maps.heard.remove(path)?;
        }
        self.0 = paths;
        Ok(())
    }

    /// What was heard since this was asked last.
    pub(super) fn take(&self, maps: &Maps) -> Result<BTreeSet<(PortId, Beacon)>, KernelError> {
        let mut heard = BTreeSet::new();
        for path in &self.0 {
            if maps.heard.get(path)?.is_some_and(|mark| mark != UNHEARD) {
                // One that comes in between says the same.
                maps.heard.set(path, &UNHEARD)?;
                heard.extend(read(path));
            }
        }
        Ok(heard)
    }
}

fn read(path: &Path) -> Option<(PortId, Beacon)> {
    let vlan = VlanId::new(u16::try_from(path.vlan).ok()?)?;
    Some((PortId::from_number(path.ear), Beacon { vlan, sender: PortId::from_number(path.sender) }))
}

/// Every way that a beacon of the switch's own may take: from each uplink to each other, in each VLAN that is probed.
pub(super) fn paths(image: &Image<'_>) -> Result<HashSet<Path>, Beyond> {
    let vlans: HashSet<VlanId> = image.groups.iter().filter_map(|group| group.probed).collect();
    let uplinks: Vec<u32> = image
        .ports
        .iter()
        .filter(|port| port.client == Client::Uplink)
        .map(|port| port.id.number())
        .collect();
    if vlans.len() * uplinks.len() * uplinks.len().saturating_sub(1) > PATHS {
        return Err(Beyond::Paths(PATHS));
    }
    let of_vlan = |vlan: VlanId| {
        let pairs = uplinks.iter().flat_map(|ear| uplinks.iter().map(move |sender| (*ear, *sender)));
        pairs.filter(|(ear, sender)| ear != sender).map(move |(ear, sender)| Path {
            ear,
            sender,
            vlan: u32::from(vlan.get()),
        })
    };
    Ok(vlans.into_iter().flat_map(of_vlan).collect())
}
