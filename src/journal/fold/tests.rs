//! What records of one row become together, by table and against a model.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::state::Row;

fn row(table: Table, content: &str) -> Row {
    let name = Arc::from(content);
    match table {
        Table::Queue => Row::Queue { name },
        _ => Row::Member { group: name, client: 0 },
    }
}

fn put(number: u64, content: &str, fresh: bool) -> Record {
    Record::Put { number, row: row(Table::Queue, content), fresh }
}

fn delete(number: u64) -> Record {
    Record::Delete { table: Table::Queue, number }
}

/// `+1a` a fresh put, `1a` another put, `-1` a delete.
fn told(records: &[Record]) -> Vec<String> {
    let one = |record: &Record| match record {
        Record::Put { number, row: Row::Queue { name } | Row::Member { group: name, .. }, fresh } => {
            format!("{}{number}{name}", if *fresh { "+" } else { "" })
        }
        Record::Put { .. } => panic!("only queues and members here"),
        Record::Delete { number, .. } => format!("-{number}"),
    };
    records.iter().map(one).collect()
}

#[test]
fn records_of_one_row_become_one() {
    for (records, folded) in [
        (vec![], vec![]),
        (vec![put(1, "a", true)], vec!["+1a"]),
        (vec![put(1, "a", false)], vec!["1a"]),
        (vec![delete(1)], vec!["-1"]),
        (vec![put(1, "a", true), put(1, "b", false)], vec!["+1b"]),
        (vec![put(1, "a", false), put(1, "b", false), put(1, "c", false)], vec!["1c"]),
        (vec![put(1, "a", true), delete(1)], vec![]),
        (vec![put(1, "a", true), put(1, "b", false), delete(1)], vec![]),
        (vec![put(1, "a", false), delete(1)], vec!["-1"]),
        (vec![delete(1), put(1, "a", true)], vec!["1a"]),
        (vec![delete(1), put(1, "a", false)], vec!["1a"]),
        (vec![delete(1), put(1, "a", true), delete(1)], vec!["-1"]),
        (vec![delete(1), delete(1)], vec!["-1"]),
        (vec![put(1, "a", true), delete(1), put(1, "b", true)], vec!["+1b"]),
        (vec![put(1, "a", true), delete(1), delete(1)], vec![]),
        (vec![put(2, "b", true), put(1, "a", true), delete(2), put(3, "c", true)], vec!["+1a", "+3c"]),
    ] {
        let case = told(&records);
        assert_eq!(told(&Folder::default().fold(records)), folded, "{case:?}");
    }
}

#[test]
fn equal_numbers_of_two_tables_are_two_rows() {
    let member = Record::Put { number: 1, row: row(Table::Member, "m"), fresh: true };
    assert_eq!(told(&Folder::default().fold(vec![put(1, "q", true), member, delete(1)])), ["+1m"]);
}

/// Applies a record and checks that `fresh` tells the truth.
fn apply(model: &mut BTreeMap<(Table, u64), String>, record: &Record) {
    let place = place(record);
    match record {
        Record::Put { fresh, .. } => {
            assert!(!fresh || !model.contains_key(&place), "fresh, but there is one");
            model.insert(place, told(std::slice::from_ref(record)).remove(0).replace('+', ""));
        }
        Record::Delete { .. } => {
            model.remove(&place);
        }
    }
}

#[test]
fn folded_groups_come_to_the_same_as_records_one_by_one() {
    let mut random = StdRng::seed_from_u64(7);
    let mut folder = Folder::default();
    for _ in 0..300 {
        let (mut one_by_one, mut by_groups) = (BTreeMap::new(), BTreeMap::new());
        let mut group = Vec::new();
        for step in 0..200 {
            let table = if random.random() { Table::Queue } else { Table::Member };
            let number = random.random_range(0..8);
            let exists = one_by_one.contains_key(&(table, number));
            let record = if exists && random.random_range(0..3) == 0 {
                Record::Delete { table, number }
            } else {
                Record::Put { number, row: row(table, &step.to_string()), fresh: !exists }
            };
            apply(&mut one_by_one, &record);
            group.push(record);
            if random.random_range(0..10) == 0 {
                let folded = folder.fold(std::mem::take(&mut group));
                let places: Vec<_> = folded.iter().map(place).collect();
                assert!(places.is_sorted_by(|a, b| a < b), "each row once, in order");
                folded.iter().for_each(|record| apply(&mut by_groups, record));
                assert_eq!(one_by_one, by_groups);
            }
        }
    }
}
