//! What the engine gives to a thread of its own (the look at a PIN) begins when nothing else can be
//! done at that instant of simulated time, so that its end has one place in the history of a run.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Builder;

/// Whether the one thread of the simulation rests; clones speak of the same one.
#[derive(Debug, Clone, Default)]
pub struct Calm(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_calm: Mutex<bool>,
    has_come: Condvar,
}

impl Calm {
    /// Lets other threads begin only while the simulation rests. Time stands until they have ended:
    /// Tokio lets its paused clock jump only when none of them is at work.
    pub fn keep(&self, builder: &mut Builder) {
        let (parked, unparked, started) = (self.clone(), self.clone(), self.clone());
        builder
            .on_thread_park(move || parked.set(true))
            .on_thread_unpark(move || unparked.set(false))
            // One thread, gone as soon as it has nothing to do, so that each look waits at its start.
            .max_blocking_threads(1)
            .thread_keep_alive(Duration::ZERO)
            .on_thread_start(move || started.wait());
    }

    /// The simulation is over; whoever still waits goes on.
    pub fn end(&self) {
        self.set(true);
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        let is_calm = self.0.is_calm.lock();
        is_calm.unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, is_calm: bool) {
        *self.lock() = is_calm;
        self.0.has_come.notify_all();
    }

    fn wait(&self) {
        let waited = self.0.has_come.wait_while(self.lock(), |calm| !*calm);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }
}
