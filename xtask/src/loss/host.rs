//! The host whose process is killed, and the guests that stay.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nsw_core::Mac;
use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::create_veth_adapter;
use serde_json::json;

use crate::shell::{checked, output};

const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// A host by itself, with its switch pinned. It goes with this value, switch and all.
pub(super) struct Host {
    nsw: PathBuf,
    /// Where its devices are; it stays when the process goes.
    hardware: Namespace,
    folder: PathBuf,
    process: Option<Child>,
}

impl Host {
    pub(super) fn start(nsw: &Path) -> io::Result<Self> {
        let name = format!("loss-{}", std::process::id());
        let folder = std::env::temp_dir().join(format!("nsw-{name}"));
        fs::create_dir_all(&folder)?;
        let config = json!({
            "name": name, "pnics": [], "vswitches": [{
                "name": "vSwitch0", "port-groups": [{ "name": "VM Network" }, { "name": "Flip" }],
            }],
        });
        fs::write(folder.join("host.json"), config.to_string())?;
        let mut host = Self { nsw: nsw.to_owned(), hardware: Namespace::create()?, folder, process: None };
        host.run()?;
        Ok(host)
    }

    /// Starts the process and waits until it answers.
    pub(super) fn run(&mut self) -> io::Result<()> {
        let mut command = Command::new(&self.nsw);
        command.args(["host", "run", "--engine", "kernel", "--config"]).arg(self.folder.join("host.json"));
        command.arg("--socket").arg(self.socket()).stdout(Stdio::null());
        command.stderr(fs::File::create(self.folder.join("log"))?);
        self.process = Some(self.hardware.run(|| command.spawn())??);
        let deadline = Instant::now() + ANSWERS_WITHIN;
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            if Instant::now() > deadline {
                let log = fs::read_to_string(self.folder.join("log"))?;
                return Err(io::Error::other(format!("the host does not answer: {log}")));
            }
            std::thread::park_timeout(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Kills the process, as `kill -9` does.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        if let Some(mut process) = self.process.take() {
            process.kill()?;
            process.wait()?;
        }
        Ok(())
    }

    pub(super) fn add_port(&self, cable: &Cable, group: &str) -> io::Result<()> {
        let mut add = self.nsw(&["host", "port", "add", &cable.name, "--port-group", group]);
        checked(add.args(["--device", &cable.near, "--mac", &cable.mac.to_string()]))
    }

    pub(super) fn remove_port(&self, cable: &Cable) -> io::Result<()> {
        checked(&mut self.nsw(&["host", "port", "remove", &cable.name]))
    }

    /// Returns when the change is in force.
    pub(super) fn set_forged_transmits(&self, group: &str, accept: bool) -> io::Result<()> {
        let change = json!({ "forged-transmits": if accept { "accept" } else { "reject" } });
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail-with-body", "--request", "PATCH"]);
        curl.args(["--header", "content-type: application/json", "--data", &change.to_string()]);
        curl.arg("--unix-socket").arg(self.socket());
        let path = group.replace(' ', "%20");
        output(curl.arg(format!("http://localhost/v1/portgroups/{path}/security"))).map(drop)
    }

    fn nsw(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.nsw);
        command.args(words).arg("--socket").arg(self.socket());
        command
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("sock")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // What is pinned is the process's to remove, so one must run.
        let there = self.process.is_some() || self.run().is_ok();
        if !there || checked(&mut self.nsw(&["host", "stop", "--detach-datapath"])).is_err() {
            tell!(
                "loss: the switch may still be pinned in the kernel; {} has its log",
                self.folder.display()
            );
            let _ = self.kill();
            return;
        }
        if let Some(mut process) = self.process.take() {
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A guest and its veth pair into the host.
pub(super) struct Cable {
    pub(super) name: String,
    pub(super) guest: Namespace,
    pub(super) mac: Mac,
    /// The name of the host's end.
    near: String,
}

impl Cable {
    pub(super) fn lay(host: &Host, name: &str, number: u8) -> io::Result<Self> {
        let guest = Namespace::create()?;
        let mac = Mac::new([0x00, 0x50, 0x56, 0, 0, number]);
        let near = create_veth_adapter(&guest, "eth0", mac, &host.hardware).map_err(io::Error::other)?;
        link::disable_ipv6(&guest, "eth0").map_err(io::Error::other)?;
        Ok(Self { name: name.to_owned(), guest, mac, near })
    }
}
