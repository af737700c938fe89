//! Makes a `tests/fixtures/journal-vN.sqlite`: a journal of the present version with every kind of row, one commit in
//! the tables and one in the log. To be run once for each version that is released, with the file to make as its
//! argument; a file that was released is never made anew.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, ensure};
use sharesrv::journal::{Durability, Group, SqliteStore, Store};
use sharesrv::state::{ClientId, Content, Message, Record, Row, Table};
use sharesrv::value::Value;

fn main() -> anyhow::Result<()> {
    let path = std::env::args().nth(1).context("the file to make is missing")?;
    let path = Path::new(&path);
    ensure!(!path.exists(), "the file is there already");
    let id = ClientId::parse("2UQp4It1").context("an ID has 8 letters and digits")?;
    let records =
        rows(id).into_iter().zip(1..).map(|(row, number)| Record::Put { number, row, fresh: true }).collect();
    let (mut store, _) = SqliteStore::open(path, Durability::Full)?;
    store.commit(&Group { records, next_number: 18 })?;
    // Into the tables.
    drop(store);
    let (mut store, _) = SqliteStore::open(path, Durability::Full)?;
    let again = Row::Key { key: Arc::from("k.9"), value: Value::Int(1), set_at: 1, expires_at: None };
    let records = vec![
        Record::Put { number: 9, row: again, fresh: false },
        Record::Delete { table: Table::Key, number: 10 },
    ];
    store.commit(&Group { records, next_number: 18 })?;
    // Not let go in order: this commit stays in the log, as after a kill.
    std::process::exit(0);
}

fn rows(id: ClientId) -> Vec<Row> {
    let (name, key, queue): (Arc<str>, Arc<str>, Arc<str>) =
        (Arc::from("garden"), Arc::from("a.b\0ä'"), Arc::from("q"));
    vec![
        Row::Client { id, name: None },
        Row::Client { id, name: Some(name) },
        Row::Member { group: Arc::from("group 16"), client: 1 },
        Row::Delivery { client: 1, content: Content::Own(message(None)), leased_until: None },
        Row::Delivery { client: 1, content: Content::Own(message(Some("e"))), leased_until: Some(-1) },
        Row::Delivery { client: 2, content: Content::Shared(8), leased_until: Some(i64::MAX) },
        Row::Content { message: message(Some("")) },
        Row::Content { message: message(None) },
        Row::Key { key: Arc::clone(&key), value: value(), set_at: 1, expires_at: Some(2) },
        Row::Key { key, value: Value::Float(f64::NAN), set_at: i64::MIN, expires_at: None },
        Row::Name { name: Arc::from("TheAnswer"), value: Value::Int(42) },
        Row::Queue { name: queue },
        Row::Item { queue: 12, value: value(), taken_until: None },
        Row::Item { queue: 12, value: Value::None, taken_until: Some(3) },
        Row::Watch { client: 1, pattern: Arc::from("garden.*") },
        Row::Expired { id, at: 5 },
        Row::Push { message: message(Some("e")), receivers: Arc::from([(1, 20), (2, 21), (300, 22)]) },
    ]
}

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
