//! An acceptance scenario as data: a lab, what happens to it, frames, and everything that becomes of each frame.
//!
//! ```yaml
//! scenario: 9
//! title: Promiscuous mode alone lets frames in
//! topology: t1                      # a lab file
//! rules: [F-4, R-1]                 # of docs/semantics.md
//! steps:
//!   - set: { PH/vSwitch0/PG-N: { security: { promiscuous: accept } } }
//!   - frame:
//!       from: X
//!       to: N1
//!       expect:
//!         - { at: PH, by: vmnic0, tag: 10, out: { H1.vmnic0: promiscuous, H2.vmnic0: promiscuous } }
//!         - { at: H1, by: vmnic0, out: { N1.eth0: own } }
//!         - { end: N1/eth0 }
//!         - { at: H2, by: vmnic0, drop: DEST_NOT_REGISTERED }
//! ```
//!
//! One expectation, held in three ways. Each visit of a vSwitch says everything that is needed to ask
//! [`nsw_core::decide()`] about it alone; all of them, with the end points, are the journey that the simulator finds; and
//! a live lab shows the end points and the drops. [`Stage`] is the lab and what has happened to it so far: for the
//! simulator as a [`World`](crate::sim::World), for a live lab as a lab file.
//!
//! **Invariant:** a scenario says what is expected of *every* copy; nothing may happen that it does not mention.

mod fate;
mod stage;

pub use fate::{Arrived, Fate, How, StormKind, Stormed, Visit, fates};
pub use stage::{Stage, StageError};

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A scenario, as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// Its number in the table of `docs/semantics.md`.
    #[serde(rename = "scenario")]
    pub number: u32,
    /// What it shows.
    pub title: String,
    /// The name of its lab file, without folder and ending.
    pub topology: String,
    /// Merged into the lab file before anything is built of it; null takes a key away.
    #[serde(default)]
    pub with: Option<Value>,
    /// The rules that decide it.
    pub rules: Vec<String>,
    /// Why a live lab cannot tell, if so.
    #[serde(default)]
    pub not_live: Option<String>,
    /// What happens, in this order.
    pub steps: Vec<Step>,
}

/// Something that happens to a lab, or a frame in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody edits vSwitches (`HOST/VSWITCH`) or port groups (`HOST/VSWITCH/GROUP`), as their mappings in the lab
    /// file; null makes a setting inherited or default again.
    Set(BTreeMap<String, Value>),
    /// Guests program their adapters.
    Guest(BTreeMap<String, GuestChange>),
    /// Cables (`HOST/PORT`) lose their link or get it back.
    Link(BTreeMap<String, LinkState>),
    /// Time goes by, in milliseconds.
    WaitMs(u64),
    /// Somebody sends a frame.
    Frame(FrameStep),
}

/// What a guest programs into an adapter. What is absent is as the adapter was made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GuestChange {
    /// The MAC address.
    pub mac: Option<String>,
    /// It asks for promiscuous mode.
    pub promiscuous: bool,
    /// It joins so many groups: 01:00:5e:00:00:01 and those that follow.
    pub joins_first: u8,
}

/// The state of a cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkState {
    /// It has a link.
    Up,
    /// It has none.
    Down,
}

/// A frame, and all that becomes of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FrameStep {
    /// The end point that sends it ...
    #[serde(default)]
    pub from: Option<String>,
    /// ... or the port (`HOST/PORT`) that it comes in by, whoever sent it.
    #[serde(default)]
    pub at: Option<String>,
    /// The destination: an end point, `broadcast`, or a MAC address.
    pub to: String,
    /// The source, an end point or a MAC address, if not the sender's own.
    #[serde(default)]
    pub src: Option<String>,
    /// The 802.1Q id that it carries, if not the sender's own; 0 for no tag.
    #[serde(default)]
    pub vlan: Option<u16>,
    /// Bytes of payload.
    #[serde(default)]
    pub len: Option<usize>,
    /// All that becomes of it, in the order in which the copies travel.
    pub expect: Vec<Fate>,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// What is wrong with the text, with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_saphyr::from_str(text).map_err(|error| error.to_string())
    }

    /// Its frames, in their order.
    pub fn frames(&self) -> impl Iterator<Item = &FrameStep> {
        self.steps.iter().filter_map(|step| match step {
            Step::Frame(frame) => Some(frame),
            _ => None,
        })
    }
}
