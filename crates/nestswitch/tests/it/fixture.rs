//! Runs `nsw` and shows what came of it: `check(args, expected)`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use expect_test::Expect;

/// The root of the repository, where commands run: paths in messages are the same on every machine.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `nsw` with these arguments, in an environment that says nothing: no running lab, no terminal, no colours.
pub(crate) fn nsw(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nsw"));
    command
        .args(args)
        .current_dir(root())
        .env_clear()
        .env("NSW_RUNTIME_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-labs"))
        .env("COLUMNS", "100")
        .stdin(Stdio::null());
    command
}

/// The output of `nsw` with these arguments.
pub(crate) fn output(args: &[&str]) -> Output {
    nsw(args).output().expect("nsw starts")
}

/// What `nsw` prints to stdout, and its exit code.
pub(crate) fn stdout(args: &[&str]) -> (String, i32) {
    let output = output(args);
    (String::from_utf8(output.stdout).expect("it is text"), output.status.code().expect("it ends by itself"))
}

/// What `nsw --json` prints, as a value, and its exit code.
pub(crate) fn json(args: &[&str]) -> (serde_json::Value, i32) {
    let (text, code) = stdout(args);
    (serde_json::from_str(&text).expect("it is JSON"), code)
}

/// Runs `nsw` with these arguments and compares exit code, stdout and stderr.
#[track_caller]
pub(crate) fn check(args: &[&str], expected: &Expect) {
    expected.assert_eq(&shown(&output(args)));
}

/// The same with a file of this text, that the command knows as `name`.
#[track_caller]
pub(crate) fn check_with_file(name: &str, text: &str, args: &[&str], expected: &Expect) {
    let folder = Folder::new();
    std::fs::write(folder.path().join(name), text).expect("the folder can be written to");
    let output = nsw(args).current_dir(folder.path()).output().expect("nsw starts");
    expected.assert_eq(&shown(&output));
}

fn shown(output: &Output) -> String {
    let mut text = format!("exit code {}\n", output.status.code().expect("it ends by itself"));
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            let _ = write!(text, "--- {name}\n{}", String::from_utf8_lossy(bytes));
        }
    }
    // Snapshots have no spaces at the ends of their lines.
    text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// A folder of one test, removed with it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("nestswitch-it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("the folder for tests can be written to");
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
