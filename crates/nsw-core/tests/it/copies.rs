//! Tables told to others: as an image, for an engine that decides from a copy of them, and as behaviours, for whoever counts
//! alike ports once. Both promise to leave out nothing that deciding reads.

use std::collections::BTreeMap;

use nsw_core::{
    Action, Adapter, AllowedMac, CdpStatus, Client, LoadBalancing, Mac, ParseMacError, PortGroup, PortId,
    Switch, Tables, TeamMonitor, VSwitch, VlanMode,
};

use crate::fixture::World;
use crate::properties::{changed, for_every_moment, hold, outcome};

const WORLDS: u32 = 1_000;

/// Policies are opened and closed in turn: where that changes no image, it changes no decision either.
#[test]
fn tables_with_equal_images_decide_alike() {
    for_every_moment(WORLDS, |moment| {
        let before = outcome(moment.tables, &moment);
        for action in [Action::Accept, Action::Reject] {
            let opened = changed(moment.switch, |security| {
                security.promiscuous = Some(action);
                security.forged_transmits = Some(action);
            });
            for tables in opened.iter().map(Switch::compile) {
                let equal = tables.image() == moment.tables.image();
                hold(!equal || outcome(&tables, &moment) == before, "equal images, another outcome")?;
            }
        }
        Ok(())
    });
}

#[test]
fn an_image_says_of_each_port_what_is_applied_to_it() {
    for_every_moment(WORLDS, |moment| {
        let tables = moment.tables;
        let image = tables.image();
        hold(image.ports.iter().map(|port| port.id).eq(tables.port_ids()), "other ports")?;
        for port in &image.ports {
            let applied = tables.applied(port.id).ok_or("a port that is not there")?;
            let connected = moment.switch.port(port.id).ok_or("a port that is not connected")?;
            let uplink = port.assigned.map(|slot| slot as usize);
            let same = (port.mac, port.promiscuous, port.rx_closed, port.tx_closed, uplink)
                == (
                    applied.mac,
                    applied.promiscuous,
                    applied.rx_closed,
                    applied.tx_closed,
                    applied.team_uplink.map(PortId::slot),
                );
            hold(same, "an image of a port differs from what is applied")?;
            hold(
                (port.client, port.link_up) == (connected.adapter.client, connected.link_up),
                "another port",
            )?;
            let name = port.group.map(|group| moment.switch.config().port_groups[group].name.as_str());
            hold(name == tables.port_group_name(port.id), "another port group")?;
            let learning = port.group.and_then(|group| image.groups[group].learning);
            hold(learning == tables.learns(port.id), "another way to learn")?;
            hold(!port.filtered || port.promiscuous, "a filter without promiscuous mode")?;
            hold(image.remembers || port.memory_ns.is_none(), "remembered, and the switch says nothing is")?;
        }
        Ok(())
    });
}

/// An address is registered where a connected adapter with a link has it, or an allow-list names it, and nowhere else.
#[test]
fn what_is_registered_is_the_same_in_tables_images_and_ports() {
    for_every_moment(WORLDS, |moment| {
        let mut owners: BTreeMap<Mac, Vec<PortId>> = BTreeMap::new();
        for (mac, port) in moment.tables.registered() {
            owners.entry(mac).or_default().push(port);
        }
        let image = moment.tables.image();
        hold(image.owners.len() == owners.len(), "an image has other addresses")?;
        for (mac, slots) in &image.owners {
            let ports: Vec<PortId> = moment.tables.registered_on(*mac).collect();
            hold(owners.get(mac) == Some(&ports), "one address, two lists of ports")?;
            hold(
                slots.iter().map(|slot| *slot as usize).eq(ports.iter().map(|id| id.slot())),
                "other slots",
            )?;
        }
        for port in moment.switch.ports().filter(|port| port.adapter.client != Client::Uplink) {
            let mac = moment.tables.applied(port.id).map(|applied| applied.mac).ok_or("no port")?;
            let registered = moment.tables.registered_on(mac).any(|id| id == port.id);
            hold(registered == port.link_up, "a port and its address disagree about the link")?;
        }
        Ok(())
    });
}

