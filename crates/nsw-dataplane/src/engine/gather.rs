//! Frames that a port has waiting, read one after the other before the first of them is decided about.
//!
//! Reading a frame and writing one are two long ways through the kernel, and a processor that goes one of them many times in
//! a row goes it faster than one that changes between them with every frame. Short frames gain a fifth by that. A long one
//! gains nothing and would lose its place in the nearest cache, so it ends the gathering and is settled at once.
//!
//! **Invariant:** frames keep the order in which they were read.

use crate::port::FrameBuffer;

/// Frames gathered at most.
const ROOM: usize = 32;
/// From how many bytes on a frame is long.
const LONG: usize = 4096;

/// What was gathered from one port.
#[derive(Debug)]
pub(super) struct Gathered {
    buffers: Box<[FrameBuffer]>,
    len: usize,
}

impl Gathered {
    pub(super) fn new() -> Self {
        Self { buffers: (0..ROOM).map(|_| FrameBuffer::new()).collect(), len: 0 }
    }

    /// Where the next frame is read into. The first is the same each time, so a stream of long frames stays in one place.
    pub(super) fn room(&mut self) -> &mut FrameBuffer {
        &mut self.buffers[self.len.min(ROOM - 1)]
    }

    /// Keeps the frame that was read into the room. Returns whether it is time to settle what is there.
    pub(super) fn keep(&mut self) -> bool {
        let is_long = self.room().frame().len() >= LONG;
        self.len = (self.len + 1).min(ROOM);
        is_long || self.len == ROOM
    }

    pub(super) fn frames(&self) -> &[FrameBuffer] {
        &self.buffers[..self.len]
    }

    pub(super) fn clear(&mut self) {
        self.len = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vnet::HEADER_LEN;

    /// Reads a frame of so many bytes, all of them `byte`.
    fn read(gathered: &mut Gathered, byte: u8, len: usize) -> bool {
        let room = gathered.room();
        room.whole()[HEADER_LEN..HEADER_LEN + len].fill(byte);
        room.set_whole(HEADER_LEN + len);
        gathered.keep()
    }

    #[test]
    fn short_frames_are_gathered_in_their_order_until_there_is_no_room() {
        let mut gathered = Gathered::new();
        let until_full = (0..).take_while(|byte| !read(&mut gathered, *byte, 60)).count();
        assert_eq!(until_full, ROOM - 1);
        let bytes: Vec<u8> = gathered.frames().iter().map(|buffer| buffer.frame()[0]).collect();
        assert_eq!(bytes, (0..32).collect::<Vec<u8>>());
        gathered.clear();
        assert!(gathered.frames().is_empty());
    }

    #[test]
    fn a_long_frame_is_settled_at_once_behind_what_came_before_it() {
        let mut gathered = Gathered::new();
        assert!(!read(&mut gathered, 1, LONG - 1));
        assert!(read(&mut gathered, 2, LONG));
        let bytes: Vec<u8> = gathered.frames().iter().map(|buffer| buffer.frame()[0]).collect();
        assert_eq!(bytes, [1, 2]);
    }
}
