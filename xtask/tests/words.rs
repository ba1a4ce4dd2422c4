//! What `cargo xtask` says to wrong words, and to whoever does not listen.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::process::{Command, Stdio};

fn xtask(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(words);
    command
}

#[track_caller]
fn refuses(words: &[&str], because: &str) {
    let output = xtask(words).output().expect("it starts");
    let said = String::from_utf8(output.stderr).expect("it is text");
    assert_eq!(said.lines().next(), Some(because));
    assert_eq!(output.status.code(), Some(2), "{said}");
}

#[test]
fn a_wrong_word_is_named() {
    refuses(&["no-such"], "there is no `cargo xtask no-such`; see `cargo xtask --help`");
    refuses(&["tidy", "all"], "tidy: `all` is no option, or lacks its value; see `cargo xtask --help`");
    refuses(
        &["loss", "--flips"],
        "loss: `--flips` is no option, or lacks its value; see `cargo xtask --help`",
    );
    refuses(&["loss", "--flips", "x"], "loss: `x` is no number");
    refuses(&["bench-live", "3", "x"], "bench-live: `x` is no number");
    refuses(&["bench-live", "rate", "--rounds", "x"], "bench-live: `x` is no number");
    refuses(&["generate-lab", "--vms", "x"], "`x` is no number");
    refuses(&[], "usage: cargo xtask COMMAND");
}

#[test]
fn help_is_no_error() {
    for words in [&["--help"][..], &["help"], &["sim", "--help"], &["bench-live", "rate", "-h"]] {
        let output = xtask(words).output().expect("it starts");
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{words:?}");
    }
}

// More than a pipe holds, so that it is still being written when the reader has gone.
#[test]
fn a_closed_pipe_is_no_panic() {
    let ends = |words: &[&str], code| {
        let mut child =
            xtask(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().expect("it ends").code(), Some(code), "{words:?}");
    };
    ends(&["generate-lab", "--vms", "2000"], 0);
    ends(&["--help"], 0);
    ends(&[], 2);
}
