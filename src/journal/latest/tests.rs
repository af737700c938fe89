//! What is left of many records, against a model.
#![allow(clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;

#[test]
fn of_each_row_the_last_record_is_left_and_they_come_in_order() {
    let mut random = StdRng::seed_from_u64(3);
    let rows = PAGE_ROWS as u64;
    let numbers = [0, 1, rows - 1, rows, rows + 1, 5 * rows, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
    let tables = [Table::Client, Table::Key, Table::Push];
    for records in [0, 1, 10, 1_000] {
        let (mut latest, mut model) = (Latest::default(), BTreeMap::new());
        for step in 0..records {
            let table = tables[random.random_range(0..tables.len())];
            let number = numbers[random.random_range(0..numbers.len())];
            // As long as the one before, longer or shorter.
            let bytes = format!("{step}").repeat(random.random_range(1..3)).into_bytes();
            latest.add(&Encoded { table, number, bytes: &bytes });
            model.insert((table, number), bytes.into_boxed_slice());
        }
        assert_eq!(latest.rows(), model.len() as u64);
        assert_eq!(latest.into_iter().collect::<Vec<_>>(), model.into_iter().collect::<Vec<_>>());
    }
}
