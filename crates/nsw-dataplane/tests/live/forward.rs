//! Frames between ports: delivery, drops with their reasons, ports that vanish.

use nsw_core::{Action, Cause, Counter, GuestRequest, Mac, Reason, Security};
use nsw_dataplane::engine::{DropRecord, EngineEvent};
use nsw_dataplane::link;
use nsw_dataplane::port::Port;

use crate::fixture::{Lab, PATIENCE, broadcast, eventually, frame, hear, kinds};

#[test]
fn two_vms_reach_each_other_and_a_bystander_hears_only_their_broadcast() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b, bystander] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
        let report = a.ping(&b);
        assert_eq!((report.sent, report.received, report.duplicates), (3, 3, 0), "{kind}");
        // A round that starts cold asks for the address again.
        let asked = lab.count(bystander.id, Counter::Out(Cause::Broadcast));
        link::flush_neighbours(&a.ns).unwrap();
        assert_eq!(a.ping(&b).received, 3);
        assert!(lab.count(bystander.id, Counter::Out(Cause::Broadcast)) > asked, "{kind}");
        // Everything that the bystander was given: the ARP request.
        let broadcasts = lab.count(bystander.id, Counter::Out(Cause::Broadcast));
        assert_eq!(lab.count(bystander.id, Counter::Out(Cause::Own)), 0);
        assert!(broadcasts >= 1);
        // ARP reply and three echo replies at least came to a as its own.
        assert!(lab.count(a.id, Counter::Out(Cause::Own)) >= 4);
        let counters = lab.engine.counters();
        let a = counters.port(a.id).unwrap();
        assert!(a.bytes_in > 0 && a.bytes_out > 0);
        assert_eq!((a.tx_failures, a.rx_failures, counters.unattached), (0, 0, 0));
    }
}

// Short frames are gathered before they are settled, and a long one is settled at once.
#[test]
fn short_and_long_frames_leave_by_every_port_in_the_order_in_which_they_came() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| {
            config.uplinks.push("vmnic0".into());
            config.mtu = 9000;
        });
        let [a, b] = [lab.vm("Ten"), lab.vm("Ten")];
        let (_, wire) = lab.uplink();
        for (namespace, device) in [(&a.ns, "eth0"), (&b.ns, "eth0"), (&lab.host, "vmnic0")] {
            link::set_mtu(namespace, device, 9000).unwrap();
        }
        let ear = Port::packet(&b.ns, "eth0").unwrap();
        let mouth = Port::packet(&a.ns, "eth0").unwrap();
        let numbered = |number: u16, tag: Option<u16>| {
            let payload = if number % 7 == 3 { 8000 } else { 46 + usize::from(number) };
            let mut frame = broadcast(a.mac, tag, payload);
            let end = frame.len();
            frame[end - 2..].copy_from_slice(&number.to_be_bytes());
            frame
        };
        let numbers = 0..400;
        for number in numbers.clone() {
            mouth.write_frame(&numbered(number, None)).unwrap();
        }
        for number in numbers {
            assert_eq!(hear(&ear), Some(numbered(number, None)), "{kind}: frame {number} to the neighbour");
            assert_eq!(hear(&wire), Some(numbered(number, Some(10))), "{kind}: frame {number} to the wire");
        }
    }
}

#[test]
fn a_sniffer_in_promiscuous_mode_is_given_unicast_between_others() {
    for kind in kinds() {
        let accept = Security { promiscuous: Some(Action::Accept), ..Security::default() };
        let mut lab = Lab::new(kind, |config| config.security = accept);
        let [a, b, sniffer] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
        lab.guest_asks(&sniffer, GuestRequest::promiscuous(sniffer.mac));
        let ear = Port::packet(&sniffer.ns, "eth0").unwrap();
        let mouth = Port::packet(&a.ns, "eth0").unwrap();
        let sent = frame(b.mac, a.mac, None);
        mouth.write_frame(&sent).unwrap();
        assert_eq!(hear(&ear), Some(sent), "{kind}");
        assert_eq!(lab.count(sniffer.id, Counter::Out(Cause::Promiscuous)), 1);
    }
}

#[test]
fn a_forged_frame_is_dropped_counted_and_kept_with_its_reason() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
        let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
        let mouth = Port::packet(&a.ns, "eth0").unwrap();
        let forged = frame(b.mac, inner, None);
        mouth.write_frame(&forged).unwrap();
        // The guests' own stacks may have sent something before the first tables were installed.
        let is_forged = |record: &DropRecord| record.reason == Reason::ForgedTransmit;
        let record = eventually(|| lab.engine.drops(0).records.into_iter().find(is_forged));
        assert_eq!((record.port, record.ingress, record.delivered), (a.id, a.id, false), "{kind}");
        assert_eq!((record.len, record.head()), (forged.len(), &forged[..]));
        let drops = lab.engine.drops(0);
        assert_eq!((drops.missed, drops.last), (0, drops.records.len() as u64));
        assert_eq!(lab.count(a.id, Counter::Dropped(Reason::ForgedTransmit)), 1);
        assert_eq!(lab.engine.drops(drops.last).records, []);
    }
}

#[test]
fn a_frame_that_left_by_the_uplink_although_a_nested_host_asked_for_it_is_kept_too() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let [nested, other] = [lab.vm("Apps"), lab.vm("Apps")];
        let (_, wire) = lab.uplink();
        lab.guest_asks(&nested, GuestRequest::promiscuous(nested.mac));
        let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
        let sent = frame(inner, other.mac, None);
        Port::packet(&other.ns, "eth0").unwrap().write_frame(&sent).unwrap();
        assert_eq!(hear(&wire), Some(sent), "{kind}");
        let record = eventually(|| lab.engine.drops(0).records.pop());
        assert_eq!((record.reason, record.port), (Reason::PromiscuousNotGranted, nested.id));
        assert!(record.delivered);
        assert_eq!(record.refusals().count(), 1);
    }
}

#[test]
fn a_device_that_vanishes_is_reported_and_the_others_go_on() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b, doomed] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Apps")];
        link::delete(&doomed.ns, "eth0").unwrap();
        let event = lab.events.recv_timeout(PATIENCE).expect("the engine should notice");
        assert_eq!(event, EngineEvent::PortGone(doomed.id), "{kind}");
        assert_eq!(a.ping(&b).received, 3);
        assert!(lab.engine.detach(doomed.id).unwrap().is_some());
        lab.switch.disconnect(doomed.id).unwrap();
        lab.install();
        // The slot is used again, and its counters start from zero.
        let next = lab.vm("Apps");
        assert_eq!(next.id, doomed.id);
        assert_eq!(lab.count(next.id, Counter::In), 0);
        assert_eq!(a.ping(&next).received, 3);
    }
}

#[test]
fn a_device_that_is_down_for_a_while_serves_again_when_it_is_up() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let a = lab.vm("Apps");
        let (_, wire) = lab.uplink();
        link::set_up(&lab.host, "vmnic0", false).unwrap();
        link::set_up(&a.ns, "eth0", false).unwrap();
        link::set_up(&lab.host, "vmnic0", true).unwrap();
        link::set_up(&a.ns, "eth0", true).unwrap();
        let sent = frame(a.mac, Mac::new([2, 0, 0, 0, 0, 9]), None);
        let ear = Port::packet(&a.ns, "eth0").unwrap();
        let heard = eventually(|| {
            wire.write_frame(&sent).ok()?;
            hear(&ear)
        });
        assert_eq!(heard, sent, "{kind}");
        assert!(lab.events.try_recv().is_err(), "nothing is gone");
    }
}
