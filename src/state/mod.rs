//! The rules, in memory: clients, groups, inboxes, the registry, queues, watches, expiry.
//!
//! No I/O, no tokio, no Rhai, no clock and no randomness of its own: the moment and fresh IDs are handed in.
//! Every change goes through a transaction (`begin` … `commit` or `rollback`) and leaves records for the
//! journal and an undo entry. May use `value`, `config` and `clock`.

mod error;
mod record;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Moment;
use crate::config::Limits;
use crate::value::Value;

pub use error::Error;
pub use record::{Commit, Content, Record, Row, Table};

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
    /// `take(queue, seconds)` gives a lease; it does not wait, see `State::take`.
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
    #[expect(dead_code, reason = "skeleton")]
    limits: Limits,
}

#[expect(clippy::todo, clippy::unused_self, unused_variables, reason = "skeleton")]
#[allow(missing_docs, clippy::missing_errors_doc)]
impl State {
    // ---- life -------------------------------------------------------------------------------------------
    pub fn new(limits: Limits, client_expiry: Duration, ids: Box<dyn FreshIds>) -> State {
        todo!()
    }
    /// At the start: one row of the journal. Rows come table by table in the order of `Table`, by rising number.
    pub fn restore(&mut self, number: u64, row: Row) {
        todo!()
    }
    /// Ends the restore: everyone gets the full time to expiry; wall deadlines become monotonic ones, never
    /// longer than they were when set. Orphans (a row whose owner is missing) are dropped.
    pub fn restored(&mut self, next_number: u64, now: Moment) {
        todo!()
    }

    // ---- transactions -----------------------------------------------------------------------------------
    /// Begins a transaction; first does what is due by `now` (expiry, ttl, leases), which a rollback keeps.
    pub fn begin(&mut self, now: Moment) {
        todo!()
    }
    /// Ends it, keeping all changes: fulfils waits that became possible and hands the records over.
    pub fn commit(&mut self) -> Commit {
        todo!()
    }
    /// Ends it, undoing all changes since `begin`; the commit holds what was due by itself, or nothing.
    pub fn rollback(&mut self) -> Commit {
        todo!()
    }
    /// The number of the last commit that held a record.
    pub fn last_sequence(&self) -> u64 {
        todo!()
    }
    pub fn counts(&self) -> Counts {
        todo!()
    }
    /// Takes note of a request or an error for counters is not here: the pipeline counts those.

    // ---- clients ----------------------------------------------------------------------------------------
    /// getClientID: with the name of a live client, that client; else a new one.
    pub fn client(&mut self, name: Option<&str>, address: IpAddr) -> Result<ClientId> {
        todo!()
    }
    /// The live client of this ID or name, which made a request just now: counts as a sign of life. An ID that
    /// expired less than 24 h ago is made anew (with its notice from SYSTEM).
    pub fn caller(&mut self, id_or_name: &str, address: IpAddr) -> Result<ClientId> {
        todo!()
    }
    /// The live client of this ID or name, without a sign of life.
    pub fn find(&self, id_or_name: &str) -> Result<ClientId> {
        todo!()
    }
    pub fn name_of(&self, client: ClientId) -> Option<Arc<str>> {
        todo!()
    }
    pub fn exit(&mut self, client: ClientId) -> Result<()> {
        todo!()
    }
    /// `''` takes the name away.
    pub fn set_name(&mut self, client: ClientId, name: &str) -> Result<()> {
        todo!()
    }
    pub fn who(&self, pattern: Option<&str>) -> Result<Vec<ClientInfo>> {
        todo!()
    }
    /// A session opened or closed for the client: while one is open it does not expire.
    pub fn connected(&mut self, client: ClientId, connected: bool) -> Result<()> {
        todo!()
    }

    // ---- groups and messages ----------------------------------------------------------------------------
    pub fn join(&mut self, client: ClientId, group: &str) -> Result<()> {
        todo!()
    }
    pub fn leave(&mut self, client: ClientId, group: &str) -> Result<()> {
        todo!()
    }
    /// All groups with a member and `ALL`, or those of one client; sorted.
    pub fn groups(&self, client: Option<ClientId>) -> Result<Vec<Arc<str>>> {
        todo!()
    }
    /// IDs, in order of joining.
    pub fn members(&self, group: &str) -> Result<Vec<ClientId>> {
        todo!()
    }
    /// From a client to a group, an ID or a name. SYSTEM, SQLite and REGISTRY as destinations are the functions'
    /// business and do not come here; NOPLY is denied here. Answers `++ping`.
    pub fn send(&mut self, from: ClientId, to: &str, event: Option<&str>, body: Value) -> Result<()> {
        todo!()
    }
    /// From a server-owned name (`SYSTEM`, `SQLite`, `REGISTRY`, `EVENTS`, `NOPLY`) to one client.
    pub fn notify(
        &mut self,
        from: &'static str,
        to: ClientId,
        event: Option<&str>,
        body: Value,
    ) -> Result<()> {
        todo!()
    }
    /// The oldest message (or the oldest whose event matches the pattern), removed.
    pub fn recv(&mut self, client: ClientId, event: Option<&str>) -> Result<Option<Received>> {
        todo!()
    }
    pub fn pending(&self, client: ClientId) -> Result<usize> {
        todo!()
    }
    /// The oldest message, hidden until acknowledged or the time is over.
    pub fn lease(&mut self, client: ClientId, time: Duration) -> Result<Option<Received>> {
        todo!()
    }
    /// Acknowledges: the message is gone. `state` error where nothing of that number is leased.
    pub fn ack(&mut self, client: ClientId, number: u64) -> Result<()> {
        todo!()
    }

