//! Whatever goes wrong, every promise is kept: two hundred histories of twenty halls.

use std::ops::Range;
use std::sync::Mutex;

use simulation::recipe::{Recipe, Trouble};
use simulation::{in_parallel, run};

#[test]
fn two_hundred_seeds_keep_every_promise() {
    let broken = Mutex::new(Vec::new());
    in_parallel(0..200, |seed| {
        let outcome = run(seed, None);
        if let Some(what) = outcome.violations.first() {
            broken.lock().unwrap().push((seed, what.clone()));
        }
        true
    });
    let broken = broken.into_inner().unwrap();
    assert!(
        broken.is_empty(),
        "cargo xtask sim --seeds N..N+1 --trace shows how: {broken:#?}"
    );
}

/// Seeds whose recipes have every kind of trouble, and restorations of both kinds, among them.
const RUN_TWICE: Range<u64> = 104..118;

#[test]
fn a_seed_is_the_same_history_every_time() {
    let parted = Mutex::new(Vec::new());
    in_parallel(RUN_TWICE, |seed| {
        if let Some(parting) = run(seed, None).parting(&run(seed, None)) {
            parted.lock().unwrap().push((seed, parting));
        }
        true
    });
    let parted = parted.into_inner().unwrap();
    assert!(parted.is_empty(), "{parted:#?}");
}

#[test]
fn what_is_run_twice_has_every_kind_of_trouble_in_it() {
    let recipes: Vec<Recipe> = RUN_TWICE.map(|seed| Recipe::of_seed(seed).0).collect();
    for trouble in Trouble::ALL {
        let mut all = recipes.iter();
        assert!(
            all.any(|recipe| recipe.troubles.contains(&trouble)),
            "{trouble:?}"
        );
    }
    for restoration in [None, Some(false), Some(true)] {
        let is_so = |recipe: &Recipe| recipe.restoration.map(|it| it.is_unseen) == restoration;
        assert!(recipes.iter().any(is_so), "{restoration:?}");
    }
}

#[test]
fn another_seed_is_another_history() {
    assert!(run(3, None).parting(&run(4, None)).is_some());
}
