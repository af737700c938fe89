//! The rules, in memory: clients, groups, inboxes, the registry, queues, watches, expiry.
//!
//! No I/O, no tokio, no Rhai, no clock and no randomness of its own: the moment and fresh IDs are handed in.
//! Every change goes through a transaction (`begin` … `commit` or `rollback`) and leaves records for the
//! journal and an undo entry. May use `value`, `config` and `clock`.
//!
//! How a change is built: each table has one `swap_…` that puts a row into its slot, or takes it out, and keeps
//! every index, deadline and byte count true; it is its own inverse. A `change_…` calls it and notes the record
//! and the undo entry. The rules call `change_…` only.

mod blocks;
mod check;
mod clients;
mod content;
mod deadline;
mod departure;
mod directory;
mod error;
mod expiry;
mod groups;
mod inboxes;
mod line;
mod messages;
mod overflow;
mod pattern;
mod pushes;
mod queues;
mod record;
mod registry;
mod restore;
mod rows;
mod scan;
mod transaction;
mod types;
mod waiters;
mod watch_index;
mod watches;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;

use crate::clock::Moment;
use crate::config::Limits;

use deadline::Due;
use directory::Directory;
use restore::Restoring;
use rows::{Clients, Dictionary, Flight, Queue, Shared, Tombstones};
use transaction::Transaction;
use waiters::Waiters;
use watch_index::WatchIndex;

pub use error::Error;
pub use pattern::{PATTERN_CHARACTERS_MAX, Pattern};
pub use record::{Commit, Content, Record, Row, Table};
pub use scan::Scan;
pub use types::{
    ClientId, ClientInfo, Counts, FreshIds, Fulfilment, Message, Push, Received, SessionId, Space, Wait,
    WaiterId, Window,
};

/// What an operation on the state answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that clients share.
pub struct State {
    limits: Limits,
    client_expiry: Duration,
    ids: Box<dyn FreshIds>,
    now: Moment,
    next_number: u64,
    transaction: Transaction,
    clients: Clients,
    tombstones: Tombstones,
    /// Each group's members in order of joining: the number of the membership, and of the client.
    groups: BTreeMap<Arc<str>, BTreeMap<u64, u64>>,
    /// Messages that wait in several inboxes, by the number of their row.
    contents: AHashMap<u64, Shared>,
    /// Messages on their way to sessions, by the number of their row.
    flights: AHashMap<u64, Flight>,
    registry: Dictionary,
    names: Dictionary,
    queues: Directory<Box<Queue>>,
    watches: WatchIndex,
    waiters: Waiters,
    deadlines: BTreeSet<(Duration, Due)>,
    /// What `state_bytes_max` counts.
    bytes: usize,
    /// Messages in all inboxes.
    messages: usize,
    /// Messages that full inboxes dropped.
    dropped: u64,
    /// While the journal's rows come in.
    restoring: Option<Box<Restoring>>,
}

impl State {
    /// An empty state. A client with no request for `client_expiry`, at least a second, and no session is gone.
    #[must_use]
    pub fn new(limits: Limits, client_expiry: Duration, ids: Box<dyn FreshIds>) -> State {
        State {
            limits,
            client_expiry: client_expiry.max(Duration::from_secs(1)),
            ids,
            now: Moment::default(),
            next_number: 1,
            transaction: Transaction::default(),
            clients: Clients::default(),
            tombstones: Tombstones::default(),
            groups: BTreeMap::new(),
            contents: AHashMap::new(),
            flights: AHashMap::new(),
            registry: Dictionary::default(),
            names: Dictionary::default(),
            queues: Directory::default(),
            watches: WatchIndex::default(),
            waiters: Waiters::default(),
            deadlines: BTreeSet::new(),
            bytes: 0,
            messages: 0,
            dropped: 0,
            restoring: None,
        }
    }

    /// The number of the last commit that held a record; 0 before the first.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.transaction.sequence
    }

    /// How many of everything there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            clients: self.clients.live.len(),
            groups: self.groups.len(),
            keys: self.len(Space::Registry),
            queues: self.queues.len(),
            messages: self.messages,
            dropped: self.dropped,
        }
    }

    /// Whether `added` bytes more, with `freed` bytes less, stay within `state_bytes_max`. What frees as much as
    /// it adds is always allowed, so that a state that is full can be changed and emptied.
    fn room_for(&self, added: usize, freed: usize) -> Result<()> {
        let max = self.limits.state_bytes_max;
        if added <= freed || self.bytes.saturating_sub(freed).saturating_add(added) <= max {
            return Ok(());
        }
        Err(check::limit("state_bytes_max", max, ""))
    }

    fn account(&mut self, added: usize, freed: usize) {
        self.bytes = self.bytes.saturating_add(added).saturating_sub(freed);
    }
}

/// What a map holds under keys that begin with `prefix`, in order.
fn range<'a, T>(
    map: &'a BTreeMap<Arc<str>, T>,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a Arc<str>, &'a T)> {
    map.range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .take_while(move |(key, _)| key.starts_with(prefix))
}
