//! A standard switch as somebody configures it. Nothing here is computed; see [`crate::Switch`] for that.

use alloc::string::String;
use alloc::vec::Vec;

use crate::addr::VlanMode;
use crate::beyond::{Beyond, Shaping};
use crate::policy::{Action, Defaults, Resolved, Security, Teaming};

pub use crate::policy::LoadBalancing;

/// The MTU of a vSwitch on which nobody set one, in bytes.
pub const DEFAULT_MTU: u16 = 1500;

/// One vSwitch of one host.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VSwitch {
    /// Its name, as `vSwitch0`.
    pub name: String,
    /// Largest payload in bytes that may leave by an uplink, without Ethernet header and VLAN tag.
    pub mtu: u16,
    /// The release whose defaults stand where nothing is set.
    pub defaults: Defaults,
    /// So many ports and no more, uplinks included; `None` if it makes ports as they are needed.
    pub ports: Option<u16>,
    /// What it does with the Cisco Discovery Protocol.
    pub cdp: CdpStatus,
    /// Its physical adapters, as `vmnic0`, in order.
    pub uplinks: Vec<String>,
    /// Layer 2 security; what is `None` has the default of [`VSwitch::defaults`].
    pub security: Security<Option<Action>>,
    /// Teaming and failover.
    pub teaming: Teaming,
    /// Traffic shaping of what guests send, each port by itself; `None` shapes nothing.
    pub shaping: Option<Shaping>,
    /// What a standard switch does not have.
    pub beyond: Beyond,
    /// Its port groups.
    pub port_groups: Vec<PortGroup>,
    /// Advanced options, and our choices where the sources disagree.
    pub options: Options,
}

impl VSwitch {
    /// A vSwitch with this name, MTU 1500, no uplinks, no port groups and everything at its default.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            mtu: DEFAULT_MTU,
            defaults: Defaults::default(),
            ports: None,
            cdp: CdpStatus::default(),
            uplinks: Vec::new(),
            security: Security::default(),
            teaming: Teaming::default(),
            shaping: None,
            beyond: Beyond::default(),
            port_groups: Vec::new(),
            options: Options::default(),
        }
    }

    /// `Net.BlockGuestBPDU` in force: as it is set, or the default of the release (rule P-3).
    pub fn block_guest_bpdu(&self) -> Resolved<bool> {
        Resolved::inherit(None, self.options.block_guest_bpdu, self.defaults.block_guest_bpdu())
    }

    /// `Net.ReversePathFwdCheckPromisc` in force, likewise.
    pub fn reverse_path_promiscuous(&self) -> Resolved<bool> {
        Resolved::inherit(
            None,
            self.options.reverse_path_promiscuous,
            self.defaults.reverse_path_promiscuous(),
        )
    }

    /// The port group with this name.
    pub fn port_group(&self, name: &str) -> Option<&PortGroup> {
        self.port_groups.iter().find(|group| group.name == name)
    }

    /// The port group with this name, to change it.
    pub fn port_group_mut(&mut self, name: &str) -> Option<&mut PortGroup> {
        self.port_groups.iter_mut().find(|group| group.name == name)
    }
}

/// A port group: a template for ports. It is not a layer 2 domain; the VLAN is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PortGroup {
    /// Its name, as `VM Network`.
    pub name: String,
    /// Who tags, and the VLAN.
    pub vlan: VlanMode,
    /// Security overrides; what is `None` is inherited from the vSwitch.
    pub security: Security<Option<Action>>,
    /// Teaming overrides; what is `None` is inherited from the vSwitch.
    pub teaming: Teaming,
    /// Shaping override: `Some(None)` shapes nothing here; `None` is inherited.
    pub shaping: Option<Option<Shaping>>,
    /// Overrides of what a standard switch does not have; what is `None` is inherited.
    pub beyond: Beyond,
}

impl PortGroup {
    /// A port group with this name and VLAN that inherits everything.
    pub fn named(name: impl Into<String>, vlan: VlanMode) -> Self {
        Self {
            name: name.into(),
            vlan,
            security: Security::default(),
            teaming: Teaming::default(),
            shaping: None,
            beyond: Beyond::default(),
        }
    }
}

/// What a vSwitch does with the Cisco Discovery Protocol. It is kept and told; nothing is sent or interpreted.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum CdpStatus {
    /// Nothing.
    Down,
    /// It takes what physical switches tell.
    #[default]
    Listen,
    /// It tells physical switches.
    Advertise,
    /// It takes and tells.
    Both,
}

impl CdpStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Down, Self::Listen, Self::Advertise, Self::Both];

    /// The word that esxcli and lab files use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Listen => "listen",
            Self::Advertise => "advertise",
            Self::Both => "both",
        }
    }
}

/// What a port in promiscuous mode is given (rule R-4; the sources disagree).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum PromiscuousScope {
    /// Every frame of its VLANs on this vSwitch.
    #[default]
    Vlan,
    /// Only frames from or to a port of its own port group, and those from an uplink that no port owns.
    PortGroup,
}

/// What happens to a port whose guest changed its MAC although the policy rejects it (rule S-6; the sources disagree).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum RefusedMacChange {
    /// Nothing more is delivered to the port; what it sends is judged by forged transmits.
    #[default]
    DropRx,
    /// The port is blocked: it neither sends nor receives.
    Block,
}

/// Options of a vSwitch that no dialog shows: ESXi's advanced settings, and choices where the sources disagree.
/// Each has the default that `docs/semantics.md` gives with its evidence.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Options {
    /// What promiscuous mode shows.
    pub promiscuous_scope: PromiscuousScope,
    /// Copy to every port that is *accepted* as promiscuous, whether or not its guest asked.
    pub force_copy_to_all: bool,
    /// The effect of a refused MAC address change.
    pub refused_mac_change: RefusedMacChange,
    /// `Net.ReversePathFwdCheck`: drop group frames of our own that come back by an uplink.
    pub reverse_path_check: bool,
    /// Let [`Options::reverse_path_check`] look at unicast frames too.
    pub reverse_path_all: bool,
    /// Let [`Options::reverse_path_check`] work on a vSwitch with a single uplink too.
    pub reverse_path_single_uplink: bool,
    /// The team's choice of uplink is also applied to inbound frames.
    pub reverse_filter: bool,
    /// `Net.ReversePathFwdCheckPromisc`: apply the reverse filter to promiscuous ports too.
    /// `None` is the default of the release.
    pub reverse_path_promiscuous: Option<bool>,
    /// A change of [`Options::reverse_path_promiscuous`] waits until promiscuous mode is granted anew.
    pub strict_latch: bool,
    /// `Net.BlockGuestBPDU`: guests may not send to the bridge group address.
    /// `None` is the default of the release.
    pub block_guest_bpdu: Option<bool>,
    /// Frames to link-local groups end at the switch instead of being forwarded as multicast.
    pub consume_link_local: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            promiscuous_scope: PromiscuousScope::Vlan,
            force_copy_to_all: false,
            refused_mac_change: RefusedMacChange::DropRx,
            reverse_path_check: true,
            reverse_path_all: false,
            reverse_path_single_uplink: true,
            reverse_filter: true,
            reverse_path_promiscuous: None,
            strict_latch: true,
            block_guest_bpdu: None,
            consume_link_local: false,
        }
    }
}
