//! What is drawn: segments, hosts, vSwitches, port groups, and who is connected to them, each with what stands on it.
//!
//! A VM stands under the port group of its first adapter; cables lead to the others. Of many alike only the first few
//! are drawn, the rest is listed or counted; who takes part in the conversation is always drawn.

use nsw_core::{
    Action, Beyond, Origin, PolicyLine, PolicyValue, PortGroup, Resolved, Security, Setting, VSwitch,
    VlanMode,
};

use super::story::Story;
use crate::messages::{Catalogue, Message};
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
    /// How many physical hosts are not drawn, in words.
    pub more_hosts: Option<String>,
    /// What the picture shows, in a sentence.
    pub about: String,
    /// How settings are written, in words.
    pub key: Key,
}

/// The words beside samples of settings.
#[derive(Clone, Debug)]
pub struct Key {
    /// The three elements of the security policy.
    pub elements: [String; 3],
    /// At Reject, at Accept.
    pub values: [String; 2],
    /// Set here; inherited or a default.
    pub origins: [String; 2],
}

/// A segment with its stations.
#[derive(Clone, Debug)]
pub struct SegmentBox {
    /// Its name.
    pub name: String,
    /// Its stations.
    pub stations: Vec<StationBox>,
    /// The word for what it is.
    pub kind: String,
    /// How many stations are not drawn, in words.
    pub more: Option<String>,
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
    /// The word for what it is.
    pub kind: String,
    /// Name and kind in one.
    pub label: String,
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
    /// How many they are and the first of them, line by line; nothing if all are drawn.
    pub rest: Vec<String>,
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
    /// Letter and value, in words: `F Accept (own)`.
    pub text: String,
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
    pub fn of(lab: &Lab, world: &World, story: Option<&Story>, words: &Catalogue) -> Self {
        let artist = Artist { world, story, words };
        let taking_part =
            |host: &&Host| host.descend().iter().any(|(_, host)| artist.takes_part(&host.name, None));
        let (hosts, left_out) = few(lab.hosts.iter(), HOSTS_DRAWN, taking_part);
        Self {
            name: lab.name.clone(),
            segments: lab.segments.iter().map(|segment| artist.segment(segment)).collect(),
            about: words.say(&Message::PictureAbout {
                hosts: &hosts.iter().map(|host| host.name.as_str()).collect::<Vec<_>>().join(", "),
            }),
            hosts: hosts.into_iter().map(|host| artist.host(host, false)).collect(),
            more_hosts: counted(left_out.len())
                .map(|count| words.say(&Message::PictureMoreHosts { count: &count })),
            key: Key {
                elements: ELEMENTS.map(|(_, setting)| words.setting(setting)),
                values: [Action::Reject, Action::Accept].map(|action| words.action(action)),
                origins: [words.say(&Message::PictureSetHere {}), words.say(&Message::PictureInherited {})],
            },
        }
    }
}

/// The elements of the security policy, each with its letter.
const ELEMENTS: [(char, Setting); 3] =
    [('P', Setting::PromiscuousMode), ('M', Setting::MacAddressChanges), ('F', Setting::ForgedTransmits)];

fn counted(left_out: usize) -> Option<usize> {
    (left_out > 0).then_some(left_out)
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
    words: &'a Catalogue,
}

