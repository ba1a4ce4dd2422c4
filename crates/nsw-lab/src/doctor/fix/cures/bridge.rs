//! A guest that bridges its adapters: it hands frames on for others, as a nested host does, and what comes back to it by
//! a second uplink teaches it wrong.

use super::Site;
use crate::doctor::change::{Change, Scope};
use crate::doctor::path::Level;
use crate::sim::Place;
use crate::topology::{Guest, Host, Vm, Vnic};

/// The adapter of a bridging guest that was refused the frame, or that it came from.
pub(super) fn level(site: &Site<'_>) -> Option<Level> {
    let refused = site.fault.because.iter().map(|cause| &cause.place);
    refused.chain([&site.fault.at.place]).find_map(|place| bridging(site, place))
}

/// The frame was flooded back to the bridge by another uplink: there the check keeps it away.
pub(super) fn not_back(site: &Site<'_>) -> Vec<Vec<Change>> {
    let port = site.fault.at.place.port.as_deref().unwrap_or_default();
    let Some((name, nic)) = port.split_once('/') else { return Vec::new() };
    let guest = guests(site).find(|(_, vm)| vm.name == name);
    let found = guest.and_then(|(host, vm)| level_of(host, vm, vm.nics.iter().find(|n| n.name == nic)?));
    let check = |at: Scope| vec![Change::CheckPromiscuous { host: at.host, vswitch: at.vswitch }];
    found.into_iter().map(|level| check(level.at)).collect()
}

fn bridging(site: &Site<'_>, place: &Place) -> Option<Level> {
    let (host, port) = (place.host.as_ref()?, place.port.as_ref()?);
    let mut here = guests(site).filter(|(at, _)| at.name == *host);
    here.find_map(|(host, vm)| {
        let nic = vm.nics.iter().find(|nic| *port == format!("{}.{}", vm.name, nic.name))?;
        level_of(host, vm, nic)
    })
}

fn guests<'q>(site: &Site<'q>) -> impl Iterator<Item = (&'q Host, &'q Vm)> {
    let hosts = site.question.lab.all_hosts().into_iter().map(|(_, host)| host);
    let vms = hosts.flat_map(|host| host.vms.iter().map(move |vm| (host, vm)));
    vms.filter(|(_, vm)| vm.guest == Guest::Bridge)
}

fn level_of(host: &Host, vm: &Vm, nic: &Vnic) -> Option<Level> {
    let (_, vswitch) = host.vswitch_of(&nic.port_group)?;
    Some(Level {
        at: Scope::group(&host.name, &vswitch.name, &nic.port_group),
        port: format!("{}.{}", vm.name, nic.name),
        owner: vm.name.clone(),
        adapter: nic.name.clone(),
        mac: nic.mac,
        is_host: true,
    })
}
