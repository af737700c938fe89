//! The thread that brings the log's groups into the tables, a file of the log at a time, and syncs what it is
//! told to. Nothing waits for it but the end, and a log that got far ahead of it.
//!
//! May use `log`, `codec`, `latest` and `tables`.

use std::fs::File;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::latest::Latest;
use super::log::{self, Mark, Place};
use super::tables::{Reached, Tables};
use super::{Error, Tell, codec};

/// Records that go into the tables as one transaction.
const BATCH: usize = 4_000;

/// It reads and puts in for so long at a time: where cores are busy, those who serve lose no more than that to it,
/// and not a slice of the scheduler's, some milliseconds, in which all others wait for the lock that one of them may
/// hold. The end of a transaction, which is mostly the disk's, is in one piece.
const PIECE: Duration = Duration::from_micros(100);

/// And then does nothing for so long, or until it is to sync something: a thread that takes a tenth of a core is hardly
/// noticed, one that takes a third of it for a shorter time is.
const PAUSE: Duration = Duration::from_millis(1);

/// Or, where it would not be through in time, for so long.
const SHORT_PAUSE: Duration = Duration::from_micros(200);

/// A whole file, in the parts that its filling and its going into the tables are counted in.
const WHOLE: u32 = 1_000;

/// It is to be through when so much of the file that is written meanwhile is full.
const IN_TIME: u32 = WHOLE * 3 / 4;

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
    filled: Arc<AtomicU32>,
    tell: Arc<OnceLock<Tell>>,
}

/// What the thread did.
pub(super) enum Done {
    /// This file of the log is free.
    Compacted(Place),
}

enum Order {
    Sync(Arc<File>),
    /// Sync this file and bring what it holds, up to there, into the tables.
    Compact(Place, Mark),
    /// The same, until that time at most.
    Finish(Place, Mark, Instant),
}

impl Compactor {
    /// Starts the thread over the tables. Numbers up to `reserved` past the log's are taken as used.
    pub(super) fn start(tables: Tables, reserved: u64) -> Result<Compactor, Error> {
        let (orders, received) = channel();
        let (done, told) = channel();
        let filled = Arc::new(AtomicU32::new(0));
        let tell = Arc::new(OnceLock::new());
        let mut worker = Worker {
            tables,
            reserved,
            orders: received,
            done,
            filled: Arc::clone(&filled),
            tell: Arc::clone(&tell),
        };
        let thread = std::thread::Builder::new().name("compactor".to_owned()).spawn(move || worker.run());
        let thread =
            thread.map_err(|_| Error::Storage("the journal's second thread cannot be started".to_owned()))?;
        Ok(Compactor { orders: Some(orders), done: told, thread: Some(thread), filled, tell })
    }

    /// Takes whom to tell of a failure; the first counts.
    pub(super) fn on_failure(&self, tell: Tell) {
        let _ = self.tell.set(tell);
    }

    /// Has a file synced, soon.
    pub(super) fn sync(&self, file: Arc<File>) {
        self.order(Order::Sync(file));
    }

    /// Has a file of the log, which is written no more and goes to `end`, synced and brought into the tables.
    pub(super) fn compact(&self, place: Place, end: Mark) {
        self.filled.store(0, Ordering::Relaxed);
        self.order(Order::Compact(place, end));
    }

    /// Tells how much of the bytes that end its turn the file that is written meanwhile has.
    pub(super) fn filled(&self, bytes: u64, turn_bytes: u64) {
        self.filled.store(share(bytes, turn_bytes, WHOLE), Ordering::Relaxed);
    }

    /// Has the last file of the log brought into the tables before the end.
    pub(super) fn finish(&self, place: Place, end: Mark) {
        self.order(Order::Finish(place, end, Instant::now() + END_TIME));
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
    filled: Arc<AtomicU32>,
    tell: Arc<OnceLock<Tell>>,
}

impl Worker {
    fn run(&mut self) {
        while let Ok(order) = self.orders.recv() {
            if let Err(error) = self.follow(order) {
                let _ = self.done.send(Err(error.clone()));
                if let Some(tell) = self.tell.get() {
                    tell(error);
                }
                return;
            }
        }
    }

