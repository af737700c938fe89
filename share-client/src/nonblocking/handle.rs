//! A session as a program on tokio holds it: opening and ending it, what it evaluates, what it gives.
//!
//! Owns no more than the calls. Messages, maps, queues and pipes stand in files of their own.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use tokio::net::ToSocketAddrs;

use super::events::Handlers;
use super::link::Link;
use super::waiters::Waiters;
use super::{Map, Peer, Pipe, Queue};
use crate::call::Call;
use crate::client::ClientInfo;
use crate::session::SessionOptions;
use crate::session::handle::{nobody, sql_call, whole_milliseconds};
use crate::session::shared::Manner;
use crate::session::waiters::PIECE;
use crate::{Error, Value, from_value};

/// One connection to a server that is kept open, and the client that it is there: as
/// [`session::Session`](crate::Session), in tasks. It must be opened within a tokio runtime, and ends with it.
///
/// Cheap to clone; all clones are the same session. When the last one is dropped the connection is closed; the client
/// itself stays on the server until it is used again or expires. A connection that is lost comes back by itself.
#[derive(Clone)]
pub struct Session {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) link: Arc<Link>,
    pub(super) waiters: Arc<Waiters>,
    pub(super) handlers: Handlers,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

impl Inner {
    fn close(&self) {
        self.waiters.close();
        self.link.close();
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// Opening, ending and what the session is. What may befall every call of a session: [`Error::Server`] for what the
/// server refuses, [`Error::Io`] where it cannot be reached or the connection is lost, [`Error::Closed`] where the
/// session is over.
impl Session {
    /// A session of a new client of the server at this address.
    ///
    /// # Errors
    /// Where the name cannot be resolved, nobody answers there, or what answers is no `sharesrv`.
    pub async fn connect(address: impl ToSocketAddrs) -> Result<Session, Error> {
        Session::connect_with(address, SessionOptions::default()).await
    }

    /// The same as the options say.
    ///
    /// # Errors
    /// As [`Session::connect`]; `state` for an ID that the server does not know.
    pub async fn connect_with(
        address: impl ToSocketAddrs,
        options: SessionOptions,
    ) -> Result<Session, Error> {
        let addresses: Vec<_> = tokio::net::lookup_host(address).await?.collect();
        let waiters = Waiters::new(addresses.clone(), options.clone());
        let link = Link::open(addresses, options).await?;
        Ok(Session { inner: Arc::new(Inner { link, waiters, handlers: Handlers::default() }) })
    }

    /// The ID of the session's client. It changes only where the server forgets the client while the connection is
    /// lost.
    #[must_use]
    pub fn id(&self) -> String {
        self.inner.link.shared.id()
    }

    /// Frees the client on the server, with its inbox and all that it owns, and closes the session.
    ///
    /// # Errors
    /// As every call; the session is closed all the same.
    pub async fn exit(self) -> Result<(), Error> {
        self.inner.link.shared.leave();
        let exited = self.change(&Call::new("exit").arg(self.id())).await;
        self.close();
        exited
    }

    /// Closes the session, for all its clones: calls that wait end in [`Error::Closed`]. The client stays on the
    /// server.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Waits until the session is over, and says why.
    pub async fn wait_until_closed(&self) -> String {
        self.inner.link.ended().await
    }

    /// Why the session is over; nothing while it is not.
    #[must_use]
    pub fn closed(&self) -> Option<String> {
        self.inner.link.shared.ended()
    }

    /// The value of one expression, with its type. It must stand on one line, and be an expression that `repr()` can
    /// take: statements and calls that wait are for [`Session::run`].
    ///
    /// # Errors
    /// As every call; [`Error::Protocol`] where the value is of another type.
    pub async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, Error> {
        from_value(self.literal(&format!("repr(({expression}))"), Manner::Once).await?)
    }

    /// The reply to any one line, as JSON shows it. Lines of other tasks wait until it is answered.
    ///
    /// # Errors
    /// As every call.
    pub async fn run(&self, line: &str) -> Result<Value, Error> {
        self.inner.link.ask(line, Manner::Once).await
    }

    /// Whether the server is there.
    ///
    /// # Errors
    /// As every call.
    pub async fn ping(&self) -> Result<(), Error> {
        self.inner.link.ask(&Call::new("ping").text(), Manner::Again).await.map(drop)
    }

    /// The live clients; with a pattern, those whose ID, name or one of whose groups matches.
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub async fn who(&self, pattern: Option<&str>) -> Result<Vec<ClientInfo>, Error> {
        let found = self.typed(&Call::new("who").optional(pattern), Manner::Again).await?;
        Vec::<Value>::try_from(found)?.iter().map(ClientInfo::read).collect()
    }

    /// The rows of one SQL statement. The parameters are bound, never pasted: a sequence for `?`, a map or a struct
    /// for `:name`, `()` for none.
    ///
    /// # Errors
    /// As every call; `sql` where the database refuses the statement, `limit` where it takes too long or yields too
    /// much.
    pub async fn sql<T: DeserializeOwned, P: Serialize + ?Sized>(
        &self,
        query: &str,
        params: &P,
    ) -> Result<Vec<T>, Error> {
        from_value(self.typed(&sql_call(query, params)?, Manner::Once).await?)
    }

    /// The shared registry.
    #[must_use]
    pub fn globals(&self) -> Map {
        Map::new(self.clone(), None)
    }

    /// The client's own dict: the keys of the registry under `client.ID.`, which go with the client.
    #[must_use]
    pub fn local(&self) -> Map {
        self.peer(self.id()).local()
    }

    /// Another client, by its ID.
    #[must_use]
    pub fn peer(&self, id: impl Into<String>) -> Peer {
        Peer::new(self.clone(), id.into())
    }

    /// Another client, by its name.
    ///
    /// # Errors
    /// As every call; `state` where nobody is called so.
    pub async fn find(&self, name: &str) -> Result<Peer, Error> {
        // A name is no pattern.
        match self.who(None).await?.into_iter().find(|info| info.is_called(name)) {
            Some(info) => Ok(self.peer(info.id)),
            None => Err(nobody(name)),
        }
    }

    /// This client's end of a pipe: what it sends the other end receives ([`Peer::pipe`]), and the other way round.
    #[must_use]
    pub fn pipe(&self, name: &str) -> Pipe {
        Pipe::of_owner(self.clone(), &self.id(), name)
    }

    /// A queue that all clients share.
    #[must_use]
    pub fn queue(&self, name: &str) -> Queue {
        Queue::new(self.clone(), name.to_owned())
    }

    /// A queue of this client's, which goes with it. Another client reaches it by [`Peer::queue`].
    #[must_use]
    pub fn local_queue(&self, name: &str) -> Queue {
        self.peer(self.id()).queue(name)
    }

    /// The queues that match, or all.
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub async fn queues(&self, pattern: Option<&str>) -> Result<Vec<String>, Error> {
        self.read(&Call::new("queues").optional(pattern)).await
    }

    /// A call whose first argument is the session's client.
    pub(super) fn own(&self, function: &str) -> Call {
        Call::new(function).arg(self.id())
    }

    /// A call that changes something and answers nothing else of interest.
    pub(super) async fn change(&self, call: &Call) -> Result<(), Error> {
        self.inner.link.ask(&call.clone().text(), Manner::Once).await.map(drop)
    }

    /// A call that changes nothing.
    pub(super) async fn read<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        from_value(self.inner.link.ask(&call.clone().text(), Manner::Again).await?)
    }

    /// The value of a call, with its type.
    pub(super) async fn typed(&self, call: &Call, manner: Manner) -> Result<Value, Error> {
        self.literal(&call.clone().typed(), manner).await
    }

    /// The value that the reply is the literal of.
    pub(super) async fn literal(&self, text: &str, manner: Manner) -> Result<Value, Error> {
        Ok(String::try_from(self.inner.link.ask(text, manner).await?)?.parse()?)
    }

    /// A call that waits, in pieces: over a connection of its own, so that it holds up nobody. Nothing where the time
    /// is over. `what` it takes, if it takes something.
    pub(super) async fn waiting(
        &self,
        deadline: Instant,
        what: Option<&str>,
        call: impl Fn(Duration) -> Call,
        is_answer: impl Fn(&Value) -> bool,
    ) -> Result<Option<Value>, Error> {
        loop {
            let left = whole_milliseconds(deadline.saturating_duration_since(Instant::now())).min(PIECE);
            let reply = self.inner.waiters.ask(what, call(left).text(), left).await?;
            if is_answer(&reply) {
                return Ok(Some(reply));
            }
            if deadline <= Instant::now() {
                return Ok(None);
            }
        }
    }
}
