//! A port's two directions: read what the device's user sent, write what the switch delivers.
//!
//! | kind | device | frames cross |
//! |---|---|---|
//! | [`PortKind::Tap`] | a TAP device in the guest's namespace | the TAP's file descriptor |
//! | [`PortKind::Veth`] | a veth pair between the guest's namespace and ours | a packet socket on our end |
//! | [`PortKind::Packet`] | a device that is there, as an uplink | a packet socket on it |
//!
//! With each frame comes a virtio-net header (`vnet.rs`), so checksums and segmentation that a sender left undone stay
//! undone until something needs them. Tags are put in and taken out on the way, without copying the frame.
//!
//! **Invariant:** a port holds its device. Dropping it removes the TAP or the veth pair; a device that was there stays,
//! and so does a TAP that was made persistent for a guest that opens it itself.

mod buffer;
mod packet;
mod tap;

use std::fmt;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

use nsw_core::{Delivery, MIN_FRAME_LEN, Mac, TAG_LEN, TagAction};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::time::Timespec;

use crate::link::{self, LinkError};
use crate::netns::Namespace;
use crate::vnet::{Shift, VnetHeader};

use buffer::ADDRESSES;
pub(crate) use buffer::FrameBuffer;

/// What a short frame is padded with.
static ZEROS: [u8; MIN_FRAME_LEN] = [0; MIN_FRAME_LEN];

/// How a port's frames cross between the switch and its device.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum PortKind {
    /// By a TAP device's descriptor.
    Tap,
    /// By a packet socket on the near end of a veth pair.
    Veth,
    /// By a packet socket on a device that somebody else made.
    Packet,
}

impl fmt::Display for PortKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tap => "tap",
            Self::Veth => "veth",
            Self::Packet => "packet",
        })
    }
}

