//! Transactions: what an expression changed, how that is undone, and what is handed to the journal.
//!
//! Owns the records and undo entries of the transaction that runs; the tables' `swap_…` do the undoing.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::rows::{
    Client, Delivery, Entry, Flight, Item, Queue, Session, Shared, Tombstone, Touched, Waiter,
};
use super::{ClientId, Commit, Fulfilment, Push, Record, Row, SessionId, Space, State, Table, WaiterId};
use crate::clock::Moment;

/// Entries for which a transaction that is over keeps the room.
const KEPT_ROOM: usize = 1_024;

/// What the running transaction did.
#[derive(Default)]
pub(super) struct Transaction {
    active: bool,
    /// The first number that this transaction can have given.
    first_number: u64,
    /// The number of the last commit that held a record.
    pub sequence: u64,
    pub records: Vec<Record>,
    pub undo: Vec<Undo>,
    pub touched: Vec<Touched>,
    pub fulfilled: Vec<(WaiterId, Fulfilment)>,
    pub pushes: Vec<Push>,
    /// Sessions with something in the inbox to be pushed.
    pub behind: Vec<SessionId>,
    /// Sessions whose client is gone.
    pub ended: Vec<SessionId>,
    kept: Kept,
}

/// How much of the above a rollback keeps: what was due by itself.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Kept {
    records: usize,
    touched: usize,
    fulfilled: usize,
    pushes: usize,
    ended: usize,
}

impl Transaction {
    /// Written only where it is another: the threads that read take turns at the state, and what one of them writes
    /// the next has to fetch.
    fn keep(&mut self, kept: Kept) {
        if self.kept != kept {
            self.kept = kept;
        }
    }
}

/// What is in it, if anything: an empty one is not written to.
fn taken<T>(all: &mut Vec<T>) -> Vec<T> {
    if all.is_empty() { Vec::new() } else { std::mem::take(all) }
}

/// A slot of a table and what was in it.
pub(super) enum Undo {
    Client { number: u64, was: Option<Box<Client>> },
    Name { client: u64, was: Option<Arc<str>> },
    Session { client: u64, was: Option<Session> },
    Flight { row: u64, was: Option<Flight> },
    Member { group: Arc<str>, client: u64, was: Option<u64> },
    Delivery { client: u64, number: u64, was: Option<Delivery> },
    Content { number: u64, was: Option<Shared> },
    Dropped(u64),
    Entry { space: Space, key: Arc<str>, was: Option<Box<Entry>> },
    Queue { name: Arc<str>, was: Option<Box<Queue>> },
    Item { queue: Arc<str>, number: u64, was: Option<Item> },
    Watch { client: u64, pattern: Arc<str>, was: Option<u64> },
    Tombstone { id: ClientId, was: Option<Tombstone> },
    Waiter { id: WaiterId, was: Option<Box<Waiter>> },
}

impl State {
    /// Begins a transaction; first does what is due by `now` (expiry, times to live, leases), which a rollback
    /// keeps. A bounded part of it: what is left is done by the next `begin`, and nobody sees it meanwhile.
    /// A transaction that never ended is undone.
    pub fn begin(&mut self, now: Moment) {
        if self.transaction.active {
            self.undo_all();
        }
        self.now = now;
        self.transaction.active = true;
        self.transaction.first_number = self.next_number;
        self.sweep();
        let transaction = &mut self.transaction;
        if !transaction.undo.is_empty() {
            transaction.undo.clear();
        }
        transaction.keep(Kept {
            records: transaction.records.len(),
            touched: transaction.touched.len(),
            fulfilled: transaction.fulfilled.len(),
            pushes: transaction.pushes.len(),
            ended: transaction.ended.len(),
        });
    }

    /// Ends the transaction, keeping all changes: fulfils the waits that became possible and hands the records
    /// over. The sequence grows where there is a record.
    pub fn commit(&mut self) -> Commit {
        self.end()
    }

    /// Ends the transaction, undoing all changes since `begin`; the commit holds what was due by itself, or
    /// nothing.
    pub fn rollback(&mut self) -> Commit {
        self.undo_all();
        self.end()
    }

