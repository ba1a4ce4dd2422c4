//! `nsw lab` and `nsw esxcli` where no lab is running.

use expect_test::expect;

use super::fixture::check;

#[test]
fn nothing_is_running() {
    check(
        &["lab", "status"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: no lab is running; `nsw lab up FILE` starts one
    "#]],
    );
    check(
        &["lab", "down", "--lab", "nested"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: lab `nested` is not running
    "#]],
    );
    check(
        &["lab", "drops"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: no lab is running; `nsw lab up FILE` starts one
    "#]],
    );
    check(
        &["lab", "exec", "web01", "--", "ip", "link"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: no lab is running; `nsw lab up FILE` starts one
    "#]],
    );
    check(
        &["lab", "ping", "web01", "laptop"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: no lab is running; `nsw lab up FILE` starts one
    "#]],
    );
    check(
        &["esxcli", "--host", "physical", "network", "vswitch", "standard", "list"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: no lab is running; `nsw lab up FILE` starts one
    "#]],
    );
}

#[test]
fn the_list_of_none() {
    check(
        &["lab", "list"],
        &expect![[r#"
        exit code 0
    "#]],
    );
    check(
        &["lab", "list", "--json"],
        &expect![[r#"
        exit code 0
        --- stdout
        []
    "#]],
    );
}

#[test]
fn what_up_would_do() {
    check(
        &["lab", "up", "--dry-run", "examples/nested.yaml"],
        &expect![[r#"
        exit code 0
        --- stdout
        + host physical
        + host nested-1
        2 added, 0 changed, 0 removed
    "#]],
    );
    check(
        &["lab", "up", "--dry-run", "examples/nested.yaml", "--json"],
        &expect![[r#"
        exit code 0
        --- stdout
        {
          "changes": [
            "+ host physical",
            "+ host nested-1"
          ]
        }
    "#]],
    );
}

#[test]
fn exec_needs_a_command() {
    check(
        &["lab", "exec", "web01"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: the following required arguments were not provided:
          <COMMAND>...

        Usage: nsw lab exec <NAME> -- <COMMAND>...

        For more information, try '--help'.
    "#]],
    );
}
