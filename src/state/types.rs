//! What the state hands out and takes: IDs, messages, waits and what ends them, counts.
//!
//! Plain data; may use `value`; changes nothing.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::Error;
use crate::value::Value;

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

/// A session, as the state knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub u64);

/// How much may be on its way to a session, in bytes of messages: past that they wait in the inbox.
const WINDOW_BYTES: usize = 262_144;

/// What is on its way to a session; shared with whoever writes it.
#[derive(Debug)]
pub struct Window {
    session: SessionId,
    used: AtomicUsize,
    /// What had no room when it was last asked for.
    wanted: AtomicUsize,
}

impl Window {
    /// The window of a new session.
    #[must_use]
    pub fn new(session: SessionId) -> Window {
        Window { session, used: AtomicUsize::new(0), wanted: AtomicUsize::new(0) }
    }

    /// Whose it is.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// So many bytes are no longer on their way.
    pub fn release(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::AcqRel);
    }

    /// Whether at least half of it is free, and there is room for what had none.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let used = self.used.load(Ordering::Acquire);
        let wanted = self.wanted.load(Ordering::Acquire).max(WINDOW_BYTES / 2);
        used == 0 || used.saturating_add(wanted) <= WINDOW_BYTES
    }

    /// Takes so many bytes; false where there is no room. One message always fits, so that none is stuck.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        let fits = |used: usize| {
            let grown = used.saturating_add(bytes);
            (used == 0 || grown <= WINDOW_BYTES).then_some(grown)
        };
        let has = self.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, fits).is_ok();
        self.wanted.store(if has { 0 } else { bytes }, Ordering::Release);
        has
    }
}

/// A message that left for sessions.
#[derive(Debug)]
pub struct Push {
    /// Its row, for `arrived` and `push_back`.
    pub row: u64,
    /// The message.
    pub message: Arc<Message>,
    /// What it takes of each receiver's window.
    pub size: usize,
    /// The number of each delivery, and whose it is.
    pub receivers: Vec<(u64, Arc<Window>)>,
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
