//! A ping being held: its four frames one after another, then what would have become of those that were not sent.

use std::net::IpAddr;
use std::sync::Arc;

use super::converse::{Direction, Fault, Leg, LegKind, LegVerdict};
use super::death::Death;
use super::endpoint::{Endpoint, EndpointId};
use super::journey::Journey;
use super::packet;
use super::world::{Memory, World};

/// A ping, and what bridges and vSwitches remember of it so far.
pub(super) struct Talk<'w> {
    world: &'w World,
    memory: Memory,
    asker: EndpointId,
    answerer: EndpointId,
    /// The addresses of asker and answerer.
    addresses: (IpAddr, IpAddr),
    pub(super) legs: Vec<Leg>,
}

/// Do the four frames of a ping arrive?
pub(super) fn is_answered(
    world: &World,
    mut memory: Memory,
    [asker, answerer]: [EndpointId; 2],
    (own, target): (IpAddr, IpAddr),
) -> bool {
    let [asks, answers] = [asker, answerer].map(|id| world.endpoint(id));
    let mut send = |from: &Endpoint, to: EndpointId, frame: Vec<u8>| {
        world.follow(&mut memory, from.attached, frame).heard(to).map(Arc::clone)
    };
    let mut hold = || {
        let question = send(asks, answerer, packet::resolve(asks, own, target)?)?;
        let answer = send(answers, asker, packet::answer(answers, &question)?)?;
        let mac = packet::resolved(&answer, target)?;
        let echo = packet::echo_request(asks, mac, own, target, world.packet_len)?;
        let echo = send(asks, answerer, echo)?;
        send(answers, asker, packet::answer(answers, &echo)?)
    };
    hold().is_some()
}

impl<'w> Talk<'w> {
    pub(super) fn between(
        world: &'w World,
        memory: Memory,
        asker: EndpointId,
        answerer: EndpointId,
        addresses: (IpAddr, IpAddr),
    ) -> Self {
        Self { world, memory, asker, answerer, addresses, legs: Vec::new() }
    }

    /// The four frames.
    pub(super) fn hold(&mut self) {
        let (own, target) = self.addresses;
        let (asks, answers) = match own {
            IpAddr::V4(_) => (LegKind::ArpRequest, LegKind::ArpReply),
            IpAddr::V6(_) => (LegKind::NeighbourSolicitation, LegKind::NeighbourAdvertisement),
        };
        let len = self.world.packet_len;
        let question = packet::resolve(self.endpoint(self.asker), own, target);
        let heard = self.ask(asks, question);
        let answer = self.answer(answers, heard);
        let mac = answer.and_then(|bytes| packet::resolved(&bytes, target));
        let echo = mac.and_then(|mac| packet::echo_request(self.endpoint(self.asker), mac, own, target, len));
        let heard = self.ask(LegKind::EchoRequest, echo);
        self.answer(LegKind::EchoReply, heard);
    }

    /// Both directions: the faults of the four frames, and of the echoes that were not sent.
    pub(super) fn directions(&mut self) -> [Direction; 2] {
        let (own, target) = self.addresses;
        let (answerer, len) = (self.endpoint(self.answerer), self.world.packet_len);
        let echo = packet::echo_request(self.endpoint(self.asker), answerer.mac, own, target, len);
        let reply = echo.as_ref().and_then(|echo| packet::answer(answerer, echo));
        [self.direction(LegKind::EchoRequest, echo), self.direction(LegKind::EchoReply, reply)]
    }

    /// Sends a question, and returns the bytes that arrived.
    fn ask(&mut self, kind: LegKind, frame: Option<Vec<u8>>) -> Option<Vec<u8>> {
        match frame {
            Some(frame) => self.send(kind, frame),
            None => self.do_not_send(kind, LegVerdict::NotSent),
        }
    }

