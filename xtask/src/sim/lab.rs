//! A random nested lab, written as a lab file: so a failure can be shown, kept, and opened with `nsw`.
//!
//! The draw is made from a seed and a [`Size`]; the same two give the same text. A smaller size gives another, smaller
//! lab, which is how a failure shrinks.

use std::fmt::Write as _;

use super::draw::Draw;

/// How large a lab may become; each number is the most that is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Size {
    /// Physical hosts.
    pub(crate) hosts: u32,
    /// Levels of nested hosts inside a physical one.
    pub(crate) depth: u32,
    /// Nested hosts inside one host.
    pub(crate) nested: u32,
    /// vSwitches of a host.
    pub(crate) vswitches: u32,
    /// Port groups of a vSwitch.
    pub(crate) groups: u32,
    /// Uplinks of a host.
    pub(crate) uplinks: u32,
    /// Ordinary VMs of a host.
    pub(crate) vms: u32,
    /// Stations of a segment.
    pub(crate) stations: u32,
}

impl Size {
    /// What is drawn unless a failure is being shrunk.
    pub(crate) const FULL: Self =
        Self { hosts: 3, depth: 3, nested: 2, vswitches: 2, groups: 3, uplinks: 3, vms: 2, stations: 2 };

    /// The sizes that are smaller by one in one place.
    pub(crate) fn smaller(self) -> impl Iterator<Item = Self> {
        let one_less: [Field; 8] = [
            |size| (&mut size.hosts, 1),
            |size| (&mut size.depth, 0),
            |size| (&mut size.nested, 1),
            |size| (&mut size.vswitches, 1),
            |size| (&mut size.groups, 1),
            |size| (&mut size.uplinks, 1),
            |size| (&mut size.vms, 1),
            |size| (&mut size.stations, 1),
        ];
        one_less.into_iter().filter_map(move |field| {
            let mut size = self;
            let (value, least) = field(&mut size);
            (*value > least).then(|| *value -= 1)?;
            Some(size)
        })
    }
}

/// One number of a size, and the least that it can be.
type Field = fn(&mut Size) -> (&mut u32, u32);

/// The lab file of this seed and size.
pub(crate) fn text(seed: u64, size: Size) -> String {
    let mut writer = Writer { draw: Draw::new(seed), size, out: String::new(), ip: 0, hosts: 0, vms: 0 };
    writer.lab();
    writer.out
}

struct Writer {
    draw: Draw,
    size: Size,
    out: String,
    ip: u32,
    hosts: u32,
    vms: u32,
}

/// Nested hosts of a lab at most, however the draw goes.
const MAX_HOSTS: u32 = 9;

