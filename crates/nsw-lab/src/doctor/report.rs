//! How an answer reads: for somebody with a broken lab and a minute, in lines of at most [`WIDTH`] columns.
//!
//! First the verdict, then the place and the setting with its line, then what to do. Everything else is asked for.
//!
//! **Invariant:** every sentence comes from the catalogue; names, addresses and codes are the same in each language.

use unicode_width::UnicodeWidthStr as _;

mod full;
mod leads;
pub(crate) mod lines;
mod none;

pub use self::full::Shown;
use self::lines::Lines;
use super::change::Change;
use super::fix::manner::{By, On};
use super::fix::{Fix, Fixes};
use super::opened::Opened;
use super::platform::Platform;
use super::unknown::Unknown;
use super::why::{Cause, Diagnosis, Fact, Fault, Lacking};
use crate::messages::{Catalogue, Message};
use crate::sim::{LegVerdict, Place};
use crate::spec::Locations;

/// Columns of a terminal that an answer may need.
pub const WIDTH: usize = 100;

/// What an answer is told with.
#[derive(Debug)]
pub struct Reporter<'a> {
    /// The sentences.
    pub catalogue: &'a Catalogue,
    /// The lab file's name, as the user gave it.
    pub file: &'a str,
    /// Where everything stands in it.
    pub locations: &'a Locations,
}

/// The column at which what belongs to a label begins.
const LABELLED: usize = 10;

