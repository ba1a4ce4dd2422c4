//! What vSwitches remember from frame to frame in a world, and for how long: settings beyond a standard switch.

use std::time::Duration;

use nsw_core::{Beyond, Learning, MacLearning, Reason, Shaping};
use nsw_lab::sim::{FrameSpec, Journey, World};

use super::{example, world};

/// The nested lab with forged transmits accepted and MAC learning without flooding on port group Nested.
fn learning() -> World {
    let mut world = example("nested");
    world
        .edit("physical", "vSwitch0", |config| {
            let group = config.port_group_mut("Nested").expect("it is there");
            group.security = super::policy("R/R/A");
            let learning = Learning { unicast_flooding: false, ..Learning::default() };
            let mac_learning = Some(MacLearning::On(learning));
            group.beyond = Beyond { mac_learning, ..Beyond::default() };
            Ok(())
        })
        .unwrap();
    world
}

/// Sends a unicast frame and tells whether it reached the end point that it is for.
fn send(world: &mut World, from: &str, to: &str) -> bool {
    let receiver = world.find(to).unwrap();
    frame(world, from, to).received_by(receiver).next().is_some()
}

fn frame(world: &mut World, from: &str, to: &str) -> Journey {
    let sender = world.find(from).unwrap();
    let to = world.endpoint(world.find(to).unwrap()).mac;
    let spec: FrameSpec = format!("src={} dst={to} len=1000", world.endpoint(sender).mac).parse().unwrap();
    world.send(sender, spec.bytes())
}

#[test]
fn a_world_remembers_learned_addresses_until_they_are_old() {
    let mut world = learning();
    assert!(!send(&mut world, "app01", "web01"), "nothing is learned yet");
    assert!(send(&mut world, "web01", "app01"));
    assert!(send(&mut world, "app01", "web01"));
    world.advance(Duration::from_secs(299));
    assert!(send(&mut world, "app01", "web01"));
    world.advance(Duration::from_secs(1));
    assert!(!send(&mut world, "app01", "web01"), "300 seconds of silence");
}

#[test]
fn a_world_forgets_on_request() {
    let mut world = learning();
    send(&mut world, "web01", "app01");
    world.forget();
    assert!(!send(&mut world, "app01", "web01"));
}

#[test]
fn a_conversation_begins_cold_and_remembers_while_it_lasts() {
    let world = learning();
    assert_eq!(super::verdict(&world, "app01", "web01"), "REACHABLE");
    assert_eq!(super::verdict(&world, "web01", "app01"), "REACHABLE");
}

#[test]
fn a_shaper_in_a_world_saves_up_as_time_passes() {
    let mut world = world(
        "\
lab: x
hosts:
  h:
    vswitches: { vSwitch0: { port-groups: { VM Network: } } }
    vms:
      a: { port-group: VM Network }
      b: { port-group: VM Network }
",
    );
    world
        .edit("h", "vSwitch0", |config| {
            config.shaping =
                Some(Shaping { average_bps: 8_000_000, peak_bps: 80_000_000, burst_bytes: 60_000 });
            Ok(())
        })
        .unwrap();
    let passed = |world: &mut World| (0..100).filter(|_| send(world, "a", "b")).count();
    let first = passed(&mut world);
    assert!((50..100).contains(&first), "{first} frames of a burst");
    let last = frame(&mut world, "a", "b");
    assert!(last.to_string().contains(Reason::Shaper.code()), "{last}");
    world.advance(Duration::from_millis(10));
    let later = passed(&mut world);
    assert!((9..=11).contains(&later), "{later} frames of 10 ms at 1 MB/s");
}

#[test]
fn what_the_settings_no_longer_want_is_not_remembered() {
    let mut world = learning();
    send(&mut world, "web01", "app01");
    let set = |world: &mut World, mac_learning| {
        world
            .edit("physical", "vSwitch0", |config| {
                config.port_group_mut("Nested").expect("it is there").beyond.mac_learning = mac_learning;
                Ok(())
            })
            .unwrap();
    };
    set(&mut world, None);
    assert!(!send(&mut world, "app01", "web01"));
    let learning = Learning { unicast_flooding: false, ..Learning::default() };
    set(&mut world, Some(MacLearning::On(learning)));
    assert!(send(&mut world, "web01", "app01"));
    assert!(send(&mut world, "app01", "web01"));
}

// A nested host that is switched off takes its VMs along; on again, it is what it was.
#[test]
fn an_adapter_that_is_disconnected_is_gone_until_it_is_connected_again() {
    let mut world = example("nested-method1");
    assert_eq!(super::verdict(&world, "app01", "web01"), "REACHABLE");
    let adapter = world.disconnect("physical", "nested-1.vmnic0").unwrap();
    assert_eq!(super::verdict(&world, "app01", "web01"), "UNREACHABLE");
    assert!(world.port_named("physical", "nested-1.vmnic0").is_err());
    world.connect(adapter).unwrap();
    world.advance(Duration::from_millis(100));
    assert_eq!(super::verdict(&world, "app01", "web01"), "REACHABLE");
}
