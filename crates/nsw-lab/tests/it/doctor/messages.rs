//! The catalogues: every key is there, none is left over, and each sentence is told what it needs and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use nsw_core::{PolicyValue, Reason, Setting};
use nsw_lab::doctor::audit::rule::{EXCEPTION_EXPIRED, EXCEPTION_UNNEEDED, RULES, Rule};
use nsw_lab::doctor::symptom::Symptom;
use nsw_lab::messages::{Catalogue, Language, Message};
use nsw_lab::sim::{DeathCause, LegKind};

/// The keys of a catalogue, each with the arguments that its sentence uses.
fn keys(catalogue: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys = BTreeMap::new();
    let mut key = String::new();
    for line in catalogue.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key = name.to_owned();
            keys.insert(key.clone(), BTreeSet::new());
        }
        let used = line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            rest[..end].to_owned()
        });
        keys.entry(key.clone()).or_default().extend(used);
    }
    keys.remove("");
    keys
}

#[test]
fn every_catalogue_has_every_key_and_no_other() {
    let wanted: BTreeMap<String, BTreeSet<String>> = Message::ALL
        .iter()
        .map(|(_, key, arguments)| ((*key).to_owned(), arguments.iter().map(|a| (*a).to_owned()).collect()))
        .collect();
    for language in Language::ALL {
        assert_eq!(keys(&language.catalogues().join("\n")), wanted, "{language}");
    }
}

#[test]
fn every_message_is_said_somewhere() {
    let crates = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for name in ["nsw-lab", "nestswitch"] {
        read_sources(&crates.join(name).join("src"), &mut text);
    }
    let unused: Vec<&str> = Message::ALL
        .iter()
        .map(|(name, ..)| *name)
        .filter(|name| !text.contains(&format!("Message::{name} {{")))
        .collect();
    assert_eq!(unused, [""; 0]);
}

fn read_sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, text);
        } else {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// The words that sentences are told, by the name that the lists give them.
fn words(catalogue: &Catalogue) -> Vec<String> {
    const SETTINGS: [Setting; 13] = [
        Setting::PromiscuousMode,
        Setting::MacAddressChanges,
        Setting::ForgedTransmits,
        Setting::VlanId,
        Setting::NicOrder,
        Setting::Mtu,
        Setting::BlockGuestBpdu,
        Setting::ReversePathCheck,
        Setting::ReverseFilter,
        Setting::ConsumeLinkLocal,
        Setting::TrafficShaping,
        Setting::MacLearning,
        Setting::ForgedSourceGuard,
    ];
    const FRAMES: [LegKind; 6] = [
        LegKind::ArpRequest,
        LegKind::ArpReply,
        LegKind::NeighbourSolicitation,
        LegKind::NeighbourAdvertisement,
        LegKind::EchoRequest,
        LegKind::EchoReply,
    ];
    // Frames that only a live lab tells of.
    const LIVE: [&str; 6] = [
        "no whole Ethernet header",
        "ARP, not for IPv4",
        "no known protocol",
        "IPv6 neighbour solicitation",
        "IPv6 neighbour advertisement",
        "IPv6 router solicitation",
    ];
    const VALUES: [&str; 6] = ["Accept", "Reject", "on", "off", "no usable uplink", "at the limit, drop"];
    // Settings that only the audit speaks of.
    const AUDITED: [&str; 5] =
        ["sink", "an allowed MAC", "MAC learning's limit", "MAC address", "Net.ReversePathFwdCheckPromisc"];
    let settings = SETTINGS.into_iter().map(|setting| catalogue.setting(setting));
    let frames = FRAMES.into_iter().map(|kind| catalogue.frame(kind));
    let frames = frames.chain(LIVE.into_iter().map(|name| catalogue.frame_called(name)));
    let values = VALUES.into_iter().map(|word| catalogue.value(PolicyValue::Word(word)));
    let reasons = Reason::ALL.iter().copied().map(DeathCause::Reason);
    let causes = reasons.chain(DeathCause::BESIDE_THE_SWITCH).map(|cause| catalogue.summary(cause));
    let audited = AUDITED.into_iter().map(|name| catalogue.setting_called(name));
    let symptoms = Symptom::ALL.into_iter().map(|symptom| catalogue.symptom(symptom));
    let titles = rules().map(|rule| catalogue.rule_title(rule));
    settings.chain(audited).chain(symptoms).chain(titles).chain(frames).chain(values).chain(causes).collect()
}

// Names that vSphere does not translate either.
const THE_SAME: [&str; 5] =
    ["VLAN ID", "MTU", "Net.BlockGuestBPDU", "Net.ReversePathFwdCheck", "Net.ReversePathFwdCheckPromisc"];

fn rules() -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().chain([&EXCEPTION_EXPIRED, &EXCEPTION_UNNEEDED])
}

#[test]
fn every_rule_is_explained_in_every_language() {
    for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
        let catalogue = Catalogue::new(language);
        for rule in rules() {
            assert_ne!(catalogue.rule_rationale(rule), rule.rationale, "{language}");
            assert_ne!(catalogue.rule_remedy(rule), rule.remedy, "{language}");
        }
    }
}

#[test]
fn every_word_is_in_every_list_and_no_other() {
    let english = words(&Catalogue::new(Language::En));
    for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
        let words = words(&Catalogue::new(language));
        let untranslated: Vec<&String> = words
            .iter()
            .zip(&english)
            .filter(|(word, english)| word == english && !THE_SAME.contains(&english.as_str()))
            .map(|(word, _)| word)
            .collect();
        assert_eq!(untranslated, [""; 0], "{language}");
        assert_eq!(
            keys(&language.words().join("\n")).len(),
            words.len(),
            "{language} has words that nobody says"
        );
    }
}

#[test]
fn a_locale_names_its_language() {
    let of = |locale| Language::of_locale(locale);
    assert_eq!(of("ja_JP.UTF-8"), Some(Language::Ja));
    assert_eq!(of("ja"), Some(Language::Ja));
    assert_eq!(of("en_GB.UTF-8"), Some(Language::En));
    assert_eq!([of("C.UTF-8"), of("jam_JM"), of("de_DE"), of("")], [None; 4]);
}
