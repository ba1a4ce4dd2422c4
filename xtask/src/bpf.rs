//! The eBPF objects that stand beside their sources: `cargo xtask bpf` makes them anew, `--check` says whether they are
//! what the sources make.
//!
//! They are committed so that nobody needs a compiler for them who builds `nsw`. Debian 12's clang makes the same bytes
//! everywhere: no path and no debug section stays in an object.

use std::path::Path;
use std::process::{Command, ExitCode};

/// Each with its folder: the switch, and the limit that it is measured against.
const SOURCES: [(&str, &str); 2] =
    [("crates/nsw-dataplane/src/bpf", "switch.bpf.c"), ("xtask/src/bench_rows", "bare.bpf.c")];
/// The newest instructions that Linux 5.12 knows.
const CPU: &str = "-mcpu=v3";

/// Makes the objects, or with `check` only compares them: exit code 1 if a committed one is another.
pub(crate) fn command(root: &Path, check: bool) -> Result<ExitCode, String> {
    let mut all_same = true;
    for (folder, source) in SOURCES {
        let object = Path::new(folder).join(source).with_extension("o");
        let bytes = make(&root.join(folder), source)?;
        let committed = root.join(&object);
        let object = object.display();
        if !check {
            std::fs::write(&committed, &bytes)
                .map_err(|error| format!("{}: {error}", committed.display()))?;
            say!("{object}: {} bytes", bytes.len());
        } else if std::fs::read(&committed).is_ok_and(|committed| committed == bytes) {
            say!("{object}: is what its source makes");
        } else {
            all_same = false;
            say!("{object}: is not what its source makes; run `cargo xtask bpf`");
        }
    }
    Ok(if all_same { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn make(folder: &Path, source: &str) -> Result<Vec<u8>, String> {
    let made = std::env::temp_dir().join(format!("nsw-{}-{source}.o", std::process::id()));
    let bytes = compile(folder, source, &made);
    let _ = std::fs::remove_file(&made);
    bytes
}

fn compile(folder: &Path, source: &str, object: &Path) -> Result<Vec<u8>, String> {
    // Where Debian has `asm/types.h`; what is taken from there is the same for every machine of one byte order.
    let machine = format!("-I/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let mut clang = Command::new("clang");
    clang
        .current_dir(folder)
        .args(["-O2", "-g", "-target", "bpf", CPU, "-Wall", "-Werror", "-fdebug-compilation-dir=."])
        .args([&machine, "-c", source, "-o"])
        .arg(object);
    run(clang, "clang")?;
    let mut strip = Command::new("llvm-strip");
    strip.arg("-g").arg(object);
    run(strip, "llvm")?;
    std::fs::read(object).map_err(|error| format!("{}: {error}", object.display()))
}

fn run(mut command: Command, package: &str) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let hint = format!("it is in Debian's package {package}; libbpf-dev is needed too");
    let status = command.status().map_err(|error| format!("cannot run {name}: {error}; {hint}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{name} failed; with Debian 12's clang and libbpf-dev it does not"))
    }
}
