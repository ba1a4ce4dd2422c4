//! The neighbours that a namespace's stack learned by ARP and neighbour discovery.
//!
//! A probe that is to show whether a path works now must not start from what an earlier one learned.

use netlink_packet_core::NLM_F_DUMP;
use netlink_packet_route::RouteNetlinkMessage;
use netlink_packet_route::neighbour::{NeighbourMessage, NeighbourState};
use rustix::io::Errno;

use super::{LinkError, failed, unless};
use crate::netns::Namespace;

/// Forgets every neighbour that was learned, so that the next packet asks anew. Permanent entries stay.
///
/// # Errors
/// A [`LinkError`].
pub fn flush_neighbours(namespace: &Namespace) -> Result<(), LinkError> {
    let request = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
    let answers = namespace.netlink(|netlink| netlink.request(request, NLM_F_DUMP));
    for answer in answers.map_err(failed("*", "list neighbours"))? {
        let RouteNetlinkMessage::NewNeighbour(neighbour) = answer else { continue };
        if matches!(neighbour.header.state, NeighbourState::Permanent | NeighbourState::Noarp) {
            continue;
        }
        let request = RouteNetlinkMessage::DelNeighbour(neighbour);
        let deleted = namespace.netlink(|netlink| netlink.request(request, 0)).map(drop);
        // It may have gone in the meantime.
        unless(Errno::NOENT, deleted).map_err(failed("*", "forget a neighbour"))?;
    }
    Ok(())
}
