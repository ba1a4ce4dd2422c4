//! One frame put into one port, and the text that describes it.

use expect_test::expect;
use nsw_core::{MIN_FRAME_LEN, Mac, VSwitch, ethertype};
use nsw_lab::sim::{FrameSpec, World};

use super::example;

#[test]
fn a_frame_put_into_a_port_is_told_stage_by_stage() {
    let world = example("nested");
    let frame: FrameSpec = "src=00:50:56:aa:00:07 dst=broadcast type=arp len=28".parse().unwrap();
    let journey = world.at("physical", "nested-1.vmnic0").unwrap().frame(&frame);
    expect![[r#"
        physical / vSwitch0
          enters vSwitch0 by nested-1.vmnic0, port group Nested
          untagged: VLAN 0
          source 00:50:56:aa:00:07 is not the effective MAC 00:50:56:01:00:01
          drop FORGED_TRANSMIT
            the source is not the effective MAC and forged transmits are rejected
            forged transmits = Reject, set on vSwitch0, inherited by port group Nested
    "#]]
    .assert_eq(&journey.to_string());
}

#[test]
fn bytes_too_short_for_a_frame_die_where_they_enter() {
    let mut world = example("nested");
    let app01 = world.find("app01").unwrap();
    let journey = world.send(app01, vec![0; 13]);
    expect![[r#"
        physical / vSwitch0
          drop MALFORMED
            the bytes are no whole Ethernet frame
    "#]]
    .assert_eq(&journey.to_string());
}

#[test]
fn a_port_that_is_not_there_is_told_with_those_that_are() {
    let world = example("nested");
    let error = |host: &str, port: &str| world.at(host, port).unwrap_err().to_string();
    expect!["host `nested-1` has no port `vmnic7`; it has vmnic0, vmk0, web01.eth0, web02.eth0"]
        .assert_eq(&error("nested-1", "vmnic7"));
    expect!["there is no host `nested-7`; there are physical, nested-1"]
        .assert_eq(&error("nested-7", "vmnic0"));
}

#[test]
fn text_that_is_no_frame_says_what_would_be() {
    let errors = [
        "src",
        "src=1 dst=broadcast",
        "src=00:50:56:aa:00:07",
        "dst=broadcast",
        "src=00:50:56:aa:00:07 src=00:50:56:aa:00:07",
        "src=00:50:56:aa:00:07 dst=everybody",
        "src=00:50:56:aa:00:07 dst=broadcast vlan=4095",
        "src=00:50:56:aa:00:07 dst=broadcast type=ipx",
        "src=00:50:56:aa:00:07 dst=broadcast len=65536",
        "src=00:50:56:aa:00:07 dst=broadcast ttl=3",
    ]
    .map(|text| text.parse::<FrameSpec>().unwrap_err().to_string());
    expect![[r#"
        `src` is not of the form key=value; a frame is written as src=MAC dst=MAC|broadcast vlan=ID type=arp|ip|ip6|0xNNNN len=BYTES
        `1` is no src: six octets in hexadecimal, as in 00:50:56:aa:00:07
        a frame needs dst=
        a frame needs src=
        `src` stands twice
        `everybody` is no dst: six octets in hexadecimal, as in 00:50:56:aa:00:07, or `broadcast`
        `4095` is no vlan: 0 for no tag, or 1 to 4094
        `ipx` is no type: arp, ip, ip6, or four hexadecimal digits as in 0x88cc
        `65536` is no len: bytes of payload, 0 to 65535
        `ttl` is no part of a frame; there are src, dst, vlan, type and len"#]].assert_eq(&errors.join("\n"));
}

// An ARP request has 42 bytes. What crosses a wire has 60 at least, and keeps them.
#[test]
fn a_short_frame_is_padded_on_its_way_out_and_not_for_a_neighbour() {
    let mut world = example("nested");
    let sender = world.find("web01").unwrap();
    let neighbour = world.find("web02").unwrap();
    let mac = world.endpoint(sender).mac;
    let mut bytes = [Mac::BROADCAST.octets(), mac.octets()].concat();
    bytes.extend(ethertype::ARP.to_be_bytes());
    bytes.extend([1; 28]);
    let journey = world.send(sender, bytes.clone());
    let heard: Vec<_> = journey.received_by(neighbour).map(|arrival| arrival.frame.to_vec()).collect();
    assert_eq!(heard, [bytes.clone()]);
    let [inside, outside] = &journey.hops[..] else { panic!("{journey}") };
    assert_eq!(*inside.frame, *bytes);
    bytes.resize(MIN_FRAME_LEN, 0);
    assert_eq!(*outside.frame, *bytes);
}

// Each switch has an MTU of its own. The nested host's is 9000 and lets the frame go; the physical host's is still 1500.
#[test]
fn an_inner_vswitch_wider_than_the_outer_loses_its_frames_at_the_outer_uplink() {
    let mut world = example("nested");
    let widen = |world: &mut World, host: &str| {
        let edit = |config: &mut VSwitch| {
            config.mtu = 9000;
            config.security = super::policy("A/R/A");
            Ok(())
        };
        world.edit(host, "vSwitch0", edit).unwrap();
    };
    let [web01, laptop, app01] = ["web01", "laptop", "app01"].map(|name| world.find(name).unwrap());
    let spec: FrameSpec =
        format!("src={} dst=broadcast len=9000", world.endpoint(web01).mac).parse().unwrap();
    let reached = |world: &mut World| {
        let journey = world.send(web01, spec.bytes());
        [app01, laptop].map(|end| journey.received_by(end).count())
    };
    widen(&mut world, "nested-1");
    world
        .edit("physical", "vSwitch0", |config| {
            config.security = super::policy("A/R/A");
            Ok(())
        })
        .unwrap();
    assert_eq!(reached(&mut world), [1, 0], "inside the outer host nothing limits it");
    widen(&mut world, "physical");
    assert_eq!(reached(&mut world), [1, 1]);
}
