//! What is held for all connections together: requests that are not whole or not begun, and replies that were not
//! read.
//!
//! Owns who holds how much. Each connection is bounded by itself, but ten thousand of them are not: where they hold too
//! much in sum, some are closed. Who lets go of some of it all the time is the last to go, for that is a client that
//! reads; who holds little is never closed, and who holds next to nothing is not even counted, so that most requests
//! meet no lock here. Knows no socket.

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
    /// By a number that rises, and that each gets anew when it lets go of something: first who did so longest ago.
    holders: BTreeMap<u64, Holder>,
}

struct Holder {
    bytes: usize,
    /// Of the task that is woken where it must go.
    waker: Waker,
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
    /// Counts what somebody holds, under the number that it has or, where it let go of something, under a new one.
    fn add(&mut self, number: Option<u64>, bytes: usize, waker: &Waker) -> u64 {
        let number = number.unwrap_or(self.last + 1);
        self.last = self.last.max(number);
        self.bytes += bytes;
        self.holders.insert(number, Holder { bytes, waker: waker.clone() });
        number
    }

    /// Counts it no longer; how much it was. Nothing where its holder was told to go.
    fn remove(&mut self, number: u64) -> Option<usize> {
        let bytes = self.holders.remove(&number)?.bytes;
        self.bytes -= bytes;
        Some(bytes)
    }

    /// Tells some to go, until the others hold no more than that: of those that hold at least half of what each could
    /// have, who let go of nothing for longest.
    fn shrink(&mut self, bytes_max: usize) -> Vec<Waker> {
        let mut told = Vec::new();
        while self.bytes > bytes_max {
            let much = bytes_max / self.holders.len().max(1) / 2;
            let first = self.holders.iter().find(|(_, holder)| holder.bytes >= much);
            let Some(holder) = first.map(|(number, _)| *number).and_then(|first| self.holders.remove(&first))
            else {
                break;
            };
            self.bytes -= holder.bytes;
            told.push(holder.waker);
        }
        told
    }
}

/// What one connection holds. Dropping it says that this is nothing any more.
pub struct Buffer<'p> {
    buffers: &'p Buffers,
    /// The number under which it is counted, if it is.
    counted: Option<u64>,
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
        let was = self.counted.map(|number| held.remove(number));
        if bytes == 0 {
            // Who was told to go and has let go meanwhile can stay.
            self.counted = None;
            return Poll::Pending;
        }
        if was == Some(None) {
            return self.told(bytes);
        }
        let same = self.counted.filter(|_| was.flatten().is_some_and(|was| bytes >= was));
        let number = held.add(same, bytes, task.waker());
        self.counted = Some(number);
        let told = held.shrink(self.buffers.bytes_max);
        let stays = held.holders.contains_key(&number);
        drop(held);
        // Its own is among them where it must go itself, which does no harm.
        told.into_iter().for_each(Waker::wake);
        if stays { Poll::Pending } else { self.told(bytes) }
    }

    /// Holds so many bytes; resolves when the connection must be closed for that.
    pub async fn full(&mut self, bytes: usize) {
        poll_fn(|task| self.poll_hold(bytes, task)).await;
    }

    fn told(&self, bytes: usize) -> Poll<()> {
        let bytes_max = self.buffers.bytes_max;
        tracing::debug!(bytes, "buffered_bytes_max is {bytes_max}: a connection that holds much is closed");
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
    fn who_let_go_of_nothing_for_longest_goes_and_is_woken_for_it() {
        let buffers = Buffers::new(100 * STEP_BYTES);
        let mut reads = buffers.buffer();
        assert!(!goes(&mut reads, 50 * STEP_BYTES));
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut stuck = buffers.buffer();
        let mut task = Task::from_waker(&waker);
        assert!(stuck.poll_hold(40 * STEP_BYTES, &mut task).is_pending());
        assert!(!goes(&mut reads, 49 * STEP_BYTES));
        // More is no sign of reading.
        assert!(stuck.poll_hold(41 * STEP_BYTES, &mut task).is_pending());
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
        let mut late = buffers.buffer();
        assert!(!goes(&mut late, 40 * STEP_BYTES));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        assert!(stuck.poll_hold(41 * STEP_BYTES, &mut task).is_ready());
        assert!(stuck.poll_hold(41 * STEP_BYTES, &mut task).is_ready());
        assert_eq!(held(&buffers), 89 * STEP_BYTES);
        drop((reads, stuck, late));
        assert_eq!(held(&buffers), 0);
    }

    #[test]
    fn who_holds_little_stays_however_long() {
        let buffers = Buffers::new(100 * STEP_BYTES);
        let mut small: Vec<_> = (0..9).map(|_| buffers.buffer()).collect();
        assert!(small.iter_mut().all(|buffer| !goes(buffer, 4 * STEP_BYTES)));
        let mut large = buffers.buffer();
        assert!(goes(&mut large, 65 * STEP_BYTES));
        assert!(small.iter_mut().all(|buffer| !goes(buffer, 4 * STEP_BYTES)));
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
