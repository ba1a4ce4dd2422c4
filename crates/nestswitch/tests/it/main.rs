//! Whole commands, as a user sees them: what is typed, what is printed, the exit code. Nothing here needs a live lab.

#![expect(clippy::expect_used, reason = "a fixture that fails is a failed test")]

mod audit;
mod check;
mod documents;
mod explain;
mod exposure;
mod fixture;
mod graph;
mod help;
mod host;
mod keys;
mod lab;
mod language;
mod readme;
mod simulated;
mod symptom;
mod trace;
mod wrong;
