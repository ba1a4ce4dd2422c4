//! Where what a file does not say decides, a fix takes the choice away: with it they talk whatever is so.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use nsw_lab::doctor::fix;
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::{Question, Verdict};
use nsw_lab::sim::World;
use nsw_lab::spec;

use crate::examples::example;
use crate::threads::words;

/// Two uplinks of one vSwitch, in different networks: the port's number picks one.
const SPLIT_TEAM: &str = "
lab: split
segments:
  office: { stations: { laptop: { address: 10.0.0.50/24 } } }
  other: {}
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
      vmnic1: { segment: other }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        port-groups: { VM Network: {} }
    vms:
      app01: { port-group: VM Network, address: 10.0.0.11/24 }
      app02: { port-group: VM Network, address: 10.0.0.12/24 }
";

/// Every ambiguous pair: that each fix settles it, and the first one in words.
fn findings(name: &str, text: &str) -> String {
    let lab = spec::parse(name, text).unwrap().lab;
    let world = World::new(&lab).unwrap();
    let mut found = String::new();
    for from in world.endpoint_ids() {
        for to in world.endpoint_ids() {
            let [from, to] = [from, to].map(|id| world.endpoint(id).name.as_str());
            let question = Question::new(&lab, &world, from, to).unwrap();
            if question.answer().verdict != Verdict::Ambiguous {
                continue;
            }
            let fixes = fix::fixes(&question, Platform::Nestswitch).fixes;
            for fix in &fixes {
                let with = question.with(&fix.changes).unwrap().answer();
                assert_eq!(with.verdict, Verdict::Reachable, "{name}, {from} -> {to}: {fix:?}");
            }
            let now = if question.talks() { "talks" } else { "does not talk" };
            let first = fixes.first().map_or("none".to_owned(), |fix| words(&fix.changes));
            writeln!(found, "{from} -> {to} {now}, {} fixes: {first}", fixes.len()).unwrap();
        }
    }
    found
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&findings("test.yaml", text));
}

#[test]
fn the_uplink_that_a_port_number_picks() {
    check(
        SPLIT_TEAM,
        &expect![[r#"
            laptop -> app01/eth0 talks, 3 fixes: active vmnic0 on physical / VM Network
            laptop -> app02/eth0 does not talk, 3 fixes: active vmnic0 on physical / VM Network
            app01/eth0 -> laptop talks, 3 fixes: active vmnic0 on physical / VM Network
            app02/eth0 -> laptop does not talk, 3 fixes: active vmnic0 on physical / VM Network
        "#]],
    );
}

#[test]
fn a_port_that_has_learned_all_that_it_may() {
    let one_more = "            web01: { port-group: VM Network, address: 192.168.10.31/24 }\n";
    let text = example("mac-learning.yaml").replace("limit: 64", "limit: 1").replace(
        one_more,
        &format!("{one_more}            web02: {{ port-group: VM Network, address: 192.168.10.32/24 }}\n"),
    );
    check(
        &text,
        &expect![[r#"
        laptop -> web01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        laptop -> web02/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        physical/vmk0 -> web01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        physical/vmk0 -> web02/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        app01/eth0 -> web01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        app01/eth0 -> web02/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web01/eth0 -> laptop talks, 1 fixes: learn 8 addresses on physical / Nested
        web01/eth0 -> physical/vmk0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web01/eth0 -> app01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web01/eth0 -> nested-2/vmk0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web01/eth0 -> db01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web02/eth0 -> laptop talks, 1 fixes: learn 8 addresses on physical / Nested
        web02/eth0 -> physical/vmk0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web02/eth0 -> app01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web02/eth0 -> nested-2/vmk0 talks, 1 fixes: learn 8 addresses on physical / Nested
        web02/eth0 -> db01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        nested-2/vmk0 -> web01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        nested-2/vmk0 -> web02/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        db01/eth0 -> web01/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
        db01/eth0 -> web02/eth0 talks, 1 fixes: learn 8 addresses on physical / Nested
    "#]],
    );
}
