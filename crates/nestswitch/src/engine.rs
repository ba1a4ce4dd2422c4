//! Which engine moves the frames of a host: what a user may ask for, for all hosts of a lab or for one.

use std::fmt;
use std::str::FromStr;

/// An engine by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EngineName {
    /// A process of ours moves the frames.
    User,
    /// A program in the kernel does.
    Kernel,
    /// The kernel's where it can be had, else the user's.
    #[default]
    Auto,
}

impl fmt::Display for EngineName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "user",
            Self::Kernel => "kernel",
            Self::Auto => "auto",
        })
    }
}

impl FromStr for EngineName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "user" => Ok(Self::User),
            "kernel" => Ok(Self::Kernel),
            "auto" => Ok(Self::Auto),
            _ => Err("an engine is `user`, `kernel` or `auto`".to_owned()),
        }
    }
}

/// A wish for one host of a lab, or for all that no other wish names: `kernel`, `physical=kernel`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineWish {
    pub(crate) host: Option<String>,
    engine: EngineName,
}

impl fmt::Display for EngineWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) => write!(f, "{host}={}", self.engine),
            None => self.engine.fmt(f),
        }
    }
}

impl FromStr for EngineWish {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (host, engine) = match text.rsplit_once('=') {
            Some((host, engine)) => (Some(host.to_owned()), engine),
            None => (None, text),
        };
        Ok(Self { host, engine: engine.parse()? })
    }
}

/// The engine that is wished for a host.
pub(crate) fn wished(wishes: &[EngineWish], host: &str) -> EngineName {
    let own = wishes.iter().rfind(|wish| wish.host.as_deref() == Some(host));
    let all = || wishes.iter().rfind(|wish| wish.host.is_none());
    own.or_else(all).map_or_else(EngineName::default, |wish| wish.engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hosts_own_wish_counts_before_the_one_for_all() {
        let wishes: Vec<EngineWish> =
            ["kernel", "nested-1=user"].iter().map(|wish| wish.parse().unwrap()).collect();
        assert_eq!(wished(&wishes, "physical"), EngineName::Kernel);
        assert_eq!(wished(&wishes, "nested-1"), EngineName::User);
        assert_eq!(wished(&[], "nested-1"), EngineName::Auto);
        assert_eq!(wishes.iter().map(EngineWish::to_string).collect::<Vec<_>>(), ["kernel", "nested-1=user"]);
        assert!("physical=ebpf".parse::<EngineWish>().is_err());
    }
}
