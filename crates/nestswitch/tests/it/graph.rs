//! `nsw graph`.

use expect_test::expect;

use super::fixture::{Folder, check, check_with_file, json, nsw, output, root, stdout};

const NESTED: &str = "examples/nested.yaml";

// `nsw graph examples/nested.yaml --why web01 laptop -o docs/pictures/nested-lab.svg` makes the first anew.
#[test]
fn the_pictures_in_the_documents_are_real() {
    for (language, name) in [("en", "nested-lab.svg"), ("ja", "nested-lab.ja.svg")] {
        let (picture, code) = stdout(&["graph", NESTED, "--why", "web01", "laptop", "--lang", language]);
        assert_eq!(code, 0);
        let path = root().join("docs/pictures").join(name);
        let shown = std::fs::read_to_string(path).expect("it is there");
        assert_eq!(shown, picture, "docs/pictures/{name} is not what the command draws");
    }
}

// `nsw reach examples/nested.yaml -o docs/pictures/reach.svg` makes the first anew.
#[test]
fn the_matrices_in_the_documents_are_real() {
    for (language, name) in [("en", "reach.svg"), ("ja", "reach.ja.svg")] {
        let (picture, code) = stdout(&["reach", NESTED, "-o", "-", "--lang", language]);
        assert_eq!(code, 1, "somebody does not reach somebody");
        let shown = std::fs::read_to_string(root().join("docs/pictures").join(name)).expect("it is there");
        assert_eq!(shown, picture, "docs/pictures/{name} is not what the command draws");
    }
}

#[test]
fn a_matrix_is_written_as_svg_only() {
    let folder = Folder::new();
    let path = folder.path().join("a.SVG");
    let output = nsw(&["reach", "examples/teaming.yaml", "-o"]).arg(&path).output().expect("nsw starts");
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
    assert!(std::fs::read_to_string(path).expect("it was written").starts_with("<svg "));
    check(
        &["reach", NESTED, "-o", "a.dot"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `a.dot` is no name of a picture that is written here
        hint: name the file .svg, or - for stdout; `rsvg-convert` makes a PNG of an SVG
    "#]],
    );
    check(
        &["reach", NESTED, "-o", "a.svg", "--json"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: --json is no picture
        hint: leave one of --json and --output out
    "#]],
    );
    check(
        &["reach", NESTED, "-o", "no-such-folder/a.svg"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: cannot write no-such-folder/a.svg: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn the_name_of_the_file_says_the_form() {
    let folder = Folder::new();
    for (name, begins) in
        [("a.svg", "<svg "), ("a.dot", "digraph "), ("a.gv", "digraph "), ("a.mmd", "flowchart ")]
    {
        let path = folder.path().join(name);
        let output = nsw(&["graph", NESTED, "-o"]).arg(&path).output().expect("nsw starts");
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty());
        let text = std::fs::read_to_string(path).expect("it was written");
        assert!(text.starts_with(begins) && text.ends_with('\n'), "{name}");
    }
}

#[test]
fn a_format_that_is_said_wins() {
    let folder = Folder::new();
    let path = folder.path().join("a.svg");
    let output =
        nsw(&["graph", NESTED, "--format", "mermaid", "-o"]).arg(&path).output().expect("nsw starts");
    assert!(output.status.success());
    assert!(std::fs::read_to_string(path).expect("it was written").starts_with("flowchart "));
}

#[test]
fn a_form_that_is_not_written_here() {
    check(
        &["graph", NESTED, "-o", "picture.png"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: `.png` is no picture that is written here
        hint: name the file .svg, .dot or .mmd, or say --format; `rsvg-convert` makes a PNG of an SVG
    "#]],
    );
}

#[test]
fn a_folder_that_is_not_there() {
    check(
        &["graph", NESTED, "-o", "no-such-folder/a.svg"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: cannot write no-such-folder/a.svg: No such file or directory (os error 2)
    "#]],
    );
}

#[test]
fn somebody_who_is_not_there() {
    check(
        &["graph", NESTED, "--why", "web01", "nobody"],
        &expect![[r#"
        exit code 2
        --- stderr
        error: nobody in this lab is called `nobody`; there are laptop, physical/vmk0, app01/eth0, app02/eth0, sniffer/eth0, nested-1/vmk0, web01/eth0, web02/eth0
    "#]],
    );
}

#[test]
fn a_lab_with_an_error() {
    check_with_file(
        "lab.yaml",
        "lab: a\nhosts: 7\n",
        &["graph", "lab.yaml"],
        &expect![[r#"
        exit code 2
        --- stderr
          × expected keys with values here
           ╭─[lab.yaml:2:8]
         1 │ lab: a
         2 │ hosts: 7
           ·        ─
           ╰────

        error: lab file `lab.yaml` has an error
    "#]],
    );
}

#[test]
fn nothing_but_the_picture_is_printed() {
    let output = output(&["graph", NESTED, "--format", "dot"]);
    assert!(output.stderr.is_empty());
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn as_json() {
    let (found, code) = json(&["graph", NESTED, "--why", "web01", "laptop", "--json"]);
    assert_eq!((code, &found["verdict"]), (0, &"UNREACHABLE".into()));
    let nodes = found["nodes"].as_array().expect("it is a list");
    let deaths: Vec<&serde_json::Value> =
        nodes.iter().filter(|node| node["kind"] == "death").map(|node| &node["lines"][0]).collect();
    assert_eq!(deaths, ["A FORGED_TRANSMIT", "B DEST_NOT_REGISTERED"]);
    let ends = found["edges"].as_array().expect("it is a list").iter();
    let known = |end: &serde_json::Value| end.as_u64().is_some_and(|end| end < nodes.len() as u64);
    assert!(ends.clone().count() > 20 && ends.clone().all(|edge| known(&edge["from"]) && known(&edge["to"])));
}
