//! The thread that brings the log's groups into the tables, a file of the log at a time, and syncs what it is
//! told to. Nothing waits for it but the end, and a log that got far ahead of it.
//!
//! May use `log`, `codec`, `latest` and `tables`.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::latest::Latest;
use super::log::{self, Place};
use super::tables::{Reached, Tables};
use super::{Error, codec};

/// Records that go into the tables as one transaction.
const BATCH: usize = 4_000;

/// It reads and puts in for so long at a time: where cores are busy, those who serve lose no more than that to it,
/// and not a slice of the scheduler's, some milliseconds, in which all others wait for the lock that one of them may
/// hold. The end of a transaction, which is mostly the disk's, is in one piece.
const PIECE: Duration = Duration::from_micros(100);

/// And then does nothing for so long, or until it is to sync something.
const PAUSE: Duration = Duration::from_micros(200);

/// So many records it handles between two looks at the clock, which cost as much as a tenth of the work.
const STEPS: u8 = 8;

/// How long the last file of the log may take to go into the tables when the daemon ends. What does not get in by
/// then stays in the log.
const END_TIME: Duration = Duration::from_millis(500);

/// The thread's handle. Dropped, it waits for the thread.
pub(super) struct Compactor {
    orders: Option<Sender<Order>>,
    done: Receiver<Result<Done, Error>>,
    thread: Option<JoinHandle<()>>,
    hurry: Arc<AtomicBool>,
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
        let hurry = Arc::new(AtomicBool::new(false));
        let mut worker = Worker { tables, reserved, orders: received, done, hurry: Arc::clone(&hurry) };
        let thread = std::thread::Builder::new().name("compactor".to_owned()).spawn(move || worker.run());
        let thread =
            thread.map_err(|_| Error::Storage("the journal's second thread cannot be started".to_owned()))?;
        Ok(Compactor { orders: Some(orders), done: told, thread: Some(thread), hurry })
    }

    /// Has a file synced, soon.
    pub(super) fn sync(&self, file: Arc<File>) {
        self.order(Order::Sync(file));
    }

    /// Has a file of the log, which is written no more, synced and brought into the tables.
    pub(super) fn compact(&self, place: Place) {
        self.hurry.store(false, Ordering::Relaxed);
        self.order(Order::Compact(place));
    }

    /// The file that goes into the tables is awaited.
    pub(super) fn hurry(&self) {
        if !self.hurry.load(Ordering::Relaxed) {
            self.hurry.store(true, Ordering::Relaxed);
        }
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
    hurry: Arc<AtomicBool>,
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
        let compacted = match order {
            Order::Sync(file) => return log::sync(&file),
            Order::Compact(place) => self.compact(place, None),
            Order::Finish(place, until) => self.compact(place, Some(until)),
        };
        match compacted {
            Ok(()) | Err(Stop::End) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// What is in the tables in part is no harm: the log's records say what a row is, not what becomes of it, so
    /// that all of them go over it again.
    fn compact(&mut self, place: Place, until: Option<Instant>) -> Result<(), Stop> {
        let Worker { tables, orders, hurry, .. } = self;
        let mut pace = Pace { orders, hurry, until, since: Instant::now(), steps: 0 };
        // First, so that after a power cut the tables never know what the log does not.
        log::sync_at(&place.path)?;
        // Whoever writes the log waits for this file.
        let lost =
            || Error::Storage("the data file is damaged: a file of its log has lost its head".to_owned());
        let header = log::header(&place.path)?.ok_or_else(lost)?;
        let mut latest = Latest::default();
        let content = log::content(&header, |record| {
            latest.add(&record);
            pace.step()
        })?;
        let records = latest.into_iter().map(|(_, record)| codec::read(&record).ok_or_else(log::damaged));
        let mut records = records.peekable();
        while records.peek().is_some() {
            tables.apply(records.by_ref().take(BATCH), || pace.step())?;
        }
        let next_number = tables.reached()?.next_number;
        let next_number = content.next_number.saturating_add(self.reserved).max(next_number);
        tables.reach(Reached { generation: place.generation, next_number })?;
        let _ = self.done.send(Ok(Done::Compacted(place)));
        Ok(())
    }
}

/// Why a file of the log is not brought into the tables to its end.
enum Stop {
    /// It stays in the log: the daemon ends.
    End,
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

/// Work that gives way: in short pieces, and what is more urgent between them.
struct Pace<'w> {
    orders: &'w Receiver<Order>,
    /// It is awaited, so that it does not give way.
    hurry: &'w AtomicBool,
    /// The end is near, and it has to be done by then; nor does it give way.
    until: Option<Instant>,
    /// When this piece began.
    since: Instant,
    /// Steps since the last look at the clock.
    steps: u8,
}

impl Pace<'_> {
    /// To be called often.
    fn step(&mut self) -> Result<(), Stop> {
        self.steps += 1;
        if self.steps < STEPS { Ok(()) } else { self.look() }
    }

    fn look(&mut self) -> Result<(), Stop> {
        self.steps = 0;
        let now = Instant::now();
        if now - self.since < PIECE {
            return Ok(());
        }
        match self.orders.recv_timeout(self.pause()) {
            Ok(Order::Sync(file)) => log::sync(&file)?,
            // Nothing of this file is said to be in.
            Ok(Order::Finish(..) | Order::Compact(..)) => return Err(Stop::End),
            Err(RecvTimeoutError::Timeout) if self.until.is_none() => {}
            // At the end nobody is there who could order something.
            Err(_) => {
                if self.until.is_none_or(|until| now > until) {
                    return Err(Stop::End);
                }
            }
        }
        self.since = Instant::now();
        Ok(())
    }

    fn pause(&self) -> Duration {
        let awaited = self.until.is_some() || self.hurry.load(Ordering::Relaxed);
        if awaited { Duration::ZERO } else { PAUSE }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn place() -> Place {
        Place { path: "log".into(), generation: 1 }
    }

    #[test]
    fn it_rests_unless_it_is_awaited_or_at_the_end() {
        let (_orders, received) = channel();
        let hurry = AtomicBool::new(false);
        let mut pace =
            Pace { orders: &received, hurry: &hurry, until: None, since: Instant::now(), steps: 0 };
        assert_eq!(pace.pause(), PAUSE);
        hurry.store(true, Ordering::Relaxed);
        assert_eq!(pace.pause(), Duration::ZERO);
        hurry.store(false, Ordering::Relaxed);
        pace.until = Some(Instant::now());
        assert_eq!(pace.pause(), Duration::ZERO);
    }

    #[test]
    fn it_looks_at_the_clock_now_and_then() {
        let (orders, received) = channel();
        drop(orders);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let hurry = AtomicBool::new(false);
        let mut pace = Pace { orders: &received, hurry: &hurry, until: None, since: long_ago, steps: 0 };
        for _ in 0..3 {
            for _ in 1..STEPS {
                assert!(pace.step().is_ok());
            }
            assert!(matches!(pace.step(), Err(Stop::End)));
        }
    }

    #[test]
    fn between_two_pieces_it_does_what_is_more_urgent_and_ends_where_it_has_to() {
        let (orders, received) = channel();
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let hurry = AtomicBool::new(false);
        let mut pace = Pace { orders: &received, hurry: &hurry, until: None, since: long_ago, steps: 0 };
        let file = Arc::new(tempfile::tempfile().unwrap());
        orders.send(Order::Sync(Arc::clone(&file))).unwrap();
        assert!(pace.look().is_ok());
        assert_eq!(Arc::strong_count(&file), 1, "it was synced and is held no more");
        for order in [Order::Compact(place()), Order::Finish(place(), Instant::now())] {
            pace.since = long_ago;
            orders.send(order).unwrap();
            assert!(matches!(pace.look(), Err(Stop::End)));
        }
        pace.since = long_ago;
        assert!(pace.look().is_ok());
        drop(orders);
        pace.since = long_ago;
        assert!(matches!(pace.look(), Err(Stop::End)), "nobody is there who would read it");
        for (until, goes_on) in [(Instant::now() + Duration::from_secs(3_600), true), (long_ago, false)] {
            (pace.until, pace.since) = (Some(until), long_ago);
            assert_eq!(pace.look().is_ok(), goes_on, "at the end its time is what counts");
        }
    }
}
