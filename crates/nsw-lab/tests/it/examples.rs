//! The examples parse without a warning, and mean what their comments say.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use expect_test::{Expect, expect};
use nsw_lab::sim::{Verdict, World};
use nsw_lab::spec;

/// The files of `examples/`, by name.
pub(crate) fn examples() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    let name = |path: &PathBuf| path.file_name().expect("it has a name").to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read_to_string(path).expect("it is text"))).collect()
}

/// The text of one example.
pub(crate) fn example(name: &str) -> String {
    examples().into_iter().find(|(file, _)| file == name).expect("there is such an example").1
}

#[test]
fn every_example_parses_without_a_warning() {
    for (name, text) in examples() {
        match spec::parse(&name, &text) {
            Ok(parsed) => assert!(parsed.warnings.is_empty(), "{name}: {:?}", parsed.warnings),
            Err(errors) => panic!("{name}: {:?}", miette::Report::new(errors)),
        }
    }
}

/// Who is reached by whom, one line for each end system.
#[track_caller]
fn check_reach(name: &str, expected: &Expect) {
    let world = World::new(&spec::parse(name, &example(name)).unwrap().lab).unwrap();
    let mut text = String::new();
    for from in world.endpoint_ids() {
        let reached = world
            .endpoint_ids()
            .filter(|to| world.converse(from, *to).verdict == Verdict::Reachable)
            .map(|to| format!(" {}", world.endpoint(to).name))
            .collect::<String>();
        writeln!(text, "{}:{reached}", world.endpoint(from).name).unwrap();
    }
    expected.assert_eq(&text);
}

#[test]
fn who_reaches_whom_in_nested() {
    check_reach(
        "nested.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0
        physical/vmk0: laptop app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0
        app01/eth0: laptop physical/vmk0 app02/eth0 sniffer/eth0 nested-1/vmk0
        app02/eth0: laptop physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0
        sniffer/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 nested-1/vmk0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 web01/eth0 web02/eth0
        web01/eth0: nested-1/vmk0 web02/eth0
        web02/eth0: nested-1/vmk0 web01/eth0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_nested_method1() {
    check_reach(
        "nested-method1.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        physical/vmk0: laptop app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        app01/eth0: laptop physical/vmk0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        app02/eth0: laptop physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        sniffer/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 web01/eth0 web02/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web02/eth0
        web02/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_nested_method2() {
    check_reach(
        "nested-method2.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        physical/vmk0: laptop app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        app01/eth0: laptop physical/vmk0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        app02/eth0: laptop physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        sniffer/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 web01/eth0 web02/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web02/eth0
        web02/eth0: laptop physical/vmk0 app01/eth0 app02/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_two_nested_hosts() {
    check_reach(
        "two-nested-hosts.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 web02/eth0 nested-2/vmk0 db01/eth0
        physical/vmk0: laptop app01/eth0 nested-1/vmk0 web01/eth0 web02/eth0 nested-2/vmk0 db01/eth0
        app01/eth0: laptop physical/vmk0 nested-1/vmk0 web01/eth0 web02/eth0 nested-2/vmk0 db01/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 web01/eth0 web02/eth0 nested-2/vmk0 db01/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web02/eth0 nested-2/vmk0 db01/eth0
        web02/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 db01/eth0
        nested-2/vmk0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 web02/eth0 db01/eth0
        db01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 web02/eth0 nested-2/vmk0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_three_levels() {
    check_reach(
        "three-levels.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 deep01/eth0
        physical/vmk0: laptop app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 deep01/eth0
        app01/eth0: laptop physical/vmk0 nested-1/vmk0 web01/eth0 nested-2/vmk0 deep01/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 web01/eth0 nested-2/vmk0 deep01/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 nested-2/vmk0 deep01/eth0
        nested-2/vmk0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 deep01/eth0
        deep01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_vlan_trunk() {
    check_reach(
        "vlan-trunk.yaml",
        &expect![[r#"
        laptop: app01/eth0 tagger/eth0 web01/eth0
        printer: physical/vmk0 nested-1/vmk0
        physical/vmk0: printer nested-1/vmk0
        app01/eth0: laptop tagger/eth0 web01/eth0
        tagger/eth0: laptop app01/eth0 web01/eth0
        nested-1/vmk0: printer physical/vmk0
        web01/eth0: laptop app01/eth0 tagger/eth0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_cloned_host() {
    check_reach(
        "cloned-host.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 web02/eth0
        physical/vmk0: laptop app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 web02/eth0
        app01/eth0: laptop physical/vmk0 nested-1/vmk0 web01/eth0 nested-2/vmk0 web02/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 web01/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web02/eth0
        nested-2/vmk0: laptop physical/vmk0 app01/eth0 web02/eth0
        web02/eth0: laptop physical/vmk0 app01/eth0 web01/eth0 nested-2/vmk0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_teaming() {
    check_reach(
        "teaming.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0
        physical/vmk0: laptop app01/eth0 nested-1/vmk0 web01/eth0
        app01/eth0: laptop physical/vmk0 nested-1/vmk0 web01/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 web01/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_allow_list() {
    check_reach(
        "allow-list.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        physical/vmk0: laptop app01/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        app01/eth0: laptop physical/vmk0 sniffer/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        sniffer/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 web02/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 sniffer/eth0 web01/eth0 web02/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0 web02/eth0
        web02/eth0: laptop physical/vmk0 app01/eth0 sniffer/eth0 nested-1/vmk0 web01/eth0
    "#]],
    );
}

#[test]
fn who_reaches_whom_in_mac_learning() {
    check_reach(
        "mac-learning.yaml",
        &expect![[r#"
        laptop: physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 db01/eth0
        physical/vmk0: laptop app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0 db01/eth0
        app01/eth0: laptop physical/vmk0 nested-1/vmk0 web01/eth0 nested-2/vmk0 db01/eth0
        nested-1/vmk0: laptop physical/vmk0 app01/eth0 web01/eth0 nested-2/vmk0 db01/eth0
        web01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 nested-2/vmk0 db01/eth0
        nested-2/vmk0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 db01/eth0
        db01/eth0: laptop physical/vmk0 app01/eth0 nested-1/vmk0 web01/eth0 nested-2/vmk0
    "#]],
    );
}

// The point of both examples, in contrast to the two methods with promiscuous mode: the cure costs nobody a copy.
#[test]
fn with_an_allow_list_or_learning_nobody_overhears() {
    for (name, inner) in [("allow-list.yaml", "web01"), ("mac-learning.yaml", "db01")] {
        let world = World::new(&spec::parse(name, &example(name)).unwrap().lab).unwrap();
        let conversation = world.converse(world.find("laptop").unwrap(), world.find(inner).unwrap());
        assert_eq!(conversation.verdict, Verdict::Reachable, "{name}");
        assert_eq!(conversation.bystanders(), [], "{name}");
    }
}
