//! Single words: settings, addresses and names.

use expect_test::expect;

use super::check;

#[test]
fn settings_have_few_words() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        mtu: 1279
        defaults: 5.5
        security: { promiscuous: Accept, mac-changes: true, forged-transmits: rejct }
        teaming: { load-balancing: port_id, failback: 1, notify-switches: on }
        options: { promiscuous-scope: vlans, mac-change-refused: drop, strict-latch: maybe }
        port-groups:
          A: { vlan: 4096 }
          B: { vlan: -1 }
          C: { vlan: trunc }
      vSwitch1: { mtu: 9001 }
",
        &expect![[r#"
            error 8:14: vSwitch `vSwitch0` of host `h` cannot have mtu `1279`
              |         mtu: 1279
              |              ^^^^
              it is a number from 1280 to 9000
            error 9:19: vSwitch `vSwitch0` of host `h` cannot have defaults `5.5`
              |         defaults: 5.5
              |                   ^^^
              it is one of `7.0+`, `6.x`, `8.0`, `9.0`
            error 10:34: vSwitch `vSwitch0` of host `h` cannot have promiscuous `Accept`
              |         security: { promiscuous: Accept, mac-changes: true, forged-transmits: rejct }
              |                                  ^^^^^^
              did you mean `accept`?
            error 10:55: vSwitch `vSwitch0` of host `h` cannot have mac-changes `true`
              |         security: { promiscuous: Accept, mac-changes: true, forged-transmits: rejct }
              |                                                       ^^^^
              it is one of `accept`, `reject`
            error 10:79: vSwitch `vSwitch0` of host `h` cannot have forged-transmits `rejct`
              |         security: { promiscuous: Accept, mac-changes: true, forged-transmits: rejct }
              |                                                                               ^^^^^
              did you mean `reject`?
            error 11:36: vSwitch `vSwitch0` of host `h` cannot have load-balancing `port_id`
              |         teaming: { load-balancing: port_id, failback: 1, notify-switches: on }
              |                                    ^^^^^^^
              did you mean `port-id`?
            error 11:55: vSwitch `vSwitch0` of host `h` cannot have failback `1`
              |         teaming: { load-balancing: port_id, failback: 1, notify-switches: on }
              |                                                       ^
              it is one of `true`, `false`
            error 11:75: vSwitch `vSwitch0` of host `h` cannot have notify-switches `on`
              |         teaming: { load-balancing: port_id, failback: 1, notify-switches: on }
              |                                                                           ^^
              it is one of `true`, `false`
            error 12:39: vSwitch `vSwitch0` of host `h` cannot have promiscuous-scope `vlans`
              |         options: { promiscuous-scope: vlans, mac-change-refused: drop, strict-latch: maybe }
              |                                       ^^^^^
              did you mean `vlan`?
            error 12:66: vSwitch `vSwitch0` of host `h` cannot have mac-change-refused `drop`
              |         options: { promiscuous-scope: vlans, mac-change-refused: drop, strict-latch: maybe }
              |                                                                  ^^^^
              it is one of `drop-rx`, `block`
            error 12:86: vSwitch `vSwitch0` of host `h` cannot have strict-latch `maybe`
              |         options: { promiscuous-scope: vlans, mac-change-refused: drop, strict-latch: maybe }
              |                                                                                      ^^^^^
              it is one of `true`, `false`
            error 14:22: port group `A` of host `h` cannot have vlan `4096`
              |           A: { vlan: 4096 }
              |                      ^^^^
              it is 0 (untagged), 1 to 4094, or 4095, which is also written `trunk` (the guest tags)
            error 15:22: port group `B` of host `h` cannot have vlan `-1`
              |           B: { vlan: -1 }
              |                      ^^
              it is 0 (untagged), 1 to 4094, or 4095, which is also written `trunk` (the guest tags)
            error 16:22: port group `C` of host `h` cannot have vlan `trunc`
              |           C: { vlan: trunc }
              |                      ^^^^^
              it is 0 (untagged), 1 to 4094, or 4095, which is also written `trunk` (the guest tags)
            error 17:24: vSwitch `vSwitch1` of host `h` cannot have mtu `9001`
              |       vSwitch1: { mtu: 9001 }
              |                        ^^^^
              it is a number from 1280 to 9000
        "#]],
    );
}

