//! The promise, over a store that records groups, fails, or blocks until it is let go.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;
use crate::state::Table;

/// A store that a test holds in its hand.
struct TestStore {
    told: Sender<Told>,
    /// Where there is one, each commit and sync waits for a word; `false` makes it fail, a hang-up lets all pass.
    gate: Option<Receiver<bool>>,
    dropped: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Told {
    Commit(Group),
    Sync,
}

impl TestStore {
    fn pass(&mut self) -> Result<(), Error> {
        let pass = self.gate.as_ref().is_none_or(|gate| gate.recv().unwrap_or(true));
        if pass { Ok(()) } else { Err(Error::Storage("the disk is full".to_owned())) }
    }
}

impl Store for TestStore {
    fn commit(&mut self, group: &Group) -> Result<(), Error> {
        let _ = self.told.send(Told::Commit(group.clone()));
        self.pass()
    }

    fn sync(&mut self) -> Result<(), Error> {
        let _ = self.told.send(Told::Sync);
        self.pass()
    }
}

/// A store that can fail while nobody calls it.
#[derive(Clone, Default)]
struct Later(Arc<std::sync::OnceLock<Tell>>);

impl Store for Later {
    fn commit(&mut self, _: &Group) -> Result<(), Error> {
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn on_failure(&mut self, tell: Tell) {
        assert!(self.0.set(tell).is_ok());
    }
}

#[tokio::test]
async fn what_fails_while_nobody_writes_ends_the_journal_at_once() {
    let later = Later::default();
    let journal = Journal::start(Some(Box::new(later.clone())), Durability::Normal, &Loops::here());
    journal.submit(1, vec![put(1)], 2);
    journal.committed(1).await.unwrap();
    assert!(!journal.has_ended());
    later.0.get().unwrap()(Error::Storage("the disk cannot be synced".to_owned()));
    assert_eq!(journal.failed().await.to_string(), "the disk cannot be synced");
    journal.submit(2, vec![put(2)], 3);
    assert!(journal.committed(2).await.is_err());
    assert_eq!(journal.close().await.unwrap_err().to_string(), "the disk cannot be synced");
}

impl Drop for TestStore {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

struct Bench {
    journal: Journal,
    told: Receiver<Told>,
    gate: Sender<bool>,
    dropped: Arc<AtomicBool>,
}

impl Bench {
    fn new(durability: Durability, gated: bool, interval: Duration) -> Bench {
        let (told, groups) = channel();
        let (gate, gated_by) = channel();
        let dropped = Arc::new(AtomicBool::new(false));
        let store = TestStore { told, gate: gated.then_some(gated_by), dropped: Arc::clone(&dropped) };
        let journal = Journal::start_syncing(Some(Box::new(store)), durability, interval, &Loops::here());
        Bench { journal, told: groups, gate, dropped }
    }

    fn free() -> Bench {
        Bench::new(Durability::Full, false, SYNC_INTERVAL)
    }

    fn gated() -> Bench {
        Bench::new(Durability::Full, true, SYNC_INTERVAL)
    }

    /// Submits a commit that puts a row of its own.
    fn submit(&self, sequence: u64) {
        self.journal.submit(sequence, vec![put(sequence)], sequence + 1);
    }

    fn group(&self) -> Group {
        match self.told.recv().unwrap() {
            Told::Commit(group) => group,
            Told::Sync => panic!("a sync, where a commit was to come"),
        }
    }

