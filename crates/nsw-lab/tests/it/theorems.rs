//! Every small lab: one VM inside one or two nested hosts, one station outside, and every combination of what can be
//! set between them. `docs/theorems.md` states what comes out; here it is asserted, world by world.
//!
//! The expectation is [`Path::halves`]: a formula over what is configured. It knows nothing of switches, ports or frames,
//! and asks the simulator nothing.

mod exposure;
mod halves;
mod inheritance;
mod mac_changes;
mod reachability;

use std::fmt::Write as _;

use nsw_core::{Action, AllowedMac, Beyond, GuestRequest, Learning, Mac, MacLearning, Security, VlanMode};
use nsw_lab::sim::{Conversation, World};
use nsw_lab::spec;

/// The VM's initial MAC, and the one that its guest may set instead.
const INITIAL: Mac = Mac::new([0, 0x50, 0x56, 0xaa, 0, 1]);
const CHANGED: Mac = Mac::new([0, 0x50, 0x56, 0xaa, 0, 2]);

/// What a port group of the path does with what nobody owns, beside promiscuous mode.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Way {
    Nothing,
    /// MAC learning with unicast flooding.
    Flooding,
    /// MAC learning without it.
    Learning,
    /// An allow-list with the initial MAC of the VM.
    Exact,
    /// An allow-list with the first three octets of both MACs.
    Prefix,
    Sink,
}

const WAYS: [Way; 6] = [Way::Nothing, Way::Flooding, Way::Learning, Way::Exact, Way::Prefix, Way::Sink];

/// One element of the security policy of a port group: its own value, and that of its vSwitch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Setting {
    group: Option<Action>,
    vswitch: Action,
}

/// A port group on the path, with its vSwitch.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Level {
    security: Security<Setting>,
    way: Way,
    /// 0, 1 to 4094, or 4095.
    vlan: u16,
}

/// A whole world: its levels from the outside in. The adapter of the VM is on the last, that of a nested host on each
/// of the others.
#[derive(Debug)]
struct Path<'a> {
    levels: &'a [Level],
    station_vlan: u16,
    mac: Mac,
}

/// Does everything pass from the VM to the station, and from the station to the VM?
#[derive(Clone, Copy, PartialEq, Debug)]
struct Halves {
    out: bool,
    back: bool,
}

impl Setting {
    const fn own(group: Action) -> Self {
        Self { group: Some(group), vswitch: Action::Reject }
    }

    fn accepts(self) -> bool {
        self.group.unwrap_or(self.vswitch) == Action::Accept
    }
}

impl Level {
    /// Does its list allow the VM to send from `mac`?
    fn allows(&self, mac: Mac) -> bool {
        self.way == Way::Prefix || self.way == Way::Exact && mac == INITIAL
    }

    /// May a frame from `mac` pass that is not the effective MAC of the port?
    fn passes_forged(&self, mac: Mac) -> bool {
        self.security.forged_transmits.accepts() || self.allows(mac)
    }
}

impl Path<'_> {
    /// The theorem.
    fn halves(&self) -> Halves {
        let fits = self.vlans_fit();
        Halves {
            out: fits && self.stops_out().is_none(),
            back: fits && self.stops_back().is_none() && self.is_heard_at_home(),
        }
    }

    /// From the inside out the frame has one tag at most, which only a trunk hands on, and comes out with the station's.
    fn vlans_fit(&self) -> bool {
        let step = |tag: u16, level: &Level| match level.vlan {
            4095 => Some(tag),
            own => (tag == 0).then_some(own),
        };
        self.levels.iter().rev().try_fold(0, step) == Some(self.station_vlan)
    }

    /// The innermost level that stops what the VM sends.
    fn stops_out(&self) -> Option<usize> {
        (0..self.levels.len()).rev().find(|level| !self.sends(*level))
    }

    /// The outermost level around the VM's own that does not deliver what nobody owns.
    fn stops_back(&self) -> Option<usize> {
        (0..self.home()).find(|level| !self.delivers(*level))
    }

    fn sends(&self, level: usize) -> bool {
        let honoured = level == self.home() && self.is_heard_at_home();
        honoured || self.levels[level].passes_forged(self.mac)
    }

    fn delivers(&self, level: usize) -> bool {
        let delivers = match self.levels[level].way {
            Way::Nothing => false,
            Way::Flooding | Way::Prefix | Way::Sink => true,
            Way::Exact => self.mac == INITIAL,
            // It must have heard the VM.
            Way::Learning => (level..self.levels.len()).all(|inner| self.sends(inner)),
        };
        delivers || self.levels[level].security.promiscuous.accepts()
    }

    /// Does the VM's own switch deliver to it under the MAC that it uses?
    fn is_heard_at_home(&self) -> bool {
        self.mac == INITIAL || self.levels[self.home()].security.mac_changes.accepts()
    }

    fn home(&self) -> usize {
        self.levels.len() - 1
    }
}

/// A world to be set up in one way after another.
struct Bench {
    world: World,
    station_vlan: u16,
    mac: Mac,
}

impl Bench {
    fn new(depth: usize, station_vlan: u16, mac: Mac) -> Self {
        let mut world =
            World::new(&spec::parse("theorems.yaml", &lab(depth, station_vlan)).unwrap().lab).unwrap();
        world.set_guest(&host(depth), "deep.eth0", GuestRequest::unicast(mac)).unwrap();
        Self { world, station_vlan, mac }
    }

