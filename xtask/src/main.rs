//! Checks and measurements of the repository itself: `cargo xtask tidy`, `fuzz-corpus`, `bench-live`; and of
//! whole labs that are drawn from a seed: `cargo xtask sim`, `generate-lab`.
//!
//! What compilers and linters see is left to them. Here stands what only this repository knows: that every drop reason has
//! its page, every cited rule its row, every dependency its reason.
//!
//! **Invariant:** nothing here is needed to build or use `nsw`; only a benchmark that is told where writes a file.

#[macro_use]
mod say;

mod bench_decide;
mod bench_doctor;
mod bench_live;
mod bench_rows;
mod bpf;
mod coverage;
mod generate;
mod loss;
mod mutants;
mod qemu_lab;
mod repo;
mod shell;
mod sim;
mod tidy;

use std::path::Path;
use std::process::{Command, ExitCode};

use repo::Repo;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  tidy          check that code, documents and tests agree; prints every finding, exit code 1 if there is one
  bpf [--check] compile the eBPF program of the kernel engine with Debian's clang; with --check say whether the committed
                object is what the source makes, exit code 1 if not
  fuzz-corpus   run the fuzz targets over their committed corpora, on the stable toolchain
  coverage [--branches]
                lines and regions of nsw-core that its tests execute, or lines and branches with a nightly toolchain;
                needs cargo-llvm-cov; exit code 1 below 95 % of the lines
  mutants [--shard K/N]
                changes decide and its stages one place at a time; exit code 1 if a change that no test notices is not in
                crates/nsw-core/mutants.md; needs cargo-mutants, and half an hour
  bench-decide [--rounds N] [--into FOLDER]
                nanoseconds a decision, the benchmark of nsw-core in rounds (5); with FOLDER the results are written there
  bench-live [ROUNDS [SECONDS [FOLDER]]]
                bulk TCP through the user engine and through a Linux bridge, in turn; 5 rounds of 3 s unless said
                otherwise; with FOLDER the results are written there
  qemu-lab [--outer ENGINE] [--nested ENGINE]
                the demo's lab with a VM of QEMU as nested host, against the demo itself; as root; exit code 1 if an
                answer differs
  bench-live ROW [--rounds N] [--seconds S] [--with bridge,kernel,...] [--into FOLDER]
                one measure against its peers in the same run, as root, best with `cargo run --release -p xtask --`;
                with `--with` only against those;
                `bench-live rows` lists the rows
  loss [--flips N] [--kills K] [--ports P]
                numbered frames through the kernel engine under load, while policy is changed (1,000 times), the host's
                process killed (10) and ports added and removed (50); as root; exit code 1 if a frame is lost that policy
                allows, or delivered that it forbids
  bench-doctor [--runs N] [--vms 100,1000,...] [--ask reach,audit,why,fixes,tighten,exposure] [--into FOLDER]
                what the doctor's questions cost on generated inventories, as `cargo run --release -p xtask --`
  generate-lab --vms N [--hosts H] [--nested K] [--vlans V] [--faults PERCENT] [--seed S]
                an inventory of any size as a lab file on stdout, with faults, drawn from a seed
  sim --seed N [--steps M] [--labs K]
                random nested labs under a simulated clock, laws checked after each step; K labs (100) of M steps (100),
                exit code 1 and the failure, made small, if a law does not hold
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["help"] | [.., "--help" | "-h"] => {
            say::out(format_args!("{USAGE}"));
            Ok(ExitCode::SUCCESS)
        }
        ["tidy"] => run_tidy(),
        ["bpf"] => root().and_then(|root| bpf::command(&root, false)),
        ["bpf", "--check"] => root().and_then(|root| bpf::command(&root, true)),
        ["fuzz-corpus"] => run_fuzz_corpus(),
        ["coverage"] => root().and_then(|root| coverage::command(&root, false)).map(yes_or_no),
        ["coverage", "--branches"] => root().and_then(|root| coverage::command(&root, true)).map(yes_or_no),
        ["mutants"] => root().and_then(|root| mutants::command(&root, None)).map(yes_or_no),
        ["mutants", "--shard", shard] => {
            root().and_then(|root| mutants::command(&root, Some(shard))).map(yes_or_no)
        }
        ["bench-decide", ref options @ ..] => run_bench_decide(options),
        ["bench-live", row, ref options @ ..] if row.parse::<usize>().is_err() => run_bench_row(row, options),
        ["bench-live", ref rest @ ..] => run_bench_live(rest),
        ["loss", ref options @ ..] => run_loss(options),
        ["qemu-lab", ref options @ ..] => run_qemu_lab(options),
        ["bench-doctor", "--one", question, file] => {
            bench_doctor::one(question, Path::new(file)).map(|()| ExitCode::SUCCESS)
        }
        ["bench-doctor", ref words @ ..] => run_bench_doctor(words),
        ["generate-lab", ref words @ ..] => run_generate_lab(words),
        ["sim", ref options @ ..] => sim::Options::parse(options).map(sim::command),
        [] => Err(USAGE.to_owned()),
        [command, ref words @ ..] => Err(unknown(command, words)),
    };
    match done {
        Ok(code) => code,
        Err(message) => {
            tell!("{message}");
            ExitCode::from(2)
        }
    }
}

