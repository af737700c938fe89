//! The file: every kind of row, reopening, power cuts, and files that are not ours.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::sync::Arc;

use rusqlite::Connection;

use super::super::explain::storage;
use super::*;
use crate::state::{ClientId, Content, Message, Record, Row, Table};
use crate::value::Value;

mod damage;
mod turns;

fn message(event: Option<&str>) -> Arc<Message> {
    Arc::new(Message {
        at: 1_700_000_000_250_000,
        from: Arc::from("2UQp4It1"),
        to: Arc::from("group 16"),
        event: event.map(Arc::from),
        body: value(),
    })
}

fn value() -> Value {
    Value::list(vec![
        Value::Float(-0.0),
        Value::tuple(vec![Value::None]),
        Value::dict([("È\0", Value::Int(1))]),
    ])
}

/// Every kind of row, each optional part with and without.
fn every_row() -> Vec<(u64, Row)> {
    let id = ClientId::parse("2UQp4It1").unwrap();
    let (name, key, queue): (Arc<str>, Arc<str>, Arc<str>) =
        (Arc::from("garden"), Arc::from("a.b\0ä'"), Arc::from("q"));
    vec![
        (1, Row::Client { id, name: None }),
        (2, Row::Client { id, name: Some(Arc::clone(&name)) }),
        (3, Row::Member { group: Arc::from("group 16"), client: 1 }),
        (4, Row::Delivery { client: 1, content: Content::Own(message(None)), leased_until: None }),
        (5, Row::Delivery { client: 1, content: Content::Own(message(Some("e"))), leased_until: Some(-1) }),
        (6, Row::Delivery { client: 2, content: Content::Shared(8), leased_until: Some(i64::MAX) }),
        (7, Row::Content { message: message(Some("")) }),
        (8, Row::Content { message: message(None) }),
        (9, Row::Key { key: Arc::clone(&key), value: value(), set_at: 1, expires_at: Some(2) }),
        (10, Row::Key { key, value: Value::Float(f64::NAN), set_at: i64::MIN, expires_at: None }),
        (11, Row::Name { name: Arc::from("TheAnswer"), value: Value::Int(42) }),
        (12, Row::Queue { name: queue }),
        (13, Row::Item { queue: 12, value: value(), taken_until: None }),
        (14, Row::Item { queue: 12, value: Value::None, taken_until: Some(3) }),
        (15, Row::Watch { client: 1, pattern: Arc::from("garden.*") }),
        (9_223_372_036_854_775_806, Row::Expired { id, at: 5 }),
        (17, Row::Push { message: message(Some("e")), receivers: Arc::from([(1, 20), (2, 21), (300, 22)]) }),
    ]
}

/// As text, which tells rows apart to the last bit (`Debug` shows `-0.0` and NaN as they are).
fn told(rows: &[(u64, Row)]) -> Vec<String> {
    rows.iter().map(|row| format!("{row:?}")).collect()
}

fn puts(rows: Vec<(u64, Row)>) -> Vec<Record> {
    rows.into_iter().map(|(number, row)| Record::Put { number, row, fresh: true }).collect()
}

fn queue(number: u64, name: &str) -> Record {
    Record::Put { number, row: Row::Queue { name: Arc::from(name) }, fresh: true }
}

fn names(rows: &Rows) -> Vec<String> {
    rows.rows
        .iter()
        .map(|(number, row)| match row {
            Row::Queue { name } => format!("{number}{name}"),
            other => panic!("{other:?}"),
        })
        .collect()
}

fn open(path: &Path) -> (SqliteStore, Rows) {
    SqliteStore::open(path, Durability::Full).unwrap()
}

fn open_turning(path: &Path, durability: Durability, turn_bytes: u64) -> (SqliteStore, Rows) {
    let mut rows = Rows::default();
    let take = |number, row| rows.rows.push((number, row));
    let (store, next_number) = SqliteStore::open_turning(path, durability, turn_bytes, take).unwrap();
    rows.next_number = next_number;
    (store, rows)
}

fn error(path: &Path) -> String {
    SqliteStore::open(path, Durability::Full).err().unwrap().to_string()
}

#[test]
fn every_kind_of_row_comes_back() {
    for durability in [Durability::Full, Durability::Normal] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.sqlite");
        let (mut store, rows) = SqliteStore::open(&path, durability).unwrap();
        assert_eq!((rows.rows.len(), rows.next_number), (0, 1));
        let mut shuffled = every_row();
        shuffled.reverse();
        store.commit(&Group { records: puts(shuffled), next_number: 16 }).unwrap();
        store.sync().unwrap();
        drop(store);
        let (_store, rows) = SqliteStore::open(&path, durability).unwrap();
        assert_eq!(told(&rows.rows), told(&every_row()));
        assert_eq!(rows.next_number, 9_223_372_036_854_775_807);
    }
}

#[test]
fn rows_are_replaced_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut store, _) = open(&path);
    let records = vec![queue(1, "a"), queue(2, "b"), queue(3, "c")];
    store.commit(&Group { records, next_number: 4 }).unwrap();
    let again = Record::Put { number: 2, row: Row::Queue { name: Arc::from("B") }, fresh: false };
    let gone = |number| Record::Delete { table: Table::Queue, number };
    store.commit(&Group { records: vec![gone(1), again, gone(99)], next_number: 4 }).unwrap();
    drop(store);
    let (_store, rows) = open(&path);
    assert_eq!(names(&rows), ["2B", "3c"]);
}

#[test]
fn numbers_are_never_used_twice() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let mut used = 0;
    for _ in 0..3 {
        let (mut store, rows) = open(&path);
        assert!(rows.next_number > used);
        for _ in 0..3 {
            // The journal lets a store know of every 513th number at the latest.
            used = rows.next_number.max(used) + 512;
            store.commit(&Group { records: vec![], next_number: used + 1 }).unwrap();
            used += 512;
        }
    }
}

