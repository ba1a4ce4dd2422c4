//! What happens in one step: an event, drawn from the step's own seed and from the lab as it was at first.
//!
//! **Invariant:** an event does not depend on the steps before it. So a step can be taken out of a failing sequence and
//! the others still mean what they meant, which is what lets a failure shrink.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use nsw_core::{
    Action, Beyond, Client, FailureDetection, GuestRequest, Learning, LoadBalancing, Mac, MacLearning,
    NicOrder, Options, PromiscuousScope, RefusedMacChange, Security, Teaming, VSwitch,
};
use nsw_lab::sim::{Disconnected, EndpointId, SimError, World};

use super::draw::Draw;

/// The names that events are made of.
pub(crate) struct Catalog {
    vswitches: Vec<Place>,
    ports: Vec<Port>,
    endpoints: Vec<EndpointId>,
}

/// A vSwitch with what it has.
#[derive(Clone, Debug)]
struct Place {
    host: String,
    vswitch: String,
    groups: Vec<String>,
    uplinks: Vec<String>,
}

#[derive(Clone, Debug)]
struct Port {
    host: String,
    name: String,
    client: Client,
    mac: Mac,
}

impl Catalog {
    pub(crate) fn of(world: &World) -> Self {
        let mut vswitches = Vec::new();
        let mut ports = Vec::new();
        for id in world.switch_ids() {
            let (host, switch) = world.switch(id);
            let config = switch.config();
            vswitches.push(Place {
                host: host.to_owned(),
                vswitch: config.name.clone(),
                groups: config.port_groups.iter().map(|group| group.name.clone()).collect(),
                uplinks: config.uplinks.clone(),
            });
            ports.extend(switch.ports().map(|port| Port {
                host: host.to_owned(),
                name: port.adapter.name.clone(),
                client: port.adapter.client,
                mac: port.adapter.mac,
            }));
        }
        Self { vswitches, ports, endpoints: world.endpoint_ids().collect() }
    }

    pub(crate) fn endpoint(&self, draw: &mut Draw) -> EndpointId {
        *draw.pick(&self.endpoints)
    }

    fn port(&self, draw: &mut Draw, fits: impl Fn(&Port) -> bool) -> Option<Port> {
        let ports: Vec<&Port> = self.ports.iter().filter(|port| fits(port)).collect();
        if ports.is_empty() { None } else { Some((*draw.pick(&ports)).clone()) }
    }
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// Somebody edits a vSwitch, or a port group of it.
    Edit { host: String, vswitch: String, group: Option<String>, edit: Edit },
    /// A link goes down or comes back.
    Link { host: String, port: String, up: bool },
    /// The path of an uplink breaks though its link is up, or is whole again.
    Path { host: String, port: String, whole: bool },
    /// A guest programs its adapter.
    Guest { host: String, port: String, mac: Mac, promiscuous: bool },
    /// A VM is switched off, or on again if it is off.
    Power { host: String, port: String },
    /// Time passes.
    Pass { ms: u64 },
    /// Nothing but traffic, which every step has.
    Quiet,
}

/// A change of a vSwitch or port group.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    Security(Security<Option<Action>>),
    Teaming(Teaming),
    Beyond(Beyond),
    /// Of the vSwitch alone. What rule R-9 remembers stays as it is: with it, a change that is undone may leave a trace.
    Options(Options),
}

/// Adapters that are off, by host and port.
pub(crate) type Off = BTreeMap<(String, String), Disconnected>;

impl Event {
    pub(crate) fn draw(draw: &mut Draw, catalog: &Catalog) -> Self {
        match draw.below(13) {
            0..=3 => edit(draw, catalog),
            4 | 5 => {
                let uplink = draw.one_in(2);
                let port = catalog.port(draw, |port| (port.client == Client::Uplink) == uplink);
                let up = !draw.one_in(4);
                port.map_or(Self::Quiet, |Port { host, name, .. }| Self::Link { host, port: name, up })
            }
            6 | 7 => {
                let port = catalog.port(draw, |port| port.client == Client::Vnic);
                let other = Mac::new([0x02, 0, 0, 0, 0, u8::try_from(draw.below(256)).unwrap_or(0)]);
                let (own, promiscuous) = (draw.one_in(2), draw.one_in(3));
                port.map_or(Self::Quiet, |Port { host, name, mac, .. }| Self::Guest {
                    host,
                    port: name,
                    mac: if own { mac } else { other },
                    promiscuous,
                })
            }
            8 => catalog
                .port(draw, |port| port.client == Client::Vnic)
                .map_or(Self::Quiet, |Port { host, name, .. }| Self::Power { host, port: name }),
            9 => Self::Pass { ms: 10_u64.pow(draw.below(6)) },
            10 => {
                let whole = draw.one_in(2);
                let port = catalog.port(draw, |port| port.client == Client::Uplink);
                port.map_or(Self::Quiet, |Port { host, name, .. }| Self::Path { host, port: name, whole })
            }
            _ => Self::Quiet,
        }
    }

