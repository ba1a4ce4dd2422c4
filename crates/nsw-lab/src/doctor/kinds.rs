//! Kinds of end points: two of one kind behave alike towards everybody, so it is enough to ask about one of them.
//!
//! **The argument.** Deciding compares addresses and reads a few bits of them, and of a port it reads its
//! [`Behaviour`]; nothing else tells two ports apart. A frame goes up, over one segment, and down ([`World::above`]); so
//! what becomes of it between `a` and `b` depends on the vSwitches above `a`, those above `b`, and the segments. Of a
//! third port there matters only whether it exists, never for an arrival: copies for others neither stop a frame nor
//! teach a device anything. Hence, if `a` and `b` are on different [roots](Kinds::root_of), the outcome is a function of
//! what is written into the kind of each:
//!
//! * everything above: of each vSwitch its behaviour, of each uplink its behaviour and what it is cabled to, of each port
//!   that a nested host is wired to its behaviour (with the uplink that its team assigned to its slot);
//! * the behaviour of its own port, its VLAN, its IP networks and those of others that it falls into;
//! * the bits of its addresses that some team of the lab hashes, and the prefixes of allow-lists that its MAC matches;
//! * which ports above it its MAC is registered on.
//!
//! On one root the two share devices, so there the port's own vSwitch counts too: a [`Class`] is a kind on a vSwitch. Any
//! two of a class can change places without anything else noticing.
//!
//! Where this would not hold, an end point gets a kind of its own: a MAC that is registered elsewhere too (its pairs
//! with those elsewhere are then asked one by one), an IPv6 address whose solicited-node group somebody else joined, a
//! team of three hashing IP addresses, and everybody in a lab where a guest bridges its adapters.
//!
//! Reference: `docs/theorems.md`, theorem 5.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

use foldhash::fast::FixedState;
use nsw_core::{AllowedMac, Behaviour, LoadBalancing, Mac, PortId, SwitchBehaviour};

use super::stems::{Stem, stems};
use crate::sim::{Endpoint, EndpointId, Known, Settled, SwitchId, World};

/// The place of a kind among all that were ever met. Equal kinds of different worlds have the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct KindId(pub(crate) u32);

/// A map of what nobody from outside chose, asked millions of times.
pub(crate) type Hashed<K, V> = HashMap<K, V, FixedState>;

/// Numbers for what was met, the same for equal things, across worlds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Met {
    behaviours: Hashed<Behaviour, u32>,
    switches: Hashed<SwitchBehaviour, u32>,
    names: Hashed<String, u32>,
    networks: Hashed<(IpAddr, u8), u32>,
    pub(super) rows: Hashed<Vec<u32>, u32>,
    /// What networks somebody is in, numbered without gaps.
    memberships: Hashed<Vec<u32>, u32>,
}

fn small(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn number<T: std::hash::Hash + Eq>(met: &mut Hashed<T, u32>, thing: T) -> u32 {
    let next = u32::try_from(met.len()).unwrap_or(u32::MAX);
    *met.entry(thing).or_insert(next)
}

impl Met {
    pub(super) fn behaviour(&mut self, behaviour: Behaviour) -> u32 {
        number(&mut self.behaviours, behaviour)
    }

    pub(super) fn switch(&mut self, behaviour: SwitchBehaviour) -> u32 {
        number(&mut self.switches, behaviour)
    }

    pub(super) fn name(&mut self, name: &str) -> u32 {
        match self.names.get(name) {
            Some(number) => *number,
            None => number(&mut self.names, name.to_owned()),
        }
    }

    pub(super) fn row(&mut self, row: Vec<u32>) -> u32 {
        number(&mut self.rows, row)
    }
}

/// End points of one kind on one vSwitch, or on one segment.
#[derive(Clone, Debug)]
pub(crate) struct Class {
    pub(crate) kind: KindId,
    /// What is wired together without a segment between.
    pub(crate) root: usize,
    /// In the order of the lab.
    pub(crate) members: Vec<EndpointId>,
    /// vSwitches not above it on which its MAC is registered too. Such a class has one member.
    pub(crate) elsewhere: Vec<SwitchId>,
    /// What devices remember of its MAC, numbered.
    pub(crate) memory: u32,
    /// What of its MAC matters, numbered.
    pub(crate) mac: u32,
    /// What of its MAC and IP addresses matters, numbered.
    pub(crate) addresses: u32,
    /// What of them matters to teams and networks alone, and to no allow-list, numbered.
    pub(crate) hashed: u32,
    /// Which IP networks it is in, numbered without gaps: two of one number share a network with the same others.
    pub(crate) networks: u32,
    /// Something about it is in no number, so that it has a kind of its own.
    pub(crate) unlike_any: bool,
}

impl Class {
    pub(crate) fn len(&self) -> u64 {
        self.members.len() as u64
    }
}

/// The place of a class in its world.
pub(crate) type ClassId = usize;

/// The end points of a world by kind.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    pub(crate) classes: Vec<Class>,
    /// By end point.
    pub(crate) class_of: Vec<ClassId>,
    pub(crate) stems: Vec<Stem>,
    /// How many roots there are.
    pub(crate) roots: usize,
    /// What of addresses matters in this lab, numbered.
    pub(crate) survey: u32,
    /// Where each address is registered.
    pub(crate) registered: Hashed<Mac, Vec<(SwitchId, PortId)>>,
    /// Who remembers each address.
    pub(crate) known: Hashed<Mac, Vec<Known>>,
}

