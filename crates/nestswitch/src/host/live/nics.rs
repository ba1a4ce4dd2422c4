//! The physical adapters of a host, and their links: what pulls a cable, and what plugs it.
//!
//! The switch is not told. It notices, as it does when a cable is pulled elsewhere.

use nsw_dataplane::link::{self, Link, LinkError};

use super::LiveHost;
use crate::host::status::{Changes, NicStatus};

pub(super) fn list(host: &LiveHost) -> Result<Vec<NicStatus>, LinkError> {
    host.document.pnics.iter().map(|name| status(host, name)).collect()
}

fn status(host: &LiveHost, name: &str) -> Result<NicStatus, LinkError> {
    let found = Link::get(&host.hardware, name)?;
    let user =
        host.document.vswitches.iter().find(|vswitch| vswitch.uplinks.iter().any(|uplink| uplink == name));
    Ok(NicStatus {
        name: found.name,
        up: found.up,
        link_up: found.up && found.carrier,
        mac: found.mac.map(|mac| mac.to_string()).unwrap_or_default(),
        mtu: found.mtu,
        vswitch: user.map(|vswitch| vswitch.name.clone()),
    })
}

pub(super) fn set_up(host: &LiveHost, name: &str, up: bool) -> Result<Changes, LinkError> {
    if Link::get(&host.hardware, name)?.up == up {
        return Ok(Changes::default());
    }
    link::set_up(&host.hardware, name, up)?;
    let state = if up { "up" } else { "down" };
    Ok(Changes { changes: vec![format!("~ {}: physical adapter {name}: link {state}", host.document.name)] })
}
