//! What is measured: guests that are namespaces, and something between them that switches.
//!
//! Every contender has the same guests with the same addresses. Ours have every policy at Reject and count everything, as
//! they always do.

pub(super) mod peers;

use std::any::Any;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::Arc;

use nsw_core::{
    Action, Adapter, AllowedMac, Beyond, GuestRequest, Learning, Mac, MacLearning, PortGroup, Security,
    Shaping, Switch, VSwitch, VlanMode,
};
use nsw_dataplane::engine::kernel::KernelEngine;
use nsw_dataplane::engine::user::UserEngine;
use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::{Port, create_veth_adapter};

use crate::shell::checked;

/// Who is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Contender {
    Bridge,
    BridgeNft,
    Macvlan,
    Redirect,
    Vde,
    Ovs,
    User,
    Kernel,
}

impl Contender {
    /// As it is chosen on the command line.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::BridgeNft => "nft",
            Self::Macvlan => "macvlan",
            Self::Redirect => "redirect",
            Self::Vde => "vde",
            Self::Ovs => "ovs",
            Self::User => "user",
            Self::Kernel => "kernel",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bridge => "Linux bridge, veth",
            Self::BridgeNft => "Linux bridge, nft source filter",
            Self::Macvlan => "macvlan, bridge mode",
            Self::Redirect => "a bare redirect_peer program",
            Self::Vde => "vde_switch, TAP",
            Self::Ovs => "Open vSwitch in user space, TAP",
            Self::User => "nestswitch, user engine",
            Self::Kernel => "nestswitch, kernel engine",
        }
    }
}

/// What stands beside the first two guests.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Setup {
    /// All guests.
    pub(super) guests: usize,
    /// How many of them, the last ones, stand in a promiscuous port group and ask for everything.
    pub(super) promiscuous: usize,
    pub(super) spare: Spare,
    /// Addresses that are registered beside those of the guests, by allow-lists of ports without a device.
    pub(super) addresses: usize,
    pub(super) policies: Policies,
}

/// What is decided about every frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Policies {
    /// Every security setting at Reject.
    #[default]
    Reject,
    /// Every security setting at Accept.
    Accept,
    /// Reject, and a shaper that never has to drop, MAC learning and the forged source guard as well.
    Everything,
}

/// What keeps promiscuous copies away from those who do not need them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Spare {
    #[default]
    Nothing,
    LearningFilter,
    MacLearning,
}

pub(super) struct Guest {
    pub(super) namespace: Namespace,
    pub(super) mac: Mac,
    pub(super) address: Ipv4Addr,
}

/// A contender with its guests. It is gone with this value.
pub(super) struct Bed {
    pub(super) guests: Vec<Guest>,
    _switch: Namespace,
    /// What else ends with the contender: programs, processes.
    _held: Option<Box<dyn Any>>,
    _ours: Option<Ours>,
}

/// Our switch, to change something about it.
pub(super) struct Ours {
    pub(super) switch: Switch,
    engine: Engine,
}

enum Engine {
    User(UserEngine),
    Kernel(Box<KernelEngine>),
}

/// The devices of the guests, for an engine to attach.
pub(super) enum Devices {
    /// For the user engine.
    Ports(Vec<Port>),
    /// For the kernel's.
    Veths(Vec<String>),
}

impl Ours {
    /// A switch with a port on each device, every table in force.
    pub(super) fn start(
        hardware: &Namespace,
        guests: &[Guest],
        setup: Setup,
        devices: Devices,
    ) -> io::Result<Self> {
        let mut switch = Switch::new(config(setup), 1).map_err(io::Error::other)?;
        for number in 0..lists(setup.addresses) {
            let mac = address(OWNERS, number);
            let adapter = Adapter::vnic(format!("many{number}"), format!("Many {number}"), mac);
            switch.connect(adapter).map_err(io::Error::other)?;
        }
        let mut ids = Vec::new();
        for (number, guest) in guests.iter().enumerate() {
            let promiscuous = number + setup.promiscuous >= guests.len();
            let group = if promiscuous { "Nested" } else { "VM Network" };
            let adapter = Adapter::vnic(format!("vm{number}"), group, guest.mac);
            let id = switch.connect(adapter).map_err(io::Error::other)?;
            if promiscuous {
                switch
                    .set_guest_request(id, GuestRequest::promiscuous(guest.mac))
                    .map_err(io::Error::other)?;
            }
            ids.push(id);
        }
        let engine = match devices {
            Devices::Ports(ports) => {
                let engine = UserEngine::start("bench", |_| {})?;
                ids.into_iter().zip(ports).try_for_each(|(id, port)| engine.attach(id, port))?;
                Engine::User(engine)
            }
            Devices::Veths(names) => {
                let engine = KernelEngine::start("bench", hardware, |_| {})?;
                let ports: Vec<_> = ids.into_iter().zip(names.iter().map(String::as_str)).collect();
                if let Some((_, error)) = engine.attach_all(&ports).pop() {
                    return Err(error.into());
                }
                Engine::Kernel(Box::new(engine))
            }
        };
        let ours = Self { switch, engine };
        ours.install()?;
        Ok(ours)
    }

    /// Puts the switch as it is in force.
    pub(super) fn install(&self) -> io::Result<()> {
        let tables = Arc::new(self.switch.compile());
        match &self.engine {
            Engine::User(engine) => engine.install(tables),
            Engine::Kernel(engine) => Ok(engine.install(tables)?),
        }
    }
}

