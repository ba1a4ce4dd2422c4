//! What is drawn: segments, hosts, vSwitches, port groups, and who is connected to them, each with what stands on it.
//!
//! A VM stands under the port group of its first adapter; cables lead to the others. Of many alike only the first few
//! are drawn, the rest is listed or counted; who takes part in the conversation is always drawn.

use nsw_core::{
    Action, Beyond, Origin, PolicyLine, PolicyValue, PortGroup, Resolved, Security, Setting, VSwitch,
    VlanMode,
};

use super::story::Story;
use crate::sim::World;
use crate::topology::{Address, Guest, Host, Lab, Segment, Vm, Vmkernel, Vnic};

/// So many clients of a port group are drawn as boxes of their own.
const CLIENTS_DRAWN: usize = 6;
/// So many hosts, and so many stations of a segment.
const HOSTS_DRAWN: usize = 8;

/// A lab, as it is drawn.
#[derive(Clone, Debug)]
pub struct Picture {
    /// The lab's name.
    pub name: String,
    /// The outside.
    pub segments: Vec<SegmentBox>,
    /// The physical hosts.
    pub hosts: Vec<HostBox>,
    /// Physical hosts that are not drawn.
    pub hosts_left_out: usize,
}

/// A segment with its stations.
#[derive(Clone, Debug)]
pub struct SegmentBox {
    /// Its name.
    pub name: String,
    /// Its stations.
    pub stations: Vec<StationBox>,
    /// Stations that are not drawn.
    pub left_out: usize,
}

/// A station.
#[derive(Clone, Debug)]
pub struct StationBox {
    /// Its name.
    pub name: String,
    /// What stands under the name.
    pub lines: Vec<String>,
    /// What a pointer that rests on it is told.
    pub about: String,
}

/// A host, physical or nested.
#[derive(Clone, Debug)]
pub struct HostBox {
    /// Its name.
    pub name: String,
    /// It runs in a VM.
    pub nested: bool,
    /// Its physical adapters.
    pub pnics: Vec<PnicBox>,
    /// Its vSwitches.
    pub vswitches: Vec<SwitchBox>,
    /// VMs without an adapter.
    pub unconnected: Vec<ClientBox>,
}

/// A physical adapter of a host.
#[derive(Clone, Debug)]
pub struct PnicBox {
    /// Its name.
    pub name: String,
    /// The segment it is cabled to.
    pub segment: Option<String>,
    /// What a pointer is told.
    pub about: String,
}

/// A vSwitch.
#[derive(Clone, Debug)]
pub struct SwitchBox {
    /// Its name.
    pub name: String,
    /// Its security policy.
    pub badges: Vec<Badge>,
    /// Other settings that differ from the default.
    pub notes: Vec<String>,
    /// Its uplinks, by the names of the host's adapters.
    pub uplinks: Vec<String>,
    /// Its port groups.
    pub groups: Vec<GroupBox>,
}

/// A port group.
#[derive(Clone, Debug)]
pub struct GroupBox {
    /// Its name.
    pub name: String,
    /// Its security policy.
    pub badges: Vec<Badge>,
    /// Its VLAN, and other settings of its own that matter.
    pub notes: Vec<String>,
    /// Whoever is connected to it with its first adapter.
    pub clients: Vec<ClientBox>,
    /// The names of clients that are not drawn.
    pub left_out: Vec<String>,
}

/// One security setting, as it is in force.
#[derive(Clone, Debug)]
pub struct Badge {
    /// `P`, `M` or `F`.
    pub letter: char,
    /// It is Accept.
    pub accepts: bool,
    /// It was set here, not inherited and no default.
    pub own: bool,
    /// The policy line.
    pub about: String,
}

/// A VM, a VMkernel adapter, or a host in a VM.
#[derive(Clone, Debug)]
pub struct ClientBox {
    /// The name.
    pub name: String,
    /// What stands under the name.
    pub lines: Vec<String>,
    /// Its adapters.
    pub nics: Vec<NicBox>,
    /// It is a VMkernel adapter: box and adapter are one.
    pub vmkernel: bool,
    /// The host that runs in it.
    pub host: Option<Box<HostBox>>,
    /// What a pointer is told.
    pub about: String,
}

/// An adapter on its way to a port group.
#[derive(Clone, Debug)]
pub struct NicBox {
    /// Its name in the guest.
    pub name: String,
    /// The name of its port on the vSwitch, as `web01.eth0`.
    pub port: String,
    /// Its port group.
    pub group: String,
}

