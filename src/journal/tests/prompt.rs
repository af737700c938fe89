//! A store that is prompt is written to by those who serve, and the thread has what may take long; whoever writes,
//! the order and the promise are the same.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::thread;

use parking_lot::Mutex;

use super::*;
use crate::event_loops::EventLoops;

/// A store that is prompt or not as it is told, and notes who wrote what.
#[derive(Clone, Default)]
struct Noting {
    seen: Arc<Mutex<Seen>>,
    prompt: Prompt,
    /// No write ends while somebody has this.
    held: Arc<Mutex<()>>,
    fails: bool,
    panics: bool,
}

#[derive(Clone, Copy, Default)]
enum Prompt {
    #[default]
    Always,
    /// For so many commits, then not for as many.
    InTurns(usize),
    Never,
}

#[derive(Default)]
struct Seen {
    numbers: Vec<u64>,
    commits: usize,
    writers: Vec<String>,
    syncs: Vec<String>,
}

fn this_thread() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

impl Store for Noting {
    fn commit(&mut self, group: &Group) -> Result<(), Error> {
        assert!(!self.panics, "on purpose");
        let mut seen = self.seen.lock();
        seen.commits += 1;
        seen.writers.push(this_thread());
        seen.numbers.extend(group.records.iter().map(|record| crate::journal::fold::place(record).1));
        drop(seen);
        drop(self.held.lock());
        if self.fails { Err(Error::Storage("the disk is full".to_owned())) } else { Ok(()) }
    }

    fn sync(&mut self) -> Result<(), Error> {
        self.seen.lock().syncs.push(this_thread());
        Ok(())
    }

    fn is_prompt(&self) -> bool {
        match self.prompt {
            Prompt::Always => true,
            Prompt::InTurns(turns) => (self.seen.lock().commits / turns).is_multiple_of(2),
            Prompt::Never => false,
        }
    }
}

fn start(store: &Noting, interval: Duration) -> Journal {
    Journal::start_syncing(Some(Box::new(store.clone())), Durability::Normal, interval, &Loops::here())
}

fn on(loops: &EventLoops, store: &Noting, interval: Duration) -> Journal {
    Journal::start_syncing(Some(Box::new(store.clone())), Durability::Normal, interval, &loops.handle())
}

async fn commit(journal: &Journal, sequence: u64) -> Result<(), Error> {
    journal.submit(sequence, vec![put(sequence)], sequence + 1);
    journal.committed(sequence).await
}

/// Submits so many while the only one who serves is busy elsewhere; `meanwhile` ends before he is not.
async fn submitted_at_once(journal: &Journal, count: u64, meanwhile: impl AsyncFnOnce()) {
    let (go_on, busy) = channel::<()>();
    let (begins, begun) = channel();
    let task = tokio::spawn(async move {
        begins.send(()).unwrap();
        busy.recv().unwrap_err();
    });
    begun.recv().unwrap();
    for sequence in 1..=count {
        journal.submit(sequence, vec![put(sequence)], sequence + 1);
    }
    meanwhile().await;
    drop(go_on);
    task.await.unwrap();
}

/// Every answer is checked against what the store has by then. With few who ask, loops sleep between their commits.
#[test]
fn whoever_writes_the_order_and_the_promise_stay() {
    const COMMITS: u64 = 10_000;
    for (prompt, thread_writes) in
        [(Prompt::Always, None), (Prompt::InTurns(3), Some(false)), (Prompt::Never, Some(true))]
    {
        for askers in [500, 4] {
            let store = Noting { prompt, ..Noting::default() };
            let loops = EventLoops::start(4, 1 << 20).unwrap();
            let journal = on(&loops, &store, Duration::from_millis(1));
            let last = Arc::new(Mutex::new(0_u64));
            let (ended, ends) = channel::<()>();
            for number in 0..askers {
                let (journal, last, seen) = (journal.clone(), Arc::clone(&last), Arc::clone(&store.seen));
                let ended = ended.clone();
                let asks = async move {
                    for _ in 0..COMMITS / askers {
                        let mine = {
                            let mut last = last.lock();
                            *last += 1;
                            journal.submit(*last, vec![put(*last)], *last + 1);
                            *last
                        };
                        poll_fn(|task| journal.poll_committed(mine, task)).await.unwrap();
                        assert!(seen.lock().numbers.len() as u64 >= mine, "a promise before its time");
                    }
                    ended.send(()).unwrap();
                };
                assert!(loops.handle().run(usize::try_from(number).unwrap() % 4, asks).is_none());
            }
            drop(ended);
            assert_eq!(ends.iter().count() as u64, askers, "all came to their end");
            drop(journal);
            drop(loops);
            let seen = store.seen.lock();
            assert_eq!(seen.numbers, (1..=COMMITS).collect::<Vec<u64>>(), "all, in their order");
            let by_thread = seen.writers.iter().filter(|writer| *writer == "journal").count();
            if let Some(all) = thread_writes {
                assert!(by_thread > 0);
                assert_eq!(by_thread == seen.writers.len(), all, "{by_thread} of {}", seen.writers.len());
            }
        }
    }
}

