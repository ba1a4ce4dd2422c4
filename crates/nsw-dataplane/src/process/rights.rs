//! May we create namespaces and devices here, and how to get the right where we may not.

use std::fs;
use std::io;

use rustix::process::{getgid, getuid};
use rustix::thread::{CapabilitySet, capabilities};

use crate::sys;

/// May this process create namespaces and program the devices in them?
pub fn is_root_like() -> bool {
    let needed = CapabilitySet::NET_ADMIN | CapabilitySet::NET_RAW | CapabilitySet::SYS_ADMIN;
    capabilities(None).is_ok_and(|sets| sets.effective.contains(needed))
}

/// May this process create TAP devices in namespaces that it owns?
pub fn tun_available() -> bool {
    sys::tun::open().is_ok()
}

/// Can an ordinary user become root in a user namespace on this system? It is tried, in a process of its own.
///
/// # Errors
/// One sentence that says what forbids it and, where that is known, which setting.
pub fn user_namespaces_available() -> Result<(), String> {
    sys::process::probe_user_namespace().map_err(|error| {
        let settings = [
            ("/proc/sys/user/max_user_namespaces", "0", "user.max_user_namespaces is 0"),
            ("/proc/sys/kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone is 0"),
            (
                "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
                "1",
                "kernel.apparmor_restrict_unprivileged_userns is 1",
            ),
        ];
        let is_set =
            |path: &str, value: &str| fs::read_to_string(path).is_ok_and(|content| content.trim() == value);
        match settings.iter().find(|(path, value, _)| is_set(path, value)) {
            Some((_, _, setting)) => format!("user namespaces are closed: {setting} ({error})"),
            None => format!("user namespaces are closed: {error}"),
        }
    })
}

/// Makes the process root in a user namespace of its own, in which it may create network namespaces and devices. On the
/// files of the system it keeps the rights of its user. It must have one thread.
///
/// # Errors
/// `EINVAL` if there are other threads, `EPERM` or `ENOSPC` if the system forbids it.
pub fn become_root_in_user_namespace() -> io::Result<()> {
    let (uid, gid) = (getuid().as_raw(), getgid().as_raw());
    sys::process::unshare_user()?;
    // The kernel wants this before it lets an ordinary user map a group.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
}
