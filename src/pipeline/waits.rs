//! Waits that are parked: who is told when one is fulfilled, and what happens if nobody is there to be told.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ahash::AHashMap;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot, watch};

use super::Receiver;
use crate::functions::{self, Caller, Context, Pending, WorldHandle};
use crate::state::{Fulfilment, Wait, WaiterId};
use crate::value::Value;

/// No deadline.
const NEVER: u64 = u64::MAX;

/// The parked waits, and what the sweeper must do about those that nobody waits for any more.
pub struct Waits {
    parked: Mutex<AHashMap<WaiterId, Entry>>,
    orphans: Mutex<Vec<Orphan>>,
    /// Wakes the sweeper for orphans.
    pub(super) orphaned: Notify,
    /// When the sweeper must look next, in monotonic time.
    pub(super) deadline: watch::Sender<Option<Duration>>,
    /// The same in nanoseconds, to be looked at without a lock: every commit does.
    armed: AtomicU64,
}

impl Default for Waits {
    fn default() -> Waits {
        Waits {
            parked: Mutex::default(),
            orphans: Mutex::default(),
            orphaned: Notify::default(),
            deadline: watch::Sender::default(),
            armed: AtomicU64::new(NEVER),
        }
    }
}

struct Entry {
    wait: Wait,
    sender: oneshot::Sender<(Fulfilment, u64)>,
}

/// What is left to be seen to.
#[derive(Debug)]
pub(super) enum Orphan {
    /// What fulfilled a wait cannot be told.
    GivenBack(Wait, Fulfilment),
    /// A pushed message that all its receivers have.
    Arrived(u64),
}

/// How a parked wait ended.
pub(super) enum WaitEnd {
    /// With what it waited for, and the commit that took it.
    Fulfilled(Fulfilment, u64),
    /// With the value for a wait in vain, and the last commit that it saw.
    InVain(Value, u64),
}

impl Waits {
    /// Parks a wait. Called with the lock on the state held.
    pub(super) fn park(
        self: &Arc<Self>,
        world: &WorldHandle,
        waiter: WaiterId,
        pending: Pending,
        caller: Caller,
    ) -> Parked {
        let (sender, receiver) = oneshot::channel();
        self.parked.lock().insert(waiter, Entry { wait: pending.wait.clone(), sender });
        let (world, waits) = (Arc::clone(world), Arc::clone(self));
        Parked { world, waits, waiter, pending, caller, receiver: Some(receiver) }
    }

    /// Tells whoever waits. Called with the lock on the state held.
    pub(super) fn fulfil(&self, waiter: WaiterId, fulfilment: Fulfilment, sequence: u64) {
        if let Some(entry) = self.parked.lock().remove(&waiter)
            && let Err((fulfilment, _)) = entry.sender.send((fulfilment, sequence))
        {
            self.give_back(entry.wait, fulfilment);
        }
    }

    /// Has the sweeper put back what nobody took.
    pub(super) fn give_back(&self, wait: Wait, fulfilment: Fulfilment) {
        self.orphans.lock().push(Orphan::GivenBack(wait, fulfilment));
        self.orphaned.notify_one();
    }

    /// Has the sweeper forget a pushed message that all its receivers have.
    pub(super) fn arrived(&self, row: u64) {
        self.orphans.lock().push(Orphan::Arrived(row));
        self.orphaned.notify_one();
    }

    /// Brings the sweeper's next look forward, if need be.
    pub(super) fn rearm(&self, deadline: Option<Duration>) {
        let Some(deadline) = deadline else { return };
        // Where the sweeper is about to disarm this one, it looks at the state afterwards, and arms the next.
        if nanoseconds(deadline) >= self.armed.load(Ordering::Acquire) {
            return;
        }
        self.deadline.send_if_modified(|armed| {
            let earlier = armed.is_none_or(|armed| deadline < armed);
            if earlier {
                *armed = Some(deadline);
                self.armed.store(nanoseconds(deadline), Ordering::Release);
            }
            earlier
        });
    }

