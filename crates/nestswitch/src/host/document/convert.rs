//! Between a host's document and the core: each setting there and back, one place for both.

use nsw_core::{
    Action, AllowedMac, AtLimit, Beyond, CdpStatus, Defaults, FailureDetection, Learning, LoadBalancing,
    MacLearning, NicOrder, Options, PortGroup, PromiscuousScope, RefusedMacChange, Security, Shaping,
    Teaming, VSwitch, VlanMode,
};
use nsw_lab::topology;

use super::{
    ActionDocument, AdapterDocument, AtLimitDocument, BeyondDocument, CdpDocument, DefaultsDocument,
    DocumentError, FailureDetectionDocument, LearningDocument, LoadBalancingDocument, MacLearningDocument,
    OffDocument, OptionsDocument, OrderDocument, PortGroupDocument, RefusedDocument, ScopeDocument,
    SecurityDocument, ShapingAmounts, ShapingDocument, TeamingDocument, VSwitchDocument,
};

impl VSwitchDocument {
    /// The same vSwitch for the core.
    pub(crate) fn to_core(&self) -> Result<VSwitch, DocumentError> {
        let groups: Result<Vec<PortGroup>, DocumentError> =
            self.port_groups.iter().map(PortGroupDocument::to_core).collect();
        let owner = || format!("vSwitch `{}`", self.name);
        Ok(VSwitch {
            name: self.name.clone(),
            mtu: self.mtu,
            defaults: self.defaults.into(),
            ports: self.ports,
            cdp: self.cdp.into(),
            uplinks: self.uplinks.clone(),
            security: self.security.to_core(),
            teaming: self.teaming.to_core(),
            shaping: self.shaping.map(|shaping| shaping.to_core(owner)).transpose()?.flatten(),
            beyond: self.beyond.to_core(owner)?,
            port_groups: groups?,
            options: self.options.to_core(),
        })
    }
}

impl PortGroupDocument {
    fn to_core(&self) -> Result<PortGroup, DocumentError> {
        let vlan = VlanMode::from_id(self.vlan)
            .ok_or_else(|| DocumentError::Vlan { group: self.name.clone(), vlan: self.vlan })?;
        let owner = || format!("port group `{}`", self.name);
        Ok(PortGroup {
            name: self.name.clone(),
            vlan,
            security: self.security.to_core(),
            teaming: self.teaming.to_core(),
            shaping: self.shaping.map(|shaping| shaping.to_core(owner)).transpose()?,
            beyond: self.beyond.to_core(owner)?,
        })
    }
}

impl SecurityDocument {
    /// The same policy for the core.
    pub(crate) fn to_core(self) -> Security<Option<Action>> {
        Security {
            promiscuous: self.promiscuous,
            mac_changes: self.mac_changes,
            forged_transmits: self.forged_transmits,
        }
        .map(|action| action.map(Action::from))
    }
}

impl From<Security<Option<Action>>> for SecurityDocument {
    fn from(security: Security<Option<Action>>) -> Self {
        let Security { promiscuous, mac_changes, forged_transmits } =
            security.map(|action| action.map(ActionDocument::from));
        Self { promiscuous, mac_changes, forged_transmits }
    }
}

impl From<ActionDocument> for Action {
    fn from(action: ActionDocument) -> Self {
        match action {
            ActionDocument::Accept => Self::Accept,
            ActionDocument::Reject => Self::Reject,
        }
    }
}

impl From<Action> for ActionDocument {
    fn from(action: Action) -> Self {
        match action {
            Action::Accept => Self::Accept,
            Action::Reject => Self::Reject,
        }
    }
}

impl From<DefaultsDocument> for Defaults {
    fn from(defaults: DefaultsDocument) -> Self {
        match defaults {
            DefaultsDocument::Legacy => Self::Legacy,
            DefaultsDocument::V7 => Self::V7,
            DefaultsDocument::V8 => Self::V8,
            DefaultsDocument::V9 => Self::V9,
        }
    }
}

