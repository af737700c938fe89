//! Rows of the state as rows of SQLite: the statements of each table, and the way in and out of its columns.
//!
//! May use `state` (rows) and `value` (its bytes).

use std::sync::Arc;

use rusqlite::types::FromSql;
use rusqlite::{CachedStatement, ToSql};

use super::receivers;
use crate::state::{ClientId, Content, Message, Row, Table};
use crate::value::{self, Value};

/// The statements of one table.
pub(super) struct Statements {
    pub(super) table: Table,
    pub(super) put: &'static str,
    pub(super) delete: &'static str,
    pub(super) read: &'static str,
}

macro_rules! statements {
    ($table:ident, $name:literal, $columns:literal, $places:literal) => {
        Statements {
            table: Table::$table,
            put: concat!(
                "INSERT OR REPLACE INTO ",
                $name,
                " (number, ",
                $columns,
                ") VALUES (?1, ",
                $places,
                ")"
            ),
            delete: concat!("DELETE FROM ", $name, " WHERE number = ?1"),
            read: concat!("SELECT number, ", $columns, " FROM ", $name, " ORDER BY number"),
        }
    };
}

/// Every table, in the order of `Table`.
pub(super) const TABLES: [Statements; 11] = [
    statements!(Client, "client", "id, name", "?2, ?3"),
    statements!(Member, "member", "member_group, client", "?2, ?3"),
    statements!(
        Delivery,
        "delivery",
        "client, leased_until, content, at, sender, destination, event, body",
        "?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9"
    ),
    statements!(Content, "content", "at, sender, destination, event, body", "?2, ?3, ?4, ?5, ?6"),
    statements!(Key, "registry", "registry_key, value, set_at, expires_at", "?2, ?3, ?4, ?5"),
    statements!(Name, "name", "name, value", "?2, ?3"),
    statements!(Queue, "queue", "name", "?2"),
    statements!(Item, "item", "queue, value, taken_until", "?2, ?3, ?4"),
    statements!(Watch, "watch", "client, pattern", "?2, ?3"),
    statements!(Expired, "expired", "id, at", "?2, ?3"),
    statements!(Push, "push", "receivers, at, sender, destination, event, body", "?2, ?3, ?4, ?5, ?6, ?7"),
];

/// The statements of this table.
pub(super) fn statements(table: Table) -> &'static Statements {
    const { assert_order() };
    #[expect(
        clippy::indexing_slicing,
        reason = "every table has its place in the list: checked at compile time"
    )]
    &TABLES[table as usize]
}

const fn assert_order() {
    let mut index = 0;
    while index < TABLES.len() {
        #[expect(clippy::indexing_slicing, reason = "below the length")]
        let table = TABLES[index].table;
        assert!(table as usize == index);
        index += 1;
    }
    assert!(Table::Push as usize + 1 == TABLES.len());
}

/// Binds a row to the statement that puts it, after its number.
pub(super) fn bind(put: &mut CachedStatement<'_>, row: &Row) -> rusqlite::Result<()> {
    let mut bind = Bind { statement: put, next: 2 };
    match row {
        Row::Client { id, name } => bind.one(id.as_str())?.one(name.as_deref())?,
        Row::Member { group, client } => bind.one(&**group)?.one(number(*client)?)?,
        Row::Delivery { client, content, leased_until } => {
            let bind = bind.one(number(*client)?)?.one(leased_until)?;
            match content {
                Content::Own(message) => bind.one(None::<i64>)?.message(message)?,
                Content::Shared(content) => {
                    let bind = bind.one(number(*content)?)?;
                    bind.one(None::<i64>)?
                        .one(None::<i64>)?
                        .one(None::<i64>)?
                        .one(None::<i64>)?
                        .one(None::<i64>)?
                }
            }
        }
        Row::Content { message } => bind.message(message)?,
        Row::Key { key, value, set_at, expires_at } => {
            bind.one(&**key)?.one(value::encode(value))?.one(set_at)?.one(expires_at)?
        }
        Row::Name { name, value } => bind.one(&**name)?.one(value::encode(value))?,
        Row::Queue { name } => bind.one(&**name)?,
        Row::Item { queue, value, taken_until } => {
            bind.one(number(*queue)?)?.one(value::encode(value))?.one(taken_until)?
        }
        Row::Watch { client, pattern } => bind.one(number(*client)?)?.one(&**pattern)?,
        Row::Expired { id, at } => bind.one(id.as_str())?.one(at)?,
        Row::Push { message, receivers } => bind.one(receivers::encode(receivers))?.message(message)?,
    };
    Ok(())
}

