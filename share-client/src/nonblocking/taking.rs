//! Waiting for a value in a task, which may be dropped at any moment.
//!
//! Owns what becomes of a value that came when nobody waited any more: it is handed on, never lost.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use crate::session::slot::{Slot, Waited};

/// A wait for the value of a slot; dropped too early it hands a value that had come to `late`.
pub(super) struct Taking<T, F: FnMut(T)> {
    slot: Slot<T>,
    late: F,
    is_over: bool,
}

// Nothing in it is pinned.
impl<T, F: FnMut(T)> Unpin for Taking<T, F> {}

impl<T, F: FnMut(T)> Taking<T, F> {
    pub(super) fn new(slot: Slot<T>, late: F) -> Taking<T, F> {
        Taking { slot, late, is_over: false }
    }

    /// The value, if it comes until the deadline.
    pub(super) async fn until(self, deadline: Instant) -> Waited<T> {
        let timed = tokio::time::timeout_at(deadline.into(), self);
        timed.await.unwrap_or(Waited::Over)
    }
}

impl<T, F: FnMut(T)> Future for Taking<T, F> {
    type Output = Waited<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Waited<T>> {
        let polled = Pin::new(&mut self.slot).poll(context);
        self.is_over = polled.is_ready();
        polled
    }
}

impl<T, F: FnMut(T)> Drop for Taking<T, F> {
    fn drop(&mut self) {
        if !self.is_over
            && let Some(value) = self.slot.abandon()
        {
            (self.late)(value);
        }
    }
}
