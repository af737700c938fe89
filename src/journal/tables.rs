//! The tables: the journal's SQLite file, which the log's records go into.
//!
//! One file in WAL mode, held exclusively. A table for each table of the state, by number alone: no secondary
//! index, so that as few pages as can be are written. May use `schema`, `rows`, `codec`, and `latest`, which is what
//! the log comes to.

use std::path::Path;
use std::time::Duration;

use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use super::explain::storage;
use super::latest::{Kept, Latest};
use super::rows::{self, TABLES, statements};
use super::{Error, codec, schema};
use crate::state::{Record, Row, Table};

/// Pages of SQLite's write-ahead log (8 MB) before they go into the file itself.
const CHECKPOINT_PAGES: u32 = 2_000;

/// That log is cut back to this after a burst.
const LOG_BYTES_MAX: u32 = 16_777_216;

/// The SQLite file.
pub(super) struct Tables {
    connection: Connection,
}

/// How far the log is in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// The last generation of the log that is; 0 for none.
    pub(super) generation: u64,
    /// The next number that no row has.
    pub(super) next_number: u64,
}

impl Tables {
    /// Opens or makes the file and brings its schema up to date.
    pub(super) fn open(path: &Path) -> Result<Tables, Error> {
        schema::check_header(path)?;
        let mut connection = connect(path).map_err(|error| storage(&error))?;
        schema::migrate(&mut connection)?;
        configure(&connection).map_err(|error| storage(&error))?;
        Ok(Tables { connection })
    }

    /// How far the log is in the tables.
    pub(super) fn reached(&self) -> Result<Reached, Error> {
        Ok(Reached {
            generation: self.meta("log_generation")?,
            next_number: self.meta("next_number")?.max(1),
        })
    }

    fn meta(&self, name: &str) -> Result<u64, Error> {
        let value = self
            .connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get::<_, i64>(0))
            .optional()
            .map_err(|error| storage(&error))?;
        u64::try_from(value.unwrap_or(0)).map_err(|_| damaged())
    }

    /// Puts records in, as one transaction, which an error of `step`, called before each of them, undoes.
    pub(super) fn apply<E: From<Error>>(
        &mut self,
        records: impl IntoIterator<Item = Result<Record, Error>>,
        mut step: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        let transaction = self.begin("NORMAL").map_err(|error| storage(&error))?;
        let mut writer = Writer { transaction: &transaction, put: None, delete: None };
        for record in records {
            step()?;
            writer.write(&record?).map_err(|error| storage(&error))?;
        }
        drop(writer);
        Ok(transaction.commit().map_err(|error| storage(&error))?)
    }

    /// Says how far the log is in, once it is, and syncs that.
    pub(super) fn reach(&mut self, reached: Reached) -> Result<(), Error> {
        self.note(reached).map_err(|error| storage(&error))
    }

    fn note(&mut self, reached: Reached) -> rusqlite::Result<()> {
        let transaction = self.begin("FULL")?;
        let mut put =
            transaction.prepare_cached("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)")?;
        put.execute(("log_generation", rows::number(reached.generation)?))?;
        put.execute(("next_number", rows::number(reached.next_number)?))?;
        drop(put);
        transaction.commit()
    }

    fn begin(&mut self, synchronous: &str) -> rusqlite::Result<Transaction<'_>> {
        self.connection.pragma_update(None, "synchronous", synchronous)?;
        self.connection.transaction_with_behavior(TransactionBehavior::Immediate)
    }

    /// Gives every row to `take`, as it is once these records of the log are in: table by table, by rising number. The
    /// next number that no row has, as far as rows tell.
    pub(super) fn read(&self, log: Latest, take: impl FnMut(u64, Row)) -> Result<u64, Error> {
        let mut rows = Merged { take, next_number: 0, log: log.into_iter().peekable() };
        for table in &TABLES {
            let mut statement = self.connection.prepare(table.read).map_err(|error| storage(&error))?;
            let mut lines = statement.raw_query();
            while let Some(line) = lines.next().map_err(|error| storage(&error))? {
                let (number, row) = rows::read(table.table, line).ok_or_else(damaged)?;
                rows.until(table.table, Some(number))?;
                if rows.next_is(table.table, number) {
                    rows.take_next()?;
                } else {
                    rows.give(number, row);
                }
            }
            rows.until(table.table, None)?;
        }
        Ok(rows.next_number)
    }
}

/// Rows of the tables and records of the log, both in the same order, on their way into one.
struct Merged<T: FnMut(u64, Row), L: Iterator<Item = Kept>> {
    take: T,
    next_number: u64,
    log: std::iter::Peekable<L>,
}

impl<T: FnMut(u64, Row), L: Iterator<Item = Kept>> Merged<T, L> {
    /// Takes the log's records of the table that come before that number; all, where there is none.
    fn until(&mut self, table: Table, number: Option<u64>) -> Result<(), Error> {
        while let Some(((next, at), _)) = self.log.peek() {
            if *next != table || number.is_some_and(|number| *at >= number) {
                break;
            }
            self.take_next()?;
        }
        Ok(())
    }

    fn next_is(&mut self, table: Table, number: u64) -> bool {
        self.log.peek().is_some_and(|(place, _)| *place == (table, number))
    }

    /// Takes the log's next record.
    fn take_next(&mut self) -> Result<(), Error> {
        if let Some((_, record)) = self.log.next()
            && let Record::Put { number, row, .. } = codec::read(&record).ok_or_else(damaged)?
        {
            self.give(number, row);
        }
        Ok(())
    }

    fn give(&mut self, number: u64, row: Row) {
        // Where a file was patched by hand, a number must not come twice all the same.
        self.next_number = self.next_number.max(number.saturating_add(1));
        (self.take)(number, row);
    }
}

/// Writes records with the statements of the ones before them, which most are of the same table as.
struct Writer<'t> {
    transaction: &'t Transaction<'t>,
    put: Option<Prepared<'t>>,
    delete: Option<Prepared<'t>>,
}

/// A statement of this table.
type Prepared<'t> = (Table, CachedStatement<'t>);

impl Writer<'_> {
    fn write(&mut self, record: &Record) -> rusqlite::Result<()> {
        let Writer { transaction, put, delete } = self;
        match record {
            Record::Put { number, row, .. } => {
                let table = row.table();
                let put = prepared(transaction, put, table, statements(table).put)?;
                put.raw_bind_parameter(1, rows::number(*number)?)?;
                rows::bind(put, row)?;
                put.raw_execute()?;
            }
            Record::Delete { table, number } => {
                let delete = prepared(transaction, delete, *table, statements(*table).delete)?;
                delete.execute([rows::number(*number)?])?;
            }
        }
        Ok(())
    }
}

/// The table's statement: the last one, where it is that.
fn prepared<'l, 't>(
    transaction: &'t Transaction<'_>,
    last: &'l mut Option<Prepared<'t>>,
    table: Table,
    sql: &str,
) -> rusqlite::Result<&'l mut CachedStatement<'t>> {
    let statement = match last.take() {
        Some((of, statement)) if of == table => statement,
        _ => transaction.prepare_cached(sql)?,
    };
    Ok(&mut last.insert((table, statement)).1)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    // Before the file is first read: then the log needs no shared memory, and no other program gets in between.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // Making or migrating a file is synced.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(2 * TABLES.len() + 4);
    Ok(connection)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::InvalidQuery);
    }
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_MAX)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

fn damaged() -> Error {
    Error::Storage("the data file is damaged: it holds a row that cannot be read".to_owned())
}
