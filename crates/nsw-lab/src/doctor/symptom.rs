//! From a symptom to its causes: somebody knows what is wrong, not between whom, and wants to know where to look first.
//!
//! The symptom is looked for in the simulator: conversations are held, frames are put in, links fail, a VM moves. What shows
//! it is grouped by what is behind it, and the group that explains most stands first. So a cause is named only if it is
//! there, in this topology; what a lab file does not say (a guest's firewall, a broken cable) is not found here.
//!
//! | question | place |
//! |---|---|
//! | which symptoms there are, and how people call them | [`Symptom`] |
//! | who is tried with whom | `pairs.rs` |
//! | what is tried for a symptom that a conversation shows | `observe.rs` |
//! | what was seen, in words | `seen.rs` |
//! | what is tried for one that needs an event: a sniffer, a failure, a move | `provoke.rs` |
//! | how to tell a cause from the next, on a real host | `test.rs` |
//!
//! **Invariant:** every cause has conversations or frames that were tried, and bounds hold for large labs: at most
//! [`MAX_ENDS`] ends are looked at, spread over port groups, and with two ends named only the part of the lab between them.

mod observe;
mod pairs;
mod provoke;
mod seen;
mod test;

use nsw_core::Origin;

use super::path::excerpt;
use crate::messages::{Catalogue, Language, Message};
use crate::sim::{Death, DeathCause, EndpointId, LookupError, Place, Policy, SimError, World};
use crate::spec::{Locations, Object, Position, key_of, near};
use crate::topology::Lab;

use pairs::Pairs;
pub use seen::{Cure, Seen};
pub use test::Test;

/// Ends that are tried with each other at most.
pub const MAX_ENDS: usize = 40;

/// Ends of a lab that is looked at as a whole; of a larger one, two have to be named.
pub const MAX_LAB: usize = 400;

/// What somebody sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Symptom {
    /// Frames pass in one direction only.
    OneWay,
    /// A sniffer makes it work.
    OnlyWhileSniffing,
    /// Answers come more than once.
    Duplicates,
    /// Nobody gets an address.
    NoDhcp,
    /// It works until a VM moves or an uplink returns.
    AfterMove,
    /// Small packets pass.
    LargePackets,
    /// The host answers, its VMs do not.
    OnlyManagement,
    /// Broadcasts pass, unicast does not.
    OnlyBroadcast,
}

impl Symptom {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::OneWay,
        Self::OnlyWhileSniffing,
        Self::Duplicates,
        Self::NoDhcp,
        Self::AfterMove,
        Self::LargePackets,
        Self::OnlyManagement,
        Self::OnlyBroadcast,
    ];

    /// How people say it, and the words that name it on the command line.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::OneWay => "ping works one way",
            Self::OnlyWhileSniffing => "works only while tcpdump runs",
            Self::Duplicates => "duplicate replies",
            Self::NoDhcp => "DHCP gets no answer",
            Self::AfterMove => "works until vMotion or failback",
            Self::LargePackets => "only large packets fail",
            Self::OnlyManagement => "only the management address answers",
            Self::OnlyBroadcast => "broadcast works, unicast doesn't",
        }
    }

    /// The symptom that these words name: its phrase in any language, whole or its beginning, in any case.
    ///
    /// # Errors
    /// [`UnknownSymptom`] if none, or more than one, begins so.
    pub fn find(words: &str) -> Result<Self, UnknownSymptom> {
        let words = words.trim().to_lowercase();
        let catalogues = Language::ALL.map(Catalogue::new);
        let begins = |symptom: &Self| {
            catalogues.iter().any(|catalogue| catalogue.symptom(*symptom).to_lowercase().starts_with(&words))
        };
        let mut found = Self::ALL.into_iter().filter(begins);
        match (found.next(), found.next()) {
            (Some(symptom), None) => Ok(symptom),
            _ => {
                let hint = near(&words, Self::ALL.into_iter().map(Self::phrase));
                Err(UnknownSymptom { words, hint })
            }
        }
    }
}

/// Words that name no symptom.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{words}` is no symptom that is known here")]
pub struct UnknownSymptom {
    /// The words.
    pub words: String,
    /// A symptom that is called nearly so.
    pub hint: Option<String>,
}

/// What was found for a symptom.
#[derive(Clone, Debug)]
pub struct Leads {
    /// The symptom.
    pub symptom: Symptom,
    /// Pairs of ends that were tried.
    pub tried: usize,
    /// Ends of the lab that were left out, for there were too many.
    pub left_out: usize,
    /// The causes, the one that explains most first.
    pub causes: Vec<Lead>,
}

