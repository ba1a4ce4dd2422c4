//! The way out: which one uplink carries a frame that is for the outside.
//!
//! Group frames and frames to an address that nobody here owns leave by exactly one uplink, picked by the teaming
//! policy of the sender's port group. What came by an uplink never leaves by another (rule F-6), which is why a
//! standard switch needs no spanning tree.
//!
//! Reference: `docs/semantics.md`, rules F-5, F-6, T-1 to T-6, N-1.

use super::{Dispatch, vlan};
use crate::addr::VlanMode;
use crate::frame::Frame;
use crate::outcome::{Cause, Delivery};
use crate::policy::LoadBalancing;
use crate::port::Client;
use crate::reason::Reason;
use crate::tables::{PortEntry, Slot, Tables};
use crate::trace::{Step, Trace};

impl<T: Trace> Dispatch<'_, '_, T> {
    pub(super) fn send_to_uplink(&mut self) {
        let port = self.admitted.port;
        if port.client == Client::Uplink {
            return;
        }
        let Some(uplink) = select(self.tables, port, self.frame).and_then(|slot| self.tables.entry(slot))
        else {
            return self.refuse(port.id, Reason::NoUplink);
        };
        if self.frame.payload_len() > usize::from(self.tables.mtu) {
            return self.refuse(uplink.id, Reason::Mtu);
        }
        let tag = vlan::tag_action(self.frame.tag(), self.admitted.vlan, port.vlan, VlanMode::Vgt);
        let delivery = Delivery { port: uplink.id, tag, cause: Cause::Uplink };
        self.trace.step(Step::Deliver(delivery));
        self.out.deliveries.push(delivery);
    }
}

fn select(tables: &Tables, port: &PortEntry, frame: &Frame<'_>) -> Option<Slot> {
    let group = tables.groups.get(port.group?)?;
    match group.load_balancing.value {
        LoadBalancing::PortId | LoadBalancing::ExplicitFailover => port.assigned,
        LoadBalancing::SourceMac => group.uplink_for(usize::from(frame.src().octets()[5])),
        LoadBalancing::IpHash => group.uplink_for(usize::try_from(frame.ip_hash_key()).unwrap_or(0)),
    }
}
