//! `nsw host run`: one host, until it is told to stop.
//!
//! One thread runs everything but the frames: the local API, what guests did, and VMs that ended. Frames are the
//! engines' threads' alone.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use nsw_dataplane::link::Link;
use nsw_dataplane::netns::Namespace;
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Duration, Instant, sleep, timeout};

use super::api::{self, ApplyError, Control as _};
use super::client::segment;
use super::document::HostDocument;
use super::live::{Events, HostEvent, LiveHost};
use super::store::{self, StoreError};
use crate::engine::EngineName;

/// How long a host waits for its physical adapters to appear.
const ADAPTERS_APPEAR_WITHIN: Duration = Duration::from_secs(10);
/// How long connections may take to end when the host was told to stop.
const FAREWELL: Duration = Duration::from_secs(1);
/// Where switches in the kernel are pinned, a folder a host: on the system's BPF file system, or else on one of our own.
const PINS: [&str; 2] = ["/sys/fs/bpf/nsw", "/run/nsw/bpf"];
const BPF_FS_MAGIC: i64 = 0xcafe_4a11;

/// Why a host did not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DaemonError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("host `{host}`: no adapter `{adapter}` in this network namespace within {} s", ADAPTERS_APPEAR_WITHIN.as_secs())]
    NoAdapter { host: String, adapter: String },
    #[error("{0}")]
    Live(#[from] super::live::LiveError),
    #[error(transparent)]
    Apply(#[from] ApplyError),
    #[error("a host answers on {socket} already", socket = socket.display())]
    Running { socket: PathBuf },
    #[error("cannot listen on {path}: {source}", path = path.display())]
    Listen { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// How a host is to run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) engine: EngineName,
    /// Nothing of it may outlive the process.
    pub(crate) ephemeral: bool,
}

/// Runs the host of `config` behind `socket` until SIGTERM or SIGINT, or until it is told to stop.
pub(crate) fn run(config: &Path, socket: &Path, options: Options) -> Result<(), DaemonError> {
    if std::os::unix::net::UnixStream::connect(socket).is_ok() {
        return Err(DaemonError::Running { socket: socket.to_owned() });
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(serve(config, socket, options));
    let _ = std::fs::remove_file(socket);
    result
}

async fn serve(config: &Path, socket: &Path, options: Options) -> Result<(), DaemonError> {
    let document = store::load(config)?;
    wait_for_adapters(&document.name, &document.pnics).await?;
    let (host, events) = start(config, document, options)?;
    anstream::eprintln!("{}", host.introduction());
    let host = Arc::new(Mutex::new(host));
    let listener = listen(socket)?;
    let stopping = Arc::new(Notify::new());
    let stopped = Arc::clone(&stopping);
    let served = axum::serve(listener, api::router(host.clone()))
        .with_graceful_shutdown(async move { stopped.notified().await })
        .into_future();
    tokio::pin!(served);
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        result = &mut served => result?,
        () = follow(&host, events) => {
            // Whoever asked the host to stop is told that it does.
            stopping.notify_one();
            if let Ok(result) = timeout(FAREWELL, served).await {
                result?;
            }
        }
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}

/// Starts the host with everything that is configured. What the kernel engine does not hold runs in the user's, if nobody
/// asked for one of them.
fn start(
    config: &Path,
    document: HostDocument,
    options: Options,
) -> Result<(LiveHost, UnboundedReceiver<HostEvent>), DaemonError> {
    let pins = (!options.ephemeral).then(|| pins_of(&document.name));
    let begin = |engine| {
        let (sender, events) = unbounded_channel::<HostEvent>();
        let events_of_host = Events::new(sender);
        LiveHost::start(&document.name, config.to_owned(), events_of_host, engine, pins.clone())
            .map(|host| (host, events))
    };
    let (mut host, events) = begin(options.engine)?;
    let Err(refused) = host.apply(document.clone()) else { return Ok((host, events)) };
    if !host.yields_to_user() {
        return Err(refused.into());
    }
    host.stop(true)?;
    drop(host);
    let (mut host, events) = begin(EngineName::User)?;
    host.apply(document)?;
    host.excuse_engine(refused.to_string());
    Ok((host, events))
}

fn pins_of(host: &str) -> PathBuf {
    let [systems, ours] = PINS;
    let found = rustix::fs::statfs("/sys/fs/bpf").is_ok_and(|found| found.f_type == BPF_FS_MAGIC);
    Path::new(if found { systems } else { ours }).join(segment(host))
}

async fn wait_for_adapters(host: &str, adapters: &[String]) -> Result<(), DaemonError> {
    let hardware = Namespace::current()?;
    let deadline = Instant::now() + ADAPTERS_APPEAR_WITHIN;
    for adapter in adapters {
        while Link::find(&hardware, adapter).map_err(io::Error::other)?.is_none() {
            if Instant::now() > deadline {
                return Err(DaemonError::NoAdapter { host: host.to_owned(), adapter: adapter.clone() });
            }
            sleep(Duration::from_millis(5)).await;
        }
    }
    Ok(())
}

fn listen(socket: &Path) -> Result<UnixListener, DaemonError> {
    // What a killed host left behind; a living one would not have let this one start.
    let _ = std::fs::remove_file(socket);
    UnixListener::bind(socket).map_err(|source| DaemonError::Listen { path: socket.to_owned(), source })
}

/// Passes on what guests do, notices VMs that end, and comes back when time has something to do.
async fn follow(host: &Arc<Mutex<LiveHost>>, mut events: UnboundedReceiver<HostEvent>) {
    let Ok(mut ended) = signal(SignalKind::child()) else { return };
    // Of a VM that ended before anybody listened, no signal will come any more.
    host.lock().unwrap_or_else(PoisonError::into_inner).reap();
    loop {
        let deadline = host.lock().unwrap_or_else(PoisonError::into_inner).deadline();
        tokio::select! {
            () = until(deadline) => host.lock().unwrap_or_else(PoisonError::into_inner).tick(),
            event = events.recv() => {
                let Some(event) = event else { return };
                if matches!(event, HostEvent::Stop) {
                    return;
                }
                host.lock().unwrap_or_else(PoisonError::into_inner).take_note(&event);
            }
            _ = ended.recv() => host.lock().unwrap_or_else(PoisonError::into_inner).reap(),
        }
    }
}

async fn until(deadline: Option<std::time::Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
