//! A MAC address that was allowed to stand twice, at two adapters that hear each other: legal, and worth a warning.
//!
//! The rule is the core's (F-7), and the tables say where it applies; here are the words and the places.

use std::collections::HashMap;

use nsw_core::Mac;

use super::Build;
use crate::sim::{self, SharedMac};
use crate::spec::at::{Span, Word};
use crate::spec::diagnostics::Draft;
use crate::topology::Lab;

/// Where the file says which addresses an adapter has; by host and port.
#[derive(Default)]
pub(super) struct AdapterPlaces(HashMap<(String, String), Place>);

struct Place {
    owner: String,
    span: Span,
    /// The address that the guest sets, and where that is said.
    guest: Option<(Mac, Span)>,
}

impl AdapterPlaces {
    pub(super) fn add(
        &mut self,
        host: &str,
        port: String,
        owner: &str,
        at: &Word,
        guest: Option<(Mac, &Word)>,
    ) {
        let guest = guest.map(|(mac, word)| (mac, word.span));
        self.0.insert((host.to_owned(), port), Place { owner: owner.to_owned(), span: at.span, guest });
    }

    fn get(&self, shared: &SharedMac, port: &str) -> Option<(&str, Span)> {
        let Place { owner, span, guest } = self.0.get(&(shared.host.clone(), port.to_owned()))?;
        let set_by_guest = guest.filter(|(mac, _)| *mac == shared.mac).map(|(_, span)| span);
        Some((owner, set_by_guest.unwrap_or(*span)))
    }
}

impl Build<'_> {
    pub(super) fn warn_of_shared_macs(&mut self, lab: &Lab) {
        for shared in sim::shared_macs(lab) {
            let mut places = shared.ports.iter().filter_map(|port| self.adapters.get(&shared, port));
            let Some((first, first_span)) = places.next() else { continue };
            for (owner, span) in places {
                let message = format!(
                    "{owner} has the MAC address {} of {first}, and they meet on vSwitch `{}` of host `{}`",
                    shared.mac, shared.vswitch, shared.host
                );
                let draft = Draft::new(span, message).label("again here").other(first_span, "first here");
                self.problems.warning(draft.help("each of them is given every frame that is for it"));
            }
        }
    }
}
