//! The same frames through both engines leave the same counts: of every port, every counter, and bytes.

use nsw_core::{Action, Counter, GuestRequest, Mac, PortId, Security, VSwitch};
use nsw_dataplane::engine::Counters;
use nsw_dataplane::port::{Port, PortKind};

use super::fixture as kernel;
use crate::fixture::{self as user, Vm, eventually, frame};
use crate::need_kernel;

/// What both labs have.
struct Scene {
    vms: Vec<Vm>,
    uplink: PortId,
    wire: Port,
}

fn configure(config: &mut VSwitch) {
    config.uplinks.push("vmnic0".into());
    let group = config.port_group_mut("Ten").unwrap();
    group.security = Security { promiscuous: Some(Action::Accept), ..Security::default() };
}

/// Who sends what: a VM by its place in the scene, or the wire.
fn frames() -> Vec<(Option<usize>, Vec<u8>)> {
    let mac = |n| Mac::new([0, 0x50, 0x56, 0, 0, n]);
    let [app1, app2, ten1, _, trunk] = [1, 2, 3, 4, 5].map(mac);
    let outside = Mac::new([2, 0, 0, 0, 0, 9]);
    let forged = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
    let group = Mac::new([1, 0, 0x5e, 0, 0, 7]);
    vec![
        (Some(0), frame(app2, app1, None)),
        (Some(0), frame(app2, forged, None)),
        (Some(0), frame(app1, app1, None)),
        (Some(0), frame(Mac::BROADCAST, app1, None)),
        (Some(0), frame(group, app1, None)),
        (Some(0), frame(outside, app1, None)),
        (Some(0), frame(app2, app1, Some(10))),
        (Some(0), frame(Mac::new([1, 0x80, 0xc2, 0, 0, 0]), app1, None)),
        (Some(2), frame(Mac::BROADCAST, ten1, None)),
        (Some(2), frame(outside, ten1, None)),
        (Some(4), frame(ten1, trunk, Some(10))),
        (Some(4), frame(app1, trunk, None)),
        (Some(4), frame(outside, trunk, Some(20))),
        (None, frame(app1, outside, None)),
        (None, frame(ten1, outside, Some(10))),
        (None, frame(forged, outside, Some(10))),
        (None, frame(forged, outside, None)),
        (None, frame(Mac::BROADCAST, app1, None)),
        (None, frame(Mac::BROADCAST, outside, Some(10))),
        (None, frame(Mac::BROADCAST, outside, Some(30))),
        // Goes nowhere, so that whoever finds it counted finds everything counted.
        (Some(0), frame(app2, forged, None)),
    ]
}

#[test]
fn both_engines_count_the_same_for_the_same_frames() {
    need_kernel!();
    let by_user = {
        let mut lab = user::Lab::new(PortKind::Veth, configure);
        let vms = ["Apps", "Apps", "Ten", "Ten", "Trunk"].map(|group| lab.vm(group)).into();
        let (uplink, wire) = lab.uplink();
        let scene = Scene { vms, uplink, wire };
        lab.guest_asks(&scene.vms[3], GuestRequest::promiscuous(scene.vms[3].mac));
        lab.guest_asks(&scene.vms[1], GuestRequest::promiscuous(scene.vms[1].mac));
        play(&scene, || lab.engine.counters())
    };
    let by_kernel = {
        let mut lab = kernel::Lab::new(configure);
        let vms = ["Apps", "Apps", "Ten", "Ten", "Trunk"].map(|group| lab.vm(group)).into();
        let (uplink, wire) = lab.uplink();
        let scene = Scene { vms, uplink, wire };
        lab.guest_asks(&scene.vms[3], GuestRequest::promiscuous(scene.vms[3].mac));
        lab.guest_asks(&scene.vms[1], GuestRequest::promiscuous(scene.vms[1].mac));
        play(&scene, || lab.engine.counters().unwrap())
    };
    assert_eq!(by_kernel, by_user);
}

/// Sends the frames one by one, and returns what they changed, in words.
fn play(scene: &Scene, counters: impl Fn() -> Counters) -> Vec<String> {
    let mouths: Vec<Port> = scene.vms.iter().map(|vm| Port::packet(&vm.ns, "eth0").unwrap()).collect();
    let total =
        |counters: &Counters, counter| counters.ports.iter().map(|port| port.get(counter)).sum::<u64>();
    let before = counters();
    for (sender, bytes) in frames() {
        let seen = total(&counters(), Counter::In);
        sender.map_or(&scene.wire, |n| &mouths[n]).write_frame(&bytes).unwrap();
        eventually(|| (total(&counters(), Counter::In) > seen).then_some(()));
    }
    let after = counters();
    let mut changes = Vec::new();
    for id in scene.vms.iter().map(|vm| vm.id).chain([scene.uplink]) {
        let [before, after] = [&before, &after].map(|counters| counters.port(id).unwrap());
        for counter in Counter::all() {
            let more = after.get(counter) - before.get(counter);
            if more > 0 {
                changes.push(format!("{id} {counter:?} {more}"));
            }
        }
        changes.push(format!("{id} bytes in {}", after.bytes_in - before.bytes_in));
        changes.push(format!("{id} bytes out {}", after.bytes_out - before.bytes_out));
        changes.push(format!("{id} failures {}", after.tx_failures - before.tx_failures));
    }
    changes
}
