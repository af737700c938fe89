//! The rules, in memory: clients, groups, inboxes, the registry, queues, watches, expiry.
//!
//! No I/O, no tokio, no Rhai, no clock and no randomness of its own: the moment and fresh IDs are handed in.
//! Every change goes through a transaction (`begin` … `commit` or `rollback`) and leaves records for the
//! journal and an undo entry. May use `value`, `config` and `clock`.

mod clients;
mod dictionary;
mod due;
mod error;
mod groups;
mod inbox;
mod leases;
mod pattern;
mod queues;
mod record;
mod registry;
mod restore;
mod rules;
mod transaction;
mod waiting;
mod watches;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::config::Limits;
use crate::value::Value;

use clients::Client;
use dictionary::Dictionary;
use due::Schedule;
pub use error::Error;
use groups::Group;
pub use pattern::{PATTERN_CHARACTERS_MAX, Pattern};
use queues::Queue;
pub use record::{Commit, Content, Record, Row, Table};
use transaction::Transaction;
use waiting::Waiters;
use watches::Watches;

/// What an operation on the state answers.
pub type Result<T> = std::result::Result<T, Error>;

/// The ID of a client: 8 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId([u8; 8]);

impl ClientId {
    /// The ID written as `text`, if that is 8 of A–Z, a–z, 0–9.
    #[must_use]
    pub fn parse(text: &str) -> Option<ClientId> {
        let bytes: [u8; 8] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(ClientId(bytes))
    }

    /// The ID as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for ClientId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Makes IDs nobody has guessed; handed in.
pub trait FreshIds: Send {
    /// A new ID, from a cryptographic generator outside of tests.
    fn fresh(&mut self) -> ClientId;
}

/// A message, as it waits in an inbox. Its number is the delivery's.
#[derive(Clone, Debug)]
pub struct Message {
    /// When it was sent: microseconds since 1970.
    pub at: i64,
    /// Who sent it: a client's ID, or a server-owned name.
    pub from: Arc<str>,
    /// Where it was sent to, as the sender wrote it.
    pub to: Arc<str>,
    /// The event's name, if it was emitted.
    pub event: Option<Arc<str>>,
    /// What it says.
    pub body: Value,
}

/// A message as its receiver gets it.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its number: what `ack` takes.
    pub number: u64,
    /// The message.
    pub message: Arc<Message>,
}

/// What `who` tells of a client.
#[derive(Clone, Debug)]
pub struct ClientInfo {
    /// Its ID.
    pub id: ClientId,
    /// Its display name.
    pub name: Option<Arc<str>>,
    /// The groups it is in, sorted, with `ALL`.
    pub groups: Vec<Arc<str>>,
    /// The address of its last request.
    pub address: Option<IpAddr>,
    /// Whether it has a session.
    pub connected: bool,
    /// Since its last request.
    pub idle: Duration,
    /// Messages that wait for it.
    pub pending: usize,
}

/// A wait that nobody fulfilled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WaiterId(pub u64);

/// What to wait for: the value of an expression such as `recv(id, 30)`.
#[derive(Clone, Debug)]
pub enum Wait {
    /// `recv(id, seconds[, event])`: the oldest message, or the oldest whose event matches the pattern.
    Message {
        /// Whose inbox.
        client: ClientId,
        /// The pattern of the event.
        event: Option<Arc<str>>,
    },
    /// `get(queue, seconds)`
    Item {
        /// The queue.
        queue: Arc<str>,
    },
    /// `waitReg(key, old, seconds)`: the value once it differs from `old`.
    Changed {
        /// The key.
        key: Arc<str>,
        /// What it is now, as the caller believes.
        old: Value,
    },
}

/// What ended a wait.
#[derive(Clone, Debug)]
pub enum Fulfilment {
    /// The message, taken out of the inbox.
    Message(Received),
    /// The item, taken out of the queue.
    Item {
        /// Its number.
        number: u64,
        /// The item.
        value: Value,
    },
    /// The value that differs.
    Changed(Value),
    /// What was waited on is gone: the queue or the client was closed.
    Closed(Error),
}

