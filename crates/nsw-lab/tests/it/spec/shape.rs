//! The shape: what is no YAML, no key of a lab file, or no value where one belongs.

use super::check;
use expect_test::expect;
use miette::NarratableReportHandler;
use nsw_lab::spec;

// All entries of a wrong shape are reported, although the parser stops at the first.
#[test]
fn a_shape_that_does_not_fit_is_reported_at_every_place() {
    check(
        "\
lab: x
hosts:
  h:
    vmnic:
      vmnic0: {}
    vswitches:
      vSwitch0:
        uplinks: vmnic0
        mtuu: 1500
        port-groups:
          - VM Network
          - Nested
    vms:
      a: { prt-group: x }
      b: { port-group: x, port-group: y }
      c: { unrelated: 1 }
",
        &expect![[r#"
            error 4:5: unknown key `vmnic`
              |     vmnic:
              |     ^^^^^
              did you mean `vmnics`?
            error 8:18: expected a list here, as in [vmnic0, vmnic1]
              |         uplinks: vmnic0
              |                  ^^^^^^
            error 9:9: unknown key `mtuu`
              |         mtuu: 1500
              |         ^^^^
              did you mean `mtu`?
            error 11:11: expected keys with values here
              |           - VM Network
              |           ^
            error 12:11: expected keys with values here
              |           - Nested
              |           ^
            error 14:12: unknown key `prt-group`
              |       a: { prt-group: x }
              |            ^^^^^^^^^
              did you mean `port-group`?
            error 15:27: the key `port-group` stands twice in the same mapping
              |       b: { port-group: x, port-group: y }
              |                           ^^^^^^^^^^
            error 16:12: unknown key `unrelated`
              |       c: { unrelated: 1 }
              |            ^^^^^^^^^
              the keys here are `port-group`, `mac`, `guest-mac`, `promiscuous`, `vlan`, `vlan-filter`, `address`, `allow-duplicate-mac`, `nics`, `bridge`, `host`
        "#]],
    );
}

#[test]
fn a_text_that_is_no_yaml_is_one_error() {
    check(
        "\
lab: x
hosts: { h: {
",
        &expect![[r#"
            error 2:13: unclosed bracket '{'
              | hosts: { h: {
              |             ^
        "#]],
    );
}

#[test]
fn a_second_document_is_refused() {
    check(
        "\
lab: x
hosts: { h: {} }
---
lab: y
",
        &expect![[r#"
            error 4:1: a lab file is one YAML document
              | lab: y
              | ^
        "#]],
    );
}

#[test]
fn merge_keys_are_refused() {
    check(
        "\
lab: x
hosts: { <<: { h: {} } }
",
        &expect![[r#"
            error 2:10: merge keys (`<<`) are not part of a lab file
              | hosts: { <<: { h: {} } }
              |          ^^
        "#]],
    );
}

#[test]
fn an_anchor_bomb_is_refused() {
    let doubled: String = (1..16)
        .map(|i| {
            format!("  h{i}: &h{i} {{ vms: {{ a: {{ host: *h{0} }}, b: {{ host: *h{0} }} }} }}\n", i - 1)
        })
        .collect();
    check(
        &format!("lab: x\nhosts:\n  h0: &h0 {{}}\n{doubled}"),
        &expect![[r#"
            error 13:33: the lab file is too large or too deep
              |   h10: &h10 { vms: { a: { host: *h9 }, b: { host: *h9 } } }
              |                                 ^^^
              it is one YAML document with at most 128 levels and 1000 aliases
        "#]],
    );
}

#[test]
fn an_empty_lab_says_what_is_missing() {
    check(
        "\
# nothing
",
        &expect![[r#"
            error 1:1: the lab has no hosts
              | # nothing
              | ^
              describe at least one under `hosts`
            error 1:1: the lab has no name
              | # nothing
              | ^
              give it one with the key `lab`, as in `lab: nested`
        "#]],
    );
}

// YAML 1.1 takes them for booleans, so a country becomes false.
#[test]
fn the_words_yes_and_no_are_words() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office } }
    vswitches:
      vSwitch0:
        port-groups: { no: {}, Nested: {} }
    vms:
      yes: { port-group: no, promiscuous: yes }
",
        &expect![[r#"
            error 10:43: adapter `eth0` of VM `yes` cannot have promiscuous `yes`
              |       yes: { port-group: no, promiscuous: yes }
              |                                           ^^^
              it is one of `true`, `false`
        "#]],
    );
}

// A name may hold what a terminal would obey.
#[test]
fn control_characters_do_not_reach_the_terminal() {
    check(
        "lab: \"a\\e[2Jb\"\nhosts: { h: }\n",
        &expect![[r#"
        error 1:6: lab `a\u{1b}[2Jb` cannot have this name
          | lab: "a\e[2Jb"
          |      ^^^^^^^^^
          such a name has letters, digits, `-` and `.`, and begins and ends with a letter or digit
    "#]],
    );
    let errors = spec::parse("lab.yaml", "lab: a\nhosts: { h: } # \u{1b}[2J\u{9b}2J\n").unwrap_err();
    let mut rendered = String::new();
    NarratableReportHandler::new().render_report(&mut rendered, &errors).unwrap();
    assert!(!rendered.contains(|c: char| c.is_control() && c != '\n'), "{rendered:?}");
}
