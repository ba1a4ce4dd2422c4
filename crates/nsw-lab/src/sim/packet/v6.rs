//! IPv6: neighbour solicitation and advertisement instead of ARP, and echo.
//!
//! The question goes to the solicited-node group of the address asked for, so on a vSwitch it reaches only ports whose
//! guests joined that group, and ports in promiscuous mode.

use std::net::Ipv6Addr;

use nsw_core::{Frame, Mac, ethertype};

use super::{checksum, ethernet};
use crate::sim::endpoint::Endpoint;

pub(super) const HEADER_LEN: usize = 40;
const NEXT_HEADER_ICMP: u8 = 58;
const ECHO_REQUEST: u8 = 128;
const ECHO_REPLY: u8 = 129;
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
const SOURCE_LINK_ADDRESS: u8 = 1;
const TARGET_LINK_ADDRESS: u8 = 2;
/// Neighbour discovery is believed only from the same link: nobody may have decremented this.
const HOP_LIMIT: u8 = 255;

/// The group of `address` that neighbour discovery asks: `33:33:ff` and the last three octets.
pub(in crate::sim) fn solicited_node_mac(address: Ipv6Addr) -> Mac {
    let [.., a, b, c] = address.octets();
    Mac::new([0x33, 0x33, 0xff, a, b, c])
}

fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::from([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, a, b, c])
}

pub(super) fn solicitation(from: &Endpoint, own: Ipv6Addr, target: Ipv6Addr) -> Vec<u8> {
    let body = neighbour_body(0, target, SOURCE_LINK_ADDRESS, from.mac);
    let packet = icmp(SOLICITATION, own, solicited_node(target), &body);
    ethernet(solicited_node_mac(target), from.mac, from.vlan, ethertype::IPV6, &packet)
}

pub(super) fn echo_request(
    from: &Endpoint,
    dst: Mac,
    own: Ipv6Addr,
    target: Ipv6Addr,
    body: &[u8],
) -> Vec<u8> {
    ethernet(dst, from.mac, from.vlan, ethertype::IPV6, &icmp(ECHO_REQUEST, own, target, body))
}

pub(super) fn answer(endpoint: &Endpoint, frame: &Frame<'_>) -> Option<Vec<u8>> {
    let packet = Packet::parse(frame.payload())?;
    let reply = match packet.kind {
        SOLICITATION => {
            let target = address_at(packet.body, 4)?;
            let body = neighbour_body(0x60, target, TARGET_LINK_ADDRESS, endpoint.mac);
            endpoint.has_ip(target.into()).then(|| icmp(ADVERTISEMENT, target, packet.src, &body))
        }
        ECHO_REQUEST if endpoint.has_ip(packet.dst.into()) => {
            Some(icmp(ECHO_REPLY, packet.dst, packet.src, packet.body))
        }
        _ => None,
    };
    Some(ethernet(frame.src(), endpoint.mac, endpoint.vlan, ethertype::IPV6, &reply?))
}

/// The MAC in a neighbour advertisement for `target`.
pub(super) fn advertised(frame: &Frame<'_>, target: Ipv6Addr) -> Option<Mac> {
    let packet = Packet::parse(frame.payload())?;
    let fits = packet.kind == ADVERTISEMENT && address_at(packet.body, 4) == Some(target);
    match packet.body.get(20..28) {
        Some([TARGET_LINK_ADDRESS, 1, a, b, c, d, e, g]) if fits => Some(Mac::new([*a, *b, *c, *d, *e, *g])),
        _ => None,
    }
}

struct Packet<'a> {
    src: Ipv6Addr,
    dst: Ipv6Addr,
    kind: u8,
    /// What follows type, code and checksum.
    body: &'a [u8],
}

impl<'a> Packet<'a> {
    fn parse(payload: &'a [u8]) -> Option<Self> {
        let header: &[u8; HEADER_LEN] = payload.first_chunk()?;
        let (src, dst) = (address_at(header, 8)?, address_at(header, 24)?);
        let kind = *payload.get(HEADER_LEN)?;
        let body = payload.get(HEADER_LEN + 4..)?;
        (header[6] == NEXT_HEADER_ICMP).then_some(Self { src, dst, kind, body })
    }
}

fn address_at(bytes: &[u8], at: usize) -> Option<Ipv6Addr> {
    let octets: &[u8; 16] = bytes.get(at..)?.first_chunk()?;
    Some(Ipv6Addr::from(*octets))
}

/// Flags (three reserved octets follow), the target, and one option with a link-layer address.
fn neighbour_body(flags: u8, target: Ipv6Addr, option: u8, mac: Mac) -> Vec<u8> {
    let mut body = vec![flags, 0, 0, 0];
    body.extend(target.octets());
    body.extend([option, 1]);
    body.extend(mac.octets());
    body
}

fn icmp(kind: u8, src: Ipv6Addr, dst: Ipv6Addr, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0];
    message.extend(body);
    let len = u16::try_from(message.len()).unwrap_or(u16::MAX);
    let pseudo_tail = [0, 0, len.to_be_bytes()[0], len.to_be_bytes()[1], 0, 0, 0, NEXT_HEADER_ICMP];
    let sum = checksum(&[&src.octets(), &dst.octets(), &pseudo_tail, &message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());

    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend(len.to_be_bytes());
    packet.extend([NEXT_HEADER_ICMP, HOP_LIMIT]);
    packet.extend(src.octets());
    packet.extend(dst.octets());
    packet.extend(message);
    packet
}
