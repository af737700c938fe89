//! Where expressions run that must not run where the sockets are served: script threads, with as much stack as
//! the language counts on, and threads that may block on SQL.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use parking_lot::{Condvar, Mutex};
use share_client::wire::Kind;
use tokio::sync::oneshot;

use super::Failure;

/// The stack of every thread that runs expressions, in bytes. The language's limits on nesting count on it.
pub const STACK_BYTES: usize = 8 << 20;
/// Expressions that may wait for a thread of one lane; further ones are refused as `busy`.
const WAITING_MAX: usize = 4096;
/// Threads that may block on SQL; the database runs one statement at a time.
const BLOCKING_THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// The lanes: their threads end when this is dropped.
pub(super) struct Lanes {
    script: Lane,
    long_script: Lane,
    blocking: Lane,
}

impl Lanes {
    /// Starts the threads: as many for scripts as there are cores, half of them for long ones; each keeps the stack
    /// that it ever used.
    pub(super) fn start() -> std::io::Result<Lanes> {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Lanes {
            script: Lane::start("script", cores.div_ceil(2))?,
            long_script: Lane::start("long script", cores.div_ceil(2))?,
            blocking: Lane::start("blocking", BLOCKING_THREADS)?,
        })
    }

    /// Runs a script.
    pub(super) async fn script<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.script.run(work).await
    }

    /// Runs a script that has shown that it takes long.
    pub(super) async fn long_script<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.long_script.run(work).await
    }

    /// Runs something that may block.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        self.blocking.run(work).await
    }
}

struct Lane(Arc<Line>);

#[derive(Default)]
struct Line {
    jobs: Mutex<Jobs>,
    ready: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    closed: bool,
}

impl Lane {
    fn start(name: &str, threads: usize) -> std::io::Result<Lane> {
        let line = Arc::new(Line::default());
        for _ in 0..threads {
            let line = Arc::clone(&line);
            thread::Builder::new()
                .name(name.to_owned())
                .stack_size(STACK_BYTES)
                .spawn(move || line.work())?;
        }
        Ok(Lane(line))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Failure> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut jobs = self.0.jobs.lock();
            if jobs.waiting.len() >= WAITING_MAX {
                let message = format!("{WAITING_MAX} expressions wait to be run already");
                return Err(Failure::new(Kind::Busy, &message));
            }
            jobs.waiting.push_back(Box::new(move || {
                // Nobody listens any more where the connection is gone; the work was done all the same.
                let _ = sender.send(work());
            }));
        }
        self.0.ready.notify_one();
        receiver.await.map_err(|_| Failure::new(Kind::Busy, "the expression could not be run"))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.0.jobs.lock().closed = true;
        self.0.ready.notify_all();
    }
}

impl Line {
    fn work(&self) {
        loop {
            let job = {
                let mut jobs = self.jobs.lock();
                loop {
                    if let Some(job) = jobs.waiting.pop_front() {
                        break job;
                    }
                    if jobs.closed {
                        return;
                    }
                    self.ready.wait(&mut jobs);
                }
            };
            if catch_unwind(AssertUnwindSafe(job)).is_err() {
                tracing::error!("a panic ended an expression; please report it");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_own_job_only() {
        let lane = Lane::start("test", 1).unwrap();
        let lost: Result<(), Failure> = lane.run(|| panic!("on purpose")).await;
        assert_eq!(lost.unwrap_err().kind, Kind::Busy);
        assert_eq!(lane.run(|| 42).await.unwrap(), 42);
    }

    #[tokio::test]
    async fn a_full_line_refuses_as_busy() {
        let lane = Arc::new(Lane::start("test", 1).unwrap());
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let gate = Arc::new(Mutex::new(gate));
        let mut waiting = Vec::new();
        for _ in 0..=WAITING_MAX {
            let (lane, gate) = (Arc::clone(&lane), Arc::clone(&gate));
            waiting.push(tokio::spawn(async move { lane.run(move || gate.lock().recv().is_ok()).await }));
        }
        while lane.0.jobs.lock().waiting.len() < WAITING_MAX {
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run(|| ()).await.unwrap_err().kind, Kind::Busy);
        drop(open);
        for job in waiting {
            // One more than fits may have been refused, if the thread had not yet taken the first.
            let _ = job.await.unwrap();
        }
        assert!(lane.run(|| ()).await.is_ok());
    }
}
