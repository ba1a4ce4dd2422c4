//! From a lab to a [`World`]: connect every adapter, then lay every cable.
//!
//! Two kinds of cable: a physical adapter to its segment, and an adapter of a VM to the uplink of the same name on the
//! host that runs inside. An adapter of a nested host asks for promiscuous mode as soon as a vSwitch inside uses it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use nsw_core::{Adapter, GuestRequest, Mac, PortId, Switch, TeamMonitor, VSwitch};

use super::bridge::{Bridge, BridgeId, BridgeKind, BridgePort};
use super::endpoint::{Endpoint, EndpointId, EndpointKind};
use super::packet;
use super::world::{Far, HostSwitch, Memory, SimError, SwitchId, World, model_error, no_port_group};
use crate::topology::{Address, Guest, Host, Lab, Vm, Vmkernel, Vnic};

pub(super) fn wire(lab: &Lab) -> Result<World, SimError> {
    let mut wiring = Wiring::default();
    wiring.add_segments(lab);
    let hosts = lab.all_hosts();
    for (_, host) in &hosts {
        wiring.add_host(host)?;
    }
    for (_, host) in &hosts {
        wiring.cable_to_segments(host)?;
        wiring.cable_to_nested(host);
    }
    let mut world = wiring.world;
    let vms = hosts.iter().flat_map(|(_, host)| &host.vms);
    for vm in vms.filter(|vm| vm.guest == Guest::Bridge && !vm.nics.is_empty()) {
        world.bridge_guest(&vm.name)?;
    }
    for id in world.switch_ids() {
        world.recompile(id);
        // A lab is looked at when it has been running for long: everybody is announced.
        let HostSwitch { monitor, tables, .. } = Arc::make_mut(&mut world.switches[id.0]);
        monitor.assume_known(tables);
    }
    world.forget();
    Ok(world)
}

struct Wiring {
    world: World,
    /// The port of each uplink, by host and physical adapter.
    uplinks: HashMap<(String, String), (SwitchId, PortId)>,
    /// The port of each VM's adapter, by VM and adapter.
    vnics: HashMap<(String, String), (SwitchId, PortId)>,
}

impl Default for Wiring {
    fn default() -> Self {
        let world = World {
            switches: Vec::new(),
            bridges: Vec::new(),
            endpoints: Vec::new(),
            memory: Memory::default(),
            packet_len: 0,
            broken: BTreeSet::new(),
            sent: VecDeque::new(),
        };
        Self { world, uplinks: HashMap::new(), vnics: HashMap::new() }
    }
}

impl Wiring {
    fn add_segments(&mut self, lab: &Lab) {
        for segment in &lab.segments {
            let bridge = BridgeId(self.world.bridges.len());
            let mut ports = Vec::new();
            for station in &segment.stations {
                let endpoint = self.add_endpoint(Endpoint {
                    name: station.name.clone(),
                    kind: EndpointKind::Station,
                    owner: station.name.clone(),
                    host: None,
                    mac: station.mac,
                    vlan: station.vlan,
                    promiscuous: false,
                    addresses: station.addresses.clone(),
                    attached: Far::Bridge(bridge, ports.len()),
                });
                ports.push(BridgePort { name: station.name.clone(), far: Far::Endpoint(endpoint) });
            }
            let name = segment.name.clone();
            self.world.bridges.push(Bridge { name: name.into(), kind: BridgeKind::Segment, ports });
        }
    }

    fn add_host(&mut self, host: &Host) -> Result<(), SimError> {
        for (place, config) in host.vswitches.iter().enumerate() {
            let portset = u8::try_from(place + 1).ok().filter(|portset| *portset < 128);
            let portset = portset.ok_or_else(|| SimError::TooManyVSwitches { host: host.name.clone() })?;
            self.add_switch(host, config, portset)?;
        }
        let port_groups = host.vmkernels.iter().map(|vmk| &vmk.port_group);
        let mut port_groups =
            port_groups.chain(host.vms.iter().flat_map(|vm| &vm.nics).map(|nic| &nic.port_group));
        match port_groups.find(|name| host.vswitch_of(name).is_none()) {
            Some(name) => Err(no_port_group(&host.name, name)),
            None => Ok(()),
        }
    }

    fn add_switch(&mut self, host: &Host, config: &VSwitch, portset: u8) -> Result<(), SimError> {
        let switch =
            Switch::new(config.clone(), portset).map_err(|source| model_error(&host.name, source))?;
        let tables = Arc::new(switch.compile());
        let id = SwitchId(self.world.switches.len());
        let (host_name, monitor) = (host.name.clone(), TeamMonitor::new());
        let entry = HostSwitch { host: host_name, switch, tables, monitor, far: Vec::new() };
        self.world.switches.push(Arc::new(entry));
        for name in &config.uplinks {
            let pnic = host.pnics.iter().find(|pnic| pnic.name == *name);
            let pnic = pnic.ok_or_else(|| SimError::NoSuchPnic {
                host: host.name.clone(),
                vswitch: config.name.clone(),
                pnic: name.clone(),
            })?;
            let port = self.connect(id, Adapter::uplink(name, pnic.mac), None, Far::Nowhere)?;
            self.uplinks.insert((host.name.clone(), name.clone()), (id, port));
        }
        for vmk in host.vmkernels.iter().filter(|vmk| config.port_group(&vmk.port_group).is_some()) {
            self.add_vmkernel(host, id, vmk)?;
        }
        for vm in &host.vms {
            for nic in vm.nics.iter().filter(|nic| config.port_group(&nic.port_group).is_some()) {
                self.add_vnic(host, id, vm, nic)?;
            }
        }
        Ok(())
    }

