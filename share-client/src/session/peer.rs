//! Another client, as a session sees it: its own dict, its ends of pipes, its queues.
//!
//! Owns no more than the names.

use super::map::own_prefix;
use super::{Map, Pipe, Queue, Session};

/// Another client: [`Session::peer`].
#[derive(Clone, Debug)]
pub struct Peer {
    session: Session,
    id: String,
}

impl Peer {
    pub(super) fn new(session: Session, id: String) -> Peer {
        Peer { session, id }
    }

    /// Its ID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its own dict: what that client sees as [`Session::local`].
    #[must_use]
    pub fn local(&self) -> Map {
        Map::new(self.session.clone(), Some(&self.id))
    }

    /// The other end of its pipe: what that client sends over [`Session::pipe`] is received here.
    #[must_use]
    pub fn pipe(&self, name: &str) -> Pipe {
        Pipe::of_peer(self.session.clone(), &self.id, name)
    }

    /// A queue of its own: what that client sees as [`Session::local_queue`].
    #[must_use]
    pub fn queue(&self, name: &str) -> Queue {
        Queue::new(self.session.clone(), format!("{}{name}", own_prefix(&self.id)))
    }
}