impl From<Defaults> for DefaultsDocument {
    fn from(defaults: Defaults) -> Self {
        match defaults {
            Defaults::Legacy => Self::Legacy,
            Defaults::V7 => Self::V7,
            Defaults::V8 => Self::V8,
            Defaults::V9 => Self::V9,
        }
    }
}

impl From<CdpDocument> for CdpStatus {
    fn from(cdp: CdpDocument) -> Self {
        match cdp {
            CdpDocument::Down => Self::Down,
            CdpDocument::Listen => Self::Listen,
            CdpDocument::Advertise => Self::Advertise,
            CdpDocument::Both => Self::Both,
        }
    }
}

impl From<CdpStatus> for CdpDocument {
    fn from(cdp: CdpStatus) -> Self {
        match cdp {
            CdpStatus::Down => Self::Down,
            CdpStatus::Listen => Self::Listen,
            CdpStatus::Advertise => Self::Advertise,
            CdpStatus::Both => Self::Both,
        }
    }
}

impl TeamingDocument {
    fn to_core(&self) -> Teaming {
        Teaming {
            load_balancing: self.load_balancing.map(|policy| match policy {
                LoadBalancingDocument::PortId => LoadBalancing::PortId,
                LoadBalancingDocument::SourceMac => LoadBalancing::SourceMac,
                LoadBalancingDocument::IpHash => LoadBalancing::IpHash,
                LoadBalancingDocument::Explicit => LoadBalancing::ExplicitFailover,
            }),
            nic_order: self
                .order
                .clone()
                .map(|OrderDocument { active, standby }| NicOrder { active, standby }),
            failure_detection: self.failure_detection.map(|detection| match detection {
                FailureDetectionDocument::Link => FailureDetection::LinkStatus,
                FailureDetectionDocument::Beacon => FailureDetection::BeaconProbing,
            }),
            failback: self.failback,
            notify_switches: self.notify_switches,
        }
    }
}

impl From<&Teaming> for TeamingDocument {
    fn from(teaming: &Teaming) -> Self {
        Self {
            load_balancing: teaming.load_balancing.map(|policy| match policy {
                LoadBalancing::PortId => LoadBalancingDocument::PortId,
                LoadBalancing::SourceMac => LoadBalancingDocument::SourceMac,
                LoadBalancing::IpHash => LoadBalancingDocument::IpHash,
                LoadBalancing::ExplicitFailover => LoadBalancingDocument::Explicit,
            }),
            order: teaming
                .nic_order
                .clone()
                .map(|NicOrder { active, standby }| OrderDocument { active, standby }),
            failure_detection: teaming.failure_detection.map(|detection| match detection {
                FailureDetection::LinkStatus => FailureDetectionDocument::Link,
                FailureDetection::BeaconProbing => FailureDetectionDocument::Beacon,
            }),
            failback: teaming.failback,
            notify_switches: teaming.notify_switches,
        }
    }
}

impl ShapingDocument {
    /// `None` shapes nothing.
    fn to_core(self, owner: impl Fn() -> String) -> Result<Option<Shaping>, DocumentError> {
        let Self::On(ShapingAmounts { average_bps, peak_bps, burst_bytes }) = self else { return Ok(None) };
        let good = [average_bps, peak_bps, burst_bytes].iter().all(|amount| Shaping::AMOUNT.contains(amount));
        if !good || average_bps > peak_bps {
            return Err(DocumentError::Shaping { owner: owner() });
        }
        Ok(Some(Shaping { average_bps, peak_bps, burst_bytes }))
    }
}

impl From<Option<Shaping>> for ShapingDocument {
    fn from(shaping: Option<Shaping>) -> Self {
        match shaping {
            None => Self::Off(OffDocument::Off),
            Some(Shaping { average_bps, peak_bps, burst_bytes }) => {
                Self::On(ShapingAmounts { average_bps, peak_bps, burst_bytes })
            }
        }
    }
}

