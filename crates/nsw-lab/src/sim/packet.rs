//! The bytes of a conversation: Ethernet with its tag, ARP, IPv4 with ICMP echo; IPv6 in `v6.rs`.
//!
//! A stack answers what it was really sent: [`answer`] reads the bytes that arrived, not the intention behind them.
//!
//! **Invariant:** whoever cannot read a packet ignores it, as a real stack does.

pub(super) mod v6;

use std::net::{IpAddr, Ipv4Addr};

use nsw_core::{Frame, Mac, TAG_LEN, Tag, ethertype};

use super::endpoint::Endpoint;

const ETHERNET_HEADER_LEN: usize = 14;
const ADDRESSES_LEN: usize = 12;

const ARP_REQUEST: u16 = 1;
const ARP_REPLY: u16 = 2;
const ARP_LEN: usize = 28;

const IPV4_HEADER_LEN: usize = 20;
/// Type, code and checksum.
const ICMP_HEADER_LEN: usize = 4;
const PROTOCOL_ICMP: u8 = 1;
const ICMP_ECHO_REPLY: u8 = 0;
const ICMP_ECHO_REQUEST: u8 = 8;
/// Identifier and sequence number of every echo, then what `ping` of the simulator says.
const ECHO_BODY: &[u8] = b"\x6e\x73\x00\x01nestswitch";

/// An Ethernet frame; tagged if `vlan` is not 0.
pub(super) fn ethernet(dst: Mac, src: Mac, vlan: u16, ethertype: u16, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(ETHERNET_HEADER_LEN + TAG_LEN + payload.len());
    frame.extend(dst.octets());
    frame.extend(src.octets());
    frame.extend(ethertype.to_be_bytes());
    frame.extend(payload);
    if vlan == 0 { frame } else { with_tag(&frame, Tag::new(vlan, 0)) }
}

/// The frame with a tag inserted after the addresses.
pub(super) fn with_tag(bytes: &[u8], tag: Tag) -> Vec<u8> {
    let (addresses, rest) = bytes.split_at(ADDRESSES_LEN.min(bytes.len()));
    [addresses, &ethertype::VLAN.to_be_bytes(), &tag.tci().to_be_bytes(), rest].concat()
}

/// The frame without the tag after its addresses.
pub(super) fn without_tag(bytes: &[u8]) -> Vec<u8> {
    let (addresses, rest) = bytes.split_at(ADDRESSES_LEN.min(bytes.len()));
    [addresses, rest.get(TAG_LEN..).unwrap_or_default()].concat()
}

/// `who has target?`, asked by `from` with its address `own`.
pub(super) fn resolve(from: &Endpoint, own: IpAddr, target: IpAddr) -> Option<Vec<u8>> {
    match (own, target) {
        (IpAddr::V4(own), IpAddr::V4(target)) => {
            let arp = arp(ARP_REQUEST, from.mac, own, Mac::ZERO, target);
            Some(ethernet(Mac::BROADCAST, from.mac, from.vlan, ethertype::ARP, &arp))
        }
        (IpAddr::V6(own), IpAddr::V6(target)) => Some(v6::solicitation(from, own, target)),
        _ => None,
    }
}

/// An echo request from `own` to `target`, whose adapter has address `dst`, in an IP packet of `len` bytes; a smaller one
/// than holds the words is as large as they need.
pub(super) fn echo_request(
    from: &Endpoint,
    dst: Mac,
    own: IpAddr,
    target: IpAddr,
    len: usize,
) -> Option<Vec<u8>> {
    let body = |header: usize| -> Vec<u8> {
        let wanted = len.saturating_sub(header + ICMP_HEADER_LEN).max(ECHO_BODY.len());
        let rest = std::iter::repeat_n(0, wanted - ECHO_BODY.len());
        ECHO_BODY.iter().copied().chain(rest).collect()
    };
    match (own, target) {
        (IpAddr::V4(own), IpAddr::V4(target)) => {
            let packet = icmp(ICMP_ECHO_REQUEST, own, target, &body(IPV4_HEADER_LEN));
            Some(ethernet(dst, from.mac, from.vlan, ethertype::IPV4, &packet))
        }
        (IpAddr::V6(own), IpAddr::V6(target)) => {
            Some(v6::echo_request(from, dst, own, target, &body(v6::HEADER_LEN)))
        }
        _ => None,
    }
}

/// What the stack of `endpoint` sends back for a frame that it took; `None` if it keeps silent.
pub(super) fn answer(endpoint: &Endpoint, bytes: &[u8]) -> Option<Vec<u8>> {
    let frame = Frame::parse(bytes).ok()?;
    match frame.ethertype() {
        ethertype::ARP => answer_arp(endpoint, frame.payload()),
        ethertype::IPV4 => answer_echo(endpoint, &frame),
        ethertype::IPV6 => v6::answer(endpoint, &frame),
        _ => None,
    }
}

