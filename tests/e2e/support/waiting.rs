//! Waiting for what must become true, with a generous deadline and a clear failure.

use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_millis(150);

/// Waits until the condition holds; fails naming it.
pub async fn eventually(what: &str, condition: impl AsyncFnMut() -> bool) {
    eventually_within(what, PATIENCE, condition).await;
}

/// As [`eventually`], with a deadline of its own.
pub async fn eventually_within(
    what: &str,
    patience: Duration,
    mut condition: impl AsyncFnMut() -> bool,
) {
    eventually_some(what, patience, async || condition().await.then_some(())).await;
}

/// Waits until there is a value.
pub async fn eventually_some<T>(
    what: &str,
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(value) = look().await {
            return value;
        }
        assert!(Instant::now() < deadline, "not within {patience:?}: {what}");
        tokio::time::sleep(LOOK).await;
    }
}
