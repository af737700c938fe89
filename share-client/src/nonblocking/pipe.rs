//! Pipes, for tasks: two queues between a client and whoever talks to it, one a direction.
//!
//! Owns which end sends where.

use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::{Queue, Session};
use crate::session::pipe::{LOOK_AFTER_PEER, closed, gone, pipe_queues};
use crate::{Error, Kind};

/// One end of a pipe: [`Session::pipe`] is the end of the client that owns it, [`Peer::pipe`](super::Peer::pipe) the
/// other. What one end sends the other receives, in order, each item once. The pipe is there as soon as somebody
/// sends, and goes with its owner: the other end is then told [`Error::Closed`].
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
    pub async fn send<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        self.outgoing.put(value).await.map_err(closed)
    }

    /// What the other end sent, waiting for it; nothing where nothing came in time. None that was sent reads as
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Closed`] where the pipe is closed, [`Error::Protocol`] where what came is of another type, and what
    /// may befall every call of a session.
    pub async fn recv<T: DeserializeOwned>(&self, wait: Duration) -> Result<Option<T>, Error> {
        let deadline = Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let piece = if self.peer.is_some() { left.min(LOOK_AFTER_PEER) } else { left };
            let item = self.incoming.get_wait(piece).await.map_err(closed)?;
            if item.is_some() {
                return Ok(item);
            }
            self.look_after_peer().await?;
            if Instant::now() >= deadline {
                return Ok(None);
            }
        }
    }

    /// Closes the pipe: what is on its way is gone, and whoever waits at either end is told.
    ///
    /// # Errors
    /// What may befall every call of a session.
    pub async fn close(self) -> Result<(), Error> {
        for queue in [&self.outgoing, &self.incoming] {
            match queue.remove().await {
                // There is no such queue where nobody has sent yet.
                Err(error) if error.kind() == Some(Kind::State) => {}
                other => other?,
            }
        }
        Ok(())
    }

    async fn look_after_peer(&self) -> Result<(), Error> {
        let Some(peer) = &self.peer else { return Ok(()) };
        // An ID is no pattern.
        let here = self.session.who(Some(peer)).await?.iter().any(|info| info.id == *peer);
        if here { Ok(()) } else { Err(gone(peer)) }
    }
}