/// Who joined a group is in the list of that group, or in that of hashes; the VLANs are those of the ports.
#[test]
fn an_image_lists_the_groups_that_were_joined() {
    let switch = World::switch(
        "
        switch vSwitch0
          port-group A  vlan 10
            vnic a0  00:50:56:00:00:01  joins 01:00:5e:00:00:07
            vnic a1  00:50:56:00:00:02  joins 01:00:5e:00:00:07
          port-group T  vlan 4095
            vnic t0  00:50:56:00:00:03  joins 01:00:5e:00:00:08
        ",
    );
    let tables = switch.compile();
    let image = tables.image();
    let joined = |vlan: Option<u16>| -> Vec<(Mac, Vec<u32>)> {
        let of_vlan = image.members.iter().find(|(of, _)| of.map(nsw_core::VlanId::get) == vlan);
        let lists = of_vlan.unwrap().1.joined();
        lists.map(|(group, slots)| (group, slots.to_vec())).collect()
    };
    assert_eq!(joined(Some(10)), [("01:00:5e:00:00:07".parse().unwrap(), vec![0, 1])]);
    assert_eq!(joined(None), [("01:00:5e:00:00:08".parse().unwrap(), vec![2])]);
    assert_eq!(image.members.len(), 2);
}

/// Two uplinks, and the guests a0 and a1 in port group A and b0 in B.
fn switch_with(edit: impl FnOnce(&mut VSwitch)) -> (Switch, [PortId; 3]) {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks = vec!["vmnic0".to_string(), "vmnic1".to_string()];
    config.port_groups = ["A", "B"].map(|name| PortGroup::named(name, VlanMode::Est)).to_vec();
    edit(&mut config);
    let mut switch = Switch::new(config, 1).unwrap();
    for (n, name) in (0..).zip(["vmnic0", "vmnic1"]) {
        switch.connect(Adapter::uplink(name, station(200 + n))).unwrap();
    }
    let mut connect =
        |name: &str, group: &str, n| switch.connect(Adapter::vnic(name, group, station(n))).unwrap();
    let ids = [connect("a0", "A", 1), connect("b0", "B", 2), connect("a1", "A", 3)];
    (switch, ids)
}

fn tables_with(edit: impl FnOnce(&mut VSwitch)) -> (Tables, [PortId; 3]) {
    let (switch, ids) = switch_with(edit);
    (switch.compile(), ids)
}

fn station(n: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0, 0, n])
}

#[test]
fn two_ports_of_one_port_group_and_one_uplink_behave_alike_whatever_their_addresses() {
    let (tables, [a0, b0, a1]) = tables_with(|_| {});
    assert_eq!(tables.behaviour(a0), tables.behaviour(a1));
    assert_ne!(tables.behaviour(a0), tables.behaviour(b0), "another port group, another uplink");
    assert_eq!(tables.behaviour(PortId::from_number(0)), None);
}

/// What a behaviour must not leave out: each of these makes deciding about the one port another matter.
#[test]
fn a_port_that_asks_for_something_else_behaves_differently() {
    let base = "
        switch vSwitch0
          port-group A  promiscuous accept  mac-changes accept
            vnic a0  00:50:56:00:00:01
            vnic a1  00:50:56:00:00:02
        ";
    let differs = |event: &str| {
        let switch = World::switch(&format!("{base}{event}\n"));
        let tables = switch.compile();
        let id = |name| switch.port_named(name).unwrap().id;
        tables.behaviour(id("a0")) != tables.behaviour(id("a1"))
    };
    assert!(!differs(""));
    for event in ["guest a1  asks promiscuous", "guest a1  all-multicast", "link a1 down"] {
        assert!(differs(event), "{event}");
    }
    assert!(!differs("guest a1  guest-mac 00:50:56:00:00:99"), "an honoured change is another address only");
}

