//! A lab, wired: a [`Switch`] for every vSwitch on every level, a learning bridge for every segment, and what each port
//! leads to. It changes by the events in `change.rs`, and remembers what its bridges have learned.
//!
//! Port numbers agree with those of a live host: uplinks connect first, in the order of the vSwitch, then VMkernel
//! adapters, then the VMs' adapters in the order of the lab.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use nsw_core::{Beacon, ModelError, PortId, State, Switch, Tables, TeamMonitor};

use super::bridge::{Bridge, BridgeId, Learned};
use super::endpoint::{Endpoint, EndpointId};
use super::journey::Journey;
use super::scope::Scope;
use super::wiring;
use crate::topology::Lab;

/// A lab that cannot be built, or an event that names what is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// A vSwitch contradicts itself, or what is connected to it.
    #[error("host `{host}`: {source}")]
    Model {
        /// The host.
        host: String,
        /// What is wrong.
        source: ModelError,
    },
    /// More vSwitches than port numbers can tell apart.
    #[error("host `{host}` has more than 127 vSwitches")]
    TooManyVSwitches {
        /// The host.
        host: String,
    },
    /// An uplink without a physical adapter.
    #[error("host `{host}` has no physical adapter `{pnic}`, which is an uplink of vSwitch `{vswitch}`")]
    NoSuchPnic {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
        /// The adapter.
        pnic: String,
    },
    /// No such segment.
    #[error(
        "physical adapter `{pnic}` of host `{host}` is cabled to segment `{segment}`, which does not exist"
    )]
    NoSuchSegment {
        /// The host.
        host: String,
        /// The adapter.
        pnic: String,
        /// The segment.
        segment: String,
    },
    /// No such port group.
    #[error("host `{host}` has no port group `{port_group}`")]
    NoSuchPortGroup {
        /// The host.
        host: String,
        /// The port group.
        port_group: String,
    },
    /// No such vSwitch.
    #[error("host `{host}` has no vSwitch `{vswitch}`")]
    NoSuchVSwitch {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
    },
    /// No such port.
    #[error("host `{host}` has no port `{port}`; it has {}", known.join(", "))]
    NoSuchPort {
        /// The host.
        host: String,
        /// The port.
        port: String,
        /// The ports that are there.
        known: Vec<String>,
    },
    /// No such host.
    #[error("there is no host `{host}`; there are {}", known.join(", "))]
    NoSuchHost {
        /// The host.
        host: String,
        /// The hosts that are there and have a vSwitch.
        known: Vec<String>,
    },
    /// No such VM, or one whose adapters are not its own.
    #[error("there is no VM `{vm}` with an ordinary guest")]
    NoSuchGuest {
        /// The VM.
        vm: String,
    },
}

/// The place of a vSwitch in its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SwitchId(pub(super) usize);

impl SwitchId {
    /// The place as an index.
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

/// What is on the other end of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Far {
    Endpoint(EndpointId),
    Switch(SwitchId, PortId),
    Bridge(BridgeId, usize),
    Nowhere,
}

/// A vSwitch on its host.
#[derive(Clone, Debug)]
pub(super) struct HostSwitch {
    pub(super) host: String,
    pub(super) switch: Switch,
    pub(super) tables: Arc<Tables>,
    pub(super) monitor: TeamMonitor,
    /// By slot.
    pub(super) far: Vec<Far>,
}

/// What the devices remember from frame to frame, and what time it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// Of each bridge.
    pub(super) learned: Vec<Learned>,
    /// Of each vSwitch that a frame came to.
    pub(super) states: HashMap<SwitchId, State>,
    /// Of all vSwitches that remember nothing; a state of its own for each would be most of the work.
    pub(super) nothing: State,
    /// Beacons that came to their end, and are not told to their switch yet.
    pub(super) heard: Vec<(SwitchId, PortId, Beacon)>,
    /// Simulated time. Nothing but [`World::advance`] moves it.
    pub(super) now_ns: u64,
    /// What was remembered before: a state is taken from there when a frame comes to its vSwitch, and bridges learn nothing
    /// more.
    pub(super) before: Option<Arc<Self>>,
    /// How far copies are followed; `None`: as far as they go.
    pub(super) scope: Option<Arc<Scope>>,
}

/// A lab that frames can be sent through. A clone shares with the original what neither changes, so that trying a change
/// costs as much as the change.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) switches: Vec<Arc<HostSwitch>>,
    pub(super) bridges: Vec<Bridge>,
    pub(super) endpoints: Vec<Arc<Endpoint>>,
    pub(super) memory: Memory,
    /// How large the packets of a ping are, at least.
    pub(super) packet_len: usize,
    /// Ports whose cable carries nothing although they have a link.
    pub(super) broken: BTreeSet<(SwitchId, PortId)>,
    /// Of the frames that switches sent by themselves.
    pub(super) sent: VecDeque<Journey>,
}

impl World {
    /// Connects and wires everything in the lab.
    ///
    /// # Errors
    /// [`SimError`] if the lab names what it does not have. A checked lab never does.
    pub fn new(lab: &Lab) -> Result<Self, SimError> {
        wiring::wire(lab)
    }

    /// The end points, in the order of the lab: stations, then each host's, outermost first.
    pub fn endpoint_ids(&self) -> impl Iterator<Item = EndpointId> + use<> {
        (0..self.endpoints.len()).map(EndpointId)
    }

    /// An end point.
    pub fn endpoint(&self, id: EndpointId) -> &Endpoint {
        &self.endpoints[id.0]
    }

