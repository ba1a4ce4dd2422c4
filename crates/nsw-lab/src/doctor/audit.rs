//! The audit: what a hardening guide would object to in a lab, each with its place in the file, and the exceptions that
//! somebody answers for.
//!
//! It looks at the configuration alone: what is set, what stands because nobody set it, and who is connected there. What
//! follows for frames is the simulator's to say, and who reads whom is the exposure's. A finding stands at the place where
//! the value was set, for there it is changed: a vSwitch with promiscuous mode at Accept is one finding that names the
//! port groups which inherit it, an override is a finding of its own.
//!
//! | question | place |
//! |---|---|
//! | what is looked for, and which guide says so | [`rule`] |
//! | who is looked at | `checks.rs` |
//! | what is excused, by whom, until when | [`exceptions`] |
//!
//! **Invariant:** a function of the lab, the exceptions and the day; the same order every time, that of the file.

mod checks;
pub mod exceptions;
pub mod rule;

use std::fmt;

use nsw_core::Origin;

use crate::messages::{Catalogue, Message};
use crate::spec::{Locations, Position};
use crate::topology::Lab;

pub use exceptions::{Exception, Exceptions, Weighed};
pub use rule::{RULES, Reference, Rule, Severity};

/// Something that a rule objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: &'static Rule,
    /// What it is about; exceptions name it by this.
    pub object: Subject,
    /// The setting or property, as people read it: `promiscuous mode`, `VLAN ID`.
    pub setting: &'static str,
    /// Its value.
    pub value: String,
    /// Where the value was set, if it is a setting; [`Origin::Default`] if nowhere.
    pub origin: Option<Origin>,
    /// Port groups, or others, that the value holds for beside the object itself.
    pub concerns: Vec<String>,
    /// Where it stands in the lab file; where the object stands if the value stands nowhere.
    pub position: Option<Position>,
}

/// An object that findings and exceptions are about: `physical/vSwitch0/Nested`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// The host.
    pub host: String,
    /// The vSwitch, if it is one or on one.
    pub vswitch: Option<String>,
    /// The port group, if it is one or in one.
    pub port_group: Option<String>,
    /// The adapter, as `vmk0` or `web01.eth0`.
    pub adapter: Option<String>,
}

impl Subject {
    fn vswitch(host: &str, vswitch: &str) -> Self {
        Self { host: host.to_owned(), vswitch: Some(vswitch.to_owned()), port_group: None, adapter: None }
    }

    fn port_group(host: &str, vswitch: &str, group: &str) -> Self {
        Self { port_group: Some(group.to_owned()), ..Self::vswitch(host, vswitch) }
    }

    fn adapter(self, name: impl Into<String>) -> Self {
        Self { adapter: Some(name.into()), ..self }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.host)?;
        let inner = [&self.vswitch, &self.port_group, &self.adapter];
        inner.into_iter().flatten().try_for_each(|name| write!(f, "/{name}"))
    }
}

impl Finding {
    /// What is the case, and where it was set: `promiscuous mode: Accept, set at the port group`.
    pub fn sentence(&self, catalogue: &Catalogue) -> String {
        let setting = &catalogue.setting_called(self.setting);
        let value = &catalogue.value_called(&self.value);
        let finding = &catalogue.say(&match self.origin {
            Some(Origin::PortGroup) => Message::FindingOwn { setting, value },
            Some(Origin::VSwitch) => Message::FindingVswitch { setting, value },
            Some(Origin::Default) => Message::FindingDefault { setting, value },
            None => Message::FindingBare { setting, value },
        });
        if self.concerns.is_empty() {
            return finding.clone();
        }
        let names = &listed(catalogue, &self.concerns);
        catalogue.say(&match self.rule.id {
            id if id == rule::SHARED.id || id == rule::MANAGEMENT.id => {
                Message::FindingBeside { finding, names }
            }
            id if id == rule::DUPLICATE_MAC.id => Message::FindingSameAs { finding, names },
            id if id == rule::RPF_PROMISCUOUS.id => Message::FindingPromiscuous { finding, names },
            _ => Message::FindingInherited { finding, names },
        })
    }
}

/// Names, the first few of them.
fn listed(catalogue: &Catalogue, names: &[String]) -> String {
    const SHOWN: usize = 6;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        Some(more) => catalogue.say(&Message::OpensMore { names: &shown, more: &more }),
        None => shown,
    }
}

/// Everything that the rules object to in a lab, in the order of the file.
pub fn audit(lab: &Lab, locations: &Locations) -> Vec<Finding> {
    let mut findings = checks::check(lab, locations);
    // Stable: what stands nowhere, and what stands at the same place, keeps the order of the rules.
    findings.sort_by_key(|finding| finding.position);
    findings
}
