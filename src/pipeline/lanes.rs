//! Where expressions run that must not run where the sockets are served: script threads, with as much stack as
//! the language counts on, and threads that may block on SQL.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
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
/// Bytes of texts that may wait for a thread of one lane; further long ones are refused as `busy`.
const WAITING_BYTES_MAX: usize = 16 << 20;
/// What is no longer than this is short: `WAITING_MAX` of them are no more bytes than may wait.
const SHORT_BYTES_MAX: usize = WAITING_BYTES_MAX / WAITING_MAX;
/// Bytes of texts in one lane that wait together with what was prepared of them, which is up to a hundred times as
/// large; the others are prepared again when it is their turn.
const PREPARED_BYTES_MAX: usize = 65_536;
/// Threads that may block on SQL; the database runs one statement at a time.
const BLOCKING_THREADS: usize = 2;

/// What waits for a thread.
struct Job {
    work: Box<dyn FnOnce() + Send>,
    /// Of its text.
    bytes: usize,
    /// For what was prepared of that, where it holds it.
    room: Option<Room>,
}

/// Room for what was prepared of so many bytes, until it is dropped.
struct Room {
    taken: Arc<AtomicUsize>,
    bytes: usize,
}

impl Room {
    fn take(taken: &Arc<AtomicUsize>, bytes: usize) -> Option<Room> {
        let before = taken.fetch_add(bytes, Ordering::Relaxed);
        let room = Room { taken: Arc::clone(taken), bytes };
        // Dropped, it gives back what it has taken.
        (before.saturating_add(bytes) <= PREPARED_BYTES_MAX).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

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

    /// Runs a script. `bytes` is the length of its text; `work` makes what runs, and is told whether that may hold
    /// what was prepared while it waits.
    pub(super) async fn script<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(bool) -> W,
    ) -> Result<T, Failure> {
        self.script.run(bytes, work).await
    }

    /// Runs a script that has shown that it takes long.
    pub(super) async fn long_script<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(bool) -> W,
    ) -> Result<T, Failure> {
        self.long_script.run(bytes, work).await
    }

    /// Runs something that may block.
    pub(super) async fn blocking<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(bool) -> W,
    ) -> Result<T, Failure> {
        self.blocking.run(bytes, work).await
    }
}

struct Lane(Arc<Line>);

struct Line {
    name: &'static str,
    threads_max: usize,
    jobs: Mutex<Jobs>,
    /// Bytes of the texts of those that hold what was prepared.
    prepared: Arc<AtomicUsize>,
    ready: Condvar,
}

#[derive(Default)]
struct Jobs {
    waiting: VecDeque<Job>,
    /// Of the texts of those that wait.
    bytes: usize,
    threads: usize,
    /// Threads that wait for a job.
    idle: usize,
    closed: bool,
}

impl Lane {
    fn new(name: &'static str, threads_max: usize) -> Lane {
        Lane(Arc::new(Line {
            name,
            threads_max,
            jobs: Mutex::default(),
            prepared: Arc::default(),
            ready: Condvar::new(),
        }))
    }

    async fn run<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(bool) -> W,
    ) -> Result<T, Failure> {
        let receiver = self.0.take_in(bytes, work)?;
        receiver.await.map_err(|_| Failure::new(Kind::Busy, "the expression could not be run"))
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.0.jobs.lock().closed = true;
        self.0.ready.notify_all();
    }
}

impl Jobs {
    /// Whether a text of that length may wait.
    fn check(&self, bytes: usize) -> Result<(), Failure> {
        let message = if self.waiting.len() >= WAITING_MAX {
            format!("{WAITING_MAX} expressions wait to be run already")
        } else if bytes > SHORT_BYTES_MAX && self.bytes.saturating_add(bytes) > WAITING_BYTES_MAX {
            String::from("too many long expressions wait to be run already")
        } else {
            return Ok(());
        };
        Err(Failure::new(Kind::Busy, &message))
    }

    fn push(&mut self, job: Job) {
        self.bytes += job.bytes;
        self.waiting.push_back(job);
    }

    fn pop(&mut self) -> Option<Job> {
        let job = self.waiting.pop_front()?;
        self.bytes -= job.bytes;
        Some(job)
    }
}

