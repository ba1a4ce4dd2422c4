//! A conversation, as it is drawn: the ways of its frames from stop to stop, and the marks where they died.
//!
//! A frame has many copies; the one that is drawn is the one that arrived, else the one that died nearest to the target
//! ([`crate::sim::death`]). Legs that took the same way share a strand.

use crate::messages::{Catalogue, Message};
use crate::sim::bridge::BridgeKind;
use crate::sim::journey::{BridgeVisit, SwitchVisit};
use crate::sim::{
    At, Conversation, Death, DeathCause, Direction, EndpointId, EndpointKind, Journey, Leg, LegKind,
    LegVerdict, Onward, Place, Policy, World,
};

/// A conversation, as it is drawn.
#[derive(Clone, Debug)]
pub struct Story {
    /// Who began.
    pub from: String,
    /// Who was to answer.
    pub to: String,
    /// The stable code of what came of it.
    pub verdict: &'static str,
    /// The ways of its frames.
    pub strands: Vec<Strand>,
    /// Where frames died, and what else kept them from arriving.
    pub marks: Vec<Mark>,
}

/// The way of one frame, or of several that went the same way.
#[derive(Clone, Debug)]
pub struct Strand {
    /// What travels, as `1 ARP request, 3 echo request`.
    pub legs: String,
    /// From the one who began to the one who answers.
    pub asks: bool,
    /// It was part of the conversation; if not, it was tried after the conversation had broken off.
    pub sent: bool,
    /// Who sends, and whom it is meant for.
    pub ends: (String, String),
    /// From stop to stop.
    pub stops: Vec<Stop>,
    /// How it ended.
    pub end: End,
    /// All of that in a line.
    pub text: String,
}

/// How a strand ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At the one it is meant for.
    Arrived {
        /// How often.
        copies: usize,
    },
    /// At a mark; an index into [`Story::marks`].
    Died(usize),
}

/// A place that a frame comes through.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// A station.
    Station(String),
    /// A segment.
    Segment(String),
    /// A physical adapter of a host.
    Pnic {
        /// The host.
        host: String,
        /// The adapter.
        name: String,
    },
    /// A vSwitch of a host.
    Switch {
        /// The host.
        host: String,
        /// The vSwitch.
        name: String,
    },
    /// A port inside of a vSwitch: of a VM's adapter or a VMkernel adapter.
    Port {
        /// The host.
        host: String,
        /// The port, as `web01.eth0`.
        name: String,
    },
}

/// Where a frame died, or a copy was refused that would have arrived.
#[derive(Clone, Debug)]
pub struct Mark {
    /// `A`, `B`, ...
    pub letter: char,
    /// The port.
    pub at: Stop,
    /// At the end of the port's cable that is at the segment.
    pub at_segment: bool,
    /// A frame died here; if not, a copy was not given that would have arrived.
    pub death: bool,
    /// The reason's code, or what stands for it.
    pub code: String,
    /// The place in words, behind the code.
    pub place: String,
    /// What the code means.
    pub summary: String,
    /// The setting that decided.
    pub policy: Option<String>,
    /// All of that in a sentence.
    pub text: String,
}

impl Stop {
    /// The host it is on; `None` outside of hosts.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Pnic { host, .. } | Self::Switch { host, .. } | Self::Port { host, .. } => Some(host),
            Self::Station(_) | Self::Segment(_) => None,
        }
    }
}

impl Story {
    /// The story of a conversation.
    pub fn of(world: &World, talk: &Conversation, words: &Catalogue) -> Self {
        let story = Self {
            from: talk.from_name.clone(),
            to: talk.to_name.clone(),
            verdict: talk.verdict.code(),
            strands: Vec::new(),
            marks: Vec::new(),
        };
        let mut teller = Teller { story, world, talk, words };
        for (number, leg) in talk.legs.iter().enumerate() {
            teller.add_leg(number + 1, leg);
        }
        for direction in talk.directions.iter().flatten() {
            teller.add_tried(direction);
        }
        teller.finish()
    }

