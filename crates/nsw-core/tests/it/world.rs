//! Random worlds: a switch, what is connected to it, what happens to it, and frames.
//!
//! A world is read from a tape of bytes, so that a shorter tape with smaller bytes is a simpler world: shrinking the
//! tape shrinks the world. Addresses and VLANs come from small pools, so that they collide. A world prints itself as a
//! fixture, which can be pasted into a test.

use std::fmt;

use nsw_core::{
    Action, Adapter, AllowedMac, AtLimit, Beyond, Defaults, FailureDetection, Frame, GuestRequest, Learning,
    LoadBalancing, Mac, MacLearning, NicOrder, NoTrace, Options, Outcome, PortGroup, PortId,
    PromiscuousScope, RefusedMacChange, Security, Shaping, State, Switch, Tables, Tag, Teaming, VSwitch,
    VlanId, VlanMode, decide, ethertype,
};

use crate::fixture::{FrameSpec, Payload};
use crate::model::{Latches, Memory};
use crate::running::Running;

const BURSTS: u32 = 4;
const FRAMES_A_BURST: u32 = 3;
/// Of a world that has any adapter to send them.
#[allow(dead_code, reason = "nsw-dataplane's tests use worlds too and do not count their frames")]
pub(crate) const FRAMES_A_WORLD: u32 = BURSTS * FRAMES_A_BURST;

pub(crate) struct World {
    config: VSwitch,
    adapters: Vec<Adapter>,
    steps: Vec<Event>,
}

enum Event {
    Guest(usize, GuestRequest),
    Link(usize, bool),
    GroupSecurity(usize, Security<Option<Action>>),
    SwitchSecurity(Security<Option<Action>>),
    ReversePathPromiscuous(bool),
    /// Failback, failure detection and notify switches: of a port group, or of the vSwitch.
    Teaming(Option<usize>, Teaming),
    /// The path of an uplink is broken, or whole again.
    Path(usize, bool),
    GroupBeyond(usize, Option<Option<Shaping>>, Beyond),
    /// Out and in again.
    Reconnect(usize),
    /// So many milliseconds go by.
    After(u64),
    Frame(usize, FrameSpec),
}

/// A world at the moment when a frame comes in.
pub(crate) struct Moment<'a> {
    pub(crate) switch: &'a Switch,
    pub(crate) tables: &'a Tables,
    /// How many tables there were before these.
    #[allow(
        dead_code,
        reason = "for those who keep a copy of the tables: nsw-dataplane's tests use worlds too"
    )]
    pub(crate) generation: usize,
    pub(crate) latches: &'a Latches,
    /// What deciding remembers before the frame.
    pub(crate) state: &'a State,
    /// What the model remembers of the frames before; every world needs it in one place only.
    pub(crate) memory: &'a mut Memory,
    pub(crate) now_ns: u64,
    pub(crate) ingress: PortId,
    pub(crate) frame: &'a FrameSpec,
}

