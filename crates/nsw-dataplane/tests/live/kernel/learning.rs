//! What was learned is counted alike by both engines: addresses, moves, frames over the limit, and age.

use nsw_core::{Action, Counter, Learning, LearningCounts, Mac, MacLearning, PortId, VSwitch};
use nsw_dataplane::engine::Counters;
use nsw_dataplane::port::{Port, PortKind};

use super::fixture as kernel;
use crate::fixture::{self as user, Vm, eventually, frame};
use crate::need_kernel;

const FIRST: Mac = Mac::new([0, 0x50, 0x56, 0xaa, 0, 1]);
const SECOND: Mac = Mac::new([0, 0x50, 0x56, 0xaa, 0, 2]);

fn learns(config: &mut VSwitch, ageing_s: u32) {
    let group = config.port_group_mut("Apps").unwrap();
    group.security.forged_transmits = Some(Action::Accept);
    let learning = Learning { limit: 1, ageing_s, ..Learning::default() };
    group.beyond.mac_learning = Some(MacLearning::On(learning));
}

fn of(counters: &Counters, id: PortId) -> LearningCounts {
    counters.port(id).unwrap().learning.expect("the port learns")
}

#[test]
fn both_engines_count_the_same_of_what_they_learn() {
    need_kernel!();
    let of_user = {
        let mut lab = user::Lab::new(PortKind::Veth, |config| learns(config, 300));
        let vms = [lab.vm("Apps"), lab.vm("Apps")];
        moves(&vms, || lab.engine.counters())
    };
    let of_kernel = {
        let mut lab = kernel::Lab::new(|config| learns(config, 300));
        let vms = [lab.vm("Apps"), lab.vm("Apps")];
        moves(&vms, || lab.engine.counters().unwrap())
    };
    let expected = [
        LearningCounts { not_learned_allowed: 1, ..LearningCounts::default() },
        LearningCounts { macs_learned: 1, moved: 1, ..LearningCounts::default() },
    ];
    assert_eq!(of_user, expected);
    assert_eq!(of_kernel, expected);
}

/// One address at the first, one more than it may learn, and the former at the second.
fn moves(vms: &[Vm; 2], counters: impl Fn() -> Counters) -> [LearningCounts; 2] {
    for (vm, source) in [(&vms[0], FIRST), (&vms[0], SECOND), (&vms[1], FIRST)] {
        let seen = || counters().port(vm.id).unwrap().get(Counter::In);
        let before = seen();
        Port::packet(&vm.ns, "eth0").unwrap().write_frame(&frame(Mac::BROADCAST, source, None)).unwrap();
        eventually(|| (seen() > before).then_some(()));
    }
    [0, 1].map(|n| of(&counters(), vms[n].id))
}

#[test]
fn a_silent_address_is_counted_as_too_old_by_whoever_asks() {
    need_kernel!();
    let silent = LearningCounts { aged: 1, ..LearningCounts::default() };
    let sent = frame(Mac::BROADCAST, FIRST, None);

    let mut lab = user::Lab::new(PortKind::Veth, |config| learns(config, 1));
    let vm = lab.vm("Apps");
    Port::packet(&vm.ns, "eth0").unwrap().write_frame(&sent).unwrap();
    eventually(|| (of(&lab.engine.counters(), vm.id) == silent).then_some(()));

    let mut lab = kernel::Lab::new(|config| learns(config, 1));
    let vm = lab.vm("Apps");
    Port::packet(&vm.ns, "eth0").unwrap().write_frame(&sent).unwrap();
    eventually(|| (of(&lab.engine.counters().unwrap(), vm.id) == silent).then_some(()));
}

#[test]
fn a_port_that_nothing_wants_remembered_of_counts_nothing() {
    need_kernel!();
    let mut lab = kernel::Lab::new(|_| {});
    let vm = lab.vm("Apps");
    assert_eq!(lab.engine.counters().unwrap().port(vm.id).unwrap().learning, None);
}
