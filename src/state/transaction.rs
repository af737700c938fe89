//! Transactions: an expression's changes are kept or undone as one.
//!
//! Every change of a field pushes how to undo it; every change of a row pushes a record.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Commit, Fulfilment, Record, Row, State, Table, WaiterId};
use crate::clock::Moment;

type Undo = Box<dyn FnOnce(&mut State) + Send>;

/// What the running transaction did so far.
#[derive(Default)]
pub(super) struct Transaction {
    undo: Vec<Undo>,
    records: Vec<Record>,
    /// Inboxes, by the number of their client, that may now fulfil a wait.
    pub(super) inboxes: BTreeSet<u64>,
    /// Queues that may now fulfil a wait.
    pub(super) queues: BTreeSet<Arc<str>>,
    /// Registry keys that may now fulfil a wait.
    pub(super) keys: BTreeSet<Arc<str>>,
    /// Queues that were closed.
    pub(super) closed: BTreeSet<Arc<str>>,
    /// What the sweep at the beginning did: kept, whatever becomes of the rest.
    kept: Vec<Record>,
    fulfilled: Vec<(WaiterId, Fulfilment)>,
}

impl State {
    /// Begins a transaction; first does what is due by `now` (expiry, times to live, leases), which a rollback keeps.
    pub fn begin(&mut self, now: Moment) {
        self.now = now;
        if self.schedule.is_due(now.monotonic) {
            self.sweep();
            self.keep();
        }
    }

    /// Ends it, keeping all changes: fulfils waits that became possible and hands the records over.
    pub fn commit(&mut self) -> Commit {
        self.keep();
        self.hand_over()
    }

    /// Ends it, undoing all changes since `begin`; the commit holds what was due by itself, or nothing.
    pub fn rollback(&mut self) -> Commit {
        for undo in std::mem::take(&mut self.transaction.undo).into_iter().rev() {
            undo(self);
        }
        // Undoing may have pushed how to undo it.
        self.transaction.undo.clear();
        self.transaction.records.clear();
        self.forget_touched();
        self.hand_over()
    }

    /// Makes what was done so far unalterable.
    fn keep(&mut self) {
        let fulfilled = self.fulfil_touched();
        let transaction = &mut self.transaction;
        transaction.fulfilled.extend(fulfilled);
        transaction.undo.clear();
        transaction.kept.append(&mut transaction.records);
        self.forget_touched();
    }

    /// Nothing can be undone any more.
    pub(super) fn forget_undo(&mut self) {
        self.transaction.undo.clear();
        self.forget_touched();
    }

    fn forget_touched(&mut self) {
        let transaction = &mut self.transaction;
        transaction.inboxes.clear();
        transaction.queues.clear();
        transaction.keys.clear();
        transaction.closed.clear();
    }

    fn hand_over(&mut self) -> Commit {
        let records = std::mem::take(&mut self.transaction.kept);
        if !records.is_empty() {
            self.sequence += 1;
        }
        Commit {
            sequence: self.sequence,
            records,
            next_number: self.next_number,
            fulfilled: std::mem::take(&mut self.transaction.fulfilled),
            next_deadline: self.schedule.next(),
        }
    }

    /// Remembers how to undo a change that was just made.
    pub(super) fn undo(&mut self, undo: impl FnOnce(&mut State) + Send + 'static) {
        self.transaction.undo.push(Box::new(undo));
    }

    /// Leaves a record of a new row.
    pub(super) fn record_new(&mut self, number: u64, row: Row) {
        self.transaction.records.push(Record::Put { number, row, fresh: true });
    }

    /// Leaves a record of a changed row.
    pub(super) fn record(&mut self, number: u64, row: Row) {
        self.transaction.records.push(Record::Put { number, row, fresh: false });
    }

    /// Leaves a record of a row that is gone.
    pub(super) fn record_gone(&mut self, table: Table, number: u64) {
        self.transaction.records.push(Record::Delete { table, number });
    }
}
