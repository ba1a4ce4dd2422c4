//! Does a guest that bridges its adapters make a loop? Asked of the simulator, by sending broadcasts until one comes back.
//!
//! A standard switch has no protection against loops, since by itself it cannot make one (rule F-6). A guest can: two of its
//! adapters in one network, and every broadcast goes round for ever. Whether it does depends on VLANs, policies and other
//! bridges, so that nothing less than trying tells.
//!
//! **Invariant:** nothing here knows what makes a loop. Whoever can send sends one broadcast.

use nsw_core::{Mac, ethertype};

use super::bridge::BridgeKind;
use super::inject::FrameSpec;
use super::journey::{At, Journey, Storm};
use super::world::World;
use crate::topology::{Guest, Lab};

/// Bytes of payload; what they are does not matter.
const PAYLOAD_LEN: usize = 46;

/// The VMs whose guests bridge a loop, in the order of the lab; empty for a lab that cannot be built.
pub fn looping_vms(lab: &Lab) -> Vec<String> {
    let hosts = lab.all_hosts();
    let vms = hosts.iter().flat_map(|(_, host)| host.vms.iter().map(move |vm| (host, vm)));
    let bridges: Vec<_> = vms.filter(|(_, vm)| vm.guest == Guest::Bridge).collect();
    let Some(world) = (!bridges.is_empty()).then(|| World::new(lab).ok()).flatten() else {
        return Vec::new();
    };
    let from_others = world.endpoint_ids().filter(|id| world.is_connected(*id)).map(|id| {
        let endpoint = world.endpoint(id);
        // Of each in a world that has learned nothing.
        world.clone().send(id, broadcast(endpoint.mac, endpoint.vlan).bytes())
    });
    let of_bridges = bridges.iter().flat_map(|(host, vm)| {
        let world = &world;
        vm.nics.iter().filter_map(move |nic| {
            let port = world.at(&host.name, &format!("{}.{}", vm.name, nic.name)).ok()?;
            Some(port.frame(&broadcast(nic.mac, 0)))
        })
    });
    let journeys: Vec<Journey> =
        from_others.chain(of_bridges).filter(|journey| journey.storm.is_some()).collect();
    let loops = |vm: &str| journeys.iter().any(|journey| goes_round_in(journey, vm));
    bridges.iter().map(|(_, vm)| vm.name.clone()).filter(|vm| loops(vm)).collect()
}

fn broadcast(src: Mac, vlan: u16) -> FrameSpec {
    FrameSpec { src, dst: Mac::BROADCAST, vlan, ethertype: ethertype::ARP, payload_len: PAYLOAD_LEN }
}

/// Is the guest of `vm` on the way of the copy that came back? Of too many copies everybody is suspected.
fn goes_round_in(journey: &Journey, vm: &str) -> bool {
    let is_guest = |hop: usize| match &journey.hops[hop].at {
        At::Bridge(visit) => visit.kind == BridgeKind::Guest && visit.name == vm,
        At::VSwitch(_) => false,
    };
    match journey.storm {
        Some(Storm::Loop { hop }) => {
            std::iter::successors(Some(hop), |hop| journey.hops[*hop].came_from).any(is_guest)
        }
        Some(Storm::TooManyCopies) => (0..journey.hops.len()).any(is_guest),
        None => false,
    }
}
