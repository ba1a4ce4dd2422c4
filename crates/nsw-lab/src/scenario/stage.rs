//! The lab of a scenario, and what has happened to it so far: twice, as a simulated world and as a lab file.

use std::time::Duration;

use nsw_core::{GuestRequest, Mac};
use serde_json::{Map, Value};

use super::{FrameStep, GuestChange, LinkState, Scenario, Step};
use crate::sim::{EndpointId, FrameSpec, Journey, LookupError, SimError, World};
use crate::spec;
use crate::topology::Lab;

/// An EtherType that no protocol has, so that no guest answers.
const LOCAL_EXPERIMENTAL: u16 = 0x88b5;
const DEFAULT_PAYLOAD_LEN: usize = 46;

/// A scenario that does not fit its lab.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The lab file is wrong, at first or after an edit.
    #[error("the lab: {0}")]
    Lab(String),
    /// An edit names no vSwitch or port group of the lab file.
    #[error("`{0}` is no HOST/VSWITCH or HOST/VSWITCH/PORT-GROUP of the lab")]
    NoSuchPlace(String),
    /// A frame that is none.
    #[error("the frame to `{to}`: {what}")]
    Frame {
        /// Its destination.
        to: String,
        /// What is wrong.
        what: &'static str,
    },
    /// A MAC address that is none.
    #[error("`{0}` is no MAC address")]
    NotAMac(String),
    /// A name that is no end point.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// An event that does not fit.
    #[error(transparent)]
    Sim(#[from] SimError),
}

/// A lab in which a scenario is played.
#[derive(Clone, Debug)]
pub struct Stage {
    file: Value,
    world: World,
}

impl Stage {
    /// The lab as a scenario begins; `topology` is the text of its lab file.
    ///
    /// # Errors
    /// [`StageError::Lab`], [`StageError::Sim`].
    pub fn new(scenario: &Scenario, topology: &str) -> Result<Self, StageError> {
        let mut file: Value =
            serde_saphyr::from_str(topology).map_err(|error| StageError::Lab(error.to_string()))?;
        if let Some(with) = &scenario.with {
            merge(&mut file, with);
        }
        let world = World::new(&lab(&file)?)?;
        Ok(Self { file, world })
    }

    /// The simulated lab, as it is now.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The lab file, as it is now: JSON, which is YAML.
    pub fn lab_file(&self) -> String {
        self.file.to_string()
    }

    /// Lets a step happen. A frame changes nothing here; see [`Stage::send`].
    ///
    /// # Errors
    /// [`StageError`] if the step does not fit the lab; nothing has happened then.
    pub fn happen(&mut self, step: &Step) -> Result<(), StageError> {
        match step {
            Step::Set(edits) => self.edit(edits.iter().map(|(place, patch)| (place.as_str(), patch))),
            Step::Guest(changes) => changes.iter().try_for_each(|(name, change)| self.program(name, change)),
            Step::Link(cables) => cables.iter().try_for_each(|(place, state)| {
                let (host, port) =
                    place.split_once('/').ok_or_else(|| StageError::NoSuchPlace(place.clone()))?;
                Ok(self.world.set_link(host, port, *state == LinkState::Up)?)
            }),
            Step::WaitMs(ms) => {
                self.world.advance(Duration::from_millis(*ms));
                Ok(())
            }
            Step::Frame(_) => Ok(()),
        }
    }

    /// Sends a frame through the simulated lab.
    ///
    /// # Errors
    /// [`StageError`] if it names nobody.
    pub fn send(&mut self, frame: &FrameStep) -> Result<Journey, StageError> {
        let spec = self.spec(frame)?;
        match (self.sender(frame)?, &frame.at) {
            (Some(from), None) => Ok(self.world.send(from, spec.bytes())),
            (None, Some(place)) => {
                let (host, port) =
                    place.split_once('/').ok_or_else(|| StageError::NoSuchPlace(place.clone()))?;
                Ok(self.world.at(host, port)?.frame(&spec))
            }
            _ => Err(StageError::Frame { to: frame.to.clone(), what: "either `from` or `at`" }),
        }
    }

    /// The end point that sends a frame; `None` if it comes in by a port.
    ///
    /// # Errors
    /// [`StageError::Lookup`].
    pub fn sender(&self, frame: &FrameStep) -> Result<Option<EndpointId>, StageError> {
        frame.from.as_ref().map(|name| self.world.find(name)).transpose().map_err(StageError::from)
    }

