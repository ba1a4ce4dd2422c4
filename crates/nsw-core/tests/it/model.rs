//! The specification a second time, word for word and without a thought for speed: every question is answered by
//! walking over all ports with a predicate. It shares no code with `decide` and none of its structure, so where the two
//! agree, both say what the document says.
//!
//! It follows the one-page model of the specification: `port_input`, then `dispatch`. What the document leaves to us
//! stands in the comments that start with *ours*.

use std::collections::BTreeMap;

use nsw_core::{
    Action, Cause, Client, ConnectedPort, Defaults, Delivery, LoadBalancing, Mac, Outcome, PortGroup, PortId,
    PromiscuousScope, Reason, RefusedMacChange, Security, Switch, Tag, TagAction, VSwitch, VlanId,
};

use crate::fixture::{FrameSpec, Payload};

/// What happens to one frame, as sets: nothing here has an order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) vlan: Option<u16>,
    /// For each port that gets a copy: the tag that the copy carries, and why.
    pub(crate) deliveries: BTreeMap<PortId, (Option<Tag>, Cause)>,
    pub(crate) refusals: BTreeMap<PortId, Reason>,
    pub(crate) drop: Option<(Reason, PortId)>,
}

impl Verdict {
    /// What `decide` said, in the model's form.
    pub(crate) fn of(outcome: &Outcome, frame: &FrameSpec) -> Self {
        let delivery =
            |delivery: &Delivery| (delivery.port, (tag_after(frame.tag, delivery.tag), delivery.cause));
        Self {
            vlan: outcome.vlan.map(VlanId::get),
            deliveries: outcome.deliveries.iter().map(delivery).collect(),
            refusals: outcome.refusals.iter().map(|refusal| (refusal.port, refusal.reason)).collect(),
            drop: outcome.drop.map(|drop| (drop.reason, drop.port)),
        }
    }
}

/// The tag of a copy whose frame came in with tag `came`.
pub(crate) fn tag_after(came: Option<Tag>, action: TagAction) -> Option<Tag> {
    match action {
        TagAction::Keep => came,
        TagAction::Pop => None,
        TagAction::Push(tag) | TagAction::Replace(tag) => Some(tag),
    }
}

/// What each port remembers of `Net.ReversePathFwdCheckPromisc`: the option is read when promiscuous mode is granted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latches {
    granted: BTreeMap<PortId, bool>,
    option: BTreeMap<PortId, bool>,
}

impl Latches {
    /// To be called after every event.
    pub(crate) fn observe(&mut self, switch: &Switch) {
        let model = Model { config: switch.config(), ports: switch.ports().collect(), latches: self };
        let now: BTreeMap<PortId, bool> =
            model.ports.iter().map(|port| (port.id, model.promiscuous(port))).collect();
        let options = &switch.config().options;
        for (port, granted) in &now {
            let granted_before = self.granted.get(port).copied().unwrap_or(false);
            if *granted && (!granted_before || !options.strict_latch) {
                self.option.insert(*port, options.reverse_path_promiscuous);
            }
        }
        self.granted = now;
    }
}

/// Decides about a frame by the letter of the specification.
pub(crate) fn decide(switch: &Switch, latches: &Latches, ingress: PortId, frame: &FrameSpec) -> Verdict {
    let model = Model { config: switch.config(), ports: switch.ports().collect(), latches };
    let mut verdict = Verdict::default();
    if let Err(reason) = model.port_input(ingress, frame, &mut verdict) {
        verdict.drop = Some((reason, ingress));
    }
    verdict
}

struct Model<'a> {
    config: &'a VSwitch,
    ports: Vec<&'a ConnectedPort>,
    latches: &'a Latches,
}

