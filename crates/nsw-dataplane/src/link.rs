//! Network devices: find, create, configure, move and delete them, by netlink.
//!
//! Every operation takes the namespace and the device's name in it, is done when it returns, and names both the device
//! and the operation when it fails. Those that describe a state ([`set_up`], [`add_address`], [`enslave`], ...) may be
//! repeated: a state that is there already is no error.
//!
//! Reference: `rtnetlink(7)`.

mod addresses;
mod neighbours;

use std::fs;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd};

use netlink_packet_core::{NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    AfSpecInet6, AfSpecUnspec, In6AddrGenMode, InfoData, InfoKind, InfoVeth, LinkAttribute, LinkExtentMask,
    LinkFlags, LinkInfo, LinkMessage,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage};
use nsw_core::Mac;
use rustix::io::Errno;

use crate::netns::Namespace;

pub use addresses::{addressed, addresses};
pub use neighbours::flush_neighbours;

/// An operation on a device that the kernel refused.
#[derive(Debug, thiserror::Error)]
#[error("device `{device}`: cannot {operation}: {source}")]
pub struct LinkError {
    /// The device's name.
    pub device: String,
    /// What was to be done, as `set its MAC address`.
    pub operation: &'static str,
    /// Why the kernel refused.
    pub source: io::Error,
}

impl LinkError {
    /// Is the reason that there is no such device?
    pub fn is_not_found(&self) -> bool {
        self.source.raw_os_error() == Some(Errno::NODEV.raw_os_error())
    }
}

/// One device as the kernel describes it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Its index, unique in its namespace.
    pub index: u32,
    /// Its name.
    pub name: String,
    /// Its MAC address; `None` if it is no Ethernet device.
    pub mac: Option<Mac>,
    /// Largest payload in bytes.
    pub mtu: u32,
    /// Somebody set it up.
    pub up: bool,
    /// There is a carrier: the other end is connected and up.
    pub carrier: bool,
    /// Somebody asks it for every frame: by the device's flag or by a packet socket.
    pub promiscuous: bool,
    /// Somebody asks it for every multicast frame.
    pub all_multicast: bool,
    /// The index of the bridge, bond or the like that it is a port of.
    pub bridge: Option<u32>,
    /// The kernel's word for what it is, as `veth` or `tun`; empty for hardware.
    pub kind: String,
    /// Its other end, as that of a veth pair, is in another namespace.
    pub peer_elsewhere: bool,
}

