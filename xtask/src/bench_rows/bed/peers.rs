//! The others: what people switch guests with today, each set up as its users would.

use std::any::Any;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use aya::programs::{LinkOrder, SchedClassifier, TcAttachType, tc::TcAttachOptions};
use aya::{Ebpf, EbpfLoader};
use nsw_dataplane::link::{self, Link, LinkError, VethEnd};
use nsw_dataplane::netns::Namespace;

use super::{Guest, sh};

/// Joins two devices and does nothing else; `cargo xtask bpf` makes it.
static BARE: &[u8] = aya::include_bytes_aligned!("../bare.bpf.o");

pub(super) fn bridge(switch: &Namespace, guests: &[Guest]) -> io::Result<()> {
    enslave(switch, &veths(switch, guests)?)
}

/// A veth pair into each guest. Returns the names of the ends that are here.
pub(in crate::bench_rows) fn veths(switch: &Namespace, guests: &[Guest]) -> io::Result<Vec<String>> {
    let pairs = guests.iter().enumerate().map(|(number, guest)| veth(switch, number, guest));
    pairs.collect::<Result<_, _>>().map_err(io::Error::other)
}

/// Makes devices the ports of a bridge.
pub(in crate::bench_rows) fn enslave(switch: &Namespace, ports: &[String]) -> io::Result<()> {
    let build = || {
        link::create_bridge(switch, "br0")?;
        link::set_up(switch, "br0", true)?;
        for port in ports {
            link::disable_ipv6(switch, port)?;
            link::enslave(switch, port, "br0")?;
            link::set_up(switch, port, true)?;
        }
        Ok::<(), LinkError>(())
    };
    build().map_err(io::Error::other)
}

/// A veth pair into the guest. Returns the name of the end that is here.
fn veth(switch: &Namespace, number: usize, guest: &Guest) -> Result<String, LinkError> {
    let port = format!("p{number}");
    let near = VethEnd { namespace: switch, name: &port, mac: None };
    link::create_veth(near, VethEnd { namespace: &guest.namespace, name: "eth0", mac: Some(guest.mac) })?;
    Ok(port)
}

/// What one would pick to imitate forged transmits at Reject.
pub(super) fn filtering_bridge(switch: &Namespace, guests: &[Guest]) -> io::Result<()> {
    bridge(switch, guests)?;
    let pairs: Vec<String> =
        guests.iter().enumerate().map(|(number, guest)| format!("\"p{number}\" . {}", guest.mac)).collect();
    let elements = pairs.join(", ");
    let rules = format!(
        "table bridge filter {{\n\
         set ours {{ type ifname . ether_addr; elements = {{ {elements} }}; }}\n\
         chain in {{ type filter hook prerouting priority 0; iifname . ether saddr != @ours drop; }}\n\
         }}"
    );
    sh(switch, &format!("nft -f - <<'END'\n{rules}\nEND"))
}

pub(super) fn macvlan(switch: &Namespace, guests: &[Guest]) -> io::Result<()> {
    sh(switch, "ip link add base type veth peer name end; ip link set base up; ip link set end up")?;
    for (number, guest) in guests.iter().enumerate() {
        let name = format!("m{number}");
        let make = "ip link add link base name";
        sh(switch, &format!("{make} {name} address {} type macvlan mode bridge", guest.mac))?;
        link::move_to(switch, &name, &guest.namespace, "eth0").map_err(io::Error::other)?;
    }
    Ok(())
}

/// Two guests and a program between them that decides nothing. It ends with what is returned.
pub(super) fn redirect(switch: &Namespace, guests: &[Guest]) -> io::Result<Box<dyn Any>> {
    let mut held: Vec<Ebpf> = Vec::new();
    for (number, guest) in guests.iter().take(2).enumerate() {
        let port = veth(switch, number, guest).map_err(io::Error::other)?;
        let index = Link::get(switch, &port).map_err(io::Error::other)?.index;
        if index as usize % 2 != number {
            return Err(io::Error::other(format!(
                "{port} has the number {index}; the program joins 2 and 3"
            )));
        }
        link::disable_ipv6(switch, &port).map_err(io::Error::other)?;
        held.push(attach_bare(switch, &port)?);
        link::set_up(switch, &port, true).map_err(io::Error::other)?;
    }
    Ok(Box::new(held))
}

