//! The records -> the log, a commit group at a time, and from there to SQLite; and back at the start; the only
//! place that commits.
//!
//! Owns the promise (`committed`), the threads that keep it and the schema. May use `state` (records and rows),
//! `event_loops` and `value`. Nothing here knows what a row means, and nobody else writes to the journal's file.

mod codec;
mod compactor;
mod explain;
mod fold;
mod latest;
mod log;
mod pile;
mod promise;
mod receivers;
mod rows;
mod schema;
mod store;
mod tables;
mod thread;
mod writer;

use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

pub use crate::config::Durability;
use crate::event_loops::Loops;
use crate::state::{Record, Row};

pub use store::SqliteStore;

/// What the journal cannot do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened, read or written.
    #[error("{0}")]
    Storage(String),
}

/// Whom a store tells of a failure; from a thread of its own, and with no lock held.
pub type Tell = Box<dyn Fn(Error) + Send + Sync>;

/// Where commit groups go: the disk, or what a test hands in.
pub trait Store: Send {
    /// Writes a group as one transaction: all of it or nothing.
    ///
    /// # Errors
    /// Where it is not certain that all of it was written.
    fn commit(&mut self, group: &Group) -> Result<(), Error>;
    /// Makes sure that all earlier groups survive a power cut.
    ///
    /// # Errors
    /// Where that is not certain.
    fn sync(&mut self) -> Result<(), Error>;
    /// Begins to do so, where the store can without holding up the next commit.
    ///
    /// # Errors
    /// Where that is not possible; a sync that fails later is told as said in `on_failure`.
    fn sync_soon(&mut self) -> Result<(), Error> {
        self.sync()
    }
    /// Takes whom to tell of what fails while nobody calls; it fails the next call as well.
    fn on_failure(&mut self, _tell: Tell) {}
    /// Whether the next commit will wait for nothing: then it is written where others wait for it.
    fn is_prompt(&self) -> bool {
        false
    }
}

/// The folded records of some commits.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Each row once: its last record, by table and number. Empty where only `next_number` moved on.
    pub records: Vec<Record>,
    /// The next number that no row has.
    pub next_number: u64,
}

/// The rows that a store had at the start, table by table in the order of `Table`, by rising number.
#[derive(Debug, Default)]
pub struct Rows {
    /// Number and row.
    pub rows: Vec<(u64, Row)>,
    /// The next number that no row has; 1 for a new store.
    pub next_number: u64,
}

/// How often `normal` syncs what was written.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The journal: whoever writes takes all commits that have piled up, folds and writes them as one.
/// Cheap to clone; the thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Journal {
    /// None where nothing is kept: every commit counts as done at once.
    handle: Option<Arc<thread::Handle>>,
}

impl Journal {
    /// A journal on this store; `None` is `durability = memory`: every commit counts as done at once. The commits come
    /// from these loops.
    #[must_use]
    pub fn start(store: Option<Box<dyn Store>>, durability: Durability, loops: &Loops) -> Journal {
        Journal::start_syncing(store, durability, SYNC_INTERVAL, loops)
    }

    fn start_syncing(
        store: Option<Box<dyn Store>>,
        durability: Durability,
        interval: Duration,
        loops: &Loops,
    ) -> Journal {
        let syncs = match durability {
            Durability::Full => None,
            Durability::Normal => Some(interval),
            Durability::Memory => return Journal { handle: None },
        };
        Journal { handle: store.map(|store| Arc::new(thread::Handle::start(store, syncs, loops))) }
    }

    /// Takes a commit. Called with the lock on the state held, so commits come in order; never blocks on the disk.
    pub fn submit(&self, sequence: u64, records: impl IntoIterator<Item = Record>, next_number: u64) {
        if let Some(handle) = &self.handle {
            handle.submit(sequence, records, next_number);
        }
    }

    /// Waits until the commit of this number, and so every earlier one, is done. At once for 0 and for what is
    /// done already. May write it here, and tell others: to be called with no lock held.
    ///
    /// # Errors
    /// Where that commit, or one before it, failed; and where the journal was closed without it.
    pub async fn committed(&self, sequence: u64) -> Result<(), Error> {
        match &self.handle {
            Some(handle) => handle.committed(sequence).await,
            None => Ok(()),
        }
    }

    /// Whether that commit, and so every earlier one, is done; if not yet, the task is woken when it is. As for
    /// [`Journal::committed`], with no lock held.
    pub fn poll_committed(&self, sequence: u64, task: &mut Context<'_>) -> Poll<Result<(), Error>> {
        match &self.handle {
            Some(handle) => handle.poll_committed(sequence, task),
            None => Poll::Ready(Ok(())),
        }
    }

    /// Calls when that commit is done, at once where it is done already; never where it fails. The call must
    /// neither block nor take long.
    pub fn after(&self, sequence: u64, call: impl FnOnce() + Send + 'static) {
        match &self.handle {
            Some(handle) => handle.promise().after(sequence, call),
            None => call(),
        }
    }

    /// Whether it was closed, or a commit failed: nothing more will be done.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.handle.as_ref().is_some_and(|handle| handle.promise().has_ended())
    }

    /// The last commit that is done; where nothing is kept, any commit is.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.handle.as_ref().map_or(u64::MAX, |handle| handle.promise().committed())
    }

    /// Resolves with the reason when a commit failed: the daemon must end. Never otherwise.
    pub async fn failed(&self) -> Error {
        match &self.handle {
            Some(handle) => handle.promise().broken().await,
            None => std::future::pending().await,
        }
    }

    /// Writes all that was submitted and syncs it; ends the thread. What is submitted later is dropped.
    ///
    /// # Errors
    /// Where a commit or the sync failed, now or earlier.
    pub async fn close(&self) -> Result<(), Error> {
        match &self.handle {
            Some(handle) => handle.close().await,
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
