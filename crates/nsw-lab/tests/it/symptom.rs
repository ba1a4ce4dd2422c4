//! From a symptom to its causes: each symptom in a lab that has it, and in one that has not.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use nsw_lab::doctor::report::Reporter;
use nsw_lab::doctor::symptom::{Patient, Symptom};
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::spec;

/// A lab of the examples, without the comment at its head: lines are counted from where the lab begins.
fn read(name: &str) -> String {
    let path = format!("{}/../../examples/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect()
}

/// The causes that are found, each with its setting, what was seen, and how many pairs it explains.
fn leads(text: &str, symptom: Symptom, ends: &[&str]) -> String {
    let parsed = spec::parse("lab.yaml", text).map_err(miette::Report::new).unwrap();
    let patient = Patient { lab: &parsed.lab, locations: &parsed.locations, file: "lab.yaml" };
    let leads = patient.examine(symptom, ends).unwrap();
    let catalogue = Catalogue::new(Language::En);
    let reporter = Reporter { catalogue: &catalogue, file: "lab.yaml", locations: &parsed.locations };
    let mut lines = String::new();
    for lead in leads.causes {
        let (from, to) = &lead.pairs[0];
        writeln!(lines, "{} ({} pairs, as {from} -> {to})", lead.what.words(&catalogue), lead.pairs.len())
            .unwrap();
        if let Some(setting) = reporter.lead_setting(&lead) {
            let line = lead.position.map(|position| position.line.to_string()).unwrap_or_default();
            writeln!(lines, "  {setting}, line {line}").unwrap();
        }
        writeln!(lines, "  seen: {}", reporter.seen(&lead.seen).join("; ")).unwrap();
        writeln!(lines, "  test on {}: {}", reporter.test_on(&lead.test), lead.test.command).unwrap();
    }
    lines
}

#[track_caller]
fn check(text: &str, symptom: Symptom, ends: &[&str], expected: &Expect) {
    expected.assert_eq(&leads(text, symptom, ends));
}

#[test]
fn ping_works_one_way() {
    check(
        &read("threads/arc-740"),
        Symptom::OneWay,
        &[],
        &expect![[r#"
            PROMISCUOUS_NOT_GRANTED at physical / vSwitch0 / VM Network / dsm.vmnic0 (3 pairs, as router -> ubuntu/eth0)
              promiscuous mode = Reject, set on vSwitch0, inherited by port group VM Network, line 15
              seen: the frame dies at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED; what ubuntu/eth0 sends router arrives
              test on physical: pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac 00:50:56:0f:18:25
        "#]],
    );
    check(
        &read("threads/docker-docs-15855"),
        Symptom::OneWay,
        &["gateway"],
        &expect![[r#"
            FORGED_TRANSMIT at physical / vSwitch0 / VM Network / docker-host.vmnic0 (1 pairs, as container-1/eth0 -> gateway)
              forged transmits = Reject, default of vSwitch0, inherited by port group VM Network, line 13
              seen: the frame dies at physical / vSwitch0 / VM Network / docker-host.vmnic0: FORGED_TRANSMIT; what gateway sends container-1/eth0 arrives
              test on physical: pktcap-uw --capture Drop --srcmac 00:50:56:3f:84:78
        "#]],
    );
}

#[test]
fn only_the_management_address_answers() {
    check(
        &read("nested"),
        Symptom::OnlyManagement,
        &["laptop"],
        &expect![[r#"
            PROMISCUOUS_NOT_GRANTED at physical / vSwitch0 / Nested / nested-1.vmnic0 (2 pairs, as laptop -> web01/eth0)
              promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested, line 15
              seen: the frame dies at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED; nested-1/vmk0 answers laptop
              test on physical: pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac 00:50:56:23:5f:9e
            FORGED_TRANSMIT at physical / vSwitch0 / Nested / nested-1.vmnic0 (2 pairs, as web01/eth0 -> laptop)
              forged transmits = Reject, set on vSwitch0, inherited by port group Nested, line 15
              seen: the frame dies at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT; nested-1/vmk0 answers laptop
              test on physical: pktcap-uw --capture Drop --srcmac 00:50:56:23:5f:9e
        "#]],
    );
}

#[test]
fn broadcast_works_and_unicast_does_not() {
    check(
        &read("threads/vic-4759"),
        Symptom::OnlyBroadcast,
        &[],
        &expect![[r#"
            PROMISCUOUS_NOT_GRANTED at esx / vSwitch0 / VM Network / nested-esx.vmnic0 (2 pairs, as gateway -> vch/eth0)
              promiscuous mode = Reject, default of vSwitch0, inherited by port group VM Network, line 13
              seen: the frame dies at esx / vSwitch0 / vmnic0: DEST_NOT_REGISTERED; a broadcast of gateway arrives
              test on esx: pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac 00:50:56:1d:fb:70
        "#]],
    );
}

// Discovery goes out; the offer is unicast and is for an address that no port is registered for.
#[test]
fn dhcp_gets_no_answer() {
    check(
        &read("threads/vic-4759"),
        Symptom::NoDhcp,
        &[],
        &expect![[r#"
            PROMISCUOUS_NOT_GRANTED at esx / vSwitch0 / VM Network / nested-esx.vmnic0 (1 pairs, as gateway -> vch/eth0)
              promiscuous mode = Reject, default of vSwitch0, inherited by port group VM Network, line 13
              seen: the frame dies at esx / vSwitch0 / vmnic0: DEST_NOT_REGISTERED; the broadcast of vch/eth0 arrived, the answer is unicast
              test on esx: pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac 00:50:56:1d:fb:70
        "#]],
    );
    check(
        &read("threads/lxd-2248"),
        Symptom::NoDhcp,
        &["container-1", "dhcp"],
        &expect![[r#"
            FORGED_TRANSMIT at physical / vSwitch0 / VM Network / lxd.vmnic0 (1 pairs, as container-1/eth0 -> dhcp)
              forged transmits = Reject, default of vSwitch0, inherited by port group VM Network, line 13
              seen: the frame dies at physical / vSwitch0 / VM Network / lxd.vmnic0: FORGED_TRANSMIT; it is the client's broadcast
              test on physical: pktcap-uw --capture Drop --srcmac 00:16:3e:22:48:01
        "#]],
    );
}

#[test]
fn replies_come_twice() {
    check(
        &read("threads/nsx-edge-bridge-duplicates"),
        Symptom::Duplicates,
        &[],
        &expect![[r#"
        promiscuous ports of physical / vSwitch0 get what is flooded by each of its uplinks (1 pairs, as web03 -> web01/eth0)
          seen: 2 copies; with Net.ReversePathFwdCheckPromisc, one
          test on physical: esxcli system settings advanced list -o /Net/ReversePathFwdCheckPromisc
    "#]],
    );
}

// A nested ESXi always asks; macvlan and some bridges do so only while somebody sniffs on their parent.
#[test]
fn works_only_while_a_sniffer_runs() {
    check(
        &read("nested-method2"),
        Symptom::OnlyWhileSniffing,
        &["laptop"],
        &expect![[r#"
        the guest behind physical / vSwitch0 / Nested / nested-1.vmnic0 may not ask for promiscuous mode by itself (2 pairs, as laptop -> web01/eth0)
          seen: without that request the frame dies at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED; with it they talk
          test on nested-1: ip -d link show
    "#]],
    );
}

#[test]
fn only_large_packets_fail() {
    check(
        "
lab: jumbo
segments: { office: { stations: { nas: { address: 10.0.0.1/24 } } } }
hosts:
  esx:
    vmnics: { vmnic0: { segment: office } }
    vswitches:
      vSwitch0: { uplinks: [vmnic0], mtu: 1500, port-groups: { Net: { security: { promiscuous: accept, forged-transmits: accept } } } }
    vms:
      inner:
        port-group: Net
        host:
          vswitches: { vSwitch0: { uplinks: [vmnic0], mtu: 9000, port-groups: { Net: {} } } }
          vms: { vm: { port-group: Net, address: 10.0.0.2/24 } }
",
        Symptom::LargePackets,
        &[],
        &expect![[r#"
            MTU at esx / vSwitch0 / vmnic0 (1 pairs, as vm/eth0 -> nas)
              MTU = 1500, default of vSwitch0, line 8
              seen: the frame dies at esx / vSwitch0 / vmnic0: MTU; with 9000 bytes; 46 bytes arrive
              test on esx: esxcli network vswitch standard list
        "#]],
    );
}

// With Net.ReversePathFwdCheckPromisc the promiscuous port is given only what comes by its own uplink, and after a failback
// the physical switch still has the inner VM's address on the other one: nobody announces what is not registered.
#[test]
fn works_until_failback() {
    check(
        "
lab: failback
segments: { office: { stations: { laptop: { address: 10.0.0.1/24 } } } }
hosts:
  esx:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        options: { reverse-path-check-promiscuous: true }
        teaming: { load-balancing: explicit, active: [vmnic0], standby: [vmnic1] }
        port-groups: { Nested: { security: { promiscuous: accept, forged-transmits: accept } } }
    vms:
      inner:
        port-group: Nested
        host:
          vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { Net: {} } } }
          vms: { vm: { port-group: Net, address: 10.0.0.2/24 } }
",
        Symptom::AfterMove,
        &[],
        &expect![[r#"
            REVERSE_TEAM at esx / vSwitch0 / Nested / inner.vmnic0 (1 pairs, as laptop -> vm/eth0)
              reverse teaming filter = on, default of vSwitch0, inherited by port group Nested, line 8
              seen: the frame dies at esx / vSwitch0 / Nested / inner.vmnic0: REVERSE_TEAM; after vmnic0 of esx failed and came back, until vm/eth0 speaks again
              test on esx: pktcap-uw --capture UplinkRcvKernel --uplink vmnic1 --dstmac 00:50:56:37:de:63
        "#]],
    );
}

#[test]
fn works_until_the_vm_moves_to_a_host_that_is_set_otherwise() {
    check(
        "
lab: drift
segments: { office: { stations: { laptop: { address: 10.0.0.1/24 } } } }
hosts:
  esx-1:
    vmnics: { vmnic0: { segment: office } }
    vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { Nested: { security: { promiscuous: accept, forged-transmits: accept } } } } }
    vms:
      inner:
        port-group: Nested
        host:
          vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { Net: {} } } }
          vms: { vm: { port-group: Net, address: 10.0.0.2/24 } }
  esx-2:
    vmnics: { vmnic0: { segment: office } }
    vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { Nested: { security: { promiscuous: accept } } } } }
",
        Symptom::AfterMove,
        &[],
        &expect![[r#"
            FORGED_TRANSMIT at esx-2 / vSwitch0 / Nested / inner.vmnic0 (1 pairs, as vm/eth0 -> laptop)
              forged transmits = Reject, default of vSwitch0, inherited by port group Nested, line 16
              seen: the frame dies at esx-2 / vSwitch0 / Nested / inner.vmnic0: FORGED_TRANSMIT; with inner on esx-2; where it is now, they talk
              test on esx-2: pktcap-uw --capture Drop --srcmac 00:50:56:3d:b1:b3
        "#]],
    );
}

// Everything talks in this lab, at once and with nobody else, so no symptom has a cause there.
#[test]
fn a_healthy_lab_has_none_of_it() {
    let text = "
lab: healthy
segments: { office: { stations: { laptop: { address: 10.0.0.1/24 } } } }
hosts:
  esx:
    vmnics: { vmnic0: { segment: office } }
    vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { Net: {} } } }
    vmkernel: { vmk0: { port-group: Net, address: 10.0.0.3/24 } }
    vms:
      one: { port-group: Net, address: 10.0.0.4/24 }
      two: { port-group: Net, address: 10.0.0.5/24 }
";
    for symptom in Symptom::ALL {
        assert_eq!(leads(text, symptom, &[]), "", "{symptom:?}");
    }
}

#[test]
fn a_symptom_is_named_by_the_beginning_of_its_phrase() {
    for symptom in Symptom::ALL {
        assert_eq!(Symptom::find(symptom.phrase()), Ok(symptom));
    }
    assert_eq!(Symptom::find("DHCP"), Ok(Symptom::NoDhcp));
    assert_eq!(Symptom::find("works").unwrap_err().hint, None);
    assert_eq!(
        Symptom::find("duplicate repies").unwrap_err().hint.as_deref(),
        Some("did you mean `duplicate replies`?")
    );
}

#[test]
fn an_end_that_is_not_there_is_an_error() {
    let text = read("nested");
    let parsed = spec::parse("lab.yaml", &text).unwrap();
    let patient = Patient { lab: &parsed.lab, locations: &parsed.locations, file: "lab.yaml" };
    assert!(patient.examine(Symptom::OneWay, &["nobody"]).is_err());
}

// Everybody with everybody is bounded; two ends are looked at in the part of the lab between them, however large the rest.
#[test]
fn in_a_large_lab_two_ends_must_be_named() {
    let text = read("nested");
    let mut parsed = spec::parse("lab.yaml", &text).unwrap();
    let app = parsed.lab.hosts[0].vm("app01").unwrap().clone();
    let octets = |n: u16| [0x00, 0x50, 0x56, 0x20, n.to_be_bytes()[0], n.to_be_bytes()[1]];
    parsed.lab.hosts[0].vms.extend((0..400).map(|n| {
        let mut copy = app.clone();
        copy.name = format!("copy-{n}");
        copy.nics[0].mac = nsw_core::Mac::new(octets(n));
        copy
    }));
    let patient = Patient { lab: &parsed.lab, locations: &parsed.locations, file: "lab.yaml" };
    let error = patient.examine(Symptom::OnlyManagement, &["laptop"]).unwrap_err();
    assert_eq!(error.to_string(), "this lab has 408 ends; at most 400 are looked at together");
    let leads = patient.examine(Symptom::OnlyManagement, &["laptop", "web01"]).unwrap();
    assert_eq!((leads.tried, leads.causes.len()), (1, 2));
}
