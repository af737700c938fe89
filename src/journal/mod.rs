//! The records -> SQLite, a commit group at a time, and back at the start; the only place that commits.
//!
//! Owns the thread that writes, what folds (`fold`), who waits for which commit (`progress`) and the file
//! (`sqlite`, `schema`). May use `state` (records and rows), `value`, `config` and `clock`.

mod fold;
mod progress;
mod schema;
mod sqlite;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

pub use crate::config::Durability;
use crate::state::{Record, Row};
use fold::Fold;
use progress::Progress;
pub use sqlite::SqliteStore;

/// Commits that are folded into one group at most.
const GROUP_COMMITS_MAX: usize = 1024;
/// With `normal`, how often what was written is synced.
const SYNC_PAUSE: Duration = Duration::from_secs(1);

/// What the journal cannot do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be opened, read or written.
    #[error("{0}")]
    Storage(String),
}

/// Where commit groups go: the disk, or what a test hands in.
pub trait Store: Send {
    /// Writes a group as one transaction: all of it or nothing.
    ///
    /// # Errors
    /// Where it is not certain that all of it was written.
    fn commit(&mut self, group: Group) -> Result<(), Error>;
    /// Makes sure that all earlier groups survive a power cut.
    ///
    /// # Errors
    /// Where that is not certain.
    fn sync(&mut self) -> Result<(), Error>;
}

/// The folded records of some commits.
#[derive(Debug, Default)]
pub struct Group {
    /// Each row once: its last record.
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

/// The journal: a thread that takes all commits that have piled up, folds and writes them as one.
/// Cheap to clone; the thread ends when it is closed.
#[derive(Clone)]
pub struct Journal {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
    progress: Progress,
    keeps: bool,
}

#[derive(Default)]
struct Queue {
    commits: Vec<Submitted>,
    closed: bool,
}

struct Submitted {
    sequence: u64,
    records: Vec<Record>,
    next_number: u64,
}

impl Journal {
    /// A journal on this store; `None` is `durability = memory`: every commit counts as done at once.
    #[must_use]
    pub fn start(store: Option<Box<dyn Store>>, durability: Durability) -> Journal {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            ready: Condvar::new(),
            progress: Progress::default(),
            keeps: store.is_some(),
        });
        if let Some(store) = store {
            let writer = Writer { shared: Arc::clone(&shared), store, durability, unsynced_since: None };
            let spawned =
                std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.write());
            if let Err(error) = spawned {
                shared.progress.poison(&Error::Storage(format!("no thread for the journal: {error}")));
            }
        }
        Journal { shared }
    }

    /// Takes a commit. Called with the lock on the state held, so commits come in order; never blocks on the disk.
    pub fn submit(&self, sequence: u64, records: Vec<Record>, next_number: u64) {
        if self.shared.keeps {
            self.shared.queue.lock().commits.push(Submitted { sequence, records, next_number });
            self.shared.ready.notify_one();
        }
    }

    /// Waits until the commit of this number, and so every earlier one, is done. At once for 0 and for what is
    /// done already.
    ///
    /// # Errors
    /// Where a commit failed: what this one changed may be lost.
    pub async fn committed(&self, sequence: u64) -> Result<(), Error> {
        if self.shared.keeps { self.shared.progress.reached(sequence).await } else { Ok(()) }
    }

    /// Resolves with the reason when a commit failed: the daemon must end. Never otherwise.
    pub async fn failed(&self) -> Error {
        self.shared.progress.failed().await
    }

    /// Writes all that was submitted and syncs it; ends the thread.
    ///
    /// # Errors
    /// Where a commit failed.
    pub async fn close(&self) -> Result<(), Error> {
        if !self.shared.keeps {
            return Ok(());
        }
        self.shared.queue.lock().closed = true;
        self.shared.ready.notify_one();
        self.shared.progress.ended().await
    }
}

/// What the thread has.
struct Writer {
    shared: Arc<Shared>,
    store: Box<dyn Store>,
    durability: Durability,
    /// With `normal`: since when something written is not yet synced.
    unsynced_since: Option<Instant>,
}

impl Writer {
    fn write(mut self) {
        let ended = loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        // Whoever hears of the end may open the file at once.
        let Writer { shared, store, .. } = self;
        drop(store);
        match ended {
            Ok(()) => shared.progress.end(),
            Err(error) => shared.progress.poison(&error),
        }
    }

    /// One group, one sync, or nothing; false when all is written and the journal closed.
    fn step(&mut self) -> Result<bool, Error> {
        let (commits, closed) = self.next();
        if let Some(last) = commits.last().map(|commit| (commit.sequence, commit.next_number)) {
            self.write_group(commits, last.1)?;
            self.shared.progress.reach(last.0);
        } else if closed {
            self.store.sync()?;
            return Ok(false);
        }
        if self.unsynced_since.is_some_and(|since| since.elapsed() >= SYNC_PAUSE) {
            self.store.sync()?;
            self.unsynced_since = None;
        }
        Ok(true)
    }

    fn write_group(&mut self, commits: Vec<Submitted>, next_number: u64) -> Result<(), Error> {
        let mut fold = Fold::default();
        commits.into_iter().flat_map(|commit| commit.records).for_each(|record| fold.add(record));
        let records = fold.finish();
        if !records.is_empty() {
            self.store.commit(Group { records, next_number })?;
            if self.durability == Durability::Normal {
                self.unsynced_since.get_or_insert_with(Instant::now);
            }
        }
        Ok(())
    }

    /// Waits for commits, for the time to sync or for the end; takes what has piled up.
    fn next(&mut self) -> (Vec<Submitted>, bool) {
        let mut queue = self.shared.queue.lock();
        while queue.commits.is_empty() && !queue.closed {
            match self.unsynced_since {
                Some(since) => {
                    if self.shared.ready.wait_until(&mut queue, since + SYNC_PAUSE).timed_out() {
                        break;
                    }
                }
                None => self.shared.ready.wait(&mut queue),
            }
        }
        let closed = queue.closed;
        if queue.commits.len() <= GROUP_COMMITS_MAX {
            (mem::take(&mut queue.commits), closed)
        } else {
            let rest = queue.commits.split_off(GROUP_COMMITS_MAX);
            (mem::replace(&mut queue.commits, rest), closed)
        }
    }
}
