//! The simulator: a frame, or a whole conversation, carried across every switch of a lab without a network.
//!
//! ```text
//!  Lab --World::new--> World --send(frame)--> Journey       hops, each with its steps, and arrivals
//!                        |----converse(a, b)--> Conversation  ARP, answer, echo, answer; where it died and why
//!                        '----at(host, port)--> Spot          one frame put into one port
//! ```
//!
//! What happens at a vSwitch is asked of [`nsw_core::decide()`]; nothing here has a rule about frames. The only other
//! device is a learning bridge ([`bridge`]), which is what a physical switch is, and what a guest may be that bridges
//! its adapters.
//!
//! | question | place |
//! |---|---|
//! | what is connected to what | [`world`], built in `wiring.rs`, changed in `change.rs`, and where a host has changed in `rewire.rs` |
//! | what time does, and what switches send by themselves | [`time`] |
//! | who can send and receive | [`endpoint`] |
//! | how a frame travels | `carry.rs`, what comes out of it in [`journey`] |
//! | who says what, and who answers | [`converse`], held in `talk.rs`, the bytes in `packet.rs` |
//! | where a frame that did not arrive died | [`death`], with distances from `distance.rs` |
//! | whether a bridging guest makes a loop | `loops.rs` |
//! | which addresses several adapters have | `duplicates.rs` |
//! | how it reads | [`render`] |
//! | how far a frame is followed, where not all of it matters | `scope.rs` |
//! | what devices remember once everybody has spoken | `settled.rs` |
//! | where a frame came, if nothing else of its way matters | `trail.rs` |
//!
//! **Invariant:** a simulation is a function of the lab and the frame: no clock, no randomness, and an end: every
//! journey is bounded by [`journey::MAX_HOPS`] and [`journey::MAX_ARRIVALS`].

pub mod bridge;
mod carry;
mod change;
pub mod converse;
pub mod death;
mod distance;
mod duplicates;
pub mod endpoint;
pub mod inject;
pub mod journey;
mod loops;
mod packet;
pub mod reach;
pub mod render;
mod rewire;
mod scope;
mod settled;
mod talk;
pub mod time;
mod trail;
mod wiring;
pub mod world;

pub use bridge::Forwarding;
pub use change::Disconnected;
pub use converse::{Conversation, Direction, Fault, Leg, LegKind, LegVerdict, Verdict};
pub use death::{Death, DeathCause, Place, Policy, RefusedCopy};
pub use duplicates::{SharedMac, shared_macs};
pub use endpoint::{Acceptance, Endpoint, EndpointId, EndpointKind, LookupError};
pub use inject::{FrameSpec, FrameSpecError, Spot};
pub use journey::{Arrival, At, Exit, Hop, Journey, Onward};
pub use loops::looping_vms;
pub use reach::{Bystander, Reach};
pub(crate) use scope::{Scope, Upward};
pub(crate) use settled::{Known, Settled};
pub(crate) use trail::Trail;
pub use world::{SimError, SwitchId, World};
