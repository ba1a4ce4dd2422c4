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

use nsw_core::TAG_LEN;

use crate::vnet::{HEADER_LEN, Shift, VnetHeader};

/// Room for the longest frame with its header: 64 KiB of IP, Ethernet header, tag, and some to notice when a frame is
/// longer.
const CAPACITY: usize = HEADER_LEN + 65_536 + 128;
/// What a frame that comes whole begins on a multiple of, in memory: then a short one is copied at once.
const CACHE_LINE: usize = 64;
/// Of the destination and the source together.
pub(super) const ADDRESSES: usize = 12;
/// Where a gap begins, from the header on.
const GAP: usize = HEADER_LEN + ADDRESSES;

/// One frame with its virtio-net header.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    bytes: Box<[u8]>,
    /// Where the room begins.
    origin: usize,
    /// Where the header begins, from there on; and where the frame ends.
    start: usize,
    end: usize,
}

impl FrameBuffer {
    pub(crate) fn new() -> Self {
        let bytes = vec![0; 2 * CACHE_LINE + CAPACITY].into_boxed_slice();
        let origin = (bytes.as_ptr().align_offset(CACHE_LINE) % CACHE_LINE) + CACHE_LINE - HEADER_LEN;
        Self { bytes, origin, start: 0, end: HEADER_LEN }
    }

    pub(crate) fn header(&self) -> VnetHeader {
        self.with_header().first_chunk().copied().map(VnetHeader).unwrap_or_default()
    }

    /// The frame, from the destination address on.
    pub(crate) fn frame(&self) -> &[u8] {
        &self.with_header()[HEADER_LEN..]
    }

    /// The header and the frame.
    pub(crate) fn with_header(&self) -> &[u8] {
        &self.bytes[self.origin + self.start..self.origin + self.end]
    }

    /// The room for a header and a frame that come whole.
    pub(crate) fn whole(&mut self) -> &mut [u8] {
        &mut self.bytes[self.origin..]
    }

    /// Says that header and frame were received, `len` bytes together.
    pub(crate) fn set_whole(&mut self, len: usize) {
        (self.start, self.end) = (0, len.clamp(HEADER_LEN, CAPACITY));
    }

    /// The room for the header, and for the frame before and behind the gap for a tag.
    pub(crate) fn split(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let (before, behind) = self.whole().split_at_mut(GAP + TAG_LEN);
        let (header, addresses) = before[..GAP].split_at_mut(HEADER_LEN);
        (header, addresses, behind)
    }

    /// Says that a frame of `len` bytes, without the gap, was received, and which tag belongs into the gap. A tag moves
    /// the offsets of the header.
    pub(crate) fn set_split(&mut self, len: usize, tag: Option<(u16, u16)>) {
        let end = (HEADER_LEN + len + TAG_LEN).min(CAPACITY);
        match tag {
            Some((protocol, control)) => {
                (self.start, self.end) = (0, end.max(GAP + TAG_LEN));
                let shifted = self.header().shifted(Shift::TagAdded);
                let room = self.whole();
                room[..HEADER_LEN].copy_from_slice(&shifted.0);
                room[GAP..GAP + 2].copy_from_slice(&protocol.to_be_bytes());
                room[GAP + 2..GAP + TAG_LEN].copy_from_slice(&control.to_be_bytes());
            }
            None => {
                self.whole().copy_within(..GAP, TAG_LEN);
                (self.start, self.end) = (TAG_LEN, end.max(TAG_LEN + HEADER_LEN));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn received(tag: Option<(u16, u16)>) -> FrameBuffer {
        let mut buffer = FrameBuffer::new();
        let (header, addresses, behind) = buffer.split();
        header.fill(0);
        addresses.fill(0xaa);
        behind[..2].copy_from_slice(&[0x08, 0x06]);
        buffer.set_split(14, tag);
        buffer
    }

    #[test]
    fn header_and_frame_lie_in_one_piece_with_and_without_a_tag() {
        let bare = received(None);
        assert_eq!(bare.frame(), [&[0xaa; 12][..], &[0x08, 0x06]].concat());
        let tagged = received(Some((0x8100, 0x0064)));
        assert_eq!(tagged.frame(), [&[0xaa; 12][..], &[0x81, 0x00, 0x00, 0x64, 0x08, 0x06]].concat());
        for buffer in [bare, tagged] {
            assert_eq!(buffer.with_header(), [&buffer.header().0[..], buffer.frame()].concat());
        }
    }

    #[test]
    fn a_frame_that_comes_whole_begins_on_a_cache_line() {
        let mut buffer = FrameBuffer::new();
        buffer.whole()[HEADER_LEN] = 7;
        buffer.set_whole(HEADER_LEN + 1);
        assert_eq!(buffer.frame(), [7]);
        assert_eq!(buffer.frame().as_ptr().align_offset(CACHE_LINE), 0);
    }
}
