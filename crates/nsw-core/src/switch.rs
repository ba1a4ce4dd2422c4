//! A standard switch with what is connected to it. Every change is an event: somebody edits the configuration, an
//! adapter connects, a guest programs its adapter, a link fails. After it, [`Switch::compile`] makes new tables.
//!
//! **Invariant:** a failed event changes nothing. What frames carry never changes anything here (rule F-1: a standard
//! switch does not learn).

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use crate::addr::Mac;
use crate::model::{Options, PortGroup, VSwitch};
use crate::policy::{NicOrder, Resolved, Teaming};
use crate::tables::Tables;

/// Ports a vSwitch can have; an elastic vSwitch of ESXi 5.5 and later ends at the host's 4096, ours does so later.
pub const MAX_PORTS: usize = 1 << 20;

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
        (self.0 & Self::SLOT_MASK) as usize
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
}

impl GuestRequest {
    /// What an ordinary guest asks: frames for this address, and broadcasts.
    pub fn unicast(mac: Mac) -> Self {
        Self { mac, promiscuous: false, all_multicast: false, groups: Vec::new() }
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
    /// `Net.ReversePathFwdCheckPromisc` as it was when promiscuous mode was last granted (rule R-9).
    pub(crate) latched_reverse_path_promiscuous: bool,
    pub(crate) was_granted_promiscuous: bool,
}

/// A configuration that contradicts itself, or an event that does not fit it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ModelError {
    /// Two port groups of one name.
    #[error("vSwitch `{vswitch}` has two port groups named `{group}`")]
    DuplicatePortGroup {
        /// The vSwitch.
        vswitch: String,
        /// The name.
        group: String,
    },
    /// Two uplinks of one name.
    #[error("vSwitch `{vswitch}` lists uplink `{uplink}` twice")]
    DuplicateUplink {
        /// The vSwitch.
        vswitch: String,
        /// The name.
        uplink: String,
    },
    /// A failover order names what is no uplink of the vSwitch.
    #[error("the failover order of {owner} names `{uplink}`, which is no uplink of vSwitch `{vswitch}`")]
    UnknownUplink {
        /// The vSwitch.
        vswitch: String,
        /// Whose order: the vSwitch, or a port group.
        owner: String,
        /// The name.
        uplink: String,
    },
    /// An uplink stands twice in one failover order.
    #[error("the failover order of {owner} names uplink `{uplink}` twice")]
    UplinkTwiceInOrder {
        /// Whose order.
        owner: String,
        /// The name.
        uplink: String,
    },
    /// An adapter names a port group that is not there.
    #[error("port `{port}` connects to port group `{group}`, which vSwitch `{vswitch}` does not have")]
    UnknownPortGroup {
        /// The vSwitch.
        vswitch: String,
        /// The adapter.
        port: String,
        /// The port group.
        group: String,
    },
    /// An uplink that the vSwitch does not list.
    #[error("`{uplink}` is no uplink of vSwitch `{vswitch}`")]
    NotAnUplink {
        /// The vSwitch.
        vswitch: String,
        /// The name.
        uplink: String,
    },
    /// Two adapters of one name.
    #[error("vSwitch `{vswitch}` has a port named `{port}` already")]
    PortNameTaken {
        /// The vSwitch.
        vswitch: String,
        /// The name.
        port: String,
    },
    /// The initial MAC, or the one that the guest programmed, cannot belong to an adapter.
    #[error("port `{port}` cannot have MAC address {mac}: it is a group address or zero")]
    NotAStation {
        /// The adapter.
        port: String,
        /// The address.
        mac: Mac,
    },
    /// No such port.
    #[error("vSwitch `{vswitch}` has no port {id}")]
    NoSuchPort {
        /// The vSwitch.
        vswitch: String,
        /// The port.
        id: PortId,
    },
    /// The vSwitch is full.
    #[error("vSwitch `{vswitch}` has no port left")]
    NoPortLeft {
        /// The vSwitch.
        vswitch: String,
    },
}

/// A standard switch: its configuration and its connected ports.
#[derive(Clone, Debug)]
pub struct Switch {
    config: VSwitch,
    portset: u8,
    ports: Vec<Option<ConnectedPort>>,
}

