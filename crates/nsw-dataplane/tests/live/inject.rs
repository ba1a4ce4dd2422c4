//! Frames of the switch's own: written out of a port as they are, and decided about by nobody.

use nsw_core::{Counter, Mac, PortId};

use crate::fixture::{Lab, frame, hear, kinds};

const SWITCH: Mac = Mac::new([2, 0, 0, 0, 0, 9]);

#[test]
fn an_injected_frame_leaves_by_its_port_alone_and_is_nobodys_copy() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let vm = lab.vm("Apps");
        let (uplink, wire) = lab.uplink();
        let ear = nsw_dataplane::port::Port::packet(&vm.ns, "eth0").unwrap();
        let sent = frame(Mac::BROADCAST, SWITCH, Some(10));
        assert!(lab.engine.inject(uplink, &sent).unwrap(), "{kind}");
        assert_eq!(hear(&wire), Some(sent), "{kind}");
        assert_eq!(hear(&ear), None, "{kind}");
        let counters = lab.engine.counters();
        let counters = counters.port(uplink).unwrap();
        assert_eq!((counters.originated, counters.bytes_out), (1, 64), "{kind}");
        let copies = Counter::all().filter(|counter| matches!(counter, Counter::Out(_)));
        assert_eq!(copies.map(|counter| counters.get(counter)).sum::<u64>(), 0, "{kind}");
    }
}

#[test]
fn a_port_that_nobody_attached_takes_no_injected_frame() {
    for kind in kinds() {
        let lab = Lab::new(kind, |_| {});
        let sent = frame(Mac::BROADCAST, SWITCH, None);
        assert!(!lab.engine.inject(PortId::from_number(7), &sent).unwrap(), "{kind}");
    }
}
