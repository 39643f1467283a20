//! The life of one process: from a start of a hall to its end, however that comes.

use std::sync::Arc;

use crate::signal::Signal;

/// Whether a process is alive; clones speak of the same one.
///
/// A process that has died still has its tasks in the one runtime of the simulation. They can do
/// nothing any more: whatever they ask of a disk or a network never returns.
#[derive(Debug, Clone)]
pub struct Life(Arc<Signal<bool>>);

impl Default for Life {
    fn default() -> Self {
        Self(Arc::new(Signal::new(true)))
    }
}

impl Life {
    /// Ends it.
    pub fn end(&self) {
        self.0.set(false);
    }

    /// Whether it lasts.
    pub fn lasts(&self) -> bool {
        self.0.get()
    }

    /// Returns while it lasts and never afterwards.
    pub async fn or_never(&self) {
        if !self.lasts() {
            std::future::pending::<()>().await;
        }
    }

    /// Resolves at its end.
    pub async fn ended(&self) {
        self.0.until(|lasts| !lasts).await;
    }

    /// What `work` gives, or `None` when the life ends before.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.ended() => None,
            done = work => Some(done),
        }
    }
}
