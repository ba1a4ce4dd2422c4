//! vSwitches and port groups: their settings, who owns which uplink, and where each setting stands.

use std::collections::HashMap;

use nsw_core::{NicOrder, Options, PortGroup, Security, Teaming, VSwitch, VlanId, VlanMode};

use super::{Build, MAX_PNICS, Site};
use crate::spec::at::{Span, Word};
use crate::spec::diagnostics::Draft;
use crate::spec::file::{OptionsFile, PortGroupFile, SecurityFile, TeamingFile, VswitchFile};
use crate::spec::locations::Object;
use crate::spec::suggest;

/// vSwitches of a host: a port's number has seven bits for its vSwitch.
const MAX_VSWITCHES: usize = 127;

/// What stands once on a host: port groups and uplinks, each with its vSwitch.
type Owners<'a> = HashMap<&'a str, (&'a str, Span)>;

impl Build<'_> {
    pub(super) fn vswitches(&mut self, site: &Site<'_>) -> Vec<VSwitch> {
        let files = &site.file.vswitches;
        self.at_most(
            MAX_VSWITCHES,
            &files.0,
            |(name, _)| name,
            &format!("host `{}`", site.host),
            "vSwitches",
        );
        let (mut port_groups, mut uplinks) = (Owners::new(), Owners::new());
        for (name, file) in files.iter() {
            self.own_port_groups(site, name, file, &mut port_groups);
            self.own_uplinks(site, name, file, &mut uplinks);
        }
        files.iter().map(|(name, file)| self.vswitch(site, name, file)).collect()
    }

    /// Port groups are known by name alone on a host, whatever their vSwitch.
    fn own_port_groups<'f>(
        &mut self,
        site: &Site<'_>,
        vswitch: &'f Word,
        file: &'f VswitchFile,
        owners: &mut Owners<'f>,
    ) {
        for group in file.port_groups.keys() {
            let Some((other, first)) = owners.insert(&group.value, (&vswitch.value, group.span)) else {
                continue;
            };
            let message =
                format!("port group `{}` is on vSwitch `{other}` of host `{}` too", group.value, site.host);
            let draft = Draft::new(group.span, message).label("again here").other(first, "first here");
            self.problems.error(draft.help("a host tells its port groups apart by name"));
        }
    }

    fn own_uplinks<'f>(
        &mut self,
        site: &Site<'_>,
        vswitch: &'f Word,
        file: &'f VswitchFile,
        owners: &mut Owners<'f>,
    ) {
        let owner = format!("vSwitch `{}` of host `{}`", vswitch.value, site.host);
        self.at_most(MAX_PNICS, &file.uplinks, |uplink| uplink, &owner, "uplinks");
        for uplink in file.uplinks.iter().take(MAX_PNICS) {
            let known = || site.pnics.iter().map(|pnic| pnic.name.as_str());
            if !known().any(|pnic| pnic == uplink.value) {
                let message = format!("{owner} has uplink `{}`, which the host does not have", uplink.value);
                let help = suggest::hint(&uplink.value, known());
                self.problems.error(Draft::new(uplink.span, message).maybe_help(help));
            }
            let Some((other, first)) = owners.insert(&uplink.value, (&vswitch.value, uplink.span)) else {
                continue;
            };
            let message = if other == vswitch.value {
                format!("{owner} lists uplink `{}` twice", uplink.value)
            } else {
                format!("{owner} has uplink `{}` of vSwitch `{other}`", uplink.value)
            };
            let draft = Draft::new(uplink.span, message).label("again here").other(first, "first here");
            self.problems.error(draft.help("a physical adapter is an uplink of one vSwitch"));
        }
    }

    fn vswitch(&mut self, site: &Site<'_>, name: &Word, file: &VswitchFile) -> VSwitch {
        let owner = format!("vSwitch `{}` of host `{}`", name.value, site.host);
        let object = Object::vswitch(site.host, &name.value);
        self.reader(&owner).vswitch_name(name);
        self.locations.add(object.clone(), name.span.into());
        self.locate(&object, "uplinks", file.uplinks.first());
        self.locate(&object, "mtu", file.mtu.as_ref());
        self.locate(&object, "defaults", file.defaults.as_ref());
        let uplinks: Vec<String> =
            file.uplinks.iter().take(MAX_PNICS).map(|uplink| uplink.value.clone()).collect();
        let unset = VSwitch::named(&name.value);
        let mut reader = self.reader(&owner);
        let vswitch = VSwitch {
            mtu: reader.mtu(file.mtu.as_ref()).unwrap_or(unset.mtu),
            defaults: reader.defaults(file.defaults.as_ref()).unwrap_or_default(),
            ports: reader.ports(file.ports.as_ref()),
            cdp: reader.cdp(file.cdp.as_ref()).unwrap_or_default(),
            security: self.security(&owner, &object, &file.security),
            teaming: self.teaming(&owner, &object, &file.teaming, &uplinks),
            shaping: self.shaping(&owner, &object, file.shaping.as_ref()).flatten(),
            beyond: self.beyond(&owner, &object, &file.beyond),
            options: self.options(&owner, &object, &file.options),
            port_groups: file
                .port_groups
                .iter()
                .map(|(group, file)| self.port_group(site, group, file, &uplinks))
                .collect(),
            uplinks,
            ..unset
        };
        self.warn_of_probing(site, file, &vswitch);
        vswitch
    }

    fn port_group(
        &mut self,
        site: &Site<'_>,
        name: &Word,
        file: &PortGroupFile,
        uplinks: &[String],
    ) -> PortGroup {
        let owner = format!("port group `{}` of host `{}`", name.value, site.host);
        let object = Object::port_group(site.host, &name.value);
        self.reader(&owner).port_group_name(name);
        self.locations.add(object.clone(), name.span.into());
        self.locate(&object, "vlan", file.vlan.as_ref());
        PortGroup {
            name: name.value.clone(),
            vlan: self.reader(&owner).vlan_mode(file.vlan.as_ref()).unwrap_or(VlanMode::Est),
            security: self.security(&owner, &object, &file.security),
            teaming: self.teaming(&owner, &object, &file.teaming, uplinks),
            shaping: self.shaping(&owner, &object, file.shaping.as_ref()),
            beyond: self.beyond(&owner, &object, &file.beyond),
        }
    }

    fn security(
        &mut self,
        owner: &str,
        object: &Object,
        file: &SecurityFile,
    ) -> Security<Option<nsw_core::Action>> {
        self.locate(object, "security.promiscuous", file.promiscuous.as_ref());
        self.locate(object, "security.mac-changes", file.mac_changes.as_ref());
        self.locate(object, "security.forged-transmits", file.forged_transmits.as_ref());
        let mut reader = self.reader(owner);
        Security {
            promiscuous: reader.action("promiscuous", file.promiscuous.as_ref()),
            mac_changes: reader.action("mac-changes", file.mac_changes.as_ref()),
            forged_transmits: reader.action("forged-transmits", file.forged_transmits.as_ref()),
        }
    }

    fn teaming(&mut self, owner: &str, object: &Object, file: &TeamingFile, uplinks: &[String]) -> Teaming {
        self.locate(object, "teaming.load-balancing", file.load_balancing.as_ref());
        self.locate(object, "teaming.active", file.active.as_ref().and_then(|names| names.first()));
        self.locate(object, "teaming.standby", file.standby.as_ref().and_then(|names| names.first()));
        self.locate(object, "teaming.failure-detection", file.failure_detection.as_ref());
        self.locate(object, "teaming.failback", file.failback.as_ref());
        self.locate(object, "teaming.notify-switches", file.notify_switches.as_ref());
        let nic_order = self.nic_order(owner, file, uplinks);
        let mut reader = self.reader(owner);
        Teaming {
            load_balancing: reader.load_balancing(file.load_balancing.as_ref()),
            nic_order,
            failure_detection: reader.failure_detection(file.failure_detection.as_ref()),
            failback: reader.boolean("failback", file.failback.as_ref()),
            notify_switches: reader.boolean("notify-switches", file.notify_switches.as_ref()),
        }
    }

    /// Active and standby are one setting (rule P-3): if only standby is given, every other uplink is active.
    fn nic_order(&mut self, owner: &str, file: &TeamingFile, uplinks: &[String]) -> Option<NicOrder> {
        if file.active.is_none() && file.standby.is_none() {
            return None;
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for word in file.active.iter().chain(&file.standby).flatten() {
            if !uplinks.contains(&word.value) {
                let message =
                    format!("the failover order of {owner} names `{}`, which is no uplink", word.value);
                let help = suggest::hint(&word.value, uplinks.iter().map(String::as_str));
                self.problems.error(Draft::new(word.span, message).maybe_help(help));
            }
            if let Some(first) = seen.insert(&word.value, word.span) {
                let message = format!("the failover order of {owner} names uplink `{}` twice", word.value);
                let draft = Draft::new(word.span, message).label("again here").other(first, "first here");
                self.problems
                    .error(draft.help("an uplink is active, or standby, or in neither list: unused"));
            }
        }
        let names = |words: &Option<Vec<Word>>| -> Option<Vec<String>> {
            words.as_ref().map(|words| words.iter().map(|word| word.value.clone()).collect())
        };
        let standby = names(&file.standby).unwrap_or_default();
        let rest = || uplinks.iter().filter(|uplink| !standby.contains(uplink)).cloned().collect();
        Some(NicOrder { active: names(&file.active).unwrap_or_else(rest), standby })
    }

    fn options(&mut self, owner: &str, object: &Object, file: &OptionsFile) -> Options {
        let unset = Options::default();
        let scope = file.promiscuous_scope.as_ref();
        let refused = file.mac_change_refused.as_ref();
        self.locate(object, "options.promiscuous-scope", scope);
        self.locate(object, "options.mac-change-refused", refused);
        let mut reader = self.reader(owner);
        let promiscuous_scope = reader.promiscuous_scope(scope).unwrap_or(unset.promiscuous_scope);
        let refused_mac_change = reader.refused_mac_change(refused).unwrap_or(unset.refused_mac_change);
        let mut stated = |key: &'static str, word: &Option<Word>| {
            self.locate(object, key, word.as_ref());
            let name = key.trim_start_matches("options.");
            self.reader(owner).boolean(name, word.as_ref())
        };
        let reverse_path_promiscuous =
            stated("options.reverse-path-check-promiscuous", &file.reverse_path_check_promiscuous);
        let block_guest_bpdu = stated("options.block-guest-bpdu", &file.block_guest_bpdu);
        let mut option = |key, word, default| stated(key, word).unwrap_or(default);
        Options {
            promiscuous_scope,
            force_copy_to_all: option(
                "options.force-copy-to-all",
                &file.force_copy_to_all,
                unset.force_copy_to_all,
            ),
            refused_mac_change,
            reverse_path_check: option(
                "options.reverse-path-check",
                &file.reverse_path_check,
                unset.reverse_path_check,
            ),
            reverse_path_all: option(
                "options.reverse-path-all",
                &file.reverse_path_all,
                unset.reverse_path_all,
            ),
            reverse_path_single_uplink: option(
                "options.reverse-path-single-uplink",
                &file.reverse_path_single_uplink,
                unset.reverse_path_single_uplink,
            ),
            reverse_filter: option("options.reverse-filter", &file.reverse_filter, unset.reverse_filter),
            reverse_path_promiscuous,
            strict_latch: option("options.strict-latch", &file.strict_latch, unset.strict_latch),
            block_guest_bpdu,
            consume_link_local: option(
                "options.consume-link-local",
                &file.consume_link_local,
                unset.consume_link_local,
            ),
        }
    }

    pub(super) fn locate(&mut self, object: &Object, key: &'static str, word: Option<&Word>) {
        if let Some(word) = word {
            self.locations.add_key(object, key, word.span.into());
        }
    }
}

impl Site<'_> {
    pub(super) fn port_groups(&self) -> impl Iterator<Item = (&Word, &PortGroupFile)> {
        self.file.vswitches.iter().flat_map(|(_, vswitch)| vswitch.port_groups.iter())
    }

    /// Does a guest's tag with this VLAN id survive in this port group? Unknown names and ids are reported elsewhere.
    pub(super) fn lets_guest_tag(&self, port_group: &str, vlan: VlanId) -> bool {
        let found = self.port_groups().find(|(name, _)| name.value == port_group);
        let written = found.and_then(|(_, file)| file.vlan.as_ref()).map_or("0", |word| word.value.as_str());
        vlan == VlanId::UNTAGGED
            || written == "trunk"
            || written.parse().ok().and_then(VlanMode::from_id).is_none_or(|mode| mode == VlanMode::Vgt)
    }
}