#[test]
fn a_number_that_sqlite_has_not_is_an_error_and_nothing_of_its_group_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut store, _) = open(&path);
    store.commit(&Group { records: vec![queue(1, "a"), queue(u64::MAX, "b")], next_number: 2 }).unwrap_err();
    store.commit(&Group { records: vec![queue(3, "c")], next_number: 4 }).unwrap();
    drop(store);
    assert_eq!(names(&open(&path).1), ["3c"]);
}

#[test]
fn after_an_orderly_end_the_tables_have_it_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut store, _) = open(&path);
    store.commit(&Group { records: vec![queue(1, "a"), queue(2, "b")], next_number: 3 }).unwrap();
    drop(store);
    fs::remove_file(beside(&path, "-log0")).unwrap();
    let (_store, rows) = open(&path);
    assert_eq!(names(&rows), ["1a", "2b"]);
    assert_eq!(rows.next_number, 3 + NUMBERS_RESERVED);
}

#[test]
fn the_file_has_one_daemon_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut first, _) = open(&path);
    first.commit(&Group { records: vec![queue(1, "a")], next_number: 2 }).unwrap();
    // Not `open`: reading the header by other means would let go of the locks of this very process.
    let second = Connection::open(&path).and_then(|connection| {
        connection.query_row("SELECT count(*) FROM queue", [], |row| row.get::<_, i64>(0))
    });
    assert_eq!(storage(&second.unwrap_err()).to_string(), "the data file is in use by another program");
    first.commit(&Group { records: vec![queue(2, "b")], next_number: 3 }).unwrap();
}

#[test]
fn a_file_of_somebody_else_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    for diary in ["my diary", "S", &"my diary ".repeat(1_000)] {
        fs::write(&path, diary).unwrap();
        assert_eq!(error(&path), "the data file is not a database; it is left as it is");
        assert_eq!(fs::read_to_string(&path).unwrap(), diary);
    }
    fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE diary (day)").unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    assert_eq!(error(&path), "the data file is a database of another program; it is left as it is");
    assert_eq!(fs::read(&path).unwrap(), before);
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["journal.sqlite"]);
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    drop(open(&path));
    for version in [99, -1] {
        let newer = Connection::open(&path).unwrap();
        newer.pragma_update(None, "user_version", version).unwrap();
        drop(newer);
        let error = error(&path);
        assert!(
            error.starts_with(&format!("the data file has version {version} and was written by a newer")),
            "{error}"
        );
    }
}

#[test]
fn a_damaged_file_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let (mut store, _) = open(&path);
    let records = (1..200).map(|number| queue(number, &"x".repeat(500))).collect();
    store.commit(&Group { records, next_number: 200 }).unwrap();
    drop(store);
    let whole = fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    damaged[4_096..].fill(0x5a);
    fs::write(&path, &damaged).unwrap();
    assert_eq!(error(&path), "the data file is damaged");
    assert_eq!(fs::read(&path).unwrap(), damaged, "nothing is made worse");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(error(&path), "the data file is damaged");
    fs::write(&path, &whole).unwrap();
    let patch = Connection::open(&path).unwrap();
    patch.execute_batch("INSERT INTO registry VALUES (1, 'k', x'ff', 0, NULL)").unwrap();
    drop(patch);
    assert_eq!(error(&path), "the data file is damaged: it holds a row that cannot be read");
}

#[test]
fn errors_name_no_path() {
    let folder = tempfile::tempdir().unwrap();
    for path in [folder.path().join("no/such/journal.sqlite"), folder.path().to_path_buf()] {
        let error = error(&path);
        assert!(!error.contains('/') && error.starts_with("the data file"), "{error}");
    }
}

/// The files of released versions stay readable. Made by `examples/journal_fixture.rs`.
#[test]
fn the_file_of_version_1_opens() {
    let (folder, rows) = fixture(&["journal-v1.sqlite"]);
    assert_eq!(told(&rows.rows), told(&rows_of_fixtures()));
    assert_eq!(rows.next_number, 17 + NUMBERS_RESERVED);
    let path = folder.path().join("journal.sqlite");
    let (mut store, _) = open(&path);
    store.commit(&Group { records: vec![queue(17, "new")], next_number: 18 }).unwrap();
}

/// Its second commit is in the log alone, as after a kill.
#[test]
fn the_file_of_version_2_opens() {
    let (_folder, rows) = fixture(&["journal-v2.sqlite", "journal-v2.sqlite-log0"]);
    let mut expected = rows_of_fixtures();
    expected.push(every_row().pop().unwrap());
    // What the second commit set, and what it deleted.
    expected[8] = (9, Row::Key { key: Arc::from("k.9"), value: Value::Int(1), set_at: 1, expires_at: None });
    expected.remove(9);
    assert_eq!(told(&rows.rows), told(&expected));
    assert_eq!(rows.next_number, 18 + NUMBERS_RESERVED);
}

fn rows_of_fixtures() -> Vec<(u64, Row)> {
    let mut rows = every_row();
    rows.truncate(15);
    rows.push((16, Row::Expired { id: ClientId::parse("2UQp4It1").unwrap(), at: 5 }));
    rows
}

fn fixture(names: &[&str]) -> (tempfile::TempDir, Rows) {
    let folder = tempfile::tempdir().unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    for name in names {
        let copy = format!("journal.{}", name.split_once('.').unwrap().1);
        fs::copy(fixtures.join(name), folder.path().join(copy)).unwrap();
    }
    let rows = open(&folder.path().join("journal.sqlite")).1;
    (folder, rows)
}
