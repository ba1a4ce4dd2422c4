//! Journeys and conversations as text: flat, one line a step, for people who do not know vSphere, and in their
//! language.

use std::fmt;

use nsw_core::Frame;

use super::bridge::{BridgeKind, Forwarding};
use super::converse::{Conversation, Direction, Fault, Leg, LegVerdict, Verdict};
use super::death::{Death, DeathCause, RefusedCopy};
use super::endpoint::Acceptance;
use super::journey::{Arrival, At, BridgeVisit, Hop, Journey, Onward, Storm};
use crate::messages::{Catalogue, Language, Message};

impl Conversation {
    /// The whole conversation in this language, leg by leg.
    pub fn tell(&self, words: &Catalogue) -> String {
        let mut told = Told { words, text: String::new() };
        for (number, leg) in self.legs.iter().enumerate() {
            told.leg(self, number + 1, leg);
        }
        for direction in self.directions.iter().flatten() {
            told.direction(direction);
        }
        let (from, to) = (&self.from_name, &self.to_name);
        match self.verdict {
            Verdict::Reachable | Verdict::OneWay | Verdict::Unreachable => {}
            Verdict::NoRoute => told.say(0, &Message::TraceNoNetwork { from, to }),
            Verdict::NoAddress { whose } => {
                let whose = if whose == self.from { from } else { to };
                told.say(0, &Message::TraceNoAddress { from, to, whose });
            }
            Verdict::Itself => told.say(0, &Message::TraceItself { from, to }),
        }
        told.text
    }
}

impl Journey {
    /// The whole journey in this language, hop by hop.
    pub fn tell(&self, words: &Catalogue) -> String {
        let mut told = Told { words, text: String::new() };
        told.journey(0, self);
        told.text
    }
}

impl fmt::Display for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(&Catalogue::new(Language::En)))
    }
}

impl fmt::Display for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tell(&Catalogue::new(Language::En)))
    }
}

/// One line, for where there is one line only. Journeys and conversations give the policy a line of its own.
impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "died at {}: {} ({})", self.place, self.cause.code(), self.explanation())
    }
}

impl Death {
    /// The setting that decided, or what the cause means if there is none.
    pub fn explanation(&self) -> &str {
        self.policy.as_ref().map_or(self.cause.summary(), |policy| &policy.text)
    }
}

impl RefusedCopy {
    /// The setting that decided, or what the reason means if there is none.
    pub fn explanation(&self) -> &str {
        self.policy.as_ref().map_or(self.reason.summary(), |policy| &policy.text)
    }
}

/// What has been told so far, in one language.
struct Told<'a> {
    words: &'a Catalogue,
    text: String,
}

