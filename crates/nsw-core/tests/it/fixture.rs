//! The text that describes a switch, what is connected to it, what happens to it, and the frames it is given.
//!
//! ```text
//! switch vSwitch0  forged-transmits reject          the vSwitch with its policies, mtu and defaults
//!   option promiscuous-scope port-group             an advanced option
//!   uplink vmnic0                                   in the vSwitch's list, connected; `down`; or `absent`: not connected
//!   port-group Nested  vlan 10  promiscuous accept  a port group with its overrides
//!     vnic nested-1  00:50:56:00:00:01  asks promiscuous
//!                                                   an adapter; what its guest asks for may follow
//! frame nested-1  src 00:50:56:aa:00:07  dst ff:ff:ff:ff:ff:ff  tag 10
//! guest nested-1  guest-mac 00:50:56:00:00:99       from here on: events and frames, in the order of the text
//! link vmnic0 down
//! set port-group Nested  promiscuous inherit
//! disconnect nested-1
//! reconnect nested-1                                takes the adapter out and in again: the number is the same
//! after 301 s                                       time goes by, in `s` or `ms`; else frames come in one moment
//! path vmnic0 broken                                nothing comes through any more though the link is up; or `whole`
//! show port nested-1                                prints what is applied to a port
//! show security Nested                              prints what is computed for a port group, and where it was set
//! show sent                                         prints what the switch sent by itself since it was asked last
//! show memory                                       prints how many addresses are remembered, and how often one moved
//! show learning nested-1                            prints what a port has learned, and what not
//! show duplicates                                   prints the addresses that several adapters of one VLAN have
//! ```
//!
//! Settings beyond a standard switch, and shaping, at the vSwitch or a port group; each may be `inherit` too:
//!
//! ```text
//! learning on  learning-limit 2  learning-at-limit drop  learning-ageing 300  learning-flooding off
//! allow 00:50:56:aa:00:07,00:0c:29:*  addresses, and prefixes of three octets; or `none`
//! sink on  learning-filter on  guard on
//! shaping 1000000/2000000/100000      average and peak in bits a second, burst in bytes; or `off`
//! ```
//!
//! What deciding remembers is kept from frame to frame. Ports get their slots in the order of the text. A mistake in a fixture panics with its line. Whatever a fixture is
//! about, each of its frames is also held against the naive model.

use std::fmt::Write as _;

use expect_test::Expect;
use nsw_core::{
    Action, Adapter, AllowedMac, Applied, AtLimit, Beyond, ConnectedPort, Defaults, FailureDetection, Frame,
    GuestRequest, Learning, LearningCounts, LoadBalancing, Mac, MacLearning, ModelError, Outcome, PortGroup,
    PortId, PromiscuousScope, Reason, RefusedMacChange, Security, Shaping, State, Step, StepText, Switch,
    Tables, Tag, Teaming, VSwitch, VlanId, VlanMode, decide, ethertype,
};

use crate::model::{self, Latches, Memory, Verdict};
use crate::running::Running;

/// Runs the fixture and compares the steps of its frames, and what it shows, with the expected text.
pub(crate) fn check(fixture: &str, expect: &Expect) {
    expect.assert_eq(&World::output(fixture));
}

/// Runs a fixture that the model refuses, and compares the refusal with the expected text.
pub(crate) fn check_error(fixture: &str, expect: &Expect) {
    match World::run(fixture) {
        Ok(output) => panic!("the model accepts it:\n{output}"),
        Err((line, error)) => expect.assert_eq(&format!("{}\n{error}\n", line.trim())),
    }
}

/// A switch that a fixture built, and the text that its frames produced so far.
pub(crate) struct World {
    running: Running,
    latches: Latches,
    memory: Memory,
    state: State,
    output: String,
}

/// The line at which the model refused something, and what it said.
type Refused<'a> = (&'a str, ModelError);

impl World {
    /// The steps of every frame of the fixture.
    pub(crate) fn output(fixture: &str) -> String {
        Self::run(fixture).unwrap_or_else(|(line, error)| panic!("`{}`: {error}", line.trim()))
    }

    /// The switch after every line of the fixture.
    pub(crate) fn switch(fixture: &str) -> Switch {
        match Self::play(fixture) {
            Ok(world) => world.running.switch,
            Err((line, error)) => panic!("`{}`: {error}", line.trim()),
        }
    }

