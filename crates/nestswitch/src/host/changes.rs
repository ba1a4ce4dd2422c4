//! What differs between two configurations of a host, a line for each object, for people.

use std::fmt::{Debug, Display};

use super::document::{
    ActionDocument, AdapterDocument, AtLimitDocument, BeyondDocument, HostDocument, MacLearningDocument,
    PortDocument, PortGroupDocument, SecurityDocument, ShapingDocument, VSwitchDocument,
};

/// The lines: `+` for what comes, `-` for what goes, `~` for what changes.
pub(crate) fn changes(old: &HostDocument, new: &HostDocument) -> Vec<String> {
    let mut lines = Vec::new();
    let host = &new.name;
    named(&mut lines, host, "vSwitch", &old.vswitches, &new.vswitches, |v| &v.name, vswitch_changes);
    named(&mut lines, host, "VMkernel adapter", &old.vmkernel, &new.vmkernel, |a| &a.name, adapter_changes);
    named(
        &mut lines,
        host,
        "VM",
        &old.vms,
        &new.vms,
        |vm| &vm.name,
        |old, new| {
            let mut inner = Vec::new();
            if old.boot != new.boot {
                inner.push("boots another command".to_owned());
            }
            for nic in &new.nics {
                match old.nics.iter().find(|other| other.name == nic.name) {
                    Some(other) => inner.extend(
                        adapter_changes(other, nic).iter().map(|line| format!("{}: {line}", nic.name)),
                    ),
                    None => inner.push(format!("{}: new adapter", nic.name)),
                }
            }
            let gone = old.nics.iter().filter(|nic| !new.nics.iter().any(|other| other.name == nic.name));
            inner.extend(gone.map(|nic| format!("{}: adapter removed", nic.name)));
            inner
        },
    );
    named(&mut lines, host, "port", &old.ports, &new.ports, |port| &port.name, port_changes);
    lines
}

/// The line for a VM that had ended by itself.
pub(crate) fn starts_again(host: &str, vm: &str) -> String {
    format!("+ {host}: VM {vm} starts again")
}

