//! A host's configuration as JSON: what is in its file, and what its API takes and gives.
//!
//! These structures are a format of their own. They become `nsw_core` values by [`VSwitchDocument::to_core`] and are
//! made from a checked lab by the `From` implementations; the core knows nothing of them.

use std::net::IpAddr;

use nsw_core::{
    Action, Defaults, LoadBalancing, Mac, NicOrder, Options, PortGroup, PromiscuousScope, RefusedMacChange,
    Security, Teaming, VSwitch, VlanMode,
};
use nsw_lab::topology;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that a host is configured to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct HostDocument {
    /// The host's name.
    pub(crate) name: String,
    /// Its physical adapters.
    pub(crate) pnics: Vec<String>,
    /// Its vSwitches.
    pub(crate) vswitches: Vec<VSwitchDocument>,
    /// Its VMkernel adapters.
    #[serde(default)]
    pub(crate) vmkernel: Vec<AdapterDocument>,
    /// Its VMs.
    #[serde(default)]
    pub(crate) vms: Vec<VmDocument>,
}

/// A vSwitch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct VSwitchDocument {
    pub(crate) name: String,
    /// Largest payload in bytes that may leave by an uplink.
    #[serde(default = "default_mtu")]
    pub(crate) mtu: u16,
    /// The release whose defaults stand where nothing is set.
    #[serde(default)]
    pub(crate) defaults: DefaultsDocument,
    #[serde(default)]
    pub(crate) uplinks: Vec<String>,
    #[serde(default)]
    pub(crate) security: SecurityDocument,
    #[serde(default)]
    pub(crate) teaming: TeamingDocument,
    #[serde(default)]
    pub(crate) options: OptionsDocument,
    #[serde(default)]
    pub(crate) port_groups: Vec<PortGroupDocument>,
}

/// A port group. What is absent is inherited from the vSwitch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PortGroupDocument {
    pub(crate) name: String,
    /// 0 for none, 1 to 4094, or 4095 where the guests tag.
    #[serde(default)]
    pub(crate) vlan: u16,
    #[serde(default)]
    pub(crate) security: SecurityDocument,
    #[serde(default)]
    pub(crate) teaming: TeamingDocument,
}

/// Layer 2 security. What is absent is inherited, on a vSwitch from the release's defaults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct SecurityDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) promiscuous: Option<ActionDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mac_changes: Option<ActionDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forged_transmits: Option<ActionDocument>,
}

/// A value of a security setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActionDocument {
    Accept,
    Reject,
}

/// The release whose defaults stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) enum DefaultsDocument {
    #[default]
    #[serde(rename = "7.0+")]
    V7,
    #[serde(rename = "6.x")]
    Legacy,
}

/// Teaming and failover. What is absent is inherited, on a vSwitch from the defaults.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TeamingDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) load_balancing: Option<LoadBalancingDocument>,
    /// The failover order, inherited as one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<OrderDocument>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failback: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) notify_switches: Option<bool>,
}

/// How the uplink is picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LoadBalancingDocument {
    PortId,
    SourceMac,
    IpHash,
    Explicit,
}

/// Uplinks by name, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct OrderDocument {
    #[serde(default)]
    pub(crate) active: Vec<String>,
    #[serde(default)]
    pub(crate) standby: Vec<String>,
}

/// Advanced options of a vSwitch, each with its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct OptionsDocument {
    pub(crate) promiscuous_scope: ScopeDocument,
    pub(crate) force_copy_to_all: bool,
    pub(crate) mac_change_refused: RefusedDocument,
    pub(crate) reverse_path_check: bool,
    pub(crate) reverse_path_all: bool,
    pub(crate) reverse_path_single_uplink: bool,
    pub(crate) reverse_filter: bool,
    pub(crate) reverse_path_check_promiscuous: bool,
    pub(crate) strict_latch: bool,
    pub(crate) block_guest_bpdu: bool,
    pub(crate) consume_link_local: bool,
}

/// What promiscuous mode shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScopeDocument {
    Vlan,
    PortGroup,
}

/// What a refused MAC address change does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RefusedDocument {
    DropRx,
    Block,
}

/// A network adapter: of a VM, or of the VMkernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AdapterDocument {
    /// Its name where it is used: `eth0`, `vmk0`.
    pub(crate) name: String,
    pub(crate) port_group: String,
    /// Its initial MAC.
    pub(crate) mac: String,
    /// The MAC that the guest sets, if another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) guest_mac: Option<String>,
    /// The guest puts the adapter into promiscuous mode.
    #[serde(default)]
    pub(crate) promiscuous: bool,
    /// Its addresses with prefix length, `192.168.10.21/24`.
    #[serde(default)]
    pub(crate) addresses: Vec<String>,
}

/// A VM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct VmDocument {
    pub(crate) name: String,
    pub(crate) nics: Vec<AdapterDocument>,
    /// The command that the VM boots with; empty for an ordinary guest, which does nothing by itself.
    #[serde(default)]
    pub(crate) boot: Vec<String>,
}

