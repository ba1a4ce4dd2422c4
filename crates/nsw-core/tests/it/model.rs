//! The specification a second time, word for word and without a thought for speed: every question is answered by
//! walking over all ports with a predicate. It shares no code with `decide` and none of its structure, so where the two
//! agree, both say what the document says.
//!
//! It follows the one-page model of the specification: `port_input`, then `dispatch`. What the document leaves to us
//! stands in the comments that start with *ours*.

use std::collections::BTreeMap;

use nsw_core::{
    Action, AllowedMac, AtLimit, Beyond, Cause, Client, ConnectedPort, Defaults, Delivery, GuestRequest,
    Learning, LoadBalancing, Mac, MacLearning, Outcome, PortGroup, PortId, PromiscuousScope, Reason,
    RefusedMacChange, Security, Shaping, Switch, Tag, TagAction, VSwitch, VlanId,
};

use crate::fixture::{FrameSpec, Payload};
use crate::team_model::Teams;

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

/// What each port remembers of `Net.ReversePathFwdCheckPromisc`: the option is read when promiscuous mode is granted; and
/// what there is to remember of teams.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latches {
    granted: BTreeMap<PortId, bool>,
    option: BTreeMap<PortId, bool>,
    pub(crate) teams: Teams,
}

impl Latches {
    /// To be called after every event.
    pub(crate) fn observe(&mut self, switch: &Switch) {
        self.teams.observe(switch);
        let model = Model { config: switch.config(), ports: switch.ports().collect(), latches: self };
        let now: BTreeMap<PortId, bool> =
            model.ports.iter().map(|port| (port.id, model.promiscuous(port))).collect();
        let options = &switch.config().options;
        for (port, granted) in &now {
            let granted_before = self.granted.get(port).copied().unwrap_or(false);
            if *granted && (!granted_before || !options.strict_latch) {
                let unset = switch.config().defaults == Defaults::V9;
                self.option.insert(*port, options.reverse_path_promiscuous.unwrap_or(unset));
            }
        }
        self.granted = now;
    }
}

/// What is remembered from frame to frame: where addresses were seen last, and what shaped ports have sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    seen: Vec<Seen>,
    sent: Vec<Sent>,
    pub(crate) moves: u64,
    /// When somebody at a limit looked for what is too old, since the last event.
    looked_ns: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    vlan: u16,
    mac: Mac,
    port: PortId,
    at_ns: u64,
}

/// What a port sent since its shaper is as it is.
#[derive(Clone, Debug)]
struct Sent {
    port: PortId,
    shaping: Shaping,
    since_ns: u64,
    frames: Vec<(u64, usize)>,
}

impl Memory {
    /// To be called after every event: what speaks of ports that are gone, or that want nothing remembered, is forgotten.
    pub(crate) fn observe(&mut self, switch: &Switch, latches: &Latches) {
        let model = Model { config: switch.config(), ports: switch.ports().collect(), latches };
        let port = |id| model.ports.iter().find(|p| p.id == id);
        self.seen.retain(|seen| port(seen.port).is_some_and(|p| model.memory_ns(p) > 0));
        self.sent.retain(|sent| port(sent.port).is_some());
        self.looked_ns = None;
    }

    fn sighting(&self, vlan: u16, mac: Mac) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.vlan == vlan && seen.mac == mac)
    }
}

/// Decides about a frame by the letter of the specification.
pub(crate) fn decide(
    switch: &Switch,
    latches: &Latches,
    memory: &mut Memory,
    ingress: PortId,
    frame: &FrameSpec,
    now_ns: u64,
) -> Verdict {
    let model = Model { config: switch.config(), ports: switch.ports().collect(), latches };
    let mut verdict = Verdict::default();
    if let Err(reason) = model.port_input(memory, now_ns, ingress, frame, &mut verdict) {
        verdict.drop = Some((reason, ingress));
    }
    verdict
}