impl Switch {
    /// A switch without connected ports. `portset`, 1 to 127, makes its port numbers distinct from other switches' of
    /// the host.
    ///
    /// # Errors
    /// A [`ModelError`] if the configuration contradicts itself.
    pub fn new(config: VSwitch, portset: u8) -> Result<Self, ModelError> {
        check(&config)?;
        Ok(Self { config, portset, ports: Vec::new() })
    }

    /// The configuration.
    pub fn config(&self) -> &VSwitch {
        &self.config
    }

    /// The connected ports, by slot.
    pub fn ports(&self) -> impl Iterator<Item = &ConnectedPort> {
        self.ports.iter().flatten()
    }

    /// The connected port with this number.
    pub fn port(&self, id: PortId) -> Option<&ConnectedPort> {
        self.ports.get(id.slot())?.as_ref().filter(|port| port.id == id)
    }

    /// The connected port with this name.
    pub fn port_named(&self, name: &str) -> Option<&ConnectedPort> {
        self.ports().find(|port| port.adapter.name == name)
    }

    /// Replaces the configuration; ports stay connected.
    ///
    /// # Errors
    /// A [`ModelError`] if the configuration contradicts itself or takes away what a connected port uses.
    pub fn reconfigure(&mut self, config: VSwitch) -> Result<(), ModelError> {
        check(&config)?;
        self.ports().try_for_each(|port| check_adapter(&config, &port.adapter))?;
        self.config = config;
        self.latch_all();
        Ok(())
    }

    /// Connects an adapter, with link, asking for its own address only.
    ///
    /// # Errors
    /// A [`ModelError`] if the port group, uplink, name or MAC does not fit.
    pub fn connect(&mut self, adapter: Adapter) -> Result<PortId, ModelError> {
        check_adapter(&self.config, &adapter)?;
        if self.port_named(&adapter.name).is_some() {
            return Err(ModelError::PortNameTaken { vswitch: self.name(), port: adapter.name });
        }
        let slot = self.free_slot()?;
        let id =
            PortId::new(self.portset, u32::try_from(slot).unwrap_or(0), adapter.client == Client::Uplink);
        let guest = GuestRequest::unicast(adapter.mac);
        let mut port = ConnectedPort {
            id,
            adapter,
            guest,
            link_up: true,
            latched_reverse_path_promiscuous: false,
            was_granted_promiscuous: false,
        };
        latch(&self.config, &mut port);
        if slot == self.ports.len() {
            self.ports.push(Some(port));
        } else {
            self.ports[slot] = Some(port);
        }
        Ok(id)
    }

    /// Disconnects an adapter; its registration goes with it.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`].
    pub fn disconnect(&mut self, id: PortId) -> Result<Adapter, ModelError> {
        self.require(id)?;
        self.ports[id.slot()].take().map(|port| port.adapter).ok_or_else(|| self.no_such_port(id))
    }

    /// Records what the guest programmed into its adapter.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`], or [`ModelError::NotAStation`] for a MAC that no adapter can have.
    pub fn set_guest_request(&mut self, id: PortId, guest: GuestRequest) -> Result<(), ModelError> {
        let port = self.require(id)?;
        if !guest.mac.is_station() {
            return Err(ModelError::NotAStation { port: port.adapter.name.clone(), mac: guest.mac });
        }
        port.guest = guest;
        self.latch_all();
        Ok(())
    }

    /// Records that the link of a port came up or went down.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`].
    pub fn set_link(&mut self, id: PortId, link_up: bool) -> Result<(), ModelError> {
        self.require(id)?.link_up = link_up;
        Ok(())
    }

    /// The tables that decide about this switch's frames as it is now.
    pub fn compile(&self) -> Tables {
        Tables::compile(&self.config, self.portset, &self.ports)
    }

    fn name(&self) -> String {
        self.config.name.clone()
    }

    fn require(&mut self, id: PortId) -> Result<&mut ConnectedPort, ModelError> {
        let error = self.no_such_port(id);
        self.ports.get_mut(id.slot()).and_then(Option::as_mut).filter(|port| port.id == id).ok_or(error)
    }

