//! A fix as the commands of the tools that people have: esxcli, PowerCLI, govc, and `nsw esxcli` for a running lab.
//!
//! Commands are made from the lab as it shall be, not from the change: so the same function says how to carry out a fix
//! and, with the lab as it was, how to undo it. A port group's setting that shall be inherited again is reset as each tool
//! does that.
//!
//! govc replaces the whole security policy of a port group and forgets its teaming and shaping overrides: flags that are
//! not given are inherited again. So every override that shall stay is given; and where it would forget one that has no
//! flag, no govc command is offered.
//! Reference: `host.portgroup.change` of govc; `docs/doctor.md`.

mod distributed;
mod quoting;

use nsw_core::{Action, PortGroup, Security, VSwitch};

use self::quoting::{powershell, shell};
use super::change::{Change, Scope, SecurityElement, host_of_vm};
use super::platform::Platform;
use crate::topology::Lab;

/// A program, and what to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The program.
    pub tool: Tool,
    /// The host on which to type it; `None` where the command says it.
    pub on: Option<String>,
    /// The lines.
    pub lines: Vec<String>,
}

/// A program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// esxcli, on the host itself.
    Esxcli,
    /// VMware PowerCLI.
    PowerCli,
    /// govc.
    Govc,
    /// `nsw esxcli`, for a running lab.
    Nsw,
}

impl Tool {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Esxcli => "esxcli",
            Self::PowerCli => "PowerCLI",
            Self::Govc => "govc",
            Self::Nsw => "nsw esxcli",
        }
    }
}

/// The commands that make `target` of the lab in which these changes have not been made, or are to be undone.
pub fn recipes(changes: &[Change], target: &Lab, platform: Platform, direction: Direction) -> Vec<Recipe> {
    let mut book = Book { target, direction, found: Vec::new() };
    if platform != Platform::Vds && changes.iter().any(is_beyond) {
        return Vec::new(); // Half of it would be no fix.
    }
    if platform == Platform::Vds {
        distributed::recipes(changes, &mut book);
        return book.found;
    }
    let mut done: Vec<&Scope> = Vec::new();
    let in_order: Vec<&Change> = match direction {
        Direction::Do => changes.iter().collect(),
        Direction::Undo => changes.iter().rev().collect(),
    };
    for change in in_order {
        match change {
            Change::Security { at, .. } if done.contains(&at) => {}
            Change::Security { at, .. } => {
                done.push(at);
                book.security(at, changes);
            }
            other => book.other(other),
        }
    }
    book.found
}

/// Carry out, or take back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Carry out.
    Do,
    /// Take back.
    Undo,
}

struct Book<'l> {
    target: &'l Lab,
    direction: Direction,
    found: Vec<Recipe>,
}

