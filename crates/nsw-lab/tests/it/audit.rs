//! The audit: a lab, and what each rule objects to in it; exceptions, and what becomes of them.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use jiff::civil::date;
use nsw_lab::doctor::audit::{RULES, Rule, audit, exceptions};
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::spec;

/// A host with these vSwitches, and whatever follows.
fn lab(vswitches: &str, rest: &str) -> String {
    format!(
        "lab: audited\nsegments: {{ wire: {{}} }}\nhosts:\n  esx:\n    vmnics: {{ vmnic0: {{ segment: wire }}, vmnic1: {{ segment: wire }} }}\n    vswitches:\n{vswitches}\n{rest}\n"
    )
}

/// Each finding in a line: where, severity, rule, object, what.
fn findings(text: &str) -> String {
    let parsed = spec::parse("audited.yaml", text).map_err(miette::Report::new).unwrap();
    let catalogue = Catalogue::new(Language::En);
    let mut lines = String::new();
    for finding in audit(&parsed.lab, &parsed.locations) {
        let position = finding.position.map(|position| position.to_string()).unwrap_or_default();
        let (rule, object) = (finding.rule, &finding.object);
        writeln!(
            lines,
            "{position} {} {} {object}: {}",
            rule.severity,
            rule.id,
            finding.sentence(&catalogue)
        )
        .unwrap();
    }
    lines
}

#[track_caller]
fn check(vswitches: &str, rest: &str, expected: &Expect) {
    expected.assert_eq(&findings(&lab(vswitches, rest)));
}

#[test]
fn a_closed_lab_has_no_findings() {
    check(
        "      vSwitch0:\n        uplinks: [vmnic0]\n        port-groups: { Net: { vlan: 20 } }",
        "",
        &expect![[""]],
    );
}

