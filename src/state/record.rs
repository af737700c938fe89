//! Records: what every change of the state leaves behind, for the journal to write down.
//!
//! Every row has a table and a number that is unique in the whole state, so that records fold by that pair: the
//! last one wins, and a row put and deleted in one commit group never touches the disk.

use std::sync::Arc;
use std::time::Duration;

use super::{ClientId, Message};
use crate::value::Value;

/// One table of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Live clients.
    Client,
    /// Memberships of groups.
    Member,
    /// Messages that wait in one inbox, with their content where it is theirs alone.
    Delivery,
    /// Content that several deliveries share.
    Content,
    /// Registry keys.
    Key,
    /// Names that were assigned at top level.
    Name,
    /// Queues.
    Queue,
    /// Items of queues.
    Item,
    /// Watches.
    Watch,
    /// IDs that expired less than a day ago.
    Expired,
    /// Messages on their way to sessions.
    Push,
}

/// A change of one row.
#[derive(Clone, Debug)]
pub enum Record {
    /// The row is as given. `fresh`: no row of that number existed before this record.
    Put {
        /// The row's number.
        number: u64,
        /// The row.
        row: Row,
        /// Whether it is new.
        fresh: bool,
    },
    /// The row is gone.
    Delete {
        /// The row's table.
        table: Table,
        /// The row's number.
        number: u64,
    },
}

/// What a row holds. Deadlines are wall-clock microseconds since 1970, so that they survive a restart.
#[derive(Clone, Debug)]
pub enum Row {
    /// A live client.
    Client {
        /// Its ID.
        id: ClientId,
        /// Its display name.
        name: Option<Arc<str>>,
    },
    /// A membership.
    Member {
        /// The group.
        group: Arc<str>,
        /// The number of the client.
        client: u64,
    },
    /// A message in an inbox.
    Delivery {
        /// The number of the client whose inbox it is in.
        client: u64,
        /// The message, or the number of the content row that holds it.
        content: Content,
        /// Until when a lease hides it.
        leased_until: Option<i64>,
    },
    /// A message that waits in several inboxes.
    Content {
        /// The message.
        message: Arc<Message>,
    },
    /// A registry key.
    Key {
        /// The key.
        key: Arc<str>,
        /// Its value.
        value: Value,
        /// When it was set.
        set_at: i64,
        /// When it goes.
        expires_at: Option<i64>,
    },
    /// A shared name.
    Name {
        /// The name.
        name: Arc<str>,
        /// Its value.
        value: Value,
    },
    /// A queue.
    Queue {
        /// Its name.
        name: Arc<str>,
    },
    /// An item of a queue.
    Item {
        /// The number of the queue.
        queue: u64,
        /// The item.
        value: Value,
        /// Until when it is taken.
        taken_until: Option<i64>,
    },
    /// A watch.
    Watch {
        /// The number of the client that watches.
        client: u64,
        /// What it watches.
        pattern: Arc<str>,
    },
    /// A message on its way to sessions.
    Push {
        /// The message.
        message: Arc<Message>,
        /// Who may not have it yet: the number of the delivery, and of its client.
        receivers: Arc<[(u64, u64)]>,
    },
    /// An ID that expired.
    Expired {
        /// The ID.
        id: ClientId,
        /// When.
        at: i64,
    },
}

/// Where the content of a delivery is.
#[derive(Clone, Debug)]
pub enum Content {
    /// In the delivery's own row.
    Own(Arc<Message>),
    /// In the content row of this number.
    Shared(u64),
}

impl Row {
    /// The table that the row belongs to.
    #[must_use]
    pub fn table(&self) -> Table {
        match self {
            Row::Client { .. } => Table::Client,
            Row::Member { .. } => Table::Member,
            Row::Delivery { .. } => Table::Delivery,
            Row::Content { .. } => Table::Content,
            Row::Key { .. } => Table::Key,
            Row::Name { .. } => Table::Name,
            Row::Queue { .. } => Table::Queue,
            Row::Item { .. } => Table::Item,
            Row::Watch { .. } => Table::Watch,
            Row::Expired { .. } => Table::Expired,
            Row::Push { .. } => Table::Push,
        }
    }
}

/// What one expression changed. What it holds is taken out of it: the records by the journal, which writes them as
/// one; the rest of it is room for the next.
#[derive(Debug, Default)]
pub struct Commit {
    /// The number of this commit; the next one's is higher by one. 0 where nothing was ever committed.
    pub sequence: u64,
    /// What changed, in order. Empty where the expression only read.
    pub records: Vec<Record>,
    /// The next number that no row has; kept so that numbers are never used twice.
    pub next_number: u64,
    /// Waits that this commit ended.
    pub fulfilled: Vec<(super::WaiterId, super::Fulfilment)>,
    /// Messages that left for sessions.
    pub pushes: Vec<super::Push>,
    /// Sessions that have something in their client's inbox to be pushed.
    pub behind: Vec<super::SessionId>,
    /// Sessions whose client is gone.
    pub ended: Vec<super::SessionId>,
    /// When the state next has something to do by itself, in monotonic time.
    pub next_deadline: Option<Duration>,
}
