//! The labs that the simulator's tests are about, built by hand so that every MAC is known.

use nsw_core::{Action, Mac, PortGroup, Security, VSwitch, VlanMode};
use nsw_lab::sim::World;
use nsw_lab::topology::{Address, Guest, Host, Lab, Pnic, Segment, Station, Vm, Vmkernel, Vnic};

/// `A/i/R` and the like: promiscuous mode, MAC address changes, forged transmits; `i` inherits.
pub(super) fn policy(text: &str) -> Security<Option<Action>> {
    let values: Vec<Option<Action>> = text
        .split('/')
        .map(|value| match value {
            "A" => Some(Action::Accept),
            "R" => Some(Action::Reject),
            "i" => None,
            _ => panic!("{value} is none of A, R, i"),
        })
        .collect();
    Security { promiscuous: values[0], mac_changes: values[1], forged_transmits: values[2] }
}

pub(super) fn mac(text: &str) -> Mac {
    text.parse().unwrap()
}

/// `192.0.2.<last>/24`.
pub(super) fn address(last: u8) -> Address {
    Address { ip: [192, 0, 2, last].into(), prefix_len: 24 }
}

pub(super) fn vswitch(name: &str, uplinks: &[&str], groups: &[(&str, u16)]) -> VSwitch {
    let groups = groups.iter().map(|(name, vlan)| PortGroup::named(*name, VlanMode::from_id(*vlan).unwrap()));
    VSwitch {
        uplinks: uplinks.iter().map(ToString::to_string).collect(),
        port_groups: groups.collect(),
        ..VSwitch::named(name)
    }
}

pub(super) fn host(name: &str, pnics: &[(&str, Mac)], vswitches: Vec<VSwitch>) -> Host {
    let pnic = |(name, mac): &(&str, Mac)| Pnic { name: (*name).to_owned(), mac: *mac, segment: None };
    Host {
        name: name.to_owned(),
        pnics: pnics.iter().map(pnic).collect(),
        vswitches,
        vmkernels: Vec::new(),
        vms: Vec::new(),
    }
}

/// Cables every physical adapter of the host to `office`.
pub(super) fn on_office(mut host: Host) -> Host {
    for pnic in &mut host.pnics {
        pnic.segment = Some("office".to_owned());
    }
    host
}

pub(super) fn vmk(port_group: &str, mac: Mac, last: u8) -> Vmkernel {
    let port_group = port_group.to_owned();
    Vmkernel { name: "vmk0".to_owned(), port_group, mac, addresses: vec![address(last)] }
}

pub(super) fn nic(name: &str, port_group: &str, mac: Mac) -> Vnic {
    Vnic {
        name: name.to_owned(),
        port_group: port_group.to_owned(),
        mac,
        guest_mac: None,
        promiscuous: false,
        vlan: 0,
        addresses: Vec::new(),
    }
}

pub(super) fn vm(name: &str, port_group: &str, mac: Mac, last: u8) -> Vm {
    let nic = Vnic { addresses: vec![address(last)], ..nic("eth0", port_group, mac) };
    Vm { name: name.to_owned(), nics: vec![nic], guest: Guest::Os }
}

/// The VM around a host: an adapter for each physical adapter of it, on this port group.
pub(super) fn nested(host: Host, port_group: &str) -> Vm {
    let nics = host.pnics.iter().map(|pnic| nic(&pnic.name, port_group, pnic.mac)).collect();
    Vm { name: host.name.clone(), nics, guest: Guest::Host(Box::new(host)) }
}

pub(super) fn office(stations: &[(&str, Mac, u8)]) -> Segment {
    let station = |(name, mac, last): &(&str, Mac, u8)| Station {
        name: (*name).to_owned(),
        mac: *mac,
        vlan: 0,
        addresses: vec![address(*last)],
    };
    Segment { name: "office".to_owned(), stations: stations.iter().map(station).collect() }
}

pub(super) fn lab(hosts: Vec<Host>) -> Lab {
    let laptop = ("laptop", mac("00:1b:21:00:00:50"), 50);
    Lab { name: "test".to_owned(), segments: vec![office(&[laptop])], hosts }
}

/// A nested host with `web01` and `web02`, and `vmk0` under the MAC of `vmnic0`.
pub(super) fn nested_host(name: &str, number: u8) -> Host {
    let pnic = Mac::new([0x00, 0x50, 0x56, 0x01, 0x00, number]);
    let inner = |vm: u8| Mac::new([0x00, 0x50, 0x56, 0xaa, number, vm]);
    let mut host =
        host(name, &[("vmnic0", pnic)], vec![vswitch("vSwitch0", &["vmnic0"], &[("VM Network", 0)])]);
    let base = number * 10;
    host.vmkernels.push(vmk("VM Network", pnic, 100 + base));
    host.vms.push(vm(&format!("web{number}1"), "VM Network", inner(1), 100 + base + 1));
    host.vms.push(vm(&format!("web{number}2"), "VM Network", inner(2), 100 + base + 2));
    host
}

/// `physical` with `app01`, `app02`, a sniffer, and the nested hosts; all in VLAN 0.
pub(super) fn physical(inner: Vec<Host>) -> Host {
    let groups = [("Management Network", 0), ("VM Network", 0), ("Nested", 0)];
    let pnic = mac("00:25:90:00:00:01");
    let mut host =
        on_office(host("physical", &[("vmnic0", pnic)], vec![vswitch("vSwitch0", &["vmnic0"], &groups)]));
    host.vmkernels.push(vmk("Management Network", pnic, 11));
    host.vms.push(vm("app01", "VM Network", mac("00:50:56:00:00:21"), 21));
    host.vms.push(vm("app02", "VM Network", mac("00:50:56:00:00:22"), 22));
    let mut sniffer = vm("sniffer", "VM Network", mac("00:50:56:00:00:29"), 29);
    sniffer.nics[0].promiscuous = true;
    host.vms.push(sniffer);
    host.vms.extend(inner.into_iter().map(|host| nested(host, "Nested")));
    host
}

/// The classic lab: one nested host on one physical host, everything at its default, which is Reject.
pub(super) fn classic() -> World {
    World::new(&lab(vec![physical(vec![nested_host("nested-1", 1)])])).unwrap()
}
