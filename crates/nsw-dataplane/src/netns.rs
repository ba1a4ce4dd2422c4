//! Network namespaces held by file descriptors.
//!
//! No namespace gets a name: `ip netns` keeps names alive by bind mounts that survive whoever made them. A namespace
//! here lives as long as a [`Namespace`], a process or a device's peer in it does, so a killed process leaves none.
//!
//! The kernel binds namespaces to threads. Work in another namespace is done by a thread that enters it and ends there;
//! the caller's thread never changes its own.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::Pid;
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, move_into_link_name_space, move_into_thread_name_spaces,
};

use crate::netlink::Connection;
use crate::{link, sys};

/// A network namespace. Clones are the same namespace; equality compares the namespaces, not the descriptors.
#[derive(Clone, Debug)]
pub struct Namespace {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    fd: OwnedFd,
    id: NamespaceId,
    /// Opened on first use. A netlink socket stays in the namespace it was opened in, whoever uses it.
    connection: Mutex<Option<Connection>>,
}

/// What tells namespaces apart: device and inode number of the kernel's file for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NamespaceId {
    device: u64,
    inode: u64,
}

impl PartialEq for Namespace {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Namespace {}

impl AsFd for Namespace {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.fd.as_fd()
    }
}

impl Namespace {
    /// A new namespace with nothing in it but `lo`, which is up.
    ///
    /// # Errors
    /// The kernel's; `EPERM` without `CAP_SYS_ADMIN` in the current user namespace.
    pub fn create() -> io::Result<Self> {
        let namespace = in_thread(|| {
            sys::unshare_network()?;
            Self::current()
        })??;
        link::set_up(&namespace, "lo", true).map_err(io::Error::other)?;
        Ok(namespace)
    }

    /// The namespace of the calling thread.
    ///
    /// # Errors
    /// If `/proc` is not mounted.
    pub fn current() -> io::Result<Self> {
        Self::from_fd(File::open("/proc/thread-self/ns/net")?.into())
    }

    /// The namespace that a process is in.
    ///
    /// # Errors
    /// If there is no such process, or it belongs to somebody else.
    pub fn of_process(pid: u32) -> io::Result<Self> {
        // By a handle on the process: the number means something else in a `/proc` of another PID namespace.
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        let process = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())?;
        in_thread(|| {
            move_into_thread_name_spaces(process.as_fd(), ThreadNameSpaceType::NETWORK)?;
            Self::current()
        })?
    }

    fn from_fd(fd: OwnedFd) -> io::Result<Self> {
        let stat = rustix::fs::fstat(&fd)?;
        let id = NamespaceId { device: stat.st_dev, inode: stat.st_ino };
        Ok(Self { inner: Arc::new(Inner { fd, id, connection: Mutex::new(None) }) })
    }

    /// What tells this namespace from others.
    pub fn id(&self) -> NamespaceId {
        self.inner.id
    }

    /// Runs `work` in the namespace, in a thread of its own, and waits for it. Sockets and device files opened there
    /// belong to the namespace for good. Work that runs something in the same namespace does so in the same thread, so
    /// that much work there costs one thread.
    ///
    /// # Errors
    /// If no thread can be started or the namespace may not be entered.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> io::Result<T> {
        if ENTERED.get() == Some(self.id()) {
            return Ok(work());
        }
        in_thread(|| {
            move_into_link_name_space(self.as_fd(), Some(LinkNameSpaceType::Network))?;
            ENTERED.set(Some(self.id()));
            Ok(work())
        })?
    }

    /// Runs `work` with the netlink connection of this namespace.
    pub(crate) fn netlink<T>(&self, work: impl FnOnce(&mut Connection) -> io::Result<T>) -> io::Result<T> {
        let mut guard: MutexGuard<'_, Option<Connection>> =
            self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if guard.is_none() {
            *guard = Some(self.run(Connection::open)??);
        }
        match guard.as_mut() {
            Some(connection) => work(connection),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

thread_local! {
    /// The namespace that [`Namespace::run`] has entered with this thread.
    static ENTERED: Cell<Option<NamespaceId>> = const { Cell::new(None) };
}

fn in_thread<T: Send>(work: impl FnOnce() -> T + Send) -> io::Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().name("nsw-netns".into()).spawn_scoped(scope, work)?;
        worker.join().map_err(|_| io::Error::other("the work in the namespace panicked"))
    })
}
