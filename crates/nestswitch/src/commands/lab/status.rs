//! `nsw lab status`: the lab as a tree, each host from its own mouth.

use comfy_table::presets;
use comfy_table::{CellAlignment, Table};
use serde_json::json;

use crate::commands::output::{Answer, Failure, Outcome, json as print_json, line};
use crate::host::document::ActionDocument;
use crate::host::status::{ComputedAction, HostStatus, LearningStatus, PortStatus, SetOn, VSwitchStatus};
use crate::lab::folder::LabFolder;
use crate::lab::status::{EndStatus, LabStatus};

pub(super) fn run(folder: &LabFolder, ports: bool, as_json: bool) -> Outcome {
    let lab: LabStatus = folder.client().get("/v1/lab")?;
    let hosts: Vec<(usize, Result<HostStatus, _>)> =
        lab.hosts.iter().map(|host| (host.depth, folder.host_client(&host.name).get("/v1/status"))).collect();
    let all_run = hosts.iter().all(|(_, host)| host.is_ok());
    if as_json {
        let hosts: Vec<_> = hosts.into_iter().filter_map(|(_, host)| host.ok()).collect();
        print_json(&json!({ "lab": lab, "hosts": hosts }))?;
    } else {
        print_lab(&lab)?;
        for (known, (depth, host)) in lab.hosts.iter().zip(hosts) {
            match host {
                Ok(host) => print_host(&host, depth, ports)?,
                Err(_) => line(format_args!(
                    "{}host {}: not running; `nsw lab up` starts it",
                    indent(depth),
                    known.name
                ))?,
            }
        }
    }
    Ok(if all_run { Answer::Yes } else { Answer::No })
}

fn print_lab(lab: &LabStatus) -> Result<(), Failure> {
    line(format_args!("lab {} ({})", lab.name, lab.file))?;
    for segment in &lab.segments {
        line(format_args!("segment {}", segment.name))?;
        for EndStatus { name, addresses, .. } in &segment.stations {
            line(format_args!("  {name:<16} {}", addresses.join(" ")))?;
        }
    }
    Ok(())
}

/// Prints one host; with `ports` every port and its counters.
pub(crate) fn print_host(host: &HostStatus, depth: usize, ports: bool) -> Result<(), Failure> {
    let indent = indent(depth);
    line(format_args!("{indent}host {} (engine {})", host.name, host.engine))?;
    for vswitch in &host.vswitches {
        line(format_args!("{indent}  {}  uplinks {}, MTU {}", vswitch.name, uplinks(vswitch), vswitch.mtu))?;
        let table = if ports { port_table(vswitch) } else { group_table(vswitch) };
        table.lines().try_for_each(|row| line(format_args!("{indent}    {}", row.trim_end())))?;
        for duplicate in &vswitch.duplicate_macs {
            let ports = duplicate.ports.join(" and ");
            line(format_args!("{indent}    warning: {} is the MAC address of {ports}", duplicate.mac))?;
        }
    }
    for vm in host.vms.iter().filter(|vm| !vm.running) {
        line(format_args!("{indent}  VM {} is not running; `nsw lab up` starts it", vm.name))?;
    }
    Ok(())
}

fn indent(depth: usize) -> String {
    "    ".repeat(depth)
}

fn uplinks(vswitch: &VSwitchStatus) -> String {
    let is_down = |name: &String| vswitch.ports.iter().any(|port| port.name == *name && !port.link_up);
    let uplink = |name: &String| if is_down(name) { format!("{name} (link down)") } else { name.clone() };
    if vswitch.uplinks.is_empty() {
        "none".to_owned()
    } else {
        vswitch.uplinks.iter().map(uplink).collect::<Vec<_>>().join(", ")
    }
}

fn group_table(vswitch: &VSwitchStatus) -> Table {
    let mut table = new_table(&["port group", "VLAN", "promiscuous", "MAC changes", "forged", "connected"]);
    for group in &vswitch.port_groups {
        let clients: Vec<&str> = vswitch
            .ports
            .iter()
            .filter(|port| port.port_group.as_ref() == Some(&group.name))
            .map(|port| port.name.as_str())
            .collect();
        table.add_row([
            group.name.clone(),
            group.vlan.to_string(),
            action(group.promiscuous),
            action(group.mac_changes),
            action(group.forged_transmits),
            clients.join(" "),
        ]);
    }
    table
}

fn action(computed: ComputedAction) -> String {
    let value = if computed.value == ActionDocument::Accept { "Accept" } else { "Reject" };
    let origin = match computed.set_on {
        SetOn::PortGroup => " (own)",
        SetOn::Vswitch => "",
        SetOn::Default => " (default)",
    };
    format!("{value}{origin}")
}

fn port_table(vswitch: &VSwitchStatus) -> Table {
    let learns = vswitch.ports.iter().any(|port| port.learning.is_some());
    let mut header = vec![
        "port",
        "port group",
        "device",
        "link",
        "effective MAC",
        "asks",
        "granted",
        "in",
        "out",
        "not for it",
        "dropped",
    ];
    if learns {
        header.extend(["learned", "moved", "aged", "over limit"]);
    }
    let mut table = new_table(&header);
    for column in 7..header.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for port in &vswitch.ports {
        let PortStatus { counters, .. } = port;
        let dropped: u64 = counters.dropped.values().sum();
        let mut row = vec![
            port.name.clone(),
            port.port_group.clone().unwrap_or_else(|| "(uplink)".to_owned()),
            port.device.clone(),
            if port.link_up { "up" } else { "down" }.to_owned(),
            port.effective_mac.clone(),
            if port.asks_promiscuous { "promiscuous" } else { "" }.to_owned(),
            if port.promiscuous { "yes" } else { "" }.to_owned(),
            counters.frames_in.to_string(),
            counters.out.values().sum::<u64>().to_string(),
            counters.out.get("promiscuous").copied().unwrap_or(0).to_string(),
            dropped.to_string(),
        ];
        row.extend(port.learning.iter().flat_map(learned));
        table.add_row(row);
    }
    table
}

fn learned(learning: &LearningStatus) -> [String; 4] {
    let learned = match learning.limit {
        Some(limit) => format!("{} of {limit}", learning.learned),
        None => learning.learned.to_string(),
    };
    let over_limit = learning.over_limit_passed + learning.over_limit_dropped;
    [learned, learning.moved.to_string(), learning.aged.to_string(), over_limit.to_string()]
}

fn new_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header.iter().copied());
    table
}
