//! One vSwitch of a running host: the switch as the core knows it, and the engine that moves its frames.
//!
//! What time does to its teams is the core's [`TeamMonitor`]'s: [`LiveSwitch::tick`] is to be called at the deadline.
//!
//! **Invariant:** the engine has the tables of the switch as it is, except between a change and [`LiveSwitch::publish`].

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nsw_core::{Adapter, GuestRequest, PortId, Switch, Tables, TeamMonitor, VSwitch};
use nsw_dataplane::engine::EngineEvent;
use nsw_dataplane::link::{self, Link};
use nsw_dataplane::netns::Namespace;

use super::engine::{Device, Engine, EngineChoice};
use super::{Events, HostEvent, LiveError};

pub(super) struct LiveSwitch {
    portset: u8,
    /// What the monitor's time counts from.
    started: Instant,
    monitor: TeamMonitor,
    pub(super) switch: Switch,
    pub(super) engine: Engine,
    pub(super) tables: Arc<Tables>,
    /// How the frames of each port cross.
    pub(super) devices: BTreeMap<PortId, String>,
}

impl LiveSwitch {
    pub(super) fn start(
        config: VSwitch,
        portset: u8,
        events: Events,
        choice: &EngineChoice,
        hardware: &Namespace,
    ) -> Result<Self, LiveError> {
        let vswitch = config.name.clone();
        let switch = Switch::new(config, portset)?;
        let name = vswitch.clone();
        let gone = move |EngineEvent::PortGone(port)| {
            events.tell(HostEvent::PortGone { vswitch: name.clone(), port });
        };
        let engine = Engine::start(choice, &vswitch, hardware, gone)
            .map_err(|source| LiveError::Engine { vswitch, source })?;
        let tables = Arc::new(switch.compile());
        let (started, monitor, devices) = (Instant::now(), TeamMonitor::new(), BTreeMap::new());
        let live = Self { portset, started, monitor, switch, engine, tables, devices };
        if let Err(refused) = live.install() {
            if choice.yields {
                live.detach_datapath()?;
            }
            return Err(refused);
        }
        Ok(live)
    }

    pub(super) fn name(&self) -> &str {
        &self.switch.config().name
    }

    pub(super) fn portset(&self) -> u8 {
        self.portset
    }

    pub(super) fn has_port(&self, name: &str) -> bool {
        self.switch.port_named(name).is_some()
    }

    pub(super) fn reconfigure(&mut self, config: VSwitch) -> Result<(), LiveError> {
        if *self.switch.config() == config {
            return Ok(());
        }
        self.switch.reconfigure(config)?;
        self.publish()
    }

    /// Lets the device of an uplink carry what the vSwitch's MTU allows (rule N-4). It is never made narrower: others may use
    /// it, as on a host by itself.
    pub(super) fn widen(&self, hardware: &Namespace, uplink: &Link) {
        let mtu = u32::from(self.switch.config().mtu);
        if uplink.mtu >= mtu {
            return;
        }
        if let Err(error) = link::set_mtu(hardware, &uplink.name, mtu) {
            tracing::warn!("{}: {error}; it loses payloads of more than {} bytes", self.name(), uplink.mtu);
        }
    }

    pub(super) fn connect(&mut self, adapter: Adapter, device: Device) -> Result<PortId, LiveError> {
        let id = self.switch.connect(adapter)?;
        let kind = device.kind();
        if let Err(source) = self.engine.attach(id, device) {
            // Whoever asks again finds the port free.
            let _ = self.switch.disconnect(id);
            return Err(self.engine_error(source));
        }
        self.devices.insert(id, kind);
        self.publish()?;
        Ok(id)
    }

    pub(super) fn disconnect(&mut self, name: &str) -> Option<PortId> {
        let id = self.switch.port_named(name)?.id;
        self.switch.disconnect(id).ok()?;
        self.devices.remove(&id);
        let published = self.publish();
        let detached = self.engine.detach(id).map_err(|source| self.engine_error(source));
        if let Err(error) = published.and(detached) {
            tracing::warn!("{}: {error}", self.name());
        }
        Some(id)
    }

    pub(super) fn observe(
        &mut self,
        port: PortId,
        request: GuestRequest,
        link_up: bool,
    ) -> Result<(), LiveError> {
        self.monitor.set_link(&mut self.switch, port, link_up, now_ns(self.started))?;
        // A guest that asks for the impossible keeps what it had; its link is news all the same.
        let requested = self.switch.set_guest_request(port, request);
        self.publish()?;
        Ok(requested?)
    }

    /// Takes note of a link that came or went.
    pub(super) fn set_link(&mut self, port: PortId, up: bool) -> Result<(), LiveError> {
        self.monitor.set_link(&mut self.switch, port, up, now_ns(self.started))?;
        self.publish()
    }

    /// Takes note of what a guest asks of its adapter.
    pub(super) fn set_request(&mut self, port: PortId, request: GuestRequest) -> Result<(), LiveError> {
        self.switch.set_guest_request(port, request)?;
        self.publish()
    }

    /// What was adopted from an earlier process gives way to what this one has set up.
    pub(super) fn resume(&self) -> Result<(), LiveError> {
        self.engine.resume().map_err(|source| self.engine_error(source))
    }

    /// Ends the switch, and what of it would outlive the process.
    pub(super) fn detach_datapath(self) -> Result<(), LiveError> {
        let vswitch = self.name().to_owned();
        self.engine.detach_datapath().map_err(|source| LiveError::Engine { vswitch, source })
    }

    /// When [`LiveSwitch::tick`] is due; `None` if nothing waits for time to pass.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let deadline_ns = self.monitor.next_deadline_ns()?;
        self.started.checked_add(Duration::from_nanos(deadline_ns))
    }

    /// Does what is due: uplinks begin to count, paths are judged by the beacons that were heard, frames are sent.
    pub(super) fn tick(&mut self) -> Result<(), LiveError> {
        for (uplink, beacon) in self.engine.take_beacons() {
            self.monitor.heard(uplink, beacon);
        }
        let now_ns = now_ns(self.started);
        if self.monitor.advance(&mut self.switch, now_ns) {
            return self.publish();
        }
        self.send_due(now_ns);
        Ok(())
    }

    fn publish(&mut self) -> Result<(), LiveError> {
        let now_ns = now_ns(self.started);
        self.tables = Arc::new(self.monitor.compile(&mut self.switch, now_ns));
        self.install()?;
        // After the tables, so that the answers to what is announced find them.
        self.send_due(now_ns);
        Ok(())
    }

    fn send_due(&mut self, now_ns: u64) {
        let Self { monitor, switch, tables, engine, .. } = self;
        let mut send = |uplink, frame: &[u8]| {
            // A device that takes nothing has lost its link, which is observed; an engine that stopped is told of elsewhere.
            let _ = engine.inject(uplink, frame);
        };
        monitor.send_due(switch, tables, now_ns, &mut send);
    }

    fn install(&self) -> Result<(), LiveError> {
        self.engine.install(Arc::clone(&self.tables)).map_err(|source| self.engine_error(source))
    }

    fn engine_error(&self, source: std::io::Error) -> LiveError {
        LiveError::Engine { vswitch: self.name().to_owned(), source }
    }
}

fn now_ns(started: Instant) -> u64 {
    u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX)
}