impl Book<'_> {
    fn add(&mut self, tool: Tool, on: Option<&str>, line: String) {
        let on = on.map(str::to_owned);
        match self.found.iter_mut().find(|recipe| recipe.tool == tool && recipe.on == on) {
            Some(recipe) => recipe.lines.push(line),
            None => self.found.push(Recipe { tool, on, lines: vec![line] }),
        }
    }

    /// A line of esxcli, which `nsw esxcli` understands as well.
    fn esxcli(&mut self, host: &str, words: &str) {
        self.add(Tool::Esxcli, Some(host), format!("esxcli {words}"));
        self.add(Tool::Nsw, None, format!("nsw esxcli --host {} {words}", shell(host)));
    }

    fn security(&mut self, at: &Scope, changes: &[Change]) {
        let touched: Vec<SecurityElement> = SecurityElement::ALL
            .into_iter()
            .filter(|element| changes.iter().any(|change| touches(change, at, *element)))
            .collect();
        let Some(host) = self.target.host(&at.host) else { return };
        let Some(vswitch) = host.vswitch(&at.vswitch) else { return };
        match &at.port_group {
            None => self.of_vswitch(at, vswitch, &touched),
            // Undone, a port group that was added is gone, and its policy with it.
            Some(name) => {
                if let Some(group) = vswitch.port_group(name) {
                    self.of_group(at, &group.clone(), &touched);
                }
            }
        }
    }

    fn of_vswitch(&mut self, at: &Scope, vswitch: &VSwitch, touched: &[SecurityElement]) {
        let defaults = vswitch.defaults.security();
        let value =
            |element: &SecurityElement| element.of(&vswitch.security).unwrap_or(element.of(&defaults));
        let values: Vec<(SecurityElement, Action)> =
            touched.iter().map(|element| (*element, value(element))).collect();
        let words = format!(
            "network vswitch standard policy security set --vswitch-name={}{}",
            shell(&at.vswitch),
            esxcli_flags(&values)
        );
        self.esxcli(&at.host, &words);
        let line = format!(
            "Get-VirtualSwitch -VMHost {} -Standard -Name {} | Get-SecurityPolicy | Set-SecurityPolicy{}",
            powershell(&at.host),
            powershell(&at.vswitch),
            powercli_flags(&values)
        );
        self.add(Tool::PowerCli, None, line);
    }

    fn of_group(&mut self, at: &Scope, group: &PortGroup, touched: &[SecurityElement]) {
        let name = &group.name;
        let inherited: Vec<SecurityElement> =
            touched.iter().copied().filter(|element| element.of(&group.security).is_none()).collect();
        let own = own_values(&group.security);
        let set: Vec<(SecurityElement, Action)> = match inherited.is_empty() {
            true => own.iter().copied().filter(|(element, _)| touched.contains(element)).collect(),
            false => own.clone(),
        };
        let policy = "network vswitch standard portgroup policy security set --portgroup-name=";
        // Resetting inherits all three, so those that stay are set again.
        let reset = if inherited.is_empty() { "" } else { " --use-vswitch" };
        self.esxcli(&at.host, &format!("{policy}{}{reset}{}", shell(name), esxcli_flags(&set)));
        let resets: String =
            inherited.iter().map(|element| format!(" -{}Inherited $true", powercli_name(*element))).collect();
        let line = format!(
            "Get-VirtualPortGroup -VMHost {} -Standard -Name {} | Get-SecurityPolicy | Set-SecurityPolicy{}{resets}",
            powershell(&at.host),
            powershell(name),
            powercli_flags(&set)
        );
        self.add(Tool::PowerCli, None, line);
        if group.teaming == nsw_core::Teaming::default() && group.shaping.is_none() {
            let flags: String = own.iter().map(|(element, action)| govc_flag(*element, *action)).collect();
            let line = format!("govc host.portgroup.change -host {}{flags} {}", shell(&at.host), shell(name));
            self.add(Tool::Govc, None, line);
        }
    }

    fn other(&mut self, change: &Change) {
        let undo = self.direction == Direction::Undo;
        match change {
            Change::AddPortGroup { host, name, .. } => self.port_group(host, name, undo),
            Change::Vlan { host, port_group, .. } => self.vlan(host, port_group),
            Change::Connect { vm, nic, .. } => self.connect(vm, nic),
            Change::AddUplink { host, vswitch, pnic } => {
                let verb = if undo { "remove" } else { "add" };
                let line = format!(
                    "esxcli network vswitch standard uplink {verb} --uplink-name={} --vswitch-name={}",
                    shell(pnic),
                    shell(vswitch)
                );
                self.add(Tool::Esxcli, Some(host), line);
            }
            Change::Mtu { host, vswitch, .. } => self.mtu(host, vswitch),
            Change::CheckPromiscuous { host, vswitch } => self.check_promiscuous(host, vswitch, change),
            Change::Active { at, uplinks } if !undo => {
                let object = match &at.port_group {
                    Some(name) => format!("portgroup policy failover set --portgroup-name={}", shell(name)),
                    None => format!("policy failover set --vswitch-name={}", shell(&at.vswitch)),
                };
                let line = format!(
                    "esxcli network vswitch standard {object} --active-uplinks={}",
                    shell(&uplinks.join(","))
                );
                self.add(Tool::Esxcli, Some(&at.host), line);
            }
            // In a guest, at a cable, or beyond what these tools know.
            _ => {}
        }
    }

    fn mtu(&mut self, host: &str, vswitch: &str) {
        let found = self.target.host(host);
        let on = found.and_then(|host| host.vswitch(vswitch));
        let Some(mtu) = on.map(|on| on.mtu) else { return };
        let words = format!("network vswitch standard set --vswitch-name={} --mtu={mtu}", shell(vswitch));
        self.esxcli(host, &words);
        let line = format!(
            "Get-VirtualSwitch -VMHost {} -Standard -Name {} | Set-VirtualSwitch -Mtu {mtu} -Confirm:$false",
            powershell(host),
            powershell(vswitch)
        );
        self.add(Tool::PowerCli, None, line);
    }

    /// The option, and then everybody is refused promiscuous mode and granted it again, for a port keeps the check that it
    /// had when it was granted the mode.
    fn check_promiscuous(&mut self, host: &str, vswitch: &str, change: &Change) {
        const OPTION: &str = "Net.ReversePathFwdCheckPromisc";
        let found = self.target.host(host);
        let on = found.and_then(|host| host.vswitch(vswitch));
        let value = u8::from(on.is_some_and(|vswitch| vswitch.reverse_path_promiscuous().value));
        let path = OPTION.replacen('.', "/", 1);
        let line = format!("esxcli system settings advanced set --option=/{path} --int-value={value}");
        self.add(Tool::Esxcli, Some(host), line);
        let line = format!(
            "Get-VMHost {} | Get-AdvancedSetting -Name {OPTION} | Set-AdvancedSetting -Value {value} -Confirm:$false",
            powershell(host)
        );
        self.add(Tool::PowerCli, None, line);
        self.add(Tool::Govc, None, format!("govc host.option.set -host {} {OPTION} {value}", shell(host)));
        let refused = Change::before(std::slice::from_ref(change), self.target);
        let Ok(without) = Change::apply_all(&refused, self.target) else { return };
        for change in &refused {
            let Change::Security { at, .. } = change else { continue };
            if !on.is_some_and(|vswitch| grants(vswitch, at)) {
                continue;
            }
            for target in [&without, self.target] {
                let mut book = Book { target, direction: self.direction, found: Vec::new() };
                book.security(at, std::slice::from_ref(change));
                for Recipe { tool, on, lines } in book.found {
                    if tool != Tool::Nsw {
                        lines.into_iter().for_each(|line| self.add(tool, on.as_deref(), line));
                    }
                }
            }
        }
    }

    fn port_group(&mut self, host: &str, name: &str, undo: bool) {
        let vswitch = |lab: &Lab| {
            let (_, vswitch) = lab.host(host)?.vswitch_of(name)?;
            Some((vswitch.name.clone(), vswitch.port_group(name)?.vlan.id()))
        };
        let Some((vswitch, vlan)) = vswitch(self.target).filter(|_| !undo) else {
            let line = format!(
                "Get-VirtualPortGroup -VMHost {} -Standard -Name {} | Remove-VirtualPortGroup -Confirm:$false",
                powershell(host),
                powershell(name)
            );
            self.add(Tool::PowerCli, None, line);
            self.add(
                Tool::Govc,
                None,
                format!("govc host.portgroup.remove -host {} {}", shell(host), shell(name)),
            );
            return;
        };
        let (on, group) = (shell(&vswitch), shell(name));
        self.esxcli(
            host,
            &format!("network vswitch standard portgroup add --portgroup-name={group} --vswitch-name={on}"),
        );
        if vlan != 0 {
            self.vlan(host, name);
        }
        let line = format!(
            "Get-VirtualSwitch -VMHost {} -Standard -Name {} | New-VirtualPortGroup -Name {} -VLanId {vlan}",
            powershell(host),
            powershell(&vswitch),
            powershell(name)
        );
        self.add(Tool::PowerCli, None, line);
        let line =
            format!("govc host.portgroup.add -host {} -vswitch {on} -vlan {vlan} {group}", shell(host));
        self.add(Tool::Govc, None, line);
    }

    fn vlan(&mut self, host: &str, port_group: &str) {
        let on = self.target.host(host).and_then(|found| found.vswitch_of(port_group));
        let Some(group) = on.and_then(|(_, vswitch)| vswitch.port_group(port_group)) else { return };
        let id = group.vlan.id();
        let words = format!(
            "network vswitch standard portgroup set --portgroup-name={} --vlan-id={id}",
            shell(port_group)
        );
        self.esxcli(host, &words);
        let line = format!(
            "Get-VirtualPortGroup -VMHost {} -Standard -Name {} | Set-VirtualPortGroup -VLanId {id}",
            powershell(host),
            powershell(port_group)
        );
        self.add(Tool::PowerCli, None, line);
    }

    fn connect(&mut self, vm: &str, nic: &str) {
        let Some(host) = host_of_vm(self.target, vm).and_then(|name| self.target.host(name)) else { return };
        let Some(vm) = host.vm(vm) else { return };
        let Some((number, found)) = vm.nics.iter().enumerate().find(|(_, found)| found.name == nic) else {
            return;
        };
        let group = &found.port_group;
        let line = format!(
            "Get-VM {} | Get-NetworkAdapter -Name 'Network adapter {}' | Set-NetworkAdapter -NetworkName {} -Confirm:$false",
            powershell(&vm.name),
            number + 1,
            powershell(group)
        );
        let govc =
            format!("govc vm.network.change -vm {} -net {} ethernet-{number}", shell(&vm.name), shell(group));
        self.add(Tool::PowerCli, None, line);
        self.add(Tool::Govc, None, govc);
    }
}