#[test]
fn addresses_are_well_formed() {
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
      a: { port-group: VM Network, address: 192.168.10.5 }
      b: { port-group: VM Network, address: [10.0.0.300/8, 10.0.0.1/33, \"fd00::1/129\", 10.0.0.1/+8] }
      c: { port-group: VM Network, address: [224.0.0.1/4, 0.0.0.0/0, 5] }
      d: { port-group: VM Network, mac: \"01:00:5e:00:00:01\" }
      e: { port-group: VM Network, mac: \"00:00:00:00:00:00\" }
      f: { port-group: VM Network, mac: 00:50:56:0, guest-mac: \"33:33:00:00:00:01\" }
      g: { port-group: VM Network, vlan: 4095 }
",
        &expect![[r#"
            error 10:45: adapter `eth0` of VM `a` cannot have address `192.168.10.5`
              |       a: { port-group: VM Network, address: 192.168.10.5 }
              |                                             ^^^^^^^^^^^^
              an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64
            error 11:46: adapter `eth0` of VM `b` cannot have address `10.0.0.300/8`
              |       b: { port-group: VM Network, address: [10.0.0.300/8, 10.0.0.1/33, "fd00::1/129", 10.0.0.1/+8] }
              |                                              ^^^^^^^^^^^^
              an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64
            error 11:60: adapter `eth0` of VM `b` cannot have address `10.0.0.1/33`
              |       b: { port-group: VM Network, address: [10.0.0.300/8, 10.0.0.1/33, "fd00::1/129", 10.0.0.1/+8] }
              |                                                            ^^^^^^^^^^^
              a prefix length is at most 32 for IPv4 and 128 for IPv6
            error 11:73: adapter `eth0` of VM `b` cannot have address `fd00::1/129`
              |       b: { port-group: VM Network, address: [10.0.0.300/8, 10.0.0.1/33, "fd00::1/129", 10.0.0.1/+8] }
              |                                                                         ^^^^^^^^^^^^^
              a prefix length is at most 32 for IPv4 and 128 for IPv6
            error 11:88: adapter `eth0` of VM `b` cannot have address `10.0.0.1/+8`
              |       b: { port-group: VM Network, address: [10.0.0.300/8, 10.0.0.1/33, "fd00::1/129", 10.0.0.1/+8] }
              |                                                                                        ^^^^^^^^^^^
              an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64
            error 12:46: adapter `eth0` of VM `c` cannot have address `224.0.0.1/4`
              |       c: { port-group: VM Network, address: [224.0.0.1/4, 0.0.0.0/0, 5] }
              |                                              ^^^^^^^^^^^
              an adapter has the address of one station, not of a group or of none
            error 12:59: adapter `eth0` of VM `c` cannot have address `0.0.0.0/0`
              |       c: { port-group: VM Network, address: [224.0.0.1/4, 0.0.0.0/0, 5] }
              |                                                           ^^^^^^^^^
              an adapter has the address of one station, not of a group or of none
            error 12:70: adapter `eth0` of VM `c` cannot have address `5`
              |       c: { port-group: VM Network, address: [224.0.0.1/4, 0.0.0.0/0, 5] }
              |                                                                      ^
              an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64
            error 13:41: adapter `eth0` of VM `d` cannot have mac `01:00:5e:00:00:01`
              |       d: { port-group: VM Network, mac: "01:00:5e:00:00:01" }
              |                                         ^^^^^^^^^^^^^^^^^^^
              the first octet of an adapter's address is even; an odd one marks a group
            error 14:41: adapter `eth0` of VM `e` cannot have mac `00:00:00:00:00:00`
              |       e: { port-group: VM Network, mac: "00:00:00:00:00:00" }
              |                                         ^^^^^^^^^^^^^^^^^^^
              no adapter may have the address zero
            error 15:41: adapter `eth0` of VM `f` cannot have mac `00:50:56:0`
              |       f: { port-group: VM Network, mac: 00:50:56:0, guest-mac: "33:33:00:00:00:01" }
              |                                         ^^^^^^^^^^
              a MAC address is six octets in hexadecimal, as in 00:50:56:aa:00:07
            error 15:64: adapter `eth0` of VM `f` cannot have guest-mac `33:33:00:00:00:01`
              |       f: { port-group: VM Network, mac: 00:50:56:0, guest-mac: "33:33:00:00:00:01" }
              |                                                                ^^^^^^^^^^^^^^^^^^^
              the first octet of an adapter's address is even; an odd one marks a group
            error 16:42: adapter `eth0` of VM `g` cannot have vlan `4095`
              |       g: { port-group: VM Network, vlan: 4095 }
              |                                          ^^^^
              what tags itself uses a VLAN id from 1 to 4094, or 0 for no tag
        "#]],
    );
}

#[test]
fn names_are_usable_where_they_go() {
    check(
        "\
lab: my lab
segments: { \"the office\": { stations: { -laptop: {} } } }
hosts:
  h_1:
    vmnics: { lo: { segment: the office }, vmnic0.20: { segment: the office }, a-very-long-device: { segment: the office } }
    vswitches:
      a vSwitch: { port-groups: { \" padded\": {}, \"tab\\there\": {}, \"\": {} } }
      a-vSwitch-with-a-name-of-33-chars: {}
    vmkernel: { vmk: { port-group: \"\" }, vmk07: { port-group: \"\" }, eth0: { port-group: \"\" } }
    vms:
      a-name-that-is-longer-than-the-63-characters-that-a-hostname-can: { port-group: \"\" }
",
        &expect![[r#"
            error 1:6: lab `my lab` cannot have this name
              | lab: my lab
              |      ^^^^^^
              such a name has letters, digits, `-` and `.`, and begins and ends with a letter or digit
            error 2:13: segment `the office` cannot have this name
              | segments: { "the office": { stations: { -laptop: {} } } }
              |             ^^^^^^^^^^^^
              such a name has letters, digits, `-` and `.`, and begins and ends with a letter or digit
            error 2:41: station `-laptop` cannot have this name
              | segments: { "the office": { stations: { -laptop: {} } } }
              |                                         ^^^^^^^
              such a name has letters, digits, `-` and `.`, and begins and ends with a letter or digit
            error 4:3: host `h_1` cannot have this name
              |   h_1:
              |   ^^^
              such a name has letters, digits, `-` and `.`, and begins and ends with a letter or digit
            error 5:15: physical adapter `lo` of host `h_1` cannot have this name
              |     vmnics: { lo: { segment: the office }, vmnic0.20: { segment: the office }, a-very-long-device: { segment: the office } }
              |               ^^
              such a name has letters, digits, `-` and `_`, and is not `lo`, `all` or `default`
            error 5:44: physical adapter `vmnic0.20` of host `h_1` cannot have this name
              |     vmnics: { lo: { segment: the office }, vmnic0.20: { segment: the office }, a-very-long-device: { segment: the office } }
              |                                            ^^^^^^^^^
              such a name has letters, digits, `-` and `_`, and is not `lo`, `all` or `default`
            error 5:80: the name of physical adapter `a-very-long-device` of host `h_1` is longer than 15 characters
              |     vmnics: { lo: { segment: the office }, vmnic0.20: { segment: the office }, a-very-long-device: { segment: the office } }
              |                                                                                ^^^^^^^^^^^^^^^^^^
            error 7:35: port group ` padded` of host `h_1` cannot have this name
              |       a vSwitch: { port-groups: { " padded": {}, "tab\there": {}, "": {} } }
              |                                   ^^^^^^^^^
              such a name is not empty, and has no control character and no space at its ends
            error 7:50: port group `tab\there` of host `h_1` cannot have this name
              |       a vSwitch: { port-groups: { " padded": {}, "tab\there": {}, "": {} } }
              |                                                  ^^^^^^^^^^^
              such a name is not empty, and has no control character and no space at its ends
            error 7:67: port group `` of host `h_1` cannot have this name
              |       a vSwitch: { port-groups: { " padded": {}, "tab\there": {}, "": {} } }
              |                                                                   ^^
              such a name is not empty, and has no control character and no space at its ends
            error 8:7: the name of vSwitch `a-vSwitch-with-a-name-of-33-chars` of host `h_1` is longer than 32 characters
              |       a-vSwitch-with-a-name-of-33-chars: {}
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            error 9:17: VMkernel adapter `vmk` of host `h_1` cannot have this name
              |     vmkernel: { vmk: { port-group: "" }, vmk07: { port-group: "" }, eth0: { port-group: "" } }
              |                 ^^^
              such a name is `vmk` and a number up to 255, as in vmk0
            error 9:42: VMkernel adapter `vmk07` of host `h_1` cannot have this name
              |     vmkernel: { vmk: { port-group: "" }, vmk07: { port-group: "" }, eth0: { port-group: "" } }
              |                                          ^^^^^
              such a name is `vmk` and a number up to 255, as in vmk0
            error 9:69: VMkernel adapter `eth0` of host `h_1` cannot have this name
              |     vmkernel: { vmk: { port-group: "" }, vmk07: { port-group: "" }, eth0: { port-group: "" } }
              |                                                                     ^^^^
              such a name is `vmk` and a number up to 255, as in vmk0
            error 11:7: the name of VM `a-name-that-is-longer-than-the-63-characters-that-a-hostname-can` is longer than 63 characters
              |       a-name-that-is-longer-than-the-63-characters-that-a-hostname-can: { port-group: "" }
              |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        "#]],
    );
}