/// A cause, with what speaks for it and what would tell it from the next.
#[derive(Clone, Debug)]
pub struct Lead {
    /// What it is.
    pub what: What,
    /// Its setting, if there is one, and where it was set.
    pub setting: Option<Policy>,
    /// Where that stands in the lab file.
    pub position: Option<Position>,
    /// What was tried and seen, for the first pair.
    pub seen: Vec<Seen>,
    /// The pairs that show the symptom for this cause; the first is the example.
    pub pairs: Vec<(String, String)>,
    /// What to run to see whether it is this one.
    pub test: Test,
}

/// What a cause is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Frames die at a place, for a reason.
    Dies {
        /// The reason.
        cause: DeathCause,
        /// Where.
        place: Place,
    },
    /// The guest behind a port does not ask for promiscuous mode by itself; the policy would grant it.
    NotAsking {
        /// The port.
        place: Place,
    },
    /// A guest listens to a group that its adapter was not told of.
    GroupUnheard {
        /// The port.
        place: Place,
    },
    /// A promiscuous port is given what the physical switch floods by every uplink of a team.
    FloodedByTeam {
        /// The vSwitch.
        place: Place,
    },
    /// Frames that guests forged come back by another uplink, and the vSwitch does not know them for its own.
    ForgedReflection {
        /// The vSwitch.
        place: Place,
    },
    /// Two uplinks of a vSwitch lead into the same network.
    TwoWays {
        /// The vSwitch.
        place: Place,
    },
    /// Copies go round in a loop.
    Loop {
        /// A device on it.
        place: Place,
    },
}

impl Lead {
    /// How large the packet was that died of its size.
    pub fn size(&self) -> Option<usize> {
        self.seen.iter().find_map(|seen| match seen {
            Seen::Large { len } => Some(*len),
            _ => None,
        })
    }
}

impl What {
    /// In words.
    pub fn words(&self, catalogue: &Catalogue) -> String {
        let place = &catalogue.place(self.place());
        catalogue.say(&match self {
            Self::Dies { cause, .. } => {
                return catalogue.say(&Message::WhatDies { reason: &cause.code(), place });
            }
            Self::NotAsking { .. } => Message::WhatNotAsking { place },
            Self::GroupUnheard { .. } => Message::WhatGroupUnheard { place },
            Self::FloodedByTeam { .. } => Message::WhatFloodedByTeam { place },
            Self::ForgedReflection { .. } => Message::WhatForgedReflection { place },
            Self::TwoWays { .. } => Message::WhatTwoWays { place },
            Self::Loop { .. } => Message::WhatLoop { place },
        })
    }
}

/// A question about a symptom that cannot be asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SymptomError {
    /// An end that is not there.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The lab cannot be wired, or an event names what is not there.
    #[error(transparent)]
    Sim(#[from] SimError),
    /// Everybody with everybody is too much.
    #[error("this lab has {ends} ends; at most {MAX_LAB} are looked at together")]
    TooLarge {
        /// How many.
        ends: usize,
    },
}

/// A lab in which a symptom is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Patient<'a> {
    /// The lab.
    pub lab: &'a Lab,
    /// Where everything stands in its file.
    pub locations: &'a Locations,
    /// The file's name, for the commands that are proposed.
    pub file: &'a str,
}

impl Patient<'_> {
    /// The causes of a symptom; between these two ends only, or one of them and all others, if they are named.
    ///
    /// # Errors
    /// [`SymptomError`] if there is no such end, or the lab cannot be wired.
    pub fn examine(&self, symptom: Symptom, ends: &[&str]) -> Result<Leads, SymptomError> {
        let (world, ends) = self.part(ends)?;
        let pairs = Pairs::of(&world, &ends);
        let mut sheet = Sheet { patient: *self, world: &world, leads: Vec::new() };
        match symptom {
            Symptom::OneWay => observe::one_way(&mut sheet, &pairs),
            Symptom::OnlyManagement => observe::only_management(&mut sheet, &pairs),
            Symptom::LargePackets => observe::large_packets(&mut sheet, &pairs),
            Symptom::OnlyBroadcast => observe::only_broadcast(&mut sheet, &pairs),
            Symptom::NoDhcp => observe::no_dhcp(&mut sheet, &pairs),
            Symptom::Duplicates => provoke::duplicates(&mut sheet, &pairs)?,
            Symptom::OnlyWhileSniffing => provoke::sniffing(&mut sheet, &pairs)?,
            Symptom::AfterMove => provoke::moves(&mut sheet, &pairs)?,
        }
        let mut causes = sheet.leads;
        causes.sort_by_key(|lead| std::cmp::Reverse(lead.pairs.len()));
        Ok(Leads { symptom, tried: pairs.all.len(), left_out: pairs.left_out, causes })
    }
}

