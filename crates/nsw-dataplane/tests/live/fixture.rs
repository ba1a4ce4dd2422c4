//! One vSwitch with its engine, VMs as namespaces, and an outside behind an uplink.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use nsw_core::{Adapter, Counter, GuestRequest, Mac, PortGroup, PortId, Switch, VSwitch, VlanMode};
use nsw_dataplane::engine::EngineEvent;
use nsw_dataplane::engine::user::UserEngine;
use nsw_dataplane::link::{self, VethEnd};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::ping::{PingReport, ping};
use nsw_dataplane::port::{Port, PortKind};
use nsw_dataplane::process::{is_root_like, tun_available};

/// How long something that should happen may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Returns from the test unless namespaces can be created here.
#[macro_export]
macro_rules! need_root {
    () => {
        if !nsw_dataplane::process::is_root_like() {
            return eprintln!("skipped: needs root, or a user namespace (`unshare -Urn`)");
        }
    };
}

/// The ways of connecting an adapter that this system allows.
pub(crate) fn kinds() -> Vec<PortKind> {
    if !is_root_like() {
        eprintln!("skipped: needs root, or a user namespace (`unshare -Urn`)");
        return Vec::new();
    }
    if tun_available() {
        return vec![PortKind::Tap, PortKind::Veth];
    }
    eprintln!("TAP skipped: /dev/net/tun is closed");
    vec![PortKind::Veth]
}

/// Calls `what` until it returns something, or gives up.
pub(crate) fn eventually<T>(what: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what).expect("this should have happened by now")
}

