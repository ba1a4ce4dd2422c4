//! What the program would do with a frame, without doing it.
//!
//! For tests: whatever the program decides can be held against [`nsw_core::decide()`].

use nsw_core::{Cause, Delivery, Drop, PortId, Reason, Refusal, Tag, TagAction, VlanId};

use super::layout::{self, NO_REASON, NOTES, Note, Plain, Probe};
use super::{KernelEngine, KernelError};

/// Bytes of a frame that the kernel hands a program in such a run; no rule looks further.
const LONGEST: usize = 2048;

/// The outcome as the program notes it. The lists are in the order in which the program decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probed {
    /// The VLAN.
    pub vlan: Option<VlanId>,
    /// The copies.
    pub deliveries: Vec<Delivery>,
    /// The copies that were refused.
    pub refusals: Vec<Refusal>,
    /// The primary reason of a frame that reached nobody.
    pub drop: Option<Drop>,
}

impl KernelEngine {
    /// Lets the program decide about `frame`, which comes in by `ingress` at `now_ns`. Nothing is sent and nothing is
    /// counted; what a decision remembers is remembered.
    ///
    /// # Errors
    /// A [`KernelError`]; among others if there are more copies than the probe can note.
    pub fn probe(&self, ingress: PortId, frame: &[u8], now_ns: u64) -> Result<Probed, KernelError> {
        let mut inner = self.inner();
        let seat = inner.seats.of(ingress).unwrap_or(u32::MAX);
        let len = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        inner.maps.probe.set(&0, &Probe { now_ns, seat, len, ..Probe::ZERO })?;
        inner.program.probe(&frame[..frame.len().min(LONGEST)])?;
        let answer = inner.maps.probe.get(&0)?.unwrap_or(Probe::ZERO);
        Probed::of(&answer)
            .map(|mut probed| {
                // The program does not know the number of a port that these tables do not connect.
                if let Some(drop) = probed.drop.as_mut().filter(|drop| drop.port.number() == 0) {
                    drop.port = ingress;
                }
                probed
            })
            .ok_or_else(|| KernelError::Load("the probe's answer does not fit".to_owned()))
    }
}

impl Probed {
    fn of(answer: &Probe) -> Option<Self> {
        let noted = |notes: &[Note; NOTES], count: u32| notes.get(..count as usize).map(<[Note]>::to_vec);
        let deliveries = noted(&answer.deliveries, answer.delivery_count)?.into_iter().map(|note| {
            Some(Delivery {
                port: PortId::from_number(note.port),
                tag: tag_action(&note)?,
                cause: *Cause::ALL.get(usize::from(note.why))?,
            })
        });
        let refusals = noted(&answer.refusals, answer.refusal_count)?.into_iter().map(|note| {
            Some(Refusal {
                port: PortId::from_number(note.port),
                reason: *Reason::ALL.get(usize::from(note.why))?,
            })
        });
        let reason = Reason::ALL.get(answer.reason as usize);
        let drop = reason.map(|reason| Drop { reason: *reason, port: PortId::from_number(answer.port) });
        if drop.is_none() && answer.reason != u32::from(NO_REASON) {
            return None;
        }
        Some(Self {
            vlan: u16::try_from(answer.vlan).ok().and_then(VlanId::new),
            deliveries: deliveries.collect::<Option<_>>()?,
            refusals: refusals.collect::<Option<_>>()?,
            drop,
        })
    }
}

fn tag_action(note: &Note) -> Option<TagAction> {
    let tag = Tag::from_tci(u16::try_from(note.tci).ok()?);
    match u32::from(note.tag) {
        layout::TAG_KEEP => Some(TagAction::Keep),
        layout::TAG_PUSH => Some(TagAction::Push(tag)),
        layout::TAG_POP => Some(TagAction::Pop),
        layout::TAG_REPLACE => Some(TagAction::Replace(tag)),
        _ => None,
    }
}
