//! The whole state as text, to compare; and a recount of all that is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::deadline::Due;
use super::super::rows::{Delivery, message_size};
use super::*;

impl State {
    /// All that is shared. `everything`: also what is in memory only (sessions, waits, deadlines of clients).
    pub(super) fn dump(&self, everything: bool) -> String {
        let mut text = String::new();
        for number in &self.clients.order {
            let client = &self.clients.live[number];
            writeln!(
                text,
                "client {number} {} {:?} {:?} {:?}",
                client.id, client.name, client.groups, client.watches
            )
            .unwrap();
            if everything {
                let session = client.session.as_ref();
                let session = session.map(|session| (session.window.session(), session.listening));
                writeln!(text, "  session {session:?}").unwrap();
            }
            for (number, delivery) in client.inbox.ready().chain(client.inbox.hidden()) {
                let Delivery { message, content, size, until, notice_of } = delivery;
                writeln!(text, "  {number} {content:?} {size} {until:?} {notice_of:?} {message:?}").unwrap();
            }
        }
        writeln!(text, "groups {:?}", self.groups).unwrap();
        let contents: BTreeMap<_, _> =
            self.contents.iter().map(|(n, c)| (n, (c.references, c.bytes, &c.message))).collect();
        writeln!(text, "contents {contents:?}").unwrap();
        let flights: BTreeMap<_, _> =
            self.flights.iter().map(|(n, flight)| (n, (&flight.message, &flight.receivers))).collect();
        writeln!(text, "flights {flights:?}").unwrap();
        for dictionary in [&self.registry, &self.names] {
            writeln!(text, "dictionary {}", dictionary.bytes).unwrap();
            for (key, entry) in dictionary.entries.under("") {
                let (set_at, expires) = (entry.set_at, entry.expires.as_deref());
                // The rows of names do not say when they were set.
                let set_at = if std::ptr::eq(dictionary, &raw const self.names) { 0 } else { set_at };
                writeln!(text, "  {key} {} {:?} {set_at} {expires:?}", entry.number, entry.value).unwrap();
            }
        }
        for (name, queue) in self.queues.under("") {
            writeln!(text, "queue {name} {} {}", queue.number, queue.line.bytes()).unwrap();
            for (number, item) in queue.line.ready().chain(queue.line.hidden()) {
                writeln!(text, "  {number} {:?} {} {:?}", item.value, item.cost, item.until).unwrap();
            }
        }
        let tombstones: BTreeMap<_, _> = self.tombstones.by_id.iter().collect();
        writeln!(text, "tombstones {tombstones:?} {:?}", self.tombstones.by_number).unwrap();
        writeln!(text, "watches {}", self.watches.dump()).unwrap();
        let client = |due: &Due| matches!(due, Due::Client(_));
        let deadlines: Vec<_> = self.deadlines.iter().filter(|(_, due)| everything || !client(due)).collect();
        writeln!(text, "deadlines {deadlines:?}").unwrap();
        writeln!(text, "bytes {} messages {}", self.bytes, self.messages).unwrap();
        if everything {
            writeln!(text, "dropped {} waiters {}", self.dropped, self.waiters.dump()).unwrap();
        }
        text
    }

    /// Counts everything anew and compares with what was counted along.
    pub(super) fn verify(&self) {
        let mut bytes = 0;
        let mut messages = 0;
        let mut deadlines = BTreeSet::new();
        let mut references: BTreeMap<u64, usize> = self.contents.keys().map(|number| (*number, 0)).collect();
        for (number, client) in &self.clients.live {
            assert_eq!(self.clients.by_id.get(&client.id), Some(number));
            if let Some(name) = &client.name {
                assert_eq!(self.clients.by_name.get(name), Some(number));
            }
            deadlines.insert((client.look_at, Due::Client(*number)));
            let mut inbox = 0;
            for (delivery_number, delivery) in client.inbox.ready().chain(client.inbox.hidden()) {
                messages += 1;
                inbox += delivery.size;
                bytes += delivery.cost();
                assert_eq!(delivery.size, message_size(&delivery.message));
                if let Some(content) = delivery.content {
                    *references.get_mut(&content).unwrap() += 1;
                }
                if let Some(until) = delivery.until {
                    deadlines.insert((until.at, Due::Delivery { client: *number, number: delivery_number }));
                }
            }
            assert_eq!(client.inbox.bytes(), inbox);
            bytes += client.groups.keys().map(|group| 64 + group.len()).sum::<usize>();
            bytes += client.watches.keys().map(|pattern| 128 + pattern.len()).sum::<usize>();
            for (group, membership) in &client.groups {
                assert_eq!(self.groups[group].get(membership), Some(number));
            }
        }
        let numbers: BTreeSet<u64> = self.clients.live.keys().copied().collect();
        assert_eq!(self.clients.order, numbers);
        let names = self.clients.live.values().filter(|client| client.name.is_some()).count();
        assert_eq!((self.clients.by_id.len(), self.clients.by_name.len()), (self.clients.live.len(), names));
        let memberships: usize = self.clients.live.values().map(|client| client.groups.len()).sum();
        assert_eq!(self.groups.values().map(BTreeMap::len).sum::<usize>(), memberships);
        assert!(self.groups.values().all(|members| !members.is_empty()));
        for (number, content) in &self.contents {
            assert_eq!(content.references, references[number]);
            assert!(content.references > 0);
            bytes += content.bytes;
        }
        for flight in self.flights.values() {
            assert!(!flight.receivers.is_empty());
            assert_eq!(flight.size, message_size(&flight.message));
            bytes += flight.cost();
        }
        bytes += self.waiters.cost();
        for dictionary in [&self.registry, &self.names] {
            let mut counted = 0;
            for (key, entry) in dictionary.entries.under("") {
                counted += 64 + key.len() + entry.value.measure().bytes;
                if let Some(expires) = &entry.expires {
                    deadlines.insert((expires.at, Due::Key(Arc::clone(key))));
                }
            }
            assert_eq!(dictionary.bytes, counted);
            bytes += counted;
        }
        for (name, queue) in self.queues.under("") {
            let mut counted = 0;
            for (number, item) in queue.line.ready().chain(queue.line.hidden()) {
                counted += 64 + item.value.measure().bytes;
                if let Some(until) = item.until {
                    deadlines.insert((until.at, Due::Item { queue: Arc::clone(name), number }));
                }
            }
            assert_eq!(queue.line.bytes(), counted);
            bytes += counted + 128 + name.len();
        }
        for (id, tombstone) in &self.tombstones.by_id {
            deadlines.insert((tombstone.until, Due::Tombstone(*id)));
            assert_eq!(self.tombstones.by_number.get(&tombstone.number), Some(id));
        }
        assert_eq!(self.deadlines, deadlines);
        assert_eq!((self.bytes, self.messages), (bytes, messages));
    }
}
