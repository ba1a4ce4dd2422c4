//! What must hold of every journey, whatever the lab and whatever happened before.
//!
//! Each law is checked from the journey and the configuration alone; none asks `decide` what it thinks. VLAN membership
//! and who is registered are worked out here again, as briefly as the rules state them.
//!
//! * **ends**: copies that were not followed are reported as a loop, and nothing else is; every copy is accounted for.
//! * **padding**: behind a copy there is nothing, or, where a short one leaves by an uplink, as many zeros as it takes;
//! * **vlan**: at every vSwitch the frame is in the VLAN that its tag and its ingress port say; every copy leaves by a
//!   member of that VLAN, tagged with its id on uplinks and trunk ports and untagged elsewhere; bridges pass on the bytes
//!   they got. Addresses and payload never change.
//! * **one copy**: at one hop no port is given two copies or refused two, and the ingress port none.
//! * **uplinks**: what came by an uplink leaves by none; one uplink at most carries a frame, unless the sender's team probes
//!   its paths with beacons: then it may be each of two or more.
//! * **ledger**: a frame that came in was delivered to somebody or dropped for one reason; copies that left for another
//!   device came in there.
//! * **unicast**: a port is given a unicast frame as owner only if its effective MAC is the destination; because of an
//!   allow-list, learning, flooding or a sink only if its group has that setting; as promiscuous only if the policy
//!   accepts and the guest asks (or the option forces it). Flooding, sinks and uplinks are for what nobody owns. And the
//!   owner is given it, or is told why not.

use std::collections::BTreeMap;

use nsw_core::{
    Cause, ConnectedPort, Counter, Frame, MIN_FRAME_LEN, Mac, MacLearning, PortId, Probing, Switch, VlanMode,
};
use nsw_lab::sim::journey::{BridgeVisit, Storm, SwitchVisit};
use nsw_lab::sim::{At, Hop, Journey, Onward, SwitchId, World};

/// A law that did not hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Violation {
    /// Which; the same word as in the header of this file.
    pub(crate) law: &'static str,
    pub(crate) what: String,
}

pub(crate) type Held = Result<(), Violation>;

pub(crate) fn hold(law: &'static str, held: bool, what: impl FnOnce() -> String) -> Held {
    if held { Ok(()) } else { Err(Violation { law, what: what() }) }
}

/// What every vSwitch counted since the lab began.
#[derive(Clone, Default)]
pub(crate) struct Ledger(BTreeMap<SwitchId, Counts>);

#[derive(Clone, Copy, Default, Debug)]
struct Counts {
    came_in: u64,
    delivered: u64,
    dropped: u64,
    copies_out: u64,
    deliveries: u64,
}

impl Ledger {
    fn enter(&mut self, visit: &SwitchVisit) {
        let counts = self.0.entry(visit.switch).or_default();
        visit.outcome.count(visit.ingress, |_, counter| match counter {
            Counter::In => counts.came_in += 1,
            Counter::Out(_) => counts.copies_out += 1,
            Counter::Dropped(_) => counts.dropped += 1,
            Counter::Refused(_) => {}
        });
        counts.delivered += u64::from(!visit.outcome.deliveries.is_empty());
        counts.deliveries += visit.outcome.deliveries.len() as u64;
    }

    fn check(&self) -> Held {
        for (id, counts) in &self.0 {
            let balanced =
                counts.came_in == counts.delivered + counts.dropped && counts.copies_out == counts.deliveries;
            hold("ledger", balanced, || format!("{id:?} counted {counts:?}"))?;
        }
        Ok(())
    }
}

/// Checks a journey that was just made in `world`.
pub(crate) fn check(world: &World, journey: &Journey, ledger: &mut Ledger) -> Held {
    ends(journey)?;
    for hop in &journey.hops {
        match &hop.at {
            At::VSwitch(visit) => {
                ledger.enter(visit);
                at_switch(world, journey, hop, visit)?;
            }
            At::Bridge(visit) => at_bridge(journey, hop, visit)?,
        }
    }
    ledger.check()
}

fn ends(journey: &Journey) -> Held {
    let exits = || journey.hops.iter().flat_map(|hop| &hop.exits);
    let cut = exits().any(|exit| exit.onward == Onward::NotFollowed);
    hold("ends", cut == journey.storm.is_some(), || "a copy was not followed, or a loop without one".into())?;
    hold("ends", !matches!(journey.storm, Some(Storm::TooManyCopies)), || {
        "more copies than are followed, and no loop".into()
    })?;
    let onward = exits().filter(|exit| matches!(exit.onward, Onward::Hop(_))).count();
    let later = journey.hops.iter().filter(|hop| hop.came_from.is_some()).count();
    hold("ledger", onward == later, || format!("{onward} copies left for devices and {later} came in"))?;
    let ends = exits().filter(|exit| matches!(exit.onward, Onward::Arrival(_))).count();
    let arrivals = journey.arrivals.len();
    hold("ledger", ends == arrivals, || format!("{ends} copies left for end points and {arrivals} arrived"))
}