    /// Lets it happen. What names a port that is off at the moment does nothing.
    pub(crate) fn happen(&self, world: &mut World, off: &mut Off) -> Result<(), SimError> {
        let done = match self {
            Self::Edit { host, vswitch, group, edit } => world.edit(host, vswitch, |config| {
                edit.apply(config, group.as_deref());
                Ok(())
            }),
            Self::Link { host, port, up } => world.set_link(host, port, *up),
            Self::Path { host, port, whole } => world.set_path(host, port, *whole),
            Self::Guest { host, port, mac, promiscuous } => set_guest(world, host, port, *mac, *promiscuous),
            Self::Power { host, port } => match off.remove(&(host.clone(), port.clone())) {
                Some(adapter) => world.connect(adapter),
                None => world.disconnect(host, port).map(|adapter| {
                    off.insert((host.clone(), port.clone()), adapter);
                }),
            },
            Self::Pass { ms } => {
                world.advance(Duration::from_millis(*ms));
                Ok(())
            }
            Self::Quiet => Ok(()),
        };
        match done {
            Err(SimError::NoSuchPort { .. }) => Ok(()),
            done => done,
        }
    }

    /// The event that takes this one back, in the world as it is before; `None` for what cannot be taken back. Without
    /// failback a team remembers who was there first, and nothing is the same again.
    pub(crate) fn undoing(&self, world: &World, off: &Off) -> Option<Undo> {
        if any_team(world, |teaming| teaming.failback == Some(false)) {
            return None;
        }
        match self {
            Self::Edit { host, vswitch, .. } => {
                let id = world.switch_named(host, vswitch).ok()?;
                let config = world.switch(id).1.config().clone();
                Some(Undo::Config { host: host.clone(), vswitch: vswitch.clone(), config: Box::new(config) })
            }
            Self::Link { host, port, .. } => {
                let (id, number) = world.port_named(host, port).ok()?;
                let up = world.switch(id).1.port(number)?.link_up;
                Some(Undo::Event(Self::Link { host: host.clone(), port: port.clone(), up }))
            }
            Self::Guest { host, port, .. } => {
                let (id, number) = world.port_named(host, port).ok()?;
                let guest = &world.switch(id).1.port(number)?.guest;
                let (mac, promiscuous) = (guest.mac, guest.promiscuous);
                Some(Undo::Event(Self::Guest { host: host.clone(), port: port.clone(), mac, promiscuous }))
            }
            // With other adapters off, it may come back to another port: that is no undoing.
            Self::Power { .. } if off.is_empty() => Some(Undo::Event(self.clone())),
            Self::Power { .. } | Self::Path { .. } | Self::Pass { .. } | Self::Quiet => None,
        }
    }
}

/// Lets so much time pass that what time alone changes has changed: links count, and beacons have told at each level what
/// they can.
pub(crate) fn settle(world: &mut World) {
    let beacons = any_team(world, |teaming| teaming.failure_detection.is_some());
    world.advance(if beacons { Duration::from_secs(20) } else { Duration::from_millis(100) });
}

fn any_team(world: &World, of: impl Fn(&Teaming) -> bool) -> bool {
    world.switch_ids().any(|id| {
        let config = world.switch(id).1.config();
        of(&config.teaming) || config.port_groups.iter().any(|group| of(&group.teaming))
    })
}

/// How an event is taken back.
pub(crate) enum Undo {
    Event(Event),
    Config { host: String, vswitch: String, config: Box<VSwitch> },
}

impl Undo {
    pub(crate) fn happen(self, world: &mut World, off: &mut Off) -> Result<(), SimError> {
        match self {
            Self::Event(event) => event.happen(world, off),
            Self::Config { host, vswitch, config } => world.edit(&host, &vswitch, |now| {
                *now = *config;
                Ok(())
            }),
        }
    }
}

/// An edit that opens promiscuous mode or forged transmits somewhere, whatever stood there.
pub(crate) fn opening(draw: &mut Draw, catalog: &Catalog, world: &World) -> Option<Event> {
    let place = draw.pick(&catalog.vswitches);
    let group = draw.pick(&place.groups).clone();
    let id = world.switch_named(&place.host, &place.vswitch).ok()?;
    let mut security = world.switch(id).1.config().port_group(&group)?.security;
    if draw.one_in(2) {
        security.promiscuous = Some(Action::Accept);
    } else {
        security.forged_transmits = Some(Action::Accept);
    }
    let (host, vswitch) = (place.host.clone(), place.vswitch.clone());
    Some(Event::Edit { host, vswitch, group: Some(group), edit: Edit::Security(security) })
}

fn edit(draw: &mut Draw, catalog: &Catalog) -> Event {
    let place = draw.pick(&catalog.vswitches).clone();
    let group = if draw.one_in(2) { Some(draw.pick(&place.groups).clone()) } else { None };
    let edit = match draw.below(8) {
        0..=3 => Edit::Security(Security {
            promiscuous: action(draw),
            mac_changes: action(draw),
            forged_transmits: action(draw),
        }),
        4 | 5 => Edit::Teaming(teaming(draw, &place.uplinks)),
        6 => Edit::Beyond(beyond(draw)),
        _ => Edit::Options(options(draw)),
    };
    Event::Edit { host: place.host, vswitch: place.vswitch, group, edit }
}