impl Kinds {
    /// By how they behave in a lab in which nobody has spoken yet.
    pub(crate) fn of(world: &World, met: &mut Met) -> Self {
        Self::with(world, met, Hashed::default())
    }

    /// By how they behave in the settled lab too: where learning has a limit, not everybody is known.
    pub(crate) fn settled(world: &World, met: &mut Met, settled: &Settled) -> Self {
        Self::with(world, met, settled.known(world))
    }

    fn with(world: &World, met: &mut Met, known: Hashed<Mac, Vec<Known>>) -> Self {
        let (stems, mut roots) = stems(world, met);
        let survey = Survey::of(world, met);
        let mut classes: Vec<Class> = Vec::new();
        let mut numbers: Hashed<(Option<SwitchId>, KindId, u32), ClassId> = Hashed::default();
        let mut class_of = Vec::new();
        for id in world.endpoint_ids() {
            let place = world.port_of(id);
            let stem = place.map(|(switch, _)| &stems[switch.index()]);
            let elsewhere = survey.elsewhere(world, id, stem);
            let mac = mac_row(met, &survey, world.endpoint(id).mac);
            let [addresses, hashed, networks] = address_rows(met, &survey, world.endpoint(id), mac);
            let unlike_any = survey.is_unlike_any(world.endpoint(id), stem, &elsewhere);
            let kind = KindId(kind_row(world, met, &survey, id, stem, unlike_any, addresses));
            let known_at = known.get(&world.endpoint(id).mac).map_or(&[][..], Vec::as_slice);
            let memory = met.row(memory_row(known_at, stem.map_or(&[], |stem| &stem.above)));
            let class =
                *numbers.entry((place.map(|(switch, _)| switch), kind, memory)).or_insert_with(|| {
                    let root = stem.map_or(roots, |stem| stem.root);
                    roots += usize::from(stem.is_none());
                    classes.push(Class {
                        kind,
                        root,
                        members: Vec::new(),
                        elsewhere,
                        memory,
                        mac,
                        addresses,
                        hashed,
                        networks,
                        unlike_any,
                    });
                    classes.len() - 1
                });
            classes[class].members.push(id);
            class_of.push(class);
        }
        let row = met.row(survey.row().to_vec());
        Self { classes, class_of, stems, roots, survey: row, registered: survey.registered, known }
    }

    /// The root that an end point is on.
    pub(crate) fn root_of(&self, id: EndpointId) -> usize {
        self.classes[self.class_of[id.index()]].root
    }

    /// The vSwitches above an end point.
    pub(crate) fn above(&self, world: &World, id: EndpointId) -> &[SwitchId] {
        world.port_of(id).map_or(&[], |(switch, _)| &self.stems[switch.index()].above)
    }
}

/// What a whole lab makes worth knowing of an address.
struct Survey {
    /// Where each address is registered.
    registered: Hashed<Mac, Vec<(SwitchId, PortId)>>,
    /// How many end points send from an address.
    users: Hashed<Mac, usize>,
    /// The prefixes in allow-lists, each with its number among what was met.
    prefixes: Vec<(AllowedMac, u32)>,
    /// The last octet of a MAC matters modulo this.
    mac_modulus: u32,
    /// These bits of an IP address matter; `None`: all of it.
    ip_mask: Option<u8>,
    /// The networks of the lab, masked.
    networks: BTreeSet<(IpAddr, u8)>,
    lengths: BTreeSet<(bool, u8)>,
    /// How many joined each group.
    joined: Hashed<Mac, usize>,
    /// No guest bridges its adapters.
    keeps_to_the_road: bool,
}