/// A document that does not describe a host.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DocumentError {
    #[error("port group `{group}`: VLAN ID {vlan} is larger than 4095")]
    Vlan { group: String, vlan: u16 },
    #[error("adapter `{adapter}`: `{mac}` is no MAC address")]
    Mac { adapter: String, mac: String },
    #[error("adapter `{adapter}`: `{address}` is no IP address with a prefix length, as 192.168.10.21/24")]
    Address { adapter: String, address: String },
    #[error(transparent)]
    Model(#[from] nsw_core::ModelError),
    #[error("two vSwitches are named `{0}`")]
    DuplicateVSwitch(String),
    #[error("port group `{0}` stands on two vSwitches; its name must be unique on the host")]
    DuplicatePortGroup(String),
    #[error("{adapter} connects to port group `{group}`, which no vSwitch has")]
    UnknownPortGroup { adapter: String, group: String },
    #[error("{pnic} is an uplink of two vSwitches, `{first}` and `{second}`")]
    UplinkOfTwo { pnic: String, first: String, second: String },
    #[error("vSwitch `{vswitch}` has uplink `{uplink}`, which is no physical adapter of the host")]
    UnknownUplink { vswitch: String, uplink: String },
    #[error("two VMs are named `{0}`")]
    DuplicateVm(String),
}

fn default_mtu() -> u16 {
    1500
}

impl HostDocument {
    /// Checks what no single object can know, and every object by itself.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        for (i, vswitch) in self.vswitches.iter().enumerate() {
            nsw_core::Switch::new(vswitch.to_core()?, 1)?;
            for earlier in &self.vswitches[..i] {
                check_pair(earlier, vswitch)?;
            }
            if let Some(uplink) = vswitch.uplinks.iter().find(|uplink| !self.pnics.contains(uplink)) {
                let vswitch = vswitch.name.clone();
                return Err(DocumentError::UnknownUplink { vswitch, uplink: uplink.clone() });
            }
        }
        for (i, vm) in self.vms.iter().enumerate() {
            if self.vms[..i].iter().any(|earlier| earlier.name == vm.name) {
                return Err(DocumentError::DuplicateVm(vm.name.clone()));
            }
            vm.nics
                .iter()
                .try_for_each(|nic| self.check_adapter(nic, &format!("{}.{}", vm.name, nic.name)))?;
        }
        self.vmkernel.iter().try_for_each(|adapter| self.check_adapter(adapter, &adapter.name))
    }

    fn check_adapter(&self, adapter: &AdapterDocument, name: &str) -> Result<(), DocumentError> {
        adapter.mac()?;
        adapter.guest_mac()?;
        adapter.addresses()?;
        match self.vswitch_of(&adapter.port_group) {
            Some(_) => Ok(()),
            None => {
                let group = adapter.port_group.clone();
                Err(DocumentError::UnknownPortGroup { adapter: name.to_owned(), group })
            }
        }
    }

    /// The vSwitch that has this port group.
    pub(crate) fn vswitch_of(&self, port_group: &str) -> Option<&VSwitchDocument> {
        self.vswitches.iter().find(|vswitch| vswitch.port_groups.iter().any(|group| group.name == port_group))
    }

    /// The port group with this name, to change it.
    pub(crate) fn port_group_mut(&mut self, name: &str) -> Option<&mut PortGroupDocument> {
        self.vswitches
            .iter_mut()
            .flat_map(|vswitch| &mut vswitch.port_groups)
            .find(|group| group.name == name)
    }

    /// The vSwitch with this name, to change it.
    pub(crate) fn vswitch_mut(&mut self, name: &str) -> Option<&mut VSwitchDocument> {
        self.vswitches.iter_mut().find(|vswitch| vswitch.name == name)
    }
}

fn check_pair(earlier: &VSwitchDocument, vswitch: &VSwitchDocument) -> Result<(), DocumentError> {
    if earlier.name == vswitch.name {
        return Err(DocumentError::DuplicateVSwitch(vswitch.name.clone()));
    }
    if let Some(uplink) = vswitch.uplinks.iter().find(|uplink| earlier.uplinks.contains(uplink)) {
        let (first, second) = (earlier.name.clone(), vswitch.name.clone());
        return Err(DocumentError::UplinkOfTwo { pnic: uplink.clone(), first, second });
    }
    let twice = vswitch
        .port_groups
        .iter()
        .find(|group| earlier.port_groups.iter().any(|other| other.name == group.name));
    twice.map_or(Ok(()), |group| Err(DocumentError::DuplicatePortGroup(group.name.clone())))
}

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

impl AdapterDocument {
    /// The initial MAC.
    pub(crate) fn mac(&self) -> Result<Mac, DocumentError> {
        self.parse_mac(&self.mac)
    }

    /// The MAC that the guest sets, if another.
    pub(crate) fn guest_mac(&self) -> Result<Option<Mac>, DocumentError> {
        self.guest_mac.as_deref().map(|mac| self.parse_mac(mac)).transpose()
    }

    /// The addresses with their prefix lengths.
    pub(crate) fn addresses(&self) -> Result<Vec<(IpAddr, u8)>, DocumentError> {
        self.addresses
            .iter()
            .map(|text| {
                let error = || DocumentError::Address { adapter: self.name.clone(), address: text.clone() };
                let (ip, prefix) = text.split_once('/').ok_or_else(error)?;
                let ip: IpAddr = ip.parse().map_err(|_| error())?;
                let longest = if ip.is_ipv4() { 32 } else { 128 };
                let prefix = prefix.parse().ok().filter(|bits: &u8| *bits <= longest).ok_or_else(error)?;
                Ok((ip, prefix))
            })
            .collect()
    }

    fn parse_mac(&self, text: &str) -> Result<Mac, DocumentError> {
        text.parse().map_err(|_| DocumentError::Mac { adapter: self.name.clone(), mac: text.to_owned() })
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
            addresses: address_texts(&adapter.addresses),
        }
    }
}

fn address_texts(addresses: &[topology::Address]) -> Vec<String> {
    addresses.iter().map(|address| format!("{}/{}", address.ip, address.prefix_len)).collect()
}
