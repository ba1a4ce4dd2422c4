//! Ports for guests that the host does not start: a VM of QEMU behind a TAP device, or a device that is there.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::path::PathBuf;

use nsw_core::Mac;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{DocumentError, HostDocument};

/// A port for a guest that the host does not start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct PortDocument {
    /// Its name, and that of its TAP device.
    pub(crate) name: String,
    pub(crate) port_group: String,
    /// The initial MAC: the one that the VM's configuration gives its adapter.
    pub(crate) mac: String,
    /// The device that its guest is behind.
    pub(crate) attach: AttachDocument,
    /// The socket of QEMU's machine protocol, to ask what the guest asks of its adapter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(crate) qmp: Option<PathBuf>,
    /// The guest asks for promiscuous mode, as a nested host does. What QEMU says counts more.
    #[serde(default)]
    pub(crate) promiscuous: bool,
}

/// The device that a port's guest is behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AttachDocument {
    /// A persistent TAP device of the port's name, which the host makes.
    Tap(TapDocument),
    /// A device that is there.
    Device(String),
}

/// A TAP device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TapDocument {
    /// The id of the user who may open it; absent: root alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<u32>,
    /// How many queues its guest may have, 1 to 256.
    #[serde(default = "one")]
    pub(crate) queues: u16,
}

fn one() -> u16 {
    1
}

impl PortDocument {
    /// The device that its guest is behind.
    pub(crate) fn device(&self) -> &str {
        match &self.attach {
            AttachDocument::Tap(_) => &self.name,
            AttachDocument::Device(device) => device,
        }
    }

    /// The initial MAC.
    pub(crate) fn mac(&self) -> Result<Mac, DocumentError> {
        let wrong = |_| DocumentError::Mac { adapter: self.name.clone(), mac: self.mac.clone() };
        self.mac.parse().map_err(wrong)
    }
}

impl HostDocument {
    /// Checks the ports, and that they are in nobody's way.
    pub(super) fn check_ports(&self) -> Result<(), DocumentError> {
        for (i, port) in self.ports.iter().enumerate() {
            let earlier = &self.ports[..i];
            if earlier.iter().any(|other| other.name == port.name) {
                return Err(DocumentError::DuplicatePort(port.name.clone()));
            }
            self.check_port(port)?;
            if let Some(other) = earlier.iter().find(|other| other.device() == port.device()) {
                return Err(taken(port, format!("that of port `{}`", other.name)));
            }
        }
        Ok(())
    }

    fn check_port(&self, port: &PortDocument) -> Result<(), DocumentError> {
        let mac = port.mac()?;
        if !mac.is_station() {
            return Err(nsw_core::ModelError::NotAStation { port: port.name.clone(), mac }.into());
        }
        for name in [&port.name, port.device()] {
            check_device_name(name)?;
        }
        if let AttachDocument::Tap(TapDocument { queues, .. }) = port.attach
            && !(1..=256).contains(&queues)
        {
            return Err(DocumentError::Queues { port: port.name.clone(), queues });
        }
        if self.pnics.iter().any(|pnic| pnic == port.device()) {
            return Err(taken(port, "a physical adapter of the host".to_owned()));
        }
        if self.vmkernel.iter().any(|adapter| adapter.name == port.name) {
            return Err(DocumentError::DuplicatePort(port.name.clone()));
        }
        match self.vswitch_of(&port.port_group) {
            Some(_) => Ok(()),
            None => Err(DocumentError::UnknownPortGroup {
                adapter: format!("port `{}`", port.name),
                group: port.port_group.clone(),
            }),
        }
    }
}

fn taken(port: &PortDocument, taken_as: String) -> DocumentError {
    DocumentError::DeviceTaken { port: port.name.clone(), device: port.device().to_owned(), taken_as }
}

/// As the kernel has it (`dev_valid_name`).
pub(super) fn check_device_name(name: &str) -> Result<(), DocumentError> {
    let bad = |c: char| c == '/' || c == ':' || c == '%' || c.is_whitespace() || c.is_control();
    if name.is_empty() || name.len() > 15 || name == "." || name == ".." || name.contains(bad) {
        return Err(DocumentError::DeviceName(name.to_owned()));
    }
    Ok(())
}

/// The initial MAC of a port that nobody gave one: always the same for one host and name, out of the range that vSphere
/// leaves to manual assignment, 00:50:56:00:00:00 to 00:50:56:3f:ff:ff.
pub(crate) fn derived_mac(host: &str, port: &str) -> Mac {
    let mut hasher = DefaultHasher::new();
    (host, port).hash(&mut hasher);
    let [a, b, c, ..] = hasher.finish().to_be_bytes();
    Mac::new([0x00, 0x50, 0x56, a & 0x3f, b, c])
}
