//! Why do these two not talk? One answer: a verdict for both directions, the place where the first frame dies, the
//! setting behind it with its line, and the facts that decided.
//!
//! The conversation is held in the simulator, on the part of the lab that it can touch (`path.rs`), from a cold start.
//! What a lab file cannot say (what a guest will ask of its adapter, whom a physical switch has heard last) is tried
//! in each way that there is (`unknown.rs`); where the outcome depends on it, the verdict is *ambiguous* and names it.
//! Where the file lacks what a conversation needs, the verdict is *undetermined*, and what is lacking is named.
//!
//! **Invariant:** no verdict without a conversation that was held, or a named reason why none could be.

use std::net::IpAddr;
use std::sync::Arc;

use nsw_core::{Mac, Origin, Step, VlanId};

use super::around;
use super::path::{self, Level};
use super::unknown::{self, Unknown};
use crate::sim::{
    self, Conversation, Death, DeathCause, Endpoint, EndpointId, LegKind, LookupError, Place, Policy,
    SimError, World,
};
use crate::spec::{Locations, Object, Position};
use crate::topology::Lab;

/// Two ends of a lab, and the part of it that their conversation can touch.
#[derive(Clone, Debug)]
pub struct Question {
    /// That part.
    pub lab: Lab,
    /// The same, wired.
    pub world: World,
    /// Who begins.
    pub from: EndpointId,
    /// Who answers.
    pub to: EndpointId,
    /// The lab with everybody whom a change for these two could touch.
    pub(super) around: Arc<Lab>,
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// They talk, both ways.
    Reachable,
    /// They do not.
    Unreachable,
    /// It depends on what the lab file does not say.
    Ambiguous,
    /// The lab file lacks what a conversation needs.
    Undetermined,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// In a word.
    pub verdict: Verdict,
    /// The conversation as it was held.
    pub conversation: Conversation,
    /// The first frame of each direction that dies; the one that was sent first stands first.
    pub faults: Vec<Fault>,
    /// What the outcome depends on; each was tried.
    pub unknowns: Vec<Unknown>,
    /// What is lacking, if the verdict is undetermined.
    pub lacking: Option<Lacking>,
}

/// What the lab file lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// This end has no IP address. With one in the network of the other, this would come of it.
    Address {
        /// Which end.
        whose: String,
        /// What would come of it; `None` if the other end has none either.
        otherwise: Option<bool>,
    },
    /// They have no network in common, and a lab file has no routers.
    Network {
        /// The first address of each.
        addresses: [Option<IpAddr>; 2],
    },
    /// They are one and the same.
    Itself,
}

/// A frame that dies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which frame.
    pub kind: LegKind,
    /// It was sent; if not, it would have been but for an earlier fault.
    pub was_sent: bool,
    /// Who sends it.
    pub from: String,
    /// Whom it is meant for.
    pub to: String,
    /// How many hosts are around the one where it dies; `None` outside of hosts.
    pub depth: Option<usize>,
    /// Where, and why.
    pub at: Cause,
    /// Copies that ports on the way were refused besides: why nobody else took it.
    pub because: Vec<Cause>,
    /// Ports on the way whose guests do not ask for promiscuous mode.
    pub not_asking: Vec<Place>,
    /// What decided.
    pub facts: Vec<Fact>,
}

/// A place, the reason for what happened there, and the setting behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Where.
    pub place: Place,
    /// Why.
    pub cause: DeathCause,
    /// The setting behind it, if there is one.
    pub policy: Option<Policy>,
    /// The object of the file at which the setting is set, or would be.
    pub object: Option<Object>,
}

/// A fact that decided about a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The source of the frame, and the one address that the port may send from.
    Source {
        /// The source.
        src: Mac,
        /// The effective MAC of the port.
        effective: Mac,
    },
    /// The destination is registered on no port in this VLAN.
    NotRegistered {
        /// The destination.
        dst: Mac,
        /// The VLAN.
        vlan: VlanId,
    },
    /// The destination is registered on this port.
    Registered {
        /// The destination.
        dst: Mac,
        /// The port.
        port: String,
    },
    /// The frame's tag, and the VLAN that was made of it.
    Vlan {
        /// The id that the frame carried.
        tag: Option<u16>,
        /// The VLAN; `None` if it does not fit the port group.
        vlan: Option<VlanId>,
    },
}

impl Verdict {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reachable => "REACHABLE",
            Self::Unreachable => "UNREACHABLE",
            Self::Ambiguous => "AMBIGUOUS",
            Self::Undetermined => "UNDETERMINED",
        }
    }
}

/// A question that cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// An end that is not there.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The lab cannot be wired.
    #[error(transparent)]
    Sim(#[from] SimError),
}

impl Question {
    /// The question why `from` reaches `to`, or does not. `world` is the whole lab, wired.
    ///
    /// # Errors
    /// [`AskError`] if there is no such end, or the lab cannot be wired.
    pub fn new(lab: &Lab, world: &World, from: &str, to: &str) -> Result<Self, AskError> {
        let ends = [world.endpoint(world.find(from)?), world.endpoint(world.find(to)?)];
        let around = Arc::new(around::around(lab, ends));
        Self::on(path::excerpt(lab, ends), around, &ends[0].name, &ends[1].name)
    }

    pub(super) fn on(lab: Lab, around: Arc<Lab>, from: &str, to: &str) -> Result<Self, AskError> {
        let world = World::new(&lab)?;
        let (from, to) = (world.find(from)?, world.find(to)?);
        Ok(Self { lab, world, from, to, around })
    }

