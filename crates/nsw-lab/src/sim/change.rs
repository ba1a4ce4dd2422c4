//! What may happen to a [`World`]: somebody edits a policy, a guest programs its adapter, a link fails, a guest begins
//! to forward. Each event compiles the tables of the vSwitch it happened to, as on a live host.
//!
//! **Invariant:** a failed event changes nothing.

use std::sync::Arc;

use nsw_core::{Action, Adapter, GuestRequest, Mac, PortId, Security, VSwitch};

use super::bridge::{Bridge, BridgeId, BridgeKind, BridgePort, Learned};
use super::endpoint::{EndpointId, EndpointKind};
use super::world::{Far, SimError, SwitchId, World, model_error, no_port_group};
use crate::topology::Address;

/// An adapter that was taken off its port, with what is behind it, as [`World::connect`] takes it back.
#[derive(Clone, Debug)]
pub struct Disconnected {
    switch: SwitchId,
    adapter: Adapter,
    guest: GuestRequest,
    link_up: bool,
    far: Far,
}

impl World {
    /// From now on pings have IP packets of so many bytes, or as small ones as their words allow.
    pub fn set_packet_len(&mut self, packet_len: usize) {
        self.packet_len = packet_len;
    }

    /// How many bytes the IP packets of a ping have at least.
    pub const fn packet_len(&self) -> usize {
        self.packet_len
    }

    /// Forgets what bridges and vSwitches remember of frames; time goes on.
    pub fn forget(&mut self) {
        let now_ns = self.memory.now_ns;
        self.memory = self.cold();
        self.memory.now_ns = now_ns;
    }

    /// Replaces the security settings of a vSwitch, or of one of its port groups.
    ///
    /// # Errors
    /// [`SimError`] if there is no such host, vSwitch or port group.
    pub fn set_security(
        &mut self,
        host: &str,
        vswitch: &str,
        port_group: Option<&str>,
        security: Security<Option<Action>>,
    ) -> Result<(), SimError> {
        self.edit(host, vswitch, |config| match port_group {
            None => {
                config.security = security;
                Ok(())
            }
            Some(name) => match config.port_group_mut(name) {
                Some(group) => {
                    group.security = security;
                    Ok(())
                }
                None => Err(no_port_group(host, name)),
            },
        })
    }

    /// Changes the configuration of a vSwitch in place; what is connected stays connected.
    ///
    /// # Errors
    /// [`SimError`] from `change`, if there is no such vSwitch, or if the result contradicts itself; nothing changed then.
    pub fn edit(
        &mut self,
        host: &str,
        vswitch: &str,
        change: impl FnOnce(&mut VSwitch) -> Result<(), SimError>,
    ) -> Result<(), SimError> {
        let id = self.switch_named(host, vswitch)?;
        let entry = Arc::make_mut(&mut self.switches[id.0]);
        let mut config = entry.switch.config().clone();
        change(&mut config)?;
        entry.switch.reconfigure(config).map_err(|source| model_error(host, source))?;
        self.recompile(id);
        self.speak();
        Ok(())
    }

    /// Records what the guest behind a port asks of its adapter.
    ///
    /// # Errors
    /// [`SimError::NoSuchPort`], [`SimError::NoSuchHost`].
    pub fn set_guest(&mut self, host: &str, port: &str, request: GuestRequest) -> Result<(), SimError> {
        let (id, port) = self.port_named(host, port)?;
        let (mac, promiscuous) = (request.mac, request.promiscuous);
        let entry = Arc::make_mut(&mut self.switches[id.0]);
        entry.switch.set_guest_request(port, request).map_err(|source| model_error(host, source))?;
        self.recompile(id);
        if let Far::Endpoint(endpoint) = self.far(id, port) {
            let endpoint = Arc::make_mut(&mut self.endpoints[endpoint.0]);
            (endpoint.mac, endpoint.promiscuous) = (mac, promiscuous);
        }
        self.speak();
        Ok(())
    }

    /// Gives an end point an address for a what-if question; its guest joins no group for it.
    pub(crate) fn lend_address(&mut self, id: EndpointId, address: Address) {
        Arc::make_mut(&mut self.endpoints[id.0]).addresses.push(address);
    }

    /// Records that the link of a port came up or went down; of a nested host's adapter on both of its ends. An uplink
    /// that comes up counts after [`nsw_core::UP_DELAY_NS`].
    ///
    /// # Errors
    /// [`SimError::NoSuchPort`], [`SimError::NoSuchHost`].
    pub fn set_link(&mut self, host: &str, port: &str, up: bool) -> Result<(), SimError> {
        let (id, port) = self.port_named(host, port)?;
        let far = self.far(id, port);
        self.set_link_of(id, port, up)?;
        if let Far::Switch(other, other_port) = far {
            self.set_link_of(other, other_port, up)?;
        }
        self.speak();
        Ok(())
    }

    /// Lets every guest of an ordinary VM ask for promiscuous mode, as if somebody ran a sniffer in each.
    pub(crate) fn everybody_sniffs(&mut self) {
        let mut changed = Vec::new();
        for endpoint in self.endpoints.iter_mut().filter(|endpoint| endpoint.kind == EndpointKind::Vnic) {
            let Far::Switch(id, port) = endpoint.attached else { continue };
            let asks = self.switches[id.0].switch.port(port).is_some_and(|port| port.guest.promiscuous);
            if endpoint.promiscuous && asks {
                continue;
            }
            Arc::make_mut(endpoint).promiscuous = true;
            let switch = &mut Arc::make_mut(&mut self.switches[id.0]).switch;
            let asks = switch.port(port).map(|port| GuestRequest { promiscuous: true, ..port.guest.clone() });
            // The port is there, and its MAC stays what it was.
            if asks.is_some_and(|asks| switch.set_guest_request(port, asks).is_ok()) {
                changed.push(id);
            }
        }
        changed.dedup();
        changed.into_iter().for_each(|id| self.recompile(id));
    }