/// Which of the two dictionaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// The registry, with its dotted keys.
    Registry,
    /// Names assigned at top level.
    Names,
}

/// How many of everything there is, for `server.*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Live clients.
    pub clients: usize,
    /// Groups with a member, `ALL` not counted.
    pub groups: usize,
    /// Registry keys.
    pub keys: usize,
    /// Queues.
    pub queues: usize,
    /// Messages that wait in all inboxes.
    pub messages: usize,
    /// Messages that full inboxes dropped since the start.
    pub dropped: u64,
}

/// Everything that clients share.
pub struct State {
    limits: Limits,
    client_expiry: Duration,
    ids: Box<dyn FreshIds>,
    now: Moment,
    next_number: u64,
    sequence: u64,
    transaction: Transaction,
    schedule: Schedule,
    /// By number, so in the order in which they came.
    clients: BTreeMap<u64, Client>,
    by_id: HashMap<ClientId, u64>,
    by_name: HashMap<Arc<str>, u64>,
    /// IDs that expired less than a day ago: the number of the row, and until when they are remembered.
    expired: HashMap<ClientId, (u64, Duration)>,
    groups: BTreeMap<Arc<str>, Group>,
    /// Messages that wait in several inboxes, by the number of their row: and in how many.
    contents: HashMap<u64, usize>,
    registry: Dictionary,
    names: Dictionary,
    queues: BTreeMap<Arc<str>, Queue>,
    watches: Watches,
    waiters: Waiters,
    loose: restore::Loose,
    /// Bytes in all inboxes, the registry, the names and the queues.
    bytes: usize,
    dropped: u64,
}

impl State {
    /// An empty state. `client_expiry`: the silence after which a client is forgotten.
    #[must_use]
    pub fn new(limits: Limits, client_expiry: Duration, ids: Box<dyn FreshIds>) -> State {
        State {
            limits,
            client_expiry,
            ids,
            now: Moment::default(),
            next_number: 1,
            sequence: 0,
            transaction: Transaction::default(),
            schedule: Schedule::default(),
            clients: BTreeMap::new(),
            by_id: HashMap::new(),
            by_name: HashMap::new(),
            expired: HashMap::new(),
            groups: BTreeMap::new(),
            contents: HashMap::new(),
            registry: Dictionary::default(),
            names: Dictionary::default(),
            queues: BTreeMap::new(),
            watches: Watches::default(),
            waiters: Waiters::default(),
            loose: restore::Loose::default(),
            bytes: 0,
            dropped: 0,
        }
    }

    /// The number of the last commit that held a record.
    #[must_use]
    pub fn last_sequence(&self) -> u64 {
        self.sequence
    }

    /// How many of everything there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            clients: self.clients.len(),
            groups: self.groups.len(),
            keys: self.registry.len(),
            queues: self.queues.len(),
            messages: self.clients.values().map(|client| client.inbox.len()).sum(),
            dropped: self.dropped,
        }
    }

    /// The next number for a row.
    fn number(&mut self) -> u64 {
        // Numbers that a rollback leaves unused are harmless.
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    /// A deadline as the wall clock will show it.
    fn wall(&self, deadline: Duration) -> i64 {
        let ahead = deadline.saturating_sub(self.now.monotonic);
        self.now.unix_micros.saturating_add(i64::try_from(ahead.as_micros()).unwrap_or(i64::MAX))
    }

    /// Counts bytes that are about to be stored.
    fn grow(&mut self, bytes: usize) -> Result<()> {
        let grown = self.bytes.saturating_add(bytes);
        if grown > self.limits.state_bytes_max {
            return Err(Error::limit("state_bytes_max", self.limits.state_bytes_max));
        }
        self.bytes = grown;
        self.undo(move |state| state.bytes -= bytes);
        Ok(())
    }

    /// Counts bytes that are no longer stored.
    fn shrink(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.undo(move |state| state.bytes += bytes);
    }
}
