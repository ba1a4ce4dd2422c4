//! Every lab file of this repository, live: the first fix of every pair that does not talk works on real frames, and no
//! proper part of it does.
//!
//! The lab files are the examples, the public threads and the topologies of the acceptance scenarios. **Pairs are asked by
//! class.** Two pairs of a lab are of one class if the same frames of theirs die, at the same ports and for the same
//! reasons, and the same changes are proposed first; one of them is pinged for all. That the changes work for every pair
//! of every class, and that no proper part of them does, is tried in the simulator (`every_silent_pair_of_every_*` of
//! `nsw-lab`).
//!
//! Parts: all of them where the fix has up to three changes, nothing at all among them; of longer ones nothing, and
//! each that leaves out one. A part that is no lab (a connection to a port group that is not added) is left out and counted.
//!
//! A pair for which nothing is proposed must be silent live, too. Not asked are adapters beside which the same kernel has
//! another one in the same network ([`answers_itself`]), and pairs whose verdict depends on what no lab file says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::fix::{self, Fix};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::{Cause, Question, Verdict};
use nsw_lab::sim::{EndpointId, LegKind, World};
use nsw_lab::spec;
use nsw_lab::topology;

use crate::fixture::{Lab, Nsw, a_few_at_a_time};
use crate::or_skip;

/// Folders of lab files, and how the names of their labs begin. Short, for the path of a socket has 107 bytes at most.
const FOLDERS: [(&str, &str); 3] =
    [("examples", "e"), ("examples/threads", "t"), ("crates/nsw-lab/tests/data/topologies", "s")];
/// Of a fix with more changes, not every part is tried.
const FEW: usize = 3;

