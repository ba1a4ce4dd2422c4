//! The steps of a decision, for whoever wants to hear them, and how they read.
//!
//! A step is data; [`StepText`] turns it into one line with the names of the tables. Tests assert these lines, and
//! `nsw trace` prints them: there is no second wording.

use core::fmt;

use crate::addr::{Mac, VlanId};
use crate::frame::Tag;
use crate::outcome::{Cause, Delivery, Drop, Refusal, TagAction};
use crate::policy::Action;
use crate::port::{Client, PortId};
use crate::tables::Tables;

/// Hears the steps of a decision.
pub trait Trace {
    /// One step, in the order in which they were taken.
    fn step(&mut self, step: Step);
}

/// Hears nothing, at no cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    #[inline]
    fn step(&mut self, _step: Step) {}
}

impl<F: FnMut(Step)> Trace for F {
    fn step(&mut self, step: Step) {
        self(step);
    }
}

/// One step of a decision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The frame comes in.
    Enter {
        /// By this port.
        port: PortId,
    },
    /// The VLAN is found.
    Vlan {
        /// The ingress port.
        port: PortId,
        /// The tag that the frame carried.
        tag: Option<Tag>,
        /// The VLAN; `None` if the tag does not fit the port group.
        vlan: Option<VlanId>,
    },
    /// The source is held against the effective MAC.
    Source {
        /// The ingress port.
        port: PortId,
        /// The source.
        src: Mac,
        /// The effective MAC of the port.
        effective: Mac,
        /// Forged transmits, in force.
        accepted: Action,
    },
    /// The destination is a group.
    Group {
        /// The group.
        dst: Mac,
    },
    /// The destination is registered here.
    Registered {
        /// The destination.
        dst: Mac,
        /// Its port.
        port: PortId,
    },
    /// The destination was learned.
    Learned {
        /// The destination.
        dst: Mac,
        /// The port that has learned it.
        port: PortId,
    },
    /// The destination is registered on no port of the VLAN.
    NotRegistered {
        /// The destination.
        dst: Mac,
        /// The VLAN.
        vlan: VlanId,
    },
    /// No path of the team is known to work: each uplink is given the frame (rule T-10).
    Shotgun {
        /// The ingress port, whose team it is.
        port: PortId,
    },
    /// A copy goes to a port.
    Deliver(Delivery),
    /// A port goes without.
    Refuse(Refusal),
    /// The frame reached nobody.
    Drop(Drop),
}

/// A step as one line of text.
#[derive(Clone, Copy, Debug)]
pub struct StepText<'a> {
    /// The step.
    pub step: Step,
    /// The tables that it was taken on.
    pub tables: &'a Tables,
}

impl fmt::Display for StepText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tables = self.tables;
        match self.step {
            Step::Enter { port } => write_entry(f, tables, port),
            Step::Vlan { tag, vlan, port } => write_vlan(f, tables, port, tag, vlan),
            Step::Source { src, effective, .. } if src == effective => {
                write!(f, "source {src} is the effective MAC")
            }
            Step::Source { port, src, effective, accepted } => {
                write!(f, "source {src} is not the effective MAC {effective}")?;
                if accepted.accepts() {
                    f.write_str("; forged transmits = Accept")
                } else if tables.allows(port, src) {
                    f.write_str("; the allow-list has it")
                } else {
                    Ok(())
                }
            }
            Step::Group { dst } if dst.is_broadcast() => f.write_str("destination is broadcast"),
            Step::Group { dst } => write!(f, "destination is multicast group {dst}"),
            Step::Registered { dst, port } => {
                write!(f, "destination {dst} is registered on {}", tables.port_name(port))
            }
            Step::Learned { dst, port } => {
                write!(f, "destination {dst} was learned on {}", tables.port_name(port))
            }
            Step::NotRegistered { dst, vlan } => {
                write!(f, "destination {dst} is registered on no port of VLAN {vlan}")
            }
            Step::Shotgun { .. } => f.write_str("beacons are silent on every path: leave by each uplink"),
            Step::Deliver(delivery) => write_delivery(f, tables, delivery),
            Step::Refuse(Refusal { port, reason }) => {
                write!(f, "refuse {}: {reason}", tables.port_name(port))?;
                write_policy_line(f, tables, port, reason)
            }
            Step::Drop(Drop { port, reason }) => {
                write!(f, "drop {reason}: {}", reason.summary())?;
                write_policy_line(f, tables, port, reason)
            }
        }
    }
}

fn write_entry(f: &mut fmt::Formatter<'_>, tables: &Tables, id: PortId) -> fmt::Result {
    let Some(port) = tables.port(id) else { return write!(f, "enters by port {id}, which does not exist") };
    match (port.client, tables.port_group_name(id)) {
        (Client::Uplink, _) | (_, None) => {
            write!(f, "enters {} by uplink {}", tables.name, tables.port_name(port.id))
        }
        (_, Some(group)) => {
            write!(f, "enters {} by {}, port group {group}", tables.name, tables.port_name(port.id))
        }
    }
}

fn write_vlan(
    f: &mut fmt::Formatter<'_>,
    tables: &Tables,
    port: PortId,
    tag: Option<Tag>,
    vlan: Option<VlanId>,
) -> fmt::Result {
    match tag {
        None => f.write_str("untagged")?,
        Some(tag) => write!(f, "tagged {}", tag.vid())?,
    }
    match (vlan, tables.port(port)) {
        (Some(VlanId::UNTAGGED), _) => f.write_str(": VLAN 0"),
        (Some(vlan), _) => write!(f, ": VLAN {vlan}"),
        // A priority tag alone fits every port.
        (None, Some(port)) if tag.is_some_and(|tag| tag.vid() == 0) => {
            write!(f, " with another tag behind it, which does not fit a port of {}", port.vlan)
        }
        (None, Some(port)) => write!(f, ", which does not fit a port of {}", port.vlan),
        (None, None) => Ok(()),
    }
}

fn write_delivery(f: &mut fmt::Formatter<'_>, tables: &Tables, delivery: Delivery) -> fmt::Result {
    let name = tables.port_name(delivery.port);
    match delivery.cause {
        Cause::Uplink => write!(f, "leave by uplink {name}")?,
        Cause::Promiscuous => write!(f, "copy to {name}, in promiscuous mode")?,
        Cause::Own | Cause::Broadcast | Cause::Group => write!(f, "deliver to {name}")?,
        Cause::Learned => write!(f, "deliver to {name}, which has learned it")?,
        Cause::Allowed => write!(f, "deliver to {name}, which allows it")?,
        Cause::Flooded => write!(f, "flood to {name}")?,
        Cause::Sink => write!(f, "deliver to {name}, a sink")?,
    }
    match delivery.tag {
        TagAction::Keep => Ok(()),
        TagAction::Push(tag) | TagAction::Replace(tag) => write!(f, ", tagged {}", tag.vid()),
        TagAction::Pop => f.write_str(", tag removed"),
    }
}

fn write_policy_line(
    f: &mut fmt::Formatter<'_>,
    tables: &Tables,
    port: PortId,
    reason: crate::Reason,
) -> fmt::Result {
    match tables.policy_line(port, reason) {
        Some(line) => write!(f, " ({line})"),
        None => Ok(()),
    }
}