/// Does the guest's adapter let this VLAN in?
fn wants(guest: &GuestRequest, vlan: u16) -> bool {
    guest.vlans.as_ref().is_none_or(|wanted| wanted.iter().any(|id| id.get() == vlan))
}

struct Model<'a> {
    config: &'a VSwitch,
    ports: Vec<&'a ConnectedPort>,
    latches: &'a Latches,
}

impl Model<'_> {
    fn port_input(
        &self,
        memory: &mut Memory,
        now_ns: u64,
        ingress: PortId,
        frame: &FrameSpec,
        verdict: &mut Verdict,
    ) -> Result<(), Reason> {
        let options = &self.config.options;
        let in_port = self.ports.iter().find(|p| p.id == ingress && p.link_up).ok_or(Reason::PortDown)?;
        if self.violates_mac_changes(in_port) && options.refused_mac_change == RefusedMacChange::Block {
            return Err(Reason::PortBlockedMacChange);
        }
        let vlan = self.classify_vlan(in_port, frame).ok_or(Reason::VlanMismatch)?;
        verdict.vlan = Some(vlan);
        // Ours: no adapter may send from a group or from zero, whatever the policy says.
        if group_bit(frame.src) || frame.src == Mac::ZERO {
            return Err(Reason::InvalidSource);
        }
        if is_uplink(in_port) {
            let own = |mac| self.ports.iter().any(|p| is_uplink(p) && p.adapter.mac == mac);
            if frame.payload == Payload::Beacon && own(frame.src) && Teams::probe_anything(self.config) {
                return Err(Reason::Beacon);
            }
            if self.rpf_own_source(vlan, frame) {
                return Err(Reason::ReversePath);
            }
            if self.forged_here_a_moment_ago(memory, now_ns, vlan, frame) {
                return Err(Reason::ForgedReflection);
            }
            if options.consume_link_local && is_link_local(frame.dst) {
                return Err(Reason::LinkLocal);
            }
        } else {
            let may_forge =
                self.forged_accepted(in_port) || self.allowed(in_port).iter().any(|a| a.matches(frame.src));
            if !may_forge && frame.src != self.effective_mac(in_port) {
                return Err(Reason::ForgedTransmit);
            }
            let unset = matches!(self.config.defaults, Defaults::V8 | Defaults::V9);
            if options.block_guest_bpdu.unwrap_or(unset) && frame.dst == BRIDGE_GROUP {
                return Err(Reason::GuestBpdu);
            }
            if !self.shaping_permits(memory, now_ns, in_port, frame.bytes().len()) {
                return Err(Reason::Shaper);
            }
            let remembered = self.remember(memory, now_ns, in_port, vlan, frame.src);
            if !remembered
                && self.learning(in_port).is_some_and(|learning| learning.at_limit == AtLimit::Drop)
            {
                return Err(Reason::MacLimit);
            }
        }
        let learned = self.learned_on(memory, now_ns, vlan, frame.dst);
        let seen = self.seen_by_filter(memory, now_ns, vlan, frame.dst);
        self.dispatch(in_port, vlan, frame, learned, seen, verdict);
        Ok(())
    }

    fn dispatch(
        &self,
        in_port: &ConnectedPort,
        vlan: u16,
        frame: &FrameSpec,
        learned: Option<PortId>,
        seen: Option<PortId>,
        verdict: &mut Verdict,
    ) {
        let registered = !group_bit(frame.dst) && self.vports().any(|p| self.owns(p, frame.dst, vlan));
        let learned = learned.filter(|_| !registered && !group_bit(frame.dst));
        let known = registered || learned.is_some();
        for p in self.vports().filter(|p| p.id != in_port.id && self.member_of(p, vlan)) {
            // Ours: what is for the guest alone it is given whatever it filters; its adapter drops what it does not want.
            let for_it_alone = self.registered_for(p, frame.dst) || learned == Some(p.id);
            if !self.lets_in(p, vlan) && !for_it_alone {
                continue;
            }
            let Some(cause) = self.accepted_passes(in_port, p, vlan, frame.dst, learned, seen) else {
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
            let uplinks = self.select_uplinks(in_port, frame);
            if uplinks.is_empty() {
                verdict.refusals.insert(in_port.id, Reason::NoUplink);
            }
            for uplink in uplinks {
                if frame.payload_len > usize::from(self.config.mtu) {
                    verdict.refusals.insert(uplink.id, Reason::Mtu);
                } else {
                    let tag = self.tag_on_egress(in_port, uplink, vlan, frame.tag);
                    verdict.deliveries.insert(uplink.id, (tag, Cause::Uplink));
                }
            }
        }
        if verdict.deliveries.is_empty() {
            verdict.drop = Some(self.primary_reason(in_port, vlan, frame, learned, verdict));
        }
    }

    /// Ours: exactly one reason for a frame that reached nobody.
    fn primary_reason(
        &self,
        in_port: &ConnectedPort,
        vlan: u16,
        frame: &FrameSpec,
        learned: Option<PortId>,
        verdict: &Verdict,
    ) -> (Reason, PortId) {
        let dst = frame.dst;
        let refusals = || verdict.refusals.iter().map(|(port, reason)| (*reason, *port));
        let of_uplink = refusals().filter(|(reason, _)| matches!(reason, Reason::NoUplink | Reason::Mtu));
        // Ours: of several uplinks that refuse, the first of the team.
        let team = self.select_uplinks(in_port, frame);
        let of_uplink = of_uplink.min_by_key(|(_, port)| team.iter().position(|uplink| uplink.id == *port));
        let of_ports = refusals()
            .filter(|(reason, _)| *reason != Reason::PromiscuousNotGranted)
            .min_by_key(|(_, port)| port.slot());
        if let Some(refusal) = of_uplink.or(of_ports) {
            return refusal;
        }
        let somewhere = |p: &&ConnectedPort| self.registered_for(p, dst);
        let reason = if self.owns(in_port, dst, vlan) || learned == Some(in_port.id) {
            Reason::Hairpin
        } else if self.vports().any(|p| somewhere(&p)) {
            Reason::VlanMismatch
        } else if !self
            .vports()
            .any(|p| p.id != in_port.id && self.member_of(p, vlan) && self.lets_in(p, vlan))
        {
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

    /// Does the guest's adapter let this VLAN in? It matters where the guest tags, and not in promiscuous mode.
    fn lets_in(&self, port: &ConnectedPort, vlan: u16) -> bool {
        self.vlan_id(port) != 4095 || vlan == 0 || self.promiscuous(port) || wants(&port.guest, vlan)
    }

    fn classify_vlan(&self, port: &ConnectedPort, frame: &FrameSpec) -> Option<u16> {
        let vid = frame.tag.map_or(0, Tag::vid);
        let doubly_tagged = matches!(frame.payload, Payload::Tagged(_));
        match (self.vlan_id(port), vid) {
            (0..=4094, _) if doubly_tagged => None,
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
        !is_uplink(port) && self.member_of(port, vlan) && self.registered_for(port, dst)
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
        learned: Option<PortId>,
        seen: Option<PortId>,
    ) -> Option<Cause> {
        let known = learned.is_some() || self.vports().any(|o| self.owns(o, dst, vlan));
        let spared = !group_bit(dst) && self.filtered(p) && (known || seen.is_some_and(|seen| seen != p.id));
        if dst == Mac::BROADCAST {
            Some(Cause::Broadcast)
        } else if group_bit(dst) && listens(p, dst) {
            Some(Cause::Group)
        } else if !group_bit(dst) && self.effective_mac(p) == dst {
            Some(Cause::Own)
        } else if !group_bit(dst) && self.registered_for(p, dst) {
            Some(Cause::Allowed)
        } else if learned == Some(p.id) {
            Some(Cause::Learned)
        } else if self.promiscuous(p) && !spared && self.in_scope(in_port, p, vlan, dst, learned) {
            Some(Cause::Promiscuous)
        } else if group_bit(dst) || known {
            None
        } else if self.learning(p).is_some_and(|learning| learning.unicast_flooding) {
            Some(Cause::Flooded)
        } else if self.beyond(p, |beyond| beyond.sink).unwrap_or(false) {
            Some(Cause::Sink)
        } else {
            self.allowed(p).iter().any(|allowed| allowed.matches(dst)).then_some(Cause::Allowed)
        }
    }

    fn in_scope(
        &self,
        in_port: &ConnectedPort,
        p: &ConnectedPort,
        vlan: u16,
        dst: Mac,
        learned: Option<PortId>,
    ) -> bool {
        // Ours: who has learned an address counts as its owner.
        let owns = |o: &ConnectedPort| learned == Some(o.id) || self.owns(o, dst, vlan);
        let same_group =
            |other: &ConnectedPort| !is_uplink(other) && other.adapter.port_group == p.adapter.port_group;
        let owned = || self.vports().any(owns);
        self.config.options.promiscuous_scope == PromiscuousScope::Vlan
            || same_group(in_port)
            || self.vports().any(|o| owns(o) && same_group(o))
            || is_uplink(in_port) && !owned()
    }

    // The team.

    fn policy(&self, port: &ConnectedPort) -> LoadBalancing {
        let own = self.port_group(port).and_then(|group| group.teaming.load_balancing);
        own.or(self.config.teaming.load_balancing).unwrap_or(LoadBalancing::PortId)
    }

    /// The uplinks that may carry the port's frames now, and whether each of them carries every frame.
    fn carriers(&self, port: &ConnectedPort) -> (Vec<&ConnectedPort>, bool) {
        let Some(group) = self.port_group(port) else { return (Vec::new(), false) };
        let (names, shotgun) = self.latches.teams.carriers(self.config, group);
        let named =
            |name: &String| self.ports.iter().copied().find(|p| is_uplink(p) && p.adapter.name == *name);
        (names.iter().map(|name| named(name).unwrap()).collect(), shotgun)
    }

    /// Exactly one uplink; *shotgun* is the only case with more than one.
    fn select_uplinks(&self, port: &ConnectedPort, frame: &FrameSpec) -> Vec<&ConnectedPort> {
        let (carriers, shotgun) = self.carriers(port);
        if shotgun {
            return carriers;
        }
        let key = match self.policy(port) {
            LoadBalancing::ExplicitFailover => 0,
            LoadBalancing::PortId => port.id.slot(),
            LoadBalancing::SourceMac => usize::from(frame.src.octets()[5]),
            LoadBalancing::IpHash => match frame.payload {
                Payload::Ipv4(src, dst) => usize::from(src[3] ^ dst[3]),
                Payload::Ipv6(src, dst) => usize::from(src ^ dst),
                Payload::Other(first, second) => usize::try_from(first ^ second).unwrap(),
                Payload::Rarp | Payload::Beacon | Payload::Tagged(_) | Payload::ServiceTagged(_) => 0,
                // ARP has the end of the sender's MAC and its address where IPv4 has its addresses.
                Payload::Arp([a, b, c, d], _) => {
                    let [.., e, f] = frame.src.octets();
                    usize::try_from(u32::from_be_bytes([e ^ c, f ^ d, a, b])).unwrap()
                }
            },
        };
        if carriers.is_empty() { Vec::new() } else { vec![carriers[key % carriers.len()]] }
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
        self.select_uplinks(p, &as_if_sent).iter().all(|uplink| uplink.id != in_port.id)
    }
}

/// Rules, H-1 and H-2: what a standard switch does not have, and shaping.
impl Model<'_> {
    fn beyond<T>(&self, port: &ConnectedPort, of: impl Fn(&Beyond) -> Option<T>) -> Option<T> {
        let group = self.port_group(port)?;
        of(&group.beyond).or_else(|| of(&self.config.beyond))
    }

    fn learning(&self, port: &ConnectedPort) -> Option<Learning> {
        match self.beyond(port, |beyond| beyond.mac_learning)? {
            MacLearning::Off => None,
            MacLearning::On(learning) => Some(learning),
        }
    }

    fn allowed(&self, port: &ConnectedPort) -> Vec<AllowedMac> {
        self.beyond(port, |beyond| beyond.allowed_macs.clone()).unwrap_or_default()
    }

    fn filtered(&self, port: &ConnectedPort) -> bool {
        self.promiscuous(port) && self.beyond(port, |beyond| beyond.learning_filter) == Some(true)
    }

    fn guarded(&self, port: &ConnectedPort) -> bool {
        self.beyond(port, |beyond| beyond.forged_source_guard) == Some(true)
    }

    fn registered_for(&self, port: &ConnectedPort, mac: Mac) -> bool {
        self.effective_mac(port) == mac || self.allowed(port).contains(&AllowedMac::Exact(mac))
    }

    /// Ours: a port remembers for as long as it learns; a filter alone for five minutes; the guard needs three seconds.
    fn memory_ns(&self, port: &ConnectedPort) -> u64 {
        let seconds = match self.learning(port) {
            Some(learning) => learning.ageing_s,
            None if self.filtered(port) => 300,
            None => 0,
        };
        let guard = if self.guarded(port) { 3 } else { 0 };
        u64::from(seconds.max(guard)) * 1_000_000_000
    }

    /// What is remembered of `mac`, if it is not too old for the port that it was seen on.
    fn fresh<'m>(
        &self,
        memory: &'m Memory,
        now_ns: u64,
        vlan: u16,
        mac: Mac,
    ) -> Option<(&'m Seen, &ConnectedPort)> {
        let seen = memory.sighting(vlan, mac)?;
        let port = self.ports.iter().find(|p| p.id == seen.port)?;
        (now_ns - seen.at_ns < self.memory_ns(port)).then_some((seen, port))
    }

    /// Returns false if the port has as many as it may.
    fn remember(&self, memory: &mut Memory, now_ns: u64, port: &ConnectedPort, vlan: u16, mac: Mac) -> bool {
        if self.memory_ns(port) == 0 || self.vports().any(|p| self.registered_for(p, mac)) {
            return true;
        }
        let fresh: Vec<(u16, Mac, PortId)> = memory
            .seen
            .iter()
            .filter_map(|seen| self.fresh(memory, now_ns, seen.vlan, seen.mac))
            .map(|(seen, _)| (seen.vlan, seen.mac, seen.port))
            .collect();
        let forget_the_old = |seen: &mut Vec<Seen>, whom: &dyn Fn(&Seen) -> bool| {
            seen.retain(|seen| fresh.contains(&(seen.vlan, seen.mac, seen.port)) || !whom(seen));
        };
        forget_the_old(&mut memory.seen, &|seen| (seen.vlan, seen.mac) == (vlan, mac));
        // Ours: a port that does not learn remembers as many as one that learns does by default.
        let limit = usize::try_from(self.learning(port).map_or(4096, |learning| learning.limit)).unwrap();
        let here = fresh.contains(&(vlan, mac, port.id));
        let full = |seen: &[Seen]| !here && seen.iter().filter(|seen| seen.port == port.id).count() >= limit;
        // Ours: at a limit the old make room, but nobody looks for them twice in a second.
        if full(&memory.seen) && memory.looked_ns.is_none_or(|at| now_ns.saturating_sub(at) >= 1_000_000_000)
        {
            // A clock that reads 0 has just been started.
            memory.looked_ns = Some(now_ns.max(1));
            forget_the_old(&mut memory.seen, &|_| true);
        }
        if full(&memory.seen) {
            return false;
        }
        let elsewhere = fresh.iter().any(|(v, m, at)| *v == vlan && *m == mac && *at != port.id);
        memory.moves += u64::from(elsewhere);
        memory.seen.retain(|seen| seen.vlan != vlan || seen.mac != mac);
        memory.seen.push(Seen { vlan, mac, port: port.id, at_ns: now_ns });
        true
    }

    fn learned_on(&self, memory: &Memory, now_ns: u64, vlan: u16, mac: Mac) -> Option<PortId> {
        let seen = memory.sighting(vlan, mac)?;
        let port = self.vports().find(|p| p.id == seen.port && self.member_of(p, vlan))?;
        let age = u64::from(self.learning(port)?.ageing_s) * 1_000_000_000;
        (now_ns - seen.at_ns < age).then_some(port.id)
    }

    fn seen_by_filter(&self, memory: &Memory, now_ns: u64, vlan: u16, mac: Mac) -> Option<PortId> {
        let (_, port) = self.fresh(memory, now_ns, vlan, mac)?;
        (self.filtered(port) && port.link_up && self.member_of(port, vlan)).then_some(port.id)
    }

    fn forged_here_a_moment_ago(&self, memory: &Memory, now_ns: u64, vlan: u16, frame: &FrameSpec) -> bool {
        let announces_a_move = match frame.payload {
            Payload::Rarp => true,
            Payload::Arp(sender, target) => sender == target,
            _ => false,
        };
        let guarded = |seen: &Seen| self.ports.iter().any(|p| p.id == seen.port && self.guarded(p));
        group_bit(frame.dst)
            && !announces_a_move
            && memory
                .sighting(vlan, frame.src)
                .is_some_and(|seen| guarded(seen) && now_ns - seen.at_ns < 3_000_000_000)
    }

    /// Two savings, one filled at the average rate and one at the peak rate; a frame must be paid from both. Everything
    /// that the port sent is paid again from the beginning, to see what is left.
    fn shaping_permits(&self, memory: &mut Memory, now_ns: u64, port: &ConnectedPort, bytes: usize) -> bool {
        let group = self.port_group(port).unwrap();
        let Some(shaping) = group.shaping.unwrap_or(self.config.shaping) else {
            return true;
        };
        if memory.sent.iter().any(|sent| sent.port == port.id && sent.shaping != shaping) {
            memory.sent.retain(|sent| sent.port != port.id);
        }
        if !memory.sent.iter().any(|sent| sent.port == port.id) {
            memory.sent.push(Sent { port: port.id, shaping, since_ns: now_ns, frames: Vec::new() });
        }
        let sent = memory.sent.iter_mut().find(|sent| sent.port == port.id).unwrap();
        // Ours: both hold the largest piece that a guest may hand over at least, the savings for the peak just that.
        let burst = shaping.burst_bytes.max(65_550);
        let permits = left(sent, shaping.average_bps, burst, now_ns) >= cost(bytes)
            && left(sent, shaping.peak_bps, 65_550, now_ns) >= cost(bytes);
        if permits {
            sent.frames.push((now_ns, bytes));
        }
        permits
    }
}

/// In bits times nanoseconds a second, so that nothing is rounded.
fn cost(bytes: usize) -> u128 {
    bytes as u128 * 8 * 1_000_000_000
}

fn left(sent: &Sent, bps: u64, depth_bytes: u64, now_ns: u64) -> u128 {
    let depth = u128::from(depth_bytes) * 8 * 1_000_000_000;
    let (mut left, mut at_ns) = (depth, sent.since_ns);
    for (then_ns, bytes) in sent.frames.iter().copied().chain([(now_ns, 0)]) {
        left = depth.min(left + u128::from(then_ns - at_ns) * u128::from(bps)) - cost(bytes);
        at_ns = then_ns;
    }
    left
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
