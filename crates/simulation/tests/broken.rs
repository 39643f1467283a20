//! The simulation notices every way of being broken, at a seed that is on record.

use std::collections::BTreeSet;

use simulation::variants::NOTICED_AT;
use simulation::{Variant, run};

#[test]
fn every_broken_variant_is_noticed() {
    let missed: Vec<String> = NOTICED_AT
        .iter()
        .filter(|(variant, seed)| run(*seed, Some(*variant)).violations.is_empty())
        .map(|(variant, seed)| format!("{variant} at seed {seed}"))
        .collect();
    assert!(
        missed.is_empty(),
        "cargo xtask sim --seeds 0..200 --broken NAME looks for another seed: {missed:?}"
    );
}

#[test]
fn every_variant_is_on_record() {
    let recorded: BTreeSet<Variant> = NOTICED_AT.iter().map(|(variant, _)| *variant).collect();
    assert_eq!(recorded, Variant::all().collect());
}
