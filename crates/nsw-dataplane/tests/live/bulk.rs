//! Bulk TCP between VMs: everything arrives, intact, with segmentation left undone across the switch.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

use nsw_core::{Adapter, Counter, Mac};
use nsw_dataplane::link::{self, VethEnd};
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::Port;

use crate::fixture::{Lab, kinds};

const BYTES: usize = 256 << 20;
const CHUNK: usize = 1 << 20;

/// Sends bytes that depend on their place from one namespace to another, and checks each of them there.
pub(crate) fn transfer(from: &Namespace, to: &Namespace, address: Ipv4Addr) {
    let listener = to.run(|| TcpListener::bind((address, 5001))).unwrap().unwrap();
    let pattern: Vec<u8> = (0..CHUNK + 251).map(|i| u8::try_from(i % 251).unwrap()).collect();
    let pattern = &pattern;
    thread::scope(|scope| {
        scope.spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut buffer = vec![0; CHUNK];
            let mut total = 0;
            loop {
                let read = stream.read(&mut buffer).unwrap();
                if read == 0 {
                    break;
                }
                let expected = &pattern[total % 251..][..read];
                assert!(buffer[..read] == *expected, "different bytes after {total}");
                total += read;
            }
            assert_eq!(total, BYTES);
        });
        let mut stream = from.run(|| TcpStream::connect((address, 5001))).unwrap().unwrap();
        let mut total = 0;
        while total < BYTES {
            let n = CHUNK.min(BYTES - total);
            stream.write_all(&pattern[total % 251..][..n]).unwrap();
            total += n;
        }
    });
}

#[test]
fn bulk_tcp_between_two_vms_arrives_intact_and_in_large_segments() {
    for kind in kinds() {
        let mut lab = Lab::new(kind, |_| {});
        let [a, b] = [lab.vm("Apps"), lab.vm("Apps")];
        transfer(&a.ns, &b.ns, b.ip);
        let counters = lab.engine.counters();
        let sender = counters.port(a.id).unwrap();
        let average = sender.bytes_in / sender.get(Counter::In);
        assert!(average > 6000, "{kind}: {average} bytes a frame: segmentation offload is lost");
        assert_eq!(counters.unattached, 0);
    }
}

/// The sender is untagged, the receiver stands behind an uplink in VLAN 10, reached by a second switch that takes the
/// tag out again: segments and checksums that are left undone survive both.
#[test]
fn bulk_tcp_keeps_its_offloads_when_tags_are_put_in_and_taken_out() {
    for kind in kinds() {
        let uplinked = || Lab::new(kind, |config| config.uplinks.push("vmnic0".into()));
        let (mut left, mut right) = (uplinked(), uplinked());
        let a = left.vm("Ten");
        right.vms = 100;
        let b = right.vm("Ten");
        link::create_veth(
            VethEnd { namespace: &left.host, name: "vmnic0", mac: None },
            VethEnd { namespace: &right.host, name: "vmnic0", mac: None },
        )
        .unwrap();
        let ids = [&mut left, &mut right].map(|lab| {
            let nic = Adapter::uplink("vmnic0", Mac::new([0, 0x50, 0x56, 0xff, 0, 0]));
            let id = lab.switch.connect(nic).unwrap();
            lab.engine.attach(id, Port::packet(&lab.host, "vmnic0").unwrap()).unwrap();
            lab.install();
            id
        });
        transfer(&a.ns, &b.ns, b.ip);
        let counters = right.engine.counters();
        let uplink = counters.port(ids[1]).unwrap();
        let average = uplink.bytes_in / uplink.get(Counter::In);
        assert!(average > 6000, "{kind}: {average} bytes a frame: segmentation offload is lost");
    }
}
