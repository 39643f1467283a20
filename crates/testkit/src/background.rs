//! Work on a thread with a runtime of its own, so that it serves asynchronous tests and plain ones
//! alike and ends when its owner is dropped.

use std::thread::JoinHandle;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A thread with a runtime; everything on it ends with this value.
#[derive(Debug)]
pub struct Background {
    handle: Handle,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Default for Background {
    fn default() -> Self {
        Self::start()
    }
}

impl Background {
    /// Starts the thread.
    pub fn start() -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a test can start a runtime");
        let handle = runtime.handle().clone();
        let (end, ended) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            // An error means that the owner is gone, which is a way of ending too.
            runtime.block_on(ended).ok();
            // What still runs beside the tasks may hold a directory that the next start wants.
            runtime.shutdown_timeout(std::time::Duration::from_secs(5));
        });
        Self {
            handle,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// The runtime.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Runs something on the thread and waits for it, also from inside another runtime.
    pub fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let (done, result) = std::sync::mpsc::channel();
        self.handle.spawn(async move {
            done.send(work.await).ok();
        });
        result.recv().expect("the background task ends")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
