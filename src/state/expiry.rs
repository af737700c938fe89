//! What is due by itself: clients that expire, keys whose time is over, leases that end, IDs to forget.
//!
//! Runs at the start of every transaction, in bounded steps.

use super::Space;
use super::State;
use super::deadline::Due;
use super::departure::Reason;

/// How many deadlines one `begin` looks at, and about how many records it makes, at most.
const WORK_MAX: usize = 1_000;

impl State {
    /// Does what is due, earliest first.
    pub(super) fn sweep(&mut self) {
        let records = self.transaction.records.len();
        for _ in 0..WORK_MAX {
            if self.transaction.records.len() - records >= WORK_MAX || !self.backlog() {
                return;
            }
            let Some((_, due)) = self.deadlines.pop_first() else { return };
            match due {
                Due::Client(number) => self.look_at_client(number),
                Due::Key(key) => self.change_entry(Space::Registry, &key, None),
                Due::Delivery { client, number } => self.return_message(client, number),
                Due::Item { queue, number } => self.return_item(&queue, number),
                Due::Tombstone(id) => self.change_tombstone(id, None),
            }
        }
    }

    /// A client's signs of life do not move its deadline; they are looked at when it comes.
    fn look_at_client(&mut self, number: u64) {
        if !self.alive(number) {
            self.remove_client(number, Reason::Expired);
            return;
        }
        let Some(client) = self.clients.live.get_mut(&number) else { return };
        let busy = client.session.is_some() || self.waiters.wait_for_inbox(number);
        let since = if busy { self.now.monotonic } else { client.last_seen };
        client.look_at = since.saturating_add(self.client_expiry);
        let look_at = client.look_at;
        self.reschedule(&Due::Client(number), None, Some(look_at));
    }
}
