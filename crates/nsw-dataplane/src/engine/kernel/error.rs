//! What can go wrong between us and the kernel, each with the object that it is about.

use std::io;

use crate::link::LinkError;

/// The kernel engine could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KernelError {
    /// The program, or one of its maps, was refused.
    #[error("the kernel does not take the switch's program: {0}")]
    Load(String),
    /// A map could not be read or written.
    #[error("map `{map}`: cannot {operation} it: {source}")]
    Map {
        /// The map.
        map: &'static str,
        /// What was to be done.
        operation: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The configuration asks for something that the program cannot do exactly as it should be done.
    #[error("the kernel engine cannot do it: {0}")]
    Beyond(#[from] Beyond),
    /// The device belongs to somebody.
    #[error("device `{device}` is in use: {reason}")]
    InUse {
        /// The device.
        device: String,
        /// By whom.
        reason: String,
    },
    /// The port is attached, or another device is in its place.
    #[error("port {0} is attached already")]
    Attached(nsw_core::PortId),
    /// The program could not be attached to a device.
    #[error("device `{device}`: cannot attach the switch's program: {reason}")]
    Attach {
        /// The device.
        device: String,
        /// Why not.
        reason: String,
    },
    /// A step of preparing a device.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// What is pinned could not be read, made or removed.
    #[error("`{path}`: cannot {operation}: {source}")]
    Pin {
        /// Where.
        path: String,
        /// What was to be done.
        operation: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// The system has no thread or descriptor left.
    #[error("the kernel engine: {0}")]
    System(#[from] io::Error),
}

impl From<KernelError> for io::Error {
    fn from(error: KernelError) -> Self {
        match error {
            KernelError::System(error) => error,
            KernelError::Attached(_) => Self::new(io::ErrorKind::AlreadyExists, error),
            KernelError::Beyond(_) => Self::new(io::ErrorKind::Unsupported, error),
            other => Self::other(other),
        }
    }
}

/// A limit of the program's. The user engine has none of them.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Beyond {
    /// More ports than there are seats.
    #[error("the switch has more than {0} ports")]
    Ports(usize),
    /// More port groups than there is room for.
    #[error("the switch has more than {0} port groups")]
    Groups(usize),
    /// More uplinks in one team.
    #[error("a team has more than {0} uplinks")]
    Uplinks(usize),
    /// More addresses and receivers than there is room for.
    #[error("the switch has more than {0} addresses and receivers")]
    Lists(usize),
    /// More ways for beacons from uplink to uplink, over all probed VLANs.
    #[error("beacons have more than {0} ways from uplink to uplink")]
    Paths(usize),
    /// A burst that the program's numbers do not hold.
    #[error("traffic shaping saves up {0} bytes for a burst, and 1 GiB is the most")]
    Burst(u64),
}