impl Picture {
    /// What is drawn of a lab. `world` is asked for the policies in force.
    pub fn of(lab: &Lab, world: &World, story: Option<&Story>) -> Self {
        let artist = Artist { world, story };
        let taking_part =
            |host: &&Host| host.descend().iter().any(|(_, host)| artist.takes_part(&host.name, None));
        let (hosts, left_out) = few(lab.hosts.iter(), HOSTS_DRAWN, taking_part);
        Self {
            name: lab.name.clone(),
            segments: lab.segments.iter().map(|segment| artist.segment(segment)).collect(),
            hosts: hosts.into_iter().map(|host| artist.host(host, false)).collect(),
            hosts_left_out: left_out.len(),
        }
    }
}

/// The first `limit`, and beyond them those that must not be missing; and the rest.
fn few<T>(all: impl Iterator<Item = T>, limit: usize, must_be_seen: impl Fn(&T) -> bool) -> (Vec<T>, Vec<T>) {
    let (mut drawn, mut left_out) = (Vec::new(), Vec::new());
    for (place, one) in all.enumerate() {
        if place < limit || must_be_seen(&one) {
            drawn.push(one);
        } else {
            left_out.push(one);
        }
    }
    (drawn, left_out)
}

struct Artist<'a> {
    world: &'a World,
    story: Option<&'a Story>,
}

impl Artist<'_> {
    fn takes_part(&self, host: &str, port: Option<&str>) -> bool {
        self.story.is_some_and(|story| story.touches(host, port))
    }

    fn segment(&self, segment: &Segment) -> SegmentBox {
        let seen = |name: &str| self.story.is_some_and(|story| story.from == name || story.to == name);
        let (stations, left_out) = few(segment.stations.iter(), HOSTS_DRAWN, |station| seen(&station.name));
        let station = |station: &crate::topology::Station| StationBox {
            name: station.name.clone(),
            lines: lines_of(&station.addresses, station.vlan, None),
            about: format!("station {}, MAC address {}", station.name, station.mac),
        };
        SegmentBox {
            name: segment.name.clone(),
            stations: stations.into_iter().map(station).collect(),
            left_out: left_out.len(),
        }
    }

    fn host(&self, host: &Host, nested: bool) -> HostBox {
        let pnic = |pnic: &crate::topology::Pnic| PnicBox {
            name: pnic.name.clone(),
            segment: pnic.segment.clone(),
            about: format!("{}/{}, MAC address {}", host.name, pnic.name, pnic.mac),
        };
        HostBox {
            name: host.name.clone(),
            nested,
            pnics: host.pnics.iter().map(pnic).collect(),
            vswitches: host.vswitches.iter().map(|vswitch| self.vswitch(host, vswitch)).collect(),
            unconnected: host.vms.iter().filter(|vm| vm.nics.is_empty()).map(|vm| self.vm(vm)).collect(),
        }
    }

    fn vswitch(&self, host: &Host, vswitch: &VSwitch) -> SwitchBox {
        let security = vswitch.security.zip(vswitch.defaults.security());
        let resolved = security.map(|(set, default)| Resolved::inherit(None, set, default));
        let mut notes = Vec::new();
        if vswitch.mtu != nsw_core::DEFAULT_MTU {
            notes.push(format!("MTU {}", vswitch.mtu));
        }
        notes.extend(beyond(&vswitch.beyond));
        notes.extend(vswitch.shaping.map(|_| "shaped".to_owned()));
        SwitchBox {
            name: vswitch.name.clone(),
            badges: badges(resolved, &vswitch.name, None),
            notes,
            uplinks: vswitch.uplinks.clone(),
            groups: vswitch.port_groups.iter().map(|group| self.group(host, vswitch, group)).collect(),
        }
    }

    fn group(&self, host: &Host, vswitch: &VSwitch, group: &PortGroup) -> GroupBox {
        let id = self.world.switch_named(&host.name, &vswitch.name).ok();
        let security = id.and_then(|id| self.world.tables(id).security(&group.name));
        let mut notes = vec![vlan(group.vlan)];
        if group.teaming != nsw_core::Teaming::default() {
            notes.push("own teaming".to_owned());
        }
        notes.extend(beyond(&group.beyond));
        notes.extend(group.shaping.flatten().map(|_| "shaped".to_owned()));
        let here = |vm: &&Vm| vm.nics.first().is_some_and(|nic| nic.port_group == group.name);
        let vmkernels = host.vmkernels.iter().filter(|vmk| vmk.port_group == group.name).map(vmkernel);
        let vms = host.vms.iter().filter(here);
        let seen = |vm: &&Vm| self.vm_takes_part(host, vm);
        let (vms, left_out) = few(vms, CLIENTS_DRAWN, seen);
        GroupBox {
            name: group.name.clone(),
            badges: security.map(|s| badges(s, &vswitch.name, Some(&group.name))).unwrap_or_default(),
            notes,
            clients: vmkernels.chain(vms.into_iter().map(|vm| self.vm(vm))).collect(),
            left_out: left_out.into_iter().map(|vm| vm.name.clone()).collect(),
        }
    }

    fn vm_takes_part(&self, host: &Host, vm: &Vm) -> bool {
        let port = |nic: &Vnic| self.takes_part(&host.name, Some(&port_name(vm, nic)));
        vm.nics.iter().any(port)
    }

    fn vm(&self, vm: &Vm) -> ClientBox {
        let nic = |nic: &Vnic| NicBox {
            name: nic.name.clone(),
            port: port_name(vm, nic),
            group: nic.port_group.clone(),
        };
        let macs: Vec<String> = vm.nics.iter().map(|nic| format!("{} {}", nic.name, nic.mac)).collect();
        let (host, lines) = match &vm.guest {
            Guest::Host(host) => (Some(Box::new(self.host(host, true))), Vec::new()),
            Guest::Os => (None, vm_lines(vm)),
            Guest::Bridge => (None, vec!["bridges its adapters".to_owned()]),
        };
        ClientBox {
            name: vm.name.clone(),
            lines,
            nics: vm.nics.iter().map(nic).collect(),
            vmkernel: false,
            host,
            about: format!("VM {}, MAC address of {}", vm.name, macs.join(", ")),
        }
    }
}

