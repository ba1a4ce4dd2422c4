//! The eBPF object that stands beside its source: `cargo xtask bpf` makes it anew, `--check` says whether it is what the
//! source makes.
//!
//! It is committed so that nobody needs a compiler for it who builds `nsw`. Debian 12's clang makes the same bytes
//! everywhere: no path and no debug section stays in the object.

use std::path::Path;
use std::process::{Command, ExitCode};

const FOLDER: &str = "crates/nsw-dataplane/src/bpf";
const SOURCE: &str = "switch.bpf.c";
const OBJECT: &str = "switch.bpf.o";
/// The newest instructions that Linux 5.12 knows.
const CPU: &str = "-mcpu=v3";

/// Makes the object, or with `check` only compares it: exit code 1 if the committed one is another.
pub(crate) fn command(root: &Path, check: bool) -> Result<ExitCode, String> {
    let folder = root.join(FOLDER);
    let made = std::env::temp_dir().join(format!("nsw-{}-{OBJECT}", std::process::id()));
    let bytes = compile(&folder, &made);
    let _ = std::fs::remove_file(&made);
    let bytes = bytes?;
    let committed = folder.join(OBJECT);
    if check {
        let same = std::fs::read(&committed).is_ok_and(|committed| committed == bytes);
        println!(
            "{FOLDER}/{OBJECT}: {}",
            if same {
                "is what its source makes"
            } else {
                "is not what its source makes; run `cargo xtask bpf`"
            }
        );
        return Ok(if same { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    std::fs::write(&committed, &bytes).map_err(|error| format!("{}: {error}", committed.display()))?;
    println!("{FOLDER}/{OBJECT}: {} bytes", bytes.len());
    Ok(ExitCode::SUCCESS)
}

fn compile(folder: &Path, object: &Path) -> Result<Vec<u8>, String> {
    // Where Debian has `asm/types.h`; what is taken from there is the same for every machine of one byte order.
    let machine = format!("-I/usr/include/{}-linux-gnu", std::env::consts::ARCH);
    let mut clang = Command::new("clang");
    clang
        .current_dir(folder)
        .args(["-O2", "-g", "-target", "bpf", CPU, "-Wall", "-Werror", "-fdebug-compilation-dir=."])
        .args([&machine, "-c", SOURCE, "-o"])
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
