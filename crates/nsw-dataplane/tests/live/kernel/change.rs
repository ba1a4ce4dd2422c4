//! Changes while frames are under way, and what they cost on a large switch.

use std::time::Instant;

use nsw_core::{Action, Adapter, Counter, Mac, Reason, Security};

use super::fixture::Lab;
use super::traffic::Traffic;
use crate::fixture::{frame, hear};
use crate::need_kernel;
use nsw_dataplane::port::Port;

const FLIPS: usize = 200;

#[test]
fn a_policy_that_changes_all_the_time_costs_no_frame_that_it_permits() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b, forger] = [lab.vm("Apps"), lab.vm("Apps"), lab.vm("Ten")];
    let [mouth, ear] = [&a, &b].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
    let inner = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
    let forged = Port::packet(&forger.ns, "eth0").unwrap();
    let traffic = Traffic::start(mouth, ear, a.mac, b.mac);
    for flip in 0..FLIPS {
        let mut config = lab.switch.config().clone();
        let action = if flip % 2 == 0 { Action::Accept } else { Action::Reject };
        let group = config.port_group_mut("Apps").unwrap();
        group.security =
            Security { forged_transmits: Some(action), promiscuous: Some(action), mac_changes: Some(action) };
        lab.switch.reconfigure(config).unwrap();
        lab.install();
        forged.write_frame(&frame(Mac::BROADCAST, inner, None)).unwrap();
    }
    let (sent, lost) = traffic.stop();
    assert_eq!(lost, 0, "of {sent}");
    assert_eq!(lab.count(forger.id, Counter::Dropped(Reason::ForgedTransmit)), FLIPS as u64);
    eprintln!("{FLIPS} changes of policy, {sent} frames, {lost} lost");
}

#[test]
fn a_thousand_ports_take_no_part_in_what_one_change_writes() {
    need_kernel!();
    let mut lab = Lab::new(|_| {});
    let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
    for n in 0..1000_u32 {
        let [.., high, low] = n.to_be_bytes();
        let mac = Mac::new([0, 0x50, 0x56, 1, high, low]);
        lab.switch.connect(Adapter::vnic(format!("spare{n}"), "Apps", mac)).unwrap();
    }
    let begun = Instant::now();
    lab.install();
    let all = begun.elapsed();
    lab.install();
    let mut changes = Vec::new();
    for action in [Action::Accept, Action::Reject, Action::Accept] {
        let mut config = lab.switch.config().clone();
        config.security.forged_transmits = Some(action);
        lab.switch.reconfigure(config).unwrap();
        let begun = Instant::now();
        lab.install();
        changes.push(begun.elapsed());
    }
    eprintln!("1000 ports installed in {all:?}, then one setting changed in {changes:?}");
    let ear = Port::packet(&b.ns, "eth0").unwrap();
    let sent = frame(b.mac, a.mac, None);
    Port::packet(&a.ns, "eth0").unwrap().write_frame(&sent).unwrap();
    assert_eq!(hear(&ear), Some(sent));
}
