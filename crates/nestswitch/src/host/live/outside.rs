//! Ports for guests that the host did not start: VMs of QEMU behind a TAP device, or a device that is there.
//!
//! What such a guest asks of its adapter is read over QMP where the port names a socket. Where it does not, the guest is
//! taken to want frames for its own address and for every group, and everything if the port says so: with less, its
//! IPv6 and its routers would fail for a reason that no policy has set.
//!
//! **Invariants:** a device that somebody else uses is refused, not taken. A TAP device outlives the host's process, so
//! that a VM keeps its adapter, and goes with the port.

use nsw_core::{Adapter, GuestRequest, Mac};
use nsw_dataplane::link::{self, Link, LinkError};
use nsw_dataplane::port::create_persistent_tap;

use super::engine::Wanted;
use super::rx_filter::{self, RxFilter};
use super::{HostEvent, LiveError, LiveHost, Watched, live_switch};
use crate::host::api::ApplyError;
use crate::host::document::{AttachDocument, HostDocument, PortDocument, TapDocument};

/// A connected port of this kind.
pub(super) struct Outside {
    document: PortDocument,
    _filter: Option<RxFilter>,
}

impl LiveHost {
    /// Refuses devices that cannot become ports or uplinks because of what they are used for now.
    pub(super) fn check_devices(&self, new: &HostDocument) -> Result<(), ApplyError> {
        let connected = |name: &str| self.switches.iter().any(|live| live.has_port(name));
        let uplinks = new.vswitches.iter().flat_map(|vswitch| &vswitch.uplinks);
        for uplink in uplinks.filter(|uplink| !connected(uplink)) {
            self.check_unused(uplink, &format!("uplink `{uplink}`"))?;
        }
        for port in new.ports.iter().filter(|port| !connected(&port.name)) {
            self.check_unused(port.device(), &format!("port `{}`", port.name))?;
        }
        Ok(())
    }

    /// A device that is not there is nobody's.
    fn check_unused(&self, device: &str, owner: &str) -> Result<(), ApplyError> {
        let failed = |error: LinkError| ApplyError::Refused(format!("{owner}: {error}"));
        let Some(found) = Link::find(&self.hardware, device).map_err(failed)? else { return Ok(()) };
        let refused =
            |why: String| Err(ApplyError::Refused(format!("{owner}: device `{device}` is in use: {why}")));
        if let Some(master) = found.bridge {
            let name = Link::by_index(&self.hardware, master).map_err(failed)?.map(|link| link.name);
            return refused(format!("it is a port of `{}`", name.unwrap_or_else(|| format!("#{master}"))));
        }
        if found.mac.is_none() {
            return Err(ApplyError::Refused(format!("{owner}: `{device}` is no Ethernet device")));
        }
        match link::addresses(&self.hardware, device).map_err(failed)?.first() {
            Some(address) => refused(format!("it has the address {address}")),
            None => Ok(()),
        }
    }

    /// Takes note of what the guest of a port asks.
    pub(super) fn take_request(&mut self, port: &str, request: &GuestRequest) {
        if !self.outside.contains_key(port) {
            return;
        }
        let Some(live) = self.switches.iter_mut().find(|live| live.has_port(port)) else { return };
        let Some(id) = live.switch.port_named(port).map(|port| port.id) else { return };
        if let Err(error) = live.set_request(id, request.clone()) {
            tracing::warn!("port {port}: {error}");
        }
    }

