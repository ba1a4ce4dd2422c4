//! `bpf/layout.h`: what stands in the maps, said in C.

use std::fmt::Write as _;

use nsw_core::decide::{GUARD_NS, LARGEST_FRAME, MAX_REMEMBERED, SAVED_PER_BYTE, SWEEP_EVERY_NS};
use nsw_core::{Beacon, Cause, Counter, MIN_FRAME_LEN, Mac, Reason, TAG_LEN, ethertype};

use super::{
    ENTRANCES, GROUPS, HEAD, KEPT_REFUSALS, LIST_ENTRIES, NO_REASON, NO_VLAN, NOTES, PATHS, PLACES,
    RING_BYTES, SEATS, SEATS_AN_ENTRY, STATIONS, TRUNK, UPLINKS, WORDS, structures,
};

/// The whole of `bpf/layout.h`.
pub(crate) fn header() -> String {
    let mut text = String::from(
        "/*\n * Made from engine/kernel/layout.rs, which says what this is; do not edit. A test compares the two.\n */\n#pragma once\n\n#include <linux/bpf.h>\n#include <linux/types.h>\n\n",
    );
    let mut define = |name: &str, value: u64, suffix: &str| {
        let _ = writeln!(text, "#define {name} {value}{suffix}");
    };
    let sizes = [
        ("SEATS", SEATS),
        ("GROUPS", GROUPS),
        ("UPLINKS", UPLINKS),
        ("SEATS_AN_ENTRY", SEATS_AN_ENTRY),
        ("STATIONS", STATIONS),
        ("ENTRANCES", ENTRANCES as usize),
        ("LIST_ENTRIES", LIST_ENTRIES),
        ("PATHS", PATHS),
        ("PLACES", PLACES),
        ("TRUNK", usize::from(TRUNK)),
        ("RING_BYTES", RING_BYTES),
        ("HEAD", HEAD),
        ("KEPT_REFUSALS", KEPT_REFUSALS),
        ("NOTES", NOTES),
        ("NO_REASON", usize::from(NO_REASON)),
        ("NO_VLAN", usize::from(NO_VLAN)),
        ("MAX_REMEMBERED", MAX_REMEMBERED),
        ("REASONS", Reason::COUNT),
    ];
    sizes.iter().for_each(|(name, size)| define(name, *size as u64, ""));
    define("GUARD_NS", GUARD_NS, "ULL");
    define("SWEEP_EVERY_NS", SWEEP_EVERY_NS, "ULL");
    define("SAVED_PER_BYTE", SAVED_PER_BYTE, "ULL");
    define("LARGEST_FRAME", LARGEST_FRAME, "ULL");
    define("MIN_FRAME_LEN", MIN_FRAME_LEN as u64, "");
    define("TAG_LEN", TAG_LEN as u64, "");
    define("ETH_BEACON", u64::from(ethertype::BEACON), "");
    define("BEACON_MARK", u64::from(u32::from_be_bytes(Beacon::MARK)), "U");
    let bucket = |bits: u64| u64::from(mac_from(bits).filter_bucket());
    define("BUCKET_OF_ZERO", bucket(0), "");
    for bit in 0..6 {
        let of = |i: u32| (bucket(1 << i) ^ bucket(0)) >> bit & 1;
        define(&format!("BUCKET_MASK_{bit}"), (0..48).map(|i| of(i) << i).sum(), "ULL");
    }
    WORDS.iter().for_each(|(name, value)| define(name, u64::from(*value), ""));
    Reason::ALL.iter().for_each(|reason| define(reason.code(), reason.index() as u64, ""));
    for cause in Cause::ALL {
        let name = format!("CAUSE_{}", cause.name().to_uppercase());
        define(&name, *cause as u64, "");
    }
    define("COUNT_IN", Counter::In.index() as u64, "");
    define("COUNT_OUT", Counter::Out(Cause::Own).index() as u64, "");
    define("COUNT_REFUSED", Counter::Refused(Reason::Malformed).index() as u64, "");
    define("COUNT_DROPPED", Counter::Dropped(Reason::Malformed).index() as u64, "");
    structures(&mut text);
    text
}

/// The address that the program keeps as this number.
fn mac_from(bits: u64) -> Mac {
    let [_, _, octets @ ..] = bits.to_be_bytes();
    Mac::new(octets)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use expect_test::expect_file;

    use super::*;

    #[test]
    fn the_c_header_says_the_same() {
        expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bpf/layout.h")].assert_eq(&header());
    }
}
