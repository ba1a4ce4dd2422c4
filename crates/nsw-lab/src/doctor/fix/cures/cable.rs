//! No way out, or the wrong one: an uplink that is missing, unused, or cabled to another network.

use super::Site;
use crate::doctor::change::{Change, Scope};
use crate::doctor::path::Level;
use crate::topology::Host;

/// An adapter that no vSwitch uses becomes an uplink; every uplink becomes active; an uplink is cabled to the network of
/// the other end.
pub(super) fn cures(site: &Site<'_>) -> Vec<Vec<Change>> {
    let mut cures = Vec::new();
    for level in site.levels {
        let Some(host) = site.question.lab.host(&level.at.host) else { continue };
        let Some(vswitch) = host.vswitch(&level.at.vswitch) else {
            continue;
        };
        if !vswitch.uplinks.is_empty() {
            let uplinks = vswitch.uplinks.clone();
            cures.push(vec![Change::Active { at: level.at.clone(), uplinks: uplinks.clone() }]);
            cures.extend(
                uplinks.iter().map(|uplink| {
                    vec![Change::Active { at: level.at.clone(), uplinks: vec![uplink.clone()] }]
                }),
            );
        }
        if !level.is_host {
            cures.extend(other_vswitches(host, level));
        }
        for pnic in unused(host) {
            let (host, vswitch) = (host.name.clone(), vswitch.name.clone());
            cures.push(vec![Change::AddUplink { host, vswitch, pnic: pnic.to_owned() }]);
        }
        for pnic in host.pnics.iter().filter(|pnic| vswitch.uplinks.contains(&pnic.name)) {
            let Some(now) = &pnic.segment else { continue };
            let others = site.question.lab.segments.iter().filter(|segment| segment.name != *now);
            cures.extend(others.map(|segment| {
                let (host, pnic, segment) = (host.name.clone(), pnic.name.clone(), segment.name.clone());
                vec![Change::Cable { host, pnic, segment }]
            }));
        }
    }
    cures
}

/// The frame came by another uplink than the team's: let the team be that one.
pub(super) fn only_this_uplink(site: &Site<'_>) -> Vec<Vec<Change>> {
    let place = &site.fault.at.place;
    let here = site
        .levels
        .iter()
        .find(|level| Some(&level.at.host) == place.host.as_ref() && level.at.vswitch == place.device);
    let Some(level) = here else { return Vec::new() };
    let Some(host) = site.question.lab.host(&level.at.host) else { return Vec::new() };
    let uplinks = host.vswitches.iter().filter(|vswitch| vswitch.name == level.at.vswitch);
    let each = uplinks.flat_map(|vswitch| &vswitch.uplinks);
    let at: &Scope = &level.at;
    each.map(|uplink| vec![Change::Active { at: at.clone(), uplinks: vec![uplink.clone()] }]).collect()
}

/// The VM is connected to a port group on another vSwitch of its host.
fn other_vswitches(host: &Host, level: &Level) -> Vec<Vec<Change>> {
    let others = host.vswitches.iter().filter(|vswitch| vswitch.name != level.at.vswitch);
    let groups =
        others.filter(|vswitch| !vswitch.uplinks.is_empty()).flat_map(|vswitch| &vswitch.port_groups);
    let connect = |group: &nsw_core::PortGroup| {
        let (vm, nic) = (level.owner.clone(), level.adapter.clone());
        vec![Change::Connect { vm, nic, port_group: group.name.clone() }]
    };
    // Where the level is that of a VMkernel adapter there is no such VM, and the change cannot be made.
    groups.map(connect).collect()
}

fn unused(host: &Host) -> impl Iterator<Item = &str> {
    let used = |name: &String| host.vswitches.iter().any(|vswitch| vswitch.uplinks.contains(name));
    host.pnics.iter().map(|pnic| &pnic.name).filter(move |name| !used(name)).map(String::as_str)
}
