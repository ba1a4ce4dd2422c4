//! What a vSphere standard switch does with a frame, and why.
//!
//! A standard switch does not learn: its whole behaviour is known from its configuration and from the adapters
//! connected to it. So a [`Switch`] is compiled once into [`Tables`], and [`decide()`] answers for one frame with a few
//! look-ups: deliveries, refusals, and for a frame that reaches nobody exactly one reason.
//!
//! ```text
//! VSwitch + connected ports --Switch::compile--> Tables --decide(frame)--> Outcome
//! ```
//!
//! The live switch, the simulator, the tracer and the tests all call [`decide()`]; none has rules of its own.
//!
//! **Invariant:** no I/O, no clock, no randomness in this crate; time is an argument. No unsafe code.
//! Reference: `docs/semantics.md`; every rule there has a number that the code cites.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

mod addr;
mod behaviour;
mod beyond;
mod compile;
pub mod decide;
mod frame;
pub mod image;
mod model;
mod outcome;
mod policy;
mod port;
mod reason;
mod switch;
mod tables;
mod team;
mod trace;

pub use addr::{Mac, ParseMacError, VlanId, VlanMode};
pub use behaviour::{Behaviour, SwitchBehaviour};
pub use beyond::{AllowedMac, AtLimit, Beyond, Learning, MacLearning, ParseAllowedMacError, Shaping};
pub use decide::{LearningCounts, MAX_REMEMBERED, State, decide};
pub use frame::{Frame, MIN_FRAME_LEN, TAG_LEN, Tag, TooShort, ethertype};
pub use model::{
    CdpStatus, DEFAULT_MTU, LoadBalancing, Options, PortGroup, PromiscuousScope, RefusedMacChange, VSwitch,
};
pub use outcome::{Cause, Counter, Delivery, Drop, Outcome, Refusal, TagAction};
pub use policy::{
    Action, Defaults, FailureDetection, NicOrder, Origin, Resolved, Security, Setting, Teaming,
};
pub use port::{Adapter, Client, ConnectedPort, GuestRequest, PortId};
pub use reason::Reason;
pub use switch::{MAX_PORTS, ModelError, Switch};
pub use tables::{Applied, DuplicateMac, PolicyLine, PolicyValue, Tables};
pub use team::{
    BEACON_INTERVAL_NS, BEACON_THRESHOLD, Beacon, MAX_BEACON_VLANS, NOTICES_PER_EVENT, NOTICES_PER_SECOND,
    Probing, TeamMonitor, UP_DELAY_NS,
};
pub use trace::{NoTrace, Step, StepText, Trace};
