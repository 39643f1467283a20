//! Seeded randomness that gives the same numbers on every machine.
//!
//! Every part of the street draws from its own stream, named by a label, so that a change in one
//! part (one more tree) does not shift every other part (all the names).

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// A stream of random values.
#[derive(Clone, Debug)]
pub struct Dice {
    rng: ChaCha8Rng,
}

impl Dice {
    /// Opens the stream `label` of `seed`.
    pub fn new(seed: u64, label: &str) -> Self {
        // FNV-1a over the label; the label only has to separate the streams.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in label.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed ^ hash),
        }
    }

    /// A stream of its own for the `index`-th thing of a kind.
    pub fn fork(seed: u64, label: &str, index: usize) -> Self {
        let spread = (index as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self::new(seed ^ spread, label)
    }

    /// A number in `0.0..1.0`.
    pub fn unit(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An index in `0..count`; 0 for an empty range.
    pub fn below(&mut self, count: usize) -> usize {
        if count == 0 {
            return 0;
        }
        ((self.rng.next_u64() >> 32).wrapping_mul(count as u64) >> 32) as usize
    }

    /// A whole number in `low..=high`.
    pub fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1) as usize) as i64
    }

    /// True with probability `p`.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// One of `items`, which must not be empty.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// An index drawn by `weights`.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let total: f64 = weights.iter().sum();
        let mut left = self.unit() * total;
        for (index, weight) in weights.iter().enumerate() {
            left -= weight;
            if left < 0.0 {
                return index;
            }
        }
        weights.len().saturating_sub(1)
    }

    /// Puts `items` in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// A waiting time of a Poisson process with `rate` events per unit.
    pub fn wait(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.unit()) / rate.max(1e-12)
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn streams_differ_and_repeat() {
        let mut a = Dice::new(7, "roads");
        let mut b = Dice::new(7, "roads");
        let mut c = Dice::new(7, "people");
        let first = a.unit();
        assert_eq!(first.to_bits(), b.unit().to_bits());
        assert_ne!(first.to_bits(), c.unit().to_bits());
    }

    #[test]
    fn below_covers_its_range() {
        let mut dice = Dice::new(1, "x");
        let mut seen = [false; 5];
        for _ in 0..200 {
            seen[dice.below(5)] = true;
        }
        assert_eq!(seen, [true; 5]);
        assert_eq!(dice.below(0), 0);
    }
}
