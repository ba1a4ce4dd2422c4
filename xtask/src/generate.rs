//! An inventory of any size, drawn from a seed and written as a lab file: racks of hosts with teamed uplinks on one
//! segment, VLANs with an IP network each, hosts inside VMs, and the faults that such inventories have.
//!
//! Hosts are built alike, as in a cluster. A share of them has one fault each: a nested host's port group with half of
//! the cure or none, the cure on the whole vSwitch instead, a wrong VLAN id, a sniffer left running, an allow-list
//! instead of promiscuous mode.
//!
//! **Invariant:** one shape and one seed give one text, byte by byte, and `nsw lab check` finds nothing wrong with it.

use std::fmt::Write as _;

use crate::sim::draw::Draw;

pub(crate) const USAGE: &str = "\
usage: cargo xtask generate-lab --vms N [--hosts H] [--nested K] [--vlans V] [--faults PERCENT] [--seed S]

  Writes a lab file to stdout. Of the VMs eight are in each nested host; hosts are one for 40 VMs and nested hosts two for
  five hosts unless said otherwise; 20 VLANs, faults on 10 percent of the hosts, seed 1.
";

/// What is generated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Shape {
    /// Ordinary VMs, those in nested hosts among them.
    pub(crate) vms: u32,
    pub(crate) hosts: u32,
    pub(crate) nested: u32,
    pub(crate) vlans: u32,
    /// Of a hundred hosts, so many have a fault.
    pub(crate) faults: u32,
    pub(crate) seed: u64,
}

const VMS_OF_A_HOST: u32 = 40;
const VMS_OF_A_NESTED_HOST: u32 = 8;
/// An IP network of a VLAN is a /16, its third octet counts upwards.
const MAX_VLANS: u32 = 200;

impl Shape {
    /// The usual inventory with so many VMs.
    pub(crate) fn of(vms: u32) -> Self {
        let hosts = vms.div_ceil(VMS_OF_A_HOST).max(1);
        Self { vms, hosts, nested: hosts * 2 / 5, vlans: 20, faults: 10, seed: 1 }
    }

    /// Reads the words after `generate-lab`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let mut given = std::collections::BTreeMap::new();
        for pair in words.chunks(2) {
            let [key, value] = pair else { return Err(USAGE.to_owned()) };
            let number: u64 = value.parse().map_err(|_| format!("`{value}` is no number\n\n{USAGE}"))?;
            given.insert(*key, number);
        }
        let mut take = |key: &str| given.remove(key);
        let small = |number: Option<u64>| number.map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        let vms = small(take("--vms")).ok_or(USAGE)?;
        let hosts = small(take("--hosts"));
        let usual = Self::of(vms);
        let hosts = hosts.unwrap_or(usual.hosts).max(1);
        let shape = Self {
            vms,
            hosts,
            nested: small(take("--nested")).unwrap_or(hosts * 2 / 5),
            vlans: small(take("--vlans")).unwrap_or(usual.vlans).clamp(1, MAX_VLANS),
            faults: small(take("--faults")).unwrap_or(usual.faults).min(100),
            seed: take("--seed").unwrap_or(usual.seed),
        };
        match given.keys().next() {
            Some(key) => Err(format!("`{key}` is not known\n\n{USAGE}")),
            None => Ok(shape),
        }
    }
}

/// The lab file.
pub(crate) fn text(shape: Shape) -> String {
    let vlans = usize::try_from(shape.vlans).unwrap_or(1);
    let mut writer = Writer {
        shape,
        draw: Draw::new(shape.seed),
        out: String::new(),
        used: vec![0; vlans],
        vms_left: shape.vms,
        vm: 0,
    };
    writer.lab();
    writer.out
}

struct Writer {
    shape: Shape,
    draw: Draw,
    out: String,
    /// Addresses given out, by VLAN.
    used: Vec<u32>,
    vms_left: u32,
    vm: u32,
}

/// What is wrong with a host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    NoPolicy,
    PromiscuousOnly,
    ForgedOnly,
    WholeSwitch,
    WrongVlan,
    Sniffer,
    AllowList,
}

const FAULTS: [Fault; 7] = [
    Fault::NoPolicy,
    Fault::PromiscuousOnly,
    Fault::ForgedOnly,
    Fault::WholeSwitch,
    Fault::WrongVlan,
    Fault::Sniffer,
    Fault::AllowList,
];

