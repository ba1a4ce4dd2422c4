//! Which VLAN is a frame in, and which tag does a copy of it carry?
//!
//! The VLAN, not the port group, is the layer 2 domain inside a vSwitch. Inside, a frame's VLAN is known beside the
//! frame; a tag exists only on uplinks and on ports whose guests tag.
//!
//! **Invariant:** only the tag is read here, and whether another stands behind it; never an address.
//! Reference: `docs/semantics.md`, rules V-1 to V-7.

use super::tag_on_wire;
use crate::addr::{VlanId, VlanMode};
use crate::frame::{Frame, Tag, ethertype};
use crate::outcome::TagAction;
use crate::reason::Reason;
use crate::tables::PortEntry;
use crate::trace::{Step, Trace};

pub(super) fn classify(
    port: &PortEntry,
    frame: &Frame<'_>,
    trace: &mut impl Trace,
) -> Result<VlanId, Reason> {
    // A tag with id 0 carries a priority and no VLAN: the frame counts as untagged.
    let tagged = frame.tag().map(Tag::vid).filter(|vid| *vid != 0);
    let vlan = match (port.vlan, tagged) {
        // That tag is taken off on the way out, and the one behind it would be a VLAN for whoever comes next.
        (VlanMode::Est | VlanMode::Vst(_), None) if hides_a_tag(frame) => None,
        (VlanMode::Est | VlanMode::Vgt, None) => Some(VlanId::UNTAGGED),
        (VlanMode::Vst(own), None) => Some(own),
        (VlanMode::Vgt, Some(vid)) => VlanId::new(vid),
        // The guest tags where the switch should: a doubly tagged frame would follow.
        (VlanMode::Est | VlanMode::Vst(_), Some(_)) => None,
    };
    trace.step(Step::Vlan { port: port.id, tag: frame.tag(), vlan });
    vlan.ok_or(Reason::VlanMismatch)
}

/// Does a second tag stand behind the first?
fn hides_a_tag(frame: &Frame<'_>) -> bool {
    frame.tag().is_some() && frame.ethertype() == ethertype::VLAN
}

/// How the tag of a frame in `vlan`, which came in with `came` by a port of mode `ingress`, changes on its way out of a
/// port of mode `egress`. Between two ports that carry tags the bytes stay as they are, a priority tag included.
pub(super) fn tag_action(came: Option<Tag>, vlan: VlanId, ingress: VlanMode, egress: VlanMode) -> TagAction {
    if ingress == VlanMode::Vgt && egress == VlanMode::Vgt {
        return TagAction::Keep;
    }
    let wants_tag = egress == VlanMode::Vgt && vlan != VlanId::UNTAGGED;
    match (wants_tag, came) {
        (true, came) => tag_on_wire(came, vlan),
        (false, Some(_)) => TagAction::Pop,
        (false, None) => TagAction::Keep,
    }
}
