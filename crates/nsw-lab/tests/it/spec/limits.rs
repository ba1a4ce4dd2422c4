//! Bounds: a lab file is finite in every direction.

use std::fmt::Write;

use expect_test::expect;
use nsw_lab::spec;

use super::check;

#[test]
fn too_much_of_anything_is_refused() {
    let vswitches: String = (0..128).map(|i| format!("      s{i}: {{}}\n")).collect();
    check(
        &format!("lab: x\nhosts:\n  h:\n    vswitches:\n{vswitches}"),
        &expect![[r#"
            error 132:7: host `h` has 128 vSwitches
              |       s127: {}
              |       ^^^^
              at most 127 are possible
        "#]],
    );
    let vmnics: String = (0..33).map(|i| format!("      e{i}: {{ segment: s }}\n")).collect();
    let uplinks: String = (0..33).map(|i| format!("          - e{i}\n")).collect();
    check(
        &format!(
            "lab: x\nsegments: {{ s: }}\nhosts:\n  h:\n    vmnics:\n{vmnics}    vswitches:\n      v:\n        uplinks:\n{uplinks}"
        ),
        &expect![[r#"
            error 38:7: host `h` has 33 physical adapters
              |       e32: { segment: s }
              |       ^^^
              at most 32 are possible
            error 74:13: vSwitch `v` of host `h` has 33 uplinks
              |           - e32
              |             ^^^
              at most 32 are possible
        "#]],
    );
    let nics: String = (0..11).map(|i| format!("          eth{i}: {{ port-group: A }}\n")).collect();
    check(
        &format!(
            "lab: x\nhosts:\n  h:\n    vswitches: {{ v: {{ port-groups: {{ A: }} }} }}\n    vms:\n      a:\n        nics:\n{nics}"
        ),
        &expect![[r#"
            error 18:11: VM `a` has 11 network adapters
              |           eth10: { port-group: A }
              |           ^^^^^
              at most 10 are possible
        "#]],
    );
    check(
        &"#".repeat((1 << 24) + 1),
        &expect![[r#"
            error 1:1: the lab file has 16777217 bytes
              | ############################################################################################################################################
              | ^
              at most 16777216 are read
        "#]],
    );
    check(
        &format!("lab: x\nhosts: {}", "[".repeat(100_000)),
        &expect![[r#"
            error 2:8: expected keys with values here
              | hosts: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
              |        ^
        "#]],
    );
}

#[test]
fn hosts_nest_sixteen_deep_and_no_deeper() {
    check(&nested(16), &expect![[""]]);
    check(
        &nested(17),
        &expect![[r#"
            error 20:10: host `h17` is nested more than 16 deep
              |   vms: { h17: { port-group: A, host: { vswitches: { s: { uplinks: [vmnic0], port-groups: { A: } } } } } } } } } } } } } } } } } } } } } } }
              |          ^^^
        "#]],
    );
}

/// A lab of hosts in hosts.
fn nested(depth: usize) -> String {
    let mut text =
        "lab: x\nhosts:\n  h0: { vswitches: { s: { uplinks: [], port-groups: { A: } } }".to_owned();
    for level in 1..=depth {
        let host = "host: { vswitches: { s: { uplinks: [vmnic0], port-groups: { A: } } }";
        write!(text, ",\n  vms: {{ h{level}: {{ port-group: A, {host}").unwrap();
    }
    text + &" } } }".repeat(depth) + " }\n"
}

#[test]
fn the_first_hundred_errors_are_kept() {
    let vms: String = (0..150).map(|i| format!("      vm{i}: {{ port-group: B }}\n")).collect();
    let text = format!("lab: x\nhosts:\n  h:\n    vms:\n{vms}");
    let errors = spec::parse("lab.yaml", &text).unwrap_err();
    assert_eq!(errors.problems().len(), 100);
    expect!["lab file `lab.yaml` has 150 errors"].assert_eq(&errors.to_string());
}
