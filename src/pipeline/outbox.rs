//! What is on its way to one session, and who is woken for it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Task, Poll, Waker};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::form::Rendered;
use crate::state::{Message, Window};

/// Why a session ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Another session carries its client on.
    TakenOver,
    /// Its client is gone: it said `exit`, or somebody else did.
    ClientGone,
    /// The daemon ends.
    Closing,
}

/// What is on its way to one session.
pub(super) struct Outbox {
    pub(super) window: Arc<Window>,
    /// Where there is nothing in it, the task that is woken when there is, by the address that its waker has; else 0.
    /// Most requests find nothing, and need no lock to see that.
    quiet_for: AtomicUsize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    pub(super) pushed: VecDeque<Pushed>,
    /// Something waits in the client's inbox.
    pub(super) behind: bool,
    pub(super) ended: Option<Ended>,
    waker: Option<Waker>,
    /// The waker is to be called.
    wakes: bool,
    /// The session that carries the client on waits for this one to give back what it did not write: dropping it
    /// says so.
    pub(super) successor: Option<oneshot::Sender<()>>,
}

/// A message for one session.
pub(super) struct Pushed {
    /// The number of the delivery.
    pub(super) number: u64,
    /// The commit that must be done before it is shown.
    pub(super) sequence: u64,
    pub(super) flight: Arc<Flight>,
}

/// A message for some sessions.
pub(super) struct Flight {
    pub(super) row: u64,
    pub(super) message: Arc<Message>,
    pub(super) size: usize,
    pub(super) rendered: Rendered,
    /// How many do not have it yet.
    pub(super) left: AtomicUsize,
}

impl Outbox {
    pub(super) fn new(window: &Arc<Window>) -> Outbox {
        Outbox { window: Arc::clone(window), quiet_for: AtomicUsize::new(0), inner: Mutex::default() }
    }

    /// Looks into it or changes it, notes whether it is quiet, and wakes whoever is to be woken.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Inner) -> T) -> T {
        let (found, woken) = {
            let mut inner = self.inner.lock();
            let found = look(&mut inner);
            let woken = if std::mem::take(&mut inner.wakes) { inner.waker.take() } else { None };
            let quiet = inner.pushed.is_empty() && !inner.behind && inner.ended.is_none();
            let task = inner.waker.as_ref().filter(|_| quiet).map_or(0, address);
            self.quiet_for.store(task, Ordering::Release);
            (found, woken)
        };
        // Only now: the task may run at once, on another core, and must find that nobody would wake it again.
        if let Some(waker) = woken {
            waker.wake();
        }
        found
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.quiet_for.load(Ordering::Acquire) != 0
    }

    fn is_quiet_for(&self, task: &Waker) -> bool {
        let address = address(task);
        address != 0 && self.quiet_for.load(Ordering::Acquire) == address
    }

    /// Ready where there is something to take, to refill or to end; the task is woken when there is. `settled` tells
    /// the last commit that is done; it is asked with the outbox locked, so that a commit is either seen here or finds
    /// the waker.
    pub(super) fn poll_woken(&self, settled: impl FnOnce() -> u64, task: &mut Task<'_>) -> Poll<()> {
        let waker = task.waker();
        if self.is_quiet_for(waker) {
            return Poll::Pending;
        }
        self.with(|inner| {
            // Even where it is ready: whoever cannot take anything now must hear when the session ends.
            if !inner.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
                inner.waker = Some(waker.clone());
            }
            let first = inner.pushed.front().map(|first| first.sequence);
            let pushed = first.is_some_and(|first| first <= settled());
            let refill = inner.behind && self.window.has_room();
            if pushed || refill || inner.ended.is_some() { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

/// What tells the wakers of two tasks that live from each other.
fn address(waker: &Waker) -> usize {
    waker.data().addr()
}

impl Inner {
    /// Has the task woken when what is done to the outbox is done.
    pub(super) fn wake(&mut self) {
        self.wakes = true;
    }

    pub(super) fn end(&mut self, why: Ended) {
        self.ended.get_or_insert(why);
        self.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::task::Wake;

    use super::*;
    use crate::state::SessionId;

    /// A task that runs while it is being woken, as it may on another core.
    struct Prompt {
        outbox: Outbox,
        runs: AtomicUsize,
    }

    impl Wake for Prompt {
        fn wake(self: Arc<Prompt>) {
            self.runs.fetch_add(1, Ordering::Relaxed);
            self.run();
        }
    }

    impl Prompt {
        fn run(self: &Arc<Prompt>) {
            let waker = Waker::from(Arc::clone(self));
            assert!(self.outbox.poll_woken(|| 0, &mut Task::from_waker(&waker)).is_pending());
        }
    }

    #[test]
    fn a_task_that_runs_while_it_is_being_woken_is_woken_the_next_time_too() {
        let outbox = Outbox::new(&Arc::new(Window::new(SessionId(1))));
        let task = Arc::new(Prompt { outbox, runs: AtomicUsize::new(0) });
        task.run();
        for times in 1..=3 {
            assert!(task.outbox.is_quiet());
            task.outbox.with(Inner::wake);
            assert_eq!(task.runs.load(Ordering::Relaxed), times);
        }
    }
}
