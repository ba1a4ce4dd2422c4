//! Theorem 4: what each cure, set at the port group of the nested host or at the vSwitch, shows to a bystander.
//!
//! The bystander is a VM of the outer host, in the port group of the nested host or in another one, that may ask for
//! promiscuous mode. The nested VM has spoken before, so that whoever learns has learned it.

use nsw_core::{Action, GuestRequest, Mac, Security, VlanMode};
use nsw_lab::sim::{FrameSpec, World};
use nsw_lab::spec;

use super::{INITIAL, WAYS, Way, beyond};

const STATION: Mac = Mac::new([2, 0, 0, 0, 0, 1]);
const APP: Mac = Mac::new([2, 0, 0, 0, 0, 2]);
const OTHER_APP: Mac = Mac::new([2, 0, 0, 0, 0, 3]);
const BYSTANDER: Mac = Mac::new([2, 0, 0, 0, 0, 4]);

/// The port groups of the outer vSwitch.
const NESTED: &str = "Nested";
const OTHER: &str = "Other";

/// Where something is set that is not set elsewhere.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Place {
    Nowhere,
    /// At the port group of the nested host: method 2.
    Group,
    /// At the vSwitch, inherited by both port groups: method 1.
    VSwitch,
}

const PLACES: [Place; 3] = [Place::Nowhere, Place::Group, Place::VSwitch];

#[derive(Debug)]
struct Exposure {
    /// Promiscuous mode is accepted there, and nowhere else.
    promiscuous: Place,
    way: Way,
    way_at: Place,
    /// The bystander's port group.
    bystander: &'static str,
    asks: bool,
    /// The VLAN of port group Other; the nested host and the station are in VLAN 0.
    other_vlan: u16,
}

/// A unicast frame: sender, and destination.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Traffic {
    StationToDeep,
    DeepToStation,
    AppToDeep,
    AppToStation,
    StationToApp,
    AppToOtherApp,
}

const TRAFFIC: [Traffic; 6] = [
    Traffic::StationToDeep,
    Traffic::DeepToStation,
    Traffic::AppToDeep,
    Traffic::AppToStation,
    Traffic::StationToApp,
    Traffic::AppToOtherApp,
];

impl Place {
    fn holds_for(self, group: &str) -> bool {
        self == Self::VSwitch || self == Self::Group && group == NESTED
    }
}

impl Exposure {
    /// The theorem: is the bystander given the frame?
    fn shows(&self, traffic: Traffic) -> bool {
        if self.vlan_of(self.bystander) != self.vlan(traffic) {
            return false;
        }
        let way = if self.way_at.holds_for(self.bystander) { self.way } else { Way::Nothing };
        let to_deep = matches!(traffic, Traffic::StationToDeep | Traffic::AppToDeep);
        let sees_all = self.asks && self.promiscuous.holds_for(self.bystander);
        sees_all
            || way == Way::Exact && to_deep
            || !self.is_owned(traffic)
                && match way {
                    Way::Flooding | Way::Sink => true,
                    Way::Prefix => to_deep,
                    Way::Nothing | Way::Learning | Way::Exact => false,
                }
    }

    /// Does a port in the VLAN of the frame own its destination, or has it learned it?
    fn is_owned(&self, traffic: Traffic) -> bool {
        match traffic {
            Traffic::StationToDeep | Traffic::AppToDeep => {
                let listed = |group| {
                    self.way == Way::Exact
                        && self.way_at.holds_for(group)
                        && self.vlan_of(group) == self.vlan(traffic)
                };
                let learns =
                    matches!(self.way, Way::Flooding | Way::Learning) && self.way_at.holds_for(NESTED);
                listed(NESTED) || listed(OTHER) || learns && self.vlan(traffic) == self.vlan_of(NESTED)
            }
            Traffic::StationToApp => self.other_vlan == 0,
            Traffic::AppToOtherApp => true,
            Traffic::DeepToStation | Traffic::AppToStation => false,
        }
    }

    fn vlan(&self, traffic: Traffic) -> u16 {
        match traffic {
            Traffic::AppToDeep | Traffic::AppToStation | Traffic::AppToOtherApp => self.other_vlan,
            Traffic::StationToDeep | Traffic::DeepToStation | Traffic::StationToApp => 0,
        }
    }

    fn vlan_of(&self, group: &str) -> u16 {
        if group == NESTED { 0 } else { self.other_vlan }
    }
}

#[test]
fn a_cure_shows_a_bystander_what_the_theorem_says() {
    let mut worlds = 0;
    for exposure in every_exposure() {
        for traffic in TRAFFIC {
            assert_eq!(is_given(&exposure, traffic), exposure.shows(traffic), "{traffic:?}\n{exposure:#?}");
        }
        worlds += 1;
    }
    // Promiscuous mode nowhere, at the group or at the vSwitch; six ways, likewise; two port groups, asking or not, two VLANs.
    assert_eq!(worlds, 3 * (1 + 5 * 2) * 2 * 2 * 2);
}

