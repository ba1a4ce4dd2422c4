//! What a lab file means once it is right.

use std::fmt::Write;

use expect_test::{Expect, expect};
use nsw_core::{Action, Setting};
use nsw_lab::spec::{self, Object, Parsed};
use nsw_lab::topology::{Address, Guest, Host, Lab};

use super::check;
use crate::examples::example;

fn parse(text: &str) -> Parsed {
    spec::parse("lab.yaml", text).unwrap()
}

#[track_caller]
fn check_lab(lab: &Lab, expected: &Expect) {
    expected.assert_eq(&describe(lab));
}

/// The objects of a lab, one a line.
fn describe(lab: &Lab) -> String {
    let mut out = format!("lab {}\n", lab.name);
    for segment in &lab.segments {
        writeln!(out, "segment {}", segment.name).unwrap();
        for station in &segment.stations {
            let addresses = addresses(&station.addresses);
            writeln!(out, "  station {} {} vlan {}{addresses}", station.name, station.mac, station.vlan)
                .unwrap();
        }
    }
    lab.hosts.iter().for_each(|host| describe_host(&mut out, host, 0));
    out
}

fn describe_host(out: &mut String, host: &Host, indent: usize) {
    let pad = " ".repeat(indent);
    writeln!(out, "{pad}host {}", host.name).unwrap();
    for pnic in &host.pnics {
        let segment = pnic.segment.as_deref().unwrap_or("-");
        writeln!(out, "{pad}  pnic {} {} on {segment}", pnic.name, pnic.mac).unwrap();
    }
    for vswitch in &host.vswitches {
        writeln!(out, "{pad}  vswitch {} mtu {} uplinks {:?}", vswitch.name, vswitch.mtu, vswitch.uplinks)
            .unwrap();
        for group in &vswitch.port_groups {
            writeln!(out, "{pad}    port group {}: {}", group.name, group.vlan).unwrap();
        }
    }
    for vmkernel in &host.vmkernels {
        let addresses = addresses(&vmkernel.addresses);
        writeln!(out, "{pad}  {} {} on {}{addresses}", vmkernel.name, vmkernel.mac, vmkernel.port_group)
            .unwrap();
    }
    for vm in &host.vms {
        writeln!(out, "{pad}  vm {}", vm.name).unwrap();
        for nic in &vm.nics {
            let guest_mac = nic.guest_mac.map_or(String::new(), |mac| format!(" sets {mac}"));
            let tag = if nic.vlan == 0 { String::new() } else { format!(" tags {}", nic.vlan) };
            let promiscuous = if nic.promiscuous { " promiscuous" } else { "" };
            let rest = format!("{guest_mac}{tag}{promiscuous}{}", addresses(&nic.addresses));
            writeln!(out, "{pad}    {} {} on {}{rest}", nic.name, nic.mac, nic.port_group).unwrap();
        }
        if let Guest::Host(inner) = &vm.guest {
            describe_host(out, inner, indent + 4);
        }
    }
}

fn addresses(addresses: &[Address]) -> String {
    addresses.iter().map(|address| format!(" {}/{}", address.ip, address.prefix_len)).collect()
}