fn port_name(vm: &Vm, nic: &Vnic) -> String {
    format!("{}.{}", vm.name, nic.name)
}

fn vmkernel(vmk: &Vmkernel) -> ClientBox {
    ClientBox {
        name: vmk.name.clone(),
        lines: lines_of(&vmk.addresses, 0, None),
        nics: vec![NicBox { name: vmk.name.clone(), port: vmk.name.clone(), group: vmk.port_group.clone() }],
        vmkernel: true,
        host: None,
        about: format!("VMkernel adapter {}, MAC address {}", vmk.name, vmk.mac),
    }
}

fn vm_lines(vm: &Vm) -> Vec<String> {
    let named = vm.nics.len() > 1;
    let mut lines = Vec::new();
    for nic in &vm.nics {
        lines.extend(lines_of(&nic.addresses, nic.vlan, named.then_some(nic.name.as_str())));
        if nic.promiscuous {
            lines.push("asks for every frame".to_owned());
        }
        if nic.guest_mac.is_some_and(|mac| mac != nic.mac) {
            lines.push("changes its MAC".to_owned());
        }
    }
    lines
}

fn lines_of(addresses: &[Address], vlan: u16, nic: Option<&str>) -> Vec<String> {
    let before = nic.map(|name| format!("{name} ")).unwrap_or_default();
    let mut lines: Vec<String> = addresses.iter().map(|address| format!("{before}{}", address.ip)).collect();
    if vlan != 0 {
        lines.push(format!("tags VLAN {vlan}"));
    }
    lines
}

fn vlan(vlan: VlanMode) -> String {
    match vlan {
        VlanMode::Est => "untagged".to_owned(),
        VlanMode::Vst(vlan) => format!("VLAN {vlan}"),
        VlanMode::Vgt => "trunk 4095".to_owned(),
    }
}

fn badges(security: Security<Resolved<Action>>, vswitch: &str, group: Option<&str>) -> Vec<Badge> {
    let own = if group.is_some() { Origin::PortGroup } else { Origin::VSwitch };
    let badge = |letter, setting, resolved: Resolved<Action>| {
        let accepts = resolved.value.accepts();
        let value = PolicyValue::Word(if accepts { "Accept" } else { "Reject" });
        let line = PolicyLine { setting, value, origin: resolved.origin, vswitch, port_group: group };
        Badge { letter, accepts, own: resolved.origin == own, about: line.to_string() }
    };
    vec![
        badge('P', Setting::PromiscuousMode, security.promiscuous),
        badge('M', Setting::MacAddressChanges, security.mac_changes),
        badge('F', Setting::ForgedTransmits, security.forged_transmits),
    ]
}

/// What is set here of what a standard switch does not have.
fn beyond(beyond: &Beyond) -> Vec<String> {
    let mut notes = Vec::new();
    if matches!(beyond.mac_learning, Some(nsw_core::MacLearning::On(_))) {
        notes.push("MAC learning".to_owned());
    }
    if let Some(allowed) = &beyond.allowed_macs {
        notes.push(format!("allow-list of {}", allowed.len()));
    }
    let switches = [
        (beyond.sink, "sink"),
        (beyond.learning_filter, "learning filter"),
        (beyond.forged_source_guard, "forged source guard"),
    ];
    notes.extend(switches.into_iter().filter(|(on, _)| *on == Some(true)).map(|(_, name)| name.to_owned()));
    notes
}
