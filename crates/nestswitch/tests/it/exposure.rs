//! `nsw reach`, `nsw exposure` and `nsw tighten` over the examples.

use expect_test::expect;

use super::fixture::{Folder, check, json, output, stdout};

#[test]
fn reach_of_the_fault() {
    check(
        &["reach", "examples/nested.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
                           1  2  3  4  5  6  7  8
                   laptop     x  x  x  x  x  -  -  1
            physical/vmk0  x     x  x  x  x  -  -  2
               app01/eth0  x  x     x  x  x  -  -  3
               app02/eth0  x  x  x     x  x  -  -  4
             sniffer/eth0  x  x  x  x     x  -  -  5
            nested-1/vmk0  x  x  x  x  x     x  x  6
               web01/eth0  -  -  -  -  -  x     x  7
               web02/eth0  -  -  -  -  -  x  x     8

            x: reaches, >: one way only, -: does not reach, .: no IP network in common

            8 end points with an address, 56 ordered pairs, known from 34 conversations
                        36  REACHABLE
                        20  UNREACHABLE

            what is in the way, most pairs first
                        10  FORGED_TRANSMIT at physical / vSwitch0 / Nested (ARP reply)
                        10  FORGED_TRANSMIT at physical / vSwitch0 / Nested (ARP request)
        "#]],
    );
}

// Method 1 lets the other port group's sniffer read everything and everybody there pretend; method 2 does not.
#[test]
fn exposure_of_the_two_methods() {
    check(
        &["exposure", "examples/nested-method1.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
             port group          on        reads now   at worst    can send as now  at worst
             (nested hosts)      nested-1  everything  everything  everything       everything
             (stations)          outside   nobody      nobody      everything       everything
             Management Network  physical  nobody      nobody      everything       everything
             Management Network  nested-1  nobody      nobody      nobody           nobody
             VM Network          physical  everything  everything  everything       everything
             VM Network          nested-1  nobody      nobody      nobody           nobody

            nobody; group: those of its own port group on its host; everything: others too
            now: 10 pairs of a reader and whom it reads, 35 of a sender and as whom
            at worst: 22 pairs of a reader and whom it reads, 35 of a sender and as whom
        "#]],
    );
    check(
        &["exposure", "examples/nested-method2.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
             port group          on        reads now   at worst    can send as now  at worst
             (nested hosts)      nested-1  everything  everything  everything       everything
             (stations)          outside   nobody      nobody      everything       everything
             Management Network  2 hosts   nobody      nobody      nobody           nobody
             VM Network          2 hosts   nobody      nobody      nobody           nobody

            nobody; group: those of its own port group on its host; everything: others too
            now: 4 pairs of a reader and whom it reads, 7 of a sender and as whom
            at worst: 4 pairs of a reader and whom it reads, 7 of a sender and as whom
        "#]],
    );
    check(
        &["exposure", "examples/nested-method1.yaml", "app01"],
        &expect![[r#"
            exit code 1
            --- stdout
            app01/eth0
              now
                is read by nested-1, sniffer/eth0
                reads nobody
                can be impersonated by app02/eth0, nested-1, physical/vmk0, sniffer/eth0
                can send as app02/eth0, laptop, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
              at worst
                is read by app02/eth0, nested-1, sniffer/eth0
                reads app02/eth0, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
                can be impersonated by app02/eth0, nested-1, physical/vmk0, sniffer/eth0
                can send as app02/eth0, laptop, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
        "#]],
    );
}

// Method 1 opened two port groups that need nothing; where all is closed there is nothing to do.
#[test]
fn what_can_be_closed() {
    check(
        &["tighten", "examples/nested-method1.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
            these can be closed, all together, and everybody still reaches whom he reaches now:

              1. physical / VM Network: forged transmits = Reject
                 by itself closes 0 pairs of a reader and whom it reads, 21 of a sender and as whom, at worst
              2. physical / VM Network: promiscuous mode = Reject
                 by itself closes 18 pairs of a reader and whom it reads, 0 of a sender and as whom, at worst
              3. physical / Management Network: forged transmits = Reject
                 by itself closes 0 pairs of a reader and whom it reads, 7 of a sender and as whom, at worst
              4. physical / Management Network: promiscuous mode = Reject
                 by itself closes nothing that anybody could use now

            all together closes 18 pairs of a reader and whom it reads, 28 of a sender and as whom, at worst
            2 settings of port groups must stay at Accept

            --- a/examples/nested-method1.yaml
            +++ b/examples/nested-method1.yaml
            @@ -23,4 +23,4 @@
                     port-groups:
            -          Management Network: {}
            -          VM Network: {}
            +          Management Network: { security: { forged-transmits: reject, promiscuous: reject } }
            +          VM Network: { security: { forged-transmits: reject, promiscuous: reject } }
                       Nested: {}

            esxcli, on physical
              esxcli network vswitch standard portgroup policy security set --portgroup-name='VM Network' --allow-promiscuous=false --allow-forged-transmits=false
              esxcli network vswitch standard portgroup policy security set --portgroup-name='Management Network' --allow-promiscuous=false --allow-forged-transmits=false

            nsw esxcli
              nsw esxcli --host physical network vswitch standard portgroup policy security set --portgroup-name='VM Network' --allow-promiscuous=false --allow-forged-transmits=false
              nsw esxcli --host physical network vswitch standard portgroup policy security set --portgroup-name='Management Network' --allow-promiscuous=false --allow-forged-transmits=false

            PowerCLI
              Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'VM Network' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $false -ForgedTransmits $false
              Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'Management Network' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $false -ForgedTransmits $false

            govc
              govc host.portgroup.change -host physical -allow-promiscuous=false -forged-transmits=false 'VM Network'
              govc host.portgroup.change -host physical -allow-promiscuous=false -forged-transmits=false 'Management Network'
        "#]],
    );
    check(
        &["tighten", "examples/nested.yaml"],
        &expect![[r#"
        exit code 0
        --- stdout
        nothing can be closed: no port group needs a setting at Accept
    "#]],
    );
}

#[test]
fn nobody_of_that_name() {
    let (text, code) = stdout(&["exposure", "examples/nested.yaml", "app1"]);
    assert_eq!((text.as_str(), code), ("", 2));
}

// Where nothing is proposed, the answer says whose matter it is.
#[test]
fn why_says_why_there_is_no_fix() {
    let last = |args: &[&str]| {
        let (text, code) = stdout(args);
        assert_eq!(code, 1, "{args:?}");
        text.split("\n\n").last().expect("there is a last paragraph").to_owned()
    };
    expect![[r#"
        Nothing was found that a change of settings, cables or addresses on this path could do.
        They are in different VLANs, and a switch keeps VLANs apart. To route between them is a router's
          matter; a lab file has none.
    "#]]
    .assert_eq(&last(&["why", "examples/vlan-trunk.yaml", "laptop", "printer"]));
    expect![[r#"
        Nothing was found that leaves everybody else connected. 2 ways would work, and cut somebody else
          off.
        They are in different VLANs, and a switch keeps VLANs apart. To route between them is a router's
          matter; a lab file has none.
    "#]]
    .assert_eq(&last(&["why", "examples/vlan-trunk.yaml", "app01", "physical/vmk0"]));
}

// A port keeps the check with which it was granted promiscuous mode, so the mode is refused and granted again.
#[test]
fn the_check_for_promiscuous_ports_is_told_with_the_grant_that_it_waits_for() {
    check(
        &["fix", "examples/threads/gns3-1869.yaml", "ipterm1", "target", "--platform", "vss"],
        &expect![[r#"
            exit code 0
            --- stdout
            Fix 1 of 1: another setting
              change    physical / vSwitch0: Net.ReversePathFwdCheckPromisc 1, then promiscuous mode off and on
                        again
              reads     nobody newly reads anybody, whatever guests ask for
              sends as  nobody can newly send as anybody
              copies    a unicast frame of the two goes to 0 others now, to 0 with it
              guides    no new finding of nsw audit
              diff
                --- a/examples/threads/gns3-1869.yaml
                +++ b/examples/threads/gns3-1869.yaml
                @@ -36,2 +36,3 @@
                             security: { promiscuous: accept, forged-transmits: accept }
                +        options: { reverse-path-check-promiscuous: true }
                       inside:
              esxcli, on physical
                esxcli system settings advanced set --option=/Net/ReversePathFwdCheckPromisc --int-value=1
                esxcli network vswitch standard portgroup policy security set --portgroup-name=Promisc --allow-promiscuous=false
                esxcli network vswitch standard portgroup policy security set --portgroup-name=Promisc --allow-promiscuous=true
              PowerCLI
                Get-VMHost 'physical' | Get-AdvancedSetting -Name Net.ReversePathFwdCheckPromisc | Set-AdvancedSetting -Value 1 -Confirm:$false
                Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'Promisc' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $false
                Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'Promisc' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $true
              govc
                govc host.option.set -host physical Net.ReversePathFwdCheckPromisc 1
                govc host.portgroup.change -host physical -allow-promiscuous=false -forged-transmits=true Promisc
                govc host.portgroup.change -host physical -allow-promiscuous=true -forged-transmits=true Promisc
              undo      apply the diff in reverse: patch -R
              esxcli, on physical
                esxcli system settings advanced set --option=/Net/ReversePathFwdCheckPromisc --int-value=0
                esxcli network vswitch standard portgroup policy security set --portgroup-name=Promisc --allow-promiscuous=false
                esxcli network vswitch standard portgroup policy security set --portgroup-name=Promisc --allow-promiscuous=true
              PowerCLI
                Get-VMHost 'physical' | Get-AdvancedSetting -Name Net.ReversePathFwdCheckPromisc | Set-AdvancedSetting -Value 0 -Confirm:$false
                Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'Promisc' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $false
                Get-VirtualPortGroup -VMHost 'physical' -Standard -Name 'Promisc' | Get-SecurityPolicy | Set-SecurityPolicy -AllowPromiscuous $true
              govc
                govc host.option.set -host physical Net.ReversePathFwdCheckPromisc 0
                govc host.portgroup.change -host physical -allow-promiscuous=false -forged-transmits=true Promisc
                govc host.portgroup.change -host physical -allow-promiscuous=true -forged-transmits=true Promisc

        "#]],
    );
}

#[test]
fn a_million_pairs_are_counted_and_not_listed() {
    let folder = Folder::new();
    let file = folder.path().join("large.yaml");
    let stations: String = (0..1001)
        .map(|number| {
            format!("      s{number}: {{ address: 10.0.{}.{}/16 }}\n", number / 250, number % 250 + 1)
        })
        .collect();
    let text = format!(
        "lab: large\nsegments:\n  lan:\n    stations:\n{stations}hosts:\n  idle: {{ vswitches: {{ vSwitch0: {{ port-groups: {{ VM Network: {{}} }} }} }} }}\n"
    );
    std::fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let all = output(&["reach", file, "--json"]);
    assert_eq!(all.status.code(), Some(2));
    let said = String::from_utf8(all.stderr).unwrap();
    assert!(said.contains("1001 end points are too many") && said.contains("--summary"), "{said}");
    let (summary, code) = json(&["reach", file, "--summary", "--json"]);
    assert_eq!((code, &summary["verdicts"]["REACHABLE"]), (0, &1_001_000.into()));
}
