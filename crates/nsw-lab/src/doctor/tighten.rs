//! What can be closed: elements of the security policy at Accept without which everybody still reaches whom he reaches now.
//!
//! An element is tried at Reject where it is set: at the vSwitch with all that inherit it, or at the port group. Where the
//! vSwitch must stay open for one of its heirs, each heir is tried by itself. What exposes most is tried first, since of
//! two ways that do the same one can be closed only. A change is kept if nobody is lost by it and nothing newly exposed,
//! together with those that were kept before.
//!
//! Exposure is measured in labs of up to [`MEASURED`] end points. In a larger one what is in force for most ports is tried
//! first, of those only whom it can concern (`near.rs`); and that nothing is newly exposed is seen from this, that every
//! device still knows every address that it knew: a policy that is closed takes copies away, and only an address that is
//! forgotten is flooded to more. All that was kept is then tried together, on the whole lab.
//!
//! **Invariant:** the changes together were tried in the simulator, and every pair that talked still talks.
//! It knows pings only: what a sniffer is meant to see is exposure here, and is closed.

mod near;

use std::collections::BTreeSet;

use nsw_core::{Action, Mac};

use self::near::{Effect, Near};
use super::change::{Change, Scope, SecurityElement};
use super::exposure::{Exposure, Widening};
use super::kinds::Hashed;
use super::reach::Reachability;
use crate::sim::{Known, SimError, World};
use crate::topology::{Host, Lab};

/// End points of a lab in which exposure is measured for every setting.
pub const MEASURED: usize = 256;

/// What can be closed.
#[derive(Clone, Debug, Default)]
pub struct Tightening {
    /// What was kept, greatest exposure first.
    pub closings: Vec<Closing>,
    /// What all of them close together; `None` in a lab that is too large to measure it.
    pub together: Option<Widening>,
    /// How many elements of port groups must stay at Accept, their own or inherited.
    pub needed: usize,
}

/// One setting that can be closed.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The change.
    pub change: Change,
    /// Who no longer reads whom, and who can no longer send as whom, by this change alone; `None` as above.
    pub closes: Option<Widening>,
    /// How many ports of the vSwitch or port group it is about.
    pub ports: usize,
}

impl Closing {
    fn weight(&self) -> (u64, usize) {
        let exposed = self.closes.as_ref().map_or(0, |closes| closes.read_pairs() + closes.sender_pairs());
        (exposed, self.ports)
    }
}

impl Tightening {
    /// Tries every setting at Accept.
    ///
    /// # Errors
    /// [`SimError`] if the lab cannot be wired.
    pub fn of(lab: &Lab) -> Result<Self, SimError> {
        let world = World::new(lab)?;
        if world.endpoint_ids().count() > MEASURED {
            Self::unmeasured(lab)
        } else {
            Self::measured(lab, &world)
        }
    }

    /// With the exposure of each.
    fn measured(lab: &Lab, world: &World) -> Result<Self, SimError> {
        let mut trial = Trial {
            lab,
            before: Reachability::of(world),
            exposure: Exposure::at_worst(world),
            kept: Vec::new(),
            needed: 0,
        };
        let refused = trial.keep_what_can_be(where_set(lab));
        trial.keep_what_can_be(refused.iter().flat_map(|change| heirs(lab, change)).collect());
        let together: Vec<Change> = trial.kept.iter().map(|closing| closing.change.clone()).collect();
        let after = trial.with(&together)?;
        Ok(Self {
            together: Some(trial.exposure.newly(&Exposure::at_worst(&after))),
            closings: trial.kept,
            needed: trial.needed,
        })
    }

