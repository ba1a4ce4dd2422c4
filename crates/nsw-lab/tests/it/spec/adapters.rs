//! VMs and their adapters.

use expect_test::expect;

use super::check;

#[test]
fn the_two_forms_of_a_vm_do_not_mix() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        port-groups: { VM Network: {}, Nested: {} }
    vms:
      a: { address: 10.0.0.1/8, nics: { eth0: { port-group: VM Network } } }
",
        &expect![[r#"
            error 10:21: VM `a` has `nics` and also keys of a single adapter
              |       a: { address: 10.0.0.1/8, nics: { eth0: { port-group: VM Network } } }
              |                     ^^^^^^^^^^
              `port-group`, `address` and their like belong to each of the `nics`
        "#]],
    );
}

#[test]
fn the_adapters_of_a_nested_host_are_its_uplinks() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        port-groups: { VM Network: {}, Nested: {} }
    vms:
      nested-1:
        nics:
          vmnic0:
            port-group: Nested
            address: 10.0.0.1/8
            promiscuous: true
            guest-mac: 00:50:56:00:00:09
            vlan: 7
        host:
          vmnics: { vmnic0: { segment: office } }
",
        &expect![[r#"
            error 14:22: adapter `vmnic0` of VM `nested-1` cannot have `address`: it is a physical adapter of the host in the VM
              |             address: 10.0.0.1/8
              |                      ^^^^^^^^^^
              give the address to a VMkernel adapter under `host`
            error 15:26: adapter `vmnic0` of VM `nested-1` cannot have `promiscuous`: it is a physical adapter of the host in the VM
              |             promiscuous: true
              |                          ^^^^
              a host always asks for promiscuous mode on its uplinks
            error 16:24: adapter `vmnic0` of VM `nested-1` cannot have `guest-mac`: it is a physical adapter of the host in the VM
              |             guest-mac: 00:50:56:00:00:09
              |                        ^^^^^^^^^^^^^^^^^
              a host keeps the MAC addresses of its adapters
            error 17:19: adapter `vmnic0` of VM `nested-1` cannot have `vlan`: it is a physical adapter of the host in the VM
              |             vlan: 7
              |                   ^
              the port groups under `host` tag
            error 19:21: nested host `nested-1` cannot have `vmnics`
              |           vmnics: { vmnic0: { segment: office } }
              |                     ^^^^^^
              its physical adapters are the adapters of its VM; describe them under `nics` of the VM
        "#]],
    );
}

// Both are ports of a vSwitch, which tells its ports apart by name.
#[test]
fn a_vmkernel_adapter_is_no_physical_adapter() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmk0: { segment: office } }
    vswitches: { vSwitch0: { port-groups: { M: {} } } }
    vmkernel: { vmk0: { port-group: M } }
",
        &expect![[r#"
            error 7:17: VMkernel adapter `vmk0` of host `h` has the name of a physical adapter of the host
              |     vmkernel: { vmk0: { port-group: M } }
              |                 ^^^^
        "#]],
    );
}

#[test]
fn an_adapter_in_a_bridge_forwards_and_does_nothing_else() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups: { Inside: { vlan: 10 }, Outside: {} }
    vms:
      firewall:
        bridge: true
        nics: { eth0: { port-group: Inside, address: 10.0.0.1/8 }, eth1: { port-group: Outside, vlan: 7 } }
      nested-1: { port-group: Outside, bridge: true, host: {} }
",
        &expect![[r#"
            error 13:54: adapter `eth0` of VM `firewall` cannot have `address`: the guest bridges its adapters
              |         nics: { eth0: { port-group: Inside, address: 10.0.0.1/8 }, eth1: { port-group: Outside, vlan: 7 } }
              |                                                      ^^^^^^^^^^
              an adapter in a bridge forwards and does nothing else
            error 13:103: adapter `eth1` of VM `firewall` cannot have `vlan`: the guest bridges its adapters
              |         nics: { eth0: { port-group: Inside, address: 10.0.0.1/8 }, eth1: { port-group: Outside, vlan: 7 } }
              |                                                                                                       ^
              an adapter in a bridge forwards and does nothing else
            error 14:48: VM `nested-1` cannot be a bridge: it is a host
              |       nested-1: { port-group: Outside, bridge: true, host: {} }
              |                                                ^^^^
              the vSwitches under `host` forward between its adapters, or do not
        "#]],
    );
}

#[test]
fn a_guest_that_bridges_a_loop_is_warned_of() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        port-groups: { Inside: {}, Outside: {} }
    vms:
      firewall:
        bridge: true
        nics: { eth0: { port-group: Inside }, eth1: { port-group: Outside } }
",
        &expect![[r#"
            warning 12:17: VM `firewall` bridges a loop: a broadcast goes round for ever
              |         bridge: true
              |                 ^^^^
              a standard switch does not stop loops, so `nsw lab up` does not start this lab; connect the adapters to networks that meet nowhere else
        "#]],
    );
}
