//! What the kernel still has of a lab: processes, namespaces, devices, mounts.
//!
//! A lab's processes are known by their environment, in which the runtime folder of the test stands. Namespaces are
//! found by processes that are in them, by descriptors that hold them, and by mounts.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::fixture::{Nsw, eventually};

/// What there was to be left behind.
pub(crate) struct Traces {
    runtime: PathBuf,
    devices: BTreeSet<String>,
    mounts: usize,
    namespaces: BTreeSet<PathBuf>,
}

impl Traces {
    /// Begins to take notes, before anything is started.
    pub(crate) fn before(nsw: &Nsw) -> Self {
        Self {
            runtime: nsw.runtime(),
            devices: devices(),
            mounts: namespace_mounts(),
            namespaces: BTreeSet::new(),
        }
    }

    /// Takes note of the namespaces of everything that runs now.
    pub(crate) fn note(&mut self) {
        self.namespaces.extend(processes_of(&self.runtime).iter().flat_map(|pid| network_namespaces(*pid)));
        self.namespaces.remove(&fs::read_link("/proc/self/ns/net").unwrap());
    }

    /// How many namespaces were noted.
    pub(crate) fn noted(&self) -> usize {
        self.namespaces.len()
    }

    /// Waits until no process, namespace, device or mount is left.
    #[track_caller]
    pub(crate) fn expect_none(&self) {
        let mut left = String::new();
        let gone = crate::fixture::within(crate::fixture::PATIENCE, || {
            left = self.left();
            left.is_empty().then_some(())
        });
        assert!(gone.is_some(), "left behind: {left}");
    }

    /// The same, and no folder of a lab either: somebody had the time to tidy up.
    #[track_caller]
    pub(crate) fn expect_none_nor_folder(&self) {
        self.expect_none();
        let folders: Vec<_> =
            fs::read_dir(&self.runtime).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(folders.is_empty(), "left behind: {folders:?}");
    }

    fn left(&self) -> String {
        let processes: Vec<String> = processes_of(&self.runtime).into_iter().map(describe).collect();
        let held = |pid: u32| network_namespaces(pid).any(|namespace| self.namespaces.contains(&namespace));
        // The kernel gives the number of a namespace that is gone to the next one: another test's lab may have it by now.
        let holders = processes_with(|pid| held(pid) && runtime_of(pid).is_none_or(|of| of == self.runtime));
        let holders: Vec<String> = holders.into_iter().map(describe).collect();
        let devices: Vec<String> = devices().difference(&self.devices).cloned().collect();
        let mounts = namespace_mounts().saturating_sub(self.mounts);
        let mut text = String::new();
        for (what, list) in [("process", processes), ("namespace held by", holders), ("device", devices)] {
            text.extend(list.iter().map(|one| format!("\n  {what} {one}")));
        }
        if mounts > 0 { text + "\n  a mounted namespace" } else { text }
    }
}

/// The processes of one test whose command line has an argument that ends like this. Not the inits of VMs: they execute
/// nothing, so their command line is of whoever started the VM.
pub(crate) fn running(nsw: &Nsw, word: &str) -> Vec<u32> {
    let named = |pid: &u32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|byte| *byte == 0).any(|argument| argument.ends_with(word.as_bytes()))
    };
    processes_of(&nsw.runtime()).into_iter().filter(|pid| named(pid) && !is_init(*pid)).collect()
}

fn is_init(pid: u32) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    ids.split_whitespace().next_back() == Some("1")
}

/// A process of one test that is in this network namespace, as `readlink /proc/self/ns/net` calls it.
pub(crate) fn process_in(nsw: &Nsw, namespace: &str) -> Option<u32> {
    let is_in = |pid: &u32| {
        fs::read_link(format!("/proc/{pid}/ns/net")).is_ok_and(|link| link.as_os_str() == namespace)
    };
    processes_of(&nsw.runtime()).into_iter().find(is_in)
}

/// The `nsw host run` of a host.
#[track_caller]
pub(crate) fn host_process(nsw: &Nsw, host: &str) -> u32 {
    match running(nsw, &format!("/{host}.json"))[..] {
        [only] => only,
        ref found => panic!("host {host} is {found:?}"),
    }
}

/// Kills a process, and waits until it is gone.
pub(crate) fn kill_9(pid: u32) {
    send(pid, Signal::KILL);
    eventually("a killed process goes", || (!is_alive(pid)).then_some(()));
}

pub(crate) fn send(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// Ctrl-C in a terminal: everybody in the process group hears of it.
pub(crate) fn press_ctrl_c(group: u32) {
    kill_process_group(Pid::from_raw(i32::try_from(group).unwrap()).unwrap(), Signal::INT).unwrap();
}

/// A zombie, which only waits to be collected, is dead.
pub(crate) fn is_alive(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn processes_of(runtime: &Path) -> Vec<u32> {
    processes_with(|pid| runtime_of(pid).is_some_and(|of| of == runtime))
}

/// The runtime folder in a process's environment: which test it is of.
fn runtime_of(pid: u32) -> Option<PathBuf> {
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    let mut entries = environment.split(|byte| *byte == 0);
    let folder = entries.find_map(|entry| entry.strip_prefix(b"NSW_RUNTIME_DIR="))?;
    Some(PathBuf::from(OsStr::from_bytes(folder)))
}

fn processes_with(is_meant: impl Fn(u32) -> bool) -> Vec<u32> {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    pids.filter(|pid| is_alive(*pid) && is_meant(*pid)).collect()
}

/// The network namespaces that a process is in or holds by a descriptor.
fn network_namespaces(pid: u32) -> impl Iterator<Item = PathBuf> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let descriptors =
        fs::read_dir(process.join("fd")).into_iter().flatten().flatten().map(|entry| entry.path());
    let links = descriptors.chain([process.join("ns/net")]).filter_map(|path| fs::read_link(path).ok());
    links.filter(|link| link.to_string_lossy().starts_with("net:["))
}

fn namespace_mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo").unwrap().lines().filter(|line| line.contains(" nsfs ")).count()
}

fn devices() -> BTreeSet<String> {
    let text = fs::read_to_string("/proc/self/net/dev").unwrap();
    text.lines().filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned())).collect()
}

fn describe(pid: u32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    format!("{pid} ({})", String::from_utf8_lossy(&line).replace('\0', " ").trim())
}