impl Reporter<'_> {
    /// The answer to *why*.
    pub fn diagnosis(&self, diagnosis: &Diagnosis) -> String {
        let talk = &diagnosis.conversation;
        let mut out = Lines::default();
        let verdict = diagnosis.verdict.code();
        out.put(
            0,
            2,
            &self.say(&Message::WhyVerdict { from: &talk.from_name, to: &talk.to_name, verdict: &verdict }),
        );
        if let Some(lacking) = &diagnosis.lacking {
            out.put(2, 2, &self.lacking(lacking, [&talk.from_name, &talk.to_name]));
            return out.0;
        }
        if !diagnosis.unknowns.is_empty() {
            out.put(0, 2, &self.say(&Message::UnknownTitle {}));
            for unknown in &diagnosis.unknowns {
                out.put(2, 2, &format!("* {}", self.unknown(unknown)));
            }
        }
        out.blank();
        self.legs(&mut out, diagnosis);
        for (number, fault) in diagnosis.faults.iter().enumerate() {
            out.blank();
            self.fault(&mut out, number, fault);
        }
        if diagnosis.faults.len() == 1 {
            out.blank();
            out.put(0, 2, &self.say(&Message::WhyOnlyThisWay {}));
        }
        out.0
    }

    pub(super) fn say(&self, message: &Message<'_>) -> String {
        self.catalogue.say(message)
    }

    fn legs(&self, out: &mut Lines, diagnosis: &Diagnosis) {
        let talk = &diagnosis.conversation;
        out.put(0, 2, &self.say(&Message::WhyLegs {}));
        let way = |leg: &crate::sim::Leg| match leg.kind.is_question() {
            true => format!("{} -> {}", talk.from_name, talk.to_name),
            false => format!("{} -> {}", talk.to_name, talk.from_name),
        };
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let kinds = width(&mut talk.legs.iter().map(|leg| self.catalogue.frame(leg.kind).width()));
        let ways = width(&mut talk.legs.iter().map(|leg| way(leg).width()));
        for (number, leg) in (1..).zip(&talk.legs) {
            let verdict = match &leg.verdict {
                LegVerdict::Arrived { copies: 1 } => self.say(&Message::WhyLegArrived {}),
                LegVerdict::Arrived { copies } => self.say(&Message::WhyLegDuplicated { copies }),
                LegVerdict::Died(_) => self.say(&Message::WhyLegDied {}),
                LegVerdict::NotSent => self.say(&Message::WhyLegNotSent {}),
            };
            let (kind, way) = (padded(&self.catalogue.frame(leg.kind), kinds), padded(&way(leg), ways));
            out.put(2, 2, &format!("{number} {kind}  {way}  {verdict}"));
        }
    }

    fn fault(&self, out: &mut Lines, number: usize, fault: &Fault) {
        let (frame, from) = (&self.catalogue.frame(fault.kind), &fault.from);
        out.put(
            0,
            2,
            &match (number, fault.was_sent) {
                (0, _) => self.say(&Message::WhyDiedHere { frame, from }),
                (_, true) => self.say(&Message::WhyDiesAlso { frame, from }),
                (_, false) => self.say(&Message::WhyWouldDieHere { frame, from }),
            },
        );
        self.labelled(out, &Message::LabelPlace {}, &self.place(&fault.at.place, fault.depth));
        self.cause(out, &fault.at);
        let facts: Vec<String> = fault.facts.iter().map(|fact| self.fact(fact)).collect();
        if !facts.is_empty() {
            self.labelled(out, &Message::LabelFacts {}, &facts.join("; "));
        }
        for cause in &fault.because {
            let port = cause.place.port.clone().unwrap_or_default();
            let reason = format!("{port}: {}: {}", cause.cause.code(), self.catalogue.summary(cause.cause));
            self.labelled(out, &Message::LabelBecause {}, &reason);
            self.setting(out, cause);
        }
        for place in &fault.not_asking {
            let port = place.port.clone().unwrap_or_default();
            self.labelled(out, &Message::LabelBecause {}, &self.say(&Message::WhyNotAsking { port: &port }));
        }
    }

    fn cause(&self, out: &mut Lines, cause: &Cause) {
        let reason = format!("{}: {}", cause.cause.code(), self.catalogue.summary(cause.cause));
        self.labelled(out, &Message::LabelReason {}, &reason);
        self.setting(out, cause);
    }

    fn setting(&self, out: &mut Lines, cause: &Cause) {
        let Some(policy) = &cause.policy else { return };
        self.labelled(out, &Message::LabelSetting {}, &self.catalogue.policy_at(&cause.place, policy));
        let (Some(line), Some(object)) = (cause.line(self.locations), &cause.object) else { return };
        let is_set = self.locations.key(object, crate::spec::key_of(policy.setting)).is_some();
        let (file, line) = (&self.file, &line.line);
        self.labelled(
            out,
            &Message::LabelLine {},
            &match is_set {
                true => self.say(&Message::WhySetIn { file, line }),
                false => self.say(&Message::WhyDefaultOf { file, line }),
            },
        );
    }

    fn place(&self, place: &Place, depth: Option<usize>) -> String {
        let host = place.host.as_ref().map(|host| {
            let depth = &self.say(&Message::WhyDepth { depth: &depth.unwrap_or(0) });
            self.say(&Message::PlaceHost { host, depth })
        });
        let group = place.port_group.as_ref().map(|name| self.say(&Message::PlacePortGroup { name }));
        let port = place.port.as_ref().map(|name| self.say(&Message::PlacePort { name }));
        let device = self.catalogue.device(place.host.as_deref(), &place.device);
        let parts = [host, Some(device), group, port];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// In words.
    pub fn fact(&self, fact: &Fact) -> String {
        match fact {
            Fact::Source { src, effective } => self.say(&Message::FactSource { src, effective }),
            Fact::NotRegistered { dst, vlan } => self.say(&Message::FactNotRegistered { dst, vlan }),
            Fact::Registered { dst, port } => self.say(&Message::FactRegistered { dst, port }),
            Fact::Vlan { tag: Some(tag), vlan: Some(_) } => self.say(&Message::FactTagged { tag }),
            Fact::Vlan { tag: Some(tag), vlan: None } => self.say(&Message::FactTaggedMisfit { tag }),
            Fact::Vlan { tag: None, vlan: None } => self.say(&Message::FactUntaggedMisfit {}),
            Fact::Vlan { tag: None, vlan: Some(vlan) } => self.say(&Message::FactUntagged { vlan }),
        }
    }

    /// In words.
    pub fn unknown(&self, unknown: &Unknown) -> String {
        match unknown {
            Unknown::Asks { who, talks_if_so: true } => self.say(&Message::UnknownAsksYes { who }),
            Unknown::Asks { who, talks_if_so: false } => self.say(&Message::UnknownAsksNo { who }),
            Unknown::HeardLast { mac, other, talks_if_so: true } => {
                self.say(&Message::UnknownHeardLastYes { other, mac })
            }
            Unknown::HeardLast { mac, other, talks_if_so: false } => {
                self.say(&Message::UnknownHeardLastNo { other, mac })
            }
            Unknown::LearnedBefore { talks_if_so: true } => self.say(&Message::UnknownLearnedYes {}),
            Unknown::LearnedBefore { talks_if_so: false } => self.say(&Message::UnknownLearnedNo {}),
            Unknown::Uplink { host, vswitch, talks_by, not_by } => {
                let (talks, not) = (&talks_by.join(", "), &not_by.join(", "));
                self.say(&Message::UnknownUplink { vswitch, host, talks, not })
            }
        }
    }

    /// In words.
    pub fn lacking(&self, lacking: &Lacking, [from, to]: [&String; 2]) -> String {
        match lacking {
            Lacking::Address { whose, otherwise: None } => self.say(&Message::LackingAddress { whose }),
            Lacking::Address { whose, otherwise: Some(true) } => {
                self.say(&Message::LackingAddressWouldTalk { whose })
            }
            Lacking::Address { whose, otherwise: Some(false) } => {
                self.say(&Message::LackingAddressWouldNotTalk { whose })
            }
            Lacking::Network { addresses } => {
                let name = |end: &String, address: &Option<std::net::IpAddr>| match address {
                    Some(address) => format!("{end} ({address})"),
                    None => end.clone(),
                };
                let (from, to) = (&name(from, &addresses[0]), &name(to, &addresses[1]));
                self.say(&Message::LackingNetwork { from, to })
            }
            Lacking::Itself => self.say(&Message::LackingItself {}),
        }
    }

    /// The fixes, each with its changes; what they open is told by [`Reporter::fix`].
    pub fn fixes(&self, found: &Fixes, platform: Option<Platform>, [from, to]: [&str; 2]) -> String {
        let mut out = Lines::default();
        if found.fixes.is_empty() {
            out.put(
                0,
                2,
                &match platform {
                    _ if found.harmful > 0 => self.say(&Message::FixOnlyHarmful { count: &found.harmful }),
                    Some(platform) => self.say(&Message::FixNoneOnPlatform { platform: &platform.name() }),
                    None => self.say(&Message::FixNone {}),
                },
            );
        } else {
            out.put(0, 2, &self.say(&Message::FixTitle {}));
            out.put(2, 0, &self.say(&Message::FixTried { pairs: &found.other_pairs }));
            if found.settle {
                out.put(2, 0, &self.say(&Message::FixSettles {}));
            }
        }
        for (number, fix) in (1..).zip(&found.fixes) {
            self.fix_in_short(&mut out, number, fix);
        }
        if found.harmful > 0 && !found.fixes.is_empty() {
            out.put(2, 0, &self.say(&Message::FixHarmful { count: &found.harmful }));
        }
        if let Some(name) = &found.router {
            let words = [self.say(&Message::LabelRouter {}), self.say(&Message::FixRouter { name })];
            out.put(2, 2, &words.join(" "));
        }
        if !found.fixes.is_empty() {
            let file = &self.file;
            let (from, to) = (&from, &to);
            out.verbatim(0, &self.say(&Message::FixMore { file, from, to }));
            out.verbatim(0, &self.say(&Message::FixApply { file, from, to }));
        }
        out.0
    }

    fn fix_in_short(&self, out: &mut Lines, number: usize, fix: &Fix) {
        out.put(2, 2, &format!("{number} {}", self.manner(fix)));
        for change in &fix.changes {
            out.put(6, 2, &self.change(change));
        }
        out.put(6, 2, &self.opens_in_short(&fix.opened));
    }

    fn opens_in_short(&self, opened: &Opened) -> String {
        let pairs = |pairs: u64| usize::try_from(pairs).unwrap_or(usize::MAX);
        let (reads, sends) = (&pairs(opened.widening.read_pairs()), &pairs(opened.widening.sender_pairs()));
        let ([before, after], findings) = (&opened.copies, &opened.findings.len());
        self.say(&Message::OpensInShort { reads, sends, findings, before, after })
    }

    /// The manner of a fix; one that touches no policy of a nested host's adapter has none.
    pub fn manner(&self, fix: &Fix) -> String {
        let Some(by) = fix.by() else { return self.say(&Message::MannerOther {}) };
        let manner = match by {
            By::Address => return self.say(&Message::MannerAddress {}),
            By::AllowList => self.say(&Message::MannerAllowList {}),
            By::Learning => self.say(&Message::MannerLearning {}),
            By::Sink => self.say(&Message::MannerSink {}),
            By::PromiscuousAllowList => self.say(&Message::MannerPromiscuousAllowList {}),
            By::Promiscuous => self.say(&Message::MannerPromiscuous {}),
        };
        let manner = &manner;
        match fix.on() {
            On::Dedicated => self.say(&Message::MannerOnDedicated { manner }),
            On::PortGroup => self.say(&Message::MannerOnPortGroup { manner }),
            On::VSwitch => self.say(&Message::MannerOnVswitch { manner }),
        }
    }

    /// One change, in words.
    pub fn change(&self, change: &Change) -> String {
        match change {
            Change::Security { at, element, action } => {
                let (at, setting) = (&at.to_string(), &self.catalogue.setting(element.setting()));
                let value = &self.catalogue.action(*action);
                self.say(&Message::ChangeSecurity { at, setting, value })
            }
            Change::Allow { at, mac } => self.say(&Message::ChangeAllow { at: &at.to_string(), mac }),
            Change::Learn { at, learning } => {
                self.say(&Message::ChangeLearn { at: &at.to_string(), limit: &learning.limit })
            }
            Change::Sink { at } => self.say(&Message::ChangeSink { at: &at.to_string() }),
            Change::Vlan { host, port_group: group, id: 4095 } => {
                self.say(&Message::ChangeVlanTrunk { host, group })
            }
            Change::Vlan { host, port_group: group, id } => {
                self.say(&Message::ChangeVlan { host, group, id })
            }
            Change::AddPortGroup { host, name, like } => {
                self.say(&Message::ChangeAddPortGroup { host, name, like })
            }
            Change::Connect { vm, nic, port_group: group } => {
                self.say(&Message::ChangeConnect { vm, nic, group })
            }
            Change::VnicMac { vm, nic, mac } => self.say(&Message::ChangeVnicMac { vm, nic, mac }),
            Change::KeepMac { vm, nic } => self.say(&Message::ChangeKeepMac { vm, nic }),
            Change::VmkernelMac { host, vmk, mac } => {
                self.say(&Message::ChangeVmkernelMac { host, vmk, mac })
            }
            Change::GuestVlan { vm, nic, id: 0 } => self.say(&Message::ChangeGuestUntagged { vm, nic }),
            Change::GuestVlan { vm, nic, id } => self.say(&Message::ChangeGuestVlan { vm, nic, id }),
            Change::AddUplink { host, vswitch, pnic } => {
                self.say(&Message::ChangeAddUplink { host, vswitch, pnic })
            }
            Change::Cable { host, pnic, segment } => self.say(&Message::ChangeCable { host, pnic, segment }),
            Change::Mtu { host, vswitch, mtu } => self.say(&Message::ChangeMtu { host, vswitch, mtu }),
            Change::CheckPromiscuous { host, vswitch } => {
                self.say(&Message::ChangeCheckPromiscuous { host, vswitch })
            }
            Change::Active { at, uplinks } => {
                let uplinks = &uplinks.join(", ");
                self.say(&Message::ChangeActive { at: &at.to_string(), uplinks })
            }
        }
    }

    fn labelled(&self, out: &mut Lines, label: &Message<'_>, text: &str) {
        out.put(2, LABELLED, &format!("{}{text}", padded(&self.say(label), LABELLED)));
    }
}

/// The text, filled with spaces up to this many columns.
fn padded(text: &str, columns: usize) -> String {
    let fill = columns.saturating_sub(text.width());
    format!("{text}{:fill$}", "")
}
