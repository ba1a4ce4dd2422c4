//! Words that come into sentences as arguments: settings, their values, kinds of frames, and what a reason means.
//!
//! In English they are those of the code (`Setting::name` and the like), the same as in every other output. For another
//! language they stand in a list of their own, `messages/ja-words.ftl`, by names made of the English ones.
//!
//! **Invariant:** a list has every word; a test holds it. What it lacks stands in English.

use nsw_core::{Action, PolicyValue, Setting};

use super::Catalogue;
use crate::sim::{DeathCause, LegKind};

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

    fn word(&self, name: &str, english: &str) -> String {
        let found = self.bundle.get_message(name).and_then(|message| message.value());
        let said =
            found.map(|pattern| self.bundle.format_pattern(pattern, None, &mut Vec::new()).into_owned());
        said.unwrap_or_else(|| english.to_owned())
    }
}

/// The name of a word in the lists: its letters and digits in small, everything else a hyphen.
fn kebab(english: &str) -> String {
    let words = english.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}
