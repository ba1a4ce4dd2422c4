//! What the program and we write into the same maps: every key and value, once, for Rust and for C.
//!
//! `bpf/layout.h` is made from this file, in `layout/header.rs`. A test compares the two, so that neither can be changed alone; updating it is
//! `UPDATE_EXPECT=1 cargo test -p nsw-dataplane layout`. Values go through bytes, field by field: no memory is
//! reinterpreted, and nothing here is unsafe.
//!
//! **Invariant:** every structure is without holes, so that equal values are equal bytes. A change of meaning changes
//! [`VERSION`], and pinned maps of another version are replaced.

mod header;

use std::fmt::Write as _;

use nsw_core::{Counter, Mac};

pub(crate) use self::header::header;

/// The meaning of the maps. Pinned ones of another version are not adopted.
pub(crate) const VERSION: u32 = 6;
/// Ports of one switch, attached or not.
pub(crate) const SEATS: usize = 2048;
/// Port groups of one switch.
pub(crate) const GROUPS: usize = 512;
/// Uplinks of one switch; a standard switch has 32 at most.
pub(crate) const UPLINKS: usize = 32;
/// Ports in one piece of a list: with the numbers before them they fill a cache line.
pub(crate) const SEATS_AN_ENTRY: usize = 14;
/// Addresses whose owner is found at once, in each bank. A power of two.
pub(crate) const STATIONS: usize = 1 << 14;
/// Devices whose seat is found at once. A power of two.
pub(crate) const ENTRANCES: u32 = 1 << 12;
/// Entries of all lists in both banks. Room for 100,000 addresses of allow-lists, which take two each.
pub(crate) const LIST_ENTRIES: usize = 1 << 19;
/// Ways for beacons from uplink to uplink.
pub(crate) const PATHS: usize = 1 << 16;
/// Places for VLANs 0 to 4094, and [`TRUNK`].
pub(crate) const PLACES: usize = 4096;
/// The place of receivers that are members of every VLAN.
pub(crate) const TRUNK: u16 = 4095;
/// Bytes of the drop ring.
pub(crate) const RING_BYTES: usize = 1 << 20;
/// First bytes of a dropped frame that are kept.
pub(crate) const HEAD: usize = 128;
/// Refusals that are kept of one frame.
pub(crate) const KEPT_REFUSALS: usize = 4;
/// Deliveries, and refusals, of one frame that the probe notes.
pub(crate) const NOTES: usize = 64;
/// No reason, where a reason may stand.
pub(crate) const NO_REASON: u8 = 0xff;
/// No VLAN, where a VLAN may stand.
pub(crate) const NO_VLAN: u16 = 0xffff;

/// A type that stands in a map.
pub(crate) trait Plain: Copy {
    const SIZE: usize;
    const ZERO: Self;
    fn put(self, bytes: &mut Vec<u8>);
    /// Takes one from the front of `bytes`; zero where they end.
    fn take(bytes: &mut &[u8]) -> Self;
    /// How C declares a field of this type.
    fn declare(field: &str) -> String;
}

macro_rules! numbers {
    ($($number:ident $c:literal),*) => { $(
        impl Plain for $number {
            const SIZE: usize = size_of::<Self>();
            const ZERO: Self = 0;
            fn put(self, bytes: &mut Vec<u8>) {
                bytes.extend(self.to_ne_bytes());
            }
            fn take(bytes: &mut &[u8]) -> Self {
                let mut own = [0; size_of::<Self>()];
                if let Some((first, rest)) = bytes.split_at_checked(own.len()) {
                    own.copy_from_slice(first);
                    *bytes = rest;
                }
                Self::from_ne_bytes(own)
            }
            fn declare(field: &str) -> String {
                format!(concat!($c, " {}"), field)
            }
        }
    )* };
}

numbers!(u8 "__u8", u16 "__u16", u32 "__u32", u64 "__u64");

