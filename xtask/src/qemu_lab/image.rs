//! What the nested host boots: Debian's cloud kernel, unpacked and not installed, and an initramfs with `nsw` in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{checked, output};

/// In the order in which they are loaded. What a kernel has built in is not there as a file.
const MODULES: [&str; 12] = [
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "failover",
    "net_failover",
    "virtio_net",
    "veth",
    "tun",
    "sch_ingress",
    "cls_bpf",
];

/// The nested host's configuration: that of the demo's lab, with the addresses that the demo knows.
const HOST: &str = r#"{
  "name": "nested-1",
  "pnics": ["vmnic0"],
  "vswitches": [{
    "name": "vSwitch0",
    "uplinks": ["vmnic0"],
    "security": { "promiscuous": "reject", "mac-changes": "reject", "forged-transmits": "reject" },
    "port-groups": [{ "name": "Management Network" }, { "name": "VM Network" }]
  }],
  "vmkernel": [{
    "name": "vmk0", "port-group": "Management Network", "mac": "00:50:56:01:00:01", "addresses": ["192.168.10.12/24"]
  }],
  "vms": [
    { "name": "web01", "nics": [{
      "name": "eth0", "port-group": "VM Network", "mac": "00:50:56:23:5f:9e", "addresses": ["192.168.10.31/24"]
    }] },
    { "name": "web02", "nics": [{
      "name": "eth0", "port-group": "VM Network", "mac": "00:50:56:23:5f:9f", "addresses": ["192.168.10.32/24"]
    }] }
  ]
}
"#;

/// The first process. It answers commands on the console: a line is a command, its output ends with its exit code.
/// Programs have their paths, because this shell prefers its own applets.
const INIT: &str = r#"#!/bin/busybox sh
b=/bin/busybox
export PATH=/bin
$b mount -t proc proc /proc
$b mount -t sysfs sys /sys
$b mount -t devtmpfs dev /dev
$b mount -t tmpfs tmp /tmp
$b mount -t bpf bpf /sys/fs/bpf
for module in MODULES; do
    [ ! -f /modules/$module.ko ] || $b insmod /modules/$module.ko
done
/bin/ip link set lo up
/bin/ip link set eth0 name vmnic0
/bin/nsw host run --config /host.json --socket /tmp/host.sock ENGINE >/tmp/host.log 2>&1 &
$b stty -echo
echo @@ready
while read -r line; do
    $b sh -c "$line" 2>&1
    echo "@@done $?"
done
$b poweroff -f
"#;

/// An unpacked kernel package.
pub(super) struct Kernel {
    folder: PathBuf,
}

impl Kernel {
    /// The file to boot.
    pub(super) fn image(&self) -> io::Result<PathBuf> {
        let boot = self.folder.join("boot");
        find(&boot, &|name| name.starts_with("vmlinuz-"))
            .ok_or_else(|| io::Error::other(format!("no kernel in {}", boot.display())))
    }
}

/// Debian's cloud kernel, from the archive the first time and from `folder` afterwards.
pub(super) fn kernel(folder: &Path) -> io::Result<Kernel> {
    let kernel = Kernel { folder: folder.join("kernel") };
    if kernel.image().is_ok() {
        return Ok(kernel);
    }
    let depends = output(Command::new("apt-cache").args(["depends", "linux-image-cloud-amd64"]))?;
    let package = depends.lines().find_map(|line| line.trim().strip_prefix("Depends: "));
    let package = package.ok_or_else(|| io::Error::other("apt knows no linux-image-cloud-amd64"))?;
    let download = folder.join("download");
    fs::create_dir_all(&download)?;
    checked(Command::new("apt-get").args(["download", "-qq", package]).current_dir(&download))?;
    let deb = find(&download, &|name| name.ends_with(".deb"))
        .ok_or_else(|| io::Error::other(format!("{package} was not downloaded")))?;
    fs::create_dir_all(&kernel.folder)?;
    checked(Command::new("dpkg-deb").arg("-x").args([&deb, &kernel.folder]))?;
    fs::remove_file(deb)?;
    Ok(kernel)
}

/// An initramfs with `nsw` and what it takes to run it as a host.
pub(super) fn initramfs(
    folder: &Path,
    kernel: &Kernel,
    nsw: &Path,
    engine: Option<&str>,
) -> io::Result<PathBuf> {
    let root = folder.join("root");
    let _ = fs::remove_dir_all(&root);
    for place in ["bin", "modules", "proc", "sys", "dev", "tmp"] {
        fs::create_dir_all(root.join(place))?;
    }
    fs::copy("/bin/busybox", root.join("bin/busybox"))?;
    checked(Command::new("strip").arg("-o").arg(root.join("bin/nsw")).arg(nsw))?;
    let ip = output(Command::new("sh").args(["-c", "command -v ip"]))?;
    fs::copy(fs::canonicalize(ip.trim())?, root.join("bin/ip"))?;
    for program in ["bin/nsw", "bin/ip"] {
        copy_libraries(&root, &root.join(program))?;
    }
    for module in MODULES {
        let file = format!("{module}.ko");
        if let Some(found) = find(&kernel.folder.join("lib/modules"), &|name| name == file) {
            fs::copy(found, root.join("modules").join(&file))?;
        }
    }
    fs::write(root.join("host.json"), HOST)?;
    let engine = engine.map_or_else(String::new, |engine| format!("--engine {engine}"));
    fs::write(root.join("init"), INIT.replace("MODULES", &MODULES.join(" ")).replace("ENGINE", &engine))?;
    checked(Command::new("chmod").arg("755").arg(root.join("init")))?;
    let image = folder.join("initramfs");
    let pack = "find . | cpio --quiet -o -H newc | gzip -1 >\"$0\"";
    checked(Command::new("sh").args(["-ec", pack]).arg(&image).current_dir(&root))?;
    Ok(image)
}

/// Copies the shared libraries of `program`, under the paths where the loader looks for them.
fn copy_libraries(root: &Path, program: &Path) -> io::Result<()> {
    let listed = output(Command::new("ldd").arg(program))?;
    for library in listed.split_whitespace().filter(|word| word.starts_with('/')) {
        let place = root.join(library.trim_start_matches('/'));
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(library, place)?;
    }
    Ok(())
}

/// The first file below `folder` whose name is meant.
fn find(folder: &Path, is_meant: &dyn Fn(&str) -> bool) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    let named = |path: &&PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(is_meant);
    entries
        .iter()
        .find(named)
        .cloned()
        .or_else(|| entries.iter().filter(|path| path.is_dir()).find_map(|path| find(path, is_meant)))
}
