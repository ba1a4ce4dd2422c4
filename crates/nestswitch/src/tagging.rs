//! An adapter in a VLAN: something tags for it, because the kernel may not be able to.
//!
//! Kernels without 802.1Q devices and without VLAN filtering on bridges are common in small virtual machines. So where
//! an end station stands on an access port, or a guest tags by itself, a vSwitch of our own with one port group in that
//! VLAN does it (`docs/decisions/0009`).

use std::io;
use std::sync::Arc;

use nsw_core::{
    Action, Adapter, Mac, ModelError, Options, PortGroup, Security, Switch, VSwitch, VlanId, VlanMode,
};
use nsw_dataplane::engine::user::UserEngine;
use nsw_dataplane::port::Port;

/// Why nothing tags.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaggingError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("the engine that tags: {0}")]
    Engine(#[from] io::Error),
}

/// Tags and untags between a trunk and an adapter, until it is dropped.
pub(crate) struct Tagger {
    _engine: UserEngine,
}

impl Tagger {
    /// Puts the adapter behind `access`, with address `mac`, into `vlan` of `trunk`.
    pub(crate) fn start(vlan: VlanId, mac: Mac, trunk: Port, access: Port) -> Result<Self, TaggingError> {
        const TRUNK: &str = "trunk";
        const ACCESS: &str = "access";
        let accept = Some(Action::Accept);
        let config = VSwitch {
            mtu: u16::MAX,
            uplinks: vec![TRUNK.to_owned()],
            security: Security { promiscuous: accept, mac_changes: accept, forged_transmits: accept },
            port_groups: vec![PortGroup::named(ACCESS, VlanMode::Vst(vlan))],
            // A cable, not a switch: whatever the guest or the station does is for others to judge.
            options: Options {
                force_copy_to_all: true,
                reverse_path_check: false,
                block_guest_bpdu: Some(false),
                ..Options::default()
            },
            ..VSwitch::named(ACCESS)
        };
        let mut switch = Switch::new(config, 1)?;
        let uplink = switch.connect(Adapter::uplink(TRUNK, mac))?;
        let vnic = switch.connect(Adapter::vnic(ACCESS, ACCESS, mac))?;
        let engine = UserEngine::start(ACCESS, |_| {})?;
        engine.attach(uplink, trunk)?;
        engine.attach(vnic, access)?;
        engine.install(Arc::new(switch.compile()))?;
        Ok(Self { _engine: engine })
    }
}
