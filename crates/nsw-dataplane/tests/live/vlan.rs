//! Tags on the wire: put in and taken out at the uplink, kept for a guest that tags.

use nsw_core::{Counter, Mac, Reason};
use nsw_dataplane::link::{self, VethEnd};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::Port;

use crate::fixture::{Lab, OUTSIDE, broadcast, eventually, frame, hear, kinds, service_tagged, short_frames};

#[test]
fn the_switch_tags_towards_the_uplink_and_untags_from_it() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let vm = lab.vm("Ten");
        let (_, wire) = lab.uplink();
        let guest = Port::packet(&vm.ns, "eth0").unwrap();
        guest.write_frame(&frame(OUTSIDE, vm.mac, None)).unwrap();
        assert_eq!(hear(&wire), Some(frame(OUTSIDE, vm.mac, Some(10))), "{kind}");
        wire.write_frame(&frame(vm.mac, OUTSIDE, Some(10))).unwrap();
        assert_eq!(hear(&guest), Some(frame(vm.mac, OUTSIDE, None)), "{kind}");
        // Another VLAN is not for this guest.
        wire.write_frame(&frame(vm.mac, OUTSIDE, Some(20))).unwrap();
        wire.write_frame(&frame(vm.mac, OUTSIDE, None)).unwrap();
        assert_eq!(hear(&guest), None, "{kind}");
    }
}

#[test]
fn a_guest_that_tags_sends_and_hears_its_tags() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let vm = lab.vm("Trunk");
        let (_, wire) = lab.uplink();
        let guest = Port::packet(&vm.ns, "eth0").unwrap();
        for tag in [None, Some(10), Some(0x6000 | 20)] {
            guest.write_frame(&frame(OUTSIDE, vm.mac, tag)).unwrap();
            assert_eq!(hear(&wire), Some(frame(OUTSIDE, vm.mac, tag)), "{kind}, out");
            wire.write_frame(&frame(vm.mac, OUTSIDE, tag)).unwrap();
            assert_eq!(hear(&guest), Some(frame(vm.mac, OUTSIDE, tag)), "{kind}, in");
        }
    }
}

// V-9: the kernel takes a service tag out of the bytes as it does with a VLAN's.
#[test]
fn a_service_tag_goes_through_as_payload() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let groups = [("Apps", None), ("Ten", Some(10))].map(|(group, tag)| (lab.vm(group), tag));
        let (_, wire) = lab.uplink();
        for (vm, tag) in &groups {
            let guest = Port::packet(&vm.ns, "eth0").unwrap();
            let [inside, outside] = [None, *tag].map(|tag| service_tagged(OUTSIDE, vm.mac, tag));
            guest.write_frame(&inside).unwrap();
            assert_eq!(hear(&wire), Some(outside), "{kind}, {tag:?}, out");
            let [inside, outside] = [None, *tag].map(|tag| service_tagged(vm.mac, OUTSIDE, tag));
            wire.write_frame(&outside).unwrap();
            assert_eq!(hear(&guest), Some(inside), "{kind}, {tag:?}, in");
        }
    }
}

#[test]
fn a_short_frame_is_padded_on_the_wire_and_goes_to_a_neighbour_as_it_came() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let groups = ["Apps", "Ten", "Trunk"].map(|group| [lab.vm(group), lab.vm(group)]);
        let (_, wire) = lab.uplink();
        for ([sender, neighbour], case) in groups.iter().zip(short_frames()) {
            let [mouth, ear] = [sender, neighbour].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
            for len in case.lengths() {
                mouth.write_frame(&case.sent(sender.mac, len)).unwrap();
                let (inside, outside) = (case.sent(sender.mac, len), case.on_the_wire(sender.mac, len));
                assert_eq!(hear(&wire), Some(outside), "{kind}, {case:?}, {len} bytes");
                assert_eq!(hear(&ear), Some(inside), "{kind}, {case:?}, {len} bytes");
            }
        }
    }
}

