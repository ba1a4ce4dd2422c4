//! The catalogue says each step in the words of `nsw-core`, and knows the policy lines that hosts say.

use std::collections::BTreeSet;
use std::mem::{Discriminant, discriminant};

use nsw_core::{Drop, Refusal, Step, StepText, Tables, Tag};
use nsw_lab::messages::{Catalogue, Language};
use nsw_lab::sim::{At, World};
use nsw_lab::spec;

use crate::examples::examples;

/// The worlds of all examples.
fn worlds() -> Vec<World> {
    let files = examples().into_iter().map(|(name, text)| spec::parse(&name, &text).unwrap().lab);
    files.map(|lab| World::new(&lab).unwrap()).collect()
}

/// Every step of every conversation in a world, with the tables it was taken on.
fn for_each_step(world: &World, mut visit: impl FnMut(&Tables, Step)) {
    for from in world.endpoint_ids() {
        for to in world.endpoint_ids() {
            let talk = world.converse(from, to);
            let hops = talk.legs.iter().filter_map(|leg| leg.journey.as_ref()).flat_map(|j| &j.hops);
            for hop in hops {
                if let At::VSwitch(switch) = &hop.at {
                    switch.steps.iter().for_each(|step| visit(&switch.tables, *step));
                }
            }
        }
    }
}

#[test]
fn a_step_reads_in_english_as_the_core_says_it() {
    let english = Catalogue::new(Language::En);
    let mut kinds: Vec<Discriminant<Step>> = Vec::new();
    for world in worlds() {
        for_each_step(&world, |tables, step| {
            if !kinds.contains(&discriminant(&step)) {
                kinds.push(discriminant(&step));
            }
            let lines = english.step(tables, step);
            let told = match (step, &lines[..]) {
                (Step::Drop(_), [head, meaning]) => format!("{head}: {meaning}"),
                (Step::Drop(_), [head, meaning, policy]) => format!("{head}: {meaning} ({policy})"),
                (Step::Refuse(_), [head, policy]) => format!("{head} ({policy})"),
                (_, lines) => lines.join("\n"),
            };
            assert_eq!(told, StepText { step, tables }.to_string());
            // No adapter of a lab hides a tag behind a priority tag.
            if let Step::Vlan { port, .. } = step {
                let step = Step::Vlan { port, tag: Some(Tag::new(0, 0)), vlan: None };
                assert_eq!(english.step(tables, step), [StepText { step, tables }.to_string()]);
            }
        });
    }
    // All but silent beacons.
    assert_eq!(kinds.len(), 10, "the examples show too few kinds of steps");
}

#[test]
fn a_policy_line_of_a_host_is_said_in_another_language() {
    let japanese = Catalogue::new(Language::Ja);
    let mut lines = BTreeSet::new();
    for world in worlds() {
        for_each_step(&world, |tables, step| {
            let (Step::Drop(Drop { port, reason }) | Step::Refuse(Refusal { port, reason })) = step else {
                return;
            };
            let Some(line) = tables.policy_line(port, reason) else { return };
            assert_eq!(japanese.policy_called(&line.to_string()), japanese.policy(&line));
            lines.insert(line.to_string());
        });
    }
    assert!(lines.len() > 3, "{lines:?}");
    for other in ["no such line", "MTU = 1500", "a = b, of nobody"] {
        assert_eq!(japanese.policy_called(other), other);
    }
}
