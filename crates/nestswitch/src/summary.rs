//! What a frame is, in a few words, from its first bytes; and which leg of a ping conversation it belongs to.

use std::net::IpAddr;

use etherparse::{
    ArpOperation, EtherType, Icmpv4Type, Icmpv6Type, LaxNetSlice, LaxSlicedPacket, LinkSlice, TransportSlice,
};
use nsw_lab::messages::{Catalogue, Message};

/// The four frames of a ping between two end points that have not spoken before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Leg {
    AddressRequest,
    AddressReply,
    EchoRequest,
    EchoReply,
}

impl Leg {
    /// The name that people use, for IPv4.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AddressRequest => "ARP request",
            Self::AddressReply => "ARP reply",
            Self::EchoRequest => "echo request",
            Self::EchoReply => "echo reply",
        }
    }
}

/// What was found in a frame's first bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    what: What,
    /// The leg of a conversation, and the IP addresses of who sends and who is meant.
    pub(crate) leg: Option<(Leg, IpAddr, IpAddr)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    ArpRequest {
        sender: IpAddr,
        target: IpAddr,
    },
    ArpReply {
        sender: IpAddr,
        target: IpAddr,
    },
    /// A packet, by its English name.
    Between {
        what: String,
        from: IpAddr,
        to: IpAddr,
    },
    /// Anything else, by its English name.
    Else(String),
}

impl Summary {
    /// A few words.
    pub(crate) fn words(&self, words: &Catalogue) -> String {
        match &self.what {
            What::ArpRequest { sender, target } => words.say(&Message::FrameArpRequest { sender, target }),
            What::ArpReply { sender, target } => words.say(&Message::FrameArpReply { sender, target }),
            What::Between { what, from, to } => {
                words.say(&Message::FrameBetween { what: &words.frame_called(what), from, to })
            }
            What::Else(what) => words.frame_called(what),
        }
    }

    fn named(what: impl Into<String>) -> Self {
        Self { what: What::Else(what.into()), leg: None }
    }
}