    /// Lets the guest of an end point program another MAC.
    pub(crate) fn program_mac(&mut self, id: EndpointId, mac: Mac) {
        let Far::Switch(switch_id, port) = self.endpoint(id).attached else { return };
        let switch = &mut Arc::make_mut(&mut self.switches[switch_id.0]).switch;
        let asks = switch.port(port).map(|port| GuestRequest { mac, ..port.guest.clone() });
        if asks.is_some_and(|asks| switch.set_guest_request(port, asks).is_ok()) {
            Arc::make_mut(&mut self.endpoints[id.0]).mac = mac;
            self.recompile(switch_id);
        }
    }

    /// Takes an adapter off its port, as a VM does that is switched off; its registration goes with it. A nested host
    /// behind it sees the link of its uplink go down. Ports of vmnics stay: they only lose their link.
    ///
    /// # Errors
    /// [`SimError::NoSuchPort`], [`SimError::NoSuchHost`].
    pub fn disconnect(&mut self, host: &str, port: &str) -> Result<Disconnected, SimError> {
        let (switch, id) = self.port_named(host, port)?;
        let far = self.far(switch, id);
        let entry = Arc::make_mut(&mut self.switches[switch.0]);
        let before = entry.switch.port(id).map(|port| (port.guest.clone(), port.link_up));
        let adapter = entry.switch.disconnect(id).map_err(|source| model_error(host, source))?;
        entry.far[id.slot()] = Far::Nowhere;
        self.recompile(switch);
        let (guest, link_up) = before.unwrap_or_else(|| (GuestRequest::unicast(adapter.mac), true));
        self.attach(far, Far::Nowhere);
        if let Far::Switch(inner, uplink) = far {
            self.set_link_of(inner, uplink, false)?;
        }
        self.speak();
        Ok(Disconnected { switch, adapter, guest, link_up, far })
    }

    /// Connects an adapter again that was disconnected, to the first free port of its vSwitch. Its guest asks what it
    /// asked before. A nested host behind it sees the link of its uplink come up, as [`World::set_link`] says.
    ///
    /// # Errors
    /// [`SimError::Model`] if its port group is gone, or its name taken.
    pub fn connect(&mut self, adapter: Disconnected) -> Result<(), SimError> {
        let Disconnected { switch: id, adapter, guest, link_up, far } = adapter;
        let entry = Arc::make_mut(&mut self.switches[id.0]);
        let port = entry.switch.connect(adapter).map_err(|source| model_error(&entry.host, source))?;
        let set = entry.switch.set_guest_request(port, guest);
        set.map_err(|source| model_error(&entry.host, source))?;
        entry.far.resize(entry.far.len().max(port.slot() + 1), Far::Nowhere);
        entry.far[port.slot()] = far;
        self.set_link_of(id, port, link_up)?;
        self.attach(far, Far::Switch(id, port));
        if let Far::Switch(inner, uplink) = far {
            self.set_link_of(inner, uplink, link_up)?;
        }
        self.speak();
        Ok(())
    }

    /// Tells the device at the end of a cable what is at the other end now.
    fn attach(&mut self, end: Far, to: Far) {
        match end {
            Far::Endpoint(id) => Arc::make_mut(&mut self.endpoints[id.0]).attached = to,
            Far::Switch(id, port) => Arc::make_mut(&mut self.switches[id.0]).far[port.slot()] = to,
            Far::Bridge(id, port) => self.bridges[id.0].ports[port].far = to,
            Far::Nowhere => {}
        }
    }

    /// Lets the guest of a VM forward between its adapters, as a software bridge does. It puts them into promiscuous
    /// mode and asks for all multicast, as a bridge of Linux does, and its end points are no longer anywhere.
    ///
    /// # Errors
    /// [`SimError::NoSuchGuest`] if no VM of that name has an ordinary guest.
    pub fn bridge_guest(&mut self, vm: &str) -> Result<(), SimError> {
        let id = BridgeId(self.bridges.len());
        let (mut ports, mut changed) = (Vec::new(), Vec::new());
        for endpoint in self.endpoints.iter_mut().filter(|endpoint| endpoint.owner == vm) {
            let endpoint = Arc::make_mut(endpoint);
            let Far::Switch(switch, port) = endpoint.attached else { continue };
            let entry = Arc::make_mut(&mut self.switches[switch.0]);
            entry.far[port.slot()] = Far::Bridge(id, ports.len());
            let request = GuestRequest { all_multicast: true, ..GuestRequest::promiscuous(endpoint.mac) };
            let set = entry.switch.set_guest_request(port, request);
            set.map_err(|source| model_error(&entry.host, source))?;
            changed.push(switch);
            ports.push(BridgePort { name: endpoint.name.clone(), far: endpoint.attached });
            endpoint.attached = Far::Nowhere;
        }
        changed.into_iter().for_each(|switch| self.recompile(switch));
        if ports.is_empty() {
            return Err(SimError::NoSuchGuest { vm: vm.to_owned() });
        }
        self.bridges.push(Bridge { name: vm.into(), kind: BridgeKind::Guest, ports });
        self.memory.learned.push(Learned::default());
        Ok(())
    }

    fn set_link_of(&mut self, id: SwitchId, port: PortId, up: bool) -> Result<(), SimError> {
        let entry = Arc::make_mut(&mut self.switches[id.0]);
        let set = entry.monitor.set_link(&mut entry.switch, port, up, self.memory.now_ns);
        set.map_err(|source| model_error(&entry.host, source))?;
        self.recompile(id);
        Ok(())
    }
}
