//! `nsw esxcli network ...`: esxcli's verbs, options and output, against a live host.
//!
//! The words are esxcli's. What they do is a request to the host's local API; nothing is decided here.

mod failover;
mod records;

use hyper::Method;

use nsw_core::MAX_PORTS;

use self::records::{Field, Record, Records};
use super::output::{Answer, Failure, Outcome};
use crate::cli::{
    EsxcliArgs, EsxcliNamespace, NetworkNamespace, NicNamespace, PolicyNamespace, PortgroupNamespace,
    PortgroupPolicyNamespace, PortgroupSecurity, StandardNamespace, VswitchNamespace, VswitchSecurity,
};
use crate::host::api::{NicChange, SecurityChange};
use crate::host::client::{Client, segment};
use crate::host::document::{ActionDocument, CdpDocument, HostDocument, PortGroupDocument};
use crate::host::status::{
    Changes, ComputedAction, HostStatus, NicStatus, PortGroupStatus, SetOn, VSwitchStatus,
};
use crate::lab::folder::LabFolder;

pub(crate) fn run(args: &EsxcliArgs, as_json: bool) -> Outcome {
    let client = client(args)?;
    let EsxcliNamespace::Network(network) = &args.namespace;
    let records = match network {
        NetworkNamespace::Nic(command) => nics(&client, command),
        NetworkNamespace::Vswitch(VswitchNamespace::Standard(command)) => standard(&client, command),
    }?;
    records.print(args.formatter, as_json)?;
    Ok(Answer::Yes)
}

fn client(args: &EsxcliArgs) -> Result<Client, Failure> {
    if let Some(socket) = &args.socket {
        return Ok(Client::new(socket));
    }
    let folder = LabFolder::find(args.lab.lab.as_deref())?;
    let host = args.host.as_deref().ok_or_else(|| {
        Failure::with_hint("which host?", "name it: nsw esxcli --host physical network vswitch standard list")
    })?;
    let client = folder.host_client(host);
    if client.is_alive() {
        return Ok(client);
    }
    Err(Failure::with_hint(
        format!("host `{host}` of lab `{}` does not answer", folder.lab()),
        "`nsw lab status` lists the hosts",
    ))
}

fn nics(client: &Client, command: &NicNamespace) -> Result<Records, Failure> {
    let (nic, up) = match command {
        NicNamespace::List => {
            let nics: Vec<NicStatus> = client.get("/v1/nics")?;
            return Ok(Records::Table(nics.iter().map(nic_record).collect()));
        }
        NicNamespace::Down { nic_name } => (nic_name, false),
        NicNamespace::Up { nic_name } => (nic_name, true),
    };
    let _: Changes = client.send(Method::PATCH, &format!("/v1/nics/{}", segment(nic)), &NicChange { up })?;
    Ok(Records::Nothing)
}

/// Columns that esxcli has and that mean nothing here, as speed and driver, are left out.
fn nic_record(nic: &NicStatus) -> Record {
    let up = |up| if up { "Up" } else { "Down" };
    let description =
        nic.vswitch.as_ref().map_or("no vSwitch's uplink".to_owned(), |name| format!("uplink of {name}"));
    let fields = vec![
        Field::text("Name", &nic.name),
        Field::text("Admin Status", up(nic.up)),
        Field::text("Link Status", up(nic.link_up)),
        Field::text("MAC Address", &nic.mac),
        Field::number("MTU", nic.mtu as usize),
        Field::text("Description", &description),
    ];
    Record { heading: None, fields }
}

fn standard(client: &Client, command: &StandardNamespace) -> Result<Records, Failure> {
    match command {
        StandardNamespace::List { vswitch_name } => list_vswitches(client, vswitch_name.as_deref()),
        StandardNamespace::Set { vswitch_name, mtu, cdp_status } => change(client, |host| {
            let vswitch = vswitch_mut(host, vswitch_name)?;
            vswitch.mtu = mtu.unwrap_or(vswitch.mtu);
            if let Some(cdp) = cdp_status.as_deref().and_then(CdpDocument::named) {
                vswitch.cdp = cdp;
            }
            Ok(())
        }),
        StandardNamespace::Policy(PolicyNamespace::Security(command)) => vswitch_security(client, command),
        StandardNamespace::Policy(PolicyNamespace::Failover(command)) => failover::vswitch(client, command),
        StandardNamespace::Portgroup(command) => portgroup(client, command),
    }
}