/// A lock of the program's. What stands in it is the kernel's concern.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Lock(u32);

impl Plain for Lock {
    const SIZE: usize = 4;
    const ZERO: Self = Self(0);
    fn put(self, bytes: &mut Vec<u8>) {
        self.0.put(bytes);
    }
    fn take(bytes: &mut &[u8]) -> Self {
        Self(Plain::take(bytes))
    }
    fn declare(field: &str) -> String {
        format!("struct bpf_spin_lock {field}")
    }
}

impl<T: Plain, const N: usize> Plain for [T; N] {
    const SIZE: usize = N * T::SIZE;
    const ZERO: Self = [T::ZERO; N];
    fn put(self, bytes: &mut Vec<u8>) {
        self.into_iter().for_each(|item| item.put(bytes));
    }
    fn take(bytes: &mut &[u8]) -> Self {
        std::array::from_fn(|_| T::take(bytes))
    }
    fn declare(field: &str) -> String {
        format!("{}[{N}]", T::declare(field))
    }
}

macro_rules! layout {
    ($(
        $(#[doc = $about:literal])+
        struct $Name:ident $c:literal { $( $(#[doc = $why:literal])+ $field:ident: $type:ty, )+ }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
            pub(crate) struct $Name { $( $(#[doc = $why])+ pub(crate) $field: $type, )+ }

            impl Plain for $Name {
                const SIZE: usize = 0 $( + <$type as Plain>::SIZE )+;
                const ZERO: Self = Self { $( $field: <$type as Plain>::ZERO, )+ };
                fn put(self, bytes: &mut Vec<u8>) {
                    $( self.$field.put(bytes); )+
                }
                fn take(bytes: &mut &[u8]) -> Self {
                    $( let $field = Plain::take(bytes); )+
                    Self { $( $field, )+ }
                }
                fn declare(field: &str) -> String {
                    format!(concat!("struct ", $c, " {}"), field)
                }
            }
        )+

        fn structures(text: &mut String) {
            $(
                text.push('\n');
                $( let _ = writeln!(text, "/*{} */", $about); )+
                let _ = writeln!(text, "struct {} {{", $c);
                $(
                    $( let _ = writeln!(text, "    /*{} */", $why); )+
                    let _ = writeln!(text, "    {};", <$type as Plain>::declare(stringify!($field)));
                )+
                let _ = writeln!(text, "}};");
                let _ = writeln!(text, "_Static_assert(sizeof(struct {0}) == {1}, \"{0}\");", $c, $Name::SIZE);
                let mut offset = 0;
                $(
                    let field = stringify!($field);
                    let _ = writeln!(text, "_Static_assert(__builtin_offsetof(struct {0}, {field}) == {offset}, \"{0}.{field}\");", $c);
                    offset += <$type as Plain>::SIZE;
                )+
                let _ = offset;
            )+
        }
    };
}

layout! {
    /// What holds for the whole switch. One in each bank.
    struct Settings "settings" {
        /// Some of SETTING_*.
        flags: u32,
        /// Largest payload that may leave by an uplink.
        mtu: u32,
        /// Uplinks that are connected and up.
        live_uplinks: u32,
        /// The number of the installed tables.
        generation: u32,
    }

    /// A connected port. SEATS in each bank. What every frame needs stands first.
    struct Port "port" {
        /// The effective MAC.
        mac: u64,
        /// Some of PORT_*.
        flags: u32,
        /// The device of the port; 0 if nobody attached it.
        ifindex: u32,
        /// 0, 1 to 4094, or 4095 for all.
        vlan: u16,
        /// Why nothing is delivered to it, or NO_REASON.
        rx_closed: u8,
        /// Why nothing is taken from it, or NO_REASON.
        tx_closed: u8,
        /// One of REVERSE_*.
        reverse: u8,
        /// One of UNKNOWN_*.
        unknown: u8,
        /// Zero.
        unused: u16,
        /// How long a source is remembered; 0 if none is.
        memory_ns: u64,
        /// Its port group, counted from 1; 0 for an uplink.
        group: u32,
        /// The seat of its uplink, counted from 1; 0 if it has none or that depends on the frame.
        assigned: u32,
        /// Its number, as people see it.
        id: u32,
        /// Another than that of whoever sat here before.
        connection: u32,
        /// Another than that of what was remembered here before.
        memory: u32,
        /// Addresses that may be remembered.
        limit: u32,
        /// How long a learned address is delivered to; 0 if the port does not learn.
        learn_ns: u64,
        /// Groups that a listener with PORT_HASHED listens to, one bit a bucket.
        hashed: u64,
    }

    /// A port group. GROUPS in each bank.
    struct Group "group" {
        /// Shaping: bits a second on average; 0 if nothing is shaped.
        average_bps: u64,
        /// Bits a second at most.
        peak_bps: u64,
        /// Bytes of a burst.
        burst_bytes: u64,
        /// The most that the average may save.
        average_depth: u64,
        /// How long nothing takes to become that.
        average_fill_ns: u64,
        /// The same for the peak, which saves for one frame.
        peak_fill_ns: u64,
        /// One of BALANCING_*.
        balancing: u32,
        /// How many uplinks are usable.
        usable_count: u32,
        /// Their seats, in order.
        usable: [u32; UPLINKS],
    }

    /// How long the lists of a VLAN's receivers are. PLACES in each bank.
    struct Members "members" {
        /// The length of each list, by LIST_*.
        count: [u32; 8],
    }

    /// Where an entry of a list stands.
    struct ListKey "list_key" {
        /// The owned, joined or allowed address; 0 for the lists of a VLAN.
        mac: u64,
        /// Which piece of the list, or a seat or group.
        index: u32,
        /// A VLAN, TRUNK, or 0.
        place: u16,
        /// One of LIST_*.
        kind: u8,
        /// 0 or 1.
        bank: u8,
    }

    /// A piece of a list: one look-up for several ports.
    struct ListEntry "list_entry" {
        /// How long the whole list is; told by its first piece.
        count: u32,
        /// How many seats stand here.
        here: u32,
        /// The seats of ports.
        seats: [u32; SEATS_AN_ENTRY],
    }

    /// The one owner of an address, found without a hash table. STATIONS in each bank, by the lowest bits of the address;
    /// of several addresses with the same, all but one are only in LIST_OWNERS, where every one is.
    struct Station "station" {
        /// The address.
        mac: u64,
        /// The seat of its owner, counted from 1; 0 if nobody stands here.
        owner: u32,
        /// Zero.
        unused: u32,
    }

    /// The seat of a device, found without a hash table. ENTRANCES of them, by the lowest bits of the device's number; a
    /// device that finds its place taken is only in `devices`, where every one is.
    struct Entrance "entrance" {
        /// The device; 0 if none.
        ifindex: u32,
        /// Its seat.
        seat: u32,
    }

    /// A way that a beacon may take. The value says whether one was heard since somebody asked.
    struct Path "path" {
        /// The number of the uplink that hears it.
        ear: u32,
        /// The number of the uplink that sends it.
        sender: u32,
        /// The VLAN.
        vlan: u32,
    }

    /// An address that was seen. The key is the address, and above it the VLAN.
    struct Sighting "sighting" {
        /// When, last.
        at_ns: u64,
        /// At which seat.
        seat: u32,
        /// What `memory` was at that seat.
        memory: u32,
    }

    /// What is remembered of a seat.
    struct Seat "seat" {
        /// What its shaper has saved, by average rate.
        average: u64,
        /// ... by peak rate.
        peak: u64,
        /// When that was.
        at_ns: u64,
        /// The shaping that this is of.
        average_bps: u64,
        /// ...
        peak_bps: u64,
        /// ...
        burst_bytes: u64,
        /// Addresses that were remembered of another seat and then seen here.
        moved: u64,
        /// Addresses that were forgotten because they were too old.
        aged: u64,
        /// Frames that passed although their source was over the limit.
        allowed: u64,
        /// Frames that were dropped for that.
        dropped: u64,
        /// The `connection` that this is of.
        connection: u32,
        /// The `memory` that the next, and the four above, are of.
        memory: u32,
        /// Addresses that are remembered.
        remembered: u32,
        /// For the shaper.
        lock: Lock,
    }

    /// What is remembered of the whole switch.
    struct Memory "memory" {
        /// When too old addresses were last swept away; 0 if not since tables were installed.
        swept_ns: u64,
        /// Addresses that are remembered.
        remembered: u64,
    }

    /// What one CPU counted at one seat.
    struct Counters "counters" {
        /// Bytes of the frames that came in.
        bytes_in: u64,
        /// Bytes of the copies that were handed to the device.
        bytes_out: u64,
        /// Copies that the device did not take.
        tx_failures: u64,
        /// Frames, in the order of `nsw_core::Counter`.
        frames: [u64; Counter::COUNT],
        /// Zero; those of different seats share no cache line.
        unused: u64,
    }

    /// Frames of the switch's own at one seat. The program sends none.
    struct Originated "originated" {
        /// Frames that the device took.
        frames: u64,
        /// Their bytes.
        bytes: u64,
        /// Frames that it did not take.
        failures: u64,
    }

    /// What one CPU counted and may still record.
    struct Totals "totals" {
        /// Copies for ports that nobody attached.
        unattached: u64,
        /// Drops that were not recorded.
        skipped: u64,
        /// The second that the next two are of.
        second: u64,
        /// Drops recorded in it.
        drops: u32,
        /// Delivered frames recorded in it.
        delivered: u32,
    }

    /// A copy that a port was refused.
    struct Refused "refused" {
        /// The port's number.
        port: u32,
        /// The reason.
        reason: u32,
    }

    /// A frame that reached nobody, or not everybody who asked for it.
    struct Record "record" {
        /// When, on the monotonic clock.
        at_ns: u64,
        /// The number of the port that it came by.
        ingress: u32,
        /// The number of the port that decided.
        port: u32,
        /// Its length as it came.
        len: u32,
        /// How many bytes `head` has.
        head_len: u32,
        /// The ports that went without.
        refusals: [Refused; KEPT_REFUSALS],
        /// How many of them there are.
        refusal_count: u32,
        /// The tag that stands beside the bytes: its protocol in the upper half, in host order; 0 if none does.
        tag: u32,
        /// The VLAN, or NO_VLAN.
        vlan: u16,
        /// The reason.
        reason: u8,
        /// It was delivered to others.
        delivered: u8,
        /// Zero.
        unused: u32,
        /// The first bytes.
        head: [u8; HEAD],
    }

    /// A copy, as the probe notes it.
    struct Note "note" {
        /// The port's number.
        port: u32,
        /// The cause, or the reason of a refusal.
        why: u16,
        /// One of TAG_*.
        tag: u8,
        /// Zero.
        unused: u8,
        /// The tag that is put in.
        tci: u32,
    }

    /// What the probe is asked and what it answers.
    struct Probe "probe" {
        /// When the frame comes in.
        now_ns: u64,
        /// By which seat.
        seat: u32,
        /// Its length; a run takes only the first bytes of a long one.
        len: u32,
        /// The VLAN it was found to be in, or NO_VLAN.
        vlan: u32,
        /// Deliveries.
        delivery_count: u32,
        /// Refusals.
        refusal_count: u32,
        /// The reason of the drop, or NO_REASON.
        reason: u32,
        /// The port that decided.
        port: u32,
        /// Zero.
        unused: u32,
        /// The first deliveries.
        deliveries: [Note; NOTES],
        /// The first refusals.
        refusals: [Note; NOTES],
    }
}

macro_rules! words {
    ($($(#[doc = $about:literal])? $name:ident = $value:expr;)+) => {
        $( $(#[doc = $about])? pub(crate) const $name: u32 = $value; )+
        const WORDS: &[(&str, u32)] = &[$((stringify!($name), $name),)+];
    };
}

words! {
    SETTING_SCOPE_PORT_GROUP = 1;
    SETTING_REVERSE_PATH_CHECK = 1 << 1;
    SETTING_REVERSE_PATH_ALL = 1 << 2;
    SETTING_REVERSE_PATH_SINGLE_UPLINK = 1 << 3;
    SETTING_BLOCK_GUEST_BPDU = 1 << 4;
    SETTING_CONSUME_LINK_LOCAL = 1 << 5;
    SETTING_REMEMBERS = 1 << 6;
    SETTING_GUARDS = 1 << 7;
    SETTING_PROMISCUOUS = 1 << 8;
    PORT_CONNECTED = 1;
    PORT_LINK_UP = 1 << 1;
    PORT_UPLINK = 1 << 2;
    PORT_FORGED_TRANSMITS = 1 << 3;
    PORT_PROMISCUOUS = 1 << 4;
    PORT_FILTERED = 1 << 5;
    PORT_GUARDED = 1 << 6;
    PORT_ALL_MULTICAST = 1 << 7;
    PORT_HASHED = 1 << 8;
    PORT_DROPS_AT_LIMIT = 1 << 9;
    PORT_HAS_ALLOW_LIST = 1 << 10;
    PORT_SHAPED = 1 << 11;
    PORT_IP_HASH = 1 << 12;
    PORT_PEER = 1 << 13;
    REVERSE_OFF = 0;
    REVERSE_ASSIGNED = 1;
    REVERSE_MAC_HASH = 2;
    REVERSE_ANY_OF_TEAM = 3;
    UNKNOWN_NONE = 0;
    UNKNOWN_FLOODED = 1;
    UNKNOWN_SINK = 2;
    UNKNOWN_PREFIX = 3;
    BALANCING_ASSIGNED = 0;
    BALANCING_SOURCE_MAC = 1;
    BALANCING_IP_HASH = 2;
    BALANCING_SHOTGUN = 3;
    LIST_ALL = 0;
    LIST_PROMISCUOUS = 1;
    LIST_ALL_MULTICAST = 2;
    LIST_HASHED = 3;
    LIST_ASKING = 4;
    LIST_FILTERED = 5;
    LIST_UNKNOWN = 6;
    LIST_OWNERS = 8;
    LIST_JOINED = 9;
    LIST_JOINED_BY_SEAT = 10;
    LIST_OWNED_IN_GROUP = 11;
    LIST_ALLOWED = 12;
    LIST_ALLOWED_PREFIX = 13;
    LIST_BEACON_SOURCES = 14;
    TAG_KEEP = 0;
    TAG_PUSH = 1;
    TAG_POP = 2;
    TAG_REPLACE = 3;
    DROPS_PER_SECOND = 1024;
    DELIVERED_PER_SECOND = 256;
    FORGET_THE_GONE = 0;
    FORGET_THE_OLD = 1;
}

/// The number that the program keeps an address as: its octets, first on the wire first.
pub(crate) fn mac_bits(mac: Mac) -> u64 {
    mac.octets().iter().fold(0, |bits, octet| bits << 8 | u64::from(*octet))
}

/// The words that stand in a byte are below 256.
pub(crate) fn byte(word: u32) -> u8 {
    u8::try_from(word).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_taken() {
        let port = Port { mac: 7, vlan: 4095, rx_closed: NO_REASON, ifindex: 3, ..Port::ZERO };
        let mut bytes = Vec::new();
        port.put(&mut bytes);
        assert_eq!(bytes.len(), Port::SIZE);
        assert_eq!(Port::take(&mut &bytes[..]), port);
        assert_eq!(Port::take(&mut &[][..]), Port::ZERO);
    }
}
