//! `nsw lab up` on a running lab: it changes what the file changed, and touches nothing else.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::fixture::{Lab, Nsw, eventually, example};
use crate::kernel::running;

const LAPTOP: &str = "192.168.10.50";

#[test]
fn up_without_an_edit_changes_nothing() {
    for nsw in Nsw::as_everybody() {
        let text = example("nested-method2.yaml", "same");
        let lab = nsw.up(&text);
        let before = lab.pids();
        let ran = lab.up_again(&text, &[]).expect(0);
        assert_eq!(ran.stdout, "0 added, 0 changed, 0 removed\n");
        assert_eq!(lab.pids(), before);
    }
}

#[test]
fn an_edit_changes_what_it_says_and_nothing_else() {
    for nsw in Nsw::as_everybody() {
        let lab = nsw.up(&example("nested-method2.yaml", "edits"));
        lab.wait_until_asks("physical", "nested-1.vmnic0", true);
        std::thread::scope(|scope| {
            let steady = scope.spawn(|| ping_for_five_seconds(&lab));
            eventually("somebody pings", || (!running(&nsw, "vm-ping").is_empty()).then_some(()));
            edit_everything(&lab);
            let report = steady.join().unwrap();
            assert_eq!(report["received"], 50, "an edit cost another VM frames");
        });
    }
}

/// `app01` stands in none of the edits.
fn ping_for_five_seconds(lab: &Lab<'_>) -> Value {
    let program = lab.nsw.program().to_str().unwrap();
    lab.exec("app01", &[program, "vm-ping", LAPTOP, "--count", "50", "--timeout-ms", "20000"]).json()
}