fn list_vswitches(client: &Client, wanted: Option<&str>) -> Result<Records, Failure> {
    let status: HostStatus = client.get("/v1/status")?;
    let document: HostDocument = client.get("/v1/config")?;
    if let Some(name) = wanted {
        find_vswitch(&status, name)?;
    }
    let wanted = |vswitch: &&VSwitchStatus| wanted.is_none_or(|name| vswitch.name == name);
    Ok(Records::Blocks(
        status
            .vswitches
            .iter()
            .filter(wanted)
            .map(|vswitch| {
                let probing = failover::probing_groups(&document, &vswitch.name);
                vswitch_record(vswitch, &probing)
            })
            .collect(),
    ))
}

/// The number of ports is a limit, and a switch without a fixed one grows into it.
fn vswitch_record(vswitch: &VSwitchStatus, probing: &[String]) -> Record {
    let groups: Vec<&str> = vswitch.port_groups.iter().map(|group| group.name.as_str()).collect();
    let ports = vswitch.fixed_ports.map_or(MAX_PORTS, usize::from);
    let fields = vec![
        Field::text("Name", &vswitch.name),
        Field::text("Class", "nestswitch"),
        Field::number("Num Ports", ports),
        Field::number("Used Ports", vswitch.ports.len()),
        Field::number("Configured Ports", ports),
        Field::number("MTU", usize::from(vswitch.mtu)),
        Field::text("CDP Status", &vswitch.cdp),
        Field::boolean("Beacon Enabled", !probing.is_empty()),
        Field::number("Beacon Interval", 1),
        Field::number("Beacon Threshold", usize::from(nsw_core::BEACON_THRESHOLD)),
        Field::text("Beacon Required By", &probing.join(", ")),
        Field::text("Uplinks", &vswitch.uplinks.join(", ")),
        Field::text("Portgroups", &groups.join(", ")),
    ];
    Record { heading: Some(vswitch.name.clone()), fields }
}

fn vswitch_security(client: &Client, command: &VswitchSecurity) -> Result<Records, Failure> {
    match command {
        VswitchSecurity::Get { vswitch_name } => {
            let document: HostDocument = client.get("/v1/config")?;
            let vswitch = document
                .vswitches
                .iter()
                .find(|vswitch| vswitch.name == *vswitch_name)
                .ok_or_else(|| no_vswitch(vswitch_name))?;
            let core = vswitch.to_core().map_err(Failure::new)?;
            let in_force =
                core.security.zip(core.defaults.security()).map(|(own, default)| own.unwrap_or(default));
            let fields = vec![
                Field::boolean("Allow Promiscuous", in_force.promiscuous.accepts()),
                Field::boolean("Allow MAC Address Change", in_force.mac_changes.accepts()),
                Field::boolean("Allow Forged Transmits", in_force.forged_transmits.accepts()),
            ];
            Ok(Records::Blocks(vec![Record { heading: None, fields }]))
        }
        VswitchSecurity::Set {
            vswitch_name,
            allow_promiscuous,
            allow_mac_change,
            allow_forged_transmits,
        } => {
            let change =
                security_change(false, *allow_promiscuous, *allow_mac_change, *allow_forged_transmits);
            patch(client, &format!("/v1/vswitches/{}/security", segment(vswitch_name)), change)
        }
    }
}

fn portgroup(client: &Client, command: &PortgroupNamespace) -> Result<Records, Failure> {
    match command {
        PortgroupNamespace::List => list_portgroups(client),
        PortgroupNamespace::Add { portgroup_name, vswitch_name } => change(client, |host| {
            let group = PortGroupDocument {
                name: portgroup_name.clone(),
                vlan: 0,
                security: crate::host::document::SecurityDocument::default(),
                teaming: crate::host::document::TeamingDocument::default(),
                shaping: None,
                beyond: crate::host::document::BeyondDocument::default(),
            };
            vswitch_mut(host, vswitch_name)?.port_groups.push(group);
            Ok(())
        }),
        PortgroupNamespace::Remove { portgroup_name, vswitch_name } => change(client, |host| {
            let users = host.adapters_on(portgroup_name);
            let groups = &mut vswitch_mut(host, vswitch_name)?.port_groups;
            let place = groups.iter().position(|group| group.name == *portgroup_name);
            let place = place.ok_or_else(|| no_port_group(portgroup_name))?;
            if !users.is_empty() {
                let users = users.join(", ");
                return Err(Failure::new(format!("port group `{portgroup_name}` is in use by {users}")));
            }
            groups.remove(place);
            Ok(())
        }),
        PortgroupNamespace::Set { portgroup_name, vlan_id } => change(client, |host| {
            host.port_group_mut(portgroup_name).ok_or_else(|| no_port_group(portgroup_name))?.vlan = *vlan_id;
            Ok(())
        }),
        PortgroupNamespace::Policy(PortgroupPolicyNamespace::Security(command)) => {
            portgroup_security(client, command)
        }
        PortgroupNamespace::Policy(PortgroupPolicyNamespace::Failover(command)) => {
            failover::portgroup(client, command)
        }
    }
}

