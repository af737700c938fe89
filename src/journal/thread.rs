//! The journal's thread: takes what has piled up, folds it, writes it, and keeps the promise.
//!
//! May use the store that was handed in; knows no SQLite.

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::runtime::{self, RuntimeFlavor};

use super::fold::fold;
use super::promise::Promise;
use super::{Error, Group, Store};
use crate::state::Record;

/// The most commits of one group: keeps a transaction, and the wait for it, short.
const GROUP_COMMITS_MAX: usize = 1_024;

/// How far numbers may run ahead of what the store knows by commits that folded to nothing. Less than a store
/// reserves (`store::NUMBERS_RESERVED`), so that no number is used twice.
const NUMBERS_AHEAD_MAX: u64 = 512;

/// The thread and what is shared with it. Dropped, it lets the thread write what it has and end.
pub(super) struct Handle {
    pub(super) queue: Arc<Queue>,
    pub(super) promise: Arc<Promise>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Handle {
    /// Starts the thread; with `interval`, it syncs that long after something was written.
    pub(super) fn start(store: Box<dyn Store>, interval: Option<Duration>) -> Handle {
        let runtime = runtime::Handle::try_current().ok();
        let runtime = runtime.filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread);
        let queue = Arc::new(Queue { runtime: runtime.clone(), ..Queue::default() });
        let promise = Arc::new(Promise::new(runtime));
        let guard = Guard { queue: Arc::clone(&queue), promise: Arc::clone(&promise) };
        let writer = Writer { store, syncs: Syncs { interval, due: None }, next_number: 0 };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run(&guard));
        if thread.is_err() {
            promise.end(Err(Error::Storage("the journal's thread cannot be started".to_owned())));
        }
        Handle { queue, promise, thread: Mutex::new(thread.ok()) }
    }

    /// Writes all that was submitted, syncs it and ends the thread.
    pub(super) async fn close(&self) -> Result<(), Error> {
        self.queue.close();
        let result = self.promise.ended().await;
        // The end is the last thing the thread tells: there is nothing left to wait long for.
        if let Some(thread) = self.thread.lock().take() {
            let _ = thread.join();
        }
        result
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// A commit on its way to the thread.
pub(super) struct Submitted {
    pub(super) sequence: u64,
    pub(super) records: Vec<Record>,
    pub(super) next_number: u64,
}

/// What was submitted and not yet taken.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// Where the commits come from, if it has threads of its own.
    runtime: Option<runtime::Handle>,
}

#[derive(Default)]
struct Waiting {
    commits: VecDeque<Submitted>,
    /// The thread sleeps and nobody is about to wake it.
    asleep: bool,
    /// Nothing is taken in any more; the thread ends when it has written what it has.
    closed: bool,
}

impl Queue {
    /// A push and, where the thread sleeps, a wake: after all requests that have come in by now had their turn, so
    /// that their commits are one group. It is a matter of microseconds and costs one wake instead of one each.
    pub(super) fn push(self: &Arc<Queue>, commit: Submitted) {
        let mut waiting = self.waiting.lock();
        if waiting.closed {
            return;
        }
        waiting.commits.push_back(commit);
        let wake = std::mem::take(&mut waiting.asleep);
        drop(waiting);
        if !wake {
            return;
        }
        match &self.runtime {
            Some(runtime) => {
                let queue = Arc::clone(self);
                drop(runtime.spawn(async move {
                    // Comes back when the runtime has looked for what else is ready.
                    tokio::task::yield_now().await;
                    queue.arrived.notify_one();
                }));
            }
            None => drop(self.arrived.notify_one()),
        }
    }

    pub(super) fn close(&self) {
        self.waiting.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Waits for commits and takes all of them into `taken`, until `due` at most. False where the queue is closed
    /// and empty.
    fn take(&self, taken: &mut VecDeque<Submitted>, due: Option<Instant>) -> bool {
        let mut waiting = self.waiting.lock();
        while waiting.commits.is_empty() {
            if waiting.closed {
                return false;
            }
            waiting.asleep = true;
            match due {
                None => self.arrived.wait(&mut waiting),
                Some(due) => {
                    if self.arrived.wait_until(&mut waiting, due).timed_out() {
                        break;
                    }
                }
            }
        }
        waiting.asleep = false;
        std::mem::swap(&mut waiting.commits, taken);
        true
    }
}

/// Ends the promise when the thread ends in whatever way, so that no waiter waits for ever.
struct Guard {
    queue: Arc<Queue>,
    promise: Arc<Promise>,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.queue.close();
        self.queue.waiting.lock().commits.clear();
        self.promise.end(Err(Error::Storage("the journal stopped".to_owned())));
    }
}

struct Syncs {
    interval: Option<Duration>,
    due: Option<Instant>,
}

struct Writer {
    store: Box<dyn Store>,
    syncs: Syncs,
    /// The one that the store was last told.
    next_number: u64,
}

impl Writer {
    fn run(mut self, guard: &Guard) {
        let result = self.write_all(guard);
        // The store goes first: closing the file is part of the work that `close` waits for.
        drop(self);
        guard.promise.end(result);
    }

    fn write_all(&mut self, guard: &Guard) -> Result<(), Error> {
        let mut commits = VecDeque::new();
        while guard.queue.take(&mut commits, self.syncs.due) {
            while !commits.is_empty() {
                let count = commits.len().min(GROUP_COMMITS_MAX);
                self.write(commits.drain(..count), &guard.promise)?;
                self.sync_if_due()?;
            }
            self.sync_if_due()?;
        }
        self.sync()
    }

    fn write(&mut self, commits: impl Iterator<Item = Submitted>, promise: &Promise) -> Result<(), Error> {
        let (mut sequence, mut next_number, mut records) = (0, 0, Vec::new());
        for commit in commits {
            sequence = commit.sequence.max(sequence);
            next_number = commit.next_number.max(next_number);
            records.extend(commit.records);
        }
        let records = fold(records);
        if !records.is_empty() || next_number > self.next_number.saturating_add(NUMBERS_AHEAD_MAX) {
            self.store.commit(Group { records, next_number })?;
            self.next_number = next_number;
            if let (Some(interval), None) = (self.syncs.interval, self.syncs.due) {
                self.syncs.due = Some(Instant::now() + interval);
            }
        }
        promise.keep(sequence);
        Ok(())
    }

    fn sync_if_due(&mut self) -> Result<(), Error> {
        match self.syncs.due {
            Some(due) if Instant::now() >= due => {
                self.syncs.due = None;
                self.store.sync_soon()
            }
            _ => Ok(()),
        }
    }

    /// Syncs where something was written since the last time.
    fn sync(&mut self) -> Result<(), Error> {
        match self.syncs.due.take() {
            Some(_) => self.store.sync(),
            None => Ok(()),
        }
    }
}
