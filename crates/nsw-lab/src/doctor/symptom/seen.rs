//! What was tried and seen, in clauses: what speaks for a cause.

use nsw_core::Mac;

use crate::messages::{Catalogue, Message};
use crate::sim::{Death, DeathCause, Place};

/// One thing that was seen.
#[allow(missing_docs, reason = "the sentence that a clause becomes names its fields")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A frame dies.
    Dies { place: Place, cause: DeathCause },
    /// It dies while nobody asks for promiscuous mode.
    DiesUnasked { place: Place, cause: DeathCause },
    /// With the request they talk.
    TalkIfAsked,
    /// What goes the other way arrives.
    OtherWay { from: String, to: String },
    /// Somebody answers who stands for the host.
    Answers { who: String, whom: String },
    /// The frame has so many bytes of payload.
    Large { len: usize },
    /// With so many it arrives.
    Small { len: usize },
    /// A broadcast arrives.
    Broadcast { from: String },
    /// It is a DHCP client's broadcast that dies.
    ClientBroadcast,
    /// That arrived, and the answer is unicast.
    AnswerIsUnicast { client: String },
    /// Copies come back.
    Loop,
    /// It arrives so many times.
    Copies { copies: usize },
    /// Once with this instead.
    OneBy(Cure),
    /// It arrives while somebody sniffs.
    OnlySniffed { group: Mac },
    /// From the return of an uplink until somebody speaks.
    Failback { uplink: String, host: String, until: String },
    /// After a VM has moved.
    Moved { vm: String, target: String },
}

/// What was changed, so that one copy arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cure {
    /// `Net.ReversePathFwdCheckPromisc`.
    Option,
    /// The forged source guard.
    Guard,
    /// All uplinks but one were unplugged.
    OneUplink,
}

impl Seen {
    pub(super) fn dies(death: &Death) -> Self {
        Self::Dies { place: death.place.clone(), cause: death.cause }
    }

    /// In words.
    pub fn words(&self, catalogue: &Catalogue) -> String {
        catalogue.say(&match self {
            Self::Dies { place, cause } => {
                let (place, reason) = (&catalogue.place(place), &cause.code());
                return catalogue.say(&Message::SeenDies { place, reason });
            }
            Self::DiesUnasked { place, cause } => {
                let (place, reason) = (&catalogue.place(place), &cause.code());
                return catalogue.say(&Message::SeenDiesUnasked { place, reason });
            }
            Self::TalkIfAsked => Message::SeenTalkIfAsked {},
            Self::OtherWay { from, to } => Message::SeenOtherWay { from, to },
            Self::Answers { who, whom } => Message::SeenAnswers { who, whom },
            Self::Large { len } => Message::SeenLarge { large: len },
            Self::Small { len } => Message::SeenSmall { small: len },
            Self::Broadcast { from } => Message::SeenBroadcast { from },
            Self::ClientBroadcast => Message::SeenClientBroadcast {},
            Self::AnswerIsUnicast { client } => Message::SeenAnswerIsUnicast { client },
            Self::Loop => Message::SeenLoop {},
            Self::Copies { copies } => Message::SeenCopies { copies },
            Self::OneBy(Cure::Option) => Message::SeenOneByOption {},
            Self::OneBy(Cure::Guard) => Message::SeenOneByGuard {},
            Self::OneBy(Cure::OneUplink) => Message::SeenOneByOneUplink {},
            Self::OnlySniffed { group } => Message::SeenOnlySniffed { group },
            Self::Failback { uplink, host, until } => Message::SeenFailback { uplink, host, until },
            Self::Moved { vm, target } => Message::SeenMoved { vm, target },
        })
    }
}
