//! The journal's SQLite file: a group is one transaction.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Statement, ToSql, params};

use super::schema::{TABLES, migrate, statements};
use super::{Durability, Error, Group, Rows, Store};
use crate::state::{ClientId, Content, Message, Record, Row, Table};
use crate::value::{Value, decode, encode};

/// Statements that stay prepared: three for each table, and the ends of a transaction.
const PREPARED_MAX: usize = 40;

/// The journal's SQLite file.
pub struct SqliteStore {
    connection: Connection,
    wal: PathBuf,
}

fn storage(error: rusqlite::Error) -> Error {
    Error::Storage(error.to_string())
}

impl SqliteStore {
    /// Opens or makes the file, brings its schema up to date and reads every row.
    ///
    /// # Errors
    /// Where the file cannot be used, is no journal, is damaged, or was written by a newer version.
    pub fn open(path: &Path, durability: Durability) -> Result<(SqliteStore, Rows), Error> {
        let mut connection = Connection::open(path).map_err(storage)?;
        connection.busy_timeout(std::time::Duration::ZERO).map_err(storage)?;
        // Before the schema is touched: a file of somebody else's stays as it is.
        connection.execute_batch("PRAGMA journal_mode = WAL").map_err(storage)?;
        migrate(&mut connection)?;
        let synchronous = if durability == Durability::Full { "FULL" } else { "NORMAL" };
        connection.execute_batch(&format!("PRAGMA synchronous = {synchronous}")).map_err(storage)?;
        connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
        let rows = read(&connection)?;
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        Ok((SqliteStore { connection, wal: PathBuf::from(wal) }, rows))
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, group: Group) -> Result<(), Error> {
        let transaction = self.connection.transaction().map_err(storage)?;
        for record in &group.records {
            write(&transaction, record).map_err(storage)?;
        }
        transaction
            .prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'next_number'")
            .and_then(|mut statement| statement.execute([group.next_number]))
            .map_err(storage)?;
        transaction.commit().map_err(storage)
    }

    fn sync(&mut self) -> Result<(), Error> {
        match File::open(&self.wal) {
            Ok(wal) => wal.sync_data().map_err(|error| Error::Storage(error.to_string())),
            // No write-ahead log: everything is in the file itself, which SQLite synced.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(Error::Storage(error.to_string())),
        }
    }
}

/// A value on its way into a column.
struct Blob<'a>(&'a Value);

impl ToSql for Blob<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(encode(self.0)))
    }
}

fn write(connection: &Connection, record: &Record) -> rusqlite::Result<usize> {
    match record {
        Record::Delete { table, number } => {
            connection.prepare_cached(statements(*table).delete)?.execute([number])
        }
        Record::Put { number, row, fresh } => {
            let texts = statements(row.table());
            let sql = if *fresh { texts.insert } else { texts.replace };
            put(&mut *connection.prepare_cached(sql)?, *number, row)
        }
    }
}

fn put(statement: &mut Statement<'_>, number: u64, row: &Row) -> rusqlite::Result<usize> {
    match row {
        Row::Client { id, name } => statement.execute(params![number, id.as_str(), name.as_deref()]),
        Row::Member { group, client } => statement.execute(params![number, client, group.as_ref()]),
        Row::Delivery { client, content: Content::Shared(content), leased_until } => {
            let none = None::<i64>;
            statement.execute(params![number, client, content, leased_until, none, none, none, none, none])
        }
        Row::Delivery { client, content: Content::Own(message), leased_until } => statement.execute(params![
            number,
            client,
            None::<u64>,
            leased_until,
            message.at,
            message.from.as_ref(),
            message.to.as_ref(),
            message.event.as_deref(),
            Blob(&message.body)
        ]),
        Row::Content { message } => statement.execute(params![
            number,
            message.at,
            message.from.as_ref(),
            message.to.as_ref(),
            message.event.as_deref(),
            Blob(&message.body)
        ]),
        Row::Key { key, value, set_at, expires_at } => {
            statement.execute(params![number, key.as_ref(), Blob(value), set_at, expires_at])
        }
        Row::Name { name, value } => statement.execute(params![number, name.as_ref(), Blob(value)]),
        Row::Queue { name } => statement.execute(params![number, name.as_ref()]),
        Row::Item { queue, value, taken_until } => {
            statement.execute(params![number, queue, Blob(value), taken_until])
        }
        Row::Watch { client, pattern } => statement.execute(params![number, client, pattern.as_ref()]),
        Row::Expired { id, at } => statement.execute(params![number, id.as_str(), at]),
    }
}