impl BeyondDocument {
    /// Nothing is set.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn to_core(&self, owner: impl Fn() -> String) -> Result<Beyond, DocumentError> {
        let allowed_mac = |entry: &String| {
            let entry = entry.clone();
            entry.parse().map_err(|source| DocumentError::AllowedMac { owner: owner(), entry, source })
        };
        if let Some(list) = self.allowed_macs.as_ref().filter(|list| list.len() > Beyond::MAX_ALLOWED_MACS) {
            return Err(DocumentError::TooManyAllowedMacs { owner: owner(), count: list.len() });
        }
        let allowed: Option<Result<Vec<AllowedMac>, DocumentError>> =
            self.allowed_macs.as_ref().map(|list| list.iter().map(allowed_mac).collect());
        Ok(Beyond {
            mac_learning: self.mac_learning.map(|learning| learning.to_core(&owner)).transpose()?,
            allowed_macs: allowed.transpose()?,
            sink: self.sink,
            learning_filter: self.learning_filter,
            forged_source_guard: self.forged_source_guard,
        })
    }
}

impl From<&Beyond> for BeyondDocument {
    fn from(beyond: &Beyond) -> Self {
        Self {
            mac_learning: beyond.mac_learning.map(MacLearningDocument::from),
            allowed_macs: beyond
                .allowed_macs
                .as_ref()
                .map(|list| list.iter().map(AllowedMac::to_string).collect()),
            sink: beyond.sink,
            learning_filter: beyond.learning_filter,
            forged_source_guard: beyond.forged_source_guard,
        }
    }
}

impl MacLearningDocument {
    fn to_core(self, owner: impl Fn() -> String) -> Result<MacLearning, DocumentError> {
        let Self::On(learning) = self else { return Ok(MacLearning::Off) };
        let LearningDocument { limit, at_limit, ageing_s, unicast_flooding } = learning;
        if !Learning::LIMIT.contains(&limit) || !Learning::AGEING_S.contains(&ageing_s) {
            return Err(DocumentError::Learning { owner: owner() });
        }
        let at_limit = match at_limit {
            AtLimitDocument::Allow => AtLimit::Allow,
            AtLimitDocument::Drop => AtLimit::Drop,
        };
        Ok(MacLearning::On(Learning { limit, at_limit, ageing_s, unicast_flooding }))
    }
}

impl From<MacLearning> for MacLearningDocument {
    fn from(learning: MacLearning) -> Self {
        match learning {
            MacLearning::Off => Self::Off(OffDocument::Off),
            MacLearning::On(learning) => Self::On(learning.into()),
        }
    }
}

impl From<Learning> for LearningDocument {
    fn from(Learning { limit, at_limit, ageing_s, unicast_flooding }: Learning) -> Self {
        let at_limit = match at_limit {
            AtLimit::Allow => AtLimitDocument::Allow,
            AtLimit::Drop => AtLimitDocument::Drop,
        };
        Self { limit, at_limit, ageing_s, unicast_flooding }
    }
}

impl Default for LearningDocument {
    fn default() -> Self {
        Self::from(Learning::default())
    }
}

impl Default for OptionsDocument {
    fn default() -> Self {
        Self::from(Options::default())
    }
}

impl OptionsDocument {
    fn to_core(self) -> Options {
        Options {
            promiscuous_scope: match self.promiscuous_scope {
                ScopeDocument::Vlan => PromiscuousScope::Vlan,
                ScopeDocument::PortGroup => PromiscuousScope::PortGroup,
            },
            force_copy_to_all: self.force_copy_to_all,
            refused_mac_change: match self.mac_change_refused {
                RefusedDocument::DropRx => RefusedMacChange::DropRx,
                RefusedDocument::Block => RefusedMacChange::Block,
            },
            reverse_path_check: self.reverse_path_check,
            reverse_path_all: self.reverse_path_all,
            reverse_path_single_uplink: self.reverse_path_single_uplink,
            reverse_filter: self.reverse_filter,
            reverse_path_promiscuous: self.reverse_path_check_promiscuous,
            strict_latch: self.strict_latch,
            block_guest_bpdu: self.block_guest_bpdu,
            consume_link_local: self.consume_link_local,
        }
    }
}

