//! A standard switch with what is connected to it. Every change is an event: somebody edits the configuration, an
//! adapter connects, a guest programs its adapter, a link fails. After it, [`Switch::compile`] makes new tables.
//!
//! **Invariant:** a failed event changes nothing. A guest's adapter is connected and disconnected without a look at the
//! other ports, of which there may be a hundred thousand. What frames carry never changes anything here (rule F-1: a standard
//! switch does not learn).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::addr::{Mac, VlanId};
use crate::compile::promiscuous_granted;
use crate::model::VSwitch;
use crate::policy::{NicOrder, Teaming};
use crate::port::{Adapter, Client, ConnectedPort, GuestRequest, PortId};
use crate::tables::Tables;
use crate::team::{Seats, Silent};

/// Ports a vSwitch can have that makes them as they are needed. On ESXi 5.5 and later it ends at the host's 4096.
pub const MAX_PORTS: usize = 1 << 20;

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
    #[error("vSwitch `{vswitch}` has no port left: it has {ports}, uplinks included")]
    NoPortLeft {
        /// The vSwitch.
        vswitch: String,
        /// How many it has.
        ports: usize,
    },
}

/// A standard switch: its configuration and its connected ports.
#[derive(Clone, Debug)]
pub struct Switch {
    config: VSwitch,
    portset: u8,
    ports: Vec<Option<ConnectedPort>>,
    /// The slot of each connected adapter.
    names: BTreeMap<String, usize>,
    /// Slots that were left.
    vacant: BTreeSet<usize>,
    seats: Seats,
    silent: Silent,
    /// Adapters connected so far.
    connections: u64,
}

impl Switch {
    /// A switch without connected ports. `portset`, 1 to 127, makes its port numbers distinct from other switches' of
    /// the host.
    ///
    /// # Errors
    /// A [`ModelError`] if the configuration contradicts itself.
    pub fn new(config: VSwitch, portset: u8) -> Result<Self, ModelError> {
        check(&config)?;
        let mut switch = Self {
            config,
            portset,
            ports: Vec::new(),
            names: BTreeMap::new(),
            vacant: BTreeSet::new(),
            seats: Seats::default(),
            silent: Silent::default(),
            connections: 0,
        };
        switch.update_seats();
        Ok(switch)
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
        self.ports.get(*self.names.get(name)?)?.as_ref()
    }

    /// Replaces the configuration; ports stay connected.
    ///
    /// # Errors
    /// A [`ModelError`] if the configuration contradicts itself or takes away what a connected port uses.
    pub fn reconfigure(&mut self, config: VSwitch) -> Result<(), ModelError> {
        check(&config)?;
        self.ports().try_for_each(|port| check_adapter(&config, &port.adapter))?;
        if self.names.len() > port_limit(&config) {
            return Err(no_port_left(&config));
        }
        self.config = config;
        self.latch_all();
        self.update_seats();
        Ok(())
    }

    /// Connects an adapter, with link, asking for its own address only.
    ///
    /// # Errors
    /// A [`ModelError`] if the port group, uplink, name or MAC does not fit.
    pub fn connect(&mut self, adapter: Adapter) -> Result<PortId, ModelError> {
        check_adapter(&self.config, &adapter)?;
        if self.names.contains_key(&adapter.name) {
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
            settled: true,
            connection: self.connections,
            latched_reverse_path_promiscuous: false,
            was_granted_promiscuous: false,
        };
        self.connections += 1;
        latch(&self.config, &mut port);
        self.names.insert(port.adapter.name.clone(), slot);
        self.vacant.remove(&slot);
        if slot == self.ports.len() {
            self.ports.push(Some(port));
        } else {
            self.ports[slot] = Some(port);
        }
        self.update_seats_for(id);
        Ok(id)
    }

    /// Disconnects an adapter; its registration goes with it.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`].
    pub fn disconnect(&mut self, id: PortId) -> Result<Adapter, ModelError> {
        self.require(id)?;
        let adapter = self.ports[id.slot()].take().map(|port| port.adapter);
        let adapter = adapter.ok_or_else(|| self.no_such_port(id))?;
        self.names.remove(&adapter.name);
        self.vacant.insert(id.slot());
        self.silent.retain(|(_, uplink)| *uplink != id);
        self.update_seats_for(id);
        Ok(adapter)
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

    /// Records that the link of a port came up or went down. An uplink that comes up counts at once; where time matters,
    /// [`crate::TeamMonitor::set_link`] makes it wait.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`].
    pub fn set_link(&mut self, id: PortId, link_up: bool) -> Result<(), ModelError> {
        self.set_link_state(id, link_up, true)
    }

    /// The same, and whether teams count on the link.
    pub(crate) fn set_link_state(
        &mut self,
        id: PortId,
        link_up: bool,
        settled: bool,
    ) -> Result<(), ModelError> {
        let port = self.require(id)?;
        (port.link_up, port.settled) = (link_up, settled || !id.is_uplink());
        self.update_seats_for(id);
        Ok(())
    }

    /// Records on which paths beacons go missing now. Returns whether that is news.
    pub(crate) fn set_silent(&mut self, silent: Silent) -> bool {
        let news = self.silent != silent;
        self.silent = silent;
        self.update_seats();
        news
    }

    /// Forgets of paths that are no longer probed that they were silent.
    pub(crate) fn retain_silent(&mut self, mut probed: impl FnMut(&(VlanId, PortId)) -> bool) {
        let before = self.silent.len();
        self.silent.retain(|path| probed(path));
        if self.silent.len() != before {
            self.update_seats();
        }
    }

    pub(crate) fn uplinks(&self) -> Vec<&ConnectedPort> {
        crate::team::uplinks(&self.ports)
    }

    /// The tables that decide about this switch's frames as it is now.
    pub fn compile(&self) -> Tables {
        Tables::compile(&self.config, &self.ports, &self.seats, &self.silent)
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
        let slot = self.vacant.first().copied().unwrap_or(self.ports.len());
        let full = self.names.len() >= port_limit(&self.config);
        if full { Err(no_port_left(&self.config)) } else { Ok(slot) }
    }

    /// After an event at the port `id`: a guest's changes no team.
    fn update_seats_for(&mut self, id: PortId) {
        if id.is_uplink() {
            self.update_seats();
        }
    }

    fn update_seats(&mut self) {
        self.seats.update(&self.config, &self.ports, &self.silent);
    }

    fn latch_all(&mut self) {
        for port in self.ports.iter_mut().flatten() {
            latch(&self.config, port);
        }
    }
}

/// How many ports a vSwitch may have, uplinks included (rule N-3).
fn port_limit(config: &VSwitch) -> usize {
    config.ports.map_or(MAX_PORTS, usize::from)
}

fn no_port_left(config: &VSwitch) -> ModelError {
    ModelError::NoPortLeft { vswitch: config.name.clone(), ports: port_limit(config) }
}

/// Rule R-9: a port remembers `Net.ReversePathFwdCheckPromisc` from the moment promiscuous mode is granted to it.
fn latch(config: &VSwitch, port: &mut ConnectedPort) {
    let option = config.reverse_path_promiscuous().value;
    let strict_latch = config.options.strict_latch;
    let granted = promiscuous_granted(config, port);
    if granted && (!port.was_granted_promiscuous || !strict_latch) {
        port.latched_reverse_path_promiscuous = option;
    }
    port.was_granted_promiscuous = granted;
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