    fn no_such_port(&self, id: PortId) -> ModelError {
        ModelError::NoSuchPort { vswitch: self.name(), id }
    }

    fn free_slot(&self) -> Result<usize, ModelError> {
        let slot = self.ports.iter().position(Option::is_none).unwrap_or(self.ports.len());
        if slot < MAX_PORTS { Ok(slot) } else { Err(ModelError::NoPortLeft { vswitch: self.name() }) }
    }

    fn latch_all(&mut self) {
        for port in self.ports.iter_mut().flatten() {
            latch(&self.config, port);
        }
    }
}

/// Rule R-9: a port remembers `Net.ReversePathFwdCheckPromisc` from the moment promiscuous mode is granted to it.
fn latch(config: &VSwitch, port: &mut ConnectedPort) {
    let Options { reverse_path_promiscuous: option, strict_latch, .. } = config.options;
    let granted = promiscuous_granted(config, port);
    if granted && (!port.was_granted_promiscuous || !strict_latch) {
        port.latched_reverse_path_promiscuous = option;
    }
    port.was_granted_promiscuous = granted;
}

/// Promiscuous delivery needs both: the guest asks, and the policy accepts (rule R-3).
pub(crate) fn promiscuous_granted(config: &VSwitch, port: &ConnectedPort) -> bool {
    let asks = port.guest.promiscuous || config.options.force_copy_to_all;
    asks && port.adapter.client != Client::Uplink
        && config
            .port_group(&port.adapter.port_group)
            .is_some_and(|group| resolve_promiscuous(config, group).value.accepts())
}

fn resolve_promiscuous(config: &VSwitch, group: &PortGroup) -> Resolved<crate::policy::Action> {
    Resolved::inherit(
        group.security.promiscuous,
        config.security.promiscuous,
        config.defaults.security().promiscuous,
    )
}

fn check(config: &VSwitch) -> Result<(), ModelError> {
    for (i, uplink) in config.uplinks.iter().enumerate() {
        if config.uplinks[..i].contains(uplink) {
            return Err(ModelError::DuplicateUplink { vswitch: config.name.clone(), uplink: uplink.clone() });
        }
    }
    check_teaming(config, &config.teaming, || alloc::format!("vSwitch `{}`", config.name))?;
    for (i, group) in config.port_groups.iter().enumerate() {
        if config.port_groups[..i].iter().any(|other| other.name == group.name) {
            let vswitch = config.name.clone();
            return Err(ModelError::DuplicatePortGroup { vswitch, group: group.name.clone() });
        }
        check_teaming(config, &group.teaming, || alloc::format!("port group `{}`", group.name))?;
    }
    Ok(())
}

fn check_teaming(config: &VSwitch, teaming: &Teaming, owner: impl Fn() -> String) -> Result<(), ModelError> {
    let Some(NicOrder { active, standby }) = &teaming.nic_order else { return Ok(()) };
    let names: Vec<&String> = active.iter().chain(standby).collect();
    for (i, name) in names.iter().enumerate() {
        let uplink = name.to_string();
        if !config.uplinks.contains(name) {
            return Err(ModelError::UnknownUplink { vswitch: config.name.clone(), owner: owner(), uplink });
        }
        if names[..i].contains(name) {
            return Err(ModelError::UplinkTwiceInOrder { owner: owner(), uplink });
        }
    }
    Ok(())
}

fn check_adapter(config: &VSwitch, adapter: &Adapter) -> Result<(), ModelError> {
    let vswitch = || config.name.clone();
    let port = || adapter.name.clone();
    if !adapter.mac.is_station() {
        return Err(ModelError::NotAStation { port: port(), mac: adapter.mac });
    }
    match adapter.client {
        Client::Uplink if !config.uplinks.contains(&adapter.name) => {
            Err(ModelError::NotAnUplink { vswitch: vswitch(), uplink: port() })
        }
        Client::Vnic | Client::Vmkernel if config.port_group(&adapter.port_group).is_none() => {
            let group = adapter.port_group.clone();
            Err(ModelError::UnknownPortGroup { vswitch: vswitch(), port: port(), group })
        }
        _ => Ok(()),
    }
}
