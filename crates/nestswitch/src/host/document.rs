//! A host's configuration as JSON: what is in its file, and what its API takes and gives.
//!
//! These structures are a format of their own. They become `nsw_core` values by [`VSwitchDocument::to_core`] and are
//! made from a checked lab by the `From` implementations in `convert.rs`; the core knows nothing of them.

mod convert;
mod port;

use std::net::IpAddr;

use nsw_core::{CdpStatus, Mac, VlanId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use self::port::check_device_name;
pub(crate) use self::port::{AttachDocument, PortDocument, TapDocument, derived_mac};

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
    /// Ports for guests that the host does not start, as VMs of QEMU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ports: Vec<PortDocument>,
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
    /// So many ports and no more, uplinks included; if absent, as many as are needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ports: Option<u16>,
    #[serde(default, skip_serializing_if = "CdpDocument::is_listen")]
    pub(crate) cdp: CdpDocument,
    #[serde(default)]
    pub(crate) uplinks: Vec<String>,
    #[serde(default)]
    pub(crate) security: SecurityDocument,
    #[serde(default)]
    pub(crate) teaming: TeamingDocument,
    /// Traffic shaping of what guests send; absent or `off`: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shaping: Option<ShapingDocument>,
    /// What a standard switch does not have; not vSphere.
    #[serde(default, skip_serializing_if = "BeyondDocument::is_empty")]
    pub(crate) beyond: BeyondDocument,
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
    /// `off` shapes nothing here, whatever the vSwitch says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shaping: Option<ShapingDocument>,
    #[serde(default, skip_serializing_if = "BeyondDocument::is_empty")]
    pub(crate) beyond: BeyondDocument,
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
    #[serde(rename = "8.0")]
    V8,
    #[serde(rename = "9.0")]
    V9,
}

/// What is done with the Cisco Discovery Protocol; kept and told, nothing is sent or interpreted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum CdpDocument {
    Down,
    #[default]
    Listen,
    Advertise,
    Both,
}

impl CdpDocument {
    /// The status that this word of esxcli names.
    pub(crate) fn named(word: &str) -> Option<Self> {
        CdpStatus::ALL.into_iter().find(|status| status.name() == word).map(Self::from)
    }

    /// The default need not be stored.
    fn is_listen(&self) -> bool {
        *self == Self::Listen
    }
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
    pub(crate) failure_detection: Option<FailureDetectionDocument>,
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

/// How failures of uplinks are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FailureDetectionDocument {
    Link,
    Beacon,
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

/// Traffic shaping: `off`, or the three amounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ShapingDocument {
    Off(OffDocument),
    On(ShapingAmounts),
}

/// Where there is an `off` beside values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OffDocument {
    Off,
}

/// How much a guest may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ShapingAmounts {
    /// Long-term average, in bits a second.
    pub(crate) average_bps: u64,
    /// Most while a burst lasts, in bits a second.
    pub(crate) peak_bps: u64,
    /// What may be saved up for a burst, in bytes.
    pub(crate) burst_bytes: u64,
}

/// Settings that a standard switch does not have. What is absent is inherited, on a vSwitch off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct BeyondDocument {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mac_learning: Option<MacLearningDocument>,
    /// Addresses that ports may send from and are given frames for: `00:50:56:aa:00:07`, `00:50:56:*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) allowed_macs: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sink: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) learning_filter: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) forged_source_guard: Option<bool>,
}

/// MAC learning: `off`, or how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum MacLearningDocument {
    Off(OffDocument),
    On(LearningDocument),
}

/// How addresses are learned, each value with its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct LearningDocument {
    /// Addresses that a port may have learned at once, 1 to 4096.
    pub(crate) limit: u32,
    pub(crate) at_limit: AtLimitDocument,
    /// Seconds after which an address that was not seen is forgotten.
    pub(crate) ageing_s: u32,
    /// Give the port unicast frames that nobody owns.
    pub(crate) unicast_flooding: bool,
}

