//! One client of the server: what it sends and receives, its groups and its watches.
//!
//! Owns the messages' form. May use what `client` offers.

use std::time::Duration;

use super::{Client, unexpected};
use crate::call::Call;
use crate::wire::reply::{NO_MESSAGE, parse_message};
use crate::{Error, Value};

/// A client of the server, by its ID or its name.
#[derive(Clone, Debug)]
pub struct ClientHandle {
    server: Client,
    id: String,
}

/// A received message, as the one-shot wire shows it: an emitted one's text is `event:body`.
/// [`ClientHandle::lease`] keeps the parts and their types apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The ID of the client that sent it, or a name of the server's own.
    pub from: String,
    /// Where it was sent to.
    pub to: String,
    /// What it says.
    pub text: String,
}

/// A message that stays in the inbox, hidden, until it is acknowledged or the time of its lease is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Leased {
    /// Its number: what [`ClientHandle::ack`] takes.
    pub number: u64,
    /// The ID of the client that sent it, or a name of the server's own.
    pub from: String,
    /// Where it was sent to.
    pub to: String,
    /// The event's name, if it was emitted.
    pub event: Option<String>,
    /// What it says, with its type.
    pub body: Value,
}

impl Leased {
    /// What `lease` answers.
    pub(crate) fn read(reply: Value) -> Result<Option<Leased>, Error> {
        if reply == Value::None {
            return Ok(None);
        }
        let parts = <[Value; 5]>::try_from(Vec::<Value>::try_from(reply)?);
        let [number, from, to, event, body] =
            parts.map_err(|_| Error::Protocol("a leased message has five parts".to_owned()))?;
        let event = if event == Value::None { None } else { Some(event.try_into()?) };
        let (number, from, to) = (number.try_into()?, from.try_into()?, to.try_into()?);
        Ok(Some(Leased { number, from, to, event, body }))
    }
}

/// What may befall every call here: `state` where the client is unknown, and what may befall any request.
impl ClientHandle {
    pub(super) fn new(server: Client, id: String) -> ClientHandle {
        ClientHandle { server, id }
    }

    /// The ID, or the name that the handle was made with.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The server that it is a client of.
    #[must_use]
    pub fn server(&self) -> &Client {
        &self.server
    }

    /// Gives the client up: its inbox, memberships and name.
    ///
    /// # Errors
    /// `state` where it is gone already.
    pub fn exit(self) -> Result<(), Error> {
        self.server.ok(self.call("exit"))
    }

    /// Gives it a display name; an empty one takes it away.
    ///
    /// # Errors
    /// `state` where another live client has it, `value` for what cannot be a name.
    pub fn set_name(&self, name: &str) -> Result<(), Error> {
        self.server.ok(self.call("setName").arg(name))
    }

    /// Joins a group, which appears when joined.
    ///
    /// # Errors
    /// `value` for what cannot be a group's name, `denied` for one of the server's own.
    pub fn join(&self, group: &str) -> Result<(), Error> {
        self.server.ok(self.call("join").arg(group))
    }

    /// Leaves a group.
    ///
    /// # Errors
    /// `denied` for `ALL`.
    pub fn leave(&self, group: &str) -> Result<(), Error> {
        self.server.ok(self.call("leave").arg(group))
    }

    /// The groups that it is in.
    ///
    /// # Errors
    /// As every call.
    pub fn groups(&self) -> Result<Vec<String>, Error> {
        self.server.value(self.call("groups"))?.try_into()
    }

    /// Sends a message to a group, an ID or a name.
    ///
    /// # Errors
    /// `denied` for a destination that takes none, `limit` for a body that is too long.
    pub fn send(&self, to: &str, body: impl Into<Value>) -> Result<(), Error> {
        self.server.ok(self.call("send").arg(to).arg(body))
    }

    /// Sends a message with an event's name.
    ///
    /// # Errors
    /// As [`ClientHandle::send`].
    pub fn emit(&self, to: &str, event: &str, body: impl Into<Value>) -> Result<(), Error> {
        self.server.ok(self.call("emit").arg(to).arg(event).arg(body))
    }

