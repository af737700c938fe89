//! Deadlines: when something is due, and what.
//!
//! Counts by monotonic time; the wall-clock time beside it is for the journal's rows alone.

use std::sync::Arc;
use std::time::Duration;

use super::{ClientId, State};
use crate::clock::Moment;

/// A point in time, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    /// Monotonic time.
    pub at: Duration,
    /// Microseconds since 1970, as believed when it was set.
    pub wall: i64,
}

impl Deadline {
    /// `after` from `now` on.
    pub(super) fn after(now: Moment, after: Duration) -> Deadline {
        Deadline {
            at: now.monotonic.saturating_add(after),
            wall: now.unix_micros.saturating_add(micros(after)),
        }
    }

    /// The deadline that a row carried over a restart: what is left of it by the wall clock, at most `max`.
    pub(super) fn restored(wall: i64, now: Moment, max: Duration) -> Deadline {
        let left = u64::try_from(wall.saturating_sub(now.unix_micros)).unwrap_or(0);
        Deadline { at: now.monotonic.saturating_add(Duration::from_micros(left).min(max)), wall }
    }

    /// Whether it has come.
    pub(super) fn due(&self, now: Moment) -> bool {
        self.at <= now.monotonic
    }
}

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A client may have expired.
    Client(u64),
    /// A registry key's time to live ends.
    Key(Arc<str>),
    /// A lease on a message ends.
    Delivery { client: u64, number: u64 },
    /// A queue's item comes back.
    Item { queue: Arc<str>, number: u64 },
    /// An expired ID is forgotten.
    Tombstone(ClientId),
}

pub(super) fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl State {
    /// Replaces one deadline of a thing by another.
    pub(super) fn reschedule(&mut self, due: &Due, old: Option<Duration>, new: Option<Duration>) {
        if old == new {
            return;
        }
        if let Some(at) = old {
            self.deadlines.remove(&(at, due.clone()));
        }
        if let Some(at) = new {
            self.deadlines.insert((at, due.clone()));
        }
    }

    /// What is due and was not swept, earliest first.
    pub(super) fn due(&self) -> impl Iterator<Item = &Due> {
        self.deadlines.iter().take_while(|(at, _)| *at <= self.now.monotonic).map(|(_, due)| due)
    }

    /// Whether something is due that the sweep did not get to; only then must a reader look for itself.
    pub(super) fn backlog(&self) -> bool {
        self.deadlines.first().is_some_and(|(at, _)| *at <= self.now.monotonic)
    }
}
