//! What a decision returns: deliveries, refusals, and for a frame that reaches nobody one reason.

use alloc::vec::Vec;

use crate::addr::VlanId;
use crate::frame::{MIN_FRAME_LEN, TAG_LEN, Tag};
use crate::port::PortId;
use crate::reason::Reason;

/// Why a port is given a frame.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cause {
    /// The destination is the port's own MAC.
    Own,
    /// The destination is the broadcast address.
    Broadcast,
    /// The guest listens to the destination group.
    Group,
    /// The port is in promiscuous mode: the frame is not for it.
    Promiscuous,
    /// The frame leaves by this uplink.
    Uplink,
    /// The port has learned the destination.
    Learned,
    /// The destination stands in the port's allow-list.
    Allowed,
    /// Nobody owns the destination, and the port learns and floods.
    Flooded,
    /// Nobody owns the destination, and the port is a sink.
    Sink,
}

impl Cause {
    /// All causes, in the order of their counters.
    pub const ALL: &'static [Self] = &[
        Self::Own,
        Self::Broadcast,
        Self::Group,
        Self::Promiscuous,
        Self::Uplink,
        Self::Learned,
        Self::Allowed,
        Self::Flooded,
        Self::Sink,
    ];

    /// The word that counters and traces use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Broadcast => "broadcast",
            Self::Group => "group",
            Self::Promiscuous => "promiscuous",
            Self::Uplink => "uplink",
            Self::Learned => "learned",
            Self::Allowed => "allowed",
            Self::Flooded => "flooded",
            Self::Sink => "sink",
        }
    }
}

/// What happens to the 802.1Q tag of the frame as it came in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TagAction {
    /// The bytes go out as they came.
    Keep,
    /// A tag is inserted.
    Push(Tag),
    /// The tag is taken out.
    Pop,
    /// The tag is replaced.
    Replace(Tag),
}

/// One copy of the frame for one port.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Delivery {
    /// The egress port.
    pub port: PortId,
    /// How the copy's tag differs from the frame that came in.
    pub tag: TagAction,
    /// Why this port is given it.
    pub cause: Cause,
}

impl Delivery {
    /// How many zeros are appended to this copy of a frame that came in with `frame_len` bytes, so that no short one leaves
    /// by an uplink (rule N-2). The tag counts as part of the frame.
    pub fn padding(&self, frame_len: usize) -> usize {
        if frame_len >= MIN_FRAME_LEN + TAG_LEN || !self.port.is_uplink() {
            return 0;
        }
        let on_wire = match self.tag {
            TagAction::Keep | TagAction::Replace(_) => frame_len,
            TagAction::Push(_) => frame_len + TAG_LEN,
            TagAction::Pop => frame_len.saturating_sub(TAG_LEN),
        };
        MIN_FRAME_LEN.saturating_sub(on_wire)
    }
}

/// A copy that one port would have been given, had it not been for this reason.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Refusal {
    /// The port that goes without.
    pub port: PortId,
    /// Why.
    pub reason: Reason,
}

/// The one primary reason of a frame that reached nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Drop {
    /// Why.
    pub reason: Reason,
    /// The port whose state or policy decided.
    pub port: PortId,
}

/// Everything that was decided about one frame. Reused from frame to frame, so that deciding allocates nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Outcome {
    /// The VLAN the frame was found to be in; `None` if it was dropped before that.
    pub vlan: Option<VlanId>,
    /// The copies, at most one a port.
    pub deliveries: Vec<Delivery>,
    /// The copies that were refused, at most one a port.
    pub refusals: Vec<Refusal>,
    /// Set exactly when `deliveries` is empty.
    pub drop: Option<Drop>,
}

impl Outcome {
    /// An outcome with room for `ports` deliveries and refusals.
    pub fn with_capacity(ports: usize) -> Self {
        Self {
            vlan: None,
            deliveries: Vec::with_capacity(ports),
            refusals: Vec::with_capacity(ports),
            drop: None,
        }
    }

    /// Forgets the last frame, keeps the memory.
    pub fn clear(&mut self) {
        self.vlan = None;
        self.deliveries.clear();
        self.refusals.clear();
        self.drop = None;
    }

    /// Reports every count that this frame changes, for the port `ingress` that it came by (rule O-1).
    pub fn count(&self, ingress: PortId, mut add: impl FnMut(PortId, Counter)) {
        add(ingress, Counter::In);
        for delivery in &self.deliveries {
            add(delivery.port, Counter::Out(delivery.cause));
        }
        for refusal in &self.refusals {
            add(refusal.port, Counter::Refused(refusal.reason));
        }
        if let Some(drop) = self.drop {
            add(ingress, Counter::Dropped(drop.reason));
        }
    }
}

/// A counter of one port. *In* and *out* are the switch's view: in is what the port's client sent.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Counter {
    /// Frames that came in by the port.
    In,
    /// Copies delivered to the port.
    Out(Cause),
    /// Copies that the port was refused.
    Refused(Reason),
    /// Frames that came in by the port and reached nobody.
    Dropped(Reason),
}

impl Counter {
    /// How many counters a port has.
    pub const COUNT: usize = 1 + Cause::ALL.len() + 2 * Reason::COUNT;

    /// The place of this counter among [`Counter::COUNT`].
    pub const fn index(self) -> usize {
        match self {
            Self::In => 0,
            Self::Out(cause) => 1 + cause as usize,
            Self::Refused(reason) => 1 + Cause::ALL.len() + reason.index(),
            Self::Dropped(reason) => 1 + Cause::ALL.len() + Reason::COUNT + reason.index(),
        }
    }

    /// All counters of a port, in the order of their index.
    pub fn all() -> impl Iterator<Item = Self> {
        let refused = Reason::ALL.iter().map(|reason| Self::Refused(*reason));
        let dropped = Reason::ALL.iter().map(|reason| Self::Dropped(*reason));
        let out = Cause::ALL.iter().map(|cause| Self::Out(*cause));
        core::iter::once(Self::In).chain(out).chain(refused).chain(dropped)
    }
}