/// Method 2: nothing at the vSwitch, so nothing for a bystander in another port group, whatever is set, even if it asks.
/// Asserted of the simulator alone.
#[test]
fn what_is_set_at_the_port_group_shows_nothing_to_another_one() {
    let mut worlds = 0;
    for exposure in every_exposure() {
        let at_vswitch = [exposure.promiscuous, exposure.way_at].contains(&Place::VSwitch);
        if exposure.bystander == OTHER && !at_vswitch {
            assert!(TRAFFIC.iter().all(|traffic| !is_given(&exposure, *traffic)), "{exposure:#?}");
            worlds += 1;
        }
    }
    assert_eq!(worlds, 2 * (1 + 5) * 2 * 2);
}

fn every_exposure() -> Vec<Exposure> {
    let mut every = Vec::new();
    for promiscuous in PLACES {
        for way in WAYS {
            for way_at in
                PLACES.into_iter().filter(|place| (*place == Place::Nowhere) == (way == Way::Nothing))
            {
                for bystander in [NESTED, OTHER] {
                    for asks in [false, true] {
                        every.extend([0, 10].map(|other_vlan| Exposure {
                            promiscuous,
                            way,
                            way_at,
                            bystander,
                            asks,
                            other_vlan,
                        }));
                    }
                }
            }
        }
    }
    every
}

/// Sends the frame after the nested VM has spoken once. Given is given: what the guest does with it is its own affair.
fn is_given(exposure: &Exposure, traffic: Traffic) -> bool {
    let mut world = world(exposure);
    send(&mut world, "deep", INITIAL, Mac::BROADCAST);
    let (from, src, dst) = match traffic {
        Traffic::StationToDeep => ("station", STATION, INITIAL),
        Traffic::DeepToStation => ("deep", INITIAL, STATION),
        Traffic::AppToDeep => ("app", APP, INITIAL),
        Traffic::AppToStation => ("app", APP, STATION),
        Traffic::StationToApp => ("station", STATION, APP),
        Traffic::AppToOtherApp => ("app", APP, OTHER_APP),
    };
    send(&mut world, from, src, dst)
}

/// Sends a frame; is the bystander given it?
fn send(world: &mut World, from: &str, src: Mac, dst: Mac) -> bool {
    let (from, bystander) = (world.find(from).unwrap(), world.find("bystander").unwrap());
    let frame: FrameSpec = format!("src={src} dst={dst}").parse().unwrap();
    world.send(from, frame.bytes()).arrivals.iter().any(|arrival| arrival.endpoint == bystander)
}

fn world(exposure: &Exposure) -> World {
    let text = format!(
        "\
lab: exposure
segments:
  office:
    stations:
      station: {{ mac: \"{STATION}\" }}
hosts:
  physical:
    vmnics: {{ vmnic0: {{ segment: office }} }}
    vswitches: {{ vSwitch0: {{ uplinks: [vmnic0], port-groups: {{ {NESTED}: {{}}, {OTHER}: {{}} }} }} }}
    vms:
      app: {{ port-group: {OTHER}, mac: \"{APP}\" }}
      other-app: {{ port-group: {OTHER}, mac: \"{OTHER_APP}\" }}
      bystander: {{ port-group: {}, mac: \"{BYSTANDER}\" }}
      nested-1:
        port-group: {NESTED}
        host:
          vswitches: {{ vSwitch0: {{ uplinks: [vmnic0], port-groups: {{ Path: {{}} }} }} }}
          vms:
            deep: {{ port-group: Path, mac: \"{INITIAL}\" }}
",
        exposure.bystander
    );
    let mut world = World::new(&spec::parse("exposure.yaml", &text).unwrap().lab).unwrap();
    let set = |place: Place, at| (place == at).then_some(Action::Accept);
    world
        .edit("physical", "vSwitch0", |config| {
            config.security =
                Security { promiscuous: set(exposure.promiscuous, Place::VSwitch), ..config.security };
            if exposure.way_at == Place::VSwitch {
                config.beyond = beyond(exposure.way);
            }
            let nested = config.port_group_mut(NESTED).unwrap();
            nested.security = Security {
                promiscuous: set(exposure.promiscuous, Place::Group),
                mac_changes: None,
                forged_transmits: Some(Action::Accept),
            };
            if exposure.way_at == Place::Group {
                nested.beyond = beyond(exposure.way);
            }
            config.port_group_mut(OTHER).unwrap().vlan = VlanMode::from_id(exposure.other_vlan).unwrap();
            Ok(())
        })
        .unwrap();
    let request =
        if exposure.asks { GuestRequest::promiscuous(BYSTANDER) } else { GuestRequest::unicast(BYSTANDER) };
    world.set_guest("physical", "bystander.eth0", request).unwrap();
    world
}
