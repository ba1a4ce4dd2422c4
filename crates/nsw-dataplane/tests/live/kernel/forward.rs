//! Frames between ports: delivery, drops with their reasons, tags, ports that vanish.

use nsw_core::{Action, Cause, Counter, GuestRequest, Mac, PortId, Reason, Security};
use nsw_dataplane::engine::kernel::KernelEngine;
use nsw_dataplane::engine::{DropRecord, EngineEvent};
use nsw_dataplane::link;
use nsw_dataplane::port::Port;

use super::fixture::Lab;
use crate::bulk::transfer;
use crate::fixture::{OUTSIDE, PATIENCE, broadcast, eventually, frame, hear, service_tagged, short_frames};
use crate::need_kernel;

#[test]
fn two_vms_reach_each_other_and_a_bystander_hears_only_their_broadcast() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b, bystander] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
    let report = a.ping(&b);
    assert_eq!((report.sent, report.received, report.duplicates), (3, 3, 0));
    assert_eq!(lab.count(bystander.id, Counter::Out(Cause::Own)), 0);
    // The ARP request.
    assert!(lab.count(bystander.id, Counter::Out(Cause::Broadcast)) >= 1);
    // ARP reply and three echo replies at least came to a as its own.
    assert!(lab.count(a.id, Counter::Out(Cause::Own)) >= 4);
    let counters = lab.engine.counters().unwrap();
    let a = counters.port(a.id).unwrap();
    assert!(a.bytes_in > 0 && a.bytes_out > 0);
    assert_eq!((a.tx_failures, counters.unattached), (0, 0));
}

#[test]
fn a_sniffer_in_promiscuous_mode_is_given_unicast_between_others() {
    need_kernel!();
    let accept = Security { promiscuous: Some(Action::Accept), ..Security::default() };
    let mut lab = Lab::new(|config| config.security = accept);
    let [a, b, sniffer] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
    lab.guest_asks(&sniffer, GuestRequest::promiscuous(sniffer.mac));
    let ears = [&sniffer, &b].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
    let mouth = Port::packet(&a.ns, "eth0").unwrap();
    let sent = frame(b.mac, a.mac, None);
    mouth.write_frame(&sent).unwrap();
    for ear in &ears {
        assert_eq!(hear(ear), Some(sent.clone()));
    }
    assert_eq!(lab.count(sniffer.id, Counter::Out(Cause::Promiscuous)), 1);
}

#[test]
fn a_forged_frame_is_dropped_counted_and_kept_with_its_reason() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
    let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
    let mouth = Port::packet(&a.ns, "eth0").unwrap();
    let forged = frame(b.mac, inner, None);
    mouth.write_frame(&forged).unwrap();
    let is_forged = |record: &DropRecord| record.reason == Reason::ForgedTransmit;
    let record = eventually(|| lab.engine.drops(0).records.into_iter().find(is_forged));
    assert_eq!((record.port, record.ingress, record.delivered), (a.id, a.id, false));
    assert_eq!((record.len, record.head()), (forged.len(), &forged[..]));
    let drops = lab.engine.drops(0);
    assert_eq!((drops.missed, drops.last), (0, drops.records.len() as u64));
    assert_eq!(lab.count(a.id, Counter::Dropped(Reason::ForgedTransmit)), 1);
    assert_eq!(lab.engine.drops(drops.last).records, []);
}

#[test]
fn a_frame_that_left_by_the_uplink_although_a_nested_host_asked_for_it_is_kept_too() {
    need_kernel!();
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let [nested, other] = [lab.vm("Ten"), lab.vm("Ten")];
    let (_, wire) = lab.uplink();
    lab.guest_asks(&nested, GuestRequest::promiscuous(nested.mac));
    let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
    let sent = frame(inner, other.mac, None);
    Port::packet(&other.ns, "eth0").unwrap().write_frame(&sent).unwrap();
    assert_eq!(hear(&wire), Some(frame(inner, other.mac, Some(10))));
    let wanted = |record: &DropRecord| record.delivered;
    let record = eventually(|| lab.engine.drops(0).records.into_iter().find(wanted));
    assert_eq!((record.reason, record.port), (Reason::PromiscuousNotGranted, nested.id));
    assert_eq!(record.refusals().count(), 1);
    assert_eq!(record.head(), &sent[..]);
}

#[test]
fn a_tag_is_put_in_taken_out_and_left_for_each_receiver_of_one_frame() {
    need_kernel!();
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let [a, b, trunk] = [lab.vm("Ten"), lab.vm("Ten"), lab.vm("Trunk")];
    let (_, wire) = lab.uplink();
    let [ear_b, ear_trunk] = [&b, &trunk].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
    let mouth = Port::packet(&a.ns, "eth0").unwrap();
    let plain = frame(Mac::BROADCAST, a.mac, None);
    let tagged = frame(Mac::BROADCAST, a.mac, Some(10));
    mouth.write_frame(&plain).unwrap();
    assert_eq!(hear(&ear_b), Some(plain.clone()));
    assert_eq!(hear(&ear_trunk), Some(tagged.clone()));
    assert_eq!(hear(&wire), Some(tagged));
    // And from the trunk, tagged, to those who see no tag.
    let tagged = frame(Mac::BROADCAST, trunk.mac, Some(10));
    ear_trunk.write_frame(&tagged).unwrap();
    assert_eq!(hear(&ear_b), Some(frame(Mac::BROADCAST, trunk.mac, None)));
    assert_eq!(hear(&wire), Some(tagged));
}

