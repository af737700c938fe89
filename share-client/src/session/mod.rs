//! A session: one connection that is kept open, and the client that it is.
//!
//! Owns what programs use ([`Session`] and what it gives) over what drives it (`link`, `waiters`), over what knows no
//! socket (`shared`, `router`, `slot`, `memory`, `line`), which the session without threads shares. Uses `wire`,
//! `typed`, `call` and `connection`.
//!
//! # How values travel
//! What goes to the server is written as Python's literals, quoted as Python quotes: it is a value there and never
//! code. A reply is one line of JSON, which has no tuples, bytes, moments and sets. So where a call does not wait it is
//! asked for `repr(…)`, and its value keeps its type whatever it is. What waits (`get_wait`, a pipe's `recv`) and what
//! is pushed (messages, changes of watched keys) cannot be asked so and comes as JSON; it is read by the type that the
//! program asks for, so that a struct, a tuple, an infinity or bytes are what they were. Only a bare
//! [`Value`](crate::Value) then shows what JSON shows: a list for a tuple, a text for a moment, `{'bytes': '…'}`.
//!
//! # How waiting goes along with the rest
//! Lines on one connection are answered in order. So no call that waits is ever sent over the session's own
//! connection: it is shared by all threads, and what one sends is answered at once. Messages are pushed on it, and
//! routed here. A wait has a connection of its own, which is a client of its own on the server, in nobody's group but
//! `ALL`, kept for the next wait and freed with the session.

mod backlog;
pub(crate) mod events;
pub(crate) mod handle;
pub(crate) mod line;
mod lines;
mod link;
pub(crate) mod map;
pub(crate) mod memory;
mod messages;
pub(crate) mod options;
mod peer;
pub(crate) mod pipe;
pub(crate) mod queue;
pub(crate) mod router;
pub(crate) mod shared;
pub(crate) mod slot;
pub(crate) mod waiters;
pub(crate) mod watch;

pub use events::HandlerId;
pub use handle::Session;
pub use line::Message;
pub use map::{Entries, Map};
pub use memory::Reconnected;
pub use messages::Messages;
pub use options::SessionOptions;
pub use peer::Peer;
pub use pipe::Pipe;
pub use queue::{Job, Queue};
pub use watch::{Change, Watch};

#[cfg(test)]
pub(crate) mod tests;
