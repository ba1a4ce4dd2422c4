//! Those who talk: stations on a segment, adapters of ordinary VMs, VMkernel adapters. Nested hosts do not: their
//! adapters are uplinks of the switches inside.
//!
//! An end point takes a frame as a network card does: its own address, groups, and anything else only if it sniffs.

use std::fmt;
use std::net::IpAddr;

use nsw_core::{Frame, Mac};

use super::bridge::vlan_of;
use super::world::{Far, World};
use crate::spec::suggest::nearest;
use crate::topology::Address;

/// The place of an end point in its world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId(pub(super) usize);

impl EndpointId {
    /// The place as an index.
    pub(crate) const fn index(self) -> usize {
        self.0
    }
}

/// What kind of end point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndpointKind {
    /// An end station on a segment.
    Station,
    /// A network adapter of a VM.
    Vnic,
    /// A VMkernel adapter.
    Vmkernel,
}

/// Somebody who sends and receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `web01/eth0`, `physical/vmk0`, `laptop`; unique in the lab.
    pub name: String,
    /// What it is.
    pub kind: EndpointKind,
    /// The VM, host or station that it belongs to.
    pub owner: String,
    /// The host whose switch it is connected to; `None` for a station.
    pub host: Option<String>,
    /// The address it sends from and listens to: what the guest programmed, not what the switch honours.
    pub mac: Mac,
    /// The 802.1Q id it tags with, 0 for none.
    pub vlan: u16,
    /// It takes frames that are not for it.
    pub promiscuous: bool,
    /// Its IP addresses.
    pub addresses: Vec<Address>,
    /// The port it is connected to.
    pub(super) attached: Far,
}

/// How an end point takes a frame that reached its adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Acceptance {
    /// The destination is its own address.
    Own,
    /// The destination is a group.
    Group,
    /// Not for it, but it sniffs.
    Sniffed,
    /// Not for it: another destination. The adapter ignores the frame.
    OtherAddress,
    /// Not for it: the tag does not fit. The guest ignores the frame.
    OtherVlan,
}

impl Acceptance {
    /// The frame was meant for this end point.
    pub const fn is_for_it(self) -> bool {
        matches!(self, Self::Own | Self::Group)
    }
}

impl Endpoint {
    /// How this end point takes a frame.
    pub fn accepts(&self, bytes: &[u8]) -> Acceptance {
        let Ok(frame) = Frame::parse(bytes) else { return Acceptance::OtherAddress };
        let own_vlan = vlan_of(&frame) == self.vlan;
        match frame.dst() {
            dst if own_vlan && dst == self.mac => Acceptance::Own,
            dst if own_vlan && dst.is_group() => Acceptance::Group,
            _ if self.promiscuous => Acceptance::Sniffed,
            _ if own_vlan => Acceptance::OtherAddress,
            _ => Acceptance::OtherVlan,
        }
    }

    /// The multicast groups that its stack joins for its addresses.
    pub(crate) fn groups(&self) -> impl Iterator<Item = Mac> {
        super::wiring::groups_of(&self.addresses).into_iter()
    }

    /// Does it own this IP address?
    pub fn has_ip(&self, ip: IpAddr) -> bool {
        self.addresses.iter().any(|address| address.ip == ip)
    }
}

/// A name that is no end point, or more than one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookupError {
    /// Nobody has it.
    #[error("nobody in this lab is called `{text}`{}; there are {}", Meant(text, known), Listed(known))]
    Unknown {
        /// What was asked for.
        text: String,
        /// Who is there.
        known: Vec<String>,
    },
    /// More than one has it.
    #[error("`{text}` is more than one in this lab: {}", Listed(candidates))]
    Ambiguous {
        /// What was asked for.
        text: String,
        /// Who has it.
        candidates: Vec<String>,
    },
}

/// *did you mean ...?*, of an end point by its whole name or by that of the VM, host or station alone.
struct Meant<'a>(&'a str, &'a [String]);

impl fmt::Display for Meant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text, known) = *self;
        let names = known.iter().map(String::as_str);
        let owners = names.clone().filter_map(|name| Some(name.split_once('/')?.0));
        match nearest(text, names.chain(owners)) {
            Some(name) => write!(f, " (did you mean `{name}`?)"),
            None => Ok(()),
        }
    }
}

struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 12;
        f.write_str(&self.0.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", "))?;
        if self.0.len() > SHOWN { write!(f, " and {} more", self.0.len() - SHOWN) } else { Ok(()) }
    }
}

impl World {
    /// The end point that `text` names: `web01/eth1`, `physical/vmk0`, `laptop`, an IP address, a MAC; or the name of a
    /// VM or host alone, which means its first adapter that has an address, or else its first.
    ///
    /// # Errors
    /// [`LookupError`] if nobody, or more than one, has that name or address.
    pub fn find(&self, text: &str) -> Result<EndpointId, LookupError> {
        if let Some(id) = self.only(text, |endpoint| endpoint.name == text)? {
            return Ok(id);
        }
        let owned = |endpoint: &Endpoint| endpoint.owner == text;
        let first = self.endpoint_ids().find(|id| owned(self.endpoint(*id)));
        let addressed = self
            .endpoint_ids()
            .find(|id| owned(self.endpoint(*id)) && !self.endpoint(*id).addresses.is_empty());
        if let Some(id) = addressed.or(first) {
            return Ok(id);
        }
        let by_address = match (text.parse::<IpAddr>(), text.parse::<Mac>()) {
            (Ok(ip), _) => self.only(text, |endpoint| endpoint.has_ip(ip))?,
            (_, Ok(mac)) => self.only(text, |endpoint| endpoint.mac == mac)?,
            _ => None,
        };
        by_address.ok_or_else(|| LookupError::Unknown {
            text: text.to_owned(),
            known: self.endpoint_ids().map(|id| self.endpoint(id).name.clone()).collect(),
        })
    }

    fn only(&self, text: &str, fits: impl Fn(&Endpoint) -> bool) -> Result<Option<EndpointId>, LookupError> {
        let found: Vec<EndpointId> = self.endpoint_ids().filter(|id| fits(self.endpoint(*id))).collect();
        match found[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ => Err(LookupError::Ambiguous {
                text: text.to_owned(),
                candidates: found.iter().map(|id| self.endpoint(*id).name.clone()).collect(),
            }),
        }
    }
}
