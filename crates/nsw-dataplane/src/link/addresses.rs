//! The addresses that a device has: who finds one knows that somebody uses the device.

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
    let request = RouteNetlinkMessage::GetAddress(AddressMessage::default());
    let answers = namespace.netlink(|netlink| netlink.request(request, NLM_F_DUMP));
    let answers = answers.map_err(failed(device, "list its addresses"))?;
    Ok(answers.iter().filter_map(|answer| address_of(answer, index)).collect())
}

fn address_of(answer: &RouteNetlinkMessage, index: u32) -> Option<IpAddr> {
    let RouteNetlinkMessage::NewAddress(message) = answer else { return None };
    if message.header.index != index || message.header.scope == AddressScope::Link {
        return None;
    }
    message.attributes.iter().find_map(|attribute| match attribute {
        // Of a link with a peer the local one; IPv6 says only the other.
        AddressAttribute::Local(address) | AddressAttribute::Address(address) => Some(*address),
        _ => None,
    })
}