/// The MAC that an ARP reply or neighbour advertisement gives for `target`.
pub(super) fn resolved(bytes: &[u8], target: IpAddr) -> Option<Mac> {
    let frame = Frame::parse(bytes).ok()?;
    match (frame.ethertype(), target) {
        (ethertype::ARP, IpAddr::V4(target)) => {
            let arp = Arp::parse(frame.payload())?;
            (arp.operation == ARP_REPLY && arp.sender_ip == target).then_some(arp.sender_mac)
        }
        (ethertype::IPV6, IpAddr::V6(target)) => v6::advertised(&frame, target),
        _ => None,
    }
}

struct Arp {
    operation: u16,
    sender_mac: Mac,
    sender_ip: Ipv4Addr,
    target_ip: Ipv4Addr,
}

impl Arp {
    fn parse(payload: &[u8]) -> Option<Self> {
        let arp: &[u8; ARP_LEN] = payload.first_chunk()?;
        let ethernet_and_ipv4 = [0, 1, 8, 0, 6, 4];
        (arp[..6] == ethernet_and_ipv4).then(|| Self {
            operation: u16::from_be_bytes([arp[6], arp[7]]),
            sender_mac: Mac::new([arp[8], arp[9], arp[10], arp[11], arp[12], arp[13]]),
            sender_ip: Ipv4Addr::new(arp[14], arp[15], arp[16], arp[17]),
            target_ip: Ipv4Addr::new(arp[24], arp[25], arp[26], arp[27]),
        })
    }
}

fn arp(operation: u16, sender: Mac, sender_ip: Ipv4Addr, target: Mac, target_ip: Ipv4Addr) -> Vec<u8> {
    let mut bytes = vec![0, 1, 8, 0, 6, 4];
    bytes.extend(operation.to_be_bytes());
    bytes.extend(sender.octets());
    bytes.extend(sender_ip.octets());
    bytes.extend(target.octets());
    bytes.extend(target_ip.octets());
    bytes
}

fn answer_arp(endpoint: &Endpoint, payload: &[u8]) -> Option<Vec<u8>> {
    let asked = Arp::parse(payload)?;
    if asked.operation != ARP_REQUEST || !endpoint.has_ip(asked.target_ip.into()) {
        return None;
    }
    let reply = arp(ARP_REPLY, endpoint.mac, asked.target_ip, asked.sender_mac, asked.sender_ip);
    Some(ethernet(asked.sender_mac, endpoint.mac, endpoint.vlan, ethertype::ARP, &reply))
}

fn answer_echo(endpoint: &Endpoint, frame: &Frame<'_>) -> Option<Vec<u8>> {
    let packet = frame.payload();
    let header: &[u8; IPV4_HEADER_LEN] = packet.first_chunk()?;
    let (src, dst) = (ipv4_at(header, 12), ipv4_at(header, 16));
    let message = packet.get(IPV4_HEADER_LEN..)?;
    let is_echo = header[9] == PROTOCOL_ICMP && message.first() == Some(&ICMP_ECHO_REQUEST);
    if !is_echo || !endpoint.has_ip(dst.into()) {
        return None;
    }
    let reply = icmp(ICMP_ECHO_REPLY, dst, src, message.get(4..)?);
    Some(ethernet(frame.src(), endpoint.mac, endpoint.vlan, ethertype::IPV4, &reply))
}

fn ipv4_at(header: &[u8; IPV4_HEADER_LEN], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(header[at], header[at + 1], header[at + 2], header[at + 3])
}

fn icmp(kind: u8, src: Ipv4Addr, dst: Ipv4Addr, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind, 0, 0, 0];
    message.extend(body);
    let sum = checksum(&[&message]);
    message[2..4].copy_from_slice(&sum.to_be_bytes());

    let total_len = u16::try_from(IPV4_HEADER_LEN + message.len()).unwrap_or(u16::MAX);
    let mut header = vec![0x45, 0];
    header.extend(total_len.to_be_bytes());
    header.extend([0, 0, 0x40, 0, 64, PROTOCOL_ICMP, 0, 0]);
    header.extend(src.octets());
    header.extend(dst.octets());
    let sum = checksum(&[&header]);
    header[10..12].copy_from_slice(&sum.to_be_bytes());
    [header, message].concat()
}

/// The Internet checksum over these parts, each of even length but the last.
fn checksum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    !u16::try_from(folded).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_of_a_packet_with_its_checksum_is_zero() {
        let packet = icmp(ICMP_ECHO_REQUEST, [192, 0, 2, 1].into(), [192, 0, 2, 2].into(), ECHO_BODY);
        assert_eq!(checksum(&[&packet[..IPV4_HEADER_LEN]]), 0);
        assert_eq!(checksum(&[&packet[IPV4_HEADER_LEN..]]), 0);
    }

    #[test]
    fn a_tag_goes_in_and_comes_out() {
        let plain = ethernet(Mac::BROADCAST, Mac::new([2; 6]), 0, ethertype::ARP, &[1, 2, 3]);
        let tagged = with_tag(&plain, Tag::new(20, 3));
        assert_eq!(Frame::parse(&tagged).unwrap().tag(), Some(Tag::new(20, 3)));
        assert_eq!(without_tag(&tagged), plain);
    }
}
