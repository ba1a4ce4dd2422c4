//! VMs as processes, and the namespaces that isolate them.
//!
//! ```text
//!  nsw host run            thread of the VM        init (PID 1)           the VM's program
//!      | spawn ----------------> |  fork ------------> | fork -------------> | exec
//!      |                         | waits               | reaps orphans       |
//! ```
//!
//! A VM is a program in its own network, PID and mount namespace. Its first process is a small init that reaps orphans,
//! passes SIGTERM on and ends when the program ends; then the kernel kills whatever else runs in the PID namespace.
//! The kernel also kills the init as soon as its parent dies, so nothing outlives the process that asked for a VM.
//!
//! Parent means parent *thread* to the kernel. That is why every VM has a thread that starts it and waits for it.

mod rights;

use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::{env, fs, os::fd::OwnedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
use rustix::time::Timespec;

pub use rights::{become_root_in_user_namespace, is_root_like, tun_available, user_namespaces_available};

use crate::netns::Namespace;
use crate::sys;

/// A VM that is to be started.
#[derive(Debug)]
pub struct GuestSpec {
    /// Its name; only threads and messages bear it.
    pub name: String,
    /// The program and its arguments.
    pub argv: Vec<OsString>,
    /// Added to the environment, which is otherwise the parent's.
    pub env: Vec<(OsString, OsString)>,
    /// The network namespace; `None` for a new one.
    pub namespace: Option<Namespace>,
    /// Where the program reads from.
    pub stdin: Stdio,
    /// Where its output goes.
    pub stdout: Stdio,
    /// Where its messages go.
    pub stderr: Stdio,
}

impl GuestSpec {
    /// A VM that runs `argv` in a new network namespace, reads nothing and shares our output.
    pub fn new<S: Into<OsString>>(name: impl Into<String>, argv: impl IntoIterator<Item = S>) -> Self {
        Self {
            name: name.into(),
            argv: argv.into_iter().map(Into::into).collect(),
            env: Vec::new(),
            namespace: None,
            stdin: Stdio::null(),
            stdout: Stdio::inherit(),
            stderr: Stdio::inherit(),
        }
    }
}

/// A running VM. Dropping it kills the VM and everything in it.
#[derive(Debug)]
pub struct Child {
    pid: u32,
    handle: OwnedFd,
    namespace: Namespace,
    exit: Arc<Exit>,
}

#[derive(Debug, Default)]
struct Exit {
    status: Mutex<Option<ExitStatus>>,
    changed: Condvar,
}

impl Exit {
    fn lock(&self) -> MutexGuard<'_, Option<ExitStatus>> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a VM.
///
/// # Errors
/// If the namespaces cannot be had or the program cannot be executed.
pub fn spawn(spec: GuestSpec) -> io::Result<Child> {
    let namespace = spec.namespace.clone().map_or_else(Namespace::create, Ok)?;
    let exit = Arc::new(Exit::default());
    let (started, start) = mpsc::sync_channel(1);
    let (network, report) = (namespace.clone(), Arc::clone(&exit));
    thread::Builder::new().name(format!("vm {}", spec.name)).spawn(move || {
        let mut child = match start_in_this_thread(spec, network) {
            Ok(child) => child,
            Err(error) => return drop(started.send(Err(error))),
        };
        let handle = process_handle(child.id());
        let _ = started.send(handle.map(|handle| (child.id(), handle)));
        let status = child.wait().unwrap_or_default();
        *report.lock() = Some(status);
        report.changed.notify_all();
    })?;
    let (pid, handle) = start.recv().map_err(|_| io::Error::other("the VM's thread ended"))??;
    Ok(Child { pid, handle, namespace, exit })
}

fn start_in_this_thread(spec: GuestSpec, network: Namespace) -> io::Result<std::process::Child> {
    let (program, arguments) = spec.argv.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments).envs(spec.env).stdin(spec.stdin).stdout(spec.stdout).stderr(spec.stderr);
    sys::process::isolate(&mut command, network, process_handle(std::process::id())?);
    sys::process::unshare_pids_of_children()?;
    command.spawn()
}

fn process_handle(pid: u32) -> io::Result<OwnedFd> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(pidfd_open(pid, PidfdFlags::empty())?)
}

impl Child {
    /// The number of the VM's init process, in our PID namespace. All namespaces of the VM can be entered by it.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The VM's network namespace.
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Asks the VM's program to end, by SIGTERM.
    ///
    /// # Errors
    /// If it ended already.
    pub fn terminate(&self) -> io::Result<()> {
        Ok(pidfd_send_signal(&self.handle, Signal::TERM)?)
    }

    /// Kills the VM with everything in it, and waits until it is gone.
    pub fn kill(&self) -> ExitStatus {
        // It may have ended by itself, which is as good.
        let _ = pidfd_send_signal(&self.handle, Signal::KILL);
        self.wait()
    }

    /// Waits until the VM's program has ended. A program that was killed by signal n has exit code 128 + n.
    pub fn wait(&self) -> ExitStatus {
        let mut status = self.exit.lock();
        loop {
            match *status {
                Some(status) => return status,
                None => status = self.exit.changed.wait(status).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Has the VM's program ended? Exact: whoever heard the signal of its end gets yes, even if the VM's thread has not
    /// come to collect the exit status yet.
    pub fn has_ended(&self) -> bool {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut ended = [PollFd::new(&self.handle, PollFlags::IN)];
        loop {
            match poll(&mut ended, Some(&now)) {
                Err(Errno::INTR) => {}
                ready => return ready.is_ok_and(|ready| ready > 0),
            }
        }
    }

    /// How the VM's program ended, if it did and its thread has collected the exit status.
    pub fn try_wait(&self) -> Option<ExitStatus> {
        *self.exit.lock()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs `command` inside the user, network, PID and mount namespaces of process `pid`, with our standard streams, and
/// waits for it. A command that was killed by signal n has exit code 128 + n.
///
/// # Errors
/// If there is no such process, its namespaces may not be entered, or the command cannot be executed.
pub fn enter(pid: u32, mut command: Command) -> io::Result<ExitStatus> {
    let directory = env::current_dir().unwrap_or_else(|_| "/".into());
    let entrance = sys::process::Entrance {
        process: process_handle(pid)?,
        other_user_namespace: has_other_user_namespace(pid)?,
        directory: CString::new(directory.as_os_str().as_bytes())?,
    };
    sys::process::enter(&mut command, entrance);
    command.status()
}

fn has_other_user_namespace(pid: u32) -> io::Result<bool> {
    let own = fs::metadata("/proc/self/ns/user")?;
    let other = fs::metadata(format!("/proc/{pid}/ns/user"))?;
    Ok((own.dev(), own.ino()) != (other.dev(), other.ino()))
}