#[test]
fn the_first_fix_of_every_silent_pair_works_live_and_no_part_of_it_does() {
    let nsw = or_skip!(Nsw::as_anybody());
    let mut ran: Vec<Played> = a_few_at_a_time(lab_files(), |(letter, path)| {
        let case = Case::read(letter, &path);
        case.map(|case| case.play(&nsw))
    })
    .into_iter()
    .flatten()
    .collect();
    ran.sort_by(|a, b| a.name.cmp(&b.name));
    let lines: Vec<String> = ran.iter().map(Played::line).collect();
    let differences: String = ran.iter().map(|played| played.differences.as_str()).collect();
    eprintln!("{}", lines.join("\n"));
    assert!(differences.is_empty(), "{differences}");
    expect_test::expect![[r#"
        e-cloned-host: 6 pairs in 6 classes, 1 parts tried
        e-nested: 20 pairs in 8 classes, 2 parts tried
        e-vlan-trunk: 24 pairs in 24 classes, 0 parts tried, 24 classes without a fix
        s-deep: 20 pairs in 12 classes, 25 parts tried, 12 parts that are no lab
        s-t1: 18 pairs in 10 classes, 16 parts tried, 8 parts that are no lab
        s-t2: 18 pairs in 10 classes, 16 parts tried, 8 parts that are no lab
        t-arc-740: 6 pairs in 4 classes, 1 parts tried
        t-changineer-5092: 2 pairs in 2 classes, 1 parts tried
        t-cloudstack-3565: 2 pairs in 2 classes, 1 parts tried
        t-coreemu-569: 2 pairs in 2 classes, 1 parts tried
        t-docker-docs-15855: 4 pairs in 2 classes, 4 parts tried, 3 parts that are no lab
        t-easy-nmos-14: 2 pairs in 2 classes, 1 parts tried
        t-eryph-271: 4 pairs in 2 classes, 1 parts tried
        t-frr-5386: 0 pairs in 0 classes, 0 parts tried, 4 more pairs cannot be asked live
        t-gluon-496: 2 pairs in 2 classes, 1 parts tried
        t-gns3-1869: 1 pairs in 1 classes, 1 parts tried
        t-harvester-1557: 1 pairs in 1 classes, 1 parts tried
        t-harvester-2193: 0 pairs in 0 classes, 0 parts tried, 2 more pairs cannot be asked live
        t-harvester-4608: 2 pairs in 2 classes, 1 parts tried
        t-harvester-591: 2 pairs in 2 classes, 6 parts tried
        t-kaizawa2-windows-bridge: 2 pairs in 2 classes, 10 parts tried, 4 parts that are no lab
        t-kube-ovn-4181: 2 pairs in 2 classes, 1 parts tried
        t-lxd-2248: 2 pairs in 2 classes, 1 parts tried
        t-nested-esxi-vcloud-air: 2 pairs in 2 classes, 1 parts tried
        t-nlb-unicast: 4 pairs in 3 classes, 1 parts tried
        t-nsx-edge-bridge: 4 pairs in 4 classes, 2 parts tried
        t-opennebula-3079: 2 pairs in 2 classes, 1 parts tried
        t-opennebula-684: 8 pairs in 8 classes, 8 parts tried, 6 parts that are no lab
        t-openstack-installer-821: 4 pairs in 4 classes, 1 parts tried
        t-ovs-issues-275: 2 pairs in 2 classes, 1 parts tried
        t-pfsense-carp: 0 pairs in 0 classes, 0 parts tried, 6 more pairs cannot be asked live
        t-rickmur-three-levels: 4 pairs in 4 classes, 1 parts tried
        t-smartos-live-716: 0 pairs in 0 classes, 0 parts tried, 4 more pairs cannot be asked live
        t-stormshift-automation-85: 4 pairs in 2 classes, 4 parts tried, 3 parts that are no lab
        t-suse-doc-cloud-468: 2 pairs in 2 classes, 1 parts tried
        t-terraform-provider-vsphere-543: 8 pairs in 8 classes, 1 parts tried
        t-vic-4759: 4 pairs in 4 classes, 1 parts tried
        t-virtualization-documentation-678: 2 pairs in 2 classes, 1 parts tried
        t-virtuallyghetto-why: 6 pairs in 4 classes, 1 parts tried
        t-vsphere-8-lab-6: 8 pairs in 8 classes, 2 parts tried"#]]
    .assert_eq(&lines.join("\n"));
}

/// A lab in which somebody does not talk.
struct Case {
    name: String,
    text: String,
    lab: topology::Lab,
    classes: Vec<Class>,
    /// Pairs that cannot be pinged in a live lab, see [`answers_itself`].
    not_live: usize,
}

/// Pairs of which the same frames die in the same places, and that the same changes cure.
struct Class {
    deaths: Vec<(LegKind, Cause)>,
    fix: Option<Fix>,
    pairs: usize,
    /// The first of them: who pings, whom, at which address.
    from: String,
    to: String,
    address: String,
}

/// What came of it.
struct Played {
    name: String,
    pairs: usize,
    classes: usize,
    not_live: usize,
    without_fix: usize,
    parts: usize,
    no_lab: usize,
    differences: String,
}

impl Case {
    /// `None` if everybody talks who could.
    fn read(letter: &str, path: &Path) -> Option<Self> {
        let stem = path.file_stem().unwrap().to_string_lossy();
        let name = format!("{letter}-{stem}");
        let text = named(&std::fs::read_to_string(path).unwrap(), &name);
        let lab = spec::parse("lab.yaml", &text).unwrap().lab;
        let (classes, not_live) = classes(&lab);
        (!classes.is_empty() || not_live > 0).then_some(Self { name, text, lab, classes, not_live })
    }

    fn play(self, nsw: &Nsw) -> Played {
        let mut played = Played {
            name: self.name.clone(),
            pairs: self.classes.iter().map(|class| class.pairs).sum(),
            classes: self.classes.len(),
            not_live: self.not_live,
            without_fix: self.classes.iter().filter(|class| class.fix.is_none()).count(),
            parts: 0,
            no_lab: 0,
            differences: String::new(),
        };
        if self.classes.is_empty() {
            return played;
        }
        let lab = nsw.up(&self.text);
        for class in &self.classes {
            self.compare(&mut played, &lab, class, &[], false);
        }
        for fix in self.fixes() {
            for part in parts(fix.changes.len()) {
                let chosen = (0..).zip(&fix.changes).filter(|(bit, _)| part >> bit & 1 == 1);
                let changes: Vec<Change> = chosen.map(|(_, change)| change.clone()).collect();
                let Ok(edited) = edit::apply(&self.text, &self.lab, &changes) else {
                    played.no_lab += 1;
                    continue;
                };
                played.parts += usize::from(changes.len() < fix.changes.len());
                if let Some(between) = self.between(&edited, &changes) {
                    lab.up_again(&between, &[]).expect(0);
                }
                lab.up_again(&edited, &[]).expect(0);
                let cured = |class: &&Class| class.fix.as_ref().is_some_and(|of| of.changes == fix.changes);
                for class in self.classes.iter().filter(cured) {
                    self.compare(&mut played, &lab, class, &changes, changes.len() == fix.changes.len());
                }
            }
        }
        played
    }

    /// What the lab goes through on its way to the edited one, see [`Change::before`].
    fn between(&self, edited: &str, changes: &[Change]) -> Option<String> {
        let after = Change::apply_all(changes, &self.lab).unwrap();
        let before = Change::before(changes, &after);
        (!before.is_empty()).then(|| edit::apply(edited, &after, &before).unwrap())
    }

    /// Each once.
    fn fixes(&self) -> Vec<&Fix> {
        let mut fixes: Vec<&Fix> = Vec::new();
        for fix in self.classes.iter().filter_map(|class| class.fix.as_ref()) {
            if !fixes.iter().any(|known| known.changes == fix.changes) {
                fixes.push(fix);
            }
        }
        fixes
    }

    fn compare(&self, played: &mut Played, lab: &Lab<'_>, class: &Class, changes: &[Change], expected: bool) {
        if lab.reaches(&class.from, &class.address, expected) != expected {
            let Class { from, to, .. } = class;
            let _ = writeln!(
                played.differences,
                "{}: {from} -> {to} should {}talk with {changes:?}",
                self.name,
                if expected { "" } else { "not " }
            );
        }
    }
}

impl Played {
    fn line(&self) -> String {
        let Self { name, pairs, classes, not_live, without_fix, parts, no_lab, .. } = self;
        let mut line = format!("{name}: {pairs} pairs in {classes} classes, {parts} parts tried");
        if *no_lab > 0 {
            let _ = write!(line, ", {no_lab} parts that are no lab");
        }
        if *without_fix > 0 {
            let _ = write!(line, ", {without_fix} classes without a fix");
        }
        if *not_live > 0 {
            let _ = write!(line, ", {not_live} more pairs cannot be asked live");
        }
        line
    }
}

/// The pairs that do not talk, whatever is not known; and how many more a live lab cannot ask about.
fn classes(lab: &topology::Lab) -> (Vec<Class>, usize) {
    let world = World::new(lab).unwrap();
    let (mut classes, mut not_live): (Vec<Class>, usize) = (Vec::new(), 0);
    for from in world.endpoint_ids() {
        for to in world.endpoint_ids() {
            let [a, b] = [from, to].map(|id| world.endpoint(id));
            let question = Question::new(lab, &world, &a.name, &b.name).unwrap();
            let diagnosis = question.answer();
            if diagnosis.verdict != Verdict::Unreachable {
                continue;
            }
            if !answers_itself(&world, from) || !answers_itself(&world, to) {
                not_live += 1;
                continue;
            }
            let deaths: Vec<_> =
                diagnosis.faults.iter().map(|fault| (fault.kind, fault.at.clone())).collect();
            let fix = fix::fixes(&question, Platform::Nestswitch).fixes.into_iter().next();
            let known = classes.iter_mut().find(|class| {
                let changes = |fix: &Option<Fix>| fix.as_ref().map(|fix| fix.changes.clone());
                class.deaths == deaths && changes(&class.fix) == changes(&fix)
            });
            match known {
                Some(class) => class.pairs += 1,
                None => classes.push(Class {
                    deaths,
                    fix,
                    pairs: 1,
                    from: a.owner.clone(),
                    to: b.name.clone(),
                    address: diagnosis.conversation.addresses.unwrap().1.to_string(),
                }),
            }
        }
    }
    (classes, not_live)
}

/// Is it the adapter by which a guest's kernel speaks in this network? Of several in one network that is the first: it
/// answers for the addresses of the others too, as ESXi does with VMkernel adapters.
fn answers_itself(world: &World, id: EndpointId) -> bool {
    let owner = &world.endpoint(id).owner;
    let earlier = world.endpoint_ids().take_while(|other| *other != id);
    let mut siblings = earlier.filter(|other| world.endpoint(*other).owner == *owner);
    !siblings.any(|other| world.converse(other, id).addresses.is_some())
}

/// As bits, the whole last. See the head of this file.
fn parts(changes: usize) -> Vec<u32> {
    let whole = (1 << changes) - 1;
    if changes <= FEW {
        return (0..=whole).collect();
    }
    let without_one = (0..changes).map(|bit| whole & !(1 << bit));
    [0].into_iter().chain(without_one).chain([whole]).collect()
}

fn lab_files() -> Vec<(&'static str, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = FOLDERS.iter().flat_map(|(folder, letter)| {
        let entries = std::fs::read_dir(root.join(folder)).unwrap();
        entries.map(|entry| (*letter, entry.unwrap().path()))
    });
    let mut files: Vec<_> =
        files.filter(|(_, path)| path.extension().is_some_and(|extension| extension == "yaml")).collect();
    files.sort();
    files
}

fn named(text: &str, name: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("lab: ")).unwrap();
    text.replacen(line, &format!("lab: {name}"), 1)
}
