//! The catalogues: every key is there, none is left over, and each sentence is told what it needs and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use nsw_lab::messages::{Language, Message};

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
        assert_eq!(keys(language.catalogue()), wanted, "{language}");
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
