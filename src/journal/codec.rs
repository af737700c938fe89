//! Records as bytes of the log, and back.
//!
//! Pure. A tag byte (the table, and whether the row is put or deleted), the row's number, then its columns. The
//! form is covered by the log's own version, so a tag never changes its meaning. May use `state`'s records and
//! `value`'s bytes.

use std::sync::Arc;

use super::rows::TABLES;
use super::{Error, receivers};
use crate::state::{ClientId, Content, Message, Record, Row, Table};
use crate::value;

/// The record deletes its row.
const DELETE: u8 = 0x80;
/// The table, by its place in `TABLES`.
const TABLE: u8 = 0x0f;

/// Numbers as high as this have no place in SQLite, whose integers have a sign.
const NUMBER_END: u64 = 1 << 63;

/// Writes a group: the next number that no row has, then the records.
///
/// # Errors
/// Where a row has a number that the tables could not take.
pub(super) fn write(records: &[Record], next_number: u64, bytes: &mut Vec<u8>) -> Result<(), Error> {
    let mut writer = Writer { bytes };
    writer.unsigned(next_number);
    for record in records {
        let (tag, number) = match record {
            Record::Put { number, row, .. } => (row.table() as u8, *number),
            Record::Delete { table, number } => (*table as u8 | DELETE, *number),
        };
        if number >= NUMBER_END {
            return Err(Error::Storage("a number is too high for the data file".to_owned()));
        }
        writer.bytes.push(tag);
        writer.unsigned(number);
        if let Record::Put { row, .. } = record {
            writer.row(row);
        }
    }
    Ok(())
}

/// A record that is not read yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Encoded<'a> {
    pub(super) table: Table,
    pub(super) number: u64,
    pub(super) bytes: &'a [u8],
}

/// What [`write()`] wrote: the next number that no row has, and the records, not read yet. `None`, for all of it or
/// instead of a record, where these bytes are something else.
pub(super) fn split(bytes: &[u8]) -> Option<(u64, impl Iterator<Item = Option<Encoded<'_>>>)> {
    let mut reader = Reader { rest: bytes };
    let next_number = reader.unsigned()?;
    let records = std::iter::from_fn(move || {
        let whole = reader.rest;
        if whole.is_empty() {
            return None;
        }
        let passed = reader.pass_record().and_then(|(table, number)| {
            let bytes = whole.get(..whole.len() - reader.rest.len())?;
            Some(Encoded { table, number, bytes })
        });
        if passed.is_none() {
            reader.rest = &[];
        }
        Some(passed)
    });
    Some((next_number, records))
}

/// Reads one record. `None` where these bytes are something else.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let mut reader = Reader { rest: bytes };
    let (table, number, deleted) = reader.head()?;
    let record = if deleted {
        Record::Delete { table, number }
    } else {
        // Never fresh: a part of the log may be in the tables already without their saying so, and then a row that is
        // put and deleted in it must be deleted there.
        Record::Put { number, row: reader.row(table)?, fresh: false }
    };
    reader.rest.is_empty().then_some(record)
}

struct Writer<'a> {
    bytes: &'a mut Vec<u8>,
}

