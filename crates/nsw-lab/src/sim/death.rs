//! Where a frame died that did not reach the end point it was meant for, and why.
//!
//! A frame has many copies, and most of them end somewhere without anybody missing them. The relevant one is found by
//! place, not by reason: among all hops the one **nearest to the target** by the cables (`distance.rs`), and at that
//! device the ports that lead on towards the target. Then the answer is read off what the device said:
//!
//! 1. It dropped the frame: that reason.
//! 2. It refused a copy to a port that leads on: that reason.
//! 3. It never considered such a port: the port is down, or not in the frame's VLAN, or the destination is registered
//!    on another port, or nowhere.
//! 4. It delivered to the target's own adapter, which ignored the frame.
//!
//! Copies that came equally near are compared by what stopped them: a copy that came back from a physical switch, and was
//! dropped for that, says least.
//!
//! Refused requests for promiscuous mode on a port that leads on stand beside the reason: a nested host's port that was
//! not granted it explains why the destination was *not registered*. So does a port that never asked for it.
//!
//! **Invariant:** nothing is decided here; every reason is one that a device gave or that its tables show.

use std::fmt;

use nsw_core::{Cause, Frame, Origin, PolicyValue, PortId, Reason, Setting, Step, Tables};

use super::bridge::{BridgeKind, Forwarding};
use super::distance::{Distances, ExitPort};
use super::endpoint::{Acceptance, EndpointId};
use super::journey::{At, BridgeVisit, Hop, Journey, Onward, SwitchVisit};
use super::world::{Far, World};

/// The end of a frame that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Death {
    /// The hop it died at; an index into [`Journey::hops`]. `None` if it never came to any device.
    pub hop: Option<usize>,
    /// Where.
    pub place: Place,
    /// Why.
    pub cause: DeathCause,
    /// The setting behind it, if there is one.
    pub policy: Option<Policy>,
    /// Copies that ports on the way to the target were refused at the same device.
    pub refusals: Vec<RefusedCopy>,
    /// Ports on the way to the target that would have got the frame only in promiscuous mode, and do not ask for it.
    pub not_asking: Vec<Place>,
    /// How the vSwitch decided that it died at; empty elsewhere.
    pub steps: Vec<Step>,
}

/// A device, and the port at it that matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The host; `None` outside of hosts.
    pub host: Option<String>,
    /// The vSwitch, or the segment or bridging guest.
    pub device: String,
    /// The port group of the port; `None` for uplinks and outside of hosts.
    pub port_group: Option<String>,
    /// The port.
    pub port: Option<String>,
}

/// Why a frame died.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeathCause {
    /// A vSwitch said so, or its tables do.
    Reason(Reason),
    /// The destination address is registered on another port of the same switch, which got the frame instead.
    RegisteredElsewhere,
    /// A bridge has learned the destination on another port.
    LearnedElsewhere,
    /// A bridge has learned the destination on the port that the frame came by.
    BackWhereItCameFrom,
    /// A bridge forwards no such frame.
    NotForwarded,
    /// It came to the target's adapter under another destination address.
    OtherAddress,
    /// It came to the target's adapter with a tag, or without one, that the guest does not listen to.
    OtherVlan,
    /// Copies go round in a loop; not all were followed.
    Storm,
    /// No cable leads from there to the target.
    NoPath,
    /// It came to the end point, which did not answer.
    NoAnswer,
}

/// The setting behind a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Which setting.
    pub setting: Setting,
    /// Its value as people read it.
    pub value: PolicyValue,
    /// Where it was set.
    pub origin: Origin,
    /// The whole line: setting, value, and where it was set.
    pub text: String,
}

/// A copy that a port on the way was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedCopy {
    /// The port that goes without.
    pub place: Place,
    /// Why.
    pub reason: Reason,
    /// The setting behind it, if there is one.
    pub policy: Option<Policy>,
}