/// SQLite's integers have a sign; numbers are never so high.
pub(super) fn number(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

struct Bind<'s, 'c> {
    statement: &'s mut CachedStatement<'c>,
    next: usize,
}

impl Bind<'_, '_> {
    fn one(&mut self, value: impl ToSql) -> rusqlite::Result<&mut Self> {
        self.statement.raw_bind_parameter(self.next, value)?;
        self.next += 1;
        Ok(self)
    }

    fn message(&mut self, message: &Message) -> rusqlite::Result<&mut Self> {
        self.one(message.at)?
            .one(&*message.from)?
            .one(&*message.to)?
            .one(message.event.as_deref())?
            .one(value::encode(&message.body))
    }
}

/// The number and the row of a line that the table's `read` yields. `None` where it is no row of the state.
pub(super) fn read(table: Table, line: &rusqlite::Row<'_>) -> Option<(u64, Row)> {
    let row = match table {
        Table::Client => Row::Client { id: id(line, 1)?, name: get(line, 2)? },
        Table::Member => Row::Member { group: get(line, 1)?, client: unsigned(line, 2)? },
        Table::Delivery => {
            let content = match get::<Option<i64>>(line, 3)? {
                Some(content) => Content::Shared(u64::try_from(content).ok()?),
                None => Content::Own(Arc::new(message(line, 4)?)),
            };
            Row::Delivery { client: unsigned(line, 1)?, content, leased_until: get(line, 2)? }
        }
        Table::Content => Row::Content { message: Arc::new(message(line, 1)?) },
        Table::Key => Row::Key {
            key: get(line, 1)?,
            value: decoded(line, 2)?,
            set_at: get(line, 3)?,
            expires_at: get(line, 4)?,
        },
        Table::Name => Row::Name { name: get(line, 1)?, value: decoded(line, 2)? },
        Table::Queue => Row::Queue { name: get(line, 1)? },
        Table::Item => {
            Row::Item { queue: unsigned(line, 1)?, value: decoded(line, 2)?, taken_until: get(line, 3)? }
        }
        Table::Watch => Row::Watch { client: unsigned(line, 1)?, pattern: get(line, 2)? },
        Table::Expired => Row::Expired { id: id(line, 1)?, at: get(line, 2)? },
        Table::Push => Row::Push {
            receivers: receivers::decode(line.get_ref(1).ok()?.as_blob().ok()?)?,
            message: Arc::new(message(line, 2)?),
        },
    };
    Some((unsigned(line, 0)?, row))
}

fn get<T: FromSql>(line: &rusqlite::Row<'_>, column: usize) -> Option<T> {
    line.get(column).ok()
}

fn unsigned(line: &rusqlite::Row<'_>, column: usize) -> Option<u64> {
    u64::try_from(get::<i64>(line, column)?).ok()
}

fn id(line: &rusqlite::Row<'_>, column: usize) -> Option<ClientId> {
    ClientId::parse(line.get_ref(column).ok()?.as_str().ok()?)
}

fn decoded(line: &rusqlite::Row<'_>, column: usize) -> Option<Value> {
    value::decode(line.get_ref(column).ok()?.as_blob().ok()?).ok()
}

fn message(line: &rusqlite::Row<'_>, first: usize) -> Option<Message> {
    Some(Message {
        at: get(line, first)?,
        from: get(line, first + 1)?,
        to: get(line, first + 2)?,
        event: get(line, first + 3)?,
        body: decoded(line, first + 4)?,
    })
}
