//! `nsw lab check`.

use expect_test::expect;

use super::fixture::{check, check_with_file, json};

/// Five mistakes of five kinds.
const BAD: &str = "\
lab: bad
segments:
  office: {}
hosts:
  physical:
    vmnics:
      vmnic0: { segment: offic }
    vswitches:
      vSwitch0:
        uplinks: [vmnic1]
        port-groups:
          VM Network: { vlan: 5000 }
    vms:
      app01: { port-group: VM Netwrk, address: 192.168.10.21 }
";

#[test]
fn a_file_in_order() {
    check(
        &["lab", "check", "examples/nested.yaml"],
        &expect![[r#"
        exit code 0
        --- stdout
        lab nested is in order: 2 hosts (nested 1 deep), 6 VMs
    "#]],
    );
    check(
        &["lab", "check", "--json", "examples/three-levels.yaml"],
        &expect![[r#"
        exit code 0
        --- stdout
        {
          "lab": {
            "depth": 2,
            "hosts": 3,
            "name": "three-levels",
            "vms": 5
          },
          "ok": true,
          "problems": []
        }
    "#]],
    );
}

#[test]
fn all_mistakes_at_once() {
    check_with_file(
        "bad.yaml",
        BAD,
        &["lab", "check", "bad.yaml"],
        &expect![[r#"
        exit code 2
        --- stdout
          × physical adapter `vmnic0` of host `physical` is cabled to segment `offic`, which does not
          │ exist
           ╭─[bad.yaml:7:26]
         6 │     vmnics:
         7 │       vmnic0: { segment: offic }
           ·                          ─────
         8 │     vswitches:
           ╰────
          help: did you mean `office`?

          × vSwitch `vSwitch0` of host `physical` has uplink `vmnic1`, which the host does not have
            ╭─[bad.yaml:10:19]
          9 │       vSwitch0:
         10 │         uplinks: [vmnic1]
            ·                   ──────
         11 │         port-groups:
            ╰────
          help: did you mean `vmnic0`?

          × port group `VM Network` of host `physical` cannot have vlan `5000`
            ╭─[bad.yaml:12:31]
         11 │         port-groups:
         12 │           VM Network: { vlan: 5000 }
            ·                               ────
         13 │     vms:
            ╰────
          help: it is 0 (untagged), 1 to 4094, or 4095, which is also written `trunk` (the guest tags)

          × adapter `eth0` of VM `app01` is connected to port group `VM Netwrk`, which host `physical`
          │ does not have
            ╭─[bad.yaml:14:28]
         13 │     vms:
         14 │       app01: { port-group: VM Netwrk, address: 192.168.10.21 }
            ·                            ─────────
            ╰────
          help: did you mean `VM Network`?

          × adapter `eth0` of VM `app01` cannot have address `192.168.10.21`
            ╭─[bad.yaml:14:48]
         13 │     vms:
         14 │       app01: { port-group: VM Netwrk, address: 192.168.10.21 }
            ·                                                ─────────────
            ╰────
          help: an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64

        lab file `bad.yaml` has 5 errors
    "#]],
    );
}

#[test]
fn all_mistakes_as_json() {
    let text = "lab: bad\nhosts:\n  physical:\n    vms:\n      app01: { port-group: VM Network }\n";
    check_with_file(
        "bad.yaml",
        text,
        &["lab", "check", "bad.yaml", "--json"],
        &expect![[r#"
        exit code 2
        --- stdout
        {
          "lab": null,
          "ok": false,
          "problems": [
            {
              "column": 28,
              "file": "bad.yaml",
              "hint": null,
              "line": 5,
              "message": "adapter `eth0` of VM `app01` is connected to port group `VM Network`, which host `physical` does not have",
              "severity": "error"
            }
          ]
        }
    "#]],
    );
}

#[test]
fn an_unknown_key() {
    let text = "lab: bad\nhosts:\n  physical:\n    vswitches:\n      vSwitch0: { securty: { promiscuous: accept } }\n";
    check_with_file(
        "bad.yaml",
        text,
        &["lab", "check", "bad.yaml"],
        &expect![[r#"
        exit code 2
        --- stdout
          × unknown key `securty`
           ╭─[bad.yaml:5:19]
         4 │     vswitches:
         5 │       vSwitch0: { securty: { promiscuous: accept } }
           ·                   ───────
           ╰────
          help: did you mean `security`?

        lab file `bad.yaml` has an error
    "#]],
    );
}

#[test]
fn what_is_no_yaml() {
    check_with_file(
        "bad.yaml",
        "lab: [bad\n",
        &["lab", "check", "bad.yaml"],
        &expect![[r#"
        exit code 2
        --- stdout
          × expected a single value here
           ╭─[bad.yaml:1:6]
         1 │ lab: [bad
           ·      ─
           ╰────

        lab file `bad.yaml` has an error
    "#]],
    );
}

#[test]
fn no_file() {
    check(
        &["lab", "check"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: there is no lab file lab.yaml
        hint: name one, as in `nsw lab check examples/nested.yaml`; docs/lab-file.md says how to write your own
    "#]],
    );
    check(
        &["lab", "check", "examples/nosuch.yaml", "--json"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: there is no lab file examples/nosuch.yaml
        hint: name one, as in `nsw lab check examples/nested.yaml`; docs/lab-file.md says how to write your own
    "#]],
    );
    check(
        &["lab", "check", "examples"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: cannot read examples: Is a directory (os error 21)
    "#]],
    );
}

// Every example is in order, and no warning hides in one.
#[test]
fn the_examples_are_in_order() {
    let examples = super::fixture::root().join("examples");
    let entries =
        [examples.clone(), examples.join("threads")].map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.into_iter().flatten().map(|entry| entry.unwrap().path());
    for path in paths.filter(|path| path.is_file()) {
        let (found, code) = json(&["lab", "check", "--json", path.to_str().unwrap()]);
        assert_eq!(
            (&found["ok"], &found["problems"], code),
            (&true.into(), &serde_json::json!([]), 0),
            "{path:?}"
        );
    }
}