    /// A frame with names and defaults resolved.
    ///
    /// # Errors
    /// [`StageError`] if it names nobody.
    pub fn spec(&self, frame: &FrameStep) -> Result<FrameSpec, StageError> {
        let sender = self.sender(frame)?.map(|id| self.world.endpoint(id));
        let src = match (&frame.src, sender) {
            (Some(src), _) => self.address(src)?,
            (None, Some(sender)) => sender.mac,
            (None, None) => return Err(StageError::Frame { to: frame.to.clone(), what: "who sends it?" }),
        };
        Ok(FrameSpec {
            src,
            dst: self.address(&frame.to)?,
            vlan: frame.vlan.or(sender.map(|sender| sender.vlan)).unwrap_or(0),
            ethertype: LOCAL_EXPERIMENTAL,
            payload_len: frame.len.unwrap_or(DEFAULT_PAYLOAD_LEN),
        })
    }

    fn address(&self, text: &str) -> Result<Mac, StageError> {
        match text.parse() {
            Ok(mac) => Ok(mac),
            Err(_) if text == "broadcast" => Ok(Mac::BROADCAST),
            Err(_) => Ok(self.world.endpoint(self.world.find(text)?).mac),
        }
    }

    fn edit<'a>(&mut self, edits: impl Iterator<Item = (&'a str, &'a Value)>) -> Result<(), StageError> {
        let mut file = self.file.clone();
        for (place, patch) in edits {
            let found = find_place(&mut file, place);
            merge(found.ok_or_else(|| StageError::NoSuchPlace(place.to_owned()))?, patch);
        }
        let lab = lab(&file)?;
        for (_, host) in lab.all_hosts() {
            for vswitch in &host.vswitches {
                self.world.edit(&host.name, &vswitch.name, |config| {
                    config.clone_from(vswitch);
                    Ok(())
                })?;
            }
        }
        self.file = file;
        Ok(())
    }

    fn program(&mut self, name: &str, change: &GuestChange) -> Result<(), StageError> {
        let id = self.world.find(name)?;
        let not_a_guest = || StageError::NoSuchPlace(name.to_owned());
        let (switch, port) = self.world.port_of(id).ok_or_else(not_a_guest)?;
        let (host, switch) = self.world.switch(switch);
        let adapter = &switch.port(port).ok_or_else(not_a_guest)?.adapter;
        let mac = match &change.mac {
            Some(text) => text.parse().map_err(|_| StageError::NotAMac(text.clone()))?,
            None => adapter.mac,
        };
        let request = GuestRequest {
            promiscuous: change.promiscuous,
            groups: (1..=change.joins_first).map(|last| Mac::new([1, 0, 0x5e, 0, 0, last])).collect(),
            ..GuestRequest::unicast(mac)
        };
        let (host, adapter) = (host.to_owned(), adapter.name.clone());
        Ok(self.world.set_guest(&host, &adapter, request)?)
    }
}

fn lab(file: &Value) -> Result<Lab, StageError> {
    let parsed = spec::parse("scenario", &file.to_string());
    parsed.map(|parsed| parsed.lab).map_err(|problems| StageError::Lab(problems.to_string()))
}

/// The mapping of a vSwitch or port group in a lab file.
fn find_place<'a>(file: &'a mut Value, place: &str) -> Option<&'a mut Value> {
    let (host, rest) = place.split_once('/')?;
    let (vswitch, group) = rest.split_once('/').map_or((rest, None), |(name, group)| (name, Some(group)));
    let vswitch = find_host(file.get_mut("hosts")?, host)?.get_mut("vswitches")?.get_mut(vswitch)?;
    match group {
        None => Some(vswitch),
        Some(group) => vswitch.get_mut("port-groups")?.get_mut(group),
    }
}

fn find_host<'a>(hosts: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let hosts = hosts.as_object_mut()?;
    if hosts.contains_key(name) {
        return hosts.get_mut(name);
    }
    hosts.values_mut().find_map(|host| find_inner(host, name))
}

fn find_inner<'a>(host: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let vms = host.get_mut("vms")?.as_object_mut()?;
    vms.iter_mut().find_map(|(vm, entry)| {
        let inner = entry.get_mut("host")?;
        if vm == name { Some(inner) } else { find_inner(inner, name) }
    })
}

/// RFC 7396: what is there is replaced, mappings are merged, null takes away.
fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        into.clone_from(patch);
        return;
    };
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Value::Object(into) = into else { return };
    for (key, value) in patch {
        if value.is_null() {
            into.remove(key);
        } else {
            merge(into.entry(key.as_str()).or_insert(Value::Null), value);
        }
    }
}
