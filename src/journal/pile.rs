//! Commits that pile up until somebody writes them: the records of a batch one behind the other, so that a commit
//! takes no memory of its own.
//!
//! Pure: may use `state`'s records and nothing else.

use std::collections::VecDeque;

use crate::state::Record;

/// The most commits of a batch: keeps a transaction, and the wait for it, short.
const BATCH_COMMITS_MAX: usize = 1_024;

/// Records for which an empty batch keeps the room.
const KEPT_ROOM: usize = 1_024;

/// Commits that are written as one.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// What they changed, in order.
    pub(super) records: Vec<Record>,
    /// The number of the last one.
    pub(super) sequence: u64,
    /// The next number that no row has.
    pub(super) next_number: u64,
    commits: usize,
}

/// Batches, in order.
#[derive(Debug, Default)]
pub(super) struct Pile {
    batches: VecDeque<Batch>,
    /// An empty one, with room.
    spare: Option<Batch>,
}

impl Pile {
    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Puts a commit on it.
    pub(super) fn push(
        &mut self,
        sequence: u64,
        records: impl IntoIterator<Item = Record>,
        next_number: u64,
    ) {
        let last = self.batches.pop_back();
        let mut batch = match last {
            Some(last) if last.commits < BATCH_COMMITS_MAX => last,
            full => {
                self.batches.extend(full);
                self.spare.take().unwrap_or_default()
            }
        };
        batch.records.extend(records);
        batch.sequence = batch.sequence.max(sequence);
        batch.next_number = batch.next_number.max(next_number);
        batch.commits += 1;
        self.batches.push_back(batch);
    }

    /// Takes the batch that is to be written next.
    pub(super) fn pop(&mut self) -> Option<Batch> {
        self.batches.pop_front()
    }

    /// Takes back what the records of a batch were in.
    pub(super) fn reuse(&mut self, mut records: Vec<Record>) {
        records.clear();
        records.shrink_to(KEPT_ROOM);
        self.spare = Some(Batch { records, ..Batch::default() });
    }
}
