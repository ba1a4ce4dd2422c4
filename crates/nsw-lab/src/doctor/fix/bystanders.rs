//! Who talks now, and must still talk with a fix.

use super::super::change::Change;
use super::super::why::Question;
use crate::sim::{EndpointId, Verdict, World};

/// The other pairs of the lab that talk, by name.
pub(super) struct Others {
    pairs: Vec<(EndpointId, EndpointId)>,
}

impl Others {
    pub(super) fn of(question: &Question) -> Self {
        let world = &question.world;
        let ids: Vec<EndpointId> =
            world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect();
        let pairs = ids.iter().flat_map(|from| ids.iter().map(move |to| (*from, *to)));
        Self { pairs: pairs.filter(|(from, to)| talk(world, *from, *to)).collect() }
    }

    pub(super) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Changes add and take away no end point, so each keeps its place.
    pub(super) fn still_talk(&self, question: &Question, changes: &[Change]) -> bool {
        let Some(changed) = question.with(changes) else { return false };
        self.pairs.iter().all(|(from, to)| talk(&changed.world, *from, *to))
    }
}

fn talk(world: &World, from: EndpointId, to: EndpointId) -> bool {
    world.converse(from, to).verdict == Verdict::Reachable
}
