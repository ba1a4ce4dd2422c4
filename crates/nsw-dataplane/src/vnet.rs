//! The virtio-net header that stands before each frame: which checksum and which segmentation are still to be done.
//!
//! It lets a 64 KiB segment cross the switch in one read and one write, and be cut and summed only where a wire, or
//! nothing, needs it. Its offsets count from the start of the frame, so a tag that is put in or taken out moves them.
//!
//! Reference: Virtio 1.2, 5.1.6 (legacy layout, host byte order); `linux/virtio_net.h`.

use nsw_core::TAG_LEN;

/// The header without the field `num_buffers`, as every TAP device and packet socket has it unless asked otherwise: what is
/// not there need not be copied, and the frame's IP header stands on a multiple of four.
pub(crate) const HEADER_LEN: usize = 10;

const NEEDS_CHECKSUM: u8 = 1;
const GSO_NONE: u8 = 0;
const GSO_TCP4: u8 = 1;
const GSO_TCP6: u8 = 4;
const GSO_UDP_SEGMENTS: u8 = 5;
const GSO_ECN: u8 = 0x80;

const ETHERNET_LEN: usize = 14;
/// What a tag moves the offsets by.
const TAG_SHIFT: u16 = {
    assert!(TAG_LEN == 4);
    4
};
const UDP_HEADER_LEN: usize = 8;

/// How a copy's length before the payload differs from the frame that came in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Shift {
    None,
    TagAdded,
    TagRemoved,
}

/// One header, as the kernel wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct VnetHeader(pub(crate) [u8; HEADER_LEN]);

impl VnetHeader {
    fn flags(&self) -> u8 {
        self.0[0]
    }

    fn gso_type(&self) -> u8 {
        self.0[1] & !GSO_ECN
    }

    fn field(&self, at: usize) -> u16 {
        u16::from_ne_bytes([self.0[at], self.0[at + 1]])
    }

    fn header_len(&self) -> u16 {
        self.field(2)
    }

    fn gso_size(&self) -> u16 {
        self.field(4)
    }

    fn checksum_start(&self) -> u16 {
        self.field(6)
    }

    /// The header for the same frame with a tag more or less.
    #[must_use]
    pub(crate) fn shifted(mut self, shift: Shift) -> Self {
        let move_by = |value: u16| match shift {
            Shift::None => value,
            Shift::TagAdded => value.saturating_add(TAG_SHIFT),
            Shift::TagRemoved => value.saturating_sub(TAG_SHIFT),
        };
        if shift == Shift::None {
            return self;
        }
        if self.header_len() != 0 {
            self.set_field(2, move_by(self.header_len()));
        }
        if self.flags() & NEEDS_CHECKSUM != 0 {
            self.set_field(6, move_by(self.checksum_start()));
        }
        self
    }

    fn set_field(&mut self, at: usize, value: u16) {
        self.0[at..at + 2].copy_from_slice(&value.to_ne_bytes());
    }

    /// The payload of one segment of `frame`, in bytes after the Ethernet header and the tag, if it is to be cut into
    /// segments: IP header, transport header and `gso_size`.
    pub(crate) fn segment_payload_len(&self, frame: &[u8], tagged: bool) -> Option<usize> {
        let transport = usize::from(self.checksum_start());
        let transport_len = match self.gso_type() {
            GSO_NONE => return None,
            GSO_TCP4 | GSO_TCP6 => usize::from(frame.get(transport + 12).copied().unwrap_or(0) >> 4) * 4,
            GSO_UDP_SEGMENTS => UDP_HEADER_LEN,
            _ => 0,
        };
        let ethernet = if tagged { ETHERNET_LEN + TAG_LEN } else { ETHERNET_LEN };
        Some(transport.saturating_sub(ethernet) + transport_len + usize::from(self.gso_size()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(flags: u8, gso: u8, header_len: u16, gso_size: u16, start: u16) -> VnetHeader {
        let mut header = VnetHeader::default();
        header.0[0] = flags;
        header.0[1] = gso;
        header.set_field(2, header_len);
        header.set_field(4, gso_size);
        header.set_field(6, start);
        header
    }

    #[test]
    fn a_tag_moves_the_offsets_that_count_from_the_frames_start() {
        let tso = header(NEEDS_CHECKSUM, GSO_TCP4, 66, 1448, 34);
        assert_eq!(tso.shifted(Shift::TagAdded), header(NEEDS_CHECKSUM, GSO_TCP4, 70, 1448, 38));
        assert_eq!(tso.shifted(Shift::TagAdded).shifted(Shift::TagRemoved), tso);
        let plain = header(0, GSO_NONE, 0, 0, 0);
        assert_eq!(plain.shifted(Shift::TagAdded), plain);
    }

    #[test]
    fn a_segments_payload_is_ip_header_transport_header_and_segment() {
        let mut frame = [0_u8; 80];
        frame[34 + 12] = 8 << 4;
        assert_eq!(
            header(1, GSO_TCP4 | GSO_ECN, 66, 1448, 34).segment_payload_len(&frame, false),
            Some(20 + 32 + 1448)
        );
        assert_eq!(header(1, GSO_UDP_SEGMENTS, 42, 1472, 34).segment_payload_len(&frame, false), Some(1500));
        frame[38 + 12] = 5 << 4;
        assert_eq!(header(1, GSO_TCP4, 58, 1460, 38).segment_payload_len(&frame, true), Some(1500));
        assert_eq!(header(1, GSO_NONE, 0, 0, 34).segment_payload_len(&frame, false), None);
    }
}
