//! Documents that `nsw` prints about itself: schema, API, completions, man pages.

use std::process::{Command, Stdio};

use expect_test::{expect, expect_file};

use super::fixture::{Folder, check, nsw, root, stdout};

#[test]
fn the_schema_is_the_committed_one() {
    let committed = std::fs::read_to_string(root().join("docs/lab.schema.json")).unwrap();
    assert_eq!(stdout(&["schema"]), (committed, 0));
}

/// To renew it: `UPDATE_EXPECT=1 cargo test -p nestswitch`.
#[test]
fn the_api_document_is_the_committed_one() {
    let (document, code) = stdout(&["openapi"]);
    assert_eq!(code, 0);
    let api: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(api["openapi"].as_str().map(|version| version.starts_with("3.")), Some(true));
    expect_file![root().join("docs/openapi.json")].assert_eq(&document);
}

#[test]
fn completions_for_the_common_shells() {
    for (shell, mark) in [("bash", "_nsw()"), ("zsh", "#compdef nsw"), ("fish", "complete -c nsw")] {
        let (script, code) = stdout(&["completions", shell]);
        assert_eq!(code, 0);
        assert!(script.contains(mark) && script.contains("explain"), "{shell}");
        assert!(!script.contains("vm-init"), "hidden commands stay hidden in {shell}");
    }
    check(
        &["completions", "cmd"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: invalid value 'cmd' for '<SHELL>'
          [possible values: bash, elvish, fish, powershell, zsh]

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn bash_accepts_its_completions() {
    let (script, _) = stdout(&["completions", "bash"]);
    let folder = Folder::new();
    let file = folder.path().join("nsw.bash");
    std::fs::write(&file, script).unwrap();
    // A machine without bash has no use for the script either.
    if let Ok(status) = Command::new("bash").arg("-n").arg(&file).stderr(Stdio::null()).status() {
        assert!(status.success());
    }
}

#[test]
fn man_pages() {
    let folder = Folder::new();
    let status = nsw(&["man", "pages"]).current_dir(folder.path()).status().unwrap();
    assert!(status.success());
    let mut pages: Vec<String> = std::fs::read_dir(folder.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    pages.sort();
    expect![[r#"
        nsw-audit.1
        nsw-completions.1
        nsw-demo.1
        nsw-esxcli-network-nic-down.1
        nsw-esxcli-network-nic-list.1
        nsw-esxcli-network-nic-up.1
        nsw-esxcli-network-nic.1
        nsw-esxcli-network-vswitch-standard-list.1
        nsw-esxcli-network-vswitch-standard-policy-failover-get.1
        nsw-esxcli-network-vswitch-standard-policy-failover-set.1
        nsw-esxcli-network-vswitch-standard-policy-failover.1
        nsw-esxcli-network-vswitch-standard-policy-security-get.1
        nsw-esxcli-network-vswitch-standard-policy-security-set.1
        nsw-esxcli-network-vswitch-standard-policy-security.1
        nsw-esxcli-network-vswitch-standard-policy.1
        nsw-esxcli-network-vswitch-standard-portgroup-add.1
        nsw-esxcli-network-vswitch-standard-portgroup-list.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-failover-get.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-failover-set.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-failover.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-security-get.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-security-set.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy-security.1
        nsw-esxcli-network-vswitch-standard-portgroup-policy.1
        nsw-esxcli-network-vswitch-standard-portgroup-remove.1
        nsw-esxcli-network-vswitch-standard-portgroup-set.1
        nsw-esxcli-network-vswitch-standard-portgroup.1
        nsw-esxcli-network-vswitch-standard-set.1
        nsw-esxcli-network-vswitch-standard.1
        nsw-esxcli-network-vswitch.1
        nsw-esxcli-network.1
        nsw-esxcli.1
        nsw-explain.1
        nsw-exposure.1
        nsw-fix.1
        nsw-graph.1
        nsw-host-new.1
        nsw-host-port-add.1
        nsw-host-port-list.1
        nsw-host-port-remove.1
        nsw-host-port.1
        nsw-host-run.1
        nsw-host-status.1
        nsw-host-stop.1
        nsw-host.1
        nsw-lab-check.1
        nsw-lab-down.1
        nsw-lab-drops.1
        nsw-lab-exec.1
        nsw-lab-list.1
        nsw-lab-ping.1
        nsw-lab-status.1
        nsw-lab-up.1
        nsw-lab.1
        nsw-man.1
        nsw-openapi.1
        nsw-reach.1
        nsw-schema.1
        nsw-tighten.1
        nsw-trace.1
        nsw-why.1
        nsw.1"#]]
    .assert_eq(&pages.join("\n"));
    let text = std::fs::read_to_string(folder.path().join("pages/nsw.1")).unwrap();
    assert!(text.contains(".TH nsw 1"), "{text}");
}