    /// As [`Self::of`] does it in a large lab; for any lab, so that the two can be held against each other.
    ///
    /// # Errors
    /// [`SimError`] if the lab cannot be wired.
    pub fn unmeasured(lab: &Lab) -> Result<Self, SimError> {
        let world = World::new(lab)?;
        let settled = world.settle();
        let before = Reachability::of(&world);
        let mut near = Near::new(world.clone(), &before, &settled);
        let (mut plausible, mut refused) = (Vec::new(), Vec::new());
        let sift = |near: &mut Near<'_>, changes: Vec<Change>, plausible: &mut Vec<Closing>| {
            let ports = |change: &Change| change.scope().map_or(0, |at| near.ports(at));
            let closing = |change: Change| Closing { ports: ports(&change), change, closes: None };
            let mut closings: Vec<Closing> = changes.into_iter().map(closing).collect();
            closings.sort_by_key(|closing| std::cmp::Reverse(closing.ports));
            let (harmful, harmless): (Vec<_>, Vec<_>) =
                closings.into_iter().partition(|closing| near.try_out(&closing.change) == Effect::Harm);
            plausible.extend(harmless);
            harmful.into_iter().map(|closing| closing.change).collect::<Vec<Change>>()
        };
        refused.extend(sift(&mut near, where_set(lab), &mut plausible));
        let of_heirs = refused.iter().flat_map(|change| heirs(lab, change)).collect();
        refused.extend(sift(&mut near, of_heirs, &mut plausible));
        let mut whole = Whole { lab, before: &before, known: settled.known(&world), kept: Vec::new() };
        let mut left_out = whole.keep_by_halves(plausible);
        let more: Vec<Change> = left_out.iter().flat_map(|closing| heirs(lab, &closing.change)).collect();
        let more = more.into_iter().map(|change| Closing { ports: 0, change, closes: None }).collect();
        left_out.extend(whole.keep_by_halves(more));
        refused.extend(left_out.into_iter().map(|closing| closing.change));
        let of_group = |change: &&Change| change.scope().is_some_and(|at| at.port_group.is_some());
        let needed = refused.iter().filter(of_group).count();
        let mut closings = whole.kept;
        closings.sort_by_key(|closing| std::cmp::Reverse(closing.ports));
        Ok(Self { closings, together: None, needed })
    }

    /// The changes, in order.
    pub fn changes(&self) -> Vec<Change> {
        self.closings.iter().map(|closing| closing.change.clone()).collect()
    }

    /// The lab with all of them.
    pub fn applied(&self, lab: &Lab) -> Lab {
        // What they name was read off the lab.
        Change::apply_all(&self.changes(), lab).unwrap_or_else(|_| lab.clone())
    }
}

/// The whole lab, asked about many changes at once.
struct Whole<'l> {
    lab: &'l Lab,
    before: &'l Reachability,
    known: Hashed<Mac, Vec<Known>>,
    kept: Vec<Closing>,
}

impl Whole<'_> {
    /// All at once if they do no harm, or else one half after the other. Returns those that cannot be kept.
    fn keep_by_halves(&mut self, closings: Vec<Closing>) -> Vec<Closing> {
        if closings.is_empty() {
            return closings;
        }
        let before = self.kept.len();
        self.kept.extend(closings);
        if self.harms_nobody() {
            return Vec::new();
        }
        let mut first = self.kept.split_off(before);
        if first.len() == 1 {
            return first;
        }
        let second = first.split_off(first.len() / 2);
        let mut left_out = self.keep_by_halves(first);
        left_out.extend(self.keep_by_halves(second));
        left_out
    }

    fn harms_nobody(&self) -> bool {
        let changes: Vec<Change> = self.kept.iter().map(|closing| closing.change.clone()).collect();
        let changed = Change::apply_all(&changes, self.lab).ok().and_then(|lab| World::new(&lab).ok());
        changed.is_some_and(|after| {
            let known = after.settle().known(&after);
            let still_known = |(mac, devices): (&Mac, &Vec<Known>)| {
                let now: BTreeSet<&Known> = known.get(mac).into_iter().flatten().collect();
                devices.iter().all(|device| now.contains(device))
            };
            self.known.iter().all(still_known) && self.before.lost(&Reachability::of(&after), 1).is_empty()
        })
    }
}

