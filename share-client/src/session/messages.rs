//! A session's messages: its name and groups, what it sends, what it receives.
//!
//! Owns no more than the calls. What handlers receive comes by way of `events`.

use std::time::{Duration, Instant};

use serde_core::Serialize;

use super::handle::Session;
use super::line::Message;
use super::router::Interest;
use super::shared::Manner;
use crate::call::Call;
use crate::{Error, Leased, to_value};

/// Names, groups and messages.
impl Session {
    /// Gives the client a display name; an empty one takes it away.
    ///
    /// # Errors
    /// As every call; `state` where another live client has it, `value` for what cannot be a name.
    pub fn set_name(&self, name: &str) -> Result<(), Error> {
        self.change(&self.own("setName").arg(name))?;
        let name = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        self.inner.link.shared.remember(|memory| memory.name = name);
        Ok(())
    }

    /// Joins a group, which appears when joined.
    ///
    /// # Errors
    /// As every call; `value` for what cannot be a group's name, `denied` for one of the server's own.
    pub fn join(&self, group: &str) -> Result<(), Error> {
        self.change(&self.own("join").arg(group))?;
        self.inner.link.shared.remember(|memory| memory.groups.insert(group.to_owned()));
        Ok(())
    }

    /// Leaves a group.
    ///
    /// # Errors
    /// As every call; `denied` for `ALL`.
    pub fn leave(&self, group: &str) -> Result<(), Error> {
        self.inner.link.shared.remember(|memory| memory.groups.remove(group));
        self.change(&self.own("leave").arg(group))
    }

    /// The groups that the client is in.
    ///
    /// # Errors
    /// As every call.
    pub fn groups(&self) -> Result<Vec<String>, Error> {
        self.read(&self.own("groups"))
    }

    /// The IDs of a group's members.
    ///
    /// # Errors
    /// As every call; `value` for what cannot be a group's name.
    pub fn members(&self, group: &str) -> Result<Vec<String>, Error> {
        self.read(&Call::new("members").arg(group))
    }

    /// Sends a message to a group, an ID or a name.
    ///
    /// # Errors
    /// As every call; `denied` for a destination that takes none, `limit` for a body that is too long.
    pub fn send<T: Serialize + ?Sized>(&self, to: &str, body: &T) -> Result<(), Error> {
        self.change(&self.own("send").arg(to).arg(to_value(body)?))
    }

    /// Sends a message with an event's name.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub fn emit<T: Serialize + ?Sized>(&self, to: &str, event: &str, body: &T) -> Result<(), Error> {
        self.change(&self.own("emit").arg(to).arg(event).arg(to_value(body)?))
    }

    /// The oldest message that nobody has taken, waiting for one; nothing where none came in time.
    ///
    /// # Errors
    /// As every call.
    pub fn recv(&self, wait: Duration) -> Result<Option<Message>, Error> {
        self.inner.link.receive(Interest::Any, Some(Instant::now() + wait))
    }

    /// The oldest message whose event matches the pattern (`*`: any event), also one that came before this was
    /// called; the others stay for who wants them.
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub fn recv_event(&self, event: &str, wait: Duration) -> Result<Option<Message>, Error> {
        self.inner.link.receive(Interest::event(event)?, Some(Instant::now() + wait))
    }

    /// All messages that nobody else takes, as they come: an iterator that waits for each and ends with the session.
    ///
    /// # Errors
    /// As every call.
    pub fn messages(&self) -> Result<Messages, Error> {
        self.inner.link.listen()?;
        Ok(Messages { session: self.clone() })
    }

    /// The oldest message of the inbox, which comes back unless it is acknowledged in time; nothing where none waits.
    /// Only for a session that receives messages in no other way: what is pushed is not there to be leased.
    ///
    /// # Errors
    /// As every call.
    pub fn lease(&self, time: Duration) -> Result<Option<Leased>, Error> {
        Leased::read(self.typed(&self.own("lease").seconds(time), Manner::Once)?)
    }

    /// Acknowledges a leased message: it is gone.
    ///
    /// # Errors
    /// As every call; `state` where no message of that number is leased.
    pub fn ack(&self, number: u64) -> Result<(), Error> {
        self.change(&self.own("ack").arg(to_value(&number)?))
    }
}

/// Messages as they come: [`Session::messages`].
#[derive(Debug)]
pub struct Messages {
    session: Session,
}

impl Iterator for Messages {
    type Item = Message;

    fn next(&mut self) -> Option<Message> {
        self.session.inner.link.receive(Interest::Any, None).ok().flatten()
    }
}
