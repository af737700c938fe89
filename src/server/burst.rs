//! Who has a thread when: turns, and replies that go out together.
//!
//! A thread that is in the middle of many requests evaluates those that it has before it sends their replies: what
//! evaluates and what sends each finds its own code and data in the processor's cache, and a peer on the same machine
//! is woken once and not for every reply. Who comes alone is answered at once. Owns when a thread last answered;
//! may use the runtime.

use std::cell::Cell;
use std::time::{Duration, Instant};

/// Requests that come closer than this, one behind the other on one thread, are a burst. Less than a client alone
/// needs from one reply to its next request.
const BURST_GAP: Duration = Duration::from_micros(50);

/// So many lines of a session are evaluated before others have their turn,
const LINES_AT_ONCE: usize = 64;

/// or as many as can be begun in that time after the first.
const TURN: Duration = Duration::from_millis(1);

thread_local! {
    /// Until when the next answer belongs to the burst of the last one.
    static BURST_ENDS: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// How much one session may do before others have their turn.
#[derive(Default)]
pub(super) struct Turn {
    lines: usize,
    /// When the second line was asked for: most turns have none, and need no clock.
    since: Option<Instant>,
}

impl Turn {
    /// Whether it may begin another line, where one has come; the first in any case.
    pub(super) fn goes_on(&mut self) -> bool {
        self.lines += 1;
        self.lines == 1
            || (self.lines <= LINES_AT_ONCE && self.since.get_or_insert_with(Instant::now).elapsed() < TURN)
    }
}

/// Called before a reply is sent: in a burst, lets the thread do first what else is ready. Not for ever: the runtime
/// comes back after some dozens of tasks.
pub(super) async fn let_others_go_first() {
    if in_burst(Instant::now()) {
        tokio::task::yield_now().await;
    }
}

/// Whether this thread answered somebody just before this moment, at which it answers again.
fn in_burst(now: Instant) -> bool {
    BURST_ENDS.replace(now.checked_add(BURST_GAP)).is_some_and(|end| now < end)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_turn_ends_after_its_lines_or_after_its_time() {
        let mut turn = Turn { lines: 0, since: Some(Instant::now() + Duration::from_secs(3_600)) };
        assert_eq!((0..1_000).take_while(|_| turn.goes_on()).count(), LINES_AT_ONCE);
        let long_ago = Instant::now().checked_sub(TURN).expect("a machine that runs for a while");
        let mut turn = Turn { lines: 0, since: Some(long_ago) };
        assert_eq!((0..1_000).take_while(|_| turn.goes_on()).count(), 1);
    }

    #[test]
    fn who_comes_alone_is_in_no_burst_and_neither_is_who_comes_after_something_long() {
        let begin = Instant::now();
        let answers = [(0, false), (1, true), (50, true), (101, false), (150, true), (2_150, false)];
        BURST_ENDS.set(None);
        for (micros, burst) in answers {
            assert_eq!(in_burst(begin + Duration::from_micros(micros)), burst, "after {micros}");
        }
    }
}