impl Writer {
    fn line(&mut self, indent: usize, text: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.out, "{:width$}{text}", "", width = 2 * indent);
    }

    fn lab(&mut self) {
        let Shape { vms, hosts, nested, vlans, faults, seed } = self.shape;
        self.line(0, &format!("# {vms} VMs, {hosts} hosts, {nested} nested hosts, {vlans} VLANs"));
        self.line(0, &format!("# faults on {faults} of 100 hosts, seed {seed}"));
        self.line(0, "lab: inventory");
        self.line(0, "segments:");
        self.line(1, "core:");
        self.line(2, "stations:");
        for vlan in 0..self.shape.vlans {
            let address = self.address(vlan);
            self.line(3, &format!("gateway-{}: {{ vlan: {}, address: {address} }}", tag(vlan), tag(vlan)));
        }
        self.line(0, "hosts:");
        for host in 0..hosts {
            let faulty = self.draw.below(100) < faults;
            let fault = if faulty { *self.draw.pick(&FAULTS) } else { Fault::None };
            // Spread over all hosts, the first ones one more.
            let inner = nested / hosts + u32::from(host < nested % hosts);
            self.host(host, inner, fault);
        }
    }

    fn address(&mut self, vlan: u32) -> String {
        let used = &mut self.used[vlan as usize];
        *used += 1;
        format!("10.{}.{}.{}/16", vlan + 1, *used / 250, *used % 250 + 1)
    }

    fn host(&mut self, number: u32, inner: u32, fault: Fault) {
        let name = format!("host-{number:04}");
        self.line(1, &format!("{name}:"));
        self.line(2, "vmnics: { vmnic0: { segment: core }, vmnic1: { segment: core } }");
        self.line(2, "vswitches:");
        self.line(3, "vSwitch0:");
        self.line(4, "uplinks: [vmnic0, vmnic1]");
        if fault == Fault::WholeSwitch {
            self.line(4, "security: { promiscuous: accept, forged-transmits: accept }");
        }
        self.line(4, "port-groups:");
        self.networks(5, fault == Fault::WrongVlan);
        if inner > 0 {
            self.nested_group(fault);
        }
        let address = self.address(0);
        self.line(2, &format!("vmkernel: {{ vmk0: {{ port-group: VLAN {}, address: {address} }} }}", tag(0)));
        let hosts_left = self.shape.hosts - number;
        let inside = inner * VMS_OF_A_NESTED_HOST;
        let own = self.vms_left.div_ceil(hosts_left).saturating_sub(inside).min(self.vms_left);
        self.line(2, "vms:");
        for vm in 0..own {
            self.vm(3, fault == Fault::Sniffer && vm == 0);
        }
        for nested in 0..inner {
            self.nested_host(&format!("nested-{number:04}-{nested}"));
        }
    }

    fn networks(&mut self, indent: usize, wrong: bool) {
        for vlan in 0..self.shape.vlans {
            // The first port group has the VLAN of the last, and the last that of nobody.
            let id = if wrong && vlan == 0 { tag(self.shape.vlans) } else { tag(vlan) };
            self.line(indent, &format!("VLAN {}: {{ vlan: {id} }}", tag(vlan)));
        }
    }

    fn nested_group(&mut self, fault: Fault) {
        let policy = match fault {
            Fault::NoPolicy | Fault::WholeSwitch => "",
            Fault::PromiscuousOnly => ", security: { promiscuous: accept }",
            Fault::ForgedOnly => ", security: { forged-transmits: accept }",
            Fault::AllowList => ", beyond: { allowed-macs: [\"00:50:56:*\"] }",
            Fault::None | Fault::WrongVlan | Fault::Sniffer => {
                ", security: { promiscuous: accept, forged-transmits: accept }"
            }
        };
        self.line(5, &format!("Nested: {{ vlan: trunk{policy} }}"));
    }

    fn vm(&mut self, indent: usize, sniffs: bool) {
        if self.vms_left == 0 {
            return;
        }
        self.vms_left -= 1;
        self.vm += 1;
        let (number, vlan) = (self.vm, self.draw.below(self.shape.vlans));
        let address = self.address(vlan);
        let sniffer = if sniffs { ", promiscuous: true" } else { "" };
        let keys = format!("port-group: VLAN {}, address: {address}{sniffer}", tag(vlan));
        self.line(indent, &format!("vm-{number:06}: {{ {keys} }}"));
    }

    fn nested_host(&mut self, name: &str) {
        self.line(3, &format!("{name}:"));
        self.line(4, "port-group: Nested");
        self.line(4, "host:");
        self.line(5, "vswitches:");
        self.line(6, "vSwitch0:");
        self.line(7, "uplinks: [vmnic0]");
        self.line(7, "port-groups:");
        self.networks(8, false);
        self.line(5, "vms:");
        for _ in 0..VMS_OF_A_NESTED_HOST {
            self.vm(6, false);
        }
    }
}

/// VLAN ids begin at 10.
const fn tag(vlan: u32) -> u32 {
    vlan + 10
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

    use nsw_lab::doctor::reach::Reachability;
    use nsw_lab::sim::World;
    use nsw_lab::spec;

    use super::*;

    #[test]
    fn one_seed_is_one_text_and_another_seed_another() {
        let shape = Shape::of(400);
        assert_eq!(text(shape), text(shape));
        assert_ne!(text(shape), text(Shape { seed: 2, ..shape }));
    }

    #[test]
    fn an_inventory_is_in_order_and_of_the_size_that_was_asked_for() {
        for (vms, seed) in [(1, 1), (100, 1), (1000, 7)] {
            let shape = Shape { seed, ..Shape::of(vms) };
            let parsed = spec::parse("inventory.yaml", &text(shape)).unwrap();
            assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
            let hosts = parsed.lab.all_hosts();
            assert_eq!(hosts.len(), (shape.hosts + shape.nested) as usize);
            let ordinary =
                hosts.iter().flat_map(|(_, host)| &host.vms).filter(|vm| vm.name.starts_with("vm-"));
            assert_eq!(ordinary.count(), vms as usize);
        }
    }

    // A thousand VMs, a million pairs: some reach each other, some do not, and few are asked.
    #[test]
    fn an_inventory_has_faults_and_a_million_pairs_take_few_questions() {
        let parsed = spec::parse("inventory.yaml", &text(Shape { faults: 50, ..Shape::of(1000) })).unwrap();
        let reachability = Reachability::of(&World::new(&parsed.lab).unwrap());
        let summary = reachability.summary();
        let pairs = summary.end_points * (summary.end_points - 1);
        assert_eq!(summary.verdicts.values().sum::<u64>(), pairs);
        assert!(summary.verdicts["REACHABLE"] > 10_000 && summary.obstacles.len() > 10, "{summary:#?}");
        assert!(summary.asked < pairs / 50, "{} of {pairs}", summary.asked);
    }
}
