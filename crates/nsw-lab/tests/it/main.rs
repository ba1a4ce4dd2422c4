//! Tests of the crate from outside, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod audit;
mod doctor;
mod examples;
mod graph;
mod malformed;
mod scenarios;
mod schema;
mod sim;
mod spec;
mod symptom;
mod theorems;
mod threads;
