//! The blocking client: one object a server, one connection a request.
//!
//! Owns what a request is to a caller: expressions, calls, waiting, and how a reply becomes a value or an error.
//! May use `call`, `connection` and `wire`. The functions stand by family in the files beside this one.

mod handle;
mod queues;
mod registry;
mod sql;

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::{Duration, Instant};

pub use handle::{ClientHandle, Leased, Message};
pub use queues::Taken;

use crate::call::Call;
use crate::connection::{Timeouts, request};
use crate::wire::reply::parse_error;
use crate::{Error, Value};

/// The longest wait that a server takes in one request; a longer one is asked for in pieces.
const WAIT_MAX: Duration = Duration::from_secs(15);

/// A `sharesrv` daemon, as its clients see it. Cheap to clone; every request has a connection of its own, so it
/// can be used from several threads.
#[derive(Clone, Debug)]
pub struct Client {
    addresses: Vec<SocketAddr>,
    timeouts: Timeouts,
}

/// What the server knows of one of its clients.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientInfo {
    /// Its ID.
    pub id: String,
    /// Its display name.
    pub name: Option<String>,
    /// The groups it is in.
    pub groups: Vec<String>,
    /// The address of its last request.
    pub address: Option<String>,
    /// Whether it has a session.
    pub connected: bool,
    /// Since its last request.
    pub idle: Duration,
    /// How many messages wait for it.
    pub pending: u64,
}

impl ClientInfo {
    /// Whether it has this name or ID.
    #[cfg(feature = "session")]
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name) || self.id == name
    }
}

impl Client {
    /// A client of the server at this address, which is asked whether it is there.
    ///
    /// ```no_run
    /// use share_client::Client;
    ///
    /// let server = Client::connect("raspberrypi.local:2980")?;
    /// server.set_reg("garden.temperature", 21.5)?;
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// Where the name cannot be resolved, nobody answers there, or what answers is no `sharesrv`.
    pub fn connect(address: impl ToSocketAddrs) -> Result<Client, Error> {
        Client::connect_with(address, Timeouts::default())
    }

