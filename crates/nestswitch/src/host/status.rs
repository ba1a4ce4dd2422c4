//! What a host says about itself: the answers of its local API.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use super::document::{ActionDocument, SecurityDocument};

/// A running host.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct HostStatus {
    pub(crate) name: String,
    /// What moves the frames: `user` or `kernel`.
    pub(crate) engine: String,
    /// Why it is not the kernel's, where that was asked for if it can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) engine_reason: Option<String>,
    /// The process id of the VMkernel's namespace, as the host sees it.
    pub(crate) vmkernel_pid: u32,
    pub(crate) vswitches: Vec<VSwitchStatus>,
    pub(crate) vms: Vec<VmStatus>,
}

/// A vSwitch, with policies as computed and ports as applied.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct VSwitchStatus {
    pub(crate) name: String,
    pub(crate) mtu: u16,
    /// `down`, `listen`, `advertise` or `both`; kept and told, nothing is sent.
    pub(crate) cdp: String,
    /// So many ports and no more; `None` if it makes them as they are needed.
    pub(crate) fixed_ports: Option<u16>,
    pub(crate) uplinks: Vec<String>,
    pub(crate) port_groups: Vec<PortGroupStatus>,
    pub(crate) ports: Vec<PortStatus>,
    /// MAC addresses that several adapters of one VLAN have now: each is given what is for it.
    pub(crate) duplicate_macs: Vec<DuplicateMacStatus>,
}

/// A physical adapter of the host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NicStatus {
    pub(crate) name: String,
    /// Nobody has taken it down.
    pub(crate) up: bool,
    /// It has a carrier, too.
    pub(crate) link_up: bool,
    pub(crate) mac: String,
    pub(crate) mtu: u32,
    /// The vSwitch whose uplink it is.
    pub(crate) vswitch: Option<String>,
}

/// A MAC address at several adapters that hear each other.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DuplicateMacStatus {
    pub(crate) mac: String,
    /// Their ports, by name.
    pub(crate) ports: Vec<String>,
}

/// A port group.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PortGroupStatus {
    pub(crate) name: String,
    pub(crate) vlan: u16,
    /// Connected adapters.
    pub(crate) active_clients: usize,
    /// What is configured at the port group; what is absent is inherited.
    pub(crate) configured: SecurityDocument,
    pub(crate) promiscuous: ComputedAction,
    pub(crate) mac_changes: ComputedAction,
    pub(crate) forged_transmits: ComputedAction,
}

/// A security setting in force, and where it was set.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ComputedAction {
    pub(crate) value: ActionDocument,
    pub(crate) set_on: SetOn,
}

/// Where a value in force was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum SetOn {
    PortGroup,
    Vswitch,
    Default,
}

/// A connected port: what its guest asks, what is applied, and its counters.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PortStatus {
    pub(crate) id: u32,
    pub(crate) name: String,
    /// `vnic`, `vmkernel` or `uplink`.
    pub(crate) client: String,
    /// `tap`, `veth`, `packet` (a device that was there) or `device` (the same for the kernel engine): how its frames cross.
    pub(crate) device: String,
    /// `None` for an uplink.
    pub(crate) port_group: Option<String>,
    pub(crate) link_up: bool,
    pub(crate) initial_mac: String,
    /// The address that the guest programmed.
    pub(crate) requested_mac: String,
    /// The address that the switch honours.
    pub(crate) effective_mac: String,
    pub(crate) asks_promiscuous: bool,
    pub(crate) promiscuous: bool,
    /// Multicast groups it listens to.
    pub(crate) groups: usize,
    /// The reason code why nothing is delivered to it, if so.
    pub(crate) rx_closed: Option<String>,
    pub(crate) team_uplink: Option<String>,
    pub(crate) counters: CounterStatus,
    /// What was learned from its frames; absent if nothing wants their sources remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) learning: Option<LearningStatus>,
}

/// What is remembered of the addresses that a port's guest sent from, since it was connected and something wanted them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LearningStatus {
    /// Addresses that are remembered now.
    pub(crate) learned: u32,
    /// How many it may learn; absent if it only guards or filters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u32>,
    /// Addresses that were remembered of another port before.
    pub(crate) moved: u64,
    /// Addresses that were forgotten because nobody had sent from them for too long.
    pub(crate) aged: u64,
    /// Frames from one address more than the limit: those that passed unlearned.
    pub(crate) over_limit_passed: u64,
    /// Those that were dropped.
    pub(crate) over_limit_dropped: u64,
}

/// Counters of a port. In is what the port's client sent, out what it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct CounterStatus {
    pub(crate) frames_in: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    /// Copies by cause: own, broadcast, group, promiscuous, uplink, learned, allowed, flooded, sink.
    pub(crate) out: BTreeMap<String, u64>,
    /// Copies that the port was refused, by reason code.
    pub(crate) refused: BTreeMap<String, u64>,
    /// Frames that came in by the port and reached nobody, by reason code.
    pub(crate) dropped: BTreeMap<String, u64>,
    /// Frames of the switch's own that the port sent: beacons and RARP. They stand in no other frame counter.
    #[serde(default)]
    pub(crate) originated: u64,
    /// Copies that the device did not take.
    pub(crate) not_taken: u64,
}

/// A VM.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct VmStatus {
    pub(crate) name: String,
    pub(crate) running: bool,
    /// Its first process, as the host sees it; 0 if it does not run.
    pub(crate) pid: u32,
    /// The VM boots a command of its own, as a nested host does.
    pub(crate) boots_command: bool,
}

/// A page of the drop ring.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DropPage {
    /// Pass it as `since` to go on after this page, by vSwitch.
    pub(crate) next: BTreeMap<String, u64>,
    /// Records that were overwritten before anybody read them.
    pub(crate) missed: u64,
    pub(crate) drops: Vec<DropStatus>,
}

/// A frame that was not delivered to where it might have gone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct DropStatus {
    pub(crate) sequence: u64,
    /// Nanoseconds since 1970.
    pub(crate) time_ns: u64,
    pub(crate) vswitch: String,
    /// The port that the frame came by.
    pub(crate) ingress: PortName,
    pub(crate) vlan: Option<u16>,
    /// Set if the frame reached nobody.
    pub(crate) drop: Option<RefusalStatus>,
    /// Ports that went without a copy.
    pub(crate) refusals: Vec<RefusalStatus>,
    /// Bytes of the frame.
    pub(crate) length: usize,
    /// What the frame is, in a few words.
    pub(crate) summary: String,
    /// Its first bytes, in hexadecimal.
    pub(crate) head: String,
}

/// A port by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct PortName {
    pub(crate) port: String,
    pub(crate) port_group: Option<String>,
}

/// Why a port, or everybody, went without a frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RefusalStatus {
    /// The port whose state or policy decided.
    pub(crate) at: PortName,
    /// The reason code.
    pub(crate) reason: String,
    /// The policy line that decided and where it is set, if one did.
    pub(crate) policy: Option<String>,
}

/// What a changed configuration changed, a line each, beginning with `+`, `-` or `~`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Changes {
    pub(crate) changes: Vec<String>,
}

/// Why a request was refused; nothing was changed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Problem {
    pub(crate) error: String,
}
