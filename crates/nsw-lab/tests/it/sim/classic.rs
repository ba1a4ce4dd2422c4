//! The classic lab: what each of the two cures on the outer host does, alone and together.

use expect_test::expect;

use super::check;
use super::labs::{classic, policy};

#[test]
fn reject_everywhere_the_inner_vm_is_cut_off() {
    check(
        &classic(),
        "web11",
        "laptop",
        &expect![[r#"
            1 ARP request  web11/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web11.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is the effective MAC
                destination is broadcast
                deliver to vmk0
                deliver to web12.eth0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is not the effective MAC 00:50:56:01:00:01
                drop FORGED_TRANSMIT: the source is not the port's effective MAC and forged transmits are rejected (forged transmits = Reject, default of vSwitch0, inherited by port group Nested)
              died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT (forged transmits = Reject, default of vSwitch0, inherited by port group Nested)
            2 ARP reply: not sent
            3 echo request: not sent
            4 echo reply: not sent
            web11/eth0 -> laptop: ARP request died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT (forged transmits = Reject, default of vSwitch0, inherited by port group Nested)
            laptop -> web11/eth0: nothing to answer
        "#]],
    );
}

#[test]
fn method_1() {
    let mut world = classic();
    world.set_security("physical", "vSwitch0", None, policy("A/R/A")).unwrap();
    check(
        &world,
        "web11",
        "laptop",
        &expect![[r#"
            1 ARP request  web11/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web11.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is the effective MAC
                destination is broadcast
                deliver to vmk0
                deliver to web12.eth0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination is broadcast
                deliver to vmk0
                deliver to app01.eth0
                deliver to app02.eth0
                deliver to sniffer.eth0
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to every other port
              arrived at laptop
            2 ARP reply  laptop -> web11/eth0
              segment office
                comes from laptop: to physical/vmnic0, where the destination was learned
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:aa:01:01 is registered on no port of VLAN 0
                copy to sniffer.eth0, in promiscuous mode
                copy to nested-1.vmnic0, in promiscuous mode
              nested-1 / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:aa:01:01 is registered on web11.eth0
                deliver to web11.eth0
              arrived at web11/eth0
            3 echo request  web11/eth0 -> laptop
              nested-1 / vSwitch0
                enters vSwitch0 by web11.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is the effective MAC
                destination 00:1b:21:00:00:50 is registered on no port of VLAN 0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination 00:1b:21:00:00:50 is registered on no port of VLAN 0
                copy to sniffer.eth0, in promiscuous mode
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to laptop, where the destination was learned
              arrived at laptop
            4 echo reply  laptop -> web11/eth0
              segment office
                comes from laptop: to physical/vmnic0, where the destination was learned
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:aa:01:01 is registered on no port of VLAN 0
                copy to sniffer.eth0, in promiscuous mode
                copy to nested-1.vmnic0, in promiscuous mode
              nested-1 / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:aa:01:01 is registered on web11.eth0
                deliver to web11.eth0
              arrived at web11/eth0
            web11/eth0 -> laptop: arrives
            laptop -> web11/eth0: arrives
        "#]],
    );
}

#[test]
fn forged_only() {
    let mut world = classic();
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("R/R/A")).unwrap();
    check(
        &world,
        "web11",
        "laptop",
        &expect![[r#"
            1 ARP request  web11/eth0 -> broadcast
              nested-1 / vSwitch0
                enters vSwitch0 by web11.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is the effective MAC
                destination is broadcast
                deliver to vmk0
                deliver to web12.eth0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is not the effective MAC 00:50:56:01:00:01; forged transmits = Accept
                destination is broadcast
                deliver to vmk0
                deliver to app01.eth0
                deliver to app02.eth0
                deliver to sniffer.eth0
                leave by uplink vmnic0
              segment office
                comes from physical/vmnic0: to every other port
              arrived at laptop
            2 ARP reply  laptop -> web11/eth0
              segment office
                comes from laptop: to physical/vmnic0, where the destination was learned
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination 00:50:56:aa:01:01 is registered on no port of VLAN 0
                refuse sniffer.eth0: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, default of vSwitch0, inherited by port group VM Network)
                refuse nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group Nested)
                drop DEST_NOT_REGISTERED: no port of this switch is registered for the destination
              died at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED (no port of this switch is registered for the destination)
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group Nested)
            3 echo request: not sent
            4 echo reply: not sent
            web11/eth0 -> laptop: arrives
            laptop -> web11/eth0: ARP reply died at physical / vSwitch0 / vmnic0: DEST_NOT_REGISTERED (no port of this switch is registered for the destination)
              because physical / vSwitch0 / Nested / nested-1.vmnic0: PROMISCUOUS_NOT_GRANTED (promiscuous mode = Reject, set on port group Nested)
        "#]],
    );
}

#[test]
fn promiscuous_only() {
    let mut world = classic();
    world.set_security("physical", "vSwitch0", Some("Nested"), policy("A/R/R")).unwrap();
    check(
        &world,
        "laptop",
        "web11",
        &expect![[r#"
            1 ARP request  laptop -> broadcast
              segment office
                comes from laptop: to every other port
              physical / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination is broadcast
                deliver to vmk0
                deliver to app01.eth0
                deliver to app02.eth0
                deliver to sniffer.eth0
                deliver to nested-1.vmnic0
              nested-1 / vSwitch0
                enters vSwitch0 by uplink vmnic0
                untagged: VLAN 0
                destination is broadcast
                deliver to vmk0
                deliver to web11.eth0
                deliver to web12.eth0
              arrived at web11/eth0
            2 ARP reply  web11/eth0 -> laptop
              nested-1 / vSwitch0
                enters vSwitch0 by web11.eth0, port group VM Network
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is the effective MAC
                destination 00:1b:21:00:00:50 is registered on no port of VLAN 0
                leave by uplink vmnic0
              physical / vSwitch0
                enters vSwitch0 by nested-1.vmnic0, port group Nested
                untagged: VLAN 0
                source 00:50:56:aa:01:01 is not the effective MAC 00:50:56:01:00:01
                drop FORGED_TRANSMIT: the source is not the port's effective MAC and forged transmits are rejected (forged transmits = Reject, set on port group Nested)
              died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT (forged transmits = Reject, set on port group Nested)
            3 echo request: not sent
            4 echo reply: not sent
            laptop -> web11/eth0: arrives
            web11/eth0 -> laptop: ARP reply died at physical / vSwitch0 / Nested / nested-1.vmnic0: FORGED_TRANSMIT (forged transmits = Reject, set on port group Nested)
        "#]],
    );
}
