//! What the tables hold in memory, a row each, and what each row counts towards the limits.
//!
//! Plain data that every table and the transaction's undo entries share; changes nothing by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ahash::AHashMap;

use super::deadline::Deadline;
use super::directory::Directory;
use super::line::{Line, Place};
use super::{ClientId, Content, Message, Pattern, Row, Space, Window};
use crate::value::Value;

/// What a delivery counts towards `state_bytes_max`, beside its content.
pub(super) const DELIVERY_BYTES: usize = 64;
/// What a message counts, beside its text and body.
const MESSAGE_BYTES: usize = 64;
/// What an item counts, beside its value.
const ITEM_BYTES: usize = 64;
/// What a queue counts, beside its name and items.
pub(super) const QUEUE_BYTES: usize = 128;
/// What a key counts, beside its text and value.
const ENTRY_BYTES: usize = 64;

/// A parked wait counts nothing up to here.
const WAITER_BYTES: usize = 256;

/// The notice of a full inbox, for one message and for more.
pub(super) const ONE_DROPPED: &str = "1 message was dropped: this inbox was full";
pub(super) const MANY_DROPPED: &str = " messages were dropped: this inbox was full";

/// Live clients.
#[derive(Default)]
pub(super) struct Clients {
    /// By number.
    pub live: AHashMap<u64, Box<Client>>,
    /// Their numbers, which is the order of their creation.
    pub order: BTreeSet<u64>,
    pub by_id: AHashMap<ClientId, u64>,
    pub by_name: AHashMap<Arc<str>, u64>,
}

/// A live client.
pub(super) struct Client {
    pub id: ClientId,
    /// The ID as text, shared by all that it sends.
    pub text: Arc<str>,
    pub name: Option<Arc<str>>,
    /// Its memberships: group and number of the row.
    pub groups: BTreeMap<Arc<str>, u64>,
    /// Its watches: pattern and number of the row.
    pub watches: BTreeMap<Arc<str>, u64>,
    pub inbox: Line<Delivery>,
    pub session: Option<Session>,
    pub address: Option<IpAddr>,
    pub last_seen: Duration,
    /// When the sweep looks at it next; not before it can have expired.
    pub look_at: Duration,
}

impl Client {
    pub(super) fn new(id: ClientId, name: Option<Arc<str>>, now: Duration, expiry: Duration) -> Client {
        Client {
            id,
            text: Arc::from(id.as_str()),
            name,
            groups: BTreeMap::new(),
            watches: BTreeMap::new(),
            inbox: Line::default(),
            session: None,
            address: None,
            last_seen: now,
            look_at: now.saturating_add(expiry),
        }
    }

    /// What it is called: its name, else its ID.
    pub(super) fn called(&self) -> Arc<str> {
        self.name.clone().unwrap_or_else(|| Arc::clone(&self.text))
    }

    /// Its name as a value.
    pub(super) fn name_value(&self) -> Value {
        self.name.clone().map_or(Value::None, Value::from)
    }
}

/// The session of a client.
#[derive(Clone)]
pub(super) struct Session {
    pub window: Arc<Window>,
    /// Messages are pushed to it.
    pub listening: bool,
    /// Something waits in the inbox that must be pushed before anything else.
    pub behind: bool,
}

/// A message on its way to sessions.
#[derive(Clone)]
pub(super) struct Flight {
    pub message: Arc<Message>,
    /// What the message counts in an inbox.
    pub size: usize,
    /// Who does not have it yet: the number of the delivery, and of its client.
    pub receivers: Arc<[(u64, u64)]>,
}

impl Flight {
    /// What it counts towards `state_bytes_max`.
    pub(super) fn cost(&self) -> usize {
        self.size + DELIVERY_BYTES * self.receivers.len()
    }
}

/// IDs that expired.
#[derive(Default)]
pub(super) struct Tombstones {
    pub by_id: AHashMap<ClientId, Tombstone>,
    pub by_number: BTreeMap<u64, ClientId>,
}

/// An ID that expired.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tombstone {
    pub number: u64,
    /// When it expired: microseconds since 1970.
    pub at: i64,
    /// When it is forgotten, in monotonic time.
    pub until: Duration,
}

/// A message that waits in several inboxes.
pub(super) struct Shared {
    pub message: Arc<Message>,
    /// What the content counts, once, towards `state_bytes_max`.
    pub bytes: usize,
    /// How many deliveries there are. Kept by `swap_delivery`.
    pub references: usize,
}

/// A message in one inbox.
#[derive(Clone)]
pub(super) struct Delivery {
    pub message: Arc<Message>,
    /// The content row, where it shares one.
    pub content: Option<u64>,
    /// What the message counts in its inbox.
    pub size: usize,
    /// Until when a lease hides it.
    pub until: Option<Deadline>,
    /// Where this is the notice of a full inbox: how many messages it tells of.
    pub notice_of: Option<u64>,
}

