//! What a drop ring holds of a conversation, live and in the simulator, in the same words.

use std::collections::BTreeSet;

use nsw_core::{Outcome, PortId, Reason, Tables};
use nsw_lab::sim::journey::SwitchVisit;
use nsw_lab::sim::{At, Conversation, DeathCause, Hop, Leg, LegKind, LegVerdict};
use serde_json::Value;

/// What happened to a frame at a vSwitch, a line for each.
pub(crate) type Records = BTreeSet<String>;

/// The records of `nsw lab drops` that belong to a conversation.
pub(crate) fn of_live_rings(talk: &Conversation, all: &[Value]) -> Records {
    let summaries: Vec<String> = talk.legs.iter().map(|leg| summary(talk, leg)).collect();
    let ours =
        all.iter().filter(|record| summaries.iter().any(|summary| record["drop"]["summary"] == **summary));
    ours.map(live_record).collect()
}

/// The frame as `nsw` summarises it.
fn summary(talk: &Conversation, leg: &Leg) -> String {
    let (asker, answerer) = talk.addresses.unwrap();
    match leg.kind {
        LegKind::ArpRequest => format!("ARP request, {asker} asks who has {answerer}"),
        LegKind::ArpReply => format!("ARP reply, {answerer} answers {asker}"),
        LegKind::EchoRequest => format!("echo request, {asker} to {answerer}"),
        LegKind::EchoReply => format!("echo reply, {answerer} to {asker}"),
        other => panic!("{other:?} over IPv4"),
    }
}

/// What the rings of the simulator's switches would hold of a conversation, if they had some.
pub(crate) fn of_simulated_rings(talk: &Conversation) -> Records {
    let mut records = Records::new();
    for leg in &talk.legs {
        let visits = leg.journey.iter().flat_map(|journey| &journey.hops).filter_map(visit);
        let recorded = visits.filter(|visit| is_recorded(&visit.outcome));
        records.extend(recorded.map(|visit| simulated_record(&summary(talk, leg), visit)));
        let LegVerdict::Died(death) = &leg.verdict else { continue };
        let at = death.hop.zip(leg.journey.as_ref()).and_then(|(hop, journey)| visit(&journey.hops[hop]));
        // Or the comparison would not prove what it is for.
        if let (Some(_), DeathCause::Reason(reason)) =
            (at.filter(|visit| is_recorded(&visit.outcome)), death.cause)
        {
            let place = format!("{} / {} / ", death.place.host.as_ref().unwrap(), death.place.device);
            let why = format!("{} {} (", death.place.port.as_ref().unwrap(), reason.code());
            assert!(
                records.iter().any(|record| record.contains(&place) && record.contains(&why)),
                "{place}{why}"
            );
        }
    }
    records
}

fn visit(hop: &Hop) -> Option<&SwitchVisit> {
    match &hop.at {
        At::VSwitch(visit) => Some(visit),
        At::Bridge(_) => None,
    }
}

/// The ring holds frames that reached nobody, and those that a port was refused that asks for every frame.
fn is_recorded(outcome: &Outcome) -> bool {
    outcome.drop.is_some()
        || outcome.refusals.iter().any(|refusal| refusal.reason == Reason::PromiscuousNotGranted)
}

fn simulated_record(summary: &str, visit: &SwitchVisit) -> String {
    let tables = &visit.tables;
    let drop = visit.outcome.drop.map(|drop| refusal(tables, drop.port, drop.reason));
    let refusals = visit.outcome.refusals.iter().map(|copy| refusal(tables, copy.port, copy.reason));
    record(summary, &visit.host, tables.name(), tables.port_name(visit.ingress), drop, refusals)
}

fn refusal(tables: &Tables, port: PortId, reason: Reason) -> String {
    let policy =
        tables.policy_line(port, reason).map_or_else(|| "no policy".to_owned(), |line| line.to_string());
    format!("{} {} ({policy})", tables.port_name(port), reason.code())
}

fn live_record(found: &Value) -> String {
    let drop = &found["drop"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let refusal = |refusal: &Value| {
        let policy = refusal["policy"].as_str().unwrap_or("no policy");
        format!("{} {} ({policy})", text(&refusal["at"]["port"]), text(&refusal["reason"]))
    };
    let why = Some(&drop["drop"]).filter(|why| !why.is_null()).map(refusal);
    let refusals = drop["refusals"].as_array().unwrap().iter().map(refusal);
    let ingress = &text(&drop["ingress"]["port"]);
    record(&text(&drop["summary"]), &text(&found["host"]), &text(&drop["vswitch"]), ingress, why, refusals)
}

fn record(
    summary: &str,
    host: &str,
    vswitch: &str,
    ingress: &str,
    drop: Option<String>,
    refusals: impl Iterator<Item = String>,
) -> String {
    let refusals: Vec<String> = refusals.collect::<BTreeSet<_>>().into_iter().collect();
    let drop = drop.unwrap_or_else(|| "delivered to others".to_owned());
    format!("{summary} | {host} / {vswitch} / {ingress} | {drop} | {}", refusals.join(", "))
}