/// The bytes that are written in hexadecimal digits, two each.
pub(crate) fn from_hexadecimal(digits: &str) -> Vec<u8> {
    digits
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Summarises a frame from its first bytes; they need not be all.
pub(crate) fn summarise(head: &[u8]) -> Summary {
    let Ok(packet) = LaxSlicedPacket::from_ethernet(head) else {
        return Summary::named("no whole Ethernet header");
    };
    match &packet.net {
        Some(LaxNetSlice::Arp(arp)) => summarise_arp(&arp.to_packet()),
        Some(LaxNetSlice::Ipv4(ip)) => {
            let header = ip.header();
            let (from, to) = (header.source_addr().into(), header.destination_addr().into());
            summarise_ip(packet.transport.as_ref(), from, to, header.protocol().0)
        }
        Some(LaxNetSlice::Ipv6(ip)) => {
            let header = ip.header();
            let (from, to) = (header.source_addr().into(), header.destination_addr().into());
            summarise_ip(packet.transport.as_ref(), from, to, header.next_header().0)
        }
        None => summarise_link(&packet),
    }
}

fn summarise_arp(arp: &etherparse::ArpPacket) -> Summary {
    let ip = |bytes: &[u8]| <[u8; 4]>::try_from(bytes).ok().map(IpAddr::from);
    let (Some(sender), Some(target)) = (ip(arp.sender_protocol_addr()), ip(arp.target_protocol_addr()))
    else {
        return Summary::named("ARP, not for IPv4");
    };
    let (what, leg) = match arp.operation {
        ArpOperation::REQUEST => (What::ArpRequest { sender, target }, Leg::AddressRequest),
        _ => (What::ArpReply { sender, target }, Leg::AddressReply),
    };
    Summary { what, leg: Some((leg, sender, target)) }
}

fn summarise_ip(transport: Option<&TransportSlice<'_>>, from: IpAddr, to: IpAddr, protocol: u8) -> Summary {
    let plain = |what: &str| Summary { what: What::Between { what: what.to_owned(), from, to }, leg: None };
    let on_leg = |leg: Leg| Summary { leg: Some((leg, from, to)), ..plain(leg.name()) };
    match transport {
        Some(TransportSlice::Icmpv4(icmp)) => match icmp.icmp_type() {
            Icmpv4Type::EchoRequest(_) => on_leg(Leg::EchoRequest),
            Icmpv4Type::EchoReply(_) => on_leg(Leg::EchoReply),
            _ => plain("ICMP"),
        },
        Some(TransportSlice::Icmpv6(icmp)) => match icmp.icmp_type() {
            Icmpv6Type::EchoRequest(_) => on_leg(Leg::EchoRequest),
            Icmpv6Type::EchoReply(_) => on_leg(Leg::EchoReply),
            Icmpv6Type::NeighborSolicitation => plain("IPv6 neighbour solicitation"),
            Icmpv6Type::NeighborAdvertisement(_) => plain("IPv6 neighbour advertisement"),
            Icmpv6Type::RouterSolicitation => plain("IPv6 router solicitation"),
            _ => plain("ICMPv6"),
        },
        Some(TransportSlice::Udp(udp)) => {
            plain(&format!("UDP {} > {}", udp.source_port(), udp.destination_port()))
        }
        Some(TransportSlice::Tcp(tcp)) => {
            plain(&format!("TCP {} > {}", tcp.source_port(), tcp.destination_port()))
        }
        Some(TransportSlice::Igmp(_)) => plain("IGMP"),
        None => plain(&format!("IP protocol {protocol}")),
    }
}

fn summarise_link(packet: &LaxSlicedPacket<'_>) -> Summary {
    match &packet.link {
        Some(LinkSlice::Ethernet2(link)) if link.ether_type() == EtherType(0x8035) => Summary::named("RARP"),
        Some(LinkSlice::Ethernet2(link)) => Summary::named(format!("EtherType {:#06x}", link.ether_type().0)),
        _ => Summary::named("no known protocol"),
    }
}

#[cfg(test)]
mod tests {
    use nsw_lab::messages::Language;

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn english(summary: &Summary) -> String {
        summary.words(&Catalogue::new(Language::En))
    }

    #[test]
    fn an_arp_request_is_the_first_leg() {
        let mut frame = vec![0xff; 6];
        frame.extend([0, 0x50, 0x56, 0, 0, 7, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1]);
        frame.extend([0, 0x50, 0x56, 0, 0, 7, 192, 168, 10, 31, 0, 0, 0, 0, 0, 0, 192, 168, 10, 50]);
        let summary = summarise(&frame);
        assert_eq!(english(&summary), "ARP request, 192.168.10.31 asks who has 192.168.10.50");
        assert_eq!(summary.leg, Some((Leg::AddressRequest, ip("192.168.10.31"), ip("192.168.10.50"))));
    }

    #[test]
    fn an_echo_request_is_known_from_its_first_bytes_alone() {
        let builder = etherparse::PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .icmpv4_echo_request(1, 2);
        let mut frame = Vec::new();
        builder.write(&mut frame, &[0; 600]).unwrap();
        let summary = summarise(&frame[..128]);
        assert_eq!(summary.leg, Some((Leg::EchoRequest, ip("10.0.0.1"), ip("10.0.0.2"))));
    }

    #[test]
    fn a_torn_header_is_said_to_be_one() {
        assert_eq!(english(&summarise(&[1, 2, 3])), "no whole Ethernet header");
    }

    #[test]
    fn what_is_no_abbreviation_has_a_japanese_name() {
        let names = [
            "no whole Ethernet header",
            "ARP, not for IPv4",
            "no known protocol",
            "IPv6 neighbour solicitation",
            "IPv6 neighbour advertisement",
            "IPv6 router solicitation",
            Leg::EchoRequest.name(),
            Leg::EchoReply.name(),
        ];
        let words = Catalogue::new(Language::Ja);
        for name in names {
            assert_ne!(words.frame_called(name), name);
        }
    }
}
