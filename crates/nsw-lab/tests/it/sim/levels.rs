//! Hosts in hosts in hosts: every level that encloses a VM must be open, whatever the others are.

use expect_test::expect;

use super::{check_end, example, policy, verdict};

/// A level is open with both settings at Accept: of all sixteen combinations on two levels one connects.
#[test]
fn the_deepest_vm_is_reached_only_if_every_enclosing_level_is_open() {
    let mut world = example("three-levels");
    let settings = ["R/R/R", "A/R/R", "R/R/A", "A/R/A"];
    for outer in settings {
        for inner in settings {
            world.set_security("physical", "vSwitch0", Some("Nested"), policy(outer)).unwrap();
            world.set_security("nested-1", "vSwitch0", Some("Nested"), policy(inner)).unwrap();
            let open = outer == "A/R/A" && inner == "A/R/A";
            let reached = verdict(&world, "deep01", "laptop") == "REACHABLE";
            assert_eq!(reached, open, "outer {outer}, inner {inner}");
            let middle = verdict(&world, "web01", "laptop") == "REACHABLE";
            assert_eq!(middle, outer == "A/R/A", "outer {outer}, inner {inner}");
            let neighbours = verdict(&world, "deep01", "web01") == "REACHABLE";
            assert_eq!(neighbours, inner == "A/R/A", "outer {outer}, inner {inner}");
        }
    }
}

// Scenario 30.
#[test]
fn a_closed_inner_level_drops_inside() {
    let mut world = example("three-levels");
    world.set_security("nested-1", "vSwitch0", Some("Nested"), policy("R/R/R")).unwrap();
    check_end(
        &world,
        "deep01",
        "laptop",
        &expect![[r#"
            deep01/eth0 -> laptop: the ARP request died
              at nested-1 / vSwitch0 / Nested / nested-2.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on port group Nested
            laptop -> deep01/eth0: the echo reply was not sent, and would have died
              at nested-1 / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because nested-1 / vSwitch0 / Nested / nested-2.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
    check_end(
        &world,
        "laptop",
        "deep01",
        &expect![[r#"
            laptop -> deep01/eth0: the echo request was not sent, and would have died
              at nested-1 / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because nested-1 / vSwitch0 / Nested / nested-2.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested
            deep01/eth0 -> laptop: the ARP reply died
              at nested-1 / vSwitch0 / Nested / nested-2.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on port group Nested"#]],
    );
}

// Scenario 32.
#[test]
fn a_closed_outer_level_drops_outside() {
    let mut world = example("three-levels");
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/R")).unwrap();
    check_end(
        &world,
        "deep01",
        "laptop",
        &expect![[r#"
            deep01/eth0 -> laptop: the ARP request died
              at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT
                forged transmits = Reject, set on port group Nested
            laptop -> deep01/eth0: the echo reply was not sent, and would have died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
}

// The answer comes as far as the level that does not grant promiscuous mode.
#[test]
fn an_answer_dies_at_the_first_level_that_is_closed_to_it() {
    let mut world = example("three-levels");
    world.set_security("nested-1", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check_end(
        &world,
        "deep01",
        "laptop",
        &expect![[r#"
            deep01/eth0 -> laptop: arrives
            laptop -> deep01/eth0: the ARP reply died
              at nested-1 / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because nested-1 / vSwitch0 / Nested / nested-2.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check_end(
        &world,
        "deep01",
        "laptop",
        &expect![[r#"
            deep01/eth0 -> laptop: arrives
            laptop -> deep01/eth0: the ARP reply died
              at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED
                no port of this switch is registered for the destination
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED
                promiscuous mode = Reject, set on port group Nested"#]],
    );
}
