//! Packet sockets: the switch hears and speaks on a device that the kernel has, an uplink or the near end of a veth pair.
//!
//! The kernel's own stack sits on the same device and would answer what the switch is to decide about. So the device
//! neither speaks ARP nor has IPv6; and since its namespace gives it no address, IPv4 drops what it hears there.

use std::io::{self, IoSliceMut};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};

use nsw_core::Mac;
use rustix::net::sockopt;

use super::{FrameBuffer, PortError, setup};
use crate::link::{self, Link, VethEnd};
use crate::netns::Namespace;
use crate::sys::packet;
use crate::vnet::HEADER_LEN;

/// Bytes that may wait for the switch, as far as the system allows.
const RECEIVE_BUFFER: usize = 32 << 20;
/// Bytes that may wait for the device.
const SEND_BUFFER: usize = 8 << 20;

/// What the socket asks of its device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Requests {
    /// Every frame that the device can hear.
    Everything,
    /// Frames for the device's own address, and groups.
    Own,
}

/// Makes `device` a port, and returns its socket.
pub(super) fn attach(namespace: &Namespace, device: &str, requests: Requests) -> Result<OwnedFd, PortError> {
    link::set_no_arp(namespace, device, true)?;
    link::disable_ipv6(namespace, device)?;
    let Link { index, kind, .. } = Link::get(namespace, device)?;
    // Before binding: a socket that is bound to a device that is down starts with an error.
    link::set_up(namespace, device, true)?;
    namespace
        .run(|| open(index, requests, kind == "veth"))
        .and_then(|opened| opened)
        .map_err(setup(device, "open a packet socket on it"))
}

fn open(index: u32, requests: Requests, past_qdisc: bool) -> io::Result<OwnedFd> {
    let socket = packet::open()?;
    packet::enable_header(&socket)?;
    packet::report_tags(&socket)?;
    packet::ignore_outgoing(&socket)?;
    // Past the queueing discipline there is one lock less, and no second of silence after a link came up. But the kernel
    // drops on that way what a device cannot segment itself, so only a kind of device that always can goes it.
    if past_qdisc {
        let _ = packet::bypass_qdisc(&socket);
    }
    set_buffers(&socket)?;
    if requests == Requests::Everything {
        packet::join_promiscuous(&socket, index)?;
    }
    packet::bind(&socket, index)?;
    Ok(socket)
}

/// Beyond the system's limit where we may, up to it where we may not.
fn set_buffers(socket: &OwnedFd) -> io::Result<()> {
    sockopt::set_socket_recv_buffer_size_force(socket, RECEIVE_BUFFER)
        .or_else(|_| sockopt::set_socket_recv_buffer_size(socket, RECEIVE_BUFFER))?;
    sockopt::set_socket_send_buffer_size_force(socket, SEND_BUFFER)
        .or_else(|_| sockopt::set_socket_send_buffer_size(socket, SEND_BUFFER))?;
    Ok(())
}

/// Makes the veth pair of a guest's adapter and returns the name of the near end, which is free in `host_ns`.
pub(super) fn create_pair(
    device_ns: &Namespace,
    name: &str,
    mac: Mac,
    host_ns: &Namespace,
) -> Result<String, PortError> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let guest = VethEnd { namespace: device_ns, name, mac: Some(mac) };
    loop {
        let near = format!("nsw{:x}", NEXT.fetch_add(1, Ordering::Relaxed));
        // Another process may use the same namespace and numbers.
        if Link::find(host_ns, &near)?.is_none() {
            link::create_veth(guest, VethEnd { namespace: host_ns, name: &near, mac: None })?;
            // How much the guest sends is the guest's affair.
            link::set_mtu(host_ns, &near, link::CABLE_MTU)?;
            return Ok(near);
        }
    }
}

pub(super) fn receive(socket: &OwnedFd, buffer: &mut FrameBuffer) -> io::Result<()> {
    let (header, before, behind) = buffer.split();
    let mut parts = [header, before, behind].map(IoSliceMut::new);
    let received = packet::receive(socket, &mut parts)?;
    if received.truncated {
        return Err(io::ErrorKind::InvalidData.into());
    }
    buffer.set_split(received.len.saturating_sub(HEADER_LEN), received.tag);
    Ok(())
}

/// Does the socket no longer have a device? The kernel unbinds it when the device is deleted or moved away.
pub(super) fn is_orphaned(socket: &OwnedFd) -> bool {
    packet::bound_index(socket).is_ok_and(|index| index <= 0)
}
