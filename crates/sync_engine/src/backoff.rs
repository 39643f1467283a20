//! Pauses between tries: exponential with a cap, jittered so that many halls do not come back at
//! the same instant.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::faults::{self, Fault};

/// The pause after `failures` failures in a row. `jitter` in `0.0..1.0` spreads it over the upper
/// half of the exponential step.
pub fn pause(failures: u32, first: Duration, longest: Duration, jitter: f64) -> Duration {
    let jitter = if faults::has(Fault::NoJitter) {
        1.0
    } else {
        jitter
    };
    if faults::has(Fault::NoPause) {
        return Duration::from_millis(1);
    }
    let doublings = failures.saturating_sub(1).min(20);
    let step = first.saturating_mul(1 << doublings).min(longest);
    step.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

/// A seed of jitter that differs between processes.
pub fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A source of jitter; a seed makes it repeatable.
#[derive(Debug)]
pub struct Jitter(AtomicU64);

impl Jitter {
    /// Jitter that is the same for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// The next number in `0.0..1.0` (SplitMix64).
    pub fn next(&self) -> f64 {
        const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut z = self
            .0
            .fetch_add(GAMMA, Ordering::Relaxed)
            .wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_spread_over_half_of_the_step() {
        let first = Duration::from_millis(100);
        let longest = Duration::from_secs(2);
        let at = |failures, jitter| pause(failures, first, longest, jitter).as_millis();
        assert_eq!([at(1, 1.0), at(2, 1.0), at(3, 1.0)], [100, 200, 400]);
        assert_eq!([at(1, 0.0), at(2, 0.0)], [50, 100]);
        assert_eq!([at(9, 1.0), at(u32::MAX, 1.0)], [2000, 2000]);
    }

    #[test]
    fn jitter_stays_in_range_and_repeats_by_seed() {
        let (a, b) = (Jitter::seeded(7), Jitter::seeded(7));
        for _ in 0..1000 {
            let value = a.next();
            assert!((0.0..1.0).contains(&value));
            assert!((value - b.next()).abs() < f64::EPSILON);
        }
    }
}
