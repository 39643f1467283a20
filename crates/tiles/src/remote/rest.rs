//! When a source that fails is left alone, and for how long.

use super::line::Limits;

/// How a source did lately.
#[derive(Debug, Default)]
pub(super) struct Rest {
    failures: u32,
    until_ms: i64,
    cause: String,
}

/// A source that is resting.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Resting {
    pub(super) failures: u32,
    pub(super) wait_s: i64,
    pub(super) cause: String,
}

impl Rest {
    /// Whether the source rests now. A rest that is longer than any shows that the clock jumped.
    pub(super) fn now(&self, now_ms: i64, limits: &Limits) -> Option<Resting> {
        let wait_ms = self.until_ms.saturating_sub(now_ms);
        (1..=limits.longest_rest_ms)
            .contains(&wait_ms)
            .then(|| Resting {
                failures: self.failures,
                wait_s: (wait_ms + 999) / 1000,
                cause: self.cause.clone(),
            })
    }

    /// Notes an answer; tells whether it ends a time of failures.
    pub(super) fn succeed(&mut self, limits: &Limits) -> bool {
        let before = std::mem::take(self);
        before.failures >= limits.failures_before_rest
    }

    /// Notes a failure, after which the source itself may ask for a rest of `own_ms`; tells whether
    /// a time of failures begins with it.
    pub(super) fn fail(&mut self, cause: &str, own_ms: i64, now_ms: i64, limits: &Limits) -> bool {
        self.failures = self.failures.saturating_add(1);
        cause.clone_into(&mut self.cause);
        let mut wait_ms = own_ms;
        if let Some(more) = self.failures.checked_sub(limits.failures_before_rest) {
            let doubled = limits.first_rest_ms.saturating_mul(1 << more.min(20));
            wait_ms = wait_ms.max(doubled);
        }
        self.until_ms = now_ms.saturating_add(wait_ms.clamp(0, limits.longest_rest_ms));
        self.failures == limits.failures_before_rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(rest: &Rest, now_ms: i64) -> i64 {
        rest.now(now_ms, &Limits::default())
            .map_or(0, |resting| resting.wait_s)
    }

    #[test]
    fn the_third_failure_begins_a_rest_and_each_further_one_doubles_it() {
        let (limits, mut rest) = (Limits::default(), Rest::default());
        let mut seen = Vec::new();
        for number in 1..=9 {
            let begins = rest.fail("status 500", 0, 0, &limits);
            assert_eq!(begins, number == 3);
            seen.push(waits(&rest, 0));
        }
        assert_eq!(seen, [0, 0, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(waits(&rest, 59_001), 1);
        assert_eq!(waits(&rest, 60_000), 0);
        assert!(rest.succeed(&limits) && !rest.succeed(&limits));
        assert_eq!(waits(&rest, 0), 0);
    }

    #[test]
    fn a_source_may_ask_for_a_rest_but_for_no_longer_than_the_longest() {
        let (limits, mut rest) = (Limits::default(), Rest::default());
        rest.fail("status 429", 30_000, 0, &limits);
        assert_eq!(waits(&rest, 0), 30);
        rest.fail("status 429", i64::MAX, 0, &limits);
        assert_eq!(waits(&rest, 0), 60);
    }

    #[test]
    fn a_clock_set_back_or_at_its_end_prolongs_nothing() {
        let (limits, mut rest) = (Limits::default(), Rest::default());
        for _ in 0..100 {
            rest.fail("status 500", 0, 1_000_000_000, &limits);
        }
        assert_eq!(waits(&rest, 0), 0);
        rest.fail("status 500", 0, i64::MAX, &limits);
        assert_eq!(waits(&rest, i64::MIN), 0);
    }
}
