//! `policy failover get` and `set`, of a vSwitch and of a port group.
//!
//! What is in force where nobody set anything is the core's default. Labels of the overrides are as in the client's words;
//! esxcli's own were not found.

use nsw_core::{FailureDetection, LoadBalancing, NicOrder, Probing, Teaming};

use super::records::{Field, Record, Records};
use super::{change, no_port_group, no_vswitch, vswitch_mut};
use crate::cli::{
    Balancing, FailoverSettings, FailureDetection as Detection, PortgroupFailover, VswitchFailover,
};
use crate::commands::output::Failure;
use crate::host::client::Client;
use crate::host::document::{
    FailureDetectionDocument, HostDocument, LoadBalancingDocument, OrderDocument, TeamingDocument,
};

pub(super) fn vswitch(client: &Client, command: &VswitchFailover) -> Result<Records, Failure> {
    match command {
        VswitchFailover::Get { vswitch_name } => {
            let document: HostDocument = client.get("/v1/config")?;
            let vswitch = document.vswitches.iter().find(|vswitch| vswitch.name == *vswitch_name);
            let core = vswitch.ok_or_else(|| no_vswitch(vswitch_name))?.to_core().map_err(Failure::new)?;
            let fields = in_force(&core.uplinks, &core.teaming, &Teaming::default());
            Ok(Records::Blocks(vec![Record { heading: None, fields }]))
        }
        VswitchFailover::Set { vswitch_name, settings } => change(client, |host| {
            let vswitch = vswitch_mut(host, vswitch_name)?;
            let inherited = active_of(&vswitch.uplinks, None);
            apply(settings, &mut vswitch.teaming, inherited);
            Ok(())
        }),
    }
}

pub(super) fn portgroup(client: &Client, command: &PortgroupFailover) -> Result<Records, Failure> {
    match command {
        PortgroupFailover::Get { portgroup_name } => {
            let document: HostDocument = client.get("/v1/config")?;
            let vswitch = document.vswitch_of(portgroup_name).ok_or_else(|| no_port_group(portgroup_name))?;
            let core = vswitch.to_core().map_err(Failure::new)?;
            let group = core.port_group(portgroup_name).ok_or_else(|| no_port_group(portgroup_name))?;
            let own = &group.teaming;
            let mut fields = in_force(&core.uplinks, own, &core.teaming);
            fields.extend([
                Field::boolean("Override Vswitch Load Balancing", own.load_balancing.is_some()),
                Field::boolean("Override Vswitch Network Failure Detection", own.failure_detection.is_some()),
                Field::boolean("Override Vswitch Notify Switches", own.notify_switches.is_some()),
                Field::boolean("Override Vswitch Failback", own.failback.is_some()),
                Field::boolean("Override Vswitch Uplinks", own.nic_order.is_some()),
            ]);
            Ok(Records::Blocks(vec![Record { heading: None, fields }]))
        }
        PortgroupFailover::Set { portgroup_name, settings, use_vswitch } => change(client, |host| {
            let vswitch = host.vswitch_of(portgroup_name).ok_or_else(|| no_port_group(portgroup_name))?;
            let inherited = active_of(&vswitch.uplinks, vswitch.teaming.order.as_ref());
            let group = host.port_group_mut(portgroup_name).ok_or_else(|| no_port_group(portgroup_name))?;
            if *use_vswitch {
                group.teaming = TeamingDocument::default();
            }
            apply(settings, &mut group.teaming, inherited);
            Ok(())
        }),
    }
}

/// The port groups of a vSwitch that send beacons.
pub(super) fn probing_groups(document: &HostDocument, vswitch: &str) -> Vec<String> {
    let vswitch = document.vswitches.iter().find(|other| other.name == vswitch);
    let Some(core) = vswitch.and_then(|vswitch| vswitch.to_core().ok()) else { return Vec::new() };
    let probes = |probing| matches!(probing, Probing::On | Probing::CannotTell);
    core.port_groups
        .iter()
        .filter(|group| probes(core.probing(group)))
        .map(|group| group.name.clone())
        .collect()
}

fn in_force(uplinks: &[String], own: &Teaming, inherited: &Teaming) -> Vec<Field> {
    let balancing = own.load_balancing.or(inherited.load_balancing).unwrap_or_default();
    let detection = own.failure_detection.or(inherited.failure_detection).unwrap_or_default();
    let yes = |own: Option<bool>, inherited: Option<bool>| own.or(inherited).unwrap_or(true);
    let order = own.nic_order.clone().or_else(|| inherited.nic_order.clone());
    let NicOrder { active, standby } =
        order.unwrap_or_else(|| NicOrder { active: uplinks.to_vec(), standby: Vec::new() });
    let unused: Vec<&str> = uplinks
        .iter()
        .filter(|uplink| !active.contains(uplink) && !standby.contains(uplink))
        .map(String::as_str)
        .collect();
    vec![
        Field::text(
            "Load Balancing",
            match balancing {
                LoadBalancing::PortId => "srcport",
                LoadBalancing::SourceMac => "srcmac",
                LoadBalancing::IpHash => "iphash",
                LoadBalancing::ExplicitFailover => "explicit",
            },
        ),
        Field::text(
            "Network Failure Detection",
            match detection {
                FailureDetection::LinkStatus => "link",
                FailureDetection::BeaconProbing => "beacon",
            },
        ),
        Field::boolean("Notify Switches", yes(own.notify_switches, inherited.notify_switches)),
        Field::boolean("Failback", yes(own.failback, inherited.failback)),
        Field::text("Active Adapters", &active.join(", ")),
        Field::text("Standby Adapters", &standby.join(", ")),
        Field::text("Unused Adapters", &unused.join(", ")),
    ]
}

/// The active uplinks that stand where nobody names others.
fn active_of(uplinks: &[String], order: Option<&OrderDocument>) -> Vec<String> {
    order.map_or_else(|| uplinks.to_vec(), |order| order.active.clone())
}

/// What is not named stays. The failover order is one setting: of its two lists one may be named alone.
fn apply(settings: &FailoverSettings, teaming: &mut TeamingDocument, inherited_active: Vec<String>) {
    let FailoverSettings {
        active_uplinks,
        standby_uplinks,
        failback,
        failure_detection,
        load_balancing,
        notify_switches,
    } = settings;
    if active_uplinks.is_some() || standby_uplinks.is_some() {
        let order = teaming
            .order
            .get_or_insert_with(|| OrderDocument { active: inherited_active, standby: Vec::new() });
        if let Some(active) = active_uplinks {
            order.active.clone_from(active);
            order.standby.retain(|uplink| !active.contains(uplink));
        }
        if let Some(standby) = standby_uplinks {
            order.standby.clone_from(standby);
            if active_uplinks.is_none() {
                order.active.retain(|uplink| !standby.contains(uplink));
            }
        }
    }
    teaming.failback = failback.or(teaming.failback);
    teaming.notify_switches = notify_switches.or(teaming.notify_switches);
    let detection = failure_detection.map(|detection| match detection {
        Detection::Link => FailureDetectionDocument::Link,
        Detection::Beacon => FailureDetectionDocument::Beacon,
    });
    teaming.failure_detection = detection.or(teaming.failure_detection);
    let balancing = load_balancing.map(|balancing| match balancing {
        Balancing::Portid => LoadBalancingDocument::PortId,
        Balancing::Mac => LoadBalancingDocument::SourceMac,
        Balancing::Iphash => LoadBalancingDocument::IpHash,
        Balancing::Explicit => LoadBalancingDocument::Explicit,
    });
    teaming.load_balancing = balancing.or(teaming.load_balancing);
}