    /// The same with timeouts of one's own.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub fn connect_with(address: impl ToSocketAddrs, timeouts: Timeouts) -> Result<Client, Error> {
        let client = Client { addresses: address.to_socket_addrs()?.collect(), timeouts };
        client.ping()?;
        Ok(client)
    }

    /// The timeouts of the requests to come.
    pub fn set_timeouts(&mut self, timeouts: Timeouts) {
        self.timeouts = timeouts;
    }

    /// The value of one expression, with its type.
    ///
    /// The one-shot wire shows a string bare, so that `'5'` and `5` look the same. Hence the expression is sent
    /// as `repr((…))`; so it must be a single expression. Several statements, an assignment or a call that waits
    /// (`recv(id, 5)`) cannot stand there and are an error: [`Client::eval_text`] takes those.
    ///
    /// ```no_run
    /// # let server = share_client::Client::connect("127.0.0.1:2980")?;
    /// let sizes: Vec<share_client::Value> = server.eval("[len(k) for k in keys('garden.*')]")?.try_into()?;
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// What the server refuses, and what it cannot be asked.
    pub fn eval(&self, expression: &str) -> Result<Value, Error> {
        // The line break ends a comment that the expression may end in.
        Ok(self.text(&format!("repr(({expression}\n))"), Duration::ZERO)?.parse()?)
    }

    /// The text of the reply to any script, as Python's `str()` writes it.
    ///
    /// A string that itself reads `Error: KIND: …` cannot be told from an error and is given as one.
    ///
    /// # Errors
    /// What the server refuses, and what it cannot be asked.
    pub fn eval_text(&self, script: &str) -> Result<String, Error> {
        // A script may wait as long as a server lets it.
        self.text(script, WAIT_MAX)
    }

    /// Whether the server is there.
    ///
    /// # Errors
    /// Where it is not, or is no `sharesrv`.
    pub fn ping(&self) -> Result<(), Error> {
        self.expect(Call::new("ping"), "pong")
    }

    /// The functions of the server, or what one of them does, for people to read.
    ///
    /// # Errors
    /// `name` where it has no such function.
    pub fn help(&self, function: Option<&str>) -> Result<String, Error> {
        self.text(&Call::new("help").optional(function).text(), Duration::ZERO)
    }

    /// A client of the server with an inbox of its own. With a name: the live client of that name, if there is
    /// one, so that a program that restarts finds its inbox again.
    ///
    /// ```no_run
    /// # let server = share_client::Client::connect("127.0.0.1:2980")?;
    /// let me = server.get_client_id(Some("greenhouse"))?;
    /// me.send("ALL", "hello")?;
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// `value` for a name that cannot be one, `limit` where there are too many clients.
    pub fn get_client_id(&self, name: Option<&str>) -> Result<ClientHandle, Error> {
        let id = self.text(&Call::new("getClientID").optional(name).text(), Duration::ZERO)?;
        if id.len() == 8 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(self.handle(id))
        } else {
            Err(unexpected("a client's ID", &id))
        }
    }

    /// The client of an ID or a name that was obtained earlier. Asks the server nothing.
    #[must_use]
    pub fn handle(&self, id_or_name: impl Into<String>) -> ClientHandle {
        ClientHandle::new(self.clone(), id_or_name.into())
    }

    /// The live clients; with a pattern, those whose ID, name or one of whose groups matches.
    ///
    /// # Errors
    /// `value` for a pattern that is too long.
    pub fn who(&self, pattern: Option<&str>) -> Result<Vec<ClientInfo>, Error> {
        let clients = Vec::<Value>::try_from(self.value(Call::new("who").optional(pattern))?)?;
        clients.iter().map(ClientInfo::read).collect()
    }

    /// All groups that somebody is in.
    ///
    /// # Errors
    /// Only what may befall any request.
    pub fn groups(&self) -> Result<Vec<String>, Error> {
        self.value(Call::new("groups"))?.try_into()
    }

    /// The IDs of a group's members.
    ///
    /// # Errors
    /// `value` for what cannot be a group's name.
    pub fn members(&self, group: &str) -> Result<Vec<String>, Error> {
        self.value(Call::new("members").arg(group))?.try_into()
    }

    /// The reply to this text; an error's text as the error.
    fn text(&self, text: &str, wait: Duration) -> Result<String, Error> {
        let reply = request(&self.addresses, self.timeouts, text, wait)?;
        match parse_error(&reply) {
            Some((kind, message)) => Err(Error::Server { kind, message: message.to_owned() }),
            None => Ok(reply),
        }
    }

    /// The value of a call that never answers with a bare string, so that its reply is a literal or an error.
    fn value(&self, call: Call) -> Result<Value, Error> {
        Ok(self.text(&call.text(), Duration::ZERO)?.parse()?)
    }

    /// The value of a call that may answer with a string.
    fn typed(&self, call: Call) -> Result<Value, Error> {
        Ok(self.text(&call.typed(), Duration::ZERO)?.parse()?)
    }

    /// A call that answers with this and nothing else.
    fn expect(&self, call: Call, answer: &str) -> Result<(), Error> {
        let reply = self.text(&call.text(), Duration::ZERO)?;
        if reply == answer { Ok(()) } else { Err(unexpected(answer, &reply)) }
    }

    /// A call that answers `OK`.
    fn ok(&self, call: Call) -> Result<(), Error> {
        self.expect(call, "OK")
    }

    /// Asks again and again with as much of `wait` as one request may wait, until there is an answer or the time
    /// is over. At least once.
    fn waiting<T>(
        &self,
        wait: Duration,
        mut ask: impl FnMut(Duration) -> Result<Option<T>, Error>,
    ) -> Result<Option<T>, Error> {
        let start = Instant::now();
        let mut left = wait;
        loop {
            let answer = ask(left.min(WAIT_MAX))?;
            let over = wait.saturating_sub(start.elapsed());
            // In whole milliseconds: what is left of one is not worth a request.
            left = over - Duration::from_nanos(u64::from(over.subsec_nanos() % 1_000_000));
            if answer.is_some() || left.is_zero() {
                return Ok(answer);
            }
        }
    }
}

impl ClientInfo {
    pub(crate) fn read(client: &Value) -> Result<ClientInfo, Error> {
        let field = |name: &str| {
            let missing = || Error::Protocol(format!("who() tells no {name} of a client"));
            client.get(name).cloned().ok_or_else(missing)
        };
        let optional = |name: &str| match field(name)? {
            Value::None => Ok(None),
            other => String::try_from(other).map(|text| Some(text).filter(|text| !text.is_empty())),
        };
        Ok(ClientInfo {
            id: field("id")?.try_into()?,
            name: optional("name")?,
            groups: field("groups")?.try_into()?,
            address: optional("address")?,
            connected: field("connected")?.try_into()?,
            idle: seconds(field("idle")?)?,
            pending: field("pending")?.try_into()?,
        })
    }
}

/// A number of seconds as a duration.
pub(crate) fn seconds(value: Value) -> Result<Duration, Error> {
    let seconds = f64::try_from(value)?;
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| Error::Protocol(format!("{seconds} is no number of seconds")))
}

fn unexpected(expected: &str, reply: &str) -> Error {
    let start: String = reply.chars().take(80).collect();
    Error::Protocol(format!("expected {expected}, not {}", Value::Str(start).repr()))
}

#[cfg(test)]
mod tests;
