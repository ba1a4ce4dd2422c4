//! Beacons: frames by which the uplinks of a team find out whether the physical network still connects them.
//!
//! Every second each probed uplink sends a broadcast in each probed VLAN. A path, an uplink in a VLAN, works while its
//! beacons are heard on another uplink of the switch and it hears those of another; after three rounds in a row without
//! one or the other it is silent. Two paths of which one is broken are both silent: nobody can tell which.
//!
//! The format of ESXi's beacon is not public. Ours: destination broadcast, source the uplink's MAC, the VLAN's tag, the
//! EtherType [`ethertype::BEACON`] (from recollection), then `nsw`, the version 1, and the number of the sending port;
//! zeros to the minimum length of a frame.
//!
//! **Invariant:** a path is judged only by rounds in which another uplink was there to hear it.
//! Reference: `docs/semantics.md`, rules T-9 and T-10.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::{Silent, Team};
use crate::addr::{Mac, VlanId};
use crate::frame::{Frame, MIN_FRAME_LEN, TAG_LEN, Tag, ethertype};
use crate::port::{ConnectedPort, PortId};
use crate::switch::Switch;

/// Time from one round of beacons to the next, in nanoseconds.
pub const BEACON_INTERVAL_NS: u64 = 1_000_000_000;
/// Rounds in a row that a path may miss before it is silent.
pub const BEACON_THRESHOLD: u8 = 3;
/// VLANs that one switch probes; port groups in others go by links alone.
pub const MAX_BEACON_VLANS: usize = 100;

/// A beacon that was heard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Beacon {
    /// The VLAN it was sent in.
    pub vlan: VlanId,
    /// The uplink that sent it.
    pub sender: PortId,
}

impl Beacon {
    /// What the payload begins with; the number of the sending port follows.
    pub const MARK: [u8; 4] = *b"nsw\x01";

    /// Reads a beacon of this program's; `None` if the frame is none.
    pub fn read(frame: &Frame<'_>) -> Option<Self> {
        let (mark, rest) = frame.payload().split_at_checked(Self::MARK.len())?;
        let number = u32::from_be_bytes(*rest.first_chunk()?);
        let vlan = VlanId::new(frame.tag().map_or(0, Tag::vid))?;
        let ours = frame.ethertype() == ethertype::BEACON && mark == Self::MARK;
        ours.then_some(Self { vlan, sender: PortId::from_number(number) })
    }

    /// The frame that `mac` sends.
    pub fn frame(self, mac: Mac) -> Vec<u8> {
        let mut frame = header(Mac::BROADCAST, mac, self.vlan, ethertype::BEACON);
        frame.extend(Self::MARK);
        frame.extend(self.sender.number().to_be_bytes());
        padded(frame)
    }
}

/// An Ethernet header, with a tag unless the VLAN is 0.
pub(super) fn header(dst: Mac, src: Mac, vlan: VlanId, ethertype: u16) -> Vec<u8> {
    let mut frame = Vec::with_capacity(MIN_FRAME_LEN + TAG_LEN);
    frame.extend(dst.octets());
    frame.extend(src.octets());
    if vlan != VlanId::UNTAGGED {
        frame.extend(ethertype::VLAN.to_be_bytes());
        frame.extend(Tag::new(vlan.get(), 0).tci().to_be_bytes());
    }
    frame.extend(ethertype.to_be_bytes());
    frame
}

/// The frame, with zeros to the minimum length.
pub(super) fn padded(mut frame: Vec<u8>) -> Vec<u8> {
    frame.resize(frame.len().max(MIN_FRAME_LEN), 0);
    frame
}

