//! Teams over time, live: a cable that fails on the segment's side, its return, what a station hears of it, and a path that
//! is broken though its link is up.
//!
//! The test reaches into the segment's namespace, by the descriptor that the lab's supervisor holds, so it needs root.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::Port;
use serde_json::Value;

use crate::fixture::{Lab, Nsw, Ran, eventually, within};
use crate::or_skip;

const LAPTOP: &str = "192.168.77.50";
const APP01: [u8; 6] = [0x00, 0x50, 0x56, 0x00, 0x00, 0x21];

fn text(name: &str, teaming: &str) -> String {
    format!(
        "lab: {name}
segments:
  office:
    stations:
      laptop: {{ address: {LAPTOP}/24 }}
hosts:
  physical:
    vmnics:
      vmnic0: {{ segment: office }}
      vmnic1: {{ segment: office }}
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1]
        teaming: {{ active: [vmnic0], standby: [vmnic1], {teaming} }}
        port-groups:
          VM Network: {{}}
    vms:
      app01: {{ port-group: VM Network, address: 192.168.77.21/24, mac: 00:50:56:00:00:21 }}
"
    )
}

/// The segment's end of the cable of vmnic0; the station was cabled first.
const CABLE: &str = "p2";

pub(crate) struct Segment {
    /// The namespace, as a path that `nsenter` takes.
    namespace: String,
}

impl Segment {
    /// The lab's only one.
    pub(crate) fn of(lab: &Lab<'_>) -> Self {
        Self::all(lab).into_iter().next().expect("the segment's namespace")
    }

    /// Every one, in no order.
    pub(crate) fn all(lab: &Lab<'_>) -> Vec<Self> {
        let supervisor = lab.status()["lab"]["pid"].as_u64().unwrap();
        let descriptors = fs::read_dir(format!("/proc/{supervisor}/fd")).unwrap().flatten();
        let paths = descriptors.map(|entry| entry.path());
        let namespaces = paths
            .filter(|path| fs::read_link(path).is_ok_and(|link| link.to_string_lossy().starts_with("net:[")))
            .map(|path| Self { namespace: path.display().to_string() });
        namespaces.filter(|segment| segment.ip(&["show", CABLE]).code == Some(0)).collect()
    }

    fn ip(&self, words: &[&str]) -> Ran {
        let net = format!("--net={}", self.namespace);
        Ran::of(Command::new("nsenter").args([&net, "ip", "link"]).args(words))
    }

    fn set(&self, words: &[&str]) {
        self.set_cable(CABLE, words);
    }

    /// `ip link set` on the segment's end of a cable: `p1`, `p2` and so on, stations first.
    pub(crate) fn set_cable(&self, cable: &str, words: &[&str]) {
        self.ip(&[&["set", cable], words].concat()).expect(0);
    }

    /// The physical switch forgets which address is behind which cable.
    pub(crate) fn forget_addresses(&self) {
        self.ip(&["set", "br0", "type", "bridge", "fdb_flush"]).expect(0);
    }
}

fn uplink(lab: &Lab<'_>) -> Value {
    lab.port("physical", "app01.eth0")["team-uplink"].take()
}

#[track_caller]
fn wait_for_uplink(lab: &Lab<'_>, expected: &Value) {
    eventually(&format!("app01 leaves by {expected}"), || (uplink(lab) == *expected).then_some(()));
}

/// Waits for a RARP from app01 on a station's adapter.
#[track_caller]
fn hear_announcement(ear: &Port) {
    let heard = within(Duration::from_secs(10), || {
        let frame = ear.read_frame(Duration::from_millis(100)).unwrap()?;
        (frame.get(6..14) == Some(&[&APP01[..], &[0x80, 0x35]].concat()[..])).then_some(())
    });
    assert!(heard.is_some(), "no RARP from app01 reached the laptop");
}

fn drain(ear: &Port) {
    while ear.read_frame(Duration::ZERO).unwrap().is_some() {}
}

#[test]
fn a_cable_that_fails_outside_moves_its_ports_and_takes_them_back() {
    let nsw = or_skip!(Nsw::as_root());
    let lab = nsw.up(&text("team-failback", "failback: true"));
    let segment = Segment::of(&lab);
    let laptop = u32::try_from(lab.pids()["laptop"]).unwrap();
    let ear = Port::packet_for_own(&Namespace::of_process(laptop).unwrap(), "eth0").unwrap();
    // The socket keeps the laptop from answering anybody, so here it only listens.
    hear_announcement(&ear);
    wait_for_uplink(&lab, &"vmnic0".into());

    drain(&ear);
    segment.set(&["down"]);
    wait_for_uplink(&lab, &"vmnic1".into());
    hear_announcement(&ear);

    drain(&ear);
    let up = Instant::now();
    segment.set(&["up"]);
    wait_for_uplink(&lab, &"vmnic0".into());
    assert!(up.elapsed() >= Duration::from_millis(100), "back before the up-delay");
    hear_announcement(&ear);
}