impl Delivery {
    /// A delivery that is not hidden.
    pub(super) fn new(message: Arc<Message>, content: Option<u64>, size: usize) -> Delivery {
        let notice_of = notice_count(&message);
        Delivery { message, content, size, until: None, notice_of }
    }

    /// What it counts towards `state_bytes_max`; shared content counts with its own row.
    pub(super) fn cost(&self) -> usize {
        DELIVERY_BYTES + if self.content.is_some() { 0 } else { self.size }
    }

    pub(super) fn row(&self, client: u64) -> Row {
        let content = match self.content {
            Some(number) => Content::Shared(number),
            None => Content::Own(Arc::clone(&self.message)),
        };
        Row::Delivery { client, content, leased_until: self.until.map(|until| until.wall) }
    }
}

impl Place for Delivery {
    fn bytes(&self) -> usize {
        self.size
    }

    fn until(&self) -> Option<Deadline> {
        self.until
    }
}

/// What a message counts in an inbox.
pub(super) fn message_size(message: &Message) -> usize {
    let event = message.event.as_ref().map_or(0, |event| event.len());
    MESSAGE_BYTES + message.from.len() + message.to.len() + event + message.body.measure().bytes
}

/// How many messages this one tells of, where it is the notice of a full inbox. No client can send one, for none
/// can send from `SYSTEM`.
fn notice_count(message: &Message) -> Option<u64> {
    if &*message.from != "SYSTEM" || message.event.is_some() {
        return None;
    }
    let Value::Str(text) = &message.body else { return None };
    if &**text == ONE_DROPPED { Some(1) } else { text.strip_suffix(MANY_DROPPED)?.parse().ok() }
}

/// A queue.
pub(super) struct Queue {
    pub number: u64,
    pub line: Line<Item>,
}

/// An item of a queue.
#[derive(Clone)]
pub(super) struct Item {
    pub value: Value,
    pub cost: usize,
    /// Until when it is taken.
    pub until: Option<Deadline>,
}

impl Item {
    pub(super) fn new(value: Value, value_bytes: usize) -> Item {
        Item { value, cost: ITEM_BYTES + value_bytes, until: None }
    }

    pub(super) fn row(&self, queue: u64) -> Row {
        let taken_until = self.until.map(|until| until.wall);
        Row::Item { queue, value: self.value.clone(), taken_until }
    }
}

impl Place for Item {
    fn bytes(&self) -> usize {
        self.cost
    }

    fn until(&self) -> Option<Deadline> {
        self.until
    }
}

/// One of the two dictionaries.
#[derive(Default)]
pub(super) struct Dictionary {
    pub entries: Directory<Box<Entry>>,
    /// What `registry_bytes_max` counts.
    pub bytes: usize,
}

/// The value of a key.
#[derive(Clone)]
pub(super) struct Entry {
    pub number: u64,
    pub value: Value,
    /// What key and value count.
    pub cost: usize,
    /// Microseconds since 1970.
    pub set_at: i64,
    /// When it was set, in microseconds of monotonic time; before 0 where that was before the daemon's clock began.
    pub set_at_monotonic: i64,
    /// Rare, so not worth its room in every entry.
    pub expires: Option<Box<Deadline>>,
}

impl Entry {
    pub(super) fn cost(key: &str, value_bytes: usize) -> usize {
        ENTRY_BYTES + key.len() + value_bytes
    }

    pub(super) fn row(&self, space: Space, key: &Arc<str>) -> Row {
        let (key, value) = (Arc::clone(key), self.value.clone());
        match space {
            Space::Names => Row::Name { name: key, value },
            Space::Registry => Row::Key {
                key,
                value,
                set_at: self.set_at,
                expires_at: self.expires.as_ref().map(|expires| expires.wall),
            },
        }
    }
}

/// A parked wait.
pub(super) struct Waiter {
    pub on: Thing,
}

/// What a wait is for.
pub(super) enum Thing {
    Message { client: u64, pattern: Option<Pattern> },
    Item { queue: Arc<str> },
    Key { key: Arc<str>, old: Value },
}

impl Thing {
    /// What it counts towards `state_bytes_max` while it is parked: a large value that it believes in, which is kept
    /// twice, as it is and as bytes. What is small counts nothing, so that there can be waits for room.
    pub(super) fn cost(&self) -> usize {
        let Thing::Key { old, .. } = self else { return 0 };
        let bytes = old.measure().bytes;
        if bytes > WAITER_BYTES { 2 * bytes } else { 0 }
    }
}

/// What changed that somebody waits for.
#[derive(Clone, Debug)]
pub(super) enum Touched {
    Message { client: u64, number: u64 },
    Queue(Arc<str>),
    Key(Arc<str>),
}
