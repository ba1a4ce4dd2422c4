//! A segment, live: a Linux bridge in a namespace of its own, with end stations in theirs.
//!
//! The bridge learns, as a physical switch does; that is the point of it. A station that lives in a VLAN is served as by
//! an access port: a [`Tagger`] tags for it.

use std::collections::BTreeMap;

use nsw_core::{Mac, VlanId};
use nsw_dataplane::link::{self, VethEnd};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::{Port, PortError};
use nsw_lab::topology::Station;

use super::status::{EndStatus, SegmentStatus};
use crate::guest::{Guest, GuestError};
use crate::tagging::{Tagger, TaggingError};

const BRIDGE: &str = "br0";
/// The station's adapter, as the station names it.
const ADAPTER: &str = "eth0";

/// Why a segment could not be built.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SegmentError {
    #[error("segment `{segment}`: {source}")]
    Link { segment: String, source: link::LinkError },
    #[error("segment `{segment}`: {source}")]
    Io { segment: String, source: std::io::Error },
    #[error("station `{station}`: {source}")]
    Guest { station: String, source: GuestError },
    #[error("station `{station}`: {source}")]
    Port { station: String, source: PortError },
    #[error("station `{station}`: {source}")]
    Tagging { station: String, source: TaggingError },
}

/// A running segment.
pub(crate) struct LiveSegment {
    name: String,
    namespace: Namespace,
    stations: BTreeMap<String, LiveStation>,
    ports: u32,
}

/// A running end station. Dropping it ends it.
struct LiveStation {
    station: Station,
    guest: Guest,
    _access: Option<Tagger>,
}

impl LiveSegment {
    /// A segment with nothing on it.
    pub(crate) fn create(name: &str) -> Result<Self, SegmentError> {
        let io = |source| SegmentError::Io { segment: name.to_owned(), source };
        let namespace = Namespace::create().map_err(io)?;
        let segment = Self { name: name.to_owned(), namespace, stations: BTreeMap::new(), ports: 0 };
        segment.link(link::create_bridge(&segment.namespace, BRIDGE))?;
        segment.link(link::disable_ipv6(&segment.namespace, BRIDGE))?;
        segment.link(link::set_up(&segment.namespace, BRIDGE, true))?;
        Ok(segment)
    }

    /// Cables a new adapter, `device` in `namespace`, to this segment.
    pub(crate) fn cable(
        &mut self,
        namespace: &Namespace,
        device: &str,
        mac: Mac,
    ) -> Result<(), SegmentError> {
        self.ports += 1;
        let port = format!("p{}", self.ports);
        let near = VethEnd { namespace: &self.namespace, name: &port, mac: None };
        let far = VethEnd { namespace, name: device, mac: Some(mac) };
        self.link(link::create_veth(near, far))?;
        self.link(link::set_mtu(&self.namespace, &port, link::CABLE_MTU))?;
        self.link(link::disable_ipv6(&self.namespace, &port))?;
        self.link(link::enslave(&self.namespace, &port, BRIDGE))?;
        self.link(link::set_up(&self.namespace, &port, true))?;
        self.link(link::set_up(namespace, device, true))
    }

    /// What would change if the stations were these, a line for each.
    pub(crate) fn changes(&self, stations: &[Station]) -> Vec<String> {
        let gone = self.gone(stations);
        let stays =
            |station: &&Station| self.stations.contains_key(&station.name) && !gone.contains(&station.name);
        let new = stations.iter().filter(|station| !stays(station));
        let goes = gone.iter().map(|name| format!("- {}: station {name}", self.name));
        goes.chain(new.map(|station| station_comes(&self.name, &station.name))).collect()
    }

    /// Makes the stations what the lab says. One that changed, or ended, is another one.
    pub(crate) fn converge(&mut self, stations: &[Station]) -> Result<(), SegmentError> {
        for name in self.gone(stations) {
            self.stations.remove(&name);
        }
        for station in stations {
            if !self.stations.contains_key(&station.name) {
                let live = self.start(station)?;
                self.stations.insert(station.name.clone(), live);
            }
        }
        Ok(())
    }

    fn gone(&self, stations: &[Station]) -> Vec<String> {
        let stays = |live: &LiveStation| stations.contains(&live.station) && live.guest.is_running();
        self.stations.iter().filter(|(_, live)| !stays(live)).map(|(name, _)| name.clone()).collect()
    }

    /// What runs on it.
    pub(crate) fn status(&self) -> SegmentStatus {
        let stations = self.stations.values().map(|live| EndStatus {
            name: live.station.name.clone(),
            pid: live.guest.pid(),
            addresses: live.station.addresses.iter().map(|address| address.ip.to_string()).collect(),
        });
        SegmentStatus { name: self.name.clone(), stations: stations.collect() }
    }

    fn start(&mut self, station: &Station) -> Result<LiveStation, SegmentError> {
        let guest = Guest::start(&station.name, &[])
            .map_err(|source| SegmentError::Guest { station: station.name.clone(), source })?;
        let namespace = guest.namespace().clone();
        let access = match VlanId::new(station.vlan) {
            Some(vlan) if vlan != VlanId::UNTAGGED => {
                Some(self.serve_access_port(station, &namespace, vlan)?)
            }
            _ => {
                self.cable(&namespace, ADAPTER, station.mac)?;
                None
            }
        };
        for address in &station.addresses {
            self.link(link::add_address(&namespace, ADAPTER, address.ip, address.prefix_len))?;
        }
        Ok(LiveStation { station: station.clone(), guest, _access: access })
    }

    /// Puts a [`Tagger`] between the segment and the station.
    fn serve_access_port(
        &mut self,
        station: &Station,
        namespace: &Namespace,
        vlan: VlanId,
    ) -> Result<Tagger, SegmentError> {
        const TRUNK: &str = "trunk";
        let hardware =
            Namespace::create().map_err(|source| SegmentError::Io { segment: self.name.clone(), source })?;
        self.cable(&hardware, TRUNK, station.mac)?;
        let port = |source| SegmentError::Port { station: station.name.clone(), source };
        let trunk = Port::packet(&hardware, TRUNK).map_err(port)?;
        let adapter = Port::adapter(namespace, ADAPTER, station.mac, &hardware).map_err(port)?;
        Tagger::start(vlan, station.mac, trunk, adapter)
            .map_err(|source| SegmentError::Tagging { station: station.name.clone(), source })
    }

    fn link(&self, result: Result<(), link::LinkError>) -> Result<(), SegmentError> {
        result.map_err(|source| SegmentError::Link { segment: self.name.clone(), source })
    }
}

/// The line for a station that comes.
pub(crate) fn station_comes(segment: &str, station: &str) -> String {
    format!("+ {segment}: station {station}")
}