// V-9: the kernel takes a service tag out of the bytes as it does with a VLAN's.
#[test]
fn a_service_tag_goes_through_as_payload() {
    need_kernel!();
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let groups = [("Apps", None), ("Ten", Some(10))].map(|(group, tag)| (lab.vm(group), tag));
    let (_, wire) = lab.uplink();
    for (vm, tag) in &groups {
        let guest = Port::packet(&vm.ns, "eth0").unwrap();
        let [inside, outside] = [None, *tag].map(|tag| service_tagged(OUTSIDE, vm.mac, tag));
        guest.write_frame(&inside).unwrap();
        assert_eq!(hear(&wire), Some(outside), "{tag:?}, out");
        let [inside, outside] = [None, *tag].map(|tag| service_tagged(vm.mac, OUTSIDE, tag));
        wire.write_frame(&outside).unwrap();
        assert_eq!(hear(&guest), Some(inside), "{tag:?}, in");
    }
}

#[test]
fn a_guest_behind_a_tap_device_is_served_like_another() {
    need_kernel!();
    if !nsw_dataplane::process::tun_available() {
        return eprintln!("skipped: /dev/net/tun is closed");
    }
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let (id, mac, guest) = lab.guest("Ten");
    let (_, trunk_mac, trunk) = lab.guest("Trunk");
    let vm = lab.vm("Ten");
    let (_, wire) = lab.uplink();
    let ear = Port::packet(&vm.ns, "eth0").unwrap();
    // From TAP to veth, to TAP, and to the wire.
    guest.write_frame(&frame(vm.mac, mac, None)).unwrap();
    assert_eq!(hear(&ear), Some(frame(vm.mac, mac, None)));
    guest.write_frame(&frame(Mac::BROADCAST, mac, None)).unwrap();
    assert_eq!(hear(&ear), Some(frame(Mac::BROADCAST, mac, None)));
    for tags in [&trunk, &wire] {
        assert_eq!(hear(tags), Some(frame(Mac::BROADCAST, mac, Some(10))));
    }
    // From veth, and from the wire, to TAP.
    ear.write_frame(&frame(mac, vm.mac, None)).unwrap();
    assert_eq!(hear(&guest), Some(frame(mac, vm.mac, None)));
    wire.write_frame(&frame(mac, OUTSIDE, Some(10))).unwrap();
    assert_eq!(hear(&guest), Some(frame(mac, OUTSIDE, None)));
    // A guest that tags, and one that forges.
    trunk.write_frame(&frame(mac, trunk_mac, Some(10))).unwrap();
    assert_eq!(hear(&guest), Some(frame(mac, trunk_mac, None)));
    guest.write_frame(&frame(vm.mac, OUTSIDE, None)).unwrap();
    eventually(|| (lab.count(id, Counter::Dropped(Reason::ForgedTransmit)) == 1).then_some(()));
    assert_eq!(hear(&ear), None);
}

#[test]
fn a_short_frame_is_padded_on_the_wire_and_not_for_a_neighbour() {
    need_kernel!();
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let groups = ["Apps", "Ten", "Trunk"].map(|group| [lab.vm(group), lab.vm(group)]);
    let (_, wire) = lab.uplink();
    for ([sender, neighbour], case) in groups.iter().zip(short_frames()) {
        let [mouth, ear] = [sender, neighbour].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
        for len in case.lengths() {
            mouth.write_frame(&case.sent(sender.mac, len)).unwrap();
            assert_eq!(hear(&wire), Some(case.on_the_wire(sender.mac, len)), "{case:?}, {len} bytes");
            assert_eq!(hear(&ear), Some(case.sent(sender.mac, len)), "{case:?}, {len} bytes");
        }
    }
}

#[test]
fn what_the_mtu_allows_leaves_the_kernel_and_one_byte_more_does_not() {
    need_kernel!();
    let mut lab = Lab::new(|config| {
        config.uplinks.push("vmnic0".into());
        config.mtu = 9_000;
    });
    let (uplink, wire) = lab.uplink();
    let vms = [("Apps", None), ("Ten", Some(10))].map(|(group, tag)| {
        let vm = lab.vm(group);
        link::set_mtu(&vm.ns, "eth0", 9_100).unwrap();
        (Port::packet(&vm.ns, "eth0").unwrap(), vm.mac, tag)
    });
    link::set_mtu(&lab.host, "vmnic0", 9_000).unwrap();
    for (refused, (guest, mac, tag)) in (1..).zip(&vms) {
        for payload in [9_001, 9_000] {
            guest.write_frame(&broadcast(*mac, None, payload)).unwrap();
        }
        assert_eq!(hear(&wire), Some(broadcast(*mac, *tag, 9_000)));
        assert_eq!(lab.count(uplink, Counter::Refused(Reason::Mtu)), refused);
    }
}

