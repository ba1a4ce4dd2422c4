//! Every target over its committed corpus: what the fuzzer once found stays found.

use std::path::Path;

fn run(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let files = std::fs::read_dir(&folder).expect("the corpus is committed");
    let mut count = 0;
    for file in files.map(|file| file.expect("the folder can be read").path()) {
        println!("{}", file.display());
        run(&std::fs::read(&file).expect("the file can be read"));
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn frame() {
    run("frame", nsw_fuzz::frame);
}

#[test]
fn decide() {
    run("decide", nsw_fuzz::decide);
}

#[test]
fn lab_file() {
    run("lab_file", nsw_fuzz::lab_file);
}
