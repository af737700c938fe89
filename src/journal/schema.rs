//! The schema of the journal's file, version by version, and how a file is told to be one.
//!
//! A released version never changes: a new one adds a migration at the end and a fixture under tests/fixtures.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::Error;
use super::explain::storage;

/// What SQLite's header says of a file of ours: "shsv".
pub(super) const APPLICATION_ID: i32 = 0x7368_7376;

/// Migration `n` brings a file of version `n` (`user_version`) to version `n + 1`.
pub(super) const MIGRATIONS: [&str; 2] = ["
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('next_number', 1);
CREATE TABLE client (number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT);
CREATE TABLE member (number INTEGER PRIMARY KEY, member_group TEXT NOT NULL, client INTEGER NOT NULL);
CREATE TABLE delivery (number INTEGER PRIMARY KEY, client INTEGER NOT NULL, leased_until INTEGER,
    content INTEGER, at INTEGER, sender TEXT, destination TEXT, event TEXT, body BLOB);
CREATE TABLE content (number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL, sender TEXT NOT NULL, destination TEXT NOT NULL, event TEXT, body BLOB NOT NULL);
CREATE TABLE registry (number INTEGER PRIMARY KEY, registry_key TEXT NOT NULL, value BLOB NOT NULL,
    set_at INTEGER NOT NULL, expires_at INTEGER);
CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL, value BLOB NOT NULL);
CREATE TABLE queue (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE item (number INTEGER PRIMARY KEY, queue INTEGER NOT NULL, value BLOB NOT NULL, taken_until INTEGER);
CREATE TABLE watch (number INTEGER PRIMARY KEY, client INTEGER NOT NULL, pattern TEXT NOT NULL);
CREATE TABLE expired (number INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL);
", "
CREATE TABLE push (number INTEGER PRIMARY KEY, receivers BLOB NOT NULL,
    at INTEGER NOT NULL, sender TEXT NOT NULL, destination TEXT NOT NULL, event TEXT, body BLOB NOT NULL);
"];

/// Looks at the file's header before SQLite touches it, so that a file of somebody else's stays as it is.
pub(super) fn check_header(path: &Path) -> Result<(), Error> {
    let mut header = Vec::with_capacity(100);
    let read = File::open(path).and_then(|file| file.take(100).read_to_end(&mut header));
    match read {
        Ok(0) => return Ok(()),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::Storage(format!("the data file cannot be read: {}", error.kind()))),
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(Error::Storage("the data file is not a database; it is left as it is".to_owned()));
    }
    // A file that is being made may not have its number yet, but then it has no second page either and its
    // rollback journal stands beside it.
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push("-journal");
    let id = header.get(68..72).and_then(|bytes| <[u8; 4]>::try_from(bytes).ok()).map(i32::from_be_bytes);
    if id != Some(APPLICATION_ID) && !Path::new(&unfinished).exists() {
        return Err(other_program());
    }
    Ok(())
}

/// Brings the file up to the newest version; one that is newer still is refused.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let number = |connection: &Connection, pragma| {
        connection
            .pragma_query_value(None, pragma, |row| row.get::<_, i64>(0))
            .map_err(|error| storage(&error))
    };
    let version = number(connection, "user_version")?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|error| storage(&error))?;
    let new = version == 0 && tables == 0;
    if !new && number(connection, "application_id")? != i64::from(APPLICATION_ID) {
        return Err(other_program());
    }
    let known = usize::try_from(version).ok().filter(|version| *version <= MIGRATIONS.len());
    let Some(known) = known else {
        return Err(Error::Storage(format!(
            "the data file has version {version} and was written by a newer sharesrv; this one knows versions up to {}",
            MIGRATIONS.len()
        )));
    };
    if known < MIGRATIONS.len() {
        apply(connection, known).map_err(|error| storage(&error))?;
    }
    Ok(())
}

fn apply(connection: &mut Connection, known: usize) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for migration in MIGRATIONS.iter().skip(known) {
        transaction.execute_batch(migration)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()
}

fn other_program() -> Error {
    Error::Storage("the data file is a database of another program; it is left as it is".to_owned())
}
