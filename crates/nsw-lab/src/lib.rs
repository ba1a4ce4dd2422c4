//! Labs: text in, findings out. Nothing here touches a live network.

#![forbid(unsafe_code)]

pub mod doctor;
pub mod graph;
pub mod messages;
pub mod scenario;
pub mod sim;
pub mod spec;
pub mod topology;
