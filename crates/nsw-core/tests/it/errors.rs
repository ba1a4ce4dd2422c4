//! Configurations that contradict themselves, and events that do not fit: the error names the object, nothing changes.

use expect_test::expect;

use nsw_core::{Adapter, GuestRequest, Mac, ModelError, PortId, Switch};

use crate::fixture::{World, check_error};

#[test]
fn two_port_groups_of_one_name() {
    check_error(
        "
        switch vSwitch0
          port-group Web
          port-group Web  vlan 10
        ",
        &expect![[r#"
            switch vSwitch0
            vSwitch `vSwitch0` has two port groups named `Web`
        "#]],
    );
}

#[test]
fn an_uplink_listed_twice() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
          uplink vmnic0
        ",
        &expect![[r#"
            switch vSwitch0
            vSwitch `vSwitch0` lists uplink `vmnic0` twice
        "#]],
    );
}

#[test]
fn a_failover_order_of_the_vswitch_that_names_a_stranger() {
    check_error(
        "
        switch vSwitch0  active vmnic0,vmnic7
          uplink vmnic0
        ",
        &expect![[r#"
            switch vSwitch0  active vmnic0,vmnic7
            the failover order of vSwitch `vSwitch0` names `vmnic7`, which is no uplink of vSwitch `vSwitch0`
        "#]],
    );
}

#[test]
fn a_failover_order_of_a_port_group_that_names_a_stranger() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  standby vmnic7
        ",
        &expect![[r#"
            switch vSwitch0
            the failover order of port group `Web` names `vmnic7`, which is no uplink of vSwitch `vSwitch0`
        "#]],
    );
}

#[test]
fn an_uplink_both_active_and_standby() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web  active vmnic0  standby vmnic0
        ",
        &expect![[r#"
            switch vSwitch0
            the failover order of port group `Web` names uplink `vmnic0` twice
        "#]],
    );
}

#[test]
fn an_adapter_on_a_group_address() {
    check_error(
        "
        switch vSwitch0
          port-group Web
            vnic web01  01:00:5e:00:00:07
        ",
        &expect![[r#"
            vnic web01  01:00:5e:00:00:07
            port `web01` cannot have MAC address 01:00:5e:00:00:07: it is a group address or zero
        "#]],
    );
}

#[test]
fn an_adapter_on_the_zero_address() {
    check_error(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:00:00:00:00:00
        ",
        &expect![[r#"
            vnic web01  00:00:00:00:00:00
            port `web01` cannot have MAC address 00:00:00:00:00:00: it is a group address or zero
        "#]],
    );
}

#[test]
fn a_guest_that_programs_a_group_address() {
    check_error(
        "
        switch vSwitch0  mac-changes accept
          port-group Web
            vnic web01  00:50:56:00:00:01
        guest web01  guest-mac 01:00:5e:00:00:07
        ",
        &expect![[r#"
            guest web01  guest-mac 01:00:5e:00:00:07
            port `web01` cannot have MAC address 01:00:5e:00:00:07: it is a group address or zero
        "#]],
    );
}

#[test]
fn two_ports_of_one_name() {
    check_error(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web01  00:50:56:00:00:02
        ",
        &expect![[r#"
            vnic web01  00:50:56:00:00:02
            vSwitch `vSwitch0` has a port named `web01` already
        "#]],
    );
}

#[test]
fn taking_away_the_port_group_of_a_connected_port() {
    check_error(
        "
        switch vSwitch0
          port-group Web
            vnic web01  00:50:56:00:00:01
        set no-port-group Web
        ",
        &expect![[r#"
            set no-port-group Web
            port `web01` connects to port group `Web`, which vSwitch `vSwitch0` does not have
        "#]],
    );
}

#[test]
fn taking_away_a_connected_uplink() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
        set no-uplink vmnic0
        ",
        &expect![[r#"
            set no-uplink vmnic0
            `vmnic0` is no uplink of vSwitch `vSwitch0`
        "#]],
    );
}

#[test]
fn a_change_that_contradicts_the_rest() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
        set port-group Web  active vmnic7
        ",
        &expect![[r#"
            set port-group Web  active vmnic7
            the failover order of port group `Web` names `vmnic7`, which is no uplink of vSwitch `vSwitch0`
        "#]],
    );
}

fn mac(last: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0, 0, last])
}

#[test]
fn an_adapter_on_a_port_group_that_is_not_there() {
    let mut switch = World::switch("switch vSwitch0");
    let error = switch.connect(Adapter::vnic("web01", "Web", mac(1))).unwrap_err();
    let expected = "port `web01` connects to port group `Web`, which vSwitch `vSwitch0` does not have";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_physical_adapter_that_the_vswitch_does_not_list() {
    let mut switch = World::switch("switch vSwitch0");
    let error = switch.connect(Adapter::uplink("vmnic0", mac(1))).unwrap_err();
    assert_eq!(error.to_string(), "`vmnic0` is no uplink of vSwitch `vSwitch0`");
}

#[test]
fn every_event_of_a_port_that_is_not_there() {
    let mut switch = World::switch("switch vSwitch0");
    let nobody = PortId::from_number(0x0100_0007);
    let expected = ModelError::NoSuchPort { vswitch: "vSwitch0".to_string(), id: nobody };
    assert_eq!(switch.disconnect(nobody).unwrap_err(), expected);
    assert_eq!(switch.set_link(nobody, false).unwrap_err(), expected);
    assert_eq!(switch.set_guest_request(nobody, GuestRequest::unicast(mac(1))).unwrap_err(), expected);
    assert_eq!(expected.to_string(), "vSwitch `vSwitch0` has no port 16777223");
}

#[test]
fn a_failed_event_changes_nothing() {
    let mut switch = World::switch(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
        ",
    );
    let before = format!("{switch:?}");
    let mut config = switch.config().clone();
    config.port_groups.clear();
    switch.reconfigure(config).unwrap_err();
    switch.connect(Adapter::vnic("web01", "Web", mac(2))).unwrap_err();
    switch.connect(Adapter::vnic("web02", "Db", mac(2))).unwrap_err();
    switch.set_link(PortId::from_number(7), false).unwrap_err();
    assert_eq!(format!("{switch:?}"), before);
}

// N-3: an uplink takes a port, too.
#[test]
fn a_vswitch_with_a_fixed_number_of_ports_is_full_at_some_time() {
    check_error(
        "
        switch vSwitch0  ports 2
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        ",
        &expect![[r#"
            vnic web02  00:50:56:00:00:02
            vSwitch `vSwitch0` has no port left: it has 2, uplinks included
        "#]],
    );
}

#[test]
fn ports_in_use_cannot_be_taken_away() {
    check_error(
        "
        switch vSwitch0
          uplink vmnic0
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
        set switch  ports 3
        set switch  ports 2
        ",
        &expect![[r#"
            set switch  ports 2
            vSwitch `vSwitch0` has no port left: it has 2, uplinks included
        "#]],
    );
}

#[test]
fn a_port_that_is_left_is_taken_next_the_lowest_first_and_its_name_is_free() {
    let mut switch = World::switch(
        "
        switch vSwitch0  ports 3
          port-group Web
            vnic web01  00:50:56:00:00:01
            vnic web02  00:50:56:00:00:02
            vnic web03  00:50:56:00:00:03
        ",
    );
    let [first, second, third] = [1, 2, 3].map(|n| switch.port_named(&format!("web0{n}")).unwrap().id);
    for id in [third, first] {
        switch.disconnect(id).unwrap();
    }
    assert!(switch.port_named("web01").is_none());
    assert_eq!(switch.port_named("web02").map(|port| port.id), Some(second));
    let connect =
        |switch: &mut Switch, name: &str, n| switch.connect(Adapter::vnic(name, "Web", mac(n))).unwrap();
    assert_eq!(connect(&mut switch, "web03", 3), first);
    assert_eq!(connect(&mut switch, "web01", 1), third);
    assert_eq!(switch.port_named("web03").map(|port| port.id), Some(first));
}
