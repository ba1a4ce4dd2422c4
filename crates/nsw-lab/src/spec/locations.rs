//! Where in the lab file an object or a setting stands: the answer to *which line made this so?*
//!
//! Objects are found by the names that the rest of the program knows them by, settings by the [`Setting`] that a
//! decision cites or by their key in the file. What the file does not say has no place, and `None` is the answer: then
//! the default or the inherited value holds, and the object's own place is where a line would be added.

use std::collections::HashMap;

use nsw_core::Setting;

use super::diagnostics::Position;

/// The places of everything that a lab file names or sets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locations {
    objects: HashMap<Object, Position>,
    settings: HashMap<(Object, &'static str), Position>,
}

/// Something with a name of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Object {
    /// A physical network.
    Segment(String),
    /// An end station.
    Station(String),
    /// A host; a nested one has the place of its VM.
    Host(String),
    /// A physical adapter of a host; in a nested host, the VM's adapter.
    Pnic {
        /// The host.
        host: String,
        /// The adapter.
        name: String,
    },
    /// A vSwitch.
    VSwitch {
        /// The host.
        host: String,
        /// The vSwitch.
        name: String,
    },
    /// A port group.
    PortGroup {
        /// The host.
        host: String,
        /// The port group.
        name: String,
    },
    /// A VMkernel adapter.
    Vmkernel {
        /// The host.
        host: String,
        /// The adapter.
        name: String,
    },
    /// A VM.
    Vm(String),
    /// An adapter of a VM; in the short form it has the place of the VM.
    Vnic {
        /// The VM.
        vm: String,
        /// The adapter.
        name: String,
    },
}

impl Object {
    /// A vSwitch of a host.
    pub fn vswitch(host: impl Into<String>, name: impl Into<String>) -> Self {
        Self::VSwitch { host: host.into(), name: name.into() }
    }

    /// A port group of a host.
    pub fn port_group(host: impl Into<String>, name: impl Into<String>) -> Self {
        Self::PortGroup { host: host.into(), name: name.into() }
    }
}

impl Locations {
    /// Where the object is defined: its name in the file.
    pub fn object(&self, object: &Object) -> Option<Position> {
        self.objects.get(object).copied()
    }

    /// Where a setting of a vSwitch itself stands.
    pub fn of_vswitch(&self, host: &str, vswitch: &str, setting: Setting) -> Option<Position> {
        self.key(&Object::vswitch(host, vswitch), key_of(setting))
    }

    /// Where an override of a port group stands.
    pub fn of_port_group(&self, host: &str, port_group: &str, setting: Setting) -> Option<Position> {
        self.key(&Object::port_group(host, port_group), key_of(setting))
    }

    /// Where a key of a vSwitch or port group stands, as `mtu`, `security.promiscuous`, `options.strict-latch`.
    pub fn key(&self, object: &Object, key: &str) -> Option<Position> {
        // The keys are few and constant: the same name is the same text.
        let key = KEYS.iter().find(|known| **known == key)?;
        self.settings.get(&(object.clone(), *key)).copied()
    }

    pub(crate) fn add(&mut self, object: Object, position: Position) {
        self.objects.insert(object, position);
    }

    pub(crate) fn add_key(&mut self, object: &Object, key: &'static str, position: Position) {
        debug_assert!(KEYS.contains(&key), "{key} is not listed");
        self.settings.insert((object.clone(), key), position);
    }
}

/// Every key whose place is kept.
const KEYS: &[&str] = &[
    "uplinks",
    "mtu",
    "defaults",
    "vlan",
    "security.promiscuous",
    "security.mac-changes",
    "security.forged-transmits",
    "teaming.load-balancing",
    "teaming.active",
    "teaming.standby",
    "teaming.failure-detection",
    "teaming.failback",
    "teaming.notify-switches",
    "shaping",
    "beyond.mac-learning",
    "beyond.allowed-macs",
    "beyond.sink",
    "beyond.learning-filter",
    "beyond.forged-source-guard",
    "options.promiscuous-scope",
    "options.force-copy-to-all",
    "options.mac-change-refused",
    "options.reverse-path-check",
    "options.reverse-path-all",
    "options.reverse-path-single-uplink",
    "options.reverse-filter",
    "options.reverse-path-check-promiscuous",
    "options.strict-latch",
    "options.block-guest-bpdu",
    "options.consume-link-local",
];

/// The key that sets what a decision cites.
pub const fn key_of(setting: Setting) -> &'static str {
    match setting {
        Setting::PromiscuousMode => "security.promiscuous",
        Setting::MacAddressChanges => "security.mac-changes",
        Setting::ForgedTransmits => "security.forged-transmits",
        Setting::VlanId => "vlan",
        Setting::NicOrder => "teaming.active",
        Setting::Mtu => "mtu",
        Setting::BlockGuestBpdu => "options.block-guest-bpdu",
        Setting::ReversePathCheck => "options.reverse-path-check",
        Setting::ReverseFilter => "options.reverse-filter",
        Setting::ConsumeLinkLocal => "options.consume-link-local",
        Setting::TrafficShaping => "shaping",
        Setting::MacLearning => "beyond.mac-learning",
        Setting::ForgedSourceGuard => "beyond.forged-source-guard",
    }
}
