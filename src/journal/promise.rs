//! The promise: which commits are done, and who waits for one.
//!
//! Owns the waiters. Waiters stand in the order of the commits they wait for, each with a channel of its own, so
//! that a commit wakes those it concerns and nobody else.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use smallvec::SmallVec;
use tokio::sync::{oneshot, watch};

use super::Error;
use crate::event_loops::Loops;

/// So many loops need no memory of their own when they are told of a commit.
const LOOPS: usize = 8;

/// The loops where somebody is to be told.
pub(super) type Told = SmallVec<[usize; LOOPS]>;

/// What has been promised, and to whom.
pub(super) struct Promise {
    committed: AtomicU64,
    waiters: Mutex<Waiters>,
    /// Where the waiters are.
    loops: Loops,
    /// For each loop, or for all where there are none.
    news: Box<[Arc<Mutex<News>>]>,
    /// None while the journal works; then how it ended.
    ended: watch::Sender<Option<Result<(), Error>>>,
}

#[derive(Default)]
struct Waiters {
    /// By rising sequence, with the loop that waits.
    waiting: VecDeque<(u64, usize, Waiter)>,
    /// Why nothing more will be committed.
    end: Option<Error>,
}

/// Who is to be told on a loop, by a task there: from outside each would be a wake of its own, across threads. One
/// task at a time, so that all are told in order.
#[derive(Default)]
struct News {
    waiters: Vec<Waiter>,
    /// There is such a task.
    spreading: bool,
}

fn spread(news: &Mutex<News>) {
    loop {
        let waiters = {
            let mut news = news.lock();
            news.spreading = !news.waiters.is_empty();
            std::mem::take(&mut news.waiters)
        };
        if waiters.is_empty() {
            return;
        }
        waiters.into_iter().for_each(Waiter::done);
    }
}

/// Who waits for a commit.
enum Waiter {
    /// Is told how it ended.
    Told(oneshot::Sender<Result<(), Error>>),
    /// Looks for itself.
    Woken(Waker),
    /// Is called when it is done; never where it failed.
    Called(Box<dyn FnOnce() + Send>),
}

impl Waiter {
    fn done(self) {
        match self {
            // A waiter that hung up needs no answer.
            Waiter::Told(sender) => drop(sender.send(Ok(()))),
            Waiter::Woken(waker) => waker.wake(),
            Waiter::Called(call) => call(),
        }
    }

    fn failed(self, error: &Error) {
        match self {
            Waiter::Told(sender) => drop(sender.send(Err(error.clone()))),
            Waiter::Woken(waker) => waker.wake(),
            Waiter::Called(_) => {}
        }
    }
}

impl Promise {
    pub(super) fn new(loops: Loops) -> Promise {
        Promise {
            committed: AtomicU64::new(0),
            waiters: Mutex::new(Waiters::default()),
            news: (0..loops.count().max(1)).map(|_| Arc::default()).collect(),
            loops,
            ended: watch::Sender::new(None),
        }
    }

    /// Waits until this commit is done.
    pub(super) async fn kept(&self, sequence: u64) -> Result<(), Error> {
        if self.committed.load(Ordering::Acquire) >= sequence {
            return Ok(());
        }
        let (sender, receiver) = oneshot::channel();
        match self.wait(sequence, Waiter::Told(sender))? {
            None => receiver.await.unwrap_or_else(|_| Err(closed())),
            Some(_) => Ok(()),
        }
    }

