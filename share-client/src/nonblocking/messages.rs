//! A session's messages: its name and groups, what it sends, what it receives.
//!
//! Owns no more than the calls. What handlers receive comes by way of `events`.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use futures_core::Stream;
use serde_core::Serialize;

use super::handle::Session;
use crate::call::Call;
use crate::session::Message;
use crate::session::router::Interest;
use crate::session::shared::Manner;
use crate::session::slot::{Slot, Waited};
use crate::{Error, Leased, to_value};

/// Names, groups and messages.
impl Session {
    /// Gives the client a display name; an empty one takes it away.
    ///
    /// # Errors
    /// As every call; `state` where another live client has it, `value` for what cannot be a name.
    pub async fn set_name(&self, name: &str) -> Result<(), Error> {
        self.change(&self.own("setName").arg(name)).await?;
        let name = Some(name).filter(|name| !name.is_empty()).map(str::to_owned);
        self.inner.link.shared.remember(|memory| memory.name = name);
        Ok(())
    }

    /// Joins a group, which appears when joined.
    ///
    /// # Errors
    /// As every call; `value` for what cannot be a group's name, `denied` for one of the server's own.
    pub async fn join(&self, group: &str) -> Result<(), Error> {
        self.change(&self.own("join").arg(group)).await?;
        self.inner.link.shared.remember(|memory| memory.groups.insert(group.to_owned()));
        Ok(())
    }

    /// Leaves a group.
    ///
    /// # Errors
    /// As every call; `denied` for `ALL`.
    pub async fn leave(&self, group: &str) -> Result<(), Error> {
        self.inner.link.shared.remember(|memory| memory.groups.remove(group));
        self.change(&self.own("leave").arg(group)).await
    }

    /// The groups that the client is in.
    ///
    /// # Errors
    /// As every call.
    pub async fn groups(&self) -> Result<Vec<String>, Error> {
        self.read(&self.own("groups")).await
    }

    /// The IDs of a group's members.
    ///
    /// # Errors
    /// As every call; `value` for what cannot be a group's name.
    pub async fn members(&self, group: &str) -> Result<Vec<String>, Error> {
        self.read(&Call::new("members").arg(group)).await
    }

    /// Sends a message to a group, an ID or a name.
    ///
    /// # Errors
    /// As every call; `denied` for a destination that takes none, `limit` for a body that is too long.
    pub async fn send<T: Serialize + ?Sized>(&self, to: &str, body: &T) -> Result<(), Error> {
        self.change(&self.own("send").arg(to).arg(to_value(body)?)).await
    }

    /// Sends a message with an event's name.
    ///
    /// # Errors
    /// As [`Session::send`].
    pub async fn emit<T: Serialize + ?Sized>(&self, to: &str, event: &str, body: &T) -> Result<(), Error> {
        self.change(&self.own("emit").arg(to).arg(event).arg(to_value(body)?)).await
    }

    /// The oldest message that nobody has taken, waiting for one; nothing where none came in time.
    ///
    /// # Errors
    /// As every call.
    pub async fn recv(&self, wait: Duration) -> Result<Option<Message>, Error> {
        self.inner.link.receive(Interest::Any, Instant::now() + wait).await
    }

    /// The oldest message whose event matches the pattern (`*`: any event), also one that came before this was
    /// called; the others stay for who wants them.
    ///
    /// # Errors
    /// As every call; `limit` for a pattern that is too long.
    pub async fn recv_event(&self, event: &str, wait: Duration) -> Result<Option<Message>, Error> {
        self.inner.link.receive(Interest::event(event)?, Instant::now() + wait).await
    }

    /// All messages that nobody else takes, as they come.
    ///
    /// # Errors
    /// As every call.
    pub async fn messages(&self) -> Result<Messages, Error> {
        self.inner.link.listen().await?;
        Ok(Messages { session: self.clone(), next: None })
    }

    /// The oldest message of the inbox, which comes back unless it is acknowledged in time; nothing where none waits.
    /// Only for a session that receives messages in no other way: what is pushed is not there to be leased.
    ///
    /// # Errors
    /// As every call.
    pub async fn lease(&self, time: Duration) -> Result<Option<Leased>, Error> {
        Leased::read(self.typed(&self.own("lease").seconds(time), Manner::Once).await?)
    }

    /// Acknowledges a leased message: it is gone.
    ///
    /// # Errors
    /// As every call; `state` where no message of that number is leased.
    pub async fn ack(&self, number: u64) -> Result<(), Error> {
        self.change(&self.own("ack").arg(to_value(&number)?)).await
    }
}

/// Messages as they come: [`Session::messages`]. It ends with the session.
#[derive(Debug)]
pub struct Messages {
    session: Session,
    next: Option<Slot<Message>>,
}

impl Messages {
    /// The next message, waiting for it; nothing where the session is over.
    pub async fn next(&mut self) -> Option<Message> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Messages {
    type Item = Message;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Message>> {
        let Messages { session, next } = &mut *self;
        let slot = next.get_or_insert_with(|| session.inner.link.shared.router.receive(Interest::Any));
        let waited = std::task::ready!(Pin::new(slot).poll(context));
        *next = None;
        match waited {
            Waited::Value(message) => Poll::Ready(Some(message)),
            Waited::Over | Waited::Closed => Poll::Ready(None),
        }
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        if let Some(message) = self.next.take().and_then(|slot| slot.abandon()) {
            self.session.inner.link.shared.router.give_back(message);
        }
    }
}