impl From<Options> for OptionsDocument {
    fn from(options: Options) -> Self {
        Self {
            promiscuous_scope: match options.promiscuous_scope {
                PromiscuousScope::Vlan => ScopeDocument::Vlan,
                PromiscuousScope::PortGroup => ScopeDocument::PortGroup,
            },
            force_copy_to_all: options.force_copy_to_all,
            mac_change_refused: match options.refused_mac_change {
                RefusedMacChange::DropRx => RefusedDocument::DropRx,
                RefusedMacChange::Block => RefusedDocument::Block,
            },
            reverse_path_check: options.reverse_path_check,
            reverse_path_all: options.reverse_path_all,
            reverse_path_single_uplink: options.reverse_path_single_uplink,
            reverse_filter: options.reverse_filter,
            reverse_path_check_promiscuous: options.reverse_path_promiscuous,
            strict_latch: options.strict_latch,
            block_guest_bpdu: options.block_guest_bpdu,
            consume_link_local: options.consume_link_local,
        }
    }
}

impl From<&VSwitch> for VSwitchDocument {
    fn from(vswitch: &VSwitch) -> Self {
        Self {
            name: vswitch.name.clone(),
            mtu: vswitch.mtu,
            defaults: vswitch.defaults.into(),
            ports: vswitch.ports,
            cdp: vswitch.cdp.into(),
            uplinks: vswitch.uplinks.clone(),
            security: vswitch.security.into(),
            teaming: (&vswitch.teaming).into(),
            shaping: vswitch.shaping.map(|shaping| Some(shaping).into()),
            beyond: (&vswitch.beyond).into(),
            options: vswitch.options.into(),
            port_groups: vswitch
                .port_groups
                .iter()
                .map(|group| PortGroupDocument {
                    name: group.name.clone(),
                    vlan: group.vlan.id(),
                    security: group.security.into(),
                    teaming: (&group.teaming).into(),
                    shaping: group.shaping.map(ShapingDocument::from),
                    beyond: (&group.beyond).into(),
                })
                .collect(),
        }
    }
}

impl From<&topology::Vnic> for AdapterDocument {
    fn from(nic: &topology::Vnic) -> Self {
        Self {
            name: nic.name.clone(),
            port_group: nic.port_group.clone(),
            mac: nic.mac.to_string(),
            guest_mac: nic.guest_mac.map(|mac| mac.to_string()),
            promiscuous: nic.promiscuous,
            vlan: nic.vlan,
            addresses: address_texts(&nic.addresses),
        }
    }
}

impl From<&topology::Vmkernel> for AdapterDocument {
    fn from(adapter: &topology::Vmkernel) -> Self {
        Self {
            name: adapter.name.clone(),
            port_group: adapter.port_group.clone(),
            mac: adapter.mac.to_string(),
            guest_mac: None,
            promiscuous: false,
            vlan: 0,
            addresses: address_texts(&adapter.addresses),
        }
    }
}

fn address_texts(addresses: &[topology::Address]) -> Vec<String> {
    addresses.iter().map(|address| format!("{}/{}", address.ip, address.prefix_len)).collect()
}

#[cfg(test)]
mod tests {
    use nsw_core::{Mac, VlanId};

    use super::*;

    /// Every setting at another value than its default, with `n` to tell the objects apart.
    fn beyond(n: u8) -> Beyond {
        Beyond {
            mac_learning: Some(MacLearning::On(Learning {
                limit: u32::from(n),
                at_limit: AtLimit::Drop,
                ageing_s: 60 + u32::from(n),
                unicast_flooding: false,
            })),
            allowed_macs: Some(vec![
                AllowedMac::Exact(Mac::new([0x00, 0x50, 0x56, 0xaa, 0, n])),
                AllowedMac::Oui([0x00, 0x50, n & 0xfe]),
            ]),
            sink: Some(true),
            learning_filter: Some(true),
            forged_source_guard: Some(true),
        }
    }

