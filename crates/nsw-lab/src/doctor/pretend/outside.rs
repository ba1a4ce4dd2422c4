//! Do more hear what somebody sends from far away? Asked of a lab after a change, and only of those whom the change can
//! touch: broadcasts come in from every segment in every VLAN, under addresses of others elsewhere, one for each kind of
//! them, and under those of the touched themselves, where a hearer has an IP network in common with the owner.

use std::collections::BTreeSet;
use std::sync::Arc;

use nsw_core::Mac;

use super::super::exposure::Ground;
use super::super::kinds::{Class, Hashed};
use super::super::same::{Bits, Sharing};
use super::super::sender::vlans;
use crate::sim::{EndpointId, Scope, World};

/// A lab, and what is known of it.
type Known<'a> = (&'a World, &'a Ground);

/// Who heard what came from a segment in a VLAN under the address of somebody, in the lab before.
pub(in super::super) type Heard = Hashed<(usize, u16, EndpointId), BTreeSet<EndpointId>>;

/// Does anybody hear a frame after the change that it did not hear before? `heard_before` is what was asked before any change.
pub(in super::super) fn hear_more(before: Known<'_>, after: Known<'_>, heard_before: &mut Heard) -> bool {
    let kinds = &after.1.kinds;
    let networks = |id: &EndpointId| kinds.classes[kinds.class_of[id.index()]].networks;
    let (far, near) = victims(before, after);
    let [was, is] = [before, after].map(Ears::of);
    let mut sharing = Sharing::of(kinds);
    let vlans = vlans(before.0).into_iter().chain(vlans(after.0)).collect::<BTreeSet<u16>>();
    let mut entries = after.0.segments().flat_map(|segment| vlans.iter().map(move |vlan| (segment, *vlan)));
    entries.any(|entry| {
        let mut is_new = |id: EndpointId, now: &BTreeSet<EndpointId>| {
            let (segment, vlan) = entry;
            let before = heard_before.entry((segment, vlan, id)).or_insert_with(|| was.hear(entry, id));
            !now.is_subset(before)
        };
        let mut heard = Bits::default();
        for id in &far {
            let now = is.hear(entry, *id);
            if is_new(*id, &now) {
                return true;
            }
            now.iter().for_each(|by| heard.insert(networks(by)));
        }
        let mut near = near.iter().filter(|id| sharing.with(after.0, networks(id)).meets(&heard));
        near.any(|id| is_new(*id, &is.hear(entry, *id)))
    })
}

/// Whose addresses are tried: of others elsewhere one for each kind; and of the touched one of each class, and those who
/// are registered elsewhere than they were.
fn victims(before: Known<'_>, after: Known<'_>) -> (Vec<EndpointId>, Vec<EndpointId>) {
    let [was, is] = [before, after].map(|(_, ground)| &ground.kinds);
    let mut seen = BTreeSet::new();
    let (mut far, mut near) = (Vec::new(), Vec::new());
    for Class { members, root, mac, .. } in &is.classes {
        if after.1.roots.is_same(*root) {
            far.extend(members.first().filter(|_| seen.insert(*mac)));
            continue;
        }
        let has_moved = |id: EndpointId| {
            let [old, new] = macs(before, after, id);
            was.registered.get(&old) != is.registered.get(&new)
        };
        let tried = members.iter().enumerate().filter(|(place, id)| *place == 0 || has_moved(**id));
        near.extend(tried.map(|(_, id)| *id));
    }
    (far, near)
}

/// The address of an end point, as it was and as it is.
fn macs(before: Known<'_>, after: Known<'_>, id: EndpointId) -> [Mac; 2] {
    [before, after].map(|(world, _)| world.endpoint(id).mac)
}

/// Those who are on roots that may differ.
struct Ears<'a> {
    lab: Known<'a>,
    scope: Arc<Scope>,
}

impl<'a> Ears<'a> {
    fn of(lab: Known<'a>) -> Self {
        Self { lab, scope: Scope::switches(lab.1.roots.differing().collect()) }
    }

    /// Who of them hears what comes from this segment in this VLAN under the address of `whose`.
    fn hear(&self, (segment, vlan): (usize, u16), whose: EndpointId) -> BTreeSet<EndpointId> {
        let (world, ground) = self.lab;
        let frame = World::announcement_in(vlan, world.endpoint(whose).mac);
        let trail = world.probe_from(&ground.settled, Some(Arc::clone(&self.scope)), segment, frame);
        trail.heard_by().collect()
    }
}
