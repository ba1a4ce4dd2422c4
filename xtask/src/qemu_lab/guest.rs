//! The nested host as a VM of QEMU, spoken to over its console.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::image::Kernel;
use super::outer::{NESTED_PORT, Outer};

/// How long the host in the VM may take until it answers; an emulated processor is slow.
const PATIENCE: Duration = Duration::from_secs(90);

/// A running VM. It ends with this value.
pub(super) struct Guest {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Guest {
    /// Boots the nested host behind its port of the outer host, and waits until it answers.
    pub(super) fn boot(kernel: &Kernel, initramfs: &Path, outer: &Outer) -> io::Result<Self> {
        let mut command = outer.qemu()?;
        command
            .args(["-M", "pc", "-accel", "tcg", "-m", "512", "-no-reboot"])
            .args(["-nodefaults", "-no-user-config", "-display", "none", "-serial", "stdio"])
            // On a busy machine an emulated timer is late, and the kernel's test of it would end in a panic.
            .args(["-append", "console=ttyS0 quiet loglevel=0 panic=-1 no_timer_check"])
            .arg("-qmp")
            .arg(format!("unix:{},server=on,wait=off", outer.qmp().display()))
            .args(["-netdev", &format!("tap,id={NESTED_PORT},ifname={NESTED_PORT},script=no,downscript=no")])
            .arg("-device")
            .arg(format!("virtio-net-pci,id={NESTED_PORT},netdev={NESTED_PORT},mac=00:50:56:01:00:01"))
            .arg("-kernel")
            .arg(kernel.image()?)
            .arg("-initrd")
            .arg(initramfs);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (input, output) = child.stdin.take().zip(child.stdout.take()).ok_or(io::ErrorKind::BrokenPipe)?;
        let mut guest = Self { child, input, output: BufReader::new(output) };
        guest.read_until("@@ready")?;
        guest.wait_for_host()?;
        Ok(guest)
    }

    fn wait_for_host(&mut self) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if self.status().is_ok_and(|status| status["vms"].as_array().is_some_and(|vms| vms.len() == 2)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let (log, _) = self.run("/bin/busybox cat /tmp/host.log")?;
                return Err(io::Error::other(format!("the host in the VM does not answer: {log}")));
            }
            std::thread::park_timeout(Duration::from_millis(200));
        }
    }

    /// Which engine the host in the VM uses.
    pub(super) fn engine(&mut self) -> io::Result<String> {
        Ok(self.status()?["engine"].as_str().unwrap_or("?").to_owned())
    }

    fn status(&mut self) -> io::Result<Value> {
        let (text, _) = self.run("/bin/nsw host status --json --socket /tmp/host.sock 2>/dev/null")?;
        serde_json::from_str(&text).map_err(io::Error::from)
    }

    /// Pings from a VM inside the VM.
    pub(super) fn ping(&mut self, from: &str, address: &str, options: &[&str]) -> io::Result<Value> {
        let status = self.status()?;
        let mut vms = status["vms"].as_array().into_iter().flatten();
        let pid = vms.find(|vm| vm["name"] == from).and_then(|vm| vm["pid"].as_u64()).unwrap_or(0);
        let ping = format!("/bin/nsw vm-ping {address} {}", options.join(" "));
        let (text, _) = self.run(&format!("/bin/busybox nsenter -t {pid} -n {ping}"))?;
        serde_json::from_str(&text).map_err(|_| io::Error::other(format!("{from}: {text}")))
    }

    /// Runs a command and returns its output and exit code.
    fn run(&mut self, command: &str) -> io::Result<(String, i32)> {
        writeln!(self.input, "{command}")?;
        let (text, last) = self.read_until("@@done ")?;
        Ok((text, last.parse().unwrap_or(-1)))
    }

    /// Reads up to a line that begins with `mark`; returns what came before it and what stands behind the mark.
    fn read_until(&mut self, mark: &str) -> io::Result<(String, String)> {
        let mut text = String::new();
        loop {
            let mut line = Vec::new();
            if self.output.read_until(b'\n', &mut line)? == 0 {
                return Err(io::Error::other(format!("the VM ended: {text}")));
            }
            let line = String::from_utf8_lossy(&line).replace('\r', "");
            match line.split_once(mark) {
                Some((before, rest)) => return Ok((text + before, rest.trim().to_owned())),
                None => text += &line,
            }
        }
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