fn read(connection: &Connection) -> Result<Rows, Error> {
    let next_number = connection
        .query_row("SELECT value FROM meta WHERE name = 'next_number'", [], |row| row.get(0))
        .map_err(storage)?;
    let mut rows = Vec::new();
    for table in TABLES {
        let mut statement = connection.prepare(statements(table).select).map_err(storage)?;
        let mut found = statement.query([]).map_err(storage)?;
        while let Some(columns) = found.next().map_err(storage)? {
            let number = columns.get(0).map_err(storage)?;
            rows.push((number, row(table, columns)?));
        }
    }
    Ok(Rows { rows, next_number })
}

fn row(table: Table, columns: &rusqlite::Row<'_>) -> Result<Row, Error> {
    let text = |index: usize| columns.get::<_, String>(index).map(Arc::<str>::from).map_err(storage);
    let integer = |index: usize| columns.get::<_, i64>(index).map_err(storage);
    let number = |index: usize| columns.get::<_, u64>(index).map_err(storage);
    let maybe = |index: usize| columns.get::<_, Option<i64>>(index).map_err(storage);
    Ok(match table {
        Table::Client => Row::Client {
            id: client_id(&text(1)?)?,
            name: columns.get::<_, Option<String>>(2).map_err(storage)?.map(Arc::from),
        },
        Table::Member => Row::Member { client: number(1)?, group: text(2)? },
        Table::Delivery => Row::Delivery {
            client: number(1)?,
            content: match columns.get::<_, Option<u64>>(2).map_err(storage)? {
                Some(content) => Content::Shared(content),
                None => Content::Own(message(columns, 4)?),
            },
            leased_until: maybe(3)?,
        },
        Table::Content => Row::Content { message: message(columns, 1)? },
        Table::Key => {
            Row::Key { key: text(1)?, value: value(columns, 2)?, set_at: integer(3)?, expires_at: maybe(4)? }
        }
        Table::Name => Row::Name { name: text(1)?, value: value(columns, 2)? },
        Table::Queue => Row::Queue { name: text(1)? },
        Table::Item => Row::Item { queue: number(1)?, value: value(columns, 2)?, taken_until: maybe(3)? },
        Table::Watch => Row::Watch { client: number(1)?, pattern: text(2)? },
        Table::Expired => Row::Expired { id: client_id(&text(1)?)?, at: integer(2)? },
    })
}

fn client_id(text: &str) -> Result<ClientId, Error> {
    ClientId::parse(text).ok_or_else(|| Error::Storage("a stored client ID is damaged".to_owned()))
}

fn value(columns: &rusqlite::Row<'_>, index: usize) -> Result<Value, Error> {
    let bytes = columns.get_ref(index).and_then(|column| Ok(column.as_blob()?)).map_err(storage)?;
    decode(bytes).map_err(|error| Error::Storage(error.to_string()))
}

/// The message in five columns from `first` on.
fn message(columns: &rusqlite::Row<'_>, first: usize) -> Result<Arc<Message>, Error> {
    let text = |index: usize| columns.get::<_, String>(index).map(Arc::<str>::from).map_err(storage);
    Ok(Arc::new(Message {
        at: columns.get(first).map_err(storage)?,
        from: text(first + 1)?,
        to: text(first + 2)?,
        event: columns.get::<_, Option<String>>(first + 3).map_err(storage)?.map(Arc::from),
        body: value(columns, first + 4)?,
    }))
}