impl World {
    /// Plays the world, calls `at_frame` for each frame, and returns the switch as it is at the end.
    pub(crate) fn play(
        &self,
        mut at_frame: impl FnMut(Moment<'_>) -> Result<(), String>,
    ) -> Result<Switch, String> {
        let mut running = Running::new(Switch::new(self.config.clone(), 1).unwrap());
        let mut latches = Latches::default();
        let mut ids = Vec::new();
        for adapter in &self.adapters {
            ids.push(running.event(|switch, _, _| switch.connect(adapter.clone())).unwrap());
            latches.observe(&running.switch);
        }
        let (mut state, mut memory) = (State::default(), Memory::default());
        let mut generation = 0;
        state.prepare(&running.tables);
        for step in &self.steps {
            let mut config = running.switch.config().clone();
            match step {
                Event::Frame(port, frame) => {
                    let ingress = ids[*port];
                    at_frame(Moment {
                        switch: &running.switch,
                        tables: &running.tables,
                        generation,
                        latches: &latches,
                        state: &state,
                        memory: &mut memory,
                        now_ns: running.now_ns,
                        ingress,
                        frame,
                    })?;
                    advance(&running.tables, &mut state, ingress, frame, running.now_ns);
                    continue;
                }
                Event::After(milliseconds) => {
                    let to_ns = running.now_ns + milliseconds * 1_000_000;
                    running.pass(to_ns);
                    latches.teams.pass(&running.switch, to_ns);
                    same_announcements(&running, &latches)?;
                    generation += 1;
                    continue;
                }
                Event::Path(port, broken) => {
                    let name = self.adapters[*port].name.clone();
                    if *broken {
                        running.broken.insert(ids[*port]);
                        latches.teams.broken.insert(name);
                    } else {
                        running.broken.remove(&ids[*port]);
                        latches.teams.broken.remove(&name);
                    }
                    continue;
                }
                Event::Reconnect(port) => {
                    let adapter = running.event(|switch, _, _| switch.disconnect(ids[*port])).unwrap();
                    latches.observe(&running.switch);
                    memory.observe(&running.switch, &latches);
                    let again = running.event(|switch, _, _| switch.connect(adapter)).unwrap();
                    assert_eq!(again, ids[*port], "the number is free again");
                }
                Event::Teaming(group, teaming) => {
                    let of = match group {
                        Some(group) => &mut config.port_groups[*group].teaming,
                        None => &mut config.teaming,
                    };
                    of.failback = teaming.failback;
                    of.failure_detection = teaming.failure_detection;
                    of.notify_switches = teaming.notify_switches;
                }
                Event::GroupBeyond(group, shaping, beyond) => {
                    config.port_groups[*group].beyond = beyond.clone();
                    config.port_groups[*group].shaping = *shaping;
                }
                Event::Guest(port, guest) => {
                    running
                        .event(|switch, _, _| switch.set_guest_request(ids[*port], guest.clone()))
                        .unwrap();
                }
                Event::Link(port, up) => running.set_link(ids[*port], *up).unwrap(),
                Event::GroupSecurity(group, security) => config.port_groups[*group].security = *security,
                Event::SwitchSecurity(security) => config.security = *security,
                Event::ReversePathPromiscuous(on) => config.options.reverse_path_promiscuous = Some(*on),
            }
            if config != *running.switch.config() {
                running.event(|switch, _, _| switch.reconfigure(config)).unwrap();
            }
            latches.observe(&running.switch);
            memory.observe(&running.switch, &latches);
            same_announcements(&running, &latches)?;
            generation += 1;
            state.prepare(&running.tables);
        }
        Ok(running.switch)
    }

    pub(crate) fn read(tape: &[u8]) -> Self {
        let mut tape = Tape { bytes: tape, at: 0 };
        let config = tape.config();
        let adapters = tape.adapters(&config);
        let mut steps = Vec::new();
        for (port, adapter) in adapters.iter().enumerate().skip(config.uplinks.len()) {
            let guest = tape.guest(adapter.mac);
            if guest != GuestRequest::unicast(adapter.mac) {
                steps.push(Event::Guest(port, guest));
            }
        }
        for _ in 0..if adapters.is_empty() { 0 } else { BURSTS } {
            for _ in 0..tape.below(3) {
                steps.push(tape.event(&config, &adapters));
            }
            for _ in 0..FRAMES_A_BURST {
                let (port, frame) = tape.frame(&adapters);
                steps.push(Event::Frame(port, frame));
            }
        }
        Self { config, adapters, steps }
    }

    #[allow(dead_code, reason = "nsw-dataplane's tests use worlds too and do not count them")]
    pub(crate) fn frames(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step, Event::Frame(..))).count()
    }
}

/// Decides once, for what is remembered of it.
fn advance(tables: &Tables, state: &mut State, ingress: PortId, frame: &FrameSpec, now_ns: u64) {
    let bytes = frame.bytes();
    let view = Frame::parse(&bytes).unwrap();
    decide(tables, state, ingress, &view, now_ns, &mut NoTrace, &mut Outcome::default());
}

/// What was announced to the physical network, and what the model says should have been.
fn same_announcements(running: &Running, latches: &Latches) -> Result<(), String> {
    let mut announced = Vec::new();
    for (at_ns, uplink, bytes) in &running.sent {
        let frame = Frame::parse(bytes).unwrap();
        if frame.ethertype() == ethertype::RARP {
            let name = running.switch.port(*uplink).unwrap().adapter.name.clone();
            announced.push((*at_ns, name, frame.src(), frame.tag().map_or(0, Tag::vid)));
        }
    }
    let mut expected = latches.teams.announced.clone();
    announced.sort_unstable();
    expected.sort_unstable();
    if announced == expected { Ok(()) } else { Err(format!("sent:  {announced:?}\nmodel: {expected:?}")) }
}

