//! What is held for all connections together: requests that are not whole or not begun, and replies that were not
//! read.
//!
//! Owns who holds how much. Each connection is bounded by itself, but ten thousand of them are not: where they hold
//! too much in sum, those that hold most are closed. Who holds little is never counted, so that most requests meet no
//! lock here, and never closed. Knows no socket.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::task::{Context as Task, Poll, Waker};

use parking_lot::Mutex;

/// What a connection holds is counted in steps of so many bytes, rounded down.
const STEP_BYTES: usize = 4_096;

/// What all connections hold.
pub(super) struct Buffers {
    bytes_max: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    last: u64,
    bytes: usize,
    /// Who holds how much, and the task that is woken where that is too much.
    holders: BTreeMap<Holder, Waker>,
}

/// So many bytes, and a number of its own: where two hold as much, the one that came later goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Holder {
    bytes: usize,
    number: u64,
}

impl Buffers {
    pub(super) fn new(bytes_max: usize) -> Buffers {
        Buffers { bytes_max, held: Mutex::default() }
    }

    /// For one connection more.
    pub(super) fn buffer(&self) -> Buffer<'_> {
        Buffer { buffers: self, counted: None }
    }
}

impl Held {
    /// Counts what somebody holds.
    fn add(&mut self, holder: Holder, waker: Waker) {
        self.bytes += holder.bytes;
        self.holders.insert(holder, waker);
    }

    /// Counts it no longer; whether it was counted. Where not, its holder was told to go.
    fn remove(&mut self, holder: Holder) -> bool {
        let counted = self.holders.remove(&holder).is_some();
        self.bytes -= if counted { holder.bytes } else { 0 };
        counted
    }

    /// Tells those to go who hold most, until the others hold no more than that.
    fn shrink(&mut self, bytes_max: usize) -> Vec<Waker> {
        let mut told = Vec::new();
        while self.bytes > bytes_max {
            let Some((holder, waker)) = self.holders.pop_last() else { break };
            self.bytes -= holder.bytes;
            told.push(waker);
        }
        told
    }
}

/// What one connection holds. Dropping it says that this is nothing any more.
pub struct Buffer<'p> {
    buffers: &'p Buffers,
    /// As what it is counted, if it is.
    counted: Option<Holder>,
}

impl Buffer<'_> {
    /// Holds so many bytes from now on. Ready where the connection must be closed for that, by which all of them are
    /// let go; else the task is woken when it must.
    pub fn poll_hold(&mut self, bytes: usize, task: &mut Task<'_>) -> Poll<()> {
        let bytes = bytes - bytes % STEP_BYTES;
        if bytes == 0 && self.counted.is_none() {
            return Poll::Pending;
        }
        let mut held = self.buffers.held.lock();
        let told = self.counted.is_some_and(|counted| !held.remove(counted));
        if bytes == 0 {
            // Who was told to go and has let go meanwhile can stay.
            self.counted = None;
            return Poll::Pending;
        }
        let number = self.counted.map_or_else(
            || {
                held.last += 1;
                held.last
            },
            |counted| counted.number,
        );
        let holder = Holder { bytes, number };
        self.counted = Some(holder);
        if told {
            return self.told(bytes);
        }
        held.add(holder, task.waker().clone());
        let others = held.shrink(self.buffers.bytes_max);
        let stays = held.holders.contains_key(&holder);
        drop(held);
        // Its own is among them where it must go itself, which does no harm.
        others.into_iter().for_each(Waker::wake);
        if stays { Poll::Pending } else { self.told(bytes) }
    }

    /// Holds so many bytes; resolves when the connection must be closed for that.
    pub async fn full(&mut self, bytes: usize) {
        poll_fn(|task| self.poll_hold(bytes, task)).await;
    }

    fn told(&self, bytes: usize) -> Poll<()> {
        let bytes_max = self.buffers.bytes_max;
        tracing::debug!(bytes, "buffered_bytes_max is {bytes_max}: a connection that holds most is closed");
        Poll::Ready(())
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        if let Some(counted) = self.counted {
            self.buffers.held.lock().remove(counted);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Woken>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Whether who holds so many bytes must go.
    fn goes(buffer: &mut Buffer<'_>, bytes: usize) -> bool {
        buffer.poll_hold(bytes, &mut Task::from_waker(Waker::noop())).is_ready()
    }

    fn held(buffers: &Buffers) -> usize {
        buffers.held.lock().bytes
    }

    #[test]
    fn who_holds_most_goes_and_is_woken_for_it() {
        let buffers = Buffers::new(100 * STEP_BYTES);
        let (mut small, mut large, mut late) = (buffers.buffer(), buffers.buffer(), buffers.buffer());
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        assert!(!goes(&mut small, 10 * STEP_BYTES));
        assert!(large.poll_hold(60 * STEP_BYTES, &mut Task::from_waker(&waker)).is_pending());
        assert!(!goes(&mut late, 30 * STEP_BYTES));
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
        assert!(!goes(&mut small, 20 * STEP_BYTES));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(goes(&mut large, 60 * STEP_BYTES));
        assert_eq!(held(&buffers), 50 * STEP_BYTES);
        drop((small, large, late));
        assert_eq!(held(&buffers), 0);
    }

    #[test]
    fn who_takes_too_much_goes_itself() {
        let buffers = Buffers::new(100 * STEP_BYTES);
        let mut all: Vec<_> = (0..10).map(|_| buffers.buffer()).collect();
        assert!(all.iter_mut().all(|buffer| !goes(buffer, 10 * STEP_BYTES)));
        let mut last = buffers.buffer();
        assert!(goes(&mut last, 11 * STEP_BYTES));
        assert!(goes(&mut last, 11 * STEP_BYTES));
        assert!(all.iter_mut().all(|buffer| !goes(buffer, 10 * STEP_BYTES)));
    }

    #[test]
    fn who_lets_go_in_time_can_stay() {
        let buffers = Buffers::new(STEP_BYTES);
        let mut buffer = buffers.buffer();
        assert!(goes(&mut buffer, 2 * STEP_BYTES));
        assert!(!goes(&mut buffer, 0));
        assert!(!goes(&mut buffer, STEP_BYTES));
    }

    #[test]
    fn little_is_never_counted_and_never_too_much() {
        let buffers = Buffers::new(1);
        let mut all: Vec<_> = (0..1_000).map(|_| buffers.buffer()).collect();
        assert!(all.iter_mut().all(|buffer| !goes(buffer, STEP_BYTES - 1)));
        assert_eq!(held(&buffers), 0);
    }
}