    /// The same question of a ping with IP packets of so many bytes. Without, they are as small as a ping's words allow.
    pub fn of_size(mut self, packet_len: usize) -> Self {
        self.world.set_packet_len(packet_len);
        self
    }

    /// The ends.
    pub fn ends(&self) -> [&Endpoint; 2] {
        [self.world.endpoint(self.from), self.world.endpoint(self.to)]
    }

    /// The lab as a fix can touch it: all of a small one, and of a large one what shows the same as all of it.
    pub fn around(&self) -> &Lab {
        &self.around
    }

    /// The levels around each end, see [`Level`].
    pub fn levels(&self) -> [Vec<Level>; 2] {
        self.ends().map(|end| path::levels(&self.lab, end))
    }

    /// Do they talk, whatever is not known?
    pub fn talks(&self) -> bool {
        self.converse().verdict == sim::Verdict::Reachable
    }

    /// The conversation, from a cold start.
    pub fn converse(&self) -> Conversation {
        self.world.converse(self.from, self.to)
    }

    /// The answer.
    pub fn answer(&self) -> Diagnosis {
        let conversation = self.converse();
        let lacking = self.lacking(&conversation);
        let unknowns = if lacking.is_none() { unknown::that_matter(self) } else { Vec::new() };
        let verdict = match (&lacking, unknowns.is_empty(), conversation.verdict) {
            (Some(_), ..) => Verdict::Undetermined,
            (None, false, _) => Verdict::Ambiguous,
            (None, true, sim::Verdict::Reachable) => Verdict::Reachable,
            (None, true, _) => Verdict::Unreachable,
        };
        let faults = self.faults(&conversation);
        Diagnosis { verdict, conversation, faults, unknowns, lacking }
    }

    fn lacking(&self, conversation: &Conversation) -> Option<Lacking> {
        match conversation.verdict {
            sim::Verdict::Itself => Some(Lacking::Itself),
            sim::Verdict::NoRoute => Some(Lacking::Network {
                addresses: self.ends().map(|end| end.addresses.first().map(|address| address.ip)),
            }),
            sim::Verdict::NoAddress { whose } => Some(Lacking::Address {
                whose: self.world.endpoint(whose).name.clone(),
                otherwise: unknown::with_an_address(self),
            }),
            sim::Verdict::Reachable | sim::Verdict::OneWay | sim::Verdict::Unreachable => None,
        }
    }

    /// What was sent and died comes before what was not sent at all.
    pub(super) fn faults(&self, conversation: &Conversation) -> Vec<Fault> {
        let mut faults: Vec<Fault> = Vec::new();
        for direction in conversation.directions.iter().flatten() {
            if let Some(sim::Fault { kind, was_sent, death }) = &direction.fault {
                let ends = [direction.from_name.clone(), direction.to_name.clone()];
                faults.push(self.fault(*kind, *was_sent, ends, death));
            }
        }
        faults.sort_by_key(|fault| !fault.was_sent);
        faults
    }

    fn fault(&self, kind: LegKind, was_sent: bool, [from, to]: [String; 2], death: &Death) -> Fault {
        let because = death.refusals.iter().map(|refused| {
            Cause::new(&refused.place, DeathCause::Reason(refused.reason), refused.policy.as_ref())
        });
        Fault {
            kind,
            was_sent,
            from,
            to,
            depth: death.place.host.as_ref().and_then(|host| self.depth(host)),
            at: Cause::new(&death.place, death.cause, death.policy.as_ref()),
            because: because.collect(),
            not_asking: death.not_asking.clone(),
            facts: self.facts(death),
        }
    }

    fn depth(&self, host: &str) -> Option<usize> {
        self.lab.hosts.iter().find_map(|outer| path::way_to(outer, host)).map(|way| way.len() - 1)
    }

    fn facts(&self, death: &Death) -> Vec<Fact> {
        let tables = death.place.host.as_ref().and_then(|host| {
            let id = self.world.switch_named(host, &death.place.device).ok()?;
            Some(self.world.tables(id))
        });
        let fact = |step: &Step| match *step {
            Step::Source { src, effective, .. } if src != effective => Some(Fact::Source { src, effective }),
            Step::NotRegistered { dst, vlan } => Some(Fact::NotRegistered { dst, vlan }),
            Step::Registered { dst, port } => {
                let port = tables.map_or("", |tables| tables.port_name(port)).to_owned();
                Some(Fact::Registered { dst, port })
            }
            Step::Vlan { tag, vlan, .. } if tag.is_some() || vlan != Some(VlanId::UNTAGGED) => {
                Some(Fact::Vlan { tag: tag.map(nsw_core::Tag::vid), vlan })
            }
            _ => None,
        };
        death.steps.iter().filter_map(fact).collect()
    }
}

impl Cause {
    fn new(place: &Place, cause: DeathCause, policy: Option<&Policy>) -> Self {
        let host = place.host.clone();
        let object = policy.zip(host).and_then(|(policy, host)| match (policy.origin, &place.port_group) {
            (Origin::PortGroup, Some(name)) => Some(Object::PortGroup { host, name: name.clone() }),
            (Origin::PortGroup, None) => None,
            (Origin::VSwitch | Origin::Default, _) => {
                Some(Object::VSwitch { host, name: place.device.clone() })
            }
        });
        Self { place: place.clone(), cause, policy: policy.cloned(), object }
    }

    /// Where the file sets it: the line of the setting; or, if it says nothing, of the object whose default holds.
    pub fn line(&self, locations: &Locations) -> Option<Position> {
        let (policy, object) = (self.policy.as_ref()?, self.object.as_ref()?);
        let key = crate::spec::key_of(policy.setting);
        locations.key(object, key).or_else(|| locations.object(object))
    }
}