fn list_portgroups(client: &Client) -> Result<Records, Failure> {
    let status: HostStatus = client.get("/v1/status")?;
    let row = |vswitch: &VSwitchStatus, group: &PortGroupStatus| Record {
        heading: None,
        fields: vec![
            Field::text("Name", &group.name),
            Field::text("Virtual Switch", &vswitch.name),
            Field::number("Active Clients", group.active_clients),
            Field::number("VLAN ID", usize::from(group.vlan)),
        ],
    };
    let mut rows: Vec<Record> = status
        .vswitches
        .iter()
        .flat_map(|vswitch| vswitch.port_groups.iter().map(move |group| row(vswitch, group)))
        .collect();
    rows.sort_by(|a, b| a.fields[0].value.cmp(&b.fields[0].value));
    Ok(Records::Table(rows))
}

fn portgroup_security(client: &Client, command: &PortgroupSecurity) -> Result<Records, Failure> {
    match command {
        PortgroupSecurity::Get { portgroup_name } => {
            let status: HostStatus = client.get("/v1/status")?;
            let group = status
                .vswitches
                .iter()
                .flat_map(|vswitch| &vswitch.port_groups)
                .find(|group| group.name == *portgroup_name)
                .ok_or_else(|| no_port_group(portgroup_name))?;
            let allows = |action: ComputedAction| action.value == ActionDocument::Accept;
            let overrides = |action: ComputedAction| action.set_on == SetOn::PortGroup;
            let fields = vec![
                Field::boolean("Allow Promiscuous", allows(group.promiscuous)),
                Field::boolean("Allow MAC Address Change", allows(group.mac_changes)),
                Field::boolean("Allow Forged Transmits", allows(group.forged_transmits)),
                Field::boolean("Override Vswitch Allow Promiscuous", overrides(group.promiscuous)),
                Field::boolean("Override Vswitch Allow MAC Address Change", overrides(group.mac_changes)),
                Field::boolean("Override Vswitch Allow Forged Transmits", overrides(group.forged_transmits)),
            ];
            Ok(Records::Blocks(vec![Record { heading: None, fields }]))
        }
        PortgroupSecurity::Set {
            portgroup_name,
            allow_promiscuous,
            allow_mac_change,
            allow_forged_transmits,
            use_vswitch,
        } => {
            let change =
                security_change(*use_vswitch, *allow_promiscuous, *allow_mac_change, *allow_forged_transmits);
            patch(client, &format!("/v1/portgroups/{}/security", segment(portgroup_name)), change)
        }
    }
}

fn security_change(
    reset: bool,
    promiscuous: Option<bool>,
    mac_changes: Option<bool>,
    forged_transmits: Option<bool>,
) -> SecurityChange {
    let action = |allow: bool| if allow { ActionDocument::Accept } else { ActionDocument::Reject };
    SecurityChange {
        reset,
        promiscuous: promiscuous.map(action),
        mac_changes: mac_changes.map(action),
        forged_transmits: forged_transmits.map(action),
    }
}

fn patch(client: &Client, path: &str, change: SecurityChange) -> Result<Records, Failure> {
    let _: Changes = client.send(Method::PATCH, path, &change)?;
    Ok(Records::Nothing)
}

fn change(
    client: &Client,
    edit: impl FnOnce(&mut HostDocument) -> Result<(), Failure>,
) -> Result<Records, Failure> {
    let mut document: HostDocument = client.get("/v1/config")?;
    edit(&mut document)?;
    let _: Changes = client.send(Method::PUT, "/v1/config", &document)?;
    Ok(Records::Nothing)
}

fn vswitch_mut<'a>(
    host: &'a mut HostDocument,
    name: &str,
) -> Result<&'a mut crate::host::document::VSwitchDocument, Failure> {
    host.vswitch_mut(name).ok_or_else(|| no_vswitch(name))
}

fn find_vswitch<'a>(status: &'a HostStatus, name: &str) -> Result<&'a VSwitchStatus, Failure> {
    status.vswitches.iter().find(|vswitch| vswitch.name == name).ok_or_else(|| no_vswitch(name))
}

fn no_vswitch(name: &str) -> Failure {
    Failure::with_hint(
        format!("no vSwitch `{name}` on this host"),
        "`network vswitch standard list` lists them",
    )
}

fn no_port_group(name: &str) -> Failure {
    Failure::with_hint(
        format!("no port group `{name}` on this host"),
        "`network vswitch standard portgroup list` lists them",
    )
}
