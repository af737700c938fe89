//! Pipes: two queues between a client and whoever talks to it, one a direction.
//!
//! Owns which end sends where, and what a pipe that is closed looks like.

use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::map::own_prefix;
use super::{Queue, Session};
use crate::{Error, Kind};

/// How often one end asks whether the other is still there, while it waits.
pub(crate) const LOOK_AFTER_PEER: Duration = Duration::from_secs(2);

/// One end of a pipe: [`Session::pipe`] is the end of the client that owns it, [`Peer::pipe`](super::Peer::pipe) the
/// other. What one end sends the other receives, in order, each item once. The pipe is there as soon as somebody
/// sends, and goes with its owner: the other end is then told [`Error::Closed`].
///
/// ```no_run
/// # use std::time::Duration;
/// # let session = share_client::Session::connect("127.0.0.1:2980")?;
/// # let other_id = String::new();
/// session.pipe("orders").send(&("tea", 2))?;
/// // … and in the other program:
/// let orders = session.peer(other_id).pipe("orders");
/// if let Some((what, how_many)) = orders.recv::<(String, u32)>(Duration::from_secs(60))? {
///     println!("{how_many} {what}");
/// }
/// # Ok::<(), share_client::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pipe {
    session: Session,
    outgoing: Queue,
    incoming: Queue,
    /// The ID of the client at the other end, where it is to be looked after.
    peer: Option<String>,
}

impl Pipe {
    pub(super) fn of_owner(session: Session, owner: &str, name: &str) -> Pipe {
        let (up, down) = pipe_queues(owner, name);
        let (outgoing, incoming) = (Queue::new(session.clone(), up), Queue::new(session.clone(), down));
        Pipe { session, outgoing, incoming, peer: None }
    }

    pub(super) fn of_peer(session: Session, owner: &str, name: &str) -> Pipe {
        let Pipe { session, outgoing, incoming, .. } = Pipe::of_owner(session, owner, name);
        Pipe { session, outgoing: incoming, incoming: outgoing, peer: None }
    }

    /// The same end, which is closed also when the client of this ID at the other end goes. (The owner's going
    /// closes the pipe anyhow.)
    #[must_use]
    pub fn with_peer(mut self, id: impl Into<String>) -> Pipe {
        self.peer = Some(id.into());
        self
    }

    /// Sends to the other end.
    ///
    /// # Errors
    /// [`Error::Closed`] where the pipe's owner is gone, `limit` where too much waits at the other end, and what may
    /// befall every call of a session.
    pub fn send<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        self.outgoing.put(value).map_err(closed)
    }

    /// What the other end sent, waiting for it; nothing where nothing came in time. None that was sent reads as
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Closed`] where the pipe is closed, [`Error::Protocol`] where what came is of another type, and what
    /// may befall every call of a session.
    pub fn recv<T: DeserializeOwned>(&self, wait: Duration) -> Result<Option<T>, Error> {
        let deadline = Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let piece = if self.peer.is_some() { left.min(LOOK_AFTER_PEER) } else { left };
            let item = self.incoming.get_wait(piece).map_err(closed)?;
            if item.is_some() {
                return Ok(item);
            }
            self.look_after_peer()?;
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    /// Closes the pipe: what is on its way is gone, and whoever waits at either end is told.
    ///
    /// # Errors
    /// What may befall every call of a session.
    pub fn close(self) -> Result<(), Error> {
        for queue in [&self.outgoing, &self.incoming] {
            match queue.remove() {
                // There is no such queue where nobody has sent yet.
                Err(error) if error.kind() == Some(Kind::State) => {}
                other => other?,
            }
        }
        Ok(())
    }

    fn look_after_peer(&self) -> Result<(), Error> {
        let Some(peer) = &self.peer else { return Ok(()) };
        // An ID is no pattern.
        let here = self.session.who(Some(peer))?.iter().any(|info| info.id == *peer);
        if here { Ok(()) } else { Err(gone(peer)) }
    }
}

/// The names of the queues of a pipe: to the owner's peer, and to the owner.
pub(crate) fn pipe_queues(owner: &str, name: &str) -> (String, String) {
    let prefix = own_prefix(owner);
    (format!("{prefix}{name}.up"), format!("{prefix}{name}.down"))
}

/// The client at the other end is gone.
pub(crate) fn gone(peer: &str) -> Error {
    Error::Closed(format!("the client '{peer}' is gone"))
}

/// Of a pipe's queues, `state` means that the owner is gone, or has closed it.
pub(crate) fn closed(error: Error) -> Error {
    match error {
        Error::Server { kind: Kind::State, message } => {
            Error::Closed(format!("the pipe is closed: {message}"))
        }
        other => other,
    }
}
