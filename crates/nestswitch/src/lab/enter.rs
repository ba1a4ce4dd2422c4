//! From the name of an end point to the process whose namespaces it lives in.
//!
//! A host knows its VMs by the process ids of its own PID namespace, which for a nested host is not ours. The kernel
//! lists for every process its ids in all namespaces around it (`NSpid`), and that is how one becomes the other.

use std::path::{Path, PathBuf};

use super::folder::LabFolder;
use super::status::{LabHost, LabStatus};
use crate::host::client::ClientError;
use crate::host::status::HostStatus;

/// Why an end point was not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnterError {
    #[error("lab `{lab}` has no VM, host or station named `{name}`; it has {known}")]
    Unknown { lab: String, name: String, known: String },
    #[error("`{0}` is not running; `nsw lab up` starts it again")]
    NotRunning(String),
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// Finds end points of a running lab.
pub(crate) struct Finder {
    folder: LabFolder,
    status: LabStatus,
}

impl Finder {
    /// Asks the supervisor what there is.
    pub(crate) fn new(folder: LabFolder) -> Result<Self, EnterError> {
        let status = folder.client().get("/v1/lab")?;
        Ok(Self { folder, status })
    }

    /// The first process, as we see it, of a VM, a station, or a host's VMkernel.
    pub(crate) fn process_of(&self, name: &str) -> Result<u32, EnterError> {
        let stations = self.status.segments.iter().flat_map(|segment| &segment.stations);
        if let Some(station) = stations.into_iter().find(|station| station.name == name) {
            return Ok(station.pid);
        }
        let not_running = || EnterError::NotRunning(name.to_owned());
        for host in &self.status.hosts {
            if !host.ends.iter().any(|end| end.name == name) {
                continue;
            }
            let outer = self.host_process(host)?;
            let status: HostStatus = self.folder.host_client(&host.name).get("/v1/status")?;
            let inner = if host.name == name {
                status.vmkernel_pid
            } else {
                status
                    .vms
                    .iter()
                    .find(|vm| vm.name == name && vm.running)
                    .map(|vm| vm.pid)
                    .ok_or_else(not_running)?
            };
            return translate(outer, inner).ok_or_else(not_running);
        }
        Err(self.unknown(name))
    }

    /// The first address of an end point, for pinging it by name.
    pub(crate) fn address_of(&self, name: &str) -> Result<String, EnterError> {
        self.ends()
            .find(|end| end.name == name)
            .and_then(|end| end.addresses.first().cloned())
            .ok_or_else(|| self.unknown(name))
    }

    /// The first process of a host, as we see it: for a nested host, of the VM that it is.
    fn host_process(&self, host: &LabHost) -> Result<u32, EnterError> {
        let not_running = || EnterError::NotRunning(host.name.clone());
        let Some(runs_on) = &host.runs_on else { return Ok(host.pid) };
        let around = self.status.hosts.iter().find(|other| other.name == *runs_on).ok_or_else(not_running)?;
        let outer = self.host_process(around)?;
        let status: HostStatus = self.folder.host_client(runs_on).get("/v1/status")?;
        let vm = status.vms.iter().find(|vm| vm.name == host.name && vm.running).ok_or_else(not_running)?;
        translate(outer, vm.pid).ok_or_else(not_running)
    }

    fn ends(&self) -> impl Iterator<Item = &super::status::EndStatus> {
        let stations = self.status.segments.iter().flat_map(|segment| &segment.stations);
        stations.chain(self.status.hosts.iter().flat_map(|host| &host.ends))
    }

    fn unknown(&self, name: &str) -> EnterError {
        let mut known: Vec<&str> = self.ends().map(|end| end.name.as_str()).collect();
        known.sort_unstable();
        EnterError::Unknown { lab: self.status.name.clone(), name: name.to_owned(), known: known.join(", ") }
    }
}

/// The process that process `outer`, or one in the same PID namespace, calls `inner`: as we call it.
fn translate(outer: u32, inner: u32) -> Option<u32> {
    let depth = Ids::of(outer)?.in_namespaces.len();
    let namespace = pid_namespace(outer)?;
    processes().find(|process| {
        let Some(ids) = Ids::of(*process) else { return false };
        // The VM's first process is one level deeper and has a parent in the host's own namespace.
        ids.in_namespaces.len() == depth + 1
            && ids.in_namespaces.get(depth - 1) == Some(&inner)
            && pid_namespace(ids.parent).as_ref() == Some(&namespace)
    })
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn pid_namespace(process: u32) -> Option<PathBuf> {
    std::fs::read_link(Path::new("/proc").join(process.to_string()).join("ns/pid")).ok()
}

/// The ids of one process.
struct Ids {
    parent: u32,
    /// Its id in each PID namespace around it, the outermost that we see first.
    in_namespaces: Vec<u32>,
}

impl Ids {
    fn of(process: u32) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?)
    }

    fn parse(status: &str) -> Option<Self> {
        let field = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        Some(Self {
            parent: field("PPid:")?.trim().parse().ok()?,
            in_namespaces: field("NSpid:")?.split_whitespace().filter_map(|id| id.parse().ok()).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_an_id_in_each_namespace_around_it() {
        let ids = Ids::parse("Name:\tnsw\nPPid:\t41\nNSpid:\t812\t7\t1\n").unwrap();
        assert_eq!((ids.parent, ids.in_namespaces), (41, vec![812, 7, 1]));
    }
}
