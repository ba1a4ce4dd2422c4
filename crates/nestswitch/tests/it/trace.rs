//! `nsw trace`.

use expect_test::expect;

use super::fixture::{check, check_with_file, json, stdout};

const NESTED: &str = "examples/nested.yaml";

#[test]
fn the_fault_of_a_nested_lab() {
    check(
        &["trace", NESTED, "--from", "web01", "--to", "laptop"],
        &expect![[r#"
        exit code 1
        --- stdout
        1 ARP request  web01/eth0 -> broadcast
          nested-1 / vSwitch0
            enters vSwitch0 by web01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:23:5f:9e is the effective MAC
            destination is broadcast
            deliver to vmk0
            deliver to web02.eth0
            leave by uplink vmnic0
          physical / vSwitch0
            enters vSwitch0 by nested-1.vmnic0, port group Nested
            untagged: VLAN 0
            source 00:50:56:23:5f:9e is not the effective MAC 00:50:56:01:00:01
            drop FORGED_TRANSMIT
              the source is not the effective MAC and forged transmits are rejected
              forged transmits = Reject, set on vSwitch0, inherited by port group Nested
          died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
            forged transmits = Reject, set on vSwitch0, inherited by port group Nested
        2 ARP reply: not sent
        3 echo request: not sent
        4 echo reply: not sent
        web01/eth0 -> laptop: the ARP request died
          at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
            forged transmits = Reject, set on vSwitch0, inherited by port group Nested
        laptop -> web01/eth0: the echo reply was not sent, and would have died
          at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
            no port of this switch is registered for the destination
          because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
            promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
    "#]],
    );
}

#[test]
fn the_cure_of_it() {
    check(
        &["trace", "examples/nested-method2.yaml", "--from", "web01", "--to", "laptop"],
        &expect![[r#"
        exit code 0
        --- stdout
        1 ARP request  web01/eth0 -> broadcast
          nested-1 / vSwitch0
            enters vSwitch0 by web01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:18:bf:68 is the effective MAC
            destination is broadcast
            deliver to vmk0
            deliver to web02.eth0
            leave by uplink vmnic0
          physical / vSwitch0
            enters vSwitch0 by nested-1.vmnic0, port group Nested
            untagged: VLAN 0
            source 00:50:56:18:bf:68 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
            destination is broadcast
            deliver to vmk0
            deliver to app01.eth0
            deliver to app02.eth0
            deliver to sniffer.eth0
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to every other port
          arrived at laptop
        2 ARP reply  laptop -> web01/eth0
          segment office
            comes from laptop: to physical/vmnic0, where the destination was learned
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:18:bf:68 is registered on no port of VLAN 0
            copy to nested-1.vmnic0, in promiscuous mode
            refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
              promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
          nested-1 / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:18:bf:68 is registered on web01.eth0
            deliver to web01.eth0
          arrived at web01/eth0
        3 echo request  web01/eth0 -> laptop
          nested-1 / vSwitch0
            enters vSwitch0 by web01.eth0, port group VM Network
            untagged: VLAN 0
            source 00:50:56:18:bf:68 is the effective MAC
            destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
            leave by uplink vmnic0
          physical / vSwitch0
            enters vSwitch0 by nested-1.vmnic0, port group Nested
            untagged: VLAN 0
            source 00:50:56:18:bf:68 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
            destination 02:3e:45:91:13:ba is registered on no port of VLAN 0
            refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
              promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
            leave by uplink vmnic0
          segment office
            comes from physical/vmnic0: to laptop, where the destination was learned
          arrived at laptop
        4 echo reply  laptop -> web01/eth0
          segment office
            comes from laptop: to physical/vmnic0, where the destination was learned
          physical / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:18:bf:68 is registered on no port of VLAN 0
            copy to nested-1.vmnic0, in promiscuous mode
            refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED
              promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network
          nested-1 / vSwitch0
            enters vSwitch0 by uplink vmnic0
            untagged: VLAN 0
            destination 00:50:56:18:bf:68 is registered on web01.eth0
            deliver to web01.eth0
          arrived at web01/eth0
        web01/eth0 -> laptop: arrives
        laptop -> web01/eth0: arrives
    "#]],
    );
}

#[test]
fn a_conversation_as_json() {
    let (found, code) = json(&["trace", NESTED, "--from", "web01", "--to", "laptop", "--json"]);
    assert_eq!(code, 1);
    expect![[r#"
        {
          "arrived": false,
          "device": "vSwitch0",
          "died": "died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT (forged transmits = Reject, set on vSwitch0, inherited by port group Nested)",
          "host": "physical",
          "policy": "forged transmits = Reject, set on vSwitch0, inherited by port group Nested",
          "port": "nested-1.vmnic0",
          "port-group": "Nested",
          "reason": "FORGED_TRANSMIT",
          "refusals": []
        }"#]].assert_eq(&serde_json::to_string_pretty(&found["legs"][0]["verdict"]).unwrap());
    let (found, code) = json(&["trace", NESTED, "--from", "web01", "--to", "web02", "--json"]);
    assert_eq!((&found["verdict"], code), (&"REACHABLE".into(), 0));
}

#[test]
fn one_frame() {
    let frame = "src=00:50:56:aa:00:07 dst=broadcast";
    check(
        &["trace", NESTED, "--at", "physical/nested-1.vmnic0", "--frame", frame],
        &expect![[r#"
        exit code 1
        --- stdout
        physical / vSwitch0
          enters vSwitch0 by nested-1.vmnic0, port group Nested
          untagged: VLAN 0
          source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:01:00:01
          drop FORGED_TRANSMIT
            the source is not the effective MAC and forged transmits are rejected
            forged transmits = Reject, set on vSwitch0, inherited by port group Nested
    "#]],
    );
    let frame = "src=00:50:56:01:00:01 dst=broadcast type=arp len=28";
    check(
        &["trace", NESTED, "--at", "physical/nested-1.vmnic0", "--frame", frame],
        &expect![[r#"
        exit code 0
        --- stdout
        physical / vSwitch0
          enters vSwitch0 by nested-1.vmnic0, port group Nested
          untagged: VLAN 0
          source 00:50:56:01:00:01 is the effective MAC
          destination is broadcast
          deliver to vmk0
          deliver to app01.eth0
          deliver to app02.eth0
          deliver to sniffer.eth0
          leave by uplink vmnic0
        segment office
          comes from physical/vmnic0: to every other port
    "#]],
    );
}

#[test]
fn one_frame_as_json() {
    let frame = "src=00:50:56:aa:00:07 dst=broadcast";
    check(
        &["trace", NESTED, "--at", "physical/nested-1.vmnic0", "--frame", frame, "--json"],
        &expect![[r#"
        exit code 1
        --- stdout
        {
          "from": "physical/nested-1.vmnic0",
          "hops": [
            {
              "deliveries": [],
              "drop": {
                "policy": "forged transmits = Reject, set on vSwitch0, inherited by port group Nested",
                "port": "nested-1.vmnic0",
                "reason": "FORGED_TRANSMIT"
              },
              "host": "physical",
              "ingress": "nested-1.vmnic0",
              "refusals": [],
              "steps": [
                "enters vSwitch0 by nested-1.vmnic0, port group Nested",
                "untagged: VLAN 0",
                "source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:01:00:01",
                "drop FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected (forged transmits = Reject, set on vSwitch0, inherited by port group Nested)"
              ],
              "vlan": 0,
              "vswitch": "vSwitch0"
            }
          ]
        }
    "#]],
    );
}

#[test]
fn an_end_point_that_is_not_there() {
    check(
        &["trace", NESTED, "--from", "web1", "--to", "laptop"],
        &expect![[r#"
            exit code 2
            --- stderr
            error: nobody in this lab is called `web1` (did you mean `web01`?); there are laptop, physical/vmk0, app01/eth0, app02/eth0, sniffer/eth0, nested-1/vmk0, web01/eth0, web02/eth0
        "#]],
    );
    check(
        &["trace", NESTED, "--from", "192.0.2.1", "--to", "laptop"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: nobody in this lab is called `192.0.2.1`; there are laptop, physical/vmk0, app01/eth0, app02/eth0, sniffer/eth0, nested-1/vmk0, web01/eth0, web02/eth0
    "#]],
    );
}

#[test]
fn a_port_that_is_not_there() {
    let frame = "src=00:50:56:aa:00:07 dst=broadcast";
    check(
        &["trace", NESTED, "--at", "physical/vmnic7", "--frame", frame],
        &expect![[r#"
        exit code 2
        --- stderr
        error: host `physical` has no port `vmnic7`; it has vmnic0, vmk0, app01.eth0, app02.eth0, sniffer.eth0, nested-1.vmnic0
    "#]],
    );
    check(
        &["trace", NESTED, "--at", "phys/vmnic0", "--frame", frame],
        &expect![[r#"
        exit code 2
        --- stderr
        error: there is no host `phys`; there are physical, nested-1
    "#]],
    );
    check(
        &["trace", NESTED, "--at", "vmnic0", "--frame", frame],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `vmnic0` is no port
        hint: write HOST/PORT, as physical/nested-1.vmnic0
    "#]],
    );
}

#[test]
fn a_frame_that_is_none() {
    let at = "physical/nested-1.vmnic0";
    check(
        &["trace", NESTED, "--at", at, "--frame", "src=web01 dst=broadcast"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `web01` is no src: six octets in hexadecimal, as in 00:50:56:aa:00:07
    "#]],
    );
    check(
        &["trace", NESTED, "--at", at, "--frame", "dst=broadcast"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: a frame needs src=
    "#]],
    );
    check(
        &["trace", NESTED, "--at", at, "--frame", "broadcast"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `broadcast` is not of the form key=value; a frame is written as src=MAC dst=MAC|broadcast vlan=ID type=arp|ip|ip6|0xNNNN len=BYTES
    "#]],
    );
    check(
        &["trace", NESTED, "--at", at, "--frame", "colour=red"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `colour` is no part of a frame; there are src, dst, vlan, type and len
    "#]],
    );
}

#[test]
fn half_a_question() {
    check(
        &["trace", NESTED],
        &expect![[r#"
        exit code 2
        --- stderr
        error: nothing to trace
        hint: for a conversation say --from web01 --to laptop, for one frame --at physical/nested-1.vmnic0 --frame 'src=00:50:56:aa:00:07 dst=broadcast'
    "#]],
    );
    check(
        &["trace", NESTED, "--from", "web01"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: the following required arguments were not provided:
          --to <TO>

        Usage: nsw trace --from <FROM> --to <TO> <FILE>

        For more information, try '--help'.
    "#]],
    );
    check(
        &["trace", NESTED, "--from", "web01", "--to", "laptop", "--at", "physical/vmk0"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: the argument '--from <FROM>' cannot be used with '--at <HOST/PORT>'

        Usage: nsw trace --from <FROM> --to <TO> <FILE>

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn a_lab_with_a_mistake() {
    let text = "lab: bad\nhosts:\n  physical:\n    vms:\n      app01: { port-group: VM Network }\n";
    check_with_file(
        "bad.yaml",
        text,
        &["trace", "bad.yaml", "--from", "app01", "--to", "app01"],
        &expect![[r#"
            exit code 2
            --- stderr
              × adapter `eth0` of VM `app01` is connected to port group `VM Network`, which host `physical`
              │ does not have
               ╭─[bad.yaml:5:28]
             4 │     vms:
             5 │       app01: { port-group: VM Network }
               ·                            ──────────
               ╰────

            error: lab file `bad.yaml` has an error
        "#]],
    );
}

// A terminal of 100 columns is enough for every conversation of every example.
#[test]
fn a_trace_fits_a_terminal() {
    for (file, from, to) in [
        (NESTED, "web01", "laptop"),
        (NESTED, "laptop", "web01"),
        ("examples/nested-method1.yaml", "web01", "laptop"),
        ("examples/nested-method2.yaml", "laptop", "web02"),
        ("examples/two-nested-hosts.yaml", "web01", "db01"),
        ("examples/three-levels.yaml", "laptop", "nested-1/vmk0"),
    ] {
        let (text, _) = stdout(&["trace", file, "--from", from, "--to", to]);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{file}: {line}");
        }
    }
}