#[test]
fn a_vswitch_behaves_by_its_mtu_its_options_and_its_uplinks() {
    let plain = || tables_with(|_| {}).0.switch_behaviour();
    assert_eq!(plain(), plain());
    let edits: [fn(&mut VSwitch); 3] = [
        |config| config.mtu = 9_000,
        |config| config.options.reverse_filter = false,
        |config| config.options.block_guest_bpdu = Some(true),
    ];
    for edit in edits {
        assert_ne!(tables_with(edit).0.switch_behaviour(), plain());
    }
}

#[test]
fn a_behaviour_says_whether_its_team_hashes_and_over_how_many() {
    let hashed = |load_balancing| {
        let (tables, [a0, ..]) = tables_with(|config| config.teaming.load_balancing = Some(load_balancing));
        tables.behaviour(a0).and_then(|behaviour| behaviour.hashed_over())
    };
    assert_eq!(hashed(LoadBalancing::SourceMac), Some((LoadBalancing::SourceMac, 2)));
    assert_eq!(hashed(LoadBalancing::IpHash), Some((LoadBalancing::IpHash, 2)));
    assert_eq!(hashed(LoadBalancing::PortId), None);
    assert_eq!(hashed(LoadBalancing::ExplicitFailover), None);
}

#[test]
fn a_behaviour_lists_the_prefixes_of_its_allow_list_and_no_exact_entry() {
    let prefix = AllowedMac::Oui([0, 0x0c, 0x29]);
    let allowed = vec![AllowedMac::Exact(station(9)), prefix];
    let (tables, [a0, ..]) = tables_with(|config| config.beyond.allowed_macs = Some(allowed));
    assert_eq!(tables.behaviour(a0).unwrap().prefixes().collect::<Vec<_>>(), [prefix]);
}

#[test]
fn only_a_closed_port_or_one_with_a_reverse_filter_may_refuse() {
    let may_refuse = |edit: fn(&mut VSwitch)| {
        let (tables, [a0, ..]) = tables_with(edit);
        tables.behaviour(a0).unwrap().may_refuse()
    };
    assert!(may_refuse(|_| {}), "two uplinks and the filter on");
    assert!(!may_refuse(|config| config.options.reverse_filter = false));
    let closed = World::switch(
        "
        switch vSwitch0  mac-changes reject
          port-group A
            vnic a0  00:50:56:00:00:01  guest-mac 00:50:56:00:00:99
        ",
    );
    let id = closed.port_named("a0").unwrap().id;
    assert!(closed.compile().behaviour(id).unwrap().may_refuse());
}

/// A host that was running before it is looked at has been announced long ago.
#[test]
fn ports_that_are_assumed_known_are_not_announced() {
    let announced = |known: bool| {
        let (mut switch, _) = switch_with(|_| {});
        let mut monitor = TeamMonitor::new();
        if known {
            monitor.assume_known(&switch.compile());
        }
        let tables = monitor.compile(&mut switch, 0);
        let mut frames = 0;
        monitor.send_due(&switch, &tables, 0, &mut |_, _| frames += 1);
        frames
    };
    assert_eq!((announced(false), announced(true)), (3, 0));
}

/// The words stand in lab files and in what people read, so they do not change.
#[test]
fn words_that_others_rely_on() {
    assert_eq!(CdpStatus::ALL.map(CdpStatus::name), ["down", "listen", "advertise", "both"]);
    let policies = [
        LoadBalancing::PortId,
        LoadBalancing::SourceMac,
        LoadBalancing::IpHash,
        LoadBalancing::ExplicitFailover,
    ];
    let words = ["originating virtual port", "source MAC hash", "IP hash", "explicit failover order"];
    assert_eq!(policies.map(|policy| policy.to_string()), words);
    let hint = "a MAC address is six octets in hexadecimal, as in 00:50:56:aa:00:07";
    assert_eq!(ParseMacError.to_string(), hint);
    assert_eq!(tables_with(|_| {}).0.name(), "vSwitch0");
}