    /// The port that an end point is connected to; `None` for a station.
    pub fn port_of(&self, id: EndpointId) -> Option<(SwitchId, PortId)> {
        match self.endpoint(id).attached {
            Far::Switch(switch, port) => Some((switch, port)),
            Far::Endpoint(_) | Far::Bridge(..) | Far::Nowhere => None,
        }
    }

    /// Is its adapter connected to anything? That of a guest that bridges its adapters belongs to its bridge.
    pub(super) fn is_connected(&self, id: EndpointId) -> bool {
        self.endpoint(id).attached != Far::Nowhere
    }

    /// The vSwitches, outermost host first.
    pub fn switch_ids(&self) -> impl Iterator<Item = SwitchId> + use<> {
        (0..self.switches.len()).map(SwitchId)
    }

    /// The host of a vSwitch, and the vSwitch with what is connected to it.
    pub fn switch(&self, id: SwitchId) -> (&str, &Switch) {
        let HostSwitch { host, switch, .. } = &*self.switches[id.0];
        (host, switch)
    }

    /// The tables of a vSwitch as it is now.
    pub fn tables(&self, id: SwitchId) -> &Tables {
        &self.switches[id.0].tables
    }

    /// The vSwitch of this name on this host.
    ///
    /// # Errors
    /// [`SimError::NoSuchHost`], [`SimError::NoSuchVSwitch`].
    pub fn switch_named(&self, host: &str, vswitch: &str) -> Result<SwitchId, SimError> {
        let mut of_host = self.switches_of(host)?.into_iter();
        let found = of_host.find(|id| self.switches[id.0].switch.config().name == vswitch);
        found.ok_or_else(|| SimError::NoSuchVSwitch { host: host.to_owned(), vswitch: vswitch.to_owned() })
    }

    /// The port of this name on this host, on whichever of its vSwitches: `vmnic0`, `vmk0`, `web01.eth0`.
    ///
    /// # Errors
    /// [`SimError::NoSuchHost`], [`SimError::NoSuchPort`].
    pub fn port_named(&self, host: &str, port: &str) -> Result<(SwitchId, PortId), SimError> {
        let of_host = self.switches_of(host)?;
        let mut ports =
            of_host.iter().flat_map(|id| self.switches[id.0].switch.ports().map(move |port| (*id, port)));
        let found = ports.find(|(_, found)| found.adapter.name == port).map(|(id, found)| (id, found.id));
        found.ok_or_else(|| {
            let names = of_host.iter().flat_map(|id| self.switches[id.0].switch.ports());
            let known = names.map(|port| port.adapter.name.clone()).collect();
            SimError::NoSuchPort { host: host.to_owned(), port: port.to_owned(), known }
        })
    }

    pub(super) fn cold(&self) -> Memory {
        Memory { learned: vec![Learned::default(); self.bridges.len()], ..Memory::default() }
    }

    /// Makes the tables of a vSwitch that has changed.
    pub(super) fn recompile(&mut self, id: SwitchId) {
        let entry = Arc::make_mut(&mut self.switches[id.0]);
        entry.tables = Arc::new(entry.monitor.compile(&mut entry.switch, self.memory.now_ns));
        if let Some(state) = self.memory.states.get_mut(&id) {
            state.prepare(&entry.tables);
        }
    }

    pub(super) fn far(&self, switch: SwitchId, port: PortId) -> Far {
        self.switches[switch.0].far.get(port.slot()).copied().unwrap_or(Far::Nowhere)
    }

    /// Where a frame ends up that leaves by a port of a vSwitch.
    pub(super) fn far_end(&self, switch: SwitchId, port: PortId) -> Far {
        if self.broken.contains(&(switch, port)) {
            Far::Nowhere
        } else {
            self.through(self.far(switch, port))
        }
    }

    /// The end of a cable, unless that is a port to which nothing comes through.
    pub(super) fn through(&self, end: Far) -> Far {
        match end {
            Far::Switch(switch, port) if self.broken.contains(&(switch, port)) => Far::Nowhere,
            end => end,
        }
    }

    fn switches_of(&self, host: &str) -> Result<Vec<SwitchId>, SimError> {
        let of_host: Vec<SwitchId> =
            self.switch_ids().filter(|id| self.switches[id.0].host == host).collect();
        if of_host.is_empty() { Err(self.no_such_host(host)) } else { Ok(of_host) }
    }

    fn no_such_host(&self, host: &str) -> SimError {
        let mut known: Vec<String> = self.switches.iter().map(|switch| switch.host.clone()).collect();
        known.dedup();
        SimError::NoSuchHost { host: host.to_owned(), known }
    }
}

impl Memory {
    /// What a vSwitch remembers; nothing if no frame came to it yet.
    pub(super) fn state(&mut self, id: SwitchId, tables: &Tables) -> (&mut State, u64) {
        if !tables.keeps_state() {
            return (&mut self.nothing, self.now_ns);
        }
        let before = self.before.as_ref().and_then(|before| before.states.get(&id));
        let fresh = || {
            let mut state = before.cloned().unwrap_or_default();
            state.prepare(tables);
            state
        };
        (self.states.entry(id).or_insert_with(fresh), self.now_ns)
    }
}

pub(super) fn model_error(host: &str, source: ModelError) -> SimError {
    SimError::Model { host: host.to_owned(), source }
}

pub(super) fn no_port_group(host: &str, port_group: &str) -> SimError {
    SimError::NoSuchPortGroup { host: host.to_owned(), port_group: port_group.to_owned() }
}
