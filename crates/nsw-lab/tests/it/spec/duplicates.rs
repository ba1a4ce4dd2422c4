//! MAC addresses that may stand twice, where both adapters hear each other.

use expect_test::expect;

use super::check;

// F-7. Others with the same address are in another VLAN, on another vSwitch, or on another host.
#[test]
fn an_allowed_duplicate_that_meets_the_other_is_worth_a_warning() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vswitches:
      vSwitch0:
        port-groups:
          Ten: { vlan: 10 }
          AlsoTen: { vlan: 10, security: { mac-changes: accept } }
          Other: { vlan: 11 }
          Trunk: { vlan: 4095 }
      vSwitch1: { port-groups: { Far: { vlan: 10 } } }
    vms:
      a: { port-group: Ten, mac: 00:50:56:00:00:01 }
      b: { port-group: AlsoTen, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
      c: { port-group: Other, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
      d: { port-group: Far, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
      e: { port-group: Ten, mac: 00:50:56:00:00:02 }
      f: { port-group: AlsoTen, guest-mac: 00:50:56:00:00:02 }
      g: { port-group: Ten, guest-mac: 00:50:56:00:00:02 }
    vmkernel:
      vmk0: { port-group: Other, mac: 00:50:56:00:00:03 }
  k:
    vswitches: { vSwitch0: { port-groups: { Ten: { vlan: 10 } } } }
    vms:
      z: { port-group: Ten, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
",
        &expect![[r#"
            warning 15:38: adapter `eth0` of VM `b` has the MAC address 00:50:56:00:00:01 of adapter `eth0` of VM `a`, and they meet on vSwitch `vSwitch0` of host `h`
              |       b: { port-group: AlsoTen, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
              |                                      ^^^^^^^^^^^^^^^^^ again here
              |       a: { port-group: Ten, mac: 00:50:56:00:00:01 }
              |                                  ^^^^^^^^^^^^^^^^^ first here
              each of them is given every frame that is for it
            warning 19:44: adapter `eth0` of VM `f` has the MAC address 00:50:56:00:00:02 of adapter `eth0` of VM `e`, and they meet on vSwitch `vSwitch0` of host `h`
              |       f: { port-group: AlsoTen, guest-mac: 00:50:56:00:00:02 }
              |                                            ^^^^^^^^^^^^^^^^^ again here
              |       e: { port-group: Ten, mac: 00:50:56:00:00:02 }
              |                                  ^^^^^^^^^^^^^^^^^ first here
              each of them is given every frame that is for it
        "#]],
    );
}

#[test]
fn a_trunk_meets_every_vlan() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vswitches: { vSwitch0: { port-groups: { Ten: { vlan: 10 }, Trunk: { vlan: 4095 } } } }
    vms:
      a: { port-group: Trunk, mac: 00:50:56:00:00:01 }
    vmkernel:
      vmk0: { port-group: Ten, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
",
        &expect![[r#"
            warning 7:36: adapter `eth0` of VM `a` has the MAC address 00:50:56:00:00:01 of VMkernel adapter `vmk0` of host `h`, and they meet on vSwitch `vSwitch0` of host `h`
              |       a: { port-group: Trunk, mac: 00:50:56:00:00:01 }
              |                                    ^^^^^^^^^^^^^^^^^ again here
              |       vmk0: { port-group: Ten, mac: 00:50:56:00:00:01, allow-duplicate-mac: true }
              |                                     ^^^^^^^^^^^^^^^^^ first here
              each of them is given every frame that is for it
        "#]],
    );
}
