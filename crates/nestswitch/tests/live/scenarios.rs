//! The acceptance scenarios on live labs: every one that a live lab can tell, in a lab of its own.
//!
//! Frames are sent from inside the guest by a packet socket on its adapter, with a mark in the payload that says which
//! frame of the scenario it is. What is looked at, and how a frame is found in it, is in `scenarios/sightings.rs`.
//!
//! Nobody else speaks: an ear on every adapter keeps its guest silent (see `port/packet.rs` of the data plane), and the switches
//! announce no addresses. The physical switch forgets at the beginning what guests said when they booted. So everything
//! begins as in the simulator.
//!
//! It reaches into the namespaces of guests and segments, so it needs root. A scenario that no live lab can tell is not
//! played, and its reason, which is in its data and in `docs/semantics.md`, is printed.

mod sightings;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use nsw_dataplane::link;
use nsw_dataplane::netns::Namespace;
use nsw_dataplane::port::Port;
use nsw_lab::scenario::{FrameStep, GuestChange, LinkState, Scenario, Stage, Step};
use nsw_lab::sim::{Endpoint, EndpointId, EndpointKind};

use serde_json::Value;

use self::sightings::{Heard, Sightings};
use crate::agreement::wait_until_ports_agree;
use crate::fixture::{Lab, Nsw, PATIENCE, a_few_at_a_time, within};
use crate::kernel::process_in;
use crate::or_skip;
use crate::teams::Segment;

/// How long to wait for what must not come, once everything has come that must.
const SILENCE: Duration = Duration::from_millis(100);

#[test]
fn every_scenario_is_played_live() {
    play_all(&or_skip!(Nsw::as_root()));
}

#[test]
fn every_scenario_is_played_in_the_kernel() {
    play_all(&or_skip!(Nsw::with_engines(&["--engine=kernel"])));
}

fn play_all(nsw: &Nsw) {
    let (playable, others): (Vec<_>, Vec<_>) =
        all().into_iter().partition(|scenario| scenario.not_live.is_none());
    for Scenario { number, not_live, .. } in others {
        eprintln!("scenario {number} is not played: {}", not_live.unwrap_or_default());
    }
    assert!(!playable.is_empty());
    let played = a_few_at_a_time(playable, |scenario| Live::up(nsw, &scenario).play());
    let differences: String = played.into_iter().filter_map(Result::err).collect();
    assert!(differences.is_empty(), "{differences}");
}

/// A scenario's lab, live, and what the scenario expects of it.
struct Live<'a> {
    scenario: &'a Scenario,
    stage: Stage,
    lab: Lab<'a>,
    segment: Segment,
    /// One on the adapter of every end point, by its name.
    ears: BTreeMap<String, Ear>,
    heard: Heard,
    frames_sent: u8,
}

/// Speaks and hears in the place of an end point.
struct Ear {
    namespace: Namespace,
    device: String,
    port: Port,
    /// Asks for every frame, as long as it is there.
    sniffer: Option<Port>,
}

impl<'a> Live<'a> {
    fn up(nsw: &'a Nsw, scenario: &'a Scenario) -> Self {
        let name = format!("scenario-{}", scenario.number);
        let stage = Stage::new(scenario, &topology(scenario, &name)).unwrap();
        let lab = nsw.up_named(&name, &silent(&stage));
        wait_until_ports_agree(stage.world(), &lab);
        let world = stage.world();
        // An adapter in a guest's bridge is the bridge's: nobody speaks there, and an ear would keep it from hearing.
        let has_end = |id: &EndpointId| {
            world.endpoint(*id).kind == EndpointKind::Station || world.port_of(*id).is_some()
        };
        let ends = world.endpoint_ids().filter(has_end).map(|id| world.endpoint(id));
        let ears = ends
            .map(|end| (end.name.clone(), Ear::of(&lab, &end.owner, &end.name)))
            .collect::<BTreeMap<_, _>>();
        let segment = Segment::of(&lab);
        Segment::all(&lab).iter().for_each(Segment::forget_addresses);
        Self { scenario, stage, lab, segment, ears, heard: Heard::default(), frames_sent: 0 }
    }

    /// The error is what was seen and not expected, and the other way round.
    fn play(mut self) -> Result<(), String> {
        for step in &self.scenario.steps {
            self.stage.happen(step).unwrap();
            match step {
                Step::Set(_) => drop(self.lab.up_again(&silent(&self.stage), &[]).expect(0)),
                Step::Guest(changes) => changes.iter().for_each(|(name, change)| self.program(name, change)),
                Step::Link(cables) => cables.iter().for_each(|(place, state)| self.set_link(place, *state)),
                Step::WaitMs(_) => panic!("scenario {}: a live lab has its own time", self.scenario.number),
                Step::Frame(frame) => {
                    self.send(frame)?;
                    continue;
                }
            }
            wait_until_ports_agree(self.stage.world(), &self.lab);
        }
        Ok(())
    }

