//! Who can talk to whom, and who overhears it.

use std::collections::BTreeMap;

use nsw_core::{Cause, Frame};

use super::converse::{Conversation, Verdict};
use super::endpoint::EndpointId;
use super::journey::{At, Journey, Onward};
use super::trail::wanted;
use super::world::World;

/// One ordered pair of end points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Who begins.
    pub from: EndpointId,
    /// Who answers.
    pub to: EndpointId,
    /// What comes of it.
    pub verdict: Verdict,
}

/// Somebody who was given unicast frames that were not for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bystander {
    /// An end point, or the port of a nested host inside which nobody wanted the copy.
    pub name: String,
    /// How many.
    pub copies: usize,
}

/// Every ordered pair of end points that have addresses, each from a cold start, asked one by one.
pub fn reach(world: &World) -> Vec<Reach> {
    let ids: Vec<EndpointId> =
        world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect();
    let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
    pairs
        .filter(|(from, to)| from != to)
        .map(|(from, to)| Reach { from, to, verdict: world.converse_within(from, to).verdict })
        .collect()
}

impl Conversation {
    /// Who overheard this conversation, by name.
    pub fn bystanders(&self) -> Vec<Bystander> {
        let mut copies = BTreeMap::new();
        for journey in self.legs.iter().filter_map(|leg| leg.journey.as_ref()) {
            journey.count_bystanders(&mut copies);
        }
        copies.into_iter().map(|(name, copies)| Bystander { name, copies }).collect()
    }
}

impl Journey {
    fn count_bystanders(&self, copies: &mut BTreeMap<String, usize>) {
        if Frame::parse(&self.frame).is_ok_and(|frame| frame.dst().is_group()) {
            return;
        }
        for arrival in self.arrivals.iter().filter(|arrival| !arrival.acceptance.is_for_it()) {
            *copies.entry(arrival.name.clone()).or_default() += 1;
        }
        let welcome = self.arrivals.iter().filter(|arrival| arrival.acceptance.is_for_it());
        let wanted = wanted(self.hops.iter().map(|hop| hop.came_from), welcome.map(|arrival| arrival.hop));
        for hop in &self.hops {
            let At::VSwitch(visit) = &hop.at else { continue };
            for (exit, delivery) in hop.exits.iter().zip(&visit.outcome.deliveries) {
                if let Onward::Hop(next) = exit.onward
                    && is_by_the_way(delivery.cause)
                    && !wanted[next]
                {
                    *copies.entry(exit.port.clone()).or_default() += 1;
                }
            }
        }
    }
}

/// Is the frame given to a port although the port has not shown that the destination is there?
fn is_by_the_way(cause: Cause) -> bool {
    matches!(cause, Cause::Promiscuous | Cause::Flooded | Cause::Sink)
}
