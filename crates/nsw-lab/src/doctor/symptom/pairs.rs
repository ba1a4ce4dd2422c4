//! Who is tried with whom: every two ends that could talk, or those that were named with all others.
//!
//! A large lab has too many pairs to hold every conversation. Ends behind one port group of one host fare alike, so a few
//! stand for them; the rest is counted and said to be left out.

use std::collections::HashMap;

use super::MAX_ENDS;
use crate::sim::{EndpointId, World};

/// Ends of one port group of one host that are tried.
const EACH: usize = 3;

/// The pairs of an examination.
pub(super) struct Pairs {
    /// Pairs of ends with a network in common, each once.
    pub(super) all: Vec<(EndpointId, EndpointId)>,
    /// Ends that were left out.
    pub(super) left_out: usize,
}

impl Pairs {
    /// Between the two ends that are named; between one and all others; or between all.
    pub(super) fn of(world: &World, named: &[EndpointId]) -> Self {
        let addressed: Vec<EndpointId> =
            world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect();
        let chosen = spread(world, &addressed);
        let left_out = addressed.len() - chosen.len();
        let all = match named {
            [from, to, ..] => vec![(*from, *to)],
            [end] => addressed.iter().filter(|other| *other != end).map(|other| (*end, *other)).collect(),
            [] => (0..chosen.len())
                .flat_map(|from| (from + 1..chosen.len()).map(move |to| (from, to)))
                .map(|(from, to)| (chosen[from], chosen[to]))
                .collect(),
        };
        let all = all.into_iter().filter(|(from, to)| share_a_network(world, *from, *to)).collect();
        Self { all, left_out: if named.is_empty() { left_out } else { 0 } }
    }

    /// Each pair, and each the other way round.
    pub(super) fn ordered(&self) -> impl Iterator<Item = (EndpointId, EndpointId)> {
        self.all.iter().flat_map(|(from, to)| [(*from, *to), (*to, *from)])
    }
}

fn spread(world: &World, ends: &[EndpointId]) -> Vec<EndpointId> {
    let mut taken: HashMap<Option<(usize, String)>, usize> = HashMap::new();
    let group_of = |end: EndpointId| {
        let (switch, port) = world.port_of(end)?;
        let group = world.tables(switch).port_group_name(port)?.to_owned();
        let place = world.switch_ids().position(|id| id == switch)?;
        Some((place, group))
    };
    let all_fit = ends.len() <= MAX_ENDS;
    let fits = |end: &&EndpointId| {
        let count = taken.entry(group_of(**end)).or_default();
        *count += 1;
        all_fit || *count <= EACH
    };
    ends.iter().filter(fits).take(MAX_ENDS).copied().collect()
}

fn share_a_network(world: &World, from: EndpointId, to: EndpointId) -> bool {
    let (own, others) = (&world.endpoint(from).addresses, &world.endpoint(to).addresses);
    own.iter().any(|own| others.iter().any(|other| own.contains(other.ip) && other.contains(own.ip)))
}
