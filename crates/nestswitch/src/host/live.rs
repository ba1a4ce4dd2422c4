//! A host as it runs: switches with their engines, VMs with their adapters, and what their guests ask for.
//!
//! Everything that happens to a host is one of three: a new configuration ([`LiveHost::apply`]), something a guest did
//! to its adapter ([`LiveHost::take_note`]), or the end of a VM ([`LiveHost::reap`]). Each changes the switch and then
//! publishes new tables to the engine.
//!
//! **Invariant:** a configuration is checked as a whole and on disk before the first change to the live host.

mod engine;
mod nics;
mod outside;
mod report;
mod rx_filter;
mod vswitch;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::time::Instant;

use nsw_core::{Adapter, GuestRequest, Mac, PortId};
use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::observe::{Observation, Observer};
use nsw_dataplane::port::Port;
use tokio::sync::mpsc::UnboundedSender;

pub(crate) use self::engine::EngineChoice;
use self::engine::Wanted;
use self::outside::Outside;
use self::vswitch::LiveSwitch;
use super::api::{ApplyError, Control};
use super::changes::{changes, starts_again};
use super::document::{AdapterDocument, HostDocument, PortDocument, VSwitchDocument, VmDocument};
use super::status::{Changes, DropPage, HostStatus, NicStatus};
use super::store;
use crate::engine::EngineName;
use crate::guest::{self, Guest, GuestError};
use crate::tagging::{Tagger, TaggingError};