    fn run(fixture: &str) -> Result<String, Refused<'_>> {
        Self::play(fixture).map(|world| world.output)
    }

    fn play(fixture: &str) -> Result<Self, Refused<'_>> {
        let lines: Vec<&str> = fixture.lines().filter(|line| !line.trim().is_empty()).collect();
        let config = read_config(&lines);
        let first = lines.first().copied().unwrap_or_default();
        let switch = Switch::new(config, 1).map_err(|error| (first, error))?;
        let mut world = Self {
            running: Running::new(switch),
            latches: Latches::default(),
            memory: Memory::default(),
            state: State::default(),
            output: String::new(),
        };
        let mut port_group = "";
        for line in lines {
            let mut words = Words::of(line);
            match words.next() {
                "switch" | "option" => {}
                "port-group" => port_group = words.next(),
                "frame" => world.frame(words),
                "show" => world.show(words),
                "after" => world.pass(words.time_ns()),
                "path" => world.path(words),
                _ => {
                    world.event(words.rewound(), port_group).map_err(|error| (line, error))?;
                    world.observe();
                    world.state.prepare(&world.running.tables);
                }
            }
        }
        Ok(world)
    }

    /// Lets the model see the switch as it is now.
    fn observe(&mut self) {
        self.latches.observe(&self.running.switch);
        self.memory.observe(&self.running.switch, &self.latches);
    }

    fn pass(&mut self, time_ns: u64) {
        let to_ns = self.running.now_ns + time_ns;
        self.running.pass(to_ns);
        self.latches.teams.pass(&self.running.switch, to_ns);
    }

    fn path(&mut self, mut words: Words<'_>) {
        let port = self.port(&mut words);
        let (id, name) = (port.id, port.adapter.name.clone());
        let broken = words.choose(&[("broken", true), ("whole", false)]);
        words.end();
        if broken {
            self.running.broken.insert(id);
            self.latches.teams.broken.insert(name);
        } else {
            self.running.broken.remove(&id);
            self.latches.teams.broken.remove(&name);
        }
    }

    fn event(&mut self, mut words: Words<'_>, port_group: &str) -> Result<(), ModelError> {
        match words.next() {
            "uplink" => self.connect_uplink(words),
            "vnic" => self.connect(words, |name, mac| Adapter::vnic(name, port_group, mac)),
            "vmkernel" => self.connect(words, |name, mac| Adapter::vmkernel(name, port_group, mac)),
            "guest" => self.guest(words),
            "link" => {
                let port = self.port(&mut words).id;
                let up = words.choose(&[("up", true), ("down", false)]);
                words.end();
                self.running.set_link(port, up)
            }
            "disconnect" => {
                let port = self.port(&mut words).id;
                words.end();
                self.running.event(|switch, _, _| switch.disconnect(port)).map(drop)
            }
            "reconnect" => {
                let port = self.port(&mut words).id;
                words.end();
                let adapter = self.running.event(|switch, _, _| switch.disconnect(port))?;
                self.observe();
                self.running.event(|switch, _, _| switch.connect(adapter)).map(drop)
            }
            "set" => {
                let mut config = self.running.switch.config().clone();
                words.change(&mut config);
                self.running.event(|switch, _, _| switch.reconfigure(config))
            }
            _ => words.fail("no such statement"),
        }
    }

    fn connect_uplink(&mut self, mut words: Words<'_>) -> Result<(), ModelError> {
        let name = words.next();
        let slot = u8::try_from(self.running.switch.ports().count()).unwrap();
        let state = words.peek().unwrap_or("up");
        if state == "absent" {
            return Ok(());
        }
        let adapter = Adapter::uplink(name, Mac::new([0, 0x50, 0x56, 0xff, 0, slot]));
        self.running.event(|switch, _, _| {
            let id = switch.connect(adapter)?;
            switch.set_link(id, state != "down")
        })
    }

    fn connect(
        &mut self,
        mut words: Words<'_>,
        adapter: impl Fn(&str, Mac) -> Adapter,
    ) -> Result<(), ModelError> {
        let (name, mac) = (words.next(), words.mac());
        self.running.event(|switch, _, _| {
            let id = switch.connect(adapter(name, mac))?;
            if words.peek() == Some("down") {
                switch.set_link(id, false)
            } else {
                switch.set_guest_request(id, words.guest_request(mac))
            }
        })
    }

    fn guest(&mut self, mut words: Words<'_>) -> Result<(), ModelError> {
        let port = self.port(&mut words);
        let (id, initial) = (port.id, port.adapter.mac);
        let request = words.guest_request(initial);
        self.running.event(|switch, _, _| switch.set_guest_request(id, request))
    }

    fn port(&self, words: &mut Words<'_>) -> &ConnectedPort {
        let name = words.next();
        self.running.switch.port_named(name).unwrap_or_else(|| words.fail("no such port"))
    }

    fn frame(&mut self, mut words: Words<'_>) {
        let name = words.next();
        let ingress = match name.parse() {
            Ok(number) => PortId::from_number(number),
            Err(_) => self.running.switch.port_named(name).unwrap_or_else(|| words.fail("no such port")).id,
        };
        let spec = words.frame_spec();
        if !self.output.is_empty() {
            self.output.push('\n');
        }
        let Running { switch, now_ns, .. } = &self.running;
        let now_ns = *now_ns;
        let (steps, outcome) = decide_aloud(switch, &mut self.state, ingress, &spec, now_ns);
        self.output.push_str(&steps);
        let expected = model::decide(switch, &self.latches, &mut self.memory, ingress, &spec, now_ns);
        assert_eq!(self.state.moves(), self.memory.moves, "moves at `{}`", words.line);
        assert_eq!(Verdict::of(&outcome, &spec), expected, "decide and the model differ at `{}`", words.line);
    }

    fn show(&mut self, mut words: Words<'_>) {
        if !self.output.is_empty() {
            self.output.push('\n');
        }
        let tables = self.running.switch.compile();
        match words.next() {
            "port" => {
                let applied = tables.applied(self.port(&mut words).id).unwrap();
                self.output.push_str(&applied_text(&tables, &applied));
            }
            "security" => {
                let security =
                    tables.security(words.next()).unwrap_or_else(|| words.fail("no such port group"));
                let names = Security {
                    promiscuous: "promiscuous mode",
                    mac_changes: "MAC address changes",
                    forged_transmits: "forged transmits",
                };
                security.zip(names).map(|(resolved, name)| {
                    writeln!(self.output, "{name}: {} from {:?}", resolved.value, resolved.origin).unwrap();
                });
            }
            "memory" => {
                let (remembered, moves) = (self.state.remembered(), self.state.moves());
                writeln!(self.output, "{remembered} remembered, {moves} moves").unwrap();
            }
            "sent" => self.output.push_str(&self.running.sent_text()),
            "learning" => {
                let counts = self.state.learning_counts(self.port(&mut words).id);
                let LearningCounts { macs_learned, moved, aged, not_learned_allowed, not_learned_dropped } =
                    counts;
                writeln!(
                    self.output,
                    "{macs_learned} learned, {moved} moved here, {aged} too old; not learned: {not_learned_allowed} allowed, {not_learned_dropped} dropped"
                )
                .unwrap();
            }
            "duplicates" => {
                for duplicate in tables.duplicate_macs() {
                    let names: Vec<&str> =
                        duplicate.ports.iter().map(|port| tables.port_name(*port)).collect();
                    writeln!(self.output, "{} at {}", duplicate.mac, names.join(", ")).unwrap();
                }
            }
            _ => words.fail("show port, security, sent, memory, learning or duplicates"),
        }
        words.end();
    }
}