impl Told<'_> {
    fn line(&mut self, indent: usize, line: &str) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn say(&mut self, indent: usize, message: &Message<'_>) {
        self.line(indent, &self.words.say(message));
    }

    fn leg(&mut self, talk: &Conversation, number: usize, leg: &Leg) {
        let (from, to) = if leg.kind.is_question() {
            (&talk.from_name, &talk.to_name)
        } else {
            (&talk.to_name, &talk.from_name)
        };
        let (number, frame) = (&number, &self.words.frame(leg.kind));
        let Some(journey) = &leg.journey else {
            return match &leg.verdict {
                LegVerdict::Died(death) => {
                    let summary = &self.words.summary(death.cause);
                    self.say(0, &Message::TraceLegNotSentAs { number, frame, summary });
                }
                LegVerdict::Arrived { .. } | LegVerdict::NotSent => {
                    self.say(0, &Message::TraceLegNotSent { number, frame });
                }
            };
        };
        let addressee = &self.addressee(&journey.frame, to);
        self.say(0, &Message::TraceLeg { number, frame, from, to: addressee });
        self.journey(2, journey);
        match &leg.verdict {
            LegVerdict::Arrived { copies: 1 } => self.say(2, &Message::TraceArrived { name: to }),
            LegVerdict::Arrived { copies } => {
                self.say(2, &Message::TraceArrivedCopies { name: to, copies });
            }
            LegVerdict::Died(death) => {
                let (place, reason) = (&self.words.place(&death.place), &death.cause.code());
                self.say(2, &Message::TraceDied { place, reason });
                self.why(death);
            }
            LegVerdict::NotSent => {}
        }
    }

    /// Whom a frame is addressed to: a group by its name, else the end point it is meant for.
    fn addressee(&self, frame: &[u8], to: &str) -> String {
        match Frame::parse(frame).map(|frame| frame.dst()) {
            Ok(dst) if dst.is_broadcast() => self.words.say(&Message::TraceToBroadcast {}),
            Ok(dst) if dst.is_group() => self.words.say(&Message::TraceToGroup { dst: &dst }),
            _ => to.to_owned(),
        }
    }

    fn direction(&mut self, direction: &Direction) {
        let (from, to) = (&direction.from_name, &direction.to_name);
        let Some(Fault { kind, was_sent, death }) = &direction.fault else {
            return self.say(0, &Message::TraceWayArrives { from, to });
        };
        let frame = &self.words.frame(*kind);
        if *was_sent {
            self.say(0, &Message::TraceWayDies { from, to, frame });
        } else {
            self.say(0, &Message::TraceWayWouldDie { from, to, frame });
        }
        let (place, reason) = (&self.words.place(&death.place), &death.cause.code());
        self.say(2, &Message::TraceAt { place, reason });
        self.why(death);
    }

    fn why(&mut self, death: &Death) {
        let explained = match &death.policy {
            Some(policy) => self.words.policy_at(&death.place, policy),
            None => self.words.summary(death.cause),
        };
        self.line(4, &explained);
        for refusal in &death.refusals {
            let (place, reason) = (&self.words.place(&refusal.place), &refusal.reason.code());
            self.say(2, &Message::TraceBecause { place, reason });
            let explained = match &refusal.policy {
                Some(policy) => self.words.policy_at(&refusal.place, policy),
                None => self.words.summary(DeathCause::Reason(refusal.reason)),
            };
            self.line(4, &explained);
        }
        for place in &death.not_asking {
            self.say(2, &Message::TraceBecauseAt { place: &self.words.place(place) });
            self.say(4, &Message::TraceNotAsking {});
        }
    }

    fn journey(&mut self, indent: usize, journey: &Journey) {
        for hop in &journey.hops {
            self.hop(indent, journey, hop);
        }
        match journey.storm {
            Some(Storm::Loop { .. }) => self.say(indent, &Message::TraceLoop {}),
            Some(Storm::TooManyCopies) => self.say(indent, &Message::TraceTooMany {}),
            None => {}
        }
    }

    fn hop(&mut self, indent: usize, journey: &Journey, hop: &Hop) {
        match &hop.at {
            At::VSwitch(visit) => {
                let tables = &visit.tables;
                self.line(indent, &format!("{} / {}", visit.host, tables.name()));
                for step in &visit.steps {
                    for (number, line) in self.words.step(tables, *step).iter().enumerate() {
                        self.line(indent + if number == 0 { 2 } else { 4 }, line);
                    }
                }
            }
            At::Bridge(visit) => self.bridge(indent, visit),
        }
        for exit in &hop.exits {
            match exit.onward {
                Onward::Arrival(arrival) => self.arrival(indent + 2, &journey.arrivals[arrival]),
                Onward::Nowhere => self.say(indent + 2, &Message::TraceNowhere { port: &exit.port }),
                Onward::Hop(_) | Onward::NotFollowed => {}
            }
        }
    }

    fn bridge(&mut self, indent: usize, visit: &BridgeVisit) {
        let (name, from) = (&visit.name, &visit.ingress_name);
        match visit.kind {
            BridgeKind::Segment => self.say(indent, &Message::PlaceSegment { name }),
            BridgeKind::Guest => self.say(indent, &Message::PlaceBridge { name }),
        }
        let indent = indent + 2;
        match &visit.forwarding {
            Forwarding::Flood => self.say(indent, &Message::BridgeFloods { from }),
            Forwarding::Known { port } => self.say(indent, &Message::BridgeKnows { from, port }),
            Forwarding::BackWhereItCameFrom => self.say(indent, &Message::BridgeKnowsBack { from }),
            Forwarding::LinkLocal => self.say(indent, &Message::BridgeLinkLocal { from }),
            Forwarding::Malformed => self.say(indent, &Message::BridgeMalformed { from }),
        }
    }

    /// Who got a copy stands in the steps already; who got one and could do nothing with it does not.
    fn arrival(&mut self, indent: usize, arrival: &Arrival) {
        let name = &arrival.name;
        match arrival.acceptance {
            Acceptance::Own | Acceptance::Group | Acceptance::Sniffed => {}
            Acceptance::OtherAddress => self.say(indent, &Message::TraceNotItsAddress { name }),
            Acceptance::OtherVlan => self.say(indent, &Message::TraceNotItsVlan { name }),
        }
    }
}
