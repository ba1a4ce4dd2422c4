//! Only large packets fail: the vSwitches that are too narrow are widened, and no other.

use expect_test::expect;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::fix::{self, Fix};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::Question;
use nsw_lab::sim::World;
use nsw_lab::spec;
use nsw_lab::topology::Lab;

use crate::threads::words;

/// Three levels; the middle one is as narrow as the outermost.
const NARROW: &str = "
lab: narrow
segments:
  office: { stations: { laptop: { address: 192.168.10.50/24 }, tablet: { address: 'fd00::50/64' } } }
hosts:
  physical:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        security: { promiscuous: accept, forged-transmits: accept }
        port-groups: { Nested: {} }
    vms:
      middle:
        port-group: Nested
        host:
          vswitches:
            vSwitch0:
              uplinks: [vmnic0]
              mtu: 1600
              security: { promiscuous: accept, forged-transmits: accept }
              port-groups: { Nested: {} }
          vms:
            inner:
              port-group: Nested
              host:
                vswitches:
                  vSwitch0: { uplinks: [vmnic0], mtu: 9000, port-groups: { VM Network: {} } }
                vms:
                  web01: { port-group: VM Network, address: 192.168.10.31/24 }
                  web02: { port-group: VM Network, address: 'fd00::31/64' }
";

fn lab() -> Lab {
    spec::parse("narrow.yaml", NARROW).unwrap().lab
}

fn question(from: &str, to: &str, size: usize) -> Question {
    let lab = lab();
    Question::new(&lab, &World::new(&lab).unwrap(), from, to).unwrap().of_size(size)
}

fn fixes(from: &str, to: &str, size: usize) -> Vec<Fix> {
    fix::fixes(&question(from, to, size), Platform::Vss).fixes
}

#[test]
fn what_fits_passes_and_one_byte_more_does_not() {
    for (from, to) in [("web01", "laptop"), ("laptop", "web01"), ("web02", "tablet")] {
        assert!(question(from, to, 0).talks() && question(from, to, 1500).talks(), "{from} -> {to}");
        assert!(!question(from, to, 1501).talks(), "{from} -> {to}");
    }
}

#[test]
fn each_narrow_vswitch_is_widened_to_what_was_sent() {
    let changes =
        |size| fixes("web01", "laptop", size).iter().map(|fix| words(&fix.changes)).collect::<Vec<_>>();
    assert_eq!(changes(1500), [""; 0]);
    expect![[r#"
        MTU 1550 on physical / vSwitch0
        MTU 9000 on middle / vSwitch0; MTU 9000 on physical / vSwitch0"#]]
    .assert_eq(&[1550, 9000].map(|size| changes(size).join("\n")).join("\n"));
}

#[test]
fn the_widened_lab_carries_it_and_no_part_of_the_fix_is_enough() {
    for (from, to) in [("laptop", "web01"), ("tablet", "web02")] {
        let asked = question(from, to, 9000);
        let [fix] = &fixes(from, to, 9000)[..] else { panic!("{from} -> {to}") };
        assert!(asked.with(&fix.changes).unwrap().talks());
        for change in &fix.changes {
            assert!(!asked.with(std::slice::from_ref(change)).unwrap().talks(), "{change:?}");
        }
        let edited = edit::apply(NARROW, &lab(), &fix.changes).unwrap();
        assert_eq!(edited.matches("mtu: 9000").count(), 3, "{edited}");
    }
}