/// Why the system did not do what the configuration asks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LiveError {
    #[error("{what}: {source}")]
    Io { what: String, source: std::io::Error },
    #[error("{what}: {source}")]
    Link { what: String, source: link::LinkError },
    #[error("VM `{vm}`: {source}")]
    Guest { vm: String, source: GuestError },
    #[error(transparent)]
    Model(#[from] nsw_core::ModelError),
    #[error(transparent)]
    Document(#[from] super::document::DocumentError),
    #[error("vSwitch `{vswitch}`: {source}")]
    Engine { vswitch: String, source: std::io::Error },
    #[error("adapter `{adapter}`: {source}")]
    Tagging { adapter: String, source: TaggingError },
    #[error("adapter `{adapter}`: {source}")]
    Port { adapter: String, source: nsw_dataplane::port::PortError },
    #[error("port `{port}`: there is a device `{port}`, and it is no TAP device")]
    NoTap { port: String },
}

/// Something that happened to a host from below.
#[derive(Clone, Debug)]
pub(crate) enum HostEvent {
    /// A guest did something to its adapter.
    Observed(Observation),
    /// The configuration was changed: what waited for time to pass may be due earlier.
    Changed,
    /// The device behind a port was taken away.
    PortGone { vswitch: String, port: PortId },
    /// A guest in QEMU did something to its adapter.
    RxFilter { port: String, request: GuestRequest },
    /// Somebody asked the host to stop.
    Stop,
}

/// Where threads that serve a host report what happens.
#[derive(Clone, Debug)]
pub(crate) struct Events(UnboundedSender<HostEvent>);

impl Events {
    /// The reporting end of a channel.
    pub(crate) fn new(sender: UnboundedSender<HostEvent>) -> Self {
        Self(sender)
    }

    /// Reports. A host that has stopped listens to nobody, and that is nobody's fault.
    pub(crate) fn tell(&self, event: HostEvent) {
        let _ = self.0.send(event);
    }
}

/// A running host.
pub(crate) struct LiveHost {
    document: HostDocument,
    config: PathBuf,
    hardware: Namespace,
    engine: EngineChoice,
    vmkernel: Guest,
    switches: Vec<LiveSwitch>,
    vms: BTreeMap<String, LiveVm>,
    /// Ports for guests that this host did not start, by name.
    outside: BTreeMap<String, Outside>,
    observer: Observer,
    events: Events,
    watched: HashMap<u64, Watched>,
    next_token: u64,
    /// What tags for guests that tag, by port name.
    taggers: BTreeMap<String, Tagger>,
}

/// A running VM, or one that ended and was not started again.
struct LiveVm {
    document: VmDocument,
    guest: Guest,
}

/// The port whose guest an observation is about.
#[derive(Clone, Debug)]
struct Watched {
    vswitch: String,
    port: PortId,
    /// The device is the guest's own, so what is asked of it is what the guest asks.
    is_guests: bool,
}

impl LiveHost {
    /// A host without switches and VMs, whose physical adapters are in the namespace of this process.
    pub(crate) fn start(
        name: &str,
        config: PathBuf,
        events: Events,
        engine: EngineName,
        pins: Option<PathBuf>,
    ) -> Result<Self, LiveError> {
        let io = |what: &str| {
            let what = what.to_owned();
            move |source| LiveError::Io { what, source }
        };
        let hardware = Namespace::current().map_err(io("the host's network namespace"))?;
        let engine = EngineChoice::settle(engine, pins, &hardware);
        let vmkernel = Guest::start("vmkernel", &[])
            .map_err(|source| LiveError::Guest { vm: "vmkernel".to_owned(), source })?;
        let observed = events.clone();
        let observer = Observer::start(move |observation| observed.tell(HostEvent::Observed(observation)))
            .map_err(io("the observer of guests"))?;
        let document = HostDocument {
            name: name.to_owned(),
            pnics: Vec::new(),
            vswitches: Vec::new(),
            vmkernel: Vec::new(),
            vms: Vec::new(),
            ports: Vec::new(),
        };
        Ok(Self {
            document,
            config,
            hardware,
            engine,
            vmkernel,
            switches: Vec::new(),
            vms: BTreeMap::new(),
            outside: BTreeMap::new(),
            observer,
            events,
            watched: HashMap::new(),
            next_token: 0,
            taggers: BTreeMap::new(),
        })
    }

    /// May the user engine take over, since nobody insists on the kernel's?
    pub(crate) fn yields_to_user(&self) -> bool {
        self.engine.yields
    }

    /// Why its engine is not the kernel's although that would have done.
    pub(crate) fn excuse_engine(&mut self, reason: String) {
        self.engine.reason = Some(reason);
    }

    /// Its name and its engine, for whoever started it.
    pub(crate) fn introduction(&self) -> String {
        let reason = self.engine.reason.as_ref().map(|reason| format!(", because {reason}"));
        format!("host {}: engine {}{}", self.document.name, self.engine.name(), reason.unwrap_or_default())
    }

    /// Takes note of something that happened below.
    pub(crate) fn take_note(&mut self, event: &HostEvent) {
        match event {
            HostEvent::Observed(observation) => self.observe(observation),
            HostEvent::Changed => {}
            HostEvent::RxFilter { port, request } => self.take_request(port, request),
            HostEvent::Stop => {}
            HostEvent::PortGone { vswitch, port } => {
                let live = self.switches.iter().find(|live| live.name() == *vswitch);
                let name =
                    live.and_then(|live| live.switch.port(*port)).map(|port| port.adapter.name.clone());
                if let Some(name) = name {
                    tracing::warn!("{}: the device of port {name} is gone", self.document.name);
                    self.unplug(&name);
                }
            }
        }
    }

    /// When [`LiveHost::tick`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.switches.iter().filter_map(LiveSwitch::deadline).min()
    }

    /// Does what time has made due.
    pub(crate) fn tick(&mut self) {
        let now = Instant::now();
        for live in &mut self.switches {
            if live.deadline().is_some_and(|deadline| deadline <= now)
                && let Err(error) = live.tick()
            {
                tracing::warn!("{}: {error}", live.name());
            }
        }
    }

    fn observe(&mut self, observation: &Observation) {
        let Some(watched) = self.watched.get(&observation.token).cloned() else { return };
        let Some(live) = self.switches.iter_mut().find(|live| live.name() == watched.vswitch) else { return };
        let request = GuestRequest {
            mac: observation.mac,
            promiscuous: observation.promiscuous,
            all_multicast: observation.all_multicast,
            groups: observation.groups.clone(),
            // Neither a TAP nor a veth has a VLAN filter that a guest could program.
            vlans: None,
        };
        let link_up = observation.link_up && !observation.gone;
        let observed = if watched.is_guests {
            live.observe(watched.port, request, link_up)
        } else {
            live.set_link(watched.port, link_up)
        };
        if let Err(error) = observed {
            tracing::warn!("{}: {error}", watched.vswitch);
        }
    }

    /// Takes note of VMs that ended: their adapters are disconnected, and nobody else's.
    pub(crate) fn reap(&mut self) {
        let ended: Vec<String> =
            self.vms.iter().filter(|(_, vm)| !vm.guest.is_running()).map(|(name, _)| name.clone()).collect();
        for name in ended {
            tracing::warn!("{}: VM {name} ended", self.document.name);
            self.stop_vm(&name);
        }
    }

    /// Makes the live host what `new` says. What is the same is not touched.
    fn converge(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        self.reap();
        self.remove_vms(new);
        self.unplug_vmkernel(new);
        self.unplug_uplinks(new);
        self.unplug_outside(new);
        self.converge_switches(new)?;
        self.plug_uplinks(new)?;
        self.plug_vmkernel(new)?;
        self.converge_vms(new)?;
        self.plug_outside(new)?;
        self.switches.iter().try_for_each(LiveSwitch::resume)?;
        self.document = new.clone();
        Ok(())
    }

    fn remove_vms(&mut self, new: &HostDocument) {
        let wanted = |vm: &VmDocument| {
            new.vms.iter().any(|other| {
                let same = other.name == vm.name && other.boot == vm.boot && other.bridge == vm.bridge;
                same && (vm.boot.is_empty() || other == vm)
            })
        };
        let gone: Vec<String> = self
            .vms
            .values()
            .filter(|live| !wanted(&live.document))
            .map(|live| live.document.name.clone())
            .collect();
        for name in gone {
            self.stop_vm(&name);
        }
        let mut unplugged = Vec::new();
        for live in self.vms.values_mut() {
            let Some(vm) = new.vms.iter().find(|vm| vm.name == live.document.name) else { continue };
            let (stay, go): (Vec<_>, Vec<_>) = live
                .document
                .nics
                .drain(..)
                .partition(|nic| vm.nics.contains(nic) && same_vswitch(&self.document, new, nic));
            unplugged.extend(
                go.iter()
                    .map(|nic| (port_name(&vm.name, nic), live.guest.namespace().clone(), nic.name.clone())),
            );
            live.document.nics = stay;
        }
        for (port, namespace, device) in unplugged {
            self.unplug(&port);
            // The far end of a veth pair stays in the guest until it is deleted; a TAP is gone with its descriptor.
            let _ = link::delete(&namespace, &device);
        }
    }

    fn unplug_vmkernel(&mut self, new: &HostDocument) {
        let gone: Vec<AdapterDocument> = self
            .document
            .vmkernel
            .iter()
            .filter(|old| !new.vmkernel.contains(old) || !same_vswitch(&self.document, new, old))
            .cloned()
            .collect();
        for adapter in gone {
            self.unplug(&adapter.name);
            let _ = link::delete(self.vmkernel.namespace(), &adapter.name);
        }
    }

    fn unplug_uplinks(&mut self, new: &HostDocument) {
        let kept = |vswitch: &str, uplink: &String| {
            new.vswitches.iter().any(|other| other.name == vswitch && other.uplinks.contains(uplink))
        };
        let gone: Vec<String> = self
            .document
            .vswitches
            .iter()
            .flat_map(|vswitch| vswitch.uplinks.iter().filter(|uplink| !kept(&vswitch.name, uplink)))
            .cloned()
            .collect();
        for uplink in gone {
            self.unplug(&uplink);
        }
    }

    fn converge_switches(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        self.switches.retain(|live| new.vswitches.iter().any(|vswitch| vswitch.name == live.name()));
        for vswitch in &new.vswitches {
            match self.switches.iter_mut().find(|live| live.name() == vswitch.name) {
                Some(live) => live.reconfigure(vswitch.to_core()?)?,
                None => {
                    let portset = self.free_portset();
                    let (config, events) = (vswitch.to_core()?, self.events.clone());
                    let live = LiveSwitch::start(config, portset, events, &self.engine, &self.hardware)?;
                    self.switches.push(live);
                }
            }
        }
        self.switches
            .sort_by_key(|live| new.vswitches.iter().position(|vswitch| vswitch.name == live.name()));
        Ok(())
    }

    fn free_portset(&self) -> u8 {
        (1..=127).find(|portset| self.switches.iter().all(|live| live.portset() != *portset)).unwrap_or(127)
    }

    fn plug_uplinks(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        for (vswitch, uplink) in
            new.vswitches.iter().flat_map(|v| v.uplinks.iter().map(move |uplink| (v, uplink)))
        {
            let Some(live) = live_switch(&mut self.switches, vswitch) else { continue };
            let found = link::Link::get(&self.hardware, uplink)
                .map_err(|source| LiveError::Link { what: format!("uplink {uplink}"), source });
            if live.has_port(uplink) {
                // One that has vanished is told of where that is noticed.
                let _ = found.map(|found| live.widen(&self.hardware, &found));
                continue;
            }
            let found = found?;
            live.widen(&self.hardware, &found);
            let mac = found.mac.unwrap_or(Mac::ZERO);
            let device = live
                .engine
                .provide(&Wanted::Present(uplink), &self.hardware)
                .map_err(|source| LiveError::Port { adapter: uplink.clone(), source })?;
            let id = live.connect(Adapter::uplink(uplink.as_str(), mac), device)?;
            let name = live.name().to_owned();
            self.watch(name, id, &self.hardware.clone(), uplink);
        }
        Ok(())
    }

    fn plug_vmkernel(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        for adapter in &new.vmkernel {
            let namespace = self.vmkernel.namespace().clone();
            let core = Adapter::vmkernel(adapter.name.as_str(), adapter.port_group.as_str(), adapter.mac()?);
            self.plug(new, adapter, core, &namespace)?;
        }
        Ok(())
    }

    fn converge_vms(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        for vm in &new.vms {
            if !self.vms.contains_key(&vm.name) {
                let guest = Guest::start(&vm.name, &vm.boot)
                    .map_err(|source| LiveError::Guest { vm: vm.name.clone(), source })?;
                self.vms.insert(vm.name.clone(), LiveVm { document: vm.clone(), guest });
            }
            let Some(namespace) = self.vms.get(&vm.name).map(|live| live.guest.namespace().clone()) else {
                continue;
            };
            for nic in &vm.nics {
                let core = Adapter::vnic(port_name(&vm.name, nic), nic.port_group.as_str(), nic.mac()?);
                self.plug(new, nic, core, &namespace)?;
            }
            if vm.bridge {
                guest::bridge(&namespace, vm.nics.iter().map(|nic| nic.name.as_str()))
                    .map_err(|source| LiveError::Link { what: format!("VM `{}`", vm.name), source })?;
            }
            if let Some(live) = self.vms.get_mut(&vm.name) {
                live.document = vm.clone();
            }
        }
        Ok(())
    }

    /// Puts an adapter into the namespace that uses it, connects it, and gives it what its guest would set.
    fn plug(
        &mut self,
        new: &HostDocument,
        adapter: &AdapterDocument,
        core: Adapter,
        namespace: &Namespace,
    ) -> Result<(), LiveError> {
        let Some(vswitch) = new.vswitch_of(&adapter.port_group) else { return Ok(()) };
        let Some(live) = live_switch(&mut self.switches, vswitch) else { return Ok(()) };
        if live.has_port(&core.name) {
            return Ok(());
        }
        let wanted = Wanted::Adapter { namespace, name: &adapter.name, mac: core.mac };
        let device = live
            .engine
            .provide(&wanted, &self.hardware)
            .map_err(|source| LiveError::Port { adapter: core.name.clone(), source })?;
        let what = core.name.clone();
        let id = live.connect(core, device)?;
        let vswitch = live.name().to_owned();
        let device = self.start_tagging(adapter, &what, namespace)?;
        configure_guest(adapter, namespace, &device).map_err(|source| LiveError::Link { what, source })?;
        self.watch(vswitch, id, namespace, &adapter.name);
        Ok(())
    }

    /// Lets the guest tag, if it does, and returns the device that has its addresses.
    fn start_tagging(
        &mut self,
        adapter: &AdapterDocument,
        name: &str,
        namespace: &Namespace,
    ) -> Result<String, LiveError> {
        let Some(vlan) = adapter.guest_vlan()? else { return Ok(adapter.name.clone()) };
        let port = |source| LiveError::Port { adapter: name.to_owned(), source };
        let device = format!("{}.{vlan}", adapter.name);
        let mac = adapter.guest_mac()?.map_or_else(|| adapter.mac(), Ok)?;
        let trunk = Port::packet_for_own(namespace, &adapter.name).map_err(port)?;
        let access = Port::adapter(namespace, &device, mac, namespace).map_err(port)?;
        let tagger = Tagger::start(vlan, mac, trunk, access)
            .map_err(|source| LiveError::Tagging { adapter: name.to_owned(), source })?;
        self.taggers.insert(name.to_owned(), tagger);
        Ok(device)
    }

    fn watch(&mut self, vswitch: String, port: PortId, namespace: &Namespace, device: &str) {
        self.watch_as(Watched { vswitch, port, is_guests: true }, namespace, device);
    }

    fn watch_as(&mut self, watched: Watched, namespace: &Namespace, device: &str) {
        self.next_token += 1;
        self.watched.insert(self.next_token, watched);
        if let Err(error) = self.observer.watch(self.next_token, namespace, device) {
            tracing::warn!("cannot observe {device}: {error}");
        }
    }

    /// Disconnects the port with this name, on whatever switch.
    fn unplug(&mut self, port: &str) {
        self.taggers.remove(port);
        let Some(live) = self.switches.iter_mut().find(|live| live.has_port(port)) else { return };
        let Some(id) = live.disconnect(port) else { return };
        let vswitch = live.name().to_owned();
        let tokens: Vec<u64> = self
            .watched
            .iter()
            .filter(|(_, watched)| watched.port == id && watched.vswitch == vswitch)
            .map(|(token, _)| *token)
            .collect();
        for token in tokens {
            self.watched.remove(&token);
            if let Err(error) = self.observer.unwatch(token) {
                tracing::warn!("the observer: {error}");
            }
        }
    }

    fn stop_vm(&mut self, name: &str) {
        let Some(live) = self.vms.remove(name) else { return };
        for nic in &live.document.nics {
            self.unplug(&port_name(name, nic));
        }
    }
}

