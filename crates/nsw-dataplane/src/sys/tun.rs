//! TAP devices: the control calls of `/dev/net/tun`.
//!
//! Reference: the kernel's `Documentation/networking/tuntap.rst`, `linux/if_tun.h`.

use std::ffi::c_uint;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use rustix::fs::{Mode, OFlags};

use super::check;

/// Where TAP devices come from.
const CLONE_DEVICE: &str = "/dev/net/tun";
/// The length of an interface name with its terminating zero.
const IFNAMSIZ: usize = 16;

const TUNSETIFF: libc::Ioctl = 0x4004_54ca_u32 as libc::Ioctl;
const TUNSETPERSIST: libc::Ioctl = 0x4004_54cb_u32 as libc::Ioctl;
const TUNSETOWNER: libc::Ioctl = 0x4004_54cc_u32 as libc::Ioctl;
const TUNSETOFFLOAD: libc::Ioctl = 0x4004_54d0_u32 as libc::Ioctl;
const TUNSETVNETHDRSZ: libc::Ioctl = 0x4004_54d8_u32 as libc::Ioctl;

const IFF_TAP: u16 = 0x0002;
const IFF_MULTI_QUEUE: u16 = 0x0100;
const IFF_NO_PI: u16 = 0x1000;
const IFF_VNET_HDR: u16 = 0x4000;

const TUN_F_CSUM: c_uint = 0x01;
const TUN_F_TSO4: c_uint = 0x02;
const TUN_F_TSO6: c_uint = 0x04;
const TUN_F_USO4: c_uint = 0x20;
const TUN_F_USO6: c_uint = 0x40;

/// `struct ifreq` as far as `TUNSETIFF` reads it.
#[repr(C)]
struct InterfaceRequest {
    name: [u8; IFNAMSIZ],
    flags: u16,
    padding: [u8; 22],
}

/// Opens `/dev/net/tun` for reading and writing.
pub(crate) fn open() -> io::Result<OwnedFd> {
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NONBLOCK;
    Ok(rustix::fs::open(CLONE_DEVICE, flags, Mode::empty())?)
}

/// Creates a TAP device in the network namespace in which `fd` was opened, for one descriptor or for several, a queue
/// each. `pattern` may contain `%d` for a number. Returns the device's name.
pub(crate) fn create(fd: &OwnedFd, pattern: &str, several_queues: bool) -> io::Result<String> {
    let flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | if several_queues { IFF_MULTI_QUEUE } else { 0 };
    let mut request = InterfaceRequest { name: [0; IFNAMSIZ], flags, padding: [0; 22] };
    if pattern.len() >= IFNAMSIZ {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    request.name[..pattern.len()].copy_from_slice(pattern.as_bytes());
    // JUSTIFICATION: no safe wrapper knows this call.
    // SAFETY: the kernel reads and writes one `struct ifreq` of 40 bytes, which `request` is, and keeps no pointer.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), TUNSETIFF, &raw mut request) })?;
    let end = request.name.iter().position(|byte| *byte == 0).unwrap_or(IFNAMSIZ);
    Ok(String::from_utf8_lossy(&request.name[..end]).into_owned())
}

/// Sets the size in bytes of the virtio-net header that stands before each frame.
pub(crate) fn set_header_size(fd: &OwnedFd, bytes: usize) -> io::Result<()> {
    let bytes = libc::c_int::try_from(bytes).map_err(|_| io::ErrorKind::InvalidInput)?;
    // JUSTIFICATION: no safe wrapper knows this call.
    // SAFETY: the kernel reads one `int` and keeps no pointer.
    check(unsafe { libc::ioctl(fd.as_fd().as_raw_fd(), TUNSETVNETHDRSZ, &raw const bytes) }).map(drop)
}

/// Tells the kernel that frames may be given to us with checksums and segmentation still to be done: for TCP always,
/// for UDP where the kernel can (since 6.2).
pub(crate) fn accept_offloads(fd: &OwnedFd) -> io::Result<()> {
    let tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
    set_offloads(fd, tcp | TUN_F_USO4 | TUN_F_USO6).or_else(|_| set_offloads(fd, tcp))
}

fn set_offloads(fd: &OwnedFd, flags: c_uint) -> io::Result<()> {
    set_number(fd, TUNSETOFFLOAD, flags)
}

/// Lets the device live on when its last descriptor is closed.
pub(crate) fn set_persistent(fd: &OwnedFd) -> io::Result<()> {
    set_number(fd, TUNSETPERSIST, 1)
}

/// Lets the user with this id open the device without any privilege.
pub(crate) fn set_owner(fd: &OwnedFd, user: u32) -> io::Result<()> {
    set_number(fd, TUNSETOWNER, user)
}

fn set_number(fd: &OwnedFd, call: libc::Ioctl, number: u32) -> io::Result<()> {
    // JUSTIFICATION: no safe wrapper knows this call.
    // SAFETY: the argument is a plain number, not a pointer.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), call, libc::c_ulong::from(number)) }).map(drop)
}
