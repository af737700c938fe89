//! Messages: where one goes, what it may hold, and the notices that the server sends of itself.

use std::sync::Arc;

use super::rows::{DELIVERY_BYTES, Delivery, message_size};
use super::{ClientId, Error, Message, Result, State, check};
use crate::value::Value;

impl State {
    /// Sends a message from a client to `ALL`, or to each who is meant by `to`: the client of that ID, the client
    /// of that name and the members of that group, each once. Where that is nobody it is taken silently. A body
    /// that begins `++ping` and goes to a group is answered by each member.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; [`Error::Denied`] for `NOPLY`; [`Error::Value`] for what is no name; what
    /// cannot be sent; the limits `value_bytes_max` and `state_bytes_max`. A full inbox is none: it drops its oldest.
    pub fn send(&mut self, from: ClientId, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        let sender = self.number_of(from)?;
        let text = self.clients.live.get(&sender).map(|client| Arc::clone(&client.text));
        self.send_as(&text.unwrap_or_default(), Some(sender), to, event, body)
    }

    /// The same from nobody: `NOPLY`, which takes no reply.
    ///
    /// # Errors
    /// As for [`State::send`].
    pub fn send_anonymously(&mut self, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        self.send_as(&Arc::from("NOPLY"), None, to, event, body)
    }

    fn send_as(
        &mut self,
        from: &Arc<str>,
        sender: Option<u64>,
        to: &str,
        event: Option<&str>,
        body: Value,
    ) -> Result<()> {
        if to == "NOPLY" {
            return Err(Error::Denied("messages from NOPLY take no reply".to_owned()));
        }
        event.map(check::event_name).transpose()?;
        check::value(&body, self.limits.value_bytes_max)?;
        let (receivers, group) = self.receivers(to);
        if receivers.is_empty() {
            return check::destination(to);
        }
        let ping = !group.is_empty() && matches!(&body, Value::Str(text) if text.starts_with("++ping"));
        let message = Message {
            at: self.now.unix_micros,
            from: Arc::clone(from),
            to: self.groups.get_key_value(to).map_or_else(|| Arc::from(to), |(name, _)| Arc::clone(name)),
            event: event.map(Arc::from),
            body,
        };
        let size = message_size(&message);
        self.room_for(added_bytes(size, receivers.len()), 0)?;
        self.deliver(&receivers, message);
        if let (true, Some(sender)) = (ping, sender) {
            self.answer_ping(sender, &group);
        }
        Ok(())
    }

    /// A message from a server-owned name (`SYSTEM`, `SQLite`, `REGISTRY`, `EVENTS`, `NOPLY`) to one client.
    ///
    /// # Errors
    /// [`Error::UnknownClient`]; what cannot be sent; the limits `value_bytes_max` and `state_bytes_max`.
    pub fn notify(
        &mut self,
        from: &'static str,
        to: ClientId,
        event: Option<&str>,
        body: Value,
    ) -> Result<()> {
        let number = self.number_of(to)?;
        check::value(&body, self.limits.value_bytes_max)?;
        self.notify_number(from, number, event, body)
    }

    pub(super) fn notify_number(
        &mut self,
        from: &'static str,
        number: u64,
        event: Option<&str>,
        body: Value,
    ) -> Result<()> {
        let Some(message) = self.message_from_server(from, number, event, body) else { return Ok(()) };
        self.room_for(added_bytes(message_size(&message), 1), 0)?;
        self.deliver(&[number], message);
        Ok(())
    }

    /// The same for what the server says of itself; where the state has no room, the inbox says that.
    pub(super) fn deliver_from_server(
        &mut self,
        from: &'static str,
        to: u64,
        event: Option<&str>,
        body: Value,
    ) {
        if let Some(message) = self.message_from_server(from, to, event, body) {
            self.deliver(&[to], message);
        }
    }

    /// Tells the members of `EVENTS`.
    pub(super) fn announce(&mut self, event: &'static str, body: Value) {
        if !self.groups.contains_key("EVENTS") {
            return;
        }
        let receivers = self.member_numbers("EVENTS");
        let message = Message {
            at: self.now.unix_micros,
            from: Arc::from("EVENTS"),
            to: Arc::from("EVENTS"),
            event: Some(Arc::from(event)),
            body,
        };
        self.deliver(&receivers, message);
    }

    fn message_from_server(&self, from: &str, to: u64, event: Option<&str>, body: Value) -> Option<Message> {
        Some(Message {
            at: self.now.unix_micros,
            from: Arc::from(from),
            to: Arc::clone(&self.clients.live.get(&to)?.text),
            event: event.map(Arc::from),
            body,
        })
    }

    /// Who is meant by `to`, each once, in order of creation; and the members of the group of that name.
    fn receivers(&self, to: &str) -> (Vec<u64>, Vec<u64>) {
        let group = self.member_numbers(to);
        let named = self.clients.by_name.get(to).copied();
        let called = ClientId::parse(to).and_then(|id| self.clients.by_id.get(&id)).copied();
        let alone = [named, called].into_iter().flatten().filter(|number| self.alive(*number));
        let mut receivers: Vec<u64> = group.iter().copied().chain(alone).collect();
        receivers.sort_unstable();
        receivers.dedup();
        (receivers, group)
    }

    fn answer_ping(&mut self, sender: u64, members: &[u64]) {
        let Some(to) = self.clients.live.get(&sender).map(|sender| Arc::clone(&sender.text)) else { return };
        for member in members {
            let Some(client) = self.clients.live.get(member) else { continue };
            let address = client.address.map_or_else(|| "None".to_owned(), |address| address.to_string());
            let message = Message {
                at: self.now.unix_micros,
                from: Arc::clone(&client.text),
                to: Arc::clone(&to),
                event: None,
                body: Value::from(format!("++pong, {}, {address}", client.called())),
            };
            self.deliver(&[sender], message);
        }
    }

    /// Puts a message into inboxes. Where the state has no room for it, each inbox says that one was dropped.
    fn deliver(&mut self, receivers: &[u64], message: Message) {
        let size = message_size(&message);
        if self.room_for(added_bytes(size, receivers.len()), 0).is_err() {
            for receiver in receivers {
                self.lose_messages(*receiver, 1);
            }
            return;
        }
        let message = Arc::new(message);
        let (listeners, receivers) = self.split_listeners(receivers, size);
        self.push(Arc::clone(&message), size, listeners);
        let content = (receivers.len() > 1).then(|| self.hold_content(Arc::clone(&message), size));
        for receiver in &receivers {
            let number = self.allocate();
            let delivery = Delivery::new(Arc::clone(&message), content, size);
            self.change_delivery(*receiver, number, Some(delivery));
            self.trim_inbox(*receiver);
        }
        if let Some(content) = content {
            self.release_content(content);
        }
    }
}

/// What a message to so many adds to the state: its content is there once.
fn added_bytes(size: usize, receivers: usize) -> usize {
    size.saturating_add(receivers.saturating_mul(DELIVERY_BYTES))
}
