//! Beacon probing where it does not do what somebody may expect of it: legal, and worth a warning.
//!
//! The rule is [`nsw_core::VSwitch::probing`]'s; here are the words.

use nsw_core::{Probing, VSwitch};

use super::{Build, Site};
use crate::spec::at::{Span, Word};
use crate::spec::diagnostics::Draft;
use crate::spec::file::VswitchFile;

impl Build<'_> {
    /// Warns of each port group of `vswitch` in which beacon probing is of no use, or of little.
    pub(super) fn warn_of_probing(&mut self, site: &Site<'_>, file: &VswitchFile, vswitch: &VSwitch) {
        for ((name, group_file), group) in file.port_groups.iter().zip(&vswitch.port_groups) {
            let (what, help) = match vswitch.probing(group) {
                Probing::Off | Probing::On => continue,
                Probing::NotWithIpHash => (
                    "has beacon probing and IP hash, which do not go together",
                    "its team goes by links alone; set failure-detection: link, or another load-balancing",
                ),
                Probing::NotWithGuestTagging => (
                    "has beacon probing and guests that tag, which is not supported",
                    "its team goes by links alone: in which VLANs a path must work is not known",
                ),
                Probing::CannotTell => (
                    "has beacon probing with fewer than three uplinks",
                    "of two paths that miss beacons nobody can tell which is broken: each uplink gets every frame",
                ),
            };
            let stated =
                [&group_file.teaming, &file.teaming].map(|teaming| teaming.failure_detection.as_ref());
            let span: Span = stated.into_iter().flatten().next().map_or(name.span, |word: &Word| word.span);
            let message = format!("port group `{}` of host `{}` {what}", name.value, site.host);
            self.problems.warning(Draft::new(span, message).help(help));
        }
    }
}
