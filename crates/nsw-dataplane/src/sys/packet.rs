//! Packet sockets: what a raw socket on a device needs and socket libraries do not have.
//!
//! Reference: `packet(7)`, `linux/if_packet.h`.

use std::io;
use std::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use super::check;

const TP_STATUS_VLAN_VALID: u32 = 1 << 4;
const TP_STATUS_VLAN_TPID_VALID: u32 = 1 << 6;
const SOL_PACKET: u32 = libc::SOL_PACKET as u32;
const PACKET_AUXDATA: u32 = libc::PACKET_AUXDATA as u32;
const DEFAULT_TPID: u16 = 0x8100;

/// A packet socket in the calling thread's network namespace, bound to nothing and so hearing nothing.
pub(crate) fn open() -> io::Result<OwnedFd> {
    let kind = libc::SOCK_RAW | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // JUSTIFICATION: socket libraries do not let protocol 0 and this family meet.
    // SAFETY: no pointers are passed.
    let fd = check(unsafe { libc::socket(libc::AF_PACKET, kind, 0) })?;
    // JUSTIFICATION: the descriptor must be closed when it is no longer used.
    // SAFETY: `fd` was just created and belongs to nobody else.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Asks for a virtio-net header of 10 bytes before each frame.
pub(crate) fn enable_header(socket: &OwnedFd) -> io::Result<()> {
    set_option(socket, libc::PACKET_VNET_HDR, &1_i32)
}

/// Hears only what others send: no frame of our own comes back.
pub(crate) fn ignore_outgoing(socket: &OwnedFd) -> io::Result<()> {
    set_option(socket, libc::PACKET_IGNORE_OUTGOING, &1_i32)
}

/// Asks for the VLAN tag that the kernel takes out of each frame before it reaches us.
pub(crate) fn report_tags(socket: &OwnedFd) -> io::Result<()> {
    set_option(socket, libc::PACKET_AUXDATA, &1_i32)
}

/// Hands frames straight to the driver, past the queueing discipline.
pub(crate) fn bypass_qdisc(socket: &OwnedFd) -> io::Result<()> {
    set_option(socket, libc::PACKET_QDISC_BYPASS, &1_i32)
}

/// Asks the device for every frame, for as long as the socket is open.
pub(crate) fn join_promiscuous(socket: &OwnedFd, index: u32) -> io::Result<()> {
    let request = libc::packet_mreq {
        mr_ifindex: interface(index)?,
        mr_type: u16::try_from(libc::PACKET_MR_PROMISC).unwrap_or(1),
        mr_alen: 0,
        mr_address: [0; 8],
    };
    set_option(socket, libc::PACKET_ADD_MEMBERSHIP, &request)
}

/// Binds the socket to one device and to all protocols: from here on it hears.
pub(crate) fn bind(socket: &OwnedFd, index: u32) -> io::Result<()> {
    bind_for(socket, index, u16::try_from(libc::ETH_P_ALL).unwrap_or_default())
}

/// Binds the socket to one device for sending: it hears nothing.
pub(crate) fn bind_for_sending(socket: &OwnedFd, index: u32) -> io::Result<()> {
    bind_for(socket, index, 0)
}

fn bind_for(socket: &OwnedFd, index: u32, protocol: u16) -> io::Result<()> {
    // JUSTIFICATION: the structure has padding that only the C library knows.
    // SAFETY: all zeroes is a valid value of a structure of numbers.
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or_default();
    address.sll_protocol = protocol.to_be();
    address.sll_ifindex = interface(index)?;
    let length = socklen(size_of::<libc::sockaddr_ll>());
    // JUSTIFICATION: no safe wrapper knows this address family.
    // SAFETY: `address` is a whole `sockaddr_ll` and `length` its size; the kernel keeps no pointer.
    check(unsafe { libc::bind(socket.as_raw_fd(), (&raw const address).cast(), length) }).map(drop)
}

/// Sends one frame out of a device, whatever the socket is bound to.
pub(crate) fn send(socket: &OwnedFd, index: u32, frame: &[u8]) -> io::Result<()> {
    // JUSTIFICATION: the structure has padding that only the C library knows.
    // SAFETY: all zeroes is a valid value of a structure of numbers.
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or_default();
    address.sll_ifindex = interface(index)?;
    let length = socklen(size_of::<libc::sockaddr_ll>());
    let (bytes, count) = (frame.as_ptr().cast(), frame.len());
    // JUSTIFICATION: no safe wrapper knows this address family.
    // SAFETY: `frame` is as long as is said, `address` is a whole `sockaddr_ll`, and the kernel keeps no pointer.
    let sent =
        unsafe { libc::sendto(socket.as_raw_fd(), bytes, count, 0, (&raw const address).cast(), length) };
    if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The index of the device that the socket is bound to; -1 once that device is gone.
pub(crate) fn bound_index(socket: &OwnedFd) -> io::Result<libc::c_int> {
    // JUSTIFICATION: the structure has padding that only the C library knows.
    // SAFETY: all zeroes is a valid value of a structure of numbers.
    let mut address: libc::sockaddr_ll = unsafe { zeroed() };
    let mut length = socklen(size_of::<libc::sockaddr_ll>());
    // JUSTIFICATION: no safe wrapper knows this address family.
    // SAFETY: the kernel writes at most `length` bytes into `address` and keeps no pointer.
    check(unsafe { libc::getsockname(socket.as_raw_fd(), (&raw mut address).cast(), &raw mut length) })?;
    Ok(address.sll_ifindex)
}

/// Copies of a frame in one call.
pub(crate) const COPIES: u32 = 64;

/// Sends [`COPIES`] copies of `frame` in one call; returns how many were taken.
pub(crate) fn send_copies(socket: &OwnedFd, frame: &[u8]) -> io::Result<usize> {
    let mut part = libc::iovec { iov_base: frame.as_ptr().cast_mut().cast(), iov_len: frame.len() };
    // JUSTIFICATION: the structure has padding that only the C library knows.
    // SAFETY: all zeroes is a valid value of a structure of numbers and pointers.
    let mut message: libc::mmsghdr = unsafe { zeroed() };
    message.msg_hdr.msg_iov = &raw mut part;
    message.msg_hdr.msg_iovlen = 1;
    let mut messages = [message; COPIES as usize];
    // JUSTIFICATION: no safe wrapper sends several frames in one call.
    // SAFETY: every message points to `part`, and that to `frame`; both are alive, and the kernel only reads them.
    let sent = unsafe { libc::sendmmsg(socket.as_raw_fd(), messages.as_mut_ptr(), COPIES, 0) };
    check(sent).map(|sent| usize::try_from(sent).unwrap_or(0))
}

/// A tag that the kernel took out of a frame: protocol identifier and tag control information, in host order.
pub(crate) type StrippedTag = (u16, u16);

/// What [`receive`] found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Received {
    /// Bytes received, over all buffers.
    pub(crate) len: usize,
    /// The frame was longer than the buffers.
    pub(crate) truncated: bool,
    /// The tag that the kernel took out.
    pub(crate) tag: Option<StrippedTag>,
}

/// Room for one control message with `tpacket_auxdata`, aligned as control messages must be.
#[repr(C, align(8))]
struct Control([u8; 64]);

/// Receives one frame, scattered over `buffers` in their order.
pub(crate) fn receive(socket: &OwnedFd, buffers: &mut [io::IoSliceMut<'_>]) -> io::Result<Received> {
    let mut control = Control([0; 64]);
    // JUSTIFICATION: the structure has padding that only the C library knows.
    // SAFETY: all zeroes is a valid value of a structure of numbers and pointers.
    let mut message: libc::msghdr = unsafe { zeroed() };
    // `IoSliceMut` is documented to have the layout of `iovec`.
    message.msg_iov = buffers.as_mut_ptr().cast();
    message.msg_iovlen = buffers.len() as _;
    message.msg_control = (&raw mut control).cast();
    message.msg_controllen = size_of::<Control>() as _;
    // JUSTIFICATION: safe wrappers drop control messages that they do not know, and with them the VLAN tag.
    // SAFETY: all pointers in `message` are to live buffers of the lengths that stand beside them.
    let len = unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, 0) };
    let len = usize::try_from(len).map_err(|_| io::Error::last_os_error())?;
    let truncated = message.msg_flags & libc::MSG_TRUNC != 0;
    let filled = control.0.len().min(message.msg_controllen as usize);
    Ok(Received { len, truncated, tag: stripped_tag(&control.0[..filled]) })
}

