//! `nsw host port`: guests that a host does not start, and what to tell QEMU or libvirt about them.

use std::path::{Path, absolute};

use comfy_table::{Table, presets};
use hyper::Method;
use serde_json::json;

use crate::cli::{PortAddArgs, PortCommand};
use crate::commands::output::{Answer, Failure, Outcome, json as print_json, line};
use crate::host::client::{Client, segment};
use crate::host::document::{AttachDocument, HostDocument, PortDocument, TapDocument, derived_mac};
use crate::host::status::{Changes, HostStatus, PortStatus};

pub(super) fn run(command: &PortCommand, as_json: bool) -> Outcome {
    match command {
        PortCommand::Add(args) => add(args, as_json),
        PortCommand::Remove { name, socket } => {
            let path = format!("/v1/ports/{}", segment(name));
            let changes: Changes = Client::new(socket).send(Method::DELETE, &path, &())?;
            if as_json {
                print_json(&changes)?;
            } else {
                changes.changes.iter().try_for_each(line)?;
            }
            Ok(Answer::Yes)
        }
        PortCommand::List { socket } => list(socket, as_json),
    }
}

fn add(args: &PortAddArgs, as_json: bool) -> Outcome {
    let client = Client::new(&args.socket);
    let host: HostDocument = client.get("/v1/config")?;
    let port = document(args, &host.name)?;
    let _: Changes = client.send(Method::POST, "/v1/ports", &port)?;
    if as_json {
        print_json(&json!({ "port": port, "qemu": qemu(&port), "libvirt": libvirt(&port) }))?;
        return Ok(Answer::Yes);
    }
    line(format_args!("port {} on port group {}, MAC {}", port.name, port.port_group, port.mac))?;
    if let (Some(qemu), Some(libvirt)) = (qemu(&port), libvirt(&port)) {
        line("\nQEMU:")?;
        qemu.iter().try_for_each(|option| line(format_args!("  {option}")))?;
        line("\nlibvirt:")?;
        libvirt.lines().try_for_each(|text| line(format_args!("  {text}")))?;
    }
    Ok(Answer::Yes)
}

fn document(args: &PortAddArgs, host: &str) -> Result<PortDocument, Failure> {
    let attach = match &args.device {
        Some(device) => AttachDocument::Device(device.clone()),
        None => AttachDocument::Tap(TapDocument { owner: args.owner, queues: args.queues }),
    };
    Ok(PortDocument {
        name: args.name.clone(),
        port_group: args.port_group.clone(),
        mac: args.mac.clone().unwrap_or_else(|| derived_mac(host, &args.name).to_string()),
        attach,
        // The host's process stands elsewhere.
        qmp: args.qmp.as_ref().map(absolute).transpose()?,
        promiscuous: args.promiscuous,
    })
}

/// The options that connect a VM of QEMU to the port, if it has a TAP device.
fn qemu(port: &PortDocument) -> Option<Vec<String>> {
    let AttachDocument::Tap(TapDocument { queues, .. }) = port.attach else { return None };
    let PortDocument { name, mac, .. } = port;
    let (several, vectors) = if queues > 1 {
        (format!(",queues={queues}"), format!(",mq=on,vectors={}", 2 * u32::from(queues) + 2))
    } else {
        (String::new(), String::new())
    };
    let mut options = vec![
        format!("-netdev tap,id={name},ifname={name},script=no,downscript=no{several}"),
        format!("-device virtio-net-pci,id={name},netdev={name},mac={mac}{vectors}"),
    ];
    options.extend(port.qmp.as_ref().map(|path| format!("-qmp unix:{},server=on,wait=off", path.display())));
    Some(options)
}

/// The same for libvirt's domain XML.
fn libvirt(port: &PortDocument) -> Option<String> {
    let AttachDocument::Tap(TapDocument { queues, .. }) = port.attach else { return None };
    let driver = if queues > 1 { format!("\n  <driver queues='{queues}'/>") } else { String::new() };
    let PortDocument { name, mac, .. } = port;
    Some(format!(
        "<interface type='ethernet'>\n  <mac address='{mac}'/>\n  <target dev='{name}' managed='no'/>\n  \
         <model type='virtio'/>{driver}\n</interface>"
    ))
}

fn list(socket: &Path, as_json: bool) -> Outcome {
    let client = Client::new(socket);
    let host: HostDocument = client.get("/v1/config")?;
    let status: HostStatus = client.get("/v1/status")?;
    let live = |name: &str| {
        let mut ports = status.vswitches.iter().flat_map(|vswitch| &vswitch.ports);
        ports.find(|port| port.name == name)
    };
    if as_json {
        let ports: Vec<_> =
            host.ports.iter().map(|port| json!({ "port": port, "status": live(&port.name) })).collect();
        print_json(&ports)?;
        return Ok(Answer::Yes);
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["port", "port group", "device", "effective MAC", "link", "asks", "seen by"]);
    for port in &host.ports {
        table.add_row(row(port, live(&port.name)));
    }
    table.lines().try_for_each(|row| line(row.trim_end()))?;
    Ok(Answer::Yes)
}

fn row(port: &PortDocument, live: Option<&PortStatus>) -> [String; 7] {
    let device = match &port.attach {
        AttachDocument::Tap(_) => "tap".to_owned(),
        AttachDocument::Device(device) => device.clone(),
    };
    let link = match live {
        Some(port) if port.link_up => "up",
        Some(_) => "down",
        None => "no device",
    };
    [
        port.name.clone(),
        port.port_group.clone(),
        device,
        live.map_or_else(|| port.mac.clone(), |port| port.effective_mac.clone()),
        link.to_owned(),
        if live.is_some_and(|port| port.asks_promiscuous) { "promiscuous" } else { "" }.to_owned(),
        if port.qmp.is_some() { "QMP" } else { "assumed" }.to_owned(),
    ]
}
