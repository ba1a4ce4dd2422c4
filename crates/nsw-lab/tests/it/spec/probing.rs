//! Beacon probing where it is of no use.

use expect_test::expect;

use super::check;

#[test]
fn beacon_probing_that_cannot_do_what_it_is_for_is_worth_a_warning() {
    check(
        "\
lab: x
segments: { office: {} }
hosts:
  h:
    vmnics: { vmnic0: { segment: office }, vmnic1: { segment: office }, vmnic2: { segment: office } }
    vswitches:
      vSwitch0:
        uplinks: [vmnic0, vmnic1, vmnic2]
        teaming: { failure-detection: beacon }
        port-groups:
          Good: { vlan: 10 }
          Off: { vlan: 4095, teaming: { failure-detection: link } }
          Trunk: { vlan: 4095 }
          Hash: { teaming: { load-balancing: ip-hash } }
          Two: { teaming: { active: [vmnic0], standby: [vmnic1], failure-detection: beacon } }
",
        &expect![[r#"
            warning 9:39: port group `Trunk` of host `h` has beacon probing and guests that tag, which is not supported
              |         teaming: { failure-detection: beacon }
              |                                       ^^^^^^
              its team goes by links alone: in which VLANs a path must work is not known
            warning 9:39: port group `Hash` of host `h` has beacon probing and IP hash, which do not go together
              |         teaming: { failure-detection: beacon }
              |                                       ^^^^^^
              its team goes by links alone; set failure-detection: link, or another load-balancing
            warning 15:85: port group `Two` of host `h` has beacon probing with fewer than three uplinks
              |           Two: { teaming: { active: [vmnic0], standby: [vmnic1], failure-detection: beacon } }
              |                                                                                     ^^^^^^
              of two paths that miss beacons nobody can tell which is broken: each uplink gets every frame
        "#]],
    );
}
