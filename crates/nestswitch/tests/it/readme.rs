//! What README.md shows is what the program prints.

use super::fixture::{root, stdout};

/// The commands in console blocks, each with the output that follows it.
fn shown() -> Vec<(String, String)> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README is there");
    let blocks = readme.split("```console\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    blocks
        .filter_map(|block| block.strip_prefix("$ nsw ")?.split_once('\n'))
        .filter(|(_, output)| !output.is_empty())
        .map(|(command, output)| (command.to_owned(), output.to_owned()))
        .collect()
}

// Commands that need a live lab are not run here; the live tests do that.
#[test]
fn the_output_in_the_readme_is_real() {
    let mut compared = 0;
    for (command, expected) in shown() {
        let args: Vec<&str> = command.split_whitespace().collect();
        if matches!(args[0], "why" | "trace" | "explain") || command.contains("--simulate") {
            assert_eq!(stdout(&args).0, expected, "README.md shows another output of `nsw {command}`");
            compared += 1;
        }
    }
    assert!(compared >= 1, "README.md shows no output that can be compared");
}