// N-4: the program hands a frame over without a look at the device's MTU, and a veth pair takes it.
#[test]
fn a_device_that_is_narrower_than_the_vswitch_is_handed_what_is_larger() {
    need_kernel!();
    let mut lab = Lab::new(|config| {
        config.uplinks.push("vmnic0".into());
        config.mtu = 9_000;
    });
    let vm = lab.vm("Apps");
    let (uplink, wire) = lab.uplink();
    link::set_mtu(&vm.ns, "eth0", 9_000).unwrap();
    let sent = broadcast(vm.mac, None, 1_600);
    Port::packet(&vm.ns, "eth0").unwrap().write_frame(&sent).unwrap();
    assert!(hear(&wire) == Some(sent));
    let counters = lab.engine.counters().unwrap();
    let counters = counters.port(uplink).unwrap();
    assert_eq!((counters.get(Counter::Refused(Reason::Mtu)), counters.tx_failures), (0, 0));
}

#[test]
fn a_device_that_vanishes_is_reported_and_the_others_go_on() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b, doomed] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
    link::delete(&doomed.ns, "eth0").unwrap();
    let event = lab.events.recv_timeout(PATIENCE).expect("the engine should notice");
    assert_eq!(event, EngineEvent::PortGone(doomed.id));
    assert_eq!(a.ping(&b).received, 3);
    assert!(lab.engine.detach(doomed.id).unwrap());
    lab.switch.disconnect(doomed.id).unwrap();
    lab.install();
    // The slot is used again, and its counters start from zero.
    let next = lab.vm("Apps");
    assert_eq!(next.id, doomed.id);
    assert_eq!(a.ping(&next).received, 3);
}

#[test]
fn a_device_in_use_is_refused_with_the_reason() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let vm = lab.vm("Apps");
    let id = vm.id;
    lab.engine.detach(id).unwrap();
    let refusal = |lab: &Lab, device: &str| lab.engine.attach(id, device).unwrap_err().to_string();
    link::create_veth(
        link::VethEnd { namespace: &lab.host, name: "spare", mac: None },
        link::VethEnd { namespace: &vm.ns, name: "far", mac: None },
    )
    .unwrap();
    link::add_address(&lab.host, "spare", [192, 0, 2, 1].into(), 24).unwrap();
    assert_eq!(refusal(&lab, "spare"), "device `spare` is in use: it has the address 192.0.2.1");
    link::create_bridge(&lab.host, "br0").unwrap();
    link::delete(&lab.host, "spare").unwrap();
    link::create_veth(
        link::VethEnd { namespace: &lab.host, name: "spare", mac: None },
        link::VethEnd { namespace: &vm.ns, name: "far", mac: None },
    )
    .unwrap();
    link::enslave(&lab.host, "spare", "br0").unwrap();
    assert_eq!(refusal(&lab, "spare"), "device `spare` is in use: it is a port of `br0`");
    link::release(&lab.host, "spare").unwrap();
    lab.engine.attach(id, "spare").unwrap();
    if !KernelEngine::outlives_the_process() {
        return eprintln!("skipped in part: this kernel does not tell of other programs");
    }
    let other = lab.vm("Apps");
    lab.engine.detach(other.id).unwrap();
    let taken = lab.engine.attach(other.id, "spare").unwrap_err().to_string();
    assert_eq!(taken, "device `spare` is in use: the program `nsw_switch` looks at what it receives");
}

#[test]
fn bulk_tcp_arrives_intact_and_in_large_segments() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
    transfer(&a.ns, &b.ns, b.ip);
    let counters = lab.engine.counters().unwrap();
    let sender = counters.port(a.id).unwrap();
    let average = sender.bytes_in / sender.get(Counter::In);
    assert!(average > 6000, "{average} bytes a frame: segmentation offload is lost");
    assert_eq!(counters.unattached, 0);
}

#[test]
fn an_injected_frame_leaves_by_its_port_alone_and_is_nobodys_copy() {
    need_kernel!();
    let mut lab = Lab::new(|config| config.uplinks.push("vmnic0".into()));
    let vm = lab.vm("Apps");
    let (uplink, wire) = lab.uplink();
    let ear = Port::packet(&vm.ns, "eth0").unwrap();
    let sent = frame(Mac::BROADCAST, Mac::new([2, 0, 0, 0, 0, 9]), Some(10));
    assert!(lab.engine.inject(uplink, &sent).unwrap());
    assert_eq!(hear(&wire), Some(sent));
    assert_eq!(hear(&ear), None);
    let counters = lab.engine.counters().unwrap();
    let counters = counters.port(uplink).unwrap();
    assert_eq!((counters.originated, counters.bytes_out), (1, 64));
    let copies = Counter::all().filter(|counter| matches!(counter, Counter::Out(_)));
    assert_eq!(copies.map(|counter| counters.get(counter)).sum::<u64>(), 0);
    assert!(!lab.engine.inject(PortId::from_number(7), &[0; 64]).unwrap());
}