impl Survey {
    fn of(world: &World, met: &mut Met) -> Self {
        let mut survey = Self {
            registered: Hashed::default(),
            users: Hashed::default(),
            prefixes: Vec::new(),
            mac_modulus: 1,
            ip_mask: Some(0),
            networks: BTreeSet::new(),
            lengths: BTreeSet::new(),
            joined: Hashed::default(),
            keeps_to_the_road: world.keeps_to_the_road(),
        };
        for switch in world.switch_ids() {
            survey.look_at_switch(world, met, switch);
        }
        for id in world.endpoint_ids() {
            let endpoint = world.endpoint(id);
            *survey.users.entry(endpoint.mac).or_default() += 1;
            for address in &endpoint.addresses {
                survey.networks.insert((masked(address.ip, address.prefix_len), address.prefix_len));
                survey.lengths.insert((address.ip.is_ipv4(), address.prefix_len));
            }
        }
        survey
    }

    fn look_at_switch(&mut self, world: &World, met: &mut Met, id: SwitchId) {
        let (_, switch) = world.switch(id);
        let tables = world.tables(id);
        for (mac, port) in tables.registered() {
            self.registered.entry(mac).or_default().push((id, port));
        }
        let mut seen: Vec<&str> = Vec::new();
        for port in switch.ports() {
            for group in &port.guest.groups {
                *self.joined.entry(*group).or_default() += 1;
            }
            if port.id.is_uplink() || seen.contains(&port.adapter.port_group.as_str()) {
                continue;
            }
            seen.push(&port.adapter.port_group);
            let Some(behaviour) = tables.behaviour(port.id) else { continue };
            let prefixes = behaviour.prefixes();
            self.prefixes.extend(prefixes.map(|prefix| (prefix, met.name(&prefix.to_string()))));
            match behaviour.hashed_over() {
                Some((LoadBalancing::SourceMac, usable)) => self.hash_macs(usable),
                Some((LoadBalancing::IpHash, usable)) => self.hash_addresses(usable),
                _ => {}
            }
        }
    }

    /// What of addresses matters.
    fn row(&self) -> [u32; 2] {
        [self.mac_modulus, u32::from(self.ip_mask.unwrap_or(255))]
    }

    fn hash_macs(&mut self, usable: usize) {
        let usable = u32::try_from(usable.max(1)).unwrap_or(256);
        let both = self.mac_modulus / gcd(self.mac_modulus, usable) * usable;
        // Beyond the values of an octet, the octet itself is all there is to know.
        self.mac_modulus = both.min(256);
    }

    /// Exclusive or and a power of two: the low bits decide. Any other number needs the whole address.
    fn hash_addresses(&mut self, usable: usize) {
        let mask = u8::try_from(usable.max(1) - 1).ok().filter(|_| usable.max(1).is_power_of_two());
        self.ip_mask = self.ip_mask.zip(mask).map(|(known, mask)| known | mask);
    }

    fn elsewhere(&self, world: &World, id: EndpointId, stem: Option<&Stem>) -> Vec<SwitchId> {
        let above = stem.map_or(&[][..], |stem| &stem.above);
        let registered = self.registered.get(&world.endpoint(id).mac).into_iter().flatten();
        let mut elsewhere: Vec<SwitchId> =
            registered.map(|(switch, _)| *switch).filter(|switch| !above.contains(switch)).collect();
        elsewhere.sort_unstable();
        elsewhere.dedup();
        elsewhere
    }

    fn is_unlike_any(&self, endpoint: &Endpoint, stem: Option<&Stem>, elsewhere: &[SwitchId]) -> bool {
        let shares_group = |group: &Mac| self.joined.get(group).is_some_and(|joined| *joined > 1);
        let groups: Vec<Mac> = endpoint.groups().collect();
        !elsewhere.is_empty()
            || !self.keeps_to_the_road
            || self.users.get(&endpoint.mac).is_some_and(|users| *users > 1)
            || groups.iter().any(shares_group)
            || groups.len() > 32
            || self.ip_mask.is_none()
            || stem.is_some_and(|stem| stem.listens)
    }
}

/// Who of those above, and which segments, remember an address.
fn memory_row(known: &[Known], above: &[SwitchId]) -> Vec<u32> {
    let place = |switch: SwitchId| above.iter().position(|above| *above == switch);
    let row = known.iter().flat_map(|known| match *known {
        Known::At(switch, vlan) => [place(switch).map_or(u32::MAX, small), u32::from(vlan)],
        Known::Outside(segment, vlan) => [u32::MAX - 1 - small(segment), u32::from(vlan)],
    });
    row.collect()
}

