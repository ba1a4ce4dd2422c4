//! What may stand only once in a lab: names of hosts, VMs and stations, IP addresses, and MAC addresses.
//!
//! A MAC address that two adapters have is a classic fault of cloned hosts, and a lab may want exactly that fault, so
//! `allow-duplicate-mac` on one of the two permits it. A VMkernel adapter with the address of a physical adapter of
//! its own host is no fault: a fresh install makes `vmk0` like that.

use std::collections::HashMap;
use std::net::IpAddr;

use nsw_core::Mac;

use super::at::{Span, Word};
use super::diagnostics::{Collector, Draft};

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Registry {
    names: HashMap<String, (&'static str, Span)>,
    addresses: HashMap<IpAddr, (String, Span)>,
    macs: HashMap<Mac, Vec<MacUse>>,
}

/// An adapter that has a MAC address.
pub(crate) struct MacUse {
    /// The adapter, as a message names it.
    pub(crate) owner: String,
    /// Where the file gives the address, else where it names the adapter.
    pub(crate) span: Span,
    /// Does the file allow that another has it too?
    pub(crate) allow: bool,
    pub(crate) side: Side,
}

/// On which side of a host an adapter is.
#[derive(PartialEq, Eq)]
pub(crate) enum Side {
    /// A physical adapter of this host.
    Physical(String),
    /// A VMkernel adapter of this host.
    Vmkernel(String),
    /// Any other.
    Guest,
}

impl Registry {
    /// `kind` is what has the name: `host`, `VM` or `station`.
    pub(crate) fn name(&mut self, problems: &mut Collector, kind: &'static str, name: &Word) {
        if let Some((other, first)) = self.names.get(&name.value) {
            let article = if *other == kind { "another" } else { "a" };
            let message = format!("{kind} `{}` has the name of {article} {other}", name.value);
            let draft = Draft::new(name.span, message).label("again here").other(*first, "first here");
            problems.error(draft.help("names of hosts, VMs and stations are unique in a lab"));
        } else {
            self.names.insert(name.value.clone(), (kind, name.span));
        }
    }

    pub(crate) fn address(&mut self, problems: &mut Collector, owner: &str, ip: IpAddr, span: Span) {
        if let Some((other, first)) = self.addresses.get(&ip) {
            let message = format!("{owner} has the address {ip} of {other}");
            problems.error(Draft::new(span, message).label("again here").other(*first, "first here"));
        } else {
            self.addresses.insert(ip, (owner.to_owned(), span));
        }
    }

    pub(crate) fn mac(&mut self, problems: &mut Collector, mac: Mac, new: MacUse) {
        let uses = self.macs.entry(mac).or_default();
        if let Some(other) = uses.iter().find(|other| !may_share(other, &new)) {
            let message = format!("{} has the MAC address {mac} of {}", new.owner, other.owner);
            let draft = Draft::new(new.span, message).label("again here").other(other.span, "first here");
            problems.error(draft.help("if that is meant, say `allow-duplicate-mac: true` on one of the two"));
        }
        uses.push(new);
    }
}

fn may_share(a: &MacUse, b: &MacUse) -> bool {
    let own_host = match (&a.side, &b.side) {
        (Side::Physical(a), Side::Vmkernel(b)) | (Side::Vmkernel(a), Side::Physical(b)) => a == b,
        _ => false,
    };
    own_host || a.allow || b.allow
}
