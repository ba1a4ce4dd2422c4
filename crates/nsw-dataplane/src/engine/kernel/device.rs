//! A device before it becomes a port: is it free, and is it silent?
//!
//! A bridge port, a device with addresses, a device on which somebody else runs a program: each belongs to somebody who
//! would not see its frames any more. They are refused, with the reason.

use std::collections::HashMap;
use std::net::IpAddr;

use aya::programs::{SchedClassifier, TcAttachType};

use super::error::KernelError;
use super::seats::Device;
use crate::link::{self, Link};
use crate::netns::Namespace;

/// Which devices of a namespace have addresses.
pub(super) type Addressed = HashMap<u32, IpAddr>;

/// Looks at the device, unless it is `ours` already, and keeps the host's own stack from using it.
pub(super) fn claim(
    namespace: &Namespace,
    link: &Link,
    ours: bool,
    uplink: bool,
    addressed: &Addressed,
) -> Result<Device, KernelError> {
    let name = link.name.as_str();
    if !ours {
        refuse_if_used(namespace, link, addressed)?;
    }
    link::silence(namespace, name)?;
    if uplink {
        // Seen by the switch that the device is connected to, as the request of a nested host that it is.
        link::set_promiscuous(namespace, name, true)?;
    }
    link::set_up(namespace, name, true)?;
    Ok(Device {
        name: name.to_owned(),
        ifindex: link.index,
        peer: link.kind == "veth" && link.peer_elsewhere,
        uplink,
    })
}

/// Gives the device back as it was found.
pub(super) fn release(namespace: &Namespace, device: &Device) {
    if device.uplink {
        let _ = link::set_promiscuous(namespace, &device.name, false);
    }
}

fn refuse_if_used(namespace: &Namespace, link: &Link, addressed: &Addressed) -> Result<(), KernelError> {
    let used = |reason: String| Err(KernelError::InUse { device: link.name.clone(), reason });
    if let Some(owner) = link.bridge {
        let owner = Link::by_index(namespace, owner)?.map_or_else(|| format!("#{owner}"), |link| link.name);
        return used(format!("it is a port of `{owner}`"));
    }
    if let Some(address) = addressed.get(&link.index) {
        return used(format!("it has the address {address}"));
    }
    // A kernel that cannot tell has none of these programs.
    let programs = namespace.run(|| SchedClassifier::query_tcx(&link.name, TcAttachType::Ingress))?;
    match programs.ok().and_then(|(_, programs)| programs.into_iter().next()) {
        Some(program) => used(format!(
            "the program `{}` looks at what it receives",
            program.name_as_str().unwrap_or("without a name")
        )),
        None => Ok(()),
    }
}
