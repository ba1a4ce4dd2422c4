//! Policies and their inheritance: every single setting of a port group is its own or inherited.
//!
//! One question has three answers here, and all three are kept: what is *configured* at the port group (an `Option`),
//! *where* the value in force comes from ([`Origin`]), and the *computed* value ([`Resolved`]). The fourth, what is
//! *applied* to a port, depends on what its guest asks for and lives in [`crate::Applied`].
//!
//! Reference: `docs/semantics.md`, rules P-1 to P-4.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// The two values of a security setting.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Action {
    /// The switch permits it.
    Accept,
    /// The switch refuses it.
    Reject,
}

impl Action {
    /// Is this [`Action::Accept`]?
    pub const fn accepts(self) -> bool {
        matches!(self, Self::Accept)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.accepts() { "Accept" } else { "Reject" })
    }
}

/// The three elements of the layer 2 security policy, each a `T`.
///
/// `Security<Option<Action>>` is what somebody configured, `Security<Resolved<Action>>` what is in force.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Security<T> {
    /// May a guest have the promiscuous mode that it asks for?
    pub promiscuous: T,
    /// May a guest receive under another MAC address than its initial one?
    pub mac_changes: T,
    /// May a guest send from another MAC address than its effective one?
    pub forged_transmits: T,
}

impl<T> Security<T> {
    /// Applies `f` to each of the three elements.
    pub fn map<U>(self, mut f: impl FnMut(T) -> U) -> Security<U> {
        Security {
            promiscuous: f(self.promiscuous),
            mac_changes: f(self.mac_changes),
            forged_transmits: f(self.forged_transmits),
        }
    }

    /// Pairs the elements of two policies.
    pub fn zip<U>(self, other: Security<U>) -> Security<(T, U)> {
        Security {
            promiscuous: (self.promiscuous, other.promiscuous),
            mac_changes: (self.mac_changes, other.mac_changes),
            forged_transmits: (self.forged_transmits, other.forged_transmits),
        }
    }
}

/// What a vSwitch does where nobody configured anything: it depends on the release that created it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Defaults {
    /// vSphere 7.0 and later: promiscuous mode, MAC address changes and forged transmits at Reject.
    #[default]
    V7,
    /// vSphere 4 to 6.x: promiscuous mode at Reject, the other two at Accept.
    Legacy,
    /// vSphere 8.0: as 7.0, and `Net.BlockGuestBPDU` is 1.
    V8,
    /// ESX 9.0: as 8.0, and `Net.ReversePathFwdCheckPromisc` is 1.
    V9,
}

impl Defaults {
    /// All of them, from the oldest release to the newest.
    pub const ALL: [Self; 4] = [Self::Legacy, Self::V7, Self::V8, Self::V9];

    /// The security policy of a vSwitch on which nothing was set.
    pub const fn security(self) -> Security<Action> {
        let other = match self {
            Self::V7 | Self::V8 | Self::V9 => Action::Reject,
            Self::Legacy => Action::Accept,
        };
        Security { promiscuous: Action::Reject, mac_changes: other, forged_transmits: other }
    }

    /// `Net.BlockGuestBPDU` where nobody set it.
    pub const fn block_guest_bpdu(self) -> bool {
        matches!(self, Self::V8 | Self::V9)
    }

    /// `Net.ReversePathFwdCheckPromisc` where nobody set it.
    pub const fn reverse_path_promiscuous(self) -> bool {
        matches!(self, Self::V9)
    }

    /// The name that lab files and messages use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Legacy => "6.x",
            Self::V7 => "7.0+",
            Self::V8 => "8.0",
            Self::V9 => "9.0",
        }
    }
}

/// Where a value in force was set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// At the port group: an override.
    PortGroup,
    /// At the vSwitch; a port group inherits it.
    VSwitch,
    /// Nowhere: the default of the release that created the vSwitch.
    Default,
}

/// A computed value and where it was set.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Resolved<T> {
    /// The value in force.
    pub value: T,
    /// Where it was set.
    pub origin: Origin,
}

