//! Numbered frames from one VM to another while something is done to the switch: which of them arrived?

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use nsw_core::Mac;
use nsw_dataplane::port::Port;

use crate::fixture::{eventually, frame};

/// Frames that are sent one after the other. It asks for none to be lost on the way, so there is a pause after each few.
const BURST: u64 = 16;
const PAUSE: Duration = Duration::from_micros(500);
const QUIET: Duration = Duration::from_millis(500);

pub(crate) struct Traffic {
    sent: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    sender: JoinHandle<()>,
    receiver: JoinHandle<u64>,
}

impl Traffic {
    pub(crate) fn start(mouth: Port, ear: Port, src: Mac, dst: Mac) -> Self {
        let (sent, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, told) = (Arc::clone(&sent), Arc::clone(&stop));
        let sender = std::thread::spawn(move || {
            let mut number = 0_u64;
            while !told.load(Ordering::Relaxed) {
                for _ in 0..BURST {
                    mouth.write_frame(&numbered(src, dst, number)).unwrap();
                    number += 1;
                }
                counted.store(number, Ordering::Relaxed);
                std::thread::park_timeout(PAUSE);
            }
        });
        let (counted, told) = (Arc::clone(&sent), Arc::clone(&stop));
        let receiver = std::thread::spawn(move || {
            let mut heard = 0;
            loop {
                match ear.read_frame(QUIET).unwrap() {
                    Some(frame) if frame[..14] == numbered(src, dst, 0)[..14] => heard += 1,
                    Some(_) => {}
                    None if told.load(Ordering::Relaxed) => break,
                    None => {}
                }
                if told.load(Ordering::Relaxed) && heard == counted.load(Ordering::Relaxed) {
                    break;
                }
            }
            heard
        });
        Self { sent, stop, sender, receiver }
    }

    /// Waits until some more frames were sent.
    pub(crate) fn some(&self) {
        let from = self.sent.load(Ordering::Relaxed);
        eventually(|| (self.sent.load(Ordering::Relaxed) > from + 4 * BURST).then_some(()));
    }

    /// How many frames were sent, and how many of them did not arrive.
    pub(crate) fn stop(self) -> (u64, u64) {
        self.stop.store(true, Ordering::Relaxed);
        self.sender.join().unwrap();
        let heard = self.receiver.join().unwrap();
        let sent = self.sent.load(Ordering::Relaxed);
        (sent, sent - heard)
    }
}

fn numbered(src: Mac, dst: Mac, number: u64) -> Vec<u8> {
    let mut bytes = frame(dst, src, None);
    bytes[14..22].copy_from_slice(&number.to_be_bytes());
    bytes
}
