//! Ctrl-C, SIGTERM and a closed terminal, as a question that a command asks between two steps.
//!
//! A command that holds a lab must take it down before it ends. So the signals do not end it; it looks whether one came.
//! A second one ends it at once, and what it held dies with it by the kernel's hand.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::signal::unix::{SignalKind, signal};

/// From now on, was this process asked to end?
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    came: Arc<AtomicBool>,
}

impl Interrupt {
    /// Begins to catch the signals.
    pub(crate) fn catch() -> io::Result<Self> {
        let came = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&came);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let [mut interrupt, mut terminate, mut hangup] = {
            let _inside = runtime.enter();
            [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ]
        };
        std::thread::Builder::new().name("nsw signals".into()).spawn(move || {
            runtime.block_on(async {
                loop {
                    tokio::select! {
                        _ = interrupt.recv() => {}
                        _ = terminate.recv() => {}
                        _ = hangup.recv() => {}
                    }
                    if noted.swap(true, Ordering::Relaxed) {
                        std::process::exit(2);
                    }
                }
            });
        })?;
        Ok(Self { came })
    }

    /// Was it?
    pub(crate) fn came(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }
}