impl Link {
    /// The device with this name, if there is one.
    ///
    /// # Errors
    /// A [`LinkError`].
    pub fn find(namespace: &Namespace, name: &str) -> Result<Option<Self>, LinkError> {
        match Self::get(namespace, name) {
            Ok(link) => Ok(Some(link)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The device with this name.
    ///
    /// # Errors
    /// A [`LinkError`]; see [`LinkError::is_not_found`].
    pub fn get(namespace: &Namespace, name: &str) -> Result<Self, LinkError> {
        query(namespace, named(name))
            .and_then(|link| link.ok_or_else(no_device))
            .map_err(failed(name, "look it up"))
    }

    /// The device with this index, if there is one.
    ///
    /// # Errors
    /// A [`LinkError`].
    pub fn by_index(namespace: &Namespace, index: u32) -> Result<Option<Self>, LinkError> {
        match query(namespace, indexed(index)) {
            Err(error) if error.raw_os_error() == Some(Errno::NODEV.raw_os_error()) => Ok(None),
            other => other.map_err(failed(&format!("#{index}"), "look it up")),
        }
    }

    /// All devices of a namespace.
    ///
    /// # Errors
    /// A [`LinkError`].
    pub fn list(namespace: &Namespace) -> Result<Vec<Self>, LinkError> {
        let request = RouteNetlinkMessage::GetLink(LinkMessage::default());
        let answers = namespace.netlink(|netlink| netlink.request(request, NLM_F_DUMP));
        Ok(answers.map_err(failed("*", "list devices"))?.iter().filter_map(from_answer).collect())
    }
}

fn query(namespace: &Namespace, mut message: LinkMessage) -> io::Result<Option<Link>> {
    message.attributes.push(LinkAttribute::ExtMask(vec![LinkExtentMask::SkipStats]));
    let answers = namespace.netlink(|netlink| netlink.request(RouteNetlinkMessage::GetLink(message), 0))?;
    Ok(answers.iter().find_map(from_answer))
}

fn from_answer(answer: &RouteNetlinkMessage) -> Option<Link> {
    let RouteNetlinkMessage::NewLink(LinkMessage { header, attributes, .. }) = answer else { return None };
    let flags = header.flags;
    let mut link = Link {
        index: header.index,
        name: String::new(),
        mac: None,
        mtu: 0,
        up: flags.contains(LinkFlags::Up),
        carrier: flags.contains(LinkFlags::LowerUp),
        promiscuous: flags.contains(LinkFlags::Promisc),
        all_multicast: flags.contains(LinkFlags::Allmulti),
        bridge: None,
        kind: String::new(),
        peer_elsewhere: false,
    };
    for attribute in attributes {
        match attribute {
            LinkAttribute::IfName(name) => link.name.clone_from(name),
            LinkAttribute::Address(bytes) => {
                link.mac = <[u8; 6]>::try_from(bytes.as_slice()).ok().map(Mac::new);
            }
            LinkAttribute::Mtu(mtu) => link.mtu = *mtu,
            LinkAttribute::Promiscuity(users) => link.promiscuous |= *users > 0,
            LinkAttribute::AllMulticast(users) => link.all_multicast |= *users > 0,
            LinkAttribute::Controller(index) => link.bridge = Some(*index),
            LinkAttribute::LinkNetNsId(_) => link.peer_elsewhere = true,
            LinkAttribute::LinkInfo(infos) => {
                let mut kinds = infos.iter().filter_map(|info| match info {
                    LinkInfo::Kind(kind) => Some(kind.to_string()),
                    _ => None,
                });
                link.kind = kinds.next().unwrap_or_default();
            }
            _ => {}
        }
    }
    Some(link)
}

/// One end of a veth pair that is to be created.
#[derive(Clone, Copy, Debug)]
pub struct VethEnd<'a> {
    /// The namespace where it will be.
    pub namespace: &'a Namespace,
    /// Its name there.
    pub name: &'a str,
    /// Its MAC address; `None` for a random one.
    pub mac: Option<Mac>,
}

impl VethEnd<'_> {
    fn attributes(&self) -> Vec<LinkAttribute> {
        let mut attributes = vec![
            LinkAttribute::IfName(self.name.into()),
            LinkAttribute::NetNsFd(self.namespace.as_fd().as_raw_fd()),
        ];
        attributes.extend(self.mac.map(|mac| LinkAttribute::Address(mac.octets().to_vec())));
        attributes
    }
}

/// Creates a veth pair, each end in its namespace with its name and address from the first moment. Both are down.
///
/// # Errors
/// A [`LinkError`] that names end `a`.
pub fn create_veth(a: VethEnd<'_>, b: VethEnd<'_>) -> Result<(), LinkError> {
    let mut peer = LinkMessage::default();
    peer.attributes = b.attributes();
    let mut message = LinkMessage::default();
    message.attributes = a.attributes();
    message.attributes.push(LinkAttribute::LinkInfo(vec![
        LinkInfo::Kind(InfoKind::Veth),
        LinkInfo::Data(InfoData::Veth(InfoVeth::Peer(peer))),
    ]));
    create(a.namespace, message).map_err(failed(a.name, "create it as a veth pair"))
}

/// Creates a bridge, down and without ports. One that is there already is kept.
///
/// # Errors
/// A [`LinkError`].
pub fn create_bridge(namespace: &Namespace, name: &str) -> Result<(), LinkError> {
    let mut message = named(name);
    message.attributes.push(LinkAttribute::LinkInfo(vec![LinkInfo::Kind(InfoKind::Bridge)]));
    unless(Errno::EXIST, create(namespace, message)).map_err(failed(name, "create it as a bridge"))
}

fn create(namespace: &Namespace, message: LinkMessage) -> io::Result<()> {
    let request = RouteNetlinkMessage::NewLink(message);
    namespace.netlink(|netlink| netlink.request(request, NLM_F_CREATE | NLM_F_EXCL)).map(drop)
}

/// Makes a device a port of a bridge in the same namespace.
///
/// # Errors
/// A [`LinkError`].
pub fn enslave(namespace: &Namespace, name: &str, bridge: &str) -> Result<(), LinkError> {
    let index = Link::get(namespace, bridge)?.index;
    change(namespace, name, LinkAttribute::Controller(index))
        .map_err(failed(name, "make it a port of a bridge"))
}

/// Takes a device out of the bridge that it is a port of, if any.
///
/// # Errors
/// A [`LinkError`].
pub fn release(namespace: &Namespace, name: &str) -> Result<(), LinkError> {
    change(namespace, name, LinkAttribute::Controller(0)).map_err(failed(name, "take it out of its bridge"))
}

/// Sets the MAC address.
///
/// # Errors
/// A [`LinkError`].
pub fn set_mac(namespace: &Namespace, name: &str, mac: Mac) -> Result<(), LinkError> {
    let address = LinkAttribute::Address(mac.octets().to_vec());
    change(namespace, name, address).map_err(failed(name, "set its MAC address"))
}

/// The MTU of a device that is only a cable: what may cross is decided elsewhere. As much as a veth device takes.
pub const CABLE_MTU: u32 = 65_535;

/// Sets the MTU, in bytes of payload.
///
/// # Errors
/// A [`LinkError`].
pub fn set_mtu(namespace: &Namespace, name: &str, mtu: u32) -> Result<(), LinkError> {
    change(namespace, name, LinkAttribute::Mtu(mtu)).map_err(failed(name, "set its MTU"))
}

/// Sets how many frames may wait in the device.
///
/// # Errors
/// A [`LinkError`].
pub fn set_queue_len(namespace: &Namespace, name: &str, frames: u32) -> Result<(), LinkError> {
    change(namespace, name, LinkAttribute::TxQueueLen(frames)).map_err(failed(name, "set its queue length"))
}

/// Sets the device up or down.
///
/// # Errors
/// A [`LinkError`].
pub fn set_up(namespace: &Namespace, name: &str, up: bool) -> Result<(), LinkError> {
    let operation = if up { "set it up" } else { "set it down" };
    set_flag(namespace, name, LinkFlags::Up, up).map_err(failed(name, operation))
}

/// Makes the device answer no ARP request, and send none.
///
/// # Errors
/// A [`LinkError`].
pub fn set_no_arp(namespace: &Namespace, name: &str, no_arp: bool) -> Result<(), LinkError> {
    set_flag(namespace, name, LinkFlags::Noarp, no_arp).map_err(failed(name, "turn ARP on or off"))
}

/// Sets the device's own promiscuous flag. Packet sockets that ask for the same are not touched.
///
/// # Errors
/// A [`LinkError`].
pub fn set_promiscuous(namespace: &Namespace, name: &str, promiscuous: bool) -> Result<(), LinkError> {
    set_flag(namespace, name, LinkFlags::Promisc, promiscuous).map_err(failed(name, "set promiscuous mode"))
}

/// Renames a device. Linux does that to a device that is up, too, since version 6.
///
/// # Errors
/// A [`LinkError`].
pub fn rename(namespace: &Namespace, name: &str, new_name: &str) -> Result<(), LinkError> {
    let mut message = indexed(Link::get(namespace, name)?.index);
    message.attributes.push(LinkAttribute::IfName(new_name.into()));
    set(namespace, message).map_err(failed(name, "rename it"))
}

/// Moves a device into another namespace under a name that is free there. It arrives down and without addresses.
///
/// # Errors
/// A [`LinkError`].
pub fn move_to(namespace: &Namespace, name: &str, to: &Namespace, new_name: &str) -> Result<(), LinkError> {
    let mut message = indexed(Link::get(namespace, name)?.index);
    message.attributes.push(LinkAttribute::IfName(new_name.into()));
    message.attributes.push(LinkAttribute::NetNsFd(to.as_fd().as_raw_fd()));
    set(namespace, message).map_err(failed(name, "move it to another namespace"))
}

/// Deletes a device; one that is not there is no error.
///
/// # Errors
/// A [`LinkError`].
pub fn delete(namespace: &Namespace, name: &str) -> Result<(), LinkError> {
    let request = RouteNetlinkMessage::DelLink(named(name));
    let deleted = namespace.netlink(|netlink| netlink.request(request, 0)).map(drop);
    unless(Errno::NODEV, deleted).map_err(failed(name, "delete it"))
}

/// Adds an address with its prefix length. An IPv6 address is usable at once: no duplicate detection delays it.
///
/// # Errors
/// A [`LinkError`].
pub fn add_address(
    namespace: &Namespace,
    name: &str,
    address: IpAddr,
    prefix_len: u8,
) -> Result<(), LinkError> {
    let index = Link::get(namespace, name)?.index;
    let mut message = AddressMessage::default();
    message.header.family = if address.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    message.header.prefix_len = prefix_len;
    message.header.index = index;
    message.attributes = vec![AddressAttribute::Local(address), AddressAttribute::Address(address)];
    match address {
        IpAddr::V4(address) if prefix_len < 31 => {
            let hosts = u32::MAX.checked_shr(u32::from(prefix_len)).unwrap_or(0);
            message.attributes.push(AddressAttribute::Broadcast((u32::from(address) | hosts).into()));
        }
        IpAddr::V4(_) => {}
        IpAddr::V6(_) => {
            message
                .attributes
                .push(AddressAttribute::Flags(netlink_packet_route::address::AddressFlags::Nodad));
        }
    }
    let request = RouteNetlinkMessage::NewAddress(message);
    namespace
        .netlink(|netlink| netlink.request(request, NLM_F_CREATE | NLM_F_REPLACE))
        .map(drop)
        .map_err(failed(name, "add an address"))
}

/// Makes the device silent in IPv6: it gets no address of its own accord and, where `/proc/sys` may be written, none
/// by any other way.
///
/// # Errors
/// A [`LinkError`].
pub fn disable_ipv6(namespace: &Namespace, name: &str) -> Result<(), LinkError> {
    // A kernel without IPv6 has nothing to disable.
    unless(Errno::AFNOSUPPORT, change(namespace, name, no_generated_address()))
        .map_err(failed(name, "disable IPv6"))?;
    switch_ipv6_off(namespace, name);
    Ok(())
}

/// [`set_no_arp`] and [`disable_ipv6`] in one: the host's own stack says nothing on the device.
///
/// # Errors
/// A [`LinkError`].
pub fn silence(namespace: &Namespace, name: &str) -> Result<(), LinkError> {
    let mut message = named(name);
    message.header.change_mask = LinkFlags::Noarp;
    message.header.flags = LinkFlags::Noarp;
    message.attributes.push(no_generated_address());
    match set(namespace, message) {
        Err(error) if error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error()) => {
            set_no_arp(namespace, name, true)
        }
        other => {
            switch_ipv6_off(namespace, name);
            other.map_err(failed(name, "silence it"))
        }
    }
}

