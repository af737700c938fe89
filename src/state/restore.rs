//! The start: rows of the journal become the state again.
//!
//! What has no owner (any more) is dropped, and the journal is told so by the first commit.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;

use super::clients::TOMBSTONE_TIME;
use super::deadline::{Deadline, Due, micros};
use super::line::Line;
use super::rows::{Client, Delivery, Entry, Item, Queue, Shared, Tombstone, message_size};
use super::{Content, Message, Pattern, Record, Row, Space, State, Table, check};
use crate::clock::Moment;
use crate::value::Value;

/// What a restore keeps until its end.
#[derive(Default)]
pub(super) struct Restoring {
    /// The names of the queues, by their numbers.
    queues: AHashMap<u64, Arc<str>>,
    /// Rows that need others which come later: deliveries of shared content, and what was on its way to sessions.
    late: Vec<(u64, Row)>,
    /// The highest number that came.
    last_number: u64,
}

impl State {
    /// Begins the restore of a state that is empty yet: wall deadlines become monotonic ones, never longer than they
    /// were when set (a lease: than a day).
    pub fn begin_restore(&mut self, now: Moment) {
        self.now = now;
        self.restoring = Some(Box::default());
    }

    /// One row of the journal. Rows come table by table in the order of `Table`, by rising number. Orphans (a row
    /// whose owner is missing) are dropped.
    pub fn restore(&mut self, number: u64, row: Row) {
        let mut restoring = self.restoring.take().unwrap_or_default();
        restoring.last_number = restoring.last_number.max(number);
        if is_late(&row) {
            restoring.late.push((number, row));
        } else {
            self.restore_or_drop(number, row, &mut restoring.queues);
        }
        self.restoring = Some(restoring);
    }

    /// Ends the restore: from now on everyone has the full time to expiry, however long the reading took.
    pub fn restored(&mut self, next_number: u64, now: Moment) {
        self.now = now;
        let look_at = now.monotonic.saturating_add(self.client_expiry);
        let clients: Vec<u64> = self.clients.order.iter().copied().collect();
        for number in clients {
            let Some(client) = self.clients.live.get_mut(&number) else { continue };
            client.last_seen = now.monotonic;
            let was = std::mem::replace(&mut client.look_at, look_at);
            self.reschedule(&Due::Client(number), Some(was), Some(look_at));
        }
        let mut restoring = self.restoring.take().unwrap_or_default();
        self.next_number = next_number.max(restoring.last_number.saturating_add(1)).max(1);
        for (number, row) in restoring.late {
            self.restore_or_drop(number, row, &mut restoring.queues);
        }
        let mut unused: Vec<u64> = self
            .contents
            .iter()
            .filter(|(_, content)| content.references == 0)
            .map(|(number, _)| *number)
            .collect();
        unused.sort_unstable();
        for number in unused {
            self.swap_content(number, None);
            self.transaction.records.push(Record::Delete { table: Table::Content, number });
        }
    }

    fn restore_or_drop(&mut self, number: u64, row: Row, queues: &mut AHashMap<u64, Arc<str>>) {
        let table = row.table();
        if self.restore_row(number, row, queues).is_none() {
            self.transaction.records.push(Record::Delete { table, number });
        }
    }