struct Trial<'l> {
    lab: &'l Lab,
    before: Reachability,
    exposure: Exposure,
    kept: Vec<Closing>,
    needed: usize,
}

impl Trial<'_> {
    /// Those that cannot be kept.
    fn keep_what_can_be(&mut self, changes: Vec<Change>) -> Vec<Change> {
        let mut closings: Vec<Closing> =
            changes.into_iter().filter_map(|change| self.closing(change)).collect();
        closings.sort_by_key(|closing| std::cmp::Reverse(closing.weight()));
        let mut refused = Vec::new();
        for closing in closings {
            if self.harms_nobody(&closing.change) {
                self.kept.push(closing);
            } else {
                self.needed += usize::from(closing.change.scope().is_some_and(|at| at.port_group.is_some()));
                refused.push(closing.change);
            }
        }
        self.kept.sort_by_key(|closing| std::cmp::Reverse(closing.weight()));
        refused
    }

    fn closing(&self, change: Change) -> Option<Closing> {
        let after = self.with(std::slice::from_ref(&change)).ok()?;
        let closes = self.exposure.newly(&Exposure::at_worst(&after));
        Some(Closing { closes: Some(closes), change, ports: 0 })
    }

    /// Where an address is no longer learned, its frames may be flooded: what is closed in one place must not be opened so
    /// in another.
    fn harms_nobody(&self, change: &Change) -> bool {
        let all: Vec<Change> = self.kept.iter().map(|kept| &kept.change).chain([change]).cloned().collect();
        self.with(&all).is_ok_and(|after| {
            self.before.lost(&Reachability::of(&after), 1).is_empty()
                && Exposure::at_worst(&after).newly(&self.exposure).is_empty()
        })
    }

    /// What these changes name is in the lab, for they were read off it.
    fn with(&self, changes: &[Change]) -> Result<World, SimError> {
        let changed = Change::apply_all(changes, self.lab);
        World::new(changed.as_ref().unwrap_or(self.lab))
    }
}

/// Each element at Accept, closed where it is set: on the vSwitch, or on the port group.
fn where_set(lab: &Lab) -> Vec<Change> {
    let mut changes = Vec::new();
    for (host, vswitch) in vswitches(lab) {
        let whole = Scope { host: host.name.clone(), vswitch: vswitch.name.clone(), port_group: None };
        for element in SecurityElement::ALL {
            let default = element.of(&vswitch.defaults.security());
            if element.of(&vswitch.security).unwrap_or(default).accepts() {
                changes.push(close(whole.clone(), element));
            }
            let own = |group: &&nsw_core::PortGroup| element.of(&group.security).is_some_and(Action::accepts);
            for group in vswitch.port_groups.iter().filter(own) {
                changes.push(close(Scope::group(&host.name, &vswitch.name, &group.name), element));
            }
        }
    }
    changes
}

/// What a vSwitch cannot close for all, closed for each port group that inherits it.
fn heirs(lab: &Lab, refused: &Change) -> Vec<Change> {
    let Change::Security { at: Scope { host, vswitch, port_group: None }, element, .. } = refused else {
        return Vec::new();
    };
    let on = vswitches(lab).into_iter().filter(|(on, found)| on.name == *host && found.name == *vswitch);
    let groups = on.flat_map(|(_, vswitch)| &vswitch.port_groups);
    let heirs = groups.filter(|group| element.of(&group.security).is_none());
    heirs.map(|group| close(Scope::group(host, vswitch, &group.name), *element)).collect()
}

fn vswitches(lab: &Lab) -> Vec<(&Host, &nsw_core::VSwitch)> {
    let hosts = lab.all_hosts().into_iter();
    hosts.flat_map(|(_, host)| host.vswitches.iter().map(move |vswitch| (host, vswitch))).collect()
}

fn close(at: Scope, element: SecurityElement) -> Change {
    Change::Security { at, element, action: Action::Reject }
}
