//! Seeds side by side: each run has a thread for itself, and runs share nothing.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Gives each seed to `take` on one of as many threads as there are processors, until it returns
/// `false` for one.
pub fn in_parallel(seeds: std::ops::Range<u64>, take: impl Fn(u64) -> bool + Sync) {
    let next = AtomicU64::new(seeds.start);
    let is_enough = AtomicBool::new(false);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while !is_enough.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    if !take(seed) {
                        is_enough.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
}
