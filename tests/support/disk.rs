//! A disk that can be told to fail, or to take its time.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use sharesrv::config::Durability;
use sharesrv::journal::{Error, Group, Rows, SqliteStore, Store};

/// The test's hand on a disk.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Switches>);

#[derive(Debug, Default)]
struct Switches {
    fails: AtomicBool,
    held: Mutex<bool>,
    released: Condvar,
}

impl Disk {
    /// From now on nothing can be written.
    pub fn fail(&self) {
        self.0.fails.store(true, Ordering::SeqCst);
    }

    /// From now on a commit takes until `release`.
    pub fn hold(&self) {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    pub fn release(&self) {
        *self.0.held.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.released.notify_all();
    }

    /// The journal's file in the folder, behind this disk.
    pub fn open(&self, folder: &Path, durability: Durability) -> (Box<dyn Store>, Rows) {
        let (inner, rows) =
            SqliteStore::open(&folder.join("journal.sqlite"), durability).expect("a data folder");
        (Box::new(Switched { inner, disk: self.clone() }), rows)
    }

    fn pass(&self) -> Result<(), Error> {
        let held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.0.released.wait_while(held, |held| *held).unwrap_or_else(PoisonError::into_inner));
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
        self.disk.pass()?;
        self.inner.commit(group)
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.disk.pass()?;
        self.inner.sync()
    }

    /// While it is held, whoever writes waits: that must be nobody who serves.
    fn is_prompt(&self) -> bool {
        let held = *self.disk.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        !held && self.inner.is_prompt()
    }
}
