//! Where one frame lies while the switch decides about it.
//!
//! ```text
//!  from a TAP device           header | addresses | the rest
//!  from a packet socket        header | addresses | gap | the rest
//!      which told a tag        header | addresses | tag | the rest
//!      which told none               header | addresses | the rest
//! ```
//!
//! The header stands right before the frame, so that a copy that nothing changes leaves in one piece. The kernel takes
//! VLAN tags out of frames that it hands to a packet socket, and tells them beside. So a frame is received with a gap
//! after its addresses: a tag fills the gap, or what stands before moves up to close it.

use crate::vnet::{HEADER_LEN, Shift, VnetHeader};

/// Room for the longest frame: 64 KiB of IP, Ethernet header, tag, and some to notice when a frame is longer.
const CAPACITY: usize = HEADER_LEN + 65_536 + 128;
/// Of the destination and the source together.
pub(super) const ADDRESSES: usize = 12;
/// Of a VLAN tag.
pub(super) const TAG: usize = 4;
/// Where a gap begins.
const GAP: usize = HEADER_LEN + ADDRESSES;

/// One frame with its virtio-net header.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    bytes: Box<[u8]>,
    /// Where the header begins.
    start: usize,
    end: usize,
}

impl FrameBuffer {
    pub(crate) fn new() -> Self {
        Self { bytes: vec![0; CAPACITY].into_boxed_slice(), start: 0, end: HEADER_LEN }
    }

    pub(crate) fn header(&self) -> VnetHeader {
        self.bytes[self.start..].first_chunk().copied().map(VnetHeader).unwrap_or_default()
    }

    /// The frame, from the destination address on.
    pub(crate) fn frame(&self) -> &[u8] {
        &self.bytes[self.start + HEADER_LEN..self.end]
    }

    /// The header and the frame.
    pub(crate) fn with_header(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The room for a header and a frame that come whole.
    pub(crate) fn whole(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    /// Says that header and frame were received, `len` bytes together.
    pub(crate) fn set_whole(&mut self, len: usize) {
        (self.start, self.end) = (0, len.clamp(HEADER_LEN, CAPACITY));
    }

    /// The room for the header, and for the frame before and behind the gap for a tag.
    pub(crate) fn split(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let (before, behind) = self.bytes.split_at_mut(GAP + TAG);
        let (header, addresses) = before[..GAP].split_at_mut(HEADER_LEN);
        (header, addresses, behind)
    }

    /// Says that a frame of `len` bytes, without the gap, was received, and which tag belongs into the gap. A tag moves
    /// the offsets of the header.
    pub(crate) fn set_split(&mut self, len: usize, tag: Option<(u16, u16)>) {
        let end = (HEADER_LEN + len + TAG).min(CAPACITY);
        match tag {
            Some((protocol, control)) => {
                self.bytes[GAP..GAP + 2].copy_from_slice(&protocol.to_be_bytes());
                self.bytes[GAP + 2..GAP + TAG].copy_from_slice(&control.to_be_bytes());
                (self.start, self.end) = (0, end);
                let shifted = self.header().shifted(Shift::TagAdded);
                self.bytes[..HEADER_LEN].copy_from_slice(&shifted.0);
            }
            None => {
                self.bytes.copy_within(..GAP, TAG);
                (self.start, self.end) = (TAG, end.max(TAG + HEADER_LEN));
            }
        }
    }
}