    /// Does the conversation come through this host, or this port of it?
    pub fn touches(&self, host: &str, port: Option<&str>) -> bool {
        let here = |stop: &Stop| match stop {
            Stop::Port { host: at, name } => at == host && port.is_none_or(|port| port == name),
            Stop::Pnic { host: at, .. } | Stop::Switch { host: at, .. } => at == host && port.is_none(),
            Stop::Station(_) | Stop::Segment(_) => false,
        };
        self.strands.iter().flat_map(|strand| &strand.stops).chain(self.marks.iter().map(|m| &m.at)).any(here)
    }
}

/// A story while it is being told.
struct Teller<'a> {
    story: Story,
    world: &'a World,
    talk: &'a Conversation,
    words: &'a Catalogue,
}

impl Teller<'_> {
    /// What a strand says is known once all legs are in it and all marks have letters.
    fn finish(self) -> Story {
        let Self { mut story, words, .. } = self;
        for strand in &mut story.strands {
            let (legs, (from, to)) = (&strand.legs, &strand.ends);
            let letter = |mark: usize| story.marks[mark].letter.to_string();
            strand.text = match strand.end {
                End::Died(mark) if strand.sent => {
                    words.say(&Message::StrandDied { legs, from, to, mark: &letter(mark) })
                }
                End::Died(mark) => {
                    words.say(&Message::StrandWouldDie { legs, from, to, mark: &letter(mark) })
                }
                End::Arrived { copies: 1 } if strand.sent => {
                    words.say(&Message::StrandArrived { legs, from, to })
                }
                End::Arrived { copies: 1 } => words.say(&Message::StrandWouldArrive { legs, from, to }),
                End::Arrived { copies } => {
                    words.say(&Message::StrandDuplicated { legs, from, to, copies: &copies })
                }
            };
        }
        story
    }

    fn add_leg(&mut self, number: usize, leg: &Leg) {
        let talk = self.talk;
        let asks = leg.kind.is_question();
        let name = format!("{number} {}", self.words.frame(leg.kind));
        let Some(journey) = &leg.journey else {
            // Nobody answered: a death without a way.
            if let LegVerdict::Died(death) = &leg.verdict {
                self.mark_death(leg.from, death);
            }
            return;
        };
        let (stops, end) = match &leg.verdict {
            LegVerdict::Died(death) => {
                let mark = self.mark_death(leg.from, death);
                (self.way_to_death(leg.from, journey, death, mark), End::Died(mark))
            }
            LegVerdict::Arrived { copies } => {
                (way_to_arrival(self.world, leg.from, leg.to, journey), End::Arrived { copies: *copies })
            }
            LegVerdict::NotSent => return,
        };
        let ends = if asks { (&talk.from_name, &talk.to_name) } else { (&talk.to_name, &talk.from_name) };
        let ends = (ends.0.clone(), ends.1.clone());
        self.add(Strand { legs: name, asks, sent: true, ends, stops, end, text: String::new() });
    }

    fn add_tried(&mut self, direction: &Direction) {
        let Some(journey) = &direction.tried else { return };
        let (stops, end) = match &direction.fault {
            Some(fault) => {
                let mark = self.mark_death(direction.from, &fault.death);
                (self.way_to_death(direction.from, journey, &fault.death, mark), End::Died(mark))
            }
            None => {
                let stops = way_to_arrival(self.world, direction.from, direction.to, journey);
                (stops, End::Arrived { copies: 1 })
            }
        };
        let asks = direction.from == self.talk.from;
        let legs = self.words.frame(if asks { LegKind::EchoRequest } else { LegKind::EchoReply });
        let ends = (direction.from_name.clone(), direction.to_name.clone());
        self.add(Strand { legs, asks, sent: false, ends, stops, end, text: String::new() });
    }

    /// A strand that goes the same way as an earlier one joins it.
    fn add(&mut self, strand: Strand) {
        let same = |known: &&mut Strand| {
            known.asks == strand.asks
                && known.sent == strand.sent
                && known.end == strand.end
                && known.stops == strand.stops
        };
        match self.story.strands.iter_mut().find(same) {
            Some(known) => known.legs = format!("{}, {}", known.legs, strand.legs),
            None => self.story.strands.push(strand),
        }
    }

    /// Marks a death and what stands beside it; returns the mark of the death.
    fn mark_death(&mut self, from: EndpointId, death: &Death) -> usize {
        let words = self.words;
        let main = Marked {
            place: &death.place,
            code: death.cause.code().to_owned(),
            summary: words.summary(death.cause),
            policy: death.policy.as_ref(),
        };
        let main = self.mark(from, true, main);
        for refused in &death.refusals {
            let cause = DeathCause::Reason(refused.reason);
            let refusal = Marked {
                place: &refused.place,
                code: cause.code().to_owned(),
                summary: words.summary(cause),
                policy: refused.policy.as_ref(),
            };
            self.mark(from, false, refusal);
        }
        for place in &death.not_asking {
            let code = words.say(&Message::PictureNotAsked {});
            let summary = words.say(&Message::PictureNotAsking {});
            self.mark(from, false, Marked { place, code, summary, policy: None });
        }
        main
    }

    fn mark(&mut self, from: EndpointId, death: bool, marked: Marked<'_>) -> usize {
        let Marked { place, code, summary, policy } = marked;
        let (at, at_segment) = stop_of(self.world, from, place);
        let marks = &self.story.marks;
        let same = |known: &Mark| known.at == at && known.code == code && known.death == death;
        if let Some(known) = marks.iter().position(same) {
            return known;
        }
        let letter = char::from(b'A' + u8::try_from(marks.len() % 26).unwrap_or(0));
        let policy = policy.map(|policy| self.words.policy_at(place, policy));
        let (sign, where_it_is, reason) = (&letter.to_string(), &self.words.place(place), &code);
        let place = self.words.say(&Message::PictureAt { place: where_it_is });
        let text = self.words.say(&match &policy {
            Some(policy) => {
                let (letter, place) = (sign, where_it_is);
                Message::PictureMarkBy { letter, reason, place, summary: &summary, policy }
            }
            None => Message::PictureMark { letter: sign, reason, place: where_it_is, summary: &summary },
        });
        self.story.marks.push(Mark { letter, at, at_segment, death, code, place, summary, policy, text });
        self.story.marks.len() - 1
    }

    fn way_to_death(&self, from: EndpointId, journey: &Journey, death: &Death, mark: usize) -> Vec<Stop> {
        let mut stops = vec![stop_of_endpoint(self.world, from)];
        let Some(hop) = death.hop else { return stops };
        walk(journey, hop, &mut stops);
        let mark = &self.story.marks[mark];
        if stops.last() != Some(&mark.at) {
            match &journey.hops[hop].at {
                At::VSwitch(visit) => push(&mut stops, switch_stop(visit)),
                At::Bridge(visit) => push_bridge(&mut stops, visit),
            }
            push(&mut stops, mark.at.clone());
        }
        stops
    }
}

