//! The examples parse without a warning, and mean what their comments say.

use std::fs;
use std::path::PathBuf;

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
