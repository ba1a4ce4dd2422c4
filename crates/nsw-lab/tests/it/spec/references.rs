//! Names that refer to something, and things that belong to one owner.

use expect_test::expect;

use super::check;

#[test]
fn dangling_names_come_with_a_suggestion() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: ofice }, vmnic1: {} }
    vswitches:
      vSwitch0:
        uplinks: [vmnik0, eth7]
        teaming: { active: [vmnic9] }
        port-groups: { VM Network: {}, Nested: { teaming: { standby: [vmnik1] } } }
    vmkernel:
      vmk0: { port-group: Management Network }
      vmk1: {}
    vms:
      a: { port-group: VM network }
      b: { address: 10.0.0.1/8 }
      c: { nics: { eth0: {} } }
",
        &expect![[r#"
            error 5:34: physical adapter `vmnic0` of host `h` is cabled to segment `ofice`, which does not exist
              |     vmnics: { vmnic0: { segment: ofice }, vmnic1: {} }
              |                                  ^^^^^
              did you mean `office`?
            error 5:43: physical adapter `vmnic1` of host `h` is cabled to no segment
              |     vmnics: { vmnic0: { segment: ofice }, vmnic1: {} }
              |                                           ^^^^^^
              add the key `segment`; there is only `office`
            error 8:19: vSwitch `vSwitch0` of host `h` has uplink `vmnik0`, which the host does not have
              |         uplinks: [vmnik0, eth7]
              |                   ^^^^^^
              did you mean `vmnic0`?
            error 8:27: vSwitch `vSwitch0` of host `h` has uplink `eth7`, which the host does not have
              |         uplinks: [vmnik0, eth7]
              |                           ^^^^
              there are `vmnic0`, `vmnic1`
            error 9:29: the failover order of vSwitch `vSwitch0` of host `h` names `vmnic9`, which is no uplink
              |         teaming: { active: [vmnic9] }
              |                             ^^^^^^
              did you mean `vmnik0`?
            error 10:71: the failover order of port group `Nested` of host `h` names `vmnik1`, which is no uplink
              |         port-groups: { VM Network: {}, Nested: { teaming: { standby: [vmnik1] } } }
              |                                                                       ^^^^^^
              did you mean `vmnik0`?
            error 12:27: VMkernel adapter `vmk0` of host `h` is connected to port group `Management Network`, which host `h` does not have
              |       vmk0: { port-group: Management Network }
              |                           ^^^^^^^^^^^^^^^^^^
              there are `VM Network`, `Nested`
            error 13:7: VMkernel adapter `vmk1` of host `h` is connected to no port group
              |       vmk1: {}
              |       ^^^^
              add the key `port-group`; there are `VM Network`, `Nested`
            error 15:24: adapter `eth0` of VM `a` is connected to port group `VM network`, which host `h` does not have
              |       a: { port-group: VM network }
              |                        ^^^^^^^^^^
              did you mean `VM Network`?
            error 16:7: adapter `eth0` of VM `b` is connected to no port group
              |       b: { address: 10.0.0.1/8 }
              |       ^
              add the key `port-group`; there are `VM Network`, `Nested`
            error 17:20: adapter `eth0` of VM `c` is connected to no port group
              |       c: { nics: { eth0: {} } }
              |                    ^^^^
              add the key `port-group`; there are `VM Network`, `Nested`
        "#]],
    );
}

