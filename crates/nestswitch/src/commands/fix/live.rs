//! `nsw fix --apply N --live`: the running lab becomes the fixed one, and a real ping says whether that helped.
//!
//! The lab that runs must be the one of the file, or the fix was tried on another. If the ping fails, the lab becomes again
//! what it was, and the file is not touched.

use std::net::IpAddr;

use hyper::Method;
use nsw_lab::doctor::why::Question;
use nsw_lab::messages::Catalogue;
use nsw_lab::topology::Lab;

use crate::commands::lab::{Begin, describe, ping};
use crate::commands::output::Failure;
use crate::commands::vm_init::PingReport;
use crate::host::status::Changes;
use crate::lab::folder::{FindError, LabFolder};
use crate::lab::status::LabFile;

/// How long the ping waits for all replies. A switch that a change has recompiled answers at once.
const TIMEOUT_MS: u64 = 2000;
const COUNT: u16 = 3;

/// The running lab of a file.
pub(super) struct Live<'a> {
    folder: LabFolder,
    file: &'a str,
    from: String,
    to: String,
    address: IpAddr,
}

impl<'a> Live<'a> {
    /// # Errors
    /// If the lab does not run, runs as something else than the file says, or the two ends cannot be pinged.
    pub(super) fn find(file: &'a str, text: &str, lab: &Lab, question: &Question) -> Result<Self, Failure> {
        let folder = LabFolder::of(&lab.name);
        if !folder.client().is_alive() {
            return Err(FindError::NotRunning(lab.name.clone()).into());
        }
        let address = question.converse().addresses.map(|(_, to)| to);
        let address = address.filter(IpAddr::is_ipv4);
        let address = address.ok_or_else(|| {
            Failure::new("a live fix is verified by an IPv4 ping, and they have no IPv4 network in common")
        })?;
        let [from, to] = question.ends().map(|end| end.owner.clone());
        let live = Self { folder, file, from, to, address };
        let moved = live.send(text, true)?;
        if moved.changes.is_empty() {
            return Ok(live);
        }
        let message = format!("the running lab `{}` is not what {file} says", lab.name);
        Err(Failure::with_hint(
            message,
            format!("`nsw lab up {file}` makes it so; `--dry-run` shows the difference"),
        ))
    }

    /// Makes the lab what `after` says, by way of `between`, and pings; takes it back to `before` unless the ping is answered. Returns what the
    /// ping said, and whether the fix stays.
    pub(super) fn try_out(
        &self,
        words: &Catalogue,
        before: &str,
        [between, after]: [&str; 2],
    ) -> Result<(String, bool), Failure> {
        if between != after {
            self.send(between, false)?;
        }
        self.send(after, false)?;
        let pinged = self.ping();
        let works = pinged.as_ref().is_ok_and(|report| report.received > 0);
        if !works {
            self.send(before, false)?;
        }
        pinged.map(|report| (format!("{} -> {}: {}", self.from, self.to, describe(words, &report)), works))
    }

    fn ping(&self) -> Result<PingReport, Failure> {
        ping(
            &self.folder,
            &self.from,
            &self.address.to_string(),
            COUNT,
            Begin::Cold { timeout_ms: TIMEOUT_MS },
        )
    }

    fn send(&self, text: &str, dry_run: bool) -> Result<Changes, Failure> {
        let file = LabFile { name: self.file.to_owned(), text: text.to_owned(), dry_run };
        Ok(self.folder.client().send(Method::PUT, "/v1/lab", &file)?)
    }
}
