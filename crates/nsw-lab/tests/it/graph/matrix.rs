//! The picture of who reaches whom: that every cell says what the conversations of its pairs say.

use expect_test::{Expect, expect};
use nsw_lab::doctor::reach::{Reachability, Tally};
use nsw_lab::graph::Matrix;
use nsw_lab::graph::matrix::{ENDS_DRAWN, Outcome};
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::sim::{EndpointId, World};
use nsw_lab::topology::Lab;

use super::super::examples::{example, examples};
use super::super::threads::{read, threads};
use super::{CROWDED, lab_of};

pub(super) fn matrix(lab: &Lab, summed_up: bool, language: Language) -> Matrix {
    let world = World::new(lab).unwrap();
    let obstacles = vec!["what is in the way".to_owned(), "20 FORGED_TRANSMIT".to_owned()];
    let below = (summed_up, obstacles);
    Matrix::of(lab, &world, &Reachability::of(&world), below, &Catalogue::new(language))
}

fn labs() -> Vec<(String, Lab)> {
    let mut labs = examples();
    labs.extend(threads().iter().map(|path| (path.display().to_string(), read(path))));
    labs.push(("crowded".to_owned(), CROWDED.to_owned()));
    labs.into_iter().map(|(name, text)| (name, lab_of(&text))).collect()
}

fn ends(world: &World) -> Vec<EndpointId> {
    world.endpoint_ids().filter(|id| !world.endpoint(*id).addresses.is_empty()).collect()
}

/// Rows as words, each sign a letter.
fn check(lab: &str, summed_up: bool, expected: &Expect) {
    let matrix = matrix(&lab_of(&example(lab)), summed_up, Language::En);
    let mut rows = matrix.cells.iter();
    let mut text = format!("{}\n", matrix.title);
    for band in &matrix.bands {
        text += &format!("{} ({})\n", band.name, band.kind);
        for (entry, cells) in band.entries.iter().zip(&mut rows) {
            let signs: Vec<String> = cells.iter().map(|cell| sign(cell.outcome)).collect();
            text += &format!("  {} {} | {}\n", signs.join(" "), entry.name, entry.note);
        }
    }
    for (outcome, said) in &matrix.key {
        text += &format!("{} {said}\n", sign(*outcome));
    }
    expected.assert_eq(&text);
}

fn sign(outcome: Outcome) -> String {
    match outcome {
        Outcome::Reaches => "x".to_owned(),
        Outcome::OneWay => ">".to_owned(),
        Outcome::Apart => "-".to_owned(),
        Outcome::Some(percent) => format!("{percent}%"),
        Outcome::NoNetwork => ".".to_owned(),
        Outcome::Nobody => " ".to_owned(),
    }
}

#[test]
fn hosts_are_boxes_around_their_end_points() {
    check(
        "cloned-host.yaml",
        false,
        &expect![[r#"
        Who reaches whom in lab cloned-host
        office (segment)
            x x x x x x laptop | 192.168.10.50
        physical (host)
          x   x x x x x physical/vmk0 | 192.168.10.11
          x x   x x x x app01/eth0 | 192.168.10.21
        nested-1 (host in a VM)
          x x x   x - - nested-1/vmk0 | 192.168.10.12
          x x x x   > x web01/eth0 | 192.168.10.31
        nested-2 (host in a VM)
          x x x - -   x nested-2/vmk0 | 192.168.10.13
          x x x > x x   web02/eth0 | 192.168.10.32
        x reaches: 36 pairs
        > one way only, the reply is lost: 2 pairs
        - does not reach: 4 pairs
    "#]],
    );
}

#[test]
fn a_summary_has_a_row_for_all_port_groups_of_a_name() {
    check(
        "cloned-host.yaml",
        true,
        &expect![[r#"
        Who reaches whom in lab cloned-host
        segments ()
            x x x x office | 1 end point
        port groups of hosts ()
          x   x x x Management Network | 1 end point on physical
          x x   x x VM Network | 1 end point on physical
        port groups of hosts in VMs ()
          x x x - 50% Management Network | 2 end points on 2 hosts
          x x x 50% x VM Network | 2 end points on 2 hosts
        x reaches: 36 pairs
        > one way only, the reply is lost: 2 pairs
        - does not reach: 4 pairs
        50% some reach and some do not: how many of a hundred pairs with an IP network in common do
    "#]],
    );
}

// The counts of groups against the conversation of each pair, whoever makes the groups.
#[test]
fn groups_count_what_each_of_their_pairs_says() {
    for (name, lab) in labs() {
        let world = World::new(&lab).unwrap();
        let reachability = Reachability::of(&world);
        let ends = ends(&world);
        for groups in [1, 2, 3] {
            let place = |id: EndpointId| ends.iter().position(|end| *end == id).expect("it has an address");
            // The last of every five is in no group.
            let group_of = |id: EndpointId| (place(id) % 5 < 4).then(|| place(id) % groups);
            let mut expected = vec![vec![Tally::default(); groups]; groups];
            for from in &ends {
                for to in ends.iter().filter(|to| *to != from) {
                    if let (Some(a), Some(b)) = (group_of(*from), group_of(*to)) {
                        expected[a][b].add(world.converse(*from, *to).verdict, 1);
                    }
                }
            }
            let counted = reachability.between(groups, ends.iter().copied(), group_of);
            assert_eq!(counted, expected, "{name}, {groups} groups");
        }
    }
}

#[test]
fn every_end_point_with_an_address_has_a_row_of_its_own_or_a_share() {
    for (name, lab) in labs() {
        let count = ends(&World::new(&lab).unwrap()).len();
        for summed_up in [false, true] {
            let matrix = matrix(&lab, summed_up, Language::En);
            let rows: usize = matrix.bands.iter().map(|band| band.entries.len()).sum();
            assert!(matrix.cells.len() == rows && matrix.cells.iter().all(|row| row.len() == rows), "{name}");
            assert!(if summed_up { rows <= count } else { rows == count }, "{name}");
        }
    }
}

#[test]
fn a_large_lab_is_summed_up_and_what_is_small_shares_a_row() {
    let groups: String = (1..=30).map(|n| format!("          group-{n:02}: {{ vlan: {n} }}\n")).collect();
    let vm = |n: u32| {
        let (group, copies) = if n <= 30 { (n, "a") } else { (n - 30, "b") };
        format!(
            "      vm-{group:02}-{copies}: {{ port-group: group-{group:02}, address: 10.0.{group}.{n}/24 }}\n"
        )
    };
    // The first ten port groups have two VMs each.
    let vms: String = (1..=40).map(vm).collect();
    let text = format!(
        "lab: large\nhosts:\n  physical:\n    vswitches:\n      vSwitch0:\n        port-groups:\n{groups}    vms:\n{vms}"
    );
    let lab = lab_of(&text);
    assert!(ends(&World::new(&lab).unwrap()).len() > ENDS_DRAWN);
    let matrix = matrix(&lab, false, Language::En);
    let names: Vec<&str> =
        matrix.bands.iter().flat_map(|band| &band.entries).map(|entry| entry.name.as_str()).collect();
    assert_eq!(names.len(), 24);
    assert_eq!((names[0], names[9], names[23]), ("group-01", "group-10", "7 others"));
    assert_eq!(matrix.cells[0][0].outcome, Outcome::Reaches);
    assert_eq!(matrix.cells[0][1].outcome, Outcome::NoNetwork);
    assert_eq!(matrix.cells[10][10].outcome, Outcome::Nobody);
}