    fn sync(&self) {
        assert!(matches!(self.told.recv().unwrap(), Told::Sync));
    }
}

fn put(number: u64) -> Record {
    Record::Put { number, row: Row::Queue { name: Arc::from("q") }, fresh: true }
}

fn waiter(journal: &Journal, sequence: u64) -> tokio::task::JoinHandle<Result<(), Error>> {
    let journal = journal.clone();
    tokio::spawn(async move { journal.committed(sequence).await })
}

#[tokio::test]
async fn a_commit_is_done_when_the_store_has_it() {
    let bench = Bench::free();
    assert!(bench.journal.committed(0).await.is_ok());
    bench.submit(1);
    bench.journal.committed(1).await.unwrap();
    let group = bench.group();
    assert_eq!((group.records.len(), group.next_number), (1, 2));
    bench.journal.committed(1).await.unwrap();
}

#[tokio::test]
async fn what_piles_up_while_the_store_is_busy_is_one_group() {
    let bench = Bench::gated();
    bench.submit(1);
    assert_eq!(bench.group().records.len(), 1);
    for sequence in 2..=101 {
        bench.submit(sequence);
    }
    bench.gate.send(true).unwrap();
    let group = bench.group();
    assert_eq!((group.records.len(), group.next_number), (100, 102));
    bench.gate.send(true).unwrap();
    bench.journal.committed(101).await.unwrap();
}

#[tokio::test]
async fn a_group_has_an_end() {
    let bench = Bench::gated();
    bench.submit(1);
    bench.group();
    for sequence in 2..=2_500 {
        bench.submit(sequence);
    }
    for size in [1_024, 1_024, 451] {
        bench.gate.send(true).unwrap();
        assert_eq!(bench.group().records.len(), size);
    }
    drop(bench.gate);
    bench.journal.committed(2_500).await.unwrap();
}

#[tokio::test]
async fn nobody_is_told_before_the_store_returned() {
    let bench = Bench::gated();
    bench.submit(1);
    bench.group();
    let (one, two) = (waiter(&bench.journal, 1), waiter(&bench.journal, 2));
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!one.is_finished(), "the store has not returned");
    bench.submit(2);
    bench.gate.send(true).unwrap();
    one.await.unwrap().unwrap();
    bench.group();
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!two.is_finished());
    bench.gate.send(true).unwrap();
    two.await.unwrap().unwrap();
}

#[tokio::test]
async fn waiters_in_any_order_and_waiters_that_left_do_no_harm() {
    let bench = Bench::gated();
    let waiters: Vec<_> = [5, 1, 3, 2, 4, 3, 6].map(|sequence| waiter(&bench.journal, sequence)).into();
    tokio::task::yield_now().await;
    waiters[2].abort();
    bench.submit(1);
    bench.group();
    (2..=5).for_each(|sequence| bench.submit(sequence));
    bench.gate.send(true).unwrap();
    bench.gate.send(true).unwrap();
    bench.group();
    let mut told = Vec::new();
    for (index, waiter) in waiters.into_iter().enumerate() {
        if index < 6 {
            told.push(waiter.await.is_ok_and(|result| result.is_ok()));
        } else {
            assert!(!waiter.is_finished());
        }
    }
    assert_eq!(told, [true, true, false, true, true, true]);
}

#[tokio::test]
async fn a_group_that_folds_to_nothing_keeps_its_place_and_spares_the_disk() {
    let bench = Bench::gated();
    bench.submit(1);
    bench.group();
    let nothing = vec![put(2), Record::Delete { table: Table::Queue, number: 2 }];
    bench.journal.submit(2, nothing, 3);
    bench.journal.submit(3, vec![], 3);
    let empty = waiter(&bench.journal, 3);
    tokio::task::yield_now().await;
    assert!(!empty.is_finished(), "an earlier commit is on its way");
    bench.gate.send(true).unwrap();
    empty.await.unwrap().unwrap();
    bench.submit(4);
    assert_eq!(bench.group().records.len(), 1, "the next that the store hears of");
}

#[tokio::test]
async fn numbers_that_only_vanished_rows_had_reach_the_store_in_time() {
    let bench = Bench::free();
    for sequence in 1..=2_000 {
        bench.journal.submit(sequence, vec![], sequence);
        bench.journal.committed(sequence).await.unwrap();
    }
    bench.journal.close().await.unwrap();
    let told: Vec<u64> = bench
        .told
        .try_iter()
        .map(|told| match told {
            Told::Commit(group) => group.next_number,
            Told::Sync => 0,
        })
        .collect();
    assert_eq!(told, [513, 1_026, 1_539]);
}

#[tokio::test]
async fn a_failed_commit_is_the_end() {
    let bench = Bench::gated();
    bench.submit(1);
    bench.group();
    bench.gate.send(true).unwrap();
    bench.journal.committed(1).await.unwrap();
    let (two, nine) = (waiter(&bench.journal, 2), waiter(&bench.journal, 9));
    tokio::task::yield_now().await;
    bench.submit(2);
    bench.group();
    bench.submit(3);
    bench.gate.send(false).unwrap();
    assert_eq!(two.await.unwrap().unwrap_err().to_string(), "the disk is full");
    assert_eq!(nine.await.unwrap().unwrap_err().to_string(), "the disk is full");
    assert_eq!(bench.journal.failed().await.to_string(), "the disk is full");
    bench.submit(4);
    for sequence in [2, 3, 4] {
        assert!(bench.journal.committed(sequence).await.is_err());
    }
    bench.journal.committed(1).await.unwrap();
    assert!(bench.told.recv().is_err(), "nothing more was written");
    assert_eq!(bench.journal.close().await.unwrap_err().to_string(), "the disk is full");
}

#[tokio::test]
async fn a_store_that_panics_fails() {
    struct Panicking;
    impl Store for Panicking {
        fn commit(&mut self, _: &Group) -> Result<(), Error> {
            panic!("on purpose")
        }
        fn sync(&mut self) -> Result<(), Error> {
            Ok(())
        }
    }
    let journal = Journal::start(Some(Box::new(Panicking)), Durability::Full, &Loops::here());
    journal.submit(1, vec![put(1)], 2);
    assert!(journal.committed(1).await.is_err());
    assert_eq!(journal.failed().await.to_string(), "the journal stopped");
    assert!(journal.close().await.is_err());
}

#[tokio::test]
async fn closing_writes_what_there_is_and_ends() {
    let bench = Bench::gated();
    bench.submit(1);
    bench.group();
    bench.submit(2);
    let journal = bench.journal.clone();
    let closing = tokio::spawn(async move { journal.close().await });
    tokio::task::yield_now().await;
    assert!(!closing.is_finished());
    (0..2).for_each(|_| bench.gate.send(true).unwrap());
    closing.await.unwrap().unwrap();
    assert!(bench.dropped.load(Ordering::SeqCst), "the store is closed by then");
    assert_eq!(bench.group().records.len(), 1);
    bench.journal.committed(2).await.unwrap();
    bench.journal.submit(3, vec![put(3)], 4);
    assert_eq!(bench.journal.committed(3).await.unwrap_err().to_string(), "the journal is closed");
    bench.journal.close().await.unwrap();
}

#[tokio::test]
async fn the_last_handle_that_goes_lets_the_thread_finish() {
    let bench = Bench::free();
    let second = bench.journal.clone();
    bench.submit(1);
    drop(bench.journal);
    second.committed(1).await.unwrap();
    second.submit(2, vec![put(2)], 3);
    drop(second);
    assert_eq!(bench.told.iter().count(), 2, "and then the thread lets its store go");
}

#[tokio::test]
async fn normal_syncs_after_a_while_what_was_written_and_only_then() {
    let bench = Bench::new(Durability::Normal, false, Duration::from_millis(1));
    bench.submit(1);
    bench.journal.committed(1).await.unwrap();
    bench.group();
    bench.sync();
    bench.submit(2);
    bench.group();
    bench.sync();
    bench.journal.close().await.unwrap();
    assert!(bench.told.recv().is_err(), "nothing was written since the last sync");
}

#[tokio::test]
async fn closing_syncs_what_normal_has_not() {
    let bench = Bench::new(Durability::Normal, false, Duration::from_secs(3_600));
    bench.submit(1);
    bench.submit(2);
    bench.journal.committed(2).await.unwrap();
    bench.journal.close().await.unwrap();
    let told: Vec<Told> = bench.told.iter().collect();
    assert!(matches!(told.last(), Some(Told::Sync)));
    assert_eq!(told.iter().filter(|told| matches!(told, Told::Sync)).count(), 1);
}

#[tokio::test]
async fn a_failed_sync_is_the_end() {
    let bench = Bench::new(Durability::Normal, true, Duration::from_millis(1));
    bench.submit(1);
    bench.group();
    bench.gate.send(true).unwrap();
    bench.sync();
    bench.gate.send(false).unwrap();
    assert_eq!(bench.journal.failed().await.to_string(), "the disk is full");
    bench.submit(2);
    assert!(bench.journal.committed(2).await.is_err());
}

#[tokio::test]
async fn full_leaves_syncing_to_each_commit() {
    let bench = Bench::new(Durability::Full, false, Duration::from_millis(1));
    bench.submit(1);
    bench.journal.close().await.unwrap();
    assert!(bench.told.iter().all(|told| matches!(told, Told::Commit(_))));
}

#[tokio::test]
async fn memory_promises_at_once() {
    let (told, groups) = channel();
    let store = TestStore { told, gate: None, dropped: Arc::default() };
    for journal in [
        Journal::start(None, Durability::Memory, &Loops::here()),
        Journal::start(Some(Box::new(store)), Durability::Memory, &Loops::here()),
    ] {
        journal.submit(1, vec![put(1)], 2);
        journal.committed(1).await.unwrap();
        journal.close().await.unwrap();
    }
    assert!(groups.recv().is_err());
}

mod prompt;
