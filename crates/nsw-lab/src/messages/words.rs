//! Words that come into sentences as arguments: settings, their values, kinds of frames, what a reason means; and what
//! is said of a rule of the audit, and of a symptom.
//!
//! In English they are those of the code (`Setting::name` and the like), the same as in every other output. For another
//! language they stand in lists of their own, `messages/ja-words.ftl` and `ja-rules.ftl`, by names made of the English ones.
//!
//! **Invariant:** a list has every word; a test holds it. What it lacks stands in English.

use nsw_core::{Action, Origin, PolicyLine, PolicyValue, Setting};

use super::{Catalogue, Message};
use crate::doctor::audit::Rule;
use crate::doctor::symptom::Symptom;
use crate::sim::{DeathCause, LegKind, Place, Policy};

impl Catalogue {
    /// The name of a setting.
    pub fn setting(&self, setting: Setting) -> String {
        self.word(&format!("setting-{}", kebab(setting.name())), setting.name())
    }

    /// A value of a security setting.
    pub fn action(&self, action: Action) -> String {
        self.value(PolicyValue::Word(if action.accepts() { "Accept" } else { "Reject" }))
    }

    /// The value of a setting. A number or a bare sign is the same everywhere.
    pub fn value(&self, value: PolicyValue) -> String {
        match value {
            PolicyValue::Word(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                self.word(&format!("value-{}", kebab(word)), word)
            }
            PolicyValue::Word(_) | PolicyValue::Number(_) => value.to_string(),
        }
    }

    /// A setting, its value, and where it was set.
    pub fn policy(&self, line: &PolicyLine<'_>) -> String {
        let (setting, value) = (&self.setting(line.setting), &self.value(line.value));
        let vswitch = &line.vswitch;
        match (line.origin, &line.port_group) {
            (Origin::PortGroup, Some(group)) => self.say(&Message::PolicyOwn { setting, value, group }),
            (Origin::VSwitch, Some(group)) => {
                self.say(&Message::PolicyInherited { setting, value, vswitch, group })
            }
            (Origin::Default, Some(group)) => {
                self.say(&Message::PolicyDefault { setting, value, vswitch, group })
            }
            (Origin::Default, None) => self.say(&Message::PolicySwitchDefault { setting, value, vswitch }),
            (Origin::PortGroup | Origin::VSwitch, None) => {
                self.say(&Message::PolicySwitch { setting, value, vswitch })
            }
        }
    }

    /// The same of a line that a host has said in English, over its API. What is no such line stays as it is.
    pub fn policy_called(&self, line: &str) -> String {
        let told = || {
            let (setting, rest) = line.split_once(" = ")?;
            let (value, origin) = ["set on ", "default of "].into_iter().find_map(|begin| {
                let (value, rest) = rest.split_once(&format!(", {begin}"))?;
                Some((value, (begin, rest)))
            })?;
            let (setting, value) = (&self.setting_called(setting), &self.value_called(value));
            Some(match (origin, origin.1.split_once(", inherited by port group ")) {
                (("set on ", _), Some((vswitch, group))) => {
                    self.say(&Message::PolicyInherited { setting, value, vswitch: &vswitch, group: &group })
                }
                (_, Some((vswitch, group))) => {
                    self.say(&Message::PolicyDefault { setting, value, vswitch: &vswitch, group: &group })
                }
                (("set on ", at), None) => match at.strip_prefix("port group ") {
                    Some(group) => self.say(&Message::PolicyOwn { setting, value, group: &group }),
                    None => self.say(&Message::PolicySwitch { setting, value, vswitch: &at }),
                },
                ((_, vswitch), None) => {
                    self.say(&Message::PolicySwitchDefault { setting, value, vswitch: &vswitch })
                }
            })
        };
        told().unwrap_or_else(|| line.to_owned())
    }

    /// A place in one line, from the outside inwards.
    pub fn place(&self, place: &Place) -> String {
        let Place { host, device, port_group, port } = place;
        let device = Some(self.device(host.as_deref(), device));
        let parts = [host.clone(), device, port_group.clone(), port.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" / ")
    }

    /// A vSwitch has its name; what is outside of hosts has a word before it that says what it is.
    pub fn device(&self, host: Option<&str>, device: &str) -> String {
        let outside = |word: &str| device.strip_prefix(word).filter(|_| host.is_none());
        if let Some(name) = outside("segment ") {
            return self.say(&Message::PlaceSegment { name: &name });
        }
        match outside("bridge in ") {
            Some(name) => self.say(&Message::PlaceBridge { name: &name }),
            None => device.to_owned(),
        }
    }

    /// The setting behind a reason at a place.
    pub fn policy_at(&self, place: &Place, policy: &Policy) -> String {
        let Policy { setting, value, origin, .. } = *policy;
        let (vswitch, port_group) = (place.device.as_str(), place.port_group.as_deref());
        self.policy(&PolicyLine { setting, value, origin, vswitch, port_group })
    }

    /// The name of a kind of frame.
    pub fn frame(&self, kind: LegKind) -> String {
        self.frame_called(kind.name())
    }

    /// The name of a kind of frame, by its English one.
    pub fn frame_called(&self, name: &str) -> String {
        self.word(&format!("frame-{}", kebab(name)), name)
    }

    /// What a cause of death means.
    pub fn summary(&self, cause: DeathCause) -> String {
        self.word(cause.code(), cause.summary())
    }

    /// The name of a setting that has no [`Setting`], by its English one.
    pub fn setting_called(&self, name: &str) -> String {
        self.word(&format!("setting-{}", kebab(name)), name)
    }

    /// The value of a setting, by its English word. A number is the same everywhere.
    pub fn value_called(&self, value: &str) -> String {
        self.word(&format!("value-{}", kebab(value)), value)
    }

    /// What a rule of the audit objects to.
    pub fn rule_title(&self, rule: &Rule) -> String {
        self.word(rule.id, rule.title)
    }

    /// Why it does.
    pub fn rule_rationale(&self, rule: &Rule) -> String {
        self.attribute(rule.id, "rationale", rule.rationale)
    }

    /// What to do about it.
    pub fn rule_remedy(&self, rule: &Rule) -> String {
        self.attribute(rule.id, "remedy", rule.remedy)
    }

    /// How people call a symptom.
    pub fn symptom(&self, symptom: Symptom) -> String {
        self.word(&format!("symptom-{}", kebab(symptom.phrase())), symptom.phrase())
    }

    fn word(&self, name: &str, english: &str) -> String {
        let pattern = self.bundle.get_message(name).and_then(|message| message.value());
        let said =
            pattern.map(|pattern| self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned());
        said.unwrap_or_else(|| english.to_owned())
    }

    fn attribute(&self, name: &str, attribute: &str, english: &str) -> String {
        let found = self.bundle.get_message(name).and_then(|message| message.get_attribute(attribute));
        let pattern = found.map(|attribute| attribute.value());
        let said =
            pattern.map(|pattern| self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned());
        said.unwrap_or_else(|| english.to_owned())
    }
}

/// The name of a word in the lists: its letters and digits in small, everything else a hyphen.
fn kebab(english: &str) -> String {
    let words = english.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
