//! The way out: which uplink carries a frame that is for the outside.
//!
//! Group frames and frames to an address that nobody here owns leave by exactly one uplink, picked by the teaming
//! policy of the sender's port group. There is one exception: where beacons are silent on every path, nobody knows which
//! one works, and every uplink of the team gets the frame. What came by an uplink never leaves by another (rule F-6),
//! which is why a standard switch needs no spanning tree.
//!
//! Reference: `docs/semantics.md`, rules F-5, F-6, T-1 to T-10, N-1.

use super::{Admitted, Dispatch, vlan};
use crate::addr::VlanMode;
use crate::frame::Frame;
use crate::outcome::{Cause, Delivery};
use crate::policy::LoadBalancing;
use crate::port::Client;
use crate::reason::Reason;
use crate::tables::{GroupEntry, PortEntry, Slot};
use crate::trace::{Step, Trace};

impl<T: Trace> Dispatch<'_, '_, T> {
    pub(super) fn send_to_uplink(&mut self) {
        let port = self.admitted.port;
        if port.client == Client::Uplink {
            return;
        }
        let tables = self.tables;
        match port.group.and_then(|group| tables.groups.get(group)) {
            Some(group) if group.shotgun => {
                self.trace.step(Step::Shotgun { port: port.id });
                group.usable.iter().for_each(|slot| self.leave_by(*slot));
            }
            group => match group.and_then(|group| select(group, port, self.frame)) {
                Some(slot) => self.leave_by(slot),
                None => self.refuse(port.id, Reason::NoUplink),
            },
        }
    }

    fn leave_by(&mut self, slot: Slot) {
        let Some(uplink) = self.tables.entry(slot) else { return };
        if self.frame.payload_len() > usize::from(self.tables.mtu) {
            return self.refuse(uplink.id, Reason::Mtu);
        }
        let Admitted { port, vlan } = self.admitted;
        let tag = vlan::tag_action(self.frame.tag(), vlan, port.vlan, VlanMode::Vgt);
        let delivery = Delivery { port: uplink.id, tag, cause: Cause::Uplink };
        self.trace.step(Step::Deliver(delivery));
        self.out.deliveries.push(delivery);
    }
}

fn select(group: &GroupEntry, port: &PortEntry, frame: &Frame<'_>) -> Option<Slot> {
    match group.load_balancing.value {
        LoadBalancing::PortId | LoadBalancing::ExplicitFailover => port.assigned,
        LoadBalancing::SourceMac => group.uplink_for(usize::from(frame.src().octets()[5])),
        LoadBalancing::IpHash => group.uplink_for(usize::try_from(frame.ip_hash_key()).unwrap_or(0)),
    }
}
