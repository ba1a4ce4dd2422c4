//! Many devices at once, without waiting for the kernel each time.
//!
//! When a program comes onto a device or leaves it, the kernel waits until nobody looks at what was there before: one
//! grace period of RCU, 10 to 20 ms, with the lock on the whole network configuration held. A thousand devices would take
//! that from everybody for a quarter of a minute. The kernel can be told to bring grace periods about instead of waiting
//! for them (`/sys/kernel/rcu_expedited`), which takes a fiftieth of the time and some interrupts.
//!
//! The setting is the machine's, so it is changed for a moment only, and by a process that sets it back when we go, however
//! we go. Where it cannot be changed, everything works as well and takes longer.
//!
//! Reference: `Documentation/admin-guide/kernel-parameters.txt`, `rcupdate.rcu_expedited`.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

const SETTING: &str = "/sys/kernel/rcu_expedited";
/// Fewer devices are not worth a process.
const MANY: usize = 8;
/// Says that it is set, and waits for the end of its input, which comes with our end at the latest.
const KEEPER: &str = "trap '' HUP INT TERM; echo 1 >\"$0\" || exit; echo; read -r _; echo 0 >\"$0\"";

/// While this is held, the kernel hurries.
#[derive(Debug)]
pub(super) struct Haste {
    _keeper: Option<Keeper>,
}

impl Haste {
    /// For work on this many devices.
    pub(super) fn for_devices(count: usize) -> Self {
        Self { _keeper: (count >= MANY).then(Keeper::start).flatten() }
    }
}

#[derive(Debug)]
struct Keeper(Child);

impl Keeper {
    /// `None` where the setting is not ours to change, or somebody else has changed it.
    fn start() -> Option<Self> {
        if fs::read_to_string(SETTING).ok()?.trim() != "0" {
            return None;
        }
        let mut command = Command::new("/bin/sh");
        command.args(["-c", KEEPER, SETTING]).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut keeper = Self(command.spawn().ok()?);
        let mut word = [0];
        keeper.0.stdout.as_mut()?.read_exact(&mut word).ok()?;
        Some(keeper)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            tracing::warn!(%error, "{SETTING} may not have been set back");
        }
    }
}
