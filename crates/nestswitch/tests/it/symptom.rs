//! `nsw why --symptom`.

use expect_test::expect;

use super::fixture::{Folder, check, json, root, stdout};

#[test]
fn the_list() {
    check(
        &["why", "--symptom", "list"],
        &expect![[r#"
        exit code 0
        --- stdout
        ping works one way
        works only while tcpdump runs
        duplicate replies
        DHCP gets no answer
        works until vMotion or failback
        only large packets fail
        only the management address answers
        broadcast works, unicast doesn't
    "#]],
    );
}

#[test]
fn causes_with_what_was_seen_and_the_test_for_each() {
    check(
        &["why", "--symptom", "only the management address answers", "examples/nested.yaml", "laptop"],
        &expect![[r#"
            exit code 1
            --- stdout
            only the management address answers: 7 pairs tried

            1. PROMISCUOUS_NOT_GRANTED at physical / vSwitch0 / Nested / nested-1.vmnic0
              promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
              examples/nested.yaml, line 22
              explains 2 pairs, as laptop -> web01/eth0
              seen: the frame dies at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                    nested-1/vmk0 answers laptop
                    nsw trace examples/nested.yaml --from laptop --to web01/eth0
              test: on physical
                    pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac 00:50:56:23:5f:9e
              if:   the frame comes in here
                    and does not go out at the port itself (--capture PortOutput --switchport ID)
              else: 2

            2. FORGED_TRANSMIT at physical / vSwitch0 / Nested / nested-1.vmnic0
              forged transmits = Reject, set on vSwitch0, inherited by port group Nested
              examples/nested.yaml, line 22
              explains 2 pairs, as web01/eth0 -> laptop
              seen: the frame dies at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                    nested-1/vmk0 answers laptop
                    nsw trace examples/nested.yaml --from web01/eth0 --to laptop
              test: on physical
                    pktcap-uw --capture Drop --srcmac 00:50:56:23:5f:9e
              if:   it shows drops with the reason MAC Forgery
        "#]],
    );
}

#[test]
fn a_symptom_that_is_not_there() {
    check(
        &["why", "--symptom", "ping works", "examples/three-levels.yaml"],
        &expect![[r#"
            exit code 0
            --- stdout
            ping works one way: 21 pairs tried
              nothing in this lab file makes it so; look at what a file does not say: a guest's firewall, its
              addresses and routes, a cable, another device with the same address
        "#]],
    );
}

#[test]
fn as_json() {
    let (value, code) = json(&[
        "--json",
        "why",
        "--symptom",
        "duplicate",
        "examples/threads/nsx-edge-bridge-duplicates.yaml",
    ]);
    assert_eq!(code, 1);
    expect![[r#"
        {
          "causes": [
            {
              "device": "vSwitch0",
              "host": "physical",
              "line": null,
              "pairs": [
                [
                  "web03",
                  "web01/eth0"
                ]
              ],
              "port": null,
              "port-group": null,
              "reason": null,
              "seen": "2 copies; with Net.ReversePathFwdCheckPromisc, one",
              "setting": null,
              "test": {
                "command": "esxcli system settings advanced list -o /Net/ReversePathFwdCheckPromisc",
                "on": "physical",
                "shows": "it shows `Int Value: 0`; and with one uplink unplugged the duplicates are gone",
                "trace": "nsw trace examples/threads/nsx-edge-bridge-duplicates.yaml --from web03 --to web01/eth0"
              },
              "what": "promiscuous ports of physical / vSwitch0 get what is flooded by each of its uplinks"
            }
          ],
          "ends-left-out": 0,
          "pairs-tried": 1,
          "symptom": "duplicate replies"
        }"#]].assert_eq(&format!("{value:#}"));
}

#[test]
fn wrong_words_and_missing_ones() {
    check(
        &["why", "--symptom", "duplicate repies", "examples/nested.yaml"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `duplicate repies` is no symptom that is known here
        hint: did you mean `duplicate replies`?
    "#]],
    );
    check(
        &["why", "--symptom", "works", "examples/nested.yaml"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `works` is no symptom that is known here
        hint: `nsw why --symptom list` lists them
    "#]],
    );
    check(
        &["why", "--symptom", "ping"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: in which lab?
        hint: say `nsw why --symptom WORDS FILE`
    "#]],
    );
    check(
        &["why", "--symptom", "ping", "examples/nested.yaml", "nobody"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: nobody in this lab is called `nobody`; there are laptop, physical/vmk0, app01/eth0, app02/eth0, sniffer/eth0, nested-1/vmk0, web01/eth0, web02/eth0
    "#]],
    );
    check(
        &["why", "examples/nested.yaml", "web01"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: the following required arguments were not provided:
          <TO>

        Usage: nsw why <FILE> <FROM> <TO>

        For more information, try '--help'.
    "#]],
    );
}

// What only large packets meet has its setting, its fix, and a command that asks for their size again.
#[test]
fn why_for_packets_of_a_size() {
    let folder = Folder::new();
    let file = folder.path().join("lab.yaml");
    let text = std::fs::read_to_string(root().join("examples/nested-method2.yaml")).expect("it is there");
    std::fs::write(&file, text.replace("lab: nested-method2", "lab: large")).expect("it can be written");
    let file = file.to_string_lossy();
    let (small, code) = stdout(&["why", &file, "web01", "laptop", "--size", "1500"]);
    assert_eq!((small.lines().next(), code), (Some("web01/eth0 -> laptop: REACHABLE"), 0));
    let (large, code) = stdout(&["why", &file, "web01", "laptop", "--size", "1600"]);
    assert_eq!(code, 1);
    assert!(large.contains("MTU = 1500, default of vSwitch0"), "{large}");
    assert!(large.contains("nested-1 / vSwitch0: MTU 1600"), "{large}");
    assert!(large.contains("web01 laptop --size 1600 --apply 1"), "{large}");
    let (_, code) = stdout(&["fix", &file, "web01", "laptop", "--size", "1600", "--apply", "1"]);
    assert_eq!(code, 0);
    let (_, code) = stdout(&["why", &file, "web01", "laptop", "--size", "1600"]);
    assert_eq!(code, 0);
}
