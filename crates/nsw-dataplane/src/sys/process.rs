//! Processes between fork and exec: the places where only system calls are allowed.
//!
//! What runs here runs in a child that was forked from a program with several threads. It must neither allocate nor
//! take a lock: another thread may have held it at the moment of the fork.
//!
//! Reference: `signal-safety(7)`, `pid_namespaces(7)`.

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::mount::{MountFlags, MountPropagationFlags};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus};
use rustix::thread::{
    LinkNameSpaceType, ThreadNameSpaceType, UnshareFlags, move_into_link_name_space,
    move_into_thread_name_spaces,
};
use rustix::time::Timespec;

use super::{check, unshare};

/// Makes the calling thread's next child the first process of a new PID namespace.
pub(crate) fn unshare_pids_of_children() -> io::Result<()> {
    unshare(UnshareFlags::NEWPID)
}

/// Gives the process a user namespace of its own. The process must have one thread.
pub(crate) fn unshare_user() -> io::Result<()> {
    unshare(UnshareFlags::NEWUSER)
}

/// Prepares `command` to become a VM's program: in `network`, with its own `/proc`, under an init process that reaps
/// orphans and dies with `parent`.
pub(crate) fn isolate(command: &mut Command, network: impl AsFd + Send + Sync + 'static, parent: OwnedFd) {
    // JUSTIFICATION: namespaces are entered between fork and exec, and the standard library leaves that to the caller.
    // SAFETY: the closure makes system calls only; it neither allocates nor locks.
    unsafe {
        command.pre_exec(move || {
            die_with(parent.as_fd())?;
            move_into_link_name_space(network.as_fd(), Some(LinkNameSpaceType::Network))?;
            unshare(UnshareFlags::NEWNS)?;
            show_own_processes();
            fork_under_init()
        });
    }
}

/// The parent's death kills this process. `parent` is a handle on it, for the case that it died before we asked.
fn die_with(parent: BorrowedFd<'_>) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let dead = poll(&mut [PollFd::from_borrowed_fd(parent, PollFlags::IN)], Some(&now))? > 0;
    if dead { Err(io::Error::from_raw_os_error(libc::ESRCH)) } else { Ok(()) }
}

/// Mounts a `/proc` of the new PID namespace. Where that is forbidden (in some containers) the old one stays, and only
/// process numbers read there are of the outer namespace.
fn show_own_processes() {
    let private = MountPropagationFlags::REC | MountPropagationFlags::PRIVATE;
    if rustix::mount::mount_change(c"/", private).is_ok() {
        let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
        let _ = rustix::mount::mount(c"proc", c"/proc", c"proc", flags, None);
    }
}

/// Signals that the init process waits for: its children's ends, and those that it passes on.
const AWAITED: [libc::c_int; 5] = [libc::SIGCHLD, libc::SIGTERM, libc::SIGINT, libc::SIGHUP, libc::SIGQUIT];

/// Forks. The child returns, to become the program; the parent stays as the namespace's first process, reaps whoever
/// is orphaned, and ends with the program.
fn fork_under_init() -> io::Result<()> {
    let awaited = signal_set(&AWAITED);
    // Blocked before the fork, so that no signal is lost: the kernel throws away what a first process does not block.
    set_mask(libc::SIG_BLOCK, &awaited)?;
    match fork()? {
        None => set_mask(libc::SIG_UNBLOCK, &awaited),
        Some(program) => {
            close_all();
            reap_until_end(program, &awaited)
        }
    }
}

fn reap_until_end(program: Pid, awaited: &libc::sigset_t) -> ! {
    loop {
        match wait_for_signal(awaited) {
            libc::SIGCHLD => {
                while let Ok(Some((pid, status))) = rustix::process::wait(WaitOptions::NOHANG) {
                    if pid == program {
                        exit(exit_code(status));
                    }
                }
            }
            signal => {
                if let Some(signal) = Signal::from_named_raw(signal) {
                    let _ = rustix::process::kill_process(program, signal);
                }
            }
        }
    }
}

/// Which namespaces of a process are to be entered, and how.
pub(crate) struct Entrance {
    /// A handle on the process.
    pub(crate) process: OwnedFd,
    /// Its user namespace is another one than ours.
    pub(crate) other_user_namespace: bool,
    /// Where to be afterwards; entering a mount namespace leads to its root.
    pub(crate) directory: CString,
}

/// Prepares `command` to run inside the namespaces of a process. A second process waits for it outside.
pub(crate) fn enter(command: &mut Command, entrance: Entrance) {
    // JUSTIFICATION: as in `isolate`; and a user namespace can only be entered by a process with one thread.
    // SAFETY: the closure makes system calls only; it neither allocates nor locks.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            join(&entrance)?;
            fork_and_wait()
        });
    }
}