/// Bytes that are spent on choices. After its end every choice is the first, which is the plainest.
struct Tape<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Tape<'_> {
    fn below(&mut self, limit: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % limit
    }

    fn one_of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    /// `true` once in `odds`.
    fn once_in(&mut self, odds: usize) -> bool {
        self.below(odds) == odds - 1
    }

    fn config(&mut self) -> VSwitch {
        let mut config = VSwitch::named("vSwitch0");
        config.uplinks = (0..self.one_of(&[1, 2, 2, 3, 0])).map(|n| format!("vmnic{n}")).collect();
        config.defaults = self.one_of(&Defaults::ALL);
        config.security = self.security();
        config.teaming = self.teaming(&config.uplinks);
        config.options = self.options();
        let beyond = self.once_in(2);
        if beyond {
            config.beyond = self.beyond();
            config.shaping = self.shaping().flatten();
        }
        for name in ["A", "B", "C"].iter().take(1 + self.below(3)) {
            let vlan = self.one_of(&[0, 10, 10, 20, 4095]);
            let mut group = PortGroup::named(*name, VlanMode::from_id(vlan).unwrap());
            group.security = self.security();
            group.teaming = self.teaming(&config.uplinks);
            if beyond {
                group.beyond = self.beyond();
                group.shaping = self.shaping();
            }
            config.port_groups.push(group);
        }
        config
    }

    fn security(&mut self) -> Security<Option<Action>> {
        let any = [None, Some(Action::Accept), Some(Action::Reject)];
        Security { promiscuous: any, mac_changes: any, forged_transmits: any }.map(|any| self.one_of(&any))
    }

    fn teaming(&mut self, uplinks: &[String]) -> Teaming {
        let load_balancing = self.one_of(&[
            None,
            None,
            None,
            Some(LoadBalancing::PortId),
            Some(LoadBalancing::SourceMac),
            Some(LoadBalancing::IpHash),
            Some(LoadBalancing::ExplicitFailover),
        ]);
        let nic_order = self.once_in(3).then(|| {
            let mut order = NicOrder::default();
            for uplink in uplinks {
                match self.below(4) {
                    0 | 1 => order.active.push(uplink.clone()),
                    2 => order.standby.insert(0, uplink.clone()),
                    _ => {}
                }
            }
            order
        });
        Teaming { load_balancing, nic_order, ..self.teaming_over_time() }
    }

    fn teaming_over_time(&mut self) -> Teaming {
        let link = Some(FailureDetection::LinkStatus);
        let beacon = Some(FailureDetection::BeaconProbing);
        Teaming {
            failback: self.one_of(&[None, None, Some(false), Some(true)]),
            failure_detection: self.one_of(&[None, None, beacon, link]),
            notify_switches: self.one_of(&[None, None, None, Some(false), Some(true)]),
            ..Teaming::default()
        }
    }

    fn beyond(&mut self) -> Beyond {
        let mac_learning = match self.below(5) {
            0 | 1 => None,
            2 => Some(MacLearning::Off),
            _ => Some(MacLearning::On(Learning {
                limit: self.one_of(&[1, 2, 4096]),
                at_limit: self.one_of(&[AtLimit::Allow, AtLimit::Drop]),
                ageing_s: self.one_of(&[300, 10, 2]),
                unicast_flooding: !self.once_in(3),
            })),
        };
        let allowed_macs = match self.below(6) {
            0..4 => None,
            4 => Some(Vec::new()),
            _ => Some(vec![self.one_of(ALLOWED), self.one_of(ALLOWED)]),
        };
        let any = [None, Some(true), Some(false), None];
        Beyond {
            mac_learning,
            allowed_macs,
            sink: self.one_of(&any),
            learning_filter: self.one_of(&any),
            forged_source_guard: self.one_of(&any),
        }
    }

    fn shaping(&mut self) -> Option<Option<Shaping>> {
        let slow = Shaping { average_bps: 1_001, peak_bps: 4_000_003, burst_bytes: 70_000 };
        let fast = Shaping { average_bps: 90_000_000, peak_bps: 100_000_000, burst_bytes: 1 };
        self.one_of(&[None, None, None, None, Some(None), Some(Some(slow)), Some(Some(fast))])
    }

    fn options(&mut self) -> Options {
        Options {
            promiscuous_scope: self.one_of(&[PromiscuousScope::Vlan, PromiscuousScope::PortGroup]),
            force_copy_to_all: self.once_in(5),
            refused_mac_change: self.one_of(&[RefusedMacChange::DropRx, RefusedMacChange::Block]),
            reverse_path_check: !self.once_in(5),
            reverse_path_all: self.once_in(3),
            reverse_path_single_uplink: !self.once_in(3),
            reverse_filter: !self.once_in(4),
            reverse_path_promiscuous: self.one_of(&[None, Some(true), Some(false)]),
            strict_latch: !self.once_in(3),
            block_guest_bpdu: self.one_of(&[None, Some(true), Some(false)]),
            consume_link_local: self.once_in(2),
        }
    }

    fn adapters(&mut self, config: &VSwitch) -> Vec<Adapter> {
        let mut adapters: Vec<Adapter> =
            config.uplinks.iter().zip(0..).map(|(name, n)| Adapter::uplink(name, uplink_mac(n))).collect();
        for group in &config.port_groups {
            for n in 0..self.one_of(&[2, 1, 3, 0]) {
                let name = format!("{}{n}", group.name.to_lowercase());
                let mac = self.one_of(STATIONS);
                adapters.push(if self.once_in(8) {
                    Adapter::vmkernel(name, &group.name, mac)
                } else {
                    Adapter::vnic(name, &group.name, mac)
                });
            }
        }
        adapters
    }

    fn guest(&mut self, initial: Mac) -> GuestRequest {
        let mut guest = GuestRequest::unicast(initial);
        if self.once_in(4) {
            guest.mac = self.one_of(STATIONS);
        }
        guest.promiscuous = self.once_in(2);
        guest.all_multicast = self.once_in(8);
        guest.groups = match self.below(12) {
            0..6 => Vec::new(),
            6..9 => vec![self.one_of(GROUPS)],
            9 | 10 => vec![self.one_of(GROUPS), self.one_of(GROUPS)],
            _ => self.many_groups(),
        };
        guest.vlans = match self.below(6) {
            0 => Some(Vec::new()),
            1 => Some(vec![self.vlan()]),
            2 => Some(vec![self.vlan(), self.vlan()]),
            _ => None,
        };
        guest
    }

    fn vlan(&mut self) -> VlanId {
        VlanId::new(self.one_of(&[10, 20])).unwrap()
    }

    /// 32 or 33 addresses, one of them perhaps twice.
    fn many_groups(&mut self) -> Vec<Mac> {
        let first = self.one_of(&[0, 40, 80, 120]);
        let count = self.one_of(&[33, 32]);
        let mut groups: Vec<Mac> =
            (first..first + count).map(|n| Mac::new([0x01, 0, 0x5e, 0, 1, n])).collect();
        if self.once_in(2) {
            groups.push(groups[0]);
        }
        groups
    }

    fn event(&mut self, config: &VSwitch, adapters: &[Adapter]) -> Event {
        let port = self.below(adapters.len());
        let group = self.below(config.port_groups.len());
        let beyond = config.beyond != Beyond::default()
            || config.port_groups.iter().any(|group| group.beyond != Beyond::default());
        let uplinks = config.uplinks.len();
        match self.below(if beyond { 16 } else { 12 }) {
            12 => Event::GroupBeyond(group, self.shaping(), self.beyond()),
            13 if port >= uplinks => Event::Reconnect(port),
            13..16 => Event::After(self.one_of(&[1_000, 1, 2_500, 11_000, 299_000, 301_000])),
            6 | 7 if uplinks > 0 => Event::Path(self.below(uplinks), self.once_in(2)),
            8 if uplinks > 0 => Event::Link(self.below(uplinks), self.once_in(2)),
            9 => {
                let of = if self.once_in(3) { None } else { Some(group) };
                Event::Teaming(of, self.teaming_over_time())
            }
            6..12 => Event::After(self.one_of(&[5_000, 100, 3_000, 99, 1, 1_000, 20_000])),
            0 | 1 if port >= config.uplinks.len() => Event::Guest(port, self.guest(adapters[port].mac)),
            2 => Event::Link(port, self.once_in(2)),
            3 => Event::SwitchSecurity(self.security()),
            4 => Event::GroupSecurity(group, self.security()),
            _ => Event::ReversePathPromiscuous(self.once_in(2)),
        }
    }

    fn frame(&mut self, adapters: &[Adapter]) -> (usize, FrameSpec) {
        let port = self.below(adapters.len());
        let own = adapters[port].mac;
        let src = if self.once_in(2) { self.one_of(STATIONS) } else { own };
        let (unicast, group) = (self.one_of(STATIONS), self.one_of(GROUPS));
        let dst = self.one_of(&[unicast, unicast, group, Mac::BROADCAST]);
        let mut frame = FrameSpec::new(src, dst);
        let priority = u8::try_from(self.below(3)).unwrap();
        frame.tag = self
            .one_of(&[None, None, Some(10), Some(20), Some(0), Some(4095)])
            .map(|vid| Tag::new(vid, priority));
        let octet = u8::try_from(self.below(5)).unwrap();
        frame.payload = self.one_of(&[
            Payload::Other(0x0100_0000, u32::from(octet)),
            Payload::Ipv4([10, 0, 0, 1], [10, 0, 1, octet]),
            Payload::Ipv6(1, octet),
            Payload::Arp([10, 0, 0, 1], [10, 0, 0, octet]),
            Payload::Rarp,
            Payload::Beacon,
            Payload::ServiceTagged(20),
        ]);
        if frame.tag.is_some() && self.once_in(8) {
            frame.payload = Payload::Tagged(20);
        }
        if self.once_in(8) {
            frame.payload_len = self.one_of(&[1501, 40_000]);
        }
        if frame.payload == Payload::Beacon {
            frame.src = self.one_of(&[uplink_mac(0), uplink_mac(1), frame.src]);
        }
        if self.once_in(32) {
            frame.src = self.one_of(&[Mac::ZERO, Mac::BROADCAST]);
        }
        (port, frame)
    }
}

