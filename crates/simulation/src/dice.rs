//! Chance that is the same for the same seed on every machine and with every version of a library.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A source of chance (SplitMix64, Steele et al. 2014).
#[derive(Debug)]
pub struct Dice(AtomicU64);

const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl Dice {
    /// Dice of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Dice of their own for somebody else, so that one who rolls more often changes nobody's luck.
    pub fn fork(&self) -> Self {
        Self::new(self.roll())
    }

    /// The next number.
    pub fn roll(&self) -> u64 {
        let mut z = self
            .0
            .fetch_add(GAMMA, Ordering::Relaxed)
            .wrapping_add(GAMMA);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `limit`; 0 for a limit of 0.
    pub fn below(&self, limit: u64) -> u64 {
        self.roll() % limit.max(1)
    }

    /// A number from `least` to `most`, both possible.
    pub fn between(&self, least: u64, most: u64) -> u64 {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn permille(&self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// A time from `least` to `most` milliseconds.
    pub fn millis(&self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least, most))
    }

    /// One of them.
    pub fn pick<'a, T>(&self, among: &'a [T]) -> Option<&'a T> {
        among.get(self.below(among.len() as u64) as usize)
    }
}