fn edit_everything(lab: &Lab<'_>) {
    let mut file = File { lab, text: std::fs::read_to_string(&lab.file).unwrap() };
    let open = "security: { promiscuous: accept, forged-transmits: accept }";
    file.edit(
        open,
        "security: { promiscuous: accept }",
        &[],
        &expect![[r#"
            ~ physical: vSwitch vSwitch0: ~ port group Nested: forged transmits Accept -> inherited
            0 added, 1 changed, 0 removed
        "#]],
    );
    lab.check_reaches("web01", LAPTOP, false);
    file.edit(
        "security: { promiscuous: accept }",
        open,
        &[],
        &expect![[r#"
            ~ physical: vSwitch vSwitch0: ~ port group Nested: forged transmits inherited -> Accept
            0 added, 1 changed, 0 removed
        "#]],
    );
    lab.check_reaches("web01", LAPTOP, true);

    let app02 = "      app02: { port-group: VM Network, address: 192.168.10.22/24 }\n";
    let app03 = "      app03: { port-group: VM Network, address: 192.168.10.23/24 }\n";
    file.edit(
        app02,
        &format!("{app02}{app03}"),
        &["app03"],
        &expect![[r#"
            + physical: VM app03
            1 added, 0 changed, 0 removed
        "#]],
    );
    lab.check_reaches("app03", LAPTOP, true);
    file.edit(
        app02,
        "",
        &["app02"],
        &expect![[r#"
            - physical: VM app02
            0 added, 0 changed, 1 removed
        "#]],
    );
    lab.check_reaches("app03", LAPTOP, true);

    // A port group with another name is another one: the adapters move, the VMs run on.
    file.edit(
        "                VM Network: {}\n          vmkernel|web01: { port-group: VM Network|web02: { port-group: VM Network",
        "                Inner: {}\n          vmkernel|web01: { port-group: Inner|web02: { port-group: Inner",
        &[],
        &expect![[r#"
            ~ nested-1: vSwitch vSwitch0: + port group Inner
            ~ nested-1: vSwitch vSwitch0: - port group VM Network
            ~ nested-1: VM web01: eth0: port group VM Network -> Inner
            ~ nested-1: VM web02: eth0: port group VM Network -> Inner
            0 added, 4 changed, 0 removed
        "#]],
    );
    lab.check_reaches("web01", "192.168.10.32", true);
    lab.check_reaches("web01", LAPTOP, true);

    let laptop = "      laptop: { address: 192.168.10.50/24 }\n";
    file.edit(
        laptop,
        &format!("{laptop}      printer: {{ address: 192.168.10.51/24 }}\n"),
        &["printer"],
        &expect![[r#"
            + office: station printer
            1 added, 0 changed, 0 removed
        "#]],
    );
    lab.check_reaches("web01", "192.168.10.51", true);

    // The second such line is the nested host's.
    let closed =
        "              security: { promiscuous: reject, mac-changes: reject, forged-transmits: reject }";
    file.edit(
        &format!("[vmnic0]\n{closed}"),
        "[vmnic0]\n              security: { promiscuous: accept, mac-changes: reject, forged-transmits: accept }",
        &[],
        &expect![[r#"
            ~ nested-1: vSwitch vSwitch0: promiscuous mode Reject -> Accept
            ~ nested-1: vSwitch vSwitch0: forged transmits Reject -> Accept
            0 added, 2 changed, 0 removed
        "#]],
    );
}

/// The lab file, in an editor.
struct File<'a> {
    lab: &'a Lab<'a>,
    text: String,
}

impl File<'_> {
    /// Replaces text, of which pairs are separated by `|`, and brings the lab up: `--dry-run` tells the same and does
    /// nothing, and of all processes only those named `concerned` come or go.
    #[track_caller]
    fn edit(&mut self, old: &str, new: &str, concerned: &[&str], expected: &Expect) {
        for (old, new) in old.split('|').zip(new.split('|')) {
            assert_eq!(self.text.matches(old).count(), 1, "{old}");
            self.text = self.text.replace(old, new);
        }
        let before = self.configuration();
        let told = self.lab.up_again(&self.text, &["--dry-run"]).expect(0).stdout;
        assert_eq!(self.configuration(), before, "a dry run changes nothing");

        let done = self.lab.up_again(&self.text, &[]).expect(0).stdout;
        expected.assert_eq(&done);
        assert_eq!(told, done, "a dry run tells what is done");
        let others = |pids: &BTreeMap<String, u64>| {
            let mut others = pids.clone();
            concerned.iter().for_each(|name| _ = others.remove(*name));
            others
        };
        let (was, is) = (before.0, self.lab.pids());
        assert_eq!(others(&is), others(&was));
        for name in concerned {
            assert_ne!(is.get(*name), was.get(*name), "{name}");
        }
        let again = self.lab.up_again(&self.text, &[]).expect(0).stdout;
        assert_eq!(again, "0 added, 0 changed, 0 removed\n");
    }

    /// Processes, and port groups with their policies and how many use them.
    fn configuration(&self) -> (BTreeMap<String, u64>, Vec<Value>) {
        let status = self.lab.status();
        let switches =
            status["hosts"].as_array().unwrap().iter().flat_map(|host| host["vswitches"].as_array().unwrap());
        (self.lab.pids(), switches.map(|vswitch| vswitch["port-groups"].clone()).collect())
    }
}

#[test]
fn a_file_with_an_error_changes_nothing() {
    for nsw in Nsw::as_everybody() {
        let text = example("nested-method2.yaml", "errors");
        let lab = nsw.up(&text);
        let before = lab.pids();
        // One thing that could be done, and one that cannot.
        let added = "      app03: { port-group: VM Network, address: 192.168.10.23/24 }\n      sniffer:";
        let wrong = text
            .replace("      sniffer:", added)
            .replace("web02: { port-group: VM Network", "web02: { port-group: Nowhere");
        let ran = lab.up_again(&wrong, &[]).expect(2);
        assert!(ran.stderr.contains("Nowhere") && ran.stdout.is_empty(), "{}{}", ran.stdout, ran.stderr);
        assert_eq!(lab.pids(), before);
        lab.check_reaches("app01", LAPTOP, true);
    }
}

#[test]
fn two_labs_run_side_by_side() {
    for nsw in Nsw::as_everybody() {
        let one = nsw.up(&example("nested.yaml", "one"));
        let two = nsw.up(&example("three-levels.yaml", "two"));
        assert_eq!(nsw.run(["lab", "list"]).expect(0).stdout, "one\ntwo\n");
        // They have the same names and addresses inside.
        one.check_reaches("app01", LAPTOP, true);
        two.check_reaches("app01", LAPTOP, true);
        let ambiguous = nsw.run(["lab", "status"]).expect(2);
        assert!(ambiguous.stderr.contains("several labs are running (one, two)"), "{}", ambiguous.stderr);

        one.lab("down", &[]).expect(0);
        assert_eq!(nsw.run(["lab", "list"]).expect(0).stdout, "two\n");
        two.check_reaches("app01", LAPTOP, true);
        nsw.run(["lab", "status"]).expect(0);
    }
}
