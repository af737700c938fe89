//! Sessions and what is pushed to them: messages that leave without a stop in the inbox.
//!
//! Owns the flight table: a message on its way to sessions is a row of its own, whatever the number of its
//! receivers, until each of them has it. So none is lost where the daemon dies meanwhile, and a message to sixty
//! listeners costs the disk no more than one to one. How much may be on its way is the window's; what does not fit
//! waits in the inbox, and everything behind it does too, for the order's sake.

use std::sync::Arc;

use super::rows::{Delivery, Flight, Session};
use super::transaction::Undo;
use super::{ClientId, Error, Message, Push, Result, Row, SessionId, State, Table, Window};
use crate::value::Value;

impl State {
    /// Binds a session to a client, which does not expire meanwhile. The session that it had until now, if any,
    /// is no longer its session.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]
    pub fn connect(&mut self, client: ClientId, window: Arc<Window>) -> Result<Option<SessionId>> {
        let number = self.number_of(client)?;
        let session = Session { window, listening: false, behind: false };
        let was = self.change_session(number, Some(session)).map(|was| was.window.session());
        if was.is_some() {
            self.announce_session("session_close", number);
        }
        self.announce_session("session_open", number);
        Ok(was)
    }

    /// The session has ended. Nothing where the client is gone, or has another session by now.
    pub fn disconnect(&mut self, client: ClientId, session: SessionId) {
        let Some(number) = self.clients.by_id.get(&client).copied() else { return };
        if self.session(number).is_none_or(|current| current.window.session() != session) {
            return;
        }
        self.change_session(number, None);
        self.announce_session("session_close", number);
    }

    /// The client's session made a request: a sign of life, which no rollback takes back.
    pub fn heard_from(&mut self, client: ClientId) {
        let now = self.now.monotonic;
        let number = self.clients.by_id.get(&client);
        if let Some(client) = number.and_then(|number| self.clients.live.get_mut(number)) {
            client.last_seen = now;
        }
    }

    /// From now on messages are pushed to the client's session, those that wait first; or no longer.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; [`Error::State`] where it has no session.
    pub fn listen(&mut self, client: ClientId, listening: bool) -> Result<()> {
        let number = self.number_of(client)?;
        let Some(mut session) = self.session(number).cloned() else {
            return Err(Error::State("only a client with a session can listen".to_owned()));
        };
        session.listening = listening;
        session.behind = false;
        self.change_session(number, Some(session));
        if listening {
            self.push_waiting(number);
        }
        Ok(())
    }

    /// Pushes what waits in the inbox, as far as the window has room.
    pub fn refill(&mut self, client: ClientId) {
        if let Some(number) = self.clients.by_id.get(&client).copied() {
            self.push_waiting(number);
        }
    }

    /// Every receiver has the message: its row goes.
    pub fn arrived(&mut self, row: u64) {
        if self.flights.contains_key(&row) {
            self.change_flight(row, None);
        }
    }

    /// Takes a message back whose session ended before it was written: to its place in the inbox. Nothing where
    /// the client is gone.
    pub fn push_back(&mut self, row: u64, delivery: u64) {
        let Some(flight) = self.flights.get(&row) else { return };
        let Some(client) = flight.receivers.iter().find(|(number, _)| *number == delivery) else { return };
        let (client, message, size) = (client.1, Arc::clone(&flight.message), flight.size);
        let receivers: Arc<[(u64, u64)]> =
            flight.receivers.iter().filter(|(number, _)| *number != delivery).copied().collect();
        let left = Flight { message: Arc::clone(&message), size, receivers };
        self.change_flight(row, (!left.receivers.is_empty()).then_some(left));
        self.change_delivery(client, delivery, Some(Delivery::new(message, None, size)));
        self.trim_inbox(client);
    }

    /// Who of these can be pushed to at once, with room made for it; the others get it into their inboxes.
    pub(super) fn split_listeners(
        &self,
        receivers: &[u64],
        size: usize,
    ) -> (Vec<(u64, Arc<Window>)>, Vec<u64>) {
        let (mut listeners, mut others) = (Vec::new(), Vec::new());
        for number in receivers {
            match self.window_for(*number, size) {
                Some(window) => listeners.push((*number, window)),
                None => others.push(*number),
            }
        }
        (listeners, others)
    }

