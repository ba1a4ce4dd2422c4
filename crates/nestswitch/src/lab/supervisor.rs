//! The supervisor of a running lab: segments, stations and physical hosts are its children; nested hosts are not.
//!
//! It is told what the lab shall be by a lab file, at the start and again at every `nsw lab up`, and changes only what
//! differs. A host's configuration goes to the host itself, at whatever depth; a host that does not run yet finds it in
//! its file.
//!
//! **Invariant:** a lab file is checked whole before anything is changed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, Router, routing};
use hyper::Method;
use nsw_lab::topology::{Host, Lab, Pnic};
use serde::de::DeserializeOwned;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::time::{Duration, Instant, sleep};

use super::folder::LabFolder;
use super::plan::{host_command, plan};
use super::segment::{LiveSegment, SegmentError, station_comes};
use super::status::{EndStatus, LabFile, LabHost, LabStatus};
use crate::engine::EngineWish;
use crate::guest::{Guest, GuestError, program};
use crate::host::changes::{changes, starts_again};
use crate::host::client::ClientError;
use crate::host::document::HostDocument;
use crate::host::status::{Changes, HostStatus, Problem};
use crate::host::store::{self, StoreError};

/// How long a host may take from its start until it answers.
const HOSTS_ANSWER_WITHIN: Duration = Duration::from_secs(60);

/// Why a lab is not what its file says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SupervisorError {
    #[error("{0}")]
    File(String),
    #[error(transparent)]
    Segment(#[from] SegmentError),
    #[error("host `{host}`: {source}")]
    Guest { host: String, source: GuestError },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("host `{host}`: {source}")]
    Host { host: String, source: ClientError },
    #[error("host `{host}` does not answer within {} s; see {log}", HOSTS_ANSWER_WITHIN.as_secs())]
    Silent { host: String, log: String },
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A running lab.
struct Supervisor {
    folder: LabFolder,
    program: String,
    wishes: Vec<EngineWish>,
    file: String,
    lab: Lab,
    segments: BTreeMap<String, LiveSegment>,
    hosts: BTreeMap<String, LiveHost>,
}

/// A physical host, which is a child of the supervisor.
struct LiveHost {
    pnics: Vec<Pnic>,
    guest: Guest,
}

/// Holds the lab of `file` together until it is told to stop.
pub(crate) fn run(file: &Path, wishes: &[EngineWish]) -> Result<(), SupervisorError> {
    let text = std::fs::read_to_string(file)?;
    let name = file.to_string_lossy().into_owned();
    let lab = read(&name, &text)?;
    let folder = LabFolder::of(&lab.name);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let supervisor = Supervisor {
        folder: folder.clone(),
        program: program()?,
        wishes: wishes.to_vec(),
        file: name,
        lab: Lab { name: lab.name.clone(), segments: Vec::new(), hosts: Vec::new() },
        segments: BTreeMap::new(),
        hosts: BTreeMap::new(),
    };
    let result = runtime.block_on(serve(supervisor, &lab));
    // Connections that are open still hold the lab. Who sees the folder gone may rely on everything else being gone.
    drop(runtime);
    folder.remove()?;
    result
}

