//! Adapters, the ports they connect to, and what a guest asks of its adapter.
//!
//! Data only: what a guest is granted of what it asks stands in [`crate::Applied`], and is settled by `compile.rs`.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::addr::{Mac, VlanId};

/// A port's number: the portset (one a vSwitch) and the slot in it; the top bit marks an uplink, as on ESXi.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PortId(u32);

impl PortId {
    const UPLINK: u32 = 0x8000_0000;
    const SLOT_MASK: u32 = 0x00ff_ffff;

    pub(crate) fn new(portset: u8, slot: u32, uplink: bool) -> Self {
        let mark = if uplink { Self::UPLINK } else { 0 };
        Self(mark | u32::from(portset & 0x7f) << 24 | slot & Self::SLOT_MASK)
    }

    /// The port with this number.
    pub const fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The number, as `esxcli network port` prints it.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The place of the port in its switch: dense, from 0, reused after a disconnect.
    pub const fn slot(self) -> usize {
        self.slot_number() as usize
    }

    /// The same as tables keep it.
    pub(crate) const fn slot_number(self) -> u32 {
        self.0 & Self::SLOT_MASK
    }

    /// Is this the port of an uplink?
    pub const fn is_uplink(self) -> bool {
        self.0 & Self::UPLINK != 0
    }
}

impl fmt::Display for PortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What kind of adapter a port serves.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Client {
    /// A network adapter of a VM.
    Vnic,
    /// A VMkernel adapter of the host itself.
    Vmkernel,
    /// A physical adapter of the host.
    Uplink,
}

/// An adapter that is to be connected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Adapter {
    /// What kind it is.
    pub client: Client,
    /// Its name, unique on the switch: `web01.eth0`, `vmk0`, `vmnic0`.
    pub name: String,
    /// The port group it connects to; empty for an uplink.
    pub port_group: String,
    /// Its initial MAC, the one that is configured for it.
    pub mac: Mac,
}

impl Adapter {
    /// A VM's adapter.
    pub fn vnic(name: impl Into<String>, port_group: impl Into<String>, mac: Mac) -> Self {
        Self { client: Client::Vnic, name: name.into(), port_group: port_group.into(), mac }
    }

    /// A VMkernel adapter.
    pub fn vmkernel(name: impl Into<String>, port_group: impl Into<String>, mac: Mac) -> Self {
        Self { client: Client::Vmkernel, name: name.into(), port_group: port_group.into(), mac }
    }

    /// A physical adapter; its name must be one of the vSwitch's uplinks.
    pub fn uplink(name: impl Into<String>, mac: Mac) -> Self {
        Self { client: Client::Uplink, name: name.into(), port_group: String::new(), mac }
    }
}

/// What the guest asks of its adapter: the *requested* filter. What is granted of it is in [`crate::Applied`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuestRequest {
    /// The MAC address that the guest's driver programmed.
    pub mac: Mac,
    /// Every frame.
    pub promiscuous: bool,
    /// Every multicast frame.
    pub all_multicast: bool,
    /// These multicast groups.
    pub groups: Vec<Mac>,
    /// Of the VLANs of a port where the guest tags, these alone, and what is untagged; `None` is all of them. It does not
    /// matter elsewhere, nor in promiscuous mode (rule V-8).
    pub vlans: Option<Vec<VlanId>>,
}

impl GuestRequest {
    /// What an ordinary guest asks: frames for this address, and broadcasts.
    pub fn unicast(mac: Mac) -> Self {
        Self { mac, promiscuous: false, all_multicast: false, groups: Vec::new(), vlans: None }
    }

    /// What a nested host asks for its uplink: everything.
    pub fn promiscuous(mac: Mac) -> Self {
        Self { promiscuous: true, ..Self::unicast(mac) }
    }
}

/// A port that an adapter is connected to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConnectedPort {
    /// Its number.
    pub id: PortId,
    /// What is connected.
    pub adapter: Adapter,
    /// What its guest asks; without meaning for an uplink.
    pub guest: GuestRequest,
    /// Is there a link?
    pub link_up: bool,
    /// An uplink's link has been up for long enough that its teams count on it (rule T-7). Of others it is always true.
    pub settled: bool,
    /// Which of the switch's connections this is: a number is reused after a disconnect, this never.
    pub(crate) connection: u64,
    /// `Net.ReversePathFwdCheckPromisc` as it was when promiscuous mode was last granted (rule R-9).
    pub(crate) latched_reverse_path_promiscuous: bool,
    pub(crate) was_granted_promiscuous: bool,
}