fn no_generated_address() -> LinkAttribute {
    let none = AfSpecInet6::AddrGenMode(In6AddrGenMode::None);
    LinkAttribute::AfSpecUnspec(vec![AfSpecUnspec::Inet6(vec![none])])
}

fn switch_ipv6_off(namespace: &Namespace, name: &str) {
    let path = format!("/proc/sys/net/ipv6/conf/{name}/disable_ipv6");
    if let Ok(Err(error)) = namespace.run(|| fs::write(&path, "1")) {
        tracing::debug!(device = name, %error, "no IPv6 address generation, but the device's IPv6 switch stays");
    }
}

fn named(name: &str) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.attributes.push(LinkAttribute::IfName(name.into()));
    message
}

fn indexed(index: u32) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.index = index;
    message
}

fn change(namespace: &Namespace, name: &str, attribute: LinkAttribute) -> io::Result<()> {
    let mut message = named(name);
    message.attributes.push(attribute);
    set(namespace, message)
}

fn set_flag(namespace: &Namespace, name: &str, flag: LinkFlags, on: bool) -> io::Result<()> {
    let mut message = named(name);
    message.header.change_mask = flag;
    message.header.flags = if on { flag } else { LinkFlags::empty() };
    set(namespace, message)
}

fn set(namespace: &Namespace, message: LinkMessage) -> io::Result<()> {
    namespace.netlink(|netlink| netlink.request(RouteNetlinkMessage::SetLink(message), 0)).map(drop)
}

/// Success also if the kernel refused with `tolerated`.
fn unless(tolerated: Errno, result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.raw_os_error() == Some(tolerated.raw_os_error()) => Ok(()),
        other => other,
    }
}

fn no_device() -> io::Error {
    Errno::NODEV.into()
}

fn failed(device: &str, operation: &'static str) -> impl FnOnce(io::Error) -> LinkError {
    move |source| LinkError { device: device.to_owned(), operation, source }
}
