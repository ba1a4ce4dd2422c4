//! The steps of a decision, as lines of the catalogue.
//!
//! In English they are those of [`StepText`](nsw_core::StepText), word for word: a test holds every step of every
//! example against it. What a reason means and which policy decided have lines of their own, because the three together
//! are wider than a terminal.

use nsw_core::{Action, Tables, Tag, VlanId};
use nsw_core::{Cause, Delivery, Drop, Mac, PortId, Reason, Refusal, Step, TagAction, VlanMode};

use super::{Catalogue, Message};
use crate::sim::DeathCause;

impl Catalogue {
    /// A step, and what belongs under it.
    pub fn step(&self, tables: &Tables, step: Step) -> Vec<String> {
        let port_name = |port| tables.port_name(port);
        let head = match step {
            Step::Enter { port } => self.entry(tables, port),
            Step::Vlan { tag, vlan, port } => self.vlan(tables, port, tag, vlan),
            Step::Source { port, src, effective, accepted } => {
                self.source(tables, port, [src, effective], accepted)
            }
            Step::Group { dst } if dst.is_broadcast() => self.say(&Message::StepBroadcast {}),
            Step::Group { dst } => self.say(&Message::StepGroup { dst: &dst }),
            Step::Registered { dst, port } => {
                self.say(&Message::StepRegistered { dst: &dst, port: &port_name(port) })
            }
            Step::Learned { dst, port } => {
                self.say(&Message::StepLearned { dst: &dst, port: &port_name(port) })
            }
            Step::NotRegistered { dst, vlan } => {
                self.say(&Message::StepNotRegistered { dst: &dst, vlan: &vlan })
            }
            Step::Shotgun { .. } => self.say(&Message::StepShotgun {}),
            Step::Deliver(delivery) => self.delivery(tables, delivery),
            Step::Refuse(Refusal { port, reason }) => {
                let head = self.say(&Message::StepRefuse { port: &port_name(port), reason: &reason.code() });
                return [head].into_iter().chain(self.policy_behind(tables, port, reason)).collect();
            }
            Step::Drop(Drop { port, reason }) => {
                let head = self.say(&Message::StepDrop { reason: &reason.code() });
                let meaning = self.summary(DeathCause::Reason(reason));
                return [head, meaning].into_iter().chain(self.policy_behind(tables, port, reason)).collect();
            }
        };
        vec![head]
    }

    fn policy_behind(&self, tables: &Tables, port: PortId, reason: Reason) -> Option<String> {
        tables.policy_line(port, reason).map(|line| self.policy(&line))
    }

    fn entry(&self, tables: &Tables, id: PortId) -> String {
        let (vswitch, port) = (&tables.name(), &tables.port_name(id));
        match (tables.vlan_mode(id), tables.port_group_name(id)) {
            (None, _) => self.say(&Message::StepEntersNowhere { port: &id.to_string() }),
            (_, None) => self.say(&Message::StepEntersByUplink { vswitch, port }),
            (_, Some(group)) => self.say(&Message::StepEnters { vswitch, port, group: &group }),
        }
    }

    fn vlan(&self, tables: &Tables, port: PortId, tag: Option<Tag>, vlan: Option<VlanId>) -> String {
        let tag = tag.map(Tag::vid);
        match (vlan, tag) {
            (Some(vlan), None) => self.say(&Message::StepUntagged { vlan: &vlan }),
            (Some(vlan), Some(tag)) => self.say(&Message::StepTagged { tag: &tag, vlan: &vlan }),
            (None, tag) => {
                let mode = &tables.vlan_mode(port).map(|mode| self.mode(mode)).unwrap_or_default();
                match tag {
                    None => self.say(&Message::StepUntaggedMisfit { mode }),
                    // A priority tag alone fits every port.
                    Some(0) => self.say(&Message::StepHiddenTagMisfit { mode }),
                    Some(tag) => self.say(&Message::StepTaggedMisfit { tag: &tag, mode }),
                }
            }
        }
    }

    fn mode(&self, mode: VlanMode) -> String {
        match mode {
            VlanMode::Est => self.say(&Message::StepModeUntagged {}),
            VlanMode::Vst(vlan) => self.say(&Message::StepModeVlan { vlan: &vlan }),
            VlanMode::Vgt => self.say(&Message::StepModeGuest {}),
        }
    }

    fn source(&self, tables: &Tables, port: PortId, [src, effective]: [Mac; 2], accepted: Action) -> String {
        let (src, effective) = (&src, &effective);
        if src == effective {
            self.say(&Message::StepOwnSource { src })
        } else if accepted.accepts() {
            self.say(&Message::StepOtherSourceAccepted { src, effective })
        } else if tables.allows(port, *src) {
            self.say(&Message::StepOtherSourceAllowed { src, effective })
        } else {
            self.say(&Message::StepOtherSource { src, effective })
        }
    }

    fn delivery(&self, tables: &Tables, delivery: Delivery) -> String {
        let port = &tables.port_name(delivery.port);
        let copy = match delivery.cause {
            Cause::Uplink => self.say(&Message::StepLeave { port }),
            Cause::Promiscuous => self.say(&Message::StepCopy { port }),
            Cause::Own | Cause::Broadcast | Cause::Group => self.say(&Message::StepDeliver { port }),
            Cause::Learned => self.say(&Message::StepDeliverLearned { port }),
            Cause::Allowed => self.say(&Message::StepDeliverAllowed { port }),
            Cause::Flooded => self.say(&Message::StepFlood { port }),
            Cause::Sink => self.say(&Message::StepSink { port }),
        };
        match delivery.tag {
            TagAction::Keep => copy,
            TagAction::Push(tag) | TagAction::Replace(tag) => {
                self.say(&Message::StepWithTag { delivery: &copy, tag: &tag.vid() })
            }
            TagAction::Pop => self.say(&Message::StepWithoutTag { delivery: &copy }),
        }
    }
}