/// Compares two lists of named objects.
fn named<'a, T: PartialEq>(
    lines: &mut Vec<String>,
    place: &str,
    kind: &str,
    old: &'a [T],
    new: &'a [T],
    name: impl Fn(&'a T) -> &'a str,
    inner: impl Fn(&'a T, &'a T) -> Vec<String>,
) {
    for object in new {
        match old.iter().find(|other| name(other) == name(object)) {
            None => lines.push(format!("+ {place}: {kind} {}", name(object))),
            Some(other) if other != object => {
                let details = inner(other, object);
                lines.extend(
                    details.iter().map(|detail| format!("~ {place}: {kind} {}: {detail}", name(object))),
                );
            }
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|other| !new.iter().any(|object| name(object) == name(other)));
    lines.extend(gone.map(|other| format!("- {place}: {kind} {}", name(other))));
}

fn vswitch_changes(old: &VSwitchDocument, new: &VSwitchDocument) -> Vec<String> {
    let mut lines = Vec::new();
    value(&mut lines, "MTU", &old.mtu, &new.mtu);
    debug(&mut lines, "uplinks", &old.uplinks, &new.uplinks);
    debug(&mut lines, "defaults", &old.defaults, &new.defaults);
    security(&mut lines, old.security, new.security);
    debug(&mut lines, "teaming", &old.teaming, &new.teaming);
    shaping(&mut lines, old.shaping, new.shaping);
    beyond(&mut lines, &old.beyond, &new.beyond);
    debug(&mut lines, "options", &old.options, &new.options);
    let mut groups = Vec::new();
    named(&mut groups, "", "port group", &old.port_groups, &new.port_groups, |g| &g.name, group_changes);
    lines.extend(groups.iter().map(|line| line.replacen(" : ", " ", 1)));
    lines
}

fn group_changes(old: &PortGroupDocument, new: &PortGroupDocument) -> Vec<String> {
    let mut lines = Vec::new();
    value(&mut lines, "VLAN ID", &old.vlan, &new.vlan);
    security(&mut lines, old.security, new.security);
    debug(&mut lines, "teaming", &old.teaming, &new.teaming);
    shaping(&mut lines, old.shaping, new.shaping);
    beyond(&mut lines, &old.beyond, &new.beyond);
    lines
}

fn adapter_changes(old: &AdapterDocument, new: &AdapterDocument) -> Vec<String> {
    let mut lines = Vec::new();
    value(&mut lines, "port group", &old.port_group, &new.port_group);
    value(&mut lines, "MAC", &old.mac, &new.mac);
    debug(&mut lines, "guest MAC", &old.guest_mac, &new.guest_mac);
    value(&mut lines, "promiscuous", &old.promiscuous, &new.promiscuous);
    value(&mut lines, "VLAN that the guest tags with", &old.vlan, &new.vlan);
    value(&mut lines, "addresses", &old.addresses.join(" "), &new.addresses.join(" "));
    lines
}

fn port_changes(old: &PortDocument, new: &PortDocument) -> Vec<String> {
    let mut lines = Vec::new();
    value(&mut lines, "port group", &old.port_group, &new.port_group);
    value(&mut lines, "MAC", &old.mac, &new.mac);
    value(&mut lines, "promiscuous", &old.promiscuous, &new.promiscuous);
    debug(&mut lines, "device", &old.attach, &new.attach);
    debug(&mut lines, "QMP socket", &old.qmp, &new.qmp);
    lines
}

fn security(lines: &mut Vec<String>, old: SecurityDocument, new: SecurityDocument) {
    let text = |action: Option<ActionDocument>| match action {
        Some(ActionDocument::Accept) => "Accept",
        Some(ActionDocument::Reject) => "Reject",
        None => "inherited",
    };
    value(lines, "promiscuous mode", &text(old.promiscuous), &text(new.promiscuous));
    value(lines, "MAC address changes", &text(old.mac_changes), &text(new.mac_changes));
    value(lines, "forged transmits", &text(old.forged_transmits), &text(new.forged_transmits));
}

fn shaping(lines: &mut Vec<String>, old: Option<ShapingDocument>, new: Option<ShapingDocument>) {
    let text = |shaping: Option<ShapingDocument>| match shaping {
        None => "inherited".to_owned(),
        Some(ShapingDocument::Off(_)) => "off".to_owned(),
        Some(ShapingDocument::On(to)) => {
            format!("{} bit/s (peak {}, burst {} bytes)", to.average_bps, to.peak_bps, to.burst_bytes)
        }
    };
    value(lines, "traffic shaping", &text(old), &text(new));
}

fn beyond(lines: &mut Vec<String>, old: &BeyondDocument, new: &BeyondDocument) {
    let switch = |setting: Option<bool>| match setting {
        None => "inherited",
        Some(true) => "on",
        Some(false) => "off",
    };
    let list = |macs: &Option<Vec<String>>| match macs.as_deref() {
        None => "inherited".to_owned(),
        Some([]) => "none".to_owned(),
        Some(macs) => macs.join(" "),
    };
    value(lines, "MAC learning", &learning_text(old.mac_learning), &learning_text(new.mac_learning));
    value(lines, "allowed MACs", &list(&old.allowed_macs), &list(&new.allowed_macs));
    value(lines, "sink", &switch(old.sink), &switch(new.sink));
    value(lines, "learning filter", &switch(old.learning_filter), &switch(new.learning_filter));
    let (old, new) = (old.forged_source_guard, new.forged_source_guard);
    value(lines, "forged source guard", &switch(old), &switch(new));
}

fn learning_text(learning: Option<MacLearningDocument>) -> String {
    match learning {
        None => "inherited".to_owned(),
        Some(MacLearningDocument::Off(_)) => "off".to_owned(),
        Some(MacLearningDocument::On(how)) => {
            let at_limit = match how.at_limit {
                AtLimitDocument::Allow => "allow",
                AtLimitDocument::Drop => "drop",
            };
            let flooding = if how.unicast_flooding { "" } else { ", no flooding" };
            format!("on (limit {}, then {at_limit}, ageing {} s{flooding})", how.limit, how.ageing_s)
        }
    }
}

fn value<T: PartialEq + Display>(lines: &mut Vec<String>, what: &str, old: &T, new: &T) {
    if old != new {
        lines.push(format!("{what} {old} -> {new}"));
    }
}

fn debug<T: PartialEq + Debug>(lines: &mut Vec<String>, what: &str, old: &T, new: &T) {
    if old != new {
        lines.push(format!("{what} changed"));
    }
}