fn at_bridge(journey: &Journey, hop: &Hop, visit: &BridgeVisit) -> Held {
    for exit in &hop.exits {
        hold("one copy", exit.port != visit.ingress_name, || format!("{} gave a frame back", visit.name))?;
        let same = copy(journey, exit.onward).is_none_or(|bytes| *bytes == *hop.frame);
        hold("vlan", same, || format!("bridge {} changed a frame", visit.name))?;
    }
    let ports = hop.exits.iter().map(|exit| exit.port.as_str()).collect();
    hold("one copy", distinct(ports), || format!("bridge {} gave a port two copies", visit.name))
}

/// The bytes of a copy where it came to next; `None` if it came to nowhere.
fn copy(journey: &Journey, onward: Onward) -> Option<&[u8]> {
    match onward {
        Onward::Hop(hop) => journey.hops.get(hop).map(|hop| &hop.frame[..]),
        Onward::Arrival(arrival) => journey.arrivals.get(arrival).map(|arrival| &arrival.frame[..]),
        Onward::Nowhere | Onward::NotFollowed => None,
    }
}

/// Does the team of this port probe its paths?
fn probes(switch: &Switch, port: PortId) -> bool {
    let config = switch.config();
    let group = switch.port(port).and_then(|port| config.port_group(&port.adapter.port_group));
    group.is_some_and(|group| matches!(config.probing(group), Probing::On | Probing::CannotTell))
}

fn at_switch(world: &World, journey: &Journey, hop: &Hop, visit: &SwitchVisit) -> Held {
    let outcome = &visit.outcome;
    let name = || format!("{}/{}", visit.host, visit.tables.name());
    hold("ledger", outcome.drop.is_some() == outcome.deliveries.is_empty(), || {
        format!("{}: delivered and dropped, or neither", name())
    })?;
    hold("ledger", hop.exits.len() == outcome.deliveries.len(), || format!("{}: a copy got lost", name()))?;
    let given: Vec<PortId> = outcome.deliveries.iter().map(|delivery| delivery.port).collect();
    let refused: Vec<PortId> = outcome.refusals.iter().map(|refusal| refusal.port).collect();
    hold("one copy", distinct(given.clone()), || format!("{}: two copies for one port", name()))?;
    hold("one copy", distinct(refused), || format!("{}: two refusals at one port", name()))?;
    hold("one copy", !given.contains(&visit.ingress), || format!("{}: given back", name()))?;
    let uplinks = given.iter().filter(|port| port.is_uplink()).count();
    let (_, switch) = world.switch(visit.switch);
    let most = match visit.ingress.is_uplink() {
        true => 0,
        false if probes(switch, visit.ingress) => usize::MAX,
        false => 1,
    };
    hold("uplinks", uplinks <= most, || format!("{}: left by {uplinks} uplinks", name()))?;
    let Ok(frame) = Frame::parse(&hop.frame) else { return Ok(()) };
    let here = Here { switch, visit, frame };
    here.vlans(journey, hop)?;
    here.causes()
}

/// A frame at a vSwitch.
struct Here<'a> {
    switch: &'a Switch,
    visit: &'a SwitchVisit,
    frame: Frame<'a>,
}