fn within<T>(time: Duration, mut what: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + time;
    loop {
        if let Some(found) = what() {
            return Some(found);
        }
        if Instant::now() > deadline {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

/// A VM: a namespace with one adapter, `eth0`, connected to a port.
pub(crate) struct Vm {
    pub(crate) ns: Namespace,
    pub(crate) id: PortId,
    pub(crate) mac: Mac,
    pub(crate) ip: Ipv4Addr,
}

impl Vm {
    pub(crate) fn ping(&self, to: &Vm) -> PingReport {
        self.ping_address(to.ip, PATIENCE)
    }

    pub(crate) fn ping_address(&self, to: Ipv4Addr, patience: Duration) -> PingReport {
        ping(&self.ns, to, 3, Duration::from_millis(50), patience).unwrap()
    }
}

pub(crate) struct Lab {
    pub(crate) host: Namespace,
    pub(crate) switch: Switch,
    pub(crate) engine: UserEngine,
    pub(crate) events: Receiver<EngineEvent>,
    kind: PortKind,
    /// The number of the last VM; its MAC and IP address end with it.
    pub(crate) vms: u8,
}

impl Lab {
    /// A vSwitch with port groups `Apps` (untagged), `Ten` (VLAN 10) and `Trunk` (4095), changed by `configure`.
    pub(crate) fn new(kind: PortKind, configure: impl FnOnce(&mut VSwitch)) -> Self {
        let mut config = VSwitch::named("vSwitch0");
        config.port_groups = [("Apps", 0), ("Ten", 10), ("Trunk", 4095)]
            .map(|(name, vlan)| PortGroup::named(name, VlanMode::from_id(vlan).unwrap()))
            .to_vec();
        configure(&mut config);
        let (sender, events) = mpsc::channel();
        let engine = UserEngine::start("vSwitch0", move |event| sender.send(event).unwrap_or(())).unwrap();
        let switch = Switch::new(config, 1).unwrap();
        Self { host: Namespace::create().unwrap(), switch, engine, events, kind, vms: 0 }
    }

    /// Connects a new VM to a port group. IPv6 is off in it, so that it sends only what a test makes it send.
    pub(crate) fn vm(&mut self, group: &str) -> Vm {
        self.vms += 1;
        let n = self.vms;
        let vm_mac = Mac::new([0, 0x50, 0x56, 0, 0, n]);
        let ns = Namespace::create().unwrap();
        let port = match self.kind {
            PortKind::Tap => Port::tap(&ns, "eth0", vm_mac),
            _ => Port::veth(&ns, "eth0", vm_mac, &self.host),
        }
        .unwrap();
        assert_eq!((port.kind(), port.device()), (self.kind, "eth0"));
        link::disable_ipv6(&ns, "eth0").unwrap();
        let ip = Ipv4Addr::new(10, 0, 0, n);
        link::add_address(&ns, "eth0", ip.into(), 24).unwrap();
        let id = self.switch.connect(Adapter::vnic(format!("vm{n}.eth0"), group, vm_mac)).unwrap();
        self.engine.attach(id, port).unwrap();
        self.install();
        Vm { ns, id, mac: vm_mac, ip }
    }

    /// Connects uplink `vmnic0` to a new namespace and returns the far end, `wire`, as a port to speak and hear on.
    pub(crate) fn uplink(&mut self) -> (PortId, Port) {
        let outside = Namespace::create().unwrap();
        link::create_veth(
            VethEnd { namespace: &self.host, name: "vmnic0", mac: None },
            VethEnd { namespace: &outside, name: "wire", mac: None },
        )
        .unwrap();
        link::set_mtu(&outside, "wire", link::CABLE_MTU).unwrap();
        let wire = Port::packet(&outside, "wire").unwrap();
        let port = Port::packet(&self.host, "vmnic0").unwrap();
        let nic = Adapter::uplink("vmnic0", Mac::new([0, 0x50, 0x56, 0xff, 0, 0]));
        let id = self.switch.connect(nic).unwrap();
        self.engine.attach(id, port).unwrap();
        self.install();
        // The outside's namespace lives on in the packet socket.
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
        self.engine.counters().port(port).map_or(0, |port| port.get(counter))
    }
}

/// Somebody beyond the uplink.
pub(crate) const OUTSIDE: Mac = Mac::new([2, 0, 0, 0, 0, 9]);

/// An Ethernet frame of the minimum length with a recognisable payload.
pub(crate) fn frame(dst: Mac, src: Mac, tag: Option<u16>) -> Vec<u8> {
    let mut frame = [dst.octets(), src.octets()].concat();
    if let Some(tag) = tag {
        frame.extend([0x81, 0]);
        frame.extend(tag.to_be_bytes());
    }
    // A local experimental EtherType, so that no stack takes notice.
    frame.extend([0x88, 0xb5]);
    frame.extend((0..46).map(|i| i ^ 0x5a));
    frame
}

/// The same as [`frame`], with a service tag (802.1ad) behind the tag.
pub(crate) fn service_tagged(dst: Mac, src: Mac, tag: Option<u16>) -> Vec<u8> {
    let mut frame = frame(dst, src, tag);
    let at = frame.len() - 48;
    frame.splice(at..at, [0x88, 0xa8, 0, 20]);
    frame
}

/// A broadcast of our EtherType with so many bytes of payload.
pub(crate) fn broadcast(src: Mac, tag: Option<u16>, payload: usize) -> Vec<u8> {
    let mut sent = frame(Mac::BROADCAST, src, tag);
    sent.resize(sent.len() - 46 + payload, 0x5a);
    sent
}

/// Frames too short for a wire, by the tag that a guest gives them and the one they have on the wire.
#[derive(Debug)]
pub(crate) struct Short {
    from_guest: Option<u16>,
    on_wire: Option<u16>,
}

/// Of a guest in the port group `Apps`, of one in `Ten`, and of one in `Trunk`.
pub(crate) fn short_frames() -> [Short; 3] {
    [(None, None), (None, Some(10)), (Some(20), Some(20))]
        .map(|(from_guest, on_wire)| Short { from_guest, on_wire })
}

impl Short {
    /// Up to the first that is long enough without a tag. A veth pair loses frames whose payload after a tag has fewer than
    /// two bytes.
    pub(crate) fn lengths(&self) -> [usize; 5] {
        [20, 42, 56, 59, 60]
    }

    /// As the guest sends it, with `len` bytes.
    pub(crate) fn sent(&self, src: Mac, len: usize) -> Vec<u8> {
        let mut sent = frame(Mac::BROADCAST, src, self.from_guest);
        sent.truncate(len);
        sent
    }

    /// As it leaves by the uplink.
    pub(crate) fn on_the_wire(&self, src: Mac, len: usize) -> Vec<u8> {
        let added = if self.from_guest == self.on_wire { 0 } else { 4 };
        let mut padded = frame(Mac::BROADCAST, src, self.on_wire);
        padded.truncate(len + added);
        padded.resize(padded.len().max(60), 0);
        padded
    }
}

/// The next frame of our EtherType on `port`.
pub(crate) fn hear(port: &Port) -> Option<Vec<u8>> {
    within(Duration::from_millis(500), || {
        let frame = port.read_frame(Duration::from_millis(100)).unwrap()?;
        let is_tag = |at: &usize| matches!(frame.get(*at..at + 2), Some([0x81, 0] | [0x88, 0xa8]));
        let at = (12..).step_by(4).find(|at| !is_tag(at))?;
        (frame.get(at..at + 2) == Some(&[0x88, 0xb5])).then_some(frame)
    })
}
