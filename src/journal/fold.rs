//! Folds the records of a commit group: each row once, by its last record.
//!
//! Pure: may use `state`'s records and nothing else.

use crate::state::{Record, Table};

/// Records for which the next group finds room.
const KEPT_ROOM: usize = 1_024;

/// Folds one group after the other, in the same memory.
#[derive(Debug, Default)]
pub(super) struct Folder {
    order: Vec<(Table, u64, usize)>,
    folded: Vec<Record>,
}

impl Folder {
    /// Each row's last record, by table and rising number. A row that was new and deleted again vanishes.
    pub(super) fn fold(&mut self, mut records: Vec<Record>) -> Vec<Record> {
        let mut folded = std::mem::take(&mut self.folded);
        folded.reserve(records.len());
        self.order.clear();
        self.order.extend(records.iter().enumerate().map(|(index, record)| {
            let (table, number) = place(record);
            (table, number, index)
        }));
        self.order.sort_unstable();
        // Not `folded.last()`: a row that vanished leaves nothing there to see that it is the same row.
        let mut current: Option<(Table, u64)> = None;
        let mut last: Option<Record> = None;
        for (table, number, index) in self.order.iter().copied() {
            let Some(record) = records.get_mut(index) else { continue };
            let record = std::mem::replace(record, Record::Delete { table, number });
            if current != Some((table, number)) {
                folded.extend(last.take());
                current = Some((table, number));
                last = Some(record);
            } else {
                last = then(last, record);
            }
        }
        folded.extend(last);
        self.order.shrink_to(KEPT_ROOM);
        records.clear();
        records.shrink_to(KEPT_ROOM);
        self.folded = records;
        folded
    }
}

/// The record's row: its table and its number.
pub(super) fn place(record: &Record) -> (Table, u64) {
    match record {
        Record::Put { number, row, .. } => (row.table(), *number),
        Record::Delete { table, number } => (*table, *number),
    }
}

/// What two records of one row are together. `None`: the store has no such row and is to have none.
fn then(earlier: Option<Record>, later: Record) -> Option<Record> {
    let absent = matches!(earlier, None | Some(Record::Put { fresh: true, .. }));
    match later {
        Record::Put { number, row, .. } => Some(Record::Put { number, row, fresh: absent }),
        Record::Delete { .. } if absent => None,
        Record::Delete { .. } => Some(later),
    }
}

#[cfg(test)]
mod tests;
