//! Queues: each item goes to exactly one getter.
//!
//! Owns no more than the calls, and how long to pause where a taken item cannot be waited for.

use std::time::{Duration, Instant};

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::Session;
use super::shared::Manner;
use super::slot::Waited;
use crate::call::Call;
use crate::{Error, Value, from_value, to_value};

/// So many items are on their way at once, and no more in memory.
pub(crate) const AHEAD_MAX: usize = 1000;

/// Pauses between two looks for an item to take: they grow from the first to the longest.
pub(crate) const FIRST_LOOK: Duration = Duration::from_millis(5);
pub(crate) const LONGEST_LOOK: Duration = Duration::from_millis(250);

/// A queue: [`Session::queue`], [`Session::local_queue`], [`Peer::queue`](super::Peer::queue). Items are of any serde
/// type.
///
/// ```no_run
/// # use std::time::Duration;
/// # let session = share_client::Session::connect("127.0.0.1:2980")?;
/// let news = session.queue("news");
/// news.put(&("rain", 2.5))?;
/// if let Some((what, millimetres)) = news.get_wait::<(String, f64)>(Duration::from_secs(60))? {
///     println!("{what}: {millimetres}");
/// }
/// # Ok::<(), share_client::Error>(())
/// ```
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
    pub fn put<T: Serialize + ?Sized>(&self, value: &T) -> Result<(), Error> {
        self.session.change(&self.call("put").arg(to_value(value)?))
    }

    /// Appends items, sent ahead without waiting for the reply to each.
    ///
    /// # Errors
    /// As [`Queue::put`], of the first that failed: the others may have been appended.
    pub fn put_all<T: Serialize>(&self, values: impl IntoIterator<Item = T>) -> Result<(), Error> {
        let link = &self.session.inner.link;
        let mut failure = Ok(());
        let mut sent = std::collections::VecDeque::new();
        let mut values = values.into_iter();
        loop {
            while sent.len() < AHEAD_MAX && failure.is_ok() {
                let Some(value) = values.next() else { break };
                let call = to_value(&value).map(|value| self.call("put").arg(value).text());
                match call.and_then(|text| link.send(&text, Manner::Once)) {
                    Ok(slot) => sent.push_back(slot),
                    Err(error) => failure = Err(error),
                }
            }
            let Some(slot) = sent.pop_front() else { return failure };
            let reply = match slot.wait(Some(Instant::now() + link.shared.options.timeouts.reply)) {
                Waited::Value(reply) => reply.map(drop),
                Waited::Over => Err(super::shared::no_reply()),
                Waited::Closed => Err(link.shared.closed()),
            };
            failure = failure.and(reply);
        }
    }

    /// The oldest item, removed; nothing where there is none. An item that is None reads as none.
    ///
    /// # Errors
    /// As every call.
    pub fn get<T: DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        from_value(self.session.typed(&self.call("get"), Manner::Once)?)
    }

    /// The oldest item, removed, waiting for one; nothing where none came in time. Those who wait are served in the
    /// order in which they came. An item that is None reads as none.
    ///
    /// An item that is on its way when the connection is lost is lost with it. [`Queue::take`] loses none.
    ///
    /// # Errors
    /// As every call; `state` where the queue is dropped while it waits.
    pub fn get_wait<T: DeserializeOwned>(&self, wait: Duration) -> Result<Option<T>, Error> {
        if wait.is_zero() {
            return self.get();
        }
        let call = |time| self.call("get").seconds(time);
        let item = self.session.waiting(Instant::now() + wait, call, |item| *item != Value::None)?;
        item.map(from_value).transpose()
    }

    /// The oldest item, which is handed out again unless it is done in `time`; nothing where there is none.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # let session = share_client::Session::connect("127.0.0.1:2980")?;
    /// # fn work(job: &str) {}
    /// if let Some(job) = session.queue("jobs").take::<String>(Duration::from_secs(60))? {
    ///     work(&job.value);
    ///     job.done()?;
    /// }
    /// # Ok::<(), share_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// As every call.
    pub fn take<T: DeserializeOwned>(&self, time: Duration) -> Result<Option<Job<T>>, Error> {
        let taken = self.session.typed(&self.call("take").seconds(time), Manner::Once)?;
        let Some((number, value)) = from_value::<Option<(u64, Value)>>(taken)? else { return Ok(None) };
        Ok(Some(Job { queue: self.clone(), number, value: from_value(value)? }))
    }

    /// The same, waiting for an item. The server has no such wait, so it is asked again and again, at most four times
    /// a second where nothing comes.
    ///
    /// # Errors
    /// As every call.
    pub fn take_wait<T: DeserializeOwned>(
        &self,
        time: Duration,
        wait: Duration,
    ) -> Result<Option<Job<T>>, Error> {
        let deadline = Instant::now() + wait;
        let mut pause = FIRST_LOOK;
        loop {
            if let Some(job) = self.take(time)? {
                return Ok(Some(job));
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            if !self.session.inner.link.shared.pause(pause.min(left)) {
                return Err(self.session.inner.link.shared.closed());
            }
            pause = (pause * 2).min(LONGEST_LOOK);
        }
    }

    /// How many items can be had now; taken ones are not counted.
    ///
    /// # Errors
    /// As every call.
    pub fn len(&self) -> Result<u64, Error> {
        self.session.read(&self.call("size"))
    }

    /// Whether no item can be had now.
    ///
    /// # Errors
    /// As every call.
    pub fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.len()? == 0)
    }

    /// Removes the queue and what is in it. Whoever waits on it is told that it is closed.
    ///
    /// # Errors
    /// As every call; `state` where there is no such queue.
    pub fn remove(&self) -> Result<(), Error> {
        self.session.change(&self.call("drop"))
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
    pub fn done(self) -> Result<(), Error> {
        self.queue.session.change(&self.queue.call("done").arg(to_value(&self.number)?))
    }
}
