//! Inboxes: first in, first out; what is delivered, what a full one drops, and how it says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::groups::ALL;
use super::rules::check_name;
use super::{ClientId, Content, Error, Message, Pattern, Received, Result, Row, State, Table};
use crate::value::Value;

/// What a delivery costs besides the text in it: its entry in the inbox and its part of the message.
const DELIVERY_BYTES: usize = 64;
/// How the body of the notice about dropped messages ends; it begins with their number.
const DROPPED: &str = " messages were dropped because this inbox was full";

/// A message that waits.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    pub(super) message: Arc<Message>,
    pub(super) bytes: usize,
    /// The number of the content's row, where several deliveries share it.
    pub(super) shared: Option<u64>,
    /// Until when a lease hides it.
    pub(super) leased: Option<Duration>,
}

/// Where a delivery stands: the notice about dropped messages before all others, then by number.
pub(super) type Place = (bool, u64);

/// What waits for one client.
#[derive(Clone, Debug, Default)]
pub(super) struct Inbox {
    pub(super) deliveries: BTreeMap<Place, Delivery>,
    pub(super) bytes: usize,
}

impl Inbox {
    pub(super) fn len(&self) -> usize {
        self.deliveries.len()
    }

    /// How many can be received now.
    pub(super) fn waiting(&self) -> usize {
        self.deliveries.values().filter(|delivery| delivery.leased.is_none()).count()
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        self.deliveries.keys().map(|(_, number)| *number).collect()
    }

    pub(super) fn place(&self, number: u64) -> Option<Place> {
        [(true, number), (false, number)].into_iter().find(|place| self.deliveries.contains_key(place))
    }

    /// The oldest that is not leased, and matches.
    pub(super) fn first(&self, event: Option<&Pattern>) -> Option<Received> {
        let found = self.deliveries.iter().find(|(_, delivery)| {
            delivery.leased.is_none()
                && event.is_none_or(|pattern| {
                    delivery.message.event.as_ref().is_some_and(|event| pattern.matches(event))
                })
        });
        found.map(|((_, number), delivery)| Received {
            number: *number,
            message: Arc::clone(&delivery.message),
        })
    }

    /// The notice about dropped messages, if it was not read yet: its number and theirs.
    fn notice(&self) -> Option<(u64, u64)> {
        let ((notice, number), delivery) = self.deliveries.first_key_value()?;
        let count = dropped_count(&delivery.message)?;
        (!*notice && delivery.leased.is_none()).then_some((*number, count))
    }
}

/// Whether this is the notice about dropped messages, and how many it says.
pub(super) fn dropped_count(message: &Message) -> Option<u64> {
    match &message.body {
        Value::Str(text) if message.from.as_ref() == "SYSTEM" => text.strip_suffix(DROPPED)?.parse().ok(),
        _ => None,
    }
}

impl State {
    /// From a client to a group, an ID or a name: a copy to every member, each once. A destination nobody is in
    /// takes it silently. A body that starts with `++ping`, sent to a group, is answered by each member.
    ///
    /// # Errors
    /// `denied` for NOPLY, `value`, `type` and `limit` where the message cannot be kept.
    pub fn send(&mut self, from: ClientId, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        self.number_of(from)?;
        let from: Arc<str> = Arc::from(from.as_str());
        self.send_from(&from, to, event, body)
    }

    /// The same from nobody: `NOPLY`, which takes no reply.
    ///
    /// # Errors
    /// As for [`State::send`].
    pub fn send_anonymously(&mut self, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        self.send_from(&Arc::from("NOPLY"), to, event, body)
    }

    fn send_from(&mut self, from: &Arc<str>, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        if to == "NOPLY" {
            return Err(Error::Denied("messages from NOPLY take no reply".to_owned()));
        }
        if let Some(event) = event {
            check_name("event", event)?;
        }
        let (receivers, is_group) = self.receivers(to);
        if receivers.is_empty() {
            check_name("destination", to)?;
            self.weigh(&body)?;
        }
        self.deliver(from, to, event, &body, &receivers)?;
        match &body {
            Value::Str(text) if is_group && text.starts_with("++ping") => self.answer_ping(from, &receivers),
            _ => Ok(()),
        }
    }

