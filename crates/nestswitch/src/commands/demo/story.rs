//! The rounds of the demo, and what is told of each.

use nsw_lab::messages::{Catalogue, Language, Message};
use nsw_lab::sim::Place;
use serde::{Serialize, Serializer};

use crate::commands::output::Failure;
use crate::commands::vm_init::PingReport;

/// Who takes part.
pub(super) const OUTER_HOST: &str = "physical";
pub(super) const VSWITCH: &str = "vSwitch0";
pub(super) const NESTED_GROUP: &str = "Nested";
pub(super) const NESTED_HOST: &str = "nested-1";
pub(super) const INNER_VM: &str = "web01";
pub(super) const OUTSIDE: &str = "laptop";
pub(super) const BYSTANDER: &str = "sniffer";
/// The port of the bystander, and of the nested host, on the outer switch.
pub(super) const BYSTANDER_PORT: &str = "sniffer.eth0";
pub(super) const NESTED_PORT: &str = "nested-1.vmnic0";

/// Where the demo is played.
pub(super) trait Stage {
    /// In a few words.
    fn place(&self) -> Message<'static>;
    /// Sets the policies of a round, lets the two ends ping each other, and tells what came of it.
    fn play(&mut self, round: &Round) -> Result<RoundReport, Failure>;
}

/// The security settings of a round, all on the outer host.
#[derive(Clone, Copy, Debug)]
pub(super) struct Round {
    pub(super) title: Message<'static>,
    /// Accept (true) or Reject on the vSwitch: promiscuous mode, MAC address changes, forged transmits.
    pub(super) vswitch: [bool; 3],
    /// Overrides on the port group of the nested host; `None` inherits.
    pub(super) group: [Option<bool>; 3],
    /// Do the replies come, out of the inner VM and into it?
    pub(super) reachable: bool,
}

const INHERIT: [Option<bool>; 3] = [None; 3];
const REJECT: [bool; 3] = [false; 3];

pub(super) const ROUNDS: &[Round] = &[
    Round { title: Message::DemoRoundClosed {}, vswitch: REJECT, group: INHERIT, reachable: false },
    Round {
        title: Message::DemoRoundMethod1 {},
        vswitch: [true, false, true],
        group: INHERIT,
        reachable: true,
    },
    Round {
        title: Message::DemoRoundMethod2 {},
        vswitch: REJECT,
        group: [Some(true), None, Some(true)],
        reachable: true,
    },
    Round {
        title: Message::DemoRoundForgedOnly {},
        vswitch: REJECT,
        group: [None, None, Some(true)],
        reachable: false,
    },
    Round {
        title: Message::DemoRoundPromiscuousOnly {},
        vswitch: REJECT,
        group: [Some(true), None, None],
        reachable: false,
    },
    Round {
        title: Message::DemoRoundMacChangesOnly {},
        vswitch: REJECT,
        group: [None, Some(true), None],
        reachable: false,
    },
];

/// What came of a round.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RoundReport {
    #[serde(serialize_with = "in_english")]
    pub(super) title: Message<'static>,
    #[serde(skip)]
    pub(super) reachable: bool,
    /// Out of the inner VM, into it, and to the nested host's own address.
    pub(super) pings: Vec<PingOutcome>,
    /// Frames that the bystander's port was given and that were not for it.
    pub(super) bystander_copies: u64,
}

/// What came of a ping in one direction.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct PingOutcome {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) report: PingReport,
    /// The frames of the conversation that died.
    pub(super) deaths: Vec<DeathReport>,
}

/// A frame of the conversation that died, and how many alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct DeathReport {
    /// `ARP request`, `ARP reply`, `echo request` or `echo reply`.
    pub(super) frame: String,
    pub(super) sender: String,
    /// Host, vSwitch, port group and port.
    #[serde(serialize_with = "place_in_english")]
    pub(super) place: Place,
    pub(super) reason: String,
    /// The policy line that decided, and where it is set.
    pub(super) policy: Option<String>,
    /// What the nested host's port was refused meanwhile.
    pub(super) refused: Vec<Refused>,
    pub(super) count: u64,
}

/// The nested host's port asks for every frame, and was not given this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) reason: String,
    /// As the host says it.
    pub(super) policy: Option<String>,
}

impl Refused {
    /// That it was, and the policy line that decided.
    pub(super) fn tell(&self, words: &Catalogue) -> [String; 2] {
        let policy = match &self.policy {
            Some(policy) => words.policy_called(policy),
            None => words.say(&Message::DemoNoPolicy {}),
        };
        [words.say(&Message::DemoAsks { port: &NESTED_PORT, reason: &self.reason }), policy]
    }
}

/// A place from the outside inwards; an uplink is named as one.
pub(super) fn place(words: &Catalogue, place: &Place) -> String {
    let uplink = |name: &String| words.say(&Message::DemoUplink { name });
    let named = place.host.is_some() && place.port_group.is_none();
    let port = place.port.as_ref().map(|port| if named { uplink(port) } else { port.clone() });
    words.place(&Place { port, ..place.clone() })
}

// What programs read is the same in each language.
fn in_english<S: Serializer>(message: &Message<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&english(message))
}

fn place_in_english<S: Serializer>(at: &Place, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&place(&Catalogue::new(Language::En), at))
}

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let [said, policy] = self.tell(&Catalogue::new(Language::En));
        serializer.serialize_str(&format!("{said} ({policy})"))
    }
}

/// The sentence for programs.
pub(super) fn english(message: &Message<'_>) -> String {
    Catalogue::new(Language::En).say(message)
}

impl PingOutcome {
    fn all_replied(&self) -> bool {
        self.report.sent > 0 && self.report.received == self.report.sent
    }

    fn none_replied(&self) -> bool {
        self.report.received == 0
    }
}

/// Did every round end as the story tells it?
pub(super) fn goes_as_told(rounds: &[RoundReport]) -> bool {
    rounds.iter().all(|round| {
        let (management, inner): (Vec<_>, Vec<_>) =
            round.pings.iter().partition(|ping| ping.to == NESTED_HOST);
        let told =
            |ping: &&PingOutcome| if round.reachable { ping.all_replied() } else { ping.none_replied() };
        management.iter().all(|ping| ping.all_replied()) && inner.iter().all(told)
    })
}

/// Counts equal deaths together.
pub(super) fn tally(deaths: impl IntoIterator<Item = DeathReport>) -> Vec<DeathReport> {
    let mut tallied: Vec<DeathReport> = Vec::new();
    for death in deaths {
        let alike =
            tallied.iter_mut().find(|known| DeathReport { count: death.count, ..(*known).clone() } == death);
        match alike {
            Some(known) => known.count += death.count,
            None => tallied.push(death),
        }
    }
    tallied
}
