//! What a guest asks of its adapter is seen live, by what the guest does and nothing else.

use std::net::{Ipv4Addr, UdpSocket};

use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::Port;

use crate::fixture::{Lab, Nsw, eventually, example};
use crate::kernel::running;
use crate::or_skip;

const LAPTOP: &str = "192.168.10.50";
const OTHER_MAC: &str = "00:50:56:99:99:99";

#[test]
fn a_refused_mac_change_closes_the_port_until_it_is_taken_back() {
    for nsw in Nsw::as_everybody() {
        let Some(lab) = up_with_ip(&nsw, "mac-refused") else { return };
        let own = initial_mac(&lab);
        lab.check_reaches("app01", LAPTOP, true);

        set_mac(&lab, OTHER_MAC);
        wait_for_port(&lab, &[("requested-mac", OTHER_MAC), ("effective-mac", &own)]);
        assert_eq!(lab.port("physical", "app01.eth0")["rx-closed"], "PORT_BLOCKED_MAC_CHANGE");
        lab.check_reaches("app01", LAPTOP, false);
        lab.check_reaches("laptop", "192.168.10.21", false);
        lab.check_reaches("app02", LAPTOP, true);

        set_mac(&lab, &own);
        wait_for_port(&lab, &[("requested-mac", &own)]);
        assert!(lab.port("physical", "app01.eth0")["rx-closed"].is_null());
        lab.check_reaches("app01", LAPTOP, true);
    }
}

#[test]
fn an_accepted_mac_change_takes_effect() {
    for nsw in Nsw::as_everybody() {
        let Some(lab) = up_with_ip(&nsw, "mac-accepted") else { return };
        let accept = ["policy", "security", "set", "-v", "vSwitch0", "--allow-mac-change", "true"];
        let host = ["esxcli", "--host", "physical", "network", "vswitch", "standard"];
        nsw.run(host.iter().chain(&accept)).expect(0);
        set_mac(&lab, OTHER_MAC);
        wait_for_port(&lab, &[("requested-mac", OTHER_MAC), ("effective-mac", OTHER_MAC)]);
        lab.check_reaches("app01", LAPTOP, true);
        lab.check_reaches("laptop", "192.168.10.21", true);
    }
}

#[test]
fn a_sniffer_asks_for_promiscuous_mode_as_long_as_it_runs() {
    let nsw = or_skip!(Nsw::as_root());
    let lab = nsw.up(&example("nested.yaml", "sniffing"));
    lab.wait_until_asks("physical", "app02.eth0", false);
    // What tcpdump and a nested host's uplink do: a packet socket with that membership.
    let sniffer = Port::packet(&namespace_of(&nsw, "app02"), "eth0").unwrap();
    lab.wait_until_asks("physical", "app02.eth0", true);
    assert_eq!(lab.port("physical", "app02.eth0")["promiscuous"], false);
    drop(sniffer);
    lab.wait_until_asks("physical", "app02.eth0", false);
}

#[test]
fn a_multicast_group_is_listened_to_as_long_as_somebody_has_joined() {
    let nsw = or_skip!(Nsw::as_root());
    let lab = nsw.up(&example("nested.yaml", "groups"));
    let groups = || lab.port("physical", "app02.eth0")["groups"].as_u64().unwrap();
    // All-hosts, and with IPv6 all-nodes and the solicited-node group.
    let before = eventually("the groups of a booted guest", || Some(groups()).filter(|groups| *groups > 0));
    let member = namespace_of(&nsw, "app02").run(|| {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.join_multicast_v4(&Ipv4Addr::new(239, 1, 2, 3), &Ipv4Addr::new(192, 168, 10, 22)).unwrap();
        socket
    });
    eventually("one group more", || (groups() > before).then_some(()));
    drop(member);
    eventually("as before", || (groups() <= before).then_some(()));
}

/// `nested.yaml`, if its VMs have `ip`.
fn up_with_ip<'a>(nsw: &'a Nsw, name: &str) -> Option<Lab<'a>> {
    if nsw.command("ip").arg("-V").output().is_err() {
        eprintln!("skipped: no `ip` (iproute2) to change a MAC address with");
        return None;
    }
    Some(nsw.up(&example("nested.yaml", name)))
}

fn set_mac(lab: &Lab<'_>, mac: &str) {
    lab.exec("app01", &["ip", "link", "set", "dev", "eth0", "address", mac]).expect(0);
}

fn initial_mac(lab: &Lab<'_>) -> String {
    lab.port("physical", "app01.eth0")["initial-mac"].as_str().unwrap().to_owned()
}

#[track_caller]
fn wait_for_port(lab: &Lab<'_>, wanted: &[(&str, &str)]) {
    eventually(&format!("app01.eth0 has {wanted:?}"), || {
        let port = lab.port("physical", "app01.eth0");
        wanted.iter().all(|(key, value)| port[*key] == **value).then_some(())
    });
}

fn namespace_of(nsw: &Nsw, vm: &str) -> Namespace {
    let [first] = running(nsw, vm)[..] else { panic!("{vm} has one process") };
    Namespace::of_process(first).unwrap()
}
