//! New tables under traffic: no frame is lost to the change itself, and none meets the old tables after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use nsw_core::Counter;
use nsw_dataplane::ping::ping;

use crate::fixture::{Lab, PATIENCE, eventually, frame, hear, kinds};
use nsw_dataplane::port::Port;

#[test]
fn no_echo_is_lost_while_tables_are_replaced_all_the_time() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
        let tables = Arc::new(lab.switch.compile());
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    lab.engine.install(Arc::clone(&tables)).unwrap();
                }
            });
            let report = ping(&a.ns, b.ip, 200, Duration::from_millis(1), PATIENCE).unwrap();
            done.store(true, Ordering::Relaxed);
            assert_eq!((report.received, report.duplicates), (200, 0), "{kind}");
        });
    }
}

#[test]
fn after_install_returns_no_frame_is_decided_by_the_old_tables() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
        let [mouth, ear] = [&a, &b].map(|vm| Port::packet(&vm.ns, "eth0").unwrap());
        let sent = frame(b.mac, a.mac, None);
        for _ in 0..20 {
            lab.switch.set_link(b.id, false).unwrap();
            lab.install();
            let before = lab.count(a.id, Counter::In);
            mouth.write_frame(&sent).unwrap();
            eventually(|| (lab.count(a.id, Counter::In) > before).then_some(()));
            lab.switch.set_link(b.id, true).unwrap();
            lab.install();
        }
        assert_eq!(hear(&ear), None, "{kind}");
        mouth.write_frame(&sent).unwrap();
        assert_eq!(hear(&ear), Some(sent), "{kind}");
    }
}
