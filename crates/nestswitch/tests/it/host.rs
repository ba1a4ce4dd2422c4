//! `nsw host`, as far as it gets without rights: its configuration file.

use expect_test::{Expect, expect};

use super::fixture::{check, check_with_file};

#[track_caller]
fn check_config(text: &str, expected: &Expect) {
    check_with_file(
        "host.json",
        text,
        &["host", "run", "--config", "host.json", "--socket", "host.sock"],
        expected,
    );
}

#[test]
fn an_unknown_key_is_named_with_its_object() {
    let text = r#"{
  "name": "physical",
  "pnics": [],
  "vswitches": [
    { "name": "vSwitch0", "port-groups": [{ "name": "Nested", "vlna": 20 }] }
  ]
}
"#;
    check_config(
        text,
        &expect![[r#"
            exit code 2
            --- stderr
            error: host.json:5:68: vswitches[0].port-groups[0].vlna: unknown field `vlna`, expected one of `name`, `vlan`, `security`, `teaming`, `shaping`, `beyond`
        "#]],
    );
}

#[test]
fn a_value_of_the_wrong_kind() {
    let text = r#"{ "name": "physical", "pnics": [], "vswitches": [
  { "name": "vSwitch0", "security": { "promiscuous": "yes" } }
] }
"#;
    check_config(
        text,
        &expect![[r#"
        exit code 2
        --- stderr
        error: host.json:2:58: vswitches[0].security.promiscuous: unknown variant `yes`, expected `accept` or `reject`
    "#]],
    );
    check_config(
        r#"{ "name": "physical", "pnics": [] }"#,
        &expect![[r#"
        exit code 2
        --- stderr
        error: host.json:1:35: host: missing field `vswitches`
    "#]],
    );
}

#[test]
fn what_is_no_json() {
    check_config(
        "{ \"name\": \"physical\",\n",
        &expect![[r#"
            exit code 2
            --- stderr
            error: host.json:2:1: host: EOF while parsing a value
        "#]],
    );
    check_config(
        "",
        &expect![[r#"
            exit code 2
            --- stderr
            error: host.json:1:1: host: EOF while parsing a value
        "#]],
    );
    check_config(
        r#"{ "name": "physical", "pnics": [], "vswitches": [] } more"#,
        &expect![[r#"
        exit code 2
        --- stderr
        error: host.json:1:54: after the host: trailing characters
    "#]],
    );
}

#[test]
fn a_contradiction() {
    let text = r#"{ "name": "physical", "pnics": ["vmnic0"], "vswitches": [
  { "name": "vSwitch0", "uplinks": ["vmnic0"] },
  { "name": "vSwitch1", "uplinks": ["vmnic0"] }
] }
"#;
    check_config(
        text,
        &expect![[r#"
        exit code 2
        --- stderr
        error: host.json: vmnic0 is an uplink of two vSwitches, `vSwitch0` and `vSwitch1`
    "#]],
    );
    let text = r#"{ "name": "physical", "pnics": [], "vswitches": [
  { "name": "vSwitch0", "port-groups": [{ "name": "Nested", "vlan": 5000 }] }
] }
"#;
    check_config(
        text,
        &expect![[r#"
        exit code 2
        --- stderr
        error: host.json: port group `Nested`: VLAN ID 5000 is larger than 4095
    "#]],
    );
}

#[test]
fn no_file() {
    check(
        &["host", "run", "--config", "nosuch.json", "--socket", "host.sock"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: cannot read nosuch.json: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn nobody_listens() {
    check(
        &["host", "status", "--socket", "nosuch.sock"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: nothing answers on nosuch.sock: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn a_new_host_has_one_vswitch_and_one_port_group() {
    check_with_file(
        "other.json",
        "{}",
        &["host", "new", "lab1.json", "--uplink", "eth1"],
        &expect![[r#"
            exit code 0
            --- stdout
            lab1.json: host lab1, vSwitch0 with port group VM Network
            run it:  nsw host run --config lab1.json --socket PATH
        "#]],
    );
}

#[test]
fn a_file_that_is_there_is_no_new_host() {
    check_with_file(
        "lab1.json",
        "{}",
        &["host", "new", "lab1.json"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: cannot write lab1.json: File exists (os error 17)
    "#]],
    );
}

#[test]
fn a_new_host_is_checked_before_it_is_written() {
    check_with_file(
        "other.json",
        "{}",
        &["host", "new", "lab1.json", "--uplink", "eth 1"],
        &expect![[r#"
            exit code 2
            --- stderr
            error: lab1.json: `eth 1` cannot name a device: 1 to 15 characters without `/`, `:` and spaces
        "#]],
    );
}