    fn add_vmkernel(&mut self, host: &Host, id: SwitchId, vmk: &Vmkernel) -> Result<(), SimError> {
        let endpoint = self.add_endpoint(Endpoint {
            name: format!("{}/{}", host.name, vmk.name),
            kind: EndpointKind::Vmkernel,
            owner: host.name.clone(),
            host: Some(host.name.clone()),
            mac: vmk.mac,
            vlan: 0,
            promiscuous: false,
            addresses: vmk.addresses.clone(),
            attached: Far::Nowhere,
        });
        let adapter = Adapter::vmkernel(&vmk.name, &vmk.port_group, vmk.mac);
        let request = GuestRequest { groups: groups_of(&vmk.addresses), ..GuestRequest::unicast(vmk.mac) };
        let port = self.connect(id, adapter, Some(request), Far::Endpoint(endpoint))?;
        Arc::make_mut(&mut self.world.endpoints[endpoint.0]).attached = Far::Switch(id, port);
        Ok(())
    }

    fn add_vnic(&mut self, host: &Host, id: SwitchId, vm: &Vm, nic: &Vnic) -> Result<(), SimError> {
        let mac = nic.guest_mac.unwrap_or(nic.mac);
        let adapter = Adapter::vnic(format!("{}.{}", vm.name, nic.name), &nic.port_group, nic.mac);
        let request = GuestRequest {
            promiscuous: nic.promiscuous || is_uplink_inside(vm, nic),
            groups: groups_of(&nic.addresses),
            vlans: nic.vlan_filter.clone(),
            ..GuestRequest::unicast(mac)
        };
        if let Guest::Host(_) = vm.guest {
            let port = self.connect(id, adapter, Some(request), Far::Nowhere)?;
            self.vnics.insert((vm.name.clone(), nic.name.clone()), (id, port));
            return Ok(());
        }
        let endpoint = self.add_endpoint(Endpoint {
            name: format!("{}/{}", vm.name, nic.name),
            kind: EndpointKind::Vnic,
            owner: vm.name.clone(),
            host: Some(host.name.clone()),
            mac,
            vlan: nic.vlan,
            promiscuous: nic.promiscuous,
            addresses: nic.addresses.clone(),
            attached: Far::Nowhere,
        });
        let port = self.connect(id, adapter, Some(request), Far::Endpoint(endpoint))?;
        Arc::make_mut(&mut self.world.endpoints[endpoint.0]).attached = Far::Switch(id, port);
        Ok(())
    }

    fn add_endpoint(&mut self, endpoint: Endpoint) -> EndpointId {
        self.world.endpoints.push(Arc::new(endpoint));
        EndpointId(self.world.endpoints.len() - 1)
    }

    fn connect(
        &mut self,
        id: SwitchId,
        adapter: Adapter,
        request: Option<GuestRequest>,
        far: Far,
    ) -> Result<PortId, SimError> {
        let HostSwitch { host, switch, far: ends, .. } = Arc::make_mut(&mut self.world.switches[id.0]);
        let port = switch.connect(adapter).map_err(|source| model_error(host, source))?;
        if let Some(request) = request {
            switch.set_guest_request(port, request).map_err(|source| model_error(host, source))?;
        }
        ends.resize(ends.len().max(port.slot() + 1), Far::Nowhere);
        ends[port.slot()] = far;
        Ok(port)
    }

    fn cable_to_segments(&mut self, host: &Host) -> Result<(), SimError> {
        for pnic in &host.pnics {
            let Some(segment) = &pnic.segment else { continue };
            let bridge = self.world.bridges.iter().position(|bridge| *bridge.name == **segment);
            let bridge = bridge.map(BridgeId).ok_or_else(|| SimError::NoSuchSegment {
                host: host.name.clone(),
                pnic: pnic.name.clone(),
                segment: segment.clone(),
            })?;
            let uplink = self.uplinks.get(&(host.name.clone(), pnic.name.clone())).copied();
            let Some((switch, port)) = uplink else { continue };
            let ports = &mut self.world.bridges[bridge.0].ports;
            Arc::make_mut(&mut self.world.switches[switch.0]).far[port.slot()] =
                Far::Bridge(bridge, ports.len());
            let name = format!("{}/{}", host.name, pnic.name);
            ports.push(BridgePort { name, far: Far::Switch(switch, port) });
        }
        Ok(())
    }

    fn cable_to_nested(&mut self, host: &Host) {
        for vm in host.vms.iter().filter(|vm| matches!(vm.guest, Guest::Host(_))) {
            for nic in &vm.nics {
                let name = (vm.name.clone(), nic.name.clone());
                let ends = (self.vnics.get(&name).copied(), self.uplinks.get(&name).copied());
                let (Some((outer, vnic)), Some((inner, uplink))) = ends else { continue };
                Arc::make_mut(&mut self.world.switches[outer.0]).far[vnic.slot()] =
                    Far::Switch(inner, uplink);
                Arc::make_mut(&mut self.world.switches[inner.0]).far[uplink.slot()] =
                    Far::Switch(outer, vnic);
            }
        }
    }
}

fn is_uplink_inside(vm: &Vm, nic: &Vnic) -> bool {
    match &vm.guest {
        Guest::Host(inner) => inner.vswitches.iter().any(|vswitch| vswitch.uplinks.contains(&nic.name)),
        Guest::Os | Guest::Bridge => false,
    }
}

/// The multicast groups that a stack joins for its addresses: the solicited-node group of each IPv6 address.
pub(super) fn groups_of(addresses: &[Address]) -> Vec<Mac> {
    let v6 = addresses.iter().filter_map(|address| match address.ip {
        IpAddr::V6(ip) => Some(packet::v6::solicited_node_mac(ip)),
        IpAddr::V4(_) => None,
    });
    v6.collect()
}