impl Bed {
    pub(super) fn new(contender: Contender, setup: Setup) -> io::Result<Self> {
        let switch = Namespace::create()?;
        let guests: Vec<Guest> = (0..setup.guests).map(Guest::new).collect::<Result<_, _>>()?;
        let (mut ours, mut held) = (None, None);
        match contender {
            Contender::Bridge => peers::bridge(&switch, &guests)?,
            Contender::BridgeNft => peers::filtering_bridge(&switch, &guests)?,
            Contender::Macvlan => peers::macvlan(&switch, &guests)?,
            Contender::Redirect => held = Some(peers::redirect(&switch, &guests)?),
            Contender::Vde => held = Some(peers::vde(&switch, &guests)?),
            Contender::Ovs => held = Some(peers::ovs(&switch, &guests)?),
            Contender::User | Contender::Kernel => {
                let devices = devices(contender, &switch, &guests)?;
                ours = Some(Ours::start(&switch, &guests, setup, devices)?);
            }
        }
        let bed = Self { guests, _switch: switch, _held: held, _ours: ours };
        bed.guests.iter().try_for_each(Guest::configure)?;
        Ok(bed)
    }
}

impl Guest {
    pub(super) fn new(number: usize) -> io::Result<Self> {
        let [.., high, low] = (number + 1).to_be_bytes();
        let (mac, address) = (Mac::new([0x00, 0x50, 0x56, 0, high, low]), Ipv4Addr::new(10, 0, high, low));
        Ok(Self { namespace: Namespace::create()?, mac, address })
    }

    pub(super) fn configure(&self) -> io::Result<()> {
        link::disable_ipv6(&self.namespace, "eth0").map_err(io::Error::other)?;
        link::add_address(&self.namespace, "eth0", IpAddr::V4(self.address), 16).map_err(io::Error::other)?;
        link::set_up(&self.namespace, "eth0", true).map_err(io::Error::other)
    }

    /// Runs a command of the system in the guest.
    pub(super) fn sh(&self, script: &str) -> io::Result<()> {
        sh(&self.namespace, script)
    }
}

fn sh(namespace: &Namespace, script: &str) -> io::Result<()> {
    namespace.run(|| checked(Command::new("sh").args(["-ec", script])))?
}

/// Makes the devices of one of ours.
pub(super) fn devices(contender: Contender, switch: &Namespace, guests: &[Guest]) -> io::Result<Devices> {
    if contender == Contender::Kernel {
        let pair = |guest: &Guest| create_veth_adapter(&guest.namespace, "eth0", guest.mac, switch);
        let pairs = guests.iter().map(|guest| pair(guest).map_err(io::Error::other));
        return pairs.collect::<io::Result<_>>().map(Devices::Veths);
    }
    let port = |guest: &Guest| Port::adapter(&guest.namespace, "eth0", guest.mac, switch);
    let ports = guests.iter().map(|guest| port(guest).map_err(io::Error::other));
    ports.collect::<io::Result<_>>().map(Devices::Ports)
}

/// The first octets of addresses that no guest has: of ports without a device, and of their allow-lists.
const OWNERS: u8 = 0x02;
const ALLOWED: u8 = 0x06;

/// More than any sender here reaches.
const AMPLE: Shaping =
    Shaping { average_bps: 100_000_000_000, peak_bps: 100_000_000_000, burst_bytes: 100_000_000 };

fn address(first: u8, number: usize) -> Mac {
    let [.., high, middle, low] = number.to_be_bytes();
    Mac::new([first, 0, 0, high, middle, low])
}

/// How many allow-lists it takes to register so many addresses.
fn lists(addresses: usize) -> usize {
    addresses.div_ceil(Beyond::MAX_ALLOWED_MACS)
}

fn config(setup: Setup) -> VSwitch {
    let (accept, reject) = (Some(Action::Accept), Some(Action::Reject));
    let all = |action| Security { promiscuous: action, mac_changes: action, forged_transmits: action };
    let learning = Some(MacLearning::On(Learning::default()));
    let beyond = match setup.spare {
        Spare::Nothing => Beyond::default(),
        Spare::LearningFilter => Beyond { learning_filter: Some(true), ..Beyond::default() },
        Spare::MacLearning => Beyond { mac_learning: learning, ..Beyond::default() },
    };
    // MAC learning takes the place of promiscuous mode.
    let nested = if setup.spare == Spare::MacLearning { reject } else { accept };
    let nested = PortGroup { security: all(nested), beyond, ..PortGroup::named("Nested", VlanMode::Est) };
    let many = (0..lists(setup.addresses)).map(|list| {
        let first = list * Beyond::MAX_ALLOWED_MACS;
        let numbers = first..setup.addresses.min(first + Beyond::MAX_ALLOWED_MACS);
        let allowed = numbers.map(|number| AllowedMac::Exact(address(ALLOWED, number))).collect();
        let beyond = Beyond { allowed_macs: Some(allowed), ..Beyond::default() };
        PortGroup { beyond, ..PortGroup::named(format!("Many {list}"), VlanMode::Est) }
    });
    let mut port_groups = vec![PortGroup::named("VM Network", VlanMode::Est), nested];
    port_groups.extend(many);
    let plain = VSwitch { security: all(reject), port_groups, ..VSwitch::named("bench") };
    match setup.policies {
        Policies::Reject => plain,
        Policies::Accept => VSwitch { security: all(accept), ..plain },
        Policies::Everything => {
            let beyond =
                Beyond { mac_learning: learning, forged_source_guard: Some(true), ..Beyond::default() };
            VSwitch { beyond, shaping: Some(AMPLE), ..plain }
        }
    }
}
