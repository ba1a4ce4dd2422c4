//! What time does in a [`World`]: learned addresses grow old, shapers save up, uplinks begin to count, switches probe the
//! paths of their teams and announce addresses.
//!
//! Each vSwitch has the same [`nsw_core::TeamMonitor`] that a live host has. What it sends takes its way through the
//! world like any other frame.
//!
//! **Invariant:** frames take no time. Of what the switches sent, the last [`MAX_SENT`] journeys are kept.

use std::sync::Arc;
use std::time::Duration;

use super::journey::Journey;
use super::world::{SimError, SwitchId, World};

/// Journeys of the switches' own frames that are kept until they are asked for.
pub const MAX_SENT: usize = 1024;

impl World {
    /// Lets simulated time pass, deadline by deadline: with beacon probing there is one each second.
    pub fn advance(&mut self, time: Duration) {
        let passed = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let until_ns = self.memory.now_ns.saturating_add(passed);
        let next = |world: &Self| {
            let deadlines = world.switches.iter().filter_map(|entry| entry.monitor.next_deadline_ns());
            deadlines.min().filter(|deadline| *deadline <= until_ns)
        };
        while let Some(deadline_ns) = next(self) {
            self.memory.now_ns = self.memory.now_ns.max(deadline_ns);
            for id in self.switch_ids() {
                if self.switches[id.0].monitor.next_deadline_ns().is_none_or(|at| at > self.memory.now_ns) {
                    continue;
                }
                let entry = Arc::make_mut(&mut self.switches[id.0]);
                if entry.monitor.advance(&mut entry.switch, self.memory.now_ns) {
                    self.recompile(id);
                }
            }
            self.speak();
        }
        self.memory.now_ns = until_ns;
    }

    /// The journeys of the frames that switches sent by themselves since this was asked last: beacons and RARP.
    pub fn take_sent(&mut self) -> Vec<Journey> {
        std::mem::take(&mut self.sent).into()
    }

    /// Breaks the path of an uplink, or makes it whole again: nothing comes through, and its link stays up. That is what
    /// beacon probing is for.
    ///
    /// # Errors
    /// [`SimError::NoSuchPort`], [`SimError::NoSuchHost`].
    pub fn set_path(&mut self, host: &str, port: &str, whole: bool) -> Result<(), SimError> {
        let port = self.port_named(host, port)?;
        if whole {
            self.broken.remove(&port);
        } else {
            self.broken.insert(port);
        }
        Ok(())
    }

    /// Carries everything that is due, and tells the switches which of their beacons they heard.
    pub(super) fn speak(&mut self) {
        let now_ns = self.memory.now_ns;
        let mut due = Vec::new();
        for id in self.switch_ids() {
            if self.switches[id.0].monitor.next_deadline_ns().is_none_or(|at| at > now_ns) {
                continue;
            }
            let entry = Arc::make_mut(&mut self.switches[id.0]);
            let mut send = |uplink, frame: &[u8]| due.push((id, uplink, frame.to_vec()));
            entry.monitor.send_due(&entry.switch, &entry.tables, now_ns, &mut send);
        }
        for (id, uplink, frame) in due {
            let from = self.name_of_switch(id);
            let mut memory = std::mem::take(&mut self.memory);
            let journey = self.carry(&mut memory, from, self.far_end(id, uplink), frame);
            self.memory = memory;
            if self.sent.len() == MAX_SENT {
                self.sent.pop_front();
            }
            self.sent.push_back(journey);
        }
        for (id, uplink, beacon) in std::mem::take(&mut self.memory.heard) {
            Arc::make_mut(&mut self.switches[id.0]).monitor.heard(uplink, beacon);
        }
    }

    fn name_of_switch(&self, id: SwitchId) -> String {
        let (host, switch) = self.switch(id);
        format!("{host}/{}", switch.config().name)
    }
}
