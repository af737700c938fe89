//! A place for one value that somebody waits for: a thread, or a task.
//!
//! Owns the handing over, so that a value whose receiver gave up at that very moment is never lost: whoever fills
//! learns that it was not taken, or whoever gives up gets it. Knows no socket.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

/// The lock's content, also after a panic of somebody who held it: nothing here is left half done.
pub(crate) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The place. Clones are the same place.
#[derive(Debug)]
pub(crate) struct Slot<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
enum State<T> {
    Empty(Option<Waker>),
    Full(T),
    /// Taken or given up.
    Over,
    Closed,
}

/// How a wait ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited<T> {
    /// With the value.
    Value(T),
    /// The time was over; nothing can be put here any more.
    Over,
    /// Nobody will ever fill it.
    Closed,
}

#[cfg(test)]
impl<T> Waited<T> {
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self, Waited::Closed)
    }
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Slot<T> {
        Slot(Arc::clone(&self.0))
    }
}

impl<T> Slot<T> {
    pub(crate) fn new() -> Slot<T> {
        Slot(Arc::new(Inner { state: Mutex::new(State::Empty(None)), changed: Condvar::new() }))
    }

    /// Puts the value here, or gives it back where nobody will take it.
    pub(crate) fn fill(&self, value: T) -> Result<(), T> {
        let mut state = locked(&self.0.state);
        let State::Empty(waker) = &mut *state else { return Err(value) };
        let waker = waker.take();
        *state = State::Full(value);
        drop(state);
        self.wake(waker);
        Ok(())
    }

    /// Tells whoever waits that nothing will come.
    pub(crate) fn close(&self) {
        let mut state = locked(&self.0.state);
        let State::Empty(waker) = &mut *state else { return };
        let waker = waker.take();
        *state = State::Closed;
        drop(state);
        self.wake(waker);
    }

    fn wake(&self, waker: Option<Waker>) {
        self.0.changed.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits in this thread.
    pub(crate) fn wait(&self, deadline: Option<Instant>) -> Waited<T> {
        let mut state = locked(&self.0.state);
        loop {
            if let Some(waited) = taken(&mut state) {
                return waited;
            }
            let Some(deadline) = deadline else {
                state = self.0.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                *state = State::Over;
                return Waited::Over;
            }
            (state, _) = self.0.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether somebody still waits for the value.
    pub(crate) fn is_wanted(&self) -> bool {
        matches!(&*locked(&self.0.state), State::Empty(_))
    }

    /// Gives up; the value, if it has come already.
    pub(crate) fn abandon(&self) -> Option<T> {
        match std::mem::replace(&mut *locked(&self.0.state), State::Over) {
            State::Full(value) => Some(value),
            _ => None,
        }
    }
}

fn taken<T>(state: &mut State<T>) -> Option<Waited<T>> {
    if matches!(state, State::Empty(_)) {
        return None;
    }
    match std::mem::replace(state, State::Over) {
        State::Full(value) => Some(Waited::Value(value)),
        State::Closed => {
            *state = State::Closed;
            Some(Waited::Closed)
        }
        _ => Some(Waited::Over),
    }
}

/// Waits in a task.
impl<T> Future for Slot<T> {
    type Output = Waited<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited<T>> {
        let mut state = locked(&self.0.state);
        if let Some(waited) = taken(&mut state) {
            return Poll::Ready(waited);
        }
        *state = State::Empty(Some(context.waker().clone()));
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::{Slot, Waited};

    #[test]
    fn what_is_put_here_is_taken_once() {
        let slot = Slot::new();
        let other = slot.clone();
        let filler = thread::spawn(move || other.fill(1));
        assert_eq!(slot.wait(None), Waited::Value(1));
        assert_eq!(filler.join().ok(), Some(Ok(())));
        assert_eq!(slot.fill(2), Err(2));
        assert_eq!(slot.wait(None), Waited::Over);
    }

    #[test]
    fn who_gives_up_takes_nothing_afterwards_and_loses_nothing_before() {
        let slot: Slot<i32> = Slot::new();
        assert_eq!(slot.wait(Some(Instant::now() + Duration::from_millis(1))), Waited::Over);
        assert_eq!(slot.fill(1), Err(1));
        let slot = Slot::new();
        assert_eq!(slot.fill(1), Ok(()));
        assert_eq!(slot.abandon(), Some(1));
        assert_eq!(slot.fill(2), Err(2));
    }

    #[test]
    fn a_closed_place_says_so_again_and_again() {
        let slot: Slot<i32> = Slot::new();
        let other = slot.clone();
        let closer = thread::spawn(move || other.close());
        assert_eq!(slot.wait(None), Waited::Closed);
        assert_eq!(slot.wait(None), Waited::Closed);
        assert_eq!(slot.fill(1), Err(1));
        assert!(closer.join().is_ok());
    }
}