    /// Sends the answer to what was heard, if anything was, and returns the bytes that arrived.
    fn answer(&mut self, kind: LegKind, heard: Option<Vec<u8>>) -> Option<Vec<u8>> {
        let Some(heard) = heard else { return self.do_not_send(kind, LegVerdict::NotSent) };
        match packet::answer(self.endpoint(self.answerer), &heard) {
            Some(frame) => self.send(kind, frame),
            None => {
                let death = Death::silent(self.world, self.answerer);
                self.do_not_send(kind, LegVerdict::Died(Box::new(death)))
            }
        }
    }

    fn send(&mut self, kind: LegKind, frame: Vec<u8>) -> Option<Vec<u8>> {
        let (from, to) = self.ends(kind);
        let journey = self.world.carry_from(&mut self.memory, from, frame);
        let arrived: Vec<Vec<u8>> = journey.received_by(to).map(|arrival| arrival.frame.to_vec()).collect();
        let verdict = match arrived.len() {
            0 => LegVerdict::Died(Box::new(Death::of(self.world, &journey, to))),
            copies => LegVerdict::Arrived { copies },
        };
        self.legs.push(Leg { kind, from, to, journey: Some(journey), verdict });
        arrived.into_iter().next()
    }

    fn do_not_send(&mut self, kind: LegKind, verdict: LegVerdict) -> Option<Vec<u8>> {
        let (from, to) = self.ends(kind);
        self.legs.push(Leg { kind, from, to, journey: None, verdict });
        None
    }

    fn direction(&mut self, echo: LegKind, frame: Option<Vec<u8>>) -> Direction {
        let (from, to) = self.ends(echo);
        let (from_name, to_name) = (self.endpoint(from).name.clone(), self.endpoint(to).name.clone());
        let (fault, tried) = match self.fault_of_legs(from) {
            Some(fault) => (Some(fault), None),
            None => self.try_echo(echo, frame),
        };
        Direction { from, from_name, to, to_name, fault, tried }
    }

    fn fault_of_legs(&self, from: EndpointId) -> Option<Fault> {
        self.legs.iter().filter(|leg| leg.from == from).find_map(|leg| match &leg.verdict {
            LegVerdict::Died(death) => {
                Some(Fault { kind: leg.kind, was_sent: true, death: (**death).clone() })
            }
            LegVerdict::Arrived { .. } | LegVerdict::NotSent => None,
        })
    }

    /// Sends the echo that was no leg of the conversation, if it was none.
    fn try_echo(&mut self, kind: LegKind, frame: Option<Vec<u8>>) -> (Option<Fault>, Option<Journey>) {
        let was_sent = self.legs.iter().any(|leg| leg.kind == kind && leg.journey.is_some());
        let Some(frame) = frame.filter(|_| !was_sent) else { return (None, None) };
        let (from, to) = self.ends(kind);
        let journey = self.world.carry_from(&mut self.memory, from, frame);
        let arrived = journey.received_by(to).next().is_some();
        let death = || Death::of(self.world, &journey, to);
        let fault = (!arrived).then(|| Fault { kind, was_sent: false, death: death() });
        (fault, Some(journey))
    }

    fn ends(&self, kind: LegKind) -> (EndpointId, EndpointId) {
        if kind.is_question() { (self.asker, self.answerer) } else { (self.answerer, self.asker) }
    }

    fn endpoint(&self, id: EndpointId) -> &'w Endpoint {
        self.world.endpoint(id)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::sim::Verdict;
    use crate::spec;

    #[test]
    fn a_ping_is_answered_exactly_if_the_conversation_says_so() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
        let mut said = [0, 0];
        for folder in [examples.clone(), examples.join("threads")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_none_or(|extension| extension != "yaml") {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let world = World::new(&spec::parse("lab.yaml", &text).unwrap().lab).unwrap();
                for (from, to) in world.endpoint_ids().flat_map(|a| world.endpoint_ids().map(move |b| (a, b)))
                {
                    let reachable = world.converse_within(from, to).verdict == Verdict::Reachable;
                    assert_eq!(world.reaches_within(from, to), reachable, "{}", path.display());
                    said[usize::from(reachable)] += 1;
                }
            }
        }
        assert!(said.iter().all(|pairs| *pairs > 100), "{said:?}");
    }
}
