//! The two addresses a layer 2 switch knows: the MAC address and the VLAN id.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

/// An Ethernet MAC address, in the order of the wire.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mac([u8; 6]);

/// As one number: a hasher has one thing to do then, where it would have seven.
impl Hash for Mac {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f] = self.0;
        state.write_u64(u64::from_be_bytes([0, 0, a, b, c, d, e, f]));
    }
}

impl Mac {
    /// `ff:ff:ff:ff:ff:ff`.
    pub const BROADCAST: Self = Self([0xff; 6]);
    /// `01:80:c2:00:00:00`, the group that the frames of spanning trees are for.
    pub const BRIDGE_GROUP: Self = Self([0x01, 0x80, 0xc2, 0, 0, 0]);
    /// `00:00:00:00:00:00`, which no adapter may own.
    pub const ZERO: Self = Self([0; 6]);

    /// The address with these six octets, first on the wire first.
    pub const fn new(octets: [u8; 6]) -> Self {
        Self(octets)
    }

    /// The six octets, first on the wire first.
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Broadcast or multicast: the group bit of the first octet is set.
    pub const fn is_group(self) -> bool {
        self.0[0] & 1 == 1
    }

    /// The broadcast address, and no other group.
    pub fn is_broadcast(self) -> bool {
        self == Self::BROADCAST
    }

    /// One of the sixteen groups `01:80:c2:00:00:0x` that a bridge must not forward (IEEE 802.1Q, table 8-1).
    pub const fn is_link_local_group(self) -> bool {
        matches!(self.0, [0x01, 0x80, 0xc2, 0, 0, last] if last & 0xf0 == 0)
    }

    /// The bucket, 0 to 63, of a group in an adapter's hash filter: the top six bits of the little-endian CRC-32 of
    /// the address (rule M-2).
    pub fn filter_bucket(self) -> u32 {
        let mut crc = u32::MAX;
        for octet in self.octets() {
            crc ^= u32::from(octet);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
            }
        }
        crc >> 26
    }

    /// Usable as the address of an adapter: neither a group nor zero.
    pub fn is_station(self) -> bool {
        !self.is_group() && self != Self::ZERO
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not six octets in hexadecimal, separated by `:` or `-`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseMacError;

impl fmt::Display for ParseMacError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a MAC address is six octets in hexadecimal, as in 00:50:56:aa:00:07")
    }
}

impl core::error::Error for ParseMacError {}

impl FromStr for Mac {
    type Err = ParseMacError;

    fn from_str(text: &str) -> Result<Self, ParseMacError> {
        let mut octets = [0; 6];
        let mut parts = text.split([':', '-']);
        for octet in &mut octets {
            let hexadecimal = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit());
            let part = parts.next().filter(hexadecimal).ok_or(ParseMacError)?;
            *octet = u8::from_str_radix(part, 16).map_err(|_| ParseMacError)?;
        }
        if parts.next().is_some() { Err(ParseMacError) } else { Ok(Self(octets)) }
    }
}

/// A VLAN inside a switch: 0 is *untagged on the wire*, 1 to 4094 are 802.1Q ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct VlanId(u16);

impl VlanId {
    /// What is untagged on the wire.
    pub const UNTAGGED: Self = Self(0);
    /// The largest id that a frame may carry.
    pub const MAX: u16 = 4094;

    /// The VLAN with this id, 0 to 4094; `None` above.
    pub const fn new(id: u16) -> Option<Self> {
        if id <= Self::MAX { Some(Self(id)) } else { None }
    }

    /// The id, 0 to 4094.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for VlanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What a port group's VLAN id means: who tags (rules V-1 to V-3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum VlanMode {
    /// VLAN id 0, *external switch tagging*: the physical switch tags, the vSwitch sees untagged frames.
    Est,
    /// VLAN id 1 to 4094, *virtual switch tagging*: the vSwitch tags towards the uplink.
    Vst(VlanId),
    /// VLAN id 4095, *virtual guest tagging*: the guest tags, the port is a member of every VLAN.
    Vgt,
}

impl VlanMode {
    /// The mode for a port group's VLAN id, 0 to 4095; `None` above.
    pub const fn from_id(id: u16) -> Option<Self> {
        match id {
            0 => Some(Self::Est),
            4095 => Some(Self::Vgt),
            _ => match VlanId::new(id) {
                Some(vlan) => Some(Self::Vst(vlan)),
                None => None,
            },
        }
    }

    /// The id as vSphere writes it: 0, 1 to 4094, or 4095.
    pub const fn id(self) -> u16 {
        match self {
            Self::Est => 0,
            Self::Vst(vlan) => vlan.get(),
            Self::Vgt => 4095,
        }
    }

    /// Does a port of this mode belong to `vlan`?
    pub fn contains(self, vlan: VlanId) -> bool {
        match self {
            Self::Est => vlan == VlanId::UNTAGGED,
            Self::Vst(own) => own == vlan,
            Self::Vgt => true,
        }
    }

    /// Is there a VLAN that ports of both modes belong to?
    pub fn meets(self, other: Self) -> bool {
        self == other || self == Self::Vgt || other == Self::Vgt
    }
}

impl fmt::Display for VlanMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Est => f.write_str("VLAN 0 (untagged)"),
            Self::Vst(vlan) => write!(f, "VLAN {vlan}"),
            Self::Vgt => f.write_str("VLAN 4095 (guest tagging)"),
        }
    }
}
