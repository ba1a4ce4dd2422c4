//! Traffic shaping, and what a standard switch does not have: MAC learning, allow-lists and their like.
//!
//! An allow-list is for what runs *inside* the VMs of its port group. An entry that is the address of an adapter
//! anywhere else lets these VMs pass for it; that is legal, and worth a warning once the whole lab is known.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use nsw_core::{AllowedMac, Beyond, Learning, Mac, MacLearning, Shaping};

use super::Build;
use crate::spec::at::{At, Span, Word, WordOr};
use crate::spec::diagnostics::Draft;
use crate::spec::file::{BeyondFile, LearningFile, ShapingFile};
use crate::spec::locations::Object;
use crate::topology::{Guest, Host, Lab};

/// An exact entry of an allow-list, and where it stands.
pub(super) struct AllowedEntry {
    object: Object,
    owner: String,
    mac: Mac,
    span: Span,
}

impl Build<'_> {
    /// `None` inherits; `Some(None)` shapes nothing.
    pub(super) fn shaping(
        &mut self,
        owner: &str,
        object: &Object,
        file: Option<&At<WordOr<ShapingFile>>>,
    ) -> Option<Option<Shaping>> {
        let At { value, span } = file?;
        self.locations.add_key(object, "shaping", (*span).into());
        match value {
            WordOr::Word(word) => {
                let word = Word { value: word.clone(), span: *span };
                self.reader(owner).off("shaping", &word).map(|()| None)
            }
            WordOr::Keys(file) => self.shaping_values(owner, file, *span).map(Some),
        }
    }

    fn shaping_values(&mut self, owner: &str, file: &ShapingFile, span: Span) -> Option<Shaping> {
        let mut amount = |key: &str, word: &Option<Word>| {
            if word.is_none() {
                let draft = Draft::new(span, format!("shaping of {owner} lacks `{key}`"));
                self.problems.error(draft.help("shaping has `average-bps`, `peak-bps` and `burst-bytes`"));
            }
            self.reader(owner).number(key, word.as_ref(), Shaping::AMOUNT)
        };
        let average_bps = amount("average-bps", &file.average_bps);
        let peak_bps = amount("peak-bps", &file.peak_bps);
        let burst_bytes = amount("burst-bytes", &file.burst_bytes);
        let shaping = Shaping { average_bps: average_bps?, peak_bps: peak_bps?, burst_bytes: burst_bytes? };
        if shaping.average_bps > shaping.peak_bps {
            let at = file.peak_bps.as_ref().map_or(span, |word| word.span);
            let message = format!(
                "shaping of {owner} has a peak of {} bits a second, less than its average of {}",
                shaping.peak_bps, shaping.average_bps
            );
            self.problems.error(Draft::new(at, message).help("the peak is at least the average"));
        }
        Some(shaping)
    }

    pub(super) fn beyond(&mut self, owner: &str, object: &Object, file: &BeyondFile) -> Beyond {
        self.locate(object, "beyond.sink", file.sink.as_ref());
        self.locate(object, "beyond.learning-filter", file.learning_filter.as_ref());
        self.locate(object, "beyond.forged-source-guard", file.forged_source_guard.as_ref());
        let mut reader = self.reader(owner);
        Beyond {
            sink: reader.boolean("sink", file.sink.as_ref()),
            learning_filter: reader.boolean("learning-filter", file.learning_filter.as_ref()),
            forged_source_guard: reader.boolean("forged-source-guard", file.forged_source_guard.as_ref()),
            mac_learning: self.mac_learning(owner, object, file.mac_learning.as_ref()),
            allowed_macs: self.allowed_macs(owner, object, file.allowed_macs.as_deref()),
        }
    }

    fn mac_learning(
        &mut self,
        owner: &str,
        object: &Object,
        file: Option<&At<WordOr<LearningFile>>>,
    ) -> Option<MacLearning> {
        let At { value, span } = file?;
        self.locations.add_key(object, "beyond.mac-learning", (*span).into());
        let mut reader = self.reader(owner);
        let file = match value {
            WordOr::Word(word) => {
                let word = Word { value: word.clone(), span: *span };
                return reader.off("mac-learning", &word).map(|()| MacLearning::Off);
            }
            WordOr::Keys(file) => file,
        };
        let unset = Learning::default();
        let mut number = |key: &str, word: &Option<Word>, range: RangeInclusive<u32>, default: u32| {
            reader.number(key, word.as_ref(), range).unwrap_or(default)
        };
        let limit = number("limit", &file.limit, Learning::LIMIT, unset.limit);
        let ageing_s = number("ageing-s", &file.ageing_s, Learning::AGEING_S, unset.ageing_s);
        let flooding = reader.boolean("unicast-flooding", file.unicast_flooding.as_ref());
        Some(MacLearning::On(Learning {
            limit,
            at_limit: reader.at_limit(file.at_limit.as_ref()).unwrap_or(unset.at_limit),
            ageing_s,
            unicast_flooding: flooding.unwrap_or(unset.unicast_flooding),
        }))
    }

    fn allowed_macs(
        &mut self,
        owner: &str,
        object: &Object,
        words: Option<&[Word]>,
    ) -> Option<Vec<AllowedMac>> {
        let words = words?;
        self.locate(object, "beyond.allowed-macs", words.first());
        self.at_most(Beyond::MAX_ALLOWED_MACS, words, |word| word, owner, "allowed MAC addresses");
        let mut allowed: Vec<(AllowedMac, Span)> = Vec::new();
        for word in words.iter().take(Beyond::MAX_ALLOWED_MACS) {
            let Some(entry) = self.reader(owner).allowed_mac(word) else { continue };
            if let Some((_, first)) = allowed.iter().find(|(other, _)| *other == entry) {
                let message = format!("{owner} allows {entry} twice");
                let draft = Draft::new(word.span, message).label("again here").other(*first, "first here");
                self.problems.error(draft);
                continue;
            }
            allowed.push((entry, word.span));
            if let AllowedMac::Exact(mac) = entry {
                let (object, owner) = (object.clone(), owner.to_owned());
                self.allowed.push(AllowedEntry { object, owner, mac, span: word.span });
            }
        }
        Some(allowed.into_iter().map(|(entry, _)| entry).collect())
    }

    /// An entry that is the address of an adapter elsewhere than inside the VMs that it is for.
    pub(super) fn warn_of_allowed_neighbours(&mut self, lab: &Lab) {
        if self.allowed.is_empty() {
            return;
        }
        let holders = Holders::of(lab);
        for entry in &self.allowed {
            let outside = holders.of_mac(entry.mac).find(|holder| !holder.is_inside(lab, &entry.object));
            let Some(holder) = outside else { continue };
            let message =
                format!("{} allows {}, the MAC address of {}", entry.owner, entry.mac, holder.owner);
            let help = "its ports may then send as that adapter, and are given frames that are for it";
            self.problems.warning(Draft::new(entry.span, message).help(help));
        }
    }
}