impl Death {
    /// Where and why the frame of `journey` died on its way to `target`.
    pub fn of(world: &World, journey: &Journey, target: EndpointId) -> Self {
        let distances = Distances::to(world, journey, target);
        let onward = |hop: &Hop| distances.onward(hop.at.entry());
        let reached = journey.hops.iter().enumerate().filter_map(|(i, hop)| Some((i, hop, onward(hop)?)));
        match reached.min_by_key(|(_, hop, (distance, _))| (*distance, hop.is_reflection())) {
            Some((number, hop, (_, ports))) => Self::at_hop(world, journey, number, hop, &ports),
            None => Self::without_path(journey),
        }
    }

    /// The target got the frame and kept silent.
    pub(super) fn silent(world: &World, target: EndpointId) -> Self {
        let endpoint = world.endpoint(target);
        let device = endpoint.name.clone();
        let place = Place { host: endpoint.host.clone(), device, port_group: None, port: None };
        Self {
            hop: None,
            place,
            cause: DeathCause::NoAnswer,
            policy: None,
            refusals: Vec::new(),
            not_asking: Vec::new(),
            steps: Vec::new(),
        }
    }

    fn at_hop(world: &World, journey: &Journey, number: usize, hop: &Hop, ports: &[ExitPort]) -> Self {
        let mut death = match &hop.at {
            At::VSwitch(visit) => Self::at_switch(world, hop, visit, ports),
            At::Bridge(visit) => Self::at_bridge(visit),
        };
        death.hop = Some(number);
        let names: Vec<String> = ports.iter().map(|port| port_name(world, *port)).collect();
        let on_the_way = hop.exits.iter().filter(|exit| names.contains(&exit.port));
        for exit in on_the_way {
            match exit.onward {
                Onward::Arrival(arrival) => {
                    death.cause = match journey.arrivals[arrival].acceptance {
                        Acceptance::OtherVlan => DeathCause::OtherVlan,
                        _ => DeathCause::OtherAddress,
                    };
                }
                Onward::NotFollowed => death.cause = DeathCause::Storm,
                Onward::Hop(_) | Onward::Nowhere => continue,
            }
            death.place.port = Some(exit.port.clone());
            death.policy = None;
        }
        death
    }

    fn at_switch(world: &World, hop: &Hop, visit: &SwitchVisit, ports: &[ExitPort]) -> Self {
        let ports: Vec<PortId> = ports
            .iter()
            .filter_map(|port| match port {
                ExitPort::Switch(_, port) => Some(*port),
                ExitPort::Bridge(..) => None,
            })
            .collect();
        let outward = ports.iter().any(|port| port.is_uplink());
        let outcome = &visit.outcome;
        let refused =
            |port: PortId, reason| ports.contains(&port) || outward && matches!(reason, Reason::NoUplink);
        let refusals: Vec<(PortId, Reason)> = outcome
            .refusals
            .iter()
            .map(|refusal| (refusal.port, refusal.reason))
            .filter(|(port, reason)| refused(*port, *reason))
            .collect();
        // It left, by an uplink whose network does not lead there.
        let astray = outcome.deliveries.iter().find(|copy| copy.cause == Cause::Uplink && outward);
        let (port, cause) = match (outcome.drop, refusals.first(), ports.first()) {
            (Some(drop), _, _) => (drop.port, DeathCause::Reason(drop.reason)),
            (None, Some((port, reason)), _) => (*port, DeathCause::Reason(*reason)),
            (None, None, Some(port)) if port.is_uplink() && astray.is_some_and(|copy| copy.port != *port) => {
                (astray.map_or(*port, |copy| copy.port), DeathCause::NoPath)
            }
            (None, None, Some(port)) => (*port, not_considered(world, hop, visit, *port)),
            (None, None, None) => (visit.ingress, DeathCause::NoPath),
        };
        let reason = match cause {
            DeathCause::Reason(reason) => Some(reason),
            _ => None,
        };
        let others = refusals.into_iter().filter(|(other, why)| (*other, Some(*why)) != (port, reason));
        let refusals = others.map(|(port, reason)| RefusedCopy {
            place: Place::port(visit, port),
            reason,
            policy: reason_policy(&visit.tables, port, reason),
        });
        Self {
            hop: None,
            place: Place::port(visit, port),
            cause,
            policy: reason.and_then(|reason| reason_policy(&visit.tables, port, reason)),
            refusals: refusals.collect(),
            not_asking: if reason == Some(Reason::DestNotRegistered) {
                not_asking(world, visit, &ports)
            } else {
                Vec::new()
            },
            steps: visit.steps.clone(),
        }
    }

