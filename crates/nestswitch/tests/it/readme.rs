//! What README.md shows is what the program prints.

use super::fixture::{Folder, nsw, root, stdout};

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

/// What stands in the blocks of this kind.
fn blocks(kind: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README is there");
    let begin = format!("```{kind}\n");
    let blocks = readme.split(&begin).skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    blocks.map(str::to_owned).collect()
}

// The lab of the README is one, and whatever it says to do with it without a network can be done.
#[test]
fn the_lab_in_the_readme_works() {
    let folder = Folder::new();
    let [lab] = &blocks("yaml")[..] else { panic!("README.md has one lab") };
    std::fs::write(folder.path().join("lab.yaml"), lab).expect("the folder can be written to");
    let blocks = blocks("console");
    let lines = blocks.iter().flat_map(|block| block.lines());
    let commands = lines.filter_map(|line| line.split(" #").next()?.strip_prefix("nsw "));
    let mut tried = 0;
    for command in commands.filter(|command| command.contains("lab.yaml") && !command.contains("lab up")) {
        let args: Vec<&str> = command.split_whitespace().collect();
        let output = nsw(&args).current_dir(folder.path()).output().expect("nsw starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() < Some(2) && said.is_empty(), "nsw {command}: {said}");
        tried += 1;
    }
    assert!(tried >= 7, "README.md says what to do with its lab");
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