/// A port could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// `/dev/net/tun` is not there, or not for us.
    #[error("device `{device}`: cannot open /dev/net/tun: {source}")]
    TunClosed {
        /// The device that was to be made.
        device: String,
        /// Why.
        source: io::Error,
    },
    /// A step of making the port.
    #[error("device `{device}`: cannot {operation}: {source}")]
    Setup {
        /// The device.
        device: String,
        /// What was to be done.
        operation: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// A step of configuring its device.
    #[error(transparent)]
    Link(#[from] LinkError),
}

/// Makes a TAP device `name` in `namespace` for a guest that opens it itself, as QEMU does, with `queues` descriptors.
/// It is persistent, and `owner` may open it without privileges. Connect it to a switch by [`Port::packet`]; it is there
/// until somebody deletes it ([`link::delete`]).
///
/// # Errors
/// [`PortError::TunClosed`] where TAP devices cannot be had, else another [`PortError`]; then nothing is left of it.
pub fn create_persistent_tap(
    namespace: &Namespace,
    name: &str,
    owner: Option<u32>,
    queues: u16,
) -> Result<(), PortError> {
    tap::create_persistent(namespace, name, owner, queues)
}

/// One port of a switch, connected to its device.
#[derive(Debug)]
pub struct Port {
    kind: PortKind,
    device: String,
    fd: OwnedFd,
    /// Deletes the veth pair with the port.
    _pair: Option<VethPair>,
}

#[derive(Debug)]
struct VethPair {
    namespace: Namespace,
    name: String,
}

impl Drop for VethPair {
    fn drop(&mut self) {
        if let Err(error) = link::delete(&self.namespace, &self.name) {
            tracing::warn!(%error, "a veth pair stays behind");
        }
    }
}

/// Makes a new device `name` with address `mac` in `device_ns`, for a guest, as a veth pair, and returns the name of its
/// other end in `host_ns`, which is for the switch. The guest's end is up and has a carrier once the other is, too: whoever
/// attaches that sees to it, since until then the host's own stack would speak on it. The pair lives until one of them is
/// deleted.
///
/// # Errors
/// A [`PortError`].
pub fn create_veth_adapter(
    device_ns: &Namespace,
    name: &str,
    mac: Mac,
    host_ns: &Namespace,
) -> Result<String, PortError> {
    let near = packet::create_pair(device_ns, name, mac, host_ns)?;
    link::set_up(device_ns, name, true)?;
    Ok(near)
}

impl Port {
    /// A new device `name` with address `mac` in `device_ns`, made in whichever way this system allows: TAP, else veth
    /// with the other end in `host_ns`. [`Port::kind`] says which.
    ///
    /// # Errors
    /// A [`PortError`].
    pub fn adapter(
        device_ns: &Namespace,
        name: &str,
        mac: Mac,
        host_ns: &Namespace,
    ) -> Result<Self, PortError> {
        match Self::tap(device_ns, name, mac) {
            Err(PortError::TunClosed { .. }) => Self::veth(device_ns, name, mac, host_ns),
            other => other,
        }
    }

    /// A new TAP device `name` in `device_ns`, up, with the guest's address `mac`.
    ///
    /// # Errors
    /// [`PortError::TunClosed`] where TAP devices cannot be had, else another [`PortError`].
    pub fn tap(device_ns: &Namespace, name: &str, mac: Mac) -> Result<Self, PortError> {
        let fd = tap::create(device_ns, name, mac)?;
        Ok(Self { kind: PortKind::Tap, device: name.to_owned(), fd, _pair: None })
    }

    /// A new veth pair: the end `name` in `device_ns`, up, with the guest's address `mac`; the other end in `host_ns`
    /// under a name of no meaning, read by a packet socket.
    ///
    /// # Errors
    /// A [`PortError`].
    pub fn veth(device_ns: &Namespace, name: &str, mac: Mac, host_ns: &Namespace) -> Result<Self, PortError> {
        let near = packet::create_pair(device_ns, name, mac, host_ns)?;
        let pair = VethPair { namespace: host_ns.clone(), name: near.clone() };
        let mut port = Self::on_device(host_ns, &near, packet::Requests::Everything)?;
        link::set_up(device_ns, name, true)?;
        port.kind = PortKind::Veth;
        name.clone_into(&mut port.device);
        port._pair = Some(pair);
        Ok(port)
    }

    /// A packet socket on a device that is there. The device is asked for every frame, which a switch that the device
    /// is connected to may see; and the kernel's own stack is kept from answering on it.
    ///
    /// # Errors
    /// A [`PortError`].
    pub fn packet(namespace: &Namespace, device: &str) -> Result<Self, PortError> {
        Self::on_device(namespace, device, packet::Requests::Everything)
    }

    /// The same without asking the device for every frame: for its own address only.
    ///
    /// # Errors
    /// A [`PortError`].
    pub fn packet_for_own(namespace: &Namespace, device: &str) -> Result<Self, PortError> {
        Self::on_device(namespace, device, packet::Requests::Own)
    }

    fn on_device(namespace: &Namespace, device: &str, requests: packet::Requests) -> Result<Self, PortError> {
        let fd = packet::attach(namespace, device, requests)?;
        Ok(Self { kind: PortKind::Packet, device: device.to_owned(), fd, _pair: None })
    }

    /// How its frames cross.
    pub fn kind(&self) -> PortKind {
        self.kind
    }

    /// The name of the device in its namespace: the guest's end of a veth pair.
    pub fn device(&self) -> &str {
        &self.device
    }

    /// Waits for one frame and returns its bytes, or `None` after `timeout`. For probes and tests; a port that an engine
    /// serves is read by the engine.
    ///
    /// # Errors
    /// The device's.
    pub fn read_frame(&self, timeout: Duration) -> io::Result<Option<Vec<u8>>> {
        let deadline = Instant::now() + timeout;
        let mut buffer = FrameBuffer::new();
        loop {
            match self.receive(&mut buffer) {
                Ok(()) => return Ok(Some(buffer.frame().to_vec())),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            let left = Timespec::try_from(left).map_err(|_| io::ErrorKind::InvalidInput)?;
            match poll(&mut [PollFd::new(&self.fd, PollFlags::IN)], Some(&left)) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes one whole frame, which needs neither checksum nor segmentation.
    ///
    /// # Errors
    /// The device's; `WouldBlock` if its queue is full.
    pub fn write_frame(&self, frame: &[u8]) -> io::Result<()> {
        Ok(self.gather(VnetHeader::default(), [frame, &[], &[], &[]])?)
    }

    /// Reads one frame, or fails with `WouldBlock`.
    pub(crate) fn receive(&self, buffer: &mut FrameBuffer) -> io::Result<()> {
        match self.kind {
            PortKind::Tap => tap::receive(&self.fd, buffer),
            PortKind::Veth | PortKind::Packet => packet::receive(&self.fd, buffer),
        }
    }

    /// Writes a copy of the frame in `buffer`, with its tag changed and zeros behind it if it is too short for a wire.
    ///
    /// Most copies leave as the frame came. They take the straight way, within the loop that calls this: after each system
    /// call the processor begins to guess anew where our code goes, so every call and turn between two of them costs time.
    #[inline]
    pub(crate) fn send(&self, buffer: &FrameBuffer, copy: &Delivery) -> rustix::io::Result<()> {
        if copy.tag == TagAction::Keep && copy.padding(buffer.frame().len()) == 0 {
            // One piece is cheaper for the kernel than several of the same length.
            return rustix::io::write(&self.fd, buffer.with_header()).map(drop);
        }
        self.send_changed(buffer, copy)
    }

    #[inline(never)]
    fn send_changed(&self, buffer: &FrameBuffer, copy: &Delivery) -> rustix::io::Result<()> {
        let (header, frame) = (buffer.header(), buffer.frame());
        let zeros = ZEROS.get(..copy.padding(frame.len())).unwrap_or_default();
        let (addresses, rest) = frame.split_at_checked(ADDRESSES).unwrap_or((frame, &[]));
        let untagged = rest.get(TAG_LEN..).unwrap_or_default();
        match copy.tag {
            TagAction::Keep => self.gather(header, [frame, &[], &[], zeros]),
            TagAction::Push(tag) => {
                self.gather(header.shifted(Shift::TagAdded), [addresses, &tag_bytes(tag), rest, zeros])
            }
            TagAction::Pop => {
                self.gather(header.shifted(Shift::TagRemoved), [addresses, untagged, &[], zeros])
            }
            TagAction::Replace(tag) => self.gather(header, [addresses, &tag_bytes(tag), untagged, zeros]),
        }
    }

    fn gather(&self, header: VnetHeader, [a, b, c, d]: [&[u8]; 4]) -> rustix::io::Result<()> {
        let parts = [&header.0, a, b, c, d].map(IoSlice::new);
        rustix::io::writev(&self.fd, &parts).map(drop)
    }

    /// After the device reported that it is down: is it gone for good?
    pub(crate) fn is_orphaned(&self) -> bool {
        self.kind != PortKind::Tap && packet::is_orphaned(&self.fd)
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn tag_bytes(tag: nsw_core::Tag) -> [u8; TAG_LEN] {
    let [p0, p1] = nsw_core::ethertype::VLAN.to_be_bytes();
    let [t0, t1] = tag.tci().to_be_bytes();
    [p0, p1, t0, t1]
}

fn setup(device: &str, operation: &'static str) -> impl FnOnce(io::Error) -> PortError {
    move |source| PortError::Setup { device: device.to_owned(), operation, source }
}
