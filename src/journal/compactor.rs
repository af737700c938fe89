//! The thread that brings the log's groups into the tables, a file of the log at a time, and syncs what it is
//! told to. Nothing waits for it but the end, and a log that got far ahead of it.
//!
//! May use `log`, `tables` and `fold`.

use std::fs::File;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::Error;
use super::fold::fold;
use super::log::{self, Place};
use super::tables::{Reached, Tables};

/// Records that go into the tables as one transaction; between two the thread does what is more urgent.
const BATCH: usize = 4_000;

/// How long the last file of the log may take to go into the tables when the daemon ends. What does not get in by
/// then stays in the log.
const END_TIME: Duration = Duration::from_millis(500);

/// The thread's handle. Dropped, it waits for the thread.
pub(super) struct Compactor {
    orders: Option<Sender<Order>>,
    done: Receiver<Result<Done, Error>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread did.
pub(super) enum Done {
    /// This file of the log is free.
    Compacted(Place),
}

enum Order {
    Sync(Arc<File>),
    /// Sync this file and bring what it holds into the tables.
    Compact(Place),
    /// The same, until that time at most.
    Finish(Place, Instant),
}

impl Compactor {
    /// Starts the thread over the tables. Numbers up to `reserved` past the log's are taken as used.
    pub(super) fn start(tables: Tables, reserved: u64) -> Result<Compactor, Error> {
        let (orders, received) = channel();
        let (done, told) = channel();
        let mut worker = Worker { tables, reserved, orders: received, done };
        let thread = std::thread::Builder::new().name("compactor".to_owned()).spawn(move || worker.run());
        let thread =
            thread.map_err(|_| Error::Storage("the journal's second thread cannot be started".to_owned()))?;
        Ok(Compactor { orders: Some(orders), done: told, thread: Some(thread) })
    }

    /// Has a file synced, soon.
    pub(super) fn sync(&self, file: Arc<File>) {
        self.order(Order::Sync(file));
    }

    /// Has a file of the log, which is written no more, synced and brought into the tables.
    pub(super) fn compact(&self, place: Place) {
        self.order(Order::Compact(place));
    }

    /// Has the last file of the log brought into the tables before the end.
    pub(super) fn finish(&self, place: Place) {
        self.order(Order::Finish(place, Instant::now() + END_TIME));
    }

    fn order(&self, order: Order) {
        if let Some(orders) = &self.orders {
            // A thread that ended said why.
            let _ = orders.send(order);
        }
    }

    /// What was done since the last time, one at a time.
    ///
    /// # Errors
    /// Where the thread could not do what it was told.
    pub(super) fn done(&self) -> Result<Option<Done>, Error> {
        self.done.try_recv().ok().transpose()
    }

    /// Waits for what is done next.
    ///
    /// # Errors
    /// Where the thread could not do what it was told, or ended.
    pub(super) fn next_done(&self) -> Result<Done, Error> {
        let stopped = || Error::Storage("the journal's second thread stopped".to_owned());
        self.done.recv().map_err(|_| stopped())?
    }
}

impl Drop for Compactor {
    fn drop(&mut self) {
        drop(self.orders.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Worker {
    tables: Tables,
    reserved: u64,
    orders: Receiver<Order>,
    done: Sender<Result<Done, Error>>,
}

impl Worker {
    fn run(&mut self) {
        while let Ok(order) = self.orders.recv() {
            if let Err(error) = self.follow(order) {
                let _ = self.done.send(Err(error));
                return;
            }
        }
    }

    fn follow(&mut self, order: Order) -> Result<(), Error> {
        match order {
            Order::Sync(file) => log::sync(&file),
            Order::Compact(place) => self.compact(place, None),
            Order::Finish(place, until) => self.compact(place, Some(until)),
        }
    }

    /// What is in the tables in part is no harm: the log's records say what a row is, not what becomes of it, so
    /// that all of them go over it again.
    fn compact(&mut self, place: Place, until: Option<Instant>) -> Result<(), Error> {
        // First, so that after a power cut the tables never know what the log does not.
        log::sync_at(&place.path)?;
        // Whoever writes the log waits for this file.
        let lost =
            || Error::Storage("the data file is damaged: a file of its log has lost its head".to_owned());
        let header = log::header(&place.path)?.ok_or_else(lost)?;
        let content = log::content(&header, fold)?;
        let records = fold(content.records);
        for batch in records.chunks(BATCH) {
            if until.is_some_and(|until| Instant::now() > until) {
                return Ok(());
            }
            self.tables.apply(batch, None)?;
            while let Ok(order) = self.orders.try_recv() {
                match order {
                    Order::Sync(file) => log::sync(&file)?,
                    // The end has come; and nothing of this file is said to be in.
                    Order::Finish(..) | Order::Compact(..) => return Ok(()),
                }
            }
        }
        let next_number = self.tables.reached()?.next_number;
        let next_number = content.next_number.saturating_add(self.reserved).max(next_number);
        self.tables.apply(&[], Some(Reached { generation: place.generation, next_number }))?;
        let _ = self.done.send(Ok(Done::Compacted(place)));
        Ok(())
    }
}
