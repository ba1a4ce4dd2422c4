//! A whole conversation from a cold start: who has that address? here; echo request; echo reply.
//!
//! Four frames with real bytes, each carried by itself. An answer is made from the bytes that arrived, and is not sent
//! if nothing did. With IPv6 alone, neighbour discovery stands for ARP. There are no routers in a lab: end points
//! without an IP network in common do not talk.

use std::net::IpAddr;

use super::death::Death;
use super::endpoint::EndpointId;
use super::journey::Journey;
use super::packet;
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
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Question and answer arrived.
    Reachable,
    /// Questions arrive, answers do not.
    OneWay,
    /// Not even the question arrives.
    Unreachable,
    /// They have no IP network in common, and there are no routers in a lab.
    NoRoute,
    /// One of them has no IP address.
    NoAddress,
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
            Self::NoAddress => "NO_ADDRESS",
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

impl Conversation {
    /// The first frame that did not arrive.
    pub fn death(&self) -> Option<(&Leg, &Death)> {
        self.legs.iter().find_map(|leg| match &leg.verdict {
            LegVerdict::Died(death) => Some((leg, &**death)),
            LegVerdict::Arrived { .. } | LegVerdict::NotSent => None,
        })
    }
}

impl World {
    /// Lets `from` ping `to`, with bridges that have learned nothing yet.
    pub fn converse(&self, from: EndpointId, to: EndpointId) -> Conversation {
        let mut conversation = Conversation {
            from,
            from_name: self.endpoint(from).name.clone(),
            to,
            to_name: self.endpoint(to).name.clone(),
            addresses: None,
            legs: Vec::new(),
            verdict: Verdict::Itself,
        };
        if from == to {
            return conversation;
        }
        match common_network(&self.endpoint(from).addresses, &self.endpoint(to).addresses) {
            Ok(addresses) => {
                conversation.addresses = Some(addresses);
                conversation.legs = self.legs(from, to, addresses);
                conversation.verdict = judge(&conversation.legs);
            }
            Err(verdict) => conversation.verdict = verdict,
        }
        conversation
    }

    fn legs(&self, from: EndpointId, to: EndpointId, (own, target): (IpAddr, IpAddr)) -> Vec<Leg> {
        let (asks, answers) = match own {
            IpAddr::V4(_) => (LegKind::ArpRequest, LegKind::ArpReply),
            IpAddr::V6(_) => (LegKind::NeighbourSolicitation, LegKind::NeighbourAdvertisement),
        };
        let mut talk = Talk { world: self, memory: self.cold(), legs: Vec::new() };
        let question = packet::resolve(self.endpoint(from), own, target);
        let arrived = talk.send(asks, from, to, question);
        let answer = talk.send(answers, to, from, arrived);
        let mac = answer.and_then(|bytes| packet::resolved(&bytes, target));
        let echo = mac.and_then(|mac| packet::echo_request(self.endpoint(from), mac, own, target));
        let arrived = talk.send(LegKind::EchoRequest, from, to, echo);
        talk.send(LegKind::EchoReply, to, from, arrived);
        talk.legs
    }
}

struct Talk<'w> {
    world: &'w World,
    memory: Memory,
    legs: Vec<Leg>,
}

impl Talk<'_> {
    /// Sends a question, or the answer to what arrived, and returns the bytes that arrived.
    fn send(
        &mut self,
        kind: LegKind,
        from: EndpointId,
        to: EndpointId,
        bytes: Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let heard = bytes.is_some();
        let frame = if kind.is_question() {
            bytes
        } else {
            bytes.and_then(|heard| packet::answer(self.world.endpoint(from), &heard))
        };
        let Some(frame) = frame else {
            let verdict = if heard && !kind.is_question() {
                LegVerdict::Died(Box::new(Death::silent(self.world, from)))
            } else {
                LegVerdict::NotSent
            };
            self.legs.push(Leg { kind, from, to, journey: None, verdict });
            return None;
        };
        let journey = self.world.carry_from(&mut self.memory, from, frame);
        let arrived: Vec<Vec<u8>> = journey.received_by(to).map(|arrival| arrival.frame.clone()).collect();
        let verdict = match arrived.len() {
            0 => LegVerdict::Died(Box::new(Death::of(self.world, &journey, to))),
            copies => LegVerdict::Arrived { copies },
        };
        self.legs.push(Leg { kind, from, to, journey: Some(journey), verdict });
        arrived.into_iter().next()
    }
}

fn judge(legs: &[Leg]) -> Verdict {
    let arrived = |leg: &&Leg| matches!(leg.verdict, LegVerdict::Arrived { .. });
    match legs.iter().take_while(arrived).count() {
        4.. => Verdict::Reachable,
        0 => Verdict::Unreachable,
        _ => Verdict::OneWay,
    }
}

/// The first pair of addresses that each end finds in its own network, IPv4 before IPv6.
fn common_network(from: &[Address], to: &[Address]) -> Result<(IpAddr, IpAddr), Verdict> {
    if from.is_empty() || to.is_empty() {
        return Err(Verdict::NoAddress);
    }
    let pairs = || from.iter().flat_map(|own| to.iter().map(move |other| (own, other)));
    let shared = |(own, other): &(&Address, &Address)| own.contains(other.ip) && other.contains(own.ip);
    let v4 = pairs().filter(shared).find(|(own, _)| own.ip.is_ipv4());
    let pair = v4.or_else(|| pairs().find(shared)).ok_or(Verdict::NoRoute)?;
    Ok((pair.0.ip, pair.1.ip))
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
