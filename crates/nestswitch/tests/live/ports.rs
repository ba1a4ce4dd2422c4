//! Ports for guests that a host does not start: they are refused, kept and removed as they should be, and frames cross.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use expect_test::expect;
use serde_json::Value;

use crate::fixture::{Nsw, Ran, eventually};
use crate::or_skip;

const HOST: &str = r#"{
    "name": "alone",
    "pnics": [],
    "vswitches": [{ "name": "vSwitch0", "port-groups": [{ "name": "VM Network" }] }],
    "vms": [{ "name": "app01", "nics": [{
        "name": "eth0", "port-group": "VM Network", "mac": "00:50:56:00:00:01", "addresses": ["10.0.0.1/24"]
    }] }]
}"#;

#[test]
fn a_port_that_was_added_outlives_the_host_and_frames_cross_it() {
    let nsw = or_skip!(Nsw::as_root());
    let mut machine = Machine::new(&nsw);
    let guest = Held::new(&nsw);
    let peer = format!("ip link add eth0 netns {} type veth peer name cable", guest.pid());
    machine.ip(&peer);
    guest.ip("ip link set eth0 up address 00:50:56:00:00:02 && ip addr add 10.0.0.2/24 dev eth0");

    machine.port(&[
        "add",
        "guest",
        "--port-group",
        "VM Network",
        "--device",
        "cable",
        "--mac",
        "00:50:56:00:00:02",
    ]);
    machine.port(&["add", "vm1", "--port-group", "VM Network", "--tap", "--owner", "65534"]);
    guest.check_reaches("10.0.0.1");

    machine.restart_host();
    let list = machine.port(&["list", "--json"]).json();
    let listed: Vec<&Value> = list.as_array().unwrap().iter().map(|entry| &entry["port"]["name"]).collect();
    assert_eq!(listed, ["guest", "vm1"]);
    guest.check_reaches("10.0.0.1");
    machine.ip("ip -d link show vm1 | grep -q 'persist on user'");

    machine.port(&["remove", "vm1"]);
    machine.ip("! ip link show vm1 2>/dev/null");
    machine.port(&["remove", "guest"]);
    machine.ip("ip link show cable");
}

#[test]
fn a_new_host_serves_a_guest_as_it_was_written() {
    let nsw = or_skip!(Nsw::as_root());
    let [outside, guest] = [Held::new(&nsw), Held::new(&nsw)];
    let config = nsw.runtime().join("new.json");
    let socket = nsw.runtime().join("new.sock");
    let mut machine = Machine { namespace: Held::new(&nsw), config, socket, host: None };
    machine.ip(&format!("ip link add eth0 netns {} type veth peer name eth1", outside.pid()));
    machine.ip(&format!("ip link add eth0 netns {} type veth peer name cable", guest.pid()));
    outside.ip("ip link set eth0 up && ip addr add 10.0.0.1/24 dev eth0");
    guest.ip("ip link set eth0 up address 00:50:56:00:00:02 && ip addr add 10.0.0.2/24 dev eth0");
    nsw.run(["host", "new", machine.config.to_str().unwrap(), "--uplink", "eth1"]).expect(0);
    machine.restart_host();
    let group = ["--port-group", "VM Network", "--device", "cable", "--mac", "00:50:56:00:00:02"];
    machine.port(&[["add", "guest"].as_slice(), &group].concat());
    guest.check_reaches("10.0.0.1");
}

