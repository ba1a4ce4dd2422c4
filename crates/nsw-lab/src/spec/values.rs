//! What a word of the lab file means: an address, a number, one of a few words; and which names may be given.
//!
//! Every function takes the word with the description of what it belongs to, so that the message names the object. A
//! word that cannot be read is reported and is then absent; the rest of the file is still checked.

use std::fmt::Display;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::str::FromStr;

use nsw_core::{
    Action, AllowedMac, AtLimit, CdpStatus, Defaults, FailureDetection, LoadBalancing, Mac, PromiscuousScope,
    RefusedMacChange, VlanId, VlanMode,
};

use super::at::Word;
use super::diagnostics::{Collector, Draft};
use super::suggest;
use crate::topology::Address;

const MTU: RangeInclusive<u16> = 1280..=9000;
/// As many as ESXi has.
const PORTS: RangeInclusive<u16> = 1..=4096;

const BOOLEANS: &[(&str, bool)] = &[("true", true), ("false", false)];
const ACTIONS: &[(&str, Action)] = &[("accept", Action::Accept), ("reject", Action::Reject)];
const DEFAULTS: &[(&str, Defaults)] =
    &[("7.0+", Defaults::V7), ("6.x", Defaults::Legacy), ("8.0", Defaults::V8), ("9.0", Defaults::V9)];
const CDP: &[(&str, CdpStatus)] = &[
    ("down", CdpStatus::Down),
    ("listen", CdpStatus::Listen),
    ("advertise", CdpStatus::Advertise),
    ("both", CdpStatus::Both),
];
const SCOPES: &[(&str, PromiscuousScope)] =
    &[("vlan", PromiscuousScope::Vlan), ("port-group", PromiscuousScope::PortGroup)];
const REFUSALS: &[(&str, RefusedMacChange)] =
    &[("drop-rx", RefusedMacChange::DropRx), ("block", RefusedMacChange::Block)];
const AT_LIMIT: &[(&str, AtLimit)] = &[("allow", AtLimit::Allow), ("drop", AtLimit::Drop)];
const BALANCING: &[(&str, LoadBalancing)] = &[
    ("port-id", LoadBalancing::PortId),
    ("source-mac", LoadBalancing::SourceMac),
    ("ip-hash", LoadBalancing::IpHash),
    ("explicit", LoadBalancing::ExplicitFailover),
];

const DETECTION: &[(&str, FailureDetection)] =
    &[("link", FailureDetection::LinkStatus), ("beacon", FailureDetection::BeaconProbing)];

/// Reads words on behalf of one object, which the messages name.
pub(crate) struct Reader<'a> {
    /// The object, as ``port group `Nested` ``.
    pub(crate) owner: &'a str,
    pub(crate) problems: &'a mut Collector,
}