// N-1 on a wire: the tag that is put in counts neither against the vSwitch's MTU nor against the device's.
#[test]
fn what_the_mtu_allows_leaves_with_its_tag_or_without_and_one_byte_more_does_not() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| {
            config.uplinks.push("vmnic0".into());
            config.mtu = 9_000;
        });
        let (uplink, wire) = lab.uplink();
        link::set_mtu(&lab.host, "vmnic0", 9_000).unwrap();
        for (refused, (group, tag)) in [("Apps", None), ("Ten", Some(10))].into_iter().enumerate() {
            let [vm, neighbour] = [lab.vm(group), lab.vm(group)];
            let [guest, ear] = [&vm, &neighbour].map(|vm| {
                link::set_mtu(&vm.ns, "eth0", 9_100).unwrap();
                Port::packet(&vm.ns, "eth0").unwrap()
            });
            for payload in [9_001, 9_000] {
                guest.write_frame(&broadcast(vm.mac, None, payload)).unwrap();
                assert_eq!(hear(&ear), Some(broadcast(vm.mac, None, payload)), "{kind}, {group}, {payload}");
            }
            assert_eq!(hear(&wire), Some(broadcast(vm.mac, tag, 9_000)), "{kind}, {group}");
            assert_eq!(lab.count(uplink, Counter::Refused(Reason::Mtu)), refused as u64 + 1, "{kind}");
        }
    }
}

// N-4: nobody but the device knows, and it says so.
#[test]
fn a_device_that_is_narrower_than_the_vswitch_refuses_what_is_larger_and_is_counted() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| {
            config.uplinks.push("vmnic0".into());
            config.mtu = 9_000;
        });
        let vm = lab.vm("Apps");
        let (uplink, wire) = lab.uplink();
        link::set_mtu(&vm.ns, "eth0", 9_000).unwrap();
        let guest = Port::packet(&vm.ns, "eth0").unwrap();
        guest.write_frame(&broadcast(vm.mac, None, 1_501)).unwrap();
        guest.write_frame(&broadcast(vm.mac, None, 1_500)).unwrap();
        assert_eq!(hear(&wire), Some(broadcast(vm.mac, None, 1_500)), "{kind}");
        assert_eq!(lab.count(uplink, Counter::Refused(Reason::Mtu)), 0, "{kind}");
        let counters = lab.engine.counters();
        assert_eq!(counters.port(uplink).unwrap().tx_failures, 1, "{kind}");
    }
}

#[test]
fn tags_cross_a_linux_bridge() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let vm = lab.vm("Ten");
        let outside = Namespace::create().unwrap();
        link::create_bridge(&outside, "br0").unwrap();
        link::create_bridge(&outside, "br0").unwrap();
        link::create_veth(
            VethEnd { namespace: &lab.host, name: "vmnic0", mac: None },
            VethEnd { namespace: &outside, name: "p0", mac: None },
        )
        .unwrap();
        link::create_veth(
            VethEnd { namespace: &outside, name: "p1", mac: None },
            VethEnd { namespace: &outside, name: "wire", mac: None },
        )
        .unwrap();
        for port in ["p0", "p1"] {
            link::enslave(&outside, port, "br0").unwrap();
            link::set_up(&outside, port, true).unwrap();
        }
        link::set_up(&outside, "br0", true).unwrap();
        let wire = Port::packet(&outside, "wire").unwrap();
        let uplink = Port::packet(&lab.host, "vmnic0").unwrap();
        let nic = nsw_core::Adapter::uplink("vmnic0", Mac::new([0, 0x50, 0x56, 0xff, 0, 0]));
        let id = lab.switch.connect(nic).unwrap();
        lab.engine.attach(id, uplink).unwrap();
        lab.install();
        let guest = Port::packet(&vm.ns, "eth0").unwrap();
        // A port of the bridge forwards some time after its link came up.
        let heard = eventually(|| {
            guest.write_frame(&frame(OUTSIDE, vm.mac, None)).unwrap();
            hear(&wire)
        });
        assert_eq!(heard, frame(OUTSIDE, vm.mac, Some(10)), "{kind}");
    }
}
