//! How far the journal has come, and who waits for which commit.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

use super::Error;

/// How far the journal has come.
#[derive(Default)]
pub(super) struct Progress {
    committed: AtomicU64,
    waiting: Mutex<Waiting>,
    life: watch::Sender<Life>,
}

/// Whether the thread still writes.
#[derive(Clone, Debug, Default)]
enum Life {
    #[default]
    Writing,
    Ended,
    Failed(Error),
}

type Waiter = oneshot::Sender<Result<(), Error>>;

/// Who waits, by the commit waited for: so that only those are woken whose commit is done.
#[derive(Default)]
struct Waiting {
    waiters: BTreeMap<u64, Vec<Waiter>>,
    failed: Option<Error>,
}

impl Progress {
    /// All commits up to this one are done.
    pub(super) fn reach(&self, sequence: u64) {
        let done = {
            let mut waiting = self.waiting.lock();
            self.committed.store(sequence, Ordering::Release);
            let later = waiting.waiters.split_off(&(sequence + 1));
            std::mem::replace(&mut waiting.waiters, later)
        };
        // Whoever is not there any more needs no answer.
        done.into_values().flatten().for_each(|waiter| drop(waiter.send(Ok(()))));
    }

    /// No further commit will ever be done.
    pub(super) fn poison(&self, error: &Error) {
        let waiters = {
            let mut waiting = self.waiting.lock();
            waiting.failed = Some(error.clone());
            std::mem::take(&mut waiting.waiters)
        };
        waiters.into_values().flatten().for_each(|waiter| drop(waiter.send(Err(error.clone()))));
        self.life.send_replace(Life::Failed(error.clone()));
    }

    /// Everything is written.
    pub(super) fn end(&self) {
        self.life.send_replace(Life::Ended);
    }

    /// Waits until this commit is done.
    pub(super) async fn reached(&self, sequence: u64) -> Result<(), Error> {
        if self.committed.load(Ordering::Acquire) >= sequence {
            return Ok(());
        }
        let receiver = {
            let mut waiting = self.waiting.lock();
            if self.committed.load(Ordering::Acquire) >= sequence {
                return Ok(());
            }
            if let Some(error) = &waiting.failed {
                return Err(error.clone());
            }
            let (sender, receiver) = oneshot::channel();
            waiting.waiters.entry(sequence).or_default().push(sender);
            receiver
        };
        receiver.await.unwrap_or_else(|_| Err(Error::Storage("the journal ended".to_owned())))
    }

    /// Waits until a commit fails.
    pub(super) async fn failed(&self) -> Error {
        let mut life = self.life.subscribe();
        loop {
            if let Life::Failed(error) = &*life.borrow_and_update() {
                return error.clone();
            }
            if life.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Waits until the thread has ended.
    pub(super) async fn ended(&self) -> Result<(), Error> {
        let mut life = self.life.subscribe();
        let ended = life.wait_for(|life| !matches!(life, Life::Writing)).await;
        match ended.as_deref() {
            Ok(Life::Failed(error)) => Err(error.clone()),
            _ => Ok(()),
        }
    }
}