    /// Sets up every combination of these levels, outermost first, and counts them.
    fn every(&mut self, choices: &[&[Level]], check: &mut impl FnMut(&World, &Path<'_>)) -> u32 {
        self.every_from(choices, &mut Vec::new(), check)
    }

    fn every_from(
        &mut self,
        choices: &[&[Level]],
        chosen: &mut Vec<Level>,
        check: &mut impl FnMut(&World, &Path<'_>),
    ) -> u32 {
        let Some(levels) = choices.get(chosen.len()) else {
            check(&self.world, &Path { levels: chosen, station_vlan: self.station_vlan, mac: self.mac });
            return 1;
        };
        let mut worlds = 0;
        for level in *levels {
            self.set_up(chosen.len(), level);
            chosen.push(*level);
            worlds += self.every_from(choices, chosen, check);
            chosen.pop();
        }
        worlds
    }

    fn set_up(&mut self, place: usize, level: &Level) {
        let change = |config: &mut nsw_core::VSwitch| {
            config.security = level.security.map(|setting| Some(setting.vswitch));
            let group = config.port_group_mut("Path").unwrap();
            group.security = level.security.map(|setting| setting.group);
            group.vlan = VlanMode::from_id(level.vlan).unwrap();
            group.beyond = beyond(level.way);
            Ok(())
        };
        self.world.edit(&host(place), "vSwitch0", change).unwrap();
    }
}

/// Lets each of the two begin, and compares what passes in either direction with the theorem.
fn check(world: &World, path: &Path<'_>) {
    check_from("deep", "station", world, path);
    check_from("station", "deep", world, path);
}

fn check_from(from: &str, to: &str, world: &World, path: &Path<'_>) {
    let talk = converse(world, from, to);
    assert_eq!(halves(&talk), path.halves(), "{path:#?}\n{talk}");
}

fn converse(world: &World, from: &str, to: &str) -> Conversation {
    world.converse(world.find(from).unwrap(), world.find(to).unwrap())
}

fn halves(talk: &Conversation) -> Halves {
    let [asks, answers] = talk.directions.as_ref().unwrap();
    let (out, back) = if talk.from_name.starts_with("deep") { (asks, answers) } else { (answers, asks) };
    Halves { out: out.fault.is_none(), back: back.fault.is_none() }
}

fn beyond(way: Way) -> Beyond {
    let learning = |unicast_flooding| {
        let mac_learning = Some(MacLearning::On(Learning { unicast_flooding, ..Learning::default() }));
        Beyond { mac_learning, ..Beyond::default() }
    };
    let allow = |entry| Beyond { allowed_macs: Some(vec![entry]), ..Beyond::default() };
    match way {
        Way::Nothing => Beyond::default(),
        Way::Flooding => learning(true),
        Way::Learning => learning(false),
        Way::Exact => allow(AllowedMac::Exact(INITIAL)),
        Way::Prefix => allow(AllowedMac::Oui([0, 0x50, 0x56])),
        Way::Sink => Beyond { sink: Some(true), ..Beyond::default() },
    }
}

/// Each element at Accept or at Reject, set at the port group: 8.
fn every_security() -> Vec<Security<Setting>> {
    every_security_of(&[Action::Accept, Action::Reject].map(Setting::own))
}

fn every_security_of(values: &[Setting]) -> Vec<Security<Setting>> {
    let mut every = Vec::new();
    for promiscuous in values {
        for mac_changes in values {
            for forged_transmits in values {
                every.push(Security {
                    promiscuous: *promiscuous,
                    mac_changes: *mac_changes,
                    forged_transmits: *forged_transmits,
                });
            }
        }
    }
    every
}

fn every_level(securities: &[Security<Setting>], ways: &[Way], vlans: &[u16]) -> Vec<Level> {
    let mut every = Vec::new();
    for security in securities {
        for way in ways {
            every.extend(vlans.iter().map(|vlan| Level { security: *security, way: *way, vlan: *vlan }));
        }
    }
    every
}

fn host(place: usize) -> String {
    ["physical", "nested-1", "nested-2"][place].to_owned()
}

/// A lab file: `station` outside, and `deep` in as many nested hosts.
fn lab(depth: usize, station_vlan: u16) -> String {
    let mut text = format!(
        "\
lab: theorems
segments:
  office:
    stations:
      station: {{ address: 10.0.0.1/24, vlan: {station_vlan} }}
hosts:
  physical:
    vmnics: {{ vmnic0: {{ segment: office }} }}
"
    );
    for place in 0..=depth {
        let indent = "      ".repeat(place);
        let _ = writeln!(
            text,
            "{indent}    vswitches: {{ vSwitch0: {{ uplinks: [vmnic0], port-groups: {{ Path: {{}} }} }} }}"
        );
        let _ = writeln!(text, "{indent}    vms:");
        if place == depth {
            let _ = writeln!(
                text,
                "{indent}      deep: {{ port-group: Path, mac: \"{INITIAL}\", address: 10.0.0.2/24 }}"
            );
        } else {
            let _ = writeln!(text, "{indent}      {}:", host(place + 1));
            let _ = writeln!(text, "{indent}        port-group: Path");
            let _ = writeln!(text, "{indent}        host:");
        }
    }
    text
}
