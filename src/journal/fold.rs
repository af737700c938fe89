//! Folding: the records of many commits become one record a row.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::state::{Record, Row, Table};

/// What is left to do for one row.
enum Folded {
    Put { row: Row, fresh: bool },
    Delete,
}

/// The folded records of some commits: each row once.
#[derive(Default)]
pub(super) struct Fold {
    rows: HashMap<(Table, u64), Folded>,
}

impl Fold {
    /// Adds a record that comes after all earlier ones.
    pub(super) fn add(&mut self, record: Record) {
        match record {
            Record::Put { number, row, fresh } => match self.rows.entry((row.table(), number)) {
                Entry::Vacant(vacant) => {
                    vacant.insert(Folded::Put { row, fresh });
                }
                Entry::Occupied(mut occupied) => {
                    // A row that is deleted and put again within the group is on the disk: not fresh.
                    let fresh = matches!(occupied.get(), Folded::Put { fresh: true, .. });
                    occupied.insert(Folded::Put { row, fresh });
                }
            },
            Record::Delete { table, number } => match self.rows.entry((table, number)) {
                Entry::Occupied(occupied) if matches!(occupied.get(), Folded::Put { fresh: true, .. }) => {
                    occupied.remove();
                }
                Entry::Occupied(mut occupied) => {
                    occupied.insert(Folded::Delete);
                }
                Entry::Vacant(vacant) => {
                    vacant.insert(Folded::Delete);
                }
            },
        }
    }

    /// The records that are left, table by table and by rising number: the order that suits a B-tree.
    pub(super) fn finish(self) -> Vec<Record> {
        let mut rows: Vec<_> = self.rows.into_iter().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        rows.into_iter()
            .map(|((table, number), folded)| match folded {
                Folded::Put { row, fresh } => Record::Put { number, row, fresh },
                Folded::Delete => Record::Delete { table, number },
            })
            .collect()
    }
}
