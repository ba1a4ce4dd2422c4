//! A VLAN that does not fit: another id on a port group of the way, or another tag of a guest. The ids are those that
//! stand on the way already, for a fix invents no VLAN.

use std::collections::BTreeSet;

use super::Site;
use crate::doctor::change::Change;
use crate::sim::EndpointKind;

const TRUNK: u16 = 4095;

pub(super) fn cures(site: &Site<'_>) -> Vec<Vec<Change>> {
    let ids = ids_on_the_way(site);
    let mut cures = Vec::new();
    for level in site.levels {
        let Some(port_group) = &level.at.port_group else { continue };
        let now = site
            .question
            .lab
            .host(&level.at.host)
            .and_then(|host| Some(host.vswitch_of(port_group)?.1.port_group(port_group)?.vlan.id()));
        let trunk = if level.is_host { Some(TRUNK) } else { None };
        for id in ids.iter().copied().chain(trunk).filter(|id| Some(*id) != now) {
            let (host, port_group) = (level.at.host.clone(), port_group.clone());
            cures.push(vec![Change::Vlan { host, port_group, id }]);
        }
    }
    for (end, level) in site.question.ends().into_iter().zip(site.question.levels()) {
        let Some(own) = level.first().filter(|_| end.kind == EndpointKind::Vnic) else { continue };
        for id in ids.iter().copied().filter(|id| *id != end.vlan && *id != TRUNK) {
            let (vm, nic) = (own.owner.clone(), own.adapter.clone());
            cures.push(vec![Change::GuestVlan { vm, nic, id }]);
        }
    }
    cures
}

fn ids_on_the_way(site: &Site<'_>) -> BTreeSet<u16> {
    let of_level = |level: &super::Level| {
        let host = site.question.lab.host(&level.at.host)?;
        let name = level.at.port_group.as_ref()?;
        Some(host.vswitch_of(name)?.1.port_group(name)?.vlan.id())
    };
    let groups = site.levels.iter().filter_map(of_level).filter(|id| *id != TRUNK);
    groups.chain(site.question.ends().map(|end| end.vlan)).chain([0]).collect()
}
