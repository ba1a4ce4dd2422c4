//! `nsw demo`: the fault, both cures, half-open ones, and nothing left of it.

use serde_json::Value;

use crate::fixture::{Nsw, Ran, eventually, example};
use crate::kernel::{Traces, running};
use crate::or_skip;

const NESTED_PORT: &str = "physical / vSwitch0 / Nested / nested-1.vmnic0";
const UPLINK: &str = "physical / vSwitch0 / uplink vmnic0";

#[test]
fn the_demo_goes_as_told_as_root_and_leaves_nothing() {
    check_demo(&or_skip!(Nsw::as_root()));
}

#[test]
fn the_demo_goes_as_told_in_a_user_namespace_and_leaves_nothing() {
    check_demo(&or_skip!(Nsw::as_ordinary_user()));
}

#[test]
fn the_demo_goes_as_told_in_the_kernel_and_leaves_nothing() {
    check_demo(&or_skip!(Nsw::with_engines(&["--engine=kernel"])));
}

#[test]
fn the_demo_goes_as_told_with_the_outer_host_in_the_kernel() {
    check_demo(&or_skip!(Nsw::with_engines(&["--engine=physical=kernel"])));
}

#[test]
fn the_demo_goes_as_told_with_the_nested_host_in_the_kernel() {
    check_demo(&or_skip!(Nsw::with_engines(&["--engine=nested-1=kernel"])));
}

fn check_demo(nsw: &Nsw) {
    let mut traces = Traces::before(nsw);
    let demo = std::thread::scope(|scope| {
        let demo = scope.spawn(|| nsw.run(["demo", "--json"].iter().chain(nsw.engines())));
        eventually("the lab of the demo is up", || {
            (!running(nsw, "/nested-1.json").is_empty()).then_some(())
        });
        eventually("it has its namespaces", || {
            traces.note();
            // The segment, the laptop, two of each host, and five VMs.
            (traces.noted() >= 11).then_some(())
        });
        demo.join().unwrap()
    });
    check_story(&demo.expect(0));
    traces.expect_none_nor_folder();
}

fn check_story(demo: &Ran) {
    let story = demo.json();
    assert_eq!(story["played"], "live, on real frames");
    assert_eq!(story["as-told"], true);
    let rounds = story["rounds"].as_array().unwrap();
    let [closed, method1, method2, forged_only, promiscuous_only, mac_changes_only] = &rounds[..] else {
        panic!("six rounds, not {}", rounds.len())
    };

    let inherited = "forged transmits = Reject, set on vSwitch0, inherited by port group Nested";
    let forged = |frame: &str| format!("{frame} of web01: FORGED_TRANSMIT at {NESTED_PORT} ({inherited})");
    assert_eq!(story_of(closed, "web01"), ["0 of 3", &forged("ARP request")]);
    assert_eq!(story_of(closed, "laptop"), ["0 of 3", &forged("ARP reply")]);
    assert_eq!(closed["bystander-copies"], 0);

    for cured in [method1, method2] {
        assert_eq!(story_of(cured, "web01"), ["3 of 3"]);
        assert_eq!(story_of(cured, "laptop"), ["3 of 3"]);
    }
    assert!(method1["bystander-copies"].as_u64().unwrap() > 0);
    assert_eq!(method2["bystander-copies"], 0);

    // The request leaves, and the answer finds nobody who listens to web01's address.
    let not_granted = "nested-1.vmnic0 asks for every frame: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on \
                       vSwitch0, inherited by port group Nested)";
    assert_eq!(
        story_of(forged_only, "web01"),
        [
            "0 of 3",
            &format!("ARP reply of laptop: DEST_NOT_REGISTERED at {UPLINK} (no policy); {not_granted}")
        ]
    );
    // The broadcast comes in and is answered; the echo request does not.
    assert_eq!(
        story_of(forged_only, "laptop"),
        [
            "0 of 3",
            &format!("echo request of laptop: DEST_NOT_REGISTERED at {UPLINK} (no policy); {not_granted}")
        ]
    );
    assert_eq!(story_of(promiscuous_only, "web01"), ["0 of 3", &forged("ARP request")]);
    assert_eq!(story_of(promiscuous_only, "laptop"), ["0 of 3", &forged("ARP reply")]);
    assert_eq!(story_of(mac_changes_only, "web01"), ["0 of 3", &forged("ARP request")]);
    assert_eq!(story_of(mac_changes_only, "laptop"), ["0 of 3", &forged("ARP reply")]);
}

/// The replies to the first ping from `from`, then each kind of death, without counts: how often the kernel repeats an
/// ARP request is its own affair.
fn story_of(round: &Value, from: &str) -> Vec<String> {
    let ping = round["pings"].as_array().unwrap().iter().find(|ping| ping["from"] == from).unwrap();
    let mut told = vec![format!("{} of {}", ping["report"]["received"], ping["report"]["sent"])];
    for death in ping["deaths"].as_array().unwrap() {
        let text = |key: &str| death[key].as_str().unwrap_or("no policy").to_owned();
        let refused: String = death["refused"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| format!("; {}", one.as_str().unwrap()))
            .collect();
        let [frame, sender, reason, place, policy] =
            ["frame", "sender", "reason", "place", "policy"].map(text);
        told.push(format!("{frame} of {sender}: {reason} at {place} ({policy}){refused}"));
    }
    told
}

#[test]
fn where_an_ordinary_user_may_not_open_tun_the_ports_are_veth_pairs() {
    let nsw = or_skip!(Nsw::as_ordinary_user());
    let tun_is_open = nsw.command("sh").args(["-c", ": <>/dev/net/tun"]).output().unwrap().status.success();
    let lab = nsw.up(&example("nested.yaml", "devices"));
    for (host, port) in [("physical", "app01.eth0"), ("physical", "vmk0"), ("nested-1", "web01.eth0")] {
        let device = lab.port(host, port)["device"].clone();
        assert_eq!(device, if tun_is_open { "tap" } else { "veth" }, "{host}/{port}");
    }
    assert_eq!(lab.port("nested-1", "vmnic0")["device"], "packet");
    lab.check_reaches("app01", "192.168.10.50", true);
}