/// Does the vSwitch, or this port group on it, grant promiscuous mode by a setting of its own?
fn grants(vswitch: &VSwitch, at: &Scope) -> bool {
    let own = match &at.port_group {
        Some(name) => vswitch.port_group(name).and_then(|group| group.security.promiscuous),
        None => vswitch.security.promiscuous,
    };
    own == Some(Action::Accept)
}

/// Is it what a standard switch cannot be told?
fn is_beyond(change: &Change) -> bool {
    matches!(change, Change::Allow { .. } | Change::Learn { .. } | Change::Sink { .. })
}

fn touches(change: &Change, at: &Scope, element: SecurityElement) -> bool {
    matches!(change, Change::Security { at: other, element: touched, .. } if other == at && *touched == element)
}

fn own_values(security: &Security<Option<Action>>) -> Vec<(SecurityElement, Action)> {
    SecurityElement::ALL.into_iter().filter_map(|element| Some((element, element.of(security)?))).collect()
}

fn esxcli_flags(values: &[(SecurityElement, Action)]) -> String {
    let name = |element| match element {
        SecurityElement::Promiscuous => "allow-promiscuous",
        SecurityElement::MacChanges => "allow-mac-change",
        SecurityElement::ForgedTransmits => "allow-forged-transmits",
    };
    values.iter().map(|(element, action)| format!(" --{}={}", name(*element), action.accepts())).collect()
}

fn powercli_flags(values: &[(SecurityElement, Action)]) -> String {
    let flag = |(element, action): &(SecurityElement, Action)| {
        format!(" -{} ${}", powercli_name(*element), action.accepts())
    };
    values.iter().map(flag).collect()
}

const fn powercli_name(element: SecurityElement) -> &'static str {
    match element {
        SecurityElement::Promiscuous => "AllowPromiscuous",
        SecurityElement::MacChanges => "MacChanges",
        SecurityElement::ForgedTransmits => "ForgedTransmits",
    }
}

fn govc_flag(element: SecurityElement, action: Action) -> String {
    let name = match element {
        SecurityElement::Promiscuous => "allow-promiscuous",
        SecurityElement::MacChanges => "mac-changes",
        SecurityElement::ForgedTransmits => "forged-transmits",
    };
    format!(" -{name}={}", action.accepts())
}