fn action(draw: &mut Draw) -> Option<Action> {
    *draw.pick(&[None, Some(Action::Accept), Some(Action::Accept), Some(Action::Reject)])
}

fn teaming(draw: &mut Draw, uplinks: &[String]) -> Teaming {
    use LoadBalancing::{ExplicitFailover, IpHash, PortId, SourceMac};
    let load_balancing =
        *draw.pick(&[None, Some(PortId), Some(SourceMac), Some(IpHash), Some(ExplicitFailover)]);
    let nic_order = draw.one_in(2).then(|| {
        let mut order = NicOrder::default();
        for uplink in uplinks {
            match draw.below(4) {
                0 | 1 => order.active.push(uplink.clone()),
                2 => order.standby.push(uplink.clone()),
                _ => {}
            }
        }
        order
    });
    Teaming {
        load_balancing,
        nic_order,
        failure_detection: draw.one_in(4).then_some(FailureDetection::BeaconProbing),
        failback: draw.one_in(8).then_some(false),
        notify_switches: draw.one_in(4).then_some(false),
    }
}

fn beyond(draw: &mut Draw) -> Beyond {
    let learning = Learning {
        limit: 1 + draw.below(3),
        ageing_s: 1 + draw.below(60),
        unicast_flooding: draw.one_in(2),
        ..Learning::default()
    };
    Beyond {
        mac_learning: draw.one_in(3).then_some(MacLearning::On(learning)),
        allowed_macs: None,
        sink: draw.one_in(4).then_some(true),
        learning_filter: draw.one_in(4).then_some(true),
        forged_source_guard: draw.one_in(4).then_some(true),
    }
}

fn options(draw: &mut Draw) -> Options {
    let scopes = [PromiscuousScope::Vlan, PromiscuousScope::PortGroup];
    let refused = [RefusedMacChange::DropRx, RefusedMacChange::Block];
    Options {
        promiscuous_scope: *draw.pick(&scopes),
        force_copy_to_all: draw.one_in(4),
        refused_mac_change: *draw.pick(&refused),
        reverse_path_check: !draw.one_in(4),
        reverse_path_all: draw.one_in(4),
        reverse_path_single_uplink: !draw.one_in(4),
        reverse_filter: !draw.one_in(4),
        block_guest_bpdu: Some(draw.one_in(2)),
        consume_link_local: draw.one_in(2),
        ..Options::default()
    }
}

impl Edit {
    fn apply(&self, config: &mut VSwitch, group: Option<&str>) {
        if let Self::Options(options) = self {
            let Options { reverse_path_promiscuous, strict_latch, .. } = config.options;
            config.options = Options { reverse_path_promiscuous, strict_latch, ..*options };
            return;
        }
        let group = group.and_then(|name| config.port_groups.iter_mut().find(|group| group.name == name));
        match (self, group) {
            (Self::Security(security), Some(group)) => group.security = *security,
            (Self::Security(security), None) => config.security = *security,
            (Self::Teaming(teaming), Some(group)) => group.teaming = teaming.clone(),
            (Self::Teaming(teaming), None) => config.teaming = teaming.clone(),
            (Self::Beyond(beyond), Some(group)) => group.beyond = beyond.clone(),
            (Self::Beyond(beyond), None) => config.beyond = beyond.clone(),
            (Self::Options(_), _) => {}
        }
    }
}

fn set_guest(world: &mut World, host: &str, port: &str, mac: Mac, promiscuous: bool) -> Result<(), SimError> {
    let (id, number) = world.port_named(host, port)?;
    let Some(port_now) = world.switch(id).1.port(number) else { return Ok(()) };
    let request = GuestRequest { mac, promiscuous, ..port_now.guest.clone() };
    world.set_guest(host, port, request)
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edit { host, vswitch, group, edit } => {
                let group = group.as_ref().map(|group| format!("/{group}")).unwrap_or_default();
                write!(f, "{host}/{vswitch}{group}: {edit:?}")
            }
            Self::Link { host, port, up } => {
                write!(f, "{host}/{port}: link {}", if *up { "up" } else { "down" })
            }
            Self::Path { host, port, whole } => {
                write!(f, "{host}/{port}: the path is {}", if *whole { "whole" } else { "broken" })
            }
            Self::Guest { host, port, mac, promiscuous } => {
                write!(f, "{host}/{port}: the guest programs {mac}, promiscuous {promiscuous}")
            }
            Self::Power { host, port } => write!(f, "{host}/{port}: switched off, or on again"),
            Self::Pass { ms } => write!(f, "{ms} ms pass"),
            Self::Quiet => f.write_str("nothing changes"),
        }
    }
}
