//! The simulation notices every way of being broken, at a seed that is on record.

use std::collections::BTreeSet;

use simulation::variants::NOTICED_AT;
use simulation::{Variant, run};

/// How many seeds are tried from the recorded one on.
const SEEDS_TRIED: u64 = 20;

#[test]
fn every_broken_variant_is_noticed() {
    let missed: Vec<String> = NOTICED_AT
        .iter()
        .filter(|(variant, seed)| !is_noticed(*variant, *seed))
        .map(|(variant, seed)| format!("{variant} at seed {seed}"))
        .collect();
    assert!(
        missed.is_empty(),
        "cargo xtask sim --seeds 0..200 --broken NAME looks for another seed: {missed:?}"
    );
}

/// Whether the run of the recorded seed notices the variant, or of one that follows: a change anywhere
/// in the engine makes another history of a seed.
fn is_noticed(variant: Variant, seed: u64) -> bool {
    (seed..seed + SEEDS_TRIED).any(|seed| !run(seed, Some(variant)).violations.is_empty())
}

#[test]
fn every_variant_is_on_record() {
    let recorded: BTreeSet<Variant> = NOTICED_AT.iter().map(|(variant, _)| *variant).collect();
    assert_eq!(recorded, Variant::all().collect());
}
