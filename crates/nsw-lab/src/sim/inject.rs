//! One frame put into one port, stage by stage: `src=00:50:56:aa:00:07 dst=broadcast vlan=20 type=arp len=28`.

use std::str::FromStr;

use nsw_core::{Mac, PortId, VlanId, ethertype};

use super::journey::Journey;
use super::packet;
use super::world::{Far, Memory, SimError, SwitchId, World};

/// Largest payload in bytes that a frame may be asked to have: a whole IPv4 packet.
pub const MAX_PAYLOAD_LEN: usize = 65535;

/// A frame as somebody wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// The source address.
    pub src: Mac,
    /// The destination address.
    pub dst: Mac,
    /// The 802.1Q id, 0 for no tag.
    pub vlan: u16,
    /// The EtherType.
    pub ethertype: u16,
    /// Bytes of payload, all zero.
    pub payload_len: usize,
}

/// Text that describes no frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameSpecError {
    /// A word that is not `key=value`.
    #[error(
        "`{word}` is not of the form key=value; a frame is written as src=MAC dst=MAC|broadcast vlan=ID type=arp|ip|ip6|0xNNNN len=BYTES"
    )]
    NotAPair {
        /// The word.
        word: String,
    },
    /// An unknown key.
    #[error("`{key}` is no part of a frame; there are src, dst, vlan, type and len")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// A key twice.
    #[error("`{key}` stands twice")]
    Twice {
        /// The key.
        key: String,
    },
    /// A value that does not fit its key.
    #[error("`{value}` is no {key}: {expected}")]
    BadValue {
        /// The key.
        key: String,
        /// The value.
        value: String,
        /// What fits.
        expected: &'static str,
    },
    /// A key that must be there is not.
    #[error("a frame needs {key}=")]
    Missing {
        /// The key.
        key: &'static str,
    },
}

impl FrameSpec {
    /// The bytes.
    pub fn bytes(&self) -> Vec<u8> {
        packet::ethernet(self.dst, self.src, self.vlan, self.ethertype, &vec![0; self.payload_len])
    }
}

impl FromStr for FrameSpec {
    type Err = FrameSpecError;

    fn from_str(text: &str) -> Result<Self, FrameSpecError> {
        let mut words = Words::default();
        for word in text.split_whitespace() {
            words.take(word)?;
        }
        Ok(Self {
            src: words.src.ok_or(FrameSpecError::Missing { key: "src" })?,
            dst: words.dst.ok_or(FrameSpecError::Missing { key: "dst" })?,
            vlan: words.vlan.unwrap_or(0),
            ethertype: words.ethertype.unwrap_or(ethertype::IPV4),
            payload_len: words.payload_len.unwrap_or(46),
        })
    }
}

#[derive(Default)]
struct Words {
    src: Option<Mac>,
    dst: Option<Mac>,
    vlan: Option<u16>,
    ethertype: Option<u16>,
    payload_len: Option<usize>,
}

impl Words {
    fn take(&mut self, word: &str) -> Result<(), FrameSpecError> {
        let (key, value) =
            word.split_once('=').ok_or_else(|| FrameSpecError::NotAPair { word: word.to_owned() })?;
        let bad =
            |expected| FrameSpecError::BadValue { key: key.to_owned(), value: value.to_owned(), expected };
        let again = match key {
            "src" => self.src.replace(value.parse().map_err(|_| bad(A_MAC))?).is_some(),
            "dst" => self.dst.replace(destination(value).ok_or_else(|| bad(A_DESTINATION))?).is_some(),
            "vlan" => self.vlan.replace(vlan(value).ok_or_else(|| bad(A_VLAN))?).is_some(),
            "type" => self.ethertype.replace(ethertype_of(value).ok_or_else(|| bad(A_TYPE))?).is_some(),
            "len" => self.payload_len.replace(payload_len(value).ok_or_else(|| bad(A_LEN))?).is_some(),
            _ => return Err(FrameSpecError::UnknownKey { key: key.to_owned() }),
        };
        if again { Err(FrameSpecError::Twice { key: key.to_owned() }) } else { Ok(()) }
    }
}

const A_MAC: &str = "six octets in hexadecimal, as in 00:50:56:aa:00:07";
const A_DESTINATION: &str = "six octets in hexadecimal, as in 00:50:56:aa:00:07, or `broadcast`";
const A_VLAN: &str = "0 for no tag, or 1 to 4094";
const A_TYPE: &str = "arp, ip, ip6, or four hexadecimal digits as in 0x88cc";
const A_LEN: &str = "bytes of payload, 0 to 65535";

fn destination(value: &str) -> Option<Mac> {
    if value == "broadcast" { Some(Mac::BROADCAST) } else { value.parse().ok() }
}

fn vlan(value: &str) -> Option<u16> {
    value.parse().ok().filter(|id| VlanId::new(*id).is_some())
}

fn ethertype_of(value: &str) -> Option<u16> {
    match value {
        "arp" => Some(ethertype::ARP),
        "ip" => Some(ethertype::IPV4),
        "ip6" => Some(ethertype::IPV6),
        _ => u16::from_str_radix(value.strip_prefix("0x")?, 16).ok(),
    }
}

fn payload_len(value: &str) -> Option<usize> {
    value.parse().ok().filter(|len| *len <= MAX_PAYLOAD_LEN)
}

/// A port that frames can be put into, as if its adapter sent them.
#[derive(Clone, Debug)]
pub struct Spot<'w> {
    world: &'w World,
    name: String,
    switch: SwitchId,
    port: PortId,
}

impl World {
    /// The port of this name on this host: `vmnic0`, `vmk0`, `web01.eth0`.
    ///
    /// # Errors
    /// [`SimError::NoSuchHost`], [`SimError::NoSuchPort`].
    pub fn at(&self, host: &str, port: &str) -> Result<Spot<'_>, SimError> {
        let (switch, id) = self.port_named(host, port)?;
        Ok(Spot { world: self, name: format!("{host}/{port}"), switch, port: id })
    }
}

impl Spot<'_> {
    /// Puts one frame into the port; the first hop of the journey has the steps of its vSwitch.
    pub fn frame(&self, frame: &FrameSpec) -> Journey {
        self.bytes(frame.bytes())
    }

    /// Puts these bytes into the port.
    pub fn bytes(&self, bytes: Vec<u8>) -> Journey {
        self.carry(self.world.cold(), bytes)
    }

    /// Puts these bytes into the port of a lab that remembers what was sent before; of them it remembers nothing.
    pub fn bytes_later(&self, bytes: Vec<u8>) -> Journey {
        self.carry(self.world.memory.clone(), bytes)
    }

    fn carry(&self, mut memory: Memory, bytes: Vec<u8>) -> Journey {
        let entry = Far::Switch(self.switch, self.port);
        self.world.carry(&mut memory, self.name.clone(), entry, bytes)
    }
}
