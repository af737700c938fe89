//! The schema of the journal's file and how older ones become the present one.
//!
//! Every table is keyed by the row's number alone (SQLite's rowid): an index beside it would double what every
//! message costs. The state finds everything in memory.

use rusqlite::Connection;

use super::Error;
use crate::state::Table;

/// Tells our files from other SQLite files: "shsv".
const APPLICATION_ID: i32 = 0x7368_7376;

/// What makes version n+1 out of version n, in order; a released step never changes.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO meta VALUES ('next_number', 1);
    CREATE TABLE client (number INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT);
    CREATE TABLE member (number INTEGER PRIMARY KEY, client INTEGER NOT NULL, group_name TEXT NOT NULL);
    CREATE TABLE delivery (number INTEGER PRIMARY KEY, client INTEGER NOT NULL, content INTEGER,
        leased_until INTEGER, at INTEGER, sender TEXT, destination TEXT, event TEXT, body BLOB);
    CREATE TABLE content (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, sender TEXT NOT NULL,
        destination TEXT NOT NULL, event TEXT, body BLOB NOT NULL);
    CREATE TABLE key (number INTEGER PRIMARY KEY, key TEXT NOT NULL, value BLOB NOT NULL,
        set_at INTEGER NOT NULL, expires_at INTEGER);
    CREATE TABLE name (number INTEGER PRIMARY KEY, name TEXT NOT NULL, value BLOB NOT NULL);
    CREATE TABLE queue (number INTEGER PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE item (number INTEGER PRIMARY KEY, queue INTEGER NOT NULL, value BLOB NOT NULL,
        taken_until INTEGER);
    CREATE TABLE watch (number INTEGER PRIMARY KEY, client INTEGER NOT NULL, pattern TEXT NOT NULL);
    CREATE TABLE expired (number INTEGER PRIMARY KEY, id TEXT NOT NULL, at INTEGER NOT NULL);
"];

/// Every table in the order in which rows are read at the start.
pub(super) const TABLES: [Table; 10] = [
    Table::Client,
    Table::Member,
    Table::Delivery,
    Table::Content,
    Table::Key,
    Table::Name,
    Table::Queue,
    Table::Item,
    Table::Watch,
    Table::Expired,
];

/// The statements of one table.
pub(super) struct Statements {
    pub(super) insert: &'static str,
    pub(super) replace: &'static str,
    pub(super) delete: &'static str,
    pub(super) select: &'static str,
}

macro_rules! statements {
    ($table:literal, $columns:literal, $places:literal) => {
        Statements {
            insert: concat!("INSERT INTO ", $table, " (number, ", $columns, ") VALUES ", $places),
            replace: concat!("INSERT OR REPLACE INTO ", $table, " (number, ", $columns, ") VALUES ", $places),
            delete: concat!("DELETE FROM ", $table, " WHERE number = ?1"),
            select: concat!("SELECT number, ", $columns, " FROM ", $table, " ORDER BY number"),
        }
    };
}

/// The statements of a table; the columns stand in the order in which `sqlite` binds and reads them.
pub(super) fn statements(table: Table) -> Statements {
    match table {
        Table::Client => statements!("client", "id, name", "(?1, ?2, ?3)"),
        Table::Member => statements!("member", "client, group_name", "(?1, ?2, ?3)"),
        Table::Delivery => statements!(
            "delivery",
            "client, content, leased_until, at, sender, destination, event, body",
            "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
        ),
        Table::Content => {
            statements!("content", "at, sender, destination, event, body", "(?1, ?2, ?3, ?4, ?5, ?6)")
        }
        Table::Key => statements!("key", "key, value, set_at, expires_at", "(?1, ?2, ?3, ?4, ?5)"),
        Table::Name => statements!("name", "name, value", "(?1, ?2, ?3)"),
        Table::Queue => statements!("queue", "name", "(?1, ?2)"),
        Table::Item => statements!("item", "queue, value, taken_until", "(?1, ?2, ?3, ?4)"),
        Table::Watch => statements!("watch", "client, pattern", "(?1, ?2, ?3)"),
        Table::Expired => statements!("expired", "id, at", "(?1, ?2, ?3)"),
    }
}

/// Brings the file to the present schema.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Error> {
    let storage = |error: rusqlite::Error| Error::Storage(error.to_string());
    let pragma = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let application = pragma("application_id").map_err(storage)?;
    let version = pragma("user_version").map_err(storage)?;
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(storage)?;
    if application != APPLICATION_ID && tables > 0 {
        return Err(Error::Storage("the file is a database of another program".to_owned()));
    }
    let known = i32::try_from(MIGRATIONS.len()).unwrap_or(i32::MAX);
    if version > known {
        let message =
            format!("the file was written by a newer version (schema {version}, this one knows {known})");
        return Err(Error::Storage(message));
    }
    let done = usize::try_from(version).unwrap_or(0);
    for (step, sql) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction().map_err(storage)?;
        transaction.execute_batch(sql).map_err(storage)?;
        let marks = format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {}", step + 1);
        transaction.execute_batch(&marks).map_err(storage)?;
        transaction.commit().map_err(storage)?;
    }
    Ok(())
}
