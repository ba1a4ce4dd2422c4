//! What is said to people, in their language: a sentence is a [`Message`] with its arguments, its words stand in the
//! catalogues, `messages/en*.ftl` or `ja*.ftl` (Project Fluent).
//!
//! A message names its arguments as fields, so a sentence that lacks one does not compile. Names, addresses and codes
//! are arguments and stay as they are in every language.
//!
//! **Invariant:** every catalogue has every key and no other, each with the arguments of its message; a test holds it.

mod list;
mod steps;
mod words;

use std::fmt;
use std::str::FromStr;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use nsw_core::Mac;
use unic_langid::LanguageIdentifier;

pub use list::Message;

/// A language that the program speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Japanese.
    Ja,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// Its code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// Its catalogues, as texts: two ends of a lab, a whole lab, a picture of it, a frame on its way.
    pub const fn catalogues(self) -> [&'static str; 4] {
        match self {
            Self::En => [
                include_str!("../messages/en.ftl"),
                include_str!("../messages/en-lab.ftl"),
                include_str!("../messages/en-picture.ftl"),
                include_str!("../messages/en-trace.ftl"),
            ],
            Self::Ja => [
                include_str!("../messages/ja.ftl"),
                include_str!("../messages/ja-lab.ftl"),
                include_str!("../messages/ja-picture.ftl"),
                include_str!("../messages/ja-trace.ftl"),
            ],
        }
    }

    /// The words that sentences are told, as texts; none where they are those of the code.
    pub const fn words(self) -> &'static [&'static str] {
        match self {
            Self::En => &[],
            Self::Ja => &[include_str!("../messages/ja-words.ftl"), include_str!("../messages/ja-rules.ftl")],
        }
    }

    /// The language of a POSIX locale, as `ja_JP.UTF-8`; `None` if the program does not speak it.
    pub fn of_locale(locale: &str) -> Option<Self> {
        let code = locale.split(['_', '.', '@', '-']).next()?;
        Self::ALL.into_iter().find(|language| language.code() == code)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A code of no language that the program speaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no language of this program; there are en and ja")]
pub struct ParseLanguageError(String);

impl FromStr for Language {
    type Err = ParseLanguageError;

    fn from_str(text: &str) -> Result<Self, ParseLanguageError> {
        let known = Self::ALL.into_iter().find(|language| language.code() == text);
        known.ok_or_else(|| ParseLanguageError(text.to_owned()))
    }
}

/// The sentences of one language.
pub struct Catalogue {
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    /// The catalogue of this language.
    pub fn new(language: Language) -> Self {
        let mut bundle =
            FluentBundle::new(vec![language.code().parse().unwrap_or(LanguageIdentifier::default())]);
        // Marks around arguments would be seen on terminals, and copied out of them.
        bundle.set_use_isolating(false);
        // What a catalogue lacks is said in English. What cannot be read of it is missing, and the tests say so.
        let texts = Language::En.catalogues().into_iter().chain(language.catalogues());
        for text in texts.chain(language.words().iter().copied()) {
            let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(rest, _)| rest);
            bundle.add_resource_overriding(resource);
        }
        Self { bundle }
    }

    /// The sentence. A key that the catalogue lacks stands for itself.
    pub fn say(&self, message: &Message<'_>) -> String {
        let pattern = self.bundle.get_message(message.key()).and_then(|message| message.value());
        let Some(pattern) = pattern else { return message.key().to_owned() };
        let arguments = message.arguments();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Catalogue").field("locales", &self.bundle.locales).finish_non_exhaustive()
    }
}

/// What a sentence may be told: a text, or a number for which it may have a plural.
pub trait Argument {
    /// As Fluent takes it.
    fn value(&self) -> FluentValue<'_>;
}

macro_rules! texts {
    ($($type:ty),*) => { $(impl Argument for $type {
        fn value(&self) -> FluentValue<'_> {
            self.to_string().into()
        }
    })* };
}

macro_rules! numbers {
    ($($type:ty),*) => { $(impl Argument for $type {
        fn value(&self) -> FluentValue<'_> {
            (*self).into()
        }
    })* };
}

// An id, a line or a VLAN is a name, not an amount: no language groups its digits.
texts!(&str, String, Mac, std::net::IpAddr, u16, u32, nsw_core::VlanId, nsw_core::Action);
numbers!(usize, u64);

/// The arguments of a message, by name.
pub(crate) fn arguments<'a>(named: &[(&'static str, &'a dyn Argument)]) -> FluentArgs<'a> {
    named.iter().map(|(name, argument)| (*name, argument.value())).collect()
}