    /// The sweeper is about to do what is due; its commit arms the next look.
    pub(super) fn disarm(&self) {
        self.deadline.send_if_modified(|armed| {
            *armed = None;
            self.armed.store(NEVER, Ordering::Release);
            false
        });
    }

    /// Forgets a wait that the state has forgotten.
    pub(super) fn forget(&self, waiter: WaiterId) {
        self.parked.lock().remove(&waiter);
    }

    /// Takes what the sweeper has to do.
    pub(super) fn take_orphans(&self) -> Vec<Orphan> {
        std::mem::take(&mut *self.orphans.lock())
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(NEVER)
}

/// A parked wait; dropping it (its connection vanished) loses nothing.
pub(super) struct Parked {
    world: WorldHandle,
    waits: Arc<Waits>,
    waiter: WaiterId,
    pending: Pending,
    caller: Caller,
    receiver: Option<Receiver>,
}

impl Parked {
    /// Waits until it is fulfilled. May be called again after it was dropped in a `select!`.
    pub(super) async fn ended(&mut self) -> WaitEnd {
        let told = match &mut self.receiver {
            Some(receiver) => receiver.await.ok(),
            None => None,
        };
        self.receiver = None;
        match told {
            Some((fulfilment, sequence)) => WaitEnd::Fulfilled(fulfilment, sequence),
            // The sender is dropped only after it was used, so this is not reached; waiting for ever is harmless.
            None => std::future::pending().await,
        }
    }

    /// Ends the wait in vain, unless it was fulfilled just now.
    pub(super) async fn give_up(&mut self) -> WaitEnd {
        match self.cancelled() {
            Some(in_vain) => in_vain,
            None => self.ended().await,
        }
    }

    fn cancelled(&mut self) -> Option<WaitEnd> {
        let mut context = Context::new(Arc::clone(&self.world), self.caller, false, false);
        if !context.state().cancel(self.waiter) {
            context.finish(true);
            return None;
        }
        let value = functions::timed_out(&self.pending, &mut context);
        self.waits.forget(self.waiter);
        self.receiver = None;
        Some(WaitEnd::InVain(value, context.finish(true).unwrap_or(0)))
    }
}

impl Drop for Parked {
    /// Ends the wait at once; what fulfilled it just now goes back to its place. Never called with the lock on the
    /// state held.
    fn drop(&mut self) {
        let Some(mut receiver) = self.receiver.take() else { return };
        // Fulfilments come with the lock held: with it, this one came already or does not come any more.
        let mut context = Context::new(Arc::clone(&self.world), self.caller, false, false);
        let state = context.state();
        match receiver.try_recv() {
            Ok((fulfilment, _)) => state.give_back(&self.pending.wait, fulfilment),
            Err(_) => {
                state.cancel(self.waiter);
                self.waits.forget(self.waiter);
            }
        }
        context.finish(true);
    }
}

/// What fulfilled a wait and was not said yet: dropping it gives it back to its place.
pub struct Unsaid {
    world: WorldHandle,
    caller: Caller,
    given: Option<(Wait, Fulfilment)>,
}

impl Unsaid {
    pub(super) fn new(world: &WorldHandle, caller: Caller, wait: Wait, fulfilment: Fulfilment) -> Unsaid {
        Unsaid { world: Arc::clone(world), caller, given: Some((wait, fulfilment)) }
    }

    /// It was said: it does not come back.
    pub fn said(mut self) {
        self.given = None;
    }
}

impl Drop for Unsaid {
    fn drop(&mut self) {
        let Some((wait, fulfilment)) = self.given.take() else { return };
        let mut context = Context::new(Arc::clone(&self.world), self.caller, false, false);
        context.state().give_back(&wait, fulfilment);
        context.finish(true);
    }
}