impl Patient<'_> {
    /// The part of the lab to look at, wired, and the ends in it.
    fn part(&self, ends: &[&str]) -> Result<(World, Vec<EndpointId>), SymptomError> {
        let whole = World::new(self.lab)?;
        if let [from, to, ..] = ends {
            let ends = [whole.endpoint(whole.find(from)?), whole.endpoint(whole.find(to)?)];
            let part = World::new(&excerpt(self.lab, ends))?;
            let ends = [part.find(&ends[0].name)?, part.find(&ends[1].name)?];
            return Ok((part, ends.to_vec()));
        }
        let count = whole.endpoint_ids().count();
        if count > MAX_LAB {
            return Err(SymptomError::TooLarge { ends: count });
        }
        let ends = ends.iter().map(|end| whole.find(end)).collect::<Result<_, _>>()?;
        Ok((whole, ends))
    }
}

/// What is written down while somebody is examined.
struct Sheet<'a> {
    patient: Patient<'a>,
    world: &'a World,
    leads: Vec<Lead>,
}

impl Sheet<'_> {
    fn name(&self, end: EndpointId) -> String {
        self.world.endpoint(end).name.clone()
    }

    /// A frame from one end to the other died; `seen` tells what passed all the same.
    fn died(
        &mut self,
        from: EndpointId,
        to: EndpointId,
        death: &Death,
        seen: impl IntoIterator<Item = Seen>,
    ) {
        // A port that was not granted promiscuous mode is why the destination was registered nowhere.
        let refused = death.refusals.first();
        let (place, policy) = match refused {
            Some(refused) => (&refused.place, refused.policy.as_ref()),
            None => (&death.place, death.policy.as_ref()),
        };
        let cause = refused.map_or(death.cause, |refused| DeathCause::Reason(refused.reason));
        let what = What::Dies { cause, place: place.clone() };
        self.note(what, policy, from, to, || std::iter::once(Seen::dies(death)).chain(seen).collect());
    }

    /// A pair shows the symptom for this cause.
    fn note(
        &mut self,
        what: What,
        policy: Option<&Policy>,
        from: EndpointId,
        to: EndpointId,
        seen: impl FnOnce() -> Vec<Seen>,
    ) {
        let pair = (self.name(from), self.name(to));
        if let Some(lead) = self.leads.iter_mut().find(|lead| lead.what == what) {
            if !lead.pairs.contains(&pair) {
                lead.pairs.push(pair);
            }
            return;
        }
        let position = policy.zip(what.place().host.as_ref()).and_then(|(policy, host)| {
            let object = holder(policy, host, what.place())?;
            let locations = self.patient.locations;
            locations.key(&object, key_of(policy.setting)).or_else(|| locations.object(&object))
        });
        let test = Test::of(self.patient.file, self.world, &what, from, to);
        self.leads.push(Lead {
            what,
            setting: policy.cloned(),
            position,
            seen: seen(),
            pairs: vec![pair],
            test,
        });
    }
}

impl What {
    /// The reason code, if frames die.
    pub const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Dies { cause, .. } => Some(cause.code()),
            _ => None,
        }
    }

    /// Where.
    pub const fn place(&self) -> &Place {
        match self {
            Self::Dies { place, .. }
            | Self::NotAsking { place }
            | Self::GroupUnheard { place }
            | Self::FloodedByTeam { place }
            | Self::ForgedReflection { place }
            | Self::TwoWays { place }
            | Self::Loop { place } => place,
        }
    }
}

/// The object of the file at which a setting is set, or would be.
fn holder(policy: &Policy, host: &str, place: &Place) -> Option<Object> {
    match (policy.origin, &place.port_group) {
        (Origin::PortGroup, Some(group)) => Some(Object::port_group(host, group)),
        (Origin::PortGroup, None) => None,
        (Origin::VSwitch | Origin::Default, _) => Some(Object::vswitch(host, &place.device)),
    }
}