const STATIONS: &[Mac] = &[station(1), station(2), station(3), station(4), station(5)];

const ALLOWED: &[AllowedMac] = &[
    AllowedMac::Exact(station(3)),
    AllowedMac::Exact(station(5)),
    AllowedMac::Oui([0, 0x50, 0x56]),
    AllowedMac::Oui([0, 0x0c, 0x29]),
];

const GROUPS: &[Mac] = &[
    Mac::new([0x01, 0, 0x5e, 0, 0, 7]),
    Mac::new([0x33, 0x33, 0, 0, 0, 1]),
    Mac::new([0x01, 0, 0x5e, 0, 1, 7]),
    Mac::new([0x01, 0x80, 0xc2, 0, 0, 0]),
    Mac::new([0x01, 0x80, 0xc2, 0, 0, 0x0e]),
];

const fn station(last: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0, 0, last])
}

fn uplink_mac(n: u8) -> Mac {
    Mac::new([0, 0x50, 0x56, 0xff, 0, n])
}

/// The world as a fixture.
impl fmt::Display for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let config = &self.config;
        let defaults = config.defaults.name();
        write!(f, "switch vSwitch0  defaults {defaults}")?;
        write_policy(f, &config.security, &config.teaming)?;
        write_shaping(f, config.shaping.map(Some))?;
        write_beyond(f, &config.beyond)?;
        writeln!(f)?;
        write_options(f, &config.options)?;
        for uplink in &config.uplinks {
            writeln!(f, "  uplink {uplink}")?;
        }
        for group in &config.port_groups {
            write!(f, "  port-group {}  vlan {}", group.name, group.vlan.id())?;
            write_policy(f, &group.security, &group.teaming)?;
            write_shaping(f, group.shaping)?;
            write_beyond(f, &group.beyond)?;
            writeln!(f)?;
            for adapter in self.adapters.iter().filter(|adapter| adapter.port_group == group.name) {
                let kind = if adapter.client == nsw_core::Client::Vmkernel { "vmkernel" } else { "vnic" };
                writeln!(f, "    {kind} {}  {}", adapter.name, adapter.mac)?;
            }
        }
        self.steps.iter().try_for_each(|step| self.write_step(f, step))
    }
}

