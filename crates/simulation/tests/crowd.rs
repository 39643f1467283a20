//! Two hundred halls come back one after the other, and it would be noticed if they did not.

use simulation::Variant;
use simulation::crowd::{ask_for_positions, come_back};
use sync_engine::faults::Fault;

#[test]
fn two_hundred_halls_come_back_one_after_the_other() {
    assert_eq!(come_back(1, None), [""; 0]);
}

#[test]
fn halls_that_come_back_together_are_noticed() {
    let wrong = come_back(1, Some(Variant::Engine(Fault::NoJitter)));
    assert!(!wrong.is_empty());
}

#[test]
fn two_hundred_halls_ask_for_positions_that_are_not_to_be_had_one_after_the_other() {
    assert_eq!(ask_for_positions(1, None), [""; 0]);
}

#[test]
fn halls_that_ask_for_positions_together_are_noticed() {
    let wrong = ask_for_positions(1, Some(Variant::Engine(Fault::NoJitter)));
    assert!(!wrong.is_empty());
}
