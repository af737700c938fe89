//! Every kind of record there and back, and bytes that are none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::fold::place;
use super::*;
use crate::value::Value;

fn every_record() -> Vec<Record> {
    let id = ClientId::parse("2UQp4It1").unwrap();
    let value =
        Value::list(vec![Value::Float(f64::NAN), Value::Int(-7), Value::dict([("È\0", Value::None)])]);
    let message = |event: Option<&str>| {
        Arc::new(Message {
            at: -1,
            from: Arc::from("2UQp4It1"),
            to: Arc::from("group 16"),
            event: event.map(Arc::from),
            body: value.clone(),
        })
    };
    let rows = vec![
        Row::Client { id, name: None },
        Row::Client { id, name: Some(Arc::from("garden")) },
        Row::Member { group: Arc::from(""), client: 1 },
        Row::Delivery { client: 300, content: Content::Own(message(None)), leased_until: None },
        Row::Delivery { client: 2, content: Content::Shared(u64::MAX), leased_until: Some(i64::MIN) },
        Row::Content { message: message(Some("")) },
        Row::Key { key: Arc::from("a.b\0ä'"), value: value.clone(), set_at: 1, expires_at: Some(2) },
        Row::Name { name: Arc::from("TheAnswer"), value: Value::Int(42) },
        Row::Queue { name: Arc::from("q") },
        Row::Item { queue: 12, value: value.clone(), taken_until: Some(i64::MAX) },
        Row::Watch { client: 1, pattern: Arc::from("garden.*") },
        Row::Expired { id, at: 5 },
        Row::Push { message: message(Some("e")), receivers: Arc::from([(7, 1), (8, 2)]) },
    ];
    let mut records: Vec<Record> =
        TABLES.iter().map(|table| Record::Delete { table: table.table, number: 1 << 62 }).collect();
    let numbers = [0, 1, 127, 128, 16_384, (1 << 63) - 1].into_iter().cycle();
    let fresh = [true, false].into_iter().cycle();
    records.extend(rows.into_iter().zip(numbers).zip(fresh).map(|((row, number), fresh)| Record::Put {
        number,
        row,
        fresh,
    }));
    records
}

/// All of it, record by record.
fn read_all(bytes: &[u8]) -> Option<(u64, Vec<Record>)> {
    let (next_number, records) = split(bytes)?;
    let records = records.map(|record| {
        let Encoded { table, number, bytes } = record?;
        let record = read(bytes)?;
        assert_eq!(place(&record), (table, number));
        Some(record)
    });
    Some((next_number, records.collect::<Option<_>>()?))
}

/// As text, which tells records apart to the last bit.
fn told(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| format!("{record:?}")).collect()
}

#[test]
fn every_record_comes_back() {
    let mut bytes = Vec::new();
    write(&every_record(), u64::MAX, &mut bytes).unwrap();
    let (next_number, records) = read_all(&bytes).unwrap();
    assert_eq!(next_number, u64::MAX);
    // But for whether a row was new, which the log does not tell.
    let told_of =
        told(&every_record()).into_iter().map(|record| record.replace("fresh: true", "fresh: false"));
    assert_eq!(told(&records), told_of.collect::<Vec<_>>());
    let kinds: std::collections::BTreeSet<_> = records
        .iter()
        .filter(|record| matches!(record, Record::Put { .. }))
        .map(|record| place(record).0)
        .collect();
    assert_eq!(kinds.len(), TABLES.len(), "a record of each table");
}

#[test]
fn a_number_that_the_tables_could_not_take_is_an_error() {
    let record = Record::Delete { table: Table::Key, number: 1 << 63 };
    assert!(write(&[record], 1, &mut Vec::new()).is_err());
}

#[test]
fn what_is_cut_short_is_never_the_same_and_harms_nobody() {
    let mut bytes = Vec::new();
    write(&every_record(), 300, &mut bytes).unwrap();
    let whole = every_record().len();
    for end in 0..bytes.len() {
        let records = read_all(&bytes[..end]).map_or(0, |(_, records)| records.len());
        assert!(records < whole, "{end}");
    }
}

#[test]
fn random_bytes_harm_nobody() {
    let mut random = StdRng::seed_from_u64(1);
    let mut bytes = Vec::new();
    write(&every_record(), 300, &mut bytes).unwrap();
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut changed = bytes.clone();
        for _ in 0..random.random_range(1..4) {
            let at = random.random_range(0..changed.len());
            changed[at] = random.random();
        }
        refused += usize::from(read_all(&changed).is_none());
    }
    assert!(refused > 5_000, "{refused}");
}