    fn shaping(n: u64) -> Shaping {
        Shaping { average_bps: n, peak_bps: 2 * n, burst_bytes: 3 * n }
    }

    fn teaming(first: &str, second: &str) -> Teaming {
        Teaming {
            load_balancing: Some(LoadBalancing::IpHash),
            nic_order: Some(NicOrder { active: vec![first.to_owned()], standby: vec![second.to_owned()] }),
            failure_detection: Some(FailureDetection::BeaconProbing),
            failback: Some(false),
            notify_switches: Some(false),
        }
    }

    fn everything() -> VSwitch {
        let accept = Some(Action::Accept);
        let security =
            Security { promiscuous: accept, mac_changes: Some(Action::Reject), forged_transmits: accept };
        let own = PortGroup {
            name: "own".to_owned(),
            vlan: VlanMode::Vst(VlanId::new(20).unwrap()),
            security,
            teaming: teaming("vmnic1", "vmnic0"),
            shaping: Some(Some(shaping(7))),
            beyond: beyond(9),
        };
        let off = PortGroup {
            shaping: Some(None),
            beyond: Beyond {
                mac_learning: Some(MacLearning::Off),
                allowed_macs: Some(Vec::new()),
                sink: Some(false),
                learning_filter: Some(false),
                forged_source_guard: Some(false),
            },
            ..PortGroup::named("off", VlanMode::Vgt)
        };
        VSwitch {
            name: "vSwitch0".to_owned(),
            mtu: 9000,
            defaults: Defaults::Legacy,
            ports: Some(16),
            cdp: CdpStatus::Both,
            uplinks: vec!["vmnic0".to_owned(), "vmnic1".to_owned()],
            security,
            teaming: teaming("vmnic0", "vmnic1"),
            shaping: Some(shaping(1_000_000)),
            beyond: beyond(4),
            port_groups: vec![own, off, PortGroup::named("inherits", VlanMode::Est)],
            options: Options {
                promiscuous_scope: PromiscuousScope::PortGroup,
                force_copy_to_all: true,
                refused_mac_change: RefusedMacChange::Block,
                reverse_path_check: false,
                reverse_path_all: true,
                reverse_path_single_uplink: false,
                reverse_filter: false,
                reverse_path_promiscuous: Some(true),
                strict_latch: false,
                block_guest_bpdu: Some(false),
                consume_link_local: true,
            },
        }
    }

    #[test]
    fn nothing_is_lost_between_core_document_and_json() {
        for vswitch in [everything(), VSwitch::named("vSwitch1")] {
            let document = VSwitchDocument::from(&vswitch);
            assert_eq!(document.to_core().unwrap(), vswitch);
            let json = serde_json::to_string(&document).unwrap();
            assert_eq!(serde_json::from_str::<VSwitchDocument>(&json).unwrap(), document, "{json}");
        }
    }

    #[test]
    fn amounts_out_of_bounds_are_refused() {
        let problem = |json: &str| {
            let document: VSwitchDocument = serde_json::from_str(json).unwrap();
            document.to_core().unwrap_err().to_string()
        };
        assert_eq!(
            problem(r#"{"name": "v", "shaping": {"average-bps": 2, "peak-bps": 1, "burst-bytes": 1}}"#),
            "vSwitch `v`: shaping takes amounts from 1 to 1000000000000, and a peak that is at least the average"
        );
        assert_eq!(
            problem(
                r#"{"name": "v", "port-groups": [{"name": "g", "beyond": {"mac-learning": {"limit": 0}}}]}"#
            ),
            "port group `g`: MAC learning takes a limit from 1 to 4096 and an ageing from 1 to 86400 seconds"
        );
        assert_eq!(
            problem(r#"{"name": "v", "beyond": {"allowed-macs": ["01:00:5e:*"]}}"#),
            "vSwitch `v`: `01:00:5e:*` is no allowed MAC: an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*"
        );
    }
}