// The port group of the host around it does not count.
#[test]
fn a_nested_host_has_port_groups_of_its_own() {
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
        port-group: Nested
        host:
          vswitches: { vSwitch0: { uplinks: [vmnic1], port-groups: { Inner: {} } } }
          vms: { web01: { port-group: VM Network } }
",
        &expect![[r#"
            error 13:46: vSwitch `vSwitch0` of host `nested-1` has uplink `vmnic1`, which the host does not have
              |           vswitches: { vSwitch0: { uplinks: [vmnic1], port-groups: { Inner: {} } } }
              |                                              ^^^^^^
              did you mean `vmnic0`?
            error 14:39: adapter `eth0` of VM `web01` is connected to port group `VM Network`, which host `nested-1` does not have
              |           vms: { web01: { port-group: VM Network } }
              |                                       ^^^^^^^^^^
              there is only `Inner`
        "#]],
    );
}

#[test]
fn a_failover_order_names_each_uplink_once() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        teaming: { active: [vmnic0, vmnic1], standby: [vmnic1] }
        port-groups: { A: { teaming: { active: [vmnic0, vmnic0] } } }
",
        &expect![[r#"
            error 9:56: the failover order of vSwitch `vSwitch0` of host `h` names uplink `vmnic1` twice
              |         teaming: { active: [vmnic0, vmnic1], standby: [vmnic1] }
              |                                                        ^^^^^^ again here
              |         teaming: { active: [vmnic0, vmnic1], standby: [vmnic1] }
              |                                     ^^^^^^ first here
              an uplink is active, or standby, or in neither list: unused
            error 10:57: the failover order of port group `A` of host `h` names uplink `vmnic0` twice
              |         port-groups: { A: { teaming: { active: [vmnic0, vmnic0] } } }
              |                                                         ^^^^^^ again here
              |         port-groups: { A: { teaming: { active: [vmnic0, vmnic0] } } }
              |                                                 ^^^^^^ first here
              an uplink is active, or standby, or in neither list: unused
        "#]],
    );
}

#[test]
fn an_uplink_has_one_owner() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic0]
      vSwitch1: { uplinks: [vmnic0] }
",
        &expect![[r#"
            error 8:27: vSwitch `vSwitch0` of host `h` lists uplink `vmnic0` twice
              |         uplinks: [vmnic0, vmnic0]
              |                           ^^^^^^ again here
              |         uplinks: [vmnic0, vmnic0]
              |                   ^^^^^^ first here
              a physical adapter is an uplink of one vSwitch
            error 9:29: vSwitch `vSwitch1` of host `h` has uplink `vmnic0` of vSwitch `vSwitch0`
              |       vSwitch1: { uplinks: [vmnic0] }
              |                             ^^^^^^ again here
              |         uplinks: [vmnic0, vmnic0]
              |                           ^^^^^^ first here
              a physical adapter is an uplink of one vSwitch
        "#]],
    );
}

#[test]
fn port_groups_of_a_host_differ_in_name() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        port-groups: { VM Network: {} }
      vSwitch1: { port-groups: { VM Network: {} } }
",
        &expect![[r#"
            error 9:34: port group `VM Network` is on vSwitch `vSwitch0` of host `h` too
              |       vSwitch1: { port-groups: { VM Network: {} } }
              |                                  ^^^^^^^^^^ again here
              |         port-groups: { VM Network: {} }
              |                        ^^^^^^^^^^ first here
              a host tells its port groups apart by name
        "#]],
    );
}