    /// From a server-owned name to one client.
    ///
    /// # Errors
    /// `state` where there is no such client; `value`, `type` and `limit` where the message cannot be kept.
    pub fn notify(
        &mut self,
        from: &'static str,
        to: ClientId,
        event: Option<&str>,
        body: Value,
    ) -> Result<()> {
        let number = self.number_of(to)?;
        self.deliver(from, to.as_str(), event, &body, &[number])
    }

    /// The oldest message (or the oldest whose event matches the pattern), removed.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn recv(&mut self, client: ClientId, event: Option<&str>) -> Result<Option<Received>> {
        let number = self.number_of(client)?;
        let pattern = event.map(Pattern::new).transpose()?;
        let found = self.clients.get(&number).and_then(|client| client.inbox.first(pattern.as_ref()));
        if let Some(received) = &found {
            self.remove_delivery(number, received.number);
        }
        Ok(found)
    }

    /// How many messages can be received now; leased ones are not counted.
    ///
    /// # Errors
    /// `state` where there is no such client.
    pub fn pending(&self, client: ClientId) -> Result<usize> {
        let number = self.number_of(client)?;
        Ok(self.clients.get(&number).map_or(0, |client| client.inbox.waiting()))
    }

    /// Everybody the destination means, each once; and whether a group is meant.
    fn receivers(&self, to: &str) -> (Vec<u64>, bool) {
        if to == ALL {
            return (self.clients.keys().copied().collect(), true);
        }
        let mut receivers: Vec<u64> = self.number_of_text(to).into_iter().collect();
        let Some(group) = self.groups.get(to) else { return (receivers, false) };
        receivers.extend(group.members.values().copied());
        let mut met = BTreeSet::new();
        receivers.retain(|number| met.insert(*number));
        (receivers, true)
    }

    fn answer_ping(&mut self, sender: &Arc<str>, members: &[u64]) -> Result<()> {
        let Ok(asker) = self.number_of_text(sender) else { return Ok(()) };
        for member in members {
            let Some(client) = self.clients.get(member) else { continue };
            let name = client.name.clone().unwrap_or_else(|| Arc::from(client.id.as_str()));
            let address = client.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
            let id = client.id;
            let answer = Value::from(format!("++pong, {name}, {address}"));
            self.deliver(id.as_str(), sender, None, &answer, &[asker])?;
        }
        Ok(())
    }

    /// Puts a copy into each inbox.
    pub(super) fn deliver(
        &mut self,
        from: &str,
        to: &str,
        event: Option<&str>,
        body: &Value,
        receivers: &[u64],
    ) -> Result<()> {
        if receivers.is_empty() {
            return Ok(());
        }
        let bytes = self.weigh(body)? + from.len() + to.len() + event.map_or(0, str::len) + DELIVERY_BYTES;
        if bytes > self.limits.inbox_bytes_max {
            return Err(Error::limit("inbox_bytes_max", self.limits.inbox_bytes_max));
        }
        let message = Arc::new(Message {
            at: self.now.unix_micros,
            from: Arc::from(from),
            to: Arc::from(to),
            event: event.map(Arc::from),
            body: body.clone(),
        });
        let shared = (receivers.len() > 1).then(|| self.share(&message));
        for receiver in receivers {
            self.make_room(*receiver, bytes)?;
            let number = self.number();
            let delivery = Delivery { message: Arc::clone(&message), bytes, shared, leased: None };
            self.add_delivery(*receiver, (true, number), delivery)?;
        }
        Ok(())
    }

    /// A content row for a message that several deliveries share.
    fn share(&mut self, message: &Arc<Message>) -> u64 {
        let number = self.number();
        self.contents.insert(number, 0);
        self.undo(move |state| {
            state.contents.remove(&number);
        });
        self.record_new(number, Row::Content { message: Arc::clone(message) });
        number
    }

    /// Drops the oldest messages until another fits, and says so at the head.
    fn make_room(&mut self, client: u64, bytes: usize) -> Result<()> {
        let (messages_max, bytes_max) = (self.limits.inbox_messages_max, self.limits.inbox_bytes_max);
        let mut dropped = 0;
        loop {
            let Some(inbox) = self.clients.get(&client).map(|client| &client.inbox) else { return Ok(()) };
            let notice = inbox.notice();
            let (others, other_bytes) =
                match notice.and_then(|(number, _)| inbox.deliveries.get(&(false, number))) {
                    Some(delivery) => (inbox.len() - 1, inbox.bytes - delivery.bytes),
                    None => (inbox.len(), inbox.bytes),
                };
            if others < messages_max && other_bytes + bytes <= bytes_max {
                return if dropped > 0 { self.say_dropped(client, dropped) } else { Ok(()) };
            }
            let oldest = inbox.deliveries.keys().map(|(_, number)| *number);
            let Some(oldest) =
                oldest.into_iter().find(|number| notice.is_none_or(|(other, _)| *number != other))
            else {
                return Ok(());
            };
            self.remove_delivery(client, oldest);
            self.dropped += 1;
            self.undo(|state| state.dropped -= 1);
            dropped += 1;
        }
    }

    fn say_dropped(&mut self, client: u64, more: u64) -> Result<()> {
        let Some((id, notice)) = self.clients.get(&client).map(|client| (client.id, client.inbox.notice()))
        else {
            return Ok(());
        };
        let (number, before) = match notice {
            Some((number, count)) => {
                self.remove_delivery(client, number);
                (self.number(), count)
            }
            None => (self.number(), 0),
        };
        let body = Value::from(format!("{}{DROPPED}", before + more));
        let bytes = self.weigh(&body)? + DELIVERY_BYTES;
        let message = Arc::new(Message {
            at: self.now.unix_micros,
            from: Arc::from("SYSTEM"),
            to: Arc::from(id.as_str()),
            event: None,
            body,
        });
        self.add_delivery(client, (false, number), Delivery { message, bytes, shared: None, leased: None })
    }

    /// Puts a delivery into the inbox, and its record.
    pub(super) fn add_delivery(&mut self, client: u64, place: Place, delivery: Delivery) -> Result<()> {
        self.grow(delivery.bytes)?;
        let (row, number) = (delivery_row(client, &delivery), place.1);
        self.insert_delivery(client, place, delivery);
        self.undo(move |state| drop(state.take_delivery(client, place)));
        self.transaction.inboxes.insert(client);
        self.record_new(number, row);
        Ok(())
    }

    /// Takes a delivery out of the inbox, and its record.
    pub(super) fn remove_delivery(&mut self, client: u64, number: u64) {
        let place = self.clients.get(&client).and_then(|client| client.inbox.place(number));
        let Some((place, delivery)) =
            place.and_then(|place| Some((place, self.take_delivery(client, place)?)))
        else {
            return;
        };
        self.shrink(delivery.bytes);
        self.record_gone(Table::Delivery, number);
        let content = delivery.shared.filter(|content| self.contents.get(content) == Some(&0));
        self.undo(move |state| state.insert_delivery(client, place, delivery));
        if let Some(content) = content {
            self.contents.remove(&content);
            self.undo(move |state| {
                state.contents.insert(content, 0);
            });
            self.record_gone(Table::Content, content);
        }
    }

    pub(super) fn insert_delivery(&mut self, client: u64, place: Place, delivery: Delivery) {
        if let Some(copies) = delivery.shared.and_then(|content| self.contents.get_mut(&content)) {
            *copies += 1;
        }
        if let Some(client) = self.clients.get_mut(&client) {
            client.inbox.bytes += delivery.bytes;
            client.inbox.deliveries.insert(place, delivery);
        }
    }

    fn take_delivery(&mut self, client: u64, place: Place) -> Option<Delivery> {
        let inbox = &mut self.clients.get_mut(&client)?.inbox;
        let delivery = inbox.deliveries.remove(&place)?;
        inbox.bytes -= delivery.bytes;
        if let Some(copies) = delivery.shared.and_then(|content| self.contents.get_mut(&content)) {
            *copies -= 1;
        }
        Some(delivery)
    }

    /// What a restored message weighs.
    pub(super) fn delivery_bytes(message: &Message) -> usize {
        let texts =
            message.from.len() + message.to.len() + message.event.as_ref().map_or(0, |event| event.len());
        let texts = if dropped_count(message).is_some() { 0 } else { texts };
        message.body.measure().bytes + texts + DELIVERY_BYTES
    }
}

/// The row of a delivery that is not leased.
pub(super) fn delivery_row(client: u64, delivery: &Delivery) -> Row {
    let content = match delivery.shared {
        Some(content) => Content::Shared(content),
        None => Content::Own(Arc::clone(&delivery.message)),
    };
    Row::Delivery { client, content, leased_until: None }
}
