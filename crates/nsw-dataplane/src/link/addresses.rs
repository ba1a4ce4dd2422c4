//! The addresses that a device has: who finds one knows that somebody uses the device.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;

use netlink_packet_core::NLM_F_DUMP;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::address::{AddressAttribute, AddressMessage, AddressScope};

use super::{Link, LinkError, failed};
use crate::netns::Namespace;

/// The addresses that somebody gave to `device`. Link-local ones, which IPv6 makes of its own accord, are not among
/// them.
///
/// # Errors
/// A [`LinkError`].
pub fn addresses(namespace: &Namespace, device: &str) -> Result<Vec<IpAddr>, LinkError> {
    let index = Link::get(namespace, device)?.index;
    let all = all(namespace).map_err(failed(device, "list its addresses"))?;
    Ok(all.into_iter().filter(|(owner, _)| *owner == index).map(|(_, address)| address).collect())
}

/// An address of each device, by its index, to which somebody gave one.
///
/// # Errors
/// A [`LinkError`].
pub fn addressed(namespace: &Namespace) -> Result<HashMap<u32, IpAddr>, LinkError> {
    Ok(all(namespace).map_err(failed("*", "list addresses"))?.into_iter().collect())
}

fn all(namespace: &Namespace) -> io::Result<Vec<(u32, IpAddr)>> {
    let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    let answers = namespace.netlink(|netlink| netlink.request(request, NLM_F_DUMP))?;
    Ok(answers.iter().filter_map(address_of).collect())
}

/// With the index of its device.
fn address_of(answer: &RouteNetlinkMessage) -> Option<(u32, IpAddr)> {
    let RouteNetlinkMessage::NewAddress(message) = answer else { return None };
    if message.header.scope == AddressScope::Link {
        return None;
    }
    let address = message.attributes.iter().find_map(|attribute| match attribute {
        // Of a link with a peer the local one; IPv6 says only the other.
        AddressAttribute::Local(address) | AddressAttribute::Address(address) => Some(*address),
        _ => None,
    })?;
    Some((message.header.index, address))
}
