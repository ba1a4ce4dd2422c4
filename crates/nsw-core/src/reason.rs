//! Why a frame, or a copy of it, was not delivered: one append-only list for the whole project.
//!
//! The codes are the same in the command line, JSON, metrics, captures and documents. A code is never renamed and never
//! means something else later; `docs/reasons/CODE.md` explains each.

use core::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $summary:literal;)*) => {
        /// Why a frame, or a copy of it, was not delivered.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum Reason { $($(#[$doc])* $name = $number,)* }

        impl Reason {
            /// All reasons, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code, as `FORGED_TRANSMIT`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// One sentence without a full stop, for people.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $summary,)* }
            }
        }
    };
}

reasons! {
    /// The bytes are no whole Ethernet frame.
    Malformed = 0, "MALFORMED", "the bytes are no whole Ethernet frame";
    /// The ingress or egress port is disconnected or its link is down.
    PortDown = 1, "PORT_DOWN", "the port is disconnected or its link is down";
    /// The guest changed its MAC and the policy rejects that.
    PortBlockedMacChange = 2, "PORT_BLOCKED_MAC_CHANGE", "the guest changed its MAC address and MAC address changes are rejected";
    /// The source address is a group or zero.
    InvalidSource = 3, "INVALID_SOURCE", "the source address is a group or zero";
    /// The tag does not fit the port group, or the destination is registered in another VLAN.
    VlanMismatch = 4, "VLAN_MISMATCH", "the frame's VLAN is not the VLAN of the port it came by or is meant for";
    /// The source is not the port's effective MAC and forged transmits are rejected.
    ForgedTransmit = 5, "FORGED_TRANSMIT", "the source is not the effective MAC and forged transmits are rejected";
    /// A guest sent a bridge protocol frame.
    GuestBpdu = 6, "GUEST_BPDU", "a guest sent a bridge protocol frame and Net.BlockGuestBPDU is on";
    /// The frame is one of our own that a physical switch sent back.
    ReversePath = 7, "REVERSE_PATH", "a frame of this switch's own came back by an uplink";
    /// The frame came by another uplink than the team assigns to the port.
    ReverseTeam = 8, "REVERSE_TEAM", "the frame came by another uplink than the team assigns to the port";
    /// No port is registered for the destination.
    DestNotRegistered = 9, "DEST_NOT_REGISTERED", "no port of this switch is registered for the destination";
    /// The guest asks for promiscuous mode and the policy rejects it.
    PromiscuousNotGranted = 10, "PROMISCUOUS_NOT_GRANTED", "the guest asks for promiscuous mode and the policy rejects it";
    /// No port joined the multicast group.
    GroupNotJoined = 11, "GROUP_NOT_JOINED", "no port listens to the multicast group";
    /// No port of the switch is a member of the frame's VLAN.
    NoPortInVlan = 12, "NO_PORT_IN_VLAN", "no other port of this switch is a member of the frame's VLAN";
    /// The frame should leave by an uplink and there is none that may carry it.
    NoUplink = 13, "NO_UPLINK", "the frame should leave by an uplink and no usable one is there";
    /// The payload is larger than the vSwitch's MTU.
    Mtu = 14, "MTU", "the payload is larger than the vSwitch's MTU";
    /// The only port that owns the destination is the one that the frame came by.
    Hairpin = 15, "HAIRPIN", "the destination is on the port that the frame came by";
    /// A link-local group frame ends at the switch.
    LinkLocal = 16, "LINK_LOCAL", "frames to link-local groups end at this switch";
    /// The port has learned as many addresses as it may.
    MacLimit = 17, "MAC_LIMIT", "the port has learned as many addresses as it may, and drops the rest";
    /// The frame is one that a guest forged here a moment ago.
    ForgedReflection = 18, "FORGED_REFLECTION", "a frame that a guest forged here a moment ago came back by an uplink";
    /// The guest sent more than traffic shaping permits.
    Shaper = 19, "SHAPER", "the guest sent more than traffic shaping permits";
    /// The frame is a beacon of this switch's own, heard by another of its uplinks.
    Beacon = 20, "BEACON", "a beacon by which this switch probes its uplinks has come to its end";
}

impl Reason {
    /// How many reasons there are.
    pub const COUNT: usize = Self::ALL.len();

    /// The reason with this stable code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }

    /// The number of the reason: its place in [`Reason::ALL`], and in counters.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