impl Model<'_> {
    fn port_input(&self, ingress: PortId, frame: &FrameSpec, verdict: &mut Verdict) -> Result<(), Reason> {
        let options = &self.config.options;
        let in_port = self.ports.iter().find(|p| p.id == ingress && p.link_up).ok_or(Reason::PortDown)?;
        if self.violates_mac_changes(in_port) && options.refused_mac_change == RefusedMacChange::Block {
            return Err(Reason::PortBlockedMacChange);
        }
        let vlan = self.classify_vlan(in_port, frame.tag).ok_or(Reason::VlanMismatch)?;
        verdict.vlan = Some(vlan);
        // Ours: no adapter may send from a group or from zero, whatever the policy says.
        if group_bit(frame.src) || frame.src == Mac::ZERO {
            return Err(Reason::InvalidSource);
        }
        if is_uplink(in_port) {
            if self.rpf_own_source(vlan, frame) {
                return Err(Reason::ReversePath);
            }
            if options.consume_link_local && is_link_local(frame.dst) {
                return Err(Reason::LinkLocal);
            }
        } else {
            if !self.forged_accepted(in_port) && frame.src != self.effective_mac(in_port) {
                return Err(Reason::ForgedTransmit);
            }
            if options.block_guest_bpdu && frame.dst == BRIDGE_GROUP {
                return Err(Reason::GuestBpdu);
            }
        }
        self.dispatch(in_port, vlan, frame, verdict);
        Ok(())
    }

    fn dispatch(&self, in_port: &ConnectedPort, vlan: u16, frame: &FrameSpec, verdict: &mut Verdict) {
        let known = !group_bit(frame.dst) && self.vports().any(|p| self.owns(p, frame.dst, vlan));
        for p in self.vports().filter(|p| p.id != in_port.id && self.member_of(p, vlan)) {
            let Some(cause) = self.accepted_passes(in_port, p, vlan, frame.dst) else {
                // Ours: who asks for promiscuous mode in vain is told of each unicast frame that nobody owns.
                if p.guest.promiscuous && !self.promiscuous(p) && !group_bit(frame.dst) && !known {
                    verdict.refusals.insert(p.id, Reason::PromiscuousNotGranted);
                }
                continue;
            };
            if self.violates_mac_changes(p) {
                verdict.refusals.insert(p.id, Reason::PortBlockedMacChange);
            } else if is_uplink(in_port) && self.reverse_filter_blocks(p, in_port, frame) {
                verdict.refusals.insert(p.id, Reason::ReverseTeam);
            } else {
                verdict.deliveries.insert(p.id, (self.tag_on_egress(in_port, p, vlan, frame.tag), cause));
            }
        }
        if !is_uplink(in_port) && (group_bit(frame.dst) || !known) {
            match self.select_uplink(in_port, frame) {
                None => drop(verdict.refusals.insert(in_port.id, Reason::NoUplink)),
                Some(uplink) if frame.payload_len > usize::from(self.config.mtu) => {
                    verdict.refusals.insert(uplink.id, Reason::Mtu);
                }
                Some(uplink) => {
                    let tag = self.tag_on_egress(in_port, uplink, vlan, frame.tag);
                    verdict.deliveries.insert(uplink.id, (tag, Cause::Uplink));
                }
            }
        }
        if verdict.deliveries.is_empty() {
            verdict.drop = Some(self.primary_reason(in_port, vlan, frame.dst, verdict));
        }
    }

    /// Ours: exactly one reason for a frame that reached nobody.
    fn primary_reason(
        &self,
        in_port: &ConnectedPort,
        vlan: u16,
        dst: Mac,
        verdict: &Verdict,
    ) -> (Reason, PortId) {
        let refusals = || verdict.refusals.iter().map(|(port, reason)| (*reason, *port));
        let of_uplink = refusals().find(|(reason, _)| matches!(reason, Reason::NoUplink | Reason::Mtu));
        let of_ports = refusals()
            .filter(|(reason, _)| *reason != Reason::PromiscuousNotGranted)
            .min_by_key(|(_, port)| port.slot());
        if let Some(refusal) = of_uplink.or(of_ports) {
            return refusal;
        }
        let somewhere = |p: &&ConnectedPort| self.effective_mac(p) == dst;
        let reason = if self.owns(in_port, dst, vlan) {
            Reason::Hairpin
        } else if self.vports().any(|p| somewhere(&p)) {
            Reason::VlanMismatch
        } else if !self.vports().any(|p| p.id != in_port.id && self.member_of(p, vlan)) {
            Reason::NoPortInVlan
        } else if group_bit(dst) {
            Reason::GroupNotJoined
        } else {
            Reason::DestNotRegistered
        };
        (reason, in_port.id)
    }

    /// Every port of a guest or the VMkernel that is there: what is disconnected or has no link is registered nowhere.
    fn vports(&self) -> impl Iterator<Item = &ConnectedPort> {
        self.ports.iter().copied().filter(|p| !is_uplink(p) && p.link_up)
    }

    fn port_group(&self, port: &ConnectedPort) -> Option<&PortGroup> {
        self.config.port_groups.iter().find(|group| !is_uplink(port) && group.name == port.adapter.port_group)
    }

    // The VLAN.

    /// 0, 1 to 4094, or 4095; an uplink carries all.
    fn vlan_id(&self, port: &ConnectedPort) -> u16 {
        self.port_group(port).map_or(4095, |group| group.vlan.id())
    }

    fn member_of(&self, port: &ConnectedPort, vlan: u16) -> bool {
        let pg = self.vlan_id(port);
        pg == vlan || pg == 4095
    }

    fn classify_vlan(&self, port: &ConnectedPort, tag: Option<Tag>) -> Option<u16> {
        let vid = tag.map_or(0, Tag::vid);
        match (self.vlan_id(port), vid) {
            (4095, 4095) => None,
            (4095, vid) => Some(vid),
            (pg, 0) => Some(pg),
            (_, _) => None,
        }
    }

    fn tag_on_egress(
        &self,
        from: &ConnectedPort,
        to: &ConnectedPort,
        vlan: u16,
        came: Option<Tag>,
    ) -> Option<Tag> {
        let tags_are_kept = self.vlan_id(from) == 4095;
        let priority = came.map_or(0, Tag::pcp);
        match (self.vlan_id(to), vlan) {
            (4095, _) if tags_are_kept => came,
            (4095, 1..) => Some(Tag::new(vlan, priority)),
            _ => None,
        }
    }

    // The policies.

    fn setting(
        &self,
        port: &ConnectedPort,
        of: impl Fn(&Security<Option<Action>>) -> Option<Action>,
        legacy_default: Action,
    ) -> bool {
        let own = self.port_group(port).and_then(|group| of(&group.security));
        let inherited = of(&self.config.security);
        let default = if self.config.defaults == Defaults::Legacy { legacy_default } else { Action::Reject };
        own.or(inherited).unwrap_or(default) == Action::Accept
    }

    fn promiscuous_accepted(&self, port: &ConnectedPort) -> bool {
        self.setting(port, |security| security.promiscuous, Action::Reject)
    }

    fn mac_changes_accepted(&self, port: &ConnectedPort) -> bool {
        self.setting(port, |security| security.mac_changes, Action::Accept)
    }

    fn forged_accepted(&self, port: &ConnectedPort) -> bool {
        self.setting(port, |security| security.forged_transmits, Action::Accept)
    }

    fn violates_mac_changes(&self, port: &ConnectedPort) -> bool {
        !is_uplink(port) && !self.mac_changes_accepted(port) && port.guest.mac != port.adapter.mac
    }

    fn effective_mac(&self, port: &ConnectedPort) -> Mac {
        if self.violates_mac_changes(port) { port.adapter.mac } else { port.guest.mac }
    }

    // The accepted filter.

    fn owns(&self, port: &ConnectedPort, dst: Mac, vlan: u16) -> bool {
        !is_uplink(port) && self.member_of(port, vlan) && self.effective_mac(port) == dst
    }

    fn promiscuous(&self, port: &ConnectedPort) -> bool {
        let requested = port.guest.promiscuous || self.config.options.force_copy_to_all;
        !is_uplink(port) && requested && self.promiscuous_accepted(port)
    }

    fn accepted_passes(
        &self,
        in_port: &ConnectedPort,
        p: &ConnectedPort,
        vlan: u16,
        dst: Mac,
    ) -> Option<Cause> {
        if dst == Mac::BROADCAST {
            Some(Cause::Broadcast)
        } else if group_bit(dst) && listens(p, dst) {
            Some(Cause::Group)
        } else if !group_bit(dst) && self.effective_mac(p) == dst {
            Some(Cause::Own)
        } else if self.promiscuous(p) && self.in_scope(in_port, p, vlan, dst) {
            Some(Cause::Promiscuous)
        } else {
            None
        }
    }

    fn in_scope(&self, in_port: &ConnectedPort, p: &ConnectedPort, vlan: u16, dst: Mac) -> bool {
        let same_group =
            |other: &ConnectedPort| !is_uplink(other) && other.adapter.port_group == p.adapter.port_group;
        let owned = || self.vports().any(|o| self.owns(o, dst, vlan));
        self.config.options.promiscuous_scope == PromiscuousScope::Vlan
            || same_group(in_port)
            || self.vports().any(|o| self.owns(o, dst, vlan) && same_group(o))
            || is_uplink(in_port) && !owned()
    }

    // The team.

    fn policy(&self, port: &ConnectedPort) -> LoadBalancing {
        let own = self.port_group(port).and_then(|group| group.teaming.load_balancing);
        own.or(self.config.teaming.load_balancing).unwrap_or(LoadBalancing::PortId)
    }

    fn healthy(&self, name: &str) -> Option<&ConnectedPort> {
        self.ports.iter().copied().find(|p| is_uplink(p) && p.link_up && p.adapter.name == name)
    }

    /// The uplinks that may carry the port's frames now.
    fn carriers(&self, port: &ConnectedPort) -> Vec<&ConnectedPort> {
        let own = self.port_group(port).and_then(|group| group.teaming.nic_order.clone());
        let order = own.or_else(|| self.config.teaming.nic_order.clone());
        let (active, standby) = match order {
            Some(order) => (order.active, order.standby),
            None => (self.config.uplinks.clone(), Vec::new()),
        };
        let mut standbys = standby.iter().filter_map(|name| self.healthy(name));
        if active.is_empty() || self.policy(port) == LoadBalancing::ExplicitFailover {
            return active
                .iter()
                .find_map(|name| self.healthy(name))
                .or_else(|| standbys.next())
                .into_iter()
                .collect();
        }
        let mut carriers: Vec<&ConnectedPort> = active.iter().filter_map(|name| self.healthy(name)).collect();
        for _ in active.iter().filter(|name| self.healthy(name).is_none()) {
            carriers.extend(standbys.next());
        }
        carriers
    }

    fn select_uplink(&self, port: &ConnectedPort, frame: &FrameSpec) -> Option<&ConnectedPort> {
        let carriers = self.carriers(port);
        let key = match self.policy(port) {
            LoadBalancing::ExplicitFailover => 0,
            LoadBalancing::PortId => port.id.slot(),
            LoadBalancing::SourceMac => usize::from(frame.src.octets()[5]),
            LoadBalancing::IpHash => match frame.payload {
                Payload::Ipv4(src, dst) => usize::from(src[3] ^ dst[3]),
                Payload::Ipv6(src, dst) => usize::from(src ^ dst),
                Payload::Other(first, second) => usize::try_from(first ^ second).unwrap(),
            },
        };
        if carriers.is_empty() { None } else { Some(carriers[key % carriers.len()]) }
    }

    // Reflections.

    fn rpf_own_source(&self, vlan: u16, frame: &FrameSpec) -> bool {
        let options = &self.config.options;
        // Ours: the team is the uplinks that are up; one that is down reflects nothing.
        let team_size = self.ports.iter().filter(|p| is_uplink(p) && p.link_up).count();
        options.reverse_path_check
            && (team_size > 1 || options.reverse_path_single_uplink)
            && (group_bit(frame.dst) || options.reverse_path_all)
            && self.vports().any(|p| self.owns(p, frame.src, vlan) && self.policy(p) != LoadBalancing::IpHash)
    }

    fn reverse_filter_blocks(&self, p: &ConnectedPort, in_port: &ConnectedPort, frame: &FrameSpec) -> bool {
        let policy = self.policy(p);
        if !self.config.options.reverse_filter || policy == LoadBalancing::IpHash {
            return false;
        }
        let option = self.latches.option.get(&p.id).copied().unwrap_or(false);
        if self.promiscuous(p) && !option {
            return false;
        }
        // The uplink that the port's own frames take; with source MAC hash, that frames from the receiver would take.
        let receiver = if group_bit(frame.dst) { self.effective_mac(p) } else { frame.dst };
        let as_if_sent = FrameSpec { src: receiver, ..*frame };
        self.select_uplink(p, &as_if_sent).is_none_or(|uplink| uplink.id != in_port.id)
    }
}

