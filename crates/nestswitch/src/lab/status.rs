//! What a lab's supervisor says about the lab.

use serde::{Deserialize, Serialize};

/// A running lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LabStatus {
    pub(crate) name: String,
    /// The lab file as it was read last.
    pub(crate) file: String,
    /// The supervisor's process id, as it sees itself.
    pub(crate) pid: u32,
    pub(crate) segments: Vec<SegmentStatus>,
    /// Hosts, outermost first.
    pub(crate) hosts: Vec<LabHost>,
}

/// A segment with its stations.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SegmentStatus {
    pub(crate) name: String,
    pub(crate) stations: Vec<EndStatus>,
}

/// A host of the lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LabHost {
    pub(crate) name: String,
    /// How many hosts are around it.
    pub(crate) depth: usize,
    /// The host that it runs on, if it is nested.
    pub(crate) runs_on: Option<String>,
    /// Its process as the supervisor sees it; 0 for a nested host, which is not the supervisor's child.
    pub(crate) pid: u32,
    /// VMkernel adapters and VMs with their addresses.
    pub(crate) ends: Vec<EndStatus>,
}

/// An end point: a station, a VM, or a host's VMkernel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct EndStatus {
    /// The name that `exec` and `ping` take.
    pub(crate) name: String,
    /// Its process as the supervisor sees it; 0 where the supervisor did not start it.
    pub(crate) pid: u32,
    /// Its addresses without prefix length.
    pub(crate) addresses: Vec<String>,
}

/// A lab file to put in force.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LabFile {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Only say what would change.
    pub(crate) dry_run: bool,
}
