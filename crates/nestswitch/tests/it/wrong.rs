//! Wrong input to every command: exit code 2, nothing on stdout, and a line on stderr that names the object.

use super::fixture::{Folder, nsw, stdout};

const NESTED: &str = "examples/nested.yaml";
const FRAME: &str = "src=00:50:56:aa:00:07 dst=broadcast";

/// Runs `nsw` and holds it to what every error has; `names` must all stand in what it says.
#[track_caller]
fn wrong(args: &[&str], names: &[&str]) {
    let output = nsw(args).output().expect("nsw starts");
    let text = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(output.status.code(), Some(2), "nsw {}\n{text}", args.join(" "));
    assert!(output.stdout.is_empty(), "nsw {}: stdout is for data", args.join(" "));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().any(|line| line.starts_with("error: ")), "nsw {}\n{text}", args.join(" "));
    for name in names {
        assert!(text.contains(name), "nsw {} does not name {name}\n{text}", args.join(" "));
    }
}

/// The commands that read a lab file, with whatever else they need. For `nsw lab check` what is wrong is the answer, and
/// `check.rs` shows it.
const READERS: [&[&str]; 8] = [
    &["why", "FILE", "a", "b"],
    &["fix", "FILE", "a", "b"],
    &["reach", "FILE"],
    &["exposure", "FILE"],
    &["tighten", "FILE"],
    &["audit", "FILE"],
    &["graph", "FILE"],
    &["trace", "FILE", "--from", "a", "--to", "b"],
];

fn with_file<'a>(args: &[&'a str], file: &'a str) -> Vec<&'a str> {
    args.iter().map(|arg| if *arg == "FILE" { file } else { arg }).collect()
}

#[test]
fn a_lab_file_that_cannot_be_read() {
    let folder = Folder::new();
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("the folder can be written to");
        path.to_string_lossy().into_owned()
    };
    let unresolved = b"lab: x\nhosts:\n  a:\n    vswitches: { vSwitch0: { port-groups: { P: {} } } }\n    vms:\n      v: { port-group: Q }\n";
    let files = [
        ("no/such/lab.yaml".to_owned(), &["there is no lab file", "no/such/lab.yaml"][..]),
        (folder.path().to_string_lossy().into_owned(), &["cannot read", "irectory"]),
        (path("empty.yaml", b""), &["empty.yaml:1:1", "the lab has no name"]),
        (path("broken.yaml", b"lab: x\nhosts: [\n"), &["broken.yaml:2:8"]),
        (path("unknown.yaml", b"lab: x\nhostz: {}\n"), &["unknown.yaml:2:1", "hostz", "hosts"]),
        (path("unresolved.yaml", unresolved), &["unresolved.yaml:6:24", "`Q`", "there is only `P`"]),
        (path("latin.yaml", b"lab: caf\xe9\n"), &["latin.yaml", "UTF-8"]),
    ];
    for (file, names) in &files {
        for reader in READERS {
            wrong(&with_file(reader, file), names);
        }
        wrong(&["lab", "up", "--detach", file], names);
    }
    wrong(&["lab", "check", &files[0].0], files[0].1);
}

#[test]
fn an_end_that_is_not_there() {
    let commands: [&[&str]; 6] = [
        &["why", NESTED, "wbe01", "laptop"],
        &["why", NESTED, "laptop", "wbe01"],
        &["fix", NESTED, "laptop", "wbe01"],
        &["exposure", NESTED, "wbe01"],
        &["graph", NESTED, "--why", "wbe01", "laptop"],
        &["trace", NESTED, "--from", "wbe01", "--to", "laptop"],
    ];
    for command in commands {
        wrong(command, &["`wbe01`", "web01/eth0"]);
    }
    wrong(&["why", NESTED, "192.168.10.77", "laptop"], &["`192.168.10.77`"]);
}

