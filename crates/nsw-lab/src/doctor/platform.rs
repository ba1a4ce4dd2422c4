//! What a product can be told to do: a fix that it cannot carry out is not offered.
//!
//! A standard switch has the security policy and nothing beside it. A distributed switch learns addresses and has sink
//! ports; it has no list of further addresses for a port. nestswitch has all of them, see `nsw_core::Beyond`.
//! Reference: `docs/semantics.md`, rules.

use std::fmt;
use std::str::FromStr;

/// The product that the switches of a lab stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Platform {
    /// A vSphere standard switch.
    Vss,
    /// A vSphere distributed switch.
    Vds,
    /// nestswitch itself.
    Nestswitch,
}

impl Platform {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Vss, Self::Vds, Self::Nestswitch];

    /// The word for it on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Vss => "vss",
            Self::Vds => "vds",
            Self::Nestswitch => "nestswitch",
        }
    }

    /// Can a port be given a list of further addresses?
    pub const fn has_allow_lists(self) -> bool {
        matches!(self, Self::Nestswitch)
    }

    /// Can a port learn addresses?
    pub const fn has_mac_learning(self) -> bool {
        matches!(self, Self::Vds | Self::Nestswitch)
    }

    /// Can a port be a sink?
    pub const fn has_sinks(self) -> bool {
        matches!(self, Self::Vds | Self::Nestswitch)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no platform.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no platform; there are vss, vds and nestswitch")]
pub struct ParsePlatformError(String);

impl FromStr for Platform {
    type Err = ParsePlatformError;

    fn from_str(text: &str) -> Result<Self, ParsePlatformError> {
        let known = Self::ALL.into_iter().find(|platform| platform.name() == text);
        known.ok_or_else(|| ParsePlatformError(text.to_owned()))
    }
}