impl Control for LiveHost {
    fn status(&self) -> HostStatus {
        report::status(self)
    }

    fn document(&self) -> HostDocument {
        self.document.clone()
    }

    fn apply(&mut self, document: HostDocument) -> Result<Changes, ApplyError> {
        document.check().map_err(|error| ApplyError::Refused(error.to_string()))?;
        self.check_devices(&document)?;
        self.reap();
        let mut lines = changes(&self.document, &document);
        let ended = document.vms.iter().filter(|vm| {
            !self.vms.contains_key(&vm.name) && self.document.vms.iter().any(|old| old.name == vm.name)
        });
        lines.extend(ended.map(|vm| starts_again(&document.name, &vm.name)));
        store::save(&self.config, &document).map_err(|error| ApplyError::Failed(error.to_string()))?;
        let converged = self.converge(&document).map_err(|error| ApplyError::Failed(error.to_string()));
        self.events.tell(HostEvent::Changed);
        converged?;
        Ok(Changes { changes: lines })
    }

    fn stop(&mut self, detach_datapath: bool) -> Result<(), ApplyError> {
        if detach_datapath {
            let ended: Vec<LiveError> = std::mem::take(&mut self.switches)
                .into_iter()
                .filter_map(|live| live.detach_datapath().err())
                .collect();
            if let Some(error) = ended.first() {
                return Err(ApplyError::Failed(error.to_string()));
            }
            self.engine.remove_pins();
        }
        self.events.tell(HostEvent::Stop);
        Ok(())
    }