fn join(entrance: &Entrance) -> io::Result<()> {
    let process = entrance.process.as_fd();
    if entrance.other_user_namespace {
        move_into_thread_name_spaces(process, ThreadNameSpaceType::USER)?;
        // Root of the outer system is nobody in there until it says who it wants to be.
        let _ = rustix::thread::set_thread_gid(rustix::process::Gid::ROOT);
        let _ = rustix::thread::set_thread_uid(rustix::process::Uid::ROOT);
    }
    let rest = ThreadNameSpaceType::NETWORK | ThreadNameSpaceType::PROCESS_ID | ThreadNameSpaceType::MOUNT;
    move_into_thread_name_spaces(process, rest)?;
    let _ = rustix::process::chdir(entrance.directory.as_c_str());
    Ok(())
}

/// Forks, because a PID namespace is entered by children only. The child returns, to become the program; the parent
/// waits for it and ends as it ended.
fn fork_and_wait() -> io::Result<()> {
    let keyboard = signal_set(&[libc::SIGINT, libc::SIGQUIT]);
    set_mask(libc::SIG_BLOCK, &keyboard)?;
    match fork()? {
        None => {
            rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
            set_mask(libc::SIG_UNBLOCK, &keyboard)
        }
        Some(program) => {
            close_all();
            loop {
                match rustix::process::waitpid(Some(program), WaitOptions::empty()) {
                    Ok(Some((_, status))) => exit(exit_code(status)),
                    Ok(None) | Err(rustix::io::Errno::INTR) => {}
                    Err(_) => exit(255),
                }
            }
        }
    }
}

/// Tries in a child whether a user namespace can be had, and whether it gives the rights that it should.
pub(crate) fn probe_user_namespace() -> io::Result<()> {
    let Some(child) = fork()? else {
        let tried = unshare(UnshareFlags::NEWUSER).and_then(|()| unshare(UnshareFlags::NEWNET));
        exit(tried.err().and_then(|error| error.raw_os_error()).unwrap_or(0));
    };
    match rustix::process::waitpid(Some(child), WaitOptions::empty())? {
        Some((_, status)) if exit_code(status) == 0 => Ok(()),
        Some((_, status)) => Err(io::Error::from_raw_os_error(exit_code(status))),
        None => Err(io::ErrorKind::Other.into()),
    }
}

/// `None` in the child.
fn fork() -> io::Result<Option<Pid>> {
    // JUSTIFICATION: there is no safe form, because of what a child may not do.
    // SAFETY: the children that this file forks make system calls only until they exec or exit.
    Ok(Pid::from_raw(check(unsafe { libc::fork() })?))
}

fn exit(code: libc::c_int) -> ! {
    // JUSTIFICATION: a forked child must not run the parent's exit handlers.
    // SAFETY: `_exit` does not return and touches no memory.
    unsafe { libc::_exit(code) }
}

/// As shells have it: the code, or 128 and the number of the signal.
fn exit_code(status: WaitStatus) -> libc::c_int {
    status.exit_status().unwrap_or_else(|| 128 + status.terminating_signal().unwrap_or(0))
}

/// Closes every descriptor, so that a process that only waits keeps no file or socket of its parent alive.
fn close_all() {
    // JUSTIFICATION: not in every C library that we build with.
    // SAFETY: the caller, a forked child, uses no descriptor afterwards, and its memory is its own.
    unsafe { libc::syscall(libc::SYS_close_range, 0, libc::c_uint::MAX, 0) };
}

fn signal_set(signals: &[libc::c_int]) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // JUSTIFICATION: signal sets are opaque.
    // SAFETY: `sigemptyset` initialises the whole set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    for signal in signals {
        // JUSTIFICATION: signal sets are opaque.
        // SAFETY: the set was initialised above; the numbers are constants of the C library.
        unsafe { libc::sigaddset(set.as_mut_ptr(), *signal) };
    }
    // JUSTIFICATION: follows from the above.
    // SAFETY: the set was initialised above.
    unsafe { set.assume_init() }
}

fn set_mask(how: libc::c_int, set: &libc::sigset_t) -> io::Result<()> {
    // JUSTIFICATION: no safe wrapper.
    // SAFETY: `set` is alive; no old mask is asked for.
    check(unsafe { libc::sigprocmask(how, set, std::ptr::null_mut()) }).map(drop)
}

fn wait_for_signal(set: &libc::sigset_t) -> libc::c_int {
    // JUSTIFICATION: no safe wrapper.
    // SAFETY: `set` is alive; no details are asked for.
    unsafe { libc::sigwaitinfo(set, std::ptr::null_mut()) }
}