impl Line {
    /// Takes a job in; what it comes to is received.
    fn take_in<T: Send + 'static, W: FnOnce() -> T + Send + 'static>(
        self: &Arc<Line>,
        bytes: usize,
        work: impl FnOnce(bool) -> W,
    ) -> Result<oneshot::Receiver<T>, Failure> {
        let (sender, receiver) = oneshot::channel();
        // Before the lock is taken, for it may be much that is made or dropped here.
        let room = Room::take(&self.prepared, bytes);
        let work = work(room.is_some());
        let work = Box::new(move || {
            // Nobody listens any more where the connection is gone; the work was done all the same.
            let _ = sender.send(work());
        });
        let job = Job { work, bytes, room };
        let mut jobs = self.jobs.lock();
        jobs.check(bytes)?;
        jobs.push(job);
        if let Err(reason) = self.staff(&mut jobs) {
            tracing::error!(%reason, "no thread to be had for a {}", self.name);
            if jobs.threads == 0 {
                while jobs.pop().is_some() {}
            }
        }
        drop(jobs);
        self.ready.notify_one();
        Ok(receiver)
    }

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
                    if let Some(job) = jobs.pop() {
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
            let Job { work, room, .. } = job;
            // It waits no longer.
            drop(room);
            if catch_unwind(AssertUnwindSafe(work)).is_err() {
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
        let lost: Result<(), Failure> = lane.run(0, |_| || panic!("on purpose")).await;
        assert_eq!(lost.unwrap_err().kind, Kind::Busy);
        assert_eq!(lane.run(0, |_| || 42).await.unwrap(), 42);
    }

    #[tokio::test]
    async fn threads_begin_when_they_are_needed_and_are_not_more_than_may_be() {
        let lane = Arc::new(Lane::new("test", 2));
        let threads = |lane: &Lane| lane.0.jobs.lock().threads;
        assert_eq!(threads(&lane), 0);
        for _ in 0..3 {
            lane.run(0, |_| || ()).await.unwrap();
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
                tokio::spawn(
                    async move { lane.run(0, |_| move || meeting.wait().is_leader()).await.unwrap() },
                )
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
            waiting
                .push(tokio::spawn(async move { lane.run(0, |_| move || gate.lock().recv().is_ok()).await }));
        }
        while lane.0.jobs.lock().waiting.len() < WAITING_MAX {
            tokio::task::yield_now().await;
        }
        assert_eq!(lane.run(0, |_| || ()).await.unwrap_err().kind, Kind::Busy);
        drop(open);
        for job in waiting {
            // One more than fits may have been refused, if the thread had not yet taken the first.
            let _ = job.await.unwrap();
        }
        assert!(lane.run(0, |_| || ()).await.is_ok());
    }

    /// A lane whose one thread is busy until the sender is dropped.
    fn blocked_lane() -> (Lane, std::sync::mpsc::Sender<()>) {
        let lane = Lane::new("test", 1);
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let (begun, begins) = std::sync::mpsc::channel::<()>();
        let work = move || {
            begun.send(()).unwrap();
            gate.recv().is_ok()
        };
        drop(lane.0.take_in(0, |_| work).unwrap());
        begins.recv().unwrap();
        (lane, open)
    }

    #[test]
    fn what_waits_holds_what_was_prepared_of_it_only_where_that_is_little() {
        let (lane, open) = blocked_lane();
        let take_in = |bytes: usize| {
            let mut holds = false;
            let receiver = lane.0.take_in(bytes, |prepared| {
                holds = prepared;
                || ()
            });
            (holds, receiver.unwrap())
        };
        let (first, done) = take_in(60_000);
        assert!(first);
        assert!((0..100).all(|_| !take_in(60_000).0));
        assert!((0..50).all(|_| take_in(100).0));
        drop(open);
        done.blocking_recv().unwrap();
        // Where nothing waits any more there is room again.
        take_in(0).1.blocking_recv().unwrap();
        assert!(take_in(60_000).0);
    }

    #[test]
    fn long_texts_that_wait_are_bounded_by_their_bytes_and_keep_no_short_one_out() {
        let (lane, open) = blocked_lane();
        let mut taken = 0;
        let refused = loop {
            match lane.0.take_in(65_536, |_| || ()) {
                Ok(_) => taken += 1,
                Err(failure) => break failure,
            }
        };
        assert_eq!((refused.kind, taken), (Kind::Busy, WAITING_BYTES_MAX / 65_536));
        assert!((taken..WAITING_MAX).all(|_| lane.0.take_in(SHORT_BYTES_MAX, |_| || ()).is_ok()));
        assert!(lane.0.take_in(1, |_| || ()).is_err());
        drop(open);
    }
}