const BRIDGE_GROUP: Mac = Mac::new([0x01, 0x80, 0xc2, 0x00, 0x00, 0x00]);

fn is_uplink(port: &ConnectedPort) -> bool {
    port.adapter.client == Client::Uplink
}

fn group_bit(mac: Mac) -> bool {
    mac.octets()[0] % 2 == 1
}

fn is_link_local(mac: Mac) -> bool {
    (0..16).any(|last| mac == Mac::new([0x01, 0x80, 0xc2, 0x00, 0x00, last]))
}

fn listens(port: &ConnectedPort, group: Mac) -> bool {
    let mut joined: Vec<Mac> = Vec::new();
    for mac in &port.guest.groups {
        if !joined.contains(mac) {
            joined.push(*mac);
        }
    }
    let hashed = joined.len() > 32 && joined.iter().any(|mac| ladrf_bucket(*mac) == ladrf_bucket(group));
    port.guest.all_multicast || joined.contains(&group) || hashed
}

/// The bucket of the LANCE filter: CRC-32 by long division, bit after bit as they leave the wire.
fn ladrf_bucket(mac: Mac) -> u32 {
    let mut remainder = u32::MAX;
    for bit in mac.octets().iter().flat_map(|octet| (0..8).map(move |n| octet >> n & 1)) {
        let divide = remainder >> 31 != u32::from(bit);
        remainder <<= 1;
        if divide {
            remainder ^= 0x04c1_1db7;
        }
    }
    (0..6).fold(0, |bucket, n| bucket << 1 | remainder >> n & 1)
}