impl Reader<'_> {
    /// `true` or `false`. YAML 1.1's `yes`, `on` and their kin are refused: the word `no` is also a country.
    pub(crate) fn boolean(&mut self, key: &str, word: Option<&Word>) -> Option<bool> {
        self.one_of(key, word, BOOLEANS)
    }

    pub(crate) fn action(&mut self, key: &str, word: Option<&Word>) -> Option<Action> {
        self.one_of(key, word, ACTIONS)
    }

    pub(crate) fn defaults(&mut self, word: Option<&Word>) -> Option<Defaults> {
        self.one_of("defaults", word, DEFAULTS)
    }

    pub(crate) fn load_balancing(&mut self, word: Option<&Word>) -> Option<LoadBalancing> {
        self.one_of("load-balancing", word, BALANCING)
    }

    pub(crate) fn failure_detection(&mut self, word: Option<&Word>) -> Option<FailureDetection> {
        self.one_of("failure-detection", word, DETECTION)
    }

    pub(crate) fn promiscuous_scope(&mut self, word: Option<&Word>) -> Option<PromiscuousScope> {
        self.one_of("promiscuous-scope", word, SCOPES)
    }

    pub(crate) fn refused_mac_change(&mut self, word: Option<&Word>) -> Option<RefusedMacChange> {
        self.one_of("mac-change-refused", word, REFUSALS)
    }

    pub(crate) fn mtu(&mut self, word: Option<&Word>) -> Option<u16> {
        self.number("mtu", word, MTU)
    }

    pub(crate) fn ports(&mut self, word: Option<&Word>) -> Option<u16> {
        self.number("ports", word, PORTS)
    }

    pub(crate) fn cdp(&mut self, word: Option<&Word>) -> Option<CdpStatus> {
        self.one_of("cdp", word, CDP)
    }

    pub(crate) fn at_limit(&mut self, word: Option<&Word>) -> Option<AtLimit> {
        self.one_of("at-limit", word, AT_LIMIT)
    }

    /// A whole number in a range.
    pub(crate) fn number<T: FromStr + PartialOrd + Display>(
        &mut self,
        key: &str,
        word: Option<&Word>,
        range: RangeInclusive<T>,
    ) -> Option<T> {
        let word = word?;
        let number = word.value.parse().ok().filter(|number| range.contains(number));
        self.require(number, word, || {
            (
                format!("{key} `{}`", word.value),
                format!("it is a number from {} to {}", range.start(), range.end()),
            )
        })
    }

    /// `off`, where anything else is written as keys.
    pub(crate) fn off(&mut self, key: &str, word: &Word) -> Option<()> {
        let off = (word.value == "off").then_some(());
        self.require(off, word, || {
            (format!("{key} `{}`", word.value), "it is `off`, or has keys of its own".to_owned())
        })
    }

    /// An entry of an allow-list.
    pub(crate) fn allowed_mac(&mut self, word: &Word) -> Option<AllowedMac> {
        match word.value.parse() {
            Ok(allowed) => Some(allowed),
            Err(error) => {
                let error: nsw_core::ParseAllowedMacError = error;
                self.require(None, word, || (format!("allowed-macs `{}`", word.value), error.to_string()))
            }
        }
    }

    /// A port group's VLAN id.
    pub(crate) fn vlan_mode(&mut self, word: Option<&Word>) -> Option<VlanMode> {
        let word = word?;
        let mode = match word.value.as_str() {
            "trunk" => Some(VlanMode::Vgt),
            id => id.parse().ok().and_then(VlanMode::from_id),
        };
        self.require(mode, word, || {
            let help =
                "it is 0 (untagged), 1 to 4094, or 4095, which is also written `trunk` (the guest tags)";
            (format!("vlan `{}`", word.value), help.to_owned())
        })
    }

    /// The VLAN id that an end system tags with; 0 for none.
    pub(crate) fn guest_vlan(&mut self, word: Option<&Word>) -> Option<u16> {
        let word = word?;
        let vlan = word.value.parse().ok().filter(|vlan| *vlan <= nsw_core::VlanId::MAX);
        self.require(vlan, word, || {
            let help = "what tags itself uses a VLAN id from 1 to 4094, or 0 for no tag";
            (format!("vlan `{}`", word.value), help.to_owned())
        })
    }

    /// A VLAN id that a guest filters for.
    pub(crate) fn wanted_vlan(&mut self, word: &Word) -> Option<VlanId> {
        let vlan = word.value.parse().ok().and_then(VlanId::new).filter(|vlan| *vlan != VlanId::UNTAGGED);
        self.require(vlan, word, || {
            let help = "a filter lists VLAN ids from 1 to 4094; what is untagged always passes";
            (format!("vlan-filter `{}`", word.value), help.to_owned())
        })
    }

    /// The address of an adapter.
    pub(crate) fn mac(&mut self, key: &str, word: Option<&Word>) -> Option<Mac> {
        let word = word?;
        let mac = match word.value.parse::<Mac>() {
            Ok(mac) if mac.is_station() => return Some(mac),
            Ok(mac) => mac,
            Err(error) => {
                return self.require(None, word, || (format!("{key} `{}`", word.value), error.to_string()));
            }
        };
        let help = if mac.is_group() {
            "the first octet of an adapter's address is even; an odd one marks a group"
        } else {
            "no adapter may have the address zero"
        };
        self.require(None, word, || (format!("{key} `{mac}`"), help.to_owned()))
    }

    pub(crate) fn address(&mut self, word: &Word) -> Option<Address> {
        let address = parse_address(&word.value);
        match address {
            Ok(address) => Some(address),
            Err(help) => self.require(None, word, || (format!("address `{}`", word.value), help.to_owned())),
        }
    }

    /// A hostname: it becomes one in the live lab.
    pub(crate) fn hostname(&mut self, word: &Word) {
        let name = word.value.as_str();
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let good = name.chars().all(inner) && edge(name.chars().next()) && edge(name.chars().last());
        self.name(
            word,
            good,
            63,
            "has letters, digits, `-` and `.`, and begins and ends with a letter or digit",
        );
    }

    /// The name of a network device. It has no `.`, so that `VM.adapter` on a switch cannot be read in two ways.
    pub(crate) fn device(&mut self, word: &Word) {
        let good = word.value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            && !matches!(word.value.as_str(), "" | "lo" | "all" | "default");
        self.name(word, good, 15, "has letters, digits, `-` and `_`, and is not `lo`, `all` or `default`");
    }

    /// The name of a VMkernel adapter.
    pub(crate) fn vmkernel_name(&mut self, word: &Word) {
        let number = word.value.strip_prefix("vmk").and_then(|number| number.parse::<u8>().ok());
        let good = number.is_some_and(|number| word.value == format!("vmk{number}"));
        self.name(word, good, 15, "is `vmk` and a number up to 255, as in vmk0");
    }

    /// The name of a vSwitch: free text, as in vSphere.
    pub(crate) fn vswitch_name(&mut self, word: &Word) {
        self.free_text(word, 32);
    }

    /// The name of a port group: free text, as in vSphere.
    pub(crate) fn port_group_name(&mut self, word: &Word) {
        self.free_text(word, 80);
    }

    fn free_text(&mut self, word: &Word, max_chars: usize) {
        let name = word.value.as_str();
        let good = !name.is_empty() && name.trim() == name && !name.chars().any(char::is_control);
        self.name(
            word,
            good,
            max_chars,
            "is not empty, and has no control character and no space at its ends",
        );
    }

    fn name(&mut self, word: &Word, good: bool, max_chars: usize, rule: &str) {
        let owner = self.owner;
        if word.value.chars().count() > max_chars {
            let message = format!("the name of {owner} is longer than {max_chars} characters");
            self.problems.error(Draft::new(word.span, message));
        } else if !good {
            let draft = Draft::new(word.span, format!("{owner} cannot have this name"));
            self.problems.error(draft.help(format!("such a name {rule}")));
        }
    }

    fn one_of<T: Copy>(&mut self, key: &str, word: Option<&Word>, known: &[(&str, T)]) -> Option<T> {
        let word = word?;
        let value = known.iter().find(|(name, _)| *name == word.value).map(|(_, value)| *value);
        self.require(value, word, || {
            let names = || known.iter().map(|(name, _)| *name);
            let help = suggest::near(&word.value, names());
            let help = help
                .unwrap_or_else(|| format!("it is one of `{}`", names().collect::<Vec<_>>().join("`, `")));
            (format!("{key} `{}`", word.value), help)
        })
    }

    /// Reports that `word` is no good if `value` is none; `describe` gives what it is and what it should be.
    fn require<T>(
        &mut self,
        value: Option<T>,
        word: &Word,
        describe: impl FnOnce() -> (String, String),
    ) -> Option<T> {
        if value.is_none() {
            let (what, help) = describe();
            self.problems
                .error(Draft::new(word.span, format!("{} cannot have {what}", self.owner)).help(help));
        }
        value
    }
}

fn parse_address(text: &str) -> Result<Address, &'static str> {
    const SHAPE: &str = "an address is written with its prefix length, as in 192.168.10.50/24 or fd00::50/64";
    let (ip, prefix_len) = text.split_once('/').ok_or(SHAPE)?;
    let ip: IpAddr = ip.parse().map_err(|_| SHAPE)?;
    let digits = prefix_len.bytes().all(|byte| byte.is_ascii_digit());
    let prefix_len: u8 = prefix_len.parse().ok().filter(|_| digits).ok_or(SHAPE)?;
    if prefix_len > if ip.is_ipv4() { 32 } else { 128 } {
        return Err("a prefix length is at most 32 for IPv4 and 128 for IPv6");
    }
    if ip.is_multicast() || ip.is_unspecified() || ip == IpAddr::from([255; 4]) {
        return Err("an adapter has the address of one station, not of a group or of none");
    }
    Ok(Address { ip, prefix_len })
}