#[test]
fn a_device_that_somebody_uses_is_refused_and_nothing_is_changed() {
    let nsw = or_skip!(Nsw::as_root());
    let machine = Machine::new(&nsw);
    machine.ip("ip link add name br type bridge && ip link add plug type veth peer name cable");
    machine.ip("ip link set plug master br && ip addr add 10.9.9.1/24 dev cable");
    let mut told = String::new();
    for args in [
        &["add", "vm1", "--port-group", "VM Network", "--device", "plug"][..],
        &["add", "vm1", "--port-group", "VM Network", "--device", "cable"],
        &["add", "vm1", "--port-group", "VM Network", "--device", "c"],
        &["add", "plug", "--port-group", "VM Network", "--tap"],
        &["add", "vm1", "--port-group", "VM network", "--tap"],
        &["add", "a-name-that-is-too-long", "--port-group", "VM Network", "--tap"],
        &["add", "vm1", "--port-group", "VM Network", "--tap", "--mac", "01:00:5e:00:00:01"],
        &["remove", "vm1"],
    ] {
        let ran = machine.try_port(args);
        assert_eq!(ran.code, Some(2), "{args:?}");
        told += &ran.stderr;
    }
    expect![[r#"
        error: port `vm1`: device `plug` is in use: it is a port of `br`
        error: port `vm1`: device `cable` is in use: it has the address 10.9.9.1
        error: port `vm1`: there is no device `c`
        error: there is a device `plug` already
        error: port `vm1` connects to port group `VM network`, which no vSwitch has
        error: `a-name-that-is-too-long` cannot name a device: 1 to 15 characters without `/`, `:` and spaces
        error: port `vm1` cannot have MAC address 01:00:5e:00:00:01: it is a group address or zero
        error: host `alone` has no port `vm1` that was added
    "#]]
    .assert_eq(&told);
    assert_eq!(machine.port(&["list", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn a_host_that_the_kernel_engine_does_not_hold_runs_in_the_users_and_says_why() {
    let nsw = or_skip!(Nsw::with_engines(&[]));
    let mut machine = Machine::new(&nsw);
    let mut host: Value = serde_json::from_str(HOST).unwrap();
    host["name"] = "too-many".into();
    for (count, engine) in [(1, "kernel"), (600, "user")] {
        machine.kill_host();
        let group = |number: usize| serde_json::json!({ "name": format!("Group {number}") });
        let mut groups: Vec<Value> = (1..count).map(group).collect();
        groups.push(serde_json::json!({ "name": "VM Network" }));
        host["vswitches"][0]["port-groups"] = groups.into();
        std::fs::write(&machine.config, host.to_string()).unwrap();
        machine.run_host(&[]);
        let socket = machine.socket.to_str().unwrap();
        let status = nsw.run(["host", "status", "--json", "--socket", socket]).expect(0).json();
        let because = status["engine-reason"].as_str().unwrap_or_default().to_owned();
        nsw.run(["host", "stop", "--detach-datapath", "--socket", socket]).expect(0);
        for folder in ["/sys/fs/bpf/nsw/too-many", "/run/nsw/bpf/too-many"] {
            assert!(!std::path::Path::new(folder).exists(), "{folder} is left");
        }
        assert_eq!(status["engine"], engine, "{because}");
        assert_eq!(because.contains("more than 512 port groups"), engine == "user", "{because}");
    }
}

/// A network namespace that a process holds.
struct Held<'a> {
    nsw: &'a Nsw,
    holder: Child,
}

impl<'a> Held<'a> {
    fn new(nsw: &'a Nsw) -> Self {
        let holder = nsw.command("unshare").args(["-n", "sleep", "600"]).spawn().unwrap();
        let own = std::fs::read_link("/proc/self/ns/net").unwrap();
        let held = Self { nsw, holder };
        let theirs = PathBuf::from(format!("/proc/{}/ns/net", held.pid()));
        eventually("a namespace is there", || (std::fs::read_link(&theirs).ok()? != own).then_some(()));
        held
    }

    fn pid(&self) -> u32 {
        self.holder.id()
    }

    fn command(&self) -> Command {
        let mut command = self.nsw.command("nsenter");
        command.args(["-t", &self.pid().to_string(), "-n"]);
        command
    }

    #[track_caller]
    fn ip(&self, script: &str) {
        Ran::of(self.command().args(["sh", "-ec", script])).expect(0);
    }

    #[track_caller]
    fn check_reaches(&self, address: &str) {
        let ping = ["vm-ping", address, "--count", "1", "--fresh", "--timeout-ms", "10000"];
        Ran::of(self.command().arg(self.nsw.program()).args(ping)).expect(0);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// A namespace with a host in it, which may end while the namespace stays.
struct Machine<'a> {
    namespace: Held<'a>,
    config: PathBuf,
    socket: PathBuf,
    host: Option<Child>,
}

impl<'a> Machine<'a> {
    fn new(nsw: &'a Nsw) -> Self {
        let config = nsw.write("alone.json", HOST);
        let socket = nsw.runtime().join("alone.sock");
        let mut machine = Self { namespace: Held::new(nsw), config, socket, host: None };
        machine.restart_host();
        machine
    }

    fn restart_host(&mut self) {
        self.kill_host();
        self.run_host(&["--engine", "user"]);
    }

    fn run_host(&mut self, options: &[&str]) {
        let mut command = self.namespace.command();
        command.arg(self.namespace.nsw.program()).args(["host", "run"]).args(options);
        command.arg("--config").arg(&self.config);
        command.arg("--socket").arg(&self.socket).stdout(Stdio::null()).stderr(Stdio::null());
        self.host = Some(command.spawn().unwrap());
        eventually("the host answers", || std::os::unix::net::UnixStream::connect(&self.socket).ok());
    }

    fn kill_host(&mut self) {
        if let Some(mut host) = self.host.take() {
            let _ = host.kill();
            let _ = host.wait();
        }
    }

    #[track_caller]
    fn ip(&self, script: &str) {
        self.namespace.ip(script);
    }

    fn try_port(&self, args: &[&str]) -> Ran {
        let socket = ["--socket", self.socket.to_str().unwrap()];
        self.namespace.nsw.run(["host", "port"].iter().chain(args).chain(&socket))
    }

    #[track_caller]
    fn port(&self, args: &[&str]) -> Ran {
        self.try_port(args).expect(0)
    }
}

impl Drop for Machine<'_> {
    fn drop(&mut self) {
        self.kill_host();
    }
}