// What is set once is one finding, at the line that would be changed; heirs are named in it.
#[test]
fn a_vswitch_that_accepts_is_one_finding_that_names_its_heirs() {
    check(
        "      vSwitch0:
        uplinks: [vmnic0]
        security: { promiscuous: accept, mac-changes: accept, forged-transmits: accept }
        port-groups:
          One: { vlan: 20 }
          Two: { vlan: 20, security: { promiscuous: reject } }",
        "",
        &expect![[r#"
            9:34 high NSW-PROMISCUOUS esx/vSwitch0: promiscuous mode: Accept, set at the vSwitch; inherited by One
            9:55 high NSW-MAC-CHANGES esx/vSwitch0: MAC address changes: Accept, set at the vSwitch; inherited by One, Two
            9:81 high NSW-FORGED esx/vSwitch0: forged transmits: Accept, set at the vSwitch; inherited by One, Two
            12:53 low NSW-OVERRIDE esx/vSwitch0/Two: promiscuous mode: Reject, set at the port group
        "#]],
    );
}

#[test]
fn the_defaults_of_old_releases_are_findings_too() {
    check(
        "      vSwitch0:\n        defaults: \"6.x\"\n        port-groups: { Net: { vlan: 20 } }",
        "",
        &expect![[r#"
            7:7 high NSW-MAC-CHANGES esx/vSwitch0: MAC address changes: Accept, set nowhere: the default; inherited by Net
            7:7 high NSW-FORGED esx/vSwitch0: forged transmits: Accept, set nowhere: the default; inherited by Net
        "#]],
    );
}

// The STIG for ESXi 8 counts an override whatever its value; for release 7 only Accept was a finding.
#[test]
fn an_override_is_a_finding_whatever_its_value() {
    check(
        "      vSwitch0:
        port-groups:
          Closed: { vlan: 20, security: { forged-transmits: reject } }
          Open: { vlan: 20, security: { forged-transmits: accept } }",
        "",
        &expect![[r#"
            9:61 low NSW-OVERRIDE esx/vSwitch0/Closed: forged transmits: Reject, set at the port group
            10:59 high NSW-FORGED esx/vSwitch0/Open: forged transmits: Accept, set at the port group
        "#]],
    );
}

#[test]
fn vlans_that_mean_something_to_physical_switches() {
    check(
        "      vSwitch0:
        uplinks: [vmnic0]
        port-groups:
          Trunk: { vlan: trunk }
          Native: { vlan: 1 }
          Reserved: { vlan: 1002 }
          Last: { vlan: 4094 }
          Untagged: {}
          Fine: { vlan: 1025 }
      vSwitch1:
        port-groups: { Inside: {} }",
        "",
        &expect![[r#"
            10:26 medium NSW-GUEST-TAGGING esx/vSwitch0/Trunk: VLAN ID: 4095, set at the port group
            11:27 medium NSW-NATIVE-VLAN esx/vSwitch0/Native: VLAN ID: 1, set at the port group
            12:29 medium NSW-RESERVED-VLAN esx/vSwitch0/Reserved: VLAN ID: 1002, set at the port group
            13:25 medium NSW-RESERVED-VLAN esx/vSwitch0/Last: VLAN ID: 4094, set at the port group
            14:11 low NSW-UNTAGGED esx/vSwitch0/Untagged: VLAN ID: 0, set nowhere: the default
        "#]],
    );
}

#[test]
fn options_that_guard_the_outside() {
    check(
        "      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        options: { block-guest-bpdu: false, reverse-path-check: false }
        port-groups: { Open: { vlan: 20, security: { promiscuous: accept } } }",
        "",
        &expect![[r#"
            7:7 medium NSW-RPF-PROMISCUOUS esx/vSwitch0: Net.ReversePathFwdCheckPromisc: off, set nowhere: the default; promiscuous: Open
            9:38 medium NSW-GUEST-BPDU esx/vSwitch0: Net.BlockGuestBPDU: off, set at the vSwitch
            9:65 medium NSW-RPF esx/vSwitch0: Net.ReversePathFwdCheck: off, set at the vSwitch
            10:67 high NSW-PROMISCUOUS esx/vSwitch0/Open: promiscuous mode: Accept, set at the port group
        "#]],
    );
}

#[test]
fn who_shares_with_whom() {
    check(
        "      vSwitch0:
        port-groups:
          Mgmt: { vlan: 10 }
          Same VLAN: { vlan: 10 }
          Nested: { vlan: 20, security: { forged-transmits: accept } }",
        "    vmkernel: { vmk0: { port-group: Mgmt, mac: 00:50:56:00:00:01 } }
    vms:
      app: { port-group: Same VLAN }
      guest: { port-group: Nested }
      inner:
        port-group: Nested
        host: { vmkernel: { vmk0: { port-group: M, mac: 00:50:56:00:00:01, allow-duplicate-mac: true } }, vswitches: { vSwitch0: { uplinks: [vmnic0], port-groups: { M: {} } } } }",
        &expect![[r#"
            9:25 medium NSW-MANAGEMENT-SHARED esx/vSwitch0/Mgmt/vmk0: VLAN ID: 10, set at the port group; beside it: app
            11:61 high NSW-FORGED esx/vSwitch0/Nested: forged transmits: Accept, set at the port group
            11:61 medium NSW-SHARED-OPENING esx/vSwitch0/Nested: forged transmits: Accept, set at the port group; beside it: guest
            12:17 medium NSW-DUPLICATE-MAC esx/vSwitch0/Mgmt/vmk0: MAC address: 00:50:56:00:00:01; the same as inner/vSwitch0/M/vmk0
        "#]],
    );
}

#[test]
fn settings_beyond_a_standard_switch() {
    check(
        "      vSwitch0:
        beyond: { sink: true }
        port-groups:
          Prefix: { vlan: 20, beyond: { allowed-macs: [\"00:50:57:*\"] } }
          Exact: { vlan: 20, beyond: { allowed-macs: [\"00:50:56:aa:00:07\"] } }
          Learning: { vlan: 20, beyond: { mac-learning: { limit: 8 } } }
          Strict: { vlan: 20, beyond: { mac-learning: { limit: 8, at-limit: drop } } }",
        "",
        &expect![[r#"
            8:25 medium NSW-SINK esx/vSwitch0: sink: on, set at the vSwitch
            10:56 medium NSW-ALLOWED-PREFIX esx/vSwitch0/Prefix: an allowed MAC: 00:50:57:*, set at the port group
            12:57 low NSW-LEARNING-UNBOUNDED esx/vSwitch0/Learning: MAC learning's limit: 8, set at the port group
        "#]],
    );
}

#[test]
fn every_rule_has_an_id_of_its_own_and_is_found_by_it() {
    for rule in RULES {
        assert!(rule.id.starts_with("NSW-"), "{}", rule.id);
        assert_eq!(Rule::find(rule.id), Some(*rule));
    }
}

const OPEN: &str = "      vSwitch0:
        port-groups:
          Nested: { vlan: 20, security: { promiscuous: accept, forged-transmits: accept } }";

const EXCEPTIONS: &str = "exceptions:
  - { rule: NSW-PROMISCUOUS, object: esx/vSwitch0/Nested, reason: needed, owner: me, expires: 2027-03-31 }
  - { rule: NSW-FORGED, object: esx/vSwitch0/Nested, reason: needed, owner: me, expires: 2027-04-30 }
  - { rule: NSW-MAC-CHANGES, object: esx/vSwitch0/Nested, reason: habit, owner: me, expires: 2027-04-30 }
";

/// What becomes of the exceptions on a day of 2027.
fn weighed(month: i8, day: i8) -> String {
    let parsed = spec::parse("audited.yaml", &lab(OPEN, "")).unwrap();
    let exceptions = exceptions::parse("exceptions.yaml", EXCEPTIONS).unwrap();
    let weighed = exceptions.weigh(audit(&parsed.lab, &parsed.locations), date(2027, month, day));
    let mut text = String::new();
    weighed.open.iter().for_each(|finding| writeln!(text, "open {}", finding.rule.id).unwrap());
    weighed.excused.iter().for_each(|(finding, _)| writeln!(text, "excused {}", finding.rule.id).unwrap());
    weighed.expired.iter().for_each(|exception| writeln!(text, "expired {}", exception.rule.id).unwrap());
    weighed.unneeded.iter().for_each(|exception| writeln!(text, "not needed {}", exception.rule.id).unwrap());
    assert!(!weighed.is_clean());
    text
}

#[test]
fn an_exception_holds_through_its_last_day_and_no_longer() {
    expect![[r#"
        excused NSW-PROMISCUOUS
        excused NSW-FORGED
        not needed NSW-MAC-CHANGES
    "#]]
    .assert_eq(&weighed(3, 31));
    expect![[r#"
        open NSW-PROMISCUOUS
        excused NSW-FORGED
        expired NSW-PROMISCUOUS
        not needed NSW-MAC-CHANGES
    "#]]
    .assert_eq(&weighed(4, 1));
}

#[test]
fn with_what_is_needed_excused_and_nothing_else_it_is_clean() {
    let parsed = spec::parse("audited.yaml", &lab(OPEN, "")).unwrap();
    let needed: String =
        EXCEPTIONS.lines().filter(|line| !line.contains("habit")).map(|line| format!("{line}\n")).collect();
    let exceptions = exceptions::parse("exceptions.yaml", &needed).unwrap();
    assert!(exceptions.weigh(audit(&parsed.lab, &parsed.locations), date(2027, 3, 31)).is_clean());
}

#[track_caller]
fn check_bad(text: &str, expected: &Expect) {
    let errors = exceptions::parse("exceptions.yaml", text).unwrap_err();
    let lines: Vec<String> = errors
        .problems()
        .iter()
        .map(|problem| {
            format!("{} {} ({})", problem.position, problem.message, problem.help.as_deref().unwrap_or("-"))
        })
        .collect();
    expected.assert_eq(&lines.join("\n"));
}

#[test]
fn mistakes_in_an_exceptions_file_point_at_their_line() {
    check_bad(
        "exceptions:
  - rule: NSW-PROMISCOUS
    object: esx/vSwitch0
    reason: \"\"
    expires: 31.3.2027
  - { rule: NSW-FORGED, object: a, reason: b, owner: c, expires: 2027-02-30 }
  - { rule: NSW-VGT, object: a, reason: b, owner: c, expires: 2027-02-28T10:00 }
",
        &expect![[r#"
            2:11 an exception has no key `owner` (it has rule, object, reason, owner and expires)
            2:11 there is no rule `NSW-PROMISCOUS` (did you mean `NSW-PROMISCUOUS`?)
            4:13 the key `reason` has no value (-)
            5:14 `31.3.2027` is no day (write year, month and day, as 2027-03-31)
            6:66 `2027-02-30` is no day (write year, month and day, as 2027-03-31)
            7:13 there is no rule `NSW-VGT` (`nsw audit --rules` lists them)
            7:63 `2027-02-28T10:00` is no day (write year, month and day, as 2027-03-31)"#]],
    );
    check_bad(
        "exceptions:
  - { rule: NSW-FORGED, object: a, reason: b, owner: c, expires: 2027-02-01 }
  - { rule: NSW-FORGED, object: a, reason: again, owner: c, expires: 2028-02-01 }
",
        &expect!["3:13 NSW-FORGED at `a` is excused twice (-)"],
    );
    check_bad("exception: []\n", &expect!["1:1 unknown key `exception` (did you mean `exceptions`?)"]);
    check_bad("exceptions: 7\n", &expect!["1:13 expected a list here, as in [vmnic0, vmnic1] (-)"]);
}

#[test]
fn an_empty_exceptions_file_excuses_nothing() {
    for text in ["", "exceptions:\n", "exceptions: []\n"] {
        assert_eq!(exceptions::parse("exceptions.yaml", text).unwrap(), exceptions::Exceptions::default());
    }
}