impl Artist<'_> {
    fn say(&self, message: &Message<'_>) -> String {
        self.words.say(message)
    }

    fn takes_part(&self, host: &str, port: Option<&str>) -> bool {
        self.story.is_some_and(|story| story.touches(host, port))
    }

    fn segment(&self, segment: &Segment) -> SegmentBox {
        let seen = |name: &str| self.story.is_some_and(|story| story.from == name || story.to == name);
        let (stations, left_out) = few(segment.stations.iter(), HOSTS_DRAWN, |station| seen(&station.name));
        let station = |station: &crate::topology::Station| StationBox {
            name: station.name.clone(),
            lines: self.lines_of(&station.addresses, station.vlan, None),
            about: self.say(&Message::PictureStationMac { name: &station.name, mac: &station.mac }),
        };
        SegmentBox {
            name: segment.name.clone(),
            stations: stations.into_iter().map(station).collect(),
            kind: self.say(&Message::PictureSegment {}),
            more: counted(left_out.len())
                .map(|count| self.say(&Message::PictureMoreStations { count: &count })),
        }
    }

    fn host(&self, host: &Host, nested: bool) -> HostBox {
        let pnic = |pnic: &crate::topology::Pnic| PnicBox {
            name: pnic.name.clone(),
            segment: pnic.segment.clone(),
            about: self.say(&Message::PictureAdapterMac {
                name: &format!("{}/{}", host.name, pnic.name),
                mac: &pnic.mac,
            }),
        };
        let name = &host.name;
        let (kind, label) = match nested {
            true => (Message::PictureNestedHost {}, Message::PictureANestedHost { name }),
            false => (Message::PictureHost {}, Message::PictureAHost { name }),
        };
        HostBox {
            name: name.clone(),
            nested,
            kind: self.say(&kind),
            label: self.say(&label),
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
        notes.extend(self.beyond(&vswitch.beyond));
        notes.extend(vswitch.shaping.map(|_| self.say(&Message::PictureShaped {})));
        SwitchBox {
            name: vswitch.name.clone(),
            badges: self.badges(resolved, &vswitch.name, None),
            notes,
            uplinks: vswitch.uplinks.clone(),
            groups: vswitch.port_groups.iter().map(|group| self.group(host, vswitch, group)).collect(),
        }
    }

    fn group(&self, host: &Host, vswitch: &VSwitch, group: &PortGroup) -> GroupBox {
        let id = self.world.switch_named(&host.name, &vswitch.name).ok();
        let security = id.and_then(|id| self.world.tables(id).security(&group.name));
        let mut notes = vec![self.vlan(group.vlan)];
        if group.teaming != nsw_core::Teaming::default() {
            notes.push(self.say(&Message::PictureOwnTeaming {}));
        }
        notes.extend(self.beyond(&group.beyond));
        notes.extend(group.shaping.flatten().map(|_| self.say(&Message::PictureShaped {})));
        let here = |vm: &&Vm| vm.nics.first().is_some_and(|nic| nic.port_group == group.name);
        let vmkernels = host.vmkernels.iter().filter(|vmk| vmk.port_group == group.name);
        let vmkernels = vmkernels.map(|vmk| self.vmkernel(vmk));
        let vms = host.vms.iter().filter(here);
        let seen = |vm: &&Vm| self.vm_takes_part(host, vm);
        let (vms, left_out) = few(vms, CLIENTS_DRAWN, seen);
        let left_out: Vec<String> = left_out.into_iter().map(|vm| vm.name.clone()).collect();
        GroupBox {
            name: group.name.clone(),
            badges: security.map(|s| self.badges(s, &vswitch.name, Some(&group.name))).unwrap_or_default(),
            notes,
            clients: vmkernels.chain(vms.into_iter().map(|vm| self.vm(vm))).collect(),
            rest: self.rest(&left_out),
            left_out,
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
            Guest::Os => (None, self.vm_lines(vm)),
            Guest::Bridge => (None, vec![self.say(&Message::PictureBridges {})]),
        };
        ClientBox {
            name: vm.name.clone(),
            lines,
            nics: vm.nics.iter().map(nic).collect(),
            vmkernel: false,
            host,
            about: self.say(&Message::PictureVmMacs { name: &vm.name, macs: &macs.join(", ") }),
        }
    }
    fn vmkernel(&self, vmk: &Vmkernel) -> ClientBox {
        ClientBox {
            name: vmk.name.clone(),
            lines: self.lines_of(&vmk.addresses, 0, None),
            nics: vec![NicBox {
                name: vmk.name.clone(),
                port: vmk.name.clone(),
                group: vmk.port_group.clone(),
            }],
            vmkernel: true,
            host: None,
            about: self.say(&Message::PictureVmkernelMac { name: &vmk.name, mac: &vmk.mac }),
        }
    }

    fn vm_lines(&self, vm: &Vm) -> Vec<String> {
        let named = vm.nics.len() > 1;
        let mut lines = Vec::new();
        for nic in &vm.nics {
            lines.extend(self.lines_of(&nic.addresses, nic.vlan, named.then_some(nic.name.as_str())));
            if nic.promiscuous {
                lines.push(self.say(&Message::PictureAsks {}));
            }
            if nic.guest_mac.is_some_and(|mac| mac != nic.mac) {
                lines.push(self.say(&Message::PictureChangesMac {}));
            }
        }
        lines
    }

    fn lines_of(&self, addresses: &[Address], vlan: u16, nic: Option<&str>) -> Vec<String> {
        let before = nic.map(|name| format!("{name} ")).unwrap_or_default();
        let mut lines: Vec<String> =
            addresses.iter().map(|address| format!("{before}{}", address.ip)).collect();
        if vlan != 0 {
            lines.push(self.say(&Message::PictureTags { vlan: &vlan }));
        }
        lines
    }

    fn vlan(&self, vlan: VlanMode) -> String {
        match vlan {
            VlanMode::Est => self.say(&Message::PictureUntagged {}),
            VlanMode::Vst(vlan) => format!("VLAN {vlan}"),
            VlanMode::Vgt => self.say(&Message::PictureTrunk {}),
        }
    }

    /// Who is not drawn: how many, the first names, then how many more.
    fn rest(&self, names: &[String]) -> Vec<String> {
        const LISTED: usize = 6;
        let Some(count) = counted(names.len()) else { return Vec::new() };
        let mut lines = vec![self.say(&Message::PictureMore { count: &count })];
        lines.extend(names.iter().take(LISTED).cloned());
        if let Some(others) = count.checked_sub(LISTED).and_then(counted) {
            lines.push(self.say(&Message::PictureOthers { count: &others }));
        }
        lines
    }

    fn badges(&self, security: Security<Resolved<Action>>, vswitch: &str, group: Option<&str>) -> Vec<Badge> {
        let own = if group.is_some() { Origin::PortGroup } else { Origin::VSwitch };
        let badge = |((letter, setting), resolved): ((char, Setting), Resolved<Action>)| {
            let accepts = resolved.value.accepts();
            let value = PolicyValue::Word(if accepts { "Accept" } else { "Reject" });
            let line = PolicyLine { setting, value, origin: resolved.origin, vswitch, port_group: group };
            let own = resolved.origin == own;
            let text = format!("{letter} {}", self.words.action(resolved.value));
            let text = if own { self.say(&Message::PictureOwn { setting: &text }) } else { text };
            Badge { letter, accepts, own, text, about: self.words.policy(&line) }
        };
        let Security { promiscuous, mac_changes, forged_transmits } = security;
        ELEMENTS.into_iter().zip([promiscuous, mac_changes, forged_transmits]).map(badge).collect()
    }

    /// What is set here of what a standard switch does not have.
    fn beyond(&self, beyond: &Beyond) -> Vec<String> {
        let mut notes = Vec::new();
        if matches!(beyond.mac_learning, Some(nsw_core::MacLearning::On(_))) {
            notes.push(self.say(&Message::PictureMacLearning {}));
        }
        if let Some(allowed) = &beyond.allowed_macs {
            notes.push(self.say(&Message::PictureAllowList { count: &allowed.len() }));
        }
        let switches = [
            (beyond.sink, Message::PictureSink {}),
            (beyond.learning_filter, Message::PictureLearningFilter {}),
            (beyond.forged_source_guard, Message::PictureSourceGuard {}),
        ];
        let on = switches.into_iter().filter(|(on, _)| *on == Some(true));
        notes.extend(on.map(|(_, name)| self.say(&name)));
        notes
    }
}

fn port_name(vm: &Vm, nic: &Vnic) -> String {
    format!("{}.{}", vm.name, nic.name)
}