impl Writer {
    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:width$}{text}", "", width = 2 * indent);
    }

    fn address(&mut self) -> String {
        self.ip += 1;
        format!("10.0.{}.{}/16", self.ip / 250, self.ip % 250 + 1)
    }

    fn lab(&mut self) {
        self.line(0, "lab: seeded");
        self.line(0, "segments:");
        let segments = 1 + self.draw.below(2);
        for segment in 0..segments {
            self.line(1, &format!("segment-{segment}:"));
            self.line(2, "stations:");
            for station in 0..1 + self.draw.below(self.size.stations) {
                let vlan = if self.draw.one_in(3) { ", vlan: 10" } else { "" };
                let address = self.address();
                self.line(3, &format!("station-{segment}{station}: {{ address: {address}{vlan} }}"));
            }
        }
        self.line(0, "hosts:");
        for _ in 0..1 + self.draw.below(self.size.hosts) {
            let name = self.host_name();
            self.line(1, &format!("{name}:"));
            let uplinks = 1 + self.draw.below(self.size.uplinks);
            self.line(2, "vmnics:");
            for uplink in 0..uplinks {
                let segment = self.draw.below(segments);
                self.line(3, &format!("vmnic{uplink}: {{ segment: segment-{segment} }}"));
            }
            self.host(2, 0, uplinks);
        }
    }

    fn host_name(&mut self) -> String {
        self.hosts += 1;
        format!("host-{}", self.hosts)
    }

    fn host(&mut self, indent: usize, level: u32, uplinks: u32) {
        let vswitches = 1 + self.draw.below(self.size.vswitches);
        let homes: Vec<u32> = (0..uplinks).map(|_| self.draw.below(vswitches)).collect();
        let mut groups = Vec::new();
        self.line(indent, "vswitches:");
        for vswitch in 0..vswitches {
            let own: Vec<String> =
                (0..).zip(&homes).filter(|(_, home)| **home == vswitch).map(name_of).collect();
            self.line(indent + 1, &format!("vSwitch{vswitch}:"));
            self.vswitch(indent + 2, vswitch, &own, &mut groups);
        }
        if !self.draw.one_in(3) {
            let (group, address) = (self.draw.pick(&groups).name.clone(), self.address());
            self.line(indent, "vmkernel:");
            self.line(indent + 1, &format!("vmk0: {{ port-group: {group}, address: {address} }}"));
        }
        self.line(indent, "vms:");
        for _ in 0..1 + self.draw.below(self.size.vms) {
            self.vm(indent + 1, &groups);
        }
        let nested = if level < self.size.depth { self.draw.below(self.size.nested + 1) } else { 0 };
        // The first level is always there, if there may be one: a lab without it is no nested lab.
        let nested = if level == 0 && self.size.depth > 0 { nested.max(1) } else { nested };
        for _ in 0..nested {
            if self.hosts < MAX_HOSTS {
                self.nested_host(indent + 1, level, &groups);
            }
        }
    }

    fn nested_host(&mut self, indent: usize, level: u32, groups: &[Group]) {
        let name = self.host_name();
        self.line(indent, &format!("{name}:"));
        self.line(indent + 1, "nics:");
        let uplinks = 1 + self.draw.below(self.size.uplinks);
        for uplink in 0..uplinks {
            let group = self.draw.pick(groups).name.clone();
            self.line(indent + 2, &format!("vmnic{uplink}: {{ port-group: {group} }}"));
        }
        self.line(indent + 1, "host:");
        self.host(indent + 2, level + 1, uplinks);
    }

    fn vm(&mut self, indent: usize, groups: &[Group]) {
        self.vms += 1;
        let name = format!("vm-{}", self.vms);
        self.line(indent, &format!("{name}:"));
        self.line(indent + 1, "nics:");
        for nic in 0..if self.draw.one_in(6) { 2 } else { 1 } {
            let Group { name, trunk } = self.draw.pick(groups).clone();
            let mut keys = format!("port-group: {name}, address: {}", self.address());
            if trunk && self.draw.one_in(2) {
                keys += ", vlan: 10";
            }
            if self.draw.one_in(8) {
                keys += ", promiscuous: true";
            }
            self.line(indent + 2, &format!("eth{nic}: {{ {keys} }}"));
        }
    }

    fn vswitch(&mut self, indent: usize, number: u32, uplinks: &[String], groups: &mut Vec<Group>) {
        self.line(indent, &format!("uplinks: [{}]", uplinks.join(", ")));
        if self.draw.one_in(4) {
            self.line(indent, "defaults: 6.x");
        }
        if self.draw.one_in(4) {
            self.line(indent, "mtu: 9000");
        }
        if self.draw.one_in(6) {
            self.line(indent, "options: { promiscuous-scope: port-group }");
        } else if self.draw.one_in(6) {
            self.line(indent, "options: { reverse-path-check-promiscuous: true, mac-change-refused: block }");
        }
        self.settings(indent, uplinks);
        self.line(indent, "port-groups:");
        for group in 0..1 + self.draw.below(self.size.groups) {
            let name = format!("group-{number}{group}");
            let vlan = *self.draw.pick(&["0", "0", "0", "0", "0", "10", "10", "20", "trunk", "trunk"]);
            self.line(indent + 1, &format!("{name}:"));
            self.line(indent + 2, &format!("vlan: {vlan}"));
            self.settings(indent + 2, uplinks);
            groups.push(Group { name, trunk: vlan == "trunk" });
        }
    }

    /// What a vSwitch and a port group can both have.
    fn settings(&mut self, indent: usize, uplinks: &[String]) {
        let mut security = Vec::new();
        for element in ["promiscuous", "mac-changes", "forged-transmits"] {
            match self.draw.below(5) {
                0 => security.push(format!("{element}: reject")),
                1..=3 => security.push(format!("{element}: accept")),
                _ => {}
            }
        }
        self.line(indent, &format!("security: {{ {} }}", security.join(", ")));
        if self.draw.one_in(3) {
            let balancing = *self.draw.pick(&["port-id", "source-mac", "ip-hash", "explicit"]);
            let mut keys = format!("load-balancing: {balancing}");
            if self.draw.one_in(2) {
                let active = uplinks.len().min(1 + self.draw.below(2) as usize);
                let (active, standby) = uplinks.split_at(active);
                let _ = write!(keys, ", active: [{}], standby: [{}]", active.join(", "), standby.join(", "));
            }
            self.line(indent, &format!("teaming: {{ {keys} }}"));
        }
        match self.draw.below(16) {
            0 => self.line(indent, "beyond: { mac-learning: {} }"),
            1 => self.line(
                indent,
                "beyond: { mac-learning: { limit: 2, at-limit: drop, unicast-flooding: false } }",
            ),
            2 => self.line(indent, "beyond: { sink: true }"),
            3 => self.line(indent, "beyond: { learning-filter: true }"),
            4 => self.line(indent, "beyond: { forged-source-guard: true }"),
            5 => self.line(indent, "beyond: { allowed-macs: [\"00:50:56:*\"] }"),
            6 => self.line(indent, "shaping: { average-bps: 100000, peak-bps: 200000, burst-bytes: 10000 }"),
            _ => {}
        }
    }
}

#[derive(Clone)]
struct Group {
    name: String,
    trunk: bool,
}

fn name_of((number, _): (u32, &u32)) -> String {
    format!("vmnic{number}")
}
