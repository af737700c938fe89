//! What happens by itself: clients that expire, keys whose time is over, leases that end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use super::{ClientId, Row, Space, State, Table};

/// How long an expired ID is remembered: used again within that time, it is made anew.
pub(super) const EXPIRED_TIME: Duration = Duration::from_secs(24 * 60 * 60);
/// What one beginning of a transaction does at most; the rest waits for the next.
const SWEEP_MAX: usize = 1000;

/// Something to look at when its time has come; by then it may have changed, and nothing is done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// The client of this number, if it was silent.
    Client(u64),
    /// A registry key.
    Key(Arc<str>),
    /// A leased message in an inbox: the numbers of the client and of the message.
    Lease(u64, u64),
    /// A taken item of a queue.
    Item(Arc<str>, u64),
    /// An ID that need no longer be remembered.
    Expired(ClientId),
}

/// Deadlines, the earliest first.
#[derive(Default)]
pub(super) struct Schedule(BinaryHeap<Reverse<(Duration, Due)>>);

impl Schedule {
    pub(super) fn push(&mut self, deadline: Duration, due: Due) {
        self.0.push(Reverse((deadline, due)));
    }

    pub(super) fn next(&self) -> Option<Duration> {
        self.0.peek().map(|Reverse((deadline, _))| *deadline)
    }

    pub(super) fn is_due(&self, now: Duration) -> bool {
        self.next().is_some_and(|deadline| deadline <= now)
    }

    fn pop_due(&mut self, now: Duration) -> Option<Due> {
        if self.is_due(now) { self.0.pop().map(|Reverse((_, due))| due) } else { None }
    }
}

impl State {
    /// Does what is due.
    pub(super) fn sweep(&mut self) {
        for _ in 0..SWEEP_MAX {
            let Some(due) = self.schedule.pop_due(self.now.monotonic) else { return };
            match due {
                Due::Client(number) => self.client_due(number),
                Due::Key(key) => self.key_due(&key),
                Due::Lease(client, number) => self.lease_due(client, number),
                Due::Item(queue, number) => self.item_due(&queue, number),
                Due::Expired(id) => self.expired_due(id),
            }
        }
    }

    fn client_due(&mut self, number: u64) {
        let Some(client) = self.clients.get(&number) else { return };
        if client.sessions > 0 {
            // Scheduled again when the last session closes.
            return;
        }
        let deadline = client.seen.saturating_add(self.client_expiry);
        if deadline > self.now.monotonic {
            self.schedule.push(deadline, Due::Client(number));
        } else {
            self.expire(number);
        }
    }

    fn key_due(&mut self, key: &Arc<str>) {
        let now = self.now.monotonic;
        let entry = self.registry.get_even_expired(key);
        if entry.is_some_and(|entry| entry.expires.is_some_and(|deadline| deadline <= now)) {
            self.remove_entry(Space::Registry, key);
        }
    }

    fn expired_due(&mut self, id: ClientId) {
        let now = self.now.monotonic;
        if let Some((number, deadline)) = self.expired.get(&id).copied()
            && deadline <= now
        {
            self.expired.remove(&id);
            self.undo(move |state| {
                state.expired.insert(id, (number, deadline));
            });
            self.record_gone(Table::Expired, number);
        }
    }

    /// Remembers an expired ID.
    pub(super) fn remember_expired(&mut self, id: ClientId) {
        let (number, deadline) = (self.number(), self.now.monotonic.saturating_add(EXPIRED_TIME));
        self.expired.insert(id, (number, deadline));
        self.undo(move |state| {
            state.expired.remove(&id);
        });
        self.schedule.push(deadline, Due::Expired(id));
        self.record_new(number, Row::Expired { id, at: self.now.unix_micros });
    }
}
