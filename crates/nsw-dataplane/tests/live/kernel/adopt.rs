//! What is pinned goes on without the daemon, and who comes later takes it over: no frame lost, nothing forgotten.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use nsw_core::{
    Action, Adapter, Beyond, Cause, Counter, Learning, Mac, MacLearning, PortGroup, Security, Switch,
    VSwitch, VlanMode,
};
use nsw_dataplane::engine::kernel::KernelEngine;
use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::{Port, create_veth_adapter};

use super::traffic::Traffic;
use crate::fixture::{frame, hear};
use crate::need_kernel;

/// A directory of a test's own, removed at the end with what is pinned there.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("nsw-pins-{}-{number}", std::process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(&self.0, rustix::mount::UnmountFlags::DETACH);
        let _ = std::fs::remove_dir(&self.0);
    }
}

/// Three VMs, whose devices outlive engines. The first is a nested host that learns.
struct Hardware {
    host: Namespace,
    vms: Vec<(Namespace, String)>,
}

const NAMES: [&str; 3] = ["nested", "a", "b"];

impl Hardware {
    fn new() -> Self {
        let host = Namespace::create().unwrap();
        let vms = (0..3).map(|n| {
            let ns = Namespace::create().unwrap();
            let near = create_veth_adapter(&ns, "eth0", mac(n), &host).unwrap();
            link::disable_ipv6(&ns, "eth0").unwrap();
            (ns, near)
        });
        Self { vms: vms.collect(), host }
    }

    fn port(&self, n: usize) -> Port {
        Port::packet(&self.vms[n].0, "eth0").unwrap()
    }

    /// The switch with its VMs connected in this order, and so with other numbers in another.
    fn switch(order: [usize; 3]) -> Switch {
        let mut config = VSwitch::named("vSwitch0");
        config.port_groups = vec![PortGroup::named("Apps", VlanMode::Est)];
        config.security = Security { forged_transmits: Some(Action::Accept), ..Security::default() };
        config.beyond =
            Beyond { mac_learning: Some(MacLearning::On(Learning::default())), ..Beyond::default() };
        let mut switch = Switch::new(config, 1).unwrap();
        for n in order {
            switch.connect(Adapter::vnic(NAMES[n], "Apps", mac(u8::try_from(n).unwrap()))).unwrap();
        }
        switch
    }

    fn open(&self, directory: &Path) -> KernelEngine {
        KernelEngine::open("vSwitch0", &self.host, directory, |_| {}).unwrap()
    }

    fn attach_all(&self, engine: &KernelEngine, switch: &Switch) {
        for (n, name) in NAMES.iter().enumerate() {
            engine.attach(switch.port_named(name).unwrap().id, &self.vms[n].1).unwrap();
            // As a daemon does that connects one after the other.
            engine.install(Arc::new(switch.compile())).unwrap();
        }
    }
}

fn mac(n: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0, 0, n + 1])
}

#[test]
fn a_restart_with_other_port_numbers_loses_no_frame_no_counter_and_no_learned_address() {
    need_kernel!();
    if !KernelEngine::outlives_the_process() {
        return eprintln!("skipped: this kernel has no links to pin");
    }
    let directory = Directory::new();
    let hardware = Hardware::new();
    let switch = Hardware::switch([0, 1, 2]);
    let engine = hardware.open(&directory.0);
    assert_eq!((engine.adopted(), engine.replaced_layouts()), (0, 0));
    hardware.attach_all(&engine, &switch);

    // The nested host is learned to have an inner VM.
    let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
    let [nested, a] = [hardware.port(0), hardware.port(1)];
    nested.write_frame(&frame(mac(1), inner, None)).unwrap();
    assert!(hear(&a).is_some());
    let to_inner = frame(inner, mac(1), None);

    let traffic = Traffic::start(hardware.port(1), hardware.port(2), mac(1), mac(2));
    let mut engine = Some(engine);
    let mut latest = switch;
    for round in 0..5 {
        traffic.some();
        let before = engine.take().unwrap();
        let counted = count(&before, &latest, "b", Counter::Out(Cause::Own));
        drop(before);
        traffic.some();
        latest = Hardware::switch(if round % 2 == 0 { [2, 1, 0] } else { [0, 1, 2] });
        let after = hardware.open(&directory.0);
        assert_eq!(after.adopted(), 3);
        hardware.attach_all(&after, &latest);
        assert_eq!(after.adopted(), 0);
        after.resume().unwrap();
        traffic.some();
        assert!(count(&after, &latest, "b", Counter::Out(Cause::Own)) > counted);
        assert_eq!(count(&after, &latest, "a", Counter::Out(Cause::Own)), 1, "of the very first frame");
        let b = latest.port_named("b").unwrap();
        a.write_frame(&to_inner).unwrap();
        assert_eq!(hear(&nested), Some(to_inner.clone()), "still learned");
        assert_eq!(after.counters().unwrap().port(b.id).unwrap().get(Counter::Out(Cause::Learned)), 0);
        engine = Some(after);
    }
    let (sent, lost) = traffic.stop();
    assert_eq!(lost, 0, "of {sent}");
    eprintln!("5 restarts, {sent} frames, {lost} lost");
    engine.unwrap().detach_datapath().unwrap();
    assert!(!directory.0.exists());
}

#[test]
fn what_is_not_attached_again_is_detached_and_the_whole_can_be_removed() {
    need_kernel!();
    let directory = Directory::new();
    let hardware = Hardware::new();
    let switch = Hardware::switch([0, 1, 2]);
    let engine = hardware.open(&directory.0);
    hardware.attach_all(&engine, &switch);
    drop(engine);
    let engine = hardware.open(&directory.0);
    let a = switch.port_named("a").unwrap().id;
    engine.attach(a, &hardware.vms[1].1).unwrap();
    engine.install(Arc::new(switch.compile())).unwrap();
    engine.resume().unwrap();
    assert_eq!(engine.adopted(), 0);
    let ports: Vec<_> = engine.counters().unwrap().ports.iter().map(|port| port.port).collect();
    assert_eq!(ports, [a]);
    engine.detach_datapath().unwrap();
    // Nobody runs on the devices any more.
    let fresh = hardware.open(&directory.0);
    assert_eq!(fresh.adopted(), 0);
    hardware.attach_all(&fresh, &switch);
    fresh.detach_datapath().unwrap();
}

#[test]
fn a_switch_without_a_device_leaves_nothing_pinned() {
    need_kernel!();
    let directory = Directory::new();
    let hardware = Hardware::new();
    let switch = Hardware::switch([0, 1, 2]);
    let engine = hardware.open(&directory.0);
    engine.install(Arc::new(switch.compile())).unwrap();
    drop(engine);
    assert!(!directory.0.exists());
}

#[test]
fn another_layout_is_replaced_and_reported() {
    need_kernel!();
    let directory = Directory::new();
    let hardware = Hardware::new();
    let engine = hardware.open(&directory.0);
    for part in ["v0-0/maps", "v0-0/links"] {
        std::fs::create_dir_all(directory.0.join(part)).unwrap();
    }
    drop(engine);
    let engine = hardware.open(&directory.0);
    assert_eq!(engine.replaced_layouts(), 1);
    engine.detach_datapath().unwrap();
}

fn count(engine: &KernelEngine, switch: &Switch, port: &str, counter: Counter) -> u64 {
    let id = switch.port_named(port).unwrap().id;
    engine.counters().unwrap().port(id).unwrap().get(counter)
}
