//! A value on a thread of its own, which does what it is asked one after the other: so nobody blocks
//! the runtime on a disk.

use std::fmt;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The thread is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

/// The thread that owns the value.
pub struct Worker<S> {
    jobs: Mutex<Option<mpsc::Sender<Job<S>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl<S> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl<S: Send + 'static> Worker<S> {
    /// Hands the value to a thread of that name.
    pub fn spawn(name: String, mut value: S) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job<S>>();
        let thread = std::thread::Builder::new().name(name).spawn(move || {
            for job in queue {
                job(&mut value);
            }
        })?;
        Ok(Self {
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Leaves work to the thread without waiting for it.
    pub fn submit(&self, work: impl FnOnce(&mut S) + Send + 'static) -> Result<(), Gone> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Gone)?;
        jobs.send(Box::new(work)).map_err(|_| Gone)
    }

    /// Does the work in the order of the calls, also when the caller stops waiting for it.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (answer, result) = oneshot::channel();
        self.submit(move |value| {
            // Nobody waits any more when the receiver is gone; the work itself has been done.
            answer.send(work(value)).ok();
        })?;
        result.await.map_err(|_| Gone)
    }

    /// Finishes what was asked for and lets go of the value.
    pub async fn close(&self) {
        if let Some(thread) = self.take_thread() {
            // The thread ends by itself once its queue is empty; a panic in it was reported already.
            tokio::task::spawn_blocking(move || thread.join().ok())
                .await
                .ok();
        }
    }
}

impl<S> Worker<S> {
    fn take_thread(&self) -> Option<JoinHandle<()>> {
        self.jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        self.thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        if let Some(thread) = self.take_thread() {
            // A panic in the thread was reported by the panic hook already.
            thread.join().ok();
        }
    }
}
