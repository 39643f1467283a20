//! A value that does what it is asked one after the other, on a thread of its own, so that nobody waits
//! for a disk on behalf of others; short work on an idle one also on the caller's.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, TryLockError, mpsc};
use std::thread::JoinHandle;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The value is gone: it was let go, or work on it has panicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

/// The value, and the thread that works on it where its callers cannot.
pub struct Worker<S> {
    held: Arc<Held<S>>,
    jobs: Mutex<Option<mpsc::Sender<Job<S>>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Held<S> {
    /// `None` once it was let go, and after work on it has panicked.
    value: Mutex<Option<S>>,
    /// Jobs that were left to the thread and are not done.
    waiting: AtomicUsize,
}

impl<S> fmt::Debug for Worker<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker").finish_non_exhaustive()
    }
}

impl<S: Send + 'static> Worker<S> {
    /// Keeps the value, with a thread of that name.
    pub fn spawn(name: String, value: S) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job<S>>();
        let held = Arc::new(Held {
            value: Mutex::new(Some(value)),
            waiting: AtomicUsize::new(0),
        });
        let of_thread = Arc::clone(&held);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || of_thread.work(queue))?;
        Ok(Self {
            held,
            jobs: Mutex::new(Some(jobs)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Leaves work to the thread without waiting for it.
    pub fn submit(&self, work: impl FnOnce(&mut S) + Send + 'static) -> Result<(), Gone> {
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let jobs = jobs.as_ref().ok_or(Gone)?;
        self.held.waiting.fetch_add(1, Ordering::SeqCst);
        jobs.send(Box::new(work)).map_err(|_| Gone)
    }

    /// Does short work in the order of the calls.
    ///
    /// Two changes of thread cost as much as half a commit, so an idle value is worked on where the
    /// caller stands. The runtime is told, and goes on with its other tasks on another thread; whatever
    /// else the caller's own task waits for is looked at afterwards.
    pub async fn run_short<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let work = match self.held.work_here(work) {
            Ok(done) => return done,
            Err(work) => work,
        };
        self.run(work).await
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

impl<S> Held<S> {
    /// Does one job after the other until no more can come, and lets go of the value.
    fn work(&self, queue: mpsc::Receiver<Job<S>>) {
        for job in queue {
            let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
            // A panic ends this thread, and with it everything that waits for its answers.
            let Some(mut taken) = value.take() else {
                return;
            };
            job(&mut taken);
            *value = Some(taken);
            self.waiting.fetch_sub(1, Ordering::SeqCst);
        }
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        *value = None;
    }

    /// Does the work on this thread, or gives it back where somebody else is at work or before it, or
    /// where the runtime has no other thread to go on with.
    fn work_here<T, F: FnOnce(&mut S) -> T>(&self, work: F) -> Result<Result<T, Gone>, F> {
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        if !flavor.is_ok_and(|flavor| flavor == RuntimeFlavor::MultiThread) {
            return Err(work);
        }
        let mut value = match self.value.try_lock() {
            Ok(value) => value,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Err(work),
        };
        if self.waiting.load(Ordering::SeqCst) > 0 {
            return Err(work);
        }
        let Some(mut taken) = value.take() else {
            return Ok(Err(Gone));
        };
        let done = tokio::task::block_in_place(|| {
            // Its hook has reported the panic; the value may be half changed and is dropped.
            catch_unwind(AssertUnwindSafe(|| work(&mut taken))).map(|done| (done, taken))
        });
        Ok(done.map_err(|_| Gone).map(|(done, taken)| {
            *value = Some(taken);
            done
        }))
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

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use super::*;

    fn here<S>(_: &mut S) -> ThreadId {
        std::thread::current().id()
    }

    fn worker() -> Worker<Vec<u32>> {
        Worker::spawn("test".to_owned(), Vec::new()).expect("a thread")
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_idle_is_worked_on_where_the_caller_stands() {
        let worker = worker();
        let ran_on = worker.run_short(here).await;
        assert_eq!(ran_on, Ok(std::thread::current().id()));
        worker.close().await;
        assert_eq!(worker.run_short(here).await, Err(Gone));
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_is_not_held_up() {
        let worker = worker();
        let ran_on = worker.run_short(here).await.expect("it runs");
        assert_ne!(ran_on, std::thread::current().id());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn nobody_overtakes_what_was_left_to_the_thread() {
        let worker = worker();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let first = move |done: &mut Vec<u32>| {
            may_go_on.recv().expect("it is told to go on");
            done.push(1);
        };
        worker.submit(first).expect("taken");
        worker.submit(|done| done.push(2)).expect("taken");
        let third = worker.run_short(|done| {
            done.push(3);
            done.clone()
        });
        // The first poll leaves the work behind the others, whoever of them holds the value.
        let (done, ()) = tokio::join!(third, async {
            go_on.send(()).expect("somebody listens");
        });
        assert_eq!(done, Ok(vec![1, 2, 3]));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn work_that_panics_leaves_nothing_half_changed_to_others() {
        let worker = worker();
        let failed: Result<(), Gone> = worker.run_short(|_| panic!("on purpose")).await;
        assert_eq!(failed, Err(Gone));
        assert_eq!(worker.run_short(here).await, Err(Gone));
    }
}
