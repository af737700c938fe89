//! A store that is prompt is written to by those who serve, and the thread has what may take long; whoever writes,
//! the order and the promise are the same.

use std::thread;

use parking_lot::Mutex;

use super::*;
use crate::event_loops::EventLoops;

/// A store that is prompt or not as it is told, and notes who wrote what.
#[derive(Clone, Default)]
struct Noting {
    seen: Arc<Mutex<Seen>>,
    prompt: Prompt,
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

/// Every answer is checked against what the store has by then.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_writes_the_order_and_the_promise_stay() {
    for (prompt, thread_writes) in
        [(Prompt::Always, None), (Prompt::InTurns(3), Some(false)), (Prompt::Never, Some(true))]
    {
        let store = Noting { prompt, ..Noting::default() };
        let journal = start(&store, Duration::from_millis(1));
        let last = Arc::new(Mutex::new(0_u64));
        let tasks: Vec<_> = (0..500)
            .map(|_| {
                let (journal, last, seen) = (journal.clone(), Arc::clone(&last), Arc::clone(&store.seen));
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let mine = {
                            let mut last = last.lock();
                            *last += 1;
                            journal.submit(*last, vec![put(*last)], *last + 1);
                            *last
                        };
                        journal.committed(mine).await.unwrap();
                        assert!(seen.lock().numbers.len() as u64 >= mine, "a promise before its time");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        journal.close().await.unwrap();
        let seen = store.seen.lock();
        assert_eq!(seen.numbers, (1..=10_000).collect::<Vec<u64>>(), "all, in their order");
        let by_thread = seen.writers.iter().filter(|writer| *writer == "journal").count();
        if let Some(all) = thread_writes {
            assert!(by_thread > 0);
            assert_eq!(by_thread == seen.writers.len(), all, "{by_thread} of {}", seen.writers.len());
        }
    }
}

/// Whoever wrote, and whichever loop's commit was the last of the group.
#[test]
fn who_waits_on_a_loop_is_told_there() {
    const COMMITS: u64 = 300;
    for prompt in [Prompt::Always, Prompt::InTurns(3), Prompt::Never] {
        let store = Noting { prompt, ..Noting::default() };
        let loops = EventLoops::start(3, 1 << 20).unwrap();
        let kept = Some(Box::new(store.clone()) as Box<dyn Store>);
        let interval = Duration::from_millis(1);
        let journal = Journal::start_syncing(kept, Durability::Normal, interval, &loops.handle());
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