fn applied_text(tables: &Tables, applied: &Applied) -> String {
    let Applied { mac, requested_mac, asks_promiscuous, promiscuous, all_multicast, groups, .. } = applied;
    let closed = |reason: Option<Reason>| reason.map_or("open", Reason::code);
    let team_uplink = applied.team_uplink.map_or("none", |uplink| tables.port_name(uplink));
    format!(
        "MAC {mac}, requested {requested_mac}\n\
         promiscuous mode: asked {asks_promiscuous}, granted {promiscuous}\n\
         all multicast: {all_multicast}, groups: {groups}\n\
         receive {}, send {}\n\
         team uplink: {team_uplink}\n",
        closed(applied.rx_closed),
        closed(applied.tx_closed),
    )
}

/// One decision, and its steps as text, a line each.
pub(crate) fn decide_aloud(
    switch: &Switch,
    state: &mut State,
    ingress: PortId,
    frame: &FrameSpec,
    now_ns: u64,
) -> (String, Outcome) {
    let tables = switch.compile();
    let bytes = frame.bytes();
    let mut text = String::new();
    let mut trace = |step: Step| {
        writeln!(text, "{}", StepText { step, tables: &tables }).unwrap();
    };
    let mut outcome = Outcome::default();
    let view = Frame::parse(&bytes).unwrap();
    decide(&tables, state, ingress, &view, now_ns, &mut trace, &mut outcome);
    (text, outcome)
}

