//! An address beside another one, for what-if questions: the nearest in the same network.

use std::net::IpAddr;

use crate::topology::Address;

/// Another address of the same network; that it may be somebody else's already does no harm to one conversation.
pub(super) fn of(address: Address) -> Address {
    let ip = match address.ip {
        IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() ^ 1).into()),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() ^ 1).into()),
    };
    Address { ip, ..address }
}
