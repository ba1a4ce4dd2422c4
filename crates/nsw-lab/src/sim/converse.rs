//! A whole conversation from a cold start: who has that address? here; echo request; echo reply.
//!
//! Four frames with real bytes, each carried by itself. An answer is made from the bytes that arrived, and is not sent
//! if nothing did. With IPv6 alone, neighbour discovery stands for ARP. There are no routers in a lab: end points
//! without an IP network in common do not talk.
//!
//! When the conversation breaks off, the frames that were not sent are tried all the same, as if each end knew the
//! other's MAC. So both directions have an answer, and a cure for the first fault does not uncover a second.

use std::net::IpAddr;

use super::death::Death;
use super::endpoint::EndpointId;
use super::journey::Journey;
use super::talk::Talk;
use super::world::{Memory, World};
use crate::topology::Address;

/// A ping from a cold start, both ways.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Who began.
    pub from: EndpointId,
    /// Its name.
    pub from_name: String,
    /// Who was to answer.
    pub to: EndpointId,
    /// Its name.
    pub to_name: String,
    /// The addresses used, of `from` and of `to`; `None` if they have none in common.
    pub addresses: Option<(IpAddr, IpAddr)>,
    /// The four frames; empty if none could be sent.
    pub legs: Vec<Leg>,
    /// What `from` sends to `to`, and what `to` sends to `from`; `None` if nothing could be sent.
    pub directions: Option<[Direction; 2]>,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Questions and answers arrived.
    Reachable,
    /// Frames pass in one direction, not in the other: no ping succeeds.
    OneWay,
    /// Frames pass in neither direction.
    Unreachable,
    /// They have no IP network in common, and there are no routers in a lab.
    NoRoute,
    /// One of them has no IP address.
    NoAddress {
        /// Which.
        whose: EndpointId,
    },
    /// They are one and the same.
    Itself,
}

impl Verdict {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reachable => "REACHABLE",
            Self::OneWay => "ONE_WAY",
            Self::Unreachable => "UNREACHABLE",
            Self::NoRoute => "NO_ROUTE",
            Self::NoAddress { .. } => "NO_ADDRESS",
            Self::Itself => "ITSELF",
        }
    }
}

/// One of the four frames.
#[derive(Clone, Debug)]
pub struct Leg {
    /// Which.
    pub kind: LegKind,
    /// Who sends it.
    pub from: EndpointId,
    /// Whom it is meant for, even if it goes to a group.
    pub to: EndpointId,
    /// What became of it; `None` if it was not sent.
    pub journey: Option<Journey>,
    /// The result.
    pub verdict: LegVerdict,
}

/// Which of the four frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LegKind {
    /// ARP request, to everybody.
    ArpRequest,
    /// ARP reply.
    ArpReply,
    /// Neighbour solicitation, to the solicited-node group.
    NeighbourSolicitation,
    /// Neighbour advertisement.
    NeighbourAdvertisement,
    /// ICMP echo request.
    EchoRequest,
    /// ICMP echo reply.
    EchoReply,
}

impl LegKind {
    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ArpRequest => "ARP request",
            Self::ArpReply => "ARP reply",
            Self::NeighbourSolicitation => "neighbour solicitation",
            Self::NeighbourAdvertisement => "neighbour advertisement",
            Self::EchoRequest => "echo request",
            Self::EchoReply => "echo reply",
        }
    }

    /// Is it sent to a group, so that it needs no registered destination?
    pub const fn is_to_a_group(self) -> bool {
        matches!(self, Self::ArpRequest | Self::NeighbourSolicitation)
    }

    /// Does it travel from the one who began to the one who answers?
    pub const fn is_question(self) -> bool {
        matches!(self, Self::ArpRequest | Self::NeighbourSolicitation | Self::EchoRequest)
    }
}

/// What came of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegVerdict {
    /// It arrived.
    Arrived {
        /// How often; a second copy is what `ping` calls a duplicate.
        copies: usize,
    },
    /// It did not.
    Died(Box<Death>),
    /// There was nothing to answer, or nobody to send it to.
    NotSent,
}

