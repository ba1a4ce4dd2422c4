//! Whole answers, as somebody reads them.

use expect_test::expect;

use super::check;
use crate::examples::example;

#[test]
fn why_web01_does_not_reach_the_laptop() {
    check(
        &example("nested.yaml"),
        "web01",
        "laptop",
        &expect![[r#"
            web01/eth0 -> laptop: UNREACHABLE

            What is sent
              1 ARP request   web01/eth0 -> laptop  died
              2 ARP reply     laptop -> web01/eth0  not sent
              3 echo request  web01/eth0 -> laptop  not sent
              4 echo reply    laptop -> web01/eth0  not sent

            Where the first frame dies: the ARP request of web01/eth0
              place     host physical (not nested), vSwitch0, port group Nested, port nested-1.vmnic0
              reason    FORGED_TRANSMIT: the source is not the effective MAC and forged transmits are rejected
              setting   forged transmits = Reject, set on vSwitch0, inherited by port group Nested
              line      lab.yaml, line 22
              facts     the source is 00:50:56:23:5f:9e, the port's effective MAC is 00:50:56:01:00:01

            The other way would fail too: the echo reply of laptop
              place     host physical (not nested), vSwitch0, port vmnic0
              reason    DEST_NOT_REGISTERED: no port of this switch is registered for the destination
              facts     the destination 00:50:56:23:5f:9e is registered on no port of VLAN 0
              because   nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED: the guest asks for promiscuous mode and the
                        policy rejects it
              setting   promiscuous mode = Reject, set on vSwitch0, inherited by port group Nested
              line      lab.yaml, line 22

            What to do, least exposure first
              Each was tried in the simulator: both directions work, the 36 other pairs that work now still do,
              and no part of it can be left out.
              1 allow-list (not vSphere), on the port group
                  physical / Nested: allow 00:50:56:23:5f:9e
                  newly: 0 pairs read, 0 can send as another, 0 findings; copies 0 -> 0
              2 MAC learning with a limit, on the port group
                  physical / Nested: forged transmits = Accept
                  physical / Nested: MAC learning, at most 8 addresses a port, no flooding
                  newly: 0 pairs read, 5 can send as another, 1 finding; copies 0 -> 0
              3 sink port, on the port group
                  physical / Nested: forged transmits = Accept
                  physical / Nested: sink = yes
                  newly: 4 pairs read, 5 can send as another, 2 findings; copies 0 -> 0
              4 security policy, on the port group
                  physical / Nested: forged transmits = Accept
                  physical / Nested: promiscuous mode = Accept
                  newly: 4 pairs read, 5 can send as another, 2 findings; copies 0 -> 0
              5 security policy, on the whole vSwitch
                  physical / vSwitch0: forged transmits = Accept
                  physical / vSwitch0: promiscuous mode = Accept
                  newly: 22 pairs read, 33 can send as another, 2 findings; copies 0 -> 1
              or else a router or NAT in the nested host, whose own address nested-1/vmk0 was seen to get
                through. A lab file has no routers: that it routes was not tried.
            Diffs, commands, what each opens, how to undo it:  nsw fix lab.yaml web01 laptop
            Write one into the file:  nsw fix lab.yaml web01 laptop --apply 1
        "#]],
    );
}