#[test]
fn who_comes_alone_writes_at_once_and_who_comes_next_waits_for_others() {
    let store = Noting::default();
    let loops = EventLoops::start(1, 1 << 20).unwrap();
    let journal = on(&loops, &store, Duration::from_secs(3_600));
    let (told, heard) = channel();
    let commits = async move {
        for first in [1, 3] {
            // Meanwhile the loop sleeps.
            tokio::time::sleep(Duration::from_millis(1)).await;
            let mut asked = Vec::new();
            for sequence in [first, first + 1] {
                journal.submit(sequence, vec![put(sequence)], sequence + 1);
                asked.push(
                    poll_fn(|task| Poll::Ready(journal.poll_committed(sequence, task).is_ready())).await,
                );
            }
            journal.committed(first + 1).await.unwrap();
            told.send(asked).unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
        journal.submit(5, vec![put(5)], 6);
        let mut waits = pin!(journal.committed(5));
        let asked = poll_fn(|task| Poll::Ready(waits.as_mut().poll(task).is_ready())).await;
        // Who waits by itself is no different.
        told.send(vec![asked]).unwrap();
    };
    assert!(loops.handle().run(0, commits).is_none());
    let asked: Vec<_> = heard.iter().collect();
    assert_eq!(store.seen.lock().numbers, [1, 2, 3, 4, 5]);
    // A machine that is busy may have taken long for one of them, and then the thread writes: the first nobody
    // distrusted.
    assert_eq!(asked[0], [true, false]);
    if store.seen.lock().writers.iter().all(|writer| writer == "loop-0") {
        assert_eq!(asked[1..], [vec![true, false], vec![true]]);
    }
}

#[test]
fn who_finds_that_another_loop_writes_for_long_leaves_it_to_the_thread_and_sleeps() {
    let store = Noting::default();
    let loops = EventLoops::start(2, 1 << 20).unwrap();
    let journal = on(&loops, &store, Duration::from_secs(3_600));
    let held = store.held.lock();
    let (journal_0, journal_1, handle) = (journal.clone(), journal.clone(), loops.handle());
    let writes = async move { journal_0.submit(1, vec![put(1)], 2) };
    assert!(loops.handle().run(0, writes).is_none());
    while store.seen.lock().commits == 0 {
        thread::yield_now();
    }
    let (told, heard) = channel();
    let waits = async move {
        journal_1.submit(2, vec![put(2)], 3);
        // From here on.
        let _ = handle.has_slept();
        while !handle.has_slept() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        told.send(()).unwrap();
        journal_1.committed(2).await.unwrap();
        told.send(()).unwrap();
    };
    assert!(loops.handle().run(1, waits).is_none());
    let soon = Duration::from_secs(20);
    assert!(heard.recv_timeout(soon).is_ok(), "the loop sleeps, while nobody can write");
    drop(held);
    assert!(heard.recv_timeout(soon).is_ok(), "and is told by whoever wrote");
    let seen = store.seen.lock();
    assert_eq!(
        (&seen.numbers[..], &seen.writers[..]),
        (&[1, 2][..], &["loop-0".into(), "journal".into()][..])
    );
}

/// Where a write may take long, it pays to wait for others.
#[test]
fn who_comes_alone_leaves_what_may_take_long_to_the_thread_and_waits_for_others() {
    let store = Noting { prompt: Prompt::Never, ..Noting::default() };
    let loops = EventLoops::start(1, 1 << 20).unwrap();
    let journal = on(&loops, &store, Duration::from_secs(3_600));
    let (told, heard) = channel();
    let commits = async move {
        tokio::time::sleep(Duration::from_millis(1)).await;
        for sequence in 1..=3 {
            journal.submit(sequence, vec![put(sequence)], sequence + 1);
            assert!(poll_fn(|task| Poll::Ready(journal.poll_committed(sequence, task).is_pending())).await);
            // Nobody is called before the loop has looked round.
            std::thread::sleep(Duration::from_millis(1));
        }
        journal.committed(3).await.unwrap();
        told.send(()).unwrap();
    };
    assert!(loops.handle().run(0, commits).is_none());
    heard.recv().unwrap();
    let seen = store.seen.lock();
    assert_eq!((seen.commits, &seen.writers[..]), (1, &["journal".to_owned()][..]), "one group");
}

/// Whoever wrote, and whichever loop's commit was the last of the group.
#[test]
fn who_waits_on_a_loop_is_told_there() {
    const COMMITS: u64 = 300;
    for prompt in [Prompt::Always, Prompt::InTurns(3), Prompt::Never] {
        let store = Noting { prompt, ..Noting::default() };
        let loops = EventLoops::start(3, 1 << 20).unwrap();
        let journal = on(&loops, &store, Duration::from_millis(1));
        let (told, heard) = channel();
        let last = Arc::new(Mutex::new(0));
        for number in 0..3 {
            let (journal, last, told) = (journal.clone(), Arc::clone(&last), told.clone());
            let submits = async move {
                for _ in 0..COMMITS / 3 {
                    let told = told.clone();
                    let mine = {
                        let mut last = last.lock();
                        *last += 1;
                        journal.submit(*last, vec![put(*last)], *last + 1);
                        *last
                    };
                    journal.after(mine, move || told.send((number, this_thread())).unwrap());
                    tokio::task::yield_now().await;
                }
            };
            assert!(loops.handle().run(number, submits).is_none());
        }
        drop(told);
        let heard: Vec<(usize, String)> = heard.iter().collect();
        for number in 0..3 {
            let mut own = heard.iter().filter(|(from, _)| *from == number);
            assert_eq!(own.clone().count() as u64, COMMITS / 3);
            assert!(own.all(|(_, thread)| *thread == format!("loop-{number}")));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_serve_write() {
    let store = Noting::default();
    let journal = start(&store, Duration::from_secs(3_600));
    for sequence in 1..=100 {
        commit(&journal, sequence).await.unwrap();
    }
    journal.close().await.unwrap();
    // A machine that is busy may have taken long for one of them: the first nobody distrusted.
    assert_ne!(store.seen.lock().writers.first().unwrap(), "journal");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_thread_syncs_what_they_wrote() {
    let store = Noting::default();
    let journal = start(&store, Duration::from_millis(1));
    for round in 1..=3 {
        commit(&journal, round).await.unwrap();
        while (store.seen.lock().syncs.len() as u64) < round {
            tokio::task::yield_now().await;
        }
    }
    journal.close().await.unwrap();
    let seen = store.seen.lock();
    assert_eq!(seen.syncs, ["journal"; 3], "none without a write");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_thread_leaves_the_next_group_to_those_who_serve() {
    let store = Noting { prompt: Prompt::InTurns(1), ..Noting::default() };
    let journal = start(&store, Duration::from_secs(3_600));
    submitted_at_once(&journal, 5_000, async || {}).await;
    journal.committed(5_000).await.unwrap();
    let seen = store.seen.lock();
    let by_thread: Vec<bool> = seen.writers.iter().map(|writer| writer == "journal").collect();
    assert!(by_thread.windows(2).any(|two| two == [true, false]), "{by_thread:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_nobody_has_written_the_thread_writes_at_the_end() {
    let store = Noting::default();
    let journal = start(&store, Duration::from_secs(3_600));
    submitted_at_once(&journal, 100, async || journal.close().await.unwrap()).await;
    journal.committed(100).await.unwrap();
    let seen = store.seen.lock();
    assert_eq!(seen.numbers, (1..=100).collect::<Vec<u64>>());
    assert_eq!(seen.writers, ["journal"]);
    assert_eq!(seen.syncs.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_among_those_who_serve_is_the_end() {
    for (store, why) in [
        (Noting { fails: true, ..Noting::default() }, "the disk is full"),
        (Noting { panics: true, ..Noting::default() }, "the journal stopped"),
    ] {
        let journal = start(&store, Duration::from_secs(3_600));
        // Others stand behind the group that fails.
        for sequence in 1..=5_000 {
            journal.submit(sequence, vec![put(sequence)], sequence + 1);
        }
        for sequence in [1, 5_000] {
            assert_eq!(journal.committed(sequence).await.unwrap_err().to_string(), why);
        }
        assert_eq!(journal.failed().await.to_string(), why);
        assert!(commit(&journal, 5_001).await.is_err());
        assert_eq!(journal.close().await.unwrap_err().to_string(), why);
        let seen = store.seen.lock();
        assert!(seen.commits < 2 && seen.syncs.is_empty(), "nothing more was written");
    }
}