#[test]
fn the_classic_lab() {
    check_lab(
        &parse(&example("nested.yaml")).lab,
        &expect![[r#"
        lab nested
        segment office
          station laptop 02:03:52:13:fc:09 vlan 0 192.168.10.50/24
        host physical
          pnic vmnic0 02:21:92:03:81:f7 on office
          vswitch vSwitch0 mtu 1500 uplinks ["vmnic0"]
            port group Management Network: VLAN 0 (untagged)
            port group VM Network: VLAN 0 (untagged)
            port group Nested: VLAN 0 (untagged)
          vmk0 02:21:92:03:81:f7 on Management Network 192.168.10.11/24
          vm app01
            eth0 00:50:56:38:53:2f on VM Network 192.168.10.21/24
          vm app02
            eth0 00:50:56:0b:92:08 on VM Network 192.168.10.22/24
          vm sniffer
            eth0 00:50:56:33:76:d5 on VM Network promiscuous 192.168.10.29/24
          vm nested-1
            vmnic0 00:50:56:01:00:01 on Nested
            host nested-1
              pnic vmnic0 00:50:56:01:00:01 on -
              vswitch vSwitch0 mtu 1500 uplinks ["vmnic0"]
                port group Management Network: VLAN 0 (untagged)
                port group VM Network: VLAN 0 (untagged)
              vmk0 00:50:56:01:00:01 on Management Network 192.168.10.12/24
              vm web01
                eth0 00:50:56:23:5f:9e on VM Network 192.168.10.31/24
              vm web02
                eth0 00:50:56:00:49:e3 on VM Network 192.168.10.32/24
    "#]],
    );
}

#[test]
fn a_vm_in_the_long_form_has_any_number_of_adapters() {
    let text = "
lab: x
hosts:
  h:
    vswitches: { v: { port-groups: { A: {}, T: { vlan: trunk }, B: { vlan: 7 } } } }
    vms:
      short: { port-group: B }
      long:
        nics:
          eth0: { port-group: A, mac: 00-50-56-00-AA-01, guest-mac: 00:50:56:00:aa:02 }
          eth1: { port-group: T, vlan: 7, promiscuous: true, address: [10.0.0.1/8, fd00::1/64] }
";
    check_lab(
        &parse(text).lab,
        &expect![[r#"
        lab x
        host h
          vswitch v mtu 1500 uplinks []
            port group A: VLAN 0 (untagged)
            port group T: VLAN 4095 (guest tagging)
            port group B: VLAN 7
          vm short
            eth0 00:50:56:23:c2:0a on B
          vm long
            eth0 00:50:56:00:aa:01 on A sets 00:50:56:00:aa:02
            eth1 00:50:56:00:1f:6b on T tags 7 promiscuous 10.0.0.1/8 fd00::1/64
    "#]],
    );
}

// What is not set stays unset, so that it is seen what is inherited.
#[test]
fn a_setting_is_its_own_or_absent() {
    let lab = parse(&example("nested-method2.yaml")).lab;
    let vswitch = &lab.host("physical").unwrap().vswitches[0];
    assert_eq!(vswitch.security.promiscuous, Some(Action::Reject));
    let nested = vswitch.port_group("Nested").unwrap();
    assert_eq!(nested.security.promiscuous, Some(Action::Accept));
    assert_eq!(nested.security.mac_changes, None);
    assert_eq!(vswitch.port_group("VM Network").unwrap().security.promiscuous, None);
}

#[test]
fn every_setting_reaches_the_model() {
    let text = "
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { a: { segment: office }, b: { segment: office }, c: { segment: office } }
    vswitches:
      v:
        uplinks: [a, b, c]
        mtu: 9000
        defaults: 6.x
        security: { mac-changes: reject }
        teaming: { load-balancing: ip-hash, active: [b, a], standby: [c], failure-detection: beacon, failback: false,
                   notify-switches: false }
        options:
          promiscuous-scope: port-group
          force-copy-to-all: true
          mac-change-refused: block
          reverse-path-check: false
          reverse-path-all: true
          reverse-path-single-uplink: false
          reverse-filter: false
          reverse-path-check-promiscuous: true
          strict-latch: false
          block-guest-bpdu: false
          consume-link-local: true
        port-groups: { A: { vlan: 4095, teaming: { standby: [b] } } }
";
    expect![[r#"
        VSwitch {
            name: "v",
            mtu: 9000,
            defaults: Legacy,
            ports: None,
            cdp: Listen,
            uplinks: [
                "a",
                "b",
                "c",
            ],
            security: Security {
                promiscuous: None,
                mac_changes: Some(
                    Reject,
                ),
                forged_transmits: None,
            },
            teaming: Teaming {
                load_balancing: Some(
                    IpHash,
                ),
                nic_order: Some(
                    NicOrder {
                        active: [
                            "b",
                            "a",
                        ],
                        standby: [
                            "c",
                        ],
                    },
                ),
                failure_detection: Some(
                    BeaconProbing,
                ),
                failback: Some(
                    false,
                ),
                notify_switches: Some(
                    false,
                ),
            },
            shaping: None,
            beyond: Beyond {
                mac_learning: None,
                allowed_macs: None,
                sink: None,
                learning_filter: None,
                forged_source_guard: None,
            },
            port_groups: [
                PortGroup {
                    name: "A",
                    vlan: Vgt,
                    security: Security {
                        promiscuous: None,
                        mac_changes: None,
                        forged_transmits: None,
                    },
                    teaming: Teaming {
                        load_balancing: None,
                        nic_order: Some(
                            NicOrder {
                                active: [
                                    "a",
                                    "c",
                                ],
                                standby: [
                                    "b",
                                ],
                            },
                        ),
                        failure_detection: None,
                        failback: None,
                        notify_switches: None,
                    },
                    shaping: None,
                    beyond: Beyond {
                        mac_learning: None,
                        allowed_macs: None,
                        sink: None,
                        learning_filter: None,
                        forged_source_guard: None,
                    },
                },
            ],
            options: Options {
                promiscuous_scope: PortGroup,
                force_copy_to_all: true,
                refused_mac_change: Block,
                reverse_path_check: false,
                reverse_path_all: true,
                reverse_path_single_uplink: false,
                reverse_filter: false,
                reverse_path_promiscuous: Some(
                    true,
                ),
                strict_latch: false,
                block_guest_bpdu: Some(
                    false,
                ),
                consume_link_local: true,
            },
        }
    "#]]
    .assert_debug_eq(&parse(text).lab.hosts[0].vswitches[0]);
}

// An edit elsewhere must not change addresses that stand in neighbour tables and captures.
#[test]
fn a_derived_mac_depends_on_names_only() {
    let host = |vms: &str| {
        format!(
            "lab: x\nhosts: {{ h: {{ vswitches: {{ v: {{ port-groups: {{ A: }} }} }}, vms: {{ {vms} }} }} }}\n"
        )
    };
    let mac = |text: &str| parse(text).lab.hosts[0].vm("web").unwrap().nics[0].mac;
    let alone = mac(&host("web: { port-group: A }"));
    assert_eq!(alone, mac(&host("app: { port-group: A }, web: { port-group: A, address: 10.0.0.1/8 }")));
    assert_ne!(alone, mac(&host("web: { port-group: A }").replace("lab: x", "lab: y")));
    // Who states an address has it; who would have derived the same gets another.
    let taken = mac(&host(&format!("app: {{ port-group: A, mac: {alone} }}, web: {{ port-group: A }}")));
    assert_ne!(alone, taken);
}

#[test]
fn a_duplicate_mac_can_be_meant() {
    let lab = parse(&example("cloned-host.yaml")).lab;
    let inner = |name: &str| lab.host(name).unwrap();
    assert_eq!(inner("nested-2").vmkernels[0].mac, inner("nested-1").pnics[0].mac);
}

#[test]
fn every_setting_has_its_line() {
    let text = example("nested-method2.yaml");
    let line = |position: Option<spec::Position>| {
        position.map(|position| text.lines().nth(position.line as usize - 1).unwrap().trim())
    };
    let locations = parse(&text).locations;
    let of = |setting| line(locations.of_port_group("physical", "Nested", setting));
    expect![[r#"
        [
            Some(
                "security: { promiscuous: accept, forged-transmits: accept }",
            ),
            None,
            Some(
                "security: { promiscuous: reject, mac-changes: reject, forged-transmits: reject }",
            ),
            Some(
                "uplinks: [vmnic0]",
            ),
            Some(
                "VM Network: {}",
            ),
            Some(
                "nested-1:",
            ),
            Some(
                "web01: { port-group: VM Network, address: 192.168.10.31/24 }",
            ),
        ]
    "#]]
    .assert_debug_eq(&[
        of(Setting::PromiscuousMode),
        of(Setting::MacAddressChanges),
        line(locations.of_vswitch("physical", "vSwitch0", Setting::MacAddressChanges)),
        line(locations.key(&Object::vswitch("nested-1", "vSwitch0"), "uplinks")),
        line(locations.object(&Object::port_group("nested-1", "VM Network"))),
        line(locations.object(&Object::Host("nested-1".into()))),
        line(locations.object(&Object::Vnic { vm: "web01".into(), name: "eth0".into() })),
    ]);
}

#[test]
fn what_is_probably_not_meant_is_a_warning() {
    check(
        "\
lab: x
hosts:
  h:
    vswitches: { v: { port-groups: { A: {}, B: { vlan: 7 }, T: { vlan: trunk } } } }
    vms:
      island: {}
      nested-1: { host: {} }
      tagger: { port-group: A, vlan: 7 }
      double: { port-group: B, vlan: 7 }
      good: { port-group: T, vlan: 7 }
",
        &expect![[r#"
            warning 6:7: VM `island` has no network adapter
              |       island: {}
              |       ^^^^^^
              `port-group` gives it one
            warning 7:7: VM `nested-1` has no network adapter, so the host in it has no physical adapter
              |       nested-1: { host: {} }
              |       ^^^^^^^^
              `port-group` gives it one
            warning 8:38: adapter `eth0` of VM `tagger` tags, and port group `A` drops what is tagged
              |       tagger: { port-group: A, vlan: 7 }
              |                                      ^
              a guest can tag in a port group with VLAN 4095 (`trunk`) only
            warning 9:38: adapter `eth0` of VM `double` tags, and port group `B` drops what is tagged
              |       double: { port-group: B, vlan: 7 }
              |                                      ^
              a guest can tag in a port group with VLAN 4095 (`trunk`) only
        "#]],
    );
}
