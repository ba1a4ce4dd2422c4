//! The golden set: public threads about nested networks as labs, each with the cause that the simulator must find and the
//! least fix that the doctor must.
//!
//! What is expected stands in the head of each file in `examples/threads/`, beside the thread's address and its own
//! advice. `UPDATE_EXPECT=1` writes what is found there, and `docs/threads.md` from all heads.

mod fix;
mod head;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use nsw_lab::doctor::platform::Platform;
use nsw_lab::sim::{Conversation, Death, FrameSpec, LegVerdict, Verdict, World};
use nsw_lab::spec;

pub(crate) use fix::words;
use head::{Ask, Head};

/// How many threads the set must have at least.
const AT_LEAST: usize = 25;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/threads")
}

/// Every file of the set, in the order of the names.
pub(crate) fn threads() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the folder is there");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    files.sort();
    files
}

/// Its text.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).expect("it is text")
}

fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

#[test]
fn every_thread_has_the_cause_and_the_least_fix_that_its_head_says() {
    let files = threads();
    assert!(files.len() >= AT_LEAST, "{} threads", files.len());
    for path in files {
        let text = read(&path);
        let head = Head::read(&text);
        let parsed = match spec::parse(&path.to_string_lossy(), &text) {
            Ok(parsed) => parsed,
            Err(errors) => panic!("{:?}", miette::Report::new(errors)),
        };
        assert!(parsed.warnings.is_empty(), "{}: {:?}", path.display(), parsed.warnings);
        let stem = path.file_stem().expect("it has a name").to_string_lossy();
        assert_eq!(parsed.lab.name, stem, "the lab is called as its file");
        let mut found = findings(&World::new(&parsed.lab).unwrap(), &head.ask());
        if let Ask::Ping { from, to } = head.ask() {
            found.extend(fix::findings(&parsed.lab, &from, &to));
        }
        if updates() {
            fs::write(&path, Head::with_findings(&text, &found)).unwrap();
        } else {
            assert_eq!(head.findings(), found, "{}", path.display());
        }
    }
}

// Where the advice is a matter of settings, whether it opened more is no opinion.
#[test]
fn whether_the_advice_opened_more_is_what_the_head_says() {
    let mut measured = 0;
    for path in threads() {
        let text = read(&path);
        let head = Head::read(&text);
        let (Some(advice), Ask::Ping { from, to }) = (head.all("In settings").next(), head.ask()) else {
            continue;
        };
        let lab = spec::parse(&path.to_string_lossy(), &text).unwrap().lab;
        let more = fix::advice_opens_more(&lab, [&from, &to], advice, Platform::Nestswitch);
        let said = head.all("Opened more").next().expect("every head says it");
        assert_eq!(said.starts_with("yes"), more, "{}: {said}", path.display());
        measured += 1;
    }
    assert_eq!(measured, 19);
}

// The advice that is the least a standard switch can do, and more than an allow-list.
#[test]
fn the_least_of_vsphere_opens_more_than_an_allow_list() {
    let lab = spec::parse("why", &read(&folder().join("virtuallyghetto-why.yaml"))).unwrap().lab;
    let opens_more_than = |platform| {
        let advice = "promiscuous, forged-transmits on physical / Nested";
        fix::advice_opens_more(&lab, ["nested-vm", "gateway"], advice, platform)
    };
    assert!(opens_more_than(Platform::Nestswitch));
    assert!(!opens_more_than(Platform::Vss));
}

// What the heads of the two threads say: the reflection is delivered because a promiscuous port is exempt from the filter.
#[test]
fn guests_that_bridge_on_a_team_need_the_reverse_path_check_for_promiscuous_ports() {
    for (name, from, to) in [("gns3-1869", "ipterm1", "target"), ("harvester-1557", "guest", "gateway")] {
        let text = read(&folder().join(format!("{name}.yaml")));
        let uplinks = "uplinks: [vmnic0, vmnic1]";
        let option = format!("{uplinks}\n        options: {{ reverse-path-check-promiscuous: true }}");
        let verdict = |text: &str| {
            let world = World::new(&spec::parse(name, text).unwrap().lab).unwrap();
            world.converse(world.find(from).unwrap(), world.find(to).unwrap()).verdict
        };
        assert_eq!(verdict(&text), Verdict::OneWay, "{name}");
        assert_eq!(verdict(&text.replace(uplinks, &option)), Verdict::Reachable, "{name}");
    }
}

#[test]
fn the_table_in_the_documents_is_made_of_the_heads() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/threads.md");
    let mut table = head::table_head();
    for file in threads() {
        let name = file.file_name().expect("it has a name").to_string_lossy().into_owned();
        table += &Head::read(&read(&file)).row(&name);
    }
    let text = read(&path);
    let made = head::replace_table(&text, &table);
    if updates() {
        fs::write(&path, made).unwrap();
    } else {
        assert_eq!(text, made);
    }
}

#[test]
fn every_thread_is_cited_by_an_address_that_can_be_opened() {
    for path in threads() {
        let text = read(&path);
        let head = Head::read(&text);
        let cited: Vec<&str> = head.all("Thread").collect();
        assert!(!cited.is_empty(), "{}", path.display());
        assert!(cited.iter().all(|address| address.starts_with("http")), "{}: {cited:?}", path.display());
        for key in ["Story", "Advice", "Opened more"] {
            assert!(head.all(key).count() == 1, "{} has no {key}", path.display());
        }
    }
}

/// What the simulator finds, as the lines of a head.
fn findings(world: &World, ask: &Ask) -> Vec<String> {
    match ask {
        Ask::Ping { from, to } => {
            conversation(&world.converse(world.find(from).unwrap(), world.find(to).unwrap()))
        }
        Ask::Frame { at, frame, to } => {
            let (host, port) = at.split_once('/').expect("HOST/PORT");
            let frame: FrameSpec = frame.parse().unwrap();
            let journey = world.at(host, port).unwrap().frame(&frame);
            let target = world.find(to).unwrap();
            assert_eq!(journey.received_by(target).count(), 0, "{to} gets the frame");
            vec![cause(&Death::of(world, &journey, target))]
        }
    }
}

fn conversation(conversation: &Conversation) -> Vec<String> {
    let mut lines = vec![format!("Verdict: {}", conversation.verdict.code())];
    for direction in conversation.directions.iter().flatten() {
        if let Some(fault) = &direction.fault {
            lines.push(cause(&fault.death));
        }
    }
    if conversation.verdict == Verdict::Reachable {
        lines.extend(copies(conversation));
    }
    lines
}

fn cause(death: &Death) -> String {
    let mut line = format!("Cause: {} at {}", death.cause.code(), death.place);
    for refusal in &death.refusals {
        write!(line, "; {} at {}", refusal.reason, refusal.place).unwrap();
    }
    line
}

/// What is wrong with a conversation that succeeds: duplicates, and others who hear it.
fn copies(conversation: &Conversation) -> Vec<String> {
    let most = conversation.legs.iter().map(|leg| match leg.verdict {
        LegVerdict::Arrived { copies } => copies,
        LegVerdict::Died(_) | LegVerdict::NotSent => 0,
    });
    let duplicates = most.max().filter(|copies| *copies > 1).map(|copies| format!("Copies: {copies}"));
    let heard: Vec<String> = conversation.bystanders().into_iter().map(|bystander| bystander.name).collect();
    let heard = (!heard.is_empty()).then(|| format!("Overheard: {}", heard.join(", ")));
    duplicates.into_iter().chain(heard).collect()
}
