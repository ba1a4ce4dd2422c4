//! Nothing overlaps and nothing leaves its box: in every example, alone and with every conversation in it.

use nsw_lab::graph::layout::layout;
use nsw_lab::graph::scene::{Label, Look, Point, Rect, Scene, Shape};
use nsw_lab::graph::{Graph, matrix, metrics};
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::sim::{Conversation, World};
use nsw_lab::topology::Lab;

use super::super::examples::examples;
use super::super::threads::{read, threads};
use super::matrix::matrix;
use super::{CROWDED, graph, lab_of};

/// The picture of a lab alone, then that of each of its conversations, by turns in each language.
fn scenes(lab: &Lab) -> Vec<(String, Scene)> {
    let world = World::new(lab).unwrap();
    let languages = Language::ALL.map(Catalogue::new);
    let mut languages = languages.iter().cycle();
    let mut draw = |talk: Option<&Conversation>| {
        layout(&Graph::of(lab, &world, talk, languages.next().expect("there are some")))
    };
    let mut scenes = vec![("alone".to_owned(), draw(None)), ("alone, again".to_owned(), draw(None))];
    for from in world.endpoint_ids() {
        for to in world.endpoint_ids().filter(|to| *to != from) {
            let talk = world.converse(from, to);
            let name = format!("{} -> {}", talk.from_name, talk.to_name);
            scenes.push((name, draw(Some(&talk))));
        }
    }
    for (language, summed_up) in [(Language::En, false), (Language::Ja, false), (Language::Ja, true)] {
        let name = format!("who reaches whom, {language}, summed up: {summed_up}");
        scenes.push((name, matrix::draw(&matrix(lab, summed_up, language))));
    }
    scenes
}

fn for_every_scene(check: impl Fn(&Scene) -> Option<String>) {
    let mut labs = examples();
    labs.extend(threads().iter().map(|path| (path.display().to_string(), read(path))));
    labs.push(("crowded".to_owned(), CROWDED.to_owned()));
    for (name, text) in labs {
        for (talk, scene) in scenes(&lab_of(&text)) {
            if let Some(fault) = check(&scene) {
                panic!("{name}, {talk}: {fault}");
            }
        }
    }
}

fn parent<'s>(scene: &'s Scene, shape: &Shape) -> Option<&'s Shape> {
    shape.inside.map(|inside| &scene.shapes[inside])
}

#[test]
fn a_box_ends_inside_of_the_one_around_it() {
    for_every_scene(|scene| {
        let leaves =
            |shape: &&Shape| parent(scene, shape).is_some_and(|around| !around.rect.holds(shape.rect));
        scene.shapes.iter().find(leaves).map(|shape| format!("{shape:?} leaves {:?}", parent(scene, shape)))
    });
}

/// An adapter stands on the edge of its own box, and on nothing else.
#[test]
fn boxes_beside_each_other_do_not_overlap() {
    for_every_scene(|scene| {
        for (number, one) in scene.shapes.iter().enumerate() {
            for other in &scene.shapes[number + 1..] {
                let stands_on_it = |adapter: &Shape, owner: &Shape| {
                    adapter.look == Look::Adapter
                        && matches!(owner.look, Look::Client | Look::Host | Look::NestedHost)
                        && owner.rect.x <= adapter.rect.x
                        && adapter.rect.right() <= owner.rect.right()
                        && owner.rect.y == adapter.rect.y + adapter.rect.h / 2
                };
                let siblings = one.inside == other.inside;
                if siblings
                    && one.rect.overlaps(other.rect)
                    && !stands_on_it(one, other)
                    && !stands_on_it(other, one)
                {
                    return Some(format!("{one:?} overlaps {other:?}"));
                }
            }
        }
        None
    });
}

#[test]
fn words_stay_in_their_box() {
    for_every_scene(|scene| {
        let leaves = |label: &&Label| !scene.shapes[label.inside].rect.holds(label.bounds());
        let label = scene.labels.iter().find(leaves);
        label.map(|label| format!("{label:?} leaves {:?}", scene.shapes[label.inside]))
    });
}

#[test]
fn words_do_not_overlap_words_settings_or_boxes_that_they_do_not_stand_in() {
    for_every_scene(|scene| {
        for (number, label) in scene.labels.iter().enumerate() {
            let bounds = label.bounds();
            let words = scene.labels[number + 1..].iter().find(|other| other.bounds().overlaps(bounds));
            if let Some(other) = words {
                return Some(format!("{label:?} overlaps {other:?}"));
            }
            if let Some(badge) = scene.badges.iter().find(|badge| badge.rect.overlaps(bounds)) {
                return Some(format!("{label:?} overlaps {badge:?}"));
            }
            // An adapter stands in front of its owner's edge; that it covers nothing else is a test of its own.
            if scene.shapes[label.inside].look == Look::Adapter {
                continue;
            }
            let around = ancestors(scene, label.inside);
            let mut others = scene.shapes.iter().enumerate().filter(|(place, _)| !around.contains(place));
            if let Some((_, shape)) = others.find(|(_, shape)| shape.rect.overlaps(bounds)) {
                return Some(format!("{label:?} overlaps {shape:?}"));
            }
        }
        None
    });
}

