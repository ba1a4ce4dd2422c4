//! `nsw audit`, in every form of its output.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};
use serde_json::Value;

use super::fixture::{check, check_with_file, json, output, root, stdout};

const LAB: &str = "examples/nested-method2.yaml";
const EXCEPTIONS: &str = "examples/audit/nested-method2.exceptions.yaml";

#[test]
fn findings_and_their_places() {
    check(
        &["audit", LAB, "--at-least", "high"],
        &expect![[r#"
        exit code 1
        --- stdout
        examples/nested-method2.yaml:27:38 high NSW-PROMISCUOUS physical/vSwitch0/Nested
          promiscuous mode is accepted
          promiscuous mode: Accept, set at the port group
          ESXi 8 STIG ESXI-80-000218, ESXi 7 STIG ESXI-70-000061, VCF 9 ESX STIG VCFE-9X-000221,
          CIS ESXi 8 5.8, CIS ESXi 7 7.3, SCG 9 esx-9.network-standard-reject-promiscuous-mode

        examples/nested-method2.yaml:27:64 high NSW-FORGED physical/vSwitch0/Nested
          forged transmits are accepted
          forged transmits: Accept, set at the port group
          ESXi 8 STIG ESXI-80-000216, ESXi 7 STIG ESXI-70-000059, CIS ESXi 8 5.6, CIS ESXi 7 7.1,
          SCG 9 esx-9.network-standard-reject-forged-transmit

        2 findings (2 high)
    "#]],
    );
}

#[test]
fn what_is_excused_is_shown_and_does_not_count() {
    check(
        &["audit", LAB, "--at-least", "high", "--exceptions", EXCEPTIONS, "--today", "2026-11-27"],
        &expect![[r#"
            exit code 0
            --- stdout
            excused until 2099-12-31: NSW-PROMISCUOUS physical/vSwitch0/Nested
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            excused until 2099-12-31: NSW-FORGED physical/vSwitch0/Nested
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            0 findings, 2 excused, 0 exceptions expired, 0 not needed
        "#]],
    );
}

#[test]
fn an_exception_that_has_expired_fails_the_audit() {
    check(
        &["audit", LAB, "--at-least", "high", "--exceptions", EXCEPTIONS, "--today", "2100-01-01"],
        &expect![[r#"
            exit code 1
            --- stdout
            examples/nested-method2.yaml:27:38 high NSW-PROMISCUOUS physical/vSwitch0/Nested
              promiscuous mode is accepted
              promiscuous mode: Accept, set at the port group
              ESXi 8 STIG ESXI-80-000218, ESXi 7 STIG ESXI-70-000061, VCF 9 ESX STIG VCFE-9X-000221,
              CIS ESXi 8 5.8, CIS ESXi 7 7.3, SCG 9 esx-9.network-standard-reject-promiscuous-mode

            examples/nested-method2.yaml:27:64 high NSW-FORGED physical/vSwitch0/Nested
              forged transmits are accepted
              forged transmits: Accept, set at the port group
              ESXi 8 STIG ESXI-80-000216, ESXi 7 STIG ESXI-70-000059, CIS ESXi 8 5.6, CIS ESXi 7 7.1,
              SCG 9 esx-9.network-standard-reject-forged-transmit

            examples/audit/nested-method2.exceptions.yaml:7:11 high NSW-EXCEPTION-EXPIRED physical/vSwitch0/Nested
              the exception from NSW-PROMISCUOUS at physical/vSwitch0/Nested expired on 2099-12-31
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            examples/audit/nested-method2.exceptions.yaml:12:11 high NSW-EXCEPTION-EXPIRED physical/vSwitch0/Nested
              the exception from NSW-FORGED at physical/vSwitch0/Nested expired on 2099-12-31
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            2 findings (2 high), 0 excused, 2 exceptions expired, 0 not needed
        "#]],
    );
}

// allow-list.yaml needs neither setting, so the exceptions for both are left over.
#[test]
fn an_exception_that_nobody_needs_fails_the_audit() {
    check(
        &[
            "audit",
            "examples/allow-list.yaml",
            "--at-least",
            "high",
            "-e",
            EXCEPTIONS,
            "--today",
            "2026-11-27",
        ],
        &expect![[r#"
            exit code 1
            --- stdout
            examples/audit/nested-method2.exceptions.yaml:7:11 medium NSW-EXCEPTION-UNNEEDED physical/vSwitch0/Nested
              NSW-PROMISCUOUS does not occur at physical/vSwitch0/Nested, so the exception is not needed
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            examples/audit/nested-method2.exceptions.yaml:12:11 medium NSW-EXCEPTION-UNNEEDED physical/vSwitch0/Nested
              NSW-FORGED does not occur at physical/vSwitch0/Nested, so the exception is not needed
              lab team: nested-1 has VMs of its own, and this host has no allow-list

            0 findings, 0 excused, 0 exceptions expired, 2 not needed
        "#]],
    );
}

#[test]
fn wrong_input_points_at_its_line_and_is_an_error() {
    check_with_file(
        "lab.yaml",
        &std::fs::read_to_string(root().join(LAB)).unwrap(),
        &["audit", "--exceptions", "nowhere.yaml"],
        &expect![[r#"
            exit code 2
            --- stderr
            error: cannot read the exceptions file nowhere.yaml: No such file or directory (os error 2)
            hint: `nsw schema exceptions` prints what such a file may say
        "#]],
    );
    check(
        &["audit", LAB, "--today", "tomorrow"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `tomorrow` is no day
        hint: write year, month and day, as 2027-03-31
    "#]],
    );
    check(
        &["audit", LAB, "--exceptions", LAB],
        &expect![[r#"
        exit code 2
        --- stderr
          × unknown key `lab`
           ╭─[examples/nested-method2.yaml:8:1]
         7 │ #   nsw lab up examples/nested-method2.yaml
         8 │ lab: nested-method2
           · ───
         9 │
           ╰────
          help: the keys here are `exceptions`

          × unknown key `segments`
            ╭─[examples/nested-method2.yaml:10:1]
          9 │
         10 │ segments:
            · ────────
         11 │   office:
            ╰────
          help: the keys here are `exceptions`

          × unknown key `hosts`
            ╭─[examples/nested-method2.yaml:15:1]
         14 │
         15 │ hosts:
            · ─────
         16 │   physical:
            ╰────
          help: the keys here are `exceptions`

        error: exceptions file `examples/nested-method2.yaml` has 3 errors
    "#]],
    );
}

#[test]
fn as_json() {
    let (value, code) =
        json(&["--json", "audit", LAB, "--at-least", "high", "-e", EXCEPTIONS, "--today", "2026-11-27"]);
    assert_eq!(code, 0);
    assert_eq!(value["clean"], true);
    assert_eq!(value["findings"], serde_json::json!([]));
    expect![[r#"
        {
          "adapter": null,
          "column": 38,
          "concerns": [],
          "exception": {
            "expires": "2099-12-31",
            "line": 7,
            "object": "physical/vSwitch0/Nested",
            "owner": "lab team",
            "reason": "nested-1 has VMs of its own, and this host has no allow-list",
            "rule": "NSW-PROMISCUOUS"
          },
          "host": "physical",
          "line": 27,
          "message": "promiscuous mode: Accept, set at the port group",
          "object": "physical/vSwitch0/Nested",
          "port-group": "Nested",
          "references": [
            {
              "guide": "ESXi 8 STIG",
              "id": "ESXI-80-000218"
            },
            {
              "guide": "ESXi 7 STIG",
              "id": "ESXI-70-000061"
            },
            {
              "guide": "VCF 9 ESX STIG",
              "id": "VCFE-9X-000221"
            },
            {
              "guide": "CIS ESXi 8",
              "id": "5.8"
            },
            {
              "guide": "CIS ESXi 7",
              "id": "7.3"
            },
            {
              "guide": "SCG 9",
              "id": "esx-9.network-standard-reject-promiscuous-mode"
            }
          ],
          "rule": "NSW-PROMISCUOUS",
          "set-at": "port-group",
          "setting": "promiscuous mode",
          "severity": "high",
          "title": "promiscuous mode is accepted",
          "value": "Accept",
          "vswitch": "vSwitch0"
        }"#]]
    .assert_eq(&format!("{:#}", value["excused"][0]));
}

/// What SARIF 2.1.0 requires of each object that we write, and what its enumerations allow.
#[test]
fn sarif_has_what_the_standard_requires() {
    let args = ["audit", LAB, "--format", "sarif", "-e", EXCEPTIONS, "--today", "2100-01-01"];
    let (log, code) = json(&args);
    assert_eq!(code, 1);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    assert!(driver["informationUri"].as_str().unwrap().starts_with("https://"));
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["id"].is_string());
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|text| !text.is_empty()), "{text}");
        }
        check_level(&rule["defaultConfiguration"]["level"]);
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.iter().any(|result| result["ruleId"] == "NSW-EXCEPTION-EXPIRED"));
    for result in results {
        assert!(result["message"]["text"].is_string());
        check_level(&result["level"]);
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        let location = &result["locations"][0];
        let place = &location["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].is_string());
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert!(place["region"]["startColumn"].as_u64().unwrap() >= 1);
        assert!(location["logicalLocations"][0]["fullyQualifiedName"].is_string());
    }
}

#[test]
fn sarif_suppresses_what_is_excused() {
    let (log, _) = json(&["audit", LAB, "--format", "sarif", "-e", EXCEPTIONS, "--today", "2026-11-27"]);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let suppressed: Vec<&Value> = results.iter().filter(|result| !result["suppressions"].is_null()).collect();
    let ids: Vec<&str> = suppressed.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["NSW-PROMISCUOUS", "NSW-FORGED"]);
    for result in suppressed {
        assert_eq!(result["suppressions"][0]["kind"], "external");
        assert_eq!(result["suppressions"][0]["status"], "accepted");
    }
}

#[track_caller]
fn check_level(level: &Value) {
    assert!(["none", "note", "warning", "error"].contains(&level.as_str().unwrap_or_default()), "{level}");
}

#[test]
fn as_junit() {
    check(
        &["audit", LAB, "--at-least", "high", "--format", "junit", "-e", EXCEPTIONS, "--today", "2100-01-01"],
        &expect![[r#"
            exit code 1
            --- stdout
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="nsw audit" tests="5" skipped="0" failures="4" errors="0">
                <testsuite name="examples/nested-method2.yaml" tests="5" skipped="0" errors="0" failures="4">
                    <testcase name="no finding" classname="NSW-MAC-CHANGES"/>
                    <testcase name="physical/vSwitch0/Nested (examples/nested-method2.yaml:27)" classname="NSW-PROMISCUOUS">
                        <failure message="promiscuous mode is accepted" type="high">promiscuous mode: Accept, set at the port group
            A guest that asks for promiscuous mode reads every frame of its VLAN on this host, whoever it is for.
            Reject it; a nested host can be given an allow-list or MAC learning instead.</failure>
                    </testcase>
                    <testcase name="physical/vSwitch0/Nested (examples/nested-method2.yaml:27)" classname="NSW-FORGED">
                        <failure message="forged transmits are accepted" type="high">forged transmits: Accept, set at the port group
            A guest can send under another&apos;s MAC address, and so answer for it or cut it off.
            Reject them; a nested host&apos;s addresses can be listed instead.</failure>
                    </testcase>
                    <testcase name="physical/vSwitch0/Nested (examples/audit/nested-method2.exceptions.yaml:7)" classname="NSW-EXCEPTION-EXPIRED">
                        <failure message="the exception from NSW-PROMISCUOUS at physical/vSwitch0/Nested expired on 2099-12-31" type="high">lab team: nested-1 has VMs of its own, and this host has no allow-list</failure>
                    </testcase>
                    <testcase name="physical/vSwitch0/Nested (examples/audit/nested-method2.exceptions.yaml:12)" classname="NSW-EXCEPTION-EXPIRED">
                        <failure message="the exception from NSW-FORGED at physical/vSwitch0/Nested expired on 2099-12-31" type="high">lab team: nested-1 has VMs of its own, and this host has no allow-list</failure>
                    </testcase>
                </testsuite>
            </testsuites>
        "#]],
    );
}

#[test]
fn the_schema_of_exceptions_is_the_committed_one() {
    let (schema, code) = stdout(&["schema", "exceptions"]);
    assert_eq!(code, 0);
    expect_file![root().join("docs/exceptions.schema.json")].assert_eq(&schema);
}

const BEGIN: &str = "<!-- rules: begin -->\n";
const END: &str = "\n<!-- rules: end -->";

#[test]
fn the_guide_has_every_rule() {
    let (rules, code) = json(&["--json", "audit", "--rules"]);
    assert_eq!(code, 0);
    let mut table = "\n| rule | severity | what | why | public guides |\n|---|---|---|---|---|\n".to_owned();
    for rule in rules.as_array().unwrap() {
        let text = |key: &str| rule[key].as_str().unwrap().to_owned();
        let cited = rule["references"].as_array().unwrap().iter();
        let cited: Vec<String> = cited
            .map(|cited| format!("{} {}", cited["guide"].as_str().unwrap(), cited["id"].as_str().unwrap()))
            .collect();
        let (id, severity, title, why) = (text("id"), text("severity"), text("title"), text("rationale"));
        writeln!(table, "| `{id}` | {severity} | {title} | {why} | {} |", cited.join("; ")).unwrap();
    }
    let path = root().join("docs/audit.md");
    let guide = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    expect_file![path].assert_eq(&format!("{before}{BEGIN}{table}{END}{after}"));
}

// A clock that stands still is not needed: an exception of the example lasts for longer than this program will.
#[test]
fn without_a_day_it_is_today() {
    let output = output(&["audit", LAB, "--at-least", "high", "--exceptions", EXCEPTIONS]);
    assert_eq!(output.status.code(), Some(0));
}
