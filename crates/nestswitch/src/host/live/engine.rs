//! The two engines behind one face: how each starts, how a device becomes its port, and what it counts.
//!
//! The user engine reads and writes descriptors, so it holds each device as a [`Port`]. The kernel engine knows devices by
//! name: an adapter is a veth pair whose near end stands, without addresses, in the host's hardware namespace.
//!
//! **Invariant:** without pins nothing of an engine outlives the host's process.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use nsw_core::{Beacon, Mac, PortId, Tables};
use nsw_dataplane::engine::kernel::KernelEngine;
use nsw_dataplane::engine::user::UserEngine;
use nsw_dataplane::engine::{Counters, Drops, EngineEvent};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::{Port, PortError, create_veth_adapter};

use crate::engine::EngineName;
use crate::host::client::segment;

/// Which engine a host uses, and where its datapath is pinned.
#[derive(Clone, Debug)]
pub(crate) struct EngineChoice {
    pub(super) kernel: bool,
    /// The user's takes over what it cannot hold when the host starts.
    pub(super) yields: bool,
    /// Why it is not the kernel's although that would do.
    pub(super) reason: Option<String>,
    /// The folder for the host in a BPF file system; `None` pins nothing.
    pins: Option<PathBuf>,
}

impl EngineChoice {
    /// Settles which engine it is. With `auto` the kernel's is tried.
    pub(super) fn settle(wish: EngineName, pins: Option<PathBuf>, hardware: &Namespace) -> Self {
        let user = |reason| Self { kernel: false, yields: false, reason, pins: None };
        match wish {
            EngineName::User => user(None),
            EngineName::Kernel => Self { kernel: true, yields: false, reason: None, pins },
            EngineName::Auto => match KernelEngine::start("trial", hardware, |_| {}) {
                Ok(_) => Self { kernel: true, yields: true, reason: None, pins },
                Err(error) => user(Some(error.to_string())),
            },
        }
    }

    /// After all switches were detached: nothing is left in the host's folder, nor the folder.
    pub(super) fn remove_pins(&self) {
        if let Some(folder) = &self.pins {
            // Without a switch there never was one.
            let _ = std::fs::remove_dir(folder);
        }
    }

    pub(super) fn name(&self) -> &'static str {
        if self.kernel { "kernel" } else { "user" }
    }
}

/// A device that is to become a port.
pub(super) enum Wanted<'a> {
    /// A new adapter in a guest's namespace.
    Adapter { namespace: &'a Namespace, name: &'a str, mac: Mac },
    /// A device that is there, in the host's namespace.
    Present(&'a str),
}

/// A device that an engine can attach.
pub(super) enum Device {
    Port(Port),
    Named { name: String, kind: &'static str },
}

impl Device {
    /// How its frames cross, as status shows it.
    pub(super) fn kind(&self) -> String {
        match self {
            Self::Port(port) => port.kind().to_string(),
            Self::Named { kind, .. } => (*kind).to_owned(),
        }
    }
}

/// A running engine.
pub(super) enum Engine {
    User(UserEngine),
    // Much larger, and there is one a vSwitch.
    Kernel(Box<KernelEngine>),
}

impl Engine {
    pub(super) fn start(
        choice: &EngineChoice,
        vswitch: &str,
        hardware: &Namespace,
        on_event: impl FnMut(EngineEvent) + Send + 'static,
    ) -> std::io::Result<Self> {
        if !choice.kernel {
            return Ok(Self::User(UserEngine::start(vswitch, on_event)?));
        }
        let engine = match &choice.pins {
            Some(folder) => KernelEngine::open(vswitch, hardware, &folder.join(segment(vswitch)), on_event)?,
            None => KernelEngine::start(vswitch, hardware, on_event)?,
        };
        if engine.replaced_layouts() > 0 {
            tracing::warn!("{vswitch}: the datapath that was found is of another version; it was replaced");
        }
        if engine.adopted() > 0 {
            tracing::info!("{vswitch}: {} devices of the datapath that was found go on", engine.adopted());
        }
        Ok(Self::Kernel(Box::new(engine)))
    }

    /// Makes a device ready for [`Engine::attach`].
    pub(super) fn provide(&self, wanted: &Wanted<'_>, hardware: &Namespace) -> Result<Device, PortError> {
        match (self, wanted) {
            (Self::User(_), Wanted::Adapter { namespace, name, mac }) => {
                Port::adapter(namespace, name, *mac, hardware).map(Device::Port)
            }
            (Self::User(_), Wanted::Present(name)) => Port::packet(hardware, name).map(Device::Port),
            (Self::Kernel(_), Wanted::Adapter { namespace, name, mac }) => {
                let name = create_veth_adapter(namespace, name, *mac, hardware)?;
                Ok(Device::Named { name, kind: "veth" })
            }
            (Self::Kernel(_), Wanted::Present(name)) => {
                Ok(Device::Named { name: (*name).to_owned(), kind: "device" })
            }
        }
    }

    pub(super) fn attach(&self, id: PortId, device: Device) -> std::io::Result<()> {
        match (self, device) {
            (Self::User(engine), Device::Port(port)) => engine.attach(id, port),
            (Self::Kernel(engine), Device::Named { name, .. }) => Ok(engine.attach(id, &name)?),
            _ => Err(std::io::Error::other("the device was made for the other engine")),
        }
    }

    pub(super) fn detach(&self, id: PortId) -> std::io::Result<()> {
        match self {
            Self::User(engine) => engine.detach(id).map(drop),
            Self::Kernel(engine) => Ok(engine.detach(id).map(drop)?),
        }
    }

    pub(super) fn install(&self, tables: Arc<Tables>) -> std::io::Result<()> {
        match self {
            Self::User(engine) => engine.install(tables),
            Self::Kernel(engine) => Ok(engine.install(tables)?),
        }
    }

    /// Writes a frame of the switch's own out of a port. Returns whether the device took it.
    pub(super) fn inject(&self, id: PortId, frame: &[u8]) -> std::io::Result<bool> {
        match self {
            Self::User(engine) => engine.inject(id, frame),
            Self::Kernel(engine) => Ok(engine.inject(id, frame)?),
        }
    }

    /// The beacons that were heard since this was asked last.
    pub(super) fn take_beacons(&self) -> BTreeSet<(PortId, Beacon)> {
        match self {
            Self::User(engine) => engine.take_beacons(),
            Self::Kernel(engine) => engine.take_beacons().unwrap_or_else(|error| {
                tracing::warn!("beacons: {error}");
                BTreeSet::new()
            }),
        }
    }

    /// Everything that is to go on has been attached; what was adopted gives way to it.
    pub(super) fn resume(&self) -> std::io::Result<()> {
        match self {
            Self::User(_) => Ok(()),
            Self::Kernel(engine) => Ok(engine.resume()?),
        }
    }

    pub(super) fn counters(&self) -> Counters {
        match self {
            Self::User(engine) => engine.counters(),
            Self::Kernel(engine) => engine.counters().unwrap_or_else(|error| {
                tracing::warn!("counters: {error}");
                Counters::default()
            }),
        }
    }

    pub(super) fn drops(&self, since: u64) -> Drops {
        match self {
            Self::User(engine) => engine.drops(since),
            Self::Kernel(engine) => engine.drops(since),
        }
    }

    /// Ends it, and what of it would outlive the process.
    pub(super) fn detach_datapath(self) -> std::io::Result<()> {
        match self {
            Self::User(_) => Ok(()),
            Self::Kernel(engine) => Ok(engine.detach_datapath()?),
        }
    }
}