/// What a mark is made of.
struct Marked<'a> {
    place: &'a Place,
    code: String,
    summary: String,
    policy: Option<&'a Policy>,
}

fn way_to_arrival(world: &World, from: EndpointId, to: EndpointId, journey: &Journey) -> Vec<Stop> {
    let mut stops = vec![stop_of_endpoint(world, from)];
    let arrival = journey.arrivals.iter().find(|a| a.endpoint == to && a.acceptance.is_for_it());
    if let Some(arrival) = arrival {
        walk(journey, arrival.hop, &mut stops);
        match &journey.hops[arrival.hop].at {
            At::VSwitch(visit) => push(&mut stops, switch_stop(visit)),
            At::Bridge(visit) => push_bridge(&mut stops, visit),
        }
        push(&mut stops, stop_of_endpoint(world, to));
    }
    stops
}

/// The stops up to the port by which the frame came into the device of hop `last`.
fn walk(journey: &Journey, last: usize, stops: &mut Vec<Stop>) {
    let mut hops = vec![last];
    while let Some(before) = hops.last().and_then(|hop| journey.hops[*hop].came_from) {
        hops.push(before);
    }
    hops.reverse();
    for (place, number) in hops.iter().enumerate() {
        let hop = &journey.hops[*number];
        let next = hops.get(place + 1);
        let exit = hop.exits.iter().find(|exit| next.is_some_and(|next| exit.onward == Onward::Hop(*next)));
        match &hop.at {
            At::VSwitch(visit) => {
                let host = &visit.host;
                let ingress = visit.tables.port_name(visit.ingress);
                push(stops, port_stop(host, ingress, visit.ingress.is_uplink()));
                if let Some(exit) = exit {
                    push(stops, switch_stop(visit));
                    let mut ports = visit.tables.port_ids();
                    let uplink = ports.any(|id| id.is_uplink() && visit.tables.port_name(id) == exit.port);
                    push(stops, port_stop(host, &exit.port, uplink));
                }
            }
            // A guest that bridges: the frame goes in by one of its adapters and out by another.
            At::Bridge(visit) if visit.kind == BridgeKind::Guest => {}
            At::Bridge(visit) => {
                push(stops, segment_port(&visit.ingress_name));
                if let Some(exit) = exit {
                    push(stops, Stop::Segment(visit.name.clone()));
                    push(stops, segment_port(&exit.port));
                }
            }
        }
    }
}