async fn serve(mut supervisor: Supervisor, lab: &Lab) -> Result<(), SupervisorError> {
    supervisor.converge(lab, false).await?;
    let listener = UnixListener::bind(supervisor.folder.socket())?;
    let stop = Arc::new(Notify::new());
    let shared =
        Shared { supervisor: Arc::new(tokio::sync::Mutex::new(supervisor)), stop: Arc::clone(&stop) };
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = axum::serve(listener, router(shared)) => result?,
        () = stop.notified() => {}
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

fn read(name: &str, text: &str) -> Result<Lab, SupervisorError> {
    nsw_lab::spec::parse(name, text)
        .map(|parsed| parsed.lab)
        .map_err(|diagnostics| SupervisorError::File(diagnostics.to_string()))
}

impl Supervisor {
    /// Makes the running lab what `lab` says; returns a line for each change. With `dry_run` it only tells.
    async fn converge(&mut self, lab: &Lab, dry_run: bool) -> Result<Vec<String>, SupervisorError> {
        self.folder
            .check_names(lab.all_hosts().into_iter().map(|(_, host)| host.name.as_str()))
            .map_err(SupervisorError::File)?;
        let planned = plan(lab, &self.folder, &self.program, &self.wishes);
        let mut lines = self.comings_and_goings(&planned);
        lines.extend(self.outside_changes(lab));
        if dry_run {
            lines.extend(self.host_changes(&planned).await?);
            return Ok(lines);
        }
        self.write_configs_of_stopped_hosts(&planned)?;
        self.converge_outside(lab)?;
        self.start_physical_hosts(lab)?;
        lines.extend(self.configure_hosts(lab, &planned).await?);
        self.lab = lab.clone();
        Ok(lines)
    }

    /// What the hosts that run would change.
    async fn host_changes(&self, planned: &[HostDocument]) -> Result<Vec<String>, SupervisorError> {
        let mut lines = Vec::new();
        for document in planned {
            let host = &document.name;
            if let Some(running) = self.ask::<HostDocument>(host, "/v1/config").await? {
                lines.extend(changes(&running, document));
            }
            if let Some(status) = self.ask::<HostStatus>(host, "/v1/status").await? {
                let stopped = status.vms.iter().filter(|vm| !vm.running);
                let wanted = stopped.filter(|vm| document.vms.iter().any(|other| other.name == vm.name));
                lines.extend(wanted.map(|vm| starts_again(host, &vm.name)));
            }
        }
        Ok(lines)
    }

    /// Hosts that do not run and shall, and hosts that shall no longer.
    fn comings_and_goings(&self, planned: &[HostDocument]) -> Vec<String> {
        let stopped = planned.iter().filter(|host| !self.folder.host_client(&host.name).is_alive());
        let known = self.lab.all_hosts().into_iter().map(|(_, host)| &host.name);
        let gone = known.filter(|name| planned.iter().all(|planned| planned.name != **name));
        let coming = stopped.map(|host| format!("+ host {}", host.name));
        coming.chain(gone.map(|name| format!("- host {name}"))).collect()
    }

    /// Segments and stations that come or go.
    fn outside_changes(&self, lab: &Lab) -> Vec<String> {
        let gone = self.segments.keys().filter(|name| lab.segments.iter().all(|other| other.name != **name));
        let mut lines: Vec<String> = gone.map(|name| format!("- segment {name}")).collect();
        for segment in &lab.segments {
            match self.segments.get(&segment.name) {
                Some(live) => lines.extend(live.changes(&segment.stations)),
                None => {
                    lines.push(format!("+ segment {}", segment.name));
                    lines.extend(segment.stations.iter().map(|new| station_comes(&segment.name, &new.name)));
                }
            }
        }
        lines
    }

    /// Asks a host; `None` if it does not run.
    async fn ask<T: DeserializeOwned>(&self, host: &str, path: &str) -> Result<Option<T>, SupervisorError> {
        let client = self.folder.host_client(host);
        if !client.is_alive() {
            return Ok(None);
        }
        let answer = client.request(Method::GET, path, &()).await;
        answer.map(Some).map_err(|source| SupervisorError::Host { host: host.to_owned(), source })
    }

    fn write_configs_of_stopped_hosts(&self, planned: &[HostDocument]) -> Result<(), SupervisorError> {
        for document in planned {
            if !self.folder.host_client(&document.name).is_alive() {
                store::save(&self.folder.host_config(&document.name), document)?;
            }
        }
        Ok(())
    }

    fn converge_outside(&mut self, lab: &Lab) -> Result<(), SupervisorError> {
        self.segments.retain(|name, _| lab.segments.iter().any(|segment| segment.name == *name));
        for segment in &lab.segments {
            if !self.segments.contains_key(&segment.name) {
                self.segments.insert(segment.name.clone(), LiveSegment::create(&segment.name)?);
            }
            if let Some(live) = self.segments.get_mut(&segment.name) {
                live.converge(&segment.stations)?;
            }
        }
        Ok(())
    }

    fn start_physical_hosts(&mut self, lab: &Lab) -> Result<(), SupervisorError> {
        self.hosts.retain(|name, live| {
            live.guest.is_running()
                && lab.hosts.iter().any(|host| host.name == *name && host.pnics == live.pnics)
        });
        for host in &lab.hosts {
            if !self.hosts.contains_key(&host.name) {
                let live = self.start_host(host)?;
                self.hosts.insert(host.name.clone(), live);
            }
        }
        Ok(())
    }

    fn start_host(&mut self, host: &Host) -> Result<LiveHost, SupervisorError> {
        // A host that is started anew reads its file, which a running one of that name may have changed since.
        let command = host_command(&host.name, &self.folder, &self.program, &self.wishes);
        let guest = Guest::start(&host.name, &command)
            .map_err(|source| SupervisorError::Guest { host: host.name.clone(), source })?;
        for pnic in &host.pnics {
            let segment = pnic.segment.as_ref().and_then(|segment| self.segments.get_mut(segment));
            if let Some(segment) = segment {
                segment.cable(guest.namespace(), &pnic.name, pnic.mac)?;
            }
        }
        Ok(LiveHost { pnics: host.pnics.clone(), guest })
    }

    /// Sends every host its configuration, outermost first: a host that is told to start a nested one does so before
    /// that one's turn comes. Returns what the hosts say they changed.
    async fn configure_hosts(
        &mut self,
        lab: &Lab,
        planned: &[HostDocument],
    ) -> Result<Vec<String>, SupervisorError> {
        let deadline = Instant::now() + HOSTS_ANSWER_WITHIN;
        let mut lines = Vec::new();
        for document in planned {
            let host = &document.name;
            while !self.folder.host_client(host).is_alive() {
                if Instant::now() > deadline {
                    let log = self.folder.log().display().to_string();
                    return Err(SupervisorError::Silent { host: host.clone(), log });
                }
                sleep(Duration::from_millis(5)).await;
                // What was killed a moment ago may have been ending still when it was looked at.
                self.start_physical_hosts(lab)?;
                lines.extend(self.start_nested_host(planned, host).await?);
            }
            lines.extend(self.configure(document).await?);
        }
        Ok(lines)
    }

    /// Has the host around a nested one start it again, if it knows that it ended.
    async fn start_nested_host(
        &self,
        planned: &[HostDocument],
        name: &str,
    ) -> Result<Vec<String>, SupervisorError> {
        let around = planned.iter().find(|outer| outer.vms.iter().any(|vm| vm.name == name));
        let Some(around) = around else { return Ok(Vec::new()) };
        let status = self.ask::<HostStatus>(&around.name, "/v1/status").await?;
        let ended = status.is_some_and(|status| status.vms.iter().any(|vm| vm.name == name && !vm.running));
        if ended { self.configure(around).await } else { Ok(Vec::new()) }
    }

    async fn configure(&self, document: &HostDocument) -> Result<Vec<String>, SupervisorError> {
        let client = self.folder.host_client(&document.name);
        let answer = client.request::<Changes>(Method::PUT, "/v1/config", document).await;
        answer
            .map(|answer| answer.changes)
            .map_err(|source| SupervisorError::Host { host: document.name.clone(), source })
    }

    fn status(&self) -> LabStatus {
        let mut hosts = Vec::new();
        for host in &self.lab.hosts {
            push_host(&mut hosts, host, None, 0);
        }
        for host in &mut hosts {
            if let Some(live) = self.hosts.get(&host.name) {
                host.pid = live.guest.pid();
            }
        }
        LabStatus {
            name: self.lab.name.clone(),
            file: self.file.clone(),
            pid: std::process::id(),
            segments: self.segments.values().map(LiveSegment::status).collect(),
            hosts,
        }
    }
}

/// A host, and after it the hosts nested in it.
fn push_host(hosts: &mut Vec<LabHost>, host: &Host, runs_on: Option<&str>, depth: usize) {
    let texts = |addresses: &[nsw_lab::topology::Address]| -> Vec<String> {
        addresses.iter().map(|address| address.ip.to_string()).collect()
    };
    let vmkernel = host.vmkernels.iter().flat_map(|adapter| texts(&adapter.addresses)).collect();
    let mut ends = vec![EndStatus { name: host.name.clone(), pid: 0, addresses: vmkernel }];
    let plain = host.vms.iter().filter(|vm| matches!(vm.guest, nsw_lab::topology::Guest::Os));
    ends.extend(plain.map(|vm| EndStatus {
        name: vm.name.clone(),
        pid: 0,
        addresses: vm.nics.iter().flat_map(|nic| texts(&nic.addresses)).collect(),
    }));
    hosts.push(LabHost { name: host.name.clone(), depth, runs_on: runs_on.map(str::to_owned), pid: 0, ends });
    for vm in &host.vms {
        if let nsw_lab::topology::Guest::Host(inner) = &vm.guest {
            push_host(hosts, inner, Some(&host.name), depth + 1);
        }
    }
}

#[derive(Clone)]
struct Shared {
    supervisor: Arc<tokio::sync::Mutex<Supervisor>>,
    stop: Arc<Notify>,
}

fn router(shared: Shared) -> Router {
    Router::new().route("/v1/lab", routing::get(get_lab).put(put_lab).delete(delete_lab)).with_state(shared)
}

async fn get_lab(State(shared): State<Shared>) -> Json<LabStatus> {
    Json(shared.supervisor.lock().await.status())
}

async fn put_lab(State(shared): State<Shared>, Json(file): Json<LabFile>) -> Response {
    let mut supervisor = shared.supervisor.lock().await;
    let result = match read(&file.name, &file.text) {
        Ok(lab) if lab.name == supervisor.folder.lab() => supervisor.converge(&lab, file.dry_run).await,
        Ok(lab) => Err(SupervisorError::File(format!(
            "this is lab `{}`, not `{}`",
            supervisor.folder.lab(),
            lab.name
        ))),
        Err(error) => Err(error),
    };
    match result {
        Ok(changes) => Json(Changes { changes }).into_response(),
        Err(error) => {
            (StatusCode::UNPROCESSABLE_ENTITY, Json(Problem { error: error.to_string() })).into_response()
        }
    }
}

async fn delete_lab(State(shared): State<Shared>) -> Json<Changes> {
    shared.stop.notify_one();
    Json(Changes::default())
}
