//! The outer host and everything outside of it: a lab of `nsw`, with a TAP port where the demo has a nested host.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::shell::{checked, output};

/// The name that the port of the nested host has in the demo, too.
pub(super) const NESTED_PORT: &str = "nested-1.vmnic0";
const LAB: &str = "qemu-lab";
const HOST: &str = "physical";
const PATIENCE: Duration = Duration::from_secs(60);

/// The demo's lab without its nested host. MAC addresses that are not given do not matter to any answer.
const FILE: &str = "\
lab: qemu-lab
segments:
  office:
    stations:
      laptop: { address: 192.168.10.50/24 }
hosts:
  physical:
    vmnics:
      vmnic0: { segment: office }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0]
        security: { promiscuous: reject, mac-changes: reject, forged-transmits: reject }
        port-groups:
          Management Network: {}
          VM Network: {}
          Nested: {}
    vmkernel:
      vmk0: { port-group: Management Network, address: 192.168.10.11/24 }
    vms:
      app01: { port-group: VM Network, address: 192.168.10.21/24 }
      app02: { port-group: VM Network, address: 192.168.10.22/24 }
      sniffer: { port-group: VM Network, address: 192.168.10.29/24, promiscuous: true }
";

/// The running lab. It goes down with this value.
pub(super) struct Outer {
    nsw: PathBuf,
    runtime: PathBuf,
    qmp: PathBuf,
}

impl Outer {
    pub(super) fn up(nsw: &Path, folder: &Path, engine: Option<&str>) -> io::Result<Self> {
        // The paths of sockets are short.
        let runtime = std::env::temp_dir().join(format!("nsw-qemu-lab-{}", std::process::id()));
        fs::create_dir_all(&runtime)?;
        let outer = Self { nsw: nsw.to_owned(), qmp: runtime.join("qmp"), runtime };
        let file = folder.join("lab.yaml");
        fs::write(&file, FILE)?;
        let mut up = outer.nsw(&["lab", "up", "--detach"]);
        up.args(engine.map(|engine| format!("--engine={engine}"))).arg(&file);
        checked(&mut up)?;
        let mut add = outer.nsw(&["host", "port", "add", NESTED_PORT, "--port-group", "Nested", "--tap"]);
        add.args(["--mac", "00:50:56:01:00:01", "--qmp"]).arg(&outer.qmp);
        checked(add.arg("--socket").arg(outer.socket()))?;
        Ok(outer)
    }

    /// `nsw` with these words, for this lab.
    pub(super) fn nsw(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.nsw);
        command.args(words).env("NSW_RUNTIME_DIR", &self.runtime).env("NSW_LAB", LAB).env("NSW_HOST", HOST);
        command
    }

    /// QEMU, in the network namespace that the TAP device is in, to be ended with us, however we end.
    pub(super) fn qemu(&self) -> io::Result<Command> {
        let lab: Value = serde_json::from_str(&output(&mut self.nsw(&["lab", "status", "--json"]))?)?;
        let hosts = lab["lab"]["hosts"].as_array().into_iter().flatten();
        let pid = hosts.filter(|host| host["name"] == HOST).find_map(|host| host["pid"].as_u64());
        let pid = pid.ok_or_else(|| io::Error::other("the outer host does not run"))?;
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &pid.to_string(), "setpriv", "--pdeathsig", "KILL"]);
        // Each of these becomes the next, so whoever kills the child kills QEMU itself.
        command.arg("qemu-system-x86_64");
        Ok(command)
    }

    pub(super) fn qmp(&self) -> &Path {
        &self.qmp
    }

    fn socket(&self) -> PathBuf {
        self.runtime.join(LAB).join(format!("{HOST}.sock"))
    }

    pub(super) fn engine(&self) -> io::Result<String> {
        Ok(self.status()?["engine"].as_str().unwrap_or("?").to_owned())
    }

    fn status(&self) -> io::Result<Value> {
        let mut command = self.nsw(&["host", "status", "--json", "--socket"]);
        Ok(serde_json::from_str(&output(command.arg(self.socket()))?)?)
    }

    fn port(&self, name: &str) -> io::Result<Value> {
        let status = self.status()?;
        let switches = status["vswitches"].as_array().into_iter().flatten();
        let mut ports = switches.flat_map(|vswitch| vswitch["ports"].as_array().into_iter().flatten());
        Ok(ports.find(|port| port["name"] == name).cloned().unwrap_or(Value::Null))
    }

    /// Frames that a port was given and that were not for it.
    pub(super) fn promiscuous_copies(&self, port: &str) -> io::Result<u64> {
        Ok(self.port(port)?["counters"]["out"]["promiscuous"].as_u64().unwrap_or(0))
    }

    /// Waits until the switch knows that the port's guest asks for promiscuous mode, and has a link.
    pub(super) fn wait_until_asks(&self, port: &str) -> io::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.port(port)?;
            if found["asks-promiscuous"] == true && found["link-up"] == true {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(io::Error::other(format!("{port} did not ask for promiscuous mode: {found}")));
            }
            std::thread::park_timeout(Duration::from_millis(50));
        }
    }

    /// Sets the three settings on the vSwitch, and the overrides of the port group.
    pub(super) fn set_security(&self, vswitch: [bool; 3], group: [Option<bool>; 3]) -> io::Result<()> {
        let words = ["esxcli", "network", "vswitch", "standard"];
        let mut command = self.nsw(&words);
        command.args(["policy", "security", "set", "-v", "vSwitch0"]);
        checked(command.args(options(vswitch.map(Some))))?;
        let mut command = self.nsw(&words);
        command.args(["portgroup", "policy", "security", "set", "-p", "Nested", "--use-vswitch"]);
        checked(command.args(options(group)))
    }

    /// The records of the drop ring.
    pub(super) fn drops(&self) -> io::Result<Vec<Value>> {
        let done = self.nsw(&["lab", "drops", "--json"]).output()?;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let records = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        Ok(records.collect::<Result<_, _>>()?)
    }

    /// Pings from an end point of this lab.
    pub(super) fn ping(&self, from: &str, address: &str, options: &[&str]) -> io::Result<Value> {
        let mut command = self.nsw(&["lab", "exec", from, "--"]);
        let done = command.arg(&self.nsw).args(["vm-ping", address]).args(options).output()?;
        serde_json::from_slice(&done.stdout)
            .map_err(|_| io::Error::other(format!("{from}: {}", String::from_utf8_lossy(&done.stderr))))
    }
}

fn options(settings: [Option<bool>; 3]) -> impl Iterator<Item = String> {
    let names = ["--allow-promiscuous", "--allow-mac-change", "--allow-forged-transmits"];
    names.into_iter().zip(settings).filter_map(|(name, value)| Some(format!("{name}={}", value?)))
}

impl Drop for Outer {
    fn drop(&mut self) {
        if let Err(error) = checked(&mut self.nsw(&["lab", "down"])) {
            tell!("qemu-lab: the lab did not go down: {error}");
        }
        let _ = fs::remove_dir_all(&self.runtime);
    }
}
