//! The promise: which commits are done, and who waits for one.
//!
//! Owns the waiters. Waiters stand in the order of the commits they wait for, each with a channel of its own, so
//! that a commit wakes those it concerns and nobody else.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use super::Error;

/// What has been promised, and to whom.
pub(super) struct Promise {
    committed: AtomicU64,
    waiters: Mutex<Waiters>,
    /// None while the journal's thread works; then how it ended.
    ended: watch::Sender<Option<Result<(), Error>>>,
}

#[derive(Default)]
struct Waiters {
    /// By rising sequence.
    waiting: VecDeque<(u64, oneshot::Sender<Result<(), Error>>)>,
    /// Why nothing more will be committed.
    end: Option<Error>,
}

impl Promise {
    pub(super) fn new() -> Promise {
        Promise {
            committed: AtomicU64::new(0),
            waiters: Mutex::new(Waiters::default()),
            ended: watch::Sender::new(None),
        }
    }

    /// Waits until this commit is done.
    pub(super) async fn kept(&self, sequence: u64) -> Result<(), Error> {
        if self.committed.load(Ordering::Acquire) >= sequence {
            return Ok(());
        }
        match self.wait(sequence)? {
            Some(kept) => kept.await.unwrap_or_else(|_| Err(closed())),
            None => Ok(()),
        }
    }

    fn wait(&self, sequence: u64) -> Result<Option<oneshot::Receiver<Result<(), Error>>>, Error> {
        let mut waiters = self.waiters.lock();
        // Again, with the lock held: `keep` stores before it locks, so nobody slips in between.
        if self.committed.load(Ordering::Acquire) >= sequence {
            return Ok(None);
        }
        if let Some(error) = &waiters.end {
            return Err(error.clone());
        }
        let (sender, receiver) = oneshot::channel();
        let place = match waiters.waiting.back() {
            Some((last, _)) if *last > sequence => {
                waiters.waiting.partition_point(|(earlier, _)| *earlier <= sequence)
            }
            _ => waiters.waiting.len(),
        };
        waiters.waiting.insert(place, (sequence, sender));
        Ok(Some(receiver))
    }

    /// All commits up to this one are done.
    pub(super) fn keep(&self, sequence: u64) {
        self.committed.fetch_max(sequence, Ordering::AcqRel);
        let woken: Vec<_> = {
            let mut waiters = self.waiters.lock();
            let count = waiters.waiting.partition_point(|(waited, _)| *waited <= sequence);
            waiters.waiting.drain(..count).collect()
        };
        for (_, sender) in woken {
            // A waiter that hung up needs no answer.
            let _ = sender.send(Ok(()));
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
        for (_, sender) in left {
            let _ = sender.send(Err(error.clone()));
        }
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
