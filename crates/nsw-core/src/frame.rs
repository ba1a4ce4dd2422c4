//! A view on the bytes of one Ethernet frame: only what a decision may read.
//!
//! The view checks lengths once, in [`Frame::parse`]; every getter after that is a plain read. What a frame *means*
//! (to whom, from whom, may it) is decided elsewhere.
//!
//! **Invariant:** nothing here looks past the Ethernet header except [`Frame::ip_hash_key`], which IP hash teaming needs.

use crate::addr::Mac;

/// The EtherTypes that this crate names.
pub mod ethertype {
    /// IPv4.
    pub const IPV4: u16 = 0x0800;
    /// ARP.
    pub const ARP: u16 = 0x0806;
    /// Reverse ARP, with which a host notifies physical switches of a moved MAC.
    pub const RARP: u16 = 0x8035;
    /// The 802.1Q tag.
    pub const VLAN: u16 = 0x8100;
    /// IPv6.
    pub const IPV6: u16 = 0x86dd;
    /// Beacons between the uplinks of a team. The number is from recollection of captures; no document names it.
    pub const BEACON: u16 = 0x8922;
}

/// Bytes of a whole frame, without checksum, below which none is put on a wire (`Net.MinEtherLen`, rule N-2).
pub const MIN_FRAME_LEN: usize = 60;

const HEADER_LEN: usize = 14;
/// Bytes of an 802.1Q tag.
pub const TAG_LEN: usize = 4;

/// An 802.1Q tag as the frame carries it. A service tag (802.1ad, EtherType 0x88a8) is none, but payload (rule V-9). The id may be 0 (a priority tag) or 4095 (reserved).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Tag(u16);

impl Tag {
    /// The tag with this id (12 bits used) and priority (3 bits used).
    pub const fn new(vid: u16, pcp: u8) -> Self {
        Self((vid & 0x0fff) | ((pcp as u16 & 7) << 13))
    }

    /// The tag with these sixteen bits of tag control information, as on the wire.
    pub const fn from_tci(tci: u16) -> Self {
        Self(tci)
    }

    /// The sixteen bits of tag control information.
    pub const fn tci(self) -> u16 {
        self.0
    }

    /// The VLAN id, 0 to 4095.
    pub const fn vid(self) -> u16 {
        self.0 & 0x0fff
    }

    /// The priority code point, 0 to 7.
    pub const fn pcp(self) -> u8 {
        (self.0 >> 13) as u8
    }
}

/// The bytes end before the Ethernet header does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooShort;

impl core::fmt::Display for TooShort {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the bytes end before the Ethernet header does")
    }
}

impl core::error::Error for TooShort {}

/// One Ethernet frame, without preamble and checksum.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    bytes: &'a [u8],
    dst: Mac,
    src: Mac,
    tag: Option<Tag>,
    ethertype: u16,
    payload_len: usize,
}

impl<'a> Frame<'a> {
    /// Views `bytes`, which start with the destination address, as a frame.
    ///
    /// # Errors
    /// [`TooShort`] if the Ethernet header, or the 802.1Q tag that it announces, is not whole.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TooShort> {
        let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] =
            *bytes.first_chunk::<HEADER_LEN>().ok_or(TooShort)?;
        let (dst, src) = (Mac::new([d0, d1, d2, d3, d4, d5]), Mac::new([s0, s1, s2, s3, s4, s5]));
        let outer = u16::from_be_bytes([t0, t1]);
        if outer != ethertype::VLAN {
            let payload_len = bytes.len() - HEADER_LEN;
            return Ok(Self { bytes, dst, src, tag: None, ethertype: outer, payload_len });
        }
        let tci = read_u16(bytes, 14).ok_or(TooShort)?;
        let ethertype = read_u16(bytes, 16).ok_or(TooShort)?;
        let payload_len = bytes.len() - HEADER_LEN - TAG_LEN;
        Ok(Self { bytes, dst, src, tag: Some(Tag::from_tci(tci)), ethertype, payload_len })
    }

    /// The same frame, known to be cut into segments of at most `payload_len` bytes after the Ethernet header before
    /// it reaches a wire (TCP segmentation offload). MTU is then judged by the segment.
    #[must_use]
    pub fn segmented(mut self, payload_len: usize) -> Self {
        self.payload_len = payload_len;
        self
    }

    /// The destination address.
    pub fn dst(&self) -> Mac {
        self.dst
    }

    /// The source address.
    pub fn src(&self) -> Mac {
        self.src
    }

    /// The 802.1Q tag, if the frame carries one.
    pub fn tag(&self) -> Option<Tag> {
        self.tag
    }

    /// The EtherType (or length) after the tag.
    pub fn ethertype(&self) -> u16 {
        self.ethertype
    }

    /// Bytes after the Ethernet header and tag, of one segment; what an MTU limits.
    pub fn payload_len(&self) -> usize {
        self.payload_len
    }

    /// The bytes after the Ethernet header and tag.
    pub fn payload(&self) -> &'a [u8] {
        let header = if self.tag.is_some() { HEADER_LEN + TAG_LEN } else { HEADER_LEN };
        self.bytes.get(header..).unwrap_or_default()
    }

    /// All bytes, from the destination address on.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The number that IP hash teaming reduces modulo the uplinks (rule T-4): source XOR destination.
    ///
    /// The last octets for IPv4 and IPv6; for anything else the 32-bit words that stand where IPv4 has its addresses.
    pub fn ip_hash_key(&self) -> u32 {
        let payload = self.payload();
        let octet = |at: usize| u32::from(payload.get(at).copied().unwrap_or(0));
        let word = |at: usize| (0..4).fold(0, |word, i| word << 8 | octet(at + i));
        match self.ethertype {
            ethertype::IPV4 => octet(15) ^ octet(19),
            ethertype::IPV6 => octet(23) ^ octet(39),
            _ => word(12) ^ word(16),
        }
    }
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}