    /// The oldest message, removed; `None` where none waits.
    ///
    /// # Errors
    /// As every call.
    pub fn recv(&self) -> Result<Option<Message>, Error> {
        self.message(self.call("recv"), Duration::ZERO)
    }

    /// The oldest message, waiting for one.
    ///
    /// # Errors
    /// As every call; `state` where the client goes while it waits.
    pub fn recv_wait(&self, wait: Duration) -> Result<Option<Message>, Error> {
        self.server.waiting(wait, |wait| self.message(self.call("recv").seconds(wait), wait))
    }

    /// The oldest message whose event matches the pattern (`*`: any event), waiting for one; the others stay.
    ///
    /// # Errors
    /// As [`ClientHandle::recv_wait`]; `value` for a pattern that is too long.
    pub fn recv_event(&self, wait: Duration, pattern: &str) -> Result<Option<Message>, Error> {
        self.server.waiting(wait, |wait| self.message(self.call("recv").seconds(wait).arg(pattern), wait))
    }

    /// How many messages wait.
    ///
    /// # Errors
    /// As every call.
    pub fn pending(&self) -> Result<u64, Error> {
        self.server.value(self.call("pending"))?.try_into()
    }

    /// The oldest message, which comes back unless it is acknowledged in time; `None` where none waits.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # let me = share_client::Client::connect("127.0.0.1:2980")?.get_client_id(Some("greenhouse"))?;
    /// while let Some(message) = me.lease(Duration::from_secs(30))? {
    ///     println!("{} {:?} {}", message.from, message.event, message.body);
    ///     me.ack(message.number)?;
    /// }
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call.
    pub fn lease(&self, time: Duration) -> Result<Option<Leased>, Error> {
        Leased::read(self.server.value(self.call("lease").seconds(time))?)
    }

    /// Acknowledges a leased message: it is gone.
    ///
    /// # Errors
    /// `state` where no message of that number is leased.
    pub fn ack(&self, number: u64) -> Result<(), Error> {
        self.server.ok(self.call("ack").arg(whole(number)?))
    }

    /// Sends itself one message for each registry key that matches, and says how many.
    ///
    /// # Errors
    /// `value` for a pattern that is too long.
    pub fn fetch(&self, pattern: &str) -> Result<u64, Error> {
        self.server.value(self.call("fetch").arg(pattern))?.try_into()
    }

    /// Has every later change of a matching registry key come as a message.
    ///
    /// # Errors
    /// `value` for a pattern that is too long.
    pub fn watch(&self, pattern: &str) -> Result<(), Error> {
        self.server.ok(self.call("watch").arg(pattern))
    }

    /// Ends the watch of this pattern, or every watch.
    ///
    /// # Errors
    /// As every call.
    pub fn unwatch(&self, pattern: Option<&str>) -> Result<(), Error> {
        self.server.ok(self.call("unwatch").optional(pattern))
    }

    /// Runs one SQL statement; its rows come as messages from `SQLite`. [`Client::sql`] gives them at once.
    ///
    /// # Errors
    /// `sql` where the database refuses it, `limit` where it takes too long.
    pub fn db_exec(&self, sql: &str) -> Result<(), Error> {
        self.server.ok(self.call("dbExec").arg(sql))
    }

    /// A call whose first argument is this client.
    fn call(&self, function: &str) -> Call {
        Call::new(function).arg(&self.id)
    }

    /// Who a message is from is an ID or a name of the server's own, so an error's text is never a message's.
    fn message(&self, call: Call, wait: Duration) -> Result<Option<Message>, Error> {
        let reply = self.server.text(&call.text(), wait)?;
        if reply == NO_MESSAGE {
            return Ok(None);
        }
        let (from, to, text) = parse_message(&reply).ok_or_else(|| unexpected("a message", &reply))?;
        Ok(Some(Message { from: from.to_owned(), to: to.to_owned(), text: text.to_owned() }))
    }
}

/// A number as the server counts.
pub(super) fn whole(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Protocol(format!("{number} is no number of the server's")))
}