/// Writes down all that the kind of an end point holds, and numbers it.
fn kind_row(
    world: &World,
    met: &mut Met,
    survey: &Survey,
    id: EndpointId,
    stem: Option<&Stem>,
    unlike_any: bool,
    addresses: u32,
) -> u32 {
    let endpoint = world.endpoint(id);
    let [macs, addresses_of_ip] = survey.row();
    let mut row = vec![u32::from(endpoint.vlan), macs, addresses_of_ip];
    if unlike_any {
        row.push(met.name(&endpoint.name));
    }
    row.push(u32::MAX);
    match (stem, world.port_of(id)) {
        (Some(stem), Some((switch, port))) => {
            row.extend([1, stem.shape, port_number(world, met, switch, port)]);
            row.extend(own_port(world, switch, port, endpoint));
            for outer in &stem.above {
                row.push(u32::MAX);
                for port in world.tables(*outer).registered_on(endpoint.mac) {
                    row.extend(stem.registered_port(world, met, (switch, port), *outer, id));
                }
            }
        }
        _ => row.extend([0, met.name(&world.segment_of(id).unwrap_or_default())]),
    }
    row.extend([u32::MAX, addresses]);
    met.row(row)
}

/// What of a MAC matters: bits that a team hashes, prefixes of allow-lists that it matches.
fn mac_row(met: &mut Met, survey: &Survey, mac: Mac) -> u32 {
    let mut row = hashed_of_mac(survey, mac).to_vec();
    let matched = survey.prefixes.iter().filter(|(prefix, _)| prefix.matches(mac));
    row.extend(matched.map(|(_, number)| *number));
    met.row(row)
}

fn hashed_of_mac(survey: &Survey, mac: Mac) -> [u32; 2] {
    let [_, second, .., last] = mac.octets();
    [u32::from(last) % survey.mac_modulus, u32::from(second & survey.ip_mask.unwrap_or(255))]
}

/// What of all addresses of an end point matters; what of them but to allow-lists; and what of its IP addresses says with
/// whom it shares a network.
fn address_rows(met: &mut Met, survey: &Survey, endpoint: &Endpoint, mac: u32) -> [u32; 3] {
    let mask = survey.ip_mask.unwrap_or(255);
    let (mut row, mut memberships) = (Vec::new(), Vec::new());
    for address in &endpoint.addresses {
        let networks = network_row(met, survey, address.ip, address.prefix_len);
        for row in [&mut row, &mut memberships] {
            row.push(u32::MAX);
            row.extend(&networks);
        }
        row.push(u32::MAX);
        row.extend(hashed_bits(address.ip, mask));
    }
    let hashed = [&hashed_of_mac(survey, endpoint.mac)[..], &row].concat();
    [met.row([&[mac], &row[..]].concat()), met.row(hashed), number(&mut met.memberships, memberships)]
}

/// Does the port ask as the guest's addresses have it, and does the switch know the address that the guest uses?
fn own_port(world: &World, switch: SwitchId, port: PortId, endpoint: &Endpoint) -> [u32; 2] {
    let (_, connected) = world.switch(switch);
    let guest = connected.port(port).map(|port| &port.guest);
    let joined = guest.is_some_and(|guest| endpoint.groups().all(|group| guest.groups.contains(&group)));
    let same = guest.is_some_and(|guest| guest.mac == endpoint.mac);
    [u32::from(joined), u32::from(same)]
}

/// Its own network, then every network of the lab that the address falls into.
fn network_row(met: &mut Met, survey: &Survey, ip: IpAddr, prefix_len: u8) -> Vec<u32> {
    let own = (masked(ip, prefix_len), prefix_len);
    let mut row = vec![number(&mut met.networks, own)];
    for (_, length) in survey.lengths.iter().filter(|(v4, _)| *v4 == ip.is_ipv4()) {
        let network = (masked(ip, *length), *length);
        if survey.networks.contains(&network) {
            row.push(number(&mut met.networks, network));
        }
    }
    row
}

/// The bits of an address that a team may hash.
fn hashed_bits(ip: IpAddr, mask: u8) -> [u32; 2] {
    let (second, last) = match ip {
        IpAddr::V4(ip) => (ip.octets()[1], ip.octets()[3]),
        IpAddr::V6(ip) => (0, ip.octets()[15]),
    };
    [u32::from(second & mask), u32::from(last & mask)]
}

/// A port as the kinds count it: its behaviour, and the bits of its own MAC that a team may hash are its behaviour's
/// business only where the kind of its end point says so.
pub(super) fn port_number(world: &World, met: &mut Met, switch: SwitchId, port: PortId) -> u32 {
    world.tables(switch).behaviour(port).map_or(u32::MAX, |behaviour| met.behaviour(behaviour))
}

fn masked(ip: IpAddr, prefix_len: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let kept = u32::MAX.checked_shl(32 - u32::from(prefix_len.min(32))).unwrap_or(0);
            IpAddr::V4((ip.to_bits() & kept).into())
        }
        IpAddr::V6(ip) => {
            let kept = u128::MAX.checked_shl(128 - u32::from(prefix_len.min(128))).unwrap_or(0);
            IpAddr::V6((ip.to_bits() & kept).into())
        }
    }
}

const fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}