    /// Puts one row in its slot; `None` for an orphan.
    fn restore_row(&mut self, number: u64, row: Row, queues: &mut AHashMap<u64, Arc<str>>) -> Option<()> {
        match row {
            Row::Client { id, name } => {
                let name = name.filter(|name| !self.clients.by_name.contains_key(name));
                if self.clients.by_id.contains_key(&id) {
                    return None;
                }
                let client = Client::new(id, name, self.now.monotonic, self.client_expiry);
                self.swap_client(number, Some(Box::new(client)));
            }
            Row::Member { group, client } => {
                if self.clients.live.get(&client)?.groups.contains_key(&group) {
                    return None;
                }
                self.owner_lives(&group, "group").ok()?;
                let shared = self.groups.get_key_value(&group).map_or(group, |(name, _)| Arc::clone(name));
                self.swap_member(&shared, client, Some(number));
            }
            Row::Delivery { client, content, leased_until } => {
                return self.restore_delivery(number, client, content, leased_until);
            }
            Row::Key { key, value, set_at, expires_at } => {
                self.owner_lives(&key, "key").ok()?;
                let max = expires_at.map_or(0, |expires| expires.saturating_sub(set_at));
                let max = Duration::from_micros(u64::try_from(max).unwrap_or(0));
                let expires = expires_at.map(|wall| Deadline::restored(wall, self.now, max));
                return self.restore_entry(number, Space::Registry, key, value, set_at, expires);
            }
            Row::Name { name, value } => {
                let set_at = self.now.unix_micros;
                return self.restore_entry(number, Space::Names, name, value, set_at, None);
            }
            Row::Queue { name } => {
                self.owner_lives(&name, "queue").ok()?;
                if self.queues.contains_key(&name) {
                    return None;
                }
                self.swap_queue(&name, Some(Box::new(Queue { number, line: Line::default() })));
                queues.insert(number, name);
            }
            Row::Item { queue, value, taken_until } => {
                let queue = queues.get(&queue)?;
                let mut item = Item::new(value.clone(), value.measure().bytes);
                item.until = taken_until.map(|wall| Deadline::restored(wall, self.now, check::LEASE_MAX));
                self.swap_item(queue, number, Some(item));
            }
            Row::Watch { client, pattern } => {
                let compiled = Pattern::new(&pattern).ok()?;
                if self.clients.live.get(&client)?.watches.contains_key(compiled.text()) {
                    return None;
                }
                self.swap_watch(client, &pattern, Some(number));
            }
            Row::Expired { id, at } => return self.restore_tombstone(number, id, at),
            Row::Push { message, receivers } => {
                self.restore_push(&message, &receivers);
                return None;
            }
            Row::Content { message } => {
                let bytes = message_size(&message);
                self.swap_content(number, Some(Shared { message, bytes, references: 0 }));
            }
        }
        Some(())
    }

    fn restore_delivery(
        &mut self,
        number: u64,
        client: u64,
        content: Content,
        leased_until: Option<i64>,
    ) -> Option<()> {
        self.clients.live.get(&client)?;
        let mut delivery = match content {
            Content::Own(message) => {
                let size = message_size(&message);
                Delivery::new(message, None, size)
            }
            Content::Shared(shared) => {
                let content = self.contents.get(&shared)?;
                Delivery::new(Arc::clone(&content.message), Some(shared), content.bytes)
            }
        };
        delivery.until = leased_until.map(|wall| Deadline::restored(wall, self.now, check::LEASE_MAX));
        self.swap_delivery(client, number, Some(delivery));
        Some(())
    }

    /// Nobody knows who had it already: whoever may not have had it finds it in the inbox. Its own row goes.
    fn restore_push(&mut self, message: &Arc<Message>, receivers: &[(u64, u64)]) {
        let size = message_size(message);
        for (number, client) in receivers {
            let Some(receiver) = self.clients.live.get(client) else { continue };
            if receiver.inbox.get(*number).is_some() {
                continue;
            }
            let delivery = Delivery::new(Arc::clone(message), None, size);
            let row = delivery.row(*client);
            self.transaction.records.push(Record::Put { number: *number, row, fresh: false });
            self.swap_delivery(*client, *number, Some(delivery));
        }
    }

    fn restore_entry(
        &mut self,
        number: u64,
        space: Space,
        key: Arc<str>,
        value: Value,
        set_at: i64,
        expires: Option<Deadline>,
    ) -> Option<()> {
        let age = self.now.unix_micros.saturating_sub(set_at).max(0);
        let cost = Entry::cost(&key, value.measure().bytes);
        let entry = Entry {
            number,
            value,
            cost,
            set_at,
            set_at_monotonic: micros(self.now.monotonic).saturating_sub(age),
            expires: expires.map(Box::new),
        };
        // Of two rows of one key the later one is meant; the earlier one's row is an orphan.
        if let Some(earlier) = self.swap_entry(space, Cow::Owned(key), Some(Box::new(entry))) {
            let table = if space == Space::Registry { Table::Key } else { Table::Name };
            self.transaction.records.push(Record::Delete { table, number: earlier.number });
        }
        Some(())
    }

    fn restore_tombstone(&mut self, number: u64, id: super::ClientId, at: i64) -> Option<()> {
        if self.clients.by_id.contains_key(&id) || self.tombstones.by_id.contains_key(&id) {
            return None;
        }
        let wall = at.saturating_add(micros(TOMBSTONE_TIME));
        let until = Deadline::restored(wall, self.now, TOMBSTONE_TIME).at;
        self.swap_tombstone(id, Some(Tombstone { number, at, until }));
        Some(())
    }
}

/// Whether the row can be restored only when all others are.
fn is_late(row: &Row) -> bool {
    matches!(row, Row::Push { .. } | Row::Delivery { content: Content::Shared(_), .. })
}