#[test]
fn a_word_that_is_not_known() {
    let table: [(&[&str], &[&str]); 18] = [
        (&["frobnicate"], &["frobnicate"]),
        (&["reach"], &["<FILE>"]),
        (&["why", NESTED, "web01"], &["<TO>"]),
        (&["reach", NESTED, "--sumary"], &["--sumary", "--summary"]),
        (&["why", NESTED, "web01", "laptop", "--platform", "vsphere"], &["`vsphere`", "vss, vds"]),
        (&["why", NESTED, "web01", "laptop", "--lang", "tlh"], &["`tlh`", "en and ja"]),
        (&["why", "--symptom", "hiccups", NESTED], &["`hiccups`", "--symptom list"]),
        (&["fix", NESTED, "web01", "laptop", "--show", "99"], &["no fix 99", "there are 5"]),
        (&["fix", NESTED, "web01", "laptop", "--apply", "x"], &["'x'", "--apply"]),
        (&["audit", NESTED, "--exceptions", "no.yaml"], &["no.yaml", "schema exceptions"]),
        (&["audit", NESTED, "--today", "tomorrow"], &["`tomorrow`", "2027-03-31"]),
        (&["audit", NESTED, "--at-least", "huge"], &["'huge'", "medium"]),
        (&["graph", NESTED, "-o", "a.png"], &["`.png`", ".svg"]),
        (&["graph", NESTED, "-o", "no/such/a.svg"], &["no/such/a.svg"]),
        (&["trace", NESTED], &["nothing to trace", "--from"]),
        (&["trace", NESTED, "--at", "physical/x", "--frame", FRAME], &["`physical`", "`x`"]),
        (&["explain", "FORGED"], &["`FORGED`", "nsw explain"]),
        (&["schema", "nothing"], &["'nothing'", "exceptions"]),
    ];
    for (args, names) in table {
        wrong(args, names);
    }
}

#[test]
fn nothing_runs() {
    let commands: [&[&str]; 6] = [
        &["lab", "status"],
        &["lab", "drops"],
        &["lab", "down"],
        &["lab", "ping", "a", "b"],
        &["lab", "exec", "a", "--", "true"],
        &["esxcli", "network", "vswitch", "standard", "list"],
    ];
    for command in commands {
        wrong(command, &["no lab is running", "nsw lab up"]);
    }
    wrong(&["lab", "status", "--lab", "none"], &["`none`"]);
    wrong(&["host", "status", "--socket", "no/such.sock"], &["no/such.sock"]);
    wrong(&["host", "run", "--config", "no/such.json", "--socket", "s"], &["no/such.json"]);
}

#[test]
fn there_is_nothing_to_fix_where_they_talk() {
    let before = std::fs::read_to_string(super::fixture::root().join(NESTED)).expect("it is there");
    for options in [&[][..], &["--show", "1"], &["--apply", "1"]] {
        let (text, code) = stdout(&[&["fix", NESTED, "app01", "laptop"], options].concat());
        assert_eq!(code, 0);
        assert!(text.starts_with("app01/eth0 -> laptop: REACHABLE"), "{text}");
        assert!(text.contains("Nothing is to be done"), "{text}");
    }
    let after = std::fs::read_to_string(super::fixture::root().join(NESTED)).expect("it is there");
    assert_eq!(before, after);
    // Nor where the file lacks what a conversation needs; but that is no success.
    let (text, code) = stdout(&["fix", NESTED, "app01", "app01"]);
    assert_eq!(code, 1);
    assert!(text.starts_with("app01/eth0 -> app01/eth0: UNDETERMINED"), "{text}");
}

// One that is meant for somebody else's lab must not be written into a file that is right.
#[test]
fn a_fix_that_is_not_there_leaves_the_file_alone() {
    let before = std::fs::read_to_string(super::fixture::root().join(NESTED)).expect("it is there");
    wrong(&["fix", NESTED, "web01", "laptop", "--apply", "0"], &["no fix 0"]);
    let after = std::fs::read_to_string(super::fixture::root().join(NESTED)).expect("it is there");
    assert_eq!(before, after);
}
