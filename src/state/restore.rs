//! Back from the journal: rows become the state they came from.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::clients::Client;
use super::dictionary::Entry;
use super::due::{Due, EXPIRED_TIME};
use super::inbox::{Delivery, dropped_count};
use super::queues::{Item, Queue};
use super::watches::Watch;
use super::{Content, Message, Pattern, Row, Space, State};
use crate::clock::Moment;

/// Rows that can be placed only when all of them are known.
#[derive(Default)]
pub(super) struct Loose {
    deliveries: Vec<(u64, u64, Content, Option<i64>)>,
    contents: HashMap<u64, Arc<Message>>,
    queues: HashMap<u64, Arc<str>>,
    /// Wall-clock deadlines of keys and taken items.
    keys: Vec<(Arc<str>, i64, Option<i64>)>,
    taken: Vec<(Arc<str>, u64, i64)>,
    expired: Vec<(u64, super::ClientId, i64)>,
}

impl State {
    /// At the start: one row of the journal. Rows come table by table in the order of `Table`, by rising number.
    /// A row whose owner is missing is dropped.
    pub fn restore(&mut self, number: u64, row: Row) {
        match row {
            Row::Client { id, name } => {
                if let Some(name) = &name {
                    self.by_name.insert(Arc::clone(name), number);
                }
                self.by_id.insert(id, number);
                self.clients.insert(number, Client::new(id, name, Duration::ZERO));
            }
            Row::Member { group, client } if self.clients.contains_key(&client) => {
                self.add_member(&group, number, client);
            }
            Row::Delivery { client, content, leased_until } => {
                self.loose.deliveries.push((number, client, content, leased_until));
            }
            Row::Content { message } => drop(self.loose.contents.insert(number, message)),
            Row::Key { key, value, set_at, expires_at } => {
                let bytes = State::entry_bytes(&key, &value);
                self.loose.keys.push((Arc::clone(&key), set_at, expires_at));
                let entry = Entry { number, value, bytes, set: Duration::ZERO, expires: None };
                self.registry.insert(key, entry);
                self.bytes += bytes;
            }
            Row::Name { name, value } => {
                let bytes = State::entry_bytes(&name, &value);
                let entry = Entry { number, value, bytes, set: Duration::ZERO, expires: None };
                self.names.insert(name, entry);
                self.bytes += bytes;
            }
            Row::Queue { name } => {
                self.loose.queues.insert(number, Arc::clone(&name));
                self.queues.insert(name, Queue { number, ..Queue::default() });
            }
            Row::Item { queue, value, taken_until } => {
                let Some(name) = self.loose.queues.get(&queue).cloned() else { return };
                let bytes = value.measure().bytes;
                let item = Item::new(value, bytes);
                self.bytes += item.bytes;
                self.insert_item(&name, number, item);
                self.loose.taken.extend(taken_until.map(|until| (name, number, until)));
            }
            Row::Watch { client, pattern } if self.clients.contains_key(&client) => {
                if let Ok(compiled) = Pattern::new(&pattern) {
                    self.watches.insert(number, Watch { client, text: pattern, pattern: compiled });
                }
            }
            Row::Expired { id, at } => self.loose.expired.push((number, id, at)),
            Row::Member { .. } | Row::Watch { .. } => {}
        }
    }

    /// Ends the restore: everyone gets the full time to expiry; wall-clock deadlines become monotonic ones.
    pub fn restored(&mut self, next_number: u64, now: Moment) {
        self.now = now;
        self.next_number = next_number.max(1);
        let Loose { deliveries, contents, keys, taken, expired, .. } = std::mem::take(&mut self.loose);
        let expiry = now.monotonic.saturating_add(self.client_expiry);
        for (number, client) in &mut self.clients {
            client.seen = now.monotonic;
            self.schedule.push(expiry, Due::Client(*number));
        }
        for (number, client, content, leased_until) in deliveries {
            self.restore_delivery(number, client, content, leased_until, &contents);
        }
        for (key, set_at, expires_at) in keys {
            self.restore_times(&key, set_at, expires_at);
        }
        for (queue, number, until) in taken {
            let deadline = self.monotonic(until);
            if let Some(item) = self.queues.get_mut(&queue).and_then(|queue| queue.items.get_mut(&number)) {
                item.taken = Some(deadline);
                self.schedule.push(deadline, Due::Item(queue, number));
            }
        }
        for (number, id, at) in expired {
            let left = self.monotonic(at).saturating_add(EXPIRED_TIME);
            // What expired "in the future", by a clock that was set back since, is remembered no longer than a day.
            let passed = u64::try_from(now.unix_micros.saturating_sub(at)).unwrap_or(0);
            let deadline =
                left.saturating_sub(Duration::from_micros(passed)).min(now.monotonic + EXPIRED_TIME);
            self.expired.insert(id, (number, deadline));
            self.schedule.push(deadline, Due::Expired(id));
        }
        self.forget_undo();
    }

    fn restore_delivery(
        &mut self,
        number: u64,
        client: u64,
        content: Content,
        leased_until: Option<i64>,
        contents: &HashMap<u64, Arc<Message>>,
    ) {
        let (message, shared) = match content {
            Content::Own(message) => (message, None),
            Content::Shared(content) => match contents.get(&content) {
                Some(message) => (Arc::clone(message), Some(content)),
                None => return,
            },
        };
        if !self.clients.contains_key(&client) {
            return;
        }
        if let Some(content) = shared {
            self.contents.entry(content).or_insert(0);
        }
        let leased = leased_until.map(|until| self.monotonic(until));
        if let Some(deadline) = leased {
            self.schedule.push(deadline, Due::Lease(client, number));
        }
        let bytes = State::delivery_bytes(&message);
        let place = (dropped_count(&message).is_none(), number);
        self.bytes += bytes;
        self.insert_delivery(client, place, Delivery { message, bytes, shared, leased });
    }

    fn restore_times(&mut self, key: &Arc<str>, set_at: i64, expires_at: Option<i64>) {
        let ago = u64::try_from(self.now.unix_micros.saturating_sub(set_at)).unwrap_or(0);
        let set = self.now.monotonic.saturating_sub(Duration::from_micros(ago));
        let expires = expires_at.map(|until| self.monotonic(until));
        if let Some(entry) = self.dictionary_mut(Space::Registry).get_mut(key) {
            entry.set = set;
            entry.expires = expires;
        }
        if let Some(deadline) = expires {
            self.schedule.push(deadline, Due::Key(Arc::clone(key)));
        }
    }

    /// The monotonic time at which the wall clock will show this; now, for what has passed.
    fn monotonic(&self, unix_micros: i64) -> Duration {
        let ahead = u64::try_from(unix_micros.saturating_sub(self.now.unix_micros)).unwrap_or(0);
        self.now.monotonic.saturating_add(Duration::from_micros(ahead))
    }
}