/// What was not understood: an option of a command that there is, or the command.
fn unknown(command: &str, words: &[&str]) -> String {
    let listed = USAGE.lines().any(|line| line.trim_start().split(' ').next() == Some(command));
    match words.first().filter(|_| listed) {
        Some(word) => {
            format!("{command}: `{word}` is no option, or lacks its value; see `cargo xtask --help`")
        }
        None => format!("there is no `cargo xtask {command}`; see `cargo xtask --help`"),
    }
}

fn run_tidy() -> Result<ExitCode, String> {
    let repo = Repo::load(&root()?)?;
    let findings = tidy::check(&repo);
    for finding in &findings {
        say!("{finding}");
    }
    if findings.is_empty() {
        tell!("tidy: {} files, nothing found", repo.len());
        Ok(ExitCode::SUCCESS)
    } else {
        let plural = if findings.len() == 1 { "" } else { "s" };
        tell!("tidy: {} finding{plural}", findings.len());
        Ok(ExitCode::from(1))
    }
}

fn run_bench_row(row: &str, words: &[&str]) -> Result<ExitCode, String> {
    let mut plan = bench_rows::Plan { row: row.to_owned(), rounds: 5, seconds: 1.0, with: None, into: None };
    for pair in words.chunks(2) {
        let bad = |word: &str| format!("bench-live: `{word}` is no number");
        let number = |word: &str| word.parse::<f64>().map_err(|_| bad(word));
        match *pair {
            ["--rounds", rounds] => {
                plan.rounds = rounds.parse().map_err(|_| bad(rounds))?;
            }
            ["--seconds", seconds] => plan.seconds = number(seconds)?,
            ["--with", names] => plan.with = Some(names.to_owned()),
            ["--into", folder] => plan.into = Some(folder.into()),
            _ => return Err(format!("{}\n\nrows:\n{}", unknown("bench-live", pair), bench_rows::ROWS)),
        }
    }
    bench_rows::run(&plan).map_err(|error| format!("bench-live {row}: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn run_bench_decide(words: &[&str]) -> Result<ExitCode, String> {
    let plan = bench_decide::Plan::parse(words)?;
    bench_decide::run(&root()?, &plan).map_err(|error| format!("bench-decide: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn run_bench_live(words: &[&str]) -> Result<ExitCode, String> {
    let number = |at: usize, default: usize| match words.get(at) {
        Some(word) => word.parse().map_err(|_| format!("bench-live: `{word}` is no number")),
        None => Ok(default),
    };
    let plan = bench_live::Plan {
        rounds: number(0, 5)?,
        seconds: number(1, 3)?,
        into: words.get(2).map(std::path::PathBuf::from),
    };
    bench_live::run(&root()?, &plan).map_err(|error| format!("bench-live: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn run_qemu_lab(words: &[&str]) -> Result<ExitCode, String> {
    let mut engines = qemu_lab::Engines::default();
    let known = ["user", "kernel", "auto"];
    for pair in words.chunks(2) {
        match pair {
            [_, engine] if !known.contains(engine) => {
                return Err(format!("qemu-lab: `{engine}` is none of {}", known.join(", ")));
            }
            ["--outer", engine] => engines.outer = Some((*engine).to_owned()),
            ["--nested", engine] => engines.nested = Some((*engine).to_owned()),
            _ => return Err(unknown("qemu-lab", pair)),
        }
    }
    let same = qemu_lab::run(&root()?, &engines).map_err(|error| format!("qemu-lab: {error}"))?;
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn run_loss(words: &[&str]) -> Result<ExitCode, String> {
    let mut plan = loss::Plan::default();
    for pair in words.chunks(2) {
        let [option, number] = pair else { return Err(unknown("loss", pair)) };
        let number = number.parse().map_err(|_| format!("loss: `{number}` is no number"))?;
        match *option {
            "--flips" => plan.flips = number,
            "--kills" => plan.kills = number,
            "--ports" => plan.ports = number,
            _ => return Err(unknown("loss", pair)),
        }
    }
    let held = loss::run(&root()?, plan).map_err(|error| format!("loss: {error}"))?;
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Builds `nsw` under a profile of cargo and returns its path.
fn build_nsw(root: &Path, profile: &str) -> std::io::Result<std::path::PathBuf> {
    let build = ["build", "--quiet", "--bin", "nsw", "--profile", profile];
    let status = Command::new(env!("CARGO")).args(build).current_dir(root).status()?;
    if !status.success() {
        return Err(std::io::Error::other("nsw does not build"));
    }
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target_folder(root).join(folder).join("nsw"))
}

/// Where cargo puts what it builds.
fn target_folder(root: &Path) -> std::path::PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), std::path::PathBuf::from)
}

fn run_bench_doctor(words: &[&str]) -> Result<ExitCode, String> {
    let plan = bench_doctor::Plan::parse(words).map_err(|error| format!("bench-doctor: {error}"))?;
    bench_doctor::run(&plan).map_err(|error| format!("bench-doctor: {error}"))?;
    Ok(ExitCode::SUCCESS)
}

fn run_generate_lab(words: &[&str]) -> Result<ExitCode, String> {
    say::out(format_args!("{}", generate::text(generate::Shape::parse(words)?)));
    Ok(ExitCode::SUCCESS)
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

fn yes_or_no(yes: bool) -> ExitCode {
    ExitCode::from(u8::from(!yes))
}

fn root() -> Result<std::path::PathBuf, String> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(Path::to_path_buf).ok_or_else(|| format!("{} has no parent", here.display()))
}
