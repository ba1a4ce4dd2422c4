//! A switch that runs: events and time, and what it sends by itself, on a wire with paths that may be broken.
//!
//! Beacons arrive at once on every other uplink whose path is whole; each goes through `decide` on its way.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use nsw_core::{
    Beacon, Frame, ModelError, NoTrace, Outcome, PortId, Reason, State, Switch, Tables, TeamMonitor, VlanId,
    decide, ethertype,
};

/// A frame that the switch sent by itself: when, by which uplink, and its bytes.
pub(crate) type Sent = (u64, PortId, Vec<u8>);

pub(crate) struct Running {
    pub(crate) switch: Switch,
    pub(crate) tables: Tables,
    pub(crate) now_ns: u64,
    pub(crate) sent: Vec<Sent>,
    /// Uplinks whose path through the physical network is broken although their link is up.
    pub(crate) broken: BTreeSet<PortId>,
    monitor: TeamMonitor,
}

impl Running {
    pub(crate) fn new(switch: Switch) -> Self {
        let tables = switch.compile();
        let (sent, broken) = (Vec::new(), BTreeSet::new());
        Self { switch, tables, now_ns: 0, sent, broken, monitor: TeamMonitor::new() }
    }

    /// An event, and what follows from it at once.
    pub(crate) fn event<T>(
        &mut self,
        event: impl FnOnce(&mut Switch, &mut TeamMonitor, u64) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let result = event(&mut self.switch, &mut self.monitor, self.now_ns);
        self.compile();
        self.send_due();
        result
    }

    pub(crate) fn set_link(&mut self, port: PortId, up: bool) -> Result<(), ModelError> {
        self.event(|switch, monitor, now_ns| monitor.set_link(switch, port, up, now_ns))
    }

    pub(crate) fn pass(&mut self, to_ns: u64) {
        while let Some(deadline_ns) = self.monitor.next_deadline_ns().filter(|deadline| *deadline <= to_ns) {
            assert!(deadline_ns >= self.now_ns, "a deadline in the past");
            self.now_ns = deadline_ns;
            if self.monitor.advance(&mut self.switch, deadline_ns) {
                self.compile();
            }
            self.send_due();
        }
        self.now_ns = to_ns;
    }

    fn compile(&mut self) {
        self.tables = self.monitor.compile(&mut self.switch, self.now_ns);
    }

    fn send_due(&mut self) {
        let mut due = Vec::new();
        let mut send = |uplink, frame: &[u8]| due.push((self.now_ns, uplink, frame.to_vec()));
        self.monitor.send_due(&self.switch, &self.tables, self.now_ns, &mut send);
        for (_, uplink, frame) in &due {
            self.carry(*uplink, frame);
        }
        self.sent.extend(due);
    }

    fn carry(&mut self, from: PortId, bytes: &[u8]) {
        let view = Frame::parse(bytes).unwrap();
        let ears = self.switch.ports().filter(|port| port.id.is_uplink() && port.link_up).map(|port| port.id);
        let whole: Vec<PortId> = ears.filter(|ear| !self.broken.contains(ear)).collect();
        if view.ethertype() != ethertype::BEACON || !whole.contains(&from) {
            return;
        }
        for ear in whole.into_iter().filter(|ear| *ear != from) {
            let mut outcome = Outcome::default();
            decide(&self.tables, &mut State::default(), ear, &view, self.now_ns, &mut NoTrace, &mut outcome);
            assert_eq!(outcome.drop.map(|drop| (drop.reason, drop.port)), Some((Reason::Beacon, ear)));
            self.monitor.heard(ear, Beacon::read(&view).unwrap());
        }
    }

    /// What was sent since this was asked last, a line each.
    pub(crate) fn sent_text(&mut self) -> String {
        let mut text = String::new();
        for (at_ns, uplink, bytes) in std::mem::take(&mut self.sent) {
            let frame = Frame::parse(&bytes).unwrap();
            let what = match (frame.ethertype(), Beacon::read(&frame)) {
                (ethertype::RARP, _) => format!("RARP from {}", frame.src()),
                (_, Some(Beacon { sender, .. })) if sender == uplink => {
                    format!("beacon from {}", frame.src())
                }
                (other, _) => format!("EtherType {other:04x} from {}", frame.src()),
            };
            let vlan = VlanId::new(frame.tag().map_or(0, nsw_core::Tag::vid)).unwrap();
            let name = self.tables.port_name(uplink);
            writeln!(text, "at {} ms {what} by {name}, VLAN {vlan}", at_ns / 1_000_000).unwrap();
        }
        text
    }
}