#[test]
fn an_ip_address_has_one_owner() {
    check(
        "\
lab: x
segments: { office: { stations: { laptop: { address: 10.0.0.1/8 } } } }
hosts:
  h:
    vswitches: { vSwitch0: { port-groups: { A: {} } } }
    vmkernel: { vmk0: { port-group: A, address: 10.0.0.2/8 } }
    vms:
      a: { port-group: A, address: [10.0.0.1/24, 10.0.0.3/8] }
      b: { port-group: A, address: 10.0.0.2/8 }
",
        &expect![[r#"
            error 8:37: adapter `eth0` of VM `a` has the address 10.0.0.1 of station `laptop`
              |       a: { port-group: A, address: [10.0.0.1/24, 10.0.0.3/8] }
              |                                     ^^^^^^^^^^^ again here
              | segments: { office: { stations: { laptop: { address: 10.0.0.1/8 } } } }
              |                                                      ^^^^^^^^^^ first here
            error 9:36: adapter `eth0` of VM `b` has the address 10.0.0.2 of VMkernel adapter `vmk0` of host `h`
              |       b: { port-group: A, address: 10.0.0.2/8 }
              |                                    ^^^^^^^^^^ again here
              |     vmkernel: { vmk0: { port-group: A, address: 10.0.0.2/8 } }
              |                                                 ^^^^^^^^^^ first here
        "#]],
    );
}

#[test]
fn a_mac_address_has_one_owner() {
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
      a: { port-group: VM Network, mac: 00:50:56:00:00:01 }
      b: { port-group: VM Network, mac: 00-50-56-00-00-01 }
      c: { nics: { eth0: { port-group: VM Network, mac: 00:50:56:00:00:02 }, eth1: { port-group: VM Network, mac: 00:50:56:00:00:02 } } }
",
        &expect![[r#"
            error 11:41: adapter `eth0` of VM `b` has the MAC address 00:50:56:00:00:01 of adapter `eth0` of VM `a`
              |       b: { port-group: VM Network, mac: 00-50-56-00-00-01 }
              |                                         ^^^^^^^^^^^^^^^^^ again here
              |       a: { port-group: VM Network, mac: 00:50:56:00:00:01 }
              |                                         ^^^^^^^^^^^^^^^^^ first here
              if that is meant, say `allow-duplicate-mac: true` on one of the two
            error 12:115: adapter `eth1` of VM `c` has the MAC address 00:50:56:00:00:02 of adapter `eth0` of VM `c`
              |       c: { nics: { eth0: { port-group: VM Network, mac: 00:50:56:00:00:02 }, eth1: { port-group: VM Network, mac: 00:50:56:00:00:02 } } }
              |                                                                                                                   ^^^^^^^^^^^^^^^^^ again here
              |       c: { nics: { eth0: { port-group: VM Network, mac: 00:50:56:00:00:02 }, eth1: { port-group: VM Network, mac: 00:50:56:00:00:02 } } }
              |                                                         ^^^^^^^^^^^^^^^^^ first here
              if that is meant, say `allow-duplicate-mac: true` on one of the two
        "#]],
    );
}

// vmk0 has the MAC address of the template's adapter; nothing in the file says that this is meant.
#[test]
fn a_clone_is_found_by_its_vmk0() {
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
        port-group: Nested
        mac: 00:50:56:01:00:01
        host: { vswitches: { v: { port-groups: { M: {} } } }, vmkernel: { vmk0: { port-group: M } } }
      nested-2:
        port-group: Nested
        mac: 00:50:56:01:00:02
        host: { vswitches: { v: { port-groups: { M: {} } } }, vmkernel: { vmk0: { port-group: M, mac: 00:50:56:01:00:01 } } }
",
        &expect![[r#"
            error 17:103: VMkernel adapter `vmk0` of host `nested-2` has the MAC address 00:50:56:01:00:01 of adapter `vmnic0` of VM `nested-1`
              |         host: { vswitches: { v: { port-groups: { M: {} } } }, vmkernel: { vmk0: { port-group: M, mac: 00:50:56:01:00:01 } } }
              |                                                                                                       ^^^^^^^^^^^^^^^^^ again here
              |         mac: 00:50:56:01:00:01
              |              ^^^^^^^^^^^^^^^^^ first here
              if that is meant, say `allow-duplicate-mac: true` on one of the two
        "#]],
    );
}

#[test]
fn names_of_systems_are_unique() {
    check(
        "\
lab: x
segments: { office: { stations: { web: {} } } }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        port-groups: { VM Network: {}, Nested: {} }
    vms:
      web: { port-group: VM Network }
      h: { port-group: VM Network }
      nested: { port-group: Nested, host: { vms: { nested: {} } } }
",
        &expect![[r#"
            error 10:7: VM `web` has the name of a station
              |       web: { port-group: VM Network }
              |       ^^^ again here
              | segments: { office: { stations: { web: {} } } }
              |                                   ^^^ first here
              names of hosts, VMs and stations are unique in a lab
            error 11:7: VM `h` has the name of a host
              |       h: { port-group: VM Network }
              |       ^ again here
              |   h:
              |   ^ first here
              names of hosts, VMs and stations are unique in a lab
            error 12:52: VM `nested` has the name of another VM
              |       nested: { port-group: Nested, host: { vms: { nested: {} } } }
              |                                                    ^^^^^^ again here
              |       nested: { port-group: Nested, host: { vms: { nested: {} } } }
              |       ^^^^^^ first here
              names of hosts, VMs and stations are unique in a lab
        "#]],
    );
}