fn push_bridge(stops: &mut Vec<Stop>, visit: &BridgeVisit) {
    if visit.kind == BridgeKind::Segment {
        push(stops, Stop::Segment(visit.name.clone()));
    }
}

fn push(stops: &mut Vec<Stop>, stop: Stop) {
    if stops.last() != Some(&stop) {
        stops.push(stop);
    }
}

fn switch_stop(visit: &SwitchVisit) -> Stop {
    Stop::Switch { host: visit.host.clone(), name: visit.tables.name().to_owned() }
}

fn port_stop(host: &str, name: &str, uplink: bool) -> Stop {
    let (host, name) = (host.to_owned(), name.to_owned());
    if uplink { Stop::Pnic { host, name } } else { Stop::Port { host, name } }
}

/// A port of a segment is called after the station, or after host and adapter.
fn segment_port(name: &str) -> Stop {
    match name.split_once('/') {
        Some((host, pnic)) => port_stop(host, pnic, true),
        None => Stop::Station(name.to_owned()),
    }
}

fn stop_of_endpoint(world: &World, id: EndpointId) -> Stop {
    let endpoint = world.endpoint(id);
    let name = match endpoint.kind {
        EndpointKind::Station => return Stop::Station(endpoint.name.clone()),
        EndpointKind::Vnic => endpoint.name.replacen('/', ".", 1),
        EndpointKind::Vmkernel => endpoint.name.rsplit('/').next().unwrap_or_default().to_owned(),
    };
    Stop::Port { host: endpoint.host.clone().unwrap_or_default(), name }
}

/// The stop of a place, and whether the end of its cable at the segment is meant. What is no port is the end point
/// that speaks.
fn stop_of(world: &World, from: EndpointId, place: &Place) -> (Stop, bool) {
    match (&place.host, &place.port) {
        (Some(host), Some(port)) => (port_stop(host, port, place.port_group.is_none()), false),
        (None, Some(port)) => match guest_port(world, port) {
            Some(stop) if place.device.starts_with("bridge in ") => (stop, false),
            _ => (segment_port(port), true),
        },
        (_, None) => (stop_of_endpoint(world, from), false),
    }
}

/// The port behind an adapter of a guest that bridges, as `web01/eth0`.
fn guest_port(world: &World, name: &str) -> Option<Stop> {
    let endpoint =
        world.endpoint_ids().map(|id| world.endpoint(id)).find(|endpoint| endpoint.name == name)?;
    Some(port_stop(endpoint.host.as_deref()?, &name.replacen('/', ".", 1), false))
}
