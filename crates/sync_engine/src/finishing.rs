//! Work that goes on to its end whoever stops waiting for it.
//!
//! What has begun to change disk and memory must not stop between the two. A task of its own would
//! do, but costs two changes of thread for every order; so the caller does the work itself, and only
//! one who gives up in the middle leaves the rest to a task.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// The work with the caller who does it.
pub struct Finishing<T: Send + 'static> {
    runtime: Handle,
    /// `None` once it has ended, also by a panic; it is pending for ever then.
    work: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
}

/// Does the work, or what is left of it when the future is dropped. Must be called inside a runtime;
/// one that is going down does no more work.
pub fn finish<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Finishing<T> {
    Finishing {
        runtime: Handle::current(),
        work: Some(Box::pin(work)),
    }
}

impl<T: Send + 'static> Future for Finishing<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(mut work) = self.work.take() else {
            return Poll::Pending;
        };
        let polled = work.as_mut().poll(context);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for Finishing<T> {
    fn drop(&mut self) {
        if let Some(rest) = self.work.take() {
            self.runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn what_its_caller_drops_is_done_all_the_same() {
        let (go_on, ended) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let is_done = Arc::new(AtomicBool::new(false));
        let work = {
            let (go_on, ended, is_done) = (go_on.clone(), ended.clone(), is_done.clone());
            finish(async move {
                go_on.notified().await;
                is_done.store(true, Ordering::SeqCst);
                ended.notify_one();
            })
        };
        let caller = tokio::spawn(work);
        tokio::task::yield_now().await;
        caller.abort();
        assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        assert!(!is_done.load(Ordering::SeqCst));
        go_on.notify_one();
        let in_time = tokio::time::timeout(std::time::Duration::from_secs(30), ended.notified());
        in_time.await.expect("the rest is done by a task");
        assert!(is_done.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_reaches_the_caller_and_is_not_gone_on_with() {
        let failed = tokio::spawn(finish(async { panic!("on purpose") }));
        let failed: Result<(), _> = failed.await;
        assert!(failed.is_err_and(|error| error.is_panic()));
    }
}
