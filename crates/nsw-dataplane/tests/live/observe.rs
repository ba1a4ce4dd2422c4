//! What a guest does to its adapter is seen: address, promiscuous mode, groups, link, and that it is gone.

use std::net::{Ipv4Addr, UdpSocket};
use std::sync::mpsc::{self, Receiver};

use nsw_core::Mac;
use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::observe::{Observation, Observer};
use nsw_dataplane::port::{Port, PortKind};

use crate::fixture::{PATIENCE, kinds};
use crate::need_root;

const MAC: Mac = Mac::new([0, 0x50, 0x56, 0, 0, 1]);

struct Watched {
    guest: Namespace,
    _host: Namespace,
    port: Option<Port>,
    _observer: Observer,
    seen: Receiver<Observation>,
}

fn watch(kind: PortKind) -> Watched {
    let (guest, host) = (Namespace::create().unwrap(), Namespace::create().unwrap());
    let port = match kind {
        PortKind::Tap => Port::tap(&guest, "eth0", MAC),
        _ => Port::veth(&guest, "eth0", MAC, &host),
    };
    let (sender, seen) = mpsc::channel();
    let observer = Observer::start(move |observation| sender.send(observation).unwrap_or(())).unwrap();
    observer.watch(7, &guest, "eth0").unwrap();
    Watched { guest, _host: host, port: Some(port.unwrap()), _observer: observer, seen }
}

impl Watched {
    /// Waits for an observation that fits.
    fn see(&self, what: &str, fits: impl Fn(&Observation) -> bool) -> Observation {
        loop {
            let seen = self.seen.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("never saw {what}"));
            assert_eq!(seen.token, 7);
            if fits(&seen) {
                return seen;
            }
        }
    }
}

#[test]
fn every_request_of_a_guest_is_seen() {
    for kind in kinds() {
        let watched = watch(kind);
        let first = watched.see("the first state", |seen| seen.link_up);
        assert_eq!((first.mac, first.promiscuous, first.gone), (MAC, false, false), "{kind}");

        let changed = Mac::new([0, 0x50, 0x56, 0xaa, 0, 7]);
        link::set_mac(&watched.guest, "eth0", changed).unwrap();
        watched.see("the MAC change", |seen| seen.mac == changed);

        let sniffer = Port::packet(&watched.guest, "eth0").unwrap();
        watched.see("a packet socket's promiscuous mode", |seen| seen.promiscuous);
        drop(sniffer);
        watched.see("its end", |seen| !seen.promiscuous);
        link::set_promiscuous(&watched.guest, "eth0", true).unwrap();
        watched.see("the flag", |seen| seen.promiscuous);

        link::add_address(&watched.guest, "eth0", Ipv4Addr::new(10, 0, 0, 1).into(), 24).unwrap();
        let socket = watched.guest.run(|| UdpSocket::bind("10.0.0.1:0")).unwrap().unwrap();
        socket.join_multicast_v4(&Ipv4Addr::new(239, 1, 2, 3), &Ipv4Addr::new(10, 0, 0, 1)).unwrap();
        let group = Mac::new([1, 0, 0x5e, 1, 2, 3]);
        watched.see("the joined group", |seen| seen.groups.contains(&group));
        drop(socket);
        watched.see("that it was left", |seen| !seen.groups.contains(&group));

        link::set_up(&watched.guest, "eth0", false).unwrap();
        watched.see("the link going down", |seen| !seen.link_up);
        link::set_up(&watched.guest, "eth0", true).unwrap();
        watched.see("the link coming up", |seen| seen.link_up);

        link::set_up(&watched.guest, "eth0", false).unwrap();
        link::rename(&watched.guest, "eth0", "lan").unwrap();
        link::set_mac(&watched.guest, "lan", MAC).unwrap();
        watched.see("the device under its new name", |seen| seen.mac == MAC);
    }
}

#[test]
fn a_device_that_goes_away_is_seen_to_go() {
    for kind in kinds() {
        let mut watched = watch(kind);
        watched.see("the first state", |seen| !seen.gone);
        watched.port = None;
        let last = watched.see("that it is gone", |seen| seen.gone);
        assert_eq!((last.mac, last.link_up), (MAC, false), "{kind}");
    }
}

#[test]
fn a_device_that_is_not_there_is_reported_as_gone() {
    need_root!();
    let (sender, seen) = mpsc::channel();
    let observer = Observer::start(move |observation| sender.send(observation).unwrap_or(())).unwrap();
    observer.watch(1, &Namespace::create().unwrap(), "eth9").unwrap();
    assert!(seen.recv_timeout(PATIENCE).unwrap().gone);
    observer.watch(2, &Namespace::create().unwrap(), "lo").unwrap();
    observer.unwatch(1).unwrap();
    assert_eq!(seen.recv_timeout(PATIENCE).unwrap().token, 2);
}
