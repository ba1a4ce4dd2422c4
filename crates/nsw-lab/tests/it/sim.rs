//! The simulator: conversations through labs of nested hosts, as text.

mod classic;
mod labs;

use expect_test::Expect;
use nsw_lab::sim::World;

/// Lets `from` ping `to`, and compares what is told about it.
fn check(world: &World, from: &str, to: &str, expected: &Expect) {
    let (from, to) = (world.find(from).unwrap(), world.find(to).unwrap());
    expected.assert_eq(&world.converse(from, to).to_string());
}