impl Here<'_> {
    fn mode(&self, port: PortId) -> Option<VlanMode> {
        if port.is_uplink() {
            return Some(VlanMode::Vgt);
        }
        let port = self.switch.port(port)?;
        Some(self.switch.config().port_group(&port.adapter.port_group)?.vlan)
    }

    fn place(&self, port: PortId) -> String {
        format!("{}/{}", self.visit.host, self.visit.tables.port_name(port))
    }

    fn vlans(&self, journey: &Journey, hop: &Hop) -> Held {
        let wire = self.frame.tag().map_or(0, nsw_core::Tag::vid);
        let Some(vlan) = self.visit.outcome.vlan else { return Ok(()) };
        let expected = match self.mode(self.visit.ingress) {
            Some(VlanMode::Vst(id)) if wire == 0 => id.get(),
            Some(VlanMode::Vgt) => wire,
            _ => 0,
        };
        hold("vlan", vlan.get() == expected, || {
            format!("{}: in VLAN {vlan} instead of {expected}", self.place(self.visit.ingress))
        })?;
        for (delivery, exit) in self.visit.outcome.deliveries.iter().zip(&hop.exits) {
            let mode = self.mode(delivery.port);
            let member = mode.is_some_and(|mode| mode.contains(vlan));
            hold("vlan", member, || format!("{}: not in VLAN {vlan}", self.place(delivery.port)))?;
            let Some(bytes) = copy(journey, exit.onward) else { continue };
            let Ok(copy) = Frame::parse(bytes) else {
                return hold("vlan", false, || "a copy that is no frame".into());
            };
            let tag = if mode == Some(VlanMode::Vgt) { vlan.get() } else { 0 };
            let tagged = copy.tag().map_or(0, nsw_core::Tag::vid);
            hold("vlan", tagged == tag, || {
                format!("{}: tag {tagged}, not {tag}", self.place(delivery.port))
            })?;
            let payload = copy.payload();
            let (payload, zeros) =
                payload.split_at_checked(self.frame.payload().len()).unwrap_or((payload, &[]));
            let same = (copy.dst(), copy.src(), copy.ethertype(), payload)
                == (self.frame.dst(), self.frame.src(), self.frame.ethertype(), self.frame.payload());
            hold("vlan", same, || format!("{}: another frame", self.place(delivery.port)))?;
            let is_short = delivery.port.is_uplink() && bytes.len() - zeros.len() < MIN_FRAME_LEN;
            let filled = if is_short { bytes.len() == MIN_FRAME_LEN } else { zeros.is_empty() };
            hold("padding", filled && zeros.iter().all(|byte| *byte == 0), || {
                format!("{}: {} bytes behind the frame", self.place(delivery.port), zeros.len())
            })?;
        }
        Ok(())
    }

    /// The ports with a link that the destination is registered on in the frame's VLAN.
    fn owners(&self) -> Vec<PortId> {
        let Some(vlan) = self.visit.outcome.vlan else { return Vec::new() };
        let inside = |port: &&ConnectedPort| port.link_up && !port.id.is_uplink();
        let member = |port: &&ConnectedPort| self.mode(port.id).is_some_and(|mode| mode.contains(vlan));
        let dst = self.frame.dst();
        let owns = |port: &&ConnectedPort| self.mac(port.id) == Some(dst) || self.allows(port.id, dst, true);
        let ports = self.switch.ports().filter(inside).filter(member).filter(owns);
        ports.map(|port| port.id).collect()
    }

    fn mac(&self, port: PortId) -> Option<Mac> {
        self.visit.tables.applied(port).map(|applied| applied.mac)
    }

    /// A setting beyond a standard switch, of the port's group or inherited.
    fn beyond<T>(&self, port: PortId, setting: impl Fn(&nsw_core::Beyond) -> Option<T>) -> Option<T> {
        let config = self.switch.config();
        let group = config.port_group(&self.switch.port(port)?.adapter.port_group)?;
        setting(&group.beyond).or_else(|| setting(&config.beyond))
    }

    fn allows(&self, port: PortId, mac: Mac, exactly: bool) -> bool {
        let list = self.beyond(port, |beyond| beyond.allowed_macs.clone()).unwrap_or_default();
        let exact =
            |entry: &&nsw_core::AllowedMac| !exactly || matches!(entry, nsw_core::AllowedMac::Exact(_));
        list.iter().filter(exact).any(|entry| entry.matches(mac))
    }

    fn learns(&self, port: PortId) -> Option<nsw_core::Learning> {
        match self.beyond(port, |beyond| beyond.mac_learning)? {
            MacLearning::On(learning) => Some(learning),
            MacLearning::Off => None,
        }
    }

    fn promiscuous(&self, port: PortId) -> bool {
        let Some(connected) = self.switch.port(port) else { return false };
        let policy = self.visit.tables.security(&connected.adapter.port_group);
        let accepted = policy.is_some_and(|policy| policy.promiscuous.value.accepts());
        accepted && (connected.guest.promiscuous || self.switch.config().options.force_copy_to_all)
    }

    fn causes(&self) -> Held {
        let dst = self.frame.dst();
        let owners = if dst.is_group() { Vec::new() } else { self.owners() };
        for delivery in &self.visit.outcome.deliveries {
            let port = delivery.port;
            let unowned = !dst.is_group() && owners.is_empty();
            let right = match delivery.cause {
                Cause::Own => self.mac(port) == Some(dst),
                Cause::Allowed => !dst.is_group() && self.allows(port, dst, false),
                Cause::Broadcast => dst.is_broadcast(),
                Cause::Group => dst.is_group() && !dst.is_broadcast(),
                Cause::Promiscuous => self.promiscuous(port),
                Cause::Uplink => port.is_uplink() && (dst.is_group() || unowned),
                Cause::Learned => unowned && self.learns(port).is_some(),
                Cause::Flooded => {
                    unowned && self.learns(port).is_some_and(|learning| learning.unicast_flooding)
                }
                Cause::Sink => unowned && self.beyond(port, |beyond| beyond.sink) == Some(true),
            };
            let cause = delivery.cause.name();
            hold("unicast", right, || format!("{}: given {dst} as {cause}", self.place(port)))?;
        }
        let outcome = &self.visit.outcome;
        let told = |port: &PortId| {
            *port == self.visit.ingress
                || outcome.deliveries.iter().any(|delivery| delivery.port == *port)
                || outcome.refusals.iter().any(|refusal| refusal.port == *port)
        };
        let considered = !outcome.deliveries.is_empty() || !outcome.refusals.is_empty();
        hold("unicast", !considered || owners.iter().all(told), || {
            format!("the owner of {dst} was passed over")
        })
    }
}

fn distinct<T: Ord>(mut values: Vec<T>) -> bool {
    values.sort();
    values.windows(2).all(|pair| pair[0] != pair[1])
}