    fn at_bridge(visit: &BridgeVisit) -> Self {
        let (port, cause) = match &visit.forwarding {
            Forwarding::Known { port } => (port.clone(), DeathCause::LearnedElsewhere),
            Forwarding::BackWhereItCameFrom => (visit.ingress_name.clone(), DeathCause::BackWhereItCameFrom),
            Forwarding::LinkLocal | Forwarding::Malformed | Forwarding::Flood => {
                (visit.ingress_name.clone(), DeathCause::NotForwarded)
            }
        };
        Self {
            hop: None,
            place: Place::bridge(visit, port),
            cause,
            policy: None,
            refusals: Vec::new(),
            not_asking: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// No hop has a way to the target: the frame died where it was dropped, or where the way out ended.
    fn without_path(journey: &Journey) -> Self {
        let dropped = |hop: &&Hop| matches!(&hop.at, At::VSwitch(visit) if visit.outcome.drop.is_some());
        let first = journey.hops.first();
        let place = match first.map(|hop| &hop.at) {
            Some(At::VSwitch(visit)) => Place::port(visit, visit.ingress),
            Some(At::Bridge(visit)) => Place::bridge(visit, visit.ingress_name.clone()),
            None => {
                let device = journey.from.clone();
                Place { host: None, device, port_group: None, port: None }
            }
        };
        let mut death = Self {
            hop: first.map(|_| 0),
            place,
            cause: DeathCause::NoPath,
            policy: None,
            refusals: Vec::new(),
            not_asking: Vec::new(),
            steps: Vec::new(),
        };
        if let Some(At::VSwitch(visit)) = first.filter(dropped).map(|hop| &hop.at)
            && let Some(drop) = visit.outcome.drop
        {
            death.place = Place::port(visit, drop.port);
            death.cause = DeathCause::Reason(drop.reason);
            death.policy = reason_policy(&visit.tables, drop.port, drop.reason);
            death.steps.clone_from(&visit.steps);
        }
        death
    }
}

impl Hop {
    /// Was it dropped because it came back from a physical switch?
    fn is_reflection(&self) -> bool {
        let At::VSwitch(visit) = &self.at else { return false };
        let reason = visit.outcome.drop.map(|drop| drop.reason);
        matches!(reason, Some(Reason::ReversePath | Reason::ReverseTeam))
    }
}

/// The ports among `ports` behind which there are others than the guest itself, and whose guest asks for its own
/// frames only.
fn not_asking(world: &World, visit: &SwitchVisit, ports: &[PortId]) -> Vec<Place> {
    let leads_on =
        |port: &&PortId| matches!(world.far(visit.switch, **port), Far::Switch(..) | Far::Bridge(..));
    let silent = |port: &&PortId| visit.tables.applied(**port).is_some_and(|port| !port.asks_promiscuous);
    let inward = ports.iter().filter(|port| !port.is_uplink());
    inward.filter(leads_on).filter(silent).map(|port| Place::port(visit, *port)).collect()
}

/// Why a vSwitch that delivered the frame to others did not think of `port`.
fn not_considered(world: &World, hop: &Hop, visit: &SwitchVisit, port: PortId) -> DeathCause {
    let (_, switch) = world.switch(visit.switch);
    let connected = switch.port(port);
    let down = connected.is_none_or(|port| !port.link_up);
    let group = connected.and_then(|port| switch.config().port_group(&port.adapter.port_group));
    let outside = group.zip(visit.outcome.vlan).is_some_and(|(group, vlan)| !group.vlan.contains(vlan));
    let registered = visit.steps.iter().any(|step| matches!(step, Step::Registered { .. }));
    let is_group = Frame::parse(&hop.frame).is_ok_and(|frame| frame.dst().is_group());
    if down {
        DeathCause::Reason(Reason::PortDown)
    } else if outside {
        DeathCause::Reason(Reason::VlanMismatch)
    } else if registered {
        DeathCause::RegisteredElsewhere
    } else if is_group {
        DeathCause::Reason(Reason::GroupNotJoined)
    } else {
        DeathCause::Reason(Reason::DestNotRegistered)
    }
}

fn reason_policy(tables: &Tables, port: PortId, reason: Reason) -> Option<Policy> {
    let line = tables.policy_line(port, reason)?;
    Some(Policy { setting: line.setting, value: line.value, origin: line.origin, text: line.to_string() })
}

fn port_name(world: &World, port: ExitPort) -> String {
    match port {
        ExitPort::Switch(id, port) => world.tables(id).port_name(port).to_owned(),
        ExitPort::Bridge(id, port) => world.bridges[id.0].port_name(port),
    }
}

impl Place {
    fn port(visit: &SwitchVisit, port: PortId) -> Self {
        let tables = &visit.tables;
        Self {
            host: Some(visit.host.clone()),
            device: tables.name().to_owned(),
            port_group: tables.port_group_name(port).map(str::to_owned),
            port: Some(tables.port_name(port).to_owned()),
        }
    }

    fn bridge(visit: &BridgeVisit, port: String) -> Self {
        let kind = match visit.kind {
            BridgeKind::Segment => "segment",
            BridgeKind::Guest => "bridge in",
        };
        let device = format!("{kind} {}", visit.name);
        Self { host: None, device, port_group: None, port: Some(port) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let device = Some(&self.device);
        let parts = [self.host.as_ref(), device, self.port_group.as_ref(), self.port.as_ref()];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join(" / "))
    }
}

impl DeathCause {
    /// The causes that no vSwitch decides: they are about what is beside the switch.
    pub const BESIDE_THE_SWITCH: [Self; 9] = [
        Self::RegisteredElsewhere,
        Self::LearnedElsewhere,
        Self::BackWhereItCameFrom,
        Self::NotForwarded,
        Self::OtherAddress,
        Self::OtherVlan,
        Self::Storm,
        Self::NoPath,
        Self::NoAnswer,
    ];

    /// The cause with this stable code.
    pub fn from_code(code: &str) -> Option<Self> {
        let beside = || Self::BESIDE_THE_SWITCH.into_iter().find(|cause| cause.code() == code);
        Reason::from_code(code).map(Self::Reason).or_else(beside)
    }

    /// The stable code of the cause; each has a page in `docs/reasons/`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Reason(reason) => reason.code(),
            Self::RegisteredElsewhere => "REGISTERED_ELSEWHERE",
            Self::LearnedElsewhere => "LEARNED_ELSEWHERE",
            Self::BackWhereItCameFrom => "BACK_WHERE_IT_CAME_FROM",
            Self::NotForwarded => "NOT_FORWARDED",
            Self::OtherAddress => "OTHER_ADDRESS",
            Self::OtherVlan => "OTHER_VLAN",
            Self::Storm => "STORM",
            Self::NoPath => "NO_PATH",
            Self::NoAnswer => "NO_ANSWER",
        }
    }

    /// One sentence without a full stop, for people.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::Reason(reason) => reason.summary(),
            Self::RegisteredElsewhere => "the destination is registered on another port, which got the frame",
            Self::LearnedElsewhere => "the physical switch has learned the destination on another port",
            Self::BackWhereItCameFrom => {
                "the physical switch has learned the destination on the frame's own port"
            }
            Self::NotForwarded => "a bridge does not forward such frames",
            Self::OtherAddress => "it came to the adapter, which does not listen to that destination",
            Self::OtherVlan => "it came to the adapter in a VLAN that the guest does not listen to",
            Self::Storm => "copies of the frame go round in a loop",
            Self::NoPath => "no cable leads from there to the destination",
            Self::NoAnswer => "it arrived, and nobody answered",
        }
    }
}