    // ---- the registry and the shared names --------------------------------------------------------------
    pub fn set(&mut self, space: Space, key: &str, value: Value, ttl: Option<Duration>) -> Result<()> {
        todo!()
    }
    /// The value (a clone costs a reference count), if there is one and it did not expire.
    pub fn get(&self, space: Space, key: &str) -> Option<Value> {
        todo!()
    }
    /// Removes one key; the value it had.
    pub fn remove(&mut self, space: Space, key: &str) -> Result<Option<Value>> {
        todo!()
    }
    pub fn len(&self, space: Space) -> usize {
        todo!()
    }
    /// Matching registry keys with their values, in key order; `None` is all.
    pub fn entries(&self, pattern: Option<&str>) -> Result<Vec<(Arc<str>, Value)>> {
        todo!()
    }
    /// Matching registry keys, sorted.
    pub fn keys(&self, pattern: Option<&str>) -> Result<Vec<Arc<str>>> {
        todo!()
    }
    /// Removes every registry key that matches; how many.
    pub fn delete(&mut self, pattern: &str) -> Result<usize> {
        todo!()
    }
    /// Atomic add of an int or a float; a missing key counts as 0; keeps a ttl. The new value.
    pub fn incr(&mut self, key: &str, by: Value) -> Result<Value> {
        todo!()
    }
    /// Sets `new` if the value equals `old` (a missing key is None); whether it did.
    pub fn swap(&mut self, key: &str, old: &Value, new: Value) -> Result<bool> {
        todo!()
    }
    /// Since the key was last set.
    pub fn age(&self, key: &str) -> Option<Duration> {
        todo!()
    }
    pub fn watch(&mut self, client: ClientId, pattern: &str) -> Result<()> {
        todo!()
    }
    /// Takes one watch away, or all of the client's.
    pub fn unwatch(&mut self, client: ClientId, pattern: Option<&str>) -> Result<()> {
        todo!()
    }

    // ---- queues -----------------------------------------------------------------------------------------
    pub fn put(&mut self, queue: &str, value: Value) -> Result<()> {
        todo!()
    }
    /// The oldest item, removed.
    pub fn take_out(&mut self, queue: &str) -> Result<Option<Value>> {
        todo!()
    }
    /// The oldest item and its number, hidden until done or the time is over.
    pub fn take(&mut self, queue: &str, time: Duration) -> Result<Option<(u64, Value)>> {
        todo!()
    }
    pub fn done(&mut self, queue: &str, number: u64) -> Result<()> {
        todo!()
    }
    /// Items that can be had now (taken ones not counted); 0 for no such queue.
    pub fn size(&self, queue: &str) -> Result<usize> {
        todo!()
    }
    pub fn queues(&self, pattern: Option<&str>) -> Result<Vec<Arc<str>>> {
        todo!()
    }
    /// Removes the queue; waiters get `Closed`. How many items went.
    pub fn drop_queue(&mut self, queue: &str) -> Result<usize> {
        todo!()
    }

    // ---- waiting ----------------------------------------------------------------------------------------
    /// Fulfils the wait at once if that is possible (inside the transaction), else parks it behind the earlier
    /// waiters of the same thing and gives its ID.
    pub fn wait(&mut self, wait: Wait) -> Result<std::result::Result<Fulfilment, WaiterId>> {
        todo!()
    }
    /// Forgets a parked wait (time over, connection gone). False where it was fulfilled already.
    pub fn cancel(&mut self, waiter: WaiterId) -> bool {
        todo!()
    }
    /// Gives back what fulfilled a wait whose connection vanished before it was told: to the head of its inbox
    /// or queue.
    pub fn give_back(&mut self, wait: &Wait, fulfilment: Fulfilment) {
        todo!()
    }
}
