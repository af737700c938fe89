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
use crate::event_loops;

/// The stack of every thread that runs expressions, in bytes. The language's limits on nesting count on it.
pub const STACK_BYTES: usize = 8 << 20;
/// Expressions that may wait for a thread of one lane; further ones are refused as `busy`.
const WAITING_MAX: usize = 4096;
/// Threads that may block on SQL; the database runs one statement at a time.
const BLOCKING_THREADS: usize = 2;

type Job = Box<dyn FnOnce() + Send>;

/// The lanes: their threads begin when they are first needed, and end when this is dropped.
pub(super) struct Lanes {
    script: Lane,
    long_script: Lane,
    blocking: Lane,
}

impl Lanes {
    /// Lanes with as many threads for scripts as there are cores, half of them for long ones; each thread keeps the
    /// stack that it ever used.
    pub(super) fn new() -> Lanes {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Lanes {
            script: Lane::new("script", cores.div_ceil(2)),
            long_script: Lane::new("long script", cores.div_ceil(2)),
            blocking: Lane::new("blocking", BLOCKING_THREADS),
        }
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

struct Line {
    name: &'static str,
    threads_max: usize,
    jobs: Mutex<Jobs>,
    ready: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    threads: usize,
    /// Threads that wait for a job.
    idle: usize,
    closed: bool,
}

impl Lane {
    fn new(name: &'static str, threads_max: usize) -> Lane {
        Lane(Arc::new(Line { name, threads_max, jobs: Mutex::default(), ready: Condvar::new() }))
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
            if let Err(reason) = self.0.staff(&mut jobs) {
                tracing::error!(%reason, "no thread to be had for a {}", self.0.name);
                if jobs.threads == 0 {
                    jobs.waiting.clear();
                }
            }
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
    /// Starts one thread more where more jobs wait than threads, and there may be more of them.
    fn staff(self: &Arc<Line>, jobs: &mut Jobs) -> std::io::Result<()> {
        if jobs.waiting.len() <= jobs.idle || jobs.threads >= self.threads_max {
            return Ok(());
        }
        let line = Arc::clone(self);
        let thread = thread::Builder::new().name(self.name.to_owned()).stack_size(STACK_BYTES);
        thread.spawn(move || {
            event_loops::leave_core();
            line.work();
        })?;
        jobs.threads += 1;
        Ok(())
    }

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
                    jobs.idle += 1;
                    self.ready.wait(&mut jobs);
                    jobs.idle -= 1;
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
        let lane = Lane::new("test", 1);
        let lost: Result<(), Failure> = lane.run(|| panic!("on purpose")).await;
        assert_eq!(lost.unwrap_err().kind, Kind::Busy);
        assert_eq!(lane.run(|| 42).await.unwrap(), 42);
    }

    #[tokio::test]
    async fn threads_begin_when_they_are_needed_and_are_not_more_than_may_be() {
        let lane = Arc::new(Lane::new("test", 2));
        let threads = |lane: &Lane| lane.0.jobs.lock().threads;
        assert_eq!(threads(&lane), 0);
        for _ in 0..3 {
            lane.run(|| ()).await.unwrap();
            // It may not have sat down again when the next job comes.
            while lane.0.jobs.lock().idle == 0 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(threads(&lane), 1);
        let meeting = Arc::new(std::sync::Barrier::new(2));
        let jobs: Vec<_> = (0..6)
            .map(|_| {
                let (lane, meeting) = (Arc::clone(&lane), Arc::clone(&meeting));
                tokio::spawn(async move { lane.run(move || meeting.wait().is_leader()).await.unwrap() })
            })
            .collect();
        let mut leaders = 0;
        for job in jobs {
            leaders += usize::from(job.await.unwrap());
        }
        assert_eq!((leaders, threads(&lane)), (3, 2));
    }

    #[tokio::test]
    async fn a_full_line_refuses_as_busy() {
        let lane = Arc::new(Lane::new("test", 1));
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