    fn check_new_port(&self, port: &PortDocument) -> Result<(), ApplyError> {
        self.check_free(port)
    }

    fn nics(&self) -> Result<Vec<NicStatus>, ApplyError> {
        nics::list(self).map_err(|error| ApplyError::Failed(error.to_string()))
    }

    fn set_nic(&mut self, nic: &str, up: bool) -> Result<Changes, ApplyError> {
        nics::set_up(self, nic, up).map_err(|error| ApplyError::Failed(error.to_string()))
    }

    fn drops(&self, since: &BTreeMap<String, u64>) -> DropPage {
        report::drops(self, since)
    }
}

/// The name of a VM's port, as ESXi writes it.
fn port_name(vm: &str, nic: &AdapterDocument) -> String {
    format!("{vm}.{}", nic.name)
}

fn live_switch<'a>(switches: &'a mut [LiveSwitch], vswitch: &VSwitchDocument) -> Option<&'a mut LiveSwitch> {
    switches.iter_mut().find(|live| live.name() == vswitch.name)
}

/// Is the adapter's port group on the same vSwitch before and after?
fn same_vswitch(old: &HostDocument, new: &HostDocument, adapter: &AdapterDocument) -> bool {
    let name = |document: &HostDocument| {
        document.vswitch_of(&adapter.port_group).map(|vswitch| vswitch.name.clone())
    };
    name(old) == name(new)
}

/// What a guest does when it boots: addresses on `device`, another MAC, a sniffer.
fn configure_guest(
    adapter: &AdapterDocument,
    namespace: &Namespace,
    device: &str,
) -> Result<(), link::LinkError> {
    if let Ok(Some(mac)) = adapter.guest_mac() {
        link::set_mac(namespace, &adapter.name, mac)?;
    }
    for (ip, prefix) in adapter.addresses().unwrap_or_default() {
        link::add_address(namespace, device, ip, prefix)?;
    }
    if adapter.promiscuous {
        link::set_promiscuous(namespace, &adapter.name, true)?;
    }
    Ok(())
}
