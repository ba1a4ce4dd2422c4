//! The proof of `nsw-core`, in layers: examples of each stage, a second and naive implementation of the
//! specification, and laws that hold for every switch and every frame. Its acceptance scenarios cross several switches and
//! stand in `crates/nsw-lab/tests/data/scenarios`.
//!
//! Every example is a fixture, a frame and an expected text; see `fixture.rs` for the language.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod fixture;
mod model;
mod running;
mod team_model;
mod world;

mod allow;
mod copies;
mod errors;
mod filter;
mod frame;
mod guard;
mod ingress;
mod inheritance;
mod learn;
mod ledger;
mod mac_change;
mod receivers;
mod reflect;
mod shaper;
mod sink;
mod small_worlds;
mod source;
mod team_time;
mod teaming;
mod uplink;
mod vlan;

mod properties;
mod reasons;
