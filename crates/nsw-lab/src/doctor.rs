//! The doctor: why two ends of a lab do not reach each other, the least that cures it, and what a cure opens.
//!
//! Pure and offline. What becomes of a frame is asked of the simulator ([`crate::sim`]), which asks `nsw_core::decide()`;
//! nothing here has a rule of its own about frames. A statement of the doctor is one that was tried: a fix is a changed
//! lab in which the two ends were seen to talk and nobody else was seen to stop.
//!
//! | question | place |
//! |---|---|
//! | why do these two not talk, and what decided it | [`why`] |
//! | what is not known and would decide | [`unknown`] |
//! | what to change, least exposure first | [`fix`], each part of it a [`change`] |
//! | the same as commands | [`commands`] |
//! | what a fix opens | [`opened`] |
//! | the same in the lab file, its comments kept | [`edit`] |
//! | which cures a product can carry out at all | [`platform`] |
//! | how an answer reads | [`report`] |
//! | who reaches whom, in labs of any size | [`reach`] |
//! | who can read whose traffic, and send as whom | [`exposure`] |
//! | what can be closed, and everybody still reaches whom he reaches | [`tighten`] |
//! | where to look first, given a symptom | [`symptom`] |
//! | what a hardening guide objects to, and who answers for it | [`audit`] |
//!
//! **Invariant:** a function of the lab and the question: no clock, no randomness, no I/O, and every search is bounded.

mod around;
pub mod audit;
pub mod change;
pub mod commands;
pub mod edit;
pub mod exposure;
pub mod fix;
mod kinds;
mod neighbour;
pub mod opened;
mod overhear;
pub mod path;
pub mod platform;
mod pretend;
pub mod reach;
pub mod report;
mod same;
mod sender;
mod stems;
pub mod symptom;
pub mod tighten;
pub mod unknown;
pub mod why;
mod wired;