#[test]
fn a_cable_is_pulled_and_plugged_with_esxclis_words() {
    for nsw in Nsw::as_everybody() {
        let lab = nsw.up(&text("team-nic", "failback: true"));
        let nic = |words: &[&str]| {
            let place = ["esxcli", "--lab", &lab.name, "--host", "physical", "network", "nic"];
            nsw.run([&place, words].concat())
        };
        wait_for_uplink(&lab, &"vmnic0".into());
        assert_eq!(nic(&["down", "--nic-name", "vmnic0"]).expect(0).stdout, "");
        wait_for_uplink(&lab, &"vmnic1".into());
        lab.check_reaches("app01", LAPTOP, true);
        let states = |ran: Ran| -> Vec<String> {
            let nics: Value = serde_json::from_str(&ran.expect(0).stdout).unwrap();
            let state = |nic: &Value| format!("{} {} {}", nic["Name"], nic["AdminStatus"], nic["LinkStatus"]);
            nics.as_array().unwrap().iter().map(state).collect()
        };
        let listed = states(nic(&["list", "--json"]));
        assert_eq!(listed, [r#""vmnic0" "Down" "Down""#, r#""vmnic1" "Up" "Up""#]);
        let status = lab.lab("status", &[]).expect(0).stdout;
        assert!(status.contains("uplinks vmnic0 (link down), vmnic1, MTU 1500"), "{status}");

        nic(&["down", "-n", "vmnic1"]).expect(0);
        wait_for_uplink(&lab, &Value::Null);
        lab.check_reaches("app01", LAPTOP, false);

        nic(&["up", "-n", "vmnic0"]).expect(0);
        wait_for_uplink(&lab, &"vmnic0".into());
        lab.check_reaches("app01", LAPTOP, true);

        let unknown = nic(&["down", "-n", "vmnic7"]).expect(2);
        assert!(
            unknown.stderr.contains("host `physical` has no physical adapter `vmnic7`"),
            "{}",
            unknown.stderr
        );
    }
}

#[test]
fn without_failback_the_standby_keeps_what_it_took_over() {
    let nsw = or_skip!(Nsw::as_root());
    let lab = nsw.up(&text("team-rolling", "failback: false"));
    let segment = Segment::of(&lab);
    wait_for_uplink(&lab, &"vmnic0".into());
    segment.set(&["down"]);
    wait_for_uplink(&lab, &"vmnic1".into());
    segment.set(&["up"]);
    eventually("vmnic0 has a link again", || {
        (lab.port("physical", "vmnic0")["link-up"] == true).then_some(())
    });
    // Ten times the up-delay.
    assert_eq!(within(Duration::from_secs(1), || (uplink(&lab) == "vmnic0").then_some(())), None);
    lab.check_reaches("app01", LAPTOP, true);
}

// The bridge's port is taken out of the bridge: the link stays up, and nothing comes through.
#[test]
fn beacons_notice_a_path_that_is_broken_though_its_link_is_up() {
    beacons_notice_a_broken_path(&or_skip!(Nsw::as_root()));
}

#[test]
fn the_kernel_engine_notices_it_too() {
    beacons_notice_a_broken_path(&or_skip!(Nsw::with_engines(&["--engine=kernel"])));
}

fn beacons_notice_a_broken_path(nsw: &Nsw) {
    let lab = nsw.up(&text("team-beacon", "failure-detection: beacon"));
    let segment = Segment::of(&lab);
    wait_for_uplink(&lab, &"vmnic0".into());
    eventually("the uplinks hear each other", || {
        let heard = |port| lab.port("physical", port)["counters"]["dropped"]["BEACON"].as_u64().unwrap_or(0);
        (heard("vmnic0") > 0 && heard("vmnic1") > 0).then_some(())
    });
    segment.set(&["nomaster"]);
    // With two uplinks nobody can tell which: every one is given every frame, so no single one is the port's.
    wait_for_uplink(&lab, &Value::Null);
    assert_eq!(lab.port("physical", "vmnic0")["link-up"], true);
    lab.check_reaches("app01", LAPTOP, true);
    segment.set(&["master", "br0"]);
    wait_for_uplink(&lab, &"vmnic0".into());
    lab.check_reaches("app01", LAPTOP, true);
}