/// What becomes of the frames that one end sends to the other.
#[derive(Clone, Debug)]
pub struct Direction {
    /// Who sends.
    pub from: EndpointId,
    /// Its name.
    pub from_name: String,
    /// Who is to receive.
    pub to: EndpointId,
    /// Its name.
    pub to_name: String,
    /// The first frame of this direction that does not arrive; `None` if all do.
    pub fault: Option<Fault>,
    /// The way of the echo that was tried although the conversation had broken off before it.
    pub tried: Option<Journey>,
}

/// A frame of a direction that does not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which frame.
    pub kind: LegKind,
    /// It was part of the conversation; if not, it would have been but for an earlier fault.
    pub was_sent: bool,
    /// Where it died, and why.
    pub death: Death,
}

impl World {
    /// Lets `from` ping `to`, with bridges and vSwitches that remember nothing yet.
    pub fn converse(&self, from: EndpointId, to: EndpointId) -> Conversation {
        self.converse_with(self.cold(), from, to)
    }

    /// Lets `from` ping `to`, with bridges and vSwitches that remember what was sent before.
    pub fn converse_on(&self, from: EndpointId, to: EndpointId) -> Conversation {
        self.converse_with(self.memory.clone(), from, to)
    }

    pub(super) fn converse_with(&self, memory: Memory, from: EndpointId, to: EndpointId) -> Conversation {
        let mut conversation = Conversation {
            from,
            from_name: self.endpoint(from).name.clone(),
            to,
            to_name: self.endpoint(to).name.clone(),
            addresses: None,
            legs: Vec::new(),
            directions: None,
            verdict: Verdict::Itself,
        };
        if from == to {
            return conversation;
        }
        match self.common_network(from, to) {
            Ok(addresses) => {
                conversation.addresses = Some(addresses);
                let mut talk = Talk::between(self, memory, from, to, addresses);
                talk.hold();
                let directions = talk.directions();
                conversation.verdict = judge(&directions);
                conversation.legs = talk.legs;
                conversation.directions = Some(directions);
            }
            Err(verdict) => conversation.verdict = verdict,
        }
        conversation
    }

    /// The first pair of addresses that each end finds in its own network, IPv4 before IPv6.
    pub(crate) fn common_network(
        &self,
        from: EndpointId,
        to: EndpointId,
    ) -> Result<(IpAddr, IpAddr), Verdict> {
        if let Some(whose) = [from, to].into_iter().find(|id| self.endpoint(*id).addresses.is_empty()) {
            return Err(Verdict::NoAddress { whose });
        }
        let (own, others) = (&self.endpoint(from).addresses, &self.endpoint(to).addresses);
        let pairs = || own.iter().flat_map(|own| others.iter().map(move |other| (own, other)));
        let shared = |(own, other): &(&Address, &Address)| own.contains(other.ip) && other.contains(own.ip);
        let v4 = pairs().filter(shared).find(|(own, _)| own.ip.is_ipv4());
        let (own, other) = v4.or_else(|| pairs().find(shared)).ok_or(Verdict::NoRoute)?;
        Ok((own.ip, other.ip))
    }
}

fn judge(directions: &[Direction; 2]) -> Verdict {
    match directions.iter().filter(|direction| direction.fault.is_some()).count() {
        0 => Verdict::Reachable,
        1 => Verdict::OneWay,
        _ => Verdict::Unreachable,
    }
}

impl Address {
    /// Is `ip` in the network of this address?
    pub fn contains(&self, ip: IpAddr) -> bool {
        let prefix_len = u32::from(self.prefix_len);
        match (self.ip, ip) {
            (IpAddr::V4(own), IpAddr::V4(ip)) => (own.to_bits() ^ ip.to_bits()).leading_zeros() >= prefix_len,
            (IpAddr::V6(own), IpAddr::V6(ip)) => (own.to_bits() ^ ip.to_bits()).leading_zeros() >= prefix_len,
            _ => false,
        }
    }
}
