//! What a vSphere standard switch does not have: five ways to serve a nested host without opening everything.
//!
//! Each is off unless somebody sets it, at the vSwitch or at a port group, and inherited like any other setting. MAC
//! learning and the sink port exist on vSphere's distributed switch; the learning filter existed as a fling; the
//! allow-list and the guard are ours. Reference: `docs/semantics.md`, rules.

use alloc::vec::Vec;
use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;

use crate::addr::Mac;

/// The settings beyond a standard switch, as configured; `None` inherits, and at the vSwitch means off.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Beyond {
    /// Learn the addresses that a port's guest sends from, and deliver to it what is for them.
    pub mac_learning: Option<MacLearning>,
    /// Addresses that a port may send from and is given frames for, beside its own.
    pub allowed_macs: Option<Vec<AllowedMac>>,
    /// Give a port every unicast frame that nobody else owns.
    pub sink: Option<bool>,
    /// Spare a promiscuous port copies of frames that are for somebody else.
    pub learning_filter: Option<bool>,
    /// Drop group frames that come back by an uplink although a guest forged their source here a moment ago.
    pub forged_source_guard: Option<bool>,
}

impl Beyond {
    /// Entries of an allow-list; each frame from a forged source is held against all of them.
    pub const MAX_ALLOWED_MACS: usize = 256;
}

/// MAC learning on or off; one unit, so that an override replaces it whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum MacLearning {
    /// Nothing is learned.
    #[default]
    Off,
    /// Addresses are learned.
    On(Learning),
}

/// How addresses are learned. The defaults are the distributed switch's, the age Learnswitch's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Learning {
    /// Addresses a port may have learned at once, 1 to 4096.
    pub limit: u32,
    /// What happens to a frame from one address more.
    pub at_limit: AtLimit,
    /// Seconds after which an address that was not seen is forgotten.
    pub ageing_s: u32,
    /// Flood unicast frames that nobody owns to the ports that learn and flood.
    pub unicast_flooding: bool,
}

impl Learning {
    /// What [`Learning::limit`] may be.
    pub const LIMIT: RangeInclusive<u32> = 1..=4096;
    /// What [`Learning::ageing_s`] may be: up to a day.
    pub const AGEING_S: RangeInclusive<u32> = 1..=86_400;
}

impl Default for Learning {
    fn default() -> Self {
        Self { limit: 4096, at_limit: AtLimit::Allow, ageing_s: 300, unicast_flooding: true }
    }
}

/// What happens to frames from an address that does not fit any more.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum AtLimit {
    /// They pass, and the address stays unknown.
    #[default]
    Allow,
    /// They are dropped.
    Drop,
}

/// An entry of an allow-list.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum AllowedMac {
    /// One address.
    Exact(Mac),
    /// Every address with these first three octets.
    Oui([u8; 3]),
}

impl AllowedMac {
    /// Does the entry allow this address?
    pub fn matches(self, mac: Mac) -> bool {
        match self {
            Self::Exact(allowed) => allowed == mac,
            Self::Oui(oui) => mac.octets().starts_with(&oui),
        }
    }
}

impl fmt::Display for AllowedMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(mac) => mac.fmt(f),
            Self::Oui([a, b, c]) => write!(f, "{a:02x}:{b:02x}:{c:02x}:*"),
        }
    }
}

/// A text that is no entry of an allow-list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "an entry is the MAC address of a station, as 00:50:56:aa:00:07, or its first three octets, as 00:50:56:*"
)]
pub struct ParseAllowedMacError;

/// `00:50:56:aa:00:07`, or `00:50:56:*` for all with these first three octets. Groups and zero are refused.
impl FromStr for AllowedMac {
    type Err = ParseAllowedMacError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let exact = |text: &str| text.parse().ok().filter(|mac: &Mac| mac.is_station());
        // The prefix of a station's address is the one of whatever address it is completed to.
        let prefix = text.strip_suffix(":*").or_else(|| text.strip_suffix("-*"));
        let allowed = match prefix {
            Some(prefix) => exact(&alloc::format!("{prefix}:00:00:01")).map(|mac| {
                let [a, b, c, ..] = mac.octets();
                Self::Oui([a, b, c])
            }),
            None => exact(text).map(Self::Exact),
        };
        allowed.ok_or(ParseAllowedMacError)
    }
}

/// Traffic shaping of what a guest sends. Bandwidths are bits a second, as in the API; `esxcli` and the kernel count
/// otherwise, and [`Shaping::from_esxcli`] and [`Shaping::from_kernel`] are the only places that convert.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Shaping {
    /// Long-term average, in bits a second.
    pub average_bps: u64,
    /// Most while a burst lasts, in bits a second.
    pub peak_bps: u64,
    /// What may be saved up for a burst, in bytes.
    pub burst_bytes: u64,
}

impl Shaping {
    /// What each of the three amounts may be.
    pub const AMOUNT: RangeInclusive<u64> = 1..=1_000_000_000_000;

    /// From `esxcli`'s units: kilobits (1000 bits) a second, and a burst in kibibits (1024 bits).
    pub const fn from_esxcli(average_kbps: u64, peak_kbps: u64, burst_kib: u64) -> Self {
        Self {
            average_bps: average_kbps.saturating_mul(1000),
            peak_bps: peak_kbps.saturating_mul(1000),
            burst_bytes: burst_kib.saturating_mul(128),
        }
    }

    /// From the kernel shaper's units: bytes a second, and a burst in bytes.
    pub const fn from_kernel(average: u64, peak: u64, burst: u64) -> Self {
        Self { average_bps: average.saturating_mul(8), peak_bps: peak.saturating_mul(8), burst_bytes: burst }
    }
}
