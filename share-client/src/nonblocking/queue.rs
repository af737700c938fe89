//! Queues, for tasks: each item goes to exactly one getter.
//!
//! Owns no more than the calls.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::Session;
use super::link::pause;
use super::taking::Taking;
use crate::call::Call;
use crate::session::queue::{AHEAD_MAX, FIRST_LOOK, LONGEST_LOOK};
use crate::session::shared::{Manner, no_reply};
use crate::session::slot::{Slot, Waited};
use crate::{Error, Value, from_value, to_value};

/// A queue: [`Session::queue`], [`Session::local_queue`], [`Peer::queue`](super::Peer::queue). Items are of any serde
/// type.
#[derive(Clone, Debug)]
pub struct Queue {
    session: Session,
    name: String,
}

/// An item that is handed out again unless it is done in time.
#[derive(Clone, Debug)]
pub struct Job<T> {
    queue: Queue,
    number: u64,
    /// The item.
    pub value: T,
}

/// What may befall every call here, beside what may befall every call of a session: `value` for what cannot be a
/// queue's name, `state` where the client that owns the queue is gone; [`Error::Protocol`] where an item is of another
/// type than asked for: then it is lost to [`Queue::get`], and comes back after [`Queue::take`].
impl Queue {
    pub(super) fn new(session: Session, name: String) -> Queue {
        Queue { session, name }
    }

    /// The name, as the server knows it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Appends an item.
    ///
    /// # Errors
    /// As every call; `limit` where the queue is full.
    pub async fn put<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        self.session.change(&self.call("put").arg(to_value(value)?)).await
    }

    /// Appends items, sent ahead without waiting for the reply to each.
    ///
    /// # Errors
    /// As [`Queue::put`], of the first that failed: the others may have been appended.
    pub async fn put_all<T: Serialize>(&self, values: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let link = &self.session.inner.link;
        let (mut failure, mut sent, mut values) = (Ok(()), VecDeque::new(), values.into_iter());
        loop {
            while sent.len() < AHEAD_MAX && failure.is_ok() {
                let Some(text) = values.next().map(|value| self.text_of_put(&value)) else { break };
                match text {
                    Ok(text) => match link.send(&text, Manner::Once).await {
                        Ok(slot) => sent.push_back(slot),
                        Err(error) => failure = Err(error),
                    },
                    Err(error) => failure = Err(error),
                }
            }
            let Some(slot) = sent.pop_front() else { return failure };
            let reply = match tokio::time::timeout(link.shared.options.timeouts.reply, slot).await {
                Ok(Waited::Value(reply)) => reply.map(drop),
                Ok(Waited::Closed) => Err(link.shared.closed()),
                Ok(Waited::Over) | Err(_) => Err(no_reply()),
            };
            failure = failure.and(reply);
        }
    }

    /// The oldest item, removed; nothing where there is none. An item that is None reads as none.
    ///
    /// # Errors
    /// As every call.
    pub async fn get<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        if let Some(late) = self.session.inner.waiters.late(&self.name) {
            return from_value(late).map(Some);
        }
        // In a task of its own, which nobody drops: what comes when nobody waits any more is kept.
        let slot = Slot::new();
        let (queue, got) = (self.clone(), slot.clone());
        tokio::spawn(async move {
            let item = queue.session.typed(&queue.call("get"), Manner::Once).await;
            if let Err(late) = got.fill(item) {
                queue.keep(late);
            }
        });
        match Taking::new(slot, |late| self.keep(late)).await {
            Waited::Value(item) => from_value(item?),
            Waited::Over | Waited::Closed => Err(self.session.inner.link.shared.closed()),
        }
    }

    fn keep(&self, late: Result<Value, Error>) {
        self.session.inner.waiters.keep(Some(&self.name), Ok(late));
    }

    /// The oldest item, removed, waiting for one; nothing where none came in time. Those who wait are served in the
    /// order in which they came. An item that is None reads as none.
    ///
    /// Where this is dropped while an item is on its way the item goes to whoever waits in this session for one of that
    /// queue, or to its next `get`. One that is on its way when the connection is lost is lost with it.
    /// [`Queue::take`] loses none.
    ///
    /// # Errors
    /// As every call; `state` where the queue is dropped while it waits.
    pub async fn get_wait<T: DeserializeOwned>(&self, wait: Duration) -> Result<Option<T>, Error> {
        if wait.is_zero() {
            return self.get().await;
        }
        let call = |time| self.call("get").seconds(time);
        let is_item = |item: &Value| *item != Value::None;
        let item = self.session.waiting(Instant::now() + wait, Some(&self.name), call, is_item).await?;
        item.map(from_value).transpose()
    }

    /// The oldest item, which is handed out again unless it is done in `time`; nothing where there is none.
    ///
    /// # Errors
    /// As every call.
    pub async fn take<T: DeserializeOwned>(&self, time: Duration) -> Result<Option<Job<T>>, Error> {
        let taken = self.session.typed(&self.call("take").seconds(time), Manner::Once).await?;
        let Some((number, value)) = from_value::<Option<(u64, Value)>>(taken)? else { return Ok(None) };
        Ok(Some(Job { queue: self.clone(), number, value: from_value(value)? }))
    }

    /// The same, waiting for an item. The server has no such wait, so it is asked again and again, at most four times
    /// a second where nothing comes.
    ///
    /// # Errors
    /// As every call.
    pub async fn take_wait<T: DeserializeOwned>(
        &self,
        time: Duration,
        wait: Duration,
    ) -> Result<Option<Job<T>>, Error> {
        let deadline = Instant::now() + wait;
        let mut look = FIRST_LOOK;
        loop {
            if let Some(job) = self.take(time).await? {
                return Ok(Some(job));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            pause(&self.session.inner.link, look.min(left)).await?;
            look = (look * 2).min(LONGEST_LOOK);
        }
    }

    /// How many items can be had now; taken ones are not counted.
    ///
    /// # Errors
    /// As every call.
    pub async fn len(&self) -> Result<u64, Error> {
        self.session.read(&self.call("size")).await
    }

    /// Whether no item can be had now.
    ///
    /// # Errors
    /// As every call.
    pub async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len().await? == 0)
    }

    /// Removes the queue and what is in it. Whoever waits on it is told that it is closed.
    ///
    /// # Errors
    /// As every call; `state` where there is no such queue.
    pub async fn remove(&self) -> Result<(), Error> {
        self.session.change(&self.call("drop")).await
    }

    fn text_of_put<T: Serialize>(&self, value: &T) -> Result<String, Error> {
        Ok(self.call("put").arg(to_value(value)?).text())
    }

    fn call(&self, function: &str) -> Call {
        Call::new(function).arg(self.name.as_str())
    }
}

impl<T> Job<T> {
    /// Its number on the server.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The item is done: it is gone.
    ///
    /// # Errors
    /// As every call of a queue; `state` where its time is over, so that it was or will be handed out again.
    pub async fn done(self) -> Result<(), Error> {
        self.queue.session.change(&self.queue.call("done").arg(to_value(&self.number)?)).await
    }
}