    /// Sends a message on its way to these clients, in whose windows there is room for it.
    pub(super) fn push(&mut self, message: Arc<Message>, size: usize, listeners: Vec<(u64, Arc<Window>)>) {
        if listeners.is_empty() {
            return;
        }
        let row = self.allocate();
        let (deliveries, receivers): (Vec<_>, Vec<_>) = listeners
            .into_iter()
            .map(|(client, window)| {
                let delivery = self.allocate();
                ((delivery, client), (delivery, window))
            })
            .unzip();
        let flight = Flight { message: Arc::clone(&message), size, receivers: deliveries.into() };
        self.change_flight(row, Some(flight));
        self.transaction.pushes.push(Push { row, message, size, receivers });
    }

    /// Something waits in the inbox of a client that listens: until it is pushed, nothing may overtake it.
    pub(super) fn fall_behind(&mut self, number: u64) {
        let session = self.clients.live.get_mut(&number).and_then(|client| client.session.as_mut());
        if let Some(session) = session.filter(|session| session.listening) {
            // Not undone: to look once too often is harmless.
            session.behind = true;
            self.transaction.behind.push(session.window.session());
        }
    }

    pub(super) fn swap_session(&mut self, number: u64, new: Option<Session>) -> Option<Session> {
        let client = self.clients.live.get_mut(&number)?;
        std::mem::replace(&mut client.session, new)
    }

    pub(super) fn swap_flight(&mut self, row: u64, new: Option<Flight>) -> Option<Flight> {
        let cost = |flight: &Option<Flight>| flight.as_ref().map_or(0, Flight::cost);
        let added = cost(&new);
        let old = match new {
            Some(new) => self.flights.insert(row, new),
            None => self.flights.remove(&row),
        };
        self.account(added, cost(&old));
        old
    }

    fn session(&self, number: u64) -> Option<&Session> {
        self.clients.live.get(&number)?.session.as_ref()
    }

    fn change_session(&mut self, number: u64, new: Option<Session>) -> Option<Session> {
        let now = self.now.monotonic;
        if let Some(client) = self.clients.live.get_mut(&number) {
            client.last_seen = now;
        }
        let was = self.swap_session(number, new);
        self.transaction.undo.push(Undo::Session { client: number, was: was.clone() });
        was
    }

    fn change_flight(&mut self, row: u64, new: Option<Flight>) {
        let put = new.as_ref().map(|new| (Arc::clone(&new.message), Arc::clone(&new.receivers)));
        let was = self.swap_flight(row, new);
        match put {
            Some((message, receivers)) => {
                self.record_put(row, Row::Push { message, receivers }, was.is_some());
            }
            None => self.record_delete(Table::Push, row),
        }
        self.transaction.undo.push(Undo::Flight { row, was });
    }

    fn window_for(&self, number: u64, size: usize) -> Option<Arc<Window>> {
        let session = self.session(number)?;
        // Who waits in a `recv` at the same time has asked for the message more plainly.
        let direct = session.listening && !session.behind && !self.waiters.wait_for_inbox(number);
        (direct && session.window.reserve(size)).then(|| Arc::clone(&session.window))
    }

    fn push_waiting(&mut self, number: u64) {
        while let Some(session) = self.session(number).filter(|session| session.listening) {
            let window = Arc::clone(&session.window);
            let oldest = self.oldest(number, None);
            let Some((delivery, waiting)) = oldest else {
                if let Some(client) = self.clients.live.get_mut(&number)
                    && let Some(session) = &mut client.session
                {
                    session.behind = false;
                }
                return;
            };
            if !window.reserve(waiting.size) {
                self.fall_behind(number);
                return;
            }
            self.change_delivery(number, delivery, None);
            self.push(waiting.message, waiting.size, vec![(number, window)]);
        }
    }

    fn announce_session(&mut self, event: &'static str, number: u64) {
        let Some(client) = self.clients.live.get(&number) else { return };
        let body = Value::dict([("id", Value::from(client.id.as_str())), ("name", client.name_value())]);
        self.announce(event, body);
    }
}
