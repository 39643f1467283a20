//! Whatever goes wrong, every promise is kept: two hundred histories of twenty halls.

use simulation::{in_parallel, run};

#[test]
fn two_hundred_seeds_keep_every_promise() {
    let broken = std::sync::Mutex::new(Vec::new());
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

#[test]
fn a_seed_is_the_same_history_every_time() {
    let (first, second) = (run(3, None), run(3, None));
    assert_eq!(first.wishes, second.wishes);
    assert_ne!(first.wishes, run(4, None).wishes);
}