    fn send(&mut self, frame: &FrameStep) -> Result<(), String> {
        self.frames_sent += 1;
        let number = u8::try_from(self.scenario.number).unwrap();
        let mark = [b's', b'c', b'e', b'n', b'e', number, self.frames_sent, b'.'];
        let world = self.stage.world();
        let sender = world.endpoint(self.stage.sender(frame).unwrap().expect("somebody sends it"));
        let mut spec = self.stage.spec(frame).unwrap();
        spec.vlan = untagged_by_access_port(sender, Some(spec.vlan)).unwrap_or(0);
        let mut bytes = spec.bytes();
        let end = bytes.len();
        bytes[end - mark.len()..].copy_from_slice(&mark);
        let expected = Sightings::expected(&frame.expect, |arrived| {
            untagged_by_access_port(world.endpoint(world.find(&arrived.end).unwrap()), arrived.tag)
        });
        let before = sightings::counters(&self.lab.status());
        self.ears[&sender.name].port.write_frame(&bytes).unwrap();
        let mut found = Sightings::default();
        within(PATIENCE, || {
            found = self.look(&mark, &before);
            found.covers(&expected).then_some(())
        });
        within(SILENCE, || {
            found = self.look(&mark, &before);
            (!found.fits(&expected)).then_some(())
        });
        if found.fits(&expected) {
            return Ok(());
        }
        let Scenario { number, title, .. } = self.scenario;
        let nth = self.frames_sent;
        Err(format!(
            "scenario {number}, {title}: frame {nth}, to {}\n{}",
            frame.to,
            found.difference(&expected)
        ))
    }

    fn look(&mut self, mark: &[u8], before: &BTreeMap<String, u64>) -> Sightings {
        for (name, ear) in &self.ears {
            while let Some(frame) = ear.port.read_frame(Duration::ZERO).unwrap() {
                self.heard.note(name, frame);
            }
        }
        let records = self.lab.lab("drops", &["--json"]).stdout;
        Sightings::found(&self.heard, &records, &self.lab.status(), mark, before)
    }

    fn program(&mut self, name: &str, change: &GuestChange) {
        let world = self.stage.world();
        let end = world.endpoint(world.find(name).unwrap());
        let ear = self.ears.get_mut(&end.name).unwrap();
        link::set_mac(&ear.namespace, &ear.device, end.mac).unwrap();
        ear.sniffer = change.promiscuous.then(|| Port::packet(&ear.namespace, &ear.device).unwrap());
        assert_eq!(change.joins_first, 0, "a booted guest has groups of its own");
    }

    /// Stations are cabled first, of which there is one; then the vmnics in their order.
    fn set_link(&self, place: &str, state: LinkState) {
        let number: u8 = place.strip_prefix("PH/vmnic").unwrap().parse().unwrap();
        let state = if state == LinkState::Up { "up" } else { "down" };
        self.segment.set_cable(&format!("p{}", number + 2), &[state]);
    }
}

impl Ear {
    fn of(lab: &Lab<'_>, owner: &str, end: &str) -> Self {
        let namespace = lab.exec(owner, &["readlink", "/proc/self/ns/net"]).expect(0).stdout;
        let process = process_in(lab.nsw, namespace.trim()).unwrap_or_else(|| panic!("nobody is in {owner}"));
        let namespace = Namespace::of_process(process).unwrap();
        let device = end.split_once('/').map_or("eth0", |(_, device)| device).to_owned();
        let port = Port::packet_for_own(&namespace, &device).unwrap();
        Self { namespace, device, port, sniffer: None }
    }
}

/// The lab file of a stage, with switches that announce no addresses: an announcement teaches physical switches, and those
/// that learn MAC addresses, when no scenario says so.
fn silent(stage: &Stage) -> String {
    let mut file: Value = serde_json::from_str(&stage.lab_file()).unwrap();
    file["hosts"].as_object_mut().unwrap().values_mut().for_each(silence);
    file.to_string()
}

fn silence(host: &mut Value) {
    for vswitch in host["vswitches"].as_object_mut().unwrap().values_mut() {
        vswitch["teaming"]["notify-switches"] = false.into();
    }
    let vms = host.get_mut("vms").and_then(Value::as_object_mut);
    vms.into_iter().flat_map(|vms| vms.values_mut()).filter_map(|vm| vm.get_mut("host")).for_each(silence);
}

/// The tag at an end point's own adapter. A station in a VLAN is served by an access port of the physical switch, which
/// tags for it; for the simulator and the scenarios the station does so itself.
fn untagged_by_access_port(end: &Endpoint, tag: Option<u16>) -> Option<u16> {
    tag.filter(|vlan| end.kind != EndpointKind::Station || *vlan != end.vlan)
}

fn all() -> Vec<Scenario> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(data("scenarios")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| Scenario::parse(&std::fs::read_to_string(path).unwrap()).unwrap()).collect()
}

/// The text of its lab file, as lab `name`, from which addresses are made.
fn topology(scenario: &Scenario, name: &str) -> String {
    let path = data("topologies").join(format!("{}.yaml", scenario.topology));
    let text = std::fs::read_to_string(path).unwrap();
    text.replacen(&format!("lab: {}", scenario.topology), &format!("lab: {name}"), 1)
}

fn data(folder: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "nsw-lab", "tests", "data", folder].iter().collect()
}