    /// Takes back what is left of a commit that was handed over: its room is for the next records.
    pub fn reuse(&mut self, commit: Commit) {
        let mut records = commit.records;
        records.clear();
        let own = &mut self.transaction.records;
        if own.is_empty() && own.capacity() < records.capacity() && records.capacity() <= KEPT_ROOM {
            *own = records;
        }
    }

    /// How many changes the running transaction made.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.transaction.undo.len()
    }

    fn end(&mut self) -> Commit {
        self.fulfil_touched();
        let next_number = self.next_number;
        let next_deadline = self.next_deadline();
        let transaction = &mut self.transaction;
        transaction.active = false;
        if !transaction.undo.is_empty() {
            transaction.undo.clear();
            // What was large once need not stay so.
            transaction.undo.shrink_to(KEPT_ROOM);
        }
        transaction.keep(Kept::default());
        if !transaction.records.is_empty() {
            transaction.sequence += 1;
        }
        Commit {
            sequence: transaction.sequence,
            records: taken(&mut transaction.records),
            next_number,
            fulfilled: taken(&mut transaction.fulfilled),
            pushes: taken(&mut transaction.pushes),
            behind: taken(&mut transaction.behind),
            ended: taken(&mut transaction.ended),
            next_deadline,
        }
    }

    pub(super) fn undo_all(&mut self) {
        while let Some(entry) = self.transaction.undo.pop() {
            self.undo(entry);
        }
        let transaction = &mut self.transaction;
        transaction.records.truncate(transaction.kept.records);
        transaction.touched.truncate(transaction.kept.touched);
        transaction.fulfilled.truncate(transaction.kept.fulfilled);
        transaction.ended.truncate(transaction.kept.ended);
        transaction.records.shrink_to(KEPT_ROOM);
        transaction.undo.shrink_to(KEPT_ROOM);
        for push in transaction.pushes.drain(transaction.kept.pushes..) {
            push.receivers.iter().for_each(|(_, window)| window.release(push.size));
        }
    }

    fn undo(&mut self, entry: Undo) {
        match entry {
            Undo::Client { number, was } => drop(self.swap_client(number, was)),
            Undo::Name { client, was } => drop(self.swap_name(client, was)),
            Undo::Session { client, was } => drop(self.swap_session(client, was)),
            Undo::Flight { row, was } => drop(self.swap_flight(row, was)),
            Undo::Member { group, client, was } => {
                self.swap_member(&group, client, was);
            }
            Undo::Delivery { client, number, was } => drop(self.swap_delivery(client, number, was)),
            Undo::Content { number, was } => drop(self.swap_content(number, was)),
            Undo::Dropped(was) => self.dropped = was,
            Undo::Entry { space, key, was } => drop(self.swap_entry(space, Cow::Borrowed(&key), was)),
            Undo::Queue { name, was } => drop(self.swap_queue(&name, was)),
            Undo::Item { queue, number, was } => drop(self.swap_item(&queue, number, was)),
            Undo::Watch { client, pattern, was } => {
                self.swap_watch(client, &pattern, was);
            }
            Undo::Tombstone { id, was } => {
                self.swap_tombstone(id, was);
            }
            Undo::Waiter { id, was } => drop(self.swap_waiter(id, was)),
        }
    }

    /// A number that no row has had.
    pub(super) fn allocate(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// Notes that a row is there or has changed; `existed` says whether there was one of that number just now.
    /// A number of an earlier transaction never counts as fresh, for its row may be on the disk.
    pub(super) fn record_put(&mut self, number: u64, row: Row, existed: bool) {
        let fresh = !existed && number >= self.transaction.first_number;
        self.transaction.records.push(Record::Put { number, row, fresh });
    }

    /// Notes that a row is gone.
    pub(super) fn record_delete(&mut self, table: Table, number: u64) {
        self.transaction.records.push(Record::Delete { table, number });
    }

    fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(at, _)| *at)
    }
}
