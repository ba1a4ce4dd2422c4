//! `nsw demo --simulate`.

use expect_test::expect;

use super::fixture::{check, json};

#[test]
fn the_story() {
    check(
        &["demo", "--simulate"],
        &expect![[r#"
            exit code 0
            --- stdout
            Why can the VMs of a nested host not reach the outside?  (in the simulator)

              office ---- laptop 192.168.10.50
                |
                | vmnic0
              +-physical-------------------------------------------------------------+
              | vSwitch0                                                             |
              |   VM Network: app01, app02, sniffer        Nested: nested-1          |
              |                                                       | vmnic0       |
              |                      +-nested-1-----------------------+------------+ |
              |                      | vSwitch0                                    | |
              |                      |   VM Network: web01 192.168.10.31, web02    | |
              |                      +---------------------------------------------+ |
              +----------------------------------------------------------------------+

            The vSwitch of physical knows the MAC address of nested-1, and has never heard of web01's.

            1. everything at Reject
               web01 -> laptop        0 of 1 replies
                 the ARP request of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> web01        0 of 1 replies
                 the ARP request arrived
                 the ARP reply of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> nested-1     1 of 1 replies
               sniffer was given 0 frames that were not for it

            2. method 1: promiscuous mode and forged transmits = Accept on vSwitch0
               web01 -> laptop        1 of 1 replies
               laptop -> web01        1 of 1 replies
               laptop -> nested-1     1 of 1 replies
               sniffer was given 9 frames that were not for it

            3. method 2: the same as an override on port group Nested only
               web01 -> laptop        1 of 1 replies
               laptop -> web01        1 of 1 replies
               laptop -> nested-1     1 of 1 replies
               sniffer was given 0 frames that were not for it

            4. half open: forged transmits = Accept on Nested, promiscuous mode not
               web01 -> laptop        0 of 1 replies
                 the ARP request arrived
                 the ARP reply of laptop died at physical / vSwitch0 / uplink vmnic0
                   DEST_NOT_REGISTERED: no port of this switch is registered for the destination
                   nested-1.vmnic0 asks for every frame: PROMISCUOUS_NOT_GRANTED
                     promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> web01        0 of 1 replies
                 the echo request of laptop died at physical / vSwitch0 / uplink vmnic0
                   DEST_NOT_REGISTERED: no port of this switch is registered for the destination
                   nested-1.vmnic0 asks for every frame: PROMISCUOUS_NOT_GRANTED
                     promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> nested-1     1 of 1 replies
               sniffer was given 0 frames that were not for it

            5. half open: promiscuous mode = Accept on Nested, forged transmits not
               web01 -> laptop        0 of 1 replies
                 the ARP request of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> web01        0 of 1 replies
                 the ARP request arrived
                 the ARP reply of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> nested-1     1 of 1 replies
               sniffer was given 0 frames that were not for it

            6. the third setting alone: MAC address changes = Accept on Nested
               web01 -> laptop        0 of 1 replies
                 the ARP request of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> web01        0 of 1 replies
                 the ARP request arrived
                 the ARP reply of web01 died at physical / vSwitch0 / Nested / nested-1.vmnic0
                   FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
                   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
               laptop -> nested-1     1 of 1 replies
               sniffer was given 0 frames that were not for it

            What this shows
              It takes two settings on the outer host, and both: forged transmits for what web01 sends, promiscuous mode for
              what is sent to it. MAC address changes stood at Reject while everything worked, and opening it alone cured nothing:
              the nested host's own adapter never changes its MAC address.
              Method 2 exposes fewer: a bystander on another port group was given 9 foreign frames under method 1 and 0
              under it.
              `nsw explain FORGED_TRANSMIT` explains a code; `nsw lab up examples/nested.yaml` gives you this lab.
        "#]],
    );
}

#[test]
fn the_story_as_json() {
    let (story, code) = json(&["demo", "--simulate", "--json"]);
    assert_eq!((code, &story["as-told"]), (0, &true.into()));
    let rounds = story["rounds"].as_array().unwrap();
    let first = &rounds[0];
    expect![[r#"
        {
          "bystander-copies": 0,
          "pings": [
            {
              "deaths": [
                {
                  "count": 1,
                  "frame": "ARP request",
                  "place": "physical / vSwitch0 / Nested / nested-1.vmnic0",
                  "policy": "forged transmits = Reject, set on vSwitch0, inherited by port group Nested",
                  "reason": "FORGED_TRANSMIT",
                  "refused": [],
                  "sender": "web01"
                }
              ],
              "from": "web01",
              "report": {
                "duplicates": 0,
                "median-us": null,
                "received": 0,
                "sent": 1
              },
              "to": "laptop"
            },
            {
              "deaths": [
                {
                  "count": 1,
                  "frame": "ARP reply",
                  "place": "physical / vSwitch0 / Nested / nested-1.vmnic0",
                  "policy": "forged transmits = Reject, set on vSwitch0, inherited by port group Nested",
                  "reason": "FORGED_TRANSMIT",
                  "refused": [],
                  "sender": "web01"
                }
              ],
              "from": "laptop",
              "report": {
                "duplicates": 0,
                "median-us": null,
                "received": 0,
                "sent": 1
              },
              "to": "web01"
            },
            {
              "deaths": [],
              "from": "laptop",
              "report": {
                "duplicates": 0,
                "median-us": null,
                "received": 1,
                "sent": 1
              },
              "to": "nested-1"
            }
          ],
          "title": "everything at Reject"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(first).unwrap());
}
