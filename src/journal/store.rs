//! The journal's SQLite file.
//!
//! One file in WAL mode, held exclusively. A table for each table of the state, by number alone: no secondary
//! index, so that a commit writes as few pages as can be. May use `schema` and `rows`.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::explain::storage;
use super::rows::{self, TABLES, statements};
use super::{Durability, Error, Group, Rows, Store, schema};
use crate::state::Record;

/// How many numbers past the next one the file says are used: so it need be told only once in so many. After a
/// restart numbers go on from there.
const NUMBERS_RESERVED: u64 = 1_024;

/// Pages of the write-ahead log (8 MB) before they go into the file itself. A page that changes all the time is
/// written there once a checkpoint, so that more is kinder to an SD card; but a checkpoint holds up the commit
/// that meets it.
const CHECKPOINT_PAGES: u32 = 2_000;

/// The log is cut back to this after a burst.
const LOG_BYTES_MAX: u32 = 16_777_216;

/// The journal's SQLite file.
pub struct SqliteStore {
    connection: Connection,
    log: PathBuf,
    folder: PathBuf,
    /// Whether the folder was synced since the log came to stand in it.
    folder_synced: bool,
    /// The lowest number that the file does not say is used; 0 until the first commit tells it.
    reserved: u64,
}

impl SqliteStore {
    /// Opens or makes the file, brings its schema up to date and reads every row.
    ///
    /// # Errors
    /// Where the file cannot be opened or made, is damaged, is in use, or is not one of this program's; it is
    /// left as it is.
    pub fn open(path: &Path, durability: Durability) -> Result<(SqliteStore, Rows), Error> {
        schema::check_header(path)?;
        let mut connection = connect(path).map_err(|error| storage(&error))?;
        schema::migrate(&mut connection)?;
        configure(&connection, durability).map_err(|error| storage(&error))?;
        let rows = read(&connection)?;
        let store = SqliteStore {
            connection,
            log: path.with_added_extension("-wal"),
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            folder_synced: false,
            reserved: 0,
        };
        Ok((store, rows))
    }

    fn write(&mut self, group: &Group) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for record in &group.records {
            match record {
                Record::Put { number, row, .. } => {
                    let mut put = transaction.prepare_cached(statements(row.table()).put)?;
                    put.raw_bind_parameter(1, rows::number(*number)?)?;
                    rows::bind(&mut put, row)?;
                    put.raw_execute()?;
                }
                Record::Delete { table, number } => {
                    transaction
                        .prepare_cached(statements(*table).delete)?
                        .execute([rows::number(*number)?])?;
                }
            }
        }
        let reserved = group.next_number.saturating_add(NUMBERS_RESERVED);
        if group.next_number > self.reserved {
            transaction
                .prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'next_number'")?
                .execute([rows::number(reserved)?])?;
        }
        transaction.commit()?;
        if group.next_number > self.reserved {
            self.reserved = reserved;
        }
        Ok(())
    }
}

impl Store for SqliteStore {
    fn commit(&mut self, group: Group) -> Result<(), Error> {
        if group.records.is_empty() && group.next_number <= self.reserved {
            return Ok(());
        }
        self.write(&group).map_err(|error| storage(&error))
    }

    /// SQLite syncs the file itself at each checkpoint; between them everything new is in the log.
    fn sync(&mut self) -> Result<(), Error> {
        let synced = match File::open(&self.log) {
            Ok(log) => log.sync_data(),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        let synced = match synced {
            Ok(()) if !self.folder_synced => sync_folder(&self.folder),
            other => other,
        };
        synced.map_err(|error| Error::Storage(format!("the disk cannot be synced: {}", error.kind())))?;
        self.folder_synced = true;
        Ok(())
    }
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder)?.sync_all()
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
    // Until `configure`: making or migrating a file is synced in any case.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.set_prepared_statement_cache_capacity(2 * TABLES.len() + 4);
    Ok(connection)
}

fn configure(connection: &Connection, durability: Durability) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(rusqlite::Error::InvalidQuery);
    }
    connection.pragma_update(
        None,
        "synchronous",
        if durability == Durability::Full { "FULL" } else { "NORMAL" },
    )?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_MAX)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

fn read(connection: &Connection) -> Result<Rows, Error> {
    let damaged =
        || Error::Storage("the data file is damaged: it holds a row that cannot be read".to_owned());
    let next_number: i64 = connection
        .query_row("SELECT value FROM meta WHERE name = 'next_number'", [], |row| row.get(0))
        .map_err(|error| storage(&error))?;
    let mut rows =
        Rows { rows: Vec::new(), next_number: u64::try_from(next_number).map_err(|_| damaged())?.max(1) };
    for table in &TABLES {
        let mut statement = connection.prepare(table.read).map_err(|error| storage(&error))?;
        let mut lines = statement.raw_query();
        while let Some(line) = lines.next().map_err(|error| storage(&error))? {
            let (number, row) = rows::read(table.table, line).ok_or_else(damaged)?;
            // Where a file was patched by hand, a number must not come twice all the same.
            rows.next_number = rows.next_number.max(number.saturating_add(1));
            rows.rows.push((number, row));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests;
