//! A lab with the world made of it, and what becomes of both with changes.

use std::sync::Arc;

use super::change::Change;
use crate::sim::World;
use crate::topology::Lab;

/// A lab, wired.
#[derive(Clone, Debug)]
pub(super) struct Wired {
    pub(super) lab: Arc<Lab>,
    pub(super) world: World,
}

impl Wired {
    /// `None` if the lab cannot be wired.
    pub(super) fn of(lab: &Arc<Lab>) -> Option<Self> {
        Some(Self { lab: Arc::clone(lab), world: World::new(lab).ok()? })
    }

    /// With these changes; `None` if they cannot be made. They add and take away no end point, so each keeps its place.
    pub(super) fn with(&self, changes: &[Change]) -> Option<Self> {
        let lab = Change::apply_all(changes, &self.lab).ok()?;
        let world = self.world.rewired(&self.lab, &lab).ok()?;
        Some(Self { lab: Arc::new(lab), world })
    }
}
