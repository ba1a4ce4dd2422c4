//! Any bytes are a frame or too short for one, and no getter panics.

use nsw_core::{Frame, Tag, ethertype};

/// Parses `data` and holds the getters against each other.
pub fn frame(data: &[u8]) {
    let Ok(frame) = Frame::parse(data) else {
        let announces_tag = data.get(12..14) == Some(&ethertype::VLAN.to_be_bytes());
        assert!(data.len() < 14 || (announces_tag && data.len() < 18));
        return;
    };
    assert_eq!(frame.bytes(), data);
    assert_eq!(frame.dst().octets(), data[..6]);
    assert_eq!(frame.src().octets(), data[6..12]);
    assert_eq!(frame.payload().len(), frame.payload_len());
    let header = if frame.tag().is_some() { 18 } else { 14 };
    assert_eq!(frame.payload(), &data[header..]);
    assert_eq!(frame.ethertype().to_be_bytes(), data[header - 2..header]);
    if let Some(tag) = frame.tag() {
        assert_eq!(tag.tci().to_be_bytes(), data[14..16]);
        assert_eq!(Tag::from_tci(tag.tci()), tag);
        assert!(tag.vid() < 4096 && tag.pcp() < 8);
    }
    let _ = frame.ip_hash_key();
    assert_eq!(frame.segmented(1460).payload_len(), 1460);
}
