//! Between a host's document and the core: each setting there and back, one place for both.

use nsw_core::{
    Action, Defaults, LoadBalancing, NicOrder, Options, PortGroup, PromiscuousScope, RefusedMacChange,
    Security, Teaming, VSwitch, VlanMode,
};
use nsw_lab::topology;

use super::{
    ActionDocument, AdapterDocument, DefaultsDocument, DocumentError, LoadBalancingDocument, OptionsDocument,
    OrderDocument, PortGroupDocument, RefusedDocument, ScopeDocument, SecurityDocument, TeamingDocument,
    VSwitchDocument,
};

impl VSwitchDocument {
    /// The same vSwitch for the core.
    pub(crate) fn to_core(&self) -> Result<VSwitch, DocumentError> {
        let groups: Result<Vec<PortGroup>, DocumentError> =
            self.port_groups.iter().map(PortGroupDocument::to_core).collect();
        Ok(VSwitch {
            name: self.name.clone(),
            mtu: self.mtu,
            defaults: match self.defaults {
                DefaultsDocument::V7 => Defaults::V7,
                DefaultsDocument::Legacy => Defaults::Legacy,
            },
            uplinks: self.uplinks.clone(),
            security: self.security.to_core(),
            teaming: self.teaming.to_core(),
            port_groups: groups?,
            options: self.options.to_core(),
        })
    }
}

impl PortGroupDocument {
    fn to_core(&self) -> Result<PortGroup, DocumentError> {
        let vlan = VlanMode::from_id(self.vlan)
            .ok_or_else(|| DocumentError::Vlan { group: self.name.clone(), vlan: self.vlan })?;
        Ok(PortGroup {
            name: self.name.clone(),
            vlan,
            security: self.security.to_core(),
            teaming: self.teaming.to_core(),
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
            failback: teaming.failback,
            notify_switches: teaming.notify_switches,
        }
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
            defaults: match vswitch.defaults {
                Defaults::V7 => DefaultsDocument::V7,
                Defaults::Legacy => DefaultsDocument::Legacy,
            },
            uplinks: vswitch.uplinks.clone(),
            security: vswitch.security.into(),
            teaming: (&vswitch.teaming).into(),
            options: vswitch.options.into(),
            port_groups: vswitch
                .port_groups
                .iter()
                .map(|group| PortGroupDocument {
                    name: group.name.clone(),
                    vlan: group.vlan.id(),
                    security: group.security.into(),
                    teaming: (&group.teaming).into(),
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
