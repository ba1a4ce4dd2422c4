//! Checks on the repository itself: `cargo xtask tidy` and `cargo xtask fuzz-corpus`.
//!
//! What compilers and linters see is left to them. Here stands what only this repository knows: that every drop reason has
//! its page, every cited rule its row, every dependency its reason.
//!
//! **Invariant:** nothing here is needed to build or use `nsw`, and nothing here changes a file.

mod repo;
mod tidy;

use std::path::Path;
use std::process::{Command, ExitCode};

use repo::Repo;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  tidy          check that code, documents and tests agree; prints every finding, exit code 1 if there is one
  fuzz-corpus   run the fuzz targets over their committed corpora, on the stable toolchain
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => run_tidy(),
        ["fuzz-corpus"] => run_fuzz_corpus(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(code) => code,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run_tidy() -> Result<ExitCode, String> {
    let repo = Repo::load(&root()?)?;
    let findings = tidy::check(&repo);
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        eprintln!("tidy: {} files, nothing found", repo.len());
        Ok(ExitCode::SUCCESS)
    } else {
        let plural = if findings.len() == 1 { "" } else { "s" };
        eprintln!("tidy: {} finding{plural}", findings.len());
        Ok(ExitCode::from(1))
    }
}

/// The fuzz crate's own test runs each target over its corpus; without libFuzzer, so that no C++ compiler is needed.
fn run_fuzz_corpus() -> Result<ExitCode, String> {
    let manifest = root()?.join("fuzz/Cargo.toml");
    let status = Command::new(env!("CARGO"))
        .args(["test", "--quiet", "--no-default-features", "--manifest-path"])
        .arg(manifest)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn root() -> Result<std::path::PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).ok_or_else(|| format!("{} has no parent", here.display()))
}
