//! Teams over time: what the clock decides about uplinks, and what a switch sends by itself.
//!
//! ```text
//!  link of an uplink --set_link-->|             |--> Switch: which links count, which paths are silent
//!  beacon on an uplink --heard--->| TeamMonitor |--compile---> Tables
//!  time ---------------advance--->|             |--send_due--> beacons, RARP
//!                                 |             |--next_deadline_ns--> when to come back
//! ```
//!
//! The live host and the simulator drive one and the same machine, so both fail over at the same moments. After every
//! event: [`TeamMonitor::compile`], install the tables, [`TeamMonitor::send_due`]. At the deadline:
//! [`TeamMonitor::advance`]; if it says that the switch has changed the same again, else `send_due` alone.
//!
//! **Invariant:** no clock; `now_ns` is any clock that does not run backwards, the same in every call.
//! Reference: `docs/semantics.md`, rules T-7 and T-9 to T-12.

use alloc::collections::BTreeMap;

use super::beacon::{Beacon, Probes};
use super::notice::Notices;
use crate::port::PortId;
use crate::switch::{ModelError, Switch};
use crate::tables::Tables;

/// How long the link of an uplink must have been up before it counts: `Net.TeamPolicyUpDelay`, 100 ms.
pub const UP_DELAY_NS: u64 = 100_000_000;

/// What one switch must remember of its teams, and do about them, as time goes by.
#[derive(Clone, Debug, Default)]
pub struct TeamMonitor {
    /// Uplinks whose link is up and does not count yet, and when it will.
    settling: BTreeMap<PortId, u64>,
    probes: Probes,
    notices: Notices,
}

impl TeamMonitor {
    /// A monitor of a switch on which nothing is connected yet: every port that follows is announced.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what is connected to the switch for known outside: it has been running for long.
    pub fn assume_known(&mut self, tables: &Tables) {
        self.notices = Notices::default();
        self.notices.follow(tables, false, 0);
    }

    /// Records that the link of a port came up or went down. A loss counts at once; an uplink that comes up counts after
    /// [`UP_DELAY_NS`] without another loss.
    ///
    /// # Errors
    /// [`ModelError::NoSuchPort`].
    pub fn set_link(
        &mut self,
        switch: &mut Switch,
        id: PortId,
        up: bool,
        now_ns: u64,
    ) -> Result<(), ModelError> {
        let was_up = switch.port(id).is_some_and(|port| port.link_up);
        if !up || !id.is_uplink() {
            self.settling.remove(&id);
            return switch.set_link(id, up);
        }
        if was_up {
            return Ok(());
        }
        switch.set_link_state(id, true, false)?;
        self.settling.insert(id, now_ns + UP_DELAY_NS);
        Ok(())
    }

    /// Takes note of a beacon that was dropped as [`crate::Reason::Beacon`] where it came in by `uplink`.
    pub fn heard(&mut self, uplink: PortId, beacon: Beacon) {
        self.probes.heard(uplink, beacon);
    }

    /// The tables of the switch as it is now. What they change is taken note of: paths to be probed, ports to be announced.
    pub fn compile(&mut self, switch: &mut Switch, now_ns: u64) -> Tables {
        self.settling.retain(|id, _| switch.port(*id).is_some());
        self.probes.follow(switch, now_ns);
        switch.retain_silent(|path| self.probes.probes(path));
        let tables = switch.compile();
        self.notices.follow(&tables, true, now_ns);
        tables
    }

    /// When [`TeamMonitor::advance`] is to be called next; `None` if nothing waits for time to pass.
    pub fn next_deadline_ns(&self) -> Option<u64> {
        let settled = self.settling.values().min().copied();
        [settled, self.probes.next_round_ns(), self.notices.next_ns()].into_iter().flatten().min()
    }

    /// Tells the switch what time has changed. Returns whether that is anything, so that tables are to be made anew.
    pub fn advance(&mut self, switch: &mut Switch, now_ns: u64) -> bool {
        let mut changed = false;
        while let Some(id) = self.settling.iter().find(|(_, at)| **at <= now_ns).map(|(id, _)| *id) {
            self.settling.remove(&id);
            changed |= switch.set_link_state(id, true, true).is_ok();
        }
        if let Some(silent) = self.probes.end_round(now_ns) {
            changed |= switch.set_silent(silent);
        }
        changed
    }

    /// Hands out the frames that are due: each with the uplink that it leaves by, as it is. `tables` are those that were
    /// compiled last.
    pub fn send_due(
        &mut self,
        switch: &Switch,
        tables: &Tables,
        now_ns: u64,
        send: &mut dyn FnMut(PortId, &[u8]),
    ) {
        self.notices.send(tables, now_ns, send);
        self.probes.send_round(switch, now_ns, send);
    }
}