/// What is known of the probed paths.
#[derive(Clone, Debug, Default)]
pub(super) struct Probes {
    paths: BTreeMap<(VlanId, PortId), Path>,
    next_round_ns: Option<u64>,
    /// The last round was judged, and the next is not sent yet.
    judged: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Path {
    /// The last round was sent with another uplink there to hear it.
    probed: bool,
    hears: Ear,
    is_heard: Ear,
}

/// One direction of a path.
#[derive(Clone, Copy, Debug, Default)]
struct Ear {
    this_round: bool,
    missed: u8,
}

impl Ear {
    fn end_round(&mut self) {
        self.missed = if self.this_round { 0 } else { self.missed.saturating_add(1) };
        self.this_round = false;
    }
}

impl Probes {
    /// Takes up the paths that are to be probed now, and forgets the others.
    pub(super) fn follow(&mut self, switch: &Switch, now_ns: u64) {
        let wanted = probed_paths(switch);
        self.paths.retain(|path, _| wanted.binary_search(path).is_ok());
        for path in wanted {
            self.paths.entry(path).or_default();
        }
        self.next_round_ns = match self.next_round_ns {
            _ if self.paths.is_empty() => None,
            None => Some(now_ns),
            due => due,
        };
    }

    pub(super) fn heard(&mut self, on: PortId, beacon: Beacon) {
        let Beacon { vlan, sender } = beacon;
        // An uplink that hears itself has a loop behind it, which says nothing about another path.
        if sender == on || !self.paths.contains_key(&(vlan, sender)) {
            return;
        }
        let Some(ear) = self.paths.get_mut(&(vlan, on)) else { return };
        ear.hears.this_round = true;
        if let Some(mouth) = self.paths.get_mut(&(vlan, sender)) {
            mouth.is_heard.this_round = true;
        }
    }

    pub(super) fn next_round_ns(&self) -> Option<u64> {
        self.next_round_ns
    }

    pub(super) fn probes(&self, path: &(VlanId, PortId)) -> bool {
        self.paths.contains_key(path)
    }

    /// Judges the round whose time is over, if one is. Returns the silent paths then.
    pub(super) fn end_round(&mut self, now_ns: u64) -> Option<Silent> {
        self.next_round_ns.filter(|due| *due <= now_ns && !self.judged)?;
        self.judged = true;
        for path in self.paths.values_mut() {
            if path.probed {
                path.hears.end_round();
                path.is_heard.end_round();
            } else {
                *path = Path::default();
            }
        }
        let silent = |path: &Path| path.hears.missed.max(path.is_heard.missed) >= BEACON_THRESHOLD;
        Some(self.paths.iter().filter(|(_, path)| silent(path)).map(|(path, _)| *path).collect())
    }

    /// Sends the round that is due.
    pub(super) fn send_round(&mut self, switch: &Switch, now_ns: u64, send: &mut dyn FnMut(PortId, &[u8])) {
        let Some(due) = self.next_round_ns.filter(|due| *due <= now_ns) else { return };
        self.judged = false;
        let company = self.company();
        // Rounds that nobody was there to send are not made up for.
        self.next_round_ns = Some((due + BEACON_INTERVAL_NS).max(now_ns + 1));
        for ((vlan, uplink), path) in &mut self.paths {
            let Some(port) = switch.port(*uplink) else { continue };
            path.probed = company.get(vlan).is_some_and(|uplinks| *uplinks > 1);
            send(*uplink, &Beacon { vlan: *vlan, sender: *uplink }.frame(port.adapter.mac));
        }
    }

    /// How many uplinks are probed in each VLAN.
    fn company(&self) -> BTreeMap<VlanId, usize> {
        let mut company = BTreeMap::new();
        for (vlan, _) in self.paths.keys() {
            *company.entry(*vlan).or_default() += 1;
        }
        company
    }
}

/// The members with a link of every team that is probed, in its VLAN; sorted.
fn probed_paths(switch: &Switch) -> Vec<(VlanId, PortId)> {
    let config = switch.config();
    let uplinks = switch.uplinks();
    let mut paths = Vec::new();
    for group in &config.port_groups {
        let team = Team::of(config, group);
        let Some(vlan) = team.probed_vlan() else { continue };
        paths.extend(team.linked(&uplinks).into_iter().map(|port: &ConnectedPort| (vlan, port.id)));
    }
    paths.sort_unstable();
    paths.dedup();
    let mut vlans: Vec<VlanId> = paths.iter().map(|(vlan, _)| *vlan).collect();
    vlans.dedup();
    if let Some(first_beyond) = vlans.get(MAX_BEACON_VLANS) {
        paths.retain(|(vlan, _)| vlan < first_beyond);
    }
    paths
}
