//! The records -> SQLite, a commit group at a time, and back at the start; the only place that commits.
//!
//! May use `state` (records and rows), `value` and `clock`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

pub use crate::config::Durability;
use crate::state::{Record, Row};

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
/// Cheap to clone; the thread ends when the last handle is gone.
#[derive(Clone)]
pub struct Journal {
    #[expect(dead_code, reason = "skeleton")]
    committed: Arc<AtomicU64>,
}

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_self)]
impl Journal {
    /// A journal on this store; `None` is `durability = memory`: every commit counts as done at once.
    pub fn start(store: Option<Box<dyn Store>>, durability: Durability) -> Journal {
        todo!()
    }
    /// Takes a commit. Called with the lock on the state held, so commits come in order; never blocks on the disk.
    pub fn submit(&self, sequence: u64, records: Vec<Record>, next_number: u64) {
        todo!()
    }
    /// Waits until the commit of this number, and so every earlier one, is done. At once for 0 and for what is
    /// done already.
    pub async fn committed(&self, sequence: u64) -> Result<(), Error> {
        todo!()
    }
    /// Resolves with the reason when a commit failed: the daemon must end. Never otherwise.
    pub async fn failed(&self) -> Error {
        todo!()
    }
    /// Writes all that was submitted and syncs it; ends the thread.
    pub async fn close(&self) -> Result<(), Error> {
        todo!()
    }
}

/// The journal's SQLite file.
pub struct SqliteStore {}

#[expect(clippy::todo, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::missing_errors_doc, clippy::unused_self)]
impl SqliteStore {
    /// Opens or makes the file, brings its schema up to date and reads every row.
    pub fn open(path: &Path, durability: Durability) -> Result<(SqliteStore, Rows), Error> {
        todo!()
    }
}
