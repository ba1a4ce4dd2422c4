//! A lab, live: the supervisor that holds it together, its segments, and where it keeps its state.

#[cfg(target_os = "linux")]
pub(crate) mod enter;
pub(crate) mod folder;
pub(crate) mod plan;
#[cfg(target_os = "linux")]
pub(crate) mod segment;
pub(crate) mod status;
#[cfg(target_os = "linux")]
pub(crate) mod supervisor;
pub(crate) mod wait;