impl<T> Resolved<T> {
    /// The same origin with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Resolved<U> {
        Resolved { value: f(self.value), origin: self.origin }
    }

    /// The value of the port group, else of the vSwitch, else the default (rule P-2).
    pub fn inherit(group: Option<T>, vswitch: Option<T>, default: T) -> Self {
        match (group, vswitch) {
            (Some(value), _) => Self { value, origin: Origin::PortGroup },
            (None, Some(value)) => Self { value, origin: Origin::VSwitch },
            (None, None) => Self { value: default, origin: Origin::Default },
        }
    }
}

/// How a team picks the uplink for a port's frame (rules T-2 to T-5).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum LoadBalancing {
    /// Route based on originating virtual port: one uplink for as long as the port lives.
    #[default]
    PortId,
    /// Route based on source MAC hash.
    SourceMac,
    /// Route based on IP hash; needs a static EtherChannel on the physical switch.
    IpHash,
    /// Use explicit failover order: the first healthy adapter.
    ExplicitFailover,
}

impl fmt::Display for LoadBalancing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::PortId => "originating virtual port",
            Self::SourceMac => "source MAC hash",
            Self::IpHash => "IP hash",
            Self::ExplicitFailover => "explicit failover order",
        })
    }
}

/// How a team finds out that an uplink does not work (rules T-7 and T-9).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum FailureDetection {
    /// By its link alone.
    #[default]
    LinkStatus,
    /// Beacon probing: also by frames that the team's uplinks send to each other.
    BeaconProbing,
}

/// Uplinks by name, in order. One that stands in neither list is unused.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct NicOrder {
    /// Uplinks that carry traffic while they are healthy.
    pub active: Vec<String>,
    /// Uplinks that replace failed active ones.
    pub standby: Vec<String>,
}

/// The teaming and failover policy as configured; `None` inherits, and at the vSwitch means the default.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Teaming {
    /// How the uplink is picked; default [`LoadBalancing::PortId`].
    pub load_balancing: Option<LoadBalancing>,
    /// Which uplinks are active and standby, inherited as one unit; default: all active, in the vSwitch's order.
    pub nic_order: Option<NicOrder>,
    /// How failures are found; default [`FailureDetection::LinkStatus`].
    pub failure_detection: Option<FailureDetection>,
    /// Return to an active uplink that recovers; default yes.
    pub failback: Option<bool>,
    /// Send RARP for registered MACs after a change of uplink; default yes.
    pub notify_switches: Option<bool>,
}

/// The settings that a decision may cite.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Setting {
    /// Security: promiscuous mode.
    PromiscuousMode,
    /// Security: MAC address changes.
    MacAddressChanges,
    /// Security: forged transmits.
    ForgedTransmits,
    /// The port group's VLAN id.
    VlanId,
    /// Teaming: which uplinks are active and standby.
    NicOrder,
    /// The vSwitch's MTU.
    Mtu,
    /// `Net.BlockGuestBPDU`.
    BlockGuestBpdu,
    /// `Net.ReversePathFwdCheck`.
    ReversePathCheck,
    /// The teaming policy applied to inbound frames.
    ReverseFilter,
    /// Link-local groups end at the switch.
    ConsumeLinkLocal,
    /// Traffic shaping.
    TrafficShaping,
    /// MAC learning, which a standard switch does not have.
    MacLearning,
    /// The guard against forged frames that come back, which vSphere does not have.
    ForgedSourceGuard,
}

impl Setting {
    /// The setting's name as vSphere's dialogs and documents write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PromiscuousMode => "promiscuous mode",
            Self::MacAddressChanges => "MAC address changes",
            Self::ForgedTransmits => "forged transmits",
            Self::VlanId => "VLAN ID",
            Self::NicOrder => "failover order",
            Self::Mtu => "MTU",
            Self::BlockGuestBpdu => "Net.BlockGuestBPDU",
            Self::ReversePathCheck => "Net.ReversePathFwdCheck",
            Self::ReverseFilter => "reverse teaming filter",
            Self::ConsumeLinkLocal => "consume link-local groups",
            Self::TrafficShaping => "traffic shaping",
            Self::MacLearning => "MAC learning",
            Self::ForgedSourceGuard => "forged source guard",
        }
    }
}
