//! TAP devices: the guest has the device, the switch has its descriptor.
//!
//! A device is made in a namespace where nobody looks, given its address there, and then moved under its final name. So
//! whoever waits for a device of that name in the guest never sees half of one.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Mutex;

use nsw_core::Mac;

use super::{FrameBuffer, PortError, setup};
use crate::link;
use crate::netns::Namespace;
use crate::sys::tun;

/// Frames that wait in the device for the switch. A frame can be a segment of 64 KiB, so this is a lot of data already.
const QUEUE_LEN: u32 = 1000;

/// The virtio-net header that QEMU and its like ask for: with the field `num_buffers`.
const GUEST_HEADER_LEN: usize = 12;

/// Where devices are made.
static NURSERY: Mutex<Option<Namespace>> = Mutex::new(None);

pub(super) fn create(device_ns: &Namespace, name: &str, mac: Mac) -> Result<OwnedFd, PortError> {
    let closed = |source| PortError::TunClosed { device: name.to_owned(), source };
    drop(tun::open().map_err(closed)?);
    let nursery = nursery().map_err(setup(name, "create a namespace to make it in"))?;
    let (fd, made) =
        nursery.run(make).and_then(|made| made).map_err(setup(name, "create it as a TAP device"))?;
    link::set_mac(&nursery, &made, mac)?;
    link::set_queue_len(&nursery, &made, QUEUE_LEN)?;
    link::move_to(&nursery, &made, device_ns, name)?;
    link::set_up(device_ns, name, true)?;
    Ok(fd)
}

fn nursery() -> io::Result<Namespace> {
    let mut nursery = NURSERY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match &*nursery {
        Some(namespace) => Ok(namespace.clone()),
        None => Ok(nursery.insert(Namespace::create()?).clone()),
    }
}

/// Makes a device in the calling thread's namespace.
fn make() -> io::Result<(OwnedFd, String)> {
    let fd = tun::open()?;
    let name = tun::create(&fd, "tap%d", false)?;
    tun::accept_offloads(&fd)?;
    Ok((fd, name))
}

/// Makes a device that outlives this process, in `namespace`, for a program that opens it itself, as QEMU does.
pub(super) fn create_persistent(
    namespace: &Namespace,
    name: &str,
    owner: Option<u32>,
    queues: u16,
) -> Result<(), PortError> {
    let closed = |source| PortError::TunClosed { device: name.to_owned(), source };
    let failed = |operation| setup(name, operation);
    let fd = namespace.run(tun::open).map_err(failed("enter its namespace"))?.map_err(closed)?;
    tun::create(&fd, name, queues > 1).map_err(failed("create it as a TAP device"))?;
    tun::set_header_size(&fd, GUEST_HEADER_LEN).map_err(failed("set its header"))?;
    tun::accept_offloads(&fd).map_err(failed("switch its offloads on"))?;
    if let Some(user) = owner {
        tun::set_owner(&fd, user).map_err(failed("give it to its owner"))?;
    }
    link::set_queue_len(namespace, name, QUEUE_LEN)?;
    // Last: what failed before this leaves nothing behind.
    tun::set_persistent(&fd).map_err(failed("make it persistent"))
}

pub(super) fn receive(fd: &OwnedFd, buffer: &mut FrameBuffer) -> io::Result<()> {
    let len = rustix::io::read(fd, buffer.whole())?;
    buffer.set_whole(len);
    Ok(())
}