/// A frame as tests describe it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FrameSpec {
    pub(crate) dst: Mac,
    pub(crate) src: Mac,
    pub(crate) tag: Option<Tag>,
    pub(crate) payload: Payload,
    /// Bytes after the Ethernet header and tag.
    pub(crate) payload_len: usize,
}

/// What a frame carries, as far as a switch may look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Payload {
    /// None of those below: the two words that stand where IPv4 has its addresses.
    Other(u32, u32),
    /// ARP: the addresses of sender and target. It is gratuitous if they are one.
    Arp([u8; 4], [u8; 4]),
    /// RARP, by which a host tells physical switches where an adapter is now.
    Rarp,
    /// A beacon between the uplinks of a team.
    Beacon,
    /// IPv4 between two addresses.
    Ipv4([u8; 4], [u8; 4]),
    /// IPv6 between two addresses, of which the last octets are given.
    Ipv6(u8, u8),
    /// A second tag, with this id. The frame has a first one.
    Tagged(u16),
    /// A service tag (802.1ad) with this id.
    ServiceTagged(u16),
}

/// The EtherType of a service tag.
const SERVICE_TAG: u16 = 0x88a8;
/// An EtherType that no protocol has.
const LOCAL_EXPERIMENTAL: u16 = 0x88b5;
/// The shortest payload of an Ethernet frame.
const MIN_PAYLOAD_LEN: usize = 46;

impl FrameSpec {
    pub(crate) fn new(src: Mac, dst: Mac) -> Self {
        Self { dst, src, tag: None, payload: Payload::Other(0, 0), payload_len: MIN_PAYLOAD_LEN }
    }

    /// The frame as it stands on the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(18 + self.payload_len);
        bytes.extend(self.dst.octets());
        bytes.extend(self.src.octets());
        if let Some(tag) = self.tag {
            bytes.extend(ethertype::VLAN.to_be_bytes());
            bytes.extend(tag.tci().to_be_bytes());
        }
        let mut payload = vec![0; self.payload_len.max(MIN_PAYLOAD_LEN)];
        let ethertype = match self.payload {
            Payload::Other(first, second) => {
                payload[12..16].copy_from_slice(&first.to_be_bytes());
                payload[16..20].copy_from_slice(&second.to_be_bytes());
                LOCAL_EXPERIMENTAL
            }
            Payload::Arp(sender, target) => {
                payload[8..14].copy_from_slice(&self.src.octets());
                payload[14..18].copy_from_slice(&sender);
                payload[24..28].copy_from_slice(&target);
                ethertype::ARP
            }
            Payload::Rarp => ethertype::RARP,
            Payload::Tagged(vid) | Payload::ServiceTagged(vid) => {
                payload[..2].copy_from_slice(&vid.to_be_bytes());
                payload[2..4].copy_from_slice(&LOCAL_EXPERIMENTAL.to_be_bytes());
                if matches!(self.payload, Payload::Tagged(_)) { ethertype::VLAN } else { SERVICE_TAG }
            }
            Payload::Beacon => ethertype::BEACON,
            Payload::Ipv4(src, dst) => {
                payload[0] = 0x45;
                payload[12..16].copy_from_slice(&src);
                payload[16..20].copy_from_slice(&dst);
                ethertype::IPV4
            }
            Payload::Ipv6(src, dst) => {
                payload[0] = 0x60;
                payload[8..24].copy_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, src]);
                payload[24..40].copy_from_slice(&[0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, dst]);
                ethertype::IPV6
            }
        };
        bytes.extend(ethertype.to_be_bytes());
        bytes.extend(payload);
        bytes
    }
}