impl World {
    fn write_step(&self, f: &mut fmt::Formatter<'_>, step: &Event) -> fmt::Result {
        let name = |port: usize| &self.adapters[port].name;
        match step {
            Event::Guest(port, guest) => {
                write!(f, "guest {}  guest-mac {}", name(*port), guest.mac)?;
                write_if(f, guest.promiscuous, "  asks promiscuous")?;
                write_if(f, guest.all_multicast, "  all-multicast")?;
                guest.groups.iter().try_for_each(|group| write!(f, "  joins {group}"))?;
                write_vlans(f, guest.vlans.as_deref())?;
            }
            Event::Link(port, up) => write!(f, "link {} {}", name(*port), if *up { "up" } else { "down" })?,
            Event::GroupSecurity(group, security) => {
                write!(f, "set port-group {}", self.config.port_groups[*group].name)?;
                write_security(f, security)?;
            }
            Event::SwitchSecurity(security) => {
                write!(f, "set switch")?;
                write_security(f, security)?;
            }
            Event::ReversePathPromiscuous(on) => {
                write!(f, "set option reverse-path-promiscuous {}", on_off(*on))?;
            }
            Event::GroupBeyond(group, shaping, beyond) => {
                write!(f, "set port-group {}", self.config.port_groups[*group].name)?;
                write_shaping(f, *shaping)?;
                write_beyond(f, beyond)?;
            }
            Event::Teaming(group, teaming) => {
                match group {
                    Some(group) => write!(f, "set port-group {}", self.config.port_groups[*group].name)?,
                    None => write!(f, "set switch")?,
                }
                write_teaming_over_time(f, teaming)?;
            }
            Event::Path(port, broken) => {
                write!(f, "path {} {}", name(*port), if *broken { "broken" } else { "whole" })?;
            }
            Event::Reconnect(port) => write!(f, "reconnect {}", name(*port))?,
            Event::After(milliseconds) => write!(f, "after {milliseconds} ms")?,
            Event::Frame(port, frame) => {
                write!(f, "frame {}  src {}  dst {}", name(*port), frame.src, frame.dst)?;
                if let Some(tag) = frame.tag {
                    write!(f, "  tag {}/{}", tag.vid(), tag.pcp())?;
                }
                match frame.payload {
                    Payload::Other(first, second) => write!(f, "  words {first} {second}")?,
                    Payload::Ipv4([a, b, c, d], [e, g, h, i]) => {
                        write!(f, "  ipv4 {a}.{b}.{c}.{d} {e}.{g}.{h}.{i}")?;
                    }
                    Payload::Ipv6(src, dst) => write!(f, "  ipv6 {src} {dst}")?,
                    Payload::Arp([a, b, c, d], [e, g, h, i]) => {
                        write!(f, "  arp {a}.{b}.{c}.{d} {e}.{g}.{h}.{i}")?;
                    }
                    Payload::Rarp => write!(f, "  rarp")?,
                    Payload::Beacon => write!(f, "  beacon")?,
                    Payload::Tagged(vid) => write!(f, "  then-tag {vid}")?,
                    Payload::ServiceTagged(vid) => write!(f, "  service-tag {vid}")?,
                }
                write!(f, "  payload {}", frame.payload_len)?;
            }
        }
        writeln!(f)
    }
}

