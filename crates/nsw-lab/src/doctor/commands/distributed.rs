//! The same for a distributed switch, where port groups belong to the data centre and PowerCLI speaks the vSphere API.

use nsw_core::{AtLimit, Beyond, MacLearning, PortGroup};

use super::quoting::powershell;
use super::{Book, Tool, own_values, powercli_flags};
use crate::doctor::change::{Change, Scope};

pub(super) fn recipes(changes: &[Change], book: &mut Book<'_>) {
    let mut done: Vec<&Scope> = Vec::new();
    for at in changes.iter().filter_map(Change::scope) {
        if done.contains(&at) {
            continue;
        }
        done.push(at);
        let Some(name) = &at.port_group else { continue };
        let host = book.target.host(&at.host);
        let group = host.and_then(|host| host.vswitch_of(name)?.1.port_group(name).cloned());
        if let Some(group) = group {
            security(&group, book);
            mac_management(&group, book);
        }
    }
}

fn security(group: &PortGroup, book: &mut Book<'_>) {
    let flags = powercli_flags(&own_values(&group.security));
    if !flags.is_empty() {
        let name = powershell(&group.name);
        let line =
            format!("Get-VDPortgroup -Name {name} | Get-VDSecurityPolicy | Set-VDSecurityPolicy{flags}");
        book.add(Tool::PowerCli, None, line);
    }
}

fn mac_management(group: &PortGroup, book: &mut Book<'_>) {
    let Beyond { mac_learning: Some(MacLearning::On(learning)), .. } = &group.beyond else { return };
    let policy = if learning.at_limit == AtLimit::Drop { "DROP" } else { "ALLOW" };
    let lines = [
        format!("$pg = Get-VDPortgroup -Name {}", powershell(&group.name)),
        "$spec = New-Object VMware.Vim.DVPortgroupConfigSpec".to_owned(),
        "$spec.ConfigVersion = $pg.ExtensionData.Config.ConfigVersion".to_owned(),
        "$spec.DefaultPortConfig = New-Object VMware.Vim.VMwareDVSPortSetting".to_owned(),
        "$mac = New-Object VMware.Vim.DVSMacManagementPolicy".to_owned(),
        "$mac.ForgedTransmits = $true".to_owned(),
        "$mac.MacLearningPolicy = New-Object VMware.Vim.DVSMacLearningPolicy".to_owned(),
        "$mac.MacLearningPolicy.Enabled = $true".to_owned(),
        format!("$mac.MacLearningPolicy.Limit = {}", learning.limit),
        format!("$mac.MacLearningPolicy.LimitPolicy = '{policy}'"),
        format!("$mac.MacLearningPolicy.AllowUnicastFlooding = ${}", learning.unicast_flooding),
        "$spec.DefaultPortConfig.MacManagementPolicy = $mac".to_owned(),
        "$pg.ExtensionData.ReconfigureDVPortgroup_Task($spec)".to_owned(),
    ];
    lines.into_iter().for_each(|line| book.add(Tool::PowerCli, None, line));
}
