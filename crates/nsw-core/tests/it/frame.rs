//! The view on bytes, and the two addresses: what is a frame, a MAC address, a VLAN id, and what is not.

use nsw_core::{Frame, Mac, NoTrace, Outcome, ParseMacError, State, Tag, TooShort, VlanId, VlanMode, decide};

use crate::fixture::{FrameSpec, Payload, World};

const SRC: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 1]);
const DST: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 2]);

#[test]
fn a_frame_is_whole_from_14_bytes_on_and_a_tagged_one_from_18() {
    let untagged = FrameSpec::new(SRC, DST).bytes();
    let tagged = FrameSpec { tag: Some(Tag::new(10, 0)), ..FrameSpec::new(SRC, DST) }.bytes();
    for (bytes, header) in [(untagged, 14), (tagged, 18)] {
        for len in 0..bytes.len() {
            let parsed = Frame::parse(&bytes[..len]);
            assert_eq!(parsed.is_ok(), len >= header, "{len} bytes");
            if let Ok(frame) = parsed {
                assert_eq!(frame.payload_len(), len - header);
                assert_eq!(frame.payload().len(), len - header);
            }
        }
    }
    assert_eq!(Frame::parse(&[]).unwrap_err(), TooShort);
    assert_eq!(TooShort.to_string(), "the bytes end before the Ethernet header does");
}

#[test]
fn a_frame_shows_what_stands_in_it() {
    let arp = Payload::Arp([10, 0, 0, 1], [10, 0, 0, 2]);
    let spec = FrameSpec { tag: Some(Tag::new(10, 5)), payload: arp, ..FrameSpec::new(SRC, DST) };
    let bytes = spec.bytes();
    let frame = Frame::parse(&bytes).unwrap();
    assert_eq!((frame.src(), frame.dst(), frame.tag()), (SRC, DST, Some(Tag::new(10, 5))));
    assert_eq!(frame.ethertype(), nsw_core::ethertype::ARP);
    assert_eq!(frame.bytes(), bytes);
}

// An inner tag is the payload's business: it neither changes the VLAN nor hides from whoever looks at the payload.
#[test]
fn only_the_outer_tag_is_read() {
    let mut bytes = FrameSpec { tag: Some(Tag::new(10, 0)), ..FrameSpec::new(SRC, DST) }.bytes();
    bytes[16..20].copy_from_slice(&[0x81, 0x00, 0x00, 20]);
    let frame = Frame::parse(&bytes).unwrap();
    assert_eq!(frame.tag().map(Tag::vid), Some(10));
    assert_eq!(frame.ethertype(), nsw_core::ethertype::VLAN);
}

#[test]
fn ip_hash_reads_no_further_than_the_bytes_go() {
    for payload in [Payload::Other(7, 9), Payload::Ipv4([10, 0, 0, 1], [10, 0, 0, 2]), Payload::Ipv6(1, 2)] {
        let bytes = FrameSpec { payload, ..FrameSpec::new(SRC, DST) }.bytes();
        for len in 14..bytes.len() {
            Frame::parse(&bytes[..len]).unwrap().ip_hash_key();
        }
    }
}

// A guest with TCP segmentation offload hands over 64 KiB at once; the wire sees segments.
#[test]
fn the_mtu_is_judged_by_the_segment() {
    let switch = World::switch(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        ",
    );
    let web01 = switch.port_named("web01").unwrap().id;
    let bytes = FrameSpec { payload_len: 60_000, ..FrameSpec::new(SRC, DST) }.bytes();
    let frame = Frame::parse(&bytes).unwrap();
    for (frame, leaves) in [(frame, false), (frame.segmented(1500), true), (frame.segmented(1501), false)] {
        let mut out = Outcome::default();
        decide(&switch.compile(), &mut State::default(), web01, &frame, 0, &mut NoTrace, &mut out);
        assert_eq!(out.drop.is_none(), leaves, "{} bytes", frame.payload_len());
    }
}

#[test]
fn a_tag_keeps_twelve_bits_of_id_and_three_of_priority() {
    assert_eq!(Tag::new(0x0abc, 5).tci(), 0xaabc);
    assert_eq!(Tag::new(0xffff, 0xff), Tag::from_tci(0xefff));
    let dei = Tag::from_tci(0xf00a);
    assert_eq!((dei.vid(), dei.pcp(), dei.tci()), (10, 7, 0xf00a));
}

#[test]
fn a_mac_address_is_six_octets_in_hexadecimal() {
    for text in ["00:50:56:aa:00:07", "00-50-56-AA-00-07"] {
        assert_eq!(text.parse(), Ok(Mac::new([0, 0x50, 0x56, 0xaa, 0, 7])));
    }
    let wrong = [
        "",
        "00:50:56:aa:00",
        "00:50:56:aa:00:07:08",
        "00:50:56:aa:00:0",
        "00:50:56:aa:00:007",
        "00:50:56:aa:00:0g",
        "00:50:56:aa:00:+7",
        " 00:50:56:aa:00:07",
        "0050.56aa.0007",
    ];
    for text in wrong {
        assert_eq!(text.parse::<Mac>(), Err(ParseMacError), "`{text}`");
    }
    assert_eq!(Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]).to_string(), "00:50:56:aa:00:07");
}

#[test]
fn a_station_is_neither_a_group_nor_zero() {
    assert!(SRC.is_station());
    assert!(!Mac::ZERO.is_station() && !Mac::BROADCAST.is_station());
    assert!(!Mac::new([0x01, 0, 0x5e, 0, 0, 7]).is_station());
}

#[test]
fn sixteen_groups_are_link_local() {
    let last_of = |last| Mac::new([0x01, 0x80, 0xc2, 0, 0, last]);
    let link_local = (0..=u8::MAX).filter(|last| last_of(*last).is_link_local_group());
    assert!(link_local.eq(0..16));
}

#[test]
fn a_vlan_id_of_a_port_group_is_0_to_4095_and_of_a_frame_0_to_4094() {
    for id in 0..=4095 {
        assert_eq!(VlanMode::from_id(id).map(VlanMode::id), Some(id));
        assert_eq!(VlanId::new(id).is_some(), id < 4095);
    }
    assert_eq!(VlanMode::from_id(4096), None);
    assert_eq!(VlanMode::from_id(0), Some(VlanMode::Est));
    assert_eq!(VlanMode::from_id(4095), Some(VlanMode::Vgt));
}