    /// Is there such a device, that a new TAP device would take the place of?
    pub(super) fn check_free(&self, port: &PortDocument) -> Result<(), ApplyError> {
        let found = Link::find(&self.hardware, port.device())
            .map_err(|error| ApplyError::Refused(format!("port `{}`: {error}", port.name)))?;
        match (&port.attach, found) {
            (AttachDocument::Tap(_), Some(_)) => {
                Err(ApplyError::Refused(format!("there is a device `{}` already", port.name)))
            }
            (AttachDocument::Device(device), None) => {
                Err(ApplyError::Refused(format!("port `{}`: there is no device `{device}`", port.name)))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn unplug_outside(&mut self, new: &HostDocument) {
        let old: Vec<PortDocument> = self.outside.values().map(|live| live.document.clone()).collect();
        for port in old {
            let on = |document: &HostDocument| {
                document.vswitch_of(&port.port_group).map(|vswitch| vswitch.name.clone())
            };
            let kept = new.ports.iter().find(|other| other.name == port.name);
            if kept == Some(&port) && on(&self.document) == on(new) {
                continue;
            }
            self.unplug(&port.name);
            self.outside.remove(&port.name);
            if kept.is_none_or(|kept| kept.attach != port.attach)
                && matches!(port.attach, AttachDocument::Tap(_))
                && let Err(error) = link::delete(&self.hardware, &port.name)
            {
                tracing::warn!("port {}: {error}", port.name);
            }
        }
    }

    pub(super) fn plug_outside(&mut self, new: &HostDocument) -> Result<(), LiveError> {
        for port in &new.ports {
            let Some(vswitch) = new.vswitch_of(&port.port_group) else { continue };
            if live_switch(&mut self.switches, vswitch).is_none_or(|live| live.has_port(&port.name)) {
                continue;
            }
            if !self.provide_device(port)? {
                tracing::warn!("port {}: there is no device {}", port.name, port.device());
                continue;
            }
            let Some(live) = live_switch(&mut self.switches, vswitch) else { continue };
            let mac = port.mac()?;
            let device = live
                .engine
                .provide(&Wanted::Present(port.device()), &self.hardware)
                .map_err(|source| LiveError::Port { adapter: port.name.clone(), source })?;
            let adapter = Adapter::vnic(port.name.as_str(), port.port_group.as_str(), mac);
            let id = live.connect(adapter, device)?;
            // A guest may be there from before, in the middle of a conversation: what it asks counts from the start.
            let link = Link::get(&self.hardware, port.device())
                .map_err(|source| LiveError::Link { what: format!("port `{}`", port.name), source })?;
            let asks = port.qmp.as_ref().and_then(|socket| rx_filter::look_once(socket, &port.name));
            live.observe(id, asks.unwrap_or_else(|| assumed(port, mac)), link.up && link.carrier)?;
            let watched = Watched { vswitch: live.name().to_owned(), port: id, is_guests: false };
            self.watch_as(watched, &self.hardware.clone(), port.device());
            let filter = self.follow_filter(port);
            self.outside.insert(port.name.clone(), Outside { document: port.clone(), _filter: filter });
        }
        Ok(())
    }

    /// Makes the port's TAP device, unless it is there from before. False if the port's own device is not there.
    fn provide_device(&self, port: &PortDocument) -> Result<bool, LiveError> {
        let link = |source| LiveError::Link { what: format!("port `{}`", port.name), source };
        let found = Link::find(&self.hardware, port.device()).map_err(link)?;
        match (&port.attach, found) {
            (AttachDocument::Tap(_), Some(found)) if found.kind != "tun" => {
                Err(LiveError::NoTap { port: port.name.clone() })
            }
            (_, Some(_)) => Ok(true),
            (AttachDocument::Device(_), None) => Ok(false),
            (AttachDocument::Tap(TapDocument { owner, queues }), None) => {
                create_persistent_tap(&self.hardware, &port.name, *owner, *queues)
                    .map_err(|source| LiveError::Port { adapter: port.name.clone(), source })?;
                Ok(true)
            }
        }
    }

    fn follow_filter(&self, port: &PortDocument) -> Option<RxFilter> {
        let socket = port.qmp.as_ref()?;
        let (events, name) = (self.events.clone(), port.name.clone());
        let tell = move |request| events.tell(HostEvent::RxFilter { port: name.clone(), request });
        RxFilter::follow(socket, &port.name, tell)
            .inspect_err(|error| tracing::warn!("port {}: {error}", port.name))
            .ok()
    }
}

/// What the guest of a port is taken to ask where nobody can see it.
fn assumed(port: &PortDocument, mac: Mac) -> GuestRequest {
    GuestRequest { promiscuous: port.promiscuous, all_multicast: true, ..GuestRequest::unicast(mac) }
}
