//! The laws of a decision, on any small switch and any frame.

use std::collections::BTreeSet;

use nsw_core::{
    Action, Cause, Client, Frame, NoTrace, Outcome, PortId, Reason, State, Switch, Tables, TagAction,
    VlanMode,
};

use crate::switches::{self, Choices};

/// Builds a switch of the first bytes of `data`, lets the frames that follow come in, and holds every outcome against
/// the laws.
pub fn decide(data: &[u8]) {
    let mut choices = Choices::of(data);
    let switch = switches::switch(&mut choices);
    let tables = switch.compile();
    let eager = switches::opened(&switch, |security| security.promiscuous = Some(Action::Accept)).compile();
    let trusting =
        switches::opened(&switch, |security| security.forged_transmits = Some(Action::Accept)).compile();
    for _ in 0..8 {
        let ingress = switches::ingress(&mut choices, &switch);
        let bytes = switches::frame_bytes(&mut choices);
        let Ok(frame) = Frame::parse(&bytes) else { continue };
        let outcome = outcome(&tables, ingress, &frame);
        hold_laws(&switch, ingress, &frame, &outcome);
        assert_nothing_lost("promiscuous mode", &outcome, &self::outcome(&eager, ingress, &frame));
        assert_nothing_lost("forged transmits", &outcome, &self::outcome(&trusting, ingress, &frame));
        if choices.is_empty() {
            break;
        }
    }
}

fn outcome(tables: &Tables, ingress: PortId, frame: &Frame<'_>) -> Outcome {
    let mut out = Outcome::default();
    nsw_core::decide(tables, &mut State::default(), ingress, frame, 0, &mut NoTrace, &mut out);
    out
}

fn hold_laws(switch: &Switch, ingress: PortId, frame: &Frame<'_>, out: &Outcome) {
    assert_eq!(out.drop.is_some(), out.deliveries.is_empty(), "dropped, exactly if delivered to nobody");
    let mut served = BTreeSet::new();
    for delivery in &out.deliveries {
        assert_ne!(delivery.port, ingress, "never back out of the ingress port");
        assert!(!(ingress.is_uplink() && delivery.port.is_uplink()), "never from uplink to uplink");
        assert!(served.insert(delivery.port), "at most one copy a port");
        assert_eq!(delivery.port.is_uplink(), delivery.cause == Cause::Uplink);
        hold_vlan(switch, frame, out, delivery.port, delivery.tag);
    }
    let uplinks = out.deliveries.iter().filter(|delivery| delivery.port.is_uplink()).count();
    assert!(uplinks <= 1, "at most one uplink");
    for refusal in &out.refusals {
        assert!(served.insert(refusal.port), "one verdict a port");
    }
    if let Some(drop) = out.drop {
        assert_ne!(drop.reason, Reason::PromiscuousNotGranted, "stands at copies only");
        let refused =
            out.refusals.iter().any(|refusal| (refusal.port, refusal.reason) == (drop.port, drop.reason));
        assert!(refused || drop.port == ingress, "the reason is the ingress port's or a refusal's");
    }
}

/// No frame leaves its VLAN, and the tag on the copy says which it is.
fn hold_vlan(switch: &Switch, frame: &Frame<'_>, out: &Outcome, port: PortId, tag: TagAction) {
    let vlan = out.vlan.expect("a frame that is delivered has a VLAN");
    let port = switch.port(port).expect("deliveries go to connected ports");
    assert!(port.link_up, "nothing is delivered without link");
    let mode = match port.adapter.client {
        Client::Uplink => VlanMode::Vgt,
        _ => switch.config().port_group(&port.adapter.port_group).expect("it has a port group").vlan,
    };
    assert!(mode.contains(vlan), "no frame leaves its VLAN");
    let on_wire = match tag {
        TagAction::Keep => frame.tag(),
        TagAction::Push(tag) | TagAction::Replace(tag) => Some(tag),
        TagAction::Pop => None,
    };
    let expected = if mode == VlanMode::Vgt { vlan.get() } else { 0 };
    assert_eq!(on_wire.map_or(0, |tag| tag.vid()), expected, "the tag says the VLAN");
    if matches!(tag, TagAction::Push(_)) {
        assert!(frame.tag().is_none(), "no second tag");
    }
}

/// Opening promiscuous mode or forged transmits never takes a delivery away. (MAC address changes is different: it
/// changes which address a port has.)
fn assert_nothing_lost(what: &str, before: &Outcome, after: &Outcome) {
    let ports = |out: &Outcome| out.deliveries.iter().map(|delivery| delivery.port).collect::<BTreeSet<_>>();
    let lost: Vec<PortId> = ports(before).difference(&ports(after)).copied().collect();
    assert!(lost.is_empty(), "opening {what} took the frame from {lost:?}");
}