fn write_if(f: &mut fmt::Formatter<'_>, condition: bool, text: &str) -> fmt::Result {
    if condition { f.write_str(text) } else { Ok(()) }
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn write_policy(
    f: &mut fmt::Formatter<'_>,
    security: &Security<Option<Action>>,
    teaming: &Teaming,
) -> fmt::Result {
    write_security(f, security)?;
    if let Some(policy) = teaming.load_balancing {
        let name = match policy {
            LoadBalancing::PortId => "port-id",
            LoadBalancing::SourceMac => "source-mac",
            LoadBalancing::IpHash => "ip-hash",
            LoadBalancing::ExplicitFailover => "explicit",
        };
        write!(f, "  load-balancing {name}")?;
    }
    if let Some(NicOrder { active, standby }) = &teaming.nic_order {
        let names = |list: &[String]| if list.is_empty() { "none".to_string() } else { list.join(",") };
        write!(f, "  active {}  standby {}", names(active), names(standby))?;
    }
    write_teaming_over_time(f, teaming)
}

fn write_teaming_over_time(f: &mut fmt::Formatter<'_>, teaming: &Teaming) -> fmt::Result {
    let detection = match teaming.failure_detection {
        None => "inherit",
        Some(FailureDetection::LinkStatus) => "link",
        Some(FailureDetection::BeaconProbing) => "beacon",
    };
    let word = |on: Option<bool>| on.map_or("inherit", on_off);
    write!(f, "  failback {}  failure-detection {detection}", word(teaming.failback))?;
    write!(f, "  notify-switches {}", word(teaming.notify_switches))
}

fn write_security(f: &mut fmt::Formatter<'_>, security: &Security<Option<Action>>) -> fmt::Result {
    let names = Security {
        promiscuous: "promiscuous",
        mac_changes: "mac-changes",
        forged_transmits: "forged-transmits",
    };
    let mut result = Ok(());
    security.zip(names).map(|(action, name)| {
        let word = match action {
            None => "inherit",
            Some(Action::Accept) => "accept",
            Some(Action::Reject) => "reject",
        };
        result = result.and_then(|()| write!(f, "  {name} {word}"));
    });
    result
}

fn write_shaping(f: &mut fmt::Formatter<'_>, shaping: Option<Option<Shaping>>) -> fmt::Result {
    match shaping {
        None => write!(f, "  shaping inherit"),
        Some(None) => write!(f, "  shaping off"),
        Some(Some(Shaping { average_bps, peak_bps, burst_bytes })) => {
            write!(f, "  shaping {average_bps}/{peak_bps}/{burst_bytes}")
        }
    }
}

fn write_beyond(f: &mut fmt::Formatter<'_>, beyond: &Beyond) -> fmt::Result {
    match beyond.mac_learning {
        None => write!(f, "  learning inherit")?,
        Some(MacLearning::Off) => write!(f, "  learning off")?,
        Some(MacLearning::On(Learning { limit, at_limit, ageing_s, unicast_flooding })) => {
            let at_limit = if at_limit == AtLimit::Drop { "drop" } else { "allow" };
            write!(f, "  learning on  learning-limit {limit}  learning-at-limit {at_limit}")?;
            write!(f, "  learning-ageing {ageing_s}  learning-flooding {}", on_off(unicast_flooding))?;
        }
    }
    match beyond.allowed_macs.as_deref() {
        None => write!(f, "  allow inherit")?,
        Some([]) => write!(f, "  allow none")?,
        Some(list) => {
            let entries: Vec<String> = list.iter().map(AllowedMac::to_string).collect();
            write!(f, "  allow {}", entries.join(","))?;
        }
    }
    let switches = [
        ("sink", beyond.sink),
        ("learning-filter", beyond.learning_filter),
        ("guard", beyond.forged_source_guard),
    ];
    switches.iter().try_for_each(|(name, on)| write!(f, "  {name} {}", on.map_or("inherit", on_off)))
}

fn write_vlans(f: &mut fmt::Formatter<'_>, vlans: Option<&[VlanId]>) -> fmt::Result {
    let Some(vlans) = vlans else { return Ok(()) };
    let ids: Vec<String> = vlans.iter().map(|vlan| vlan.get().to_string()).collect();
    write!(f, "  vlans {}", if ids.is_empty() { "none".to_owned() } else { ids.join(",") })
}

fn write_options(f: &mut fmt::Formatter<'_>, options: &Options) -> fmt::Result {
    let port_group = options.promiscuous_scope == PromiscuousScope::PortGroup;
    let block = options.refused_mac_change == RefusedMacChange::Block;
    writeln!(f, "  option promiscuous-scope {}", if port_group { "port-group" } else { "vlan" })?;
    writeln!(f, "  option refused-mac-change {}", if block { "block" } else { "drop-rx" })?;
    let switches = [
        ("force-copy-to-all", options.force_copy_to_all),
        ("reverse-path-check", options.reverse_path_check),
        ("reverse-path-all", options.reverse_path_all),
        ("reverse-path-single-uplink", options.reverse_path_single_uplink),
        ("reverse-filter", options.reverse_filter),
        ("strict-latch", options.strict_latch),
        ("consume-link-local", options.consume_link_local),
    ];
    switches.iter().try_for_each(|(name, on)| writeln!(f, "  option {name} {}", on_off(*on)))?;
    let of_release = [
        ("reverse-path-promiscuous", options.reverse_path_promiscuous),
        ("block-guest-bpdu", options.block_guest_bpdu),
    ];
    let value = |on: Option<bool>| on.map_or("inherit", on_off);
    of_release.iter().try_for_each(|(name, on)| writeln!(f, "  option {name} {}", value(*on)))
}
