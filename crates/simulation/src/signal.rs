//! A value that others wait for. Whoever began to wait first goes on first, so that one seed is one
//! history: of Tokio's own watched values those who wait are woken in an order that it draws.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// A value with those who wait until it is as they want it.
#[derive(Debug, Default)]
pub struct Signal<T> {
    value: Mutex<T>,
    changed: Notify,
}

impl<T: Copy> Signal<T> {
    /// A signal that stands at a value.
    pub const fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            changed: Notify::const_new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The present value.
    pub fn get(&self) -> T {
        *self.lock()
    }

    /// Sets it.
    pub fn set(&self, value: T) {
        self.change(|present| *present = value);
    }

    /// Changes it.
    pub fn change(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.lock());
        self.changed.notify_waiters();
    }

    /// Resolves as soon as it is so.
    pub async fn until(&self, is_so: impl Fn(T) -> bool) {
        loop {
            // It counts from here on, so that no change slips between the look and the wait.
            let changed = self.changed.notified();
            if is_so(self.get()) {
                return;
            }
            changed.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn those_who_wait_go_on_in_the_order_of_their_coming() {
        let (signal, went_on) = (Arc::new(Signal::new(0)), Arc::new(Mutex::new(Vec::new())));
        let waiting: Vec<_> = (0..50)
            .map(|number| {
                let (signal, went_on) = (Arc::clone(&signal), Arc::clone(&went_on));
                tokio::spawn(async move {
                    signal.until(|value| value > 1).await;
                    went_on.lock().unwrap().push(number);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        signal.set(1);
        tokio::task::yield_now().await;
        assert!(went_on.lock().unwrap().is_empty(), "it is not so yet");
        signal.set(2);
        for task in waiting {
            task.await.unwrap();
        }
        let all: Vec<u32> = (0..50).collect();
        assert_eq!(*went_on.lock().unwrap(), all);
    }
}
