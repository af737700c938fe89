//! A disk that can be told to fail, or to take its time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sharesrv::config::Durability;
use sharesrv::journal::{Error, Group, Rows, SqliteStore, Store, Tell};

const SOON: Duration = Duration::from_secs(20);

/// The test's hand on a disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    fails: AtomicBool,
    hold: Mutex<Hold>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Hold {
    is_held: bool,
    /// A commit has come since, and has to wait.
    is_met: bool,
}

impl Disk {
    /// From now on nothing can be written.
    pub fn fail(&self) {
        self.0.fails.store(true, Ordering::SeqCst);
    }

    /// From now on a commit takes until `release`.
    pub fn hold(&self) {
        *self.switch() = Hold { is_held: true, is_met: false };
    }

    /// Returns when a commit waits for `release`: then what it is of has been done, however busy the machine is.
    #[track_caller]
    pub fn wait_for_commit(&self) {
        let waited = self.0.changed.wait_timeout_while(self.switch(), SOON, |hold| !hold.is_met);
        assert!(!waited.unwrap_or_else(PoisonError::into_inner).1.timed_out(), "no commit");
    }

    pub fn release(&self) {
        *self.switch() = Hold::default();
        self.0.changed.notify_all();
    }

    fn switch(&self) -> MutexGuard<'_, Hold> {
        self.0.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The journal's file in the folder, behind this disk.
    pub fn open(&self, folder: &Path, durability: Durability) -> (Box<dyn Store>, Rows) {
        let (inner, rows) =
            SqliteStore::open(&folder.join("journal.sqlite"), durability).expect("a data folder");
        (Box::new(Switched { inner, disk: self.clone() }), rows)
    }

    fn meet(&self) {
        self.switch().is_met = true;
        self.0.changed.notify_all();
    }

    fn pass(&self) -> Result<(), Error> {
        let hold = self.switch();
        drop(self.0.changed.wait_while(hold, |hold| hold.is_held).unwrap_or_else(PoisonError::into_inner));
        if self.0.fails.load(Ordering::SeqCst) {
            return Err(Error::Storage("the disk was told to fail".to_owned()));
        }
        Ok(())
    }
}

struct Switched {
    inner: SqliteStore,
    disk: Disk,
}

impl Store for Switched {
    fn commit(&mut self, group: &Group) -> Result<(), Error> {
        self.disk.meet();
        self.disk.pass()?;
        self.inner.commit(group)
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.disk.pass()?;
        self.inner.sync()
    }

    fn on_failure(&mut self, tell: Tell) {
        self.inner.on_failure(tell);
    }

    /// While it is held, whoever writes waits: that must be nobody who serves.
    fn is_prompt(&self) -> bool {
        !self.disk.switch().is_held && self.inner.is_prompt()
    }
}