impl Writer<'_> {
    fn row(&mut self, row: &Row) {
        match row {
            Row::Client { id, name } => {
                self.text(id.as_str());
                self.maybe(name.as_deref(), Self::text);
            }
            Row::Member { group, client } => {
                self.text(group);
                self.unsigned(*client);
            }
            Row::Delivery { client, content, leased_until } => {
                self.unsigned(*client);
                self.maybe(*leased_until, Self::moment);
                match content {
                    Content::Own(message) => {
                        self.bytes.push(0);
                        self.message(message);
                    }
                    Content::Shared(content) => {
                        self.bytes.push(1);
                        self.unsigned(*content);
                    }
                }
            }
            Row::Content { message } => self.message(message),
            Row::Key { key, value, set_at, expires_at } => {
                self.text(key);
                self.value(value);
                self.moment(*set_at);
                self.maybe(*expires_at, Self::moment);
            }
            Row::Name { name, value } => {
                self.text(name);
                self.value(value);
            }
            Row::Queue { name } => self.text(name),
            Row::Item { queue, value, taken_until } => {
                self.unsigned(*queue);
                self.value(value);
                self.maybe(*taken_until, Self::moment);
            }
            Row::Watch { client, pattern } => {
                self.unsigned(*client);
                self.text(pattern);
            }
            Row::Expired { id, at } => {
                self.text(id.as_str());
                self.moment(*at);
            }
            Row::Push { message, receivers } => {
                self.content(&receivers::encode(receivers));
                self.message(message);
            }
        }
    }

    fn message(&mut self, message: &Message) {
        self.moment(message.at);
        self.text(&message.from);
        self.text(&message.to);
        self.maybe(message.event.as_deref(), Self::text);
        self.value(&message.body);
    }

    fn value(&mut self, value: &value::Value) {
        self.content(&value::encode(value));
    }

    fn text(&mut self, text: &str) {
        self.content(text.as_bytes());
    }

    fn content(&mut self, content: &[u8]) {
        self.unsigned(content.len() as u64);
        self.bytes.extend_from_slice(content);
    }

    fn moment(&mut self, moment: i64) {
        self.bytes.extend_from_slice(&moment.to_le_bytes());
    }

    fn maybe<T>(&mut self, value: Option<T>, write: fn(&mut Self, T)) {
        self.bytes.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }

    /// Seven bits a byte, the lowest first.
    fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The row's table and number, and whether it is deleted.
    fn head(&mut self) -> Option<(Table, u64, bool)> {
        let tag = self.byte()?;
        let table = TABLES.get(usize::from(tag & TABLE))?.table;
        let number = self.unsigned()?;
        match tag & !TABLE {
            DELETE => Some((table, number, true)),
            0 => Some((table, number, false)),
            _ => None,
        }
    }

    /// Goes past a record: what it holds is not looked at.
    fn pass_record(&mut self) -> Option<(Table, u64)> {
        let (table, number, deleted) = self.head()?;
        if !deleted {
            self.pass_row(table)?;
        }
        Some((table, number))
    }

    fn pass_row(&mut self, table: Table) -> Option<()> {
        match table {
            Table::Client => {
                self.content()?;
                self.maybe(Self::content)?;
            }
            Table::Member => {
                self.content()?;
                self.unsigned()?;
            }
            Table::Delivery => {
                self.unsigned()?;
                self.maybe(Self::moment)?;
                match self.byte()? {
                    0 => self.pass_message()?,
                    1 => drop(self.unsigned()?),
                    _ => return None,
                }
            }
            Table::Content => self.pass_message()?,
            Table::Key => {
                self.content()?;
                self.content()?;
                self.moment()?;
                self.maybe(Self::moment)?;
            }
            Table::Name => {
                self.content()?;
                self.content()?;
            }
            Table::Queue => drop(self.content()?),
            Table::Item => {
                self.unsigned()?;
                self.content()?;
                self.maybe(Self::moment)?;
            }
            Table::Watch => {
                self.unsigned()?;
                self.content()?;
            }
            Table::Expired => {
                self.content()?;
                self.moment()?;
            }
            Table::Push => {
                self.content()?;
                self.pass_message()?;
            }
        }
        Some(())
    }

    fn pass_message(&mut self) -> Option<()> {
        self.moment()?;
        self.content()?;
        self.content()?;
        self.maybe(Self::content)?;
        self.content()?;
        Some(())
    }

    fn row(&mut self, table: Table) -> Option<Row> {
        Some(match table {
            Table::Client => Row::Client { id: self.id()?, name: self.maybe(Self::shared)? },
            Table::Member => Row::Member { group: self.shared()?, client: self.unsigned()? },
            Table::Delivery => {
                let (client, leased_until) = (self.unsigned()?, self.maybe(Self::moment)?);
                let content = match self.byte()? {
                    0 => Content::Own(Arc::new(self.message()?)),
                    1 => Content::Shared(self.unsigned()?),
                    _ => return None,
                };
                Row::Delivery { client, content, leased_until }
            }
            Table::Content => Row::Content { message: Arc::new(self.message()?) },
            Table::Key => Row::Key {
                key: self.shared()?,
                value: self.value()?,
                set_at: self.moment()?,
                expires_at: self.maybe(Self::moment)?,
            },
            Table::Name => Row::Name { name: self.shared()?, value: self.value()? },
            Table::Queue => Row::Queue { name: self.shared()? },
            Table::Item => Row::Item {
                queue: self.unsigned()?,
                value: self.value()?,
                taken_until: self.maybe(Self::moment)?,
            },
            Table::Watch => Row::Watch { client: self.unsigned()?, pattern: self.shared()? },
            Table::Expired => Row::Expired { id: self.id()?, at: self.moment()? },
            Table::Push => {
                let receivers = receivers::decode(self.content()?)?;
                Row::Push { message: Arc::new(self.message()?), receivers }
            }
        })
    }

    fn message(&mut self) -> Option<Message> {
        Some(Message {
            at: self.moment()?,
            from: self.shared()?,
            to: self.shared()?,
            event: self.maybe(Self::shared)?,
            body: self.value()?,
        })
    }

    fn id(&mut self) -> Option<ClientId> {
        ClientId::parse(self.text()?)
    }

    fn value(&mut self) -> Option<value::Value> {
        value::decode(self.content()?).ok()
    }

    fn shared(&mut self) -> Option<Arc<str>> {
        self.text().map(Arc::from)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.content()?).ok()
    }

    fn moment(&mut self) -> Option<i64> {
        self.take(8)?.try_into().ok().map(i64::from_le_bytes)
    }

    fn maybe<T>(&mut self, read: fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.byte()? {
            0 => Some(None),
            1 => read(self).map(Some),
            _ => None,
        }
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn content(&mut self) -> Option<&'a [u8]> {
        let length = self.unsigned()?;
        self.take(length)
    }

    fn take(&mut self, length: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.rest = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests;
