//! Inboxes: one for each client, first in first out, and the leases on what waits in them.
//!
//! Owns the delivery table. What a full inbox does is `overflow`'s.

use std::sync::Arc;
use std::time::Duration;

use super::deadline::{Deadline, Due};
use super::rows::{Delivery, Touched};
use super::transaction::Undo;
use super::{ClientId, Error, Message, Pattern, Received, Result, State, Table, check};

impl State {
    /// The oldest message, or the oldest whose event matches the pattern; removed. Leased messages are left.
    ///
    /// # Errors
    /// [`Error::UnknownClient`], the limit on patterns.
    pub fn recv(&mut self, client: ClientId, event: Option<&str>) -> Result<Option<Received>> {
        let number = self.number_of(client)?;
        let pattern = event.map(Pattern::new).transpose()?;
        Ok(self.take_message(number, pattern.as_ref()))
    }

    /// How many messages can be received now.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]
    pub fn pending(&self, client: ClientId) -> Result<usize> {
        Ok(self.pending_of(self.number_of(client)?))
    }

    /// The oldest message, hidden until it is acknowledged or the time, at most a day, is over. It keeps its
    /// place.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; [`Error::Value`] for a time that cannot be.
    pub fn lease(&mut self, client: ClientId, time: Duration) -> Result<Option<Received>> {
        let client = self.number_of(client)?;
        check::lease(time)?;
        self.surface_messages(client);
        let Some(mut delivery) = self.oldest(client, None) else { return Ok(None) };
        let (number, message) = (delivery.0, Arc::clone(&delivery.1.message));
        delivery.1.until = Some(Deadline::after(self.now, time));
        self.change_delivery(client, number, Some(delivery.1));
        Ok(Some(Received { number, message }))
    }

    /// Acknowledges a leased message: it is gone.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; [`Error::State`] where nothing of that number is leased (any more).
    pub fn ack(&mut self, client: ClientId, number: u64) -> Result<()> {
        let client = self.number_of(client)?;
        let now = self.now;
        let leased = self.clients.live.get(&client).and_then(|client| client.inbox.get_hidden(number));
        if leased.and_then(|leased| leased.until).is_none_or(|until| until.due(now)) {
            return Err(Error::State(format!("no message {number} is leased; its time may be over")));
        }
        self.change_delivery(client, number, None);
        Ok(())
    }

    pub(super) fn pending_of(&self, client: u64) -> usize {
        let Some(client) = self.clients.live.get(&client) else { return 0 };
        let mut pending = client.inbox.ready_len();
        if self.backlog() {
            let due = |delivery: &Delivery| delivery.until.is_some_and(|until| until.due(self.now));
            pending += client.inbox.hidden().filter(|(_, delivery)| due(delivery)).count();
        }
        pending
    }

    /// Removes the oldest message that matches.
    pub(super) fn take_message(&mut self, client: u64, pattern: Option<&Pattern>) -> Option<Received> {
        self.surface_messages(client);
        let (number, delivery) = self.oldest(client, pattern)?;
        self.change_delivery(client, number, None);
        Some(Received { number, message: delivery.message })
    }

    pub(super) fn oldest(&self, client: u64, pattern: Option<&Pattern>) -> Option<(u64, Delivery)> {
        let client = self.clients.live.get(&client)?;
        let mut ready = client.inbox.ready();
        let found = ready.find(|(_, delivery)| event_matches(pattern, &delivery.message));
        found.map(|(number, delivery)| (number, delivery.clone()))
    }

    /// Brings back what leases hide no longer, where the sweep did not get to it.
    fn surface_messages(&mut self, client: u64) {
        if !self.backlog() {
            return;
        }
        let now = self.now;
        let Some(row) = self.clients.live.get(&client) else { return };
        let due = |delivery: &Delivery| delivery.until.is_some_and(|until| until.due(now));
        let numbers: Vec<u64> =
            row.inbox.hidden().filter(|(_, delivery)| due(delivery)).map(|(number, _)| number).collect();
        for number in numbers {
            self.return_message(client, number);
        }
    }

    /// Ends the lease on a message.
    pub(super) fn return_message(&mut self, client: u64, number: u64) {
        let hidden = self.clients.live.get(&client).and_then(|client| client.inbox.get_hidden(number));
        let Some(mut delivery) = hidden.cloned() else { return };
        delivery.until = None;
        self.change_delivery(client, number, Some(delivery));
    }

    /// Puts a delivery into a slot of an inbox or empties it; content that nobody refers to any more goes.
    pub(super) fn change_delivery(&mut self, client: u64, number: u64, new: Option<Delivery>) {
        if !self.clients.live.contains_key(&client) {
            return;
        }
        let row = new.as_ref().map(|new| new.row(client));
        let ready = new.as_ref().is_some_and(|new| new.until.is_none());
        let kept_content = new.as_ref().and_then(|new| new.content);
        let was = self.swap_delivery(client, number, new);
        let old_content = was.as_ref().and_then(|was| was.content).filter(|old| Some(*old) != kept_content);
        match row {
            Some(row) => self.record_put(number, row, was.is_some()),
            None => self.record_delete(Table::Delivery, number),
        }
        self.transaction.undo.push(Undo::Delivery { client, number, was });
        if let Some(content) = old_content {
            self.drop_unused_content(content);
        }
        if ready {
            if self.waiters.wait_for_inbox(client) {
                self.transaction.touched.push(Touched::Message { client, number });
            }
            self.fall_behind(client);
        }
    }

    pub(super) fn swap_delivery(
        &mut self,
        client: u64,
        number: u64,
        new: Option<Delivery>,
    ) -> Option<Delivery> {
        let cost = |delivery: &Option<Delivery>| delivery.as_ref().map_or(0, Delivery::cost);
        let until = |delivery: &Option<Delivery>| delivery.as_ref()?.until.map(|until| until.at);
        let content = |delivery: &Option<Delivery>| delivery.as_ref()?.content;
        let (added, new_until, new_content) = (cost(&new), until(&new), content(&new));
        let arrives = usize::from(new.is_some());
        let old = self.clients.live.get_mut(&client)?.inbox.swap(number, new);
        self.account(added, cost(&old));
        self.messages = self.messages + arrives - usize::from(old.is_some());
        if new_until.is_some() || until(&old).is_some() {
            self.reschedule(&Due::Delivery { client, number }, until(&old), new_until);
        }
        if let Some(content) = new_content {
            self.refer_to(content, true);
        }
        if let Some(content) = content(&old) {
            self.refer_to(content, false);
        }
        old
    }
}

/// Whether the message has an event that matches; without a pattern every message does.
pub(super) fn event_matches(pattern: Option<&Pattern>, message: &Message) -> bool {
    pattern.is_none_or(|pattern| message.event.as_ref().is_some_and(|event| pattern.matches(event)))
}
