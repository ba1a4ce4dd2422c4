//! `nsw reach` and `nsw exposure` over the examples.

use expect_test::expect;

use super::fixture::{check, stdout};

#[test]
fn reach_of_the_fault() {
    check(
        &["reach", "examples/nested.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
                           1  2  3  4  5  6  7  8
                   laptop     x  x  x  x  x  -  -  1
            physical/vmk0  x     x  x  x  x  -  -  2
               app01/eth0  x  x     x  x  x  -  -  3
               app02/eth0  x  x  x     x  x  -  -  4
             sniffer/eth0  x  x  x  x     x  -  -  5
            nested-1/vmk0  x  x  x  x  x     x  x  6
               web01/eth0  -  -  -  -  -  x     x  7
               web02/eth0  -  -  -  -  -  x  x     8

            x: reaches, >: one way only, -: does not reach, .: no IP network in common

            8 end points with an address, 56 ordered pairs, 34 of them asked
                        36  REACHABLE
                        20  UNREACHABLE

            what is in the way, most pairs first
                        10  FORGED_TRANSMIT at physical / vSwitch0 / Nested (ARP reply)
                        10  FORGED_TRANSMIT at physical / vSwitch0 / Nested (ARP request)
        "#]],
    );
}

// Method 1 lets the other port group's sniffer read everything and everybody there pretend; method 2 does not.
#[test]
fn exposure_of_the_two_methods() {
    check(
        &["exposure", "examples/nested-method1.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
             port group          on        reads now   at worst    can send as now  at worst
             (nested hosts)      nested-1  everything  everything  everything       everything
             (stations)          outside   nobody      nobody      everything       everything
             Management Network  physical  nobody      nobody      everything       everything
             Management Network  nested-1  nobody      nobody      nobody           nobody
             VM Network          physical  everything  everything  everything       everything
             VM Network          nested-1  nobody      nobody      nobody           nobody

            nobody; group: those of its own port group on its host; everything: others too
            now: 10 pairs of a reader and whom it reads, 35 of a sender and as whom
            at worst: 22 pairs of a reader and whom it reads, 35 of a sender and as whom
        "#]],
    );
    check(
        &["exposure", "examples/nested-method2.yaml"],
        &expect![[r#"
            exit code 1
            --- stdout
             port group          on        reads now   at worst    can send as now  at worst
             (nested hosts)      nested-1  everything  everything  everything       everything
             (stations)          outside   nobody      nobody      everything       everything
             Management Network  2 hosts   nobody      nobody      nobody           nobody
             VM Network          2 hosts   nobody      nobody      nobody           nobody

            nobody; group: those of its own port group on its host; everything: others too
            now: 4 pairs of a reader and whom it reads, 7 of a sender and as whom
            at worst: 4 pairs of a reader and whom it reads, 7 of a sender and as whom
        "#]],
    );
    check(
        &["exposure", "examples/nested-method1.yaml", "app01"],
        &expect![[r#"
            exit code 1
            --- stdout
            app01/eth0
              now
                is read by nested-1, sniffer/eth0
                reads nobody
                can be impersonated by app02/eth0, nested-1, physical/vmk0, sniffer/eth0
                can send as app02/eth0, laptop, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
              at worst
                is read by app02/eth0, nested-1, sniffer/eth0
                reads app02/eth0, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
                can be impersonated by app02/eth0, nested-1, physical/vmk0, sniffer/eth0
                can send as app02/eth0, laptop, nested-1/vmk0, physical/vmk0, sniffer/eth0, web01/eth0, web02/eth0
        "#]],
    );
}

#[test]
fn nobody_of_that_name() {
    let (text, code) = stdout(&["exposure", "examples/nested.yaml", "app1"]);
    assert_eq!((text.as_str(), code), ("", 2));
}
