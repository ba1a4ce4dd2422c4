//! Every fix that is proposed works, breaks nothing, has no part too many, and can be written into the file.

use nsw_lab::doctor::change::Change;
use nsw_lab::doctor::edit;
use nsw_lab::doctor::fix::{self, Fix, Fixes};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::why::Question;
use nsw_lab::sim::{EndpointId, Verdict, World};
use nsw_lab::spec;
use nsw_lab::topology::Lab;

use crate::examples::examples;

/// The ordered pairs that could talk and do not.
fn silent_pairs(world: &World) -> Vec<(EndpointId, EndpointId)> {
    let pairs = world.endpoint_ids().flat_map(|from| world.endpoint_ids().map(move |to| (from, to)));
    let is_silent = |(from, to): &(EndpointId, EndpointId)| {
        matches!(world.converse(*from, *to).verdict, Verdict::OneWay | Verdict::Unreachable)
    };
    pairs.filter(is_silent).collect()
}

fn talking_pairs(world: &World) -> Vec<(EndpointId, EndpointId)> {
    let pairs = world.endpoint_ids().flat_map(|from| world.endpoint_ids().map(move |to| (from, to)));
    pairs.filter(|(from, to)| world.converse(*from, *to).verdict == Verdict::Reachable).collect()
}

fn talks(lab: &Lab, from: &str, to: &str) -> bool {
    let world = World::new(lab).unwrap();
    world.converse(world.find(from).unwrap(), world.find(to).unwrap()).verdict == Verdict::Reachable
}

/// On the whole lab, not on the excerpt that the doctor looks at.
fn check_fix(what: &str, lab: &Lab, world: &World, [from, to]: [&str; 2], fix: &Fix) {
    let changed = Change::apply_all(&fix.changes, lab).unwrap();
    assert!(talks(&changed, from, to), "{what}: {fix:?} does not work");
    let after = World::new(&changed).unwrap();
    for (a, b) in talking_pairs(world) {
        let verdict = after.converse(a, b).verdict;
        let names = (&world.endpoint(a).name, &world.endpoint(b).name);
        assert_eq!(verdict, Verdict::Reachable, "{what}: {fix:?} stops {names:?}");
    }
    for part in 0..(1u32 << fix.changes.len()) - 1 {
        let chosen = (0..).zip(&fix.changes).filter(|(bit, _)| part >> bit & 1 == 1);
        let chosen: Vec<Change> = chosen.map(|(_, change)| change.clone()).collect();
        let works = Change::apply_all(&chosen, lab).is_ok_and(|lab| talks(&lab, from, to));
        assert!(!works, "{what}: of {fix:?} this part is enough: {chosen:?}");
    }
}

/// Every silent pair: how many of them have a fix, and how many have none.
fn check_all(name: &str, text: &str) -> (usize, usize) {
    let lab = spec::parse(name, text).unwrap().lab;
    let world = World::new(&lab).unwrap();
    let (mut fixed, mut not) = (0, 0);
    for (from, to) in silent_pairs(&world) {
        let [from, to] = [from, to].map(|id| world.endpoint(id).name.as_str());
        let question = Question::new(&lab, &world, from, to).unwrap();
        let Fixes { fixes, .. } = fix::fixes(&question, Platform::Nestswitch);
        let what = format!("{name}, {from} -> {to}");
        for fix in &fixes {
            check_fix(&what, &lab, &world, [from, to], fix);
            let edited = edit::apply(text, &lab, &fix.changes);
            let edited = edited.unwrap_or_else(|error| panic!("{what}: {fix:?}: {error}"));
            let parsed = spec::parse(name, &edited).unwrap();
            assert_eq!(parsed.lab, Change::apply_all(&fix.changes, &lab).unwrap(), "{what}");
        }
        if fixes.is_empty() { not += 1 } else { fixed += 1 }
    }
    (fixed, not)
}

/// The files of `examples/threads/`.
fn threads() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/threads");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<(String, String)> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_silent_pair_of_every_example_has_a_fix_that_works() {
    let mut found = Vec::new();
    for (name, text) in examples() {
        let (fixed, not) = check_all(&name, &text);
        if (fixed, not) != (0, 0) {
            found.push(format!("{name}: {fixed} pairs have a fix, {not} have none"));
        }
    }
    expect_test::expect![[r#"
        cloned-host.yaml: 6 pairs have a fix, 0 have none
        nested.yaml: 20 pairs have a fix, 0 have none
        vlan-trunk.yaml: 0 pairs have a fix, 24 have none"#]]
    .assert_eq(&found.join("\n"));
}

#[test]
fn every_silent_pair_of_every_thread_has_a_fix_that_works() {
    let mut found = Vec::new();
    for (name, text) in threads() {
        let (fixed, not) = check_all(&name, &text);
        if (fixed, not) != (0, 0) {
            found.push(format!("{name}: {fixed} pairs have a fix, {not} have none"));
        }
    }
    expect_test::expect![[r#"
        arc-740.yaml: 6 pairs have a fix, 0 have none
        changineer-5092.yaml: 2 pairs have a fix, 0 have none
        cloudstack-3565.yaml: 2 pairs have a fix, 0 have none
        coreemu-569.yaml: 2 pairs have a fix, 0 have none
        docker-docs-15855.yaml: 4 pairs have a fix, 0 have none
        easy-nmos-14.yaml: 2 pairs have a fix, 0 have none
        eryph-271.yaml: 4 pairs have a fix, 0 have none
        frr-5386.yaml: 4 pairs have a fix, 0 have none
        gluon-496.yaml: 2 pairs have a fix, 0 have none
        gns3-1869.yaml: 1 pairs have a fix, 0 have none
        harvester-1557.yaml: 1 pairs have a fix, 0 have none
        harvester-2193.yaml: 2 pairs have a fix, 0 have none
        harvester-4608.yaml: 2 pairs have a fix, 0 have none
        harvester-591.yaml: 2 pairs have a fix, 0 have none
        kaizawa2-windows-bridge.yaml: 2 pairs have a fix, 0 have none
        kube-ovn-4181.yaml: 2 pairs have a fix, 0 have none
        lxd-2248.yaml: 2 pairs have a fix, 0 have none
        nested-esxi-vcloud-air.yaml: 2 pairs have a fix, 0 have none
        nlb-unicast.yaml: 4 pairs have a fix, 0 have none
        nsx-edge-bridge.yaml: 4 pairs have a fix, 0 have none
        opennebula-3079.yaml: 2 pairs have a fix, 0 have none
        opennebula-684.yaml: 8 pairs have a fix, 0 have none
        openstack-installer-821.yaml: 4 pairs have a fix, 0 have none
        ovs-issues-275.yaml: 2 pairs have a fix, 0 have none
        pfsense-carp.yaml: 6 pairs have a fix, 0 have none
        rickmur-three-levels.yaml: 4 pairs have a fix, 0 have none
        smartos-live-716.yaml: 4 pairs have a fix, 0 have none
        stormshift-automation-85.yaml: 4 pairs have a fix, 0 have none
        suse-doc-cloud-468.yaml: 2 pairs have a fix, 0 have none
        terraform-provider-vsphere-543.yaml: 8 pairs have a fix, 0 have none
        vic-4759.yaml: 4 pairs have a fix, 0 have none
        virtualization-documentation-678.yaml: 2 pairs have a fix, 0 have none
        virtuallyghetto-why.yaml: 6 pairs have a fix, 0 have none
        vsphere-8-lab-6.yaml: 8 pairs have a fix, 0 have none"#]]
    .assert_eq(&found.join("\n"));
}
