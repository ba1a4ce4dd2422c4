//! `nsw fix` on running labs: the first fix of each broken lab works on real frames, and no proper part of it does.

use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::fix::{self, Fix};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::Question;
use nsw_lab::sim::World;
use nsw_lab::spec;

use crate::fixture::{Nsw, example};
use crate::or_skip;

/// A pair of each example in which somebody does not talk, and the address of the second.
const BROKEN: [(&str, &str, &str, &str); 2] =
    [("nested", "web01", "laptop", "192.168.10.50"), ("cloned-host", "web01", "nested-2", "192.168.10.13")];

fn fixes(text: &str, from: &str, to: &str) -> Vec<Fix> {
    let lab = spec::parse("lab.yaml", text).unwrap().lab;
    let world = World::new(&lab).unwrap();
    let question = Question::new(&lab, &world, from, to).unwrap();
    fix::fixes(&question, Platform::Nestswitch).fixes
}

fn with(text: &str, changes: &[Change]) -> Option<String> {
    let lab = spec::parse("lab.yaml", text).unwrap().lab;
    edit::apply(text, &lab, changes).ok()
}

#[test]
fn the_first_fix_works_on_real_frames_and_no_part_of_it_does() {
    let nsw = or_skip!(Nsw::as_anybody());
    for (name, from, to, address) in BROKEN {
        let text = example(&format!("{name}.yaml"), &format!("fix-{name}"));
        let lab = nsw.up(&text);
        lab.check_reaches(from, address, false);
        let fixes = fixes(&text, from, to);
        // Beside the first, the security policy on the port group: it has two parts.
        for fix in fixes
            .iter()
            .enumerate()
            .filter(|(place, fix)| *place == 0 || fix.changes.len() == 2)
            .map(|(_, fix)| fix)
        {
            for part in 0..1u32 << fix.changes.len() {
                let chosen = (0..).zip(&fix.changes).filter(|(bit, _)| part >> bit & 1 == 1);
                let chosen: Vec<Change> = chosen.map(|(_, change)| change.clone()).collect();
                let Some(edited) = with(&text, &chosen) else { continue };
                lab.up_again(&edited, &[]).expect(0);
                lab.check_reaches(from, address, chosen.len() == fix.changes.len());
            }
        }
    }
}

#[test]
fn apply_live_changes_the_lab_and_the_file_and_keeps_comments() {
    let nsw = or_skip!(Nsw::as_anybody());
    let text = example("nested.yaml", "fix-live");
    let lab = nsw.up(&text);
    let file = nsw.write("fix-live.yaml", &text);
    let path = file.to_str().unwrap();
    let ran = nsw.run(["fix", path, "web01", "laptop", "--apply", "1", "--live"]).expect(0);
    assert!(ran.stdout.contains("web01 -> laptop: 3 of 3 replies"), "{}", ran.stdout);
    lab.check_reaches("web01", "192.168.10.50", true);
    let written = std::fs::read_to_string(&file).unwrap();
    assert_eq!(written.lines().count(), text.lines().count());
    assert!(written.contains("# The classic nested lab as it is found"), "{written}");
    // The file says what runs: nothing is left to change.
    lab.up_again(&written, &["--dry-run"]).expect(0);
}

#[test]
fn a_lab_that_moved_is_refused_and_the_file_stays() {
    let nsw = or_skip!(Nsw::as_anybody());
    let text = example("nested.yaml", "fix-moved");
    let _lab = nsw.up(&text);
    let moved = text.replace("app02: { port-group: VM Network", "app02: { port-group: Nested");
    let file = nsw.write("fix-moved.yaml", &moved);
    let ran = nsw.run(["fix", file.to_str().unwrap(), "web01", "laptop", "--apply", "1", "--live"]).expect(2);
    assert!(ran.stderr.contains("is not what"), "{}", ran.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), moved);
}