    /// Whether this commit is done; if not yet, the task is woken when it is. It looks again then.
    pub(super) fn poll_kept(&self, sequence: u64, task: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.committed() >= sequence {
            return Poll::Ready(Ok(()));
        }
        match self.wait(sequence, Waiter::Woken(task.waker().clone())) {
            Ok(None) => Poll::Pending,
            Ok(Some(_)) => Poll::Ready(Ok(())),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    /// Calls when this commit is done, at once where it is done already; never where it fails.
    pub(super) fn after(&self, sequence: u64, call: impl FnOnce() + Send + 'static) {
        if let Ok(Some(waiter)) = self.wait(sequence, Waiter::Called(Box::new(call))) {
            waiter.done();
        }
    }

    /// The last commit that is done.
    pub(super) fn committed(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Whether nothing more will be committed.
    pub(super) fn has_ended(&self) -> bool {
        self.waiters.lock().end.is_some()
    }

    /// Has the waiter wait; gives it back where there is nothing to wait for.
    fn wait(&self, sequence: u64, waiter: Waiter) -> Result<Option<Waiter>, Error> {
        let mut waiters = self.waiters.lock();
        // Again, with the lock held: `note` stores before it locks, so nobody slips in between.
        if self.committed.load(Ordering::Acquire) >= sequence {
            return Ok(Some(waiter));
        }
        if let Some(error) = &waiters.end {
            return Err(error.clone());
        }
        let place = match waiters.waiting.back() {
            Some((last, ..)) if *last > sequence => {
                waiters.waiting.partition_point(|(earlier, ..)| *earlier <= sequence)
            }
            _ => waiters.waiting.len(),
        };
        waiters.waiting.insert(place, (sequence, self.loops.own(), waiter));
        Ok(None)
    }

    /// All commits up to this one are done. The loops where that is news to somebody: whoever notes it has to `tell`
    /// them.
    pub(super) fn note(&self, sequence: u64) -> Told {
        self.committed.fetch_max(sequence, Ordering::AcqRel);
        let mut waiters = self.waiters.lock();
        let count = waiters.waiting.partition_point(|(waited, ..)| *waited <= sequence);
        let mut told = Told::new();
        if count == 0 {
            return told;
        }
        let mut news: SmallVec<[_; LOOPS]> = self.news.iter().map(|news| news.lock()).collect();
        for (_, number, waiter) in waiters.waiting.drain(..count) {
            let Some(news) = news.get_mut(number) else { continue };
            news.waiters.push(waiter);
            if !std::mem::replace(&mut news.spreading, true) {
                told.push(number);
            }
        }
        told
    }

    /// Tells those who waited for what was noted. From a task of a loop: those of its own at once.
    pub(super) fn tell(&self, told: &Told) {
        let own = self.loops.own();
        told.iter().filter(|number| **number != own).for_each(|number| self.spread_there(*number));
        if told.contains(&own)
            && let Some(news) = self.news.get(own)
        {
            spread(news);
        }
    }

    /// The same from elsewhere.
    pub(super) fn tell_from_outside(&self, told: &Told) {
        told.iter().for_each(|number| self.spread_there(*number));
    }

    /// Has a task of that loop tell; tells here where there are no loops.
    fn spread_there(&self, number: usize) {
        let Some(news) = self.news.get(number) else { return };
        let there = Arc::clone(news);
        if self.loops.run(number, async move { spread(&there) }).is_some() {
            spread(news);
        }
    }

    /// No more will be committed. The first end counts.
    pub(super) fn end(&self, result: Result<(), Error>) {
        let error = result.as_ref().err().cloned().unwrap_or_else(closed);
        let left = {
            let mut waiters = self.waiters.lock();
            if waiters.end.is_some() {
                return;
            }
            waiters.end = Some(error.clone());
            std::mem::take(&mut waiters.waiting)
        };
        left.into_iter().for_each(|(.., waiter)| waiter.failed(&error));
        self.ended.send_replace(Some(result));
    }

    /// Waits for an end by failure.
    pub(super) async fn broken(&self) -> Error {
        let mut ended = self.ended.subscribe();
        let failure = ended.wait_for(|end| matches!(end, Some(Err(_)))).await;
        match failure.as_deref() {
            Ok(Some(Err(error))) => error.clone(),
            _ => closed(),
        }
    }

    /// Waits for the end.
    pub(super) async fn ended(&self) -> Result<(), Error> {
        let mut ended = self.ended.subscribe();
        let end = ended.wait_for(Option::is_some).await;
        match end.as_deref() {
            Ok(Some(result)) => result.clone(),
            _ => Err(closed()),
        }
    }
}

fn closed() -> Error {
    Error::Storage("the journal is closed".to_owned())
}