fn attach_bare(switch: &Namespace, port: &str) -> io::Result<Ebpf> {
    let mut object = EbpfLoader::new().load(BARE).map_err(io::Error::other)?;
    let program = object.program_mut("bare").ok_or_else(|| io::Error::other("no program `bare`"))?;
    let program: &mut SchedClassifier = program.try_into().map_err(io::Error::other)?;
    program.load().map_err(io::Error::other)?;
    let options = TcAttachOptions::TcxOrder(LinkOrder::default());
    switch
        .run(|| program.attach_with_options(port, TcAttachType::Ingress, options))?
        .map_err(io::Error::other)?;
    Ok(object)
}

/// A process that ends with this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// How long a program may take until it has made its devices.
const DEVICES_WITHIN: Duration = Duration::from_secs(10);

/// Gives each guest the TAP device that a program has made for it.
fn hand_out_taps(switch: &Namespace, guests: &[Guest]) -> io::Result<()> {
    let deadline = Instant::now() + DEVICES_WITHIN;
    for (number, guest) in guests.iter().enumerate() {
        let tap = tap(number);
        while Link::find(switch, &tap).map_err(io::Error::other)?.is_none() {
            if Instant::now() > deadline {
                return Err(io::Error::other(format!("{tap} was not made")));
            }
            thread::park_timeout(Duration::from_millis(20));
        }
        link::set_mac(switch, &tap, guest.mac).map_err(io::Error::other)?;
        link::move_to(switch, &tap, &guest.namespace, "eth0").map_err(io::Error::other)?;
    }
    Ok(())
}

fn tap(number: usize) -> String {
    format!("t{number}")
}

/// VDE's switch, which learns.
pub(super) fn vde(switch: &Namespace, guests: &[Guest]) -> io::Result<Box<dyn Any>> {
    let folder = Folder::new("vde")?;
    let mut command = Command::new("vde_switch");
    command.arg("--sock").arg(folder.0.join("ctl")).args(["--numports", &(guests.len() + 1).to_string()]);
    for number in 0..guests.len() {
        command.args(["--tap", &tap(number)]);
    }
    // Without its standard input it ends.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let running = switch.run(|| command.spawn())?.map(Running)?;
    hand_out_taps(switch, guests)?;
    Ok(Box::new((running, folder)))
}

/// Open vSwitch with its datapath in user space, as Debian ships it, with a database of its own.
pub(super) fn ovs(switch: &Namespace, guests: &[Guest]) -> io::Result<Box<dyn Any>> {
    let folder = Folder::new("ovs")?;
    let at = |name: &str| folder.0.join(name).display().to_string();
    let (database, socket) = (at("conf.db"), at("db.sock"));
    sh(switch, &format!("ovsdb-tool create {database} /usr/share/openvswitch/vswitch.ovsschema"))?;
    let start = |program: &str, args: &[String]| {
        let mut command = Command::new(program);
        command.args(args).args(["--no-chdir", "-vconsole:off", "-vfile:off", "-vsyslog:off"]);
        command.env("OVS_RUNDIR", &folder.0).env("OVS_LOGDIR", &folder.0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        switch.run(|| command.spawn())?.map(Running)
    };
    let keeper = start(
        "ovsdb-server",
        &[database, format!("--remote=punix:{socket}"), format!("--unixctl={}", at("db.ctl"))],
    )?;
    let vsctl = format!("ovs-vsctl --db=unix:{socket} --timeout=20");
    sh(
        switch,
        &format!(
            "for i in $(seq 100); do [ -S {socket} ] && break; sleep 0.05; done; {vsctl} --no-wait init"
        ),
    )?;
    let daemon =
        start("ovs-vswitchd", &[format!("unix:{socket}"), format!("--unixctl={}", at("vswitchd.ctl"))])?;
    let mut add = format!("{vsctl} add-br br0 -- set bridge br0 datapath_type=netdev");
    for number in 0..guests.len() {
        let tap = tap(number);
        add += &format!(" -- add-port br0 {tap} -- set interface {tap} type=tap");
    }
    sh(switch, &add)?;
    hand_out_taps(switch, guests)?;
    Ok(Box::new((daemon, keeper, folder)))
}

/// A folder for what a program needs. It goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> io::Result<Self> {
        let folder = std::env::temp_dir().join(format!("nsw-bench-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
