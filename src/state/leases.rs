//! Leases: at-least-once receiving. A leased message keeps its place, hidden, and comes back unless acknowledged.

use std::time::Duration;

use super::due::Due;
use super::inbox::delivery_row;
use super::{ClientId, Error, Received, Result, Row, State};

impl State {
    /// The oldest message, hidden until it is acknowledged or the time is over.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn lease(&mut self, client: ClientId, time: Duration) -> Result<Option<Received>> {
        let number = self.number_of(client)?;
        let found = self.clients.get(&number).and_then(|client| client.inbox.first(None));
        if let Some(received) = &found {
            let until = self.now.monotonic.saturating_add(time);
            self.set_lease(number, received.number, Some(until));
            self.schedule.push(until, Due::Lease(number, received.number));
        }
        Ok(found)
    }

    /// Acknowledges: the message is gone.
    ///
    /// # Errors
    /// `state` where there is no such client, or nothing of that number is leased.
    pub fn ack(&mut self, client: ClientId, number: u64) -> Result<()> {
        let owner = self.number_of(client)?;
        let inbox = self.clients.get(&owner).map(|client| &client.inbox);
        let leased = inbox.and_then(|inbox| inbox.deliveries.get(&inbox.place(number)?)?.leased);
        if leased.is_none() {
            return Err(Error::State(format!("no message {number} is leased; its time may be over")));
        }
        self.remove_delivery(owner, number);
        Ok(())
    }

    /// A lease whose time is over.
    pub(super) fn lease_due(&mut self, client: u64, number: u64) {
        let inbox = self.clients.get(&client).map(|client| &client.inbox);
        let leased = inbox.and_then(|inbox| inbox.deliveries.get(&inbox.place(number)?)?.leased);
        if leased.is_some_and(|until| until <= self.now.monotonic) {
            self.set_lease(client, number, None);
            self.transaction.inboxes.insert(client);
        }
    }

    fn set_lease(&mut self, client: u64, number: u64, until: Option<Duration>) {
        let leased_until = until.map(|until| self.wall(until));
        let inbox = self.clients.get_mut(&client).map(|client| &mut client.inbox);
        let Some(delivery) = inbox.and_then(|inbox| {
            let place = inbox.place(number)?;
            inbox.deliveries.get_mut(&place)
        }) else {
            return;
        };
        let before = std::mem::replace(&mut delivery.leased, until);
        let mut row = delivery_row(client, delivery);
        if let Row::Delivery { leased_until: in_row, .. } = &mut row {
            *in_row = leased_until;
        }
        self.record(number, row);
        self.undo(move |state| {
            let inbox = state.clients.get_mut(&client).map(|client| &mut client.inbox);
            if let Some(delivery) = inbox.and_then(|inbox| {
                let place = inbox.place(number)?;
                inbox.deliveries.get_mut(&place)
            }) {
                delivery.leased = before;
            }
        });
    }
}
