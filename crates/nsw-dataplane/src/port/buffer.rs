//! Where one frame lies while the switch decides about it.
//!
//! The kernel takes VLAN tags out of frames that it hands to a packet socket, and tells them beside. So a frame is
//! received with a gap after its addresses: a tag fills the gap, or the twelve bytes of addresses move up to close it.

use crate::vnet::VnetHeader;

/// Room for the longest frame: 64 KiB of IP, Ethernet header, tag, and some to notice when a frame is longer.
const CAPACITY: usize = 65_536 + 128;
const ADDRESSES: usize = 12;
const TAG: usize = 4;

/// One frame with its virtio-net header.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    pub(crate) header: VnetHeader,
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl FrameBuffer {
    pub(crate) fn new() -> Self {
        Self { header: VnetHeader::default(), bytes: vec![0; CAPACITY].into_boxed_slice(), start: 0, end: 0 }
    }

    /// The frame, from the destination address on.
    pub(crate) fn frame(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// The header and the room for a frame that comes whole.
    pub(crate) fn whole(&mut self) -> (&mut [u8], &mut [u8]) {
        (&mut self.header.0, &mut self.bytes)
    }

    /// Says that a whole frame of `len` bytes was received.
    pub(crate) fn set_whole(&mut self, len: usize) {
        (self.start, self.end) = (0, len.min(CAPACITY));
    }

    /// The header, and the room before and behind the gap for a tag.
    pub(crate) fn split(&mut self) -> (&mut [u8], &mut [u8], &mut [u8]) {
        let (before, behind) = self.bytes.split_at_mut(ADDRESSES + TAG);
        (&mut self.header.0, &mut before[..ADDRESSES], behind)
    }

    /// Says that a frame of `len` bytes, without the gap, was received, and which tag belongs into the gap. A tag moves
    /// the offsets of the header.
    pub(crate) fn set_split(&mut self, len: usize, tag: Option<(u16, u16)>) {
        let end = (len + TAG).min(CAPACITY);
        match tag {
            Some((protocol, control)) => {
                self.bytes[ADDRESSES..ADDRESSES + 2].copy_from_slice(&protocol.to_be_bytes());
                self.bytes[ADDRESSES + 2..ADDRESSES + TAG].copy_from_slice(&control.to_be_bytes());
                self.header = self.header.shifted(crate::vnet::Shift::TagAdded);
                (self.start, self.end) = (0, end);
            }
            None => {
                self.bytes.copy_within(..ADDRESSES, TAG);
                (self.start, self.end) = (TAG, end.max(TAG));
            }
        }
    }
}