/// What happens to frames from an address that does not fit any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AtLimitDocument {
    Allow,
    Drop,
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
    /// If absent, as the release has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reverse_path_check_promiscuous: Option<bool>,
    pub(crate) strict_latch: bool,
    /// If absent, as the release has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) block_guest_bpdu: Option<bool>,
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
    /// The VLAN that the guest tags with, 1 to 4094; 0 if it does not tag. Its addresses are then on `NAME.VLAN`.
    #[serde(default)]
    pub(crate) vlan: u16,
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
    /// The guest forwards between its adapters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) bridge: bool,
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
    #[error("adapter `{adapter}`: a guest cannot tag with VLAN ID {vlan}")]
    GuestVlan { adapter: String, vlan: u16 },
    #[error(
        "{owner}: shaping takes amounts from 1 to 1000000000000, and a peak that is at least the average"
    )]
    Shaping { owner: String },
    #[error("{owner}: MAC learning takes a limit from 1 to 4096 and an ageing from 1 to 86400 seconds")]
    Learning { owner: String },
    #[error("{owner}: `{entry}` is no allowed MAC: {source}")]
    AllowedMac { owner: String, entry: String, source: nsw_core::ParseAllowedMacError },
    #[error("{owner} allows {count} MAC addresses; at most 256 are possible")]
    TooManyAllowedMacs { owner: String, count: usize },
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
    #[error("two ports are named `{0}`")]
    DuplicatePort(String),
    #[error("the host has no name")]
    NoName,
    #[error("`{0}` cannot name a device: 1 to 15 characters without `/`, `:` and spaces")]
    DeviceName(String),
    #[error("port `{port}`: a TAP device takes 1 to 256 queues, not {queues}")]
    Queues { port: String, queues: u16 },
    #[error("port `{port}`: device `{device}` is {taken_as}")]
    DeviceTaken { port: String, device: String, taken_as: String },
}

fn default_mtu() -> u16 {
    1500
}

impl HostDocument {
    /// A host as a fresh one of vSphere's: one vSwitch with these uplinks, one port group, nothing set.
    pub(crate) fn fresh(name: &str, uplinks: &[String]) -> Self {
        let mut vswitch = nsw_core::VSwitch::named("vSwitch0");
        vswitch.uplinks = uplinks.to_vec();
        vswitch.port_groups = vec![nsw_core::PortGroup::named("VM Network", nsw_core::VlanMode::Est)];
        Self {
            name: name.to_owned(),
            pnics: uplinks.to_vec(),
            vswitches: vec![VSwitchDocument::from(&vswitch)],
            vmkernel: Vec::new(),
            vms: Vec::new(),
            ports: Vec::new(),
        }
    }

    /// Checks what no single object can know, and every object by itself.
    pub(crate) fn check(&self) -> Result<(), DocumentError> {
        if self.name.is_empty() {
            return Err(DocumentError::NoName);
        }
        self.pnics.iter().try_for_each(|pnic| check_device_name(pnic))?;
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
        self.vmkernel.iter().try_for_each(|adapter| self.check_adapter(adapter, &adapter.name))?;
        self.check_ports()
    }

    fn check_adapter(&self, adapter: &AdapterDocument, name: &str) -> Result<(), DocumentError> {
        adapter.mac()?;
        adapter.guest_mac()?;
        adapter.addresses()?;
        adapter.guest_vlan()?;
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

    /// The adapters that are connected to a port group, by the names of their ports.
    pub(crate) fn adapters_on(&self, port_group: &str) -> Vec<String> {
        let of_vms = self
            .vms
            .iter()
            .flat_map(|vm| vm.nics.iter().map(|nic| (nic, format!("{}.{}", vm.name, nic.name))));
        let of_host = self.vmkernel.iter().map(|adapter| (adapter, adapter.name.clone()));
        let adapters = of_vms.chain(of_host).map(|(adapter, name)| (&adapter.port_group, name));
        let ports = self.ports.iter().map(|port| (&port.port_group, port.name.clone()));
        adapters.chain(ports).filter(|(group, _)| *group == port_group).map(|(_, name)| name).collect()
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

impl AdapterDocument {
    /// The initial MAC.
    pub(crate) fn mac(&self) -> Result<Mac, DocumentError> {
        self.parse_mac(&self.mac)
    }

    /// The MAC that the guest sets, if another.
    pub(crate) fn guest_mac(&self) -> Result<Option<Mac>, DocumentError> {
        self.guest_mac.as_deref().map(|mac| self.parse_mac(mac)).transpose()
    }

    /// The VLAN that the guest tags with, if it does.
    pub(crate) fn guest_vlan(&self) -> Result<Option<VlanId>, DocumentError> {
        let vlan = VlanId::new(self.vlan)
            .ok_or_else(|| DocumentError::GuestVlan { adapter: self.name.clone(), vlan: self.vlan })?;
        Ok(Some(vlan).filter(|vlan| *vlan != VlanId::UNTAGGED))
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
