//! Sessions for programs on tokio: the same as in [`session`](crate::session), by the same names, without threads.
//!
//! Owns the tasks that serve a connection, and what programs use over them. What a session knows of itself, and where
//! a message goes, is `session`'s; only who waits differs. What waits may be dropped at any moment (by `select!`, a
//! timeout, an aborted task): no message and no item of a queue is lost by that.
//!
//! ```no_run
//! use std::time::Duration;
//! use share_client::nonblocking::Session;
//!
//! # async fn example() -> Result<(), share_client::Error> {
//! let session = Session::connect("raspberrypi.local:2980").await?;
//! session.globals().set("garden.temperature", &21.5).await?;
//! session.join("garden").await?;
//! let news = session.queue("news");
//! tokio::select! {
//!     message = session.recv(Duration::from_secs(60)) => println!("{:?}", message?),
//!     item = news.get_wait::<String>(Duration::from_secs(60)) => println!("{:?}", item?),
//! }
//! # Ok(())
//! # }
//! ```

mod events;
mod handle;
mod lines;
mod link;
mod map;
mod messages;
mod peer;
mod pipe;
mod queue;
mod taking;
mod waiters;
mod watch;

pub use handle::Session;
pub use map::{Entries, Map};
pub use messages::Messages;
pub use peer::Peer;
pub use pipe::Pipe;
pub use queue::{Job, Queue};
pub use watch::Watch;

pub use crate::session::{Change, HandlerId, Message, Reconnected, SessionOptions};

#[cfg(test)]
mod tests;