#[test]
fn settings_stay_in_their_box_and_beside_each_other() {
    for_every_scene(|scene| {
        for (number, badge) in scene.badges.iter().enumerate() {
            if !scene.shapes[badge.inside].rect.holds(badge.rect) {
                return Some(format!("{badge:?} leaves its box"));
            }
            let others = &scene.badges[number + 1..];
            if let Some(other) = others.iter().find(|other| other.rect.overlaps(badge.rect)) {
                return Some(format!("{badge:?} overlaps {other:?}"));
            }
        }
        None
    });
}

#[test]
fn cells_stay_in_their_box_beside_each_other_and_beside_words() {
    for_every_scene(|scene| {
        for (number, mark) in scene.marks.iter().enumerate() {
            if !scene.shapes[mark.inside].rect.holds(mark.rect) {
                return Some(format!("{mark:?} leaves its box"));
            }
            if let Some(other) = scene.marks[number + 1..].iter().find(|other| other.rect.overlaps(mark.rect))
            {
                return Some(format!("{mark:?} overlaps {other:?}"));
            }
            if let Some(label) = scene.labels.iter().find(|label| label.bounds().overlaps(mark.rect)) {
                return Some(format!("{mark:?} overlaps {label:?}"));
            }
        }
        None
    });
}

#[test]
fn signs_do_not_cover_words_or_settings() {
    for_every_scene(|scene| {
        let legend = scene.shapes.iter().position(|shape| shape.look == Look::Legend);
        for sign in &scene.signs {
            let rect = Rect { x: sign.at.x - 10, y: sign.at.y - 10, w: 20, h: 20 };
            let words = scene.labels.iter().filter(|label| Some(label.inside) != legend);
            let mut covered = words.map(Label::bounds).chain(scene.badges.iter().map(|badge| badge.rect));
            if let Some(covered) = covered.find(|covered| covered.overlaps(rect)) {
                return Some(format!("{sign:?} covers {covered:?}"));
            }
        }
        None
    });
}

#[test]
fn lines_are_straight_and_do_not_run_through_a_client() {
    for_every_scene(|scene| {
        let ways = scene.ways.iter().map(|way| &way.points);
        for points in scene.cables.iter().chain(ways) {
            for pair in points.windows(2) {
                if pair[0].x != pair[1].x && pair[0].y != pair[1].y {
                    return Some(format!("{pair:?} is not straight"));
                }
                let mut clients = scene.shapes.iter().filter(|shape| shape.look == Look::Client);
                if let Some(client) = clients.find(|client| crosses(pair, client.rect)) {
                    return Some(format!("{pair:?} runs through {client:?}"));
                }
            }
        }
        None
    });
}

/// Does the line come farther into the box than the width of a line?
fn crosses(line: &[Point], rect: Rect) -> bool {
    let core = Rect { x: rect.x + 2, y: rect.y + 2, w: rect.w - 4, h: rect.h - 4 };
    let (a, b) = (line[0], line[1]);
    let around =
        Rect { x: a.x.min(b.x), y: a.y.min(b.y), w: (a.x - b.x).abs() + 1, h: (a.y - b.y).abs() + 1 };
    around.overlaps(core)
}

fn ancestors(scene: &Scene, of: usize) -> Vec<usize> {
    let mut around = vec![of];
    while let Some(inside) = around.last().and_then(|last| scene.shapes[*last].inside) {
        around.push(inside);
    }
    around
}

// Every frame that was sent has a way, and every death a sign.
#[test]
fn a_way_for_every_strand_and_a_sign_for_every_death() {
    for (name, text) in examples() {
        let lab = lab_of(&text);
        let world = World::new(&lab).unwrap();
        for from in world.endpoint_ids() {
            for to in world.endpoint_ids().filter(|to| *to != from) {
                let talk = world.converse(from, to);
                let graph = Graph::of(&lab, &world, Some(&talk), &Catalogue::new(Language::En));
                let story = graph.story.as_ref().unwrap();
                let scene = layout(&graph);
                // Each has a sample in the legend too.
                assert_eq!(scene.ways.len(), 2 * story.strands.len(), "{name}: {talk}");
                let mut places: Vec<_> = story.marks.iter().map(|mark| (&mark.at, mark.at_segment)).collect();
                places.dedup();
                assert!(scene.signs.len() >= story.marks.len() + usize::from(!places.is_empty()), "{name}");
            }
        }
    }
}

#[test]
fn a_picture_of_the_same_lab_is_the_same_picture() {
    let lab = lab_of(CROWDED);
    let once = || nsw_lab::graph::svg(&graph(&lab, Some(("b1", "web02"))));
    assert_eq!(once(), once());
}

#[test]
fn a_long_text_is_broken_and_a_word_that_is_too_long_is_cut() {
    let lines = metrics::wrap("forged transmits = Reject, set on vSwitch0, Donaudampfschiff", 12, false, 90);
    assert!(lines.iter().all(|line| metrics::width(line, 12, false) <= 90), "{lines:?}");
    assert_eq!(lines.concat().replace(' ', ""), "forgedtransmits=Reject,setonvSwitch0,Donaudampfschiff");
}