/// The adapters of a lab, by address.
#[derive(Default)]
struct Holders<'l>(HashMap<Mac, Vec<Holder<'l>>>);

/// An adapter, and the ports through which everything that it sends leaves, outermost first.
struct Holder<'l> {
    owner: String,
    around: Vec<Around<'l>>,
}

/// A host, and the port groups to which one of its VMs is connected.
#[derive(Clone)]
struct Around<'l> {
    host: &'l str,
    port_groups: Vec<&'l str>,
}

impl<'l> Holders<'l> {
    fn of(lab: &'l Lab) -> Self {
        let mut holders = Self::default();
        for station in lab.segments.iter().flat_map(|segment| &segment.stations) {
            holders.add(station.mac, format!("station `{}`", station.name), &[]);
        }
        for host in &lab.hosts {
            for pnic in &host.pnics {
                let owner = format!("physical adapter `{}` of host `{}`", pnic.name, host.name);
                holders.add(pnic.mac, owner, &[]);
            }
            holders.add_host(host, &[]);
        }
        holders
    }

    fn add_host(&mut self, host: &'l Host, around: &[Around<'l>]) {
        for vmk in &host.vmkernels {
            self.add(vmk.mac, format!("VMkernel adapter `{}` of host `{}`", vmk.name, host.name), around);
        }
        for vm in &host.vms {
            for nic in &vm.nics {
                self.add(nic.mac, format!("adapter `{}` of VM `{}`", nic.name, vm.name), around);
            }
            if let Guest::Host(inner) = &vm.guest {
                let port_groups = vm.nics.iter().map(|nic| nic.port_group.as_str()).collect();
                let mut around = around.to_vec();
                around.push(Around { host: &host.name, port_groups });
                self.add_host(inner, &around);
            }
        }
    }

    fn add(&mut self, mac: Mac, owner: String, around: &[Around<'l>]) {
        self.0.entry(mac).or_default().push(Holder { owner, around: around.to_vec() });
    }

    fn of_mac(&self, mac: Mac) -> impl Iterator<Item = &Holder<'l>> {
        self.0.get(&mac).into_iter().flatten()
    }
}

impl Holder<'_> {
    /// Does the adapter run in a VM that is connected where the list of `object` holds?
    fn is_inside(&self, lab: &Lab, object: &Object) -> bool {
        let holds = |around: &Around<'_>, group: &&str| match object {
            Object::PortGroup { host, name } => around.host == host && *group == name,
            Object::VSwitch { host, name } => {
                let on = lab.host(host).and_then(|host| host.vswitch_of(group));
                around.host == host && on.is_some_and(|(_, vswitch)| vswitch.name == *name)
            }
            _ => false,
        };
        self.around.iter().any(|around| around.port_groups.iter().any(|group| holds(around, group)))
    }
}
