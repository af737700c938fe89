//! Full inboxes: the oldest messages go, and one notice at the head says how many.
//!
//! The notice takes the place, and the number, of the first message that was dropped, and is changed where it
//! stands while nobody has read it. It does not count towards the limits it tells of.

use std::sync::Arc;

use super::rows::{Delivery, MANY_DROPPED, ONE_DROPPED, message_size};
use super::transaction::Undo;
use super::{Message, State};
use crate::value::Value;

impl State {
    /// Drops the oldest messages of an inbox until it is within its limits.
    pub(super) fn trim_inbox(&mut self, client: u64) {
        while let Some((victim, notice)) = self.excess(client) {
            self.drop_message(client, victim, notice);
        }
    }

    /// Tells of messages that there is no room for: in the notice at the head or at the end of the inbox, else in
    /// a new one.
    pub(super) fn lose_messages(&mut self, client: u64, lost: u64) {
        self.count_dropped(lost);
        let Some(row) = self.clients.live.get(&client) else { return };
        let ends = row.inbox.ready().next().into_iter().chain(row.inbox.ready().next_back());
        let notice = ends.filter_map(|(number, delivery)| Some((number, delivery.notice_of?))).next();
        match notice {
            Some((number, count)) => self.put_notice(client, number, count.saturating_add(lost)),
            None => {
                let number = self.allocate();
                self.put_notice(client, number, lost);
            }
        }
        self.trim_inbox(client);
    }

    /// The oldest message of an inbox that is over a limit, and the notice at its head.
    fn excess(&self, client: u64) -> Option<(u64, Option<(u64, u64)>)> {
        let inbox = &self.clients.live.get(&client)?.inbox;
        let head = inbox.ready().next();
        let notice = head.and_then(|(number, delivery)| Some((number, delivery.notice_of?, delivery.size)));
        let (notice_count, notice_size) = notice.map_or((0, 0), |(_, _, size)| (1, size));
        let within = inbox.len() - notice_count <= self.limits.inbox_messages_max
            && inbox.bytes().saturating_sub(notice_size) <= self.limits.inbox_bytes_max;
        if within {
            return None;
        }
        let notice = notice.map(|(number, count, _)| (number, count));
        let victim = inbox.oldest_but(notice.map(|(number, _)| number))?;
        Some((victim, notice))
    }

    fn drop_message(&mut self, client: u64, victim: u64, notice: Option<(u64, u64)>) {
        let inbox = self.clients.live.get(&client).map(|client| &client.inbox);
        let older_notice = inbox.and_then(|inbox| inbox.get(victim)).and_then(|victim| victim.notice_of);
        if older_notice.is_none() {
            self.count_dropped(1);
        }
        let lost = older_notice.unwrap_or(1);
        match notice {
            Some((number, count)) => {
                self.change_delivery(client, victim, None);
                self.put_notice(client, number, count.saturating_add(lost));
            }
            None => self.put_notice(client, victim, lost),
        }
    }

    fn put_notice(&mut self, client: u64, number: u64, count: u64) {
        let Some(row) = self.clients.live.get(&client) else { return };
        let text = if count == 1 { ONE_DROPPED.to_owned() } else { format!("{count}{MANY_DROPPED}") };
        let message = Message {
            at: self.now.unix_micros,
            from: Arc::from("SYSTEM"),
            to: Arc::clone(&row.text),
            event: None,
            body: Value::from(text),
        };
        let size = message_size(&message);
        self.change_delivery(client, number, Some(Delivery::new(Arc::new(message), None, size)));
    }

    fn count_dropped(&mut self, lost: u64) {
        self.transaction.undo.push(Undo::Dropped(self.dropped));
        self.dropped = self.dropped.saturating_add(lost);
    }
}
