//! A sign of life for work that takes longer than a second; shorter work shows nothing.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const BEFORE: Duration = Duration::from_secs(1);

/// Shows on stderr what is done and for how long, until it is dropped. Where stderr is no terminal, it shows nothing.
pub(crate) struct Patience {
    working: Option<Sender<()>>,
    waiting: Option<JoinHandle<()>>,
}

impl Patience {
    pub(crate) fn with(what: impl Into<String>) -> Self {
        let what = what.into();
        let (working, is_working) = channel::<()>();
        let waiting = std::thread::spawn(move || {
            // Nothing is ever sent: when the work is done, the sender is dropped.
            if is_working.recv_timeout(BEFORE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let spinner = ProgressBar::new_spinner().with_message(what).with_elapsed(BEFORE);
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, {elapsed}") {
                spinner.set_style(style);
            }
            spinner.enable_steady_tick(Duration::from_millis(80));
            let _ = is_working.recv();
            spinner.finish_and_clear();
        });
        Self { working: Some(working), waiting: Some(waiting) }
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        drop(self.working.take());
        if let Some(waiting) = self.waiting.take() {
            // A thread that panicked has cleared nothing; the answer is still right.
            let _ = waiting.join();
        }
    }
}