fn read_config(lines: &[&str]) -> VSwitch {
    let mut config = VSwitch::named("");
    for line in lines {
        let mut words = Words::of(line);
        match words.next() {
            "switch" => {
                config.name = words.next().to_string();
                words.switch_settings(&mut config);
            }
            "option" => words.option(&mut config),
            "uplink" => config.uplinks.push(words.next().to_string()),
            "port-group" => {
                let mut group = PortGroup::named(words.next(), VlanMode::Est);
                words.group_settings(&mut group);
                config.port_groups.push(group);
            }
            _ => {}
        }
    }
    config
}

/// The words of one line, read from left to right.
struct Words<'a> {
    line: &'a str,
    words: Vec<&'a str>,
    at: usize,
}

impl<'a> Words<'a> {
    fn of(line: &'a str) -> Self {
        Self { line, words: line.split_whitespace().collect(), at: 0 }
    }

    fn rewound(mut self) -> Self {
        self.at = 0;
        self
    }

    fn fail(&self, message: &str) -> ! {
        let at = self.words.get(self.at.saturating_sub(1)).copied().unwrap_or_default();
        panic!("mistake in the fixture at `{at}` of line `{}`: {message}", self.line.trim())
    }

    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn next(&mut self) -> &'a str {
        let word = self.peek();
        self.at += 1;
        word.unwrap_or_else(|| self.fail("the line ends too early"))
    }

    fn end(&self) {
        if self.peek().is_some() {
            self.fail("more words than expected after this");
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> T {
        let word = self.next();
        word.parse().unwrap_or_else(|_| self.fail("not a number of the right size"))
    }

    fn mac(&mut self) -> Mac {
        let word = self.next();
        word.parse().unwrap_or_else(|_| self.fail("not a MAC address"))
    }

    fn choose<T: Copy>(&mut self, choices: &[(&str, T)]) -> T {
        let word = self.next();
        let found = choices.iter().find(|(name, _)| *name == word);
        found.unwrap_or_else(|| self.fail("no such value")).1
    }

    fn action(&mut self) -> Option<Action> {
        self.choose(&[("accept", Some(Action::Accept)), ("reject", Some(Action::Reject)), ("inherit", None)])
    }

    fn on_off(&mut self) -> bool {
        self.choose(&[("on", true), ("off", false)])
    }

    fn guest_request(&mut self, initial: Mac) -> GuestRequest {
        let mut guest = GuestRequest::unicast(initial);
        while self.peek().is_some() {
            match self.next() {
                "asks" => guest.promiscuous = self.choose(&[("promiscuous", true)]),
                "all-multicast" => guest.all_multicast = true,
                "guest-mac" => guest.mac = self.mac(),
                "vlans" => guest.vlans = Some(self.vlans()),
                "joins" => guest.groups.push(self.mac()),
                "joins-first" => {
                    let count: u8 = self.number();
                    guest.groups.extend((1..=count).map(|n| Mac::new([0x01, 0, 0x5e, 0, 0, n])));
                }
                _ => self.fail("no guest asks that"),
            }
        }
        guest
    }

    /// `10,20`, or `none`.
    fn vlans(&mut self) -> Vec<VlanId> {
        match self.next() {
            "none" => Vec::new(),
            ids => ids
                .split(',')
                .map(|id| id.parse().ok().and_then(VlanId::new).unwrap_or_else(|| self.fail("no VLAN id")))
                .collect(),
        }
    }

    fn frame_spec(&mut self) -> FrameSpec {
        let mut frame = FrameSpec::new(Mac::ZERO, Mac::ZERO);
        while self.peek().is_some() {
            match self.next() {
                "src" => frame.src = self.mac(),
                "dst" => frame.dst = self.mac(),
                "tag" => frame.tag = Some(self.tag()),
                "payload" => frame.payload_len = self.number(),
                "ipv4" => frame.payload = Payload::Ipv4(self.ipv4(), self.ipv4()),
                "ipv6" => frame.payload = Payload::Ipv6(self.number(), self.number()),
                "arp" => frame.payload = Payload::Arp(self.ipv4(), self.ipv4()),
                "rarp" => frame.payload = Payload::Rarp,
                "then-tag" => frame.payload = Payload::Tagged(self.number()),
                "service-tag" => frame.payload = Payload::ServiceTagged(self.number()),
                "beacon" => frame.payload = Payload::Beacon,
                "words" => frame.payload = Payload::Other(self.number(), self.number()),
                _ => self.fail("no frame has that"),
            }
        }
        frame
    }

    /// `10`, or `10/5` with a priority.
    fn tag(&mut self) -> Tag {
        let word = self.next();
        let (vid, pcp) = word.split_once('/').unwrap_or((word, "0"));
        match (vid.parse(), pcp.parse()) {
            (Ok(vid), Ok(pcp)) => Tag::new(vid, pcp),
            _ => self.fail("not a tag"),
        }
    }

    fn ipv4(&mut self) -> [u8; 4] {
        let word = self.next();
        let address: Result<std::net::Ipv4Addr, _> = word.parse();
        address.unwrap_or_else(|_| self.fail("not an IPv4 address")).octets()
    }

    fn change(&mut self, config: &mut VSwitch) {
        match self.next() {
            "switch" => self.switch_settings(config),
            "option" => self.option(config),
            "port-group" => {
                let name = self.next();
                match config.port_group_mut(name) {
                    Some(group) => self.group_settings(group),
                    None => self.fail("no such port group"),
                }
            }
            "no-uplink" => {
                let name = self.next();
                config.uplinks.retain(|uplink| uplink != name);
            }
            "no-port-group" => {
                let name = self.next();
                config.port_groups.retain(|group| group.name != name);
            }
            _ => self.fail("not a thing to set"),
        }
        self.end();
    }

    fn switch_settings(&mut self, config: &mut VSwitch) {
        while self.peek().is_some() {
            match self.next() {
                "mtu" => config.mtu = self.number(),
                "ports" => config.ports = Some(self.number()),
                "defaults" => {
                    config.defaults = self.choose(&Defaults::ALL.map(|defaults| (defaults.name(), defaults)));
                }
                "shaping" => config.shaping = self.shaping().flatten(),
                word if self.beyond(word, &mut config.beyond) => {}
                word => self.policy(word, &mut config.security, &mut config.teaming),
            }
        }
    }

    fn group_settings(&mut self, group: &mut PortGroup) {
        while self.peek().is_some() {
            match self.next() {
                "vlan" => {
                    let id = self.number();
                    group.vlan = VlanMode::from_id(id).unwrap_or_else(|| self.fail("no such VLAN"));
                }
                "shaping" => group.shaping = self.shaping(),
                word if self.beyond(word, &mut group.beyond) => {}
                word => self.policy(word, &mut group.security, &mut group.teaming),
            }
        }
    }

    /// Reads a setting that a standard switch does not have; returns false if `word` is none.
    fn beyond(&mut self, word: &str, beyond: &mut Beyond) -> bool {
        match word {
            "learning" => {
                beyond.mac_learning = self.choose(&[
                    ("on", Some(MacLearning::On(Learning::default()))),
                    ("off", Some(MacLearning::Off)),
                    ("inherit", None),
                ]);
            }
            "learning-limit" => self.learning(beyond).limit = self.number(),
            "learning-at-limit" => {
                self.learning(beyond).at_limit =
                    self.choose(&[("allow", AtLimit::Allow), ("drop", AtLimit::Drop)]);
            }
            "learning-ageing" => self.learning(beyond).ageing_s = self.number(),
            "learning-flooding" => self.learning(beyond).unicast_flooding = self.on_off(),
            "allow" => beyond.allowed_macs = self.allowed(),
            "sink" => beyond.sink = self.on_off_inherit(),
            "learning-filter" => beyond.learning_filter = self.on_off_inherit(),
            "guard" => beyond.forged_source_guard = self.on_off_inherit(),
            _ => return false,
        }
        true
    }

    fn learning<'b>(&self, beyond: &'b mut Beyond) -> &'b mut Learning {
        match &mut beyond.mac_learning {
            Some(MacLearning::On(learning)) => learning,
            _ => self.fail("`learning on` must stand before it"),
        }
    }

    fn on_off_inherit(&mut self) -> Option<bool> {
        self.choose(&[("on", Some(true)), ("off", Some(false)), ("inherit", None)])
    }

    /// Addresses of six octets and prefixes of three, with commas between; `none`, or `inherit`.
    fn allowed(&mut self) -> Option<Vec<AllowedMac>> {
        let words = match self.next() {
            "inherit" => return None,
            "none" => return Some(Vec::new()),
            words => words,
        };
        let one = |word: &str| word.parse().unwrap_or_else(|error| self.fail(&format!("{error}")));
        Some(words.split(',').map(one).collect())
    }

    /// `average/peak/burst`, `off`, or `inherit`.
    fn shaping(&mut self) -> Option<Option<Shaping>> {
        let word = self.next();
        match word.split('/').map(str::parse).collect::<Result<Vec<u64>, _>>().as_deref() {
            Ok([average_bps, peak_bps, burst_bytes]) => Some(Some(Shaping {
                average_bps: *average_bps,
                peak_bps: *peak_bps,
                burst_bytes: *burst_bytes,
            })),
            _ if word == "off" => Some(None),
            _ if word == "inherit" => None,
            _ => self.fail("not a shaping"),
        }
    }

    /// `301 s`, or `10 ms`.
    fn time_ns(&mut self) -> u64 {
        let number: u64 = self.number();
        let unit: u64 = self.choose(&[("s", 1_000_000_000), ("ms", 1_000_000)]);
        self.end();
        number * unit
    }

    fn policy(&mut self, word: &str, security: &mut Security<Option<Action>>, teaming: &mut Teaming) {
        match word {
            "promiscuous" => security.promiscuous = self.action(),
            "mac-changes" => security.mac_changes = self.action(),
            "forged-transmits" => security.forged_transmits = self.action(),
            "load-balancing" => {
                teaming.load_balancing = self.choose(&[
                    ("port-id", Some(LoadBalancing::PortId)),
                    ("source-mac", Some(LoadBalancing::SourceMac)),
                    ("ip-hash", Some(LoadBalancing::IpHash)),
                    ("explicit", Some(LoadBalancing::ExplicitFailover)),
                    ("inherit", None),
                ]);
            }
            "active" => {
                teaming.nic_order.get_or_insert_default().active = self.names();
            }
            "standby" => {
                teaming.nic_order.get_or_insert_default().standby = self.names();
            }
            "failback" => teaming.failback = self.on_off_inherit(),
            "notify-switches" => teaming.notify_switches = self.on_off_inherit(),
            "failure-detection" => {
                teaming.failure_detection = self.choose(&[
                    ("link", Some(FailureDetection::LinkStatus)),
                    ("beacon", Some(FailureDetection::BeaconProbing)),
                    ("inherit", None),
                ]);
            }
            "failover-order" => {
                self.choose(&[("inherit", ())]);
                teaming.nic_order = None;
            }
            _ => self.fail("no such setting"),
        }
    }

    /// `vmnic0,vmnic1`, or `none`.
    fn names(&mut self) -> Vec<String> {
        match self.next() {
            "none" => Vec::new(),
            names => names.split(',').map(str::to_string).collect(),
        }
    }

    fn option(&mut self, config: &mut VSwitch) {
        let options = &mut config.options;
        match self.next() {
            "promiscuous-scope" => {
                options.promiscuous_scope = self
                    .choose(&[("vlan", PromiscuousScope::Vlan), ("port-group", PromiscuousScope::PortGroup)]);
            }
            "refused-mac-change" => {
                options.refused_mac_change =
                    self.choose(&[("drop-rx", RefusedMacChange::DropRx), ("block", RefusedMacChange::Block)]);
            }
            "force-copy-to-all" => options.force_copy_to_all = self.on_off(),
            "reverse-path-check" => options.reverse_path_check = self.on_off(),
            "reverse-path-all" => options.reverse_path_all = self.on_off(),
            "reverse-path-single-uplink" => options.reverse_path_single_uplink = self.on_off(),
            "reverse-filter" => options.reverse_filter = self.on_off(),
            "reverse-path-promiscuous" => options.reverse_path_promiscuous = self.on_off_inherit(),
            "strict-latch" => options.strict_latch = self.on_off(),
            "block-guest-bpdu" => options.block_guest_bpdu = self.on_off_inherit(),
            "consume-link-local" => options.consume_link_local = self.on_off(),
            _ => self.fail("no such option"),
        }
        self.end();
    }
}
