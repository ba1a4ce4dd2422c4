//! Every counter of every port after a handful of frames, so that an effect that nobody expected fails a test.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::{Expect, expect};
use nsw_core::{Counter, PortId, State, Switch};

use crate::fixture::{FrameSpec, World, decide_aloud};

/// What all ports counted: the lines are all counters that are not zero.
#[derive(Default)]
struct Ledger(BTreeMap<PortId, [u64; Counter::COUNT]>);

impl Ledger {
    fn frame(&mut self, switch: &Switch, port: &str, src: &str, dst: &str) {
        let frame = FrameSpec::new(src.parse().unwrap(), dst.parse().unwrap());
        let ingress = switch.port_named(port).unwrap().id;
        let (_, outcome) = decide_aloud(switch, &mut State::default(), ingress, &frame, 0);
        outcome.count(ingress, |port, counter| {
            self.0.entry(port).or_insert([0; Counter::COUNT])[counter.index()] += 1;
        });
    }

    fn check(&self, switch: &Switch, expect: &Expect) {
        let mut text = String::new();
        for (id, counts) in &self.0 {
            writeln!(text, "{}", switch.port(*id).unwrap().adapter.name).unwrap();
            for (counter, count) in Counter::all().zip(counts).filter(|(_, count)| **count > 0) {
                writeln!(text, "  {count} {}", name(counter)).unwrap();
            }
        }
        expect.assert_eq(&text);
    }
}

fn name(counter: Counter) -> String {
    match counter {
        Counter::In => "in".to_string(),
        Counter::Out(cause) => format!("out, {}", cause.name()),
        Counter::Refused(reason) => format!("refused {reason}"),
        Counter::Dropped(reason) => format!("dropped {reason}"),
    }
}

#[test]
fn the_traffic_of_a_nested_lab_leaves_exactly_these_counts() {
    let switch = World::switch(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic1
          port-group Nested  promiscuous accept  forged-transmits accept
            vnic nested-1  00:50:56:00:00:01  asks promiscuous
            vnic nested-2  00:50:56:00:00:02  asks promiscuous
          port-group Web
            vnic web01  00:50:56:00:00:03
            vnic sniffer  00:50:56:00:00:04  asks promiscuous
            vnic moved  00:50:56:00:00:05  guest-mac 00:50:56:00:00:99
        ",
    );
    let (inner, outside) = ("00:50:56:aa:00:07", "00:50:56:ff:00:09");
    let mut ledger = Ledger::default();
    ledger.frame(&switch, "nested-1", inner, "ff:ff:ff:ff:ff:ff");
    ledger.frame(&switch, "vmnic0", outside, inner);
    ledger.frame(&switch, "nested-1", inner, outside);
    ledger.frame(&switch, "web01", "00:50:56:00:00:03", "00:50:56:00:00:01");
    ledger.frame(&switch, "web01", inner, outside);
    ledger.frame(&switch, "vmnic1", "00:50:56:00:00:03", "ff:ff:ff:ff:ff:ff");
    ledger.frame(&switch, "vmnic1", outside, "00:50:56:00:00:03");
    ledger.frame(&switch, "vmnic1", outside, "00:50:56:00:00:05");
    ledger.frame(&switch, "web01", "00:50:56:00:00:03", "01:00:5e:00:00:07");
    ledger.check(
        &switch,
        &expect![[r#"
        nested-1
          2 in
          1 out, own
          4 out, promiscuous
        nested-2
          1 out, broadcast
          6 out, promiscuous
        web01
          3 in
          1 out, broadcast
          1 refused REVERSE_TEAM
          1 dropped FORGED_TRANSMIT
        sniffer
          1 out, broadcast
          2 refused PROMISCUOUS_NOT_GRANTED
        moved
          2 refused PORT_BLOCKED_MAC_CHANGE
        vmnic0
          1 in
          3 out, uplink
        vmnic1
          3 in
          1 dropped REVERSE_PATH
    "#]],
    );
}

#[test]
fn a_frame_that_reaches_nobody_counts_at_its_ingress_port_alone() {
    let switch = World::switch(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        ",
    );
    let mut ledger = Ledger::default();
    ledger.frame(&switch, "web01", "00:50:56:00:00:02", "ff:ff:ff:ff:ff:ff");
    ledger.frame(&switch, "vmnic0", "00:50:56:ff:00:09", "00:50:56:ff:00:0a");
    ledger.check(
        &switch,
        &expect![[r#"
        web01
          1 in
          1 dropped FORGED_TRANSMIT
        vmnic0
          1 in
          1 dropped DEST_NOT_REGISTERED
    "#]],
    );
}

#[test]
fn every_counter_has_a_place_of_its_own() {
    for (place, counter) in Counter::all().enumerate() {
        assert_eq!(counter.index(), place);
    }
    assert_eq!(Counter::all().count(), Counter::COUNT);
}