/// The tag in the control messages that came with a frame. There is one message at most: `struct cmsghdr`, which is
/// length, level and type, and behind it `struct tpacket_auxdata`.
fn stripped_tag(control: &[u8]) -> Option<StrippedTag> {
    let (header, data) = control.split_at_checked(size_of::<libc::cmsghdr>())?;
    let (_, kind) = header.split_at_checked(size_of::<libc::cmsghdr>() - 8)?;
    if read_u32(kind, 0)? != SOL_PACKET || read_u32(kind, 4)? != PACKET_AUXDATA {
        return None;
    }
    let status = read_u32(data, 0)?;
    if status & TP_STATUS_VLAN_VALID == 0 {
        return None;
    }
    let [control_information, protocol] = [read_u16(data, 16)?, read_u16(data, 18)?];
    let has_protocol = status & TP_STATUS_VLAN_TPID_VALID != 0;
    Some((if has_protocol { protocol } else { DEFAULT_TPID }, control_information))
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|chunk| u32::from_ne_bytes(*chunk))
}

fn read_u16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|chunk| u16::from_ne_bytes(*chunk))
}

fn set_option<T>(socket: &OwnedFd, name: libc::c_int, value: &T) -> io::Result<()> {
    let length = socklen(size_of::<T>());
    // JUSTIFICATION: no safe wrapper knows the options of packet sockets.
    // SAFETY: `value` is alive and `length` its size; the kernel reads it and keeps no pointer.
    let result = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_PACKET, name, std::ptr::from_ref(value).cast(), length)
    };
    check(result).map(drop)
}

fn interface(index: u32) -> io::Result<libc::c_int> {
    libc::c_int::try_from(index).map_err(|_| io::ErrorKind::InvalidInput.into())
}

fn socklen(size: usize) -> libc::socklen_t {
    libc::socklen_t::try_from(size).unwrap_or_default()
}
