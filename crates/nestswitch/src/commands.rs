//! One file a verb. Each takes the words of the command line and returns what the process exits with.

pub(crate) mod audit;
pub(crate) mod demo;
pub(crate) mod esxcli;
pub(crate) mod explain;
pub(crate) mod exposure;
pub(crate) mod fix;
pub(crate) mod graph;
pub(crate) mod host;
pub(crate) mod lab;
pub(crate) mod language;
pub(crate) mod output;
mod patience;
pub(crate) mod print;
pub(crate) mod reach;
pub(crate) mod tighten;
pub(crate) mod trace;
pub(crate) mod vm_init;
pub(crate) mod why;
