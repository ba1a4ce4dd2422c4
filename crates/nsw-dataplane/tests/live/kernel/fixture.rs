//! One vSwitch with its kernel engine, and VMs as namespaces behind veth pairs.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use nsw_core::{Adapter, Counter, GuestRequest, Mac, PortGroup, PortId, Switch, VSwitch, VlanMode};
use nsw_dataplane::engine::EngineEvent;
use nsw_dataplane::engine::kernel::{KernelEngine, KernelError};
use nsw_dataplane::link::{self, VethEnd};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::{Port, create_veth_adapter};

use crate::fixture::Vm;

/// Returns from the test, saying why, unless this system takes the program: it needs root outside of user namespaces.
#[macro_export]
macro_rules! need_kernel {
    () => {
        if let Some(why) = $crate::kernel::fixture::missing() {
            return eprintln!("skipped: {why}");
        }
    };
}

pub(crate) fn missing() -> Option<String> {
    let namespace = Namespace::current().ok()?;
    match KernelEngine::start("probe", &namespace, |_| {}) {
        Ok(_) => None,
        // A program that the verifier refuses is our fault, and not the system's.
        Err(error @ KernelError::Load(_))
            if !nsw_dataplane::process::is_root_like() || in_user_namespace() =>
        {
            Some(error.to_string())
        }
        Err(error) if in_user_namespace() => Some(error.to_string()),
        Err(error) => panic!("{error}"),
    }
}

/// The first user namespace maps every number to itself.
fn in_user_namespace() -> bool {
    let map = std::fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    map.split_whitespace().collect::<Vec<_>>() != ["0", "0", "4294967295"]
}

pub(crate) struct Lab {
    pub(crate) host: Namespace,
    pub(crate) switch: Switch,
    pub(crate) engine: KernelEngine,
    pub(crate) events: Receiver<EngineEvent>,
    pub(crate) vms: u8,
}

impl Lab {
    /// A vSwitch with port groups `Apps` (untagged), `Ten` (VLAN 10) and `Trunk` (4095), changed by `configure`.
    pub(crate) fn new(configure: impl FnOnce(&mut VSwitch)) -> Self {
        Self::with(configure, |host, on_event| KernelEngine::start("vSwitch0", host, on_event).unwrap())
    }

    fn with(
        configure: impl FnOnce(&mut VSwitch),
        start: impl FnOnce(&Namespace, Box<dyn FnMut(EngineEvent) + Send>) -> KernelEngine,
    ) -> Self {
        let mut config = VSwitch::named("vSwitch0");
        config.port_groups = [("Apps", 0), ("Ten", 10), ("Trunk", 4095)]
            .map(|(name, vlan)| PortGroup::named(name, VlanMode::from_id(vlan).unwrap()))
            .to_vec();
        configure(&mut config);
        let host = Namespace::create().unwrap();
        let (sender, events) = mpsc::channel();
        let engine = start(&host, Box::new(move |event| sender.send(event).unwrap_or(())));
        Self { host, switch: Switch::new(config, 1).unwrap(), engine, events, vms: 0 }
    }

    /// Connects a new VM to a port group. IPv6 is off in it, so that it sends only what a test makes it send.
    pub(crate) fn vm(&mut self, group: &str) -> Vm {
        self.vms += 1;
        let n = self.vms;
        let mac = Mac::new([0, 0x50, 0x56, 0, 0, n]);
        let ns = Namespace::create().unwrap();
        let near = create_veth_adapter(&ns, "eth0", mac, &self.host).unwrap();
        link::disable_ipv6(&ns, "eth0").unwrap();
        let ip = Ipv4Addr::new(10, 0, 0, n);
        link::add_address(&ns, "eth0", ip.into(), 24).unwrap();
        let id = self.switch.connect(Adapter::vnic(format!("vm{n}.eth0"), group, mac)).unwrap();
        self.engine.attach(id, &near).unwrap();
        self.install();
        Vm { ns, id, mac, ip }
    }

    /// Connects a guest behind a TAP device to a port group. What QEMU would do with the device, the test does with the
    /// port that is returned.
    pub(crate) fn guest(&mut self, group: &str) -> (PortId, Mac, Port) {
        self.vms += 1;
        let n = self.vms;
        let mac = Mac::new([0, 0x50, 0x56, 0, 0, n]);
        let device = format!("vnet{n}");
        let guest = Port::tap(&self.host, &device, Mac::new([0xfe, 0x50, 0x56, 0, 0, n])).unwrap();
        let id = self.switch.connect(Adapter::vnic(format!("guest{n}.eth0"), group, mac)).unwrap();
        self.engine.attach(id, &device).unwrap();
        self.install();
        (id, mac, guest)
    }

    /// Connects uplink `vmnic0` to a new namespace and returns the far end, `wire`, as a port to speak and hear on.
    pub(crate) fn uplink(&mut self) -> (PortId, Port) {
        self.uplink_named("vmnic0", 0)
    }

    /// The same with another name, and another last octet of the address.
    pub(crate) fn uplink_named(&mut self, name: &str, last: u8) -> (PortId, Port) {
        let outside = Namespace::create().unwrap();
        link::create_veth(
            VethEnd { namespace: &self.host, name, mac: None },
            VethEnd { namespace: &outside, name: "wire", mac: None },
        )
        .unwrap();
        link::set_mtu(&outside, "wire", link::CABLE_MTU).unwrap();
        let wire = Port::packet(&outside, "wire").unwrap();
        let nic = Adapter::uplink(name, Mac::new([0, 0x50, 0x56, 0xff, 0, last]));
        let id = self.switch.connect(nic).unwrap();
        self.engine.attach(id, name).unwrap();
        self.install();
        (id, wire)
    }

    pub(crate) fn install(&self) {
        self.engine.install(Arc::new(self.switch.compile())).unwrap();
    }

    /// Records what a guest asks for, and installs the result.
    pub(crate) fn guest_asks(&mut self, vm: &Vm, request: GuestRequest) {
        self.switch.set_guest_request(vm.id, request).unwrap();
        self.install();
    }

    pub(crate) fn count(&self, port: PortId, counter: Counter) -> u64 {
        self.engine.counters().unwrap().port(port).map_or(0, |port| port.get(counter))
    }
}
