//! Waiting for a lab to come up or to go, by asking.

use std::time::{Duration, Instant};

use super::folder::LabFolder;

/// How long a lab may take to go.
const GONE_WITHIN: Duration = Duration::from_secs(20);
const ASK_EVERY: Duration = Duration::from_millis(10);

/// Waits until nobody answers for the lab any more and its folder is gone.
pub(crate) fn until_gone(folder: &LabFolder) -> Result<(), String> {
    until(GONE_WITHIN, || !folder.exists())
        .then_some(())
        .ok_or_else(|| format!("still there after {} s", GONE_WITHIN.as_secs()))
}

/// Asks until the answer is yes, and returns whether it was in time.
pub(crate) fn until(time: Duration, mut asked: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + time;
    // A channel on which nothing ever comes is a wait that needs neither a signal nor a runtime.
    let (_sender, silence) = std::sync::mpsc::channel::<()>();
    loop {
        if asked() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        let _ = silence.recv_timeout(ASK_EVERY);
    }
}
