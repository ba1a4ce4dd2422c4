//! Theorem 3: which half fails, at which level, with which reason, and from which frame on.

use nsw_core::Action::{Accept, Reject};
use nsw_core::{Reason, Security};
use nsw_lab::sim::{Conversation, DeathCause, Fault, LegKind, World};

use super::{Bench, INITIAL, Path, Setting, WAYS, Way, converse, every_level, host};

#[test]
fn each_half_dies_at_the_first_closed_level_on_its_way() {
    let mut open = Vec::new();
    for promiscuous in [Accept, Reject] {
        open.extend([Accept, Reject].map(|forged_transmits| Security {
            promiscuous: Setting::own(promiscuous),
            mac_changes: Setting::own(Reject),
            forged_transmits: Setting::own(forged_transmits),
        }));
    }
    let outer = every_level(&open, &WAYS, &[0]);
    let home = every_level(&open[3..], &[Way::Nothing], &[0]);
    assert!(!home[0].security.forged_transmits.accepts());
    let worlds = Bench::new(2, 0, INITIAL).every(&[&outer, &outer, &home], &mut check);
    assert_eq!(worlds, (4 * 6) * (4 * 6));
}

fn check(world: &World, path: &Path<'_>) {
    let out = |kind| path.stops_out().map(|level| (kind, host(level), Reason::ForgedTransmit));
    let back = |kind| path.stops_back().map(|level| (kind, host(level), Reason::DestNotRegistered));
    // The VM begins: its first frame goes to everybody and is judged like any other. The answer is unicast.
    let [asks, answers] = faults(&converse(world, "deep", "station"));
    assert_eq!(asks, out(LegKind::ArpRequest), "{path:#?}");
    let first_back = if asks.is_none() { LegKind::ArpReply } else { LegKind::EchoReply };
    assert_eq!(answers, back(first_back), "{path:#?}");
    // The station begins: its question goes to everybody, so it always arrives; what is lost is the echo.
    let [asks, answers] = faults(&converse(world, "station", "deep"));
    assert_eq!(asks, back(LegKind::EchoRequest), "{path:#?}");
    assert_eq!(answers, out(LegKind::ArpReply), "{path:#?}");
}

fn faults(talk: &Conversation) -> [Option<(LegKind, String, Reason)>; 2] {
    let fault = |fault: &Fault| {
        let DeathCause::Reason(reason) = fault.death.cause else { panic!("{talk}") };
        (fault.kind, fault.death.place.host.clone().unwrap(), reason)
    };
    talk.directions.as_ref().unwrap().each_ref().map(|direction| direction.fault.as_ref().map(fault))
}