    fn follow(&mut self, order: Order) -> Result<(), Error> {
        let compacted = match order {
            Order::Sync(file) => return log::sync(&file),
            Order::Compact(place, end) => self.compact(place, end, None),
            Order::Finish(place, end, until) => self.compact(place, end, Some(until)),
        };
        match compacted {
            Ok(()) | Err(Stop::End) => Ok(()),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// What is in the tables in part is no harm: the log's records say what a row is, not what becomes of it, so
    /// that all of them go over it again.
    fn compact(&mut self, place: Place, end: Mark, until: Option<Instant>) -> Result<(), Stop> {
        let Worker { tables, orders, filled, .. } = self;
        let mut pace = Pace::new(orders, filled, until);
        // First, so that after a power cut the tables never know what the log does not.
        place.sync()?;
        let header = log::header(&place)?.ok_or_else(lost)?;
        let mut latest = Latest::default();
        // To read a file takes about as long as to put in what it comes to.
        pace.part(0, end.bytes);
        let content = log::content(&header, |record| {
            latest.add(&record);
            pace.step(record.bytes.len() as u64)
        })?;
        if content.mark != end {
            return Err(Stop::Failed(lost()));
        }
        pace.part(WHOLE / 2, latest.rows());
        let records = latest.into_iter().map(|(_, record)| codec::read(&record).ok_or_else(log::damaged));
        let mut records = records.peekable();
        while records.peek().is_some() {
            tables.apply(records.by_ref().take(BATCH), || pace.step(1))?;
        }
        let next_number = tables.reached()?.next_number;
        let next_number = content.next_number.saturating_add(self.reserved).max(next_number);
        tables.reach(Reached { generation: place.generation, next_number })?;
        let _ = self.done.send(Ok(Done::Compacted(place)));
        Ok(())
    }
}

/// The disk did not keep what was written to it.
fn lost() -> Error {
    Error::Storage("the data file is damaged: its log does not hold what was written to it".to_owned())
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
    /// How much of the file that is written meanwhile is full. Where all of it is, this one is awaited and does not give
    /// way.
    filled: &'w AtomicU32,
    /// How much was done when this part of it began.
    done: u32,
    /// How much of this part was done since, and how much it is.
    passed: u64,
    part: u64,
    /// The end is near, and it has to be done by then; nor does it give way.
    until: Option<Instant>,
    /// When this piece began.
    since: Instant,
    /// Steps since the last look at the clock.
    steps: u8,
}

impl<'w> Pace<'w> {
    fn new(orders: &'w Receiver<Order>, filled: &'w AtomicU32, until: Option<Instant>) -> Pace<'w> {
        Pace { orders, filled, done: 0, passed: 0, part: 0, until, since: Instant::now(), steps: 0 }
    }

    /// The next part begins, when so much is done: so many bytes, or records.
    fn part(&mut self, done: u32, part: u64) {
        (self.done, self.passed, self.part) = (done, 0, part);
    }

    /// To be called often, with what was done of the part since.
    fn step(&mut self, passed: u64) -> Result<(), Stop> {
        self.passed += passed;
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
        let filled = self.filled.load(Ordering::Relaxed);
        if self.until.is_some() || filled >= WHOLE {
            return Duration::ZERO;
        }
        let done = self.done + share(self.passed, self.part, WHOLE / 2);
        if done >= filled * WHOLE / IN_TIME { PAUSE } else { SHORT_PAUSE }
    }
}

/// How much of `whole` that is, if `all` is the whole of it.
fn share(part: u64, all: u64, whole: u32) -> u32 {
    let share = part.saturating_mul(u64::from(whole)) / all.max(1);
    u32::try_from(share).unwrap_or(whole).min(whole)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn place() -> (tempfile::TempDir, Place, Mark) {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::open(folder.path().join("log")).unwrap();
        (folder, place, Mark { sum: 0, bytes: 0 })
    }

    #[test]
    fn it_rests_the_less_the_more_it_is_behind_and_not_at_all_where_it_is_awaited_or_at_the_end() {
        let (_orders, received) = channel();
        let filled = AtomicU32::new(0);
        let mut pace = Pace::new(&received, &filled, None);
        let mut pause = |filled_bytes, done, passed| {
            filled.store(share(filled_bytes, 16_000_000, WHOLE), Ordering::Relaxed);
            pace.part(done, 8_000);
            pace.passed = passed;
            pace.pause()
        };
        assert_eq!(pause(0, 0, 0), PAUSE, "nobody writes");
        assert_eq!(pause(2_400_000, 0, 3_200), PAUSE, "a fifth is done");
        assert_eq!(
            pause(2_500_000, 0, 3_200),
            SHORT_PAUSE,
            "it would be done when more than three quarters are full"
        );
        assert_eq!(pause(12_000_000, WHOLE / 2, 7_900), SHORT_PAUSE);
        assert_eq!(pause(12_000_000, WHOLE / 2, 8_000), PAUSE);
        // What a file holds may come to more than is known before.
        assert_eq!(pause(12_000_000, WHOLE / 2, 9_000), PAUSE);
        assert_eq!(pause(16_000_000, WHOLE / 2, 7_900), Duration::ZERO);
        assert_eq!(pause(99_000_000, 0, 0), Duration::ZERO);
        assert_eq!(pause(0, 0, 0), PAUSE);
        pace.until = Some(Instant::now());
        assert_eq!(pace.pause(), Duration::ZERO);
    }

    #[test]
    fn it_looks_at_the_clock_now_and_then() {
        let (orders, received) = channel();
        drop(orders);
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let filled = AtomicU32::new(0);
        let mut pace = Pace::new(&received, &filled, None);
        pace.since = long_ago;
        for _ in 0..3 {
            for _ in 1..STEPS {
                assert!(pace.step(1).is_ok());
            }
            assert!(matches!(pace.step(1), Err(Stop::End)));
        }
    }

    #[test]
    fn between_two_pieces_it_does_what_is_more_urgent_and_ends_where_it_has_to() {
        let (orders, received) = channel();
        let long_ago = Instant::now().checked_sub(Duration::from_secs(1)).unwrap();
        let filled = AtomicU32::new(0);
        let mut pace = Pace::new(&received, &filled, None);
        pace.since = long_ago;
        let file = Arc::new(tempfile::tempfile().unwrap());
        orders.send(Order::Sync(Arc::clone(&file))).unwrap();
        assert!(pace.look().is_ok());
        assert_eq!(Arc::strong_count(&file), 1, "it was synced and is held no more");
        let (_folder, place, end) = place();
        for order in [Order::Compact(place.clone(), end), Order::Finish(place, end, Instant::now())] {
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
